#!/usr/bin/env python3
"""A Multiboot kernel by -kernel (multiboot.asm) and an option ROM (rom.asm), on both boards, with the built-in BIOS and with SeaBIOS.

$GNOMON is the emulator (default build/gnomon). The last line is "N passed, N failed, N skipped".
"""
import os
import shutil
import subprocess
import sys
import tempfile

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))
HERE = os.path.dirname(os.path.abspath(__file__))
SEABIOS = os.environ.get('GNOMON_SEABIOS', '/usr/share/seabios/bios.bin')
PLACES = [0x100000, 0x1000, 0x7000]  # the last two over what a BIOS uses while it boots


def starts(tmp, where, board, bios):
    kernel = os.path.join(tmp, f'kernel{where:x}')
    subprocess.run(['nasm', '-f', 'bin', f'-DWHERE={where}', '-o', kernel, os.path.join(HERE, 'multiboot.asm')], check=True)
    log = os.path.join(tmp, 'log')
    command = [GNOMON, '-display', 'none', '-m', '32', '-machine', board, '-debugcon', 'file:' + log, '-icount', 'sleep=off',
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-kernel', kernel, '-initrd', os.path.join(tmp, 'module'),
               '-append', 'words'] + bios
    try:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=60).returncode
    except subprocess.TimeoutExpired:
        status = None
    with open(log, encoding='latin1') as f:
        text = f.read()
    if status == 1 and text.endswith('DONE\n'):
        return True
    print(f'tests/firmware/multiboot.asm: at {where:x}h on {board} {" ".join(bios)}: expected DONE, got {status}, {text[-200:]!r}')
    return False


def rom_runs(tmp, ax, board, options, bios, protected):
    rom, log = os.path.join(tmp, 'rom'), os.path.join(tmp, 'log')
    subprocess.run(['nasm', '-f', 'bin', f'-DWANT_AX={ax}', '-o', rom, os.path.join(HERE, 'rom.asm')], check=True)
    with open(rom, 'rb') as f:
        code = f.read()
    with open(rom, 'wb') as f:
        f.write(code[:-1] + bytes([-sum(code[:-1]) & 0xff]))
    command = [GNOMON, '-display', 'none', '-machine', board, '-debugcon', 'file:' + log, '-icount', 'sleep=off', '-nodefaults',
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-boot', 'n'] + [o.replace('ROM', rom) for o in options] + bios
    try:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=60).returncode
    except subprocess.TimeoutExpired:
        status = None
    with open(log, encoding='latin1') as f:
        text = f.read()
    if status == 1 and 'init: good\n' in text and text.endswith('booted +' if protected else 'booted -'):
        return True
    print(f'tests/firmware/rom.asm: {" ".join(options)} on {board} {" ".join(bios)}: expected good and booted, got {status}, '
          f'{text[-200:]!r}')
    return False


ROM_CASES = [  # AX, board, options; whether the ROM is write-protected once it has set up
    (0x18, 'pc', ['-device', 'ne2k_pci,romfile=ROM'], True),
    (0, 'pc', ['-option-rom', 'ROM'], True),
    (0, 'isapc', ['-option-rom', 'ROM'], False),
]


def main():
    if not shutil.which('nasm'):
        print('SKIPPED kernels: there is no nasm')
        return 77
    results, skipped = [], 0
    with tempfile.TemporaryDirectory() as tmp:
        with open(os.path.join(tmp, 'module'), 'wb') as f:
            f.write(b'mod!')
        for bios in [], ['-bios', SEABIOS]:
            if bios and not os.path.exists(SEABIOS):
                print(f'SKIPPED kernels with SeaBIOS: there is no {SEABIOS}')
                skipped = 2 * len(PLACES) + len(ROM_CASES)
                continue
            results += [starts(tmp, where, board, bios) for board in ('pc', 'isapc') for where in PLACES]
            results += [rom_runs(tmp, ax, board, options, bios, protected) for ax, board, options, protected in ROM_CASES]
    print(f'{results.count(True)} passed, {results.count(False)} failed, {skipped} skipped')
    return False in results


if __name__ == '__main__':
    sys.exit(main())
