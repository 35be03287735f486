#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# nginx under wrk: two workers that share a listener by EPOLLEXCLUSIVE, watched by their name from
# the start; and two with a listener each (reuseport), attached to by their process ids.
. "$(dirname "$0")/../lib-real.sh"
need_program nginx wrk

# config LISTEN: everything below the folder of the run; sets the command.
config()
{
	port=$(port_pick)
	cat >"$dir/conf" <<-END
		daemon off;
		user root;
		worker_processes 2;
		pid $dir/pid;
		error_log $dir/errors;
		events { accept_mutex off; }
		http {
			access_log off;
			keepalive_requests 1000000;
			client_body_temp_path $dir/body;
			proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi;
			uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			server {
				listen 127.0.0.1:$port $1;
				location / { return 200 "hello\n"; }
				location = /status { stub_status; }
			}
		}
	END
	cmd=(nginx -p "$dir" -e "$dir/errors" -c "$dir/conf")
}

# Both workers have made their instance and somebody answers.
nginx_ready()
{
	[ "$(cat "/proc/$main"/task/*/children | wc -w)" = 2 ] && tcp_answers "$port"
}

# said: what stub_status says, with this connection.
said()
{
	web_get /status >"$dir/said"
	read -r accepts handled requests < <(grep -A1 '^server accepts' "$dir/said" | tail -n 1)
}

# agrees NAME: wrk ends with up to a request on each of its 8 connections that it does not wait for;
# one more is that for the status.
agrees()
{
	local reported

	reported=$(field "$dir/wrk" requests)
	equal "$1 handles what it accepts" "$handled" "$accepts"
	at_most "$1 has got what wrk reports" "$reported" $((requests - 1))
	at_most "$1 has got no more than wrk sent" $((requests - 1)) $((reported + 8))
}

nginx_command()
{
	config ""
}

nginx_load()
{
	web_load nginx
}

# Each worker tries EPOLLRDHUP at its start on a socket that it closes (ngx_epoll_test_rdhup), as it
# closes connections; EPOLL_CTL_DEL is for its listener, which it adds anew from time to time, so
# that another worker comes first (ngx_reorder_accept_events).
nginx_quiet()
{
	said
	lossy=unattributed
	quiet=(--closed $((accepts + 2)) --item "tcp=127.0.0.1:$port LISTEN x2")
}

# The one event of that test has data that nginx left uninitialized: those of another item, if they
# are what the stack had there, and then nobody can tell which item it was.
nginx_compare()
{
	agrees nginx
	at_most "nginx events without their item" "$(csv_col "$TMP/sums.csv" lost row=lost |
		awk '{ s += $1 } END { print s + 0 }')" $((2 * ${nginxes:-1}))
	equal "nginx listens with" "$(csv_col "$dir/quiet.csv" item_mask row=item item_type=tcp \
		"item_detail=127.0.0.1:$port LISTEN" | sort -u)" "IN|ERR|HUP|EXCLUSIVE"
}

reuseport_command()
{
	config reuseport
}

reuseport_ready()
{
	nginx_ready
}

reuseport_load()
{
	web_load reuseport
}

# Attached to, epscope has not seen that test, nor the connections that only asked whether it answers.
reuseport_quiet()
{
	if [ -n "${nginxes-}" ]; then
		nginx_quiet
		return
	fi
	said
	quiet=(--closed $((accepts - probes)) --item "tcp=127.0.0.1:$port LISTEN x2")
}

reuseport_compare()
{
	agrees reuseport
}

real_main nginx name
real_main reuseport pids
