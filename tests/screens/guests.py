#!/usr/bin/env python3
"""Screens of whole guests: the default guest's picture, KolibriOS's desktop, GRUB's menu, the Debian installer's, each waited for and compared exactly.

usage: guests.py [NAME...]; guests.py --show NAME SECONDS FILE.png saves what there is after some time, with the hashes of its parts.
A screen that a person has looked at is known by the SHA-256 of a part of it, without what changes (clocks). Guests whose images are not
there are skipped. The last line is "N passed, N failed, N skipped".
"""
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

from run import GNOMON, png_write, ppm_read

CACHE = os.environ.get('GNOMON_GUESTS', os.path.expanduser('~/.cache/gnomon-guests'))

# name: (image, options, keys, seconds, width, height, part as x, y, w, h, SHA-256)
GUESTS = {
    'picture': (None, ['-m', '16', '-rtc', 'base=2000-06-01T15:20:00'], ['p', 'i', 'c', 't', 'u', 'r', 'e', 'ret'], 30, 640, 480,
                (0, 0, 640, 480),
                'c0706e3609c03e560993a003878e4d0bd76f85f6bb3976291328c74f7d5a5e3e'),
    'kolibri': ('kolibri-2024/kolibri.img', ['-m', '128', '-boot', 'a', '-snapshot', '-fda'], [], 60, 1024, 768, (0, 0, 500, 370),
                'e031ef2a55adb3adfcd5514aef4ecab2b1c0c0c8cff774e014178e43ddca658a'),
    'grub-cd': ('boottools/grub-rescue-cdrom.iso', ['-m', '64', '-boot', 'd', '-cdrom'], [], 60, 720, 400, (0, 0, 720, 270),
                '24b3d19146b9353f1812ee4dcc694cb424109125702f658e0b962725ed822bee'),
    'debian-installer': ('debian-installer/initrd-text.gz', ['-m', '512', '-append', 'priority=low ---', '-kernel',
                                                             os.path.join(CACHE, 'debian-installer/linux'), '-initrd'], [], 120, 1024, 768,
                         (0, 0, 1024, 768), '5b2cd30e605af619ae7a2922395b63224599acb4866aa8ef7920f7b17e125d9c'),
}


class Guest:
    def __init__(self, name, tmp):
        image, options, self.keys, self.seconds, *_ = GUESTS[name]
        options = options + ([os.path.join(CACHE, image)] if image else [])
        self.tmp = tmp
        self.p = subprocess.Popen([GNOMON, '-display', 'none', '-serial', f'file:{tmp}/serial', '-qmp', f'unix:{tmp}/qmp,server=on,wait=off', *options],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(tmp + '/qmp'):
            time.sleep(0.02)
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(tmp + '/qmp')
        self.f = self.s.makefile('rwb')
        self.f.readline()
        self.qmp('qmp_capabilities')

    def qmp(self, command, **arguments):
        self.f.write(json.dumps({'execute': command, 'arguments': arguments}).encode() + b'\n')
        self.f.flush()
        while True:
            r = json.loads(self.f.readline())
            if 'return' in r or 'error' in r:
                return r

    def screen(self):
        self.qmp('screendump', filename=self.tmp + '/shot.ppm')
        return ppm_read(self.tmp + '/shot.ppm')

    def type(self):
        """At the default guest's prompt."""
        while self.keys and b'gnomon> ' not in open(self.tmp + '/serial', 'rb').read():
            time.sleep(0.1)
        for key in self.keys:
            self.qmp('send-key', keys=[{'type': 'qcode', 'data': key}])
            time.sleep(0.1)

    def end(self):
        self.p.kill()
        self.p.wait()
        self.f.close()
        self.s.close()


def part(picture, rectangle):
    w, h, rgb = picture
    x, y, pw, ph = rectangle
    if x + pw > w or y + ph > h:
        return ''
    return hashlib.sha256(b''.join(rgb[((y + j) * w + x) * 3:((y + j) * w + x + pw) * 3] for j in range(ph))).hexdigest()


def show(name, seconds, path):
    with tempfile.TemporaryDirectory() as tmp:
        g = Guest(name, tmp)
        g.type()
        time.sleep(float(seconds))
        picture = g.screen()
        g.end()
    png_write(path, picture)
    print(f'{picture[0]}x{picture[1]} {part(picture, GUESTS[name][6])}')


def check(name):
    """None, or what is wrong."""
    *_, seconds, width, height, rectangle, want = GUESTS[name]
    with tempfile.TemporaryDirectory() as tmp:
        g = Guest(name, tmp)
        try:
            g.type()
            end = time.time() + seconds
            while time.time() < end:
                time.sleep(0.5)
                picture = g.screen()
                if picture[:2] == (width, height) and part(picture, rectangle) == want:
                    return None
        finally:
            g.end()
    if os.environ.get('OUT'):
        png_write(os.path.join(os.environ['OUT'], name + '.png'), picture)
    return f'expected {width}x{height} {want[:16]}, got {picture[0]}x{picture[1]} {part(picture, rectangle)[:16]} after {seconds} s'


def main():
    if sys.argv[1:2] == ['--show']:
        show(*sys.argv[2:])
        return 0
    passed = failed = skipped = 0
    for name in sys.argv[1:] or GUESTS:
        image = GUESTS[name][0]
        if image and not os.path.exists(os.path.join(CACHE, image)):
            print(f'SKIPPED {name}: {image} is not in {CACHE} (../shared/guests)')
            skipped += 1
            continue
        wrong = check(name)
        if wrong:
            print(f'tests/screens/guests.py: {name}: {wrong}')
            failed += 1
        else:
            passed += 1
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
