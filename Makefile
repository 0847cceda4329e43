# Shortcuts for the usual things. The build proper is CMake's (CMakeLists.txt, CMakePresets.json).
#
#   make            build build/gnomon (after installing what is missing)
#   make run        start the built-in guest on this terminal; Ctrl-A X ends it
#   make test       the quick tests; the last line is "N passed, N failed, N skipped"
#   make test-all   every test;     make bench   the benchmark, if ../shared has it
#   make coverage   how much of cpu/ and mmu/ the tests reach

BUILD ?= build
JOBS ?= $(shell nproc)
# What a fresh Debian 12 needs, as command:package or file:package.
NEEDS = cc:gcc cmake:cmake ninja:ninja-build python3:python3 nasm:nasm clang-format:clang-format \
	sdl2-config:libsdl2-dev /usr/include/zlib.h:zlib1g-dev /usr/include/slirp/libslirp.h:libslirp-dev \
	/usr/include/capstone/capstone.h:libcapstone-dev

.PHONY: build setup configure run test test-all bench coverage install clean

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

setup:
	@tools/setup.sh $(NEEDS)

configure: setup
	@test -f $(BUILD)/build.ninja || cmake -S . -B $(BUILD) -G Ninja $(CMAKE_FLAGS)

run: build
	@$(BUILD)/gnomon -nographic $(ARGS)

test: build
	@tools/run-tests.py $(BUILD) quick

test-all: build
	@tools/run-tests.py $(BUILD) all

bench: build
	@tools/bench.sh $(BUILD)/gnomon

coverage:
	@tools/setup.sh gcovr:gcovr
	@tools/coverage.sh

install: build
	@cmake --install $(BUILD)

clean:
	@rm -rf $(BUILD)
