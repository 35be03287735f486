# SPDX-License-Identifier: GPL-2.0
# What the benchmarks run beside the tests' programs.
$(B)/tests/bench_recording: tests/bench/bench_recording.c $(LIB_OBJS) $(B)/flags
	@mkdir -p $(@D)
	$(call say,TEST)
	$(Q)$(CC) $(ALL_CFLAGS) -MF $@.d $< $(LIB_OBJS) $(LDFLAGS) $(LDLIBS) -o $@

BENCH_OUT := $(TESTS_OUT)/bench

$(BENCH_OUT)/pingpong: $(BENCH_OUT)/pingpong.o \
		$(addprefix $(TESTS_OUT)/workloads/,wl.o await.o) $(TESTS_COMMON)
	$(CC) -o $@ $^ $(TESTS_LDFLAGS)

$(BENCH_OUT)/empty.bpf.o: tests/bench/empty.bpf.c $(B)/flags
	mkdir -p $(@D)
	$(call say,BPF)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(BENCH_OUT)/empty.skel.h: $(BENCH_OUT)/empty.bpf.o
	$(call say,SKEL)
	$(BPFTOOL) gen skeleton $< name empty_bpf >$@

$(BENCH_OUT)/empty.o: $(BENCH_OUT)/empty.skel.h
$(BENCH_OUT)/empty.o: TESTS_CFLAGS += -I$(BENCH_OUT)
$(BENCH_OUT)/empty: $(BENCH_OUT)/empty.o $(TESTS_COMMON)
	$(CC) -o $@ $^ $(TESTS_LDFLAGS) -lbpf

.PHONY: test-bench
programs: test-bench
test-bench: $(B)/tests/bench_recording $(BENCH_OUT)/pingpong $(BENCH_OUT)/empty

-include $(B)/tests/bench_recording.d $(wildcard $(BENCH_OUT)/*.d)
