#!/usr/bin/env python3
"""The processor's system behaviour: small guests (*.asm here), one purpose each, on the whole machine.

usage: run.py [--emu COMMAND] [--peers] [--record] [-v] [NAME...]
  --emu COMMAND  one emulator with QEMU's command line; without it, $GNOMON (build/gnomon) by -accel interp and -accel tcg
  --peers        checks what the guests say of QEMU and Bochs (tools/bochs-as-qemu.py) where these are installed
  --record       --peers, but writes what they print to the guests' heads (the reason is yours to write)
A guest's head says what it must print, in this syntax:
  ; What must hold.
  ; expect: LINE              the next line of its output. "at=LABEL+N" is an address, by the guest's labels (not n1, n2 ...)
  ; expect: triple fault      the machine shuts down there (gnomon's exit status is 6)
  ; options: -m 32            more of the command line; %image% is the guest's own file
  ; qemu: MANUAL: REASON      it prints something else, and this is what the manual says. "; bochs:" likewise
  ; qemu expect: LINE         what it prints instead; without any such line, only that it differs is checked
The last line is "N passed, N failed, N skipped".
"""
import argparse
import concurrent.futures
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '../..')
PEERS = {'qemu': 'qemu-system-i386 -accel tcg', 'bochs': os.path.join(ROOT, 'tools/bochs-as-qemu.py')}
OPTIONS = ('-cpu max -display none -nodefaults -no-reboot -debugcon stdio -device isa-debug-exit,iobase=0xf4,iosize=4').split()
TRIPLE = 'triple fault'
SYMBOL = re.compile(r'^ +([0-9A-F]+) +[0-9A-F]+ +([a-z_]\w*)$', re.M)


class Guest:
    def __init__(self, name, tmp):
        self.name = name
        self.path = os.path.join(HERE, name + '.asm')
        self.image = os.path.join(tmp, name + '.bin')
        with open(self.path) as f:
            self.head = [line[2:].rstrip('\n') for line in f if line.startswith('; ')]
        self.expect = self.lines('expect')
        self.options = shlex.split(' '.join(self.lines('options')))

    def lines(self, key):
        return [line[len(key) + 2:] for line in self.head if line.startswith(key + ': ')]

    def assemble(self, tmp):
        listing = os.path.join(tmp, self.name + '.map')
        source = os.path.join(tmp, self.name + '.asm')
        with open(source, 'w') as f:
            f.write(f'%include "{self.path}"\n%include "postlude.inc"\n[map symbols {listing}]\n')
        r = subprocess.run(['nasm', '-f', 'bin', '-I', HERE + '/', '-o', self.image, source], stderr=subprocess.PIPE, text=True)
        if r.returncode:
            return r.stderr.strip()
        with open(listing) as f:
            symbols = sorted((int(a, 16), n) for a, n in SYMBOL.findall(f.read()))
        start = next(a for a, n in symbols if n == 'start')
        self.labels = [(a, n) for a, n in symbols if a >= start and n != 'image_end' and not re.fullmatch(r'n\d+', n)]
        return None

    def by_label(self, m):
        address = int(m[1], 16)
        best = [(a, n) for a, n in self.labels if a <= address]
        if not best or address - best[-1][0] > 0x1000:
            return m[0]
        offset = address - best[-1][0]
        return 'at=' + best[-1][1] + (f'+{offset:x}' if offset else '')

    def run(self, emulator):
        """Returns the lines that the guest printed; one more says how it ended when that was not by `done`."""
        command = shlex.split(emulator) + ['-bios', self.image] + OPTIONS + [o.replace('%image%', self.image) for o in self.options]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = child.communicate(timeout=8)
            status = child.returncode
        except subprocess.TimeoutExpired:
            child.terminate()
            out, err = child.communicate()
            status = 'not in time'
        lines = out.decode('latin1').replace('\r', '').split('\n')
        lines = lines[lines.index('S') + 1:] if 'S' in lines else [f'no start: {lines[-2:]}']
        ended = 'E' in lines
        if ended:
            lines = lines[:lines.index('E')]
        else:
            lines = [line for line in lines if re.match(r'#\w\w|NMI|INT|\w[\w ]*=|no fault|[a-z]', line)]
        lines = [re.sub(r'at=([0-9a-f]{8})', self.by_label, line) for line in lines]
        if not ended:
            expected = 6 if 'gnomon' in os.path.basename(command[0]) else 0
            if status == expected:
                lines.append(TRIPLE)
            else:
                said = err.decode('latin1').strip().split('\n')[-1][:100]
                lines.append(f'ended with {status}: {said}' if status != 'not in time' else status)
        return lines


def difference(expected, got):
    for i in range(max(len(expected), len(got))):
        e = expected[i] if i < len(expected) else 'the end'
        g = got[i] if i < len(got) else 'the end'
        if e != g:
            return f'line {i + 1}: expected {e}, got {g}'
    return None


def check_peer(guest, peer):
    """What the head says of this peer, against what it does."""
    got = guest.run(PEERS[peer])
    stated, instead = guest.lines(peer), guest.lines(peer + ' expect')
    differs = difference(guest.expect, got)
    if not stated:
        return differs
    if not differs:
        return f'does as the manual says, against the head: "{stated[0]}"'
    return difference(instead, got) if instead else None


def record(guest, peer):
    got = guest.run(PEERS[peer])
    differs = difference(guest.expect, got)
    with open(guest.path) as f:
        lines = [line for line in f if not line.startswith(f'; {peer} expect: ')]
    heads = [i for i, line in enumerate(lines) if line.startswith(f'; {peer}: ')]
    if differs:
        if not heads:
            heads = [max(i for i, line in enumerate(lines) if line.startswith(('; expect:', '; qemu', '; bochs'))) + 1]
            lines.insert(heads[0], f'; {peer}: TODO\n')
        if not any('at=000f' in line for line in got):  # else it ran into the ROM
            lines[heads[-1] + 1:heads[-1] + 1] = [f'; {peer} expect: {line}\n' for line in got]
    else:
        lines = [line for i, line in enumerate(lines) if i not in heads]
    with open(guest.path, 'w') as f:
        f.writelines(lines)
    return differs


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--emu')
    a.add_argument('--peers', action='store_true')
    a.add_argument('--record', action='store_true')
    a.add_argument('-v', action='store_true', help='show the whole output of what fails')
    a.add_argument('names', nargs='*')
    o = a.parse_args()
    if not shutil.which('nasm'):
        print('SKIPPED: nasm is not installed')
        return 77
    names = o.names or sorted(f[:-4] for f in os.listdir(HERE) if f.endswith('.asm'))
    gnomon = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))
    if o.peers or o.record:
        engines = {p: p for p, c in PEERS.items() if shutil.which('bochs' if p == 'bochs' else shlex.split(c)[0])}
        if not engines:
            print('SKIPPED: neither QEMU nor Bochs is installed')
            return 77
    elif o.emu:
        engines = {'': o.emu}
    else:
        engines = {'interp': gnomon + ' -accel interp', 'tcg': gnomon + ' -accel tcg', 'tcg eager': gnomon + ' -accel tcg,eager=on'}
    passed = failed = 0
    with tempfile.TemporaryDirectory() as tmp:
        def work(name):
            if not os.path.exists(os.path.join(HERE, name + '.asm')):
                return name, [('', 'there is no such guest')]
            guest = Guest(name, tmp)
            wrong = guest.assemble(tmp) or (not guest.expect and 'its head expects nothing')
            if wrong:
                return name, [(e, wrong) for e in engines]
            results = []
            for engine, command in engines.items():
                if o.record:
                    results.append((engine, record(guest, engine)))
                elif o.peers:
                    results.append((engine, check_peer(guest, engine)))
                else:
                    got = guest.run(command)
                    wrong = difference(guest.expect, got)
                    results.append((engine, wrong and wrong + ('\n    ' + '\n    '.join(got) if o.v else '')))
            return name, results

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, results in pool.map(work, names):
                for engine, wrong in results:
                    passed += not wrong
                    failed += bool(wrong)
                    if wrong:
                        print(f'tests/asm/{name}.asm{": " + engine if engine else ""}: {wrong}')
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
