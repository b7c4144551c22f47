# SPDX-License-Identifier: Apache-2.0
#
# Both halves of memtrace from one place: the command (Swift, by SwiftPM) and the library that is
# preloaded (C, by CShim/Makefile). `make help` lists what can be asked for.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
BUILD := $(CURDIR)/build
COMMAND := $(BUILD)/bin/memtrace
SHARE := $(BUILD)/share
LIBRARY := $(BUILD)/lib/libmemtrace.so
NODE_MODULE := $(DESTDIR)$(PREFIX)/lib/node_modules/memtrace

.PHONY: all command library share examples setup demo test long-test check-walls lint format install uninstall \
  node-package bench bench-quick bench-bars bench-peers bench-build bench-test clean help
.PHONY: gauntlet gauntlet-quick gauntlet-setup fuzz fuzz-quick sanitize tsan pictures

all: command library ## builds build/bin/memtrace and build/lib/libmemtrace.so (the default)

# SwiftPM knows what is to be done; the copy is left alone when nothing was. The Swift runtime is
# linked in, so that the command runs where there is no toolchain.
command:
	@$(SWIFT) build -c release --product memtrace --static-swift-stdlib
	@mkdir -p $(BUILD)/bin
	@cmp -s .build/release/memtrace $(COMMAND) || install -m 755 .build/release/memtrace $(COMMAND)

library:
	@$(MAKE) --no-print-directory -C CShim

# The manual page and the completions are made by the command itself: they say what it does.
share: command
	@mkdir -p $(SHARE)
	@$(COMMAND) manual >$(SHARE)/memtrace.1
	@for shell in bash zsh fish; do \
	  $(COMMAND) --generate-completion-script $$shell >$(SHARE)/memtrace.$$shell || exit; done

examples: ## builds the leaky programs of Examples/
	@$(MAKE) --no-print-directory -C Examples

setup: ## installs what is missing to build and to test
	@.ci/setup

demo: ## records a leaking node program and shows the report
	@$(MAKE) --no-print-directory setup
	@$(MAKE) --no-print-directory all examples
	@.ci/demo

test: ## everything .ci/run demands, the Swift tests last
	@$(MAKE) --no-print-directory setup
	@.ci/schemas
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory all examples
	@$(MAKE) --no-print-directory check-walls
	@$(MAKE) --no-print-directory -C CShim test
	@$(MAKE) --no-print-directory bench-test
	@$(MAKE) --no-print-directory gauntlet-quick
	@.ci/axe
	@$(MAKE) --no-print-directory fuzz-quick
	$(SWIFT) test

# A leak of 1 KiB/s under 50 MB/s of churn, for a minute; 200 clean runs of a suite with leak tests in a
# row; real addons under valgrind.
long-test: all examples ## what takes half an hour
	MEMTRACE_NEEDLE_SECONDS=60 MEMTRACE_LONG_TESTS=1 \
	  $(SWIFT) test --filter 'Behaviour|NodeModuleTests|RealAddonTests'

# The benchmarks are a package of their own, so that nobody builds them who does not ask for them.
BENCH := $(SWIFT) build -c release --package-path Benchmarks --scratch-path .build/benchmarks

bench: bench-build ## measures memtrace beside its peers (an hour); BENCH_OPTIONS, see --help
	@.build/benchmarks/release/bench $(BENCH_OPTIONS)

bench-quick: bench-build ## the same in a few minutes: memtrace and heaptrack alone
	@.build/benchmarks/release/bench --quick $(BENCH_OPTIONS)

bench-bars: bench-build ## what was promised alone, beside heaptrack, in eight minutes
	@.build/benchmarks/release/bench -w churn-20-1 -w churn-20-2 -w list-1 -w node --large \
	  -c heaptrack -c memtrace --rounds 15 $(BENCH_OPTIONS)

bench-build: all
	@$(MAKE) --no-print-directory -C Benchmarks
	@$(BENCH)

bench-peers: ## installs the peers, and what they are measured on
	@Benchmarks/peers

bench-test: ## tests the benchmarks' own arithmetic
	@$(SWIFT) test --package-path Benchmarks --scratch-path .build/benchmarks

# Real programs with and without the shim (Tests/Gauntlet/programs): nothing may differ.
gauntlet: all examples ## runs real programs both ways and compares them (GAUNTLET=NAMES; a quarter of an hour)
	@Tests/Gauntlet/run $(GAUNTLET)

gauntlet-quick: all examples
	@Tests/Gauntlet/run --quick

# Coverage-guided, by libFuzzer, in a build of its own.
SECONDS_OF_FUZZING ?= 60
fuzz: ## fuzzes the trace reader and every parser (SECONDS_OF_FUZZING each, 60)
	@Tests/Fuzz/run $(SECONDS_OF_FUZZING) $(FUZZ)

fuzz-quick: ## the same for a minute in all
	@Tests/Fuzz/run --quick

sanitize: ## the shim's units under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer
	@$(MAKE) --no-print-directory -C CShim asan ubsan tsan

tsan: ## the Swift tests of the reader and the analyzer under ThreadSanitizer
	$(SWIFT) test --sanitize=thread --scratch-path .build-tsan \
	  --filter 'TraceFileTests|SymbolicationTests|MemtraceAnalyzerTests'

# With Chromium, and pngquant, which is asked for here alone.
pictures: all examples ## takes the pictures of docs/hunt.md anew
	@docs/pictures/make

gauntlet-setup: ## installs the programs of the gauntlet
	@Tests/Gauntlet/setup

check-walls: ## checks what may depend on what
	@.ci/walls

lint: ## checks the form of Swift and C
	@$(SWIFT) format lint --strict -r Package.swift Sources Tests Benchmarks
	@.ci/c-sources | xargs -r .ci/clang-format --dry-run -Werror

format: ## puts Swift and C into form
	@$(SWIFT) format -i -r Package.swift Sources Tests Benchmarks
	@.ci/c-sources | xargs -r .ci/clang-format -i

# Folders below PREFIX, where shells and man look.
MANUAL_PAGE := share/man/man1/memtrace.1
BASH_COMPLETION := share/bash-completion/completions/memtrace
ZSH_COMPLETION := share/zsh/site-functions/_memtrace
FISH_COMPLETION := share/fish/vendor_completions.d/memtrace.fish

install: all share ## installs to PREFIX (/usr/local), below DESTDIR if that is set
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include
	install -m 755 -s $(COMMAND) $(DESTDIR)$(PREFIX)/bin/memtrace
	install -m 755 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/libmemtrace.so
	install -m 644 CShim/include/memtrace.h $(DESTDIR)$(PREFIX)/include/memtrace.h
	install -D -m 644 $(SHARE)/memtrace.1 $(DESTDIR)$(PREFIX)/$(MANUAL_PAGE)
	install -D -m 644 $(SHARE)/memtrace.bash $(DESTDIR)$(PREFIX)/$(BASH_COMPLETION)
	install -D -m 644 $(SHARE)/memtrace.zsh $(DESTDIR)$(PREFIX)/$(ZSH_COMPLETION)
	install -D -m 644 $(SHARE)/memtrace.fish $(DESTDIR)$(PREFIX)/$(FISH_COMPLETION)
	$(call install_node_module,$(NODE_MODULE))
# Where a node of the same PREFIX looks by itself.
	install -d $(DESTDIR)$(PREFIX)/lib/node
	ln -sfn ../node_modules/memtrace $(DESTDIR)$(PREFIX)/lib/node/memtrace

# $(1): the folder of the module
define install_node_module
install -d $(1)/lib
install -m 644 NodeModule/package.json NodeModule/*.js NodeModule/*.d.ts NodeModule/README.md \
  LICENSE $(1)
install -m 644 NodeModule/lib/*.js $(1)/lib
endef

# What `npm install FILE` needs nothing else for: the module, with the command and the library in it.
node-package: all ## makes build/npm/memtrace-VERSION.tgz, the module with both halves in it
	@rm -rf $(BUILD)/npm
	@$(call install_node_module,$(BUILD)/npm/package)
	@install -d $(BUILD)/npm/package/native/bin $(BUILD)/npm/package/native/lib
	@install -m 755 -s $(COMMAND) $(BUILD)/npm/package/native/bin/memtrace
	@install -m 755 $(LIBRARY) $(BUILD)/npm/package/native/lib/libmemtrace.so
	@.ci/node-package $(BUILD)/npm

uninstall: ## removes what install put there
	rm -rf $(NODE_MODULE) $(DESTDIR)$(PREFIX)/lib/node/memtrace
	rm -f $(DESTDIR)$(PREFIX)/bin/memtrace $(DESTDIR)$(PREFIX)/lib/libmemtrace.so \
	  $(DESTDIR)$(PREFIX)/include/memtrace.h $(DESTDIR)$(PREFIX)/$(MANUAL_PAGE) \
	  $(DESTDIR)$(PREFIX)/$(BASH_COMPLETION) $(DESTDIR)$(PREFIX)/$(ZSH_COMPLETION) \
	  $(DESTDIR)$(PREFIX)/$(FISH_COMPLETION)

clean: ## removes everything that was built
	rm -rf $(BUILD) .build .build-fuzz .build-tsan

help: ## shows this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' $(firstword $(MAKEFILE_LIST)) | \
	  while read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done
