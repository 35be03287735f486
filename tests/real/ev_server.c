/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ev_server PORT: answers each line with its capitals, with libevent. At SIGTERM it prints what it
 * has done as KEY=VALUE.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static struct {
	unsigned long accepts, messages, closes;
} done;

static void on_readable(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t length;
	char *line;

	(void)arg;
	while ((line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF))) {
		for (size_t i = 0; i < length; i++)
			line[i] = (char)toupper(line[i]);
		line[length] = '\n';
		bufferevent_write(bev, line, length + 1);
		free(line);
		done.messages++;
	}
}

static void on_end(struct bufferevent *bev, short what, void *arg)
{
	(void)arg;
	if (what & BEV_EVENT_ERROR)
		die("a connection failed");
	done.closes++;
	bufferevent_free(bev);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
		      int length, void *base)
{
	struct bufferevent *bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)listener;
	(void)peer;
	(void)length;
	if (!bev)
		die("no memory for a connection");
	done.accepts++;
	bufferevent_setcb(bev, on_readable, NULL, on_end, NULL);
	bufferevent_enable(bev, EV_READ);
}

static void on_term(evutil_socket_t number, short what, void *base)
{
	(void)number;
	(void)what;
	event_base_loopbreak(base);
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	struct evconnlistener *listener;
	struct event_base *base;
	struct event *term;

	if (argc != 2)
		die_usage("give a port");
	addr.sin_port = htons((uint16_t)atoi(argv[1]));
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	base = event_base_new();
	if (!base || strcmp(event_base_get_method(base), "epoll"))
		die("libevent without epoll");
	term = evsignal_new(base, SIGTERM, on_term, base);
	listener = evconnlistener_new_bind(base, on_accept, base,
					   LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE, -1,
					   (struct sockaddr *)&addr, sizeof(addr));
	if (!term || event_add(term, NULL) || !listener)
		die_errno("cannot listen on port %s", argv[1]);
	event_base_dispatch(base);
	printf("accepts=%lu\nmessages=%lu\ncloses=%lu\n", done.accepts, done.messages, done.closes);
	evconnlistener_free(listener);
	event_free(term);
	event_base_free(base);
	return 0;
}
