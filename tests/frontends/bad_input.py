#!/usr/bin/env python3
"""Bad command lines: each ends at once with status 1 and one line that names the culprit, and leaves no file behind or changed."""
import hashlib
import os
import re
import subprocess
import sys
import tempfile

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))
FILES = {'good.img': 1474560, 'large.img': 3 << 20, 'empty.img': 0, 'hd.img': 1 << 20, 'kernel.bin': 100}

# arguments -> what the line must match
CASES = [
    ('-memory 64', r"option '-memory' is unknown: did you mean '-m"),
    ('-drve file=good.img', r"option '-drve' is unknown: did you mean '-drive'"),
    ('--frobnicate', r"option '-frobnicate' is unknown"),
    ('-m', r"option '-m' needs an argument"),
    ('-m 0', r"-m: .*'0'"),
    ('-m 4G', r"'4G' is more RAM"),
    ('-m 3073', r"'3073' is more RAM"),
    ('-m 99999999999999999999', r'-m: '),
    ('-m -5', r"-m: '-5'"),
    ('-m 12x', r"-m: '12x'"),
    ('-m 1.5G', r"-m: '1.5G'"),
    ('-m 100K', r"-m: .*'100K'"),
    ('-machine q35', r"machine 'q35' is unknown: did you mean"),
    ('-machine pc,acpi=maybe', r"acpi is 'on' or 'off', not 'maybe'"),
    ('-machine pc,axel=interp', r"no property 'axel': did you mean 'accel'"),
    ('-machine pc,accel=kvm', r"'kvm' is not in this machine"),
    ('-accel turbo', r"accelerator 'turbo' is unknown: did you mean 'tcg'"),
    ('-cpu 80786', r"80786"),
    ('-cpu pentium,+floop', r"floop"),
    ('-smp 2', r"one processor, not '2'"),
    ('-vga ega', r"display adapter 'ega' is unknown"),
    ('-vga cirrus', r"'cirrus' is not in this machine yet"),
    ('-drive file=good.img,fi=ide', r"-drive has no property 'fi': did you mean"),
    ('-drive file=good.img,if=scsi', r"'scsi' is not in this machine yet"),
    ('-drive file=good.img,if=foo', r"interface 'foo' is unknown"),
    ('-drive file=good.img,format=qcow2', r"'qcow2' is not in this machine yet"),
    ('-drive file=good.img,format=rawr', r"format 'rawr' is unknown: did you mean 'raw'"),
    ('-drive file=good.img,index=9', r"index 9 is too high"),
    ('-drive file=good.img,index=x', r"index is a number, not 'x'"),
    ('-drive file=good.img,snapshot=perhaps', r"snapshot is 'on' or 'off'"),
    ('-drive if=ide', r"hard disk needs file="),
    ('-drive file=good.img,if=none,id=a', r"nothing uses the drive 'a'"),
    ('-hda hd.img -drive file=good.img,index=0', r"two drives on IDE index 0"),
    ('-fda good.img -drive file=good.img,if=floppy,index=0', r"two drives on floppy index 0"),
    ('-hdc hd.img -cdrom good.img', r"two drives on IDE index 2"),
    ('-hda missing.img', r"-hda: .*missing\.img"),
    ('-hda empty.img', r"-hda: .*empty\.img"),
    ('-fda empty.img', r"-fda: .*empty\.img"),
    ('-fda large.img', r"'large\.img' is too large for a floppy"),
    ('-hda .', r"-hda: .*(directory|'\.')"),
    ('missing.img', r"missing\.img"),
    ('good.img hd.img', r"one image without an option"),
    ('-fda hd.img -boot z', r"'z' is no boot order"),
    ('-boot x', r"'x' is no boot order.*option ROM"),
    ('-option-rom /nonexistent', r"cannot open the option ROM '/nonexistent'"),
    ('-device ne2k_pci,romfile=/nonexistent', r"cannot open the option ROM '/nonexistent'"),
    ('-option-rom a ' * 9, r"at most 8 option ROMs"),
    ('-option-rom kernel.bin -option-rom ./kernel.bin', r"duplicate fw_cfg file name 'genroms/kernel\.bin'"),
    ('-kernel missing.bin', r"missing\.bin"),
    ('-kernel kernel.bin', r"kernel\.bin"),
    ('-initrd good.img', r"-initrd needs -kernel"),
    ('-append x', r"-append needs -kernel"),
    ('-bios missing.rom', r"missing\.rom"),
    ('-vgarom missing.rom', r"missing\.rom"),
    ('-serial stdoi', r"stream 'stdoi' is unknown: did you mean 'stdio'"),
    ('-serial file:', r"needs a path"),
    ('-serial file:/nonexistent/log', r"/nonexistent/log"),
    ('-serial unix:', r"needs an address"),
    ('-serial unix:s,servr=on', r"no property 'servr': did you mean 'server'"),
    ('-serial unix:nobody.sock', r"nobody\.sock"),
    ('-serial tcp:localhost', r"needs HOST:PORT"),
    ('-serial chardev:x', r"no -chardev with the id 'x'"),
    ('-serial null -serial null -serial null -serial null -serial null', r"four serial ports"),
    ('-serial stdio -monitor stdio', r"stdio is used twice"),
    ('-serial telnet:localhost:1', r"not in this machine yet"),
    ('-parallel null -parallel null -parallel null', r"two parallel ports"),
    ('-parallel fil:x', r"stream 'fil:x' is unknown: did you mean 'file:'"),
    ('-device isa-parallel', r"isa-parallel needs chardev="),
    ('-chardev sokket,id=a', r"backend 'sokket' is unknown: did you mean 'socket'"),
    ('-chardev stdio', r"needs id="),
    ('-chardev null,id=a -chardev null,id=a', r"already a stream with the id 'a'"),
    ('-chardev null,id=a -serial chardev:a -monitor chardev:a', r"'a' is used twice"),
    ('-chardev file,id=a', r"needs path="),
    ('-chardev socket,id=a', r"either path="),
    ('-mon chardev=a,mode=cntrol', r"mode 'cntrol' is unknown: did you mean 'control'"),
    ('-device isa-debug-exti', r"device 'isa-debug-exti' is unknown: did you mean 'isa-debug-exit'"),
    ('-device isa-debug-exit,iobse=1', r"no property 'iobse': did you mean 'iobase'"),
    ('-device isa-debug-exit,iobase=0x10000', r"iobase is at most 0xffff"),
    ('-device isa-debug-exit,iosize=3', r"iosize"),
    ('-netdev tap,id=n', r"'tap' is not in this program yet: it has 'user'"),
    ('-netdev user', r'needs id='),
    ('-device ne2k_pci,netdev=n', r"no network with the id 'n'"),
    ('-netdev user,id=n,net=1.2.3.4/99 -device ne2k_pci,netdev=n', r'is no network'),
    ('-netdev user,id=n,hostfwd=tcp::x-:22 -device ne2k_pci,netdev=n', r'is no forwarding rule'),
    ('-nic user,mac=zz', r'no station address'),
    ('-nic user,mac=01:00:00:00:00:01', r'multicast'),
    ('-machine isapc -nic user,model=ne2k_pci', r'needs a PCI bus'),
    ('-nic user,model=ne2k_pcj', r"ne2k_pci"),
    ('-object filter-dump,id=f,netdev=n,file=x', r"no network with the id 'n'"),
    ('-net tap', r"'tap' is not in this program yet"),
    ('-global isa-debugcon.iobse=1', r"property 'isa-debugcon.iobse' is unknown: did you mean 'isa-debugcon.iobase'"),
    ('-global isa-debugcon.iobase=0xe9', r"needs -debugcon"),
    ('-global isa-fdc.fdtypeA=1.2', r"is unknown: did you mean '120'"),
    ('-fda good.img -global isa-fdc.fdtypeA=120', r"a drive of type 120 cannot read 'good.img', which is for one of type 144"),
    ('-global nonsense', r"is not DRIVER\.PROPERTY=VALUE"),
    ('-display gtk', r"'gtk' is not in this program yet"),
    ('-display term', r"-display term: standard input and output are no terminal"),
    ('-display curses -serial stdio', r"-display term: the terminal is taken"),
    ('-display none,gl=on', r"gl= is for a window"),
    ('-display sdl,full-screen=maybe', r"full-screen is 'on' or 'off', not 'maybe'"),
    ('-display sdl,grab-mod=rctl', r"grab-mod 'rctl' is unknown: did you mean 'rctrl'"),
    ('-display sdl,scale=2', r"no property 'scale'"),
    ('-display none -full-screen', r"-full-screen needs a window"),
    ('-display nune', r"kind 'nune' is unknown: did you mean 'none'"),
    ('-rtc base=yesterday', r"'yesterday' is no date"),
    ('-rtc base=2000-02-30', r"'2000-02-30' is no date"),
    ('-rtc clock=sundial', r"clock 'sundial' is unknown"),
    ('-icount shift=99', r"shift is at most"),
    ('-icount off,sleep=off', r"sleep=off needs the virtual clock"),
    ('-icount shft=1', r"no property 'shft': did you mean 'shift'"),
    ('-action reboot=explode', r"reboot 'explode' is unknown"),
    ('-d floop', r"floop"),
    ('-D log.txt', r"-D needs -d"),
    ('-d int -D /nonexistent/log', r"/nonexistent/log"),
    ('-pidfile /nonexistent/pid', r"/nonexistent/pid"),
]

GOOD = [
    ('-version', 0, r'^gnomon version \d+\.\d+\.\d+'),
    ('--version', 0, r'^gnomon version \d+\.\d+\.\d+'),
    ('-help', 0, r'usage: gnomon'),
    ('-h', 0, r'-drive file=FILE'),
    ('-device help', 0, r'name "isa-debug-exit"'),
    ("-device ?", 0, r'name "isa-debugcon"'),
    ('-device isa-debug-exit,help', 0, r'iobase='),
    ('-cpu help', 0, r'pentium'),
    ('-machine help', 0, r'isapc'),
    ('-accel help', 0, r'interp'),
    ('-d help', 0, r'guest_errors'),
    ('-display help', 0, r'(?m)^term$'),
    ('-chardev help', 0, r'(?m)^socket$'),
    ('-vga help', 0, r'(?m)^std$'),
    ('-netdev help', 0, r'(?m)^user$'),
]


def picture(folder):
    return {f: hashlib.sha256(open(os.path.join(folder, f), 'rb').read()).hexdigest() for f in sorted(os.listdir(folder))}


def run(folder, args):
    return subprocess.run([GNOMON] + args.split(), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=20, text=True)


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, size in FILES.items():
            with open(os.path.join(folder, name), 'wb') as f:
                f.truncate(size)
        before = picture(folder)
        for args, pattern in CASES:
            # With -display none the hint about windows is not printed, so that one line means one line.
            try:
                r = run(folder, args if '-display' in args else '-display none ' + args)
                problem = (f'status {r.returncode}, expected 1' if r.returncode != 1 else
                           f'{len(r.stderr.splitlines())} lines, expected one' if len(r.stderr.splitlines()) != 1 else
                           f'does not match {pattern!r}' if not re.search(pattern, r.stderr) else
                           'standard output is not empty' if r.stdout else
                           'files were created or changed' if picture(folder) != before else None)
                detail = r.stderr.strip()[:300]
            except subprocess.TimeoutExpired:
                problem, detail = 'did not end', ''
            if problem:
                print(f'gnomon {args}: {problem}: {detail}')
                failed += 1
            else:
                passed += 1
        for args, status, pattern in GOOD:
            r = run(folder, args)
            if r.returncode != status or not re.search(pattern, r.stdout, re.M):
                print(f'gnomon {args}: status {r.returncode}, expected {status} and {pattern!r}: {r.stdout[:200]} {r.stderr[:200]}')
                failed += 1
            else:
                passed += 1
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
