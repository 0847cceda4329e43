/* SPDX-License-Identifier: MIT */
/*
 * The port map. It knows which widths a chip accepts, so handlers do not check: a 16- or 32-bit
 * access to a range mapped with io_map8() becomes byte accesses to consecutive ports, low byte
 * first. Unclaimed ports read all ones and are logged (-d ioport).
 */
#ifndef HW_IO_H
#define HW_IO_H

#include "base/types.h"

struct machine;
struct io_map;

typedef uint8_t (*io_read8_fn)(void *opaque, uint16_t port);
typedef void (*io_write8_fn)(void *opaque, uint16_t port, uint8_t val);
/* size is 1, 2 or 4 */
typedef uint32_t (*io_read_fn)(void *opaque, uint16_t port, unsigned size);
typedef void (*io_write_fn)(void *opaque, uint16_t port, uint32_t val, unsigned size);

struct io_map *io_map_new(void);
void io_map_free(struct io_map *map);

/* Claims count ports from port. A later claim replaces an earlier one. NULL handlers float. */
void io_map8(struct machine *m, uint16_t port, unsigned count, io_read8_fn rd, io_write8_fn wr,
             void *opaque);
/* For chips with 16- or 32-bit registers: the handler sees the width. */
void io_map_wide(struct machine *m, uint16_t port, unsigned count, io_read_fn rd, io_write_fn wr,
                 void *opaque);
/*
 * A range that moves (a PCI base address register): it lies over what else is there, which is back
 * when it is closed. Handlers get the port.
 */
unsigned io_window_new(struct machine *m, io_read_fn rd, io_write_fn wr, void *opaque);
void io_window_open(struct machine *m, unsigned window, uint16_t port, unsigned count);
void io_window_close(struct machine *m, unsigned window, uint16_t port, unsigned count);

/* What the CPU's IN and OUT call. */
uint32_t io_read(struct machine *m, uint16_t port, unsigned size);
void io_write(struct machine *m, uint16_t port, uint32_t val, unsigned size);

#endif
