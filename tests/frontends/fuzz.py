#!/usr/bin/env python3
"""Random bytes to QMP and the monitor, random command lines: the program survives or refuses them.

usage: fuzz.py [ROUNDS [SEED]]
Most is seen in a build with sanitizers. QMP commands that write files get names in a folder of their own.
"""
import random
import subprocess
import sys

import emulator as emu

LINES = [b'{"execute":"query-status","id":1}', b'{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"a"}],"hold-time":5}}',
         b'{"execute":"human-monitor-command","arguments":{"command-line":"x /20xb $esp - 8"}}',
         b'{"execute":"human-monitor-command","arguments":{"command-line":"x /5i $pc"}}',
         b'{"execute":"human-monitor-command","arguments":{"command-line":"sendkey ctrl-alt-f1 10"}}',
         b'{"execute":"human-monitor-command","arguments":{"command-line":"info registers"}}',
         b'{"execute":"human-monitor-command","arguments":{"command-line":"mouse_move 5 -5 1"}}',
         b'{"execute":"input-send-event","arguments":{"events":[{"type":"rel","data":{"axis":"x","value":3}}]}}',
         b'{"execute":"memsave","arguments":{"val":0,"size":16,"filename":"m"}}', b'{"execute":"query-block"}',
         b'{"execute":"eject","arguments":{"device":"floppy0"}}', b'{"execute":"system_reset"}', b'{"execute":"query-commands"}',
         b'{"execute":"screendump","arguments":{"filename":"s"}}', b'{"execute":"stop"}', b'{"execute":"cont"}']
WORDS = ('-m 64 -hda fd.img -drive file=fd.img,if=floppy,index=1 media=cdrom -serial stdio mon:stdio unix:x,server=on,wait=off chardev:a '
         '-chardev null,id=a,mux=on -mon a -device isa-debug-exit,iobase=1 isa-serial,chardev=a -rtc base=2000-01-01 -icount shift=3,sleep=off '
         '-cpu pentium,+sse -machine pc,accel=interp -boot order=cad -global isa-debugcon.iobase=5 -debugcon file:d -nographic -S').split()


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 5))):
        if not data:
            break
        at = rng.randrange(len(data))
        action = rng.randrange(4)
        if action == 0:
            data[at] = rng.randrange(256)
        elif action == 1:
            del data[at]
        elif action == 2:
            data.insert(at, rng.choice(b'"{}[]:,\\0-$%s'))
        else:
            data[at:at] = data[at:at + rng.randrange(20)] * rng.randrange(4)
    return bytes(data)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    t = emu.Tally()
    with emu.Emulator(emu.HALT, '-vga', 'std', '-chardev', 'socket,id=c,path=mon,server=on,wait=off', '-mon', 'c') as e:
        mon = e.connect('mon')
        for _ in range(rounds):
            try:
                e.q.send(mutate(rng, rng.choice(LINES)) + b'\n')
                line = rng.choice(LINES).split(b'"')[-2] if rng.random() < 0.5 else b'xp /9xg 0x100'
                mon.sendall(mutate(rng, line) + b'\r')
                emu.read_until(mon, b'(gnomon) ', 0.02)
                while emu.select.select([e.q.s], [], [], 0.005)[0] and e.q.s.recv(65536):
                    pass
            except OSError:
                break
        e.q.buffer = b''
        e.q.send(b'\n"\n')
        t.check('QMP and monitor survive', e.wait(0.3) == 'still running', f'status {e.p.poll()}')
        if e.p.poll() is not None:
            print(e.errors()[-3000:])
    bad = []
    with emu.Emulator(emu.HALT, '-S') as e:
        for _ in range(rounds // 3):
            words = [rng.choice(WORDS) for _ in range(rng.randrange(1, 6))]
            words = [mutate(rng, w.encode()).replace(b'\0', b'').replace(b'/', b'') for w in words]
            try:
                r = subprocess.run([emu.GNOMON, *words, b'-m', b'x'], cwd=e.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, timeout=20)
                if r.returncode not in (0, 1) or b'Sanitizer' in r.stderr:
                    bad.append((words, r.returncode, r.stderr[-500:]))
            except subprocess.TimeoutExpired:
                bad.append((words, 'did not end', ''))
    t.check('command lines are refused', not bad, bad[:3])
    return t.done()


if __name__ == '__main__':
    sys.exit(main())
