# SPDX-License-Identifier: GPL-2.0
# `make help` lists the targets. Everything built goes to build/ (build/san/ with SAN=1).
# V=1 shows the commands, STATIC=1 takes libbpf into the program.

PREFIX  ?= /usr/local
DESTDIR ?=
KERNEL  ?= 6.12
CC      ?= gcc
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)

ARCH := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')
B := build$(if $(SAN),/san)
say = $(if $(V),,printf '  %-8s %s\n' '$(1)' '$(patsubst $(B)/%,%,$@)')
ifndef V
.SILENT:
endif

WARN := -Wall -Wextra -Werror -Wconversion -Wno-sign-conversion -Wshadow -Wtype-limits -Wundef \
	-Wformat=2 -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes
, := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)
CFLAGS ?= -O2 -g
ALL_CFLAGS := -std=gnu11 $(CFLAGS) $(WARN) $(SANFLAGS) -Ibpf -Iuser -Iui -I$(B) -MMD -MP
LDLIBS := $(if $(STATIC),-l:libbpf.a -lelf -lz,-lbpf) -lncursesw -ltinfo -lm
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Ibpf -Ivmlinux \
	-Wall -Wextra -Werror -Wno-unused-parameter

BPF_SRC := $(wildcard bpf/*.bpf.c)
SKELS := $(BPF_SRC:bpf/%.bpf.c=$(B)/%.skel.h)
USER_SRC := $(wildcard user/*.c)
UI_SRC := $(wildcard ui/*.c)
OBJS := $(USER_SRC:%.c=$(B)/%.o) $(UI_SRC:%.c=$(B)/%.o)
LIB_OBJS := $(filter-out $(B)/user/main.o,$(OBJS))
UNITS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all check test test-kernels demo demo-vm bench bench-vm install uninstall clean help units programs
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/epscope programs ## the program, the bundled server and load client (default)

# Before anything is compiled, but no reason to compile anything again.
.PHONY: setup-build
setup-build:
	scripts/setup build

# ---- kernel side ----

$(B)/%.bpf.o: bpf/%.bpf.c $(B)/flags
	mkdir -p $(@D)
	$(call say,BPF)
	$(CLANG) $(BPF_CFLAGS) -MMD -MP -MT $@ -MF $(@:.o=.d) -c $< -o $@

$(B)/%.skel.h: $(B)/%.bpf.o
	$(call say,SKEL)
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@

# ---- user side ----

$(B)/%.o: %.c $(B)/flags | $(SKELS)
	mkdir -p $(@D)
	$(call say,CC)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

$(B)/epscope: $(OBJS)
	$(call say,LINK)
	$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# ---- tests' programs ----

$(B)/tests/unit/%: tests/unit/%.c $(LIB_OBJS) $(B)/flags
	mkdir -p $(@D)
	$(call say,TEST)
	$(CC) $(ALL_CFLAGS) -MF $@.d $< $(LIB_OBJS) $(LDFLAGS) $(LDLIBS) -lcmocka -o $@

units: $(UNITS)

-include tests/server/build.mk tests/workloads/build.mk tests/real/build.mk tests/replay/build.mk \
	tests/bench/build.mk
programs: test-server test-workloads

# Flags that changed rebuild what they were used for.
FLAGS := $(CC) $(ALL_CFLAGS) $(LDFLAGS) $(LDLIBS) $(CLANG) $(BPF_CFLAGS)
$(B)/flags: FORCE | setup-build
	mkdir -p $(@D)
	echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@
.PHONY: FORCE
FORCE:

-include $(OBJS:.o=.d) $(SKELS:.skel.h=.bpf.d) $(UNITS:=.d)

# ---- what people call ----

check: ## fast tests: style, layers, BPF stack, documents, unit, replay; no root needed
	scripts/setup check
	$(MAKE) --no-print-directory all units
	tests/run check

test: ## everything: also sanitizers, terminal, live and VM tests; needs root
	scripts/setup test
	$(MAKE) --no-print-directory all units test-real
	tests/run

test-kernels: ## the live tests in the full tier on every kernel of tests/vm/kernels.list
	scripts/setup test
	$(MAKE) --no-print-directory all test-real
	tests/run kernels

demo: all ## the bundled server under load in the dashboard, on this kernel
	scripts/demo

demo-vm: all ## the same on a distribution kernel in a VM: KERNEL=6.12
	scripts/setup vm
	scripts/demo --vm $(KERNEL)

bench: all ## what epscope costs, itself and next to other tracers; needs root
	scripts/setup bench
	scripts/bench

bench-vm: all ## what its programs cost in the full tier, in a VM: KERNEL=6.12
	scripts/setup bench
	scripts/setup vm
	KERNEL=$(KERNEL) tests/bench/vm.sh

install: all ## to PREFIX (/usr/local)
	install -D -m 755 $(B)/epscope $(DESTDIR)$(PREFIX)/bin/epscope
	install -d $(DESTDIR)$(PREFIX)/libexec/epscope
	install -m 755 $(B)/tests/epserver $(B)/tests/epload $(B)/tests/lab_* \
		$(DESTDIR)$(PREFIX)/libexec/epscope
	install -D -m 644 user/epscope.8 $(DESTDIR)$(PREFIX)/share/man/man8/epscope.8

uninstall: ## what install put there
	rm -rf $(DESTDIR)$(PREFIX)/libexec/epscope
	rm -f $(DESTDIR)$(PREFIX)/bin/epscope $(DESTDIR)$(PREFIX)/share/man/man8/epscope.8

clean: ## everything built
	rm -rf build

help: ## this list
	grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12
