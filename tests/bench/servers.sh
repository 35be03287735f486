# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Servers, and a load as high as each can take; for benchmarks, which source lib.sh before. For each
# NAME:
#
#   NAME_start   starts it; `target` is the process that waits in epoll, `server` the one to end
#   NAME_load    LOAD_SECONDS of load, the same for all that is compared, however slow they make the
#                server; prints the requests per second that the client reports
#
# A server is on the first CPU and its client on the second, so that neither takes time from the
# other and no run differs from the next by where the scheduler put them.
LOAD_SECONDS=${LOAD_SECONDS:-4}
SERVER_LIMIT=${SERVER_LIMIT:-1800} # seconds after which a server ends in any case
SERVER_CPU=0
CLIENT_CPU=1
CONNECTIONS=50
target=
server=

. tests/lib-real-clients.sh # has `port`

pin_server()
{
	taskset -acp "$SERVER_CPU" "$target" >/dev/null || bench_fail "cannot pin $target"
}

# client SECONDS COMMAND ARGS...: on its CPU, interrupted after that time.
client()
{
	taskset -c "$CLIENT_CPU" timeout -k 5 -s INT "$@"
}

# child_of PID: its only child becomes the target.
child_of()
{
	target=$(cat "/proc/$1/task/$1/children" 2>/dev/null)
	target=${target% }
	[ -n "$target" ]
}

# server_answers LOG COMMAND ARGS...: it accepts at that port; `target` is its process.
server_answers()
{
	local log=$1

	shift
	spawn timeout "$SERVER_LIMIT" "$@" >"$log" 2>&1
	server=$SPAWNED
	if ! until_true 20 child_of "$server" || ! until_true 20 tcp_answers "$port"; then
		bench_fail "$1 does not answer: $(tail -n 3 "$log")"
	fi
}

redis_start()
{
	port=$(port_pick)
	server_answers "$TMP/redis.out" redis-server --port "$port" --bind 127.0.0.1 --save "" \
		--appendonly no --dir "$TMP"
	pin_server
}

# It knows a number of requests, but no time, as its end: the last of its reports before it is
# interrupted has the rate until then, at most a quarter of a second old.
redis_load()
{
	client "$LOAD_SECONDS" redis-benchmark -p "$port" -c "$CONNECTIONS" -t get -n 1000000000 |
		tr '\r' '\n' | sed -n 's/^GET:.*(overall: \([0-9.]*\)) avg.*/\1/p' | tail -n 1
}

# One worker, whose only work is epoll and the sockets.
nginx_start()
{
	port=$(port_pick)
	cat >"$TMP/nginx.conf" <<-END
		daemon off;
		user root;
		worker_processes 1;
		pid $TMP/nginx.pid;
		error_log $TMP/nginx.errors;
		http {
			access_log off;
			keepalive_requests 1000000000;
			client_body_temp_path $TMP/body;
			proxy_temp_path $TMP/proxy;
			fastcgi_temp_path $TMP/fastcgi;
			uwsgi_temp_path $TMP/uwsgi;
			scgi_temp_path $TMP/scgi;
			server {
				listen 127.0.0.1:$port;
				location / { return 200 "hello\n"; }
			}
		}
		events { worker_connections 1024; }
	END
	server_answers "$TMP/nginx.out" nginx -p "$TMP" -e "$TMP/nginx.errors" -c "$TMP/nginx.conf"
	until_true 20 child_of "$target" || bench_fail "nginx has no worker"
	pin_server
}

nginx_load()
{
	client $((LOAD_SECONDS + 20)) wrk -t 1 -c "$CONNECTIONS" -d "${LOAD_SECONDS}s" \
		--timeout 20s "http://127.0.0.1:$port/" | awk '$1 == "Requests/sec:" { print $2 }'
}

epserver_start()
{
	server_start "$TMP/epserver.ready"
	target=$server
	pin_server
}

epserver_load()
{
	client $((LOAD_SECONDS + 20)) "$TOOLS/epload" --connect "127.0.0.1:$port" --quiet \
		--connections "$CONNECTIONS" --duration "$LOAD_SECONDS" --grace 20 |
		awk -F= '{ v[$1] = $2 } END { if (v["seconds"] > 0)
			printf "%.1f\n", v["messages_echoed"] / v["seconds"] }'
}
