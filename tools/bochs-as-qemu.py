#!/usr/bin/env python3
"""Runs Bochs by the part of QEMU's command line that the processor suites use, so that they can be run there for comparison.

usage: bochs-as-qemu.py [-m MIB] -kernel FILE [-initrd FILE,FILE...] [-append TEXT] [-display none] [-serial stdio] ...
       bochs-as-qemu.py [-m MIB] -bios FILE [-display none] [-debugcon stdio] ...
Makes a CD-ROM of the Multiboot kernel and its modules with grub-mkrescue, and copies the first serial port to stdout; or runs a
BIOS, and what this writes to port E9h is in stdout among Bochs's own messages.
Needs bochs, bochs-term, grub-pc-bin, xorriso and mtools. BOCHS_CPU names another CPU model (default p4_prescott_celeron_336).
"""
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CPU = 'p4_prescott_celeron_336'
CONFIG = """megs: {mib}
cpu: model={cpu}, count=1, ips=50000000, reset_on_triple_fault=0
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={serial}
display_library: term
config_interface: textconfig
clock: sync=none
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
log: {log}
"""

BIOS_CONFIG = """megs: {mib}
cpu: model={cpu}, count=1, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=0
romimage: file={bios}
port_e9_hack: enabled=1
plugin_ctrl: speaker=0, gameport=0, parallel=0, iodebug=0
display_library: term
config_interface: textconfig
clock: sync=none
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
log: {log}
"""


def parse(args):
    o = {'-m': '64', '-kernel': None, '-bios': None, '-initrd': '', '-append': ''}
    flags = {'-nodefaults', '-no-reboot'}
    while args:
        name = args.pop(0)
        if name in flags:
            continue
        if not args:
            sys.exit(f'bochs-as-qemu: {name} has no value')
        o[name] = args.pop(0)
    if not o['-kernel'] and not o['-bios']:
        sys.exit('bochs-as-qemu: there must be a -kernel or a -bios')
    return o


def make_iso(o, tmp):
    root = os.path.join(tmp, 'cd')
    os.makedirs(root + '/boot/grub')
    shutil.copy(o['-kernel'], root + '/kernel')
    lines = ['set timeout=0', 'terminal_output console', 'menuentry go {', f' multiboot /kernel {o["-append"]}']
    for n, module in enumerate(filter(None, o['-initrd'].split(','))):
        shutil.copy(module, f'{root}/module{n}')
        lines.append(f' module /module{n}')
    with open(root + '/boot/grub/grub.cfg', 'w') as f:
        f.write('\n'.join(lines + [' boot', '}', '']))
    iso = os.path.join(tmp, 'cd.iso')
    r = subprocess.run(['grub-mkrescue', '-d', '/usr/lib/grub/i386-pc', '-o', iso, root], capture_output=True, text=True)
    if r.returncode:
        sys.exit('bochs-as-qemu: grub-mkrescue: ' + r.stderr[-300:])
    return iso


def run_bios(o):
    with tempfile.TemporaryDirectory(prefix='bochs.') as tmp:
        config, commands = os.path.join(tmp, 'bochsrc'), os.path.join(tmp, 'commands')
        with open(config, 'w') as f:
            f.write(BIOS_CONFIG.format(mib=o['-m'], cpu=os.environ.get('BOCHS_CPU', CPU), bios=o['-bios'],
                                       log=os.path.join(tmp, 'log')))
        with open(commands, 'w') as f:
            f.write('continue\n')
        child = subprocess.Popen(['bochs', '-q', '-f', config, '-rc', commands], stdin=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env=dict(os.environ, TERM='vt100'))
        signal.signal(signal.SIGTERM, lambda *_: child.kill())
        child.wait()


def main():
    o = parse(sys.argv[1:])
    if o['-bios']:
        run_bios(o)
        return
    tmp = tempfile.mkdtemp(prefix='bochs.')
    child = None

    def stop(*_):
        if child:
            child.kill()
        shutil.rmtree(tmp, ignore_errors=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    serial = os.path.join(tmp, 'serial')
    config = os.path.join(tmp, 'bochsrc')
    with open(config, 'w') as f:
        f.write(CONFIG.format(mib=o['-m'], cpu=os.environ.get('BOCHS_CPU', CPU), iso=make_iso(o, tmp),
                              serial=serial, log=os.path.join(tmp, 'log')))
    open(serial, 'wb').close()
    commands = os.path.join(tmp, 'commands')
    with open(commands, 'w') as f:
        f.write('continue\n')  # Debian's has the debugger in
    master, slave = pty.openpty()  # its display is a terminal
    child = subprocess.Popen(['bochs', '-q', '-f', config, '-rc', commands], stdin=slave, stdout=slave, stderr=slave,
                             env=dict(os.environ, TERM='vt100'))
    os.set_blocking(master, False)
    with open(serial, 'rb') as f:
        ended = False
        while not ended:
            ended = child.poll() is not None
            sys.stdout.buffer.write(f.read())
            sys.stdout.buffer.flush()
            try:
                while os.read(master, 65536):
                    pass
            except OSError:
                pass
            time.sleep(0.05)
    stop()


if __name__ == '__main__':
    main()
