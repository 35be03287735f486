/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vm-init: PID 1 of the test machine that scripts/vm-run boots.
 *
 * It loads the virtio and overlay modules, puts the host's file system (virtiofs, read-only) under
 * an overlay, runs one command there and moves its streams over virtio-serial ports. /vm.conf, a
 * list of NUL-terminated "key=value" strings in the initramfs, says what to run. Everything that
 * goes wrong before the command starts ends the machine: the kernel runs with panic=-1 and QEMU
 * with -no-reboot, so the host sees QEMU exit and shows the console.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <net/if.h>
#include <sys/socket.h>

#include "vm-init.h"

void vm_die(const char *what, const char *arg)
{
	fprintf(stderr, "vm-init: %s %s: %s\n", what, arg, strerror(errno));
	reboot(RB_AUTOBOOT);
	_exit(1);
}

/* Split the configuration into @cfg; the strings stay in one buffer that lives as long as PID 1. */
static void config_load(struct vm_config *cfg, const char *path)
{
	size_t cap = 4u << 20;
	char *buf = malloc(cap), *p, *next;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !buf)
		vm_die("open", path);
	n = read(fd, buf, cap - 1);
	if (n < 0)
		vm_die("read", path);
	close(fd);
	buf[n] = '\0';
	for (p = buf; p < buf + n; p = next) {
		next = p + strlen(p) + 1;
		if (config_add(cfg, p))
			vm_die("understand", p);
	}
}

static void modules_load(const struct vm_config *cfg)
{
	size_t i;
	int fd;

	for (i = 0; i < cfg->modules.n; i++) {
		fd = open(cfg->modules.v[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			vm_die("open module", cfg->modules.v[i]);
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			vm_die("load module", cfg->modules.v[i]);
		close(fd);
	}
}

/* The loopback interface exists from boot, but is down. */
static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		vm_die("bring up", "lo");
	close(fd);
}

/* fs.nr_open is the ceiling of RLIMIT_NOFILE even for root; its default is 1048576. */
static void limits_raise(void)
{
	const struct rlimit files = { 1048576, 1048576 };
	const struct rlimit locked = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_NOFILE, &files) || setrlimit(RLIMIT_MEMLOCK, &locked))
		vm_die("raise", "resource limits");
}

int main(void)
{
	struct vm_config cfg = { 0 };
	struct vm_ports ports;

	umask(022);
	config_load(&cfg, "/vm.conf");
	mounts_early();
	modules_load(&cfg);
	ports_open(&ports);
	mounts_root(&cfg);
	loopback_up();
	limits_raise();
	if (sethostname("vm", 2))
		vm_die("set", "host name");
	return session_run(&cfg, &ports);
}
