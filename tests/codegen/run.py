#!/usr/bin/env python3
"""Host code of typical guest code (sequences.txt): how many instructions, and what may not be among them. Prints the counts."""
import os
import re
import subprocess
import sys
import tempfile

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
  mov dx, 0x501
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


def host_code(folder, code):
    """Host instructions of the block's usual way; None if there is no disassembler."""
    source, image = f'{folder}/g.asm', f'{folder}/g.img'
    with open(source, 'w') as f:
        f.write(GUEST % code)
    subprocess.run(['nasm', '-f', 'bin', '-o', image, source], check=True)
    r = subprocess.run([GNOMON, '-display', 'none', '-fda', image, '-boot', 'a', '-device', 'isa-debug-exit', '-d', 'out_asm',
                        '-dfilter', '0x7d00+0x100', '-accel', 'tcg'], capture_output=True, text=True, timeout=60)
    if r.returncode != 33:
        return [f'guest ended with {r.returncode}']
    m = re.search(r'block at 00007d00: \d+ bytes[^\n]*\n(.*?)  ; beside the way', r.stderr, re.S)
    return re.findall(r'^    [0-9a-f]{12}  (\S.*?) *$', m[1], re.M) if m else []


def check(name, bounds, code, folder):
    host = host_code(folder, code)
    wrong = [] if host else ['no host code']
    for bound in bounds:
        kind, value = bound.split(' ', 1)
        there = any(value in line for line in host)
        if (kind == 'max' and len(host) > int(value)) or (kind == 'no' and there) or (kind == 'has' and not there):
            wrong.append(bound)
    print('%3d  %s%s' % (len(host), name, '' if not wrong else '   WRONG: ' + '; '.join(wrong) + '\n     ' + '\n     '.join(host)))
    return not wrong


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
    print('%d passed, %d failed' % (sum(results), len(results) - sum(results)))
    return not (results and all(results))


sys.exit(main())
