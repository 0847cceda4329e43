#!/usr/bin/env python3
"""Reads what ../shared/bench/run.py prints; prints QEMU's time over Gnomon's beside what is aimed at.

usage: run.py OUT ... qemu gnomon=... | bench-table.py
"""
import math
import sys

ROWS = [  # name, workloads, reached at least, no single one below, where it is to go
    ('int.*, geometric mean', 'int.', 2.5, 1.3, 4),
    ('x87.nbody', 'x87.nbody', 15, 0, 60),
    ('x87.mandel', 'x87.mandel', 15, 0, 60),
    ('x87.trig', 'x87.trig', 1.5, 0, 3),
    ('sse2.mat', 'sse2.mat', 15, 0, 50),
    ('mem.stream', 'mem.stream', 2, 0, 5),
    ('mem.chase', 'mem.chase', 1.1, 0, 1.4),
    ('sys.*, geometric mean', 'sys.', 1.8, 1, 4),
    ('smc.patch', 'smc.patch', 4, 0, 20),
    ('smc.codegen', 'smc.codegen', 3, 0, 10),
    ('Linux 6.1 to user space', 'boot', 1.3, 0, 3),
]


def main():
    columns, times = [], {}
    for line in sys.stdin:
        sys.stdout.write(line)
        words = line.split()
        if words[:1] == ['workload']:
            columns = words[1:]
        elif columns and len(words) > 1:
            times[words[0]] = dict(zip(columns, words[1:]))
    ratio = {}
    for name, t in times.items():
        try:
            ratio[name] = float(t['qemu']) / float(t['gnomon'])
        except (KeyError, ValueError, ZeroDivisionError):
            pass
    if not ratio:
        return
    print(f'\n{"QEMU / Gnomon":26}{"measured":>10}{"lowest":>9}{"aimed at":>10}{"goal":>7}')
    for name, prefix, aim, floor, goal in ROWS:
        r = [v for k, v in ratio.items() if k.startswith(prefix)]
        if not r:
            continue
        mean = math.exp(sum(map(math.log, r)) / len(r))
        missed = mean < aim or min(r) < floor
        print(f'{name:26}{mean:10.2f}{min(r):9.2f}{aim:10.1f}{goal:7.1f}{"  missed" if missed else ""}')


main()
