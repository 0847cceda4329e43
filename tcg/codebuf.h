/* SPDX-License-Identifier: MIT */
/*
 * Memory for host code. No page is writable and executable at one address: the buffer is mapped
 * twice, and codebuf_w() turns an address to run at into the address to write at.
 */
#ifndef TCG_CODEBUF_H
#define TCG_CODEBUF_H

#include "base/types.h"
#include "tcg/backend.h"

/*
 * It is filled a region at a time, in turn: when the last is full, what the first holds makes room.
 * Code grows from a region's start, what is known of it (tb.h) from its end.
 */
#define CODE_REGIONS 8u

struct codebuf {
    uint8_t *run;   /* read and execute */
    ptrdiff_t to_w; /* write address - run address */
    size_t size;
    size_t used, end;          /* offsets in the current region: what is free; behind that */
    size_t shared_end;         /* glue for all blocks lies below, in no region */
    unsigned region, regions;  /* the current one; how many */
    struct jump_target *jumps; /* within 2 GiB of the code, behind it */
    uint8_t *glue[16];         /* the back end's shared pieces */
};

/* size in bytes. NULL if the host gives no such memory. */
struct codebuf *codebuf_new(size_t size);
void codebuf_free(struct codebuf *b);
/* From now on code goes to that region, from its start on. */
void codebuf_use(struct codebuf *b, unsigned region);

static inline uint32_t codebuf_offset(const struct codebuf *b, const uint8_t *run)
{
    return (uint32_t)(run - b->run);
}

static inline uint8_t *codebuf_w(const struct codebuf *b, const uint8_t *run)
{
    return (uint8_t *)(uintptr_t)run + b->to_w;
}

#endif
