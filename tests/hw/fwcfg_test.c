/* SPDX-License-Identifier: MIT */
/*
 * The firmware configuration device and the kernel loaders: what the BIOS reads, and what is
 * refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/endian.h"
#include "hw/fwcfg.h"
#include "tests/hw/fake_machine.h"

struct bench {
    struct fake_machine f;
    struct fwcfg *s;
    char path[64];
};

static void bench_init(struct bench *b)
{
    fake_init(&b->f);
    b->s = fwcfg_create(&b->f.m);
    device_reset_all(&b->f.m);
    snprintf(b->path, sizeof(b->path), "/tmp/gnomon-fwcfg-XXXXXX");
    int fd = mkstemp(b->path);

    CHECK(fd >= 0);
    close(fd);
}

static void bench_free(struct bench *b)
{
    unlink(b->path);
    fake_free(&b->f);
}

static void write_file(struct bench *b, const void *bytes, size_t len)
{
    FILE *f = fopen(b->path, "wb");

    CHECK(f && fwrite(bytes, 1, len, f) == len);
    fclose(f);
}

static uint32_t item(struct bench *b, uint16_t key)
{
    uint32_t v = 0;

    io_write(&b->f.m, 0x510, key, 2);
    for (unsigned i = 0; i < 4; i++) {
        v |= (uint32_t)in8(&b->f, 0x511) << (8 * i);
    }
    return v;
}

static void dma(struct bench *b, uint32_t control, uint32_t len, uint32_t address)
{
    uint8_t r[16] = {0};

    for (unsigned i = 0; i < 4; i++) {
        r[i] = (uint8_t)(control >> (24 - 8 * i));
        r[4 + i] = (uint8_t)(len >> (24 - 8 * i));
        r[12 + i] = (uint8_t)(address >> (24 - 8 * i));
    }
    physmem_write(&b->f.m.mem, 0x1000, r, sizeof(r));
    io_write(&b->f.m, 0x514, 0, 4);
    io_write(&b->f.m, 0x518, 0x00100000, 4); /* 1000h, big-endian */
}

static bool refused(struct bench *b, const char *initrd, const char *word)
{
    char *error = fwcfg_add_kernel(b->s, b->path, initrd, NULL);
    bool good = error && strstr(error, word) && !strchr(error, '\n');

    if (!good) {
        printf("got: %s\n", error ? error : "no error");
    }
    free(error);
    return good;
}

static void shows_its_signature(void)
{
    struct bench b;

    bench_init(&b);
    CHECK_EQ(item(&b, FW_SIGNATURE), 0x554d4551);
    CHECK_EQ(item(&b, FW_ID), 3);
    CHECK_EQ(item(&b, FW_KERNEL_SIZE), 0);
    CHECK_EQ(item(&b, 0x3fff), 0);
    CHECK_EQ(io_read(&b.f.m, 0x514, 4), 0x554d4551);
    bench_free(&b);
}

static void a_request_beyond_the_item_reads_zeros(void)
{
    struct bench b;

    bench_init(&b);
    physmem_store(&b.f.m.mem, 0x2004, 0xffffffff, 4);
    dma(&b, (uint32_t)FW_SIGNATURE << 16 | 0x0a, 8, 0x2000);
    CHECK_EQ(physmem_load(&b.f.m.mem, 0x2000, 4), 0x554d4551);
    CHECK_EQ(physmem_load(&b.f.m.mem, 0x2004, 4), 0);
    CHECK_EQ(physmem_load(&b.f.m.mem, 0x1000, 4), 0);
    dma(&b, (uint32_t)FW_SIGNATURE << 16 | 0x0a, 0xffffffff,
        0xfffffff0);          /* nowhere: must come back */
    dma(&b, 0x10, 4, 0x2000); /* a write is refused */
    CHECK_EQ(physmem_load(&b.f.m.mem, 0x1000, 4), 0x01000000);
    bench_free(&b);
}

/* One sector of setup after the boot sector, 64 bytes of kernel. */
static uint32_t make_linux(uint8_t *k)
{
    memset(k, 0, 1088);
    k[0x1f1] = 1;
    store_le32(k + 0x1f4, 4);
    store_le16(k + 0x1fe, 0xaa55);
    memcpy(k + 0x202, "HdrS", 4);
    store_le16(k + 0x206, 0x20c);
    k[0x211] = 1;
    store_le32(k + 0x22c, 0x7fffffff);
    store_le32(k + 0x238, 255);
    k[1024] = 0xee;
    return 1088;
}

static void linux_parts_are_laid_out(void)
{
    struct bench b;
    uint8_t k[1088];

    bench_init(&b);
    write_file(&b, k, make_linux(k));
    char *error = fwcfg_add_kernel(b.s, b.path, b.path, "console=ttyS0");

    CHECK(!error);
    free(error);
    CHECK_EQ(item(&b, FW_KERNEL_ADDR), 0x100000);
    CHECK_EQ(item(&b, FW_KERNEL_SIZE), 64);
    CHECK_EQ(item(&b, FW_KERNEL_DATA), 0xee);
    CHECK_EQ(item(&b, FW_SETUP_SIZE), 1024);
    CHECK_EQ(item(&b, FW_CMDLINE_SIZE), 14);
    CHECK_EQ(item(&b, FW_INITRD_ADDR), ((2u << 20) - 0x28000 - 1 - 1088) & ~0xfffu);
    CHECK_EQ(item(&b, FW_KERNEL_ENTRY), 0);
    bench_free(&b);
}

static uint32_t next_big_endian(struct bench *b, unsigned bytes)
{
    uint32_t v = 0;

    while (bytes--) {
        v = v << 8 | in8(&b->f, 0x511);
    }
    return v;
}

static void files_are_found_by_their_names(void)
{
    static const char *const names[] = {"bootorder", "etc/other", "empty"};
    static const char content[] = {2, 3, 5, 7};
    struct bench b;
    uint16_t key[3];

    bench_init(&b);
    CHECK_EQ(item(&b, FW_FILE_DIR), 0);
    CHECK(!fwcfg_add_file(b.s, names[0], "/rom@here", 10));
    CHECK(!fwcfg_add_file(b.s, names[1], content, sizeof(content)));
    CHECK(!fwcfg_add_file(b.s, names[2], NULL, 0));
    io_write(&b.f.m, 0x510, FW_FILE_DIR, 2);
    CHECK_EQ(next_big_endian(&b, 4), 3);
    for (unsigned n = 0; n < 3; n++) {
        char name[57] = "";
        uint32_t size = next_big_endian(&b, 4);

        key[n] = (uint16_t)next_big_endian(&b, 2);
        CHECK_EQ(next_big_endian(&b, 2), 0);
        for (unsigned i = 0; i < 56; i++) {
            name[i] = (char)in8(&b.f, 0x511);
        }
        CHECK(!strcmp(name, names[n]));
        CHECK_EQ(size, n == 0 ? 10 : n == 1 ? 4 : 0);
    }
    CHECK_EQ(item(&b, key[0]), 'r' << 8 | '/' | 'o' << 16 | 'm' << 24);
    CHECK_EQ(item(&b, key[1]), 0x07050302);
    CHECK_EQ(item(&b, key[2]), 0);
    bench_free(&b);
}

static bool adds(struct bench *b, const char *name, const char *why)
{
    char *error = fwcfg_add_file(b->s, name, "x", 1);
    bool as_wanted = why ? error && strstr(error, why) : !error;

    free(error);
    return as_wanted;
}

static void files_have_different_names_and_room(void)
{
    struct bench b;
    char name[80] = "";

    bench_init(&b);
    CHECK(adds(&b, "a", NULL));
    CHECK(adds(&b, "a", "duplicate fw_cfg file name 'a'"));
    memset(name, 'n', 70); /* of which 55 are kept */
    CHECK(adds(&b, name, NULL));
    CHECK(adds(&b, name + 1, "duplicate"));
    for (unsigned n = 2; n < FWCFG_FILES; n++) {
        snprintf(name, sizeof(name), "file %u", n);
        CHECK(adds(&b, name, NULL));
    }
    CHECK(adds(&b, "one more", "no room"));
    CHECK(adds(&b, "a", "duplicate"));
    io_write(&b.f.m, 0x510, FW_FILE_DIR, 2);
    CHECK_EQ(next_big_endian(&b, 4), FWCFG_FILES);
    bench_free(&b);
}

static void bad_linux_kernels_are_refused(void)
{
    struct bench b;
    uint8_t k[1088];

    bench_init(&b);
    write_file(&b, k, make_linux(k) - 40);
    CHECK(refused(&b, NULL, "truncated"));
    make_linux(k);
    store_le16(k + 0x206, 0x201);
    write_file(&b, k, sizeof(k));
    CHECK(refused(&b, NULL, "protocol"));
    write_file(&b, k, 0);
    CHECK(refused(&b, NULL, "empty"));
    write_file(&b, "hello", 5);
    CHECK(refused(&b, NULL, "neither"));
    write_file(&b, k, make_linux(k));
    CHECK(refused(&b, "/nonexistent/initrd", "initrd"));
    CHECK(refused(&b, "/tmp", "not a file"));
    bench_free(&b);
}

static uint32_t make_multiboot(uint8_t *k, uint32_t flags)
{
    memset(k, 0, 256);
    store_le32(k, 0x1badb002);
    store_le32(k + 4, flags);
    store_le32(k + 8, 0u - 0x1badb002 - flags);
    store_le32(k + 12, 0x100000); /* header, load, load end, bss end, entry */
    store_le32(k + 16, 0x100000);
    store_le32(k + 24, 0x100200);
    store_le32(k + 28, 0x100020);
    return 256;
}

static void multiboot_modules_lie_behind_the_kernel(void)
{
    struct bench b;
    uint8_t k[256];
    char list[200];

    bench_init(&b);
    write_file(&b, k, make_multiboot(k, 1 << 16 | 3));
    snprintf(list, sizeof(list), "%s one,%s", b.path, b.path);
    char *error = fwcfg_add_kernel(b.s, b.path, list, NULL);

    CHECK(!error);
    free(error);
    CHECK_EQ(item(&b, FW_KERNEL_ENTRY), 0x100020);
    CHECK_EQ(item(&b, FW_KERNEL_SIZE), 0x2000 + 256);
    dma(&b, (uint32_t)FW_INITRD_DATA << 16 | 0x0a, item(&b, FW_INITRD_SIZE), 0x9000);
    uint32_t mods = physmem_load(&b.f.m.mem, 0x9000 + 24, 4);

    CHECK_EQ(physmem_load(&b.f.m.mem, 0x9000 + 20, 4), 2);
    CHECK_EQ(physmem_load(&b.f.m.mem, mods, 4), 0x101000);
    CHECK_EQ(physmem_load(&b.f.m.mem, mods + 4, 4), 0x101100);
    CHECK_EQ(physmem_load(&b.f.m.mem, mods + 16, 4), 0x102000);
    bench_free(&b);
}

static void bad_multiboot_kernels_are_refused(void)
{
    struct bench b;
    uint8_t k[256];

    bench_init(&b);
    write_file(&b, k, make_multiboot(k, 3)); /* no addresses and not ELF */
    CHECK(refused(&b, NULL, "not ELF"));
    write_file(&b, k, make_multiboot(k, 1 << 16 | 1 << 5));
    CHECK(refused(&b, NULL, "features"));
    make_multiboot(k, 1 << 16);
    store_le32(k + 24, 0xf0000000);
    write_file(&b, k, sizeof(k));
    CHECK(refused(&b, NULL, "-m"));
    make_multiboot(k, 1 << 16);
    store_le32(k + 20, 0x100200);
    write_file(&b, k, sizeof(k));
    CHECK(refused(&b, NULL, "truncated"));
    write_file(&b, k, make_multiboot(k, 1 << 16));
    CHECK(refused(&b, "/nonexistent/module", "module"));
    bench_free(&b);
}

static void random_headers_do_no_harm(void)
{
    struct bench b;
    uint8_t k[1088];
    uint32_t r = 1;

    bench_init(&b);
    for (unsigned n = 0; n < 300; n++) {
        if (n & 1) {
            make_linux(k);
        } else {
            memset(k, 0, sizeof(k));
            make_multiboot(k + 0x80, n & 2 ? 1 << 16 : 0);
            memcpy(k,
                   "\x7f"
                   "ELF\1\1",
                   6);
            k[18] = 3;
            k[28] = 52;
            k[42] = 32;
            k[44] = 1;
            k[52] = 1;
        }
        for (unsigned i = 0; i < 4; i++) {
            r = r * 1664525 + 1013904223;
            k[n & 1 ? 0x1f1 + (r >> 8) % 80 : (r >> 8) % 200] = (uint8_t)(r >> 24);
        }
        write_file(&b, k, sizeof(k));
        free(fwcfg_add_kernel(b.s, b.path, NULL, "x"));
    }
    CHECK(true);
    bench_free(&b);
}

int main(void)
{
    RUN(shows_its_signature);
    RUN(a_request_beyond_the_item_reads_zeros);
    RUN(linux_parts_are_laid_out);
    RUN(files_are_found_by_their_names);
    RUN(files_have_different_names_and_room);
    RUN(bad_linux_kernels_are_refused);
    RUN(multiboot_modules_lie_behind_the_kernel);
    RUN(bad_multiboot_kernels_are_refused);
    RUN(random_headers_do_no_harm);
    return check_done();
}
