# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the shell tests share; source it first. It goes to the repository's root, makes a folder
# TMP that is gone at the end, and ends the script with 1 if a test failed. EPSCOPE is the program
# under test. tests/run reads the lines that ok, not_ok and skip print.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
EPSCOPE=${EPSCOPE:-$PWD/build/epscope}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/epscope-test.XXXXXX") || exit 1
mkfifo "$TMP/nap" || exit 1
SPAWNED=    # process id of the last spawn
spawned=()  # all of them
failures=0

# ok NAME
ok()
{
	echo "ok $1"
}

# not_ok NAME REASON
not_ok()
{
	failures=$((failures + 1))
	echo "not ok $1: ${2:-no reason given}"
}

# nap SECONDS: a sleep that starts no program, which takes 50 ms of CPU under emulation.
nap()
{
	read -rt "$1" <>"$TMP/nap" || : # nobody writes there
}

# skip NAME REASON
skip()
{
	echo "skip $1: ${2:-no reason given}"
}

# equal NAME GOT WANT
equal()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '$2', want '$3'"
	fi
}

# need_root NAME: skips the rest of the script without root.
need_root()
{
	[ "$(id -u)" = 0 ] && return
	skip "${1:-$(basename "$0" .sh)}" "needs root: run it with sudo"
	exit 0
}

# spawn COMMAND ARGS...: in the background; its process id is in SPAWNED, and it ends with the
# script at the latest. Redirections go behind spawn itself.
spawn()
{
	"$@" &
	SPAWNED=$!
	spawned+=("$SPAWNED")
}

# Whether that process id is still one of ours: a number whose owner has ended may be anybody's.
still_ours()
{
	case $'\n'$(jobs -pr)$'\n' in
	*$'\n'"${1:-none}"$'\n'*) ;;
	*) return 1 ;;
	esac
}

# end_spawned PID: SIGTERM, after 5 s SIGKILL; returns its exit status.
end_spawned()
{
	local i

	still_ours "$1" && kill -TERM "$1" 2>/dev/null
	for ((i = 0; i < 50; i++)); do
		still_ours "$1" || break
		nap 0.1
	done
	still_ours "$1" && kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# until_true SECONDS COMMAND...: 1 if it does not succeed in that time.
until_true()
{
	local end=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		nap 0.05
	done
}

# wait_for_file FILE SECONDS: until it is there and not empty; 1 if it does not come.
wait_for_file()
{
	until_true "$2" [ -s "$1" ]
}

# field FILE KEY: the value of the last line KEY=VALUE; 1 if there is none.
field()
{
	awk -v key="$2=" 'index($0, key) == 1 { v = substr($0, length(key) + 1); found = 1 }
		END { if (!found) exit 1; print v }' "$1"
}

# csv_col FILE COLUMN [COLUMN=VALUE...]: the column of that name, a line per row in which the other
# columns have these values; 1 and a message if a column or the file is missing. For fields without
# line breaks. Not in Python, whose start takes a second under emulation.
csv_col()
{
	awk '
	function fail(why) {
		print "csv_col: " why >"/dev/stderr"
		exit failed = 1
	}
	function column(name) {
		if (!(name in at))
			fail(FILENAME ": no column " name)
		return at[name]
	}
	function cells(line,    n, v) {
		if (!index(line, "\""))
			return split(line, cell, ",")
		split("", cell)
		for (n = 1;; n++) {
			if (match(line, /^"([^"]|"")*"/)) {
				v = substr(line, 2, RLENGTH - 2)
				gsub(/""/, "\"", v)
			} else {
				match(line, /^[^,]*/)
				v = substr(line, 1, RLENGTH)
			}
			cell[n] = v
			line = substr(line, RLENGTH + 1)
			if (line == "")
				return n
			line = substr(line, 2)
		}
	}
	BEGIN {
		for (words = 2; words < ARGC; words++) {
			word[words] = ARGV[words]
			delete ARGV[words]
		}
	}
	FNR == 1 {
		n = cells($0)
		for (i = 1; i <= n; i++)
			at[cell[i]] = i
		wanted = column(word[2])
		for (i = 3; i < words; i++) {
			n = index(word[i], "=")
			where[i] = column(substr(word[i], 1, n - 1))
			value[i] = substr(word[i], n + 1)
		}
		next
	}
	{
		cells($0)
		for (i = 3; i < words; i++)
			if (cell[where[i]] "" != value[i] "")
				next
		print cell[wanted]
	}
	END {
		if (!failed && !NR) fail("an empty file")
		exit failed
	}' "$@" || return 1
}

# skipped_in FILE row=lost|type=lost: whether the kernel skipped programs of epscope's meanwhile, and
# which: one that is preempted, or interrupted, keeps others from running on its CPU. epscope counts them,
# but no figure can be compared; so that is done again, SKIPPED_TRIES times in all.
# shellcheck disable=SC2034 # for whoever sources this
SKIPPED_TRIES=5
skipped_in()
{
	local rows

	rows=$(csv_col "$1" where "$2" | grep '^skipped-' | sort -u | paste -sd' ')
	[ -n "$rows" ] && echo "# the kernel skipped calls: $rows"
}

# check_take FILE: what `epscope check` says. CHECKED is a file that has it already, where each start of
# epscope takes seconds.
check_take()
{
	if [ -n "${CHECKED-}" ]; then
		cp "$CHECKED" "$1"
	else
		"$EPSCOPE" check >"$1"
	fi
}

# forced_plan MECH CHECK: the table of hooks with that mechanism forced; 1 if it is that of CHECK, the output
# of `epscope check`, anyway, or cannot be had, which is a failure where functions can be hooked.
forced_plan()
{
	if ! "$EPSCOPE" check --mech "$1" >"$TMP/forced" 2>"$TMP/forced.err"; then
		! grep -q '^full tier:' "$2" || not_ok "mechanism $1" "$(cat "$TMP/forced.err")" >&2
		return 1
	fi
	awk '
		$2 !~ /^(full|basic|none)$/ { next }
		FNR == NR { plan[$1] = substr($0, 1, 60); next }
		{ other = other || plan[$1] != substr($0, 1, 60); print; n++ }
		END { exit !(n && other) }' "$2" "$TMP/forced"
}

# run_limited SECONDS COMMAND ARGS...: its exit status, or 124 if it had to be ended.
run_limited()
{
	timeout -k 5 "$@"
}

# Tracked files whose names match the patterns; all of them without any. Also works on an
# unpacked archive, where there is no git.
tracked()
{
	local file pattern

	if [ -e .git ] && command -v git >/dev/null; then
		git -c safe.directory='*' ls-files -- "$@" | while IFS= read -r file; do
			[ ! -f "$file" ] || printf '%s\n' "$file"
		done
		return
	fi
	find . -name build -prune -o -name .git -prune -o -type f -printf '%P\n' | sort |
		while IFS= read -r file; do
			[ $# -gt 0 ] || printf '%s\n' "$file"
			for pattern in "$@"; do
				# shellcheck disable=SC2254 # a pattern is wanted
				case $file in $pattern) printf '%s\n' "$file" && break ;; esac
			done
		done
}

# loaded_server CONNECTIONS MESSAGES_PER_SECOND: the bundled server under an even load, for 100 s at most;
# their process ids are in server and load.
# shellcheck disable=SC2034 # both are for the tests
loaded_server()
{
	spawn build/tests/epserver --listen 127.0.0.1:0 --ready-file "$TMP/server" --duration 100 \
		>/dev/null 2>&1
	server=$SPAWNED
	wait_for_file "$TMP/server" 20 || not_ok "server" "did not start"
	spawn build/tests/epload --quiet --connections "$1" --rate "$2" --duration 100 --connect \
		"127.0.0.1:$(tr ' ' '\n' <"$TMP/server" | sed -n 's/^port=//p')" >/dev/null
	load=$SPAWNED
}

lib_end()
{
	local status=$? pid

	trap - EXIT
	for pid in ${spawned[@]+"${spawned[@]}"}; do
		end_spawned "$pid"
	done
	rm -rf "$TMP"
	[ $status -ne 0 ] || [ $failures -eq 0 ] || status=1
	exit $status
}
trap lib_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
