#!/usr/bin/env python3
"""savevm and loadvm from outside: tags, what a disk may have gone through in between, files that are damaged or foreign."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'frontends'))
import emulator as emu  # noqa: E402

# At 0:7C00h: writes the letter at [7C80h] into sector 2 of the floppy (drive 0) and waits; each key writes the next letter.
WRITER = bytes.fromhex(
    '31c08ed88ec08ed0bc007c'  # xor ax,ax; mov ds,ax; mov es,ax; mov ss,ax; mov sp,7c00h
    'bb007e'  # l: mov bx,7e00h
    'a0807c'  # mov al,[7c80h]
    '8807'  # mov [bx],al
    'b80103b90200ba0000cd13'  # mov ax,301h; mov cx,2; mov dx,0; int 13h
    'fe06807c'  # inc byte [7c80h]
    'b400cd16'  # mov ah,0; int 16h
    'ebe3')  # jmp l
WRITER += bytes(0x80 - len(WRITER)) + b'A'


class Machine(emu.Emulator):
    def hmp(self, line):
        return self.q.execute('human-monitor-command', command_line=line)['return']

    def letter(self):
        """The next letter that the guest would write."""
        self.hmp('stop')
        return self.hmp('xp /1c 0x7c80').split(': ')[1].strip().strip("'")

    def settle(self, want):
        end = time.time() + 10
        while time.time() < end:
            letter = self.letter()
            if letter == want:
                time.sleep(0.05)
                return letter
            self.hmp('cont')
            time.sleep(0.05)
        return self.letter()

    def press(self):
        self.hmp('cont')
        self.hmp('sendkey spc 10')


def sector(path):
    with open(path, 'rb') as f:
        f.seek(512)
        return f.read(1)


def go_back(t):
    """In one process: with -snapshot the disk goes back too."""
    with Machine(WRITER, '-snapshot') as m:
        t.equal('first letter written', m.settle('B'), 'B')
        t.equal('savevm', m.hmp('savevm one'), '')
        m.press()
        t.equal('second letter', m.settle('C'), 'C')
        t.equal('savevm again', m.hmp('savevm two'), '')
        t.equal('loadvm', m.hmp('loadvm one'), '')
        t.equal('memory is back', m.letter(), 'B')
        m.press()
        t.equal('it goes on', m.settle('C'), 'C')
        t.equal('forward again', m.hmp('loadvm two'), '')
        t.equal('forward', m.letter(), 'C')
        listed = m.hmp('info snapshots')
        t.check('info snapshots', ' one ' in listed and ' two ' in listed and 'ICOUNT' in listed, listed)
        t.equal('the files are beside the image', sorted(n for n in os.listdir(m.folder) if n.endswith('.vmstate')),
                ['fd.img.one.vmstate', 'fd.img.two.vmstate'])
        t.equal('delvm', m.hmp('delvm one'), '')
        t.check('gone', ' one ' not in m.hmp('info snapshots'), '')
        r = m.hmp('loadvm tow')
        t.check('no such tag', "did you mean 'two'" in r, r)
        r = m.hmp('savevm ../x')
        t.check('a tag is no path', 'is no tag' in r, r)
        t.equal('file:', m.hmp('savevm file:%s' % m.path('else')), '')
        t.equal('load file:', m.hmp('loadvm file:%s' % m.path('else')), '')
        t.equal('savevm without a tag', m.hmp('savevm'), '')
        t.check('its name is the time', ' vm-20' in m.hmp('info snapshots'), m.hmp('info snapshots'))
        t.equal('the image is as it was', sector(m.path('fd.img')), b'\0')


def other_process(t):
    """-loadvm in another process gives the same machine, overlay included; and the machine must be the same."""
    with Machine(WRITER, '-snapshot') as m:
        m.settle('B')
        m.press()
        m.settle('C')
        m.hmp('savevm s')
        state = m.path('fd.img.s.vmstate')
        with Machine(WRITER, '-snapshot', '-S', '-loadvm', 'file:' + state) as other:
            r = other.errors() if other.p.poll() is not None else ''
            t.equal('starts', r, '')
            t.equal('memory', other.letter(), 'C')
            other.hmp('pmemsave 0x7e00 1 ' + other.path('x'))
            t.equal('what was written', open(other.path('x'), 'rb').read(), b'B')
            other.press()
            t.equal('goes on', other.settle('D'), 'D')
        for args, want in ((('-snapshot', '-m', '8'), 'ram=4M'), (('-snapshot', '-cpu', 'pentium'), 'cpu=max'), ((), '-snapshot'),
                           (('-snapshot', '-device', 'isa-debug-exit'), 'debugexit'), (('-snapshot', '-M', 'isapc'), 'machine=pc')):
            p = subprocess.run([emu.GNOMON, '-display', 'none', '-nodefaults', '-m', '4', '-fda', 'fd.img', '-S', '-loadvm', 'file:' + state,
                                *args], cwd=m.folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=20, text=True)
            t.check(f'refused with {args}', p.returncode == 1 and want in p.stderr and p.stderr.count('\n') == 1, p.stderr)


def written_image(t):
    """Without -snapshot the image itself is written: only the state whose disk it still is can be loaded."""
    with Machine(WRITER) as m:
        m.settle('B')
        t.equal('savevm', m.hmp('savevm s'), '')
        t.equal('the disk is still that one', m.hmp('loadvm s'), '')
        t.equal('written', sector(m.path('fd.img')), b'A')
        m.press()
        m.settle('C')
        r = m.hmp('loadvm s')
        t.check('the disk has gone on', "'fd.img' was written since" in r and r.count('\n') == 1, r)
        t.equal('the machine is as it was', m.letter(), 'C')
        m.press()
        t.equal('and goes on', m.settle('D'), 'D')


def media(t):
    """A medium that was changed meanwhile comes back by its path."""
    with Machine(WRITER, '-snapshot') as m:
        m.settle('B')
        with open(m.path('second.img'), 'wb') as f:
            f.write(b'x' * 1474560)
        m.hmp('savevm first')
        t.equal('change', m.hmp('change floppy0 second.img'), '')
        m.hmp('savevm second')
        t.equal('back', m.hmp('loadvm first'), '')
        t.check('the first is in', 'floppy0: fd.img' in m.hmp('info block'), m.hmp('info block'))
        m.press()
        t.equal('the guest writes to it', m.settle('C'), 'C')
        t.equal('forth', m.hmp('loadvm second'), '')
        t.check('the second is in', 'second.img' in m.hmp('info block'), m.hmp('info block'))
        m.hmp('eject floppy0')
        t.equal('from an empty drive', m.hmp('loadvm first'), '')
        t.check('the first is in', 'floppy0: fd.img' in m.hmp('info block'), m.hmp('info block'))
        m.hmp('change floppy0 second.img')
        os.unlink(m.path('fd.img'))
        r = m.hmp('loadvm first')
        t.check('its image is gone', "'fd.img'" in r and 'No such file' in r, r)
        t.check('the second stays in', 'second.img' in m.hmp('info block'), m.hmp('info block'))


def damage(t):
    with Machine(WRITER, '-snapshot') as m:
        m.settle('B')
        m.hmp('savevm s')
        path = m.path('fd.img.s.vmstate')
        good = open(path, 'rb').read()
        m.press()
        m.settle('C')
        for what, data in (('cut', good[:len(good) // 2]), ('changed', good[:1000] + bytes([good[1000] ^ 1]) + good[1001:]),
                           ('longer', good + b'\0'), ('empty', b''), ('foreign', b'QFI\xfb' + bytes(4000))):
            open(path, 'wb').write(data)
            r = m.hmp('loadvm s')
            t.check(what, r.startswith('Error: ') and 'vmstate' in r and r.count('\n') == 1, r)
            t.equal(f'{what}: the machine is as it was', m.letter(), 'C')
        t.check('delvm leaves what is no saved state', 'Error' in m.hmp('delvm s') and os.path.exists(path), '')
        t.equal('savevm writes it anew', m.hmp('savevm s'), '')
        t.equal('nothing else is left', [n for n in os.listdir(m.folder) if 'part' in n], [])
        r = m.hmp('savevm file:/nonexistent/x')
        t.check('nowhere', r.startswith("Error: cannot write '/nonexistent/x'"), r)


def folder(t):
    with Machine(WRITER, '-snapshot', '-snapshot-dir', '.') as m:
        m.settle('B')
        t.equal('savevm', m.hmp('savevm s'), '')
        t.check('in the folder', os.path.exists(m.path('s.vmstate')), os.listdir(m.folder))


def running(t):
    """A running machine stops and goes on: the events say so."""
    with Machine(emu.HALT, '-snapshot') as m:
        m.q.events.clear()
        m.hmp('savevm s')
        m.q.event('STOP')
        m.q.event('RESUME')
        t.equal('running', m.hmp('info status'), 'VM status: running\r\n')
        m.hmp('loadvm s')
        t.equal('running after it', m.hmp('info status'), 'VM status: running\r\n')
        m.hmp('stop')
        m.hmp('loadvm s')
        t.equal('a paused one stays so', m.hmp('info status'), 'VM status: paused\r\n')


def main():
    return emu.Tally().run(go_back, other_process, written_image, media, damage, folder, running)


if __name__ == '__main__':
    sys.exit(main())
