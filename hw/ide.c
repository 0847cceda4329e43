/* SPDX-License-Identifier: MIT */
/*
 * An ATA channel (ATA/ATAPI-4, T13 1153D): the registers at 1F0h/170h and 3F6h/376h, drive
 * selection, reset and INTRQ. The drives themselves are in ide_disk.c and atapi.c.
 *
 * A channel without drives, and a missing slave's status, read as 0: never busy, never ready, which
 * is what probes take for "nothing there". A missing slave's other registers are the master's, as
 * the standard wants.
 *
 * Not modelled: the drive address register (3F7h belongs to the floppy controller here).
 */
#include "hw/ide.h"

#include <string.h>

#include "base/endian.h"
#include "base/log.h"
#include "host/block.h"
#include "hw/device.h"
#include "hw/ide_drive.h"
#include "hw/io.h"
#include "hw/machine.h"
#include "hw/pc.h"

enum {
    REG_DATA,
    REG_ERROR, /* written: features */
    REG_NSECTOR,
    REG_SECTOR,
    REG_LCYL,
    REG_HCYL,
    REG_SELECT,
    REG_STATUS, /* written: command */

    CTL_NIEN = 1 << 1,
    CTL_SRST = 1 << 2,
    CTL_HOB = 1 << 7,

    CMD_DEVICE_RESET = 0x08,
    CMD_DIAGNOSTIC = 0x90,

    POWER_ACTIVE = 0xff,
    POWER_SLEEP = 1,
};

#define IDE_NS_RESET 50000u

struct ide {
    uint8_t control;
    uint8_t selected; /* 0 or 1 */
    struct ide_drive drive[2];

    /* Wiring, set once by ide_create(); not saved. */
    struct line irq;
    uint16_t base;
    struct ide_dma dma; /* transfer NULL: none */
};

static bool present(const struct ide_drive *d)
{
    return d->ops != NULL;
}

/* INTRQ is driven by the selected drive alone. */
static void ide_update_irq(struct ide *s)
{
    const struct ide_drive *d = &s->drive[s->selected];

    line_set(&s->irq, present(d) && d->intrq && !(s->control & CTL_NIEN));
}

void ide_raise_intrq(struct ide_drive *d)
{
    d->intrq = true;
    ide_update_irq(d->channel);
}

static void clear_intrq(struct ide_drive *d)
{
    d->intrq = false;
    ide_update_irq(d->channel);
}

static void end_transfer(struct ide_drive *d)
{
    d->transfer = TRANSFER_NONE;
    d->data_pos = 0;
    d->data_end = 0;
}

void ide_work_in(struct ide_drive *d, uint8_t work, uint32_t ns)
{
    end_transfer(d);
    d->work = work;
    d->status = (uint8_t)(ATA_SR_BSY | (d->status & (ATA_SR_DRDY | ATA_SR_DSC)));
    clock_schedule_in(&d->work_event, ns);
}

/* PIO default, PIO with flow control 0-4, multiword DMA 0-2, Ultra DMA 0-5. */
bool ide_set_mode(struct ide_drive *d, uint8_t mode)
{
    unsigned n = mode & 7;

    switch (mode & 0xf8) {
    case 0x00: return n <= 1;
    case 0x08: return n <= 4;
    case 0x20:
    case 0x40:
        if (!ide_has_dma(d) || n > (mode & 0x20 ? 2 : 5)) {
            return false;
        }
        d->dma_mode = mode;
        return true;
    default: return false;
    }
}

uint32_t ide_dma_modes(const struct ide_drive *d, uint8_t kind, unsigned max)
{
    uint32_t modes = (2u << max) - 1;

    if ((d->dma_mode & 0xf8) == kind) {
        modes |= 0x100u << (d->dma_mode & 7);
    }
    return modes;
}

bool ide_has_dma(const struct ide_drive *d)
{
    return d->channel->dma.transfer != NULL;
}

/* As much as the bus master takes or gives now. */
static void dma_move(struct ide_drive *d)
{
    const struct ide_dma *dma = &d->channel->dma;

    d->data_pos += dma->transfer(dma->opaque, dma->channel, d->data + d->data_pos,
                                 d->data_end - d->data_pos, d->transfer == TRANSFER_DMA_IN);
    if (d->data_pos >= d->data_end) {
        d->ops->data_done(d);
    }
}

static bool waits_for_dma(const struct ide_drive *d)
{
    return d->transfer == TRANSFER_DMA_IN || d->transfer == TRANSFER_DMA_OUT;
}

void ide_start_transfer(struct ide_drive *d, enum ide_transfer direction, uint32_t start,
                        uint32_t len)
{
    d->transfer = (uint8_t)direction;
    d->data_pos = start;
    d->data_end = start + len;
    d->status = ATA_SR_DRDY | ATA_SR_DSC | ATA_SR_DRQ;
    if (waits_for_dma(d)) {
        dma_move(d);
    }
}

void ide_ready(struct ide_drive *d, uint8_t more)
{
    end_transfer(d);
    d->status = (uint8_t)(ATA_SR_DRDY | ATA_SR_DSC | more);
}

void ide_fail(struct ide_drive *d, uint8_t error)
{
    d->error = error;
    ide_ready(d, ATA_SR_ERR);
    ide_raise_intrq(d);
}

void ide_put_string(uint8_t *id, unsigned word, unsigned words, const char *text)
{
    size_t len = strlen(text);

    for (unsigned i = 0; i < words * 2; i++) {
        id[word * 2 + (i ^ 1)] = (uint8_t)(i < len ? text[i] : ' ');
    }
}

static void ide_drive_work(void *opaque)
{
    struct ide_drive *d = opaque;
    uint8_t work = d->work;

    if (!present(d)) {
        return;
    }
    if (work == WORK_RESET || work == WORK_DIAGNOSTIC) {
        d->work = WORK_NONE;
        d->ops->signature(d);
        /* Both drives answer the diagnostic command; the master tells. */
        if (work == WORK_DIAGNOSTIC && d->position == 0) {
            ide_raise_intrq(d);
        }
        return;
    }
    d->ops->work(d);
}

static void drive_abort(struct ide_drive *d)
{
    clock_cancel(&d->work_event);
    d->work = WORK_NONE;
    end_transfer(d);
    d->intrq = false;
}

static void drive_start_reset(struct ide_drive *d, uint8_t work)
{
    drive_abort(d);
    d->power = POWER_ACTIVE;
    if (work == WORK_RESET) {
        d->ops->reset(d, false);
    }
    ide_work_in(d, work, IDE_NS_RESET);
}

static void channel_reset(struct ide *s, uint8_t work)
{
    s->selected = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &s->drive[i];

        d->select = 0;
        if (present(d)) {
            drive_start_reset(d, work);
        }
    }
    ide_update_irq(s);
}

/* The data register: the short way, for a program moves most of its bytes here. */

static uint32_t ide_data_read(void *opaque, uint16_t port, unsigned size)
{
    struct ide *s = opaque;
    struct ide_drive *d = &s->drive[s->selected];
    uint32_t step = size == 4 ? 4 : 2; /* a byte access takes the whole word */
    uint32_t val;

    (void)port;
    if (UNLIKELY(d->transfer != TRANSFER_IN)) {
        return 0;
    }
    if (LIKELY(d->data_end - d->data_pos >= step)) {
        val = step == 4 ? load_le32(d->data + d->data_pos) : load_le16(d->data + d->data_pos);
    } else {
        val = load_le16(d->data + d->data_pos);
        step = 2;
    }
    d->data_pos += step;
    if (d->data_pos >= d->data_end) {
        d->ops->data_done(d);
    }
    return size == 1 ? val & 0xff : val;
}

static void ide_data_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct ide *s = opaque;
    struct ide_drive *d = &s->drive[s->selected];
    uint32_t step = size == 4 ? 4 : 2;

    (void)port;
    if (UNLIKELY(d->transfer != TRANSFER_OUT)) {
        return;
    }
    if (LIKELY(step == 4 && d->data_end - d->data_pos >= 4)) {
        store_le32(d->data + d->data_pos, val);
    } else {
        store_le16(d->data + d->data_pos, (uint16_t)val);
        step = 2;
    }
    d->data_pos += step;
    if (d->data_pos >= d->data_end) {
        d->ops->data_done(d);
    }
}

/* Registers */

static void write_command(struct ide *s, uint8_t val)
{
    struct ide_drive *d = &s->drive[s->selected];

    if (val == CMD_DIAGNOSTIC) {
        channel_reset(s, WORK_DIAGNOSTIC);
        return;
    }
    if (!present(d)) {
        return;
    }
    if (d->power == POWER_SLEEP || (d->status & ATA_SR_BSY && val != CMD_DEVICE_RESET)) {
        log_guest(IDE, "%03xh: command %02x to drive %u that is busy or asleep", s->base, val,
                  s->selected);
        return;
    }
    drive_abort(d);
    ide_update_irq(s);
    d->command = val;
    d->error = 0;
    log_guest(IDE, "%03xh: drive %u command %02x, %02x %02x %02x %02x %02x %02x", s->base,
              s->selected, val, d->feature, d->nsector, d->sector, d->lcyl, d->hcyl, d->select);
    d->ops->command(d);
}

/* Every drive on the cable sees every write. */
static void write_task_file(struct ide *s, unsigned reg, uint8_t val)
{
    if (s->drive[s->selected].status & ATA_SR_BSY) {
        return;
    }
    s->control &= (uint8_t)~CTL_HOB;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &s->drive[i];

        switch (reg) {
        case REG_ERROR:
            d->hob_feature = d->feature;
            d->feature = val;
            break;
        case REG_NSECTOR:
            d->hob_nsector = d->nsector;
            d->nsector = val;
            break;
        case REG_SECTOR:
            d->hob_sector = d->sector;
            d->sector = val;
            break;
        case REG_LCYL:
            d->hob_lcyl = d->lcyl;
            d->lcyl = val;
            break;
        case REG_HCYL:
            d->hob_hcyl = d->hcyl;
            d->hcyl = val;
            break;
        default: d->select = val; break;
        }
    }
    if (reg == REG_SELECT) {
        s->selected = (val & ATA_DH_DEV) != 0;
        ide_update_irq(s);
    }
}

static void ide_write(void *opaque, uint16_t port, uint8_t val)
{
    struct ide *s = opaque;
    unsigned reg = port & 7;

    if (reg == REG_STATUS) {
        write_command(s, val);
        return;
    }
    write_task_file(s, reg, val);
}

static uint8_t read_status(struct ide *s)
{
    const struct ide_drive *d = &s->drive[s->selected];

    return present(d) ? d->status : 0;
}

static uint8_t ide_read(void *opaque, uint16_t port)
{
    struct ide *s = opaque;
    struct ide_drive *d = &s->drive[s->selected];
    unsigned reg = port & 7;
    bool hob = s->control & CTL_HOB;

    if (reg == REG_STATUS) {
        uint8_t status = read_status(s);

        if (d->intrq) {
            clear_intrq(d);
        }
        return status;
    }
    if (!present(d)) {
        d = &s->drive[0];
    }
    if (!present(d)) {
        return 0;
    }
    switch (reg) {
    case REG_ERROR: return hob ? d->hob_feature : d->error;
    case REG_NSECTOR: return hob ? d->hob_nsector : d->nsector;
    case REG_SECTOR: return hob ? d->hob_sector : d->sector;
    case REG_LCYL: return hob ? d->hob_lcyl : d->lcyl;
    case REG_HCYL: return hob ? d->hob_hcyl : d->hcyl;
    default: return d->select;
    }
}

static uint8_t ide_control_read(void *opaque, uint16_t port)
{
    (void)port;
    return read_status(opaque); /* the alternate status leaves INTRQ alone */
}

static void ide_control_write(void *opaque, uint16_t port, uint8_t val)
{
    struct ide *s = opaque;
    uint8_t changed = s->control ^ val;

    (void)port;
    s->control = val;
    if (changed & CTL_SRST && val & CTL_SRST) {
        channel_reset(s, WORK_RESET);
    }
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &s->drive[i];

        if (!present(d) || !(changed & CTL_SRST)) {
            continue;
        }
        if (val & CTL_SRST) {
            clock_cancel(&d->work_event); /* busy for as long as the bit is set */
        } else if (d->work == WORK_RESET) {
            clock_schedule_in(&d->work_event, IDE_NS_RESET);
        }
    }
    ide_update_irq(s);
}

static void ide_reset(void *opaque)
{
    struct ide *s = opaque;

    s->control = 0;
    s->selected = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &s->drive[i];

        drive_abort(d);
        d->power = POWER_ACTIVE;
        d->feature = 0;
        d->select = 0;
        if (present(d)) {
            d->ops->reset(d, true);
            d->ops->signature(d);
        }
    }
    ide_update_irq(s);
}

static void ide_destroy(void *opaque)
{
    struct ide *s = opaque;

    block_close(s->drive[0].media);
    block_close(s->drive[1].media);
}

static void ide_loaded(void *opaque)
{
    struct ide *s = opaque;

    s->selected &= 1;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &s->drive[i];

        if (d->data_end > IDE_DATA_SIZE || d->data_pos + 2 > d->data_end || (d->data_pos & 1) ||
            (d->data_end & 1) || (waits_for_dma(d) && !ide_has_dma(d))) {
            end_transfer(d);
        }
        if (d->ops == &ide_disk_ops) {
            ide_disk_loaded(d);
        } else if (d->ops == &atapi_ops) {
            atapi_loaded(d);
        }
    }
}

static const struct state_field drive_state[] = {
    STATE(struct ide_drive, feature),
    STATE(struct ide_drive, nsector),
    STATE(struct ide_drive, sector),
    STATE(struct ide_drive, lcyl),
    STATE(struct ide_drive, hcyl),
    STATE(struct ide_drive, select),
    STATE(struct ide_drive, hob_feature),
    STATE(struct ide_drive, hob_nsector),
    STATE(struct ide_drive, hob_sector),
    STATE(struct ide_drive, hob_lcyl),
    STATE(struct ide_drive, hob_hcyl),
    STATE(struct ide_drive, error),
    STATE(struct ide_drive, status),
    STATE(struct ide_drive, command),
    STATE(struct ide_drive, work),
    STATE(struct ide_drive, transfer),
    STATE(struct ide_drive, intrq),
    STATE(struct ide_drive, power),
    STATE(struct ide_drive, data_pos),
    STATE(struct ide_drive, data_end),
    STATE_BYTES(struct ide_drive, data),
    STATE(struct ide_drive, cylinders),
    STATE(struct ide_drive, heads),
    STATE(struct ide_drive, sectors),
    STATE(struct ide_drive, multiple),
    STATE(struct ide_drive, write_cache),
    STATE(struct ide_drive, dma_mode),
    STATE(struct ide_drive, lba),
    STATE(struct ide_drive, left),
    STATE(struct ide_drive, block),
    STATE_SUB(struct ide_drive, atapi, struct atapi, atapi_state),
    STATE_EVENT(struct ide_drive, work_event),
    STATE_END,
};

static const struct state_field ide_state[] = {
    STATE(struct ide, control),
    STATE(struct ide, selected),
    STATE_SUBS(struct ide, drive, struct ide_drive, 2, drive_state),
    STATE_END,
};

static const struct device_type ide_type = {
    .name = "ide",
    .reset = ide_reset,
    .destroy = ide_destroy,
    .loaded = ide_loaded,
    .state = ide_state,
};

void ide_set_dma(struct ide *s, const struct ide_dma *dma)
{
    s->dma = *dma;
}

void ide_dma_started(struct ide *s)
{
    struct ide_drive *d = &s->drive[s->selected];

    if (waits_for_dma(d)) {
        dma_move(d);
    }
}

void ide_set_media(struct ide *s, unsigned drive, struct block *block)
{
    if (drive > 1 || s->drive[drive].ops != &atapi_ops) {
        block_close(block);
        return;
    }
    atapi_media_changed(&s->drive[drive], block);
}

struct block *ide_media(const struct ide *s, unsigned drive)
{
    return s->drive[drive & 1].media;
}

struct ide_geometry ide_geometry(const struct ide *s, unsigned drive)
{
    const struct ide_drive *d = &s->drive[drive & 1];

    return d->ops == &ide_disk_ops ? ide_disk_geometry(d) : (struct ide_geometry){0};
}

bool ide_media_locked(const struct ide *s, unsigned drive)
{
    return s->drive[drive & 1].atapi.locked;
}

bool ide_tray_open(const struct ide *s, unsigned drive)
{
    return s->drive[drive & 1].atapi.tray_open;
}

void ide_set_tray(struct ide *s, unsigned drive, bool open)
{
    if (s->drive[drive & 1].ops == &atapi_ops) {
        atapi_set_tray(&s->drive[drive & 1], open);
    }
}

void ide_request_eject(struct ide *s, unsigned drive, bool force)
{
    if (s->drive[drive & 1].ops == &atapi_ops) {
        atapi_request_eject(&s->drive[drive & 1], force);
    }
}

static void drive_attach(struct ide *s, unsigned i, const struct pc_drive *config)
{
    struct ide_drive *d = &s->drive[i];

    if (!config->present || (!config->cdrom && !config->block)) {
        return;
    }
    d->media = config->block;
    d->serial[0] = 'G';
    d->serial[1] = 'N';
    memset(d->serial + 2, '0', 6);
    d->serial[8] = (char)('1' + (s->base == 0x170 ? 2 : 0) + i);
    if (config->cdrom) {
        d->ops = &atapi_ops;
        atapi_attach(d);
        return;
    }
    d->ops = &ide_disk_ops;
    ide_disk_attach(d);
}

struct ide *ide_create(struct machine *m, uint16_t base, uint16_t ctrl, struct line irq,
                       const struct pc_drive *drives)
{
    static const char *const names[2][2] = {{"ide0.master", "ide0.slave"},
                                            {"ide1.master", "ide1.slave"}};
    struct ide *s = device_new(m, &ide_type, sizeof(*s));

    s->irq = irq;
    s->base = base;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &s->drive[i];

        d->channel = s;
        d->position = (uint8_t)i;
        clock_event_init(&d->work_event, &m->clock, names[base == 0x170][i], ide_drive_work, d);
        drive_attach(s, i, &drives[i]);
    }
    io_map_wide(m, base, 1, ide_data_read, ide_data_write, s);
    io_map8(m, (uint16_t)(base + 1), 7, ide_read, ide_write, s);
    io_map8(m, ctrl, 1, ide_control_read, ide_control_write, s);
    return s;
}
