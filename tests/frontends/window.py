#!/usr/bin/env python3
"""-display sdl under Xvfb: pictures, keys, focus, mouse, sizes, title, an idle guest, and no display at all."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import emulator as emu

# Each byte of the 8042 on COM1: k or m, two hexadecimal digits, a blank. First mode 13h with a pattern.
RAW = '''
    bits 16
    org 7c00h
    cli
    xor ax,ax
    mov ds,ax
    mov ss,ax
    mov sp,7c00h
    mov ax,13h
    int 10h
    mov ax,0a000h
    mov es,ax
    xor di,di
    mov cx,64000
paint:
    mov ax,di
    stosb
    loop paint
    mov bl,0a8h
    call command
    mov bl,60h
    call command
    mov al,44h
    out 60h,al
    mov si,knock
knocks:
    mov bl,0d4h
    call command
    lodsb
    out 60h,al
answer:
    in al,64h
    test al,1
    jz answer
    in al,60h
    cmp si,knock_end
    jb knocks
    mov bl,60h
    call command
    mov al,44h          ; translation, no interrupts
    out 60h,al
    mov al,'!'
    call put
next:
    in al,64h
    test al,1
    jz next
    mov ah,'k'
    test al,20h
    jz got
    mov ah,'m'
got:
    in al,60h
    mov bl,al
    mov al,ah
    call put
    mov al,bl
    shr al,4
    call digit
    mov al,bl
    and al,15
    call digit
    mov al,' '
    call put
    jmp next
digit:
    cmp al,10
    sbb al,69h
    das
put:
    mov dx,3f8h
    out dx,al
    ret
command:
    call wait_in
    mov al,bl
    out 64h,al
wait_in:
    in al,64h
    test al,2
    jnz wait_in
    ret
knock:              ; wheel and five buttons, then reports
    db 0f3h,200,0f3h,200,0f3h,80,0f3h,200,0f4h
knock_end:
'''
TEXT = emu.HALT  # what the BIOS left, and an idle processor
MODE_12 = bytes.fromhex('b81200cd10fbf4ebfd')
BLUE_TEXT = bytes.fromhex('b800b88ec0b8201fb9d00731fff3abfbf4ebfd')
MODE_13_ON_KEY = bytes.fromhex('fb30e4cd16b81300cd10baf803b078eef4ebfd')  # and 'x' on COM1
VBE_105 = bytes.fromhex('b8024fbb0501cd10fbf4ebfd')  # 1024x768


def assemble(text):
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + '/a.asm', 'w') as f:
            f.write(text)
        subprocess.run(['nasm', '-f', 'bin', '-o', folder + '/a', folder + '/a.asm'], check=True)
        return open(folder + '/a', 'rb').read()


class Server:
    """An X server without a screen."""

    def __enter__(self):
        r, w = os.pipe()
        self.p = subprocess.Popen(['Xvfb', '-displayfd', str(w), '-screen', '0', '1280x1024x24', '-nolisten', 'tcp', '-noreset'], pass_fds=[w],
                                  stderr=subprocess.DEVNULL)
        os.close(w)
        with os.fdopen(r) as f:
            os.environ['DISPLAY'] = ':' + f.readline().strip()
        self.folder = tempfile.mkdtemp(prefix='gnomon-wm')
        with open(self.folder + '/rc.xml', 'w') as f:  # no key is the manager's
            f.write('<openbox_config><keyboard/><mouse/></openbox_config>')
        self.manager = None
        if shutil.which('openbox'):
            self.manager = subprocess.Popen(['openbox', '--config-file', self.folder + '/rc.xml'], stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
        for attempt in range(100):
            if do('getmouselocation') and (not self.manager or do('search', '--name', 'openbox') or attempt > 10):
                break
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        for p in (self.manager, self.p):
            if p:
                p.terminate()
                p.wait()
        shutil.rmtree(self.folder)
        del os.environ['DISPLAY']


def do(*args):
    r = subprocess.run(['xdotool', *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20, check=False)
    return r.stdout.decode().strip()


class Window(emu.Emulator):
    def __init__(self, code, *args):
        super().__init__(code, '-display', 'sdl', '-vga', 'std', '-serial', 'file:serial', *args)
        self.id = self.wait_for(lambda: do('search', '--all', '--pid', self.p.pid, '--name', 'Gnomon'))
        do('windowfocus', '--sync', self.id)

    @staticmethod
    def wait_for(test, seconds=10):
        end = time.time() + seconds
        while time.time() < end:
            r = test()
            if r:
                return r
            time.sleep(0.05)
        return test()

    def serial(self):
        return open(self.path('serial')).read()

    def after(self, action, want=None):
        """What the guest says after the action."""
        before = len(self.serial())
        action()
        if want:
            self.wait_for(lambda: self.serial()[before:].strip() == want, 3)
        else:
            time.sleep(0.3)
        return self.serial()[before:].strip()

    def size(self):
        return tuple(int(line.split('=')[1]) for line in do('getwindowgeometry', '--shell', self.id).split('\n') if line[:6] in ('WIDTH=', 'HEIGHT'))

    def inside(self):
        """Where the picture begins on the screen."""
        do('mousemove', '--window', self.id, 0, 0)
        return tuple(int(line.split('=')[1]) for line in do('getmouselocation', '--shell').split('\n') if line[:2] in ('X=', 'Y='))

    def title(self):
        return do('getwindowname', self.id)

    def shot(self):
        """Width, height, pixels of the window as RGB."""
        w, h = self.size()
        rgb = subprocess.run(['import', '-silent', '-window', self.id, '-depth', '8', 'rgb:-'], stdout=subprocess.PIPE, check=True).stdout
        return w, h, rgb


def pixel(shot, x, y):
    w, h, rgb = shot
    return tuple(rgb[3 * (y * w + x):3 * (y * w + x) + 3]) if len(rgb) == 3 * w * h else 'the size changed'


def released(e):
    """Ctrl and Alt of a hot key before are up again."""
    said = e.serial()
    return said.count('k1D') == said.count('k9D') > 0 and said.count('k38') == said.count('kB8') > 0


def keyboard(t, e):
    e.wait_for(lambda: released(e))
    # X keycodes where a keysym would press others too: right Control, right Alt, left Control, right Shift, Pause, Print, Delete.
    for keys, want in (('a', 'k1E k9E'), (105, 'kE0 k1D kE0 k9D'), (108, 'kE0 k38 kE0 kB8'), (37, 'k1D k9D'),
                       (62, 'k36 kB6'), ('KP_Enter', 'kE0 k1C kE0 k9C'), ('F11', 'k57 kD7'), (127, 'kE1 k1D k45 kE1 k9D kC5'),
                       (107, 'kE0 k2A kE0 k37 kE0 kB7 kE0 kAA'), (119, 'kE0 k53 kE0 kD3')):
        t.equal(f'key {keys}', e.after(lambda: do('key', keys), want), want)
    t.equal('a key is held', e.after(lambda: do('keydown', 'b'), 'k30'), 'k30')
    before = len(e.serial())
    with Window(TEXT) as other:
        do('windowfocus', other.id)
        e.wait_for(lambda: do('getwindowfocus') == other.id)
        t.check('the focus goes: the key comes up', e.wait_for(lambda: e.serial()[before:].endswith('kB0 ')), e.serial()[before:][:40])
        t.check('no key without focus', e.after(lambda: do('key', 'c')) == '',
                e.serial()[before:][:40] + 'focus: ' + do('getwindowfocus') + ' of ' + other.id)
        do('keyup', 'b')
    do('windowfocus', '--sync', e.id)
    e.after(lambda: None)


def mouse(t, e):
    do('mousemove', '--window', e.id, 100, 100)
    t.equal('a mouse that is not grabbed', e.after(lambda: do('mousemove', '--window', e.id, 120, 110)), '')
    e.after(lambda: do('click', 1))
    t.check('a click grabs', e.wait_for(lambda: 'Ctrl-Alt-G' in e.title()), e.title())
    said = e.after(lambda: do('mousemove_relative', 5, 0))
    moves = bytes.fromhex(said.replace('m', '').replace(' ', ''))
    x = sum(moves[1::4]) if len(moves) % 4 == 0 else -1
    t.check('motion', 'm' in said and x > 0 and not any(moves[2::4] + moves[3::4]), said)
    for what, n, want in (('a button', 3, 'm0A m00 m00 m00 m08 m00 m00 m00'), ('the wheel, up', 4, 'm08 m00 m00 m0F'),
                          ('the wheel, down', 5, 'm08 m00 m00 m01'), ('a side button', 8, 'm08 m00 m00 m10 m08 m00 m00 m00')):
        t.equal(what, e.after(lambda n=n: do('click', n), want), want)
    said = e.after(lambda: do('key', 'ctrl+alt+g'))
    t.check('Ctrl-Alt-G is the window\'s', 'k22' not in said and said.count('k1D') == 1 and 'k9D' in said, said)
    t.check('the mouse is free', e.wait_for(lambda: 'Ctrl-Alt-G' not in e.title()), e.title())


def shapes(t, e):
    e.wait_for(lambda: e.size() == (640, 480))
    t.equal('320x200 fills 4:3', e.size(), (640, 480))
    shot = e.shot()
    t.equal('its pixels', [pixel(shot, 2 * x, 1) for x in (1, 2, 4, 15)],
            [(0, 0, 170), (0, 170, 0), (170, 0, 0), (255, 255, 255)])
    do('windowsize', '--sync', e.id, 900, 480)
    e.wait_for(lambda: e.shot()[0] == 900 and pixel(e.shot(), 132, 1) == (0, 0, 170))
    shot = e.shot()
    t.equal('a wide window has black sides', [pixel(shot, x, 200) for x in (10, 120, 780, 890)], [(0, 0, 0)] * 4)
    t.equal('the picture is in the middle', pixel(shot, 132, 1), (0, 0, 170))
    do('key', 'ctrl+alt+u')
    t.check('Ctrl-Alt-U', e.wait_for(lambda: e.size() == (640, 480)), e.size())
    if not shutil.which('openbox'):
        t.skip('full screen', 'there is no window manager (openbox)')
        return
    do('key', 'ctrl+alt+f')
    t.check('full screen', e.wait_for(lambda: e.size() == (1280, 1024)), e.size())
    e.wait_for(lambda: pixel(e.shot(), 5, 33) == (0, 0, 170))
    shot = e.shot()
    t.equal('its bars', [pixel(shot, 640, y) for y in (10, 1010)], [(0, 0, 0)] * 2)
    do('key', 'ctrl+alt+f')
    t.check('and back', e.wait_for(lambda: e.size() == (640, 480)), e.size())


def states(t):
    with Window(TEXT, '-name', 'a name') as e:
        t.check('title', e.wait_for(lambda: e.title().startswith('Gnomon - a name - ') and 'MIPS' in e.title()), e.title())
        t.check('text is as it is', e.wait_for(lambda: e.size() == (720, 400)), e.size())
        shot = e.path('shot.ppm')
        e.q.execute('stop')
        time.sleep(0.2)
        e.q.execute('screendump', filename=shot)
        t.check('the window shows what screendump saves', e.shot()[2] == open(shot, 'rb').read()[15:], 'pixels differ')
        e.q.execute('cont')
        time.sleep(1.5)
        ticks = lambda: sum(map(int, open(f'/proc/{e.p.pid}/stat').read().rsplit(') ')[1].split()[11:13]))
        before, begin = ticks(), time.time()
        time.sleep(4)
        load = (ticks() - before) / os.sysconf('SC_CLK_TCK') / (time.time() - begin)
        t.check('an idle guest uses under 3 % of a core', load < 0.03, f'{load:.1%}')
        e.q.execute('stop')
        t.check('paused', e.wait_for(lambda: 'paused' in e.title()), e.title())
        e.p.send_signal(signal.SIGTERM)
        t.equal('SIGTERM', e.wait(), 143)
    if not shutil.which('openbox'):
        t.skip('full screen and what comes after it', 'there is no window manager (openbox)')
        return
    with Window(MODE_12, '-full-screen') as e:
        t.check('-full-screen', e.wait_for(lambda: e.size() == (1280, 1024)), e.size())
    with Window(BLUE_TEXT, '-full-screen') as e:
        t.check('what has no room twice fills the screen', e.wait_for(lambda: pixel(e.shot(), 3, 512) == (0, 0, 170)), pixel(e.shot(), 3, 512))
        shot = e.shot()
        t.equal('and keeps its shape', [pixel(shot, 640, y) for y in (140, 170, 850, 880)], [(0, 0, 0), (0, 0, 170), (0, 0, 170), (0, 0, 0)])
    with Window(MODE_13_ON_KEY) as e:
        e.wait_for(lambda: e.size() == (720, 400))
        do('key', 'ctrl+alt+f')
        e.wait_for(lambda: e.size() == (1280, 1024))
        t.check('its keyboard', e.wait_for(lambda: do('key', 'a') or e.serial()), e.serial())
        do('key', 'ctrl+alt+f')
        t.check('a mode that came in full screen has its size in the window', e.wait_for(lambda: e.size() == (640, 480)), e.size())
    with Window(VBE_105) as e:
        t.check('1024x768', e.wait_for(lambda: e.size() == (1024, 768)), e.size())
        end = lambda: [a + b for a, b in zip(e.inside(), e.size())]
        t.check('a window that grew is seen with its frame', e.wait_for(lambda: end()[0] < 1280 and end()[1] < 1024), end())


def no_display(t):
    env = {k: v for k, v in os.environ.items() if k not in ('DISPLAY', 'WAYLAND_DISPLAY')}
    r = subprocess.run([emu.GNOMON, '-display', 'sdl'], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, timeout=20, check=False)
    t.check('no display', r.returncode == 1 and r.stderr.count(b'\n') == 1 and b'-display sdl:' in r.stderr, r)
    env['DISPLAY'] = ':9999'
    r = subprocess.run([emu.GNOMON, '-display', 'sdl'], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, timeout=20, check=False)
    t.check('a display that is not there', r.returncode == 1 and r.stderr.count(b'\n') == 1 and b'-display sdl:' in r.stderr, r)
    p = subprocess.Popen([emu.GNOMON, '-m', '4', '-nodefaults'], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
    t.check('it was not asked for: none', b'-display term' in emu.read_until(p.stderr, b'\n'), '')
    time.sleep(0.5)  # the line is printed before signals are data
    p.terminate()
    t.equal('and the machine runs', p.wait(10), 143)
    p.stderr.close()


def main():
    os.environ['ASAN_OPTIONS'] = 'detect_leaks=0'  # SDL's and D-Bus's
    missing = [tool for tool in ('Xvfb', 'xdotool', 'import', 'nasm') if not shutil.which(tool)]
    r = subprocess.run([emu.GNOMON, '-display', 'sdl'], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                       env={k: v for k, v in os.environ.items() if k not in ('DISPLAY', 'WAYLAND_DISPLAY')})
    if b'without SDL' in r.stderr or missing:
        print('SKIPPED window: ' + (', '.join(missing) + ' not installed' if missing else 'built without SDL 2'))
        return 77
    t = emu.Tally()
    no_display(t)
    with Server():
        with Window(assemble(RAW)) as e:
            t.check('the guest is ready', e.wait_for(lambda: '!' in e.serial()), e.serial())
            shapes(t, e)
            keyboard(t, e)
            mouse(t, e)
        states(t)
    return t.done()


if __name__ == '__main__':
    sys.exit(main())
