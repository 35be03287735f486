# SPDX-License-Identifier: GPL-2.0
# What the benchmarks run beside the tests' programs.
$(B)/tests/bench_recording: tests/bench/bench_recording.c $(LIB_OBJS) $(B)/flags
	@mkdir -p $(@D)
	$(call say,TEST)
	$(Q)$(CC) $(ALL_CFLAGS) -MF $@.d $< $(LIB_OBJS) $(LDFLAGS) $(LDLIBS) -o $@

.PHONY: test-bench
programs: test-bench
test-bench: $(B)/tests/bench_recording

-include $(B)/tests/bench_recording.d
