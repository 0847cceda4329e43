#!/bin/sh
# bench.sh GNOMON   the Linux benchmark of ../shared/bench, beside qemu-system-i386 if it is there: then
# QEMU's time over ours as well, with what is aimed at. BENCH_ARGS: run.py's options (default -r 3).
here=$(cd "$(dirname "$0")/.." && pwd)
gnomon=$(realpath "$1")
bench=$here/../shared/bench
out=${BENCH_OUT:-$HOME/.cache/gnomon-bench}
if [ ! -f "$bench/run.py" ]; then
    echo "bench: there is no $bench" >&2
    exit 1
fi
[ -f "$out/vmlinuz" ] || sh "$bench/build.sh" "$out" || exit 1
systems="gnomon=\"$gnomon\" -cpu max -m 256 -display none -serial stdio -no-reboot -kernel {kernel} -initrd {initrd} -append \"{append}\""
if command -v qemu-system-i386 >/dev/null 2>&1; then
    python3 "$bench/run.py" "$out" ${BENCH_ARGS:--r 3} qemu "$systems" | "$here/tools/bench-table.py"
    exit
fi
exec python3 "$bench/run.py" "$out" ${BENCH_ARGS:-} "$systems"
