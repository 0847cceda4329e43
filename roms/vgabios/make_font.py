#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes fonts.c: the CP437 character sets 8x8, 8x14 and 8x16.

    make_font.py 5x8.pcf.gz 8x13.pcf.gz > fonts.c

The inputs are the Unicode versions of misc-fixed 5x8 and 8x13 from X.Org's font-misc-misc (package xfonts-base), which
are in the public domain. Line graphics, blocks and shades are drawn here, so that they join at every height.
"""
import gzip
import struct
import sys

LOW = "\0☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"


def tables(data):
    """PCF: a table of contents of (type, format, size, offset)."""
    count = struct.unpack_from("<I", data, 4)[0]
    return {t: (f, o) for t, f, _, o in (struct.unpack_from("<IIII", data, 8 + 16 * i) for i in range(count))}


def read_pcf(path):
    """Returns the ascent and a dict from code point to (left, ascent, width, rows of pixels as lists)."""
    data = gzip.open(path).read()
    toc = tables(data)
    fmt, at = toc[4]  # metrics
    order = ">" if fmt & 4 else "<"
    metrics = []
    if fmt & 0x100:
        n = struct.unpack_from(order + "H", data, at + 4)[0]
        for i in range(n):
            left, right, width, up, down = (b - 0x80 for b in data[at + 6 + 5 * i : at + 11 + 5 * i])
            metrics.append((left, right, width, up, down))
    else:
        n = struct.unpack_from(order + "I", data, at + 4)[0]
        for i in range(n):
            metrics.append(struct.unpack_from(order + "5h", data, at + 8 + 12 * i))
    fmt, at = toc[8]  # bitmaps
    order = ">" if fmt & 4 else "<"
    n = struct.unpack_from(order + "I", data, at + 4)[0]
    offsets = struct.unpack_from(order + f"{n}I", data, at + 8)
    bits = at + 8 + 4 * n + 16
    pad = 1 << (fmt & 3)
    fmt_bits = fmt
    fmt, at = toc[32]  # encodings
    order = ">" if fmt & 4 else "<"
    c0, c1, r0, r1, _ = struct.unpack_from(order + "5H", data, at + 4)
    glyphs = {}
    for row in range(r0, r1 + 1):
        for col in range(c0, c1 + 1):
            k = struct.unpack_from(order + "H", data, at + 14 + 2 * ((row - r0) * (c1 - c0 + 1) + col - c0))[0]
            if k == 0xFFFF:
                continue
            left, right, width, up, down = metrics[k]
            line = (right - left + 8 * pad - 1) // (8 * pad) * pad
            rows = []
            for y in range(up + down):
                raw = data[bits + offsets[k] + y * line : bits + offsets[k] + (y + 1) * line]
                pixels = []
                for x in range(right - left):
                    byte = raw[x // 8]
                    pixels.append(byte >> (7 - x % 8 if fmt_bits & 8 else x % 8) & 1)
                rows.append(pixels)
            glyphs[row << 8 | col] = (left, up, rows)
    fmt, at = toc[2]  # accelerators
    order = ">" if fmt & 4 else "<"
    ascent = struct.unpack_from(order + "i", data, at + 4 + 8)[0]
    return ascent, glyphs


def place(glyph, ascent, height, dx, dy):
    cell = [0] * height
    left, up, rows = glyph
    for y, row in enumerate(rows):
        for x, bit in enumerate(row):
            yy, xx = y + ascent - up + dy, x + left + dx
            if bit and 0 <= yy < height and 0 <= xx < 8:
                cell[yy] |= 0x80 >> xx
    return cell


# For B3-DA: lines to up, right, down, left; 1 single, 2 double.
BOX = dict(
    zip(
        range(0xB3, 0xDB),
        """1010 1011 1012 2021 0021 0012 2022 2020 0022 2002 2001 1002 0011 1100 1101 0111 1110 0101 1111
        1210 2120 2200 0220 2202 0222 2220 0202 2222 1202 2101 0212 0121 2100 1200 0210 0120 2121 1212
        1001 0110""".split(),
    )
)


def draw_box(code, height):
    up, right, down, left = (int(c) for c in BOX[code])
    grid = [[0] * 8 for _ in range(height)]
    mid = height // 2 - (1 if height == 8 else 0)
    # Columns of single and double vertical lines, rows of horizontal ones.
    vertical = {1: [3, 4], 2: [2, 5]}
    horizontal = {1: [mid], 2: [mid - 1, mid + 1]}

    def draw_h(y, x0, x1):
        for x in range(max(x0, 0), min(x1, 8)):
            grid[y][x] = 1

    def draw_v(cols, y0, y1):
        for y in range(max(y0, 0), min(y1, height)):
            for x in cols:
                grid[y][x] = 1

    v = max(up, down)
    h = max(left, right)
    top, bottom = (mid, mid) if h != 2 else (mid - 1, mid + 1)
    inner_l, inner_r = (3, 4) if v != 2 else (2, 5)
    if v != 2:
        if up:
            draw_v(vertical[1], 0, (bottom if not down or h == 2 else mid) + 1)
        if down:
            draw_v(vertical[1], top if not up or h == 2 else mid, height)
        if h == 2 and up and down and left and right:
            draw_v(vertical[1], 0, height)
    else:
        # Each of the two lines stops at the horizontal line that leaves on its side.
        for x, side, other in ((2, left, right), (5, right, left)):
            if up:
                draw_v([x], 0, (top if side else bottom) + 1)
            if down:
                draw_v([x], bottom if side else top, height)
            if up and down and not side:
                draw_v([x], 0, height)
    if h == 1:
        if left:
            draw_h(mid, 0, (inner_l if v == 2 and right == 0 and up and down else inner_r) + 1)
            if v == 2 and up and down:
                for x in (3, 4, 5):
                    grid[mid][x] = 0 if x != 5 else 1
        if right:
            draw_h(mid, inner_r if v == 2 and up and down else inner_l, 8)
        if v == 2 and left and right and not (up and down):
            draw_h(mid, 0, 8)
        if v == 2 and left and right and up and down:
            draw_h(mid, 0, 8)
    elif h == 2:
        for y, side in ((mid - 1, up), (mid + 1, down)):
            if left:
                draw_h(y, 0, (inner_l if side else inner_r) + 1)
            if right:
                draw_h(y, inner_r if side else inner_l, 8)
            if left and right and not side:
                draw_h(y, 0, 8)
    return [sum(b << (7 - x) for x, b in enumerate(row)) for row in grid]


def draw_block(code, height):
    half = height // 2
    return {
        0xB0: [(0x22, 0x88)[y % 2] for y in range(height)],
        0xB1: [(0x55, 0xAA)[y % 2] for y in range(height)],
        0xB2: [(0xDD, 0x77)[y % 2] for y in range(height)],
        0xDB: [0xFF] * height,
        0xDC: [0] * half + [0xFF] * (height - half),
        0xDD: [0xF0] * height,
        0xDE: [0x0F] * height,
        0xDF: [0xFF] * half + [0] * (height - half),
    }[code]


def make(font, height, dx, dy):
    ascent, glyphs = font
    chars = LOW + "".join(chr(c) for c in range(32, 127)) + "⌂" + bytes(range(128, 256)).decode("cp437")
    near = {"◘": "•", "◙": "○", "∙": "·", "⌐": "¬", "⌠": "∫", "⌡": "∫", "₧": "P", "■": "▪", "☻": "☺"}
    out = []
    for code, ch in enumerate(chars):
        if code in (0, 0x20, 0xFF):
            cell = [0] * height
        elif code in BOX:
            cell = draw_box(code, height)
        elif code in (0xB0, 0xB1, 0xB2) or 0xDB <= code <= 0xDF:
            cell = draw_block(code, height)
        elif ord(ch) in glyphs:
            cell = place(glyphs[ord(ch)], ascent, height, dx, dy)
        elif near.get(ch) and ord(near[ch]) in glyphs:
            cell = place(glyphs[ord(near[ch])], ascent, height, dx, dy)
        else:
            print(f"no glyph for {code:02x} {ch} at height {height}", file=sys.stderr)
            cell = [0] * height
        if code in (0x08, 0x0A) and ord(ch) not in glyphs:  # inverse bullet and circle
            cell = [b ^ 0xFF for b in cell]
        out.append(cell)
    return out


def emit(name, cells):
    print(f"\nROM uint8_t {name}[256 * {len(cells[0])}] = {{")
    for code, cell in enumerate(cells):
        print("    " + ", ".join(f"0x{b:02x}" for b in cell) + f", /* {code:02x} */")
    print("};")


def main():
    small, large = read_pcf(sys.argv[1]), read_pcf(sys.argv[2])
    print("/* SPDX-License-Identifier: MIT */")
    print("/*\n * CP437 character sets, made by make_font.py from the public-domain fonts misc-fixed 5x8 and 8x13\n"
          " * (X.Org font-misc-misc); line graphics and blocks are our own. Do not edit.\n */")
    print('#include "vgabios.h"\n\n/* clang-format off */')
    emit("font8x8", make(small, 8, 1, 0))
    emit("font8x14", make(large, 14, 0, 0))
    emit("font8x16", make(large, 16, 0, 1))


main()
