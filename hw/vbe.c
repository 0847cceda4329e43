/* SPDX-License-Identifier: MIT */
/*
 * The Bochs DISPI extension of the display adapter: index port 1CEh, data port 1CFh, and a linear
 * frame buffer (docs of Bochs, "VBE DISPI", id B0C5h). In modes of 8 bits per pixel and more the
 * window at A0000h is a 64 KiB bank of the same memory; in those of 4 bits it is a bank of the four
 * planes, behind the graphics controller's logic.
 *
 * On a PCI bus base address 0 is the frame buffer and base address 2 has the same registers in
 * memory, as QEMU's standard VGA: 400h ports 3C0h-3DFh, 500h the DISPI registers, 600h the byte
 * order.
 */
#include "hw/vga_draw.h"

#include <string.h>

#include "base/endian.h"
#include "base/log.h"
#include "hw/io.h"
#include "hw/vga.h"

#define VBE_LFB_BASE 0xe0000000u
#define VBE_MAX_X    2560u
#define VBE_MAX_Y    1600u
#define VBE_ID       0xb0c5u

static unsigned pixel_bytes(unsigned bpp)
{
    return (bpp + 7) / 8;
}

static bool is_depth(unsigned bpp)
{
    return bpp == 4 || bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32;
}

static uint32_t line_bytes(const struct vga *s)
{
    unsigned bpp = s->dispi[DISPI_BPP];

    return bpp == 4 ? s->dispi[DISPI_VIRT_WIDTH] / 8
                    : s->dispi[DISPI_VIRT_WIDTH] * pixel_bytes(bpp);
}

/* Keeps the virtual size as large as the visible one and inside memory. */
static void fit_virtual(struct vga *s)
{
    uint16_t *r = s->dispi;
    uint32_t per_pixel = r[DISPI_BPP] == 4 ? 1 : pixel_bytes(r[DISPI_BPP]);

    if (r[DISPI_VIRT_WIDTH] < r[DISPI_XRES] ||
        (uint64_t)r[DISPI_VIRT_WIDTH] * per_pixel * r[DISPI_YRES] > VGA_MEM_SIZE) {
        r[DISPI_VIRT_WIDTH] = r[DISPI_XRES];
    }
    uint32_t line = line_bytes(s);
    uint32_t lines = line ? VGA_MEM_SIZE / line : 0;

    r[DISPI_VIRT_HEIGHT] = (uint16_t)(lines > 0xffff ? 0xffff : lines);
}

static void set_enable(struct vga *s, uint16_t val)
{
    uint16_t *r = s->dispi;
    bool was = vbe_enabled(s);

    if (val & DISPI_ENABLED && !was &&
        (!r[DISPI_XRES] || !r[DISPI_YRES] || !is_depth(r[DISPI_BPP]) ||
         (uint32_t)r[DISPI_XRES] * r[DISPI_YRES] * pixel_bytes(r[DISPI_BPP]) > VGA_MEM_SIZE)) {
        val &= ~DISPI_ENABLED;
    }
    r[DISPI_ENABLE] = val;
    if (val & DISPI_ENABLED && !was) {
        r[DISPI_VIRT_WIDTH] = r[DISPI_XRES];
        r[DISPI_X_OFFSET] = 0;
        r[DISPI_Y_OFFSET] = 0;
        fit_virtual(s);
        s->mem_used = VGA_MEM_SIZE;
        if (!(val & DISPI_NOCLEARMEM)) {
            memset(s->mem, 0, line_bytes(s) * r[DISPI_YRES]);
        }
    } else if (was && !(val & DISPI_ENABLED)) {
        r[DISPI_BANK] = 0;
    }
    vga_update(s);
}

static uint16_t capability(unsigned index)
{
    switch (index) {
    case DISPI_XRES: return VBE_MAX_X;
    case DISPI_YRES: return VBE_MAX_Y;
    case DISPI_BPP: return 32;
    default: return 0;
    }
}

static uint16_t data_read(const struct vga *s)
{
    unsigned i = s->dispi_index;

    if (i >= DISPI_BPP - 2 && i <= DISPI_BPP && s->dispi[DISPI_ENABLE] & DISPI_GETCAPS) {
        return capability(i);
    }
    if (i == DISPI_MEMORY) {
        return VGA_MEM_SIZE >> 16;
    }
    return i < DISPI_COUNT ? s->dispi[i] : 0;
}

static void data_write(struct vga *s, uint16_t val)
{
    uint16_t *r = s->dispi;

    log_guest(VGA, "DISPI register %u = %04x", s->dispi_index, val);
    s->changed |= s->dispi_index != DISPI_BANK;
    switch (s->dispi_index) {
    case DISPI_ID:
        if (val >= 0xb0c0 && val <= VBE_ID) {
            r[DISPI_ID] = val;
        }
        break;
    case DISPI_XRES:
        if (!vbe_enabled(s) && val <= VBE_MAX_X) {
            r[DISPI_XRES] = val & ~7u;
        }
        break;
    case DISPI_YRES:
        if (!vbe_enabled(s) && val <= VBE_MAX_Y) {
            r[DISPI_YRES] = val;
        }
        break;
    case DISPI_BPP:
        if (!vbe_enabled(s) && (!val || is_depth(val))) {
            r[DISPI_BPP] = val ? val : 8;
        }
        break;
    case DISPI_ENABLE: set_enable(s, val); break;
    case DISPI_BANK:
        r[DISPI_BANK] = val & ((VGA_MEM_SIZE >> 16) - 1);
        vga_update(s);
        break;
    case DISPI_VIRT_WIDTH:
        r[DISPI_VIRT_WIDTH] = val & ~7u;
        fit_virtual(s);
        break;
    case DISPI_X_OFFSET:
    case DISPI_Y_OFFSET: r[s->dispi_index] = val; break;
    default: break;
    }
}

/* Index at 1CEh, data at 1CFh, 16 bits each: a 16-bit access at 1CFh is the data register whole. */
static uint32_t vbe_read(void *opaque, uint16_t port, unsigned size)
{
    struct vga *s = opaque;

    (void)size;
    switch (port) {
    case 0x1ce: return s->dispi_index;
    default: return data_read(s);
    }
}

static void vbe_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct vga *s = opaque;

    (void)size;
    switch (port) {
    case 0x1ce: s->dispi_index = (uint16_t)val; break;
    default: data_write(s, (uint16_t)val); break;
    }
}

/* Registers in memory. */

enum {
    MMIO_SIZE = 0x1000,
    MMIO_VGA = 0x400, /* ports 3C0h-3DFh */
    MMIO_VGA_END = 0x420,
    MMIO_DISPI = 0x500, /* 16 bits each */
    MMIO_DISPI_END = MMIO_DISPI + 2 * DISPI_COUNT,
    MMIO_EXT_SIZE = 0x600, /* of this block */
    MMIO_EXT_ORDER = 0x604,
    ORDER_LITTLE = 0x1e1e1e1e, /* the other one, BEBEBEBEh, is not for a PC */
};

/* One register of a block at a time; the index register keeps what it has. */
static uint16_t dispi_read_at(struct vga *s, unsigned index)
{
    uint16_t old = s->dispi_index, val;

    s->dispi_index = (uint16_t)index;
    val = data_read(s);
    s->dispi_index = old;
    return val;
}

static void dispi_write_at(struct vga *s, unsigned index, uint16_t val)
{
    uint16_t old = s->dispi_index;

    s->dispi_index = (uint16_t)index;
    data_write(s, val);
    s->dispi_index = old;
}

static uint32_t mmio_read(void *opaque, uint32_t offset, unsigned size)
{
    struct vga *s = opaque;

    if (offset >= MMIO_VGA && offset < MMIO_VGA_END) {
        return io_read(s->machine, (uint16_t)(0x3c0 + offset - MMIO_VGA), size);
    }
    if (offset >= MMIO_DISPI && offset < MMIO_DISPI_END && size == 2) {
        return dispi_read_at(s, (offset - MMIO_DISPI) / 2);
    }
    switch (offset) {
    case MMIO_EXT_SIZE: return 8;
    case MMIO_EXT_ORDER: return ORDER_LITTLE;
    default: return 0;
    }
}

static void mmio_write(void *opaque, uint32_t offset, uint32_t val, unsigned size)
{
    struct vga *s = opaque;

    if (offset >= MMIO_VGA && offset < MMIO_VGA_END) {
        io_write(s->machine, (uint16_t)(0x3c0 + offset - MMIO_VGA), val, size);
    } else if (offset >= MMIO_DISPI && offset < MMIO_DISPI_END && size == 2) {
        dispi_write_at(s, (offset - MMIO_DISPI) / 2, (uint16_t)val);
    }
}

static const struct mmio_ops mmio_ops = {mmio_read, mmio_write};

void vga_set_rom(struct vga *s, const uint8_t *bytes, uint32_t size)
{
    uint32_t whole = PAGE_SIZE;

    if (!s->pci.bus) {
        return;
    }
    while (whole < size) {
        whole *= 2;
    }
    s->rom = xmalloc(whole);
    memset(s->rom, 0xff, whole);
    memcpy(s->rom, bytes, size);
    pci_bar_rom(&s->pci, whole, s->rom);
}

void vbe_create(struct vga *s, struct pci_bus *bus)
{
    static const struct pci_id id = {0x1234, 0x1111, 0x0300, 0, 2, false, 0};
    struct machine *m = s->machine;

    io_map_wide(m, 0x1ce, 3, vbe_read, vbe_write, s);
    if (bus) {
        pci_add(bus, &s->pci, PCI_DEVFN(2, 0), "VGA", &id, s);
        pci_bar_ram(&s->pci, 0, VGA_MEM_SIZE, s->mem);
        pci_bar_mmio(&s->pci, 2, MMIO_SIZE, &mmio_ops, s);
        pci_writable(&s->pci, PCI_COMMAND, 1, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    } else {
        physmem_map_ram(&m->mem, VBE_LFB_BASE, VGA_MEM_SIZE, "vga.lfb", s->mem);
    }
}

void vbe_reset(struct vga *s)
{
    if (s->pci.bus) {
        pci_reset(&s->pci);
    }
    memset(s->dispi, 0, sizeof(s->dispi));
    s->dispi_index = 0;
    s->dispi[DISPI_ID] = VBE_ID;
    s->dispi[DISPI_BPP] = 8;
}

void vbe_loaded(struct vga *s)
{
    uint16_t *r = s->dispi;

    if (s->pci.bus) {
        pci_loaded(&s->pci);
    }
    r[DISPI_BANK] &= (VGA_MEM_SIZE >> 16) - 1;
    if (r[DISPI_XRES] > VBE_MAX_X || r[DISPI_YRES] > VBE_MAX_Y || !is_depth(r[DISPI_BPP])) {
        r[DISPI_ENABLE] &= ~DISPI_ENABLED;
    }
    if (s->mem_used > VGA_MEM_SIZE) {
        s->mem_used = VGA_MEM_SIZE;
    }
}

static uint32_t expand5(uint32_t v)
{
    return v << 3 | v >> 2;
}

static uint32_t pixel_rgb(const struct vga *s, const uint8_t *p, unsigned bpp)
{
    uint32_t v;

    switch (bpp) {
    case 8: return vga_dac_rgb(s, *p & s->dac_mask);
    case 15:
        v = load_le16(p);
        return expand5(v >> 10 & 31) << 16 | expand5(v >> 5 & 31) << 8 | expand5(v & 31);
    case 16:
        v = load_le16(p);
        return expand5(v >> 11) << 16 | ((v >> 5 & 63) << 2 | (v >> 9 & 3)) << 8 | expand5(v & 31);
    default: return (uint32_t)p[2] << 16 | p[1] << 8 | p[0];
    }
}

uint32_t vbe_line_at(const struct vga *s, uint32_t y, uint32_t *at)
{
    const uint16_t *r = s->dispi;
    uint32_t step = pixel_bytes(r[DISPI_BPP]);

    *at = ((r[DISPI_Y_OFFSET] + y) * line_bytes(s) + r[DISPI_X_OFFSET] * step) & (VGA_MEM_SIZE - 1);
    return r[DISPI_XRES] * step;
}

static void draw_packed(const struct vga *s, uint32_t y, uint32_t *to)
{
    unsigned bpp = s->dispi[DISPI_BPP], step = pixel_bytes(bpp);
    uint32_t at;

    vbe_line_at(s, y, &at);
    for (uint32_t x = 0; x < s->dispi[DISPI_XRES]; x++, at += step) {
        at &= VGA_MEM_SIZE - 1;
        *to++ = at > VGA_MEM_SIZE - 4 ? 0 : pixel_rgb(s, &s->mem[at], bpp);
    }
}

/* 32 bits per pixel are copied, 8 looked up: the two that are used most. */
static bool draw_fast(const struct vga *s, uint32_t y, const uint32_t *color, uint32_t *to)
{
    unsigned bpp = s->dispi[DISPI_BPP];
    uint32_t at, bytes = vbe_line_at(s, y, &at);
    const uint8_t *from = &s->mem[at];

    if (at + bytes > VGA_MEM_SIZE || (bpp != 8 && bpp != 32)) {
        return false;
    }
    for (uint32_t x = 0; x < s->dispi[DISPI_XRES]; x++) {
        to[x] = bpp == 8 ? color[from[x]] : load_le32(from + 4 * x) & 0xffffff;
    }
    return true;
}

static void draw_planar(const struct vga *s, uint32_t y, uint32_t *to)
{
    const uint16_t *r = s->dispi;
    uint32_t at = (r[DISPI_Y_OFFSET] + y) * line_bytes(s);

    for (uint32_t i = 0; i < r[DISPI_XRES]; i++) {
        uint32_t x = r[DISPI_X_OFFSET] + i;
        const uint8_t *p = &s->mem[vga_plane_index(at + x / 8)];
        unsigned bit = 7 - x % 8;

        to[i] = vga_attribute_rgb(s, (p[0] >> bit & 1) | (p[1] >> bit & 1) << 1 |
                                         (p[2] >> bit & 1) << 2 | (p[3] >> bit & 1) << 3);
    }
}

void vbe_resize(const struct vga *s, struct picture *out)
{
    picture_resize(out, s->dispi[DISPI_XRES], s->dispi[DISPI_YRES]);
}

void vbe_draw(const struct vga *s, struct picture *out, uint32_t first, uint32_t end)
{
    uint32_t color[256];

    for (unsigned i = 0; i < ARRAY_LEN(color); i++) {
        color[i] = vga_dac_rgb(s, i & s->dac_mask);
    }
    for (uint32_t y = first; y < end; y++) {
        uint32_t *to = &out->pixels[(size_t)y * out->width];

        if (s->dispi[DISPI_BPP] == 4) {
            draw_planar(s, y, to);
        } else if (!draw_fast(s, y, color, to)) {
            draw_packed(s, y, to);
        }
    }
}

phys_addr_t vbe_lfb_base(const struct vga *s)
{
    return s->pci.bus ? s->pci.bar[0].at : VBE_LFB_BASE;
}
