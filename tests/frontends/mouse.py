#!/usr/bin/env python3
"""The mouse from outside: what QMP's and the monitor's moves, wheel and buttons come to at the 8042."""
import sys
import time

import emulator as emu
import window

QMP = (
    (('rel', 'axis', 'x', 3), '08 03 00 00'),
    (('rel', 'axis', 'y', 4), '28 00 FC 00'),
    (('btn', 'wheel-up', True), '08 00 00 0F'),
    (('btn', 'wheel-up', False), ''),
    (('btn', 'wheel-down', True), '08 00 00 01'),
    (('btn', 'left', True), '09 00 00 00'),
    (('btn', 'side', True), '09 00 00 10'),
    (('btn', 'extra', True), '09 00 00 30'),
    (('btn', 'side', False), '09 00 00 20'),
    (('btn', 'left', False), '08 00 00 20'),
    (('btn', 'extra', False), '08 00 00 00'),
    (('btn', 'middle', True), '0C 00 00 00'),
    (('btn', 'middle', False), '08 00 00 00'),
    (('btn', 'wheel-left', True), ''),
)
MONITOR = (
    ('mouse_move 5 -6', '08 05 06 00'),
    ('mouse_move 0 0 1', '08 00 00 0F'),  # up
    ('mouse_move 0 0 -2', '08 00 00 02'),
    ('mouse_button 3', '0B 00 00 00'),
    ('mouse_button 0', '08 00 00 00'),
)


def event(kind, *data):
    if kind == 'rel':
        return {'type': 'rel', 'data': {'axis': data[1], 'value': data[2]}}
    return {'type': 'btn', 'data': {'button': data[0], 'down': data[1]}}


def main():
    t = emu.Tally()
    with emu.Emulator(window.assemble(window.RAW), '-serial', 'unix:com1,server=on,wait=off', '-S') as e:
        com = e.connect('com1')
        e.q.execute('cont')
        t.equal('the guest starts', emu.read_until(com, b'!'), b'!')

        def says(what, want, answer, wanted_answer):
            t.equal(what, answer, wanted_answer)
            # Something known behind it, a sample later: what is not wanted would come before.
            time.sleep(0.05)
            e.q.execute('input-send-event', events=[event('rel', 'axis', 'x', 99)])
            got = emu.read_until(com, b'm63 m00 m')
            while len(got) % 16:
                got += com.recv(16)
            t.equal(what, got.decode()[:-16], ''.join(f'm{b} ' for b in want.split()))

        for data, want in QMP:
            says(str(data), want, e.q.execute('input-send-event', events=[event(*data)]), {'return': {}})
        for command, want in MONITOR:
            says(command, want, e.q.execute('human-monitor-command', command_line=command), {'return': ''})
        # One list of events, as a client clicks
        e.q.execute('input-send-event', events=[event('btn', 'left', True), event('btn', 'left', False)])
        t.equal('a click in one list', emu.read_until(com, b'm08 m00 m00 m00 '), b'm09 m00 m00 m00 m08 m00 m00 m00 ')
    return t.done()


if __name__ == '__main__':
    sys.exit(main())
