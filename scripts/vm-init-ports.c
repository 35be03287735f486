/* SPDX-License-Identifier: GPL-2.0 */
/* The virtio-serial ports, the test machine's line to the host. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vm-init.h"

#define PORTS_DIR "/sys/class/virtio-ports"

/* A port's device is vportNpM, where N counts virtio devices: only the name file tells. */
static bool port_is(const char *dev, const char *name)
{
	char path[320], text[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), PORTS_DIR "/%s/name", dev);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, name);
}

/*
 * O_NONBLOCK always: a blocking write to a port spins in the kernel with interrupts off while the
 * host does not read (__send_to_port).
 */
static int port_try(const char *name)
{
	char path[300];
	struct dirent *e;
	DIR *d = opendir(PORTS_DIR);
	int fd = -1;

	if (!d)
		return -1;
	while (fd < 0 && (e = readdir(d))) {
		if (!port_is(e->d_name, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	}
	closedir(d);
	return fd;
}

/* The ports come up after the driver, one by one: up to 20 s for a slow machine. */
static int port_open(const char *name)
{
	int fd, tries;

	for (tries = 0; tries < 20000; tries++) {
		fd = port_try(name);
		if (fd >= 0)
			return fd;
		usleep(1000);
	}
	errno = ENODEV;
	vm_die("open port", name);
}

void ports_open(struct vm_ports *ports)
{
	ports->ctl = port_open("ctl");
	ports->in = port_open("in");
	ports->out = port_open("out");
	ports->err = port_open("err");
	ports->log = port_open("log");
}
