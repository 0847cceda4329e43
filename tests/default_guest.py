#!/usr/bin/env python3
"""The default guest finds every chip in order, obeys its prompt, survives a reset and switches the machine off."""
import os
import random
import re
import select
import subprocess
import sys
import tempfile
import time

GNOMON = os.environ.get('GNOMON', 'build/gnomon')


class Guest:
    def __init__(self, *args):
        self.p = subprocess.Popen([GNOMON, '-nographic', *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        self.text = ''

    def expect(self, pattern, seconds=60):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            if time.monotonic() > end or not select.select([self.p.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return False
            data = os.read(self.p.stdout.fileno(), 65536)
            if not data:
                return False
            self.text += data.decode('latin1')
        self.text = self.text[re.search(pattern, self.text).end():]
        return True

    def type(self, text):
        self.p.stdin.write(text.encode())
        self.p.stdin.flush()


# Options, and the lines of the self-test that are theirs alone.
MACHINES = [
    ([], [r'PCI +bridge 8086:1237, 6 functions +PASS', r'DMA +8237A x 2, 2048 bytes from memory to memory +PASS',
          r'Bus master +ports [0-9a-f]+, a sector as through the data port, and back +PASS',
          r'Floppy DMA +none', r'Network +RTL8029 irq 11, .* PASS']),
    (['-machine', 'isapc'], [r'PCI +none', r'Bus master +none', r'Network +NE2000 irq 9, .* PASS']),
    (['-net', 'none', '-device', 'ne2k_pci'], [r'Network +RTL8029 irq 11, loopback; no answer by DHCP +PASS']),
    (['-nic', 'none', '-cpu', '486', '-m', '2'], [r'FPU .* PASS', r'Network +none']),
    (['-accel', 'interp', '-nic', 'none'], [r'Bus master +ports .* PASS']),
]

# With a diskette of each data rate the guest has to be named as well.
GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../roms/images/guest.bin')
DISKETTES = [(720, []), (1200, ['-accel', 'interp']), (1440, ['-machine', 'isapc']), (2880, [])]


def machines(table):
    """Boards and cards; returns (passed, failed)."""
    passed = failed = 0
    for options, lines in table:
        g = Guest(*options)
        for pattern in [*lines, r'SELF-TEST PASS (\d+)/\1']:
            if g.expect(pattern):
                passed += 1
            else:
                failed += 1
                print(f'tests/default_guest.py: {" ".join(options)}: expected {pattern!r}, got {g.text[-1200:]!r}')
                break
        g.p.kill()
        g.p.wait()
    return passed, failed


def diskettes(folder):
    """Like MACHINES."""
    for kib, options in DISKETTES:
        image = os.path.join(folder, f'{kib}.img')
        with open(image, 'wb') as f:
            f.write(random.Random(kib).randbytes(kib * 1024))
        yield (['-snapshot', '-hda', GUEST, '-boot', 'c', '-nic', 'none', '-fda', image, *options],
               [r"Floppy DMA +a diskette's sector as through the data register +PASS"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        passed, failed = machines([*MACHINES, *diskettes(folder)])
    g = Guest()
    steps = [
        ('the self-test', None, r'SELF-TEST PASS (\d+)/\1'),
        ('the prompt', None, r'gnomon> '),
        ('help', 'help\r', r'poweroff '),
        ('the PCI bus', 'pci\r', r'01\.1  8086:7010  0101 IDE, ports [0-9a-f]+\s'),
        ('a reset', 'reboot\r', r'SELF-TEST PASS (\d+)/\1'),
        ('the prompt again', None, r'gnomon> '),
        ('power-off', 'poweroff\r', r'Switching off'),
    ]
    done = 0
    for what, keys, pattern in steps:
        if keys:
            g.type(keys)
        if not g.expect(pattern):
            print(f'tests/default_guest.py: {what}: expected {pattern!r}, got {g.text[-400:]!r}')
            failed += 1
            break
        done += 1
    try:
        status = g.p.wait(10 if not failed else 0.1)
    except subprocess.TimeoutExpired:
        g.p.kill()
        status = 'still running'
    if not failed and status != 0:
        print(f'tests/default_guest.py: exit status: expected 0, got {status}')
        failed += 1
    print(f'{passed + done} passed, {failed} failed, 0 skipped')
    return failed > 0


sys.exit(main())
