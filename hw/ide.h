/* SPDX-License-Identifier: MIT */
/*
 * One ATA channel with up to two drives.
 */
#ifndef HW_IDE_H
#define HW_IDE_H

#include "hw/line.h"

struct block;
struct ide;
struct machine;
struct pc_drive;

/*
 * The bus master's side of DMARQ and DMACK#: moves at most len bytes of a drive's block, as many as
 * it wants now; the drive waits with the rest for ide_dma_started().
 */
struct ide_dma {
    uint32_t (*transfer)(void *opaque, unsigned channel, uint8_t *data, uint32_t len,
                         bool to_memory);
    void *opaque;
    unsigned channel;
};

struct ide_geometry {
    uint32_t cylinders, heads, sectors; /* the drive's default translation; all 0: no disk there */
    uint64_t total;                     /* sectors of 512 bytes */
};

/* base: 1F0h or 170h (eight ports); ctrl: 3F6h or 376h (one port). drives: master and slave; takes
 * their blocks. */
struct ide *ide_create(struct machine *m, uint16_t base, uint16_t ctrl, struct line irq,
                       const struct pc_drive *drives);
/* Without it drives do not know DMA. */
void ide_set_dma(struct ide *s, const struct ide_dma *dma);
void ide_dma_started(struct ide *s);
/* drive 0 or 1; CD drives only, others close the block at once. NULL: no medium. Takes the block;
 * the tray stays as it is. */
void ide_set_media(struct ide *s, unsigned drive, struct block *block);
struct block *ide_media(const struct ide *s, unsigned drive);
/* For CMOS and the BIOS. CD drives and absent ones give zeros. */
struct ide_geometry ide_geometry(const struct ide *s, unsigned drive);
/* A CD drive whose tray the guest has locked (PREVENT MEDIUM REMOVAL). */
bool ide_media_locked(const struct ide *s, unsigned drive);
/* The tray of a CD drive, as the drive or somebody moves it, locked or not. */
bool ide_tray_open(const struct ide *s, unsigned drive);
void ide_set_tray(struct ide *s, unsigned drive, bool open);
/* The eject button of a locked drive: the guest is told. force takes the lock away. */
void ide_request_eject(struct ide *s, unsigned drive, bool force);

#endif
