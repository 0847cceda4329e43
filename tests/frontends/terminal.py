#!/usr/bin/env python3
"""-display term under tmux: what is shown, keys, sizes, commands, and a terminal that is as it was however the program ends."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import emulator as emu

# Shows each key as INT 16h gives it, in hexadecimal: AH, AL. show_keys() puts it together.
# hex: push ax; shr al,4; call digit; pop ax; and al,15; digit: cmp al,10; sbb al,69h; das; put: mov ah,0eh; mov bx,7; int 10h; ret
HEX = bytes.fromhex('50c0e804e8030058240f3c0a1c692fb40ebb0700cd10c3')


def show_keys():
    head = bytes.fromhex('fb31c08ed8bc007cb80300cd10' 'b83e0ebb0700cd10')  # mode 3, then '>': it takes keys now
    loop = len(head)
    code = head + bytes.fromhex('b410cd16' '50' '88e0')
    # call hex / pop ax / call hex / mov al,' ' / call put / jmp loop
    tail_len = 3 + 1 + 3 + 2 + 3 + 2
    hex_at = len(code) + tail_len
    put_at = hex_at + HEX.index(bytes.fromhex('b40e'))

    def call(target):
        return b'\xe8' + ((target - (len(code) + 3)) & 0xffff).to_bytes(2, 'little')

    code += call(hex_at)
    code += b'\x58'
    code += call(hex_at)
    code += b'\xb0\x20'
    code += call(put_at)
    code += b'\xeb' + ((loop - (len(code) + 2)) & 0xff).to_bytes(1, 'little')
    assert len(code) == hex_at
    return code + HEX


# Mode 12h, then HLT.
GRAPHICS = bytes.fromhex('b81200cd10fbf4ebfd')
# Colour: three cells at the top left and a blinking one, cursor off.
COLOURS = bytes.fromhex(
    'b80300cd10'  # mov ax,3; int 10h
    'b401b90020cd10'  # mov ah,1; mov cx,2000h; int 10h
    'b800b88ec031ff'  # mov ax,b800h; mov es,ax; xor di,di
    'b8b01eab'  # mov ax,1eb0h; stosw      light shade, yellow on blue
    'b8e14cab'  # mov ax,4ce1h; stosw      sharp s, light red on red
    'b84287ab'  # mov ax,8742h; stosw      B, grey, blinking
    'fbf4ebfd')


class Terminal:
    def __init__(self, code, columns=90, rows=30, args=()):
        self.folder = tempfile.mkdtemp(prefix='gnomon-term')
        if code:
            with open(os.path.join(self.folder, 'fd.img'), 'wb') as f:
                f.write(emu.boot_sector(code))
            args = ['-fda', 'fd.img', '-boot', 'a', *args]
        self.tmux('-f', '/dev/null', '-u', 'new-session', '-d', '-x', str(columns), '-y', str(rows), 'sh')
        self.columns, self.rows = columns, rows
        time.sleep(0.2)
        self.type(f'cd {self.folder}; stty -a > before')
        command = [emu.GNOMON, '-display', 'term', '-m', '4', '-pidfile', 'pid', *args]
        self.type(' '.join(command) + '; echo status $? | tee status')

    def tmux(self, *args):
        r = subprocess.run(['tmux', '-S', os.path.join(self.folder, 'socket'), *args], stdout=subprocess.PIPE, check=False,
                           env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        return r.stdout.decode(errors='replace')

    def type(self, text):
        self.tmux('send-keys', '-l', text)
        self.keys('Enter')

    def keys(self, *keys):
        self.tmux('send-keys', *keys)

    def screen(self, escapes=False):
        return self.tmux('capture-pane', '-p', *(['-e'] if escapes else []))

    def wait(self, pattern, seconds=15, escapes=False):
        end = time.time() + seconds
        while time.time() < end:
            if re.search(pattern, self.screen(escapes)):
                return True
            time.sleep(0.05)
        return False

    def pid(self):
        return int(open(os.path.join(self.folder, 'pid')).read())

    def status(self, seconds=10):
        """The shell's word; the screen may lose it when the program was killed."""
        path, end = os.path.join(self.folder, 'status'), time.time() + seconds
        while time.time() < end and not (os.path.exists(path) and open(path).read()):
            time.sleep(0.05)
        return open(path).read().strip() if os.path.exists(path) else 'still running'

    def restored(self):
        """The terminal's modes are as before, and it shows the shell."""
        self.type('stty -a > after; echo same-again')
        if not self.wait('same-again'):
            return 'the shell does not answer'
        time.sleep(0.2)
        before, after = (open(os.path.join(self.folder, n)).read() for n in ('before', 'after'))
        return 'as before' if before == after else after

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux('kill-server')
        shutil.rmtree(self.folder, ignore_errors=True)


KEYS = [  # tmux's name, what INT 16h AH=10h returns
    ('a', '1E61'), ('A', '1E41'), ('7', '0837'), ('&', '0826'), ('~', '297E'), ('Enter', '1C0D'), ('Tab', '0F09'),
    ('Escape', '011B'), ('BSpace', '0E08'), ('C-c', '2E03'), ('C-z', '2C1A'), ('C-]', '1B1D'), ('M-x', '2D00'), ('M-1', '7800'),
    ('Up', '48E0'), ('Down', '50E0'), ('Left', '4BE0'), ('Right', '4DE0'), ('Home', '47E0'), ('End', '4FE0'), ('PPage', '49E0'),
    ('NPage', '51E0'), ('IC', '52E0'), ('DC', '53E0'), ('F1', '3B00'), ('F4', '3E00'), ('F5', '3F00'), ('F10', '4400'),
    ('F11', '8500'), ('F12', '8600'), ('S-F3', '5600'), ('C-F5', '6200'), ('M-F2', '6900'), ('C-Left', '73E0'), ('C-Home', '77E0'),
    ('BTab', '0F00'),
]


def keys(t):
    with Terminal(show_keys()) as e:
        e.wait('Ctrl-A X ends')
        e.wait('>')
        seen = 0
        for name, code in KEYS:
            e.keys(name)
            end = time.time() + 10
            while time.time() < end:
                found = re.findall(r'\b[0-9A-F]{4}\b', e.screen())
                if len(found) > seen:
                    break
                time.sleep(0.03)
            t.equal(f'key {name}', found[seen:], [code])
            seen = len(found)
        e.keys('C-a', 'C-a')
        t.check('Ctrl-A twice', e.wait('1E01'), e.screen())
        e.keys('C-a', 'x')
        t.check('Ctrl-A X', e.wait('status 0'), e.screen())
        t.equal('Ctrl-A X: the terminal', e.restored(), 'as before')


def colours(t):
    with Terminal(COLOURS) as e:
        ok = e.wait('\N{LIGHT SHADE}')
        text = e.screen(True)
        t.check('code page 437 and colours', ok and re.search('\033\\[[0-9;]*93m.*44m\N{LIGHT SHADE}', text), repr(text))
        t.check('light red on red', re.search('91m.*41m\N{LATIN SMALL LETTER SHARP S}', text), repr(text))
        t.check('blinking', re.search('\033\\[(?:[0-9]+;)*5m', text), repr(text))
        line = next(s for s in e.screen().split('\n') if '\N{LIGHT SHADE}' in s)
        t.equal('in the middle', line.index('\N{LIGHT SHADE}'), 5)
        e.tmux('resize-window', '-x', '40', '-y', '12')
        t.check('too small', e.wait('80x25: columns 1-40, lines 1-11'), e.screen())
        e.tmux('resize-window', '-x', '120', '-y', '40')
        time.sleep(0.3)
        line = next((s for s in e.screen().split('\n') if '\N{LIGHT SHADE}' in s), '')
        t.equal('in the middle again', line.find('\N{LIGHT SHADE}'), 20)
        e.keys('C-a', 'p')
        t.check('pause', e.wait('paused'), e.screen())
        e.keys('C-a', 'h')
        t.check('help while it is paused', e.wait('Ctrl-Alt-Delete'), e.screen())
        t.check('and it still says so', e.wait('paused', 6), e.screen())
        e.keys('C-a', 'p')
        t.check('goes on', e.wait('running'), e.screen())
        e.keys('C-a', 'h')
        t.check('help', e.wait('Ctrl-Alt-Delete'), e.screen())


def ends(t):
    os.environ['ASAN_OPTIONS'] = 'handle_segv=0'  # it would say what happened, and exit
    for name, number, status in (('SIGTERM', signal.SIGTERM, 143), ('SIGHUP', signal.SIGHUP, 129), ('SIGINT', signal.SIGINT, 130),
                                 ('SIGKILL', signal.SIGKILL, 137), ('SIGSEGV', signal.SIGSEGV, 139)):
        with Terminal(GRAPHICS) as e:
            if name == 'SIGTERM':
                t.check('graphics', e.wait('graphics mode 640x480'), e.screen())
            else:
                e.wait('Ctrl-A X ends')
            os.kill(e.pid(), number)
            t.equal(f'{name}: status', e.status(), f'status {status}')
            time.sleep(0.2)
            t.equal(f'{name}: the terminal', e.restored(), 'as before')
    with Terminal(emu.RESET, args=('-no-reboot',)) as e:
        t.check('the guest ends it', e.wait('status 4'), e.screen())
        t.equal('the guest ends it: the terminal', e.restored(), 'as before')
    with Terminal(emu.RESET, args=('-no-reboot', '-no-shutdown')) as e:
        t.check('a machine that has stopped says so', e.wait('has stopped: Ctrl-A X ends'), e.screen())
        e.keys('C-a', 'p')
        time.sleep(0.3)
        t.check('and does not go on', e.wait('has stopped'), e.screen())
        e.keys('C-a', 'x')
        t.check('but ends', e.wait('status 0'), e.screen())
    with Terminal(COLOURS, args=('-S',)) as e:
        e.wait('Ctrl-A X ends')
        t.check('-S says how it goes on', e.wait('paused: Ctrl-A P goes on', 6), e.screen())
    with Terminal(emu.TRIPLE_FAULT, args=('-no-reboot',)) as e:
        t.check('a message is kept for the end', e.wait('triple fault at[^$]*status 6'), e.screen())


def default_guest(t):
    with Terminal(None) as e:
        t.check('the default guest', e.wait('SELF-TEST PASS (\\d+)/\\1', 30), e.screen())
        e.keys('h', 'e', 'l', 'p', 'Enter')
        t.check('its prompt', e.wait('poweroff +switches it off'), e.screen())
        e.type('picture')
        t.check('its picture', e.wait('graphics mode 640x480'), e.screen())
        e.keys('Space')
        t.check('text again', e.wait('(?m)gnomon> *$'), e.screen())
        e.type('poweroff')
        t.equal('power-off', e.status(), 'status 0')


def refused(t):
    r = subprocess.run([emu.GNOMON, '-display', 'term'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    t.equal('no terminal', (r.returncode, r.stderr), (1, b'gnomon: -display term: standard input and output are no terminal\n'))
    r = subprocess.run([emu.GNOMON, '-display', 'curses', '-serial', 'stdio'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    t.check('stdio twice', r.returncode == 1 and b'-display term: the terminal is taken' in r.stderr, r)


def main():
    if not shutil.which('tmux'):
        print('SKIPPED terminal: tmux is not installed')
        return 77
    t = emu.Tally()
    refused(t)
    keys(t)
    colours(t)
    ends(t)
    default_guest(t)
    return t.done()


sys.exit(main())
