#!/usr/bin/env python3
"""Translator and interpreter side by side: the default guest passes its self-test, input reaches both, and the two never differ."""
import os
import subprocess
import sys
import tempfile
import threading
import time

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))


# l: mov dx,3fdh; w: in al,dx; test al,1; jz w; mov dl,0f8h; in al,dx; out dx,al; cmp al,'q'; jne l; then the debug exit with 10h
ECHO = bytes.fromhex('bafd03' 'ec' 'a801' '74fb' 'b2f8' 'ec' 'ee' '3c71' '75f0' 'ba0105b010eeebfe')


def echo():
    """Serial input comes in on the second machine at the same instruction."""
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, 'fd.img')
        with open(image, 'wb') as f:
            f.write(ECHO + bytes(510 - len(ECHO)) + b'\x55\xaa' + bytes(1474560 - 512))
        r = subprocess.run([GNOMON, '-accel', 'lockstep,eager=on', '-display', 'none', '-serial', 'stdio', '-fda', image, '-boot', 'a',
                            '-device', 'isa-debug-exit'], input=b'one two three q', capture_output=True, timeout=60)
    good = r.stdout.endswith(b'one two three q') and r.returncode == 33
    if not good:
        print(r.returncode, r.stdout, r.stderr.decode())
    return good


# The handler of NMI leaves by the debug exit with what port 378h holds; the program waits for it.
# xor ax,ax; mov ds,ax; mov word [8],h; mov [10],ax; jmp $; h: mov dx,378h; in al,dx; mov dx,501h; out dx,al; jmp $
NMI = bytes.fromhex('31c08ed8' 'c7060800117c' 'a30a00' 'ebfe' '9090' 'ba7803ec' 'ba0105ee' 'ebfe')


def monitor():
    """What the monitor does to ports and lines, it does to both machines."""
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, 'fd.img')
        with open(image, 'wb') as f:
            f.write(NMI + bytes(510 - len(NMI)) + b'\x55\xaa' + bytes(1474560 - 512))
        p = subprocess.Popen([GNOMON, '-accel', 'lockstep', '-display', 'none', '-monitor', 'stdio', '-parallel', 'null', '-fda', image,
                              '-boot', 'a', '-device', 'isa-debug-exit'], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        for _ in range(100):  # until the guest is there
            time.sleep(0.3)
            try:
                p.stdin.write(b'o /b 0x378 0x10\nnmi\n')
            except BrokenPipeError:
                break
        p.kill()
        p.stdin.close()
        out = p.stdout.read()
        p.wait()
    good = p.returncode == 33
    if not good:
        print(p.returncode, out.decode(errors='replace'))
    return good


def refuses_network():
    r = subprocess.run([GNOMON, '-accel', 'lockstep', '-display', 'none', '-nic', 'user'], capture_output=True, text=True, timeout=60)
    good = r.returncode == 1 and r.stderr.startswith("gnomon: -accel: 'lockstep' has a second machine") and r.stderr.count('\n') == 1
    if not good:
        print(r.returncode, r.stderr)
    return good


def main():
    others = [echo(), monitor(), refuses_network()]
    p = subprocess.Popen([GNOMON, '-accel', 'lockstep', '-display', 'none', '-serial', 'stdio', '-no-reboot', '-icount',
                          'shift=3,sleep=off'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    threading.Timer(120, p.kill).start()
    seen, passed = [], False
    for line in p.stdout:
        seen.append(line)
        passed = 'SELF-TEST PASS' in line
        if passed:
            break
    p.kill()
    if not passed:
        print(''.join(seen[-40:]))
    results = [passed, *others]
    print('%d passed, %d failed' % (sum(results), len(results) - sum(results)))
    sys.stdout.flush()
    os._exit(not all(results))


main()
