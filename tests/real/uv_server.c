/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uv_server PORT: answers what it reads with capitals, with libuv. At SIGTERM it prints what it
 * has done as KEY=VALUE.
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "util.h"

static struct {
	unsigned long accepts, reads, closes;
} done;

struct reply {
	uv_write_t req;
	char *text;
};

static void need(int ret, const char *what)
{
	if (ret < 0)
		die("%s: %s", what, uv_strerror(ret));
}

static void *memory(size_t size)
{
	void *p = malloc(size);

	if (!p)
		die("out of memory");
	return p;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	(void)handle;
	*buf = uv_buf_init(memory(size), (unsigned int)size);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void on_written(uv_write_t *req, int status)
{
	struct reply *reply = (struct reply *)req;

	need(status, "write");
	free(reply->text);
	free(reply);
}

static void on_read(uv_stream_t *conn, ssize_t n, const uv_buf_t *buf)
{
	struct reply *reply;
	uv_buf_t out;

	if (n <= 0) {
		free(buf->base);
		if (!n)
			return;
		if (n != UV_EOF)
			need((int)n, "read");
		done.closes++;
		uv_close((uv_handle_t *)conn, on_closed);
		return;
	}
	done.reads++;
	for (ssize_t i = 0; i < n; i++)
		buf->base[i] = (char)toupper(buf->base[i]);
	reply = memory(sizeof(*reply));
	reply->text = buf->base;
	out = uv_buf_init(buf->base, (unsigned int)n);
	need(uv_write(&reply->req, conn, &out, 1, on_written), "write");
}

static void on_connection(uv_stream_t *listener, int status)
{
	uv_tcp_t *conn = memory(sizeof(*conn));

	need(status, "listen");
	need(uv_tcp_init(listener->loop, conn), "connection");
	need(uv_accept(listener, (uv_stream_t *)conn), "accept");
	need(uv_read_start((uv_stream_t *)conn, on_alloc, on_read), "read");
	done.accepts++;
}

static void on_term(uv_signal_t *term, int number)
{
	(void)number;
	uv_stop(term->loop);
}

int main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_in addr;
	uv_tcp_t listener;
	uv_signal_t term;

	if (argc != 2)
		die_usage("give a port");
	need(uv_ip4_addr("127.0.0.1", atoi(argv[1]), &addr), "port");
	need(uv_signal_init(loop, &term), "signal");
	need(uv_signal_start(&term, on_term, SIGTERM), "signal");
	need(uv_tcp_init(loop, &listener), "socket");
	need(uv_tcp_bind(&listener, (struct sockaddr *)&addr, 0), "bind");
	need(uv_listen((uv_stream_t *)&listener, 128, on_connection), "listen");
	need(uv_run(loop, UV_RUN_DEFAULT), "run");
	printf("accepts=%lu\nmessages=%lu\ncloses=%lu\n", done.accepts, done.reads, done.closes);
	return 0;
}
