#!/usr/bin/env python3
"""The monitor for people: the line editor on a socket, expressions, memory, ports, page tables, devices."""
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

import emulator as emu

class Socket(emu.Emulator):
    """A guest with a monitor on a socket."""

    def __init__(self, code, *args):
        super().__init__(code, '-chardev', 'socket,id=m,path=mon,server=on,wait=off', '-mon', 'm', *args)
        self.mon = self.connect('mon')
        emu.read_until(self.mon, b'(gnomon) ')

    def type(self, keys, want=b'(gnomon) '):
        self.mon.sendall(keys)
        return emu.read_until(self.mon, want, 5)

    def hmp(self, line):
        return self.q.execute('human-monitor-command', command_line=line)['return']


def screen(data):
    """The lines that a terminal would show."""
    lines, at = [''], 0
    for c in re.sub(rb'\x1b\[K', b'\x00', data).decode('latin1'):
        line = lines[-1]
        if c == '\n':
            lines.append('')
            at = 0
        elif c == '\r':
            at = 0
        elif c == '\b':
            at -= 1
        elif c == '\0':
            lines[-1] = line[:at]
        else:
            lines[-1] = line[:at] + c + line[at + 1:]
            at += 1
    return lines


def editing(t):
    with Socket(emu.HALT, '-S') as m:
        shown = lambda keys: [x for x in screen(b'(gnomon) ' + m.type(keys + b'\r', b'\n(gnomon) ')) if x]
        t.equal('a command', shown(b'print 1 + 2'), ['(gnomon) print 1 + 2', '0x3', '(gnomon) '])
        t.equal('rubbed out', shown(b'printx\x7f 7'), ['(gnomon) print 7', '0x7', '(gnomon) '])
        t.equal('inserted', shown(b'print 12\x1b[D\x1b[D34'), ['(gnomon) print 3412', '0xd54', '(gnomon) '])
        t.equal('up', shown(b'\x1b[A'), ['(gnomon) print 3412', '0xd54', '(gnomon) '])
        t.equal('up three, down one', shown(b'\x1b[A\x1b[A\x1b[A\x1b[B'), ['(gnomon) print 7', '0x7', '(gnomon) '])
        t.equal('back to what was typed', shown(b'print 5\x10\x0e'), ['(gnomon) print 5', '0x5', '(gnomon) '])
        t.equal('home, delete, end', shown(b'xprint 4\x1b[H\x1b[3~\x1b[F2'), ['(gnomon) print 42', '0x2a', '(gnomon) '])
        t.equal('kill to the end', shown(b'print 4 nonsense\x17\x0b'), ['(gnomon) print 4 ', '0x4', '(gnomon) '])
        t.equal('kill to the start', shown(b'nonsense\x15print 9'), ['(gnomon) print 9', '0x9', '(gnomon) '])
        t.equal('a word completed', shown(b'pri\t6'), ['(gnomon) print 6', '0x6', '(gnomon) '])
        t.equal('info completed', shown(b'info stat\t')[:2], ['(gnomon) info status ', 'VM status: paused (prelaunch)'])
        t.equal('a drive completed', shown(b'eject fl\t')[:1], ['(gnomon) eject floppy0 '])
        out = screen(m.type(b'system_\t\t', b'(gnomon) system_'))
        t.check('choices', 'system_powerdown  system_reset  ' in out, out)
        m.type(b'\x15')
        t.equal('CR LF is one line', shown(b'print 1')[-2:], ['0x1', '(gnomon) '])
        m.type(b'print ' + b'9' * 5000 + b'\r')
        t.equal('a line too long does no harm', shown(b'print 8')[-2:], ['0x8', '(gnomon) '])
        out = m.type(bytes(range(1, 256)) * 3 + b'\r\x15print 0x55 + 0x22\r', b'\r\n0x77\r\n')
        t.check('nor do bytes of any kind', b'\r\n0x77\r\n' in out, out[-200:])


def looking(t):
    with Socket(emu.HALT) as m:
        time.sleep(0.7)
        m.hmp('stop')
        for text, want in (('1+2*3', 7), ('(1+2)*3', 9), ('7/2', 3), ('7%4', 3), ('5&4', 4), ('5|2', 7), ('5^1', 4), ('-1', 2 ** 64 - 1),
                           ('~0xff & 0xffff', 0xff00), ('0x10 + $cs', 0x10), ("'A'", 65), ('2 + - 1', 1)):
            t.equal('print ' + text, m.hmp('print ' + text), f'0x{want:x}\r\n' if want else '0\r\n')
        t.equal('print/d', m.hmp('p /d 0 - 5'), '-5\r\n')
        t.equal('print/c', m.hmp('p/c 65'), "'A'\r\n")
        for bad in ('1/0', '1 +', '(1', 'foo', '$foo', '1 2', '(' * 1000, '-' * 1000 + '1'):
            r = m.hmp('print ' + bad)
            t.check(f'print {bad[:8]}', r.count('\n') == 1 and not r.startswith('0'), r)
        t.equal('x/d', m.hmp('x /4db 0x7c00'), '00007c00:  -5 -12 -21  -3\r\n')
        t.equal('x/o', m.hmp('x /4ob 0x7c00'), '00007c00: 0373 0364 0353 0375\r\n')
        t.equal('x/u', m.hmp('xp /1uw 0x7c00'), '0000000000007c00: 4260099323\r\n')
        t.equal('x/c', m.hmp('xp /2c 0x7dfe'), "0000000000007dfe: 'U' '\\xaa'\r\n")
        t.check('x/g', m.hmp('x /1xg 0x7c00').startswith('00007c00: 0x00000000fdebf4fb'), m.hmp('x /1xg 0x7c00'))
        t.equal('sum', m.hmp('sum 0x7dfe 2'), '%05d\r\n' % (((0x55 >> 1) | (0x55 << 15 & 0xffff)) + 0xaa & 0xffff))
        t.equal('in', m.hmp('i /b 0x92'), 'portb[0x0092] = 0x02\r\n')
        m.hmp('o /b 0x80 0x5a')
        t.equal('in with an index', m.hmp('i /b 0x70 0x0d')[:13], 'portb[0x0071]')
        t.check('in of a wrong size', 'b, h or w' in m.hmp('i /q 3'), '')
        t.equal('no paging', m.hmp('info tlb') + m.hmp('info mem'), 'PG disabled\r\n' * 2)
        t.check('info pic', re.search(r'pic0: irr=\w\w imr=\w\w isr=00 hprio=\d irq_base=08 rr_sel=\d elcr=\w\w fnm=0\r\n', m.hmp('info pic')),
                m.hmp('info pic'))
        t.check('info irq', ' 0: vector 08' in m.hmp('info irq'), m.hmp('info irq'))
        t.check('info pci', 'Host bridge: PCI device 8086:1237' in m.hmp('info pci'), m.hmp('info pci'))
        t.check('info qtree', 'dev: pit\r\n' in m.hmp('info qtree'), m.hmp('info qtree'))
        t.check('a device', '    channel[0].reload = 0x' in m.hmp('info qtree pit'), m.hmp('info qtree pit'))
        t.check('no device', "no device 'foo'" in m.hmp('info qtree foo'), '')
        t.check('gdbserver', 'not' in m.hmp('gdbserver') or 'no gdb' in m.hmp('gdbserver'), '')
        for name in re.findall(r'^info (\w+)', m.hmp('info'), re.M):
            t.check('info ' + name, 'unknown' not in m.hmp('info ' + name), m.hmp('info ' + name))
        for name in re.findall(r'^(\w+)', m.hmp('help'), re.M):
            t.check('help ' + name, m.hmp('help ' + name).startswith(name), m.hmp('help ' + name))


def paging(t):
    """The built-in guest has paging on and page 0 of its aliases mapped; what info says agrees with gva2gpa."""
    folder = tempfile.mkdtemp(prefix='gnomon-test')
    path = os.path.join(folder, 'mon')
    p = subprocess.Popen([emu.GNOMON, '-display', 'none', '-serial', 'stdio', '-m', '32', '-qmp', f'unix:{path},server=on,wait=off'],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        emu.read_until(p.stdout, b'gnomon> ', 60)
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        q = emu.Qmp(s)
        q.execute('qmp_capabilities')
        hmp = lambda line: q.execute('human-monitor-command', command_line=line)['return']
        hmp('stop')
        pages = re.findall(r'^([0-9a-f]{16}): ([0-9a-f]{16}) [-XGPDACTUW]{9}\r$', hmp('info tlb'), re.M)
        t.check('info tlb', len(pages) > 100, hmp('info tlb')[:300])
        for linear, physical in pages[::97]:
            t.equal('gva2gpa', hmp(f'gva2gpa 0x{linear}'), f'gpa: {int(physical, 16):#x}\r\n' if int(physical, 16) else 'gpa: 0\r\n')
        ranges = re.findall(r'^([0-9a-f]{16})-([0-9a-f]{16}) ([0-9a-f]{16}) [-u]r[-w]\r$', hmp('info mem'), re.M)
        t.equal('info mem has the same pages', sum(int(n, 16) >> 12 for _, _, n in ranges), len(pages))
        t.equal('unmapped', hmp('gva2gpa 0xfedcb000'), 'Unmapped\r\n')
        t.check('x of what is not mapped', 'Cannot access memory' in hmp('x 0xfedcb000'), '')
    finally:
        p.terminate()
        p.wait()
        os.rmdir(folder)


def main():
    return emu.Tally().run(editing, looking, paging)


if __name__ == '__main__':
    sys.exit(main())
