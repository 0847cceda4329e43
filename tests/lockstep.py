#!/usr/bin/env python3
"""The default guest with translator and interpreter side by side: it passes its self-test, and the two never differ."""
import os
import subprocess
import sys
import threading

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))


def main():
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
    print('%d passed, %d failed' % (passed, not passed))
    sys.stdout.flush()
    os._exit(not passed)


main()
