#!/usr/bin/env python3
"""Host code of typical guest code (sequences.txt): how many instructions, and what may not be among them. Prints the counts. Then
what the host code of one block does not show: that blocks are linked to each other, that a return goes where it went before, and that
a block is made again for flags that are not stored yet (a variant)."""
import os
import re
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
GNOMON = os.path.abspath(os.environ.get('GNOMON', 'build/gnomon'))
# A flat 32-bit guest that runs the sequence, at 7D00h, 3000 times: a block of its own, with the jump behind it.
GUEST = '''
org 0x7c00
bits 16
  cli
  xor ax, ax
  mov ds, ax
  lgdt [table]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  mov eax, cr4
  or eax, 0x600
  mov cr4, eax
  jmp 8:flat
bits 32
flat:
  mov ax, 16
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov esp, 0x7000
  mov ebx, 0x5000
  mov dword [0x5ff0], 3000
again:
  jmp sequence
back:
  cld
  mov esp, 0x7000
  mov ebx, 0x5000
  dec dword [0x5ff0]
  jnz again
  mov dx, %d
  mov al, 0x10
  out dx, al
  jmp $
align 8
gdt: dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
table: dw 23
  dd gdt
times 0x100 - ($ - $$) nop
sequence:
%s
  jmp back
times 510 - ($ - $$) db 0
  dw 0xaa55
times 1474560 - ($ - $$) db 0
'''


DEBUG_EXIT, COM1 = 0x501, 0x3f8  # where the guest says that it is through


def build(folder, code, end):
    with open(f'{folder}/g.asm', 'w') as f:
        f.write(GUEST % (end, code))
    subprocess.run(['nasm', '-f', 'bin', '-o', f'{folder}/g.img', f'{folder}/g.asm'], check=True)
    return ['-display', 'none', '-fda', f'{folder}/g.img', '-boot', 'a']


def translated(folder, code, accel):
    """What is said of the guest's blocks; and of an end that is not the guest's own."""
    options = build(folder, code, DEBUG_EXIT)
    r = subprocess.run([GNOMON, *options, '-device', 'isa-debug-exit', '-no-reboot', '-d', 'out_asm', '-dfilter', '0x7c00+0x200',
                        '-accel', accel], capture_output=True, text=True, timeout=60)
    return r.stderr, r.returncode != 33 and f'guest ended with {r.returncode}: {r.stderr[-300:]}'


def host_code(folder, code):
    """Host instructions of the block's usual way; none if there is no disassembler."""
    log, wrong = translated(folder, code, 'tcg')
    if wrong:
        return [wrong]
    m = re.search(r'block at 00007d00: \d+ bytes[^\n]*\n(.*?)  ; beside the way', log, re.S)
    return re.findall(r'^    [0-9a-f]{12}  (\S.*?) *$', m[1], re.M) if m else []


def holds(bound, host):
    kind, value = bound.split(' ', 1)
    if kind == 'max':
        return len(host) <= int(value)
    if kind == 'count':
        number, value = value.split(' ', 1)
        return sum(value in line for line in host) == int(number)
    if kind in ('no', 'has'):
        return any(value in line for line in host) == (kind == 'has')
    raise SystemExit(f'sequences.txt: {bound}: there are max, count, no and has')


def check(name, bounds, code, folder):
    host = host_code(folder, code)
    wrong = [bound for bound in bounds if not holds(bound, host)] if host else ['no host code']
    print('%3d  %s%s' % (len(host), name, '' if not wrong else '   WRONG: ' + '; '.join(wrong) + '\n     ' + '\n     '.join(host)))
    return not wrong


def run_loop(folder, accel, code):
    """How often translated code went back to the run loop until the guest was through; exits linked; indirect jumps predicted."""
    options = build(folder, code, COM1)
    p = subprocess.Popen([GNOMON, *options, '-accel', accel, '-serial', 'mon:stdio'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    late = threading.Timer(60, p.kill)
    late.start()
    while (c := p.stdout.read(1)) not in (b'\x10', b''):
        pass
    out = p.communicate(b'\x01cinfo jit\nquit\n')[0].decode('latin1')
    late.cancel()
    m = re.search(r'exits linked (\d+), indirect jumps predicted (\d+), returns to the run loop (\d+)', out)
    return (int(m[3]), int(m[1]), int(m[2])) if m else (0, 0, 0)


def linked(folder):
    """3,000 turns of three blocks that jump to each other, behind the BIOS."""
    returns, links, _ = run_loop(folder, 'tcg', '  add eax, ecx')
    unlinked, none, _ = run_loop(folder, 'tcg,optimise=off', '  add eax, ecx')
    good = links >= 3 and not none and 0 < 2 * returns < unlinked
    print(f'     linked: {returns} returns to the run loop and {links} links; not linked: {unlinked} and {none}' + ('' if good else '   WRONG'))
    return good


def predicted(folder):
    """A function called 3,000 times at one place and once at another: one prediction, the run loop hardly sees it."""
    returns, _, plain = run_loop(folder, 'tcg', '  add eax, ecx')
    called, _, more = run_loop(folder, 'tcg', '  call f\n  jmp over\nf: ret\nover: cmp dword [0x5ff0], 1\n  jne back\n  call f')
    good = more == plain + 1 and called < returns + 100
    print(f'     predicted: {more} indirect jumps with a function, {plain} without; {called} and {returns} returns to the run loop' +
          ('' if good else '   WRONG'))
    return good


def variant(folder):
    """What follows ADD is made again for flags that ADD's block did not store; behind a move nothing waits."""
    waits, wrong = translated(folder, '  add eax, ecx', 'tcg,eager=on')
    plain, also = translated(folder, '  mov eax, ecx', 'tcg,eager=on')
    seen = [len(re.findall(r'block at 00007c\w\w, entered with flags unstored: \d+ bytes', log)) for log in (waits, plain)]
    good = not wrong and not also and seen[0] > seen[1] == 0
    print(f'     variants: {seen[0]} behind ADD, {seen[1]} behind MOV' + ('' if good else f'   WRONG {wrong or also or ""}'))
    return good


def main():
    try:
        subprocess.run(['nasm', '-v'], capture_output=True, check=True)
    except OSError:
        print('SKIPPED codegen: nasm is not installed')
        return 77
    with open(f'{HERE}/sequences.txt') as f:
        parts = re.findall(r'^== (.*?) : (.*)\n((?:(?!==).*\n)*)', f.read(), re.M)
    with tempfile.TemporaryDirectory() as folder:
        if not any(' ' in line for line in host_code(folder, 'mov eax, ecx')):
            print('SKIPPED codegen: no disassembler (Capstone), or no translator')
            return 77
        results = [check(name, bounds.split(', '), code, folder) for name, bounds, code in parts]
        results += [linked(folder), predicted(folder), variant(folder)]
    print('%d passed, %d failed' % (sum(results), len(results) - sum(results)))
    return not (results and all(results))


sys.exit(main())
