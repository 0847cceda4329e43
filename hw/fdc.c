/* SPDX-License-Identifier: MIT */
/*
 * Intel 82077AA floppy disk controller (data sheet 290166-007), at 3F0h-3F5h and 3F7h: registers,
 * commands and reset. fdc_transfer.c executes the commands that read and write.
 *
 * Not modelled: FM recording, sectors other than 512 bytes, deleted data marks (WRITE DELETED
 * writes normal ones), overruns in non-DMA mode, the index and write-data bits of the status
 * registers A and B, tape drives, power down.
 */
#include "hw/fdc_chip.h"

#include <string.h>

#include "base/log.h"
#include "base/state.h"
#include "hw/device.h"
#include "hw/dma.h"
#include "hw/io.h"
#include "hw/machine.h"

struct fdc_command {
    uint8_t mask, value, params;
    void (*run)(struct fdc *s);
};

/* Lines */

static void fdc_update_irq(struct fdc *s)
{
    line_set(&s->irq, s->int_pending && s->dor & DOR_DMAGATE);
}

void fdc_raise_int(struct fdc *s)
{
    s->int_pending = true;
    fdc_update_irq(s);
}

void fdc_lower_int(struct fdc *s)
{
    s->int_pending = false;
    fdc_update_irq(s);
}

/* Results */

void fdc_enter_command(struct fdc *s)
{
    s->phase = PHASE_COMMAND;
    s->operation = OP_NONE;
    s->pio = false;
    s->fifo_pos = 0;
    s->fifo_len = 0;
}

void fdc_enter_result(struct fdc *s, unsigned len)
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
    fdc_enter_result(s, 1);
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

static void start_seek(struct fdc *s, unsigned unit, unsigned pulses, uint8_t st0)
{
    struct fdc_drive *d = &s->drive[unit];

    d->seek_st0 = (uint8_t)(st0 | unit);
    d->seeking = true;
    clock_schedule_in(&d->seek_event, (uint64_t)(pulses + 1) * FDC_NS_STEP);
    fdc_enter_command(s);
}

static void seek_to(struct fdc *s, unsigned unit, unsigned cylinder)
{
    struct fdc_drive *d = &s->drive[unit];
    int steps = (int)cylinder - d->pcn;
    unsigned pulses = d->present ? fdc_step_head(d, steps) : (unsigned)(steps < 0 ? -steps : steps);

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
    if (fdc_uses_dma(s)) {
        dma_request(s->dma, FDC_DMA, true);
    }
    fdc_next_sector_in(s, FDC_NS_ACCESS);
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
        fdc_step_head(d, (int)s->c - d->pcn);
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

    pulses = fdc_step_head(d, -(int)(found ? pulses : FDC_RECALIBRATE_STEPS));
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
        fdc_enter_result(s, 2);
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
        fdc_enter_result(s, 2);
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
    fdc_enter_command(s);
}

static void cmd_configure(struct fdc *s)
{
    s->config = s->fifo[2];
    s->pretrk = s->fifo[3];
    fdc_enter_command(s);
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
    fdc_enter_result(s, 10);
}

static void cmd_perpendicular(struct fdc *s)
{
    uint8_t val = s->fifo[1];

    /* D0-D3 change only with OW (bit 7) set. */
    s->perpendicular =
        (uint8_t)(val & 0x80 ? val & 0x3f : (s->perpendicular & 0x3c) | (val & 0x03));
    fdc_enter_command(s);
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
    fdc_enter_command(s);
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
        fdc_kick_waiting(s);
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
    if (!fdc_uses_dma(s)) {
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
        fdc_pio_done(s);
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
        fdc_enter_command(s);
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
    fdc_insert(d, block);
    d->rotation = 0;
    d->disk_changed = true;
    fdc_kick_waiting(s);
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
        d->cmos_type = fdc_insert(d, media[i]);
        if (type[i]) {
            d->cmos_type = type[i];
        }
    }
    io_map8(m, 0x3f0, 6, fdc_read, fdc_write, s);
    io_map8(m, 0x3f7, 1, fdc_read, fdc_write, s);
    return s;
}
