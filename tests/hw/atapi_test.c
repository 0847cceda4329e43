/* SPDX-License-Identifier: MIT */
#include "base/endian.h"
#include "host/block.h"
#include "hw/ide.h"
#include "hw/pc.h"
#include "tests/hw/fake_machine.h"

#define MS      1000000ull
#define SECTORS 400u

struct bench {
    struct fake_machine f;
    struct pin irq;
    struct ide *ide;
    uint8_t data[65536];
    unsigned len;    /* bytes the last packet gave */
    unsigned bursts; /* in how many blocks */
};

/* CD sectors that begin with their number. */
static struct block *disc(unsigned sectors)
{
    uint8_t *p = xcalloc(sectors, 2048);

    for (unsigned i = 0; i < sectors; i++) {
        store_le32(p + (size_t)i * 2048, i);
    }
    struct block *b = block_open_memory(p, (size_t)sectors * 2048 - 100); /* the end is padded */

    free(p);
    return b;
}

/* The drive is the slave of the second channel. */
static void open_bench(struct bench *b, struct block *media)
{
    struct pc_drive drives[2] = {{0}, {.present = true, .cdrom = true, .block = media}};

    memset(b, 0, sizeof(*b));
    fake_init(&b->f);
    b->ide = ide_create(&b->f.m, 0x170, 0x376, pin_line(&b->irq), drives);
    device_reset_all(&b->f.m);
    out8(&b->f, 0x176, 0xb0);
}

/*
 * Sends a packet, takes what it gives in blocks of at most limit bytes, and checks the interrupt
 * reason of each phase. Returns the error register, 0 if the command ended well.
 */
static uint8_t packet(struct bench *b, unsigned limit, const uint8_t *p)
{
    out8(&b->f, 0x171, 0);
    out8(&b->f, 0x174, (uint8_t)limit);
    out8(&b->f, 0x175, (uint8_t)(limit >> 8));
    out8(&b->f, 0x177, 0xa0);
    CHECK_EQ(in8(&b->f, 0x376) & 0x89, 0x08);
    CHECK_EQ(in8(&b->f, 0x172) & 3, 1); /* command, to the drive */
    CHECK(!b->irq.level);
    for (int i = 0; i < 12; i += 2) {
        io_write(&b->f.m, 0x170, load_le16(p + i), 2);
    }
    b->len = 0;
    b->bursts = 0;
    for (;;) {
        CHECK_EQ(in8(&b->f, 0x376) & 0x80, 0x80);
        clock_step(&b->f, MS);
        if (!CHECK(b->irq.level)) {
            return 0xff;
        }
        uint8_t status = in8(&b->f, 0x177);

        CHECK(!b->irq.level);
        if (!(status & 0x08)) {
            CHECK_EQ(in8(&b->f, 0x172) & 3, 3); /* done */
            return status & 1 ? in8(&b->f, 0x171) : 0;
        }
        CHECK_EQ(in8(&b->f, 0x172) & 3, 2); /* data, to the program */
        unsigned n = in8(&b->f, 0x174) | in8(&b->f, 0x175) << 8;

        CHECK(n && n <= limit);
        for (unsigned i = 0; i < n; i += 2) {
            uint16_t w = (uint16_t)io_read(&b->f.m, 0x170, 2);

            if (b->len + i + 2 <= sizeof(b->data)) {
                store_le16(b->data + b->len + i, w);
            }
        }
        b->len += n;
        b->bursts++;
    }
}

#define PACKET(...) ((const uint8_t[12]){__VA_ARGS__})

static void check_sense(struct bench *b, uint32_t sense)
{
    CHECK_EQ(packet(b, 256, PACKET(0x03, 0, 0, 0, 18)), 0);
    CHECK_EQ(b->len, 18);
    CHECK_EQ(b->data[0], 0x70);
    CHECK_EQ((uint32_t)b->data[2] << 16 | b->data[12] << 8 | b->data[13], sense);
}

static void open_ready(struct bench *b)
{
    open_bench(b, disc(SECTORS));
    CHECK_EQ(packet(b, 256, PACKET(0x00)), 0x64);
    check_sense(b, 0x062900); /* it was switched on */
    CHECK_EQ(packet(b, 256, PACKET(0x00)), 0);
}

static void tells_what_it_is(void)
{
    struct bench b;

    open_ready(&b);
    out8(&b.f, 0x177, 0xec); /* IDENTIFY DEVICE is for disks */
    clock_step(&b.f, MS);
    CHECK_EQ(in8(&b.f, 0x177) & 1, 1);
    CHECK_EQ(in8(&b.f, 0x171), 0x04);
    CHECK_EQ(in8(&b.f, 0x174), 0x14);
    CHECK_EQ(in8(&b.f, 0x175), 0xeb);
    out8(&b.f, 0x177, 0xa1);
    clock_step(&b.f, MS);
    CHECK_EQ(in8(&b.f, 0x177), 0x58);
    CHECK_EQ(io_read(&b.f.m, 0x170, 2), 0x85c0);
    out8(&b.f, 0x177, 0x08); /* DEVICE RESET, in the midst of the data */
    CHECK_EQ(in8(&b.f, 0x177), 0);
    CHECK_EQ(in8(&b.f, 0x174), 0x14);
    CHECK_EQ(packet(&b, 36, PACKET(0x12, 0, 0, 0, 36)), 0);
    CHECK_EQ(b.len, 36);
    CHECK_EQ(b.data[0], 5);
    CHECK_EQ(b.data[1], 0x80);
    CHECK_EQ(packet(&b, 36, PACKET(0x12, 0, 0, 0, 5)), 0); /* an odd length */
    CHECK_EQ(b.len, 5);
    fake_free(&b.f);
}

static void reads_sectors_in_bursts(void)
{
    struct bench b;

    open_ready(&b);
    CHECK_EQ(packet(&b, 0xfffe, PACKET(0x28, 0, 0, 0, 0, 17, 0, 0, 3)), 0);
    CHECK_EQ(b.len, 3 * 2048);
    CHECK_EQ(b.bursts, 1);
    CHECK_EQ(load_le32(b.data), 17);
    CHECK_EQ(load_le32(b.data + 4096), 19);
    CHECK_EQ(packet(&b, 2048, PACKET(0xa8, 0, 0, 0, 0, 30, 0, 0, 0, 4)), 0);
    CHECK_EQ(b.bursts, 4);
    CHECK_EQ(load_le32(b.data + 3 * 2048), 33);
    CHECK_EQ(packet(&b, 1001, PACKET(0x28, 0, 0, 0, 0, 7, 0, 0, 1)), 0); /* odd limit */
    CHECK_EQ(b.len, 2048);
    CHECK_EQ(b.bursts, 3);
    /* More than the drive holds at once. */
    CHECK_EQ(packet(&b, 0x8000, PACKET(0x28, 0, 0, 0, 0, 0, 0, 0, 100)), 0);
    CHECK_EQ(b.len, 100 * 2048);
    CHECK_EQ(packet(&b, 2048, PACKET(0x28, 0, 0, 0, 1, 0x8f, 0, 0, 1)), 0); /* 399, the last */
    CHECK_EQ(load_le32(b.data), 399);
    CHECK_EQ(packet(&b, 2048, PACKET(0x28, 0, 0, 0, 1, 0x8f, 0, 0, 2)), 0x54);
    check_sense(&b, 0x052100);
    CHECK_EQ(packet(&b, 2048, PACKET(0x28, 0, 0, 0, 0, 0, 0, 0, 0)), 0); /* none */
    CHECK_EQ(b.len, 0);
    fake_free(&b.f);
}

static void reads_raw_sectors(void)
{
    struct bench b;

    open_ready(&b);
    CHECK_EQ(packet(&b, 0xfffe, PACKET(0xbe, 0, 0, 0, 0, 16, 0, 0, 2, 0xf8)), 0);
    CHECK_EQ(b.len, 2 * 2352);
    CHECK_EQ(load_le32(b.data + 8), 0x00ffffff);
    CHECK_EQ(load_le32(b.data + 12), 0x01160200); /* 00:02:16 mode 1, in BCD */
    CHECK_EQ(load_le32(b.data + 2352 + 16), 17);
    CHECK_EQ(packet(&b, 0xfffe, PACKET(0xbe, 0, 0, 0, 0, 16, 0, 0, 2, 0x10)), 0);
    CHECK_EQ(b.len, 2 * 2048);
    CHECK_EQ(packet(&b, 0xfffe, PACKET(0xbe, 4, 0, 0, 0, 16, 0, 0, 2, 0x10)), 0x54); /* audio */
    check_sense(&b, 0x056400);
    fake_free(&b.f);
}

static void describes_the_disc(void)
{
    struct bench b;

    open_ready(&b);
    CHECK_EQ(packet(&b, 8, PACKET(0x25)), 0);
    CHECK(!memcmp(b.data, "\0\0\1\x8f\0\0\x08\0", 8));
    CHECK_EQ(packet(&b, 4096, PACKET(0x43, 2, 0, 0, 0, 0, 0, 0, 100)), 0);
    CHECK_EQ(b.len, 20);
    CHECK(!memcmp(b.data, "\0\x12\1\1\0\x14\1\0\0\0\2\0\0\x14\xaa\0\0\0\7\x19", 20));
    CHECK_EQ(packet(&b, 4096, PACKET(0x43, 0, 1, 0, 0, 0, 0, 0, 12)), 0);
    CHECK(!memcmp(b.data, "\0\x0a\1\1\0\x14\1\0\0\0\0\0", 12));
    CHECK_EQ(packet(&b, 4096, PACKET(0x43, 0, 2, 0, 0, 0, 0, 1, 0)), 0);
    CHECK_EQ(b.len, 48);
    CHECK_EQ(b.data[7], 0xa0);
    CHECK_EQ(packet(&b, 4096, PACKET(0x43, 0, 0, 0, 0, 0, 2, 1, 0)), 0x54); /* no track 2 */
    check_sense(&b, 0x052400);
    CHECK_EQ(packet(&b, 4096, PACKET(0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 128)), 0);
    CHECK_EQ(b.data[8], 0x2a);
    CHECK_EQ(b.len, 8u + 2 + b.data[9]);
    CHECK_EQ(b.data[0] << 8 | b.data[1], b.len - 2);
    CHECK_EQ(packet(&b, 4096, PACKET(0x5a, 0, 0xea)), 0x54);
    check_sense(&b, 0x053900);
    CHECK_EQ(packet(&b, 4096, PACKET(0x46, 0, 0, 0, 0, 0, 0, 1, 0)), 0);
    CHECK_EQ(load_le32(b.data), (b.len - 4) << 24);
    CHECK_EQ(b.data[7], 8);
    CHECK_EQ(packet(&b, 4096, PACKET(0x42, 0, 0x40, 1, 0, 0, 0, 0, 16)), 0);
    CHECK_EQ(b.len, 16);
    CHECK_EQ(packet(&b, 4096, PACKET(0xdd)), 0x54);
    check_sense(&b, 0x052000);
    check_sense(&b, 0); /* told once */
    fake_free(&b.f);
}

static void tells_of_a_new_disc_once(void)
{
    struct bench b;

    open_ready(&b);
    ide_set_media(b.ide, 1, NULL);
    CHECK_EQ(packet(&b, 8, PACKET(0x00)), 0x24);
    check_sense(&b, 0x023a01);
    CHECK_EQ(packet(&b, 8, PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8)), 0);
    CHECK_EQ(b.data[4], 3);
    CHECK_EQ(b.data[5], 0);
    ide_set_media(b.ide, 1, disc(50));
    CHECK_EQ(packet(&b, 8, PACKET(0x12, 0, 0, 0, 8)), 0); /* INQUIRY does not care */
    CHECK_EQ(packet(&b, 2048, PACKET(0x28, 0, 0, 0, 0, 0, 0, 0, 1)), 0x64);
    check_sense(&b, 0x062800);
    CHECK_EQ(packet(&b, 8, PACKET(0x25)), 0);
    CHECK_EQ(b.data[3], 49);
    CHECK_EQ(packet(&b, 8, PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8)), 0);
    CHECK_EQ(b.data[4], 2);
    CHECK_EQ(b.data[5], 2);
    fake_free(&b.f);
}

/* What lies on the open tray is there when it closes. */
static void the_tray_moves_from_outside(void)
{
    struct bench b;

    open_ready(&b);
    ide_set_tray(b.ide, 1, true);
    CHECK(ide_tray_open(b.ide, 1));
    CHECK_EQ(packet(&b, 8, PACKET(0x00)), 0x24);
    check_sense(&b, 0x023a02);
    CHECK_EQ(packet(&b, 8, PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8)), 0);
    CHECK_EQ(b.data[4], 3);
    CHECK_EQ(b.data[5], 1);
    ide_set_media(b.ide, 1, disc(50));
    CHECK(ide_tray_open(b.ide, 1));
    CHECK_EQ(packet(&b, 8, PACKET(0x00)), 0x24);
    check_sense(&b, 0x023a02);
    ide_set_tray(b.ide, 1, false);
    CHECK_EQ(packet(&b, 8, PACKET(0x00)), 0x64);
    check_sense(&b, 0x062800);
    CHECK_EQ(packet(&b, 8, PACKET(0x25)), 0);
    CHECK_EQ(b.data[3], 49);
    /* The button of a locked drive */
    CHECK_EQ(packet(&b, 8, PACKET(0x1e, 0, 0, 0, 1)), 0);
    ide_request_eject(b.ide, 1, false);
    CHECK(ide_media_locked(b.ide, 1) && !ide_tray_open(b.ide, 1));
    CHECK_EQ(packet(&b, 8, PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8)), 0);
    CHECK_EQ(b.data[4], 1);
    CHECK_EQ(b.data[5], 2);
    ide_request_eject(b.ide, 1, true);
    CHECK(!ide_media_locked(b.ide, 1));
    fake_free(&b.f);
}

static void locks_and_opens_the_tray(void)
{
    struct bench b;

    open_ready(&b);
    CHECK_EQ(packet(&b, 8, PACKET(0x1e, 0, 0, 0, 1)), 0);
    CHECK(ide_media_locked(b.ide, 1));
    CHECK_EQ(packet(&b, 8, PACKET(0x1b, 0, 0, 0, 2)), 0x54);
    check_sense(&b, 0x055302);
    CHECK_EQ(packet(&b, 8, PACKET(0x1e, 0, 0, 0, 0)), 0);
    CHECK_EQ(packet(&b, 8, PACKET(0x1b, 0, 0, 0, 2)), 0);
    CHECK_EQ(packet(&b, 8, PACKET(0x00)), 0x24);
    check_sense(&b, 0x023a02);
    CHECK_EQ(packet(&b, 8, PACKET(0x1b, 0, 0, 0, 3)), 0);
    CHECK_EQ(packet(&b, 8, PACKET(0x00)), 0x64);
    check_sense(&b, 0x062800);
    CHECK_EQ(packet(&b, 8, PACKET(0x00)), 0);
    fake_free(&b.f);
}

static void shows_its_signature(void)
{
    struct bench b;

    open_ready(&b);
    out8(&b.f, 0x376, 4);
    out8(&b.f, 0x376, 0);
    clock_step(&b.f, MS);
    out8(&b.f, 0x176, 0xb0);
    CHECK_EQ(in8(&b.f, 0x177), 0);
    CHECK_EQ(in8(&b.f, 0x172), 1);
    CHECK_EQ(in8(&b.f, 0x173), 1);
    CHECK_EQ(in8(&b.f, 0x174), 0x14);
    CHECK_EQ(in8(&b.f, 0x175), 0xeb);
    CHECK_EQ(packet(&b, 8, PACKET(0x00)),
             0); /* no unit attention: the bus was reset, not the drive */
    fake_free(&b.f);
}

int main(void)
{
    RUN(tells_what_it_is);
    RUN(reads_sectors_in_bursts);
    RUN(reads_raw_sectors);
    RUN(describes_the_disc);
    RUN(tells_of_a_new_disc_once);
    RUN(the_tray_moves_from_outside);
    RUN(locks_and_opens_the_tray);
    RUN(shows_its_signature);
    return check_done();
}
