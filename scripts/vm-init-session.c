/* SPDX-License-Identifier: GPL-2.0 */
/* The command: its start, its streams, its end. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm-init.h"
#include "vm-init-channel.h"

enum {
	CH_IN,
	CH_OUT,
	CH_ERR,
	CH_LOG,
	CH_COUNT
};

/* The command's ends of its streams; with a pty all three are its slave side. */
struct child_fds {
	int in, out, err;
};

struct session {
	struct channel ch[CH_COUNT];
	pid_t pid;
	int status; /* as wait() gives it, once @ended */
	bool ended;
	int ctl;
	int pty;     /* master side, or -1 */
	int sigchld; /* signalfd */
	size_t line_len;
	char line[128]; /* unfinished line from the host */
};

static struct session session;

static void fd_nonblock(int fd)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		vm_die("set", "O_NONBLOCK");
}

/* The host reads @name's other end: a pipe whose end in PID 1 (@ours) does not block. */
static void pipe_make(int *ours, int *theirs, bool to_child)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC))
		vm_die("make", "pipe");
	*ours = p[to_child ? 1 : 0];
	*theirs = p[to_child ? 0 : 1];
	fd_nonblock(*ours);
}

static void streams_pipe(struct session *s, const struct vm_config *cfg,
			 const struct vm_ports *ports, struct child_fds *fds)
{
	int ours;

	pipe_make(&ours, &fds->in, true);
	channel_init(&s->ch[CH_IN], ports->in, ours);
	pipe_make(&ours, &fds->out, false);
	channel_init(&s->ch[CH_OUT], ours, ports->out);
	s->ch[CH_OUT].pipe = true;
	if (cfg->merge) {
		fds->err = fds->out;
		return;
	}
	pipe_make(&ours, &fds->err, false);
	channel_init(&s->ch[CH_ERR], ours, ports->err);
	s->ch[CH_ERR].pipe = true;
}

/* The slave stays open in PID 1, so that the master never reads EIO between two programs. */
static void streams_pty(struct session *s, const struct vm_config *cfg,
			const struct vm_ports *ports, struct child_fds *fds)
{
	struct winsize size = { .ws_row = cfg->rows, .ws_col = cfg->cols };
	int slave;

	if (openpty(&s->pty, &slave, NULL, NULL, &size))
		vm_die("open", "pty");
	fcntl(s->pty, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	fd_nonblock(s->pty);
	fds->in = fds->out = fds->err = slave;
	channel_init(&s->ch[CH_IN], ports->in, fcntl(s->pty, F_DUPFD_CLOEXEC, 0));
	channel_init(&s->ch[CH_OUT], s->pty, ports->out);
}

static void child_exec(const struct vm_config *cfg, const struct child_fds *fds)
{
	sigset_t none;

	setsid();
	if (cfg->tty)
		ioctl(fds->in, TIOCSCTTY, 0);
	if (dup2(fds->in, 0) < 0 || dup2(fds->out, 1) < 0 || dup2(fds->err, 2) < 0)
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	environ = cfg->env.v;
	if (chdir(cfg->cwd)) {
		fprintf(stderr, "vm-run: cannot enter %s in the guest: %s\n", cfg->cwd,
			strerror(errno));
		_exit(126);
	}
	execvp(cfg->args.v[0], cfg->args.v);
	fprintf(stderr, "vm-run: cannot run %s in the guest: %s\n", cfg->args.v[0],
		strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void child_start(struct session *s, const struct vm_config *cfg, const struct child_fds *fds)
{
	s->pid = fork();
	if (s->pid < 0)
		vm_die("fork", cfg->args.v[0]);
	if (!s->pid)
		child_exec(cfg, fds);
	if (cfg->tty)
		return;
	close(fds->in);
	close(fds->out);
	if (fds->err != fds->out)
		close(fds->err);
}

/* One line from the host. An unknown one is a bug of the harness: say so where it is seen. */
static void line_obey(struct session *s, const char *line)
{
	struct winsize size = { 0 };
	int sig;

	if (sscanf(line, "size %hux%hu", &size.ws_col, &size.ws_row) == 2)
		ioctl(s->pty, TIOCSWINSZ, &size);
	else if (sscanf(line, "signal %d", &sig) == 1)
		kill(kill(-s->pid, 0) ? s->pid : -s->pid, sig);
	else if (sscanf(line, "eof %lu", &s->ch[CH_IN].end_at) == 1)
		channel_pump(&s->ch[CH_IN]);
	else
		fprintf(stderr, "vm-init: unknown request '%s'\n", line);
}

static void ctl_read(struct session *s)
{
	ssize_t n = read(s->ctl, s->line + s->line_len, sizeof(s->line) - 1 - s->line_len);
	char *end;

	if (n <= 0)
		return;
	s->line_len += (size_t)n;
	s->line[s->line_len] = '\0';
	while ((end = strchr(s->line, '\n'))) {
		*end++ = '\0';
		line_obey(s, s->line);
		s->line_len -= (size_t)(end - s->line);
		memmove(s->line, end, s->line_len + 1);
	}
	if (s->line_len == sizeof(s->line) - 1)
		s->line_len = 0;
}

/* PID 1 inherits every orphan: wait for all, remember the command's status. */
static void children_reap(struct session *s)
{
	struct signalfd_siginfo si;
	int status;
	pid_t pid;

	while (read(s->sigchld, &si, sizeof(si)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->pid)
			continue;
		s->status = status;
		s->ended = true;
	}
}

static void ctl_say(const struct session *s, const char *text)
{
	struct pollfd p = { .fd = s->ctl, .events = POLLOUT };

	while (write(s->ctl, text, strlen(text)) < 0 && errno == EAGAIN)
		poll(&p, 1, -1);
}

static void session_loop(struct session *s)
{
	struct pollfd p[CH_COUNT + 2];
	size_t i;
	bool busy;

	while (!s->ended) {
		for (i = 0; i < CH_COUNT; i++)
			p[i] = channel_poll(&s->ch[i]);
		p[CH_COUNT] = (struct pollfd){ .fd = s->ctl, .events = POLLIN };
		p[CH_COUNT + 1] = (struct pollfd){ .fd = s->sigchld, .events = POLLIN };
		poll(p, CH_COUNT + 2, -1);
		busy = false;
		for (i = 0; i < CH_COUNT; i++)
			if (p[i].revents)
				busy |= channel_pump(&s->ch[i]);
		if (p[CH_COUNT].revents & POLLIN)
			ctl_read(s);
		if (p[CH_COUNT + 1].revents)
			children_reap(s);
		/* A descriptor that hung up is always ready: do not spin on it. */
		if (!busy && !(p[CH_COUNT].revents & POLLIN))
			usleep(500);
	}
}

/*
 * What a background process still writes after the command's end is lost, as with a machine that
 * goes down. The kernel's log comes last: it then has everything the run provoked.
 */
static void session_end(struct session *s, const struct vm_config *cfg)
{
	int code = WIFEXITED(s->status) ? WEXITSTATUS(s->status) : 128 + WTERMSIG(s->status);
	char text[128];

	channel_drain(&s->ch[CH_OUT]);
	channel_drain(&s->ch[CH_ERR]);
	if (cfg->shares.n)
		sync();
	channel_drain(&s->ch[CH_LOG]);
	snprintf(text, sizeof(text), "exit %d %lu %lu %lu\n", code, s->ch[CH_OUT].moved,
		 s->ch[CH_ERR].moved, s->ch[CH_LOG].moved);
	ctl_say(s, text);
}

int session_run(const struct vm_config *cfg, const struct vm_ports *ports)
{
	struct session *s = &session;
	struct child_fds fds;
	sigset_t set;
	int i;

	for (i = 0; i < CH_COUNT; i++)
		channel_init(&s->ch[i], -1, -1);
	s->ctl = ports->ctl;
	s->pty = -1;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	s->sigchld = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (cfg->tty)
		streams_pty(s, cfg, ports, &fds);
	else
		streams_pipe(s, cfg, ports, &fds);
	channel_init(&s->ch[CH_LOG], open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC),
		     ports->log);
	ctl_say(s, "ready\n");
	child_start(s, cfg, &fds);
	session_loop(s);
	session_end(s, cfg);
	for (;;)
		pause();
}
