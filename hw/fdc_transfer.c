/* SPDX-License-Identifier: MIT */
/*
 * The floppy disk controller's execution phase: sectors between the disk and the program.
 *
 * A sector moves at once, by DMA or through the data register, at the end of its (shortened) time
 * on the disk. Without a medium or with the motor off there are no index pulses, so a command waits
 * until the program resets the controller, as the chip does.
 */
#include "hw/fdc_chip.h"

#include <string.h>

#include "base/log.h"
#include "hw/dma.h"

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
    fdc_enter_result(s, 7);
    fdc_raise_int(s);
}

static void fail(struct fdc *s, uint8_t st1, uint8_t st2)
{
    finish(s, ST0_ABNORMAL, st1, st2);
}

/* The sector on the disk */

bool fdc_uses_dma(const struct fdc *s)
{
    return !(s->specify[1] & SPECIFY_ND);
}

/* Looks for the ID the command names. Status register 1 bits, 0 if it is there; s->st2 may change.
 */
static uint8_t find_sector(struct fdc *s)
{
    const struct fdc_drive *d = &s->drive[s->unit];
    unsigned track = fdc_media_track(d);

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

    return ((uint64_t)fdc_media_track(d) * d->geometry.heads + s->head) * d->geometry.sectors + r -
           1;
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

void fdc_next_sector_in(struct fdc *s, unsigned ns)
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
        fdc_next_sector_in(s, FDC_NS_SECTOR);
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
    fdc_next_sector_in(s, FDC_NS_SECTOR);
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

    if (!fdc_uses_dma(s)) {
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
    if (s->head < d->geometry.heads && id[0] == fdc_media_track(d) && id[1] == s->head &&
        id[2] >= 1 && id[2] <= d->geometry.sectors && id[3] == FDC_SIZE_CODE &&
        fdc_media_track(d) < d->geometry.cylinders) {
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
    fdc_next_sector_in(s, FDC_NS_SECTOR);
}

/* Wants len bytes from the program, then does the rest of the sector. */
static void take_data(struct fdc *s, unsigned len)
{
    bool tc = false;

    if (!fdc_uses_dma(s)) {
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

void fdc_pio_done(struct fdc *s)
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

static bool motor_on(const struct fdc *s, unsigned unit)
{
    return s->dor >> unit & DOR_MOTOR0;
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

    if (s->head >= d->geometry.heads || fdc_media_track(d) >= d->geometry.cylinders) {
        fail(s, ST1_MA, 0);
        return;
    }
    d->rotation = (uint8_t)((d->rotation + 1) % d->geometry.sectors);
    s->c = (uint8_t)fdc_media_track(d);
    s->h = s->head;
    s->r = (uint8_t)(d->rotation + 1);
    s->n = FDC_SIZE_CODE;
    finish(s, 0, 0, 0);
}

void fdc_work(void *opaque)
{
    struct fdc *s = opaque;

    if (s->phase == PHASE_RESET) {
        fdc_enter_command(s);
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
        return; /* fdc_kick_waiting() goes on */
    }
    if (s->operation != OP_FORMAT && (!(s->command & CMD_MF) || s->rate != fdc_media_rate(d))) {
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

void fdc_kick_waiting(struct fdc *s)
{
    if (s->phase == PHASE_EXECUTE && !s->pio && !clock_pending(&s->work_event)) {
        fdc_next_sector_in(s, FDC_NS_ACCESS);
    }
}
