/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "hw/ide.h"

#include <errno.h>
#include <unistd.h>

#include "base/endian.h"
#include "host/block.h"
#include "hw/pc.h"
#include "tests/hw/fake_machine.h"

#define MS 1000000ull

/* The seam to the host: these stand before the C library's. */
static struct {
    unsigned syncs;
    int fail; /* errno for fdatasync; 0: it works */
} host;

int fdatasync(int fd)
{
    (void)fd;
    host.syncs++;
    if (host.fail) {
        errno = host.fail;
        return -1;
    }
    return 0;
}

struct bench {
    struct fake_machine f;
    struct pin irq;
    struct ide *ide;
    char path[40];
};

static void open_bench(struct bench *b, struct pc_drive master, struct pc_drive slave)
{
    struct pc_drive drives[2] = {master, slave};

    memset(b, 0, sizeof(*b));
    memset(&host, 0, sizeof(host));
    fake_init(&b->f);
    b->ide = ide_create(&b->f.m, 0x1f0, 0x3f6, pin_line(&b->irq), drives);
    device_reset_all(&b->f.m);
}

/* Sectors that begin with their number. */
static struct pc_drive disk(unsigned sectors)
{
    uint8_t *p = xcalloc(sectors, BLOCK_SECTOR);

    for (unsigned i = 0; i < sectors; i++) {
        store_le32(p + (size_t)i * BLOCK_SECTOR, i);
    }
    struct pc_drive d = {.block = block_open_memory(p, (size_t)sectors * BLOCK_SECTOR),
                         .present = true};

    free(p);
    return d;
}

static void open_disk(struct bench *b)
{
    open_bench(b, disk(20000), (struct pc_drive){0});
}

/* A real file, for what must reach the host. */
static void open_file(struct bench *b)
{
    char path[] = "/tmp/gnomon-test-XXXXXX";
    int fd = mkstemp(path);
    char *error = NULL;

    if (fd < 0 || ftruncate(fd, 2016 * BLOCK_SECTOR)) {
        abort();
    }
    close(fd);
    struct block_options o = {.path = path};
    struct pc_drive d = {.block = block_open(&o, &error), .present = true};

    open_bench(b, d, (struct pc_drive){0});
    strcpy(b->path, path);
}

static void close_bench(struct bench *b)
{
    fake_free(&b->f);
    if (b->path[0]) {
        unlink(b->path);
    }
}

static uint8_t status(struct bench *b)
{
    return in8(&b->f, 0x1f7);
}

static uint8_t alt_status(struct bench *b)
{
    return in8(&b->f, 0x3f6);
}

static void task_file(struct bench *b, uint8_t select, uint32_t address, uint8_t count)
{
    out8(&b->f, 0x1f6, select);
    out8(&b->f, 0x1f2, count);
    out8(&b->f, 0x1f3, (uint8_t)address);
    out8(&b->f, 0x1f4, (uint8_t)(address >> 8));
    out8(&b->f, 0x1f5, (uint8_t)(address >> 16));
}

static void command(struct bench *b, uint8_t cmd)
{
    out8(&b->f, 0x1f7, cmd);
}

/* A command that is refused at once. */
static void check_aborted(struct bench *b)
{
    clock_step(&b->f, MS);
    CHECK(b->irq.level);
    CHECK_EQ(status(b), 0x51);
    CHECK_EQ(in8(&b->f, 0x1f1), 0x04);
}

/* Lets the drive work; an interrupt must come, and goes when the status is read. */
static uint8_t wait_irq(struct bench *b)
{
    CHECK(!b->irq.level);
    clock_step(&b->f, MS);
    CHECK(b->irq.level);
    uint8_t s = status(b);

    CHECK(!b->irq.level);
    return s;
}

static uint16_t data16(struct bench *b)
{
    return (uint16_t)io_read(&b->f.m, 0x1f0, 2);
}

/* Takes a sector, returns its first four bytes. */
static uint32_t take_sector(struct bench *b)
{
    uint32_t first = io_read(&b->f.m, 0x1f0, 4);

    for (int i = 2; i < 256; i++) {
        data16(b);
    }
    return first;
}

static void put_sector(struct bench *b, uint16_t fill)
{
    for (int i = 0; i < 256; i++) {
        io_write(&b->f.m, 0x1f0, fill, 2);
    }
}

static void identifies(struct bench *b, uint16_t *id)
{
    command(b, 0xec);
    CHECK_EQ(wait_irq(b), 0x58);
    for (int i = 0; i < 256; i++) {
        id[i] = data16(b);
    }
    CHECK_EQ(status(b), 0x50);
}

static void tells_what_it_is(void)
{
    struct bench b;
    uint16_t id[256];

    open_disk(&b);
    out8(&b.f, 0x1f6, 0xa0);
    identifies(&b, id);
    CHECK_EQ(id[0] & 0x8000, 0);
    CHECK_EQ(id[1], 19);
    CHECK_EQ(id[3], 16);
    CHECK_EQ(id[6], 63);
    CHECK_EQ(id[27], 'G' << 8 | 'N');
    CHECK_EQ(id[46], ' ' << 8 | ' ');
    CHECK_EQ(id[49] & 0x300, 0x200); /* LBA, no DMA */
    CHECK_EQ(id[60], 20000);
    CHECK_EQ(id[83] & 0xf400, 0x7400); /* FLUSH CACHE, 48-bit addresses */
    CHECK_EQ(id[100], 20000);
    struct ide_geometry g = ide_geometry(b.ide, 0);

    CHECK_EQ(g.cylinders, 19);
    CHECK_EQ(g.total, 20000);
    CHECK_EQ(ide_geometry(b.ide, 1).total, 0);
    close_bench(&b);
}

static void reads_by_lba_and_by_chs(void)
{
    struct bench b;

    open_disk(&b);
    task_file(&b, 0xe0, 12345, 2);
    command(&b, 0x20);
    CHECK_EQ(alt_status(&b) & 0x80, 0x80);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 12345);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 12346);
    clock_step(&b.f, MS);
    CHECK(!b.irq.level);
    CHECK_EQ(status(&b), 0x50);
    CHECK_EQ(in8(&b.f, 0x1f2), 0);
    CHECK_EQ(in8(&b.f, 0x1f3), 12346 & 0xff);
    task_file(&b, 0xa5, 3 << 8 | 7, 1); /* C 3 H 5 S 7 */
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), (3 * 16 + 5) * 63 + 6);
    /* Another translation. */
    task_file(&b, 0xa3, 0, 17);
    command(&b, 0x91);
    CHECK_EQ(wait_irq(&b), 0x50);
    task_file(&b, 0xa3, 3 << 8 | 17, 1);
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), (3 * 4 + 3) * 17 + 16);
    close_bench(&b);
}

static void out_of_range_is_id_not_found(void)
{
    static const struct {
        uint8_t select;
        uint32_t address;
    } bad[] = {{0xe0, 20000}, {0xa0, 0}, {0xa0, 64}, {0xa0, 19 << 8 | 1}, {0xef, 0xffffff}};
    struct bench b;

    open_disk(&b);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        for (unsigned k = 0; k < 3; k++) {
            static const uint8_t commands[] = {0x20, 0x30, 0x40};

            task_file(&b, bad[i].select, bad[i].address, 1);
            command(&b, commands[k]);
            clock_step(&b.f, MS);
            CHECK(b.irq.level);
            CHECK_EQ(status(&b), 0x51);
            CHECK_EQ(in8(&b.f, 0x1f1), 0x10);
        }
    }
    task_file(&b, 0xe0, 19999, 2); /* the second one is not there */
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 19999);
    CHECK_EQ(wait_irq(&b), 0x51);
    CHECK_EQ(in8(&b.f, 0x1f1), 0x10);
    CHECK_EQ(in8(&b.f, 0x1f2), 1);
    close_bench(&b);
}

static void writes_and_reads_back(void)
{
    struct bench b;

    open_disk(&b);
    task_file(&b, 0xe0, 100, 2);
    command(&b, 0x30);
    CHECK(!b.irq.level); /* none for the first block */
    CHECK_EQ(status(&b), 0x58);
    put_sector(&b, 0x1234);
    CHECK_EQ(wait_irq(&b), 0x58);
    put_sector(&b, 0x5678);
    CHECK_EQ(wait_irq(&b), 0x50);
    task_file(&b, 0xe0, 99, 3);
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 99);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 0x12341234);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 0x56785678);
    close_bench(&b);
}

static void moves_several_sectors_a_block(void)
{
    struct bench b;

    open_disk(&b);
    task_file(&b, 0xe0, 10, 5);
    command(&b, 0xc4); /* not yet set up */
    check_aborted(&b);
    task_file(&b, 0xe0, 0, 3); /* no power of two */
    command(&b, 0xc6);
    check_aborted(&b);
    task_file(&b, 0xe0, 0, 4);
    command(&b, 0xc6);
    CHECK_EQ(wait_irq(&b), 0x50);
    task_file(&b, 0xe0, 10, 5);
    command(&b, 0xc4);
    CHECK_EQ(wait_irq(&b), 0x58);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQ(take_sector(&b), 10 + i);
    }
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 14);
    CHECK_EQ(status(&b), 0x50);
    task_file(&b, 0xe0, 50, 6);
    command(&b, 0xc5);
    for (unsigned i = 0; i < 4; i++) {
        put_sector(&b, (uint16_t)(0xa0 + i));
    }
    CHECK_EQ(wait_irq(&b), 0x58);
    put_sector(&b, 0xa4);
    put_sector(&b, 0xa5);
    CHECK_EQ(wait_irq(&b), 0x50);
    task_file(&b, 0xe0, 55, 1);
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 0xa500a5);
    close_bench(&b);
}

static void flush_reaches_the_host_before_it_completes(void)
{
    struct bench b;

    open_file(&b);
    task_file(&b, 0xe0, 5, 1);
    command(&b, 0x30);
    put_sector(&b, 0xbeef);
    CHECK_EQ(wait_irq(&b), 0x50);
    CHECK_EQ(host.syncs, 0);
    command(&b, 0xe7);
    CHECK_EQ(alt_status(&b) & 0x80, 0x80);
    CHECK_EQ(wait_irq(&b), 0x50);
    CHECK_EQ(host.syncs, 1);
    host.fail = EIO;
    command(&b, 0xe7);
    CHECK_EQ(wait_irq(&b), 0x71); /* device fault */
    CHECK_EQ(in8(&b.f, 0x1f1), 0x04);
    host.fail = 0;
    /* Without the cache each write is flushed. */
    out8(&b.f, 0x1f1, 0x82);
    command(&b, 0xef);
    CHECK_EQ(wait_irq(&b), 0x50);
    CHECK_EQ(host.syncs, 3);
    task_file(&b, 0xe0, 6, 1);
    command(&b, 0x30);
    put_sector(&b, 1);
    CHECK_EQ(wait_irq(&b), 0x50);
    CHECK_EQ(host.syncs, 4);
    close_bench(&b);
}

static void host_errors_are_drive_errors(void)
{
    struct bench b;

    open_file(&b);
    CHECK_EQ(truncate(b.path, 10 * BLOCK_SECTOR), 0);
    task_file(&b, 0xe0, 20, 1);
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x51);
    CHECK_EQ(in8(&b.f, 0x1f1), 0x40); /* uncorrectable */
    CHECK_EQ(in8(&b.f, 0x1f3), 20);
    command(&b, 0x40);
    CHECK_EQ(wait_irq(&b), 0x51);
    CHECK_EQ(in8(&b.f, 0x1f1), 0x40);
    close_bench(&b);
}

static void missing_drives_are_not_there(void)
{
    struct bench b;

    open_disk(&b);
    out8(&b.f, 0x1f6, 0xb0);
    CHECK_EQ(status(&b), 0);
    CHECK_EQ(alt_status(&b), 0);
    command(&b, 0xec);
    clock_step(&b.f, MS);
    CHECK_EQ(status(&b), 0);
    CHECK(!b.irq.level);
    out8(&b.f, 0x1f6, 0xa0);
    CHECK_EQ(status(&b), 0x50);
    close_bench(&b);
    open_bench(&b, (struct pc_drive){0}, (struct pc_drive){0});
    for (uint16_t port = 0x1f1; port < 0x1f8; port++) {
        out8(&b.f, port, 0x55);
        CHECK_EQ(in8(&b.f, port), 0);
    }
    close_bench(&b);
}

static void reset_gives_the_signature(void)
{
    struct bench b;

    open_bench(&b, disk(5000), disk(6000));
    task_file(&b, 0xf0, 0x123456, 9);
    out8(&b.f, 0x3f6, 0x04);
    CHECK_EQ(alt_status(&b) & 0x80, 0x80);
    clock_step(&b.f, MS);
    CHECK_EQ(alt_status(&b) & 0x80, 0x80); /* as long as the bit is set */
    out8(&b.f, 0x3f6, 0x00);
    clock_step(&b.f, MS);
    for (uint8_t dev = 0xa0; dev <= 0xb0; dev += 0x10) {
        out8(&b.f, 0x1f6, dev);
        CHECK_EQ(status(&b), 0x50);
        CHECK_EQ(in8(&b.f, 0x1f1), 1);
        CHECK_EQ(in8(&b.f, 0x1f2), 1);
        CHECK_EQ(in8(&b.f, 0x1f3), 1);
        CHECK_EQ(in8(&b.f, 0x1f4), 0);
        CHECK_EQ(in8(&b.f, 0x1f5), 0);
    }
    CHECK(!b.irq.level);
    task_file(&b, 0xb0, 77, 7);
    command(&b, 0x90);
    CHECK_EQ(wait_irq(&b), 0x50);
    CHECK_EQ(in8(&b.f, 0x1f1), 1);
    CHECK_EQ(in8(&b.f, 0x1f6) & 0x10, 0);
    close_bench(&b);
}

static void only_the_selected_drive_interrupts(void)
{
    struct bench b;

    open_bench(&b, disk(5000), disk(6000));
    out8(&b.f, 0x3f6, 0x02); /* interrupts off */
    task_file(&b, 0xe0, 1, 1);
    command(&b, 0x20);
    clock_step(&b.f, MS);
    CHECK(!b.irq.level);
    CHECK_EQ(alt_status(&b), 0x58);
    out8(&b.f, 0x3f6, 0x00);
    CHECK(b.irq.level); /* it was waiting */
    out8(&b.f, 0x1f6, 0xf0);
    CHECK(!b.irq.level);
    out8(&b.f, 0x1f6, 0xe0);
    CHECK(b.irq.level);
    CHECK_EQ(alt_status(&b), 0x58);
    CHECK(b.irq.level);
    status(&b);
    CHECK(!b.irq.level);
    task_file(&b, 0xf0, 5999, 1);
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 5999);
    close_bench(&b);
}

/* The high bytes are written first; 65536 sectors are a count of 0. */
static void task_file_ext(struct bench *b, uint64_t lba, uint16_t count)
{
    out8(&b->f, 0x1f2, (uint8_t)(count >> 8));
    out8(&b->f, 0x1f3, (uint8_t)(lba >> 24));
    out8(&b->f, 0x1f4, (uint8_t)(lba >> 32));
    out8(&b->f, 0x1f5, (uint8_t)(lba >> 40));
    task_file(b, 0xe0, (uint32_t)lba, (uint8_t)count);
}

static void reads_by_48_bit_addresses(void)
{
    struct bench b;

    open_disk(&b);
    task_file_ext(&b, 19743, 257);
    command(&b, 0x24);
    for (unsigned n = 0; n < 257; n++) {
        CHECK_EQ(wait_irq(&b), 0x58);
        CHECK_EQ(take_sector(&b), 19743 + n);
    }
    CHECK_EQ(alt_status(&b), 0x50);
    task_file_ext(&b, 1ull << 32 | 5, 1); /* sector 5 it is not */
    command(&b, 0x24);
    clock_step(&b.f, MS);
    CHECK_EQ(status(&b), 0x51);
    CHECK_EQ(in8(&b.f, 0x1f1), 0x10);
    command(&b, 0x27); /* READ NATIVE MAX ADDRESS EXT */
    CHECK_EQ(wait_irq(&b), 0x50);
    CHECK_EQ(in8(&b.f, 0x1f3), 19999 & 0xff);
    CHECK_EQ(in8(&b.f, 0x1f4), 19999 >> 8);
    close_bench(&b);
}

/* A bus master that takes or gives bytes in pieces of 300, until it has had enough. */
struct master {
    uint8_t bytes[70000];
    uint32_t done, room;
};

static uint32_t master_transfer(void *opaque, unsigned channel, uint8_t *data, uint32_t len,
                                bool to_memory)
{
    struct master *m = opaque;
    uint32_t n = m->room - m->done;

    CHECK_EQ(channel, 1);
    n = n < len ? n : len;
    n = n < 300 ? n : 300;
    memcpy(to_memory ? m->bytes + m->done : data, to_memory ? data : m->bytes + m->done, n);
    m->done += n;
    return n;
}

static void moves_by_dma(void)
{
    static struct master m;
    struct bench b;
    uint16_t id[256];

    open_disk(&b);
    ide_set_dma(b.ide, &(struct ide_dma){master_transfer, &m, 1});
    identifies(&b, id);
    CHECK_EQ(id[49] & 0x100, 0x100);
    CHECK_EQ(id[63], 7);
    task_file(&b, 0xe0, 0, 0x22); /* multiword DMA mode 2 */
    out8(&b.f, 0x1f1, 3);
    command(&b, 0xef);
    CHECK_EQ(wait_irq(&b), 0x50);
    identifies(&b, id);
    CHECK_EQ(id[63], 0x407);

    m = (struct master){.room = 130 * 512};
    task_file(&b, 0xe0, 1000, 130); /* more than one buffer */
    command(&b, 0xc8);
    for (unsigned n = 0; n < 1000 && !b.irq.level; n++) {
        clock_step(&b.f, MS);
        ide_dma_started(b.ide);
    }
    CHECK(b.irq.level);
    CHECK_EQ(status(&b), 0x50);
    CHECK_EQ(m.done, 130 * 512);
    CHECK_EQ(load_le32(m.bytes), 1000);
    CHECK_EQ(load_le32(m.bytes + 129 * 512), 1129);

    m = (struct master){.room = 512};
    memset(m.bytes, 0x5a, 512);
    task_file(&b, 0xe0, 7, 1);
    command(&b, 0xca);
    CHECK_EQ(alt_status(&b), 0x58);
    ide_dma_started(b.ide);
    CHECK_EQ(wait_irq(&b), 0x50);
    task_file(&b, 0xe0, 7, 1);
    command(&b, 0x20);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 0x5a5a5a5a);
    close_bench(&b);
}

static void small_commands(void)
{
    static const uint8_t good[] = {0x10, 0x1f, 0x70, 0xe0, 0xe1, 0xe2, 0xe3, 0x94, 0x95, 0xe7};
    static const uint8_t bad[] = {0x00, 0x08, 0x22, 0x50, 0xa0, 0xa1, 0xb0, 0xc8, 0xca, 0x25, 0xff};
    struct bench b;

    open_disk(&b);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        task_file(&b, 0xe0, 1, 1);
        command(&b, good[i]);
        CHECK_EQ(wait_irq(&b), 0x50);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        command(&b, bad[i]);
        check_aborted(&b);
    }
    command(&b, 0xe0);
    wait_irq(&b);
    command(&b, 0xe5);
    wait_irq(&b);
    CHECK_EQ(in8(&b.f, 0x1f2), 0x00);
    command(&b, 0xe8); /* the buffer, there and back */
    put_sector(&b, 0x4321);
    CHECK_EQ(wait_irq(&b), 0x50);
    command(&b, 0xe4);
    CHECK_EQ(wait_irq(&b), 0x58);
    CHECK_EQ(take_sector(&b), 0x43214321);
    close_bench(&b);
}

static void survives_random_accesses(void)
{
    static const uint16_t ports[] = {0x1f0, 0x1f1, 0x1f2, 0x1f3, 0x1f4, 0x1f5,
                                     0x1f6, 0x1f7, 0x1f7, 0x1f7, 0x3f6};
    struct bench b;
    uint64_t seed = 99;

    open_bench(&b, disk(3000),
               (struct pc_drive){.present = true, .cdrom = true, .block = disk(4000).block});
    fake_random_access(&b.f, ports, ARRAY_LEN(ports), 50000);
    for (int i = 0; i < 20000; i++) {
        uint64_t r = check_random(&seed);

        out8(&b.f, 0x3f6, 0);
        clock_step(&b.f, MS);
        task_file(&b, (uint8_t)(0xa0 | (r & 0x50)), (uint32_t)(r >> 8) & 0xfff, (uint8_t)(r >> 20));
        if (r & 1) {
            command(&b, 0xa0);
            for (int k = 0; k < 3; k++) {
                io_write(&b.f.m, 0x1f0, (uint32_t)check_random(&seed), 4);
            }
        } else {
            command(&b, (uint8_t)(r >> 40));
        }
        for (unsigned k = 0; k < (r >> 32 & 127); k++) {
            clock_step(&b.f, 3000);
            io_read(&b.f.m, 0x1f0, 1u << (r >> 50) % 3);
            io_write(&b.f.m, 0x1f0, 0, 1u << (r >> 52) % 3);
        }
        if (!(r >> 57)) {
            ide_set_media(b.ide, 1, r & 2 ? disk(700).block : NULL);
        }
    }
    close_bench(&b);
}

int main(void)
{
    RUN(tells_what_it_is);
    RUN(reads_by_lba_and_by_chs);
    RUN(out_of_range_is_id_not_found);
    RUN(writes_and_reads_back);
    RUN(moves_several_sectors_a_block);
    RUN(flush_reaches_the_host_before_it_completes);
    RUN(host_errors_are_drive_errors);
    RUN(missing_drives_are_not_there);
    RUN(reset_gives_the_signature);
    RUN(only_the_selected_drive_interrupts);
    RUN(reads_by_48_bit_addresses);
    RUN(moves_by_dma);
    RUN(small_commands);
    RUN(survives_random_accesses);
    return check_done();
}
