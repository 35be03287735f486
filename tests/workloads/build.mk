# SPDX-License-Identifier: GPL-2.0
# Workloads and what the test server shares with them. `make -f tests/workloads/build.mk` builds
# into build/tests, SAN=1 with address and undefined behaviour sanitizers into build/san/tests.
ifndef TESTS_OUT
test-workloads:

, := ,
TESTS_OUT := $(if $(SAN),build/san,build)/tests
TESTS_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wconversion \
	-Wno-sign-conversion -Wno-missing-field-initializers -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-fno-omit-frame-pointer -pthread -MMD -MP -Itests/workloads \
	$(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all)
TESTS_LDFLAGS := -pthread $(if $(SAN),-fsanitize=address$(,)undefined)
TESTS_COMMON := $(addprefix $(TESTS_OUT)/workloads/,opts.o util.o)

$(TESTS_OUT)/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(TESTS_CFLAGS) -c -o $@ $<

WORKLOADS := $(patsubst tests/workloads/%.c,$(TESTS_OUT)/%,$(wildcard tests/workloads/wl_*.c))

$(WORKLOADS): $(TESTS_OUT)/%: $(TESTS_OUT)/workloads/%.o $(TESTS_OUT)/workloads/wl.o \
		$(TESTS_OUT)/workloads/await.o $(TESTS_COMMON)
	$(CC) -o $@ $^ $(TESTS_LDFLAGS)

$(TESTS_OUT)/wl_sleep $(TESTS_OUT)/wl_sched $(TESTS_OUT)/wl_overflow: $(TESTS_OUT)/workloads/bounds.o
$(TESTS_OUT)/wl_sched $(TESTS_OUT)/wl_overflow: $(TESTS_OUT)/workloads/held_page.o
$(TESTS_OUT)/wl_random: $(TESTS_OUT)/workloads/model.o
# wl_ways makes its calls in several ways, one of them by a 32-bit process.
$(TESTS_OUT)/wl_ways: $(addprefix $(TESTS_OUT)/workloads/,ways_abi.o ways_uring.o)

$(TESTS_OUT)/wl_ways32: tests/workloads/ways32.c tests/workloads/ways.h
	@mkdir -p $(@D)
	$(CC) -m32 -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-pic \
		-nostdlib -static -o $@ $<

# Fills what the kernel limits; finds tracepoints as epscope does.
$(TESTS_OUT)/occupy: $(addprefix $(TESTS_OUT)/workloads/,occupy.o tracefs.o private_mount.o) \
		$(TESTS_COMMON)
	$(CC) -o $@ $^ $(TESTS_LDFLAGS) -lbpf

$(TESTS_OUT)/workloads/tracefs.o $(TESTS_OUT)/workloads/private_mount.o: \
		$(TESTS_OUT)/workloads/%.o: user/%.c
	@mkdir -p $(@D)
	$(CC) $(TESTS_CFLAGS) -U_GNU_SOURCE -c -o $@ $<

.PHONY: test-workloads
test-workloads: $(WORKLOADS) $(TESTS_OUT)/wl_ways32 $(TESTS_OUT)/occupy

-include $(wildcard $(TESTS_OUT)/workloads/*.d)
endif
