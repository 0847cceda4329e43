/* SPDX-License-Identifier: MIT */
/*
 * The two 8237A DMA controllers and their page registers. A device on the ISA bus moves bytes with
 * dma_transfer() while its request is asserted; the program's registers say where to.
 */
#ifndef HW_DMA_H
#define HW_DMA_H

#include "base/types.h"

struct dma;
struct machine;

struct dma *dma_create(struct machine *m);

/*
 * Moves up to len bytes between buf and guest memory on channel ch (0-3 bytes, 5-7 words: len is
 * rounded down to whole words). to_memory is the device's own direction: true when it has data for
 * memory (the program must have chosen a "write" transfer, or "verify", which moves nothing but
 * counts). Returns the bytes moved: less than len once the terminal count is reached, 0 while the
 * channel is masked, disabled or programmed for the other direction. *tc is set when this call
 * reached the terminal count (the device sees TC with its last byte).
 *
 * The request is held by the device between calls: dma_request() only shows in the status register.
 */
unsigned dma_transfer(struct dma *s, unsigned ch, uint8_t *buf, unsigned len, bool to_memory,
                      bool *tc);
/* DREQ of a channel, as the status register shows it. */
void dma_request(struct dma *s, unsigned ch, bool level);
/* True if a transfer on ch would move something now: the device's DACK would come. */
bool dma_ready(const struct dma *s, unsigned ch);

#endif
