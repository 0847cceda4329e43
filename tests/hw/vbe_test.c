/* SPDX-License-Identifier: MIT */
/*
 * The DISPI extension without a CPU: identification, mode set, the bank window against the linear
 * frame buffer, limits of the registers, and anything a guest may write.
 */
#include "hw/vga_draw.h"

#include "hw/vga.h"
#include "tests/hw/fake_machine.h"

#define LFB 0xe0000000u

struct bench {
    struct fake_machine f;
    struct vga *vga;
};

static void set(struct bench *b, uint16_t index, uint16_t val)
{
    io_write(&b->f.m, 0x1ce, index, 2);
    io_write(&b->f.m, 0x1cf, val, 2);
}

static uint16_t get(struct bench *b, uint16_t index)
{
    io_write(&b->f.m, 0x1ce, index, 2);
    return (uint16_t)io_read(&b->f.m, 0x1cf, 2);
}

static void set_mode(struct bench *b, uint16_t x, uint16_t y, uint16_t bpp, uint16_t flags)
{
    set(b, DISPI_ENABLE, 0);
    set(b, DISPI_XRES, x);
    set(b, DISPI_YRES, y);
    set(b, DISPI_BPP, bpp);
    set(b, DISPI_ENABLE, DISPI_ENABLED | flags);
}

static void begin(struct bench *b)
{
    fake_init(&b->f);
    b->vga = vga_create(&b->f.m, NULL);
    device_reset_all(&b->f.m);
}

static void identifies_itself(void)
{
    struct bench b;

    begin(&b);
    CHECK_EQ(get(&b, DISPI_ID), 0xb0c5);
    set(&b, DISPI_ID, 0xb0c2); /* an older driver asks for its version */
    CHECK_EQ(get(&b, DISPI_ID), 0xb0c2);
    set(&b, DISPI_ID, 0xb0c6);
    CHECK_EQ(get(&b, DISPI_ID), 0xb0c2);
    CHECK_EQ(io_read(&b.f.m, 0x1ce, 2), DISPI_ID);
    CHECK_EQ(get(&b, DISPI_MEMORY), VGA_MEM_SIZE >> 16);
    set(&b, DISPI_ENABLE, DISPI_GETCAPS);
    CHECK_EQ(get(&b, DISPI_XRES), 2560);
    CHECK_EQ(get(&b, DISPI_YRES), 1600);
    CHECK_EQ(get(&b, DISPI_BPP), 32);
    fake_free(&b.f);
}

static void sets_a_mode(void)
{
    struct picture pic = {0};
    struct bench b;

    begin(&b);
    physmem_store(&b.f.m.mem, LFB, 0xffffffff, 4);
    set_mode(&b, 640, 480, 32, DISPI_LFB | DISPI_NOCLEARMEM);
    CHECK_EQ(physmem_load(&b.f.m.mem, LFB, 4), 0xffffffff);
    set_mode(&b, 640, 480, 32, DISPI_LFB);
    CHECK_EQ(physmem_load(&b.f.m.mem, LFB, 4), 0);
    CHECK_EQ(get(&b, DISPI_VIRT_WIDTH), 640);
    CHECK_EQ(get(&b, DISPI_VIRT_HEIGHT), VGA_MEM_SIZE / (640 * 4));
    physmem_store(&b.f.m.mem, LFB + (640 * 2 + 5) * 4, 0x00123456, 4);
    vga_picture(b.vga, &pic);
    CHECK_EQ(pic.width, 640);
    CHECK_EQ(pic.height, 480);
    CHECK_EQ(pic.pixels[640 * 2 + 5] & 0xffffff, 0x123456);
    set(&b, DISPI_X_OFFSET, 5);
    set(&b, DISPI_Y_OFFSET, 2);
    vga_picture(b.vga, &pic);
    CHECK_EQ(pic.pixels[0] & 0xffffff, 0x123456);
    picture_free(&pic);
    fake_free(&b.f);
}

static void bank_window_shows_the_linear_memory(void)
{
    struct bench b;

    begin(&b);
    set_mode(&b, 800, 600, 8, 0);
    set(&b, DISPI_BANK, 3);
    physmem_store(&b.f.m.mem, 0xa1234, 0x5a, 1);
    CHECK_EQ(physmem_load(&b.f.m.mem, LFB + 0x31234, 1), 0x5a);
    physmem_store(&b.f.m.mem, LFB + 0x3ffff, 0xa5, 1);
    CHECK_EQ(physmem_load(&b.f.m.mem, 0xaffff, 1), 0xa5);
    set(&b, DISPI_BANK, 4);
    CHECK_EQ(physmem_load(&b.f.m.mem, 0xa1234, 1), 0);
    set(&b, DISPI_BANK, 0xffff); /* wraps to what memory has */
    CHECK_EQ(get(&b, DISPI_BANK), (VGA_MEM_SIZE >> 16) - 1);
    set(&b, DISPI_ENABLE, 0);
    CHECK_EQ(get(&b, DISPI_BANK), 0);
    fake_free(&b.f);
}

static void registers_have_limits(void)
{
    struct bench b;

    begin(&b);
    set_mode(&b, 1024, 768, 16, 0);
    set(&b, DISPI_XRES, 320); /* fixed while the mode is on */
    set(&b, DISPI_YRES, 200);
    set(&b, DISPI_BPP, 8);
    CHECK_EQ(get(&b, DISPI_XRES), 1024);
    CHECK_EQ(get(&b, DISPI_YRES), 768);
    CHECK_EQ(get(&b, DISPI_BPP), 16);
    set(&b, DISPI_VIRT_WIDTH, 100); /* at least the visible part */
    CHECK_EQ(get(&b, DISPI_VIRT_WIDTH), 1024);
    set(&b, DISPI_VIRT_WIDTH, 2048);
    CHECK_EQ(get(&b, DISPI_VIRT_WIDTH), 2048);
    set(&b, DISPI_VIRT_WIDTH, 0xfff8); /* more than memory has */
    CHECK_EQ(get(&b, DISPI_VIRT_WIDTH), 1024);

    set(&b, DISPI_ENABLE, 0);
    set(&b, DISPI_XRES, 2568);
    set(&b, DISPI_YRES, 1601);
    set(&b, DISPI_BPP, 17);
    CHECK_EQ(get(&b, DISPI_XRES), 1024);
    CHECK_EQ(get(&b, DISPI_YRES), 768);
    CHECK_EQ(get(&b, DISPI_BPP), 16);
    set(&b, DISPI_XRES, 0); /* nothing to show: stays off */
    set(&b, DISPI_ENABLE, DISPI_ENABLED);
    CHECK_EQ(get(&b, DISPI_ENABLE), 0);
    CHECK_EQ(get(&b, DISPI_COUNT), 0);
    CHECK_EQ(get(&b, 0xffff), 0);
    fake_free(&b.f);
}

static void random_registers_do_not_crash(void)
{
    struct picture pic = {0};
    uint64_t seed = 7;
    struct bench b;

    begin(&b);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t r = check_random(&seed);
        uint16_t val = (uint16_t)(r >> 40) & (r >> 20 & 1 ? 0xffff : 0x3ff);

        if (r & 64) { /* mostly depths, so that modes come on */
            set(&b, DISPI_BPP, (r >> 30 & 7) * 8);
        }
        set(&b, r % (DISPI_COUNT + 2), val);
        get(&b, (r >> 8) % (DISPI_COUNT + 2));
        physmem_store(&b.f.m.mem, 0xa0000 + (r >> 24 & 0x1ffff), val, 1);
        physmem_load(&b.f.m.mem, 0xa0000 + (r >> 32 & 0x1ffff), 1);
        if (!(i % 1000)) {
            vga_picture(b.vga, &pic);
        }
    }
    CHECK_EQ(get(&b, DISPI_MEMORY), VGA_MEM_SIZE >> 16);
    picture_free(&pic);
    fake_free(&b.f);
}

/* A look draws what was written since the last one, and only that. */
static void a_look_shows_what_was_written(void)
{
    struct picture pic = {0};
    uint32_t first, end;
    struct bench b;

    begin(&b);
    set_mode(&b, 640, 480, 32, DISPI_LFB);
    CHECK(vga_refresh(b.vga, &pic, &first, &end));
    CHECK_EQ(first, 0);
    CHECK_EQ(end, 480);
    CHECK(!vga_refresh(b.vga, &pic, &first, &end));
    for (unsigned round = 0; round < 2; round++) {
        physmem_store(&b.f.m.mem, LFB + 640 * 4 * 100 + 8, 0x123456 + round, 4);
        CHECK(vga_refresh(b.vga, &pic, &first, &end));
        CHECK(first <= 100 && end > 100 && end - first <= 4);
        CHECK_EQ(pic.pixels[640 * 100 + 2], 0x123456 + round);
        CHECK(!vga_refresh(b.vga, &pic, &first, &end));
    }
    set(&b, DISPI_BANK, 1); /* through the window */
    physmem_store(&b.f.m.mem, 0xa0004, 0xabcdef, 4);
    CHECK(vga_refresh(b.vga, &pic, &first, &end));
    CHECK_EQ(pic.pixels[0x10004 / 4], 0xabcdef);
    set(&b, DISPI_Y_OFFSET, 100);
    CHECK(vga_refresh(b.vga, &pic, &first, &end));
    CHECK_EQ(pic.pixels[2], 0x123457);
    picture_free(&pic);
    fake_free(&b.f);
}

static bool same_picture(const struct picture *a, const struct picture *b)
{
    return a->width == b->width && a->height == b->height &&
           !memcmp(a->pixels, b->pixels, (size_t)a->width * a->height * 4);
}

static void looks_in_between_change_nothing(void)
{
    struct picture seen = {0}, whole = {0};
    uint64_t seed = 11;
    uint32_t first, end;
    struct bench b;

    begin(&b);
    for (unsigned i = 0; i < 400; i++) {
        uint64_t r = check_random(&seed);

        if (i % 40 == 0) {
            set_mode(&b, 320 + (r & 0xf8), 200, (uint16_t[]){8, 16, 24, 32, 4}[i / 40 % 5], 0);
            set(&b, DISPI_VIRT_WIDTH, 640);
        }
        if (!(r & 15)) {
            set(&b, r & 16 ? DISPI_Y_OFFSET : DISPI_X_OFFSET, r >> 8 & 0xff);
        }
        physmem_store(&b.f.m.mem, LFB + (r >> 20 & 0x7ffff), (uint32_t)r, 1);
        set(&b, DISPI_BANK, r >> 5 & 3);
        physmem_store(&b.f.m.mem, 0xa0000 + (r >> 40 & 0xffff), (uint32_t)r, 1);
        vga_refresh(b.vga, &seen, &first, &end);
        vga_picture(b.vga, &whole);
        CHECK(same_picture(&seen, &whole));
    }
    picture_free(&seen);
    picture_free(&whole);
    fake_free(&b.f);
}

int main(void)
{
    RUN(identifies_itself);
    RUN(sets_a_mode);
    RUN(bank_window_shows_the_linear_memory);
    RUN(registers_have_limits);
    RUN(a_look_shows_what_was_written);
    RUN(looks_in_between_change_nothing);
    RUN(random_registers_do_not_crash);
    return check_done();
}
