#!/bin/sh
# Lines of cpu/ and mmu/ that their tests reach: per file, and those that they do not. Fails below 95 %. Before that,
# tcg/, which has no limit: how much of it runs differs between hosts.
# usage: coverage.sh [BUILD]      GCOVR_ARGS="--html-details out.html" for more
cd "$(dirname "$0")/.." || exit 1
build=${1:-build-coverage}
[ -f "$build/build.ninja" ] || cmake --preset coverage -B "$build" >/dev/null || exit 1
cmake --build "$build" -j "$(nproc)" | tail -1
find "$build" -name '*.gcda' -delete
tools/run-tests.py "$build" all -R '^(mmu|tcg|base|frontends)\.|^cpu\.([^g].*|ga.*|guests)$|^insn\.(lines|rows|gen|gen_system)$|^suite\.(hwvec|v86-286)$|^guest\.|^bare\.' | tail -25
reached() {
    # shellcheck disable=SC2086
    gcovr --root . --object-directory "$build" --exclude-unreachable-branches --exclude-throw-branches "$@" $GCOVR_ARGS
}
reached --filter 'tcg/.*'
reached --filter 'cpu/.*' --filter 'mmu/.*' --fail-under-line 95
