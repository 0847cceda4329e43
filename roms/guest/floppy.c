/* SPDX-License-Identifier: MIT */
/*
 * The diskette controller (Intel 82077AA data sheet, order 290166) and drive A: a sector by channel
 * 2 of the DMA controller and through the data register. Nothing is written to the diskette.
 */
#include "guest.h"

enum {
    DOR = 0x3f2,
    MSR = 0x3f4,
    FIFO = 0x3f5,
    DIR = 0x3f7, /* written: the data rate */

    DOR_RUN = 0x04, /* 0 resets */
    DOR_DMAGATE = 0x08,
    DOR_MOTOR0 = 0x10,

    MSR_NONDMA = 0x20,
    MSR_DIO = 0x40,
    MSR_RQM = 0x80,

    DIR_DSKCHG = 0x80,

    SPECIFY = 0x03,
    RECALIBRATE = 0x07,
    SENSE_INTERRUPT = 0x08,
    SEEK = 0x0f,
    VERSION = 0x10,
    READ_DATA = 0x46, /* MFM */

    SPECIFY_ND = 0x01,
    ST0_SE = 0x20,
    ST0_ERROR = 0xc0,
    ST0_ABNORMAL = 0x40,
    ST1_EN = 0x80,

    CHANNEL = 2,
    SINGLE = 1 << 6, /* of the DMA controller's mode */
    BYTES = 512,
};

/* The main status register's bits in `mask` are `want`; a second is more than any drive takes. */
static bool wait_status(uint8_t mask, uint8_t want)
{
    uint32_t limit = ticks + 1000;

    while ((inb(MSR) & mask) != want) {
        if (ticks >= limit) {
            return false;
        }
    }
    return true;
}

static bool send(const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (!wait_status(MSR_RQM | MSR_DIO, MSR_RQM)) {
            return false;
        }
        outb(FIFO, bytes[i]);
    }
    return true;
}
#define SEND(...) send((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static int receive(void)
{
    return wait_status(MSR_RQM | MSR_DIO, MSR_RQM | MSR_DIO) ? inb(FIFO) : -1;
}

static void reset(uint8_t motor)
{
    outb(DOR, 0);
    wait_ms(1);
    outb(DOR, DOR_RUN | DOR_DMAGATE | motor);
    wait_ms(1);
    for (unsigned drive = 0; drive < 4; drive++) { /* each reports that it was polled */
        SEND(SENSE_INTERRUPT);
        receive();
        receive();
    }
}

/* Waits for the end of SEEK or RECALIBRATE. */
static bool seek_ended(void)
{
    for (uint32_t limit = ticks + 4000; ticks < limit; wait_ms(1)) {
        if (!SEND(SENSE_INTERRUPT)) {
            return false;
        }
        int st0 = receive();

        if (st0 < 0) {
            return false;
        }
        if ((st0 & ST0_ERROR) != 0x80) { /* else: nothing has happened yet, and that is all */
            receive();
            if (st0 & ST0_SE) {
                return true;
            }
        }
    }
    return false;
}

/* Steps clear the drive's DSKCHG if there is a diskette. Leaves the head on cylinder 0. */
static bool diskette_inserted(void)
{
    return SEND(RECALIBRATE, 0) && seek_ended() && SEND(SEEK, 0, 1) && seek_ended() &&
           !(inb(DIR) & DIR_DSKCHG) && SEND(RECALIBRATE, 0) && seek_ended();
}

/* Cylinder 0, head 0, sector 2. Without DMA nobody says which is the last: the end of the track. */
static bool read_sector(uint8_t *bytes, bool by_dma)
{
    int result[7];

    SEND(SPECIFY, 0xaf, 0x02 | (by_dma ? 0 : SPECIFY_ND));
    if (by_dma) {
        dma_program(CHANNEL, SINGLE | DMA_TO_MEMORY, bytes, BYTES);
    }
    if (!SEND(READ_DATA, 0, 0, 0, 2, 2, by_dma ? 8 : 2, 0x1b, 0xff)) {
        return false;
    }
    for (unsigned i = 0; !by_dma && i < BYTES; i++) {
        uint8_t ready = MSR_RQM | MSR_DIO;

        if (!wait_status(ready, ready) || !(inb(MSR) & MSR_NONDMA)) {
            break; /* the result already */
        }
        bytes[i] = inb(FIFO);
    }
    for (unsigned i = 0; i < ARRAY_LEN(result); i++) {
        result[i] = receive();
    }
    dma_mask(CHANNEL);
    if (by_dma) {
        return !(result[0] & ST0_ERROR) && dma_ended(CHANNEL);
    }
    return !(result[0] & ST0_ERROR) ||
           ((result[0] & ST0_ERROR) == ST0_ABNORMAL && result[1] == ST1_EN);
}

/* The data rate is what the diskette was made for: 500, 300, 250 kbit/s or 1 Mbit/s. */
static bool read_at_any_rate(uint8_t *bytes)
{
    for (uint8_t rate = 0; rate < 4; rate++) {
        outb(DIR, rate);
        memset(bytes, 0x5a, BYTES);
        if (read_sector(bytes, true)) {
            return true;
        }
    }
    return false;
}

static bool controller_exists(void)
{
    return (inb(MSR) & 0xc0) == MSR_RQM;
}

void check_floppy(void)
{
    check_label("Floppy");
    if (!controller_exists()) {
        check_absent();
        return;
    }
    SEND(VERSION);
    int v = receive();
    uint8_t types = cmos(0x10);

    print("controller %02x, drive types %x %x", v, types >> 4, types & 15);
    check_result(v == 0x90 || v == 0x80);
}

void check_floppy_dma(void)
{
    static uint8_t by_dma[BYTES] __attribute__((aligned(BYTES))), by_port[BYTES];

    check_label("Floppy DMA");
    if (!controller_exists() || !(cmos(0x10) >> 4)) {
        check_absent();
        return;
    }
    reset(DOR_MOTOR0);
    if (diskette_inserted()) {
        bool good = read_at_any_rate(by_dma) && read_sector(by_port, false);

        for (unsigned i = 0; i < BYTES; i++) {
            good = good && by_dma[i] == by_port[i];
        }
        print("a diskette's sector as through the data register");
        check_result(good);
    } else {
        check_absent();
    }
    reset(0); /* a command may still wait for a diskette */
}
