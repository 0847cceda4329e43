#!/usr/bin/env python3
"""Serial ports on every kind of stream, Ctrl-A, and an idle guest that leaves the host's core alone."""
import os
import socket
import subprocess
import sys
import time

import emulator as emu


def echo(t, what, s, send):
    t.check(what, b'ready' in emu.read_until(s, b'ready\n'), 'no greeting')
    send(b'ACE')
    data = emu.read_until(s, b'BDF')
    t.check(what, b'BDF' in data, data)


# xor ax,ax; mov ds,ax; mov si,7C15h; a: lodsb; test al,al; jz b; mov ah,0; xor dx,dx; int 17h; jmp a; b: hlt; jmp b
PRINT = bytes.fromhex('31c08ed8be177c' 'ac84c07408' 'b40031d2cd17ebf3' 'f4ebfd') + b'on paper\0'


def sockets(t):
    with emu.Emulator(emu.ECHO, '-S', '-serial', 'unix:ser,server=on,wait=off') as e:
        s = e.connect('ser')
        e.q.execute('cont')
        echo(t, 'unix server', s, s.sendall)
        s.close()
        time.sleep(0.1)
        s = e.connect('ser')
        s.sendall(b'X')
        t.check('a second peer', b'Y' in emu.read_until(s, b'Y'), '')
    with emu.Emulator(emu.ECHO, '-chardev', 'socket,id=s,path=ser,server=on,wait=on', '-serial', 'chardev:s', qmp=False) as e:
        s = e.connect('ser')
        echo(t, 'wait=on', s, s.sendall)
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(1)
    with emu.Emulator(emu.ECHO, '-serial', 'tcp:127.0.0.1:%d' % listener.getsockname()[1], qmp=False) as e:
        s, _ = listener.accept()
        echo(t, 'tcp client', s, s.sendall)
    listener.close()
    free = socket.socket()
    free.bind(('127.0.0.1', 0))
    port = free.getsockname()[1]
    free.close()
    with emu.Emulator(emu.ECHO, '-serial', f'tcp:127.0.0.1:{port},server,wait=on', qmp=False) as e:
        for _ in range(100):
            try:
                s = socket.create_connection(('127.0.0.1', port))
                break
            except OSError:
                time.sleep(0.05)
        echo(t, 'tcp server', s, s.sendall)


def files(t):
    with emu.Emulator(emu.ECHO, '-serial', 'file:out.txt') as e:
        time.sleep(1.5)
        t.equal('file', open(e.path('out.txt'), 'rb').read(), b'ready\n')
        e.q.execute('quit')
    with emu.Emulator(PRINT, '-parallel', 'file:out.txt', '-chardev', 'file,id=p,path=two.txt', '-device', 'isa-parallel,chardev=p') as e:
        time.sleep(1.5)
        t.equal('printed', open(e.path('out.txt'), 'rb').read(), b'on paper')
        t.equal('not on the other one', open(e.path('two.txt'), 'rb').read(), b'')
        info = e.q.execute('human-monitor-command', command_line='info chardev')['return']
        t.check('listed', 'parallel0: filename=' in info, info)
        e.q.execute('quit')
    with emu.Emulator(emu.ECHO, '-serial', 'stdio', qmp=False, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as e:
        echo(t, 'stdio', e.p.stdout, lambda b: (e.p.stdin.write(b), e.p.stdin.flush()))
        e.p.stdin.close()
        t.equal('end of input is no end', e.wait(0.5), 'still running')
    with emu.Emulator(emu.ECHO, '-serial', 'stdio', qmp=False, stdout=subprocess.PIPE) as e:
        e.p.stdout.close()
        t.equal('a closed pipe is no end', e.wait(1.5), 'still running')
        e.p.stdout = None


def terminal(t):
    with emu.Emulator(emu.ECHO, '-serial', 'mon:stdio', qmp=False, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as e:
        send = lambda b: (e.p.stdin.write(b), e.p.stdin.flush())
        echo(t, 'mon:stdio', e.p.stdout, send)
        send(b'\x01c')
        t.check('Ctrl-A C', b'(gnomon)' in emu.read_until(e.p.stdout, b'(gnomon)'), '')
        send(b'info stauts\x7f\x7f\x7f\x7f\x7ftatus\r')
        data = emu.read_until(e.p.stdout, b'running')
        t.check('monitor', b'VM status: running' in data, data)
        send(b'\x01cA')
        t.check('back to the port', b'B' in emu.read_until(e.p.stdout, b'B'), '')
        send(b'\x01h')
        t.check('Ctrl-A H', b'Ctrl-A X' in emu.read_until(e.p.stdout, b'Ctrl-A X'), '')
        send(b'\x01x')
        t.equal('Ctrl-A X', e.wait(), 0)
    with emu.Emulator(emu.SPIN, '-serial', 'mon:stdio', qmp=False, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as e:
        time.sleep(0.5)
        e.p.stdin.write(b'typed ahead of a guest that does not read\x01x')
        e.p.stdin.flush()
        t.equal('Ctrl-A X while the guest is deaf', e.wait(), 0)


def idle(t):
    with emu.Emulator(emu.HALT) as e:
        time.sleep(1)
        before, start = cpu_seconds(e.p.pid), time.time()
        time.sleep(3)
        share = (cpu_seconds(e.p.pid) - before) / (time.time() - start)
        t.check('an idle guest uses less than 3 % of a core', share < 0.03, f'{share:.1%}')
    with emu.Emulator(emu.HALT) as e:
        time.sleep(1)
        first, start = ticks(e), time.time()
        time.sleep(3)
        rate = (ticks(e) - first) / (time.time() - start)
        t.check('its clock goes with the host\'s', 16.5 < rate < 20, f'{rate:.1f} ticks a second, not 18.2')
    with emu.Emulator(emu.HALT, '-icount', 'shift=3,sleep=off') as e:
        time.sleep(1.5)
        t.check('sleep=off does not wait', ticks(e) > 100, ticks(e))


def ticks(e):
    e.q.execute('pmemsave', val=0x46c, size=4, filename=e.path('ticks'))
    return int.from_bytes(open(e.path('ticks'), 'rb').read(), 'little')


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def main():
    return emu.Tally().run(sockets, files, terminal, idle)


if __name__ == '__main__':
    sys.exit(main())
