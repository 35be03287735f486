# SPDX-License-Identifier: GPL-2.0
# What the tests with real programs need of our own: `make test-real`. Links with libraries that
# only the tests want, so it is not part of `make`.
test-real:

include tests/workloads/build.mk

REAL := $(addprefix $(TESTS_OUT)/,epcount.so epcount_show ev_server uv_server dbus_calls)

REAL_OBJ = $(TESTS_OUT)/real

$(TESTS_OUT)/epcount.so: tests/real/epcount.c tests/real/epcount.h
	$(CC) $(filter-out -MMD -MP,$(TESTS_CFLAGS)) -fPIC -shared -o $@ $<
$(TESTS_OUT)/epcount_show: $(REAL_OBJ)/epcount_show.o
$(TESTS_OUT)/ev_server: $(REAL_OBJ)/ev_server.o $(TESTS_COMMON)
$(TESTS_OUT)/uv_server: $(REAL_OBJ)/uv_server.o $(TESTS_COMMON)
$(TESTS_OUT)/dbus_calls: $(REAL_OBJ)/dbus_calls.o $(TESTS_COMMON)
$(TESTS_OUT)/ev_server: LIBS = -levent_core
$(TESTS_OUT)/uv_server: LIBS = -luv
$(TESTS_OUT)/dbus_calls: LIBS = -ldbus-1
$(REAL_OBJ)/dbus_calls.o: TESTS_CFLAGS += $(shell pkg-config --cflags dbus-1)
$(filter-out %.so,$(REAL)):
	$(CC) -o $@ $^ $(TESTS_LDFLAGS) $(LIBS)

.PHONY: test-real
test-real: $(REAL)

-include $(wildcard $(TESTS_OUT)/real/*.d)
