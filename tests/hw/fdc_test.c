/* SPDX-License-Identifier: MIT */
#include "hw/fdc.h"

#include <stdarg.h>

#include "host/block.h"
#include "hw/dma.h"
#include "tests/hw/fake_machine.h"

#define MS     1000000ull
#define BUFFER 0x8000u

struct bench {
    struct fake_machine f;
    struct pin irq;
    struct dma *dma;
    struct fdc *fdc;
};

/* An image whose sectors begin with their number. */
static struct block *image(size_t bytes)
{
    uint8_t *p = xcalloc(1, bytes);

    for (size_t i = 0; i < bytes; i += BLOCK_SECTOR) {
        p[i] = (uint8_t)(i / BLOCK_SECTOR);
        p[i + 1] = (uint8_t)(i / BLOCK_SECTOR >> 8);
    }
    struct block *b = block_open_memory(p, bytes);

    free(p);
    return b;
}

static void wait(struct bench *b)
{
    clock_step(&b->f, 10 * MS);
}

static uint8_t msr(struct bench *b)
{
    return in8(&b->f, 0x3f4);
}

static void command(struct bench *b, unsigned n, ...)
{
    va_list ap;

    va_start(ap, n);
    for (unsigned i = 0; i < n; i++) {
        CHECK_EQ(msr(b) & 0xc0, 0x80);
        out8(&b->f, 0x3f5, (uint8_t)va_arg(ap, int));
    }
    va_end(ap);
}

static void check_result(struct bench *b, unsigned n, ...)
{
    va_list ap;

    va_start(ap, n);
    for (unsigned i = 0; i < n; i++) {
        CHECK_EQ(msr(b) & 0xd0, 0xd0);
        uint8_t got = in8(&b->f, 0x3f5);

        if (!CHECK_EQ(got, va_arg(ap, int))) {
            printf("    in result byte %u\n", i);
        }
    }
    va_end(ap);
    CHECK_EQ(msr(b) & 0xd0, 0x80);
}

static void reset_controller(struct bench *b)
{
    out8(&b->f, 0x3f2, 0x08);
    out8(&b->f, 0x3f2, 0x1c); /* drive 0, its motor */
    wait(b);
    for (int i = 0; i < 4; i++) {
        command(b, 1, 0x08);
        in8(&b->f, 0x3f5);
        in8(&b->f, 0x3f5);
    }
    command(b, 3, 0x03, 0xdf, 0x02);
}

static void open_bench_type(struct bench *b, struct block *media, uint8_t rate, uint8_t type)
{
    struct block *both[2] = {media, NULL};
    const bool present[2] = {true, true};
    const uint8_t types[2] = {type, 0};

    memset(b, 0, sizeof(*b));
    fake_init(&b->f);
    b->dma = dma_create(&b->f.m);
    b->fdc = fdc_create(&b->f.m, pin_line(&b->irq), b->dma, both, present, types);
    device_reset_all(&b->f.m);
    out8(&b->f, 0xd4, 0x00);
    reset_controller(b);
    out8(&b->f, 0x3f7, rate);
}

static void open_bench(struct bench *b, struct block *media, uint8_t rate)
{
    open_bench_type(b, media, rate, 0);
}

static void open_1440(struct bench *b)
{
    open_bench(b, image(1474560), 0);
}

/* Channel 2 at BUFFER; to_memory is the direction of a disk read. */
static void program_dma(struct bench *b, unsigned len, bool to_memory)
{
    out8(&b->f, 0x0a, 0x06);
    out8(&b->f, 0x0c, 0);
    out8(&b->f, 0x04, (uint8_t)BUFFER);
    out8(&b->f, 0x04, (uint8_t)(BUFFER >> 8));
    out8(&b->f, 0x05, (uint8_t)(len - 1));
    out8(&b->f, 0x05, (uint8_t)((len - 1) >> 8));
    out8(&b->f, 0x81, 0);
    out8(&b->f, 0x0b, to_memory ? 0x46 : 0x4a);
    out8(&b->f, 0x0a, 0x02);
}

static unsigned sector_at(struct bench *b, unsigned n)
{
    const uint8_t *p = b->f.m.mem.ram + BUFFER + n * BLOCK_SECTOR;

    return p[0] | p[1] << 8;
}

static void seek(struct bench *b, int cylinder)
{
    command(b, 3, 0x0f, 0, cylinder);
    CHECK_EQ(msr(b), 0x81);
    wait(b);
    CHECK(b->irq.level);
    command(b, 1, 0x08);
    check_result(b, 2, 0x20, cylinder);
    CHECK(!b->irq.level);
}

static void reset_polls_four_drives(void)
{
    struct bench b;

    open_1440(&b);
    out8(&b.f, 0x3f2, 0x08);
    CHECK_EQ(msr(&b), 0);
    out8(&b.f, 0x3f2, 0x0c);
    CHECK(!b.irq.level);
    wait(&b);
    CHECK(b.irq.level);
    for (int i = 0; i < 4; i++) {
        command(&b, 1, 0x08);
        check_result(&b, 2, 0xc0 | i, 0);
        CHECK(!b.irq.level);
    }
    command(&b, 1, 0x08);
    check_result(&b, 1, 0x80);
    out8(&b.f, 0x3f4, 0x80); /* by the data rate select register */
    CHECK_EQ(msr(&b), 0);
    wait(&b);
    CHECK(b.irq.level);
    fake_free(&b.f);
}

static void reads_by_dma_until_terminal_count(void)
{
    struct bench b;

    open_1440(&b);
    seek(&b, 2);
    program_dma(&b, 3 * 512, true);
    command(&b, 9, 0xe6, 0, 2, 0, 17, 2, 18, 0x1b, 0xff); /* across to the other head */
    CHECK_EQ(msr(&b), 0x10);
    wait(&b);
    CHECK(b.irq.level);
    check_result(&b, 7, 0x04, 0, 0, 2, 1, 2, 2);
    CHECK(!b.irq.level);
    CHECK_EQ(sector_at(&b, 0), 2 * 36 + 16);
    CHECK_EQ(sector_at(&b, 1), 2 * 36 + 17);
    CHECK_EQ(sector_at(&b, 2), 2 * 36 + 18);
    /* The last sector of the cylinder: the result names the next. */
    program_dma(&b, 512, true);
    command(&b, 9, 0xe6, 4, 2, 1, 18, 2, 18, 0x1b, 0xff);
    wait(&b);
    check_result(&b, 7, 0x04, 0, 0, 3, 0, 1, 2);
    fake_free(&b.f);
}

static void end_of_track_without_terminal_count(void)
{
    struct bench b;

    open_1440(&b);
    program_dma(&b, 4096, true);
    command(&b, 9, 0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff);
    wait(&b);
    check_result(&b, 7, 0x40, 0x80, 0, 1, 0, 1, 2);
    fake_free(&b.f);
}

static void reports_what_is_not_there(void)
{
    struct bench b;

    open_1440(&b);
    program_dma(&b, 512, true);
    command(&b, 9, 0x46, 0, 0, 0, 19, 2, 19, 0x1b, 0xff); /* no such sector */
    wait(&b);
    check_result(&b, 7, 0x40, 0x04, 0, 0, 0, 19, 2);
    command(&b, 9, 0x46, 0, 5, 0, 1, 2, 18, 0x1b, 0xff); /* the head is elsewhere */
    wait(&b);
    check_result(&b, 7, 0x40, 0x04, 0x10, 5, 0, 1, 2);
    out8(&b.f, 0x3f7, 2); /* the wrong data rate */
    command(&b, 9, 0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    wait(&b);
    check_result(&b, 7, 0x40, 0x01, 0, 0, 0, 1, 2);
    out8(&b.f, 0x3f7, 0);
    out8(&b.f, 0x0a, 0x06); /* DMA masked: nobody takes the bytes */
    command(&b, 9, 0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    wait(&b);
    check_result(&b, 7, 0x40, 0x10, 0, 0, 0, 1, 2);
    fake_free(&b.f);
}

static void writes_and_reads_back(void)
{
    struct bench b;
    uint8_t buf[BLOCK_SECTOR];

    open_1440(&b);
    memset(b.f.m.mem.ram + BUFFER, 0x5a, 1024);
    program_dma(&b, 700, false); /* TC in the second sector: the rest of it is zeros */
    command(&b, 9, 0x45, 0, 0, 0, 4, 2, 18, 0x1b, 0xff);
    wait(&b);
    check_result(&b, 7, 0, 0, 0, 0, 0, 6, 2);
    CHECK_EQ(block_read(fdc_media(b.fdc, 0), 4, buf, 1), 0);
    CHECK_EQ(buf[187], 0x5a);
    CHECK_EQ(buf[188], 0);
    CHECK_EQ(block_read(fdc_media(b.fdc, 0), 3, buf, 1), 0);
    CHECK_EQ(buf[511], 0x5a);
    fake_free(&b.f);
}

static void formats_a_track(void)
{
    struct bench b;
    uint8_t buf[BLOCK_SECTOR];

    open_1440(&b);
    for (int i = 0; i < 18; i++) {
        uint8_t *id = b.f.m.mem.ram + BUFFER + i * 4;

        id[0] = 0;
        id[1] = 1;
        id[2] = (uint8_t)(i + 1);
        id[3] = 2;
    }
    program_dma(&b, 18 * 4, false);
    command(&b, 6, 0x4d, 4, 2, 18, 0x54, 0xf6);
    wait(&b);
    CHECK_EQ(in8(&b.f, 0x3f5), 0x04);
    for (int i = 0; i < 6; i++) {
        in8(&b.f, 0x3f5);
    }
    CHECK_EQ(block_read(fdc_media(b.fdc, 0), 18, buf, 1), 0);
    CHECK_EQ(buf[0], 0xf6);
    CHECK_EQ(block_read(fdc_media(b.fdc, 0), 35, buf, 1), 0);
    CHECK_EQ(buf[511], 0xf6);
    CHECK_EQ(block_read(fdc_media(b.fdc, 0), 36, buf, 1), 0);
    CHECK_EQ(buf[0], 36);
    fake_free(&b.f);
}

static void moves_bytes_without_dma(void)
{
    struct bench b;

    open_1440(&b);
    command(&b, 3, 0x03, 0xdf, 0x03);
    command(&b, 9, 0x46, 0, 0, 0, 2, 2, 2, 0x1b, 0xff);
    CHECK_EQ(msr(&b), 0x30);
    wait(&b);
    CHECK_EQ(msr(&b), 0xf0);
    CHECK(b.irq.level);
    unsigned rises = b.irq.rises;

    CHECK_EQ(in8(&b.f, 0x3f5), 1);
    CHECK_EQ(b.irq.rises, rises + 1); /* one for each byte */
    for (int i = 1; i < 512; i++) {
        CHECK_EQ(in8(&b.f, 0x3f5), 0);
    }
    check_result(&b, 7, 0x40, 0x80, 0, 1, 0, 1, 2); /* nobody can say TC */
    command(&b, 9, 0x45, 0, 0, 0, 9, 2, 9, 0x1b, 0xff);
    wait(&b);
    CHECK_EQ(msr(&b), 0xb0);
    for (int i = 0; i < 512; i++) {
        out8(&b.f, 0x3f5, 0xab);
    }
    wait(&b);
    check_result(&b, 7, 0x40, 0x80, 0, 1, 0, 1, 2);
    uint8_t buf[BLOCK_SECTOR];

    CHECK_EQ(block_read(fdc_media(b.fdc, 0), 8, buf, 1), 0);
    CHECK_EQ(buf[300], 0xab);
    fake_free(&b.f);
}

static void reads_ids_in_turn(void)
{
    struct bench b;

    open_1440(&b);
    seek(&b, 7);
    command(&b, 2, 0x4a, 4);
    wait(&b);
    check_result(&b, 7, 0x04, 0, 0, 7, 1, 2, 2);
    command(&b, 2, 0x4a, 4);
    wait(&b);
    check_result(&b, 7, 0x04, 0, 0, 7, 1, 3, 2);
    fake_free(&b.f);
}

static void a_360k_disk_has_every_second_track_of_a_1200k_drive(void)
{
    struct bench b;

    open_bench_type(&b, image(360 * 1024), 1, 2);
    CHECK_EQ(fdc_cmos_type(b.fdc, 0), 2);
    for (unsigned track = 0; track < 80; track += 26) {
        seek(&b, track);
        command(&b, 2, 0x4a, 0);
        wait(&b);
        in8(&b.f, 0x3f5);
        in8(&b.f, 0x3f5);
        in8(&b.f, 0x3f5);
        CHECK_EQ(in8(&b.f, 0x3f5), track / 2);
        for (unsigned n = 0; n < 3; n++) {
            in8(&b.f, 0x3f5);
        }
    }
    fake_free(&b.f);
}

static void recalibrates(void)
{
    struct bench b;

    open_1440(&b);
    seek(&b, 40);
    command(&b, 2, 0x04, 0);
    check_result(&b, 1, 0x28);
    command(&b, 2, 0x07, 0);
    wait(&b);
    command(&b, 1, 0x08);
    check_result(&b, 2, 0x20, 0);
    command(&b, 2, 0x04, 0);
    check_result(&b, 1, 0x38);
    command(&b, 2, 0x07, 2); /* no drive: track 0 never comes */
    wait(&b);
    command(&b, 1, 0x08);
    check_result(&b, 2, 0x72, 0);
    fake_free(&b.f);
}

static void disk_change_until_a_step(void)
{
    struct bench b;

    open_1440(&b);
    CHECK_EQ(in8(&b.f, 0x3f7) & 0x80, 0x80);
    seek(&b, 1);
    CHECK_EQ(in8(&b.f, 0x3f7) & 0x80, 0);
    fdc_set_media(b.fdc, 0, NULL);
    CHECK_EQ(in8(&b.f, 0x3f7) & 0x80, 0x80);
    seek(&b, 0);
    CHECK_EQ(in8(&b.f, 0x3f7) & 0x80, 0x80); /* no disk: stays */
    fdc_set_media(b.fdc, 0, image(737280));
    CHECK_EQ(in8(&b.f, 0x3f7) & 0x80, 0x80);
    seek(&b, 1);
    CHECK_EQ(in8(&b.f, 0x3f7) & 0x80, 0);
    CHECK_EQ(fdc_media_geometry(b.fdc, 0).sectors, 9);
    fake_free(&b.f);
}

static void waits_for_disk_and_motor(void)
{
    struct bench b;

    open_1440(&b);
    out8(&b.f, 0x3f2, 0x0c); /* motor off */
    program_dma(&b, 512, true);
    command(&b, 9, 0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    clock_step(&b.f, 1000 * MS);
    CHECK_EQ(msr(&b), 0x10);
    CHECK(!b.irq.level);
    out8(&b.f, 0x3f2, 0x1c);
    wait(&b);
    CHECK(b.irq.level);
    check_result(&b, 7, 0, 0, 0, 0, 0, 2, 2);
    fdc_set_media(b.fdc, 0, NULL);
    command(&b, 2, 0x4a, 0);
    clock_step(&b.f, 1000 * MS);
    CHECK_EQ(msr(&b), 0x10);
    reset_controller(&b); /* the way out */
    command(&b, 1, 0x10);
    check_result(&b, 1, 0x90);
    fake_free(&b.f);
}

static void invalid_commands(void)
{
    struct bench b;

    open_1440(&b);
    command(&b, 1, 0x18); /* PART ID */
    check_result(&b, 1, 0x80);
    command(&b, 1, 0x11); /* SCAN EQUAL */
    check_result(&b, 1, 0x80);
    command(&b, 1, 0x00);
    check_result(&b, 1, 0x80);
    fake_free(&b.f);
}

static void keeps_its_configuration_when_locked(void)
{
    struct bench b;

    open_1440(&b);
    command(&b, 4, 0x13, 0, 0x4a, 5);
    command(&b, 1, 0x94);
    check_result(&b, 1, 0x10);
    reset_controller(&b);
    command(&b, 1, 0x0e);
    check_result(&b, 10, 0, 0, 0, 0, 0xdf, 0x02, 0, 0x80, 0x0a, 5);
    command(&b, 1, 0x14);
    check_result(&b, 1, 0x00);
    reset_controller(&b);
    command(&b, 1, 0x0e);
    check_result(&b, 10, 0, 0, 0, 0, 0xdf, 0x02, 0, 0x00, 0x20, 0);
    fake_free(&b.f);
}

static void knows_the_usual_sizes(void)
{
    static const struct {
        unsigned kib;
        uint8_t heads, cylinders, sectors, cmos;
    } sizes[] = {{160, 1, 40, 8, 1},   {180, 1, 40, 9, 1},   {320, 2, 40, 8, 1},
                 {360, 2, 40, 9, 1},   {720, 2, 80, 9, 4},   {1200, 2, 80, 15, 2},
                 {1440, 2, 80, 18, 4}, {1680, 2, 80, 21, 4}, {1722, 2, 82, 21, 4},
                 {2880, 2, 80, 36, 5}};

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct bench b;

        open_bench(&b, image(sizes[i].kib * 1024), 0);
        struct fdc_geometry g = fdc_media_geometry(b.fdc, 0);

        CHECK_EQ(g.heads, sizes[i].heads);
        CHECK_EQ(g.cylinders, sizes[i].cylinders);
        CHECK_EQ(g.sectors, sizes[i].sectors);
        CHECK_EQ(fdc_cmos_type(b.fdc, 0), sizes[i].cmos);
        CHECK_EQ(fdc_cmos_type(b.fdc, 1), 4);
        fake_free(&b.f);
    }
}

static void survives_random_accesses(void)
{
    static const uint16_t ports[] = {0x3f2, 0x3f4, 0x3f5, 0x3f5, 0x3f5, 0x3f5, 0x3f7, 0x3f0, 0x3f3};
    struct bench b;
    uint64_t seed = 77;

    open_1440(&b);
    program_dma(&b, 65536, true);
    fake_random_access(&b.f, ports, ARRAY_LEN(ports), 20000);
    /* Whole commands with random parameters, media coming and going. */
    for (int i = 0; i < 3000; i++) {
        uint64_t r = check_random(&seed);

        if (!(r & 63)) {
            fdc_set_media(b.fdc, 0, r & 64 ? image(1474560) : NULL);
        }
        reset_controller(&b);
        out8(&b.f, 0x3f5, (uint8_t)(r >> 8));
        for (int k = 0; k < 8; k++) {
            out8(&b.f, 0x3f5, (uint8_t)(check_random(&seed) & (r >> 48 & 1 ? 0xff : 0x03)));
        }
        for (int k = 0; k < 600; k++) {
            clock_step(&b.f, 50000);
            in8(&b.f, 0x3f5);
        }
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(reset_polls_four_drives);
    RUN(reads_by_dma_until_terminal_count);
    RUN(end_of_track_without_terminal_count);
    RUN(reports_what_is_not_there);
    RUN(writes_and_reads_back);
    RUN(formats_a_track);
    RUN(moves_bytes_without_dma);
    RUN(reads_ids_in_turn);
    RUN(a_360k_disk_has_every_second_track_of_a_1200k_drive);
    RUN(recalibrates);
    RUN(disk_change_until_a_step);
    RUN(waits_for_disk_and_motor);
    RUN(invalid_commands);
    RUN(keeps_its_configuration_when_locked);
    RUN(knows_the_usual_sizes);
    RUN(survives_random_accesses);
    return check_done();
}
