/* SPDX-License-Identifier: MIT */
/*
 * Picture files: what readers of PPM and PNG rely on.
 */
#include "host/display.h"

#include <unistd.h>

#include "tests/unit/check.h"

static size_t slurp(const char *path, uint8_t *buf, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(buf, 1, size, f) : 0;

    if (f) {
        fclose(f);
    }
    return n;
}

static void make(struct picture *p)
{
    *p = (struct picture){0};
    picture_resize(p, 2, 2);
    p->pixels[0] = 0x010203;
    p->pixels[1] = 0xff0000;
    p->pixels[2] = 0x00ff00;
    p->pixels[3] = 0x0000ff;
}

static void ppm_is_header_and_bytes(void)
{
    static const uint8_t want[] = "P6\n2 2\n255\n\1\2\3\xff\0\0\0\xff\0\0\0\xff";
    struct picture p;
    uint8_t buf[64];

    make(&p);
    CHECK(!picture_write_ppm(&p, "picture_test.out"));
    CHECK_EQ(slurp("picture_test.out", buf, sizeof(buf)), sizeof(want) - 1);
    CHECK(!memcmp(buf, want, sizeof(want) - 1));
    CHECK(access("picture_test.out.part", F_OK) != 0);
    remove("picture_test.out");
    picture_free(&p);
}

/* Signature, IHDR with its well-known sum, one IDAT of a stored block, and the end. */
static void png_has_valid_chunks(void)
{
    static const uint8_t head[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\2\0\0\0\2\x08\2\0\0\0"
                                  "\xfd\xd4\x9a\x73\0\0\0\x19IDAT\x78\1\1\x0e\0\xf1\xff";
    static const uint8_t tail[] = "\0\0\0\0IEND\xae\x42\x60\x82";
    struct picture p;
    uint8_t buf[128];
    size_t n;

    make(&p);
    CHECK(!picture_write_png(&p, "picture_test.out"));
    n = slurp("picture_test.out", buf, sizeof(buf));
    CHECK_EQ(n, 8 + 25 + 12 + 25 + 12);
    CHECK(!memcmp(buf, head, sizeof(head) - 1));
    CHECK(!memcmp(buf + n - 12, tail, sizeof(tail) - 1));
    remove("picture_test.out");
    picture_free(&p);
}

static void failure_is_a_message(void)
{
    struct picture p;
    char *error;

    make(&p);
    error = picture_write_png(&p, "no-such-folder/x.png");
    CHECK(error && strstr(error, "no-such-folder/x.png"));
    free(error);
    picture_free(&p);
}

int main(void)
{
    RUN(ppm_is_header_and_bytes);
    RUN(png_has_valid_chunks);
    RUN(failure_is_a_message);
    return check_done();
}
