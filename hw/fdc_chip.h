/* SPDX-License-Identifier: MIT */
/*
 * Inside the floppy disk controller: its bits and its state, which fdc.c (registers and commands),
 * fdc_transfer.c (sectors) and fdc_drive.c (heads and media) share.
 */
#ifndef HW_FDC_CHIP_H
#define HW_FDC_CHIP_H

#include "base/clock.h"
#include "host/block.h"
#include "hw/fdc.h"

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

/* fdc.c: fifo[0 .. len) is filled in. */
void fdc_enter_result(struct fdc *s, unsigned len);
void fdc_enter_command(struct fdc *s);
void fdc_raise_int(struct fdc *s);
void fdc_lower_int(struct fdc *s);

/* fdc_transfer.c */
bool fdc_uses_dma(const struct fdc *s);
/* What the work event does: the end of a reset, or the next sector of the command in execution. */
void fdc_work(void *opaque);
void fdc_next_sector_in(struct fdc *s, unsigned ns);
/* The motor was started or a disk put in: a command that found no index pulses gets some. */
void fdc_kick_waiting(struct fdc *s);
/* The program has moved the whole of buf. */
void fdc_pio_done(struct fdc *s);

/* fdc_drive.c: returns the type of drive that the medium was made for. */
uint8_t fdc_insert(struct fdc_drive *d, struct block *b);
/* The data rate at which the medium can be read. */
uint8_t fdc_media_rate(const struct fdc_drive *d);
/* A 40-track disk in an 80-track drive is stepped twice for each track. */
unsigned fdc_media_track(const struct fdc_drive *d);
/* Moves the head by steps (negative: outwards); returns how many pulses that took. */
unsigned fdc_step_head(struct fdc_drive *d, int steps);

#endif
