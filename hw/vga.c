/* SPDX-License-Identifier: MIT */
/*
 * IBM VGA: sequencer, CRT controller, graphics and attribute controllers, DAC, 256 KiB of planar
 * memory. IBM PS/2 Hardware Interface Technical Reference, Video Subsystem (1992).
 *
 * Retrace bits are computed from guest time and the programmed timing; nothing runs per frame. The
 * picture is drawn on request (vga_draw.c, vga_watch.c) from the state of that moment.
 *
 * The window is plain memory to the CPU where every access means the byte that it names: DISPI
 * banks, and mode 13h, in which a read then does not load the latches.
 *
 * Not modelled: register changes in the middle of a frame, the vertical interrupt, the sequencer's
 * reset and 64 KiB modes, the second page that MISC bit 5 selects, light pen, palette lookups in
 * 256-colour modes, and the lock of the palette while the picture is on.
 */
#include "hw/vga.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/endian.h"
#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/vga_draw.h"

#define VGA_WINDOW_BASE 0xa0000u
#define VGA_WINDOW_SIZE 0x20000u
#define VGA_PLANES_SIZE (4 * VGA_PLANE_SIZE)
#define VGA_DIRECT_SIZE 0x10000u /* of the window, when it is plain memory */

/* Bits that exist; the others read as zero. */
static const uint8_t seq_mask[SEQ_COUNT] = {0x03, 0x3d, 0x0f, 0x3f, 0x0e};
static const uint8_t gc_mask[GC_COUNT] = {0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff};
static const uint8_t ac_mask[AC_COUNT] = {
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0xef, 0xff, 0x3f, 0x0f, 0x0f,
};

/* One bit per plane to one byte per plane. */
static const uint32_t plane_bytes[16] = {
    0x00000000, 0x000000ff, 0x0000ff00, 0x0000ffff, 0x00ff0000, 0x00ff00ff, 0x00ffff00, 0x00ffffff,
    0xff000000, 0xff0000ff, 0xff00ff00, 0xff00ffff, 0xffff0000, 0xffff00ff, 0xffffff00, 0xffffffff,
};

/* Timing */

struct vga_timing vga_timing(const struct vga *s)
{
    const uint8_t *cr = s->crtc;
    unsigned over = cr[CRTC_OVERFLOW];
    struct vga_timing t = {
        .dot_hz = (s->misc >> 2 & 3) == 1 ? 28322000 : 25175000,
        .dots = s->seq[SEQ_CLOCKING_MODE] & SEQ_CM_8DOT ? 8 : 9,
        .h_total = cr[CRTC_H_TOTAL] + 5u,
        .h_display = cr[CRTC_H_DISPLAY_END] + 1u,
        .v_total = (cr[CRTC_V_TOTAL] | (over & 0x01) << 8 | (over & 0x20) << 4) + 2,
        .v_display = (cr[CRTC_V_DISPLAY_END] | (over & 0x02) << 7 | (over & 0x40) << 3) + 1,
        .retrace_start = cr[CRTC_V_RETRACE_START] | (over & 0x04) << 6 | (over & 0x80) << 2,
    };

    if (s->seq[SEQ_CLOCKING_MODE] & SEQ_CM_HALF_CLOCK) {
        t.dot_hz /= 2;
    }
    /* The end register holds the low four bits of the line that ends it. */
    t.retrace_end = t.retrace_start + ((cr[CRTC_V_RETRACE_END] - t.retrace_start - 1) & 0x0f) + 1;
    return t;
}

uint64_t vga_frame(const struct vga *s)
{
    struct vga_timing t = vga_timing(s);
    uint32_t frame_dots = t.h_total * t.v_total * t.dots;

    return muldiv64(clock_now(&s->machine->clock), t.dot_hz, frame_dots) / NS_PER_SEC;
}

/* Input status 1, bits 0 (no pixels now) and 3 (vertical retrace). */
static uint8_t retrace_bits(const struct vga *s)
{
    struct vga_timing t = vga_timing(s);
    uint64_t chars = muldiv64(clock_now(&s->machine->clock), t.dot_hz / t.dots, NS_PER_SEC);
    uint32_t pos = (uint32_t)(chars % (t.h_total * t.v_total));
    uint32_t line = pos / t.h_total, column = pos % t.h_total;
    bool retrace = line >= t.retrace_start && line < t.retrace_end;
    bool blank = line >= t.v_display || column >= t.h_display;

    return (uint8_t)((retrace ? 0x08 : 0) | (blank || retrace ? 0x01 : 0));
}

/* Memory */

static bool is_chain4(const struct vga *s)
{
    return s->seq[SEQ_MEMORY_MODE] & SEQ_MM_CHAIN4;
}

/* Every write is stored unchanged: mode 0 without rotation, set/reset or bit mask. */
static bool stores_unchanged(const struct vga *s)
{
    return !(s->gc[GC_MODE] & GC_MODE_WRITE) && !s->gc[GC_DATA_ROTATE] &&
           !s->gc[GC_ENABLE_SET_RESET] && s->gc[GC_BIT_MASK] == 0xff;
}

static void update_paths(struct vga *s)
{
    bool odd_even_write = !(s->seq[SEQ_MEMORY_MODE] & (SEQ_MM_NO_ODD_EVEN | SEQ_MM_CHAIN4));
    bool odd_even_read = s->gc[GC_MODE] & GC_MODE_ODD_EVEN;
    bool chain = s->gc[GC_MISC] & GC_MISC_CHAIN_ODD_EVEN && s->window_size <= VGA_PLANE_SIZE;
    unsigned mask = s->seq[SEQ_MAP_MASK];

    s->write_path = VGA_PATH_SLOW;
    s->read_path = VGA_PATH_SLOW;
    if (vbe_enabled(s) && s->dispi[DISPI_BPP] >= 8) {
        s->write_path = VGA_PATH_BANKED;
        s->read_path = VGA_PATH_BANKED;
        return;
    }
    if (!(s->misc & MISC_RAM_ENABLE)) {
        return;
    }
    if (is_chain4(s)) {
        if (stores_unchanged(s) && mask == 0x0f && s->window_size <= VGA_PLANE_SIZE) {
            s->write_path = VGA_PATH_CHAIN4;
        }
    } else if (odd_even_write && chain && stores_unchanged(s) && (mask & 3) == 3 &&
               !(mask & 0x0c)) {
        s->write_path = VGA_PATH_TEXT;
    }
    if (!(s->gc[GC_MODE] & GC_MODE_READ1) && s->window_size <= VGA_PLANE_SIZE) {
        if (is_chain4(s)) {
            s->read_path = VGA_PATH_CHAIN4;
        } else if (odd_even_read && chain && !(s->gc[GC_READ_MAP] & 2)) {
            s->read_path = VGA_PATH_TEXT;
        }
    }
}

/* The window is there, and shows what it is to show. */
static void open_window(struct vga *s)
{
    bool banks = s->write_path == VGA_PATH_BANKED;
    bool chain4 = s->write_path == VGA_PATH_CHAIN4 && s->read_path == VGA_PATH_CHAIN4;
    uint32_t at = banks ? s->dispi[DISPI_BANK] << 16 : 0;

    if ((banks || chain4) && at != s->window_at) {
        hostmap_move_window(&s->map, s->window, VGA_DIRECT_SIZE, at);
        s->window_at = at;
        vga_window_moved(s);
    }
    physmem_enable(&s->machine->mem, s->window_region, (banks || chain4) && !s->window_base);
}

void vga_update(struct vga *s)
{
    static const uint32_t base[4] = {0x00000, 0x00000, 0x10000, 0x18000};
    static const uint32_t size[4] = {0x20000, 0x10000, 0x08000, 0x08000};
    unsigned map = s->gc[GC_MISC] >> 2 & 3;

    s->window_base = base[map];
    s->window_size = size[map];
    if (vbe_enabled(s)) {
        s->window_base = 0;
        s->window_size = 0x10000;
    }
    update_paths(s);
    open_window(s);
}

/* The address within a plane that the CPU's address a means; *planes becomes the planes it reaches.
 */
static uint32_t plane_address(const struct vga *s, uint32_t a, bool odd_even, unsigned *planes)
{
    if (is_chain4(s)) {
        *planes = 1u << (a & 3);
        return a & 0xfffc;
    }
    *planes = odd_even ? 5u << (a & 1) : 0x0f;
    if (s->gc[GC_MISC] & GC_MISC_CHAIN_ODD_EVEN) {
        /* A0 went to the plane; in the 128 KiB window A16 takes its place. */
        a = (a & ~1u) | (a >> 16 & 1);
    }
    a &= 0xffff;
    return vbe_enabled(s) ? s->dispi[DISPI_BANK] << 16 | a : a; /* 4 bits per pixel */
}

static uint8_t read_planes(struct vga *s, uint32_t a)
{
    unsigned planes;
    uint32_t addr = plane_address(s, a, s->gc[GC_MODE] & GC_MODE_ODD_EVEN, &planes);
    unsigned plane = s->gc[GC_READ_MAP];

    s->latch = load_le32(&s->mem[vga_plane_index(addr)]);
    if (s->gc[GC_MODE] & GC_MODE_READ1) {
        uint32_t differ = (s->latch ^ plane_bytes[s->gc[GC_COLOR_COMPARE]]) &
                          plane_bytes[s->gc[GC_COLOR_DONT_CARE]];

        differ |= differ >> 16;
        return (uint8_t) ~(differ | differ >> 8);
    }
    if (is_chain4(s)) {
        plane = a & 3;
    } else if (s->gc[GC_MODE] & GC_MODE_ODD_EVEN) {
        plane = (plane & 2) | (a & 1);
    }
    return (uint8_t)(s->latch >> 8 * plane);
}

static uint32_t logical_op(const struct vga *s, uint32_t val)
{
    switch (s->gc[GC_DATA_ROTATE] >> 3 & 3) {
    case 1: return val & s->latch;
    case 2: return val | s->latch;
    case 3: return val ^ s->latch;
    default: return val;
    }
}

/* What write mode 0-3 makes of a byte from the CPU, for all four planes. */
static uint32_t write_data(const struct vga *s, uint8_t val)
{
    unsigned rotate = s->gc[GC_DATA_ROTATE] & 7;
    uint32_t set_reset = plane_bytes[s->gc[GC_SET_RESET]];
    uint32_t enable = plane_bytes[s->gc[GC_ENABLE_SET_RESET]];
    uint32_t bits = s->gc[GC_BIT_MASK] * 0x01010101u;
    uint8_t rotated = (uint8_t)(val >> rotate | val << (8 - rotate));
    uint32_t data;

    switch (s->gc[GC_MODE] & GC_MODE_WRITE) {
    case 1: return s->latch;
    case 2: data = logical_op(s, plane_bytes[val & 0x0f]); break;
    case 3:
        bits &= rotated * 0x01010101u;
        data = logical_op(s, set_reset);
        break;
    default: data = logical_op(s, (rotated * 0x01010101u & ~enable) | (set_reset & enable)); break;
    }
    return (data & bits) | (s->latch & ~bits);
}

static void write_planes(struct vga *s, uint32_t a, uint8_t val)
{
    unsigned planes;
    bool odd_even = !(s->seq[SEQ_MEMORY_MODE] & SEQ_MM_NO_ODD_EVEN);
    uint32_t addr = plane_address(s, a, odd_even, &planes);
    uint32_t mask = plane_bytes[planes & s->seq[SEQ_MAP_MASK]];
    uint8_t *p = &s->mem[vga_plane_index(addr)];

    store_le32(p, (load_le32(p) & ~mask) | (write_data(s, val) & mask));
    s->changed = true;
}

static uint32_t banked(const struct vga *s, uint32_t a)
{
    return (s->dispi[DISPI_BANK] << 16 | (a & 0xffff)) & (VGA_MEM_SIZE - 1);
}

static uint8_t read_byte(struct vga *s, uint32_t a)
{
    switch (s->read_path) {
    case VGA_PATH_CHAIN4: s->latch = load_le32(&s->mem[a & 0xfffc]); return s->latch >> 8 * (a & 3);
    case VGA_PATH_TEXT:
        s->latch = load_le32(&s->mem[vga_plane_index(a & 0xfffe)]);
        return s->latch >> 8 * (a & 1);
    case VGA_PATH_BANKED: return s->mem[banked(s, a)];
    default: return s->misc & MISC_RAM_ENABLE ? read_planes(s, a) : 0xff;
    }
}

static void write_byte(struct vga *s, uint32_t a, uint8_t val)
{
    switch (s->write_path) {
    case VGA_PATH_CHAIN4:
        s->mem[a & 0xffff] = val;
        s->changed = true;
        break;
    case VGA_PATH_TEXT:
        s->mem[vga_plane_index(a & 0xfffe) + (a & 1)] = val;
        s->changed = true;
        break;
    case VGA_PATH_BANKED:
        s->mem[banked(s, a)] = val;
        vga_mark(s, banked(s, a));
        break;
    default:
        if (s->misc & MISC_RAM_ENABLE) {
            write_planes(s, a, val);
        }
        break;
    }
}

static uint32_t vga_mem_read(void *opaque, uint32_t offset, unsigned size)
{
    struct vga *s = opaque;
    uint32_t a = offset - s->window_base, val = 0;

    for (unsigned i = 0; i < size; i++, a++) {
        uint8_t byte = a < s->window_size ? read_byte(s, a) : 0xff;

        val |= (uint32_t)byte << 8 * i;
    }
    return val;
}

static void vga_mem_write(void *opaque, uint32_t offset, uint32_t val, unsigned size)
{
    struct vga *s = opaque;
    uint32_t a = offset - s->window_base;

    if (a < s->window_size && !(a & (size - 1))) {
        if (s->write_path == VGA_PATH_BANKED && size == 4) {
            store_le32(&s->mem[banked(s, a)], val);
            vga_mark(s, banked(s, a));
            return;
        }
        if (s->write_path == VGA_PATH_TEXT && size == 2) {
            store_le16(&s->mem[vga_plane_index(a & 0xfffe)], (uint16_t)val);
            s->changed = true;
            return;
        }
    }
    for (unsigned i = 0; i < size; i++, a++) {
        if (a < s->window_size) {
            write_byte(s, a, (uint8_t)(val >> 8 * i));
        }
    }
}

static const struct mmio_ops vga_mem_ops = {vga_mem_read, vga_mem_write};

/* DAC */

uint32_t vga_dac_rgb(const struct vga *s, uint8_t i)
{
    const uint8_t *c = s->dac[i];

    if (vbe_enabled(s) && s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC) {
        return (uint32_t)c[0] << 16 | c[1] << 8 | c[2];
    }
    return (uint32_t)(c[0] << 2 | c[0] >> 4) << 16 | (c[1] << 2 | c[1] >> 4) << 8 |
           (c[2] << 2 | c[2] >> 4);
}

static uint8_t dac_data_read(struct vga *s)
{
    uint8_t val = s->dac[s->dac_read_index][s->dac_component];

    if (++s->dac_component == 3) {
        s->dac_component = 0;
        s->dac_read_index++;
    }
    return val;
}

/* An entry changes when its third component arrives. */
static void dac_data_write(struct vga *s, uint8_t val)
{
    bool wide = vbe_enabled(s) && s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC;

    s->dac_latch[s->dac_component] = wide ? val : val & 0x3f;
    if (++s->dac_component == 3) {
        s->dac_component = 0;
        s->changed |= !!memcmp(s->dac[s->dac_write_index], s->dac_latch, 3);
        memcpy(s->dac[s->dac_write_index], s->dac_latch, 3);
        s->dac_write_index++;
    }
}

static uint8_t dac_read(void *opaque, uint16_t port)
{
    struct vga *s = opaque;

    switch (port) {
    case 0x3c6: return s->dac_mask;
    case 0x3c7: return s->dac_reading ? 3 : 0;
    case 0x3c8: return s->dac_write_index;
    default: return dac_data_read(s);
    }
}

static void dac_write(void *opaque, uint16_t port, uint8_t val)
{
    struct vga *s = opaque;

    switch (port) {
    case 0x3c6: vga_assign(s, &s->dac_mask, val); break;
    case 0x3c7:
        s->dac_read_index = val;
        s->dac_component = 0;
        s->dac_reading = true;
        break;
    case 0x3c8:
        s->dac_write_index = val;
        s->dac_component = 0;
        s->dac_reading = false;
        break;
    default: dac_data_write(s, val); break;
    }
}

/* Attribute controller, 3C0h-3C1h */

static uint8_t ac_read(void *opaque, uint16_t port)
{
    struct vga *s = opaque;
    unsigned i = s->ac_index & 0x1f;

    if (port == 0x3c0) {
        return s->ac_index;
    }
    return i < AC_COUNT ? s->ac[i] : 0;
}

static void ac_write(void *opaque, uint16_t port, uint8_t val)
{
    struct vga *s = opaque;
    unsigned i = s->ac_index & 0x1f;

    if (port != 0x3c0) {
        return;
    }
    if (!s->ac_data) {
        s->changed |= !!((s->ac_index ^ val) & AC_INDEX_PAS);
        s->ac_index = val & 0x3f;
    } else if (i < AC_COUNT) {
        vga_assign(s, &s->ac[i], val & ac_mask[i]);
    }
    s->ac_data = !s->ac_data;
}

/* Sequencer, graphics controller, general registers, 3C2h-3CFh */

static uint8_t general_read(void *opaque, uint16_t port)
{
    struct vga *s = opaque;

    switch (port) {
    case 0x3c2: return 0x10; /* input status 0: a colour monitor answers the sense */
    case 0x3c3: return s->enable;
    case 0x3c4: return s->seq_index;
    case 0x3c5: return s->seq[s->seq_index];
    case 0x3ca: return s->feature;
    case 0x3cc: return s->misc;
    case 0x3ce: return s->gc_index;
    case 0x3cf: return s->gc[s->gc_index];
    default: return 0xff;
    }
}

static void general_write(void *opaque, uint16_t port, uint8_t val)
{
    struct vga *s = opaque;

    switch (port) {
    case 0x3c2: vga_assign(s, &s->misc, val); break;
    case 0x3c3: s->enable = val & 1; return;
    case 0x3c4: s->seq_index = val & (SEQ_COUNT - 1); return;
    case 0x3c5: vga_assign(s, &s->seq[s->seq_index], val & seq_mask[s->seq_index]); break;
    case 0x3ce: s->gc_index = val & (GC_COUNT - 1); return;
    case 0x3cf: s->gc[s->gc_index] = val & gc_mask[s->gc_index]; break;
    default: return;
    }
    vga_update(s);
}

/* CRT controller and status, at 3Bxh or 3Dxh as MISC bit 0 says */

static uint8_t crtc_data_read(struct vga *s)
{
    switch (s->crtc_index) {
    case CRTC_LATCH: return (uint8_t)(s->latch >> 8 * s->gc[GC_READ_MAP]);
    case CRTC_FLIP_FLOP: return (uint8_t)(s->ac_data << 7 | s->ac_index);
    default: return s->crtc_index < CRTC_COUNT ? s->crtc[s->crtc_index] : 0;
    }
}

static void crtc_data_write(struct vga *s, uint8_t val)
{
    unsigned i = s->crtc_index;

    if (i >= CRTC_COUNT) {
        return;
    }
    if (i <= CRTC_OVERFLOW && s->crtc[CRTC_V_RETRACE_END] & CRTC_VRE_PROTECT) {
        if (i == CRTC_OVERFLOW) { /* bit 4, line compare, is not protected */
            vga_assign(s, &s->crtc[i], (s->crtc[i] & ~0x10) | (val & 0x10));
        }
        return;
    }
    vga_assign(s, &s->crtc[i], val);
}

static bool answers(const struct vga *s, uint16_t port)
{
    return (port >= 0x3d0) == !!(s->misc & MISC_COLOR_PORTS);
}

static uint8_t crtc_read(void *opaque, uint16_t port)
{
    struct vga *s = opaque;

    if (!answers(s, port)) {
        return 0xff;
    }
    switch (port & 0x0f) {
    case 0x04: return s->crtc_index;
    case 0x05: return crtc_data_read(s);
    default: s->ac_data = false; return retrace_bits(s);
    }
}

static void crtc_write(void *opaque, uint16_t port, uint8_t val)
{
    struct vga *s = opaque;

    if (!answers(s, port)) {
        return;
    }
    switch (port & 0x0f) {
    case 0x04: s->crtc_index = val & 0x3f; break;
    case 0x05: crtc_data_write(s, val); break;
    default: s->feature = val & 0x0b; break;
    }
}

/* Registers are cleared, memory and DAC keep what they have: the VGA BIOS sets everything. */
static void vga_reset(void *opaque)
{
    struct vga *s = opaque;

    memset(s, 0, offsetof(struct vga, dac));
    s->latch = 0;
    s->enable = 1;
    s->dac_mask = 0xff;
    s->changed = true;
    vbe_reset(s);
    vga_update(s);
}

/* A loaded state is in range whatever the file said. */
static void vga_loaded(void *opaque)
{
    struct vga *s = opaque;

    s->seq_index &= SEQ_COUNT - 1;
    s->gc_index &= GC_COUNT - 1;
    s->ac_index &= 0x3f;
    s->dac_component %= 3;
    for (unsigned i = 0; i < SEQ_COUNT; i++) {
        s->seq[i] &= seq_mask[i];
    }
    for (unsigned i = 0; i < GC_COUNT; i++) {
        s->gc[i] &= gc_mask[i];
    }
    for (unsigned i = 0; i < AC_COUNT; i++) {
        s->ac[i] &= ac_mask[i];
    }
    vbe_loaded(s);
    s->changed = true;
    vga_update(s);
}

static void vga_destroy(void *opaque)
{
    struct vga *s = opaque;

    hostmap_free_window(s->window, VGA_DIRECT_SIZE);
    hostmap_free(&s->map);
    free(s->rom);
}

static const struct state_field vga_state[] = {
    STATE(struct vga, misc),
    STATE(struct vga, feature),
    STATE(struct vga, enable),
    STATE(struct vga, seq_index),
    STATE_BYTES(struct vga, seq),
    STATE(struct vga, gc_index),
    STATE_BYTES(struct vga, gc),
    STATE(struct vga, crtc_index),
    STATE_BYTES(struct vga, crtc),
    STATE(struct vga, ac_index),
    STATE_BYTES(struct vga, ac),
    STATE(struct vga, ac_data),
    STATE(struct vga, dac_mask),
    STATE(struct vga, dac_read_index),
    STATE(struct vga, dac_write_index),
    STATE(struct vga, dac_component),
    STATE(struct vga, dac_reading),
    STATE_BYTES(struct vga, dac_latch),
    STATE_BYTES(struct vga, dac),
    STATE(struct vga, latch),
    STATE(struct vga, dispi_index),
    STATE(struct vga, dispi),
    PCI_STATE(struct vga, pci),
    STATE_BUF_UPTO(struct vga, mem, mem_used, VGA_MEM_SIZE),
    STATE_END,
};

static const struct device_type vga_type = {
    .name = "vga",
    .reset = vga_reset,
    .destroy = vga_destroy,
    .loaded = vga_loaded,
    .state = vga_state,
};

struct vga *vga_create(struct machine *m, struct pci_bus *bus)
{
    struct vga *s = device_new(m, &vga_type, sizeof(*s));

    s->machine = m;
    hostmap_init(&s->map, "gnomon-vga", VGA_MEM_SIZE);
    s->mem = s->map.bytes;
    s->window = hostmap_window(&s->map, VGA_DIRECT_SIZE);
    s->mem_used = VGA_PLANES_SIZE;
    io_map8(m, 0x3c0, 2, ac_read, ac_write, s);
    io_map8(m, 0x3c2, 4, general_read, general_write, s);
    io_map8(m, 0x3c6, 4, dac_read, dac_write, s);
    io_map8(m, 0x3ca, 6, general_read, general_write, s);
    io_map8(m, 0x3b4, 2, crtc_read, crtc_write, s);
    io_map8(m, 0x3ba, 1, crtc_read, crtc_write, s);
    io_map8(m, 0x3d4, 2, crtc_read, crtc_write, s);
    io_map8(m, 0x3da, 1, crtc_read, crtc_write, s);
    physmem_map_mmio(&m->mem, VGA_WINDOW_BASE, VGA_WINDOW_SIZE, "vga", &vga_mem_ops, s);
    s->window_region =
        physmem_map_ram(&m->mem, VGA_WINDOW_BASE, VGA_DIRECT_SIZE, "vga.window", s->window);
    vbe_create(s, bus);
    vga_reset(s);
    return s;
}
