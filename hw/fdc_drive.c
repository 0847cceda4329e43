/* SPDX-License-Identifier: MIT */
/*
 * A floppy disk drive and the medium in it: geometry by the size of the image, rate, head position.
 */
#include "hw/fdc_chip.h"

#include "base/log.h"

static const struct fdc_format {
    uint32_t bytes;
    struct fdc_geometry geometry;
    uint8_t cmos_type;
} formats[] = {
    {160 * 1024, {1, 40, 8}, CMOS_360K},    {180 * 1024, {1, 40, 9}, CMOS_360K},
    {320 * 1024, {2, 40, 8}, CMOS_360K},    {360 * 1024, {2, 40, 9}, CMOS_360K},
    {720 * 1024, {2, 80, 9}, CMOS_1440K},   {800 * 1024, {2, 80, 10}, CMOS_1440K},
    {1200 * 1024, {2, 80, 15}, CMOS_1200K}, {1440 * 1024, {2, 80, 18}, CMOS_1440K},
    {1600 * 1024, {2, 80, 20}, CMOS_1440K}, {1680 * 1024, {2, 80, 21}, CMOS_1440K},
    {1722 * 1024, {2, 82, 21}, CMOS_1440K}, {2880 * 1024, {2, 80, 36}, CMOS_2880K},
};

/* The last ones are for images that have no usual size: the first that holds it. */
static const struct fdc_format holders[] = {
    {1440 * 1024, {2, 80, 18}, CMOS_1440K},
    {1680 * 1024, {2, 80, 21}, CMOS_1440K},
    {2880 * 1024, {2, 80, 36}, CMOS_2880K},
    {UINT32_MAX, {2, 84, 63}, CMOS_2880K},
};

static struct fdc_format find_format(const struct block *b)
{
    uint64_t bytes = block_bytes(b);
    const struct fdc_format *f = holders;

    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (formats[i].bytes == bytes) {
            return formats[i];
        }
    }
    while (bytes > f->bytes && f < &holders[ARRAY_LEN(holders) - 1]) {
        f++;
    }
    log_host("floppy image '%s' has %llu bytes, no usual size: taken as %u heads, %u cylinders, "
             "%u sectors",
             block_path(b), (unsigned long long)bytes, f->geometry.heads, f->geometry.cylinders,
             f->geometry.sectors);
    return *f;
}

uint8_t fdc_type_for(const struct block *b)
{
    return find_format(b).cmos_type;
}

uint8_t fdc_insert(struct fdc_drive *d, struct block *b)
{
    d->media = b;
    d->geometry = (struct fdc_geometry){0};
    if (!b) {
        return CMOS_1440K;
    }
    struct fdc_format f = find_format(b);

    d->geometry = f.geometry;
    d->slow_media = f.geometry.sectors <= 10;
    d->fast_media = f.geometry.sectors >= 36;
    return f.cmos_type;
}

uint8_t fdc_media_rate(const struct fdc_drive *d)
{
    if (d->slow_media) {
        return d->cmos_type == CMOS_1200K ? RATE_300K : RATE_250K;
    }
    return d->fast_media ? RATE_1M : RATE_500K;
}

unsigned fdc_media_track(const struct fdc_drive *d)
{
    bool wide = d->geometry.cylinders <= 42 && d->cmos_type == CMOS_1200K;

    return wide ? d->cylinder / 2u : d->cylinder;
}

unsigned fdc_step_head(struct fdc_drive *d, int steps)
{
    int to = d->cylinder + steps;

    if (steps && d->media) {
        d->disk_changed = false;
    }
    to = to < 0 ? 0 : to;
    to = to > (int)FDC_MAX_CYLINDER ? (int)FDC_MAX_CYLINDER : to;
    d->cylinder = (uint8_t)to;
    return (unsigned)(steps < 0 ? -steps : steps);
}
