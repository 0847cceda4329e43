#!/usr/bin/env python3
"""The BIOS's services, each checked by a guest of its own (*.asm here) on the whole machine.

usage: run.py [NAME...]
A guest prints "FAIL check: expected X, got Y" and "DONE passed failed" at port E9h and ends by isa-debug-exit.
$GNOMON is the emulator (default build/gnomon). The last line is "N passed, N failed, N skipped".
"""
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))
HERE = os.path.dirname(os.path.abspath(__file__))
MARK = bytes([0x01, 0x23, 0x45, 0x67])

# name: (boot medium, further options)
GUESTS = {
    'int13_floppy': ('floppy', []),
    'int13_disk': ('disk', []),
    'int13_cd': ('cd', []),
    'int13_cdfloppy': ('cdfloppy', []),
    'int13_cddisk': ('cddisk', ['-hda', 'empty.img']),
    'int13_double': ('floppy360', ['-global', 'isa-fdc.fdtypeA=120']),
    'int13_change': ('plain', ['-qmp', 'unix:qmp.sock,server=on,wait=off']),
    'int15': ('floppy', ['-m', '64']),
    'int16': ('floppy', []),
    'int1a': ('floppy', ['-rtc', 'base=2001-02-03T04:05:06']),
    'int10_basic': ('floppy', []),
    'int10_vbe': ('floppy', []),
    'int10_vbe -machine isapc': ('floppy', ['-machine', 'isapc']),
    'int11_12_14_17': ('floppy', ['-serial', 'null', '-parallel', 'none']),
    'int17': ('floppy', ['-parallel', 'null', '-parallel', 'null']),
    'robust': ('floppy', []),
    'boot_second': ('disk', ['-fda', 'boot_first.img', '-boot', 'order=ac']),
    'apm': ('floppy', []),
    'apm -accel interp': ('floppy', ['-accel', 'interp']),
    'apm -machine isapc': ('floppy', ['-machine', 'isapc']),
    'boot_order': ('floppy', ['-hda', 'empty.img', '-boot', 'order=ca']),
}
POWERS_OFF = ['apm']


def floppy(code):
    return code + bytes(1474560 - len(code) - 512) + MARK + bytes(508)


def disk(code):
    return code + bytes(20160 * 512 - len(code) - 512) + MARK + bytes(508)


def with_mbr(code):
    """The test's sectors are where it looks for them on its boot drive, but the first is in another's place."""
    with tempfile.TemporaryDirectory() as tmp:
        mbr = assemble('mbr', tmp)
    track = mbr + code[512:]
    return disk(track + bytes(29 * 512 - len(track)) + code[:512])


def cd(image, media):
    """A disc: volume descriptors at 16 to 18, the boot catalogue at 19, the boot image from 20."""
    def sector(data):
        return data + bytes(-len(data) % 2048)
    primary = b'\x01CD001\x01'
    boot = b'\x00CD001\x01' + b'EL TORITO SPECIFICATION'.ljust(32, b'\0') + bytes(32) + struct.pack('<I', 19)
    end = b'\xffCD001\x01'
    entry = struct.pack('<BBH24sHBB', 1, 0, 0, b'Gnomon', 0, 0x55, 0xaa)
    check = -sum(struct.unpack('<16H', entry)) & 0xffff
    entry = entry[:28] + struct.pack('<H', check) + entry[30:]
    count = 1 if media else (len(image) + 511) // 512
    entry += struct.pack('<BBHBBHI', 0x88, media, 0, 0, 0, count, 20)
    return bytes(16 * 2048) + sector(primary) + sector(boot) + sector(end) + sector(entry) + sector(image) + bytes(16 * 2048)


MEDIA = {
    'floppy': (floppy, ['-fda']),
    'disk': (disk, ['-hda']),
    'cd': (lambda code: cd(code, 0), ['-boot', 'd', '-cdrom']),
    'cddisk': (lambda code: cd(with_mbr(code), 4), ['-boot', 'd', '-cdrom']),
    'floppy360': (lambda code: code + bytes(368640 - len(code) - 512) + MARK + bytes(508), ['-fda']),
    'plain': (lambda code: code + bytes(1474560 - len(code)), ['-fda']),
    'cdfloppy': (lambda code: cd(floppy(code), 2), ['-boot', 'd', '-cdrom']),
}


def assemble(name, tmp):
    out = os.path.join(tmp, name + '.bin')
    subprocess.run(['nasm', '-f', 'bin', '-I', HERE + '/', '-o', out, os.path.join(HERE, name + '.asm')], check=True)
    with open(out, 'rb') as f:
        return f.read()


def write(tmp, name, data):
    with open(os.path.join(tmp, name), 'wb') as f:
        f.write(data)


def change_disk(tmp, path, process, seconds):
    """Waits until the guest asks, then puts changed.img into drive A."""
    end = time.time() + seconds
    while not (os.path.exists(path) and 'CHANGE' in open(path, encoding='latin1').read()):
        if time.time() > end or process.poll() is not None:
            return
        time.sleep(0.05)
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.path.join(tmp, 'qmp.sock'))
        f = s.makefile('rw')
        f.readline()
        for command in ('{"execute": "qmp_capabilities"}', '{"execute": "blockdev-change-medium", "arguments": '
                        '{"device": "floppy0", "filename": "changed.img", "format": "raw"}}'):
            f.write(command + '\n')
            f.flush()
            answer = f.readline()
            while '"event"' in answer:
                answer = f.readline()
            if '"error"' in answer:
                print(f'tests/bare/int13_change.asm: {answer.strip()}')


def emulate(tmp, log, options, seconds):
    """Returns (exit status, or None after the time is over; what the guest wrote at port E9h)."""
    ask = 'unix:qmp.sock,server=on,wait=off' in options  # then by the host's clock, so that there is time to answer
    command = [GNOMON, '-display', 'none', '-debugcon', 'file:' + log,
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04'] + options + ([] if ask else ['-icount', 'sleep=off'])
    path = os.path.join(tmp, log)
    process = subprocess.Popen(command, cwd=tmp, stdin=subprocess.DEVNULL)
    try:
        if ask:
            change_disk(tmp, path, process, seconds)
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        status = None
    if not os.path.exists(path):
        return status, ''
    with open(path, encoding='latin1') as f:
        return status, f.read()


def run_guest(tmp, name):
    """Returns (passed, failed)."""
    medium, options = GUESTS[name]
    build, how = MEDIA[medium]
    write(tmp, name + '.img', build(assemble(name.split()[0], tmp)))
    status, text = emulate(tmp, name + '.log', how + [name + '.img'] + options, 60)
    for line in re.findall(r'^FAIL (.*)$', text, re.M):
        print(f'tests/bare/{name}.asm: {line}')
    end = re.search(r'^DONE (\d+) (\d+)$', text, re.M)
    if not end:
        print(f'tests/bare/{name}.asm: expected DONE, got exit status {status} and {text[-300:]!r}')
        return 0, 1 + text.count('FAIL ')
    passed, failed = int(end[1]), int(end[2])
    want = 3 if failed else 0 if name.split()[0] in POWERS_OFF else 1
    if status != want:
        print(f'tests/bare/{name}.asm: exit status: expected {want}, got {status}')
        failed += 1
    return passed, failed


def nothing_boots(tmp):
    _, text = emulate(tmp, 'nothing.log', ['-hda', 'empty.img'], 3)
    if 'No bootable device' in text:
        return 1, 0
    print(f'tests/bare/run.py: nothing boots: expected a message, got {text!r}')
    return 0, 1


def main():
    names = sys.argv[1:] or list(GUESTS) + ['nothing']
    if not shutil.which('nasm'):
        print('SKIPPED bare guests: there is no nasm')
        print(f'0 passed, 0 failed, {len(names)} skipped')
        return 0
    passed = failed = 0
    with tempfile.TemporaryDirectory() as tmp:
        write(tmp, 'empty.img', bytes(20160 * 512))
        write(tmp, 'changed.img', floppy(bytes(512)))
        write(tmp, 'boot_first.img', floppy(assemble('boot_first', tmp)))
        for name in names:
            good, bad = nothing_boots(tmp) if name == 'nothing' else run_guest(tmp, name)
            passed += good
            failed += bad
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
