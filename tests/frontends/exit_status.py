#!/usr/bin/env python3
"""Every way a machine ends has its own exit status (docs/exit-status.md)."""
import signal
import sys
import time

import emulator as emu


def status_of(code, *args, send=None, timeout=15):
    with emu.Emulator(code, *args, qmp=False) as e:
        if send:
            time.sleep(0.5)
            e.p.send_signal(send)
        return e.wait(timeout), e.errors() if e.p.poll() is not None else ''


def main():
    t = emu.Tally()
    exit_device = ('-device', 'isa-debug-exit,iobase=0x501,iosize=2')
    cases = [
        ('power-off', emu.POWER_OFF, (), 0, ''),
        ('isa-debug-exit', emu.DEBUG_EXIT, exit_device, 33, ''),
        ('isa-debug-exit elsewhere', emu.DEBUG_EXIT.replace(b'\x01\x05', b'\xf4\x00'),
         ('-device', 'isa-debug-exit,iobase=0xf4,iosize=4'), 33, ''),
        ('reset with -no-reboot', emu.RESET, ('-no-reboot',), 4, ''),
        ('reset with -action reboot=shutdown', emu.RESET, ('-action', 'reboot=shutdown'), 4, ''),
        ('triple fault with -no-reboot', emu.TRIPLE_FAULT, ('-no-reboot',), 6, 'triple fault at 0000:00007c0a'),
        ('triple fault with -action', emu.TRIPLE_FAULT, ('-action', 'triple-fault=exit'), 6, 'triple fault at'),
        ('dead halt with -action', emu.DEAD_HALT, ('-action', 'dead-halt=exit'), 8, 'HLT with interrupts off at 0000:'),
    ]
    for what, code, args, want, text in cases:
        status, errors = status_of(code, *args)
        t.equal(what, status, want)
        t.check(what, text in errors, f'expected {text!r} in {errors!r}')
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        t.equal(f'signal {number.name}', status_of(emu.HALT, send=number)[0], 128 + number)
        t.equal(f'signal {number.name}, paused', status_of(emu.HALT, '-S', send=number)[0], 128 + number)
    t.equal('signal while spinning', status_of(emu.SPIN, send=signal.SIGTERM)[0], 128 + signal.SIGTERM)
    t.equal('a dead halt is no end by itself', status_of(emu.DEAD_HALT, timeout=1)[0], 'still running')
    t.equal('a triple fault resets', status_of(emu.TRIPLE_FAULT, timeout=1)[0], 'still running')
    t.equal('without the device nothing ends', status_of(emu.DEBUG_EXIT, timeout=1)[0], 'still running')
    return t.done()


if __name__ == '__main__':
    sys.exit(main())
