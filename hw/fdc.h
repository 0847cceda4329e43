/* SPDX-License-Identifier: MIT */
/*
 * The 82077AA floppy disk controller with two drives.
 */
#ifndef HW_FDC_H
#define HW_FDC_H

#include "hw/line.h"

struct block;
struct dma;
struct fdc;
struct machine;

struct fdc_geometry {
    uint8_t heads, cylinders, sectors; /* sectors per track; all 0: no medium */
};

/*
 * Claims 3F0h-3F5h and 3F7h. media[n] may be NULL: no medium. Takes the media. type[n]: as
 * fdc_cmos_type() says it; 0: a drive for the medium it is created with, for 1.44 MB if it is
 * empty.
 */
struct fdc *fdc_create(struct machine *m, struct line irq6, struct dma *dma, struct block *media[2],
                       const bool present[2], const uint8_t type[2]);
/* The type of drive that a medium of that size was made for. */
uint8_t fdc_type_for(const struct block *b);
/* NULL ejects. Takes the block and closes the old one. Absent drives close it at once. */
void fdc_set_media(struct fdc *s, unsigned drive, struct block *block);
/* The medium of a drive, or NULL; for front ends that list the drives. */
struct block *fdc_media(const struct fdc *s, unsigned drive);
struct fdc_geometry fdc_media_geometry(const struct fdc *s, unsigned drive);
/* CMOS byte 10h's nibble: 0 none, 1 360 KB, 2 1.2 MB, 3 720 KB, 4 1.44 MB, 5 2.88 MB. */
uint8_t fdc_cmos_type(const struct fdc *s, unsigned drive);

#endif
