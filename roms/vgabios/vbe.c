/* SPDX-License-Identifier: MIT */
/*
 * INT 10h AH=4Fh: VESA BIOS Extensions 3.0 on the DISPI registers (1CEh, 1CFh).
 *
 * Left out: refresh rates (4F02h with CRTC timings takes the mode's own), stereo, 4F10h to 4F14h.
 */
#include "vgabios.h"

enum {
    PCI_ADDRESS = 0xcf8,
    PCI_DATA = 0xcfc,
    DISPI_INDEX = 0x1ce,
    DISPI_DATA = 0x1cf,
    DISPI_ID = 0,
    DISPI_XRES,
    DISPI_YRES,
    DISPI_BPP,
    DISPI_ENABLE,
    DISPI_BANK,
    DISPI_VIRT_WIDTH,
    DISPI_VIRT_HEIGHT,
    DISPI_X_OFFSET,
    DISPI_Y_OFFSET,

    ENABLE_ON = 0x01,
    ENABLE_8BIT_DAC = 0x20,
    ENABLE_LFB = 0x40,
    ENABLE_NO_CLEAR = 0x80,

    MEMORY_BANKS = 256,
    MODE_LFB = 0x4000,
    MODE_NO_CLEAR = 0x8000,
    VBE_BDA_MODE = 0xba, /* 40:BAh, 40:BBh: the mode set by 4F02h, or 0 */
};
#define ISA_LFB 0xe0000000u /* of a display without PCI */

struct vbe_mode {
    uint16_t mode, x, y;
    uint8_t bpp;
};

static ROM struct vbe_mode vbe_modes[] = {
    {0x100, 640, 400, 8},    {0x101, 640, 480, 8},    {0x103, 800, 600, 8},
    {0x105, 1024, 768, 8},   {0x107, 1280, 1024, 8},  {0x10d, 320, 200, 15},
    {0x10e, 320, 200, 16},   {0x10f, 320, 200, 24},   {0x110, 640, 480, 15},
    {0x111, 640, 480, 16},   {0x112, 640, 480, 24},   {0x113, 800, 600, 15},
    {0x114, 800, 600, 16},   {0x115, 800, 600, 24},   {0x116, 1024, 768, 15},
    {0x117, 1024, 768, 16},  {0x118, 1024, 768, 24},  {0x119, 1280, 1024, 15},
    {0x11a, 1280, 1024, 16}, {0x11b, 1280, 1024, 24}, {0x140, 320, 200, 32},
    {0x141, 640, 400, 32},   {0x142, 640, 480, 32},   {0x143, 800, 600, 32},
    {0x144, 1024, 768, 32},  {0x145, 1280, 1024, 32}, {0x146, 320, 200, 8},
    {0x147, 1600, 1200, 32}, {0x148, 1152, 864, 32},  {0x149, 1280, 720, 32},
    {0x14a, 1280, 800, 32},  {0x14b, 1920, 1080, 32}, {0x102, 800, 600, 4},
    {0x104, 1024, 768, 4},   {0x106, 1280, 1024, 4},
};
static ROM char oem_string[] = "Gnomon VGA BIOS";

static void dispi_write(uint16_t index, uint16_t val)
{
    outw(DISPI_INDEX, index);
    outw(DISPI_DATA, val);
}

static uint16_t dispi_read(uint16_t index)
{
    outw(DISPI_INDEX, index);
    return inw(DISPI_DATA);
}

static bool has_dispi(void)
{
    return (dispi_read(DISPI_ID) & 0xfff0) == 0xb0c0;
}

void vbe_disable(void)
{
    if (has_dispi()) {
        dispi_write(DISPI_ENABLE, 0);
    }
    bda_set16(VBE_BDA_MODE, 0);
}

static ROM struct vbe_mode *find(uint16_t mode)
{
    for (unsigned i = 0; i < ARRAY_LEN(vbe_modes); i++) {
        if (vbe_modes[i].mode == (mode & 0x1ff)) {
            return &vbe_modes[i];
        }
    }
    return 0;
}

/* Of so many pixels. */
static uint32_t bytes_of(uint8_t bpp, uint32_t pixels)
{
    return bpp == 4 ? pixels / 8 : pixels * ((bpp + 7) / 8);
}

/* The first base address of device 1234:1111. */
static uint32_t lfb_address(void)
{
    uint32_t old = inl(PCI_ADDRESS), at = ISA_LFB;

    for (uint32_t device = 0; device < 32; device++) {
        outl(PCI_ADDRESS, 0x80000000u | device << 11);
        if (inl(PCI_DATA) == 0x11111234) {
            outl(PCI_ADDRESS, 0x80000010u | device << 11);
            at = inl(PCI_DATA) & ~15u;
            break;
        }
    }
    outl(PCI_ADDRESS, old);
    return at;
}

/* 4F00h */
static bool controller_info(struct regs *r)
{
    uint16_t seg = r->es, off = (uint16_t)r->edi, at = off + 0x22;
    bool version2 = far_read16(seg, off) == 0x4256 && far_read16(seg, off + 2) == 0x3245;

    far_fill8(seg, off, 0, version2 ? 512 : 256);
    far_write32(seg, off, 0x41534556); /* "VESA" */
    far_write16(seg, off + 4, 0x0300);
    far_write32(seg, off + 6, (uint32_t)ROM_SEG << 16 | (uint32_t)oem_string);
    far_write32(seg, off + 10, 1); /* the DAC can be 8 bits wide */
    far_write32(seg, off + 14, (uint32_t)seg << 16 | at);
    far_write16(seg, off + 18, MEMORY_BANKS);
    if (version2) {
        far_write16(seg, off + 20, 0x0100);
        far_write32(seg, off + 22, (uint32_t)ROM_SEG << 16 | (uint32_t)oem_string);
        far_write32(seg, off + 26, (uint32_t)ROM_SEG << 16 | (uint32_t)oem_string);
        far_write32(seg, off + 30, (uint32_t)ROM_SEG << 16 | (uint32_t)oem_string);
    }
    for (unsigned i = 0; i < ARRAY_LEN(vbe_modes); i++, at += 2) {
        far_write16(seg, at, vbe_modes[i].mode);
    }
    far_write16(seg, at, 0xffff);
    return 1;
}

/* Size and position of red, green, blue and the rest. */
static void put_masks(uint16_t seg, uint16_t at, uint8_t bpp)
{
    static ROM uint8_t masks[4][8] = {
        {5, 10, 5, 5, 5, 0, 1, 15},
        {5, 11, 6, 5, 5, 0, 0, 0},
        {8, 16, 8, 8, 8, 0, 0, 0},
        {8, 16, 8, 8, 8, 0, 8, 24},
    };
    uint8_t row = bpp == 15 ? 0 : bpp == 16 ? 1 : bpp == 24 ? 2 : 3;

    for (uint8_t i = 0; i < 8 && bpp > 8; i++) {
        far_write8(seg, at + i, masks[row][i]);
    }
}

/* 4F01h */
static bool mode_info(struct regs *r)
{
    uint16_t seg = r->es, off = (uint16_t)r->edi;
    ROM struct vbe_mode *m = find(r->cx);

    if (!m || (r->cx & 0x1ff) != (r->cx & 0x3fff)) {
        return 0;
    }
    uint32_t line = bytes_of(m->bpp, m->x), memory = MEMORY_BANKS * 65536u;
    uint32_t pages = (m->bpp == 4 ? memory / 4 : memory) / (line * m->y);
    uint8_t images = (uint8_t)(pages > 256 ? 255 : pages - 1);

    far_fill8(seg, off, 0, 256);
    far_write16(seg, off, m->bpp == 4 ? 0x001b : 0x009b); /* supported, colour, graphics, linear */
    far_write8(seg, off + 2, 7);                          /* window A: there, readable, writable */
    far_write16(seg, off + 4, 64);
    far_write16(seg, off + 6, 64);
    far_write16(seg, off + 8, 0xa000);
    far_write32(seg, off + 12, (uint32_t)ROM_SEG << 16 | (uint32_t)vbe_window_far);
    far_write16(seg, off + 16, (uint16_t)line);
    far_write16(seg, off + 18, m->x);
    far_write16(seg, off + 20, m->y);
    far_write8(seg, off + 22, 8);
    far_write8(seg, off + 23, 16);
    far_write8(seg, off + 24, m->bpp == 4 ? 4 : 1);
    far_write8(seg, off + 25, m->bpp);
    far_write8(seg, off + 26, 1);
    /* planes; packed pixels; direct colour */
    far_write8(seg, off + 27, m->bpp == 4 ? 3 : m->bpp == 8 ? 4 : 6);
    far_write8(seg, off + 29, images);
    far_write8(seg, off + 30, 1);
    put_masks(seg, off + 31, m->bpp);
    far_write8(seg, off + 39, m->bpp == 32 || m->bpp == 15 ? 2 : 0); /* the rest is usable */
    if (m->bpp == 4) {
        return 1;
    }
    far_write32(seg, off + 40, lfb_address());
    far_write16(seg, off + 50, (uint16_t)line);
    far_write8(seg, off + 52, images);
    far_write8(seg, off + 53, images);
    put_masks(seg, off + 54, m->bpp);
    far_write32(seg, off + 62, 200000000); /* Hz */
    return 1;
}

/* 4F02h */
static bool set_mode(uint16_t mode)
{
    ROM struct vbe_mode *m;
    uint16_t enable = ENABLE_ON;

    if ((mode & 0x3fff) < 0x100) {
        if (!mode_find(mode & 0x7f)) {
            return 0;
        }
        mode_set((mode & 0x7f) | (mode & MODE_NO_CLEAR ? 0x80 : 0));
        return 1;
    }
    m = find(mode);
    if (!m || !has_dispi() || (m->bpp == 4 && mode & MODE_LFB)) {
        return 0;
    }
    /* The plain VGA registers get a graphics mode with 256 or 16 colours first. */
    mode_set(m->bpp == 4 ? 0x92 : 0x93);
    if (m->bpp == 8) {
        palette_load(DAC_256, 0);
    }
    dispi_write(DISPI_ENABLE, 0);
    dispi_write(DISPI_XRES, m->x);
    dispi_write(DISPI_YRES, m->y);
    dispi_write(DISPI_BPP, m->bpp);
    enable |= mode & MODE_LFB ? ENABLE_LFB : 0;
    enable |= mode & MODE_NO_CLEAR ? ENABLE_NO_CLEAR : 0;
    dispi_write(DISPI_ENABLE, enable);
    dispi_write(DISPI_BANK, 0);
    bda_set16(VBE_BDA_MODE, mode & (MODE_LFB | 0x1ff));
    bda_set16(BDA_COLUMNS, m->x / 8);
    bda_set8(BDA_ROWS, (uint8_t)(m->y / 16 - 1));
    return 1;
}

static uint16_t current_mode(void)
{
    uint16_t mode = bda16(VBE_BDA_MODE);

    return mode ? mode : bda8(BDA_MODE);
}

/* 4F04h: the parts of AH=1Ch, and bit 3 for the DISPI registers. */
static bool save_restore_state(struct regs *r)
{
    uint16_t at = r->bx;

    switch (r->dl) {
    case 0: r->bx = (state_size(r->cx) + (r->cx & 8 ? 20 : 0) + 63) / 64; return 1;
    case 1:
        at = state_save(r->cx, r->es, at);
        for (uint16_t i = DISPI_XRES; i <= DISPI_Y_OFFSET && r->cx & 8; i++, at += 2) {
            far_write16(r->es, at, dispi_read(i));
        }
        return 1;
    case 2:
        at = state_restore(r->cx, r->es, at);
        if (r->cx & 8) {
            uint16_t enable = far_read16(r->es, at + (DISPI_ENABLE - 1) * 2);

            dispi_write(DISPI_ENABLE, 0);
            for (uint16_t i = DISPI_XRES; i <= DISPI_BPP; i++) {
                dispi_write(i, far_read16(r->es, at + (i - 1) * 2));
            }
            dispi_write(DISPI_ENABLE, enable | (enable & 1 ? ENABLE_NO_CLEAR : 0));
            for (uint16_t i = DISPI_BANK; i <= DISPI_Y_OFFSET; i++) {
                dispi_write(i, far_read16(r->es, at + (i - 1) * 2));
            }
        }
        return 1;
    default: return 0;
    }
}

/* 4F05h */
static bool window(struct regs *r)
{
    if (r->bl != 0) {
        return 0;
    }
    if (r->bh == 0) {
        dispi_write(DISPI_BANK, r->dx);
        return r->dx < MEMORY_BANKS;
    }
    r->dx = dispi_read(DISPI_BANK);
    return r->bh == 1;
}

/* 4F06h */
static bool line_length(struct regs *r)
{
    uint8_t bpp = (uint8_t)dispi_read(DISPI_BPP);
    uint32_t most = MEMORY_BANKS * 65536u / dispi_read(DISPI_YRES); /* bytes, of all planes */

    switch (r->bl) {
    case 0: dispi_write(DISPI_VIRT_WIDTH, r->cx); break;
    case 2: dispi_write(DISPI_VIRT_WIDTH, bpp == 4 ? r->cx * 8 : r->cx / bytes_of(bpp, 1)); break;
    case 1: break;
    case 3:
        most = bpp == 4 ? most * 2 : most / bytes_of(bpp, 1);
        while (most > 0xfff8 || bytes_of(bpp, most) > 0xffff) {
            most /= 2;
        }
        r->bx = (uint16_t)bytes_of(bpp, most);
        r->cx = (uint16_t)most;
        r->dx = dispi_read(DISPI_YRES);
        return 1;
    default: return 0;
    }
    r->cx = dispi_read(DISPI_VIRT_WIDTH);
    r->bx = (uint16_t)bytes_of(bpp, r->cx);
    r->dx = dispi_read(DISPI_VIRT_HEIGHT);
    return 1;
}

/* 4F07h; 80h waits for the retrace first */
static bool display_start(struct regs *r)
{
    switch (r->bl) {
    case 0x80:
        for (uint16_t i = 0; i < 0xffff && !(inb(0x3da) & 8); i++) {
        }
        /* fall through */
    case 0x00:
        dispi_write(DISPI_X_OFFSET, r->cx);
        dispi_write(DISPI_Y_OFFSET, r->dx);
        return 1;
    case 0x01:
        r->bh = 0;
        r->cx = dispi_read(DISPI_X_OFFSET);
        r->dx = dispi_read(DISPI_Y_OFFSET);
        return 1;
    default: return 0;
    }
}

/* 4F08h */
static bool dac_width(struct regs *r)
{
    uint16_t enable = dispi_read(DISPI_ENABLE);

    if (dispi_read(DISPI_BPP) > 8) {
        return 0;
    }
    if (r->bl == 0) {
        enable = r->bh >= 8 ? enable | ENABLE_8BIT_DAC : enable & ~ENABLE_8BIT_DAC;
        dispi_write(DISPI_ENABLE, enable | ENABLE_NO_CLEAR);
    } else if (r->bl != 1) {
        return 0;
    }
    r->bh = enable & ENABLE_8BIT_DAC ? 8 : 6;
    return 1;
}

/* 4F09h: entries are blue, green, red, pad */
static bool palette_data(struct regs *r)
{
    uint16_t off = (uint16_t)r->edi;

    switch (r->bl) {
    case 0x00:
    case 0x80:
        outb(PORT_DAC_WRITE, r->dl);
        for (uint16_t i = 0; i < r->cx; i++, off += 4) {
            outb(PORT_DAC_DATA, far_read8(r->es, off + 2));
            outb(PORT_DAC_DATA, far_read8(r->es, off + 1));
            outb(PORT_DAC_DATA, far_read8(r->es, off));
        }
        return 1;
    case 0x01:
        outb(PORT_DAC_READ, r->dl);
        for (uint16_t i = 0; i < r->cx; i++, off += 4) {
            far_write8(r->es, off + 2, inb(PORT_DAC_DATA));
            far_write8(r->es, off + 1, inb(PORT_DAC_DATA));
            far_write8(r->es, off, inb(PORT_DAC_DATA));
            far_write8(r->es, off + 3, 0);
        }
        return 1;
    default: return 0;
    }
}

/* 4F0Ah */
static bool protected_mode(struct regs *r)
{
    if (r->bl) {
        return 0;
    }
    r->es = ROM_SEG;
    r->edi = (r->edi & 0xffff0000) | (uint32_t)vbe_pm_table;
    r->cx = (uint16_t)(vbe_pm_end - vbe_pm_table);
    return 1;
}

/* 4F0Bh: any pixel clock that is asked for. */
static bool pixel_clock(struct regs *r)
{
    return r->bl == 0 && find(r->dx);
}

/* 4F15h: what a monitor of 1024x768 says of itself (VESA E-EDID 1.3). */
static ROM uint8_t edid[127] = {
    0x00,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0x00,
    0x1d,
    0xcd,
    0x01,
    0x00,
    0,
    0,
    0,
    0,
    1,
    30,
    1,
    3,
    0x80,
    32,
    24,
    0x78,
    0x0a, /* digital, 32 x 24 cm, gamma 2.2 */
    0xee,
    0x91,
    0xa3,
    0x54,
    0x4c,
    0x99,
    0x26,
    0x0f,
    0x50,
    0x54, /* sRGB */
    0xa1,
    0x08,
    0x00, /* 720x400, 640x480, 800x600, 1024x768 */
    0x81,
    0x80,
    1,
    1,
    1,
    1,
    1,
    1, /* 1280x1024 */
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    /* 65 MHz, 1024 + 320, 768 + 38 */
    0x64,
    0x19,
    0x00,
    0x40,
    0x41,
    0x00,
    0x26,
    0x30,
    24,
    136,
    0x36,
    0x00,
    0x40,
    0xf0,
    0x10,
    0,
    0,
    0x18,
    0,
    0,
    0,
    0xfd,
    0,
    50,
    75,
    30,
    85,
    16,
    0,
    0x0a,
    ' ',
    ' ',
    ' ',
    ' ',
    ' ',
    ' ',
    0,
    0,
    0,
    0xfc,
    0,
    'G',
    'n',
    'o',
    'm',
    'o',
    'n',
    0x0a,
    ' ',
    ' ',
    ' ',
    ' ',
    ' ',
    ' ',
    0,
    0,
    0,
    0x10,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
};

static bool monitor(struct regs *r)
{
    uint8_t sum = 0;

    if (r->bl == 0) {
        r->bx = 0x0002; /* DDC2; no time at all */
        return 1;
    }
    if (r->bl != 1 || r->dx) {
        return 0;
    }
    for (unsigned i = 0; i < sizeof(edid); i++) {
        far_write8(r->es, (uint16_t)(r->edi + i), edid[i]);
        sum -= edid[i];
    }
    far_write8(r->es, (uint16_t)(r->edi + 127), sum);
    return 1;
}

static bool call(struct regs *r)
{
    bool active = bda16(VBE_BDA_MODE);

    switch (r->al) {
    case 0x00: return controller_info(r);
    case 0x01: return mode_info(r);
    case 0x02: return set_mode(r->bx);
    case 0x03: r->bx = current_mode(); return 1;
    case 0x04: return save_restore_state(r);
    case 0x05: return active && window(r);
    case 0x06: return active && line_length(r);
    case 0x07: return active && display_start(r);
    case 0x08: return active && dac_width(r);
    case 0x09: return palette_data(r);
    case 0x0a: return protected_mode(r);
    case 0x0b: return pixel_clock(r);
    case 0x15: return monitor(r);
    default: return 0;
    }
}

void vbe_function(struct regs *r)
{
    uint8_t function = r->al;

    if (!has_dispi() || (function > 0x0b && function != 0x15)) {
        return; /* AL != 4Fh: not supported */
    }
    r->ax = call(r) ? 0x004f : 0x014f;
}
