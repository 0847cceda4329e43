/* SPDX-License-Identifier: MIT */
/*
 * Pictures as files: PPM (P6) and PNG (ISO/IEC 15948). The PNG's data is stored, not compressed, so
 * that no library is needed. A file is written under a temporary name and renamed: readers never
 * see half of one.
 */
#include "host/display.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"

#define STORED_MAX 65535u /* bytes in a stored block of RFC 1951 */

void picture_resize(struct picture *p, uint32_t width, uint32_t height)
{
    if (p->pixels && p->width == width && p->height == height) {
        return;
    }
    size_t count = (size_t)width * height;

    p->pixels = xrealloc(p->pixels, (count ? count : 1) * sizeof(*p->pixels));
    p->width = width;
    p->height = height;
}

void picture_free(struct picture *p)
{
    free(p->pixels);
    memset(p, 0, sizeof(*p));
}

static uint8_t *put_rgb(uint8_t *to, const uint32_t *pixels, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        *to++ = (uint8_t)(pixels[i] >> 16);
        *to++ = (uint8_t)(pixels[i] >> 8);
        *to++ = (uint8_t)pixels[i];
    }
    return to;
}

static char *write_file(const char *path, const uint8_t *data, size_t len)
{
    char *temp = xasprintf("%s.part", path);
    char *error = NULL;
    FILE *f = fopen(temp, "wb");

    if (!f) {
        error = xasprintf("failed to open file '%s': %s", path, strerror(errno));
    } else {
        bool bad = fwrite(data, 1, len, f) != len;
        int why = errno;

        if (fclose(f) != 0 && !bad) {
            bad = true;
            why = errno;
        }
        if (!bad && rename(temp, path) != 0) {
            bad = true;
            why = errno;
        }
        if (bad) {
            error = xasprintf("cannot write %s: %s", path, strerror(why));
            remove(temp);
        }
    }
    free(temp);
    return error;
}

char *picture_write_ppm(const struct picture *p, const char *path)
{
    size_t pixels = (size_t)p->width * p->height;
    uint8_t *data = xmalloc(pixels * 3 + 64);
    int head = snprintf((char *)data, 64, "P6\n%u %u\n255\n", p->width, p->height);
    uint8_t *end = put_rgb(data + head, p->pixels, (uint32_t)pixels);
    char *error = write_file(path, data, (size_t)(end - data));

    free(data);
    return error;
}

/* PNG */

static uint32_t adler32(const uint8_t *data, size_t len)
{
    uint32_t a = 1, b = 0;

    for (size_t i = 0; i < len; i++) {
        a = (a + data[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static uint8_t *put_be32(uint8_t *to, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        *to++ = (uint8_t)(v >> shift);
    }
    return to;
}

/* A chunk whose data may be NULL: then it already lies in place. */
static uint8_t *put_chunk(uint8_t *to, const char *type, const uint8_t *data, uint32_t len)
{
    uint8_t *start = put_be32(to, len);

    memcpy(start, type, 4);
    if (data) {
        memcpy(start + 4, data, len);
    }
    return put_be32(start + 4 + len, crc32_of(start, (size_t)len + 4));
}

/* The zlib stream (RFC 1950) of stored blocks. */
static uint8_t *put_stored(uint8_t *to, const uint8_t *data, size_t len)
{
    uint32_t sum = adler32(data, len);

    *to++ = 0x78;
    *to++ = 0x01;
    do {
        unsigned n = len > STORED_MAX ? STORED_MAX : (unsigned)len;

        *to++ = n == len;
        *to++ = (uint8_t)n;
        *to++ = (uint8_t)(n >> 8);
        *to++ = (uint8_t)~n;
        *to++ = (uint8_t)(~n >> 8);
        memcpy(to, data, n);
        to += n;
        data += n;
        len -= n;
    } while (len);
    return put_be32(to, sum);
}

char *picture_write_png(const struct picture *p, const char *path)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    size_t row = (size_t)p->width * 3 + 1, raw_len = row * p->height;
    uint8_t *raw = xmalloc(raw_len + 1);
    uint8_t *out = xmalloc(raw_len + raw_len / STORED_MAX * 5 + 128);
    uint8_t *at = raw, *to = out;
    uint8_t header[13];

    for (uint32_t y = 0; y < p->height; y++) {
        *at++ = 0; /* filter: none */
        at = put_rgb(at, p->pixels + (size_t)y * p->width, p->width);
    }
    put_be32(header, p->width);
    put_be32(header + 4, p->height);
    memcpy(header + 8, "\x08\x02\0\0", 5); /* 8 bits, RGB */

    memcpy(to, signature, sizeof(signature));
    to = put_chunk(to + sizeof(signature), "IHDR", header, sizeof(header));
    uint8_t *stream = to + 8;
    uint32_t stream_len = (uint32_t)(put_stored(stream, raw, raw_len) - stream);

    to = put_chunk(to, "IDAT", NULL, stream_len);
    to = put_chunk(to, "IEND", NULL, 0);
    char *error = write_file(path, out, (size_t)(to - out));

    free(out);
    free(raw);
    return error;
}
