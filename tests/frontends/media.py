#!/usr/bin/env python3
"""Media that are changed, trays that are locked and moved, from outside and by the guest: what both sides see, as with QEMU 7.2 where that is
installed; and both machines of a lockstep. The guest is media.asm."""
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

import emulator as emu

QEMU = 'qemu-system-i386'
HERE = os.path.dirname(os.path.abspath(__file__))


def disc(first):
    return bytes([first]) * 2048 * 64


def diskette(first):
    return bytes([first]) * 1474560


class Machine(emu.Emulator):
    def __init__(self, guest, *args, program=emu.GNOMON):
        super().__init__(guest, '-m', '16', '-net', 'none', '-drive', 'if=ide,index=2,media=cdrom,file=', '-serial', 'stdio', *args,
                         program=program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for first in 0x41, 0x42:
            for name, image in ('cd', disc(first)), ('fd', diskette(first)):
                with open(self.path(f'{name}{first:x}'), 'wb') as f:
                    f.write(image)
        self.ready = b'>' in emu.read_until(self.p.stdout, b'>', 20)

    def guest(self, letter):
        """The guest's answer to a letter."""
        self.p.stdin.write(letter.encode())
        self.p.stdin.flush()
        return emu.read_until(self.p.stdout, b'\n', 10).decode(errors='replace').strip()

    def qmp(self, command, **arguments):
        """What is returned, or the error's class and text."""
        answer = self.q.execute(command, **arguments)
        return answer['return'] if 'return' in answer else [answer['error']['class'], answer['error']['desc']]

    def moved(self, count):
        """Which ways the CD drive's tray went: waits for so many, and looks for more."""
        moved, end = [], time.monotonic() + 10
        while True:
            self.qmp('query-status')  # QEMU may keep an event back until it is asked something
            more = select.select([self.q.s], [], [], 0.1)[0]
            if more:
                self.q.events.append(self.q.line())
            moved += [e['data']['tray-open'] for e in self.q.events if e['event'] == 'DEVICE_TRAY_MOVED' and e['data']['device'] == CD]
            self.q.events.clear()
            if not more and (len(moved) >= count or time.monotonic() > end):
                return moved

    def drive(self):
        b, = (b for b in self.qmp('query-block') if b['device'] == CD)
        return [b['locked'], b['tray_open'], b['inserted']['file'] if 'inserted' in b else None]


CD = 'ide1-cd0'
LOCKED = ['GenericError', f"Device '{CD}' is locked and force was not specified, wait for tray to open and try again"]

# Each line is a step and what comes of it. 'guest LETTERS' asks the guest (media.asm) until it succeeds, and keeps the last answer;
# 'moved' are where the trays went since the last one; 'drive' is whether it is locked, its tray open, and what is in it.
STEPS = [
    ('guest t', '-023A01'),  # no medium, tray closed
    ('change cd41', {}),
    ('moved', [True, False]),
    ('guest c', '+41'),
    ('guest l', '+'),
    ('drive', [True, False, 'cd41']),
    ('eject', LOCKED),
    ('change cd42', LOCKED),
    ('blockdev-open-tray', {}),  # asks only, which is no error
    ('guest g', '+000604100102'),  # the guest is told that somebody pressed the button
    ('guest g', '+000604100002'),
    ('guest e', '-055302'),
    ('moved', []),
    ('drive', [True, False, 'cd41']),
    ('guest c', '+41'),
    ('guest u', '+'),
    ('drive', [False, False, 'cd41']),
    ('guest e', '+'),
    ('moved', [True]),
    ('drive', [False, True, 'cd41']),
    ('guest c', '-023A02'),
    ('change cd42', {}),
    ('moved', [False]),
    ('drive', [False, False, 'cd42']),
    ('guest c', '+42'),
    ('guest e', '+'),
    ('guest i', '+'),
    ('moved', [True, False]),
    ('guest c', '+42'),
    ('guest l', '+'),
    ('eject by force', {}),
    ('moved', [True]),
    ('drive', [False, True, None]),
    ('guest c', '-023A02'),
    ('guest i', '+'),
    ('moved', [False]),
    ('guest c', '-023A01'),
    ('floppy fd41', {}),
    ('guest f', '+41'),
    ('floppy fd42', {}),
    ('guest f', '+42'),
    ('floppy', {}),
    ('guest f', '-80'),
    ('floppy fd41', {}),
    ('guest f', '+41'),
]


def do(m, step, want):
    what, *args = step.split()
    if what == 'guest':
        answer = ''
        for _ in range(4):  # that the medium is another, or the drive was reset, is told once
            answer = m.guest(args[0])
            if answer.startswith('+'):
                break
        return answer
    if what == 'floppy':
        return m.qmp('blockdev-change-medium', device='floppy0', filename=args[0]) if args else m.qmp('eject', device='floppy0')
    if what == 'change':
        return m.qmp('blockdev-change-medium', device=CD, filename=args[0])
    if what == 'eject':
        return m.qmp('eject', device=CD, force=bool(args))
    if what == 'moved':
        return m.moved(len(want))
    return m.drive() if what == 'drive' else m.qmp(what, device=CD)


def run(t, name, machine):
    """What came of each step."""
    with machine as m:
        if not t.check(f'{name} starts', m.ready, m.errors() if m.p.poll() is not None else ''):
            return []
        answers = []
        try:
            for step, want in STEPS:
                answers.append(do(m, step, want))
        except (OSError, AssertionError) as e:  # it has ended
            m.p.kill()
            t.check(f'{name}: {step}', False, f'{e}\n{m.errors()}')
        return answers


def roughly(answer):
    """Why something fails, and how much is told of an event, is not alike."""
    return answer[:1] if isinstance(answer, str) else answer


def main():
    t = emu.Tally()
    if not shutil.which('nasm'):
        print('SKIPPED media: there is no nasm')
        return 77
    with tempfile.TemporaryDirectory() as folder:
        guest = os.path.join(folder, 'media.bin')
        subprocess.run(['nasm', '-f', 'bin', '-o', guest, os.path.join(HERE, 'media.asm')], check=True)
        with open(guest, 'rb') as f:
            guest = f.read()
    ours = run(t, 'tcg', Machine(guest))
    for n, ((step, want), got) in enumerate(zip(STEPS, ours)):
        t.equal(f'step {n}, {step}', got, want)
    t.equal('interp', run(t, 'interp', Machine(guest, '-accel', 'interp')), ours)
    t.equal('lockstep', run(t, 'lockstep', Machine(guest, '-accel', 'lockstep')), ours)
    if not shutil.which(QEMU):
        print(f'{t.passed} passed, {t.failed} failed, 1 skipped')
        print(f'SKIPPED comparison: there is no {QEMU}')
        return t.failed > 0
    for n, ((step, _), our, their) in enumerate(zip(STEPS, ours, run(t, QEMU, Machine(guest, program=QEMU)))):
        t.equal(f'step {n}, {step}, and {QEMU}', roughly(our), roughly(their))
    return t.done()


if __name__ == '__main__':
    sys.exit(main())
