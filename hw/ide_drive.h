/* SPDX-License-Identifier: MIT */
/*
 * The cable between an ATA channel (ide.c) and what hangs on it (ide_disk.c, atapi.c): the task
 * file that each drive keeps a copy of, the block of data that is moving, and the few things a
 * drive asks for.
 */
#ifndef HW_IDE_DRIVE_H
#define HW_IDE_DRIVE_H

#include "base/clock.h"
#include "base/state.h"
#include "base/types.h"
#include "hw/ide.h"

enum {
    ATA_SR_ERR = 1 << 0,
    ATA_SR_DRQ = 1 << 3,
    ATA_SR_DSC = 1 << 4,
    ATA_SR_DF = 1 << 5,
    ATA_SR_DRDY = 1 << 6,
    ATA_SR_BSY = 1 << 7,

    ATA_ER_ABRT = 1 << 2,
    ATA_ER_IDNF = 1 << 4,
    ATA_ER_UNC = 1 << 6,

    ATA_DH_HEAD = 0x0f,
    ATA_DH_DEV = 1 << 4,
    ATA_DH_LBA = 1 << 6,
};

#define IDE_NS_COMMAND 30000u /* from a command to its first answer */
#define IDE_NS_BLOCK   5000u  /* between the blocks of a command: the drive reads ahead */
#define IDE_DATA_SIZE  65536u

/* What the work event will do. The drive's own values start at WORK_DRIVE. */
enum ide_work { WORK_NONE, WORK_RESET, WORK_DIAGNOSTIC, WORK_DRIVE };

enum ide_transfer {
    TRANSFER_NONE,
    TRANSFER_IN,
    TRANSFER_OUT,
    TRANSFER_DMA_IN,
    TRANSFER_DMA_OUT,
};

struct ide_drive;

struct ide_drive_ops {
    void (*reset)(struct ide_drive *d, bool hard); /* settings; the channel writes the signature */
    void (*signature)(struct ide_drive *d);        /* task file after reset and diagnostics */
    void (*command)(struct ide_drive *d);          /* d->command was written; not busy */
    void (*work)(struct ide_drive *d);             /* the time asked for is over */
    void (*data_done)(struct ide_drive *d);        /* the program moved the whole block */
};

/* What an ATAPI drive remembers between packets. */
struct atapi {
    uint8_t packet[12];
    uint8_t sense_key, asc, ascq;
    uint8_t media_event; /* for GET EVENT STATUS NOTIFICATION: 0 none, 2 new medium, 3 removed */
    uint8_t attention;   /* unit attentions not yet reported: bits */
    bool locked;         /* PREVENT MEDIUM REMOVAL */
    bool tray_open;
    bool dma;                  /* this packet's data goes by DMA */
    uint16_t sector_size;      /* bytes that READ or READ CD gives for each sector */
    uint32_t lba, left;        /* sectors still to be read from the disc */
    uint32_t position;         /* the last one read, for READ SUB-CHANNEL */
    uint32_t buf_pos, buf_end; /* in ide_drive.data, when one load takes several blocks */
};

struct ide_drive {
    /* The task file. */
    uint8_t feature, nsector, sector, lcyl, hcyl, select;
    uint8_t hob_feature, hob_nsector, hob_sector, hob_lcyl,
        hob_hcyl; /* previous values, for LBA48 */
    uint8_t error, status, command;

    uint8_t work;     /* enum ide_work and the drive's own */
    uint8_t transfer; /* enum ide_transfer */
    bool intrq;
    uint8_t power; /* what CHECK POWER MODE says: FFh active, 80h idle, 0 standby; 1: asleep */
    uint32_t data_pos, data_end;
    uint8_t data[IDE_DATA_SIZE];

    /* Disks: the translation in force, and the command in progress. */
    uint32_t cylinders, heads, sectors;
    uint8_t multiple; /* sectors for each block of the MULTIPLE commands; 0: off */
    bool write_cache;
    uint8_t dma_mode; /* SET FEATURES 03h: 20h + multiword, 40h + Ultra DMA mode; 0: none set */
    uint32_t lba, left, block; /* next sector, sectors left, sectors in the current block */

    struct atapi atapi;
    struct clock_event work_event;

    /* Wiring; not saved. */
    const struct ide_drive_ops *ops; /* NULL: nothing connected */
    struct ide *channel;
    struct block *media;
    uint32_t total;   /* disks: sectors of 512 bytes; CDs: sectors of 2048 */
    uint8_t position; /* 0 master, 1 slave */
    char serial[21];
};

/* Services of the channel. */
void ide_raise_intrq(struct ide_drive *d);
/* Sets BSY; ops->work runs after ns with d->work == work. */
void ide_work_in(struct ide_drive *d, uint8_t work, uint32_t ns);
/* SET FEATURES 03h; false: no such mode. */
bool ide_set_mode(struct ide_drive *d, uint8_t mode);
/* For IDENTIFY: modes 0 to max of the kind that SET FEATURES calls `kind`; in the upper byte the
 * one set. */
uint32_t ide_dma_modes(const struct ide_drive *d, uint8_t kind, unsigned max);
/* The channel has a bus master. */
bool ide_has_dma(const struct ide_drive *d);
/* d->data[start .. start + len) is ready for, or wanted from, the program or (TRANSFER_DMA_*) the
 * bus master: sets DRQ. len is even and not 0. */
void ide_start_transfer(struct ide_drive *d, enum ide_transfer direction, uint32_t start,
                        uint32_t len);
/* Not busy, no data; status DRDY DSC plus more. */
void ide_ready(struct ide_drive *d, uint8_t more);
/* Ends a command with an error and INTRQ. */
void ide_fail(struct ide_drive *d, uint8_t error);
/* Text of an IDENTIFY block: bytes of each word swapped, padded with blanks. */
void ide_put_string(uint8_t *id, unsigned word, unsigned words, const char *text);

extern const struct ide_drive_ops ide_disk_ops, atapi_ops;
extern const struct state_field atapi_state[];

struct ide_geometry ide_disk_geometry(const struct ide_drive *d);
void ide_disk_attach(struct ide_drive *d);
void atapi_attach(struct ide_drive *d);
void atapi_media_changed(struct ide_drive *d, struct block *block);
void atapi_set_tray(struct ide_drive *d, bool open);
void atapi_request_eject(struct ide_drive *d, bool force);
/* After a state was loaded: indexes inside their buffers. */
void ide_disk_loaded(struct ide_drive *d);
void atapi_loaded(struct ide_drive *d);

#endif
