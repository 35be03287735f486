#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every key and size of the dashboard, on a recording whose figures are given; needs no root.
# shellcheck source=tests/lib-tui.sh
. "$(dirname "$0")/../lib-tui.sh"
need_tmux replay

build/tests/make_recordings "$TMP" || not_ok recordings "not made: run make"
full=$TMP/full.eps

# top_row NAME REGEX: the row below the titles becomes that one.
top_row()
{
	local end=$((SECONDS + TUI_LIMIT + 1))

	until screen | grep -A1 -E '^ *(#|FD|READY) .*(COMMAND|TYPE)' | tail -1 | grep -qE "$2"; do
		if [ $SECONDS -ge $end ]; then
			not_ok "$1" "the first row is not /$2/"
			screen
			return
		fi
		nap 0.05
	done
	ok "$1"
}

case_overview()
{
	screen_has "overview: replay runs" 'REPLAY|ENDED'
	screen_has "overview: instance" '^ +1 ep,"srv +1234 +5 +7 +3 '
	screen_has "overview: end of the recording" 'end of the recording - last figures'
	screen_has "overview: lost data" 'LOST +ring 120'
}

case_tabs()
{
	press Enter "enter opens the tree" 'red-black rules hold'
	press 2 "2: ready list" '^READY +FD TYPE'
	press 3 "3: items" '^ +FD TYPE +MASK +CB'
	press 4 "4: wakers" 'softirq +1235 worker'
	press 5 "5: histograms" 'ready to delivered +n 750'
	press 1 "1: tree" 'red-black rules hold'
	press Tab "tab: next" '^READY +FD TYPE'
	press BTab "shift-tab: previous" 'red-black rules hold'
	press 3 "items again" '^ +FD TYPE +MASK +CB'
	press F6 "sort menu" 'SORT BY'
	keys Escape
	screen_lacks "sort menu closes" 'SORT BY'
	top_row "items: by callbacks" '^ +12 '
	keys I
	top_row "items: the other way" '^ +6 '
	press Escape "esc goes back" '^ +# COMMAND'
}

case_help()
{
	press '?' "help" '^ KEYS'
	keys NPage
	screen_has "help: columns" '^ COLUMNS'
	keys Escape
	screen_lacks "help closes" '^ COLUMNS'
	press L "log: mechanisms" '^ callback +full +by hand'
	keys Escape
	screen_has "log closes" '^ +# COMMAND'
}

case_filter()
{
	press / "filter" '^ filter:'
	keys r v e r
	screen_lacks "filter: only what matches" '^ +1 ep,'
	screen_has "filter: the other" '^ +2 epse'
	keys Enter
	screen_has "filter: stays" '^ filter: rver +1 row'
	keys Escape
	screen_has "filter: cleared" '^ +1 ep,"srv'
	screen_has "filter: the end is told again" 'end of the recording'
}

case_pause()
{
	press p "pause" 'PAUSED *$'
	keys Space
	screen_lacks "pause ends" 'PAUSED'
}

case_save()
{
	local file

	press s "save" 'saved as epscope-[0-9]+-[0-9]+\.txt'
	file=$(find "$TMP" -name 'epscope-*.txt')
	grep -q '^== instances: 2 ==' "$file" && grep -q 'by hand' "$file"
	equal "saved: screen, tables, hooks" $? 0
}

# What fits at each size, and back from one that is too small.
case_sizes()
{
	tui_resize 200 50
	screen_has "200x50: more columns" 'RDY50 +RDY99 +HND50'
	tui_resize 30 8
	screen_has "30x8: too small" '^terminal too small \(30x8\)'
	screen_has "30x8: what is needed" '^needs [0-9]+x[0-9]+'
	keys z # no harm
	tui_resize 40 10
	screen_has "40x10: the least" '^ +1 ep,"srv'
	tui_resize 80 24
	screen_has "80x24: back" '^ +# COMMAND +PID EPFD +ITEMS DEPTH READY WAIT/s'
	screen_has "80x24: last line" '^F1Help .*F10Quit'
	equal "80x24: no line is broken" "$(screen | LC_ALL=C.UTF-8 wc -L)" 80
}

tui_shell 80 24
dashboard -- -r "$full"
case_overview
case_tabs
case_help
case_filter
case_pause
case_save
case_sizes
keys q
dashboard_gone "q quits"
dashboard -- -r "$full"
press F10 "F10 quits" '^ready>'
dashboard_gone "F10"
dashboard -- -r "$full"
screen_has "again" 'REPLAY|ENDED'
keys C-c
dashboard_gone "Ctrl-C"
