#!/usr/bin/env python3
"""Who may include whom: every #include "..." between our folders is in the table below, or it is an exception with a reason."""
import os
import re
import sys

ALLOWED = {
    'base': {'base'},
    'mmu': {'mmu', 'base'},
    'cpu': {'cpu', 'mmu', 'base'},
    'tcg': {'tcg', 'cpu', 'mmu', 'base'},
    'host': {'host', 'base'},
    'hw': {'hw', 'host', 'base'},
    'roms': {'roms', 'base'},
    'frontends': {'frontends', 'hw', 'host', 'roms', 'cpu', 'mmu', 'base'},
    'tests': None,  # may see anything
}
# What a chip may see of the host: seams, not what is behind them.
HOST_SEAMS = {'host/block.h', 'host/chardev.h', 'host/display.h', 'host/net.h', 'host/audio.h'}
# (file, included) -> why
EXCEPTIONS = {
    ('hw/pc.c', 'cpu/'): 'the board connects the CPU to the chips',
    ('hw/pc_run.c', 'cpu/'): 'the part of the board that runs the CPU',
    ('hw/pc_front.c', 'cpu/'): 'the part of the board that the front ends ask, of the CPU too',
    ('hw/pc_front.c', 'tcg/'): 'the same: what the translator has done',
    ('hw/lockstep.c', 'cpu/'): 'a part of the board: compares CPUs',
    ('hw/lockstep.c', 'tcg/'): 'the same: prints what was translated',
    ('hw/pc.c', 'tcg/'): 'the board gives the CPU its translator',
    ('hw/pc_boot.c', 'roms/'): 'the part of the board that maps the built-in firmware',
    ('hw/machine.c', 'cpu/'): 'a machine is saved and compared as a whole: its CPU and its devices',
}
# The guest's own code: compiled for another machine, it includes only its own folder.
GUEST = ('roms/bios/', 'roms/vgabios/', 'roms/kernel/', 'roms/guest/')


def judge(path, included):
    folder, target = path.split('/')[0], included.split('/')[0]
    if ALLOWED.get(folder) is None:
        return None
    if any(path == p and included.startswith(prefix) for p, prefix in EXCEPTIONS):
        return None
    if target not in ALLOWED[folder]:
        return f'{folder} may not include {target}'
    if folder == 'hw' and target == 'host' and included not in HOST_SEAMS:
        return 'a chip sees the seams of the host only'
    if folder in ('cpu', 'mmu', 'tcg') and included == 'hw/pc.h':
        return 'nobody but front ends includes the board'
    if folder == 'hw' and included == 'hw/pc.h' and os.path.basename(path) not in BOARD:
        return 'nobody but front ends includes the board'
    return None


# Files of the board, and chips that use the structures that describe its drives.
BOARD = {'pc.c', 'pc.h', 'pc_board.h', 'pc_run.c', 'pc_front.c', 'pc_boot.c', 'pc_boot.h', 'lockstep.c', 'lockstep.h',
         'ide.h', 'ide.c', 'ide_drive.h', 'ide_disk.c', 'atapi.c'}


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
    bad, seen, used = 0, 0, set()
    for folder in ALLOWED:
        for where, _, names in os.walk(folder):
            for name in sorted(names):
                path = os.path.join(where, name)
                if not name.endswith(('.c', '.h', '.def')) or path.startswith(GUEST):
                    continue
                seen += 1
                for n, line in enumerate(open(path, encoding='utf-8', errors='replace'), 1):
                    m = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
                    if not m:
                        continue
                    for p, prefix in EXCEPTIONS:
                        if path == p and m[1].startswith(prefix):
                            used.add((p, prefix))
                    why = judge(path, m[1]) if '/' in m[1] else 'write the folder: "folder/file.h"' if folder != 'tests' else None
                    if why:
                        print(f'{path}:{n}: includes {m[1]}: {why}')
                        bad += 1
    for p, prefix in sorted(set(EXCEPTIONS) - used):
        if os.path.exists(p):
            print(f'note: the exception for {p} and {prefix} is not needed')
    print(f'{seen} files, {bad} wrong includes')
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
