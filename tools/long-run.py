#!/usr/bin/env python3
"""A long run: does Gnomon get slower or larger with time?

usage: long-run.py GNOMON [-m MINUTES] [-o OPTION...]
Linux of ../shared/bench (built in ~/.cache/gnomon-bench, or $BENCH_OUT) does the same round of work again and again: processes that come
and go, code that is written and patched, integer, x87, SSE and memory loops. For each round: seconds of host CPU, which what else
runs disturbs less than the clock, and at the end of each minute the process's memory beside the guest's RAM (Pss). Prints a line a minute, then
the first and last quarter side by side; exit status 1 if the last is over a tenth slower, or over 4 MiB larger. The first two
minutes, in which code is translated and tables fill, are left out.
"""
import argparse
import gzip
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../tests/frontends'))
from limits import cpu_seconds, own_memory

INIT = b"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys
n=0
while :; do
    n=$((n + 1)); i=0
    while [ $i -lt 20 ]; do
        i=$((i + 1)); find /sys/class /bin | sort | md5sum >/tmp/a; gzip -c /lb | gzip -dc | cmp - /lb || echo "BAD gzip"
    done
    for w in int x87 sse2 mem sys smc; do /lb -s 0.1 $w >/tmp/$w; [ -f /tmp/$w.1 ] || cp /tmp/$w /tmp/$w.1; cmp /tmp/$w /tmp/$w.1 || echo "BAD $w"; done
    echo "ROUND $n"
done
"""

def archive(path, data):
    """A cpio archive (newc) with one executable file, for the kernel to unpack behind the first."""
    out = b''
    for name, mode, body in ((path, 0o100755, data), ('TRAILER!!!', 0, b'')):
        head = [0, mode, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(name) + 1, 0]
        out += b'070701' + b''.join(b'%08x' % v for v in head) + name.encode() + b'\0'
        out += bytes(-len(out) % 4) + body
        out += bytes(-len(out) % 4)
    return gzip.compress(out)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('gnomon')
    a.add_argument('-m', '--minutes', type=float, default=30)
    a.add_argument('-o', '--options', default='', help="more of gnomon's options")
    a = a.parse_args()
    bench = os.environ.get('BENCH_OUT', os.path.expanduser('~/.cache/gnomon-bench'))
    with tempfile.NamedTemporaryFile(suffix='.gz') as initrd:
        with open(f'{bench}/initrd.gz', 'rb') as f:
            initrd.write(f.read() + archive('long', INIT))
        initrd.flush()
        p = subprocess.Popen([a.gnomon, '-m', '192', '-nographic', '-no-reboot', '-kernel', f'{bench}/vmlinuz', '-initrd', initrd.name,
                              '-append', 'console=ttyS0,115200 quiet rdinit=/long', *shlex.split(a.options)],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors='replace')
        try:
            return watch(p, a.minutes)
        finally:
            p.kill()
            p.wait()


def watch(p, minutes):
    start = minute_end = time.monotonic()
    minute_end += 60
    last_cpu, rounds, this, bad = None, [], [], 0
    for line in p.stdout:
        now = time.monotonic()
        if 'BAD' in line:
            bad += 1
            print(line.strip())
        if not line.startswith('ROUND'):
            continue
        cpu = cpu_seconds(p.pid)
        if last_cpu is not None:
            this.append(cpu - last_cpu)
        last_cpu = cpu
        if now >= minute_end and this:
            beside = own_memory(p.pid) / 1024
            minute = len(rounds) + 1
            rounds.append((statistics.median(this), beside))
            print(f'minute {minute}: {len(this)} rounds, {rounds[-1][0]:.2f} s of CPU each, {beside:.1f} MiB beside its RAM', flush=True)
            this, minute_end = [], now + 60
        if now - start >= minutes * 60:
            break
    else:
        print('the guest ended by itself')
        return 1
    settled = rounds[2:]
    if len(settled) < 4:
        print('too short to say')
        return 1
    quarter = len(settled) // 4
    first, last = settled[:quarter], settled[-quarter:]
    t0, t1 = (statistics.median(r[0] for r in q) for q in (first, last))
    m0, m1 = (statistics.median(r[1] for r in q) for q in (first, last))
    print(f'first quarter {t0:.2f} s a round, {m0:.1f} MiB; last quarter {t1:.2f} s, {m1:.1f} MiB; wrong results: {bad}')
    return 1 if bad or t1 > 1.1 * t0 or m1 > m0 + 4 else 0


if __name__ == '__main__':
    sys.exit(main())
