# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The dashboard in a terminal of tmux, for the tests in tests/tui and tests/live/leftovers.sh; source
# it instead of lib.sh. The terminal runs a shell, so that it can be looked at afterwards. Nothing
# waits for a fixed time: screens are read until what is wanted is there, for TUI_LIMIT seconds.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

TUI_LIMIT=${TUI_LIMIT:-20}
TUI_SERVER=epscope-test-$$
TUI_PID= # of the dashboard

tui()
{
	# Not in /tmp, whose folder for tmux may be another machine's, and read-only
	TMUX_TMPDIR=$TMP tmux -L "$TUI_SERVER" -f /dev/null "$@"
}

# need_tmux NAME: skips the rest of the script without it.
need_tmux()
{
	command -v tmux >/dev/null && return
	skip "$1" "tmux is missing: scripts/setup test"
	exit 0
}

tui_end()
{
	local status=$?

	tui kill-server 2>/dev/null
	(exit $status) # which lib_end looks at
	lib_end
}
trap 'tui_end' EXIT

# tui_shell COLUMNS ROWS: a terminal with a shell, in $TMP as its folder. Once per script.
tui_shell()
{
	tui new-session -d -x "$1" -y "$2" -c "$TMP" \
		"env -u NO_COLOR LC_ALL=C.UTF-8 PS1='ready> ' bash --norc --noprofile" \; \
		set-option -g status off \; set-option -g remain-on-exit on
	screen_has "a shell" '^ready>'
}

screen()
{
	tui capture-pane -p
}

# screen_until REGEX: whether it comes.
screen_until()
{
	local end=$((SECONDS + TUI_LIMIT + 1))

	until screen | grep -qE -- "$1"; do
		[ $SECONDS -lt $end ] || return 1
		nap 0.05
	done
}

# screen_without REGEX: whether it goes.
screen_without()
{
	local end=$((SECONDS + TUI_LIMIT + 1))

	while screen | grep -qE -- "$1"; do
		[ $SECONDS -lt $end ] || return 1
		nap 0.05
	done
}

# screen_has NAME REGEX: a test.
screen_has()
{
	if screen_until "$2"; then
		ok "$1"
	else
		not_ok "$1" "no /$2/ on the screen"
		screen
	fi
}

# screen_lacks NAME REGEX: a test, that it is gone.
screen_lacks()
{
	if screen_without "$2"; then
		ok "$1"
	else
		not_ok "$1" "still /$2/ on the screen"
		screen
	fi
}

# keys KEY...: as tmux names them.
keys()
{
	tui send-keys -- "$@"
}

# press KEY NAME REGEX: and see that.
press()
{
	keys "$1"
	screen_has "$2" "$3"
}

# dashboard [VAR=VALUE...] -- ARGS...: started in the shell of the terminal; TUI_PID is its process.
# The terminal's mode before and after, and the exit status, go to files in $TMP.
dashboard()
{
	local variables=()

	while [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	shift
	rm -f "$TMP"/tui.*
	printf '%q ' env ${variables[@]+"${variables[@]}"} "$EPSCOPE" \
		--ready-file "$TMP/tui.ready" "$@" >"$TMP/tui.command"
	cat >"$TMP/tui.script" <<-END
		stty -g >tui.before
		$(cat "$TMP/tui.command")
		echo \$? >tui.code
		stty -g >tui.after
		mv tui.code tui.status
	END
	keys "clear; . ./tui.script" Enter
	# shellcheck disable=SC2034 # for who sources this
	wait_for_file "$TMP/tui.ready" $((TUI_LIMIT * 3)) && TUI_PID=$(field "$TMP/tui.ready" pid)
}

# dashboard_gone NAME [STATUS]: with that status, else 0; the terminal is as it was before.
dashboard_gone()
{
	if ! wait_for_file "$TMP/tui.status" "$TUI_LIMIT"; then
		not_ok "$1" "it does not end"
		screen
		return
	fi
	equal "$1: status" "$(cat "$TMP/tui.status")" "${2-0}"
	equal "$1: mode of the terminal" "$(cat "$TMP/tui.after")" "$(cat "$TMP/tui.before")"
	screen_until '^ready>' || not_ok "$1: shell" "does not come back"
	equal "$1: main screen, cursor" "$(tui display-message -p '#{alternate_on} #{cursor_flag}')" \
		"0 1"
	keys "echo still" Space "alive" Enter
	screen_has "$1: echo" '^still alive'
}

# tui_resize COLUMNS ROWS
tui_resize()
{
	tui resize-window -x "$1" -y "$2"
}
