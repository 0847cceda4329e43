#!/usr/bin/env python3
"""A QMP session: greeting, negotiation, errors, ids, events, and each command once."""
import os
import re
import sys
import time

import emulator as emu

COMMANDS = """qmp_capabilities query-version query-commands query-status query-name query-kvm query-cpus-fast query-block query-chardev
query-jobs snapshot-save snapshot-load snapshot-delete job-dismiss eject blockdev-change-medium
stop cont system_reset system_powerdown quit send-key input-send-event screendump memsave pmemsave human-monitor-command""".split()


def generic(desc):
    return {'error': {'class': 'GenericError', 'desc': desc}}


def protocol(t):
    with emu.Emulator(emu.HALT, '-S', '-name', 'guest "1"', '-vga', 'std', qmp=True) as e:
        q = e.q
        t.check('greeting', {'major', 'minor', 'micro'} <= set(q.greeting['QMP']['version']['qemu']), q.greeting)
        t.equal('second negotiation', q.execute('qmp_capabilities')['error']['class'], 'CommandNotFound')
        t.equal('id comes back', q.request('{"execute":"query-status","id":[1,{"a":"\\u00e9"}]}\n')['id'], [1, {'a': 'é'}])
        q.send('{"execute":"query-status","id":7}\n')
        t.equal('bytes of an answer', q.raw_line(),
                '{"return": {"status": "prelaunch", "singlestep": false, "running": false}, "id": 7}\r')
        r = q.execute('query-statsu')
        t.equal('unknown command', r['error']['class'], 'CommandNotFound')
        t.equal('its words', r['error']['desc'], 'The command query-statsu has not been found')
        t.equal('missing argument', q.execute('send-key'), generic("Parameter 'keys' is missing"))
        t.equal('wrong type', q.execute('send-key', keys=3), generic("Invalid parameter type for 'keys', expected: array"))
        t.equal('extra argument', q.execute('cont', x=1), generic("Parameter 'x' is unexpected"))
        t.equal('no object', q.request('[1]\n'), generic('QMP input must be a JSON object'))
        t.equal('extra member', q.request('{"execute":"stop","foo":1}\n'), generic("QMP input member 'foo' is unexpected"))
        t.equal('no command', q.request('{}\n'), generic("QMP input lacks member 'execute'"))
        t.equal('command is a number', q.request('{"execute":3}\n'), generic("QMP input member 'execute' must be a string"))
        for bad in ('{"execute":"x" "y"}', '{"execute":"\\ud800"}', '{"a":tru}', '[' * 100 + ']' * 100, '{"x":01}', '"\x01"'):
            r = q.request(bad + '\n')
            t.check(f'bad JSON {bad[:20]!r}', r['error']['desc'].startswith('JSON parse error'), r)
        q.send(b'\xff\xfe{"execute": "query-name"\n}\n')
        r = q.line()
        t.check('bytes that are no UTF-8', 'error' in r, r)
        while True:  # whatever the rest of it made, the connection goes on
            r = q.request('{"execute":"query-name"}\n')
            if 'return' in r:
                break
        t.equal('name', r, {'return': {'name': 'guest "1"'}})
        q.send('{"execute":\n "query-kvm"}{"execute":"query-name"}\n')
        t.equal('a command in two lines', q.line(), {'return': {'enabled': False, 'present': False}})
        t.equal('two commands in a line', q.line(), {'return': {'name': 'guest "1"'}})
        r = q.request('{"execute":"' + 'x' * 2000000 + '"}\n')
        t.check('too long', 'error' in r, str(r)[:200])
        while 'return' not in q.request('{"execute":"query-name"}\n'):
            pass


def negotiation(t):
    with emu.Emulator(emu.HALT, '-S', '-chardev', 'socket,id=c,path=mon,server=on,wait=off', '-mon', 'chardev=c,mode=control') as e:
        second = emu.Qmp(e.connect('mon'))
        t.equal('command before negotiation', second.request('{"execute":"query-status","id":1}\n'), {
            'id': 1, 'error': {'class': 'CommandNotFound', 'desc': "Expecting capabilities negotiation with 'qmp_capabilities'"}})
        second.execute('qmp_capabilities')
        e.q.execute('cont')
        t.equal('both are told of events', second.event('RESUME')['event'], 'RESUME')
        second.s.close()
        time.sleep(0.2)
        third = emu.Qmp(e.connect('mon'))
        t.check('a new connection negotiates again', 'error' in third.execute('query-status'), '')


def running(t):
    with emu.Emulator(emu.HALT, '-S', '-vga', 'std') as e:
        q = e.q
        names = [c['name'] for c in q.execute('query-commands')['return']]
        for name in COMMANDS:
            t.check('query-commands', name in names, name)
        t.equal('prelaunch', q.execute('query-status')['return']['status'], 'prelaunch')
        q.execute('cont')
        event = q.event('RESUME')
        t.check('timestamp', abs(event['timestamp']['seconds'] - time.time()) < 5, event)
        t.equal('running', q.execute('query-status')['return'], {'status': 'running', 'singlestep': False, 'running': True})
        time.sleep(1)
        q.execute('stop')
        q.event('STOP')
        t.equal('paused', q.execute('query-status')['return']['status'], 'paused')
        hmp = lambda line: q.execute('human-monitor-command', command_line=line)['return']
        registers = hmp('info registers')
        t.check('info registers', re.search(r'\r\nEIP=00007c0[1-3] EFL=00000[2-9a-f]', registers) and 'HLT=1' in registers, registers)
        t.equal('xp', hmp('xp /4xb 0x7c00'), '0000000000007c00: 0xfb 0xf4 0xeb 0xfd\r\n')
        t.equal('x', hmp('x /2xh 0x7c00'), '00007c00: 0xf4fb 0xfdeb\r\n')
        t.check('x /i', re.search(r'0x00007c01:  f4 +hlt\r\n', hmp('x /2i 0x7c00')), hmp('x /2i 0x7c00'))
        t.equal('print', hmp('print $cs + 0x10'), '0x10\r\n')
        t.check('HMP unknown', "did you mean 'info'" in hmp('ifno'), '')
        t.check('HMP usage', hmp('screendump').startswith('usage: screendump'), '')
        t.equal('info status', hmp('info status'), 'VM status: paused\r\n')
        a, b = e.path('m1'), e.path('m2')
        t.equal('pmemsave', q.execute('pmemsave', val=0x7c00, size=4, filename=a), {'return': {}})
        t.equal('memsave', q.execute('memsave', val=0x7c00, size=4, filename=b), {'return': {}})
        t.equal('saved', (open(a, 'rb').read(), open(b, 'rb').read()), (emu.HALT, emu.HALT))
        t.check('pmemsave nowhere', 'No such file' in q.execute('pmemsave', val=0, size=4, filename='/nonexistent/x')['error']['desc'], '')
        t.equal('screendump', q.execute('screendump', filename=e.path('s.ppm')), {'return': {}})
        t.check('ppm', re.match(rb'P6\s+720\s+400\s+255\s', open(e.path('s.ppm'), 'rb').read(20)), open(e.path('s.ppm'), 'rb').read(20))
        t.equal('screendump png', q.execute('screendump', filename=e.path('s.png'), format='png'), {'return': {}})
        t.equal('png', open(e.path('s.png'), 'rb').read(8), b'\x89PNG\r\n\x1a\n')
        t.check('screendump gif', 'error' in q.execute('screendump', filename=e.path('s.gif'), format='gif'), '')
        t.check('no file of it', not os.path.exists(e.path('s.gif')), '')
        block = q.execute('query-block')['return']
        t.equal('query-block', [(b['device'], b['inserted']['file']) for b in block if 'inserted' in b], [('floppy0', 'fd.img')])
        t.check('query-chardev', any(c['label'].startswith('compat_monitor') for c in q.execute('query-chardev')['return']), '')
        t.equal('eject', q.execute('eject', device='floppy0'), {'return': {}})
        t.check('ejected', all('inserted' not in b for b in q.execute('query-block')['return']), '')
        t.check('change to what is not there', 'error' in q.execute('blockdev-change-medium', device='floppy0', filename='no.img'), '')
        t.equal('change', q.execute('blockdev-change-medium', device='floppy0', filename='fd.img'), {'return': {}})
        t.equal('eject nothing', q.execute('eject', device='flopy0'), {'error': {'class': 'DeviceNotFound', 'desc': "Device 'flopy0' not found"}})
        t.check('eject nothing by hand', "did you mean 'floppy0'" in hmp('eject flopy0'), '')
        q.execute('system_powerdown')
        q.event('POWERDOWN')
        q.execute('cont')
        q.execute('system_reset')
        t.equal('RESET', q.event('RESET')['data'], {'guest': False, 'reason': 'host-qmp-system-reset'})
        q.request('{"execute":"quit","id":"q"}\n')
        t.equal('SHUTDOWN', q.event('SHUTDOWN')['data'], {'guest': False, 'reason': 'host-qmp-quit'})
        t.equal('status of quit', e.wait(), 0)
        t.check('the socket is gone', not os.path.exists(e.path('qmp')), '')


def jobs(t):
    """Saving and loading as jobs: the events in order, the list of them, and what may be wrong."""
    with emu.Emulator(emu.HALT, '-snapshot') as e:
        q = e.q

        def job(command, job_id, **more):
            r = q.execute(command, job_id=job_id, devices=['floppy0'], **more)
            seen = []
            while not seen or seen[-1][-1] != 'concluded' and 'error' not in r:
                if not q.events:
                    q.events.append(q.line())
                event = q.events.pop(0)
                seen.append((event['event'], event.get('data', {}).get('status', '')))
            return r, seen

        status = lambda *names: [('JOB_STATUS_CHANGE', n) for n in names]
        stopped = [('STOP', ''), ('RESUME', '')]
        want = status('created', 'running') + stopped + status('waiting', 'pending', 'concluded')
        t.equal('save', job('snapshot-save', 'j1', tag='t', vmstate='floppy0'), ({'return': {}}, want))
        t.equal('query-jobs', q.execute('query-jobs')['return'],
                [{'current-progress': 1, 'status': 'concluded', 'total-progress': 1, 'type': 'snapshot-save', 'id': 'j1'}])
        t.equal('the same id', q.execute('snapshot-save', job_id='j1', tag='t', vmstate='x', devices=[]), generic("Job ID 'j1' already in use"))
        t.equal('no id', q.execute('snapshot-save', job_id='1 x', tag='t', vmstate='x', devices=[]), generic("Invalid job ID '1 x'"))
        t.equal('the tag is there', job('snapshot-save', 'j2', tag='t', vmstate='floppy0'),
                ({'return': {}}, status('created', 'running', 'aborting', 'concluded')))
        t.check('its error', 'already exists' in q.execute('query-jobs')['return'][0]['error'], '')
        t.equal('load', job('snapshot-load', 'j3', tag='t', vmstate='floppy0'), ({'return': {}}, want))
        t.equal('load nothing', job('snapshot-load', 'j4', tag='u', vmstate='floppy0')[1][-2:], status('aborting', 'concluded'))
        t.equal('delete', job('snapshot-delete', 'j5', tag='t')[1], status('created', 'running', 'waiting', 'pending', 'concluded'))
        t.check('deleted', not [n for n in os.listdir(e.folder) if n.endswith('.vmstate')], os.listdir(e.folder))
        t.equal('dismiss', q.execute('job-dismiss', id='j1'), {'return': {}})
        t.equal('dismiss twice', q.execute('job-dismiss', id='j1'), generic('Job not found'))
        t.equal('four are left', len(q.execute('query-jobs')['return']), 4)


def events(t):
    with emu.Emulator(emu.POWER_OFF, '-no-shutdown', '-S') as e:
        e.q.execute('cont')
        t.equal('guest powers off', e.q.event('SHUTDOWN')['data'], {'guest': True, 'reason': 'guest-shutdown'})
        e.q.event('STOP')
        t.equal('-no-shutdown', e.q.execute('query-status')['return']['status'], 'shutdown')
        t.check('cont needs a reset', 'error' in e.q.execute('cont'), '')
        e.q.execute('system_reset')
        t.equal('cont after it', e.q.execute('cont'), {'return': {}})
    with emu.Emulator(emu.RESET, '-S') as e:
        e.q.execute('cont')
        t.equal('guest resets', e.q.event('RESET')['data'], {'guest': True, 'reason': 'guest-reset'})


def keys(t):
    # sti; l: hlt; jmp l: the BIOS puts what is typed into its buffer at 40:1Eh.
    with emu.Emulator(emu.HALT) as e:
        q = e.q
        time.sleep(1)
        key = lambda name: {'type': 'qcode', 'data': name}
        t.equal('send-key', q.execute('send-key', keys=[key('a')]), {'return': {}})
        t.equal('send-key two', q.execute('send-key', keys=[key('shift'), key('b')], hold_time=30), {'return': {}})
        t.equal('send-key number', q.execute('send-key', keys=[{'type': 'number', 'data': 46}]), {'return': {}})
        t.equal('no such key', q.execute('send-key', keys=[key('zz')]), generic("Parameter 'data' does not accept value 'zz'"))
        for down in (True, False):
            t.equal('input-send-event', q.execute('input-send-event', events=[{'type': 'key', 'data': {'down': down, 'key': key('d')}}]),
                    {'return': {}})
        time.sleep(0.7)
        q.execute('human-monitor-command', command_line='sendkey e')
        time.sleep(0.7)
        q.execute('pmemsave', val=0x41e, size=32, filename=e.path('b'))
        typed = bytes(open(e.path('b'), 'rb').read()[0:12:2])
        t.check('typed', sorted(typed[:5]) == sorted(b'aBcde'), typed)
        t.equal('mouse', q.execute('input-send-event', events=[{'type': 'rel', 'data': {'axis': 'x', 'value': 3}},
                                                               {'type': 'btn', 'data': {'down': True, 'button': 'left'}}]), {'return': {}})
        t.check('bad event', 'error' in q.execute('input-send-event', events=[{'type': 'rel', 'data': {'axis': 'q', 'value': 3}}]), '')
        t.equal('mouse_move', q.execute('human-monitor-command', command_line='mouse_move 5 -5'), {'return': ''})


def main():
    return emu.Tally().run(protocol, negotiation, running, jobs, events, keys)


if __name__ == '__main__':
    sys.exit(main())
