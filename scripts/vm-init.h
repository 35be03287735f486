/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the parts of PID 1 of the test machine; see vm-init.c. */
#ifndef VM_INIT_H
#define VM_INIT_H

#include <stdbool.h>
#include <stddef.h>

/* A list of strings that ends with a NULL, as execve() wants it; not owned. */
struct vm_list {
	char **v;
	size_t n;
};

/* What /vm.conf asked for. Strings point into the loaded file. */
struct vm_config {
	struct vm_list args;    /* the command and its arguments */
	struct vm_list env;     /* NAME=VALUE */
	struct vm_list modules; /* files to load, in this order */
	struct vm_list shares;  /* TAG:PATH, mounted writable on PATH */
	const char *cwd;
	bool overlay; /* root is writable (and what is written is lost) */
	bool merge;   /* stdout and stderr are one stream, so that their order is kept */
	bool tty;     /* the command gets a pty of @rows x @cols */
	unsigned short rows, cols;
};

/* Descriptors of the virtio-serial ports, all O_NONBLOCK and close-on-exec. */
struct vm_ports {
	int ctl; /* lines: to the host ready, exit; from it size, signal, eof */
	int in, out, err;
	int log; /* records of /dev/kmsg */
};

/* Take one "key=value" string. 0, or -1 when it is not understood. */
int config_add(struct vm_config *cfg, char *line);

/* Print @what @arg and errno's text on the console and end the machine. */
void vm_die(const char *what, const char *arg) __attribute__((noreturn));

/* /proc, /sys, /dev in the initramfs. */
void mounts_early(void);

/* Build the final root from virtiofs, mount everything a command expects, and chroot into it. */
void mounts_root(const struct vm_config *cfg);

/* Wait for the host's ports to appear and open them. */
void ports_open(struct vm_ports *ports);

/* Run the command to its end, moving its streams; report its status. Never returns. */
int session_run(const struct vm_config *cfg, const struct vm_ports *ports)
	__attribute__((noreturn));

#endif
