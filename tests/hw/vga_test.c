/* SPDX-License-Identifier: MIT */
/*
 * The VGA without a CPU: how memory behaves in each mode, register protection, the DAC, retrace
 * timing, and pictures of small screens.
 */
#include "hw/vga.h"
#include "hw/vga_draw.h"

#include "tests/hw/fake_machine.h"

enum { SEQ = 0x3c4, GC = 0x3ce, CRTC = 0x3d4, AC = 0x3c0, MISC = 0x3c2 };

struct bench {
    struct fake_machine f;
    struct vga *vga;
};

static void set(struct bench *b, uint16_t port, uint8_t index, uint8_t val)
{
    io_write(&b->f.m, port, (uint32_t)(val << 8 | index), 2);
}

static uint8_t get(struct bench *b, uint16_t port, uint8_t index)
{
    out8(&b->f, port, index);
    return in8(&b->f, port + 1);
}

static void poke(struct bench *b, uint32_t addr, uint8_t val)
{
    physmem_store(&b->f.m.mem, addr, val, 1);
}

static uint8_t peek(struct bench *b, uint32_t addr)
{
    return (uint8_t)physmem_load(&b->f.m.mem, addr, 1);
}

static void set_ac(struct bench *b, uint8_t index, uint8_t val)
{
    in8(&b->f, CRTC + 6);
    out8(&b->f, AC, index);
    out8(&b->f, AC, val);
}

/* Registers of a mode: misc, seq 1-4, crtc 0-18h, ac 0-13h, gc 0-8. */
struct mode {
    uint8_t misc, seq[4], crtc[25], ac[20], gc[9];
};

static const struct mode text_mode = {
    0x67,
    {0x00, 0x03, 0x00, 0x02},
    {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x20, 0x0e, 0x00,
     0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff},
    {0, 1, 2, 3, 4, 5, 20, 7, 56, 57, 58, 59, 60, 61, 62, 63, 0x0c, 0, 15, 8},
    {0, 0, 0, 0, 0, 0x10, 0x0e, 0, 0xff},
};
static const struct mode planar_mode = {
    0xe3,
    {0x01, 0x0f, 0x00, 0x06},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0x00, 0x40, 0x00, 0x00, 0x00,
     0x00, 0x00, 0x00, 0xea, 0x8c, 0xdf, 0x28, 0x00, 0xe7, 0x04, 0xe3, 0xff},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1, 0, 15, 0},
    {0, 0, 0, 0, 0, 0, 5, 0x0f, 0xff},
};
static const struct mode chain4_mode = {
    0x63,
    {0x01, 0x0f, 0x00, 0x0e},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00, 0x41, 0x00, 0x00, 0x00,
     0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 15, 0},
    {0, 0, 0, 0, 0, 0x40, 5, 0x0f, 0xff},
};
static const struct mode cga_mode = {
    0x63,
    {0x09, 0x03, 0x00, 0x02},
    {0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0x00, 0xc1, 0x00, 0x00, 0x00,
     0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x14, 0x00, 0x96, 0xb9, 0xa2, 0xff},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1, 0, 3, 0},
    {0, 0, 0, 0, 0, 0x30, 0x0f, 0x0f, 0xff},
};

static void set_mode(struct bench *b, const struct mode *mode)
{
    out8(&b->f, MISC, mode->misc);
    set(b, SEQ, 0, 3);
    for (uint8_t i = 0; i < 4; i++) {
        set(b, SEQ, i + 1, mode->seq[i]);
    }
    set(b, CRTC, 0x11, 0);
    for (uint8_t i = 0; i < 25; i++) {
        set(b, CRTC, i, mode->crtc[i]);
    }
    for (uint8_t i = 0; i < 20; i++) {
        set_ac(b, i, mode->ac[i]);
    }
    for (uint8_t i = 0; i < 9; i++) {
        set(b, GC, i, mode->gc[i]);
    }
    in8(&b->f, CRTC + 6);
    out8(&b->f, AC, 0x20);
    out8(&b->f, 0x3c6, 0xff);
    out8(&b->f, 0x3c8, 0);
    for (unsigned i = 0; i < 256; i++) { /* red = index */
        out8(&b->f, 0x3c9, (uint8_t)(i & 63));
        out8(&b->f, 0x3c9, (uint8_t)(i >> 6));
        out8(&b->f, 0x3c9, 0);
    }
}

/* What set_mode() put into the DAC. */
static uint32_t shade(unsigned i)
{
    uint32_t r = i & 63, g = i >> 6;

    return (r << 2 | r >> 4) << 16 | (g << 2 | g >> 4) << 8;
}

static void begin(struct bench *b, const struct mode *mode)
{
    fake_init(&b->f);
    b->vga = vga_create(&b->f.m, NULL);
    set_mode(b, mode);
}

static void end(struct bench *b)
{
    fake_free(&b->f);
}

/* Reads plane p directly: read mode 0. */
static uint8_t plane(struct bench *b, unsigned p, uint32_t addr)
{
    set(b, GC, 4, (uint8_t)p);
    return peek(b, addr);
}

static void write_mode_0_rotates_masks_and_sets(void)
{
    struct bench b;

    begin(&b, &planar_mode);
    poke(&b, 0xa0000, 0x81);
    for (unsigned p = 0; p < 4; p++) {
        CHECK_EQ(plane(&b, p, 0xa0000), 0x81);
    }
    set(&b, SEQ, 2, 0x05);
    poke(&b, 0xa0000, 0xff);
    CHECK_EQ(plane(&b, 0, 0xa0000), 0xff);
    CHECK_EQ(plane(&b, 1, 0xa0000), 0x81);
    set(&b, SEQ, 2, 0x0f);
    set(&b, GC, 3, 1); /* rotate right by one */
    poke(&b, 0xa0001, 0x03);
    CHECK_EQ(plane(&b, 3, 0xa0001), 0x81);
    set(&b, GC, 3, 0);
    set(&b, GC, 0, 0x02);
    set(&b, GC, 1, 0x03); /* planes 0 and 1 from set/reset */
    poke(&b, 0xa0002, 0x55);
    CHECK_EQ(plane(&b, 0, 0xa0002), 0x00);
    CHECK_EQ(plane(&b, 1, 0xa0002), 0xff);
    CHECK_EQ(plane(&b, 2, 0xa0002), 0x55);
    set(&b, GC, 1, 0);
    set(&b, GC, 8, 0x0f);
    peek(&b, 0xa0002); /* latches */
    poke(&b, 0xa0003, 0xaa);
    CHECK_EQ(plane(&b, 1, 0xa0003), 0xfa);
    CHECK_EQ(plane(&b, 2, 0xa0003), 0x5a);
    end(&b);
}

static void logical_operations_use_the_latches(void)
{
    static const uint8_t want[4] = {0x3c, 0x3c & 0x0f, 0x3c | 0x0f, 0x3c ^ 0x0f};
    struct bench b;

    begin(&b, &planar_mode);
    for (uint8_t op = 0; op < 4; op++) {
        set(&b, GC, 3, 0);
        poke(&b, 0xa0000, 0x0f);
        peek(&b, 0xa0000);
        set(&b, GC, 3, (uint8_t)(op << 3));
        poke(&b, 0xa0000, 0x3c);
        CHECK_EQ(plane(&b, 2, 0xa0000), want[op]);
    }
    end(&b);
}

static void write_mode_1_copies_the_latches(void)
{
    struct bench b;

    begin(&b, &planar_mode);
    for (uint8_t p = 0; p < 4; p++) {
        set(&b, SEQ, 2, (uint8_t)(1 << p));
        poke(&b, 0xa0010, (uint8_t)(0x11 * (p + 1)));
    }
    set(&b, SEQ, 2, 0x0f);
    set(&b, GC, 5, 1);
    peek(&b, 0xa0010);
    poke(&b, 0xa0020, 0);
    for (unsigned p = 0; p < 4; p++) {
        CHECK_EQ(plane(&b, p, 0xa0020), 0x11 * (p + 1));
    }
    end(&b);
}

static void write_mode_2_paints_a_color(void)
{
    struct bench b;

    begin(&b, &planar_mode);
    set(&b, GC, 5, 2);
    set(&b, GC, 8, 0xf0);
    peek(&b, 0xa0000);
    poke(&b, 0xa0000, 0x0a);
    CHECK_EQ(plane(&b, 0, 0xa0000), 0x00);
    CHECK_EQ(plane(&b, 1, 0xa0000), 0xf0);
    CHECK_EQ(plane(&b, 3, 0xa0000), 0xf0);
    end(&b);
}

static void write_mode_3_masks_set_reset_with_data(void)
{
    struct bench b;

    begin(&b, &planar_mode);
    set(&b, GC, 5, 3);
    set(&b, GC, 0, 0x05);
    set(&b, GC, 8, 0x3c);
    peek(&b, 0xa0000);
    poke(&b, 0xa0000, 0xf0);
    CHECK_EQ(plane(&b, 0, 0xa0000), 0x30);
    CHECK_EQ(plane(&b, 1, 0xa0000), 0x00);
    CHECK_EQ(plane(&b, 2, 0xa0000), 0x30);
    end(&b);
}

static void read_mode_1_compares_colors(void)
{
    struct bench b;

    begin(&b, &planar_mode);
    set(&b, GC, 5, 2);
    set(&b, GC, 8, 0xc3);
    peek(&b, 0xa0000);
    poke(&b, 0xa0000, 0x09);
    set(&b, GC, 5, 8);
    set(&b, GC, 2, 9);
    set(&b, GC, 7, 15);
    CHECK_EQ(peek(&b, 0xa0000), 0xc3);
    set(&b, GC, 7, 0); /* no plane matters: all match */
    CHECK_EQ(peek(&b, 0xa0000), 0xff);
    end(&b);
}

static void odd_even_puts_attributes_in_plane_1(void)
{
    struct bench b;

    begin(&b, &text_mode);
    physmem_store(&b.f.m.mem, 0xb8000, 0x1f41, 2);
    physmem_store(&b.f.m.mem, 0xb8002, 0x2e43, 2);
    CHECK_EQ(physmem_load(&b.f.m.mem, 0xb8000, 4), 0x2e431f41);
    CHECK_EQ(peek(&b, 0xa0000), 0xff); /* outside the window */
    /* Linearly: characters at even addresses of plane 0, attributes of plane 1. */
    set(&b, SEQ, 4, 6);
    set(&b, GC, 5, 0);
    set(&b, GC, 6, 5);
    CHECK_EQ(plane(&b, 0, 0xa0000), 0x41);
    CHECK_EQ(plane(&b, 1, 0xa0000), 0x1f);
    CHECK_EQ(plane(&b, 0, 0xa0002), 0x43);
    end(&b);
}

static void chain4_selects_planes_by_address(void)
{
    struct bench b;

    begin(&b, &chain4_mode);
    physmem_store(&b.f.m.mem, 0xa0004, 0x44332211, 4);
    CHECK_EQ(peek(&b, 0xa0006), 0x33);
    set(&b, SEQ, 2, 0x02); /* the map mask still counts */
    physmem_store(&b.f.m.mem, 0xa0004, 0xffffffff, 4);
    CHECK_EQ(physmem_load(&b.f.m.mem, 0xa0004, 4), 0x4433ff11);
    set(&b, SEQ, 4, 6);
    CHECK_EQ(plane(&b, 3, 0xa0004), 0x44);
    end(&b);
}

static void protect_bit_locks_crtc_0_to_7(void)
{
    struct bench b;

    begin(&b, &text_mode);
    set(&b, CRTC, 0x11, 0x8e);
    set(&b, CRTC, 0x00, 0x12);
    set(&b, CRTC, 0x07, 0x00);
    set(&b, CRTC, 0x09, 0x12);
    CHECK_EQ(get(&b, CRTC, 0x00), 0x5f);
    CHECK_EQ(get(&b, CRTC, 0x07), 0x0f); /* line compare bit 8 went, the rest stayed */
    CHECK_EQ(get(&b, CRTC, 0x09), 0x12);
    CHECK_EQ(in8(&b.f, 0x3b5), 0xff); /* mono addresses do not answer */
    end(&b);
}

static void dac_counts_components(void)
{
    struct bench b;

    begin(&b, &text_mode);
    out8(&b.f, 0x3c8, 254);
    for (uint8_t i = 0; i < 9; i++) {
        out8(&b.f, 0x3c9, 0xc0 | (i + 1));
    }
    CHECK_EQ(in8(&b.f, 0x3c7), 0);
    CHECK_EQ(in8(&b.f, 0x3c8), 1);
    out8(&b.f, 0x3c7, 255);
    CHECK_EQ(in8(&b.f, 0x3c7), 3);
    CHECK_EQ(in8(&b.f, 0x3c9), 4);
    CHECK_EQ(in8(&b.f, 0x3c9), 5);
    CHECK_EQ(in8(&b.f, 0x3c9), 6);
    CHECK_EQ(in8(&b.f, 0x3c9), 7); /* entry 0 */
    end(&b);
}

static void palette_flip_flop_is_reset_by_status(void)
{
    struct bench b;

    begin(&b, &text_mode);
    in8(&b.f, CRTC + 6);
    out8(&b.f, AC, 0x02);
    in8(&b.f, CRTC + 6);
    out8(&b.f, AC, 0x03); /* an index again */
    CHECK_EQ(in8(&b.f, AC), 0x03);
    CHECK_EQ(in8(&b.f, AC + 1), 3);
    CHECK_EQ(get(&b, CRTC, 0x24) >> 7, 1);
    end(&b);
}

/* 449 lines of 100 characters of 9 dots at 28.322 MHz: 70 Hz; retrace lasts two lines. */
static void retrace_follows_guest_time(void)
{
    struct bench b;
    unsigned rises = 0, in_retrace = 0, last = 8, steps = 0;

    begin(&b, &text_mode);
    for (; b.f.now < NS_PER_SEC; clock_step(&b.f, 7000), steps++) {
        unsigned bit = in8(&b.f, CRTC + 6) & 8;

        rises += bit && !last;
        in_retrace += !!bit;
        last = bit;
    }
    CHECK(rises == 70);
    CHECK(in_retrace > steps / 300 && in_retrace < steps / 200);
    end(&b);
}

static uint32_t pixel(const struct picture *p, uint32_t x, uint32_t y)
{
    return x < p->width && y < p->height ? p->pixels[y * p->width + x] : ~0u;
}

static void text_draws_font_attributes_and_ninth_dot(void)
{
    struct bench b;
    struct picture p = {0};

    begin(&b, &text_mode);
    /* Plane 2: a font whose characters 41h and C4h are a slash and a full row 8. */
    set(&b, SEQ, 2, 4);
    set(&b, SEQ, 4, 6);
    set(&b, GC, 5, 0);
    set(&b, GC, 6, 5);
    for (uint32_t y = 0; y < 8; y++) {
        poke(&b, 0xa0000 + 0x41 * 32 + y, (uint8_t)(1 << y));
    }
    poke(&b, 0xa0000 + 0xc4 * 32 + 8, 0xff);
    set_mode(&b, &text_mode);
    physmem_store(&b.f.m.mem, 0xb8000, 0x1f41, 2);
    physmem_store(&b.f.m.mem, 0xb8002, 0x4ec4, 2);
    vga_picture(b.vga, &p);
    CHECK_EQ(p.width, 720);
    CHECK_EQ(p.height, 400);
    CHECK_EQ(pixel(&p, 7, 0), shade(63)); /* white 15 is 3Fh through the palette */
    CHECK_EQ(pixel(&p, 6, 0), shade(1));
    CHECK_EQ(pixel(&p, 0, 7), shade(63));
    CHECK_EQ(pixel(&p, 8, 0), shade(1));
    CHECK_EQ(pixel(&p, 9, 8), shade(62));
    CHECK_EQ(pixel(&p, 17, 8), shade(62)); /* line graphics go on into the ninth dot */
    CHECK_EQ(pixel(&p, 17, 7), shade(4));
    /* Screen off. */
    set(&b, SEQ, 1, 0x20);
    vga_picture(b.vga, &p);
    CHECK_EQ(pixel(&p, 7, 0), 0);
    picture_free(&p);
    end(&b);
}

static void line_compare_splits_the_screen(void)
{
    struct bench b;
    struct picture p = {0};

    begin(&b, &planar_mode);
    poke(&b, 0xa0000, 0x80);
    set(&b, CRTC, 0x0d, 80 & 0xff); /* start at the second line */
    vga_picture(b.vga, &p);
    CHECK_EQ(p.width, 640);
    CHECK_EQ(p.height, 480);
    CHECK_EQ(pixel(&p, 0, 0), shade(0));
    set(&b, CRTC, 0x18, 99);
    set(&b, CRTC, 0x07, 0x2e);
    set(&b, CRTC, 0x09, 0x00);
    vga_picture(b.vga, &p);
    CHECK_EQ(pixel(&p, 0, 99), shade(0));
    CHECK_EQ(pixel(&p, 0, 100), shade(15));
    picture_free(&p);
    end(&b);
}

static void mode_13h_and_x_draw_bytes(void)
{
    struct bench b;
    struct picture p = {0};

    begin(&b, &chain4_mode);
    poke(&b, 0xa0000 + 320 * 199 + 319, 200);
    poke(&b, 0xa0000 + 5, 77);
    vga_picture(b.vga, &p);
    CHECK_EQ(p.width, 320);
    CHECK_EQ(p.height, 200);
    CHECK_EQ(pixel(&p, 319, 199), shade(200));
    CHECK_EQ(pixel(&p, 5, 0), shade(77));
    /* Unchained: four planes side by side, byte addresses. */
    set(&b, SEQ, 4, 6);
    set(&b, CRTC, 0x14, 0);
    set(&b, CRTC, 0x17, 0xe3);
    set(&b, SEQ, 2, 0x04);
    poke(&b, 0xa0001, 99);
    vga_picture(b.vga, &p);
    CHECK_EQ(pixel(&p, 6, 0), shade(99));
    /* Panning by one pixel. */
    set_ac(&b, 0x13, 2);
    out8(&b.f, AC, 0x20);
    vga_picture(b.vga, &p);
    CHECK_EQ(pixel(&p, 5, 0), shade(99));
    picture_free(&p);
    end(&b);
}

static void cga_mode_has_two_banks(void)
{
    struct bench b;
    struct picture p = {0};

    begin(&b, &cga_mode);
    poke(&b, 0xb8000, 0x1b); /* 0 1 2 3 */
    poke(&b, 0xb8001, 0xc0);
    poke(&b, 0xba000, 0x40); /* line 1 */
    poke(&b, 0xb8000 + 80, 0x80);
    vga_picture(b.vga, &p);
    CHECK_EQ(p.width, 320);
    CHECK_EQ(p.height, 200);
    for (uint32_t x = 0; x < 4; x++) {
        CHECK_EQ(pixel(&p, x, 0), shade(x));
    }
    CHECK_EQ(pixel(&p, 4, 0), shade(3));
    CHECK_EQ(pixel(&p, 0, 1), shade(1));
    CHECK_EQ(pixel(&p, 0, 2), shade(2));
    picture_free(&p);
    end(&b);
}

static void dispi(struct bench *b, uint16_t index, uint16_t val)
{
    io_write(&b->f.m, 0x1ce, index, 2);
    io_write(&b->f.m, 0x1cf, val, 2);
}

static void dispi_modes_are_linear_and_banked(void)
{
    struct bench b;
    struct picture p = {0};

    begin(&b, &chain4_mode);
    io_write(&b.f.m, 0x1ce, 0, 2);
    CHECK_EQ(io_read(&b.f.m, 0x1cf, 2), 0xb0c5);
    dispi(&b, 1, 640);
    dispi(&b, 2, 480);
    dispi(&b, 3, 32);
    dispi(&b, 4, 0x41);
    physmem_store(&b.f.m.mem, 0xe0000000u + 640 * 4 * 100 + 8, 0x123456, 4);
    dispi(&b, 5, 640 * 4 * 100 >> 16);
    CHECK_EQ(peek(&b, 0xa0000 + (640 * 4 * 100 & 0xffff) + 8), 0x56);
    vga_picture(b.vga, &p);
    CHECK_EQ(p.width, 640);
    CHECK_EQ(p.height, 480);
    CHECK_EQ(pixel(&p, 2, 100), 0x123456);
    dispi(&b, 9, 100);
    vga_picture(b.vga, &p);
    CHECK_EQ(pixel(&p, 2, 0), 0x123456);
    dispi(&b, 4, 0);
    vga_picture(b.vga, &p);
    CHECK_EQ(p.width, 320);
    picture_free(&p);
    end(&b);
}

/* Any register values: the picture stays bounded and memory accesses stay inside. */
static void random_registers_do_no_harm(void)
{
    static const uint16_t ports[] = {0x3b4, 0x3b5, 0x3ba, 0x3c0, 0x3c1, 0x3c2, 0x3c4, 0x3c5, 0x3c6,
                                     0x3c7, 0x3c8, 0x3c9, 0x3ce, 0x3cf, 0x3d4, 0x3d5, 0x3da};
    struct bench b;
    struct picture p = {0};
    uint32_t r = 1;

    begin(&b, &text_mode);
    for (unsigned i = 0; i < 200; i++) {
        fake_random_access(&b.f, ports, ARRAY_LEN(ports), 40 + i);
        for (unsigned k = 0; k < 20; k++) {
            r = r * 1664525 + 1013904223;
            unsigned size = 1u << (r >> 29) % 3;
            uint32_t addr = 0xa0000 + ((r >> 8 & 0x1ffff) & ~(size - 1));

            physmem_store(&b.f.m.mem, addr, r, size);
            physmem_load(&b.f.m.mem, addr, size);
            if (!(r >> 10 & 7)) {
                dispi(&b, r >> 13 & 15, (uint16_t)(r >> 5));
            }
        }
        out8(&b.f, AC, 0x20);
        vga_picture(b.vga, &p);
        CHECK(p.width && p.height && p.width <= 2560 && p.height <= 1600);
    }
    picture_free(&p);
    end(&b);
}

static void mode_13h_is_plain_memory_that_is_watched(void)
{
    struct picture p = {0};
    uint32_t first, last;
    struct bench b;

    begin(&b, &chain4_mode);
    CHECK(physmem_lookup(&b.f.m.mem, 0xa0000).write);
    CHECK(vga_refresh(b.vga, &p, &first, &last));
    CHECK(!vga_refresh(b.vga, &p, &first, &last));
    poke(&b, 0xa0000 + 320 * 5 + 7, 3);
    CHECK_EQ(b.vga->mem[vga_plane_index(320 * 5 + 4) + 3], 3);
    CHECK(vga_refresh(b.vga, &p, &first, &last));
    CHECK_EQ(p.pixels[320 * 5 + 7], vga_dac_rgb(b.vga, 3));
    CHECK(!vga_refresh(b.vga, &p, &first, &last));
    set(&b, GC, GC_BIT_MASK, 0x0f); /* a byte is no longer what is stored */
    CHECK(!physmem_lookup(&b.f.m.mem, 0xa0000).write);
    picture_free(&p);
    end(&b);
}

static void text_can_be_read(void)
{
    static struct text_screen t;
    struct bench b;

    begin(&b, &text_mode);
    poke(&b, 0xb8000 + (80 * 24 + 79) * 2, 'x');
    poke(&b, 0xb8000 + (80 * 24 + 79) * 2 + 1, 0x1e);
    set(&b, CRTC, CRTC_CURSOR_START, 13);
    set(&b, CRTC, CRTC_CURSOR_END, 14);
    set(&b, CRTC, CRTC_CURSOR_HIGH, (80 * 24 + 3) >> 8);
    set(&b, CRTC, CRTC_CURSOR_LOW, (80 * 24 + 3) & 0xff);
    vga_text(b.vga, &t);
    CHECK(!t.graphics && !t.blank && t.blink && t.cursor_on);
    CHECK_EQ(t.columns, 80);
    CHECK_EQ(t.rows, 25);
    CHECK_EQ(t.cell[24][79].ch, 'x');
    CHECK_EQ(t.cell[24][79].attr, 0x1e);
    CHECK_EQ(t.cursor_column, 3);
    CHECK_EQ(t.cursor_row, 24);
    set(&b, CRTC, CRTC_LINE_COMPARE, 199); /* rows 12 and a half: the split begins in row 13 */
    set(&b, CRTC, CRTC_OVERFLOW, 0x1f & ~0x10);
    set(&b, CRTC, CRTC_MAX_SCAN, 0x0f);
    poke(&b, 0xb8000, 'T');
    vga_text(b.vga, &t);
    CHECK_EQ(t.cell[0][0].ch, 'T');
    CHECK_EQ(t.cell[13][0].ch, 'T');
    set_mode(&b, &planar_mode);
    vga_text(b.vga, &t);
    CHECK(t.graphics);
    CHECK_EQ(t.width, 640);
    CHECK_EQ(t.height, 480);
    CHECK_EQ(t.rows, 0);
    end(&b);
}

int main(void)
{
    RUN(write_mode_0_rotates_masks_and_sets);
    RUN(logical_operations_use_the_latches);
    RUN(write_mode_1_copies_the_latches);
    RUN(write_mode_2_paints_a_color);
    RUN(write_mode_3_masks_set_reset_with_data);
    RUN(read_mode_1_compares_colors);
    RUN(odd_even_puts_attributes_in_plane_1);
    RUN(chain4_selects_planes_by_address);
    RUN(protect_bit_locks_crtc_0_to_7);
    RUN(dac_counts_components);
    RUN(palette_flip_flop_is_reset_by_status);
    RUN(retrace_follows_guest_time);
    RUN(text_draws_font_attributes_and_ninth_dot);
    RUN(line_compare_splits_the_screen);
    RUN(mode_13h_and_x_draw_bytes);
    RUN(cga_mode_has_two_banks);
    RUN(dispi_modes_are_linear_and_banked);
    RUN(mode_13h_is_plain_memory_that_is_watched);
    RUN(text_can_be_read);
    RUN(random_registers_do_no_harm);
    return check_done();
}
