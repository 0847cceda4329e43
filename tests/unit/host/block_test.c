/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "host/block.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/check.h"

struct bench {
    char dir[64], path[80];
};

static void write_file(const char *path, size_t bytes)
{
    FILE *f = fopen(path, "wb");

    for (size_t i = 0; i < bytes; i++) {
        putc((int)(i / BLOCK_SECTOR + 1), f);
    }
    fclose(f);
}

static void open_bench(struct bench *b, size_t bytes)
{
    strcpy(b->dir, "/tmp/gnomon-test-XXXXXX");
    if (!mkdtemp(b->dir)) {
        abort();
    }
    snprintf(b->path, sizeof(b->path), "%s/disk.img", b->dir);
    write_file(b->path, bytes);
}

static void close_bench(struct bench *b)
{
    unlink(b->path);
    rmdir(b->dir);
}

static struct block *must_open(struct bench *b, bool read_only, bool snapshot)
{
    struct block_options o = {.path = b->path, .read_only = read_only, .snapshot = snapshot};
    char *error = NULL;
    struct block *blk = block_open(&o, &error);

    if (!blk) {
        printf("%s\n", error);
        abort();
    }
    return blk;
}

/* The image is refused with one line that holds both texts. */
static void check_refused(const char *path, bool read_only, bool snapshot, const char *what,
                          const char *mend)
{
    struct block_options o = {.path = path, .read_only = read_only, .snapshot = snapshot};
    char *error = NULL;
    struct block *b = block_open(&o, &error);

    if (!CHECK(!b) || !CHECK(error != NULL)) {
        block_close(b);
        return;
    }
    if (!CHECK(strstr(error, what) && strstr(error, mend) && !strchr(error, '\n'))) {
        printf("    got: %s\n", error);
    }
    free(error);
}

static void reads_and_writes_sectors(void)
{
    struct bench t;
    uint8_t buf[3 * BLOCK_SECTOR];

    open_bench(&t, 10 * BLOCK_SECTOR);
    struct block *b = must_open(&t, false, false);

    CHECK_EQ(block_sectors(b), 10);
    CHECK_EQ(block_bytes(b), 10 * BLOCK_SECTOR);
    CHECK_EQ(block_read(b, 7, buf, 3), 0);
    CHECK_EQ(buf[0], 8);
    CHECK_EQ(buf[3 * BLOCK_SECTOR - 1], 10);
    memset(buf, 0xaa, sizeof(buf));
    CHECK_EQ(block_write(b, 2, buf, 2), 0);
    CHECK_EQ(block_flush(b), 0);
    CHECK_EQ(block_read(b, 1, buf, 3), 0);
    CHECK_EQ(buf[0], 2);
    CHECK_EQ(buf[BLOCK_SECTOR], 0xaa);
    CHECK_EQ(block_read(b, 8, buf, 3), -EINVAL);
    CHECK_EQ(block_write(b, UINT64_MAX, buf, 1), -EINVAL);
    block_close(b);
    close_bench(&t);
}

static void snapshot_leaves_the_image_alone(void)
{
    struct bench t;
    uint8_t buf[4 * BLOCK_SECTOR];

    open_bench(&t, 8 * BLOCK_SECTOR);
    chmod(t.path, 0444);
    struct block *b = must_open(&t, false, true);

    memset(buf, 0x55, sizeof(buf));
    CHECK(!block_read_only(b));
    CHECK_EQ(block_write(b, 3, buf, 1), 0);
    CHECK_EQ(block_write(b, 5, buf, 1), 0);
    CHECK_EQ(block_flush(b), 0);
    CHECK_EQ(block_read(b, 2, buf, 4), 0); /* alternating sources in one call */
    CHECK_EQ(buf[0], 3);
    CHECK_EQ(buf[BLOCK_SECTOR], 0x55);
    CHECK_EQ(buf[2 * BLOCK_SECTOR], 5);
    CHECK_EQ(buf[3 * BLOCK_SECTOR], 0x55);
    block_close(b);
    b = must_open(&t, true, false);
    CHECK_EQ(block_read(b, 3, buf, 1), 0);
    CHECK_EQ(buf[0], 4);
    CHECK_EQ(block_write(b, 3, buf, 1), -EROFS);
    block_close(b);
    close_bench(&t);
}

static void partial_last_sector_keeps_the_size(void)
{
    struct bench t;
    struct stat st;
    uint8_t buf[BLOCK_SECTOR];

    open_bench(&t, 2 * BLOCK_SECTOR + 100);
    struct block *b = must_open(&t, false, false);

    CHECK_EQ(block_sectors(b), 3);
    CHECK_EQ(block_read(b, 2, buf, 1), 0);
    CHECK_EQ(buf[99], 3);
    CHECK_EQ(buf[100], 0);
    memset(buf, 0x77, sizeof(buf));
    CHECK_EQ(block_write(b, 2, buf, 1), 0);
    CHECK_EQ(block_read(b, 2, buf, 1), 0);
    CHECK_EQ(buf[99], 0x77);
    CHECK_EQ(buf[100], 0);
    block_close(b);
    stat(t.path, &st);
    CHECK_EQ(st.st_size, 2 * BLOCK_SECTOR + 100);
    close_bench(&t);
}

static void refuses_with_one_line(void)
{
    struct bench t;
    char other[100];

    open_bench(&t, BLOCK_SECTOR);
    check_refused("", false, false, "no file name", "file=PATH");
    check_refused(t.dir, false, false, "is a directory", "image file");
    check_refused("/dev/null", false, false, "character device", "block device");
    snprintf(other, sizeof(other), "%s/none.img", t.dir);
    check_refused(other, false, false, "No such file", "truncate");
    check_refused(other, false, true, "No such file", "truncate");
    CHECK_EQ(access(other, F_OK), -1); /* nothing was created */
    snprintf(other, sizeof(other), "%s/disk.img/x", t.dir);
    check_refused(other, false, false, "Not a directory", "check the path");
    snprintf(other, sizeof(other), "%s/pipe", t.dir);
    CHECK_EQ(mkfifo(other, 0600), 0);
    check_refused(other, true, false, "is a pipe", "give a file");
    unlink(other);
    CHECK_EQ(truncate(t.path, 0), 0);
    check_refused(t.path, false, false, "is empty", "truncate");
    setenv("TMPDIR", "/nonexistent", 1);
    write_file(t.path, BLOCK_SECTOR);
    check_refused(t.path, false, true, "/nonexistent", "TMPDIR");
    unsetenv("TMPDIR");
    close_bench(&t);
}

static void refuses_a_read_only_file_for_writing(void)
{
    struct bench t;

    open_bench(&t, BLOCK_SECTOR);
    chmod(t.path, 0444);
    check_refused(t.path, false, false, "cannot be written", "readonly=on or -snapshot");
    chmod(t.path, 0);
    check_refused(t.path, true, false, "Permission denied", "permissions");
    close_bench(&t);
}

static void one_writer_at_a_time(void)
{
    struct bench t;

    open_bench(&t, BLOCK_SECTOR);
    struct block *b = must_open(&t, false, false);

    check_refused(t.path, false, false, "in use", "-snapshot or readonly=on");
    block_close(must_open(&t, false, true));
    block_close(must_open(&t, true, false));
    block_close(b);
    block_close(must_open(&t, false, false));
    close_bench(&t);
}

static void a_file_cut_short_is_an_error(void)
{
    struct bench t;
    uint8_t buf[4 * BLOCK_SECTOR];

    open_bench(&t, 4 * BLOCK_SECTOR);
    struct block *b = must_open(&t, true, false);

    CHECK_EQ(truncate(t.path, BLOCK_SECTOR), 0);
    CHECK_EQ(block_read(b, 0, buf, 1), 0);
    CHECK_EQ(block_read(b, 0, buf, 4), -EIO);
    block_close(b);
    close_bench(&t);
}

static void memory_images_are_private(void)
{
    static const uint8_t bytes[700] = {1, 2, 3};
    uint8_t buf[BLOCK_SECTOR];
    struct block *b = block_open_memory(bytes, sizeof(bytes));

    CHECK_EQ(block_sectors(b), 2);
    memset(buf, 9, sizeof(buf));
    CHECK_EQ(block_write(b, 0, buf, 1), 0);
    CHECK_EQ(block_read(b, 0, buf, 1), 0);
    CHECK_EQ(buf[0], 9);
    CHECK_EQ(bytes[0], 1);
    CHECK_EQ(block_flush(b), 0);
    block_close(b);
}

int main(void)
{
    RUN(reads_and_writes_sectors);
    RUN(snapshot_leaves_the_image_alone);
    RUN(partial_last_sector_keeps_the_size);
    RUN(refuses_with_one_line);
    if (geteuid() == 0) {
        check_skip("refuses_a_read_only_file_for_writing", "root may write to read-only files");
    } else {
        RUN(refuses_a_read_only_file_for_writing);
    }
    RUN(one_writer_at_a_time);
    RUN(a_file_cut_short_is_an_error);
    RUN(memory_images_are_private);
    return check_done();
}
