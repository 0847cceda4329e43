#!/bin/sh
# Lines of cpu/ and mmu/ that their tests reach: per file, and those that they do not. Fails below 95 %.
# usage: coverage.sh [BUILD]      GCOVR_ARGS="--html-details out.html" for more
cd "$(dirname "$0")/.." || exit 1
build=${1:-build-coverage}
[ -f "$build/build.ninja" ] || cmake --preset coverage -B "$build" >/dev/null || exit 1
cmake --build "$build" -j "$(nproc)" | tail -1
find "$build" -name '*.gcda' -delete
tools/run-tests.py "$build" all -R '^(mmu|cpu|asm|tcg|base|frontends)\.|^insn\.(lines|rows|gen)$|^suite\.(hwvec|v86-286)$|^guest\.|^bare\.' | tail -25
# shellcheck disable=SC2086
gcovr --root . --object-directory "$build" --filter 'cpu/.*' --filter 'mmu/.*' --exclude-unreachable-branches \
    --exclude-throw-branches --fail-under-line 95 $GCOVR_ARGS
