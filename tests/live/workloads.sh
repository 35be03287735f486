#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every workload under observation: what epscope counted equals what the workload says it did, in
# every figure that this kernel can know. Once with instances that were there before, once with
# instances made under observation. All workloads of a round share one epscope, which also shows
# that it keeps them apart; they run one after the other.
# shellcheck source=tests/lib-workloads.sh
. "$(dirname "$0")/../lib-workloads.sh"
need_root workloads

workloads_check

workloads_start()
{
	workload counts wl_counts --errors
	workload counts-et wl_counts --mode et --waits 2 --mods 1 --writes 3
	workload counts-oneshot wl_counts --mode oneshot --errors
	workload counts-pipe wl_counts --kind pipe --writes 1
	workload create wl_create --instances 200 --items 3 --live 5 --inside 50
	workload herd wl_herd --threads 6 --events 30
	workload herd-exclusive wl_herd --threads 6 --events 30 --exclusive
	workload herd-unix wl_herd --threads 4 --events 20 --kind unix
	workload items wl_items --items 300 --ready 77
	workload items-close wl_items --items 100 --kind pipe --ready 10 --close 20 --dup-close 7
	workload items-churn wl_items --items 50 --churn 0.3 --churn-threads 2
	workload items-dup wl_items --items 40 --kind dup --ready 3
	workload overflow wl_overflow --rounds 20 --items 5 --again 2
	workload overflow-et wl_overflow --rounds 20 --items 9 --mode et
	workload pingpong wl_pingpong --count 100
	workload pingpong-free wl_pingpong --count 2000 --pace free --mode et
	workload shared wl_shared --rounds 10 --levels 3
	workload sleep wl_sleep --rounds 5 --timeout-ms 5
	workload threads wl_threads --threads 8 --generations 3
}

round_run before ""
round_run made --setup-after-go
