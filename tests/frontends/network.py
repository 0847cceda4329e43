#!/usr/bin/env python3
"""Networks from outside: which card a machine has, what the default guest says to its network, and that it still does after a saved
state. The packet file is read with tshark, if that is there."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import emulator as emu

CARDS = [  # options, cards and their networks
    ([], ['ne2k_pci.0 user.0']),
    (['-M', 'isapc'], ['ne2k_isa.0 user.0']),
    (['-nic', 'none'], []),
    (['-net', 'none'], []),
    (['-nodefaults'], []),
    (['-nodefaults', '-nic', 'user'], ['ne2k_pci.0 nic0']),
    (['-netdev', 'user,id=n', '-device', 'ne2k_isa,netdev=n'], ['ne2k_isa.0 n']),
    (['-device', 'ne2k_pci'], ['ne2k_pci.0', 'ne2k_pci.1 user.0']),
    (['-net', 'nic', '-net', 'user'], ['ne2k_pci.0 user.0']),
    (['-accel', 'lockstep'], ['ne2k_pci.0']),
]


def cards(options):
    p = subprocess.run([emu.GNOMON, '-display', 'none', '-m', '4', '-S', '-monitor', 'stdio', *options], input='info network\nquit\n',
                       capture_output=True, text=True, timeout=20)
    found = []
    for line in p.stdout.splitlines():
        if ',type=nic,' in line:
            found.append(line.split(':')[0].strip())
        elif ' \\ ' in line:
            found[-1] += ' ' + line.split('\\')[1].split(':')[0].strip()
    return found


class Guest:
    """The default guest, its prompt on a pipe."""

    def __init__(self, *options):
        self.p = subprocess.Popen([emu.GNOMON, '-display', 'none', '-serial', 'mon:stdio', *options], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def until(self, text):
        return emu.read_until(self.p.stdout, text.encode(), 30).decode(errors='replace')

    def type(self, text):
        self.p.stdin.write(text.encode())
        self.p.stdin.flush()

    def end(self):
        self.p.kill()
        self.p.wait()
        self.p.stdin.close()
        self.p.stdout.close()


def dump(t, folder):
    """DHCP, ARP and an echo, as the guest's card sees them."""
    path = os.path.join(folder, 'n.pcap')
    g = Guest('-object', f'filter-dump,id=f,netdev=user.0,file={path}')
    screen = g.until('gnomon> ')
    g.end()
    t.check('the guest has a network', 'RTL8029 irq 11, 10.0.2.15 by DHCP, 10.0.2.2 answers' in screen, screen[-900:])
    data = open(path, 'rb').read()
    t.equal('head of the packet file', struct.unpack('<IHHiIII', data[:24]), (0xa1b23c4d, 2, 4, 0, 0, 65536, 1))
    if not shutil.which('tshark'):
        print('SKIPPED reading the packet file: there is no tshark')
        return 1
    fields = ['-e', '_ws.col.Protocol', '-e', 'dhcp.option.dhcp', '-e', 'arp.opcode', '-e', 'icmp.type', '-e', 'frame.time_delta']
    p = subprocess.run(['tshark', '-n', '-r', path, '-T', 'fields', '-E', 'separator=,', *fields], capture_output=True, text=True)
    rows = [line.split(',') for line in p.stdout.splitlines()]
    # tshark's words for the type of a DHCP message differ by version: its number is there in all
    talk = [' '.join(w for w in row[:4] if w) for row in rows]
    wanted = ['DHCP 1', 'DHCP 2', 'DHCP 3', 'DHCP 5', 'ARP 1', 'ARP 2', 'ICMP 8', 'ICMP 0']
    t.equal('what tshark sees', [line for line in talk if line in wanted], wanted)
    t.check('stamped in order', all(float(row[4]) >= 0 for row in rows), p.stdout)
    bad = subprocess.run(['tshark', '-n', '-r', path, '-o', 'ip.check_checksum:TRUE', '-o', 'icmp.check_checksum:TRUE', '-Y',
                          '_ws.malformed || ip.checksum.status == "Bad" || icmp.checksum.status == "Bad"'],
                         capture_output=True, text=True)
    t.equal('nothing malformed', bad.stdout, '')
    return 0


def saved(t, folder, machine):
    """A new process knows nothing of the old one's connections; new ones work."""
    state = os.path.join(folder, machine)
    g = Guest('-M', machine)
    g.until('gnomon> ')
    g.type(f'\x01csavevm file:{state}\ninfo snapshots\n')
    g.until('There is no snapshot')
    g.end()
    g = Guest('-M', machine, '-loadvm', f'file:{state}')
    g.type('net\r')
    screen = g.until('gnomon> ')
    t.check(f'{machine}: the network after loading', '10.0.2.15 by DHCP, 10.0.2.2 answers' in screen, screen)
    g.end()


def unplugged(t, folder, machine, model):
    """A cable that set_link took out is out in a saved state, whatever it is in the machine that loads it."""
    out, back = os.path.join(folder, 'out'), os.path.join(folder, 'in')
    options = ['-S', '-M', machine, '-net', f'nic,model={model}', '-net', 'user']
    for begin, commands, want in (([], [f'savevm file:{back}', f'set_link {model}.0 off', f'savevm file:{out}'], 'down'),
                                  (['-loadvm', f'file:{out}'], [], 'down'),
                                  (['-loadvm', f'file:{out}'], ['system_reset'], 'down'),
                                  (['-loadvm', f'file:{out}'], [f'loadvm file:{back}'], 'up'),
                                  (['-loadvm', f'file:{back}'], [], 'up')):
        p = subprocess.run([emu.GNOMON, '-display', 'none', '-monitor', 'stdio', *options, *begin],
                           input='\n'.join([*commands, 'info network', 'quit', '']), capture_output=True, text=True, timeout=20)
        t.check(f'{machine}: cable {want} after {" ".join([*begin[:1], *(c.split()[0] for c in commands)])}',
                f'link {want};' in p.stdout, p.stdout + p.stderr)


def main():
    t, skipped = emu.Tally(), 0
    p = subprocess.run([emu.GNOMON, '-S', '-display', 'none', '-nodefaults', '-nic', 'user', '-monitor', 'stdio'], input='quit\n',
                       capture_output=True, text=True)
    if 'libslirp' in p.stderr:
        print('SKIPPED: built without libslirp')
        return 77
    for options, want in CARDS:
        t.equal('cards with ' + (' '.join(options) or 'no option'), cards(options), want)
    with tempfile.TemporaryDirectory() as folder:
        skipped += dump(t, folder)
        saved(t, folder, 'pc')
        saved(t, folder, 'isapc')
        unplugged(t, folder, 'pc', 'ne2k_pci')
        unplugged(t, folder, 'isapc', 'ne2k_isa')
    print(f'{t.passed} passed, {t.failed} failed, {skipped} skipped')
    return t.failed > 0


sys.exit(main())
