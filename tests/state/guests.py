#!/usr/bin/env python3
"""Guests from ../shared, saved at random instants of their boots, and compared between the engines (sweep.c): a cut, or with `long` many instants and more guests."""
import lzma
import os
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(os.environ.get('BUILD', 'build'))
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
GUESTS = os.path.join(os.environ.get('GNOMON_SHARED', os.path.join(ROOT, '..', 'shared')), 'guests')
BENCH = os.path.expanduser(os.environ.get('GNOMON_BENCH', '~/.cache/gnomon-bench'))
SEABIOS = '/usr/share/seabios/bios.bin'

# image, how, options
QUICK = [
    ('bootos/osall.img', '-fda', '-length 50 -instants 4'),
    ('mikeos/mikeos.flp', '-fda', '-instants 4'),
    ('copy-images/freedos722.img', '-fda', '-length 300 -instants 4'),
    ('copy-images/freedos722.img', '-fda', '-length 300 -instants 2 -accel interp -seed 5'),
    ('copy-images/freedos722.img', '-fda', '-length 300 -instants 10 -engines'),
    (None, None, f'-kernel {BENCH}/vmlinuz -initrd {BENCH}/initrd.gz -append console=ttyS0 -m 128 -length 600 -instants 10 -engines'),
]
LONG = [
    ('bootos/osall.img', '-fda', '-length 50 -instants 40'),
    ('mikeos/mikeos.flp', '-fda', '-instants 40'),
    ('mikeos/mikeos.iso', '-cdrom', '-instants 20'),
    ('copy-images/freedos722.img', '-fda', '-length 300 -instants 30'),
    ('copy-images/freedos722.img', '-fda', '-length 300 -instants 10 -accel interp -seed 5'),
    ('copy-images/freedos722.img', '-fda', f'-length 300 -instants 10 -bios {SEABIOS}'),
    ('copy-images/linux.img', '-fda', '-length 600 -instants 15'),
    ('elks-fd1440/fd1440.img', '-fda', '-m 4 -isapc -instants 15'),
    ('kolibri-2024/kolibri.img', '-fda', '-m 64 -length 1500 -instants 15'),
    (None, None, f'-kernel {BENCH}/vmlinuz -initrd {BENCH}/initrd.gz -append console=ttyS0 -m 128 -length 3000 -instants 20'),
    (None, None, f'-kernel {BENCH}/vmlinuz -initrd {BENCH}/initrd.gz -append console=ttyS0 -m 128 -length 600 -instants 5 -accel interp'),
    (None, None, f'-kernel {BENCH}/vmlinuz -initrd {BENCH}/initrd.gz -append console=ttyS0 -m 128 -length 3000 -instants 60 -engines'),
    ('kolibri-2024/kolibri.img', '-fda', '-m 64 -length 1500 -instants 30 -engines'),
    ('elks-fd1440/fd1440.img', '-fda', '-m 4 -isapc -length 200 -instants 20 -engines'),
]


def main():
    total = [0, 0, 0]
    with tempfile.TemporaryDirectory() as folder:
        for image, how, options in LONG if sys.argv[1:] == ['long'] else QUICK:
            command = [os.path.join(BUILD, 'tests/state_sweep'), *options.split()]
            if image:
                packed = os.path.join(GUESTS, image + '.xz')
                path = os.path.join(folder, os.path.basename(image))
                if not os.path.exists(packed):
                    print(f'SKIPPED {image}: it is not in {GUESTS}')
                    total[2] += 1
                    continue
                with open(path, 'wb') as f:
                    f.write(lzma.open(packed).read())
                command += [how, path]
            missing = [o for o in command if o.startswith((BENCH, SEABIOS)) and not os.path.exists(o)]
            if missing:
                print(f'SKIPPED {missing[0]}: it is not there')
                total[2] += 1
                continue
            r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            good = r.returncode == 0
            total[not good] += 1
            if not good:
                print(f'{image or "Linux"} {options}:\n{r.stdout}status {r.returncode}')
    print('%d passed, %d failed, %d skipped' % tuple(total))
    return total[1] != 0


if __name__ == '__main__':
    sys.exit(main())
