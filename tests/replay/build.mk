# SPDX-License-Identifier: GPL-2.0
# The recordings that tests/replay/run.sh replays, written by a program: build/tests/replay/*.eps
$(B)/tests/make_recordings: tests/replay/make_recordings.c $(LIB_OBJS) $(B)/flags
	@mkdir -p $(@D)
	$(call say,TEST)
	$(Q)$(CC) $(ALL_CFLAGS) -MF $@.d $< $(LIB_OBJS) $(LDFLAGS) $(LDLIBS) -o $@

.PHONY: test-replay
test-replay: $(B)/tests/make_recordings
programs units: test-replay

-include $(B)/tests/make_recordings.d
