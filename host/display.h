/* SPDX-License-Identifier: MIT */
/*
 * A picture of the guest's screen, for screenshots and windows.
 */
#ifndef HOST_DISPLAY_H
#define HOST_DISPLAY_H

#include "base/types.h"

struct picture {
    uint32_t width, height; /* pixels */
    uint32_t *pixels;       /* 0x00RRGGBB, row after row, width apart; owned by the picture */
};

void picture_resize(struct picture *p, uint32_t width, uint32_t height);
void picture_free(struct picture *p);

/* Both write to a temporary name beside path and rename. NULL, or a message (caller frees). */
char *picture_write_ppm(const struct picture *p, const char *path);
char *picture_write_png(const struct picture *p, const char *path);

#endif
