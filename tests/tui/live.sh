#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The dashboard on a server under load, until that ends; on a program that it starts itself.
# shellcheck source=tests/lib-tui.sh
. "$(dirname "$0")/../lib-tui.sh"
need_root live
need_tmux live

case_load()
{
	loaded_server 8 3000
	dashboard -- -p "$server"
	# The listener and a connection each.
	screen_has "live: instance, items" "^ +1 epserver +$server +[0-9]+ +9 "
	screen_has "live: rates" "[0-9.]+k?/s +[1-9][0-9.]*k?/s"
	screen_has "live: state" 'LIVE *$'
}

case_tabs()
{
	press Enter "live: tree" 'red-black rules hold +9 nodes'
	press 2 "live: ready list" '^READY +FD TYPE'
	press 3 "live: items" ' tcp +IN.* 127\.0\.0\.1:'
	press 4 "live: who woke whom" 'epload .*worker-0'
	press 5 "live: histograms" 'handler: return to next wait +n [1-9]'
	press Escape "live: back" '^ +# COMMAND'
}

case_pause()
{
	local held i

	press p "live: paused" 'PAUSED *$'
	held=$(screen)
	for ((i = 0; i < 10; i++)); do
		nap 0.1 # a sample comes every 100 ms
		[ "$(screen)" = "$held" ] || break
	done
	equal "live: the figures are held" $i 10
	press p "live: goes on" 'LIVE *$'
}

case_exit()
{
	end_spawned "$load"
	end_spawned "$server"
	screen_has "exit: said" "target $server \(epserver\) exited - last figures"
	screen_has "exit: state" 'ENDED *$'
	screen_has "exit: last figures" "^ +1 epse.* closed +$server "
	press Enter "exit: still opens" 'Histograms'
	keys q
	dashboard_gone "exit, q"
}

# Its output would spoil the screen; it ends with the dashboard.
case_program()
{
	local child

	dashboard -- -- sh -c "echo SPOILT; exec build/tests/wl_items --items 12 --hold 60"
	screen_has "program: instance" '^ +1 wl_items +[0-9]+ +[0-9]+ +12 '
	child=$(screen | sed -n 's/^ *1 wl_items *\([0-9]*\) .*/\1/p')
	screen_lacks "program: its output is not on the screen" SPOILT
	keys q
	dashboard_gone "program, q"
	[ ! -e "/proc/$child" ]
	equal "program: ended with it" $? 0
}

# The terminal goes away: nobody is left to press q.
case_hangup()
{
	local i

	dashboard -- -p $$
	screen_has "hangup: runs" 'LIVE *$'
	tui kill-server
	for ((i = 0; i < 200; i++)); do
		[ -e "/proc/$TUI_PID" ] || break
		nap 0.05
	done
	[ ! -e "/proc/$TUI_PID" ]
	equal "hangup: ends" $? 0
}

ln -s "$PWD/build" "$TMP/build" # the shell of the terminal is in $TMP
tui_shell 100 30
case_load
case_tabs
case_pause
case_exit
case_program
case_hangup
