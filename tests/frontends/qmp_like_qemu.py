#!/usr/bin/env python3
"""Answers, errors and events of QMP are byte for byte those of QEMU 7.2, asked the same. Skipped where there is no QEMU."""
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import emulator as emu

QEMU = 'qemu-system-i386'

# Each line goes to both, right after the greeting. The guest halts.
LINES = r'''
{"execute":"query-status","id":1}
{"execute":"stop"}
{"execute":"qmp_capabilities","arguments":{"enable":["oob"]},"id":1}
{"execute":"qmp_capabilities","id":1}
{"execute":"query-status","id":{"a":[1,null,"x\u00e9"]}}
{"execute":"foo"}
{"execute":"query-name"}
{"execute":"query-cpus-fast"}
{"execute":"query-block"}
{"execute":"query-pci"}
{"execute":"human-monitor-command","arguments":{"command-line":"info pci"}}
{"execute":"stop"}
{"execute":"cont","id":"c"}
{"execute":"cont"}
{"execute":"stop"}
{"execute":"stop"}
{"execute":"query-status"}
{"execute":"system_reset"}
{"execute":"system_powerdown"}
{"execute":"send-key"}
{"execute":"send-key","arguments":{"keys":3}}
{"execute":"send-key","arguments":{"keys":[]}}
{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"zz"}]}}
{"execute":"send-key","arguments":{"keys":[{"type":"qcode"}]}}
{"execute":"send-key","arguments":{"keys":[{"data":"a"}]}}
{"execute":"send-key","arguments":{"keys":[{"type":"foo","data":"a"}]}}
{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"a"}],"hold-time":"x"}}
{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"a"}]}}
{"execute":"send-key","arguments":{"keys":[{"type":"number","data":30}]}}
{"execute":"send-key","arguments":{"keys":[{"type":"number","data":"a"}]}}
{"execute":"send-key","arguments":{"keys":["a"]}}
{"execute":"input-send-event","arguments":{"events":[]}}
{"execute":"cont"}
{"execute":"input-send-event","arguments":{"events":[]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"key","data":{"down":true,"key":{"type":"qcode","data":"a"}}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"key","data":{"down":true,"key":{"type":"qcode","data":"zz"}}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"key","data":{"down":1,"key":{"type":"qcode","data":"a"}}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"key","data":{"key":{"type":"qcode","data":"a"}}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"key","data":{"down":true}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"btn","data":{"down":true,"button":"left"}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"btn","data":{"down":true,"button":"wheel-up"}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"btn","data":{"down":false,"button":"side"}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"btn","data":{"down":false,"button":"foo"}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"btn","data":{"button":"left"}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"rel","data":{"axis":"x","value":5}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"rel","data":{"axis":"q","value":5}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"abs","data":{"axis":"x","value":5}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"foo","data":{"axis":"x","value":5}}]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"key"}]}}
{"execute":"input-send-event","arguments":{"events":[3]}}
{"execute":"input-send-event","arguments":{"device":"foo","head":0,"events":[]}}
{"execute":"screendump","arguments":{"filename":"s.ppm"}}
{"execute":"screendump","arguments":{"filename":"s.png","format":"png"}}
{"execute":"screendump","arguments":{"filename":"s.gif","format":"gif"}}
{"execute":"screendump","arguments":{"filename":"/nonexistent/s.ppm"}}
{"execute":"screendump","arguments":{"filename":"s.ppm","head":1}}
{"execute":"screendump","arguments":{"filename":"s.ppm","device":"foo"}}
{"execute":"screendump"}
{"execute":"memsave","arguments":{"val":0,"size":16,"filename":"m"}}
{"execute":"memsave","arguments":{"val":0,"size":16,"filename":"m","cpu-index":3}}
{"execute":"pmemsave","arguments":{"val":0,"size":16,"filename":"/nonexistent/m"}}
{"execute":"pmemsave","arguments":{"val":0,"size":16,"filename":"m"}}
{"execute":"human-monitor-command","arguments":{"command-line":"info status"}}
{"execute":"human-monitor-command","arguments":{"command-line":"info status","cpu-index":7}}
{"execute":"human-monitor-command"}
{"execute":"eject","arguments":{"device":"floppy0"}}
{"execute":"query-block"}
{"execute":"eject","arguments":{"id":"nope"}}
{"execute":"eject"}
{"execute":"eject","arguments":{"device":"foo"}}
{"execute":"blockdev-change-medium","arguments":{"device":"floppy0","filename":"fd.img","format":"raw"}}
{"execute":"blockdev-change-medium","arguments":{"device":"floppy0","filename":"no.img"}}
{"execute":"blockdev-change-medium","arguments":{"device":"floppy0","filename":"fd.img","format":"foo"}}
{"execute":"blockdev-change-medium","arguments":{"device":"ide1-cd0","filename":"c.iso","read-only-mode":"foo"}}
{"execute":"blockdev-change-medium","arguments":{"device":"ide1-cd0","filename":"c.iso","read-only-mode":"read-only"}}
{"execute":"blockdev-change-medium","arguments":{"device":"ide1-cd0"}}
{"execute":"blockdev-open-tray"}
{"execute":"blockdev-open-tray","arguments":{"device":"foo"}}
{"execute":"blockdev-open-tray","arguments":{"id":"foo"}}
{"execute":"blockdev-open-tray","arguments":{"device":"floppy0"}}
{"execute":"blockdev-close-tray","arguments":{"device":"floppy0"}}
{"execute":"blockdev-remove-medium","arguments":{"id":"nope"}}
{"execute":"blockdev-insert-medium","arguments":{"id":"nope","node-name":"x"}}
{"execute":"blockdev-remove-medium","arguments":{"id":"CD"}}
{"execute":"blockdev-open-tray","arguments":{"device":"ide1-cd0"}}
{"execute":"blockdev-open-tray","arguments":{"id":"CD","force":true}}
{"execute":"query-block"}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"n","read-only":true,"file":{"driver":"file","filename":"d.iso"}}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"n","read-only":true,"file":{"driver":"file","filename":"d.iso"}}}
{"execute":"blockdev-add","arguments":{"driver":"file","node-name":"f","filename":"d.iso","read-only":true}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"y","read-only":true,"file":{"driver":"file","filename":"no.iso"}}}
{"execute":"blockdev-add","arguments":{"driver":"foo","node-name":"y"}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"y"}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"y","file":3}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"y","file":"nope"}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"y","file":{"filename":"d.iso"}}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"y","file":{"driver":"file"}}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"y","file":{"driver":"file","filename":"d.iso","zz":1}}}
{"execute":"blockdev-add","arguments":{"driver":"file","node-name":"y"}}
{"execute":"blockdev-add","arguments":{"driver":"file","filename":"d.iso"}}
{"execute":"blockdev-add","arguments":{"driver":"file","node-name":"1y","filename":"d.iso"}}
{"execute":"blockdev-add","arguments":{"driver":"file","node-name":"ide1-cd0","filename":"d.iso"}}
{"execute":"blockdev-insert-medium","arguments":{"id":"CD","node-name":"n"}}
{"execute":"blockdev-remove-medium","arguments":{"id":"CD"}}
{"execute":"blockdev-remove-medium","arguments":{"id":"CD"}}
{"execute":"blockdev-insert-medium","arguments":{"id":"CD","node-name":"nope"}}
{"execute":"blockdev-insert-medium","arguments":{"id":"CD","node-name":"n"}}
{"execute":"query-block"}
{"execute":"blockdev-del","arguments":{"node-name":"n"}}
{"execute":"blockdev-del","arguments":{"node-name":"nope"}}
{"execute":"blockdev-close-tray","arguments":{"id":"CD"}}
{"execute":"blockdev-close-tray","arguments":{"id":"CD"}}
{"execute":"eject","arguments":{"id":"CD","force":true}}
{"execute":"query-block"}
{"execute":"blockdev-close-tray","arguments":{"device":"ide1-cd0"}}
{"execute":"query-block"}
{"execute":"blockdev-insert-medium","arguments":{"id":"CD","node-name":"f"}}
{"execute":"blockdev-open-tray","arguments":{"id":"CD"}}
{"execute":"blockdev-insert-medium","arguments":{"id":"CD","node-name":"f"}}
{"execute":"query-block"}
{"execute":"blockdev-change-medium","arguments":{"id":"CD","filename":"c.iso","force":true}}
{"execute":"blockdev-del","arguments":{"node-name":"f"}}
{"execute":"human-monitor-command","arguments":{"command-line":"eject ide1-cd0"}}
{"execute":"human-monitor-command","arguments":{"command-line":"eject -f ide1-cd0"}}
{"execute":"human-monitor-command","arguments":{"command-line":"change ide1-cd0 c.iso raw"}}
{"execute":"human-monitor-command","arguments":{"command-line":"change ide1-cd0 c.iso raw read-only"}}
{"execute":"human-monitor-command","arguments":{"command-line":"change ide1-cd0 c.iso raw foo"}}
{"execute":"set_link","arguments":{"name":"n0","up":false}}
{"execute":"set_link","arguments":{"name":"card","up":true}}
{"execute":"set_link","arguments":{"name":"foo","up":true}}
{"execute":"set_link","arguments":{"name":"n0"}}
{"execute":"human-monitor-command","arguments":{"command-line":"set_link n0 off"}}
{"execute":"human-monitor-command","arguments":{"command-line":"set_link n0 foo"}}
{"execute":"human-monitor-command","arguments":{"command-line":"set_link foo on"}}
{"execute":"human-monitor-command","arguments":{"command-line":"info network"}}
{"execute":"query-commands","arguments":{"x":1}}
{"execute":"query-jobs"}
{"execute":"job-dismiss","arguments":{"id":"x"}}
{"execute":"query-machines","arguments":{"x":1}}
{"execute":"query-uuid"}
{"execute":"query-target"}
{"execute":"query-replay"}
{"execute":"query-migrate"}
{"execute":"query-balloon"}
{"execute":"query-vnc"}
{"execute":"query-iothreads"}
{"execute":"query-block-jobs"}
{"execute":"query-memory-size-summary"}
{"execute":"inject-nmi"}
{"execute":3}
{"execute":"stop","foo":1}
{"execute":"stop","arguments":3}
{"execute":"stop","arguments":[]}
{"execute":"stop","arguments":{"a":1},"id":"é"}
{}
[]
3
"x"
null
{"execute":"x" "y"}
{"a":tru}
{'execute':'query-name'}
{"execute":"quit","id":99}
'''.strip().split('\n')


class Side:
    def __init__(self, program, folder):
        for name, size in (('c.iso', 4 << 20), ('d.iso', 2 << 20), ('fd.img', 1474560)):
            with open(os.path.join(folder, name), 'wb') as f:
                f.write(emu.boot_sector(emu.HALT) if name == 'fd.img' else bytes(size))
        self.p = subprocess.Popen([program, '-display', 'none', '-m', '16', '-fda', 'fd.img', '-boot', 'a', '-cdrom', 'c.iso', '-name',
                                   'guest "1"', '-netdev', 'user,id=n0', '-device', 'ne2k_pci,netdev=n0,id=card', '-S', '-qmp', 'unix:qmp,server=on,wait=off'],
                                  cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.s, self.buffer, self.cd = socket.socket(socket.AF_UNIX), b'', 'CD'
        for _ in range(200):
            try:
                self.s.connect(os.path.join(folder, 'qmp'))
                break
            except OSError:
                time.sleep(0.02)

    def answer(self, timeout=5):
        """Lines up to the answer, and events that follow it closely."""
        data, end = b'', time.time() + timeout
        done = False
        while select.select([self.s], [], [], 0.03 if done else max(0, end - time.time()))[0]:
            part = self.s.recv(65536)
            if not part:
                break
            data += part
            done = any(line.startswith((b'{"return"', b'{"error"', b'{"id"', b'{"QMP"')) for line in data.split(b'\n'))
        return data.decode('ascii')

    def ask(self, line):
        self.s.sendall(line.replace('"id":"CD"', f'"id":"{self.cd}"').encode() + b'\n')
        text = self.answer()
        found = re.search(r'"device": "ide1-cd0".*?"qdev": "([^"]*)"', text)
        self.cd = found.group(1) if found else self.cd
        return text


def normal(text):
    """Without what may differ: time, process and block node numbers, which device of QEMU's tree a drive is, and what else it has."""
    text = re.sub(r'"(seconds|microseconds|thread-id|actual-size)": \d+', r'"\1": N', text)
    text = re.sub(r'.*"reason": "guest-reset".*\n', '', text)  # SeaBIOS resets once more
    text = re.sub(r'"node-name": "[^"]*"', '"node-name": "N"', text)
    text = re.sub(r'/machine/unattached/device\[\d+\]', '/machine/D', text)
    # Cards: whose they are, how large their ROMs and windows; what else we say of a network
    text = re.sub(r'"subsystem(-vendor)?": \d+', r'"subsystem\1": N', text)
    text = re.sub(r', \{[^{}]*"bar": 6[^{}]*\}', '', text)
    text = re.sub(r'"bar": 0, "size": (32|256),', '"bar": 0, "size": N,', text)
    text = re.sub(r'      PCI subsystem [0-9a-f]{4}:[0-9a-f]{4}\\r\\n|      BAR6: .*?\\r\\n', '', text)
    text = re.sub(r'I/O at 0xffffffffffffffff \[0x00(1|f)e\]', 'I/O', text)
    text = re.sub(r'restrict=off\\r\\n    link .*"', r'restrict=off\\r\\n"', text)
    text = text.replace(', {"device": "sd0", "locked": false, "removable": true, "type": "unknown"}', '')
    return text


def main():
    t = emu.Tally()
    if not shutil.which(QEMU):
        print(f'SKIPPED qmp_like_qemu: there is no {QEMU}')
        return 77
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        theirs, ours = Side(QEMU, a), Side(emu.GNOMON, b)
        keys = lambda text: re.sub(r'"[^"]*debian[^"]*"|"gnomon [^"]*"|\d+', 'N', text, flags=re.I)
        t.equal('greeting', keys(ours.answer()), keys(theirs.answer()))
        for line in LINES:
            t.equal(line, normal(ours.ask(line)), normal(theirs.ask(line)))
        for side in (theirs, ours):
            try:
                side.p.wait(5)
            except subprocess.TimeoutExpired:
                side.p.kill()
                side.p.wait()
    return t.done()


if __name__ == '__main__':
    sys.exit(main())
