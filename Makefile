# aqi: command-line tools for air-quality-index prediction.
#
#   make            build everything into build/
#   make demo       install what the build needs, build, show the main job
#   make check      the same for the tests, and run them all
#   make install    PREFIX=/usr/local DESTDIR=
#
# SANITIZE=1 builds with the address and undefined-behaviour sanitizers, and
# SANITIZE=thread with that of data races, each into a folder of its own;
# CC=clang builds with clang, STATIC= leaves all libraries shared. For another
# processor, RUN is what runs its programs, of which the build needs one:
# make CC=aarch64-linux-gnu-gcc BUILD=build/aarch64 \
#	RUN="qemu-aarch64 -L /usr/aarch64-linux-gnu"

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CFLAGS ?= -O2 -g
RUN =
SANITIZERS = $(if $(filter thread,$(SANITIZE)),thread,address,undefined)
BUILD ?= build$(if $(SANITIZE),/sanitize$(if $(filter thread,$(SANITIZE)),-thread))$(if $(filter clang%,$(CC)),/clang)

# No fused multiply-add: a prediction has the same bits on every processor.
BASE_CFLAGS = -std=gnu17 -D_GNU_SOURCE -Ilib -ffp-contract=off -pthread \
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla $(WERROR)
# Numbers are rounded where they are assigned, which needs SSE2 where a build of
# 32 bits may do without. Counts of files have 64 bits and those of memory 32
# there, which warns a hundred times: they are compared before.
ifneq ($(filter i386-% i486-% i586-% i686-%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
BASE_CFLAGS += -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-msse2 -mfpmath=sse -Wno-conversion -Wno-sign-conversion
endif
ifdef SANITIZE
BASE_CFLAGS += -fsanitize=$(SANITIZERS) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
# gcc takes most of a minute over the registers of some kernels, which only
# programs that are fast need.
BASE_CFLAGS += $(if $(filter %clang,$(notdir $(CC))),,-fira-region=one)
BASE_LDFLAGS = -fsanitize=$(SANITIZERS)
else
BASE_CFLAGS += -fstack-protector-strong -D_FORTIFY_SOURCE=2
BASE_LDFLAGS = -Wl,-z,relro,-z,now
endif
LIBS = -lcsv -ljansson $(UNPACK_LIBS) $(CRYPTO_LIBS) -lm -pthread

# What unpacks compressed input, each only where it is installed:
# UNPACK= builds without, UNPACK=zlib with this one alone.
PKG_CONFIG ?= pkg-config
UNPACK ?= $(foreach l,zlib liblzma libzstd,\
	$(shell $(PKG_CONFIG) --exists $(l) 2>/dev/null && echo $(l)))
UNPACK_CFLAGS := $(if $(filter zlib,$(UNPACK)),-DHAVE_ZLIB) \
	$(if $(filter liblzma,$(UNPACK)),-DHAVE_LZMA) \
	$(if $(filter libzstd,$(UNPACK)),-DHAVE_ZSTD) \
	$(if $(strip $(UNPACK)),$(shell $(PKG_CONFIG) --cflags $(UNPACK)))
UNPACK_LIBS := $(if $(strip $(UNPACK)),$(shell $(PKG_CONFIG) --libs $(UNPACK)))

# SHA-256 of keys, for aqi-serve --keys; CRYPTO= builds without.
CRYPTO ?= $(shell $(PKG_CONFIG) --exists libcrypto 2>/dev/null && echo libcrypto)
CRYPTO_CFLAGS := $(if $(CRYPTO),-DHAVE_CRYPTO \
	$(shell $(PKG_CONFIG) --cflags $(CRYPTO)))
ifneq ($(CRYPTO),)
CRYPTO_LIBS := -Wl,--push-state,--as-needed \
	$(shell $(PKG_CONFIG) --libs $(CRYPTO)) -Wl,--pop-state
endif

# Libraries that go into the programs, where they are installed as archives of
# position-independent code: a shared one is found, mapped and linked at each
# start, which takes some 40 us. STATIC= has them all shared, as tests do.
STATIC ?= csv jansson z lzma zstd
has_archive = $(findstring /,$(shell $(CC) -print-file-name=lib$(1).a))
library = $(if $(and $(filter $(1),$(STATIC)),$(call has_archive,$(1))),\
	-l:lib$(1).a,-l$(1))
PROGRAM_LIBS := $(foreach l,$(LIBS),\
	$(if $(filter -l%,$l),$(call library,$(l:-l%=%)),$l))

PROGRAMS = $(patsubst cmd/%.c,%,$(wildcard cmd/aqi-*.c))
LIB_SOURCES = $(wildcard lib/*/*.c)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/%.o)
UNIT_TESTS = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
BUNDLES = $(patsubst models/%/manifest.json,%,$(wildcard models/*/manifest.json))

all: $(BUILD)/libaqi.a $(PROGRAMS:%=$(BUILD)/%)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# What is installed may change from one make to the next.
$(BUILD)/unpack: FORCE
	@mkdir -p $(@D)
	@echo "$(UNPACK_CFLAGS)" | cmp -s - $@ || echo "$(UNPACK_CFLAGS)" >$@
$(BUILD)/crypto: FORCE
	@mkdir -p $(@D)
	@echo "$(CRYPTO_CFLAGS)" | cmp -s - $@ || echo "$(CRYPTO_CFLAGS)" >$@
# Phony, or .SECONDARY would take it for a file that nobody misses.
.PHONY: FORCE
FORCE:

$(BUILD)/lib/record/decoder.o: $(BUILD)/unpack
$(BUILD)/lib/record/decoder.o: BASE_CFLAGS += $(UNPACK_CFLAGS)
$(BUILD)/lib/net/auth.o: $(BUILD)/crypto
$(BUILD)/lib/net/auth.o: BASE_CFLAGS += $(CRYPTO_CFLAGS)

# Kernels by the level in their name: see lib/base/processor.h, whose lists
# these are. They are chosen at run time, where the processor has them.
ifneq ($(filter x86_64-%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
AVX2 = -mavx2 -mbmi -mbmi2 -mfma -mlzcnt -mpopcnt
AVX512 = $(AVX2) -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl
AVX512_VBMI = $(AVX512) -mavx512vbmi -mavx512vbmi2
$(BUILD)/lib/%_avx2.o: BASE_CFLAGS += $(AVX2)
$(BUILD)/lib/%_avx2_few.o: BASE_CFLAGS += $(AVX2)
$(BUILD)/lib/%_avx512.o: BASE_CFLAGS += $(AVX512)
$(BUILD)/lib/%_avx512_vbmi.o: BASE_CFLAGS += $(AVX512_VBMI)
$(BUILD)/lib/%_shani.o: BASE_CFLAGS += -msse4.1 -msha
endif

# They pass vectors that the processor may not have, within one file.
$(BUILD)/tests/unit/test_planes_avx512.o \
$(BUILD)/tests/unit/test_planes_avx512_vbmi.o \
$(BUILD)/tests/unit/test_numbers.o \
$(BUILD)/tests/unit/test_csv_plain.o \
$(BUILD)/tests/fuzz/fuzz_csv.o \
$(BUILD)/tests/unit/test_shape_avx512.o \
$(BUILD)/tests/fuzz/fuzz_number.o \
$(BUILD)/tests/unit/test_nodes.o: BASE_CFLAGS += -Wno-psabi

# The files of models/ that are compiled in. A bundle goes in as the file that
# the library uses in place, so that a start has nothing to parse.
TEXTS = $(wildcard models/schemas/*.json models/sources/*.json)
PAGES = lib/api/docs.html
EMBEDDED = $(foreach f,$(TEXTS),$(f:models/%=%)=$(f)) \
	$(foreach f,$(PAGES),$(notdir $f)=$f) \
	$(foreach b,$(BUNDLES),$(b)/model.aqi=$(BUILD)/$(b).aqi)

$(BUILD)/builtin.S: models/embed.sh Makefile $(TEXTS) $(PAGES) \
		$(BUNDLES:%=$(BUILD)/%.aqi)
	models/embed.sh $(EMBEDDED) >$@.new && mv $@.new $@

$(BUILD)/empty.S: models/embed.sh
	@mkdir -p $(@D)
	models/embed.sh >$@.new && mv $@.new $@

$(BUILD)/%.o: $(BUILD)/%.S
	$(CC) -c -o $@ $<

# Without the models, the library compiles the models.
$(BUILD)/compile: $(BUILD)/models/compile.o $(LIB_OBJECTS) $(BUILD)/empty.o
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/%.aqi: models/%/manifest.json models/%/model.json $(BUILD)/compile
	$(RUN) $(BUILD)/compile models/$* $@

$(BUILD)/libaqi.a: $(LIB_OBJECTS) $(BUILD)/builtin.o
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/aqi-%: $(BUILD)/cmd/aqi-%.o $(BUILD)/libaqi.a
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(PROGRAM_LIBS)

# The parts of programs that have files of their own.
$(BUILD)/aqi-model: $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/model_*.c))
$(BUILD)/aqi-loadgen: $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/loadgen_*.c))

# The functions whose place tests/unit/memory.h takes.
WRAP_memory = $(foreach f,malloc calloc realloc reallocarray aligned_alloc free \
	strdup realpath asprintf __asprintf_chk scandir newlocale iconv_open \
	csv_init inflateInit2_ inflate lzma_stream_decoder lzma_code \
	ZSTD_createDStream ZSTD_decompressStream aqi_arena_alloc \
	aqi_arena_array aqi_arena_copy aqi_buffer_room aqi_buffer_add \
	aqi_builtin_find, \
	-Wl,--wrap=$f)

# A way to evaluate trees that is wrong.
WRAP_audit = -Wl,--wrap=aqi_engine_predict

# A processor that is said to be another.
WRAP_levels = -Wl,--wrap=aqi_processor_level

WRAP_memory_api = $(filter-out %=aqi_builtin_find,$(WRAP_memory))

$(BUILD)/test_%: $(BUILD)/tests/unit/test_%.o $(BUILD)/libaqi.a
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) $(WRAP_$*) -o $@ $^ $(LIBS)

# What a fresh Debian or Ubuntu lacks. Elsewhere the names are only printed.
DEPS_BUILD = gcc libc6-dev libcsv-dev libjansson-dev
DEPS_UNPACK = pkg-config zlib1g-dev liblzma-dev libzstd-dev
DEPS_CRYPTO = pkg-config libssl-dev
DEPS_CHECK = $(DEPS_BUILD) $(DEPS_UNPACK) $(DEPS_CRYPTO) bats bsdutils curl fish groff-base gzip \
	jq locales mandoc miller parallel python3 sqlite3 util-linux valgrind \
	xz-utils zsh zstd
define install_missing
	@missing=; for p in $(1); do \
		dpkg-query -W -f='$${Status}' $$p 2>/dev/null | \
			grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
		echo "this needs, by their Debian names:$$missing" >&2; \
		exit 0; \
	fi; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	export DEBIAN_FRONTEND=noninteractive; \
	$$sudo apt-get update -qq && \
	$$sudo apt-get install -y -qq --no-install-recommends $$missing \
		>/dev/null
endef

deps:
	$(call install_missing,$(DEPS_BUILD))

deps-check:
	$(call install_missing,$(DEPS_CHECK))

demo: deps
	@$(MAKE) -s -j$$(nproc) all
	@BUILD=$(BUILD) examples/demo.sh

check: deps-check
	@$(MAKE) -s -j$$(nproc) all unit-tests fuzz-replays
	@BUILD=$(BUILD) CC="$(CC)" tests/run

# System calls and allocations that fail on demand, for the programs' tests to
# preload.
$(BUILD)/%.so: tests/fault/%.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O2 -shared -fPIC -o $@ \
		$< -ldl

# Kills a program at its n-th system call.
$(BUILD)/kill_at: tests/fault/kill_at.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O2 -o $@ $<

unit-tests: $(UNIT_TESTS:%=$(BUILD)/%) $(BUILD)/fault.so $(BUILD)/memory.so \
	$(BUILD)/kill_at

# Fuzz targets, with clang: each runs for SECONDS over its seeds, and those of
# the folder AQI_CORPORA if there is one. What they find stays in build/fuzz.
# A replay runs the same target over files without a fuzzer.
FUZZ_TARGETS = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
DEPS_FUZZ = clang libclang-rt-dev libcsv-dev libjansson-dev $(DEPS_UNPACK) \
	$(DEPS_CRYPTO)
SECONDS = 20

WRAP_fuzz_stream = -Wl,--wrap=aqi_processor_level

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libaqi.a
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -fsanitize=fuzzer $(WRAP_fuzz_$*) \
		-o $@ $^ $(LIBS)

$(BUILD)/fuzz_%_replay: $(BUILD)/tests/fuzz/fuzz_%.o \
		$(BUILD)/tests/fuzz/replay.o $(BUILD)/libaqi.a
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) $(WRAP_fuzz_$*) -o $@ $^ $(LIBS)

fuzz-targets: $(FUZZ_TARGETS:%=$(BUILD)/%)
fuzz-replays: $(FUZZ_TARGETS:%=$(BUILD)/%_replay)

fuzz:
	$(call install_missing,$(DEPS_FUZZ))
	@$(MAKE) -s -j$$(nproc) SANITIZE=1 CC=clang BUILD=build/fuzz \
		CFLAGS="-O1 -g -fsanitize=fuzzer-no-link" fuzz-targets
	@BUILD=build/fuzz tests/fuzz/run $(SECONDS) $(FUZZ_TARGETS)

# The same targets under AFL++.
fuzz-afl:
	$(call install_missing,$(DEPS_FUZZ) afl++)
	@$(MAKE) -s -j$$(nproc) CC=afl-clang-fast BUILD=build/afl \
		CFLAGS="-O1 -g" AFL_QUIET=1 fuzz-targets
	@BUILD=build/afl tests/fuzz/run-afl $(SECONDS) $(FUZZ_TARGETS)

# The tiers above check: check-full is every test whole, under half an hour on
# two processors; check-long takes a day, and goes on where it was stopped.
check-full: deps-check
	$(call install_missing,$(DEPS_FUZZ) $(DEPS_LINT))
	@tests/tiers/full

check-long: deps-check
	$(call install_missing,$(DEPS_FUZZ))
	@tests/tiers/long $(JOBS)

# The code of AVX-512 on a machine without it, in an emulator: slow, and part of
# no other tier.
check-avx512:
	@BUILD=$(BUILD) CC="$(CC)" tests/tiers/avx512

# What the tests reach, as a table; and what they notice. Nothing is inlined: a
# branch would count in each copy of it, of which most go one way only.
coverage: deps-check
	$(call install_missing,gcovr)
	@$(MAKE) -s -j$$(nproc) BUILD=build/coverage LDFLAGS=--coverage \
		CFLAGS="-O0 -g --coverage -Dalways_inline=unused" \
		all unit-tests fuzz-replays
	@find build/coverage -name '*.gcda' -delete
	@GCOV_ERROR_FILE=/dev/null BUILD=build/coverage tests/run || echo "some tests failed" >&2
	@tests/tiers/coverage build/coverage

N = 200
mutants: deps-check
	@tests/tiers/mutate -n $(N)

# The peer, where it is installed.
HTTP_PARSER = $(shell echo '\#include <http_parser.h>' | \
	$(CC) -E - >/dev/null 2>&1 && echo -lhttp_parser)
$(BUILD)/bench_http: $(BUILD)/tests/bench/http.o $(BUILD)/libaqi.a
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(HTTP_PARSER)

# From a program's start to its first answer.
$(BUILD)/bench_start: $(BUILD)/tests/bench/start.o
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $^

bench: all $(BUILD)/bench_http $(BUILD)/bench_start
	@BUILD=$(BUILD) tests/bench/run

# Whole pipelines beside cat, awk, Miller and scripts in Python, and in plain C.
$(BUILD)/bench_portable: $(BUILD)/cmd/aqi-predict.o \
		$(BUILD)/tests/bench/portable.o $(BUILD)/libaqi.a
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -Wl,--wrap=aqi_processor_level \
		-Wl,--wrap=aqi_processor_has -o $@ $^ $(LIBS)

bench-records: all $(BUILD)/bench_portable
	@BUILD=$(BUILD) tests/bench/records

# How long a record of a slow stream waits for its answer.
bench-latency: all
	@BUILD=$(BUILD) tests/bench/latency

# aqi-loadgen beside wrk, hey, h2load, ab and Locust, as far as they are there.
bench-load: all
	@BUILD=$(BUILD) tests/bench/load

# The server beside nginx and the service that it replaces.
bench-serve: all
	@BUILD=$(BUILD) tests/bench/serve

# The model beside the libraries that train such models, where they are.
$(BUILD)/bench_model: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/model*.c)) \
		$(BUILD)/libaqi.a
	$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -ldl

bench-model: all $(BUILD)/bench_model $(BUILD)/bench_start
	@BUILD=$(BUILD) tests/bench/model

# The readers beside other parsers, simdjson where it is installed: in C++, which
# nothing else here is.
SIMDJSON := $(shell $(PKG_CONFIG) --exists simdjson 2>/dev/null && echo simdjson)
$(BUILD)/tests/bench/parsers_simdjson.o: tests/bench/parsers_simdjson.cc \
		tests/bench/parsers_peer.h Makefile
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O3 -Wall $(shell $(PKG_CONFIG) --cflags simdjson) \
		-c -o $@ $<

$(BUILD)/bench_parsers: $(BUILD)/tests/bench/parsers.o \
		$(BUILD)/tests/bench/parsers_$(or $(SIMDJSON),alone).o \
		$(BUILD)/libaqi.a
	$(if $(SIMDJSON),$(CXX),$(CC)) $(BASE_LDFLAGS) $(LDFLAGS) \
		-Wl,--wrap=aqi_processor_level -o $@ $^ \
		$(if $(SIMDJSON),$(shell $(PKG_CONFIG) --libs simdjson)) $(LIBS)

bench-parsers: all $(BUILD)/bench_parsers
	@BUILD=$(BUILD) tests/bench/parsers

# What is installed: mode:source:target, the target below PREFIX. The library's
# other headers say that they are private.
MANUALS = $(wildcard man/*.[1-9])
HEADERS = $(shell grep -L Private lib/base/*.h lib/record/*.h lib/air/*.h \
	lib/model/*.h)
INSTALLED = \
	$(foreach p,$(PROGRAMS),755:$(BUILD)/$p:bin/$p \
	644:completions/bash/$p:share/bash-completion/completions/$p \
	644:completions/zsh/_$p:share/zsh/site-functions/_$p \
	644:completions/fish/$p.fish:share/fish/vendor_completions.d/$p.fish) \
	$(foreach m,$(MANUALS),644:$m:share/man/man$(subst .,,$(suffix $m))/$(notdir $m)) \
	644:$(BUILD)/libaqi.a:lib/libaqi.a \
	$(foreach h,$(HEADERS),644:$h:include/aqi/$(h:lib/%=%)) \
	$(foreach f,$(TEXTS),644:$f:share/aqi/$(f:models/%=%)) \
	$(foreach f,$(wildcard $(BUNDLES:%=models/%/*.json) \
	$(BUNDLES:%=models/%/README.md)),644:$f:share/aqi/$f) \
	$(foreach f,README.md CHANGELOG.md LICENSE,644:$f:share/doc/aqi/$f)

VERSION = $(shell sed -n 's/^.define AQI_VERSION "\(.*\)"/\1/p' \
	lib/base/version.h)

install: all
	@prefix="$(DESTDIR)$(PREFIX)"; for f in $(INSTALLED); do \
		source=$${f#*:}; \
		install -D -m "$${f%%:*}" "$${source%%:*}" \
			"$$prefix/$${f##*:}" || exit 1; \
	done; \
	install -d "$$prefix/lib/pkgconfig" && \
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(LIBS)|' \
		lib/aqi.pc.in >"$$prefix/lib/pkgconfig/aqi.pc"

# Folders of ours go too, once they are empty: others may have put models there.
uninstall:
	@[ -d "$(DESTDIR)$(PREFIX)" ] || exit 0; \
	cd "$(DESTDIR)$(PREFIX)" && for f in $(INSTALLED); do \
		rm -f "$${f##*:}" || exit 1; \
	done; \
	rm -f lib/pkgconfig/aqi.pc; \
	for d in include/aqi share/aqi share/doc/aqi; do \
		[ ! -d "$$d" ] || find "$$d" -depth -type d -empty -delete; \
	done

# A release, the same bytes each time: the files of the commit, as git has them.
DIST = aqi-$(VERSION)
DISTDIR = .
dist:
	@git rev-parse -q --verify HEAD >/dev/null || { \
		echo "make dist needs the git repository" >&2; exit 1; }
	@out="$(DISTDIR)/$(DIST).tar.gz"; \
	git archive --format=tar --prefix=$(DIST)/ -o "$$out.tar" HEAD && \
	gzip -9n <"$$out.tar" >"$$out.new" && rm "$$out.tar" && \
	mv "$$out.new" "$$out"

# Does what make dist packs build, pass its tests, and install by itself?
distcheck: dist
	rm -rf build/distcheck && mkdir -p build/distcheck
	tar -xzf $(DIST).tar.gz -C build/distcheck
	cd build/distcheck/$(DIST) && export GIT_DIR=/nonexistent && \
		$(MAKE) check && $(MAKE) install DESTDIR="$$PWD/root" && \
		$(MAKE) uninstall DESTDIR="$$PWD/root" && \
		[ -z "$$(find root ! -type d)" ]
	rm -rf build/distcheck

# What cppcheck takes for faults and is none: an error struct that is filled by
# the one it is handed to, a pointer to the end of an array, a pointer moved by
# memcpy because its type is another each time. It has not heard of __int128.
DEPS_LINT = clang-tidy cppcheck mandoc
# Of a vector's shift the analyzer takes the elements' count for their width.
NO_VECTORS = -Wno-analyzer-shift-count-overflow
CPPCHECK = cppcheck --quiet --std=c11 --enable=warning,portability \
	--error-exitcode=1 --suppress=ctuuninitvar --suppress=ctuPointerArith \
	--suppress=memleak:lib/model/onnx_branches.c -Ilib -D_GNU_SOURCE \
	-D__SIZEOF_INT128__=16 \
	--cppcheck-build-dir=build/lint/cppcheck -j$$(nproc)
# A fourth of the paths that its analyzer goes unless told, which find the same.
TIDY = $(patsubst %,--extra-arg=%,-Xclang -analyzer-config -Xclang max-nodes=60000)
# What was looked at is looked at again where it, or what it includes, changes.
lint:
	@mkdir -p build/lint/cppcheck
	$(CPPCHECK) lib cmd models/compile.c
	mandoc -T lint -W warning $(MANUALS)
	@tidied=tidied; command -v clang-tidy >/dev/null || { tidied=; \
		echo "clang-tidy is not installed, and has not looked"; }; \
	$(MAKE) -s -k -j$$(nproc) CC=gcc BUILD=build/lint WERROR=-Werror \
		CFLAGS="-O2 -fanalyzer $(NO_VECTORS)" objects $$tidied

# What the analyzer of gcc looks at. It takes the handle that iconv_open(3)
# returns for a failure, which is no pointer to anything, for lost memory.
OBJECTS = $(LIB_OBJECTS) $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/*.c)) \
	$(BUILD)/models/compile.o
objects: $(OBJECTS)
ifneq ($(findstring -fanalyzer,$(CFLAGS)),)
$(BUILD)/lib/record/encoding.o: override CFLAGS += -Wno-analyzer-malloc-leak
endif

# And clang's. An object is newer than all that its file includes.
tidied: $(OBJECTS:.o=.tidy)
$(BUILD)/%.tidy: %.c $(BUILD)/%.o .clang-tidy
	clang-tidy --quiet $(TIDY) $< -- -std=gnu17 -D_GNU_SOURCE -Ilib \
		2>$@.new && mv $@.new $@

format:
	clang-format -i $(LIB_SOURCES) $(wildcard cmd/*.c tests/unit/*.c)

clean:
	rm -rf $(BUILD) build aqi-*.tar.gz

.PHONY: all deps deps-check demo check unit-tests bench bench-latency \
	bench-load bench-model bench-parsers bench-records bench-serve install uninstall \
	dist distcheck lint objects tidied format clean fuzz fuzz-targets fuzz-replays \
	fuzz-afl check-avx512 check-full check-long coverage mutants
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
