#!/usr/bin/env python3
"""Runs what ../shared has: whole guests (boot SPEC...) or a suite (suite NAME). Skipped, with the reason, where there is none.

usage: shared_guests.py boot SPEC... [-- OPTION...]
       shared_guests.py suite NAME [-- OPTION...]
Options behind -- are for boot.py or run.py, but for --accel WHAT and --bios FILE, which are for the emulator; skipped, too, if there
is no such BIOS.
"""
import os
import subprocess
import sys
import tempfile

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
SHARED = os.path.abspath(os.environ.get('GNOMON_SHARED', os.path.join(ROOT, '..', 'shared')))


def main():
    args, extra = sys.argv[1:], []
    if '--' in args:
        cut = args.index('--')
        args, extra = args[:cut], args[cut + 1:]
    emulator = GNOMON
    if '--accel' in extra:
        at = extra.index('--accel')
        emulator += ' -accel ' + extra[at + 1]
        del extra[at:at + 2]
    if '--bios' in extra:
        at = extra.index('--bios')
        if not os.path.exists(extra[at + 1]):
            print(f'SKIPPED: there is no {extra[at + 1]}')
            return 77
        emulator += ' -bios ' + extra[at + 1]
        del extra[at:at + 2]
    if len(args) < 2 or args[0] not in ('boot', 'suite'):
        sys.exit(__doc__)
    script = os.path.join(SHARED, 'guests/boot.py' if args[0] == 'boot' else 'suites/run.py')
    if not os.path.exists(script):
        print(f'SKIPPED: there is no {os.path.relpath(script, ROOT)}')
        return 77
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, script]
        if args[0] == 'boot':
            command += ['--emu', emulator, '--out', os.path.join(os.environ.get('BUILD', out), 'boot-out')] + extra
            command += [os.path.join(SHARED, 'guests', spec) for spec in args[1:]]
        else:
            command += args[1:2] + ['--emu', emulator] + extra
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    # A guest whose image was not built says "skipped ... run the guest's build script": run-tests.py shows those lines.
    print(r.stdout, end='')
    return r.returncode


if __name__ == '__main__':
    sys.exit(main())
