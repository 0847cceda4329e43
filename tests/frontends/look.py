#!/usr/bin/env python3
"""What the translator shows: -d with its categories, -dfilter, -D; -perfmap, -jitdump."""
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

import emulator as emu

# xor ax,ax; mov ds,ax; mov cx,1000; l: add ax,cx; mov [600h],ax; loop l; then the debug exit
LOOP = bytes.fromhex('31c08ed8b9e803' '01c8' 'a30006' 'e2f9') + emu.DEBUG_EXIT
START, LAST = 0x7c07, 0x7c0d  # the loop


def run(*args):
    """Runs LOOP; the log and what else it left in its folder, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f'{folder}/fd.img', 'wb') as f:
            f.write(emu.boot_sector(LOOP))
        command = [emu.GNOMON, '-display', 'none', '-fda', 'fd.img', '-boot', 'a', '-device', 'isa-debug-exit', *args]
        r = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        files = {name: open(f'{folder}/{name}', 'rb').read() for name in os.listdir(folder) if name != 'fd.img'}
        r.pid_log = files.pop('log', b'').decode()
        return r, r.pid_log, files


def log(*args):
    return run('-D', 'log', *args)[1]


def lines(text, category):
    return [line for line in text.split('\n') if line.startswith(category + ':')]


def translator(t):
    here = ['-dfilter', f'{START:#x}..{LAST:#x}']
    text = log('-d', 'in_asm,op,out_asm', *here)
    t.check('in_asm', any('add ax, cx' in line for line in lines(text, 'in_asm')), text[:500])
    t.check('op: before', re.search(r'op: block at 00007c07, as translated\n(?:\S.*\n)*ADD\.2 eax, eax, ecx', text), text[:500])
    t.check('op: after', 'block at 00007c07, after the passes' in text, text[:500])
    t.check('out_asm', re.search(r'out_asm: block at 00007c07: \d+ bytes for 3 instructions', text), text[:500])
    t.check('out_asm: guest code', re.search(r'; 00007c07  add ax, cx\n    [0-9a-f]', text), text[:800])
    t.check('-dfilter leaves out the rest', not re.search(r'(?:block at |in_asm: 0000:)(?!00007c0[7-d])', text), text[:500])
    for form in (f'{START:#x}+7', f'{LAST:#x}-7', f'0x10..0x20,{START:#x}..{LAST:#x}'):
        t.equal(f'-dfilter {form}', lines(log('-d', 'in_asm', '-dfilter', form), 'in_asm'), lines(text, 'in_asm'))


def chains(t):
    here = ['-dfilter', f'{START:#x}..{LAST:#x}']
    linked, single = (lines(log('-d', d, *here), 'exec') for d in ('exec', 'exec,nochain'))
    t.check('exec: links hide blocks', 0 < len(linked) < 500, len(linked))
    t.check('exec,nochain: each block', 998 <= len(single) <= 1001, len(single))  # the first begins before the loop


def rest(t):
    text = log('-d', 'int,mmu')
    t.check('int', lines(text, 'int'), 'nothing')
    t.check('mmu', any('00007000 is at 00007000' in line for line in lines(text, 'mmu')), lines(text, 'mmu')[:5])
    for wrong in ('5', '1..x', '9..3', '0x10+', '1.5'):
        r = run('-d', 'exec', '-dfilter', wrong)[0]
        t.equal(f'-dfilter {wrong}', (r.returncode, r.stderr),
                (1, f"gnomon: -dfilter: '{wrong}' is no range: FIRST..LAST, START+SIZE or END-SIZE\n"))


def perf(t):
    with tempfile.TemporaryDirectory() as folder:
        pid_file = f'{folder}/pid'
        _, _, files = run('-perfmap', '-jitdump', '-pidfile', pid_file, '-accel', 'tcg,eager=on')
    dumps = [name for name in files if name.startswith('jit-')]
    if not t.check('one dump', len(dumps) == 1, list(files)):
        return
    pid = int(dumps[0][4:-5])
    path = f'/tmp/perf-{pid}.map'
    with open(path) as f:
        names = dict(re.findall(r'^([0-9a-f]+) [0-9a-f]+ (guest_[0-9a-f]{8}\w*)$', f.read(), re.M))
    os.unlink(path)
    t.check('perf map', 'guest_00007c07' in names.values(), list(names.values())[:5])
    dump = files[dumps[0]]
    magic, version, at, machine, _, of = struct.unpack_from('<6I', dump)
    t.equal('jitdump: header', (magic, version, machine, of), (0x4a695444, 1, 62, pid))
    seen = []
    while at < len(dump):
        kind, size = struct.unpack_from('<2I', dump, at)
        vma, code, code_size, index = struct.unpack_from('<4Q', dump, at + 24)
        name = dump[at + 56:dump.index(b'\0', at + 56)].decode()
        ok = kind == 0 and vma == code and index == len(seen) and size == 56 + len(name) + 1 + code_size
        if not t.check(f'jitdump: record {index}', ok, (kind, size, vma, code, code_size, name)):
            break
        seen.append((f'{vma:x}', name))
        at += size
    t.check('jitdump: the same names', set(names.items()) <= set(seen), len(seen))


def perf_report(t):
    """The real perf finds the names, where it is installed and may record."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f'{folder}/fd.img', 'wb') as f:
            f.write(emu.boot_sector(bytes.fromhex('4041' 'ebfc')))  # l: inc ax; inc cx; jmp l
        p = subprocess.Popen([emu.GNOMON, '-display', 'none', '-fda', f'{folder}/fd.img', '-boot', 'a', '-perfmap', '-accel', 'tcg'])
        path = f'/tmp/perf-{p.pid}.map'
        late = time.monotonic() + 20
        while time.monotonic() < late and not (os.path.exists(path) and 'guest_00007c0' in open(path).read()):
            time.sleep(.05)  # a busy machine
        try:
            command = ['perf', 'record', '-q', '-e', 'cpu-clock', '-o', f'{folder}/data', '-p', str(p.pid), 'sleep', '1']
            if subprocess.run(command, capture_output=True).returncode != 0:
                print('skipped: perf may not record here')
                return
        except FileNotFoundError:
            print('skipped: perf is not installed')
            return
        finally:
            p.kill()
            p.wait()
        r = subprocess.run(['perf', 'report', '-i', f'{folder}/data', '--stdio'], capture_output=True, text=True)
        os.unlink(path)
    t.check('perf report', re.search(r'^ +[5-9]\d\.\d+%.* guest_00007c0', r.stdout, re.M), r.stdout[-1500:])


def main():
    t = emu.Tally()
    for part in (translator, chains, rest):
        part(t)
    if os.uname().machine == 'x86_64':
        perf(t)
        perf_report(t)
    return t.done()


sys.exit(main())
