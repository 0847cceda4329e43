/* SPDX-License-Identifier: MIT */
/* host/savefile.h: written whole or not at all; whatever is wrong with a file is found on opening.
 */
#include "host/savefile.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/endian.h"
#include "tests/unit/check.h"

#define MAGIC "TESTFILE"

static char path[64];

static void write_some(const char *what)
{
    char *error = NULL;
    struct savefile_writer *w = savefile_create(path, MAGIC, 1, &error);
    uint8_t noise[5000];
    uint64_t seed = 3;

    CHECK_STR(error, NULL);
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (uint8_t)check_random(&seed); /* can't be compressed */
    }
    savefile_add(w, "INFO", what, strlen(what));
    savefile_add(w, "ZERO", (uint8_t[10000]){0}, 10000);
    savefile_add(w, "RAND", noise, sizeof(noise));
    savefile_add(w, "NONE", "", 0);
    CHECK_STR(savefile_commit(w), NULL);
}

static void comes_back(void)
{
    char *error = NULL, type[5];
    const uint8_t *p;
    size_t n;

    write_some("hello");
    struct savefile *f = savefile_open(path, MAGIC, 1, &error);

    CHECK_STR(error, NULL);
    for (int round = 0; round < 2; round++) {
        CHECK(savefile_next(f, type, &p, &n) && !strcmp(type, "INFO"));
        CHECK(n == 5 && !memcmp(p, "hello", 5));
        CHECK(savefile_next(f, type, &p, &n) && !strcmp(type, "ZERO"));
        CHECK(n == 10000 && !p[0] && !p[9999]);
        CHECK(savefile_next(f, type, &p, &n) && !strcmp(type, "RAND"));
        CHECK_EQ(n, 5000);
        CHECK(savefile_next(f, type, &p, &n) && !strcmp(type, "NONE"));
        CHECK_EQ(n, 0);
        CHECK(!savefile_next(f, type, &p, &n));
        savefile_rewind(f);
    }
    savefile_close(f);
    f = savefile_peek(path, MAGIC, 1, &error);
    CHECK_STR(error, NULL);
    CHECK(savefile_next(f, type, &p, &n) && n == 5);
    savefile_close(f);
}

static size_t read_file(uint8_t *buf, size_t max)
{
    FILE *f = fopen(path, "rb");
    size_t n = fread(buf, 1, max, f);

    fclose(f);
    return n;
}

static void write_file(const uint8_t *buf, size_t n)
{
    FILE *f = fopen(path, "wb");

    fwrite(buf, 1, n, f);
    fclose(f);
}

static bool opens(void)
{
    char *error = NULL;
    struct savefile *f = savefile_open(path, MAGIC, 1, &error);

    CHECK(!f == !!error);
    if (f) {
        savefile_close(f);
    }
    free(error);
    return f;
}

static void every_cut_and_every_changed_byte_is_found(void)
{
    static uint8_t good[20000], bad[20000];

    write_some("hello");
    size_t n = read_file(good, sizeof(good));

    for (size_t len = 0; len < n; len += len < 300 ? 1 : 37) {
        write_file(good, len);
        CHECK(!opens());
    }
    for (size_t i = 0; i < n; i += i < 300 ? 1 : 29) {
        memcpy(bad, good, n);
        bad[i] ^= 0x40;
        write_file(bad, n);
        CHECK(!opens());
    }
    memcpy(bad, good, n);
    write_file(bad, n + 1);
    CHECK(!opens());
    write_file(good, n);
    CHECK(opens());
}

/* Right CRCs, wrong contents: what is compressed is longer or shorter than it says. */
static void forged_lengths_are_found(void)
{
    static const uint32_t wrong[] = {0, 1, 9999, 10001, 1u << 30};
    static uint8_t good[20000], bad[20000];

    write_some("hello");
    size_t n = read_file(good, sizeof(good)), at = 16;

    while (memcmp(good + at, "ZERO", 4)) {
        at += 32 + (size_t)load_le64(good + at + 8);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        memcpy(bad, good, n);
        store_le64(bad + at + 16, wrong[i]);
        store_le32(bad + at + 28, crc32_of(bad + at, 28));
        write_file(bad, n);
        CHECK(!opens());
    }
}

static void a_writer_that_gives_up_leaves_the_old_file(void)
{
    char *error = NULL;
    static uint8_t before[20000], after[20000];

    write_some("old");
    size_t n = read_file(before, sizeof(before));
    struct savefile_writer *w = savefile_create(path, MAGIC, 1, &error);

    savefile_add(w, "INFO", "new", 3);
    savefile_abandon(w);
    CHECK(read_file(after, sizeof(after)) == n && !memcmp(before, after, n));
    CHECK(!savefile_create("/nonexistent/x", MAGIC, 1, &error));
    CHECK(error && strstr(error, "/nonexistent/x"));
    free(error);
}

static void foreign_and_newer_files_are_named(void)
{
    char *error = NULL;

    write_some("x");
    CHECK(!savefile_open(path, "ANOTHER1", 1, &error));
    CHECK(error && strstr(error, "is no saved state"));
    free(error);
    CHECK(!savefile_open(path, MAGIC, 0, &error));
    CHECK(error && strstr(error, "newer"));
    free(error);
    CHECK(!savefile_open("/nonexistent", MAGIC, 1, &error));
    CHECK(error && strstr(error, "No such file"));
    free(error);
}

static void crc_is_the_usual_one(void)
{
    CHECK_EQ(crc32_of("123456789", 9), 0xcbf43926);
    CHECK_EQ(crc32_of("", 0), 0);
}

int main(void)
{
    snprintf(path, sizeof(path), "/tmp/gnomon-savefile-%ld", (long)getpid());
    RUN(comes_back);
    RUN(every_cut_and_every_changed_byte_is_found);
    RUN(forged_lengths_are_found);
    RUN(a_writer_that_gives_up_leaves_the_old_file);
    RUN(foreign_and_newer_files_are_named);
    RUN(crc_is_the_usual_one);
    unlink(path);
    return check_done();
}
