#!/usr/bin/env python3
"""Screens of small guests (scenes.asm), one for each thing that the display adapter does, compared pixel by pixel with goldens/.

usage: run.py [SCENE...]          compares; what differs is left as SCENE.png in the folder $OUT, if that is set
       run.py --update [SCENE...] the goldens are what is shown now: look at them
       run.py --beside COMMAND    a QEMU-like emulator's screens beside ours, a line for each that differs by more than the last
                                  three bits of a colour (QEMU does not round as we do); $ARGS is for us, for example the same VGA BIOS:
                                  ARGS="-vgarom /usr/share/seabios/vgabios-stdvga.bin" run.py --beside "qemu-system-i386 -vga std"
The last line is "N passed, N failed, N skipped".
"""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))
GOLDENS = os.path.join(HERE, 'goldens')
SCENES = ['text80', 'text40', 'text50', 'fonts', 'mono', 'text_scroll', 'cga4', 'cga5', 'cga6', 'ega0d', 'ega0e', 'ega10', 'vga11',
          'vga12', 'write_modes', 'read_mode', 'vga13', 'mode_x', 'mode_x400', 'split', 'colours', 'vbe4', 'vbe8', 'vbe15', 'vbe16',
          'vbe24', 'vbe32', 'vbe_pan']


def png_read(path):
    """Width, height, RGB of an image as png_write makes them."""
    data = open(path, 'rb').read()
    at, idat = 8, b''
    while at < len(data):
        n, kind = struct.unpack('>I4s', data[at:at + 8])
        if kind == b'IHDR':
            w, h, _, colour = struct.unpack('>IIBB', data[at + 8:at + 18])
        elif kind == b'PLTE':
            palette = data[at + 8:at + 8 + n]
        elif kind == b'IDAT':
            idat += data[at + 8:at + 8 + n]
        at += n + 12
    raw = zlib.decompress(idat)
    if colour == 3:
        colours = [palette[i:i + 3] for i in range(0, len(palette), 3)]
        return w, h, b''.join(b''.join(colours[i] for i in raw[y * (w + 1) + 1:(y + 1) * (w + 1)]) for y in range(h))
    return w, h, b''.join(raw[y * (3 * w + 1) + 1:(y + 1) * (3 * w + 1)] for y in range(h))


def png_write(path, picture):
    """With a palette where there are at most 256 colours."""
    w, h, rgb = picture
    pixels = [rgb[i:i + 3] for i in range(0, len(rgb), 3)]
    colours = sorted(set(pixels))
    chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    out = b'\x89PNG\r\n\x1a\n'
    if len(colours) <= 256:
        index = {c: i for i, c in enumerate(colours)}
        rows = b''.join(b'\0' + bytes(index[c] for c in pixels[y * w:(y + 1) * w]) for y in range(h))
        out += chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 3, 0, 0, 0)) + chunk(b'PLTE', b''.join(colours))
    else:
        rows = b''.join(b'\0' + rgb[y * w * 3:(y + 1) * w * 3] for y in range(h))
        out += chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 2, 0, 0, 0))
    out += chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b'')
    with open(path, 'wb') as f:
        f.write(out)


def ppm_read(path):
    data = open(path, 'rb').read()
    m = re.match(rb'P6\s+(\d+)\s+(\d+)\s+255\s', data)
    return int(m[1]), int(m[2]), data[m.end():]


class Failed(Exception):
    pass


def screen(command, image, tmp, extra=()):
    """What the emulator shows when the guest has said that it is ready."""
    qmp, debug, shot = (os.path.join(tmp, n) for n in ('qmp', 'debug', 'shot.ppm'))
    for path in (qmp, debug, shot):
        if os.path.exists(path):
            os.remove(path)
    p = subprocess.Popen([*command, '-display', 'none', '-m', '16', '-fda', image, '-boot', 'a', '-debugcon', 'file:' + debug, '-qmp',
                          f'unix:{qmp},server=on,wait=off', *extra], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE)
    try:
        end = time.time() + 60
        while not (os.path.exists(debug) and b'~' in open(debug, 'rb').read()):
            if p.poll() is not None or time.time() > end:
                raise Failed('the guest did not get ready: ' + p.stderr.read().decode(errors='replace') if p.poll() is not None else 'time')
            time.sleep(0.02)
        time.sleep(0.1)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(qmp)
            f = s.makefile('rwb')
            f.readline()
            for request in ({'execute': 'qmp_capabilities'}, {'execute': 'screendump', 'arguments': {'filename': shot}}):
                f.write(json.dumps(request).encode() + b'\n')
                f.flush()
                answer = json.loads(f.readline())
                while 'return' not in answer:
                    if 'error' in answer:
                        raise Failed(str(answer))
                    answer = json.loads(f.readline())
        return ppm_read(shot)
    finally:
        p.kill()
        p.wait()
        p.stderr.close()


def assemble(scene, tmp):
    out = os.path.join(tmp, scene + '.img')
    subprocess.run(['nasm', '-f', 'bin', '-DSCENE=' + scene, '-o', out, os.path.join(HERE, 'scenes.asm')], check=True)
    with open(out, 'ab') as f:
        f.truncate(1474560)
    return out


def same_size(picture, w, h):
    """The picture with repeated pixels and lines taken out, where its size is a multiple."""
    pw, ph, rgb = picture
    if pw % w or ph % h or (pw, ph) == (w, h):
        return picture
    x, y = pw // w, ph // h
    return w, h, b''.join(rgb[(j * y * pw + i * x) * 3:(j * y * pw + i * x) * 3 + 3] for j in range(h) for i in range(w))


def difference(got, want, slack=0):
    """None, or what differs first."""
    if got[:2] != want[:2]:
        return f'expected {want[0]}x{want[1]}, got {got[0]}x{got[1]}'
    if got[2] == want[2]:
        return None
    wrong = [i for i in range(0, len(want[2]), 3)
             if got[2][i:i + 3] != want[2][i:i + 3] and max(abs(a - b) for a, b in zip(got[2][i:i + 3], want[2][i:i + 3])) > slack]
    if not wrong:
        return None
    i, w = wrong[0], want[0]
    return (f'{len(wrong)} pixels differ, the first at {i // 3 % w},{i // 3 // w}: expected {want[2][i:i + 3].hex()}, '
            f'got {got[2][i:i + 3].hex()}')


def main():
    args = sys.argv[1:]
    update = '--update' in args and not args.remove('--update')
    command = [GNOMON]
    beside = '--beside' in args
    if beside:
        i = args.index('--beside')
        command = args[i + 1].split()
        del args[i:i + 2]
    if not shutil.which('nasm'):
        print(f'SKIPPED screens: there is no nasm\n0 passed, 0 failed, {len(SCENES)} skipped')
        return 0
    passed = failed = 0
    os.makedirs(GOLDENS, exist_ok=True)
    with tempfile.TemporaryDirectory() as tmp:
        for scene in args or SCENES:
            golden = os.path.join(GOLDENS, scene + '.png')
            try:
                got = screen(command, assemble(scene, tmp), tmp)
            except Failed as e:
                print(f'tests/screens: {scene}: {e}')
                failed += 1
                continue
            if update:
                png_write(golden, got)
                continue
            if beside:
                want = screen([GNOMON, *os.environ.get('ARGS', '').split()], assemble(scene, tmp), tmp)
                wrong = difference(same_size(got, *want[:2]), want, 7)
            else:
                want = png_read(golden)
                wrong = difference(got, want)
            if wrong:
                print(f'tests/screens: {scene}: {wrong}')
                if os.environ.get('OUT'):
                    png_write(os.path.join(os.environ['OUT'], scene + '.png'), got)
                    png_write(os.path.join(os.environ['OUT'], scene + '-want.png'), want)
                failed += 1
            else:
                passed += 1
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
