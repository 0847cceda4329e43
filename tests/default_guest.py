#!/usr/bin/env python3
"""The default guest finds every chip in order, obeys its prompt, survives a reset and switches the machine off."""
import os
import re
import select
import subprocess
import sys
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


def main():
    failed = 0
    g = Guest()
    steps = [
        ('the self-test', None, r'SELF-TEST PASS (\d+)/\1'),
        ('the prompt', None, r'gnomon> '),
        ('help', 'help\r', r'poweroff '),
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
            failed = 1
            break
        done += 1
    try:
        status = g.p.wait(10 if not failed else 0.1)
    except subprocess.TimeoutExpired:
        g.p.kill()
        status = 'still running'
    if not failed and status != 0:
        print(f'tests/default_guest.py: exit status: expected 0, got {status}')
        failed = 1
    print(f'{done} passed, {failed} failed, 0 skipped')
    return failed


sys.exit(main())
