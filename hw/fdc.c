/* SPDX-License-Identifier: MIT */
/*
 * Intel 82077AA floppy disk controller and its drives (data sheet 290166-007), at 3F0h-3F5h and
 * 3F7h.
 *
 * A sector moves at once, by DMA or through the data register, at the end of its (shortened) time
 * on the disk. Without a medium or with the motor off there are no index pulses, so a command waits
 * until the program resets the controller, as the chip does.
 *
 * Not modelled: FM recording, sectors other than 512 bytes, deleted data marks (WRITE DELETED
 * writes normal ones), overruns in non-DMA mode, the index and write-data bits of the status
 * registers A and B, tape drives, power down.
 */
#include "hw/fdc.h"

#include <string.h>

#include "base/log.h"
#include "base/state.h"
#include "host/block.h"
#include "hw/device.h"
#include "hw/dma.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    DOR_DRIVE = 0x03,
    DOR_RESET = 1 << 2, /* 0 holds the controller in reset */
    DOR_DMAGATE = 1 << 3,
    DOR_MOTOR0 = 1 << 4,

    DSR_RESET = 1 << 7,

    MSR_CMDBUSY = 1 << 4,
    MSR_NONDMA = 1 << 5,
    MSR_DIO = 1 << 6,
    MSR_RQM = 1 << 7,

    DIR_DSKCHG = 1 << 7,

    SRA_INT = 1 << 7,
    SRA_DRV2 = 1 << 6, /* 0: a second drive is installed */
    SRA_TRK0 = 1 << 4, /* 0: at track 0 */
    SRA_HDSEL = 1 << 3,
    SRA_INDX = 1 << 2,
    SRA_WP = 1 << 1, /* 0: write protected */

    ST0_HEAD = 1 << 2,
    ST0_EC = 1 << 4,
    ST0_SE = 1 << 5,
    ST0_ABNORMAL = 0x40,
    ST0_INVALID = 0x80,
    ST0_POLL = 0xc0,

    ST1_MA = 1 << 0,
    ST1_NW = 1 << 1,
    ST1_ND = 1 << 2,
    ST1_OR = 1 << 4,
    ST1_DE = 1 << 5,
    ST1_EN = 1 << 7,

    ST2_WC = 1 << 4,
    ST2_DD = 1 << 5,
    ST2_CM = 1 << 6,

    ST3_HEAD = 1 << 2,
    ST3_TWO_SIDE = 1 << 3, /* always 1 on this chip, as READY is */
    ST3_T0 = 1 << 4,
    ST3_READY = 1 << 5,
    ST3_WP = 1 << 6,

    CMD_SK = 1 << 5,
    CMD_MF = 1 << 6,
    CMD_MT = 1 << 7,

    CONFIG_POLL = 1 << 4,  /* 1: polling disabled */
    CONFIG_EFIFO = 1 << 5, /* 1: FIFO disabled */
    CONFIG_EIS = 1 << 6,

    VERIFY_EC = 1 << 7,
    SPECIFY_ND = 1 << 0,

    RATE_500K = 0,
    RATE_300K = 1,
    RATE_250K = 2,
    RATE_1M = 3,

    CMOS_NONE = 0,
    CMOS_360K = 1,
    CMOS_1200K = 2,
    CMOS_1440K = 4,
    CMOS_2880K = 5,
};

/* Shorter than on a disk, but never nothing: drivers must see the busy states. */
#define FDC_NS_RESET  20000u
#define FDC_NS_STEP   20000u
#define FDC_NS_ACCESS 100000u /* head load and the wait for the first sector */
#define FDC_NS_SECTOR 40000u

#define FDC_DMA               2u
#define FDC_DRIVES            4u /* the chip's; two have connectors */
#define FDC_MAX_CYLINDER      83u
#define FDC_RECALIBRATE_STEPS 79u
#define FDC_SIZE_CODE         2u /* N of 512-byte sectors */

enum fdc_phase { PHASE_RESET, PHASE_COMMAND, PHASE_EXECUTE, PHASE_RESULT };

enum fdc_operation {
    OP_NONE,
    OP_READ,
    OP_READ_DELETED,
    OP_READ_TRACK,
    OP_READ_ID,
    OP_WRITE,
    OP_VERIFY,
    OP_FORMAT,
};

struct fdc_drive {
    uint8_t pcn;      /* the controller's idea of the cylinder */
    uint8_t cylinder; /* where the head really is */
    uint8_t rotation; /* sector that passes next, from 0 */
    uint8_t seek_st0; /* what SENSE INTERRUPT will say */
    bool seeking;
    bool sense_pending;
    bool disk_changed;
    struct clock_event seek_event;

    /* Not saved: the medium and the wiring. */
    struct block *media;
    struct fdc_geometry geometry;
    uint8_t cmos_type;
    bool present;
    bool slow_media; /* a 250 kbit/s medium: 300 in a 1.2 MB drive, which turns faster */
    bool fast_media; /* 1 Mbit/s */
    struct fdc *fdc;
};

struct fdc {
    uint8_t dor, tdr, dsr, rate;
    uint8_t phase;      /* enum fdc_phase */
    uint8_t operation;  /* enum fdc_operation, in PHASE_EXECUTE */
    uint8_t specify[2]; /* SRT HUT, HLT ND */
    uint8_t config, pretrk, perpendicular;
    bool lock;
    bool int_pending;    /* before DMAGATE */
    uint8_t reset_sense; /* drives still to be named by SENSE INTERRUPT after a reset */
    uint8_t fifo[16];    /* command or result bytes */
    uint8_t fifo_pos, fifo_len;

    /* The command in execution. */
    uint8_t command, unit, head; /* unit: drive 0-3 */
    uint8_t c, h, r, n, eot, dtl;
    uint8_t st1, st2;
    uint16_t sectors_left; /* FORMAT, VERIFY, READ TRACK */
    bool pio;              /* the data register moves buf now */
    uint16_t pio_pos, pio_len;
    uint8_t buf[BLOCK_SECTOR];
    struct clock_event work_event;
    struct fdc_drive drive[FDC_DRIVES];

    /* Wiring, set once by fdc_create(); not saved. */
    struct line irq;
    struct dma *dma;
};

struct fdc_command {
    uint8_t mask, value, params;
    void (*run)(struct fdc *s);
};

/* Media */

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

/* Returns the type of drive that the medium was made for. */
static uint8_t drive_insert(struct fdc_drive *d, struct block *b)
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

static uint8_t media_rate(const struct fdc_drive *d)
{
    if (d->slow_media) {
        return d->cmos_type == CMOS_1200K ? RATE_300K : RATE_250K;
    }
    return d->fast_media ? RATE_1M : RATE_500K;
}

/* A 40-track disk in an 80-track drive is stepped twice for each track. */
static unsigned media_track(const struct fdc_drive *d)
{
    bool wide = d->geometry.cylinders <= 42 && d->cmos_type == CMOS_1200K;

    return wide ? d->cylinder / 2u : d->cylinder;
}

/* Lines */

static void fdc_update_irq(struct fdc *s)
{
    line_set(&s->irq, s->int_pending && s->dor & DOR_DMAGATE);
}

static void fdc_raise_int(struct fdc *s)
{
    s->int_pending = true;
    fdc_update_irq(s);
}

static void fdc_lower_int(struct fdc *s)
{
    s->int_pending = false;
    fdc_update_irq(s);
}

static bool motor_on(const struct fdc *s, unsigned unit)
{
    return s->dor >> unit & DOR_MOTOR0;
}

/* Results */

static void enter_command(struct fdc *s)
{
    s->phase = PHASE_COMMAND;
    s->operation = OP_NONE;
    s->pio = false;
    s->fifo_pos = 0;
    s->fifo_len = 0;
}

/* fifo[0 .. len) is filled in. */
static void enter_result(struct fdc *s, unsigned len)
{
    s->phase = PHASE_RESULT;
    s->operation = OP_NONE;
    s->pio = false;
    s->fifo_pos = 0;
    s->fifo_len = (uint8_t)len;
}

static void result_byte(struct fdc *s, uint8_t val)
{
    s->fifo[0] = val;
    enter_result(s, 1);
}

/* Ends a data command: seven result bytes and an interrupt. */
static void finish(struct fdc *s, uint8_t st0, uint8_t st1, uint8_t st2)
{
    s->fifo[0] = (uint8_t)(st0 | s->head << 2 | s->unit);
    s->fifo[1] = s->st1 | st1;
    s->fifo[2] = s->st2 | st2;
    s->fifo[3] = s->c;
    s->fifo[4] = s->h;
    s->fifo[5] = s->r;
    s->fifo[6] = s->n;
    log_guest(FDC, "result %02x %02x %02x, next %u/%u/%u", s->fifo[0], s->fifo[1], s->fifo[2], s->c,
              s->h, s->r);
    s->reset_sense = 0;
    dma_request(s->dma, FDC_DMA, false);
    enter_result(s, 7);
    fdc_raise_int(s);
}

static void fail(struct fdc *s, uint8_t st1, uint8_t st2)
{
    finish(s, ST0_ABNORMAL, st1, st2);
}

/* The sector on the disk */

static bool uses_dma(const struct fdc *s)
{
    return !(s->specify[1] & SPECIFY_ND);
}

/* Looks for the ID the command names. Status register 1 bits, 0 if it is there; s->st2 may change.
 */
static uint8_t find_sector(struct fdc *s)
{
    const struct fdc_drive *d = &s->drive[s->unit];
    unsigned track = media_track(d);

    if (s->head >= d->geometry.heads || track >= d->geometry.cylinders) {
        return ST1_MA; /* nothing was ever formatted there */
    }
    if (s->c != track) {
        s->st2 |= ST2_WC;
        return ST1_ND;
    }
    if (s->h != s->head || s->n != FDC_SIZE_CODE || s->r == 0 || s->r > d->geometry.sectors) {
        return ST1_ND;
    }
    return 0;
}

static uint64_t sector_number(const struct fdc *s, unsigned r)
{
    const struct fdc_drive *d = &s->drive[s->unit];

    return ((uint64_t)media_track(d) * d->geometry.heads + s->head) * d->geometry.sectors + r - 1;
}

/* An image may be shorter than its geometry: what is not there reads as zeros. */
static bool load_sector(struct fdc *s, unsigned r)
{
    struct block *b = s->drive[s->unit].media;
    uint64_t n = sector_number(s, r);

    if (!b) {
        return false; /* taken out under the head */
    }
    if (n >= block_sectors(b)) {
        memset(s->buf, 0, sizeof(s->buf));
        return true;
    }
    return block_read(b, n, s->buf, 1) == 0;
}

static bool store_sector(struct fdc *s, unsigned r)
{
    struct block *b = s->drive[s->unit].media;

    return b && block_write(b, sector_number(s, r), s->buf, 1) == 0;
}

/* Counts to the next sector. False after the last one that the command may touch. */
static bool advance(struct fdc *s)
{
    if (s->r != s->eot) {
        s->r++;
        return true;
    }
    s->r = 1;
    if (!(s->command & CMD_MT)) {
        s->c++;
        return false;
    }
    s->h ^= 1;
    if (s->head == 0) {
        s->head = 1;
        return true;
    }
    s->c++;
    return false;
}

static void next_sector_in(struct fdc *s, unsigned ns)
{
    clock_schedule_in(&s->work_event, ns);
}

/* A sector is done; tc: the DMA controller said that it was the last. */
static void sector_done(struct fdc *s, bool tc)
{
    if (s->operation == OP_READ_TRACK) {
        s->r++;
        if (tc || --s->sectors_left == 0) {
            finish(s, tc ? 0 : ST0_ABNORMAL, tc ? 0 : ST1_EN, 0);
            return;
        }
        next_sector_in(s, FDC_NS_SECTOR);
        return;
    }
    bool more = advance(s);

    if (s->operation == OP_VERIFY) {
        if ((s->sectors_left && --s->sectors_left == 0) || !more) {
            finish(s, 0, 0, 0);
            return;
        }
    } else if (tc || s->st2 & ST2_CM) {
        finish(s, 0, 0, 0);
        return;
    } else if (!more) {
        fail(s, ST1_EN, 0);
        return;
    }
    next_sector_in(s, FDC_NS_SECTOR);
}

/* Data to and from the program */

static void pio_start(struct fdc *s, unsigned len)
{
    s->pio = true;
    s->pio_pos = 0;
    s->pio_len = (uint16_t)len;
    fdc_raise_int(s);
}

static void give_sector(struct fdc *s)
{
    bool tc = false;

    if (!uses_dma(s)) {
        pio_start(s, BLOCK_SECTOR);
        return;
    }
    if (dma_transfer(s->dma, FDC_DMA, s->buf, BLOCK_SECTOR, true, &tc) < BLOCK_SECTOR && !tc) {
        fail(s, ST1_OR, 0);
        return;
    }
    sector_done(s, tc);
}

static void write_taken(struct fdc *s, bool tc)
{
    if (!store_sector(s, s->r)) {
        fail(s, ST1_DE, ST2_DD);
        return;
    }
    sector_done(s, tc);
}

static void format_taken(struct fdc *s)
{
    const struct fdc_drive *d = &s->drive[s->unit];
    uint8_t id[4];

    memcpy(id, s->buf, sizeof(id));
    if (s->head < d->geometry.heads && id[0] == media_track(d) && id[1] == s->head && id[2] >= 1 &&
        id[2] <= d->geometry.sectors && id[3] == FDC_SIZE_CODE &&
        media_track(d) < d->geometry.cylinders) {
        memset(s->buf, s->dtl, sizeof(s->buf));
        if (!store_sector(s, id[2])) {
            fail(s, ST1_DE, ST2_DD);
            return;
        }
    } else {
        log_guest(FDC, "format: sector %u/%u/%u size %u has no place in the image", id[0], id[1],
                  id[2], id[3]);
    }
    if (--s->sectors_left == 0) {
        finish(s, 0, 0, 0);
        return;
    }
    next_sector_in(s, FDC_NS_SECTOR);
}

/* Wants len bytes from the program, then does the rest of the sector. */
static void take_data(struct fdc *s, unsigned len)
{
    bool tc = false;

    if (!uses_dma(s)) {
        pio_start(s, len);
        return;
    }
    unsigned got = dma_transfer(s->dma, FDC_DMA, s->buf, len, false, &tc);

    if (got < len && !tc) {
        fail(s, ST1_OR, 0);
        return;
    }
    memset(s->buf + got, 0, len - got);
    if (s->operation == OP_FORMAT) {
        format_taken(s);
        return;
    }
    write_taken(s, tc);
}

static void pio_done(struct fdc *s)
{
    s->pio = false;
    fdc_lower_int(s);
    if (s->operation == OP_FORMAT) {
        format_taken(s);
    } else if (s->operation == OP_WRITE) {
        write_taken(s, false);
    } else {
        sector_done(s, false);
    }
}

/* Execution */

static void work_read(struct fdc *s)
{
    bool track = s->operation == OP_READ_TRACK;
    uint8_t missing = find_sector(s);

    if (track && missing == ST1_ND) {
        s->st1 |= ST1_ND; /* READ TRACK goes on whatever the IDs say */
        missing = s->r > s->drive[s->unit].geometry.sectors ? ST1_ND : 0;
    }
    if (missing) {
        fail(s, missing, 0);
        return;
    }
    if (!load_sector(s, s->r)) {
        fail(s, ST1_DE, ST2_DD);
        return;
    }
    if (s->operation == OP_READ_DELETED) {
        if (s->command & CMD_SK) {
            sector_done(s, false);
            return;
        }
        s->st2 |= ST2_CM; /* a normal mark: this sector is the last */
    }
    if (s->operation == OP_VERIFY) {
        sector_done(s, false);
        return;
    }
    give_sector(s);
}

static void work_write(struct fdc *s)
{
    if (block_read_only(s->drive[s->unit].media)) {
        fail(s, ST1_NW, 0);
        return;
    }
    if (s->operation == OP_FORMAT) {
        take_data(s, 4);
        return;
    }
    uint8_t missing = find_sector(s);

    if (missing) {
        fail(s, missing, 0);
        return;
    }
    take_data(s, BLOCK_SECTOR);
}

static void work_read_id(struct fdc *s)
{
    struct fdc_drive *d = &s->drive[s->unit];

    if (s->head >= d->geometry.heads || media_track(d) >= d->geometry.cylinders) {
        fail(s, ST1_MA, 0);
        return;
    }
    d->rotation = (uint8_t)((d->rotation + 1) % d->geometry.sectors);
    s->c = (uint8_t)media_track(d);
    s->h = s->head;
    s->r = (uint8_t)(d->rotation + 1);
    s->n = FDC_SIZE_CODE;
    finish(s, 0, 0, 0);
}

static void fdc_work(void *opaque)
{
    struct fdc *s = opaque;

    if (s->phase == PHASE_RESET) {
        enter_command(s);
        if (!(s->config & CONFIG_POLL)) {
            s->reset_sense = FDC_DRIVES;
            fdc_raise_int(s);
        }
        return;
    }
    if (s->phase != PHASE_EXECUTE || s->pio) {
        return;
    }
    const struct fdc_drive *d = &s->drive[s->unit];

    if (!d->media || !motor_on(s, s->unit)) {
        log_guest(FDC, "command %02x waits: drive %u has no disk or its motor is off", s->command,
                  s->unit);
        return; /* kick_waiting() goes on */
    }
    if (s->operation != OP_FORMAT && (!(s->command & CMD_MF) || s->rate != media_rate(d))) {
        fail(s, ST1_MA, 0); /* nothing that the data separator could make out */
        return;
    }
    switch (s->operation) {
    case OP_WRITE:
    case OP_FORMAT: work_write(s); break;
    case OP_READ_ID: work_read_id(s); break;
    default: work_read(s); break;
    }
}

/* The motor was started or a disk put in: a command that found no index pulses gets some. */
static void kick_waiting(struct fdc *s)
{
    if (s->phase == PHASE_EXECUTE && !s->pio && !clock_pending(&s->work_event)) {
        next_sector_in(s, FDC_NS_ACCESS);
    }
}

/* Seeking */

static void fdc_seek_done(void *opaque)
{
    struct fdc_drive *d = opaque;
    struct fdc *s = d->fdc;

    d->seeking = false;
    d->sense_pending = true;
    s->reset_sense = 0; /* the polling result is overwritten */
    fdc_raise_int(s);
}

/* Moves the head by steps (negative: outwards); returns how many pulses that took. */
static unsigned step_head(struct fdc_drive *d, int steps)
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

static void start_seek(struct fdc *s, unsigned unit, unsigned pulses, uint8_t st0)
{
    struct fdc_drive *d = &s->drive[unit];

    d->seek_st0 = (uint8_t)(st0 | unit);
    d->seeking = true;
    clock_schedule_in(&d->seek_event, (uint64_t)(pulses + 1) * FDC_NS_STEP);
    enter_command(s);
}

static void seek_to(struct fdc *s, unsigned unit, unsigned cylinder)
{
    struct fdc_drive *d = &s->drive[unit];
    int steps = (int)cylinder - d->pcn;
    unsigned pulses = d->present ? step_head(d, steps) : (unsigned)(steps < 0 ? -steps : steps);

    d->pcn = (uint8_t)cylinder;
    start_seek(s, unit, pulses, ST0_SE);
}

/* Commands. fifo[0] is the command byte, the parameters follow. */

static void select_unit(struct fdc *s)
{
    s->unit = s->fifo[1] & 3;
    s->head = s->fifo[1] >> 2 & 1;
}

static void start_execution(struct fdc *s, enum fdc_operation op)
{
    s->phase = PHASE_EXECUTE;
    s->operation = (uint8_t)op;
    s->st1 = 0;
    s->st2 = 0;
    s->pio = false;
    if (uses_dma(s)) {
        dma_request(s->dma, FDC_DMA, true);
    }
    next_sector_in(s, FDC_NS_ACCESS);
}

static void start_data(struct fdc *s, enum fdc_operation op)
{
    select_unit(s);
    s->c = s->fifo[2];
    s->h = s->fifo[3];
    s->r = s->fifo[4];
    s->n = s->fifo[5];
    s->eot = s->fifo[6];
    s->dtl = s->fifo[8];
    s->sectors_left = 0;
    struct fdc_drive *d = &s->drive[s->unit];

    if (s->config & CONFIG_EIS && d->present && s->c != d->pcn) {
        step_head(d, (int)s->c - d->pcn);
        d->pcn = s->c;
    }
    start_execution(s, op);
}

static void cmd_read(struct fdc *s)
{
    start_data(s, OP_READ);
}

static void cmd_read_deleted(struct fdc *s)
{
    start_data(s, OP_READ_DELETED);
}

static void cmd_write(struct fdc *s)
{
    start_data(s, OP_WRITE);
}

static void cmd_read_track(struct fdc *s)
{
    start_data(s, OP_READ_TRACK);
    s->sectors_left = s->eot ? s->eot : 1;
    s->r = 1;
}

static void cmd_verify(struct fdc *s)
{
    bool count = s->fifo[1] & VERIFY_EC;

    start_data(s, OP_VERIFY);
    dma_request(s->dma, FDC_DMA, false);
    if (count) {
        s->sectors_left = s->dtl ? s->dtl : 256;
    }
}

static void cmd_format(struct fdc *s)
{
    select_unit(s);
    s->n = s->fifo[2];
    s->eot = s->fifo[3];
    s->sectors_left = s->fifo[3] ? s->fifo[3] : 256;
    s->dtl = s->fifo[5];
    start_execution(s, OP_FORMAT);
}

static void cmd_read_id(struct fdc *s)
{
    select_unit(s);
    start_execution(s, OP_READ_ID);
    dma_request(s->dma, FDC_DMA, false);
}

static void cmd_recalibrate(struct fdc *s)
{
    unsigned unit = s->fifo[1] & 3;
    struct fdc_drive *d = &s->drive[unit];

    d->pcn = 0;
    if (!d->present) {
        start_seek(s, unit, FDC_RECALIBRATE_STEPS, ST0_SE | ST0_EC | ST0_ABNORMAL);
        return;
    }
    unsigned pulses = d->cylinder;
    bool found = pulses <= FDC_RECALIBRATE_STEPS;

    pulses = step_head(d, -(int)(found ? pulses : FDC_RECALIBRATE_STEPS));
    start_seek(s, unit, pulses, (uint8_t)(found ? ST0_SE : ST0_SE | ST0_EC | ST0_ABNORMAL));
}

static void cmd_seek(struct fdc *s)
{
    seek_to(s, s->fifo[1] & 3, s->fifo[2]);
}

static void cmd_relative_seek(struct fdc *s)
{
    unsigned unit = s->fifo[1] & 3;
    int steps = s->command & CMD_MF ? s->fifo[2] : -(int)s->fifo[2]; /* bit 6: inwards */

    seek_to(s, unit, (unsigned)(s->drive[unit].pcn + steps) & 0xff);
}

static void cmd_sense_interrupt(struct fdc *s)
{
    if (s->reset_sense) {
        unsigned unit = FDC_DRIVES - s->reset_sense--;

        s->fifo[0] = (uint8_t)(ST0_POLL | unit);
        s->fifo[1] = s->drive[unit].pcn;
        fdc_lower_int(s);
        enter_result(s, 2);
        return;
    }
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *d = &s->drive[i];

        if (!d->sense_pending) {
            continue;
        }
        d->sense_pending = false;
        s->fifo[0] = d->seek_st0;
        s->fifo[1] = d->pcn;
        fdc_lower_int(s);
        for (unsigned k = i + 1; k < FDC_DRIVES; k++) {
            if (s->drive[k].sense_pending) {
                fdc_raise_int(s);
            }
        }
        enter_result(s, 2);
        return;
    }
    fdc_lower_int(s);
    result_byte(s, ST0_INVALID);
}

static void cmd_sense_drive(struct fdc *s)
{
    unsigned unit = s->fifo[1] & 3;
    const struct fdc_drive *d = &s->drive[unit];
    uint8_t st3 = (uint8_t)(unit | (s->fifo[1] & ST3_HEAD) | ST3_TWO_SIDE | ST3_READY);

    if (d->present && d->cylinder == 0) {
        st3 |= ST3_T0;
    }
    if (d->media && block_read_only(d->media)) {
        st3 |= ST3_WP;
    }
    result_byte(s, st3);
}

static void cmd_specify(struct fdc *s)
{
    s->specify[0] = s->fifo[1];
    s->specify[1] = s->fifo[2];
    enter_command(s);
}

static void cmd_configure(struct fdc *s)
{
    s->config = s->fifo[2];
    s->pretrk = s->fifo[3];
    enter_command(s);
}

static void cmd_version(struct fdc *s)
{
    result_byte(s, 0x90); /* 82077 and its kin */
}

static void cmd_dumpreg(struct fdc *s)
{
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        s->fifo[i] = s->drive[i].pcn;
    }
    s->fifo[4] = s->specify[0];
    s->fifo[5] = s->specify[1];
    s->fifo[6] = s->eot;
    s->fifo[7] = (uint8_t)(s->lock << 7 | (s->perpendicular & 0x3f));
    s->fifo[8] = s->config;
    s->fifo[9] = s->pretrk;
    enter_result(s, 10);
}

static void cmd_perpendicular(struct fdc *s)
{
    uint8_t val = s->fifo[1];

    /* D0-D3 change only with OW (bit 7) set. */
    s->perpendicular =
        (uint8_t)(val & 0x80 ? val & 0x3f : (s->perpendicular & 0x3c) | (val & 0x03));
    enter_command(s);
}

static void cmd_lock(struct fdc *s)
{
    s->lock = s->command >> 7;
    result_byte(s, (uint8_t)(s->lock << 4));
}

/* PART ID (18h) is the 82078's and the SCAN commands are the 765's: invalid here. */
static const struct fdc_command commands[] = {
    {0x1f, 0x06, 8, cmd_read},          {0x1f, 0x0c, 8, cmd_read_deleted},
    {0x3f, 0x05, 8, cmd_write},         {0x3f, 0x09, 8, cmd_write}, /* WRITE DELETED DATA */
    {0x9f, 0x02, 8, cmd_read_track},    {0x1f, 0x16, 8, cmd_verify},
    {0xbf, 0x0d, 5, cmd_format},        {0xbf, 0x0a, 1, cmd_read_id},
    {0xff, 0x07, 1, cmd_recalibrate},   {0xff, 0x0f, 2, cmd_seek},
    {0xbf, 0x8f, 2, cmd_relative_seek}, {0xff, 0x08, 0, cmd_sense_interrupt},
    {0xff, 0x04, 1, cmd_sense_drive},   {0xff, 0x03, 2, cmd_specify},
    {0xff, 0x13, 3, cmd_configure},     {0xff, 0x10, 0, cmd_version},
    {0xff, 0x0e, 0, cmd_dumpreg},       {0xff, 0x12, 1, cmd_perpendicular},
    {0x7f, 0x14, 0, cmd_lock},
};

static const struct fdc_command *find_command(uint8_t byte)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if ((byte & commands[i].mask) == commands[i].value) {
            return &commands[i];
        }
    }
    return NULL;
}

static void command_byte(struct fdc *s, uint8_t val)
{
    s->fifo[s->fifo_len++ & 15] = val;
    const struct fdc_command *c = find_command(s->fifo[0]);

    if (!c) {
        log_guest(FDC, "invalid command %02x", s->fifo[0]);
        result_byte(s, ST0_INVALID);
        return;
    }
    if (s->fifo_len == c->params + 1) {
        log_guest(FDC, "command %02x %02x %02x %02x %02x", s->fifo[0], s->fifo[1], s->fifo[2],
                  s->fifo[3], s->fifo[4]);
        s->command = s->fifo[0];
        c->run(s);
    }
}

/* Reset */

/* By DOR, DSR or the RESET line: the drives keep their heads where they are. */
static void controller_reset(struct fdc *s)
{
    clock_cancel(&s->work_event);
    enter_command(s);
    s->phase = PHASE_RESET;
    s->reset_sense = 0;
    s->perpendicular &= 0x3c;
    s->config &= (uint8_t) ~(CONFIG_EIS | CONFIG_POLL);
    if (!s->lock) {
        s->config = CONFIG_EFIFO;
        s->pretrk = 0;
    }
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *d = &s->drive[i];

        clock_cancel(&d->seek_event);
        d->seeking = false;
        d->sense_pending = false;
        d->pcn = 0;
    }
    dma_request(s->dma, FDC_DMA, false);
    fdc_lower_int(s);
}

static void release_reset(struct fdc *s)
{
    clock_schedule_in(&s->work_event, FDC_NS_RESET);
}

/* Registers */

static void write_dor(struct fdc *s, uint8_t val)
{
    uint8_t risen = val & ~s->dor;

    if (s->dor & ~val & DOR_RESET) {
        controller_reset(s);
    }
    s->dor = val;
    if (risen & DOR_RESET) {
        release_reset(s);
    }
    if (risen & 0xf0) {
        kick_waiting(s);
    }
    fdc_update_irq(s);
}

static void write_dsr(struct fdc *s, uint8_t val)
{
    s->dsr = val & ~DSR_RESET;
    s->rate = val & 3;
    if (val & DSR_RESET && s->dor & DOR_RESET) {
        controller_reset(s);
        release_reset(s);
    }
}

static uint8_t read_msr(const struct fdc *s)
{
    uint8_t msr = 0;

    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        msr |= (uint8_t)(s->drive[i].seeking << i);
    }
    switch (s->phase) {
    case PHASE_COMMAND: return (uint8_t)(msr | MSR_RQM | (s->fifo_len ? MSR_CMDBUSY : 0));
    case PHASE_RESULT: return msr | MSR_RQM | MSR_DIO | MSR_CMDBUSY;
    case PHASE_EXECUTE: break;
    default: return 0;
    }
    msr |= MSR_CMDBUSY;
    if (!uses_dma(s)) {
        msr |= MSR_NONDMA;
    }
    if (s->pio) {
        bool to_disk = s->operation == OP_WRITE || s->operation == OP_FORMAT;

        msr |= (uint8_t)(MSR_RQM | (to_disk ? 0 : MSR_DIO));
    }
    return msr;
}

/* After each byte in non-DMA mode: a new edge, as the chip gives without its FIFO. */
static void pio_next(struct fdc *s)
{
    if (++s->pio_pos >= s->pio_len) {
        pio_done(s);
        return;
    }
    fdc_lower_int(s);
    fdc_raise_int(s);
}

static uint8_t read_fifo(struct fdc *s)
{
    if (s->phase == PHASE_EXECUTE && s->pio && s->operation != OP_WRITE &&
        s->operation != OP_FORMAT) {
        uint8_t val = s->buf[s->pio_pos];

        pio_next(s);
        return val;
    }
    if (s->phase != PHASE_RESULT) {
        log_guest(FDC, "data register read with nothing to give");
        return 0;
    }
    uint8_t val = s->fifo[s->fifo_pos++];

    /* The first result byte takes back a data command's interrupt. A seek's stays for SENSE
     * INTERRUPT. */
    if (s->fifo_pos == 1 && s->fifo_len == 7) {
        fdc_lower_int(s);
    }
    if (s->fifo_pos >= s->fifo_len) {
        enter_command(s);
    }
    return val;
}

static void write_fifo(struct fdc *s, uint8_t val)
{
    if (s->phase == PHASE_COMMAND) {
        command_byte(s, val);
        return;
    }
    if (s->phase == PHASE_EXECUTE && s->pio &&
        (s->operation == OP_WRITE || s->operation == OP_FORMAT)) {
        s->buf[s->pio_pos] = val;
        pio_next(s);
        return;
    }
    log_guest(FDC, "data register written out of turn: %02x", val);
}

static uint8_t read_sra(const struct fdc *s)
{
    const struct fdc_drive *d = &s->drive[s->dor & DOR_DRIVE];
    uint8_t sra = (uint8_t)((s->int_pending ? SRA_INT : 0) | (s->drive[1].present ? 0 : SRA_DRV2) |
                            SRA_INDX | (s->head ? SRA_HDSEL : 0));

    if (!d->present || d->cylinder) {
        sra |= SRA_TRK0;
    }
    if (!d->media || !block_read_only(d->media)) {
        sra |= SRA_WP;
    }
    return sra;
}

static uint8_t read_srb(const struct fdc *s)
{
    return (uint8_t)(0xc0 | (s->dor & 1) << 5 | (s->dor >> 4 & 3));
}

/* Only bit 7 is the controller's on an AT; the others are the fixed disk adapter's and read as 0.
 */
static uint8_t read_dir(const struct fdc *s)
{
    const struct fdc_drive *d = &s->drive[s->dor & DOR_DRIVE];

    return d->present && d->disk_changed ? DIR_DSKCHG : 0;
}

static uint8_t fdc_read(void *opaque, uint16_t port)
{
    struct fdc *s = opaque;

    switch (port & 7) {
    case 0: return read_sra(s);
    case 1: return read_srb(s);
    case 2: return s->dor;
    case 3: return s->tdr;
    case 4: return read_msr(s);
    case 5: return read_fifo(s);
    case 7: return read_dir(s);
    default: return 0xff;
    }
}

static void fdc_write(void *opaque, uint16_t port, uint8_t val)
{
    struct fdc *s = opaque;

    switch (port & 7) {
    case 2: write_dor(s, val); break;
    case 3: s->tdr = val & 3; break;
    case 4: write_dsr(s, val); break;
    case 5: write_fifo(s, val); break;
    case 7: s->rate = val & 3; break;
    default: break; /* status registers */
    }
}

static void fdc_reset(void *opaque)
{
    struct fdc *s = opaque;

    s->lock = false;
    s->perpendicular = 0;
    s->dor = 0;
    s->tdr = 0;
    s->dsr = RATE_250K;
    s->rate = RATE_250K;
    s->head = 0;
    s->unit = 0;
    memset(s->specify, 0, sizeof(s->specify));
    memset(s->fifo, 0, sizeof(s->fifo));
    controller_reset(s);
}

static void fdc_destroy(void *opaque)
{
    struct fdc *s = opaque;

    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        block_close(s->drive[i].media);
    }
}

static const struct state_field drive_state[] = {
    STATE(struct fdc_drive, pcn),
    STATE(struct fdc_drive, cylinder),
    STATE(struct fdc_drive, rotation),
    STATE(struct fdc_drive, seek_st0),
    STATE(struct fdc_drive, seeking),
    STATE(struct fdc_drive, sense_pending),
    STATE(struct fdc_drive, disk_changed),
    STATE_EVENT(struct fdc_drive, seek_event),
    STATE_END,
};

static const struct state_field fdc_state[] = {
    STATE(struct fdc, dor),
    STATE(struct fdc, tdr),
    STATE(struct fdc, dsr),
    STATE(struct fdc, rate),
    STATE(struct fdc, phase),
    STATE(struct fdc, operation),
    STATE(struct fdc, specify),
    STATE(struct fdc, config),
    STATE(struct fdc, pretrk),
    STATE(struct fdc, perpendicular),
    STATE(struct fdc, lock),
    STATE(struct fdc, int_pending),
    STATE(struct fdc, reset_sense),
    STATE(struct fdc, fifo),
    STATE(struct fdc, fifo_pos),
    STATE(struct fdc, fifo_len),
    STATE(struct fdc, command),
    STATE(struct fdc, unit),
    STATE(struct fdc, head),
    STATE(struct fdc, c),
    STATE(struct fdc, h),
    STATE(struct fdc, r),
    STATE(struct fdc, n),
    STATE(struct fdc, eot),
    STATE(struct fdc, dtl),
    STATE(struct fdc, st1),
    STATE(struct fdc, st2),
    STATE(struct fdc, sectors_left),
    STATE(struct fdc, pio),
    STATE(struct fdc, pio_pos),
    STATE(struct fdc, pio_len),
    STATE(struct fdc, buf),
    STATE_EVENT(struct fdc, work_event),
    STATE_SUBS(struct fdc, drive, struct fdc_drive, FDC_DRIVES, drive_state),
    STATE_END,
};

/* A saved state is input like any other: the indexes stay inside. */
static void fdc_loaded(void *opaque)
{
    struct fdc *s = opaque;

    s->unit &= 3;
    s->head &= 1;
    s->fifo_pos &= 15;
    s->fifo_len = s->fifo_len > 10 ? 10 : s->fifo_len;
    s->pio_pos %= BLOCK_SECTOR;
    s->pio_len = s->pio_len > BLOCK_SECTOR ? BLOCK_SECTOR : s->pio_len;
    s->reset_sense = s->reset_sense > FDC_DRIVES ? FDC_DRIVES : s->reset_sense;
}

static const struct device_type fdc_type = {
    .name = "fdc",
    .reset = fdc_reset,
    .loaded = fdc_loaded,
    .destroy = fdc_destroy,
    .state = fdc_state,
};

void fdc_set_media(struct fdc *s, unsigned drive, struct block *block)
{
    if (drive > 1 || !s->drive[drive].present) {
        block_close(block);
        return;
    }
    struct fdc_drive *d = &s->drive[drive];

    block_close(d->media);
    drive_insert(d, block);
    d->rotation = 0;
    d->disk_changed = true;
    kick_waiting(s);
}

struct block *fdc_media(const struct fdc *s, unsigned drive)
{
    return s->drive[drive & 1].media;
}

struct fdc_geometry fdc_media_geometry(const struct fdc *s, unsigned drive)
{
    return s->drive[drive & 1].geometry;
}

uint8_t fdc_cmos_type(const struct fdc *s, unsigned drive)
{
    return drive < FDC_DRIVES ? s->drive[drive].cmos_type : CMOS_NONE;
}

struct fdc *fdc_create(struct machine *m, struct line irq6, struct dma *dma, struct block *media[2],
                       const bool present[2], const uint8_t type[2])
{
    static const char *const seek_names[FDC_DRIVES] = {"fdc.seek0", "fdc.seek1", "fdc.seek2",
                                                       "fdc.seek3"};
    struct fdc *s = device_new(m, &fdc_type, sizeof(*s));

    s->irq = irq6;
    s->dma = dma;
    clock_event_init(&s->work_event, &m->clock, "fdc.work", fdc_work, s);
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *d = &s->drive[i];

        d->fdc = s;
        clock_event_init(&d->seek_event, &m->clock, seek_names[i], fdc_seek_done, d);
        if (i > 1 || !present[i]) {
            continue;
        }
        d->present = true;
        d->disk_changed = true; /* until the first step */
        d->cmos_type = drive_insert(d, media[i]);
        if (type[i]) {
            d->cmos_type = type[i];
        }
    }
    io_map8(m, 0x3f0, 6, fdc_read, fdc_write, s);
    io_map8(m, 0x3f7, 1, fdc_read, fdc_write, s);
    return s;
}
