"""What the tests of the front ends share: small guests made of bytes, a running gnomon, a QMP client, a tally."""
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time

GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))

# 16-bit code, at 0:7C00h.
HALT = bytes.fromhex('fbf4ebfd')  # sti; l: hlt; jmp l
DEAD_HALT = bytes.fromhex('faf4ebfd')  # cli; l: hlt; jmp l
SPIN = bytes.fromhex('ebfe')
DEBUG_EXIT = bytes.fromhex('ba0105b010eeebfe')  # mov dx,501h; mov al,10h; out dx,al
RESET = bytes.fromhex('b0fee664ebfe')  # mov al,0feh; out 64h,al
POWER_OFF = bytes.fromhex('ba0406b80020efebfe')  # mov dx,604h; mov ax,2000h; out dx,ax
# xor ax,ax; mov ds,ax; cli; lidt [7C0Ch]; int3; the table's limit is 0
TRIPLE_FAULT = bytes.fromhex('31c08ed8fa0f011e0c7ccc90000000000000')
# Prints "ready" on COM1, then sends back each byte plus one.
ECHO = bytes.fromhex(
    '31c08ed8'  # xor ax,ax; mov ds,ax
    'be2a7c'  # mov si,text
    'baf803'  # mov dx,3f8h
    'ac84c07403eeebf8'  # a: lodsb; test al,al; jz b; out dx,al; jmp a
    'bafd03ec240174f8'  # b: mov dx,3fdh; in al,dx; and al,1; jz b
    'baf803ec40ee'  # mov dx,3f8h; in al,dx; inc ax; out dx,al
    'ebf0')  # jmp b
ECHO = ECHO + b'\x90' * (0x2a - len(ECHO)) + b'ready\n\0'


def sanitized():
    """Built with AddressSanitizer: it takes memory of its own, catches SIGSEGV, and blames leaks of libraries on the program."""
    with open(GNOMON, 'rb') as f:
        return b'__asan_init' in f.read()


def boot_sector(code):
    """A 1.44 MB floppy image."""
    return code + bytes(510 - len(code)) + b'\x55\xaa' + bytes(1474560 - 512)


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, what, good, detail=''):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f'{what}: {detail}')
        return good

    def skip(self, what, why):
        self.skipped += 1
        print(f'SKIPPED {what}: {why}')

    def equal(self, what, got, want):
        return self.check(what, got == want, f'expected {want!r}, got {got!r}')

    def run(self, *parts):
        """Each is a function of the tally; what one raises, the others do not suffer from."""
        for part in parts:
            try:
                part(self)
            except (AssertionError, OSError, KeyError, IndexError, ValueError) as problem:
                self.check(part.__name__, False, f'{type(problem).__name__}: {problem}')
        return self.done()

    def done(self):
        print(f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped')
        return 1 if self.failed else 0


class Emulator:
    """gnomon with a floppy of `code`, in a folder of its own. Use as a context manager."""

    def __init__(self, code, *args, qmp=True, program=GNOMON, **popen):
        self.folder = tempfile.mkdtemp(prefix='gnomon-test')
        with open(self.path('fd.img'), 'wb') as f:
            f.write(boot_sector(code))
        command = [program, '-display', 'none', '-nodefaults', '-m', '4', '-fda', 'fd.img', '-boot', 'a', *args]
        if qmp:
            command += ['-qmp', 'unix:qmp,server=on,wait=off']
        self.p = subprocess.Popen(command, cwd=self.folder, **{'stdin': subprocess.DEVNULL, 'stderr': subprocess.PIPE, **popen})
        self.q = None
        if qmp:
            self.q = Qmp(self.connect('qmp'))
            self.q.execute('qmp_capabilities')

    def path(self, name):
        return os.path.join(self.folder, name)

    def connect(self, name):
        for _ in range(200):
            try:
                s = socket.socket(socket.AF_UNIX)
                s.connect(self.path(name))
                return s
            except OSError:
                if self.p.poll() is not None:
                    break
                time.sleep(0.02)
        raise AssertionError(f'no connection to {name}: ' + self.p.stderr.read().decode() if self.p.poll() is not None else name)

    def wait(self, timeout=10):
        try:
            return self.p.wait(timeout)
        except subprocess.TimeoutExpired:
            return 'still running'

    def errors(self):
        return self.p.stderr.read().decode(errors='replace')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.p.poll() is None:
            self.p.kill()
        self.p.wait()
        for pipe in (self.p.stdin, self.p.stdout, self.p.stderr):
            if pipe:
                pipe.close()
        shutil.rmtree(self.folder)


class Qmp:
    def __init__(self, s):
        self.s, self.buffer, self.events = s, b'', []
        self.greeting = self.line()

    def raw_line(self, timeout=10):
        while b'\n' not in self.buffer:
            if not select.select([self.s], [], [], timeout)[0]:
                raise AssertionError('QMP is silent')
            part = self.s.recv(65536)
            if not part:
                raise AssertionError('QMP closed')
            self.buffer += part
        line, self.buffer = self.buffer.split(b'\n', 1)
        return line.decode('ascii')

    def line(self, timeout=10):
        return json.loads(self.raw_line(timeout))

    def send(self, text):
        self.s.sendall(text if isinstance(text, bytes) else text.encode())

    def request(self, text):
        """Sends bytes; the next line that is no event."""
        self.send(text)
        while True:
            r = self.line()
            if 'event' not in r:
                return r
            self.events.append(r)

    def execute(self, command, **arguments):
        r = {'execute': command}
        if arguments:
            r['arguments'] = {k.replace('_', '-'): v for k, v in arguments.items()}
        return self.request(json.dumps(r) + '\n')

    def event(self, name, timeout=10):
        """Waits for an event and takes it out of the list."""
        end = time.time() + timeout
        while time.time() < end:
            for e in self.events:
                if e['event'] == name:
                    self.events.remove(e)
                    return e
            self.events.append(self.line(max(0.01, end - time.time())))
        raise AssertionError('no event ' + name)


def read_until(s, want, timeout=10):
    """Bytes from a socket or pipe until `want` is among them."""
    data, end = b'', time.time() + timeout
    while want not in data and time.time() < end:
        if select.select([s], [], [], 0.1)[0]:
            part = s.recv(4096) if hasattr(s, 'recv') else os.read(s.fileno(), 4096)
            if not part:
                break
            data += part
    return data
