#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Terminals of other kinds, without colour, without Unicode, too small; signals. The terminal is
# given back in each case.
# shellcheck source=tests/lib-tui.sh
. "$(dirname "$0")/../lib-tui.sh"
need_tmux terminals

build/tests/make_recordings "$TMP" || not_ok recordings "not made: run make"
full=$TMP/full.eps
row='^ +1 ep,"srv +1234 +5 +7 +3 '

# colours: escape sequences on the screen that set one.
colours()
{
	tui capture-pane -p -e | grep -cE $'\e''\[([0-9;]*;)?([34][0-7]|[34]8;5;[0-9]+|9[0-7])(;[0-9]+)*m'
}

# bytes: those on the screen that are not ASCII.
bytes()
{
	screen | LC_ALL=C tr -d '\0-\177' | wc -c
}

# shows NAME [VAR=VALUE...]: the dashboard runs with these.
shows()
{
	local name=$1

	shift
	dashboard "$@" -- -r "$full"
	screen_has "$name: overview" "$row"
	screen_has "$name: end" 'end of the recording'
}

quits()
{
	keys q
	dashboard_gone "$1"
}

case_colours()
{
	shows "256 colours" TERM=tmux-256color
	[ "$(colours)" -gt 3 ] || not_ok "256 colours" "only $(colours) lines with colour"
	quits "256 colours"
	shows "8 colours" TERM=screen
	[ "$(colours)" -gt 3 ] || not_ok "8 colours" "only $(colours) lines with colour"
	quits "8 colours"
	shows "NO_COLOR" NO_COLOR=1
	equal "NO_COLOR: colours" "$(colours)" 0
	press Enter "NO_COLOR: tree" 'red-black rules hold'
	equal "NO_COLOR: colours of the tree" "$(colours)" 0
	quits "NO_COLOR"
}

case_types()
{
	local term

	for term in vt100 linux xterm; do
		shows $term TERM=$term
		press Enter "$term: tree" 'rules hold'
		press 5 "$term: histograms" 'ready to delivered +n 750'
		quits $term
	done
	shows "no Unicode" LC_ALL=C
	equal "no Unicode: bytes beyond ASCII" "$(bytes)" 0
	press Enter "no Unicode: tree" 'rules hold'
	equal "no Unicode: bytes in the tree" "$(bytes)" 0
	quits "no Unicode"
	for term in dumb no-such-terminal; do
		dashboard TERM=$term -- -r "$full"
		dashboard_gone $term 8
	done
}

case_small()
{
	tui_resize 30 8
	dashboard -- -r "$full"
	screen_has "started too small" '^terminal too small'
	quits "started too small"
	tui_resize 80 24
}

# on_signal SIGNAL STATUS
on_signal()
{
	shows "SIG$1"
	kill "-$1" "$TUI_PID"
	dashboard_gone "SIG$1" "$2"
}

case_signals()
{
	on_signal INT 0
	on_signal TERM 0
	on_signal HUP 0
	on_signal SEGV 139
}

case_suspend()
{
	keys "clear; $EPSCOPE -r $full" Enter
	screen_has "suspend: runs" "$row"
	keys C-z
	screen_has "suspend: the shell" 'Stopped'
	equal "suspend: main screen, cursor" \
		"$(tui display-message -p '#{alternate_on} #{cursor_flag}')" "0 1"
	keys "fg" Enter
	screen_has "suspend: back" "$row"
	keys q
	screen_has "suspend: quits" '^ready>'
}

tui_shell 80 24
case_colours
case_types
case_small
case_signals
case_suspend
