#!/usr/bin/env python3
"""IR as text and back (-accel tcg,check-ir=on) for each block that the default guest's boot translates: the guest passes its self-test,
and the translator says that it checked what each block was translated to, before and behind the passes."""
import os
import re
import subprocess
import sys
import threading

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))


def boot(accel):
    """What was said on the way to the end of the self-test, and then by `info jit`."""
    p = subprocess.Popen([GNOMON, '-accel', accel, '-display', 'none', '-serial', 'mon:stdio', '-no-reboot', '-icount', 'shift=3,sleep=off'],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    late = threading.Timer(100, p.kill)
    late.start()
    seen = []
    for line in p.stdout:
        seen.append(line)
        if 'SELF-TEST PASS' in line:
            p.stdin.write('\x01cinfo jit\nquit\n')
            p.stdin.flush()
    late.cancel()
    return ''.join(seen)


def main():
    passed = failed = 0
    for accel in ('tcg,check-ir=on', 'tcg,check-ir=on,eager=on', 'tcg,check-ir=on,eager=on,optimise=off'):
        said = boot(accel)
        translated = re.search(r'blocks translated (\d+)', said)
        checked = re.search(r'IR checked (\d+) times', said)
        good = 'SELF-TEST PASS' in said and translated and checked and int(checked[1]) >= 2 * int(translated[1]) > 800
        print(f'{accel}: ' + (f'{translated[1]} blocks' if good else said[-3000:]))
        passed += bool(good)
        failed += not good
    print(f'{passed} passed, {failed} failed')
    return failed > 0


sys.exit(main())
