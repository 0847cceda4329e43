/* SPDX-License-Identifier: MIT */
/*
 * An ATAPI CD-ROM drive (ATA/ATAPI-4, T13 1153D; packets from SFF-8020i and MMC-3) over an ISO
 * image: one data track of 2048-byte sectors.
 *
 * Every answer goes through d->data in bursts of at most the byte count that the program allows;
 * reads of the disc refill d->data until all sectors are given.
 *
 * Not modelled: audio, sub-channel data, the parity bytes of raw sectors (zeros), writing,
 * MODE SELECT.
 */
#include "hw/ide_drive.h"

#include <string.h>

#include "base/bits.h"
#include "base/endian.h"
#include "base/log.h"
#include "host/block.h"

enum {
    CMD_NOP = 0x00,
    CMD_DEVICE_RESET = 0x08,
    CMD_PACKET = 0xa0,
    CMD_IDENTIFY_PACKET = 0xa1,
    CMD_STANDBY_NOW = 0xe0,
    CMD_IDLE_NOW = 0xe1,
    CMD_CHECK_POWER = 0xe5,
    CMD_SLEEP = 0xe6,
    CMD_FLUSH = 0xe7,
    CMD_SET_FEATURES = 0xef,

    /* The interrupt reason, in the sector count register. */
    REASON_COD = 1 << 0,
    REASON_IO = 1 << 1,

    FEATURE_DMA = 1 << 0,

    WORK_PACKET = WORK_DRIVE, /* the packet is complete: execute it */
    WORK_BURST,               /* give more of what is in the buffer */
    WORK_LOAD,                /* read the disc */
    WORK_DONE,                /* end the packet command well */
    WORK_DATA,                /* IDENTIFY */
    WORK_SIMPLE,

    ATTENTION_RESET = 1 << 0,
    ATTENTION_MEDIUM = 1 << 1,

    EVENT_NONE = 0,
    EVENT_EJECT_REQUEST = 1,
    EVENT_NEW_MEDIUM = 2,
    EVENT_REMOVED = 3,

    SECTOR_DATA = 2048,
    SECTOR_RAW = 2352,
    MAIN_USER_DATA = 0x10, /* READ CD byte 9 */
    MAIN_ALL = 0xf8,

    PREGAP = 150, /* MSF addresses count from two seconds earlier */
};

/* Sense key << 16 | ASC << 8 | ASCQ. */
enum {
    SENSE_NONE = 0,
    SENSE_NO_MEDIUM_CLOSED = 0x023a01,
    SENSE_NO_MEDIUM_OPEN = 0x023a02,
    SENSE_READ_ERROR = 0x031100,
    SENSE_BAD_COMMAND = 0x052000,
    SENSE_BAD_ADDRESS = 0x052100,
    SENSE_BAD_FIELD = 0x052400,
    SENSE_NO_SAVING = 0x053900,
    SENSE_REMOVAL_PREVENTED = 0x055302,
    SENSE_BAD_MODE = 0x056400, /* not that kind of track */
    SENSE_MEDIUM_CHANGED = 0x062800,
    SENSE_WAS_RESET = 0x062900,
};

#define POWER_ACTIVE    0xff
#define ATAPI_BURST_MAX 0xfffeu

static void put_be16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put_be32(uint8_t *p, uint32_t v)
{
    put_be16(p, v >> 16);
    put_be16(p + 2, v);
}

static uint32_t get_be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get_be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | get_be16(p + 1);
}

static uint32_t get_be32(const uint8_t *p)
{
    return get_be16(p) << 16 | get_be16(p + 2);
}

static void put_msf(uint8_t *p, uint32_t lba)
{
    lba += PREGAP;
    p[0] = (uint8_t)(lba / (60 * 75));
    p[1] = (uint8_t)(lba / 75 % 60);
    p[2] = (uint8_t)(lba % 75);
}

/* Four bytes of address as TOC and sub-channel want them. */
static void put_address(uint8_t *p, uint32_t lba, bool msf)
{
    if (msf) {
        p[0] = 0;
        put_msf(p + 1, lba);
        return;
    }
    put_be32(p, lba);
}

static bool has_medium(const struct ide_drive *d)
{
    return d->media && !d->atapi.tray_open;
}

/* Ends */

static void packet_end(struct ide_drive *d, uint8_t more)
{
    d->nsector = REASON_IO | REASON_COD;
    ide_ready(d, more);
    ide_raise_intrq(d);
}

static void packet_fail(struct ide_drive *d, uint32_t sense)
{
    struct atapi *a = &d->atapi;

    log_guest(ATAPI, "packet %02x fails: sense %06x", a->packet[0], sense);
    a->sense_key = (uint8_t)(sense >> 16);
    a->asc = (uint8_t)(sense >> 8);
    a->ascq = (uint8_t)sense;
    a->left = 0;
    d->error = (uint8_t)(a->sense_key << 4 | ATA_ER_ABRT);
    packet_end(d, ATA_SR_ERR);
}

static void packet_succeed(struct ide_drive *d)
{
    packet_end(d, 0);
}

/* Data to the program */

static uint32_t byte_count_limit(const struct ide_drive *d)
{
    uint32_t limit = d->block;

    if (limit == 0 || limit == 0xffff) {
        return ATAPI_BURST_MAX;
    }
    return limit;
}

/* One burst of what lies in the buffer. Only the last one may have an odd length. By DMA: all of
 * it, and the only interrupt is that of the end. */
static void give_burst(struct ide_drive *d)
{
    struct atapi *a = &d->atapi;
    uint32_t n = a->buf_end - a->buf_pos, limit = byte_count_limit(d), start = a->buf_pos;

    if (a->dma) {
        d->nsector = REASON_IO;
        a->buf_pos = a->buf_end;
        ide_start_transfer(d, TRANSFER_DMA_IN, start, (n + 1) & ~1u);
        return;
    }
    if (n > limit) {
        n = limit > 1 ? limit & ~1u : 2;
    }
    d->lcyl = (uint8_t)n;
    d->hcyl = (uint8_t)(n >> 8);
    d->nsector = REASON_IO;
    ide_start_transfer(d, TRANSFER_IN, a->buf_pos, (n + 1) & ~1u);
    a->buf_pos += n;
    ide_raise_intrq(d);
}

/* The answer is d->data[0 .. len); the packet allowed alloc bytes. */
static void answer(struct ide_drive *d, uint32_t len, uint32_t alloc)
{
    struct atapi *a = &d->atapi;

    a->buf_pos = 0;
    a->buf_end = len < alloc ? len : alloc;
    a->left = 0;
    if (!a->buf_end) {
        packet_succeed(d);
        return;
    }
    give_burst(d);
}

/* An image may end within a sector: the rest is zeros. */
static int read_sectors(struct ide_drive *d, uint32_t lba, uint32_t count, uint8_t *buf)
{
    const uint32_t per = SECTOR_DATA / BLOCK_SECTOR;
    uint64_t start = (uint64_t)lba * per, end = block_sectors(d->media);
    uint32_t want = count * per, have = end > start ? want : 0;

    if (end - start < have) {
        have = (uint32_t)(end - start);
    }
    memset(buf + (size_t)have * BLOCK_SECTOR, 0, (size_t)(want - have) * BLOCK_SECTOR);
    return have ? block_read(d->media, start, buf, have) : 0;
}

static int read_raw_sector(struct ide_drive *d, uint32_t lba, uint8_t *buf)
{
    uint8_t msf[3];

    memset(buf, 0, SECTOR_RAW);
    memset(buf + 1, 0xff, 10);
    put_msf(msf, lba);
    for (unsigned i = 0; i < 3; i++) {
        buf[12 + i] = bcd_from_bin(msf[i]);
    }
    buf[15] = 1; /* mode 1 */
    return read_sectors(d, lba, 1, buf + 16);
}

static void load_sectors(struct ide_drive *d)
{
    struct atapi *a = &d->atapi;
    uint32_t n = ATAPI_BURST_MAX / a->sector_size;
    int err = 0;

    if (!has_medium(d) || !a->left) { /* it was changed in the midst of the command */
        packet_fail(d, has_medium(d) ? SENSE_MEDIUM_CHANGED : SENSE_NO_MEDIUM_CLOSED);
        return;
    }
    n = n < a->left ? n : a->left;
    if (a->sector_size == SECTOR_RAW) {
        for (uint32_t i = 0; i < n && !err; i++) {
            err = read_raw_sector(d, a->lba + i, d->data + (size_t)i * SECTOR_RAW);
        }
    } else {
        err = read_sectors(d, a->lba, n, d->data);
    }
    if (err) {
        packet_fail(d, SENSE_READ_ERROR);
        return;
    }
    a->lba += n;
    a->left -= n;
    a->position = a->lba - 1;
    a->buf_pos = 0;
    a->buf_end = n * a->sector_size;
    give_burst(d);
}

static void start_read(struct ide_drive *d, uint32_t lba, uint32_t count, uint16_t sector_size)
{
    struct atapi *a = &d->atapi;

    if (lba >= d->total || count > d->total - lba) {
        packet_fail(d, SENSE_BAD_ADDRESS);
        return;
    }
    if (!count) {
        packet_succeed(d);
        return;
    }
    a->lba = lba;
    a->left = count;
    a->sector_size = sector_size;
    ide_work_in(d, WORK_LOAD, IDE_NS_COMMAND);
}

/* Packets. p is the packet; the answer is built in d->data, which is cleared. */

static void packet_test_unit_ready(struct ide_drive *d, const uint8_t *p)
{
    (void)p;
    packet_succeed(d);
}

static uint32_t take_attention(struct ide_drive *d)
{
    struct atapi *a = &d->atapi;

    if (a->attention & ATTENTION_RESET) {
        a->attention &= (uint8_t)~ATTENTION_RESET;
        return SENSE_WAS_RESET;
    }
    if (a->attention & ATTENTION_MEDIUM) {
        a->attention &= (uint8_t)~ATTENTION_MEDIUM;
        return SENSE_MEDIUM_CHANGED;
    }
    return SENSE_NONE;
}

static void packet_request_sense(struct ide_drive *d, const uint8_t *p)
{
    struct atapi *a = &d->atapi;
    uint32_t sense = (uint32_t)a->sense_key << 16 | (uint32_t)a->asc << 8 | a->ascq;

    if (!sense) {
        sense = take_attention(d);
    }
    d->data[0] = 0x70;
    d->data[2] = (uint8_t)(sense >> 16);
    d->data[7] = 10;
    d->data[12] = (uint8_t)(sense >> 8);
    d->data[13] = (uint8_t)sense;
    a->sense_key = 0;
    a->asc = 0;
    a->ascq = 0;
    answer(d, 18, p[4]);
}

static void packet_inquiry(struct ide_drive *d, const uint8_t *p)
{
    if (p[1] & 1 || p[2]) {
        packet_fail(d, SENSE_BAD_FIELD);
        return;
    }
    d->data[0] = 0x05; /* CD-ROM */
    d->data[1] = 0x80; /* removable */
    d->data[3] = 0x21;
    d->data[4] = 31;
    memcpy(d->data + 8, "GNOMON  CD-ROM          1.0 ", 28);
    answer(d, 36, p[4]);
}

static void packet_start_stop(struct ide_drive *d, const uint8_t *p)
{
    struct atapi *a = &d->atapi;
    bool load_eject = p[4] & 2, start = p[4] & 1;

    if (!load_eject) {
        packet_succeed(d);
        return;
    }
    if (!start && a->locked) {
        packet_fail(d, SENSE_REMOVAL_PREVENTED);
        return;
    }
    atapi_set_tray(d, !start);
    packet_succeed(d);
}

static void packet_prevent_removal(struct ide_drive *d, const uint8_t *p)
{
    d->atapi.locked = p[4] & 1;
    packet_succeed(d);
}

static void packet_read_capacity(struct ide_drive *d, const uint8_t *p)
{
    (void)p;
    put_be32(d->data, d->total - 1);
    put_be32(d->data + 4, SECTOR_DATA);
    answer(d, 8, 8);
}

static void packet_read10(struct ide_drive *d, const uint8_t *p)
{
    start_read(d, get_be32(p + 2), get_be16(p + 7), SECTOR_DATA);
}

static void packet_read12(struct ide_drive *d, const uint8_t *p)
{
    start_read(d, get_be32(p + 2), get_be32(p + 6), SECTOR_DATA);
}

/* What both READ CD commands share: byte 1 names the kind of track, byte 9 the parts of a sector.
 */
static void read_cd(struct ide_drive *d, const uint8_t *p, uint32_t lba, uint32_t count)
{
    unsigned kind = p[1] >> 2 & 7, parts = p[9] & MAIN_ALL;

    if (kind != 0 && kind != 2) { /* any, mode 1 */
        packet_fail(d, SENSE_BAD_MODE);
        return;
    }
    if (p[9] & 0x06 || p[10] & 7 || (parts && parts != MAIN_USER_DATA && parts != MAIN_ALL)) {
        packet_fail(d, SENSE_BAD_FIELD);
        return;
    }
    if (!parts) {
        packet_succeed(d);
        return;
    }
    start_read(d, lba, count, parts == MAIN_ALL ? SECTOR_RAW : SECTOR_DATA);
}

static void packet_read_cd(struct ide_drive *d, const uint8_t *p)
{
    read_cd(d, p, get_be32(p + 2), get_be24(p + 6));
}

static uint32_t lba_from_msf(const uint8_t *p)
{
    return (p[0] * 60u + p[1]) * 75u + p[2] - PREGAP;
}

static void packet_read_cd_msf(struct ide_drive *d, const uint8_t *p)
{
    uint32_t first = lba_from_msf(p + 3), end = lba_from_msf(p + 6);

    if (end < first) {
        packet_fail(d, SENSE_BAD_FIELD);
        return;
    }
    read_cd(d, p, first, end - first);
}

static void packet_seek(struct ide_drive *d, const uint8_t *p)
{
    uint32_t lba = get_be32(p + 2);

    if (lba >= d->total) {
        packet_fail(d, SENSE_BAD_ADDRESS);
        return;
    }
    d->atapi.position = lba;
    ide_work_in(d, WORK_DONE, IDE_NS_COMMAND);
}

static void packet_read_header(struct ide_drive *d, const uint8_t *p)
{
    uint32_t lba = get_be32(p + 2);

    if (lba >= d->total) {
        packet_fail(d, SENSE_BAD_ADDRESS);
        return;
    }
    d->data[0] = 1;
    put_address(d->data + 4, lba, p[1] & 2);
    answer(d, 8, get_be16(p + 7));
}

static void packet_read_subchannel(struct ide_drive *d, const uint8_t *p)
{
    bool msf = p[1] & 2;
    uint32_t len = 4;

    d->data[1] = 0x15; /* no audio status to return */
    if (p[2] & 0x40) {
        if (p[3] == 1) {
            d->data[5] = 0x14;
            d->data[6] = 1;
            d->data[7] = 1;
            put_address(d->data + 8, d->atapi.position, msf);
            put_address(d->data + 12, d->atapi.position, msf);
            len = 16;
        } else if (p[3] == 2 || p[3] == 3) { /* catalogue number, ISRC: none recorded */
            d->data[4] = p[3];
            len = 24;
        } else {
            packet_fail(d, SENSE_BAD_FIELD);
            return;
        }
        d->data[4] = p[3];
    }
    put_be16(d->data + 2, len - 4);
    answer(d, len, get_be16(p + 7));
}

/* READ TOC */

static uint32_t toc_tracks(struct ide_drive *d, unsigned first, bool msf)
{
    uint8_t *q = d->data + 4;

    d->data[2] = 1;
    d->data[3] = 1;
    if (first <= 1) {
        q[1] = 0x14;
        q[2] = 1;
        put_address(q + 4, 0, msf);
        q += 8;
    }
    q[1] = 0x14;
    q[2] = 0xaa;
    put_address(q + 4, d->total, msf);
    return (uint32_t)(q + 8 - d->data);
}

static uint32_t toc_sessions(struct ide_drive *d, bool msf)
{
    d->data[2] = 1;
    d->data[3] = 1;
    d->data[5] = 0x14;
    d->data[6] = 1;
    put_address(d->data + 8, 0, msf);
    return 12;
}

static uint32_t toc_raw(struct ide_drive *d)
{
    static const uint8_t points[] = {0xa0, 0xa1, 0xa2, 0x01};
    uint8_t *q = d->data + 4;

    d->data[2] = 1;
    d->data[3] = 1;
    for (size_t i = 0; i < sizeof(points); i++, q += 11) {
        q[0] = 1;
        q[1] = 0x14;
        q[3] = points[i];
        switch (points[i]) {
        case 0xa0:
        case 0xa1: q[8] = 1; break; /* first and last track */
        case 0xa2: put_msf(q + 8, d->total); break;
        default: put_msf(q + 8, 0); break;
        }
    }
    return (uint32_t)(q - d->data);
}

static void packet_read_toc(struct ide_drive *d, const uint8_t *p)
{
    unsigned format = p[2] & 0x0f ? p[2] & 0x0fu : p[9] >> 6; /* SFF-8020i has it in byte 9 */
    bool msf = p[1] & 2;
    uint32_t len;

    switch (format) {
    case 0:
        if (p[6] > 1 && p[6] != 0xaa) {
            packet_fail(d, SENSE_BAD_FIELD);
            return;
        }
        len = toc_tracks(d, p[6], msf);
        break;
    case 1: len = toc_sessions(d, msf); break;
    case 2: len = toc_raw(d); break;
    default: packet_fail(d, SENSE_BAD_FIELD); return;
    }
    put_be16(d->data, len - 2);
    answer(d, len, get_be16(p + 7));
}

/* GET CONFIGURATION */

struct feature {
    uint16_t code;
    uint8_t flags, len;
    uint8_t data[8];
};

static const struct feature features[] = {
    {0x0000, 0x03, 4, {0x00, 0x08}},                            /* profile list: CD-ROM */
    {0x0001, 0x0b, 8, {0, 0, 0, 2, 1}},                         /* core: ATAPI */
    {0x0002, 0x07, 4, {0x02}},                                  /* morphing */
    {0x0003, 0x03, 4, {0x29}},                                  /* removable: tray, eject, lock */
    {0x0010, 0x01, 8, {0, 0, SECTOR_DATA >> 8, 0, 0, 1, 0, 0}}, /* random readable */
    {0x001e, 0x09, 4, {0}},                                     /* CD read */
    {0x0100, 0x03, 0, {0}},                                     /* power management */
};

static void packet_get_configuration(struct ide_drive *d, const uint8_t *p)
{
    unsigned which = p[1] & 3, start = get_be16(p + 2);
    uint8_t *q = d->data + 8;

    for (size_t i = 0; i < ARRAY_LEN(features); i++) {
        const struct feature *f = &features[i];
        uint8_t flags = f->flags;

        if (!has_medium(d) && (f->code == 0x0010 || f->code == 0x001e)) {
            flags &= (uint8_t)~1;
        }
        if (f->code < start || (which == 1 && !(flags & 1)) || (which == 2 && f->code != start)) {
            continue;
        }
        put_be16(q, f->code);
        q[2] = flags;
        q[3] = f->len;
        memcpy(q + 4, f->data, f->len);
        if (f->code == 0) {
            q[6] = has_medium(d); /* the profile is current */
        }
        q += 4 + f->len;
    }
    put_be32(d->data, (uint32_t)(q - d->data) - 4);
    put_be16(d->data + 6, has_medium(d) ? 0x0008 : 0);
    answer(d, (uint32_t)(q - d->data), get_be16(p + 7));
}

static void packet_get_event(struct ide_drive *d, const uint8_t *p)
{
    struct atapi *a = &d->atapi;

    if (!(p[1] & 1)) { /* asynchronous notification needs queuing */
        packet_fail(d, SENSE_BAD_FIELD);
        return;
    }
    d->data[3] = 1 << 4; /* media events are what we have */
    if (!(p[4] & 1 << 4)) {
        put_be16(d->data, 2);
        d->data[2] = 0x80;
        answer(d, 4, get_be16(p + 7));
        return;
    }
    put_be16(d->data, 6);
    d->data[2] = 4;
    d->data[4] = a->media_event;
    d->data[5] = (uint8_t)(a->tray_open | (has_medium(d) ? 2 : 0));
    if (get_be16(p + 7) > 4) {
        a->media_event = EVENT_NONE;
    }
    answer(d, 8, get_be16(p + 7));
}

static void packet_read_disc_info(struct ide_drive *d, const uint8_t *p)
{
    put_be16(d->data, 32);
    d->data[2] = 0x0e; /* complete, last session complete, not erasable */
    d->data[3] = 1;
    d->data[4] = 1;
    d->data[5] = 1;
    d->data[6] = 1;
    d->data[7] = 0x20; /* unrestricted use */
    memset(d->data + 16, 0xff, 8);
    answer(d, 34, get_be16(p + 7));
}

static void packet_read_track_info(struct ide_drive *d, const uint8_t *p)
{
    put_be16(d->data, 34);
    d->data[2] = 1;
    d->data[3] = 1;
    d->data[5] = 0x04; /* data track */
    d->data[6] = 0x01; /* mode 1 */
    put_be32(d->data + 24, d->total);
    answer(d, 36, get_be16(p + 7));
}

static void packet_mechanism_status(struct ide_drive *d, const uint8_t *p)
{
    d->data[1] = d->atapi.tray_open ? 0x10 : 0;
    d->data[5] = 1;
    answer(d, 8, get_be16(p + 8));
}

/* MODE SENSE */

struct mode_page {
    uint8_t code, len; /* len of what follows the length byte */
    uint8_t data[22];
};

static const struct mode_page mode_pages[] = {
    {0x01, 0x06, {0x00, 0x05}},                         /* error recovery: 5 retries */
    {0x0d, 0x06, {0x00, 0x0d, 0x00, 0x3c, 0x00, 0x4b}}, /* CD: 60 s a minute, 75 frames a second */
    {0x0e, 0x0e, {0x04, 0, 0, 0, 0, 0x4b, 1, 0xff, 2, 0xff}}, /* audio control */
    /* Capabilities: reads mode 1 and 2; lock, eject, tray; 8x, 512 KB buffer. */
    {0x2a, 0x12, {0, 0, 0x70, 0x00, 0x29, 0x00, 0x05, 0x82, 0x00, 0x00, 0x02, 0x00, 0x05, 0x82}},
};

/* Appends the pages to d->data + at; 0 if there is no such page. */
static uint32_t put_mode_pages(struct ide_drive *d, unsigned page, unsigned control, uint32_t at)
{
    uint32_t start = at;

    for (size_t i = 0; i < ARRAY_LEN(mode_pages); i++) {
        const struct mode_page *m = &mode_pages[i];

        if (page != 0x3f && page != m->code) {
            continue;
        }
        d->data[at] = m->code;
        d->data[at + 1] = m->len;
        if (control != 1) { /* 1 asks what can be changed: nothing */
            memcpy(d->data + at + 2, m->data, m->len);
            if (m->code == 0x2a && d->atapi.locked) {
                d->data[at + 6] |= 0x02;
            }
        }
        at += 2u + m->len;
    }
    return at == start ? 0 : at;
}

static void mode_sense(struct ide_drive *d, const uint8_t *p, uint32_t header, uint32_t alloc)
{
    unsigned control = p[2] >> 6;
    uint8_t medium = d->atapi.tray_open ? 0x71 : d->media ? 0x01 : 0x70;

    if (control == 3) {
        packet_fail(d, SENSE_NO_SAVING);
        return;
    }
    uint32_t len = put_mode_pages(d, p[2] & 0x3f, control, header);

    if (!len) {
        packet_fail(d, SENSE_BAD_FIELD);
        return;
    }
    if (header == 8) {
        put_be16(d->data, len - 2);
        d->data[2] = medium;
    } else {
        d->data[0] = (uint8_t)(len - 1);
        d->data[1] = medium;
    }
    answer(d, len, alloc);
}

static void packet_mode_sense6(struct ide_drive *d, const uint8_t *p)
{
    mode_sense(d, p, 4, p[4]);
}

static void packet_mode_sense10(struct ide_drive *d, const uint8_t *p)
{
    mode_sense(d, p, 8, get_be16(p + 7));
}

enum {
    NEEDS_MEDIUM = 1 << 0,
    IGNORES_ATTENTION = 1 << 1, /* runs while a unit attention waits */
};

static const struct packet_command {
    uint8_t code, flags;
    void (*run)(struct ide_drive *d, const uint8_t *p);
} packet_commands[] = {
    {0x00, NEEDS_MEDIUM, packet_test_unit_ready},
    {0x03, IGNORES_ATTENTION, packet_request_sense},
    {0x12, IGNORES_ATTENTION, packet_inquiry},
    {0x1a, 0, packet_mode_sense6},
    {0x1b, 0, packet_start_stop},
    {0x1e, 0, packet_prevent_removal},
    {0x25, NEEDS_MEDIUM, packet_read_capacity},
    {0x28, NEEDS_MEDIUM, packet_read10},
    {0x2b, NEEDS_MEDIUM, packet_seek},
    {0x35, NEEDS_MEDIUM, packet_test_unit_ready}, /* SYNCHRONIZE CACHE: nothing to write */
    {0x42, NEEDS_MEDIUM, packet_read_subchannel},
    {0x43, NEEDS_MEDIUM, packet_read_toc},
    {0x44, NEEDS_MEDIUM, packet_read_header},
    {0x46, IGNORES_ATTENTION, packet_get_configuration},
    {0x4a, IGNORES_ATTENTION, packet_get_event},
    {0x51, NEEDS_MEDIUM, packet_read_disc_info},
    {0x52, NEEDS_MEDIUM, packet_read_track_info},
    {0x5a, 0, packet_mode_sense10},
    {0xa8, NEEDS_MEDIUM, packet_read12},
    {0xb9, NEEDS_MEDIUM, packet_read_cd_msf},
    {0xbb, 0, packet_test_unit_ready}, /* SET CD SPEED: any will do */
    {0xbd, 0, packet_mechanism_status},
    {0xbe, NEEDS_MEDIUM, packet_read_cd},
};

static const struct packet_command *find_packet(uint8_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(packet_commands); i++) {
        if (packet_commands[i].code == code) {
            return &packet_commands[i];
        }
    }
    return NULL;
}

static void run_packet(struct ide_drive *d)
{
    struct atapi *a = &d->atapi;
    const uint8_t *p = a->packet;
    const struct packet_command *c = find_packet(p[0]);

    log_guest(ATAPI, "packet %02x %02x %08x %08x", p[0], p[1], get_be32(p + 2), get_be32(p + 6));
    a->left = 0;
    memset(d->data, 0, 512);
    if (!c) {
        packet_fail(d, SENSE_BAD_COMMAND);
        return;
    }
    if (!(c->flags & IGNORES_ATTENTION)) {
        uint32_t attention = take_attention(d);

        if (attention) {
            packet_fail(d, attention);
            return;
        }
    }
    if (c->flags & NEEDS_MEDIUM && !has_medium(d)) {
        packet_fail(d, a->tray_open ? SENSE_NO_MEDIUM_OPEN : SENSE_NO_MEDIUM_CLOSED);
        return;
    }
    if (p[0] != 0x03) {
        a->sense_key = 0;
        a->asc = 0;
        a->ascq = 0;
    }
    c->run(d, p);
}

/* ATA commands */

static void fill_identify(struct ide_drive *d)
{
    uint8_t *id = d->data;

    memset(id, 0, BLOCK_SECTOR);
    id[0] = 0xc0; /* removable, DRQ within 50 us, 12-byte packets */
    id[1] = 0x85; /* ATAPI, CD-ROM */
    ide_put_string(id, 10, 10, d->serial);
    ide_put_string(id, 23, 4, "1.0");
    ide_put_string(id, 27, 20, "GNOMON CD-ROM");
    id[48 * 2] = 1;        /* 32-bit accesses to the data register work */
    id[49 * 2 + 1] = 0x0a; /* LBA, IORDY */
    id[51 * 2 + 1] = 2;
    id[53 * 2] = 6;
    if (ide_has_dma(d)) {
        id[49 * 2 + 1] |= 0x01;
        store_le16(id + 63 * 2, (uint16_t)ide_dma_modes(d, 0x20, 2));
        id[65 * 2] = 120;
        id[66 * 2] = 120;
        store_le16(id + 88 * 2, (uint16_t)ide_dma_modes(d, 0x40, 5));
        store_le16(id + 93 * 2, 0x6001);
    }
    id[64 * 2] = 3; /* PIO modes 3 and 4 */
    id[67 * 2] = 120;
    id[68 * 2] = 120;
    id[80 * 2] = 0x1e;
    id[82 * 2] = 0x10;     /* PACKET */
    id[82 * 2 + 1] = 0x42; /* DEVICE RESET, NOP */
    id[83 * 2 + 1] = 0x40;
    id[84 * 2 + 1] = 0x40;
    id[85 * 2] = 0x10;
    id[85 * 2 + 1] = 0x42;
    id[87 * 2 + 1] = 0x40;
}

/* The signature shows where a disk's commands fail, so that drivers learn what this is. */
static void put_signature(struct ide_drive *d)
{
    d->nsector = 1;
    d->sector = 1;
    d->lcyl = 0x14;
    d->hcyl = 0xeb;
}

static void atapi_signature(struct ide_drive *d)
{
    put_signature(d);
    d->error = 1;
    d->select = 0;
    ide_ready(d, 0);
    d->status = 0;
}

static void atapi_command(struct ide_drive *d)
{
    switch (d->command) {
    case CMD_PACKET:
        if (d->feature & FEATURE_DMA && !ide_has_dma(d)) {
            ide_fail(d, ATA_ER_ABRT);
            break;
        }
        d->atapi.dma = d->feature & FEATURE_DMA;
        d->block = d->hcyl * 256u + d->lcyl;
        d->nsector = REASON_COD;
        ide_start_transfer(d, TRANSFER_OUT, 0, sizeof(d->atapi.packet));
        break;
    case CMD_IDENTIFY_PACKET:
        fill_identify(d);
        ide_work_in(d, WORK_DATA, IDE_NS_COMMAND);
        break;
    case CMD_DEVICE_RESET:
        d->atapi.left = 0;
        atapi_signature(d); /* no interrupt */
        break;
    case CMD_SET_FEATURES:
        if (d->feature == 0x03 && ide_set_mode(d, d->nsector)) {
            ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
            break;
        }
        if (d->feature == 0x66 || d->feature == 0xcc) {
            ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
            break;
        }
        ide_fail(d, ATA_ER_ABRT);
        break;
    case CMD_CHECK_POWER:
        d->nsector = POWER_ACTIVE;
        ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
        break;
    case CMD_STANDBY_NOW:
    case CMD_IDLE_NOW:
    case CMD_SLEEP:
    case CMD_FLUSH: ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND); break;
    default:
        if (d->command != CMD_NOP) {
            put_signature(d);
        }
        ide_fail(d, ATA_ER_ABRT);
        break;
    }
}

static void atapi_work(struct ide_drive *d)
{
    uint8_t work = d->work;

    d->work = WORK_NONE;
    switch (work) {
    case WORK_PACKET: run_packet(d); break;
    case WORK_BURST: give_burst(d); break;
    case WORK_LOAD: load_sectors(d); break;
    case WORK_DONE: packet_succeed(d); break;
    case WORK_DATA:
        ide_start_transfer(d, TRANSFER_IN, 0, BLOCK_SECTOR);
        ide_raise_intrq(d);
        break;
    default:
        ide_ready(d, 0);
        ide_raise_intrq(d);
        break;
    }
}

static void atapi_data_done(struct ide_drive *d)
{
    struct atapi *a = &d->atapi;

    if (d->command != CMD_PACKET) {
        ide_ready(d, 0);
        return;
    }
    if (d->transfer == TRANSFER_OUT) {
        memcpy(a->packet, d->data, sizeof(a->packet));
        ide_work_in(d, WORK_PACKET, IDE_NS_BLOCK);
        return;
    }
    uint8_t next = a->buf_pos < a->buf_end ? WORK_BURST : a->left ? WORK_LOAD : WORK_DONE;

    ide_work_in(d, next, IDE_NS_BLOCK);
}

static void atapi_reset(struct ide_drive *d, bool hard)
{
    struct atapi *a = &d->atapi;

    a->left = 0;
    a->buf_pos = 0;
    a->buf_end = 0;
    if (hard) {
        d->dma_mode = 0;
        a->locked = false;
        a->sense_key = 0;
        a->asc = 0;
        a->ascq = 0;
        a->attention = ATTENTION_RESET;
    }
}

static void set_media(struct ide_drive *d, struct block *block)
{
    d->media = block;
    d->total = 0;
    if (block) {
        uint64_t n = (block_bytes(block) + SECTOR_DATA - 1) / SECTOR_DATA;

        d->total = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    }
}

static void medium_arrived(struct atapi *a)
{
    a->attention |= ATTENTION_MEDIUM;
    a->media_event = EVENT_NEW_MEDIUM;
}

/* What lies on an open tray is noticed when it closes. */
void atapi_media_changed(struct ide_drive *d, struct block *block)
{
    struct atapi *a = &d->atapi;

    if (d->media && !a->tray_open) {
        a->media_event = EVENT_REMOVED;
    }
    block_close(d->media);
    set_media(d, block);
    a->left = 0;
    a->position = 0;
    if (block && !a->tray_open) {
        medium_arrived(a);
    }
}

void atapi_set_tray(struct ide_drive *d, bool open)
{
    struct atapi *a = &d->atapi;

    if (d->media && !open && a->tray_open) {
        medium_arrived(a);
    } else if (d->media && open && !a->tray_open) {
        a->media_event = EVENT_REMOVED;
        a->left = 0;
    }
    a->tray_open = open;
}

void atapi_request_eject(struct ide_drive *d, bool force)
{
    struct atapi *a = &d->atapi;

    a->media_event = EVENT_EJECT_REQUEST;
    a->locked = a->locked && !force;
}

void atapi_attach(struct ide_drive *d)
{
    set_media(d, d->media);
}

void atapi_loaded(struct ide_drive *d)
{
    struct atapi *a = &d->atapi;

    if (a->buf_end > ATAPI_BURST_MAX || a->buf_pos > a->buf_end || a->buf_pos & 1) {
        a->buf_pos = 0;
        a->buf_end = 0;
    }
    /* With nothing to give, these would start an empty burst. */
    if (d->work == WORK_BURST && a->buf_pos == a->buf_end) {
        d->work = WORK_DONE;
    }
    if (!a->left || a->lba >= d->total || a->left > d->total - a->lba) {
        a->left = 0;
        if (d->work == WORK_LOAD) {
            d->work = WORK_DONE;
        }
    }
    if (a->sector_size != SECTOR_RAW) {
        a->sector_size = SECTOR_DATA;
    }
}

const struct state_field atapi_state[] = {
    STATE(struct atapi, packet),      STATE(struct atapi, sense_key),
    STATE(struct atapi, asc),         STATE(struct atapi, ascq),
    STATE(struct atapi, media_event), STATE(struct atapi, attention),
    STATE(struct atapi, locked),      STATE(struct atapi, tray_open),
    STATE(struct atapi, dma),         STATE(struct atapi, sector_size),
    STATE(struct atapi, lba),         STATE(struct atapi, left),
    STATE(struct atapi, position),    STATE(struct atapi, buf_pos),
    STATE(struct atapi, buf_end),     STATE_END,
};

const struct ide_drive_ops atapi_ops = {
    .reset = atapi_reset,
    .signature = atapi_signature,
    .command = atapi_command,
    .work = atapi_work,
    .data_done = atapi_data_done,
};
