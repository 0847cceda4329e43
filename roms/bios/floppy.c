/* SPDX-License-Identifier: MIT */
/*
 * Floppy disks: INT 13h for drives 0 and 1 (INT 40h when a hard disk is there), by the 82077AA and
 * DMA channel 2.
 *
 * The drive type comes from CMOS 10h. Which kind of disk is in the drive is found by reading an ID
 * field at each data rate; the answer is kept in 40:90 until the disk-change line says that the
 * disk may be another one.
 */
#include "bios.h"

enum {
    FDC_DOR = 0x3f2,
    FDC_MSR = 0x3f4,
    FDC_DATA = 0x3f5,
    FDC_DIR = 0x3f7,
    FDC_CCR = 0x3f7,
};
enum { MSR_RQM = 0x80, MSR_DIO = 0x40, MSR_BUSY = 0x10 };
enum {
    CMD_SPECIFY = 0x03,
    CMD_WRITE = 0xc5,
    CMD_READ = 0xe6,
    CMD_RECALIBRATE = 0x07,
    CMD_SENSE_INTERRUPT = 0x08,
    CMD_READ_ID = 0x4a,
    CMD_FORMAT = 0x4d,
    CMD_SEEK = 0x0f,
};
enum { /* INT 13h status */
       ST_OK = 0x00,
       ST_BAD_COMMAND = 0x01,
       ST_NO_ADDRESS_MARK = 0x02,
       ST_WRITE_PROTECTED = 0x03,
       ST_NO_SECTOR = 0x04,
       ST_CHANGED = 0x06,
       ST_DMA_OVERRUN = 0x08,
       ST_DMA_BOUNDARY = 0x09,
       ST_MEDIA_UNKNOWN = 0x0c,
       ST_CRC = 0x10,
       ST_CONTROLLER = 0x20,
       ST_SEEK = 0x40,
       ST_TIMEOUT = 0x80,
};
/* 40:90: bits 7-6 rate, 5 double stepping, 4 established, 2-0 what for old programs */
enum { MEDIA_KNOWN = 0x10, MEDIA_DOUBLE_STEP = 0x20 };

struct type {
    u8 cylinders, sectors, rate; /* rate: CCR value, 0 500, 1 300, 2 250, 3 1000 kbit/s */
    u8 gap, format_gap;
};
/* By CMOS type: 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M */
static ROM struct type types[] = {
    {0, 0, 0, 0, 0},        {40, 9, 2, 0x2a, 0x50},  {80, 15, 0, 0x1b, 0x54},
    {80, 9, 2, 0x2a, 0x50}, {80, 18, 0, 0x1b, 0x6c}, {80, 36, 3, 0x1b, 0x53},
};
/* INT 1Eh tables by type: motor and step times, sector size code, EOT, gap, DTL, format gap, fill,
 * head settle, motor start; then the last cylinder, as AH=08h gives them out. */
static ROM u8 tables[][12] = {
    {0xaf, 0x02, 0x25, 0x02, 0x12, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08, 79},
    {0xdf, 0x02, 0x25, 0x02, 0x09, 0x2a, 0xff, 0x50, 0xf6, 0x0f, 0x08, 39},
    {0xdf, 0x02, 0x25, 0x02, 0x0f, 0x1b, 0xff, 0x54, 0xf6, 0x0f, 0x08, 79},
    {0xdf, 0x02, 0x25, 0x02, 0x09, 0x2a, 0xff, 0x50, 0xf6, 0x0f, 0x08, 79},
    {0xaf, 0x02, 0x25, 0x02, 0x12, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08, 79},
    {0xaf, 0x02, 0x25, 0x02, 0x24, 0x1b, 0xff, 0x53, 0xf6, 0x0f, 0x08, 79},
};

static u8 drive_type(u8 drive)
{
    u8 v = cmos_read(0x10);

    v = drive ? v & 15 : v >> 4;
    return v <= 5 ? v : 0;
}

u8 floppy_count(void)
{
    return !!drive_type(0) + !!drive_type(1);
}

static u8 table_byte(u8 n)
{
    u32 p = peek32(0, 0x1e * 4);

    return peek8(p >> 16, p + n);
}

/* ---- the controller ---- */

static int out_byte(u8 v)
{
    for (u16 i = 0; i < 20000; i++) {
        u8 msr = inb(FDC_MSR);

        if ((msr & (MSR_RQM | MSR_DIO)) == MSR_RQM) {
            outb(v, FDC_DATA);
            return 1;
        }
        if ((msr & (MSR_RQM | MSR_DIO)) == (MSR_RQM | MSR_DIO)) {
            inb(FDC_DATA); /* left over from somebody else's command */
        }
    }
    return 0;
}

/* Results to 40:42; their number. */
static u8 read_results(void)
{
    u8 n = 0;

    for (u16 i = 0; i < 20000 && n < 7; i++) {
        u8 msr = inb(FDC_MSR);

        if ((msr & (MSR_RQM | MSR_DIO)) == (MSR_RQM | MSR_DIO)) {
            BDA->fdc_result[n++] = inb(FDC_DATA);
            i = 0;
        } else if ((msr & (MSR_RQM | MSR_BUSY)) == MSR_RQM) {
            break;
        }
    }
    return n;
}

void handle_irq6(struct regs *r)
{
    (void)r;
    BDA->fdc_recal |= 0x80;
    eoi(6);
}

/* Sleeps until IRQ 6, two seconds of ticks at most; spins if the interrupts that would wake us are
 * masked. */
static int wait_interrupt(void)
{
    u32 start = BDA->ticks;
    u32 spins = 0;

    while (!(BDA->fdc_recal & 0x80)) {
        if (BDA->ticks - start > 40 || spins > 200000) {
            return 0;
        }
        if (inb(0x21) & 0x41) {
            spins++;
            delay_15us(1);
            let_irqs();
            if (inb(0x21) & 0x40) { /* IRQ 6 cannot come: look at the controller */
                u8 msr = inb(FDC_MSR);

                if ((msr & (MSR_RQM | MSR_DIO | MSR_BUSY)) == (MSR_RQM | MSR_DIO | MSR_BUSY)) {
                    return 1;
                }
            }
        } else {
            wait_irq();
        }
    }
    BDA->fdc_recal &= ~0x80;
    return 1;
}

static void sense_interrupt(void)
{
    if (out_byte(CMD_SENSE_INTERRUPT)) {
        read_results();
    }
}

static u8 reset_controller(void)
{
    u8 dor = inb(FDC_DOR);

    (void)dor;
    BDA->fdc_recal &= ~0x80;
    outb((BDA->fdc_motor & 0x03) << 4 | 0x08, FDC_DOR);
    delay_15us(1);
    outb((BDA->fdc_motor & 0x03) << 4 | 0x0c, FDC_DOR);
    BDA->fdc_recal &= 0x80;
    if (!wait_interrupt()) {
        return ST_TIMEOUT;
    }
    for (u8 i = 0; i < 4; i++) {
        sense_interrupt();
        if (i == 0 && (BDA->fdc_result[0] & 0xc0) != 0xc0) {
            return ST_CONTROLLER;
        }
    }
    if (!out_byte(CMD_SPECIFY) || !out_byte(table_byte(0)) || !out_byte(table_byte(1))) {
        return ST_CONTROLLER;
    }
    BDA->fdc_recal &= ~0x7f;
    return ST_OK;
}

/* The controller may have been reset or switched off by a program that drove it itself. */
static u8 select(u8 drive)
{
    u8 dor = inb(FDC_DOR);

    BDA->fdc_motor_ticks = table_byte(2) ? table_byte(2) : 37;
    BDA->fdc_motor = (BDA->fdc_motor & 0x0c) | 1 << drive;
    if ((dor & 0x0c) != 0x0c) {
        u8 status = reset_controller();

        if (status) {
            return status;
        }
    }
    outb(0x0c | drive | 0x10 << drive, FDC_DOR);
    return ST_OK;
}

static u8 seek_command(u8 command, u8 drive, u8 head, u8 cylinder)
{
    BDA->fdc_recal &= ~0x80;
    if (!out_byte(command) || !out_byte(head << 2 | drive)) {
        return ST_TIMEOUT;
    }
    if (command == CMD_SEEK && !out_byte(cylinder)) {
        return ST_TIMEOUT;
    }
    if (!wait_interrupt()) {
        return ST_TIMEOUT;
    }
    sense_interrupt();
    return (BDA->fdc_result[0] & 0xe0) == 0x20 ? ST_OK : ST_SEEK;
}

static u8 recalibrate(u8 drive)
{
    u8 status = seek_command(CMD_RECALIBRATE, drive, 0, 0);

    if (status == ST_SEEK) { /* 77 steps may not have been enough */
        status = seek_command(CMD_RECALIBRATE, drive, 0, 0);
    }
    if (!status) {
        BDA->fdc_recal |= 1 << drive;
        BDA->fdc_track[drive] = 0;
    }
    return status;
}

static u8 seek_track(u8 drive, u8 head, u8 cylinder)
{
    u8 status;

    if (!(BDA->fdc_recal & 1 << drive)) {
        status = recalibrate(drive);
        if (status) {
            return status;
        }
    }
    if (BDA->fdc_track[drive] == cylinder) {
        return ST_OK;
    }
    status = seek_command(CMD_SEEK, drive, head, cylinder);
    if (status) {
        BDA->fdc_recal &= ~(1 << drive);
    } else {
        BDA->fdc_track[drive] = cylinder;
    }
    return status;
}

/* A drive of 80 tracks steps twice for each of a 40-track disk's. */
static u8 seek(u8 drive, u8 head, u8 cylinder)
{
    return seek_track(drive, head,
                      BDA->fdc_media[drive] & MEDIA_DOUBLE_STEP ? cylinder * 2 : cylinder);
}

static u8 status_of_result(void)
{
    u8 st1 = BDA->fdc_result[1];

    if (!(BDA->fdc_result[0] & 0xc0)) {
        return ST_OK;
    }
    if (st1 & 0x80) {
        return ST_NO_SECTOR;
    }
    if (st1 & 0x20) {
        return ST_CRC;
    }
    if (st1 & 0x10) {
        return ST_DMA_OVERRUN;
    }
    if (st1 & 0x04) {
        return ST_NO_SECTOR;
    }
    if (st1 & 0x02) {
        return ST_WRITE_PROTECTED;
    }
    if (st1 & 0x01) {
        return ST_NO_ADDRESS_MARK;
    }
    return ST_CONTROLLER;
}

static void set_rate(u8 rate)
{
    outb(rate, FDC_CCR);
    BDA->fdc_rate = (BDA->fdc_rate & 0x3f) | rate << 6;
}

static u8 read_id(u8 drive)
{
    BDA->fdc_recal &= ~0x80;
    if (!out_byte(CMD_READ_ID) || !out_byte(drive)) {
        return ST_TIMEOUT;
    }
    if (!wait_interrupt()) {
        reset_controller(); /* no disk: the controller waits for index pulses for ever */
        return ST_TIMEOUT;
    }
    if (read_results() != 7) {
        return ST_CONTROLLER;
    }
    return status_of_result();
}

/* ---- which disk ---- */

static u8 change_line(u8 drive)
{
    return drive_type(drive) > 1 ? inb(FDC_DIR) & 0x80 : 0;
}

/* The change line drops when the head steps with a disk in the drive. */
static int disk_present(u8 drive)
{
    u8 track = BDA->fdc_track[drive];

    if (!change_line(drive)) {
        return 1;
    }
    BDA->fdc_media[drive] &= ~MEDIA_KNOWN;
    if (recalibrate(drive) || seek_track(drive, 0, track ? track - 1 : 1) ||
        seek_track(drive, 0, 0)) {
        return 0;
    }
    return !change_line(drive);
}

/* In a 1.2 MB drive: is track 2 the disk's first? */
static int is_double_step(u8 drive)
{
    int is = !seek_track(drive, 0, 2) && !read_id(drive) && BDA->fdc_result[3] == 1;

    seek_track(drive, 0, 0);
    return is;
}

static u8 find_media(u8 drive)
{
    static ROM u8 rates_35[] = {0, 2, 0xff};
    static ROM u8 rates_288[] = {3, 0, 2, 0xff};
    static ROM u8 rates_12[] = {0, 1, 2, 0xff};
    static ROM u8 rates_360[] = {2, 1, 0xff};
    u8 type = drive_type(drive), status = ST_MEDIA_UNKNOWN;
    ROM u8 *rate;

    if (!disk_present(drive)) {
        return ST_TIMEOUT;
    }
    if (BDA->fdc_media[drive] & MEDIA_KNOWN) {
        set_rate(BDA->fdc_media[drive] >> 6);
        return ST_OK;
    }
    rate = type == 1 ? rates_360 : type == 2 ? rates_12 : type == 5 ? rates_288 : rates_35;
    if (recalibrate(drive)) {
        return ST_SEEK;
    }
    for (; *rate != 0xff; rate++) {
        set_rate(*rate);
        status = read_id(drive);
        if (!status) {
            u8 low = 7;

            if (type == 1) {
                low = 3;
            } else if (type == 2 && *rate == 0) {
                low = 5;
            } else if (type == 2 && *rate == 1 && is_double_step(drive)) {
                low = MEDIA_DOUBLE_STEP | 4;
            }
            BDA->fdc_media[drive] = *rate << 6 | MEDIA_KNOWN | low;
            return ST_OK;
        }
        if (status == ST_TIMEOUT) {
            return ST_TIMEOUT;
        }
    }
    return ST_MEDIA_UNKNOWN;
}

/* ---- transfers ---- */

/* Channel 2: mode 46h to memory, 4Ah from memory, 42h verify. 0 if the block would cross 64 KiB. */
static int dma_setup(u8 mode, u32 linear, u32 bytes)
{
    if ((linear & 0xffff) + bytes > 0x10000) {
        return 0;
    }
    outb(0x06, 0x0a);
    outb(0, 0x0c);
    outb(mode, 0x0b);
    outb(linear, 0x04);
    outb(linear >> 8, 0x04);
    outb(linear >> 16, 0x81);
    outb(bytes - 1, 0x05);
    outb((bytes - 1) >> 8, 0x05);
    outb(0x02, 0x0a);
    return 1;
}

static u8 transfer_once(struct regs *r, u8 drive, u8 command, u8 mode)
{
    u32 bytes = r->al * (128u << table_byte(3)), linear = ((u32)r->es << 4) + r->bx;
    u8 status;

    if (mode == 0x42) {
        linear = 0; /* verify moves nothing, so no boundary matters */
    }
    if (command == CMD_FORMAT) {
        bytes = table_byte(4) * 4;
    }
    if (!dma_setup(mode, linear, bytes)) {
        return ST_DMA_BOUNDARY;
    }
    status = seek(drive, r->dh & 1, r->ch);
    if (status) {
        return status;
    }
    BDA->fdc_recal &= ~0x80;
    if (!out_byte(command) || !out_byte((r->dh & 1) << 2 | drive)) {
        return ST_TIMEOUT;
    }
    if (command == CMD_FORMAT) {
        out_byte(table_byte(3));
        out_byte(table_byte(4));
        out_byte(table_byte(7));
        if (!out_byte(table_byte(8))) {
            return ST_TIMEOUT;
        }
    } else {
        out_byte(r->ch);
        out_byte(r->dh & 1);
        out_byte(r->cl);
        out_byte(table_byte(3));
        out_byte(r->cl + r->al - 1 > table_byte(4) ? r->cl + r->al - 1 : table_byte(4));
        out_byte(table_byte(5));
        if (!out_byte(table_byte(6))) {
            return ST_TIMEOUT;
        }
    }
    if (!wait_interrupt()) {
        reset_controller();
        return ST_TIMEOUT;
    }
    if (read_results() != 7) {
        return ST_CONTROLLER;
    }
    status = status_of_result();
    return status;
}

static u8 transfer(struct regs *r, u8 drive, u8 command, u8 mode)
{
    u8 status = select(drive), changed;

    if (!status) {
        changed = change_line(drive);
        if (command == CMD_FORMAT) {
            if (!disk_present(drive)) {
                return ST_TIMEOUT;
            }
            if (!(BDA->fdc_media[drive] & MEDIA_KNOWN)) {
                BDA->fdc_media[drive] = types[drive_type(drive)].rate << 6 | MEDIA_KNOWN | 7;
            }
            set_rate(BDA->fdc_media[drive] >> 6);
        } else {
            status = find_media(drive);
        }
        if (!status && changed && BDA->fdc_state[drive] & 1) {
            return ST_CHANGED; /* not the first disk since the reset: the caller must know */
        }
    }
    if (status) {
        return status;
    }
    BDA->fdc_state[drive] |= 1;
    status = transfer_once(r, drive, command, mode);
    if (status == ST_NO_ADDRESS_MARK || status == ST_SEEK || status == ST_CONTROLLER) {
        /* The disk may have been changed without the line telling: look again, once. */
        BDA->fdc_media[drive] &= ~MEDIA_KNOWN;
        BDA->fdc_recal &= ~(1 << drive);
        if (command != CMD_FORMAT && !find_media(drive)) {
            status = transfer_once(r, drive, command, mode);
        }
    }
    return status;
}

static void count_and_done(struct regs *r, u8 status, u8 wanted)
{
    if (status == ST_OK) {
        r->al = wanted;
    } else {
        r->al = 0;
    }
    int13_done(r, status);
}

static void set_media(u8 drive, u8 rate)
{
    u8 low = drive_type(drive) == 2 && rate == 1 ? MEDIA_DOUBLE_STEP | 4 : 7;

    BDA->fdc_media[drive] = rate << 6 | MEDIA_KNOWN | low;
}

static void parameters(struct regs *r)
{
    u8 type = r->dl < 2 ? drive_type(r->dl) : 0;

    r->ax = 0;
    r->bx = 0;
    r->dh = 1;
    r->dl = floppy_count();
    if (!type) {
        r->cx = 0;
        r->dx = r->dl;
        r->es = 0;
        r->di = 0;
        set_cf(r, r->dl == 0);
        return;
    }
    r->bl = type;
    r->ch = types[type].cylinders - 1;
    r->cl = types[type].sectors;
    r->es = 0xf000;
    r->di = (u32)tables[type];
    BDA->fdc_error = 0;
    set_cf(r, 0);
}

static void set_format(struct regs *r, u8 drive)
{
    u8 type = drive_type(drive), want = 0;

    /* AH=18h: CH cylinders - 1, CL sectors */
    for (u8 t = 1; t <= 5; t++) {
        if (types[t].cylinders - 1 == r->ch && types[t].sectors == (r->cl & 0x3f)) {
            want = t;
            if (t == type) {
                break;
            }
        }
    }
    if (!want || types[want].sectors > types[type].sectors) {
        int13_done(r, ST_MEDIA_UNKNOWN);
        return;
    }
    set_media(drive, type == 2 && want == 1 ? 1 : types[want].rate);
    r->es = 0xf000;
    r->di = (u32)tables[want];
    int13_done(r, ST_OK);
}

void int13_floppy(struct regs *r)
{
    u8 drive = r->dl, type, n = r->al;

    if (r->ah == 0x08) {
        parameters(r);
        return;
    }
    if (r->ah == 0x01) {
        r->ah = BDA->fdc_error;
        set_cf(r, r->ah != 0);
        return;
    }
    type = drive < 2 ? drive_type(drive) : 0;
    if (r->ah == 0x00 && drive < 4) {
        BDA->fdc_motor &= 0x0f;
        BDA->fdc_recal = 0;
        int13_done(r, floppy_count() ? reset_controller() : ST_OK);
        return;
    }
    if (r->ah == 0x15) {
        r->ah = type ? type == 1 ? 1 : 2 : 0;
        BDA->fdc_error = 0;
        set_cf(r, 0);
        return;
    }
    if (!type) {
        int13_done(r, r->ah >= 2 && r->ah <= 5 ? ST_TIMEOUT : ST_BAD_COMMAND);
        return;
    }
    switch (r->ah) {
    case 0x02: count_and_done(r, n ? transfer(r, drive, CMD_READ, 0x46) : ST_BAD_COMMAND, n); break;
    case 0x03:
        count_and_done(r, n ? transfer(r, drive, CMD_WRITE, 0x4a) : ST_BAD_COMMAND, n);
        break;
    case 0x04: count_and_done(r, n ? transfer(r, drive, CMD_READ, 0x42) : ST_BAD_COMMAND, n); break;
    case 0x05: int13_done(r, transfer(r, drive, CMD_FORMAT, 0x4a)); break;
    case 0x16: {
        u8 status = select(drive);

        if (!status && change_line(drive)) {
            status = ST_CHANGED; /* the line stays: whoever reads next must know too */
        }
        int13_done(r, status);
        break;
    }
    case 0x17: /* disk type for format: 1 360K, 2 360K in 1.2M, 3 1.2M, 4 720K */
        if (n < 1 || n > 4) {
            int13_done(r, ST_BAD_COMMAND);
            break;
        }
        set_media(drive, n == 3 ? 0 : n == 2 ? 1 : 2);
        int13_done(r, ST_OK);
        break;
    case 0x18: set_format(r, drive); break;
    default: int13_done(r, ST_BAD_COMMAND); break;
    }
}

/* From the timer interrupt: the motors stop two seconds after the last use. */
void floppy_tick(void)
{
    u8 left = BDA->fdc_motor_ticks;

    if (left) {
        BDA->fdc_motor_ticks = --left;
        if (!left && BDA->fdc_motor & 0x0f) {
            BDA->fdc_motor &= 0xf0;
            outb(inb(FDC_DOR) & 0xcf, FDC_DOR);
        }
    }
}

void floppy_init(void)
{
    u8 n = floppy_count();

    if (!n) {
        return;
    }
    BDA->equipment |= 0x01 | (n - 1) << 6;
    BDA->fdc_combo = (drive_type(0) ? 0x07 : 0) | (drive_type(1) ? 0x70 : 0);
    if (reset_controller()) {
        trace(STR("BIOS: the floppy controller does not answer\n"));
    }
}
