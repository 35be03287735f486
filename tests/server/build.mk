# SPDX-License-Identifier: GPL-2.0
# The epoll test server and its load client. `make -f tests/server/build.mk` builds into
# build/tests, SAN=1 with address and undefined behaviour sanitizers into build/san/tests.
test-server:

include tests/workloads/build.mk

EPSERVER_OBJS := $(addprefix $(TESTS_OUT)/server/,epserver.o config.o worker.o conn.o truth.o \
	report.o addr.o) $(TESTS_COMMON)
EPLOAD_OBJS := $(addprefix $(TESTS_OUT)/server/,epload.o load_config.o load_conn.o \
	load_thread.o load_report.o latency.o addr.o) $(TESTS_COMMON)

$(TESTS_OUT)/epserver: $(EPSERVER_OBJS)
$(TESTS_OUT)/epload: $(EPLOAD_OBJS)
$(TESTS_OUT)/epserver $(TESTS_OUT)/epload:
	$(CC) -o $@ $^ $(TESTS_LDFLAGS)

# The lab: each lab_NAME.c is a program; what several share has a name without lab_.
LAB_PROGRAMS := $(patsubst tests/server/%.c,$(TESTS_OUT)/%,$(wildcard tests/server/lab_*.c))
LAB_COMMON := $(TESTS_OUT)/server/lab.o $(TESTS_OUT)/workloads/await.o $(TESTS_COMMON)

$(LAB_PROGRAMS): $(TESTS_OUT)/%: $(TESTS_OUT)/server/%.o $(LAB_COMMON)
	$(CC) -o $@ $^ $(TESTS_LDFLAGS)

$(TESTS_OUT)/lab_herd $(TESTS_OUT)/lab_nested: $(TESTS_OUT)/server/sleepers.o
$(TESTS_OUT)/lab_overflow $(TESTS_OUT)/lab_life: $(TESTS_OUT)/server/stall.o
# The echo service, its three ways to wait, and the plot.
$(TESTS_OUT)/lab_multiplex: $(addprefix $(TESTS_OUT)/server/,mux_echo.o mux_select.o mux_poll.o \
	mux_epoll.o mux_plot.o)
$(TESTS_OUT)/lab_multiplex: TESTS_LDFLAGS += -lm
# A file per architecture, and what is around them.
$(TESTS_OUT)/lab_architectures: $(TESTS_OUT)/server/latency.o \
	$(patsubst tests/server/%.c,$(TESTS_OUT)/server/%.o,$(wildcard tests/server/arch*.c))

$(TESTS_OUT)/lab_io_models: $(TESTS_OUT)/server/latency.o \
	$(patsubst tests/server/%.c,$(TESTS_OUT)/server/%.o,$(wildcard tests/server/io_models*.c))

.PHONY: test-server
test-server: $(TESTS_OUT)/epserver $(TESTS_OUT)/epload $(LAB_PROGRAMS)

-include $(wildcard $(TESTS_OUT)/server/*.d)
