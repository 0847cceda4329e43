/* SPDX-License-Identifier: MIT */
/*
 * Host memory that can be seen at a second address as well: a window of fixed place onto any part
 * of it. Whoever has pointers into the window need not hear that it shows something else.
 */
#ifndef BASE_HOSTMAP_H
#define BASE_HOSTMAP_H

#include "base/types.h"

struct hostmap {
    int fd;
    uint8_t *bytes;
    size_t size;
};

/* Zeros, touched sparsely; sizes and offsets are whole pages. Ends the program if there is no room.
 */
void hostmap_init(struct hostmap *h, const char *name, size_t size);
void hostmap_free(struct hostmap *h);
/* A window onto the first bytes. */
uint8_t *hostmap_window(struct hostmap *h, size_t size);
void hostmap_move_window(struct hostmap *h, uint8_t *window, size_t size, size_t offset);
void hostmap_free_window(uint8_t *window, size_t size);

#endif
