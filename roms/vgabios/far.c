/* SPDX-License-Identifier: MIT */
/*
 * Memory in other segments, through GS; runs of it with the string instructions.
 */
#include "vgabios.h"

static inline void set_gs(uint16_t seg)
{
    __asm__ volatile("movw %w0, %%gs" ::"r"(seg) : "memory");
}

uint8_t far_read8(uint16_t seg, uint16_t off)
{
    set_gs(seg);
    return *(volatile __seg_gs uint8_t *)(uint32_t)off;
}

uint16_t far_read16(uint16_t seg, uint16_t off)
{
    set_gs(seg);
    return *(volatile __seg_gs uint16_t *)(uint32_t)off;
}

void far_write8(uint16_t seg, uint16_t off, uint8_t val)
{
    set_gs(seg);
    *(volatile __seg_gs uint8_t *)(uint32_t)off = val;
}

void far_write16(uint16_t seg, uint16_t off, uint16_t val)
{
    set_gs(seg);
    *(volatile __seg_gs uint16_t *)(uint32_t)off = val;
}

void far_write32(uint16_t seg, uint16_t off, uint32_t val)
{
    set_gs(seg);
    *(volatile __seg_gs uint32_t *)(uint32_t)off = val;
}

void far_fill8(uint16_t seg, uint16_t off, uint8_t val, uint32_t count)
{
    uint32_t di = off;

    __asm__ volatile("pushw %%es\n"
                     "movw %w3, %%es\n"
                     "cld\n"
                     "addr32 rep stosb\n"
                     "popw %%es"
                     : "+D"(di), "+c"(count)
                     : "a"(val), "r"(seg)
                     : "memory");
}

void far_fill16(uint16_t seg, uint16_t off, uint16_t val, uint32_t words)
{
    uint32_t di = off;

    __asm__ volatile("pushw %%es\n"
                     "movw %w3, %%es\n"
                     "cld\n"
                     "addr32 rep stosw\n"
                     "popw %%es"
                     : "+D"(di), "+c"(words)
                     : "a"(val), "r"(seg)
                     : "memory");
}

/* Ascending, byte by byte: planar copies go through the latches. */
void far_copy(uint16_t to_seg, uint16_t to, uint16_t from_seg, uint16_t from, uint16_t count)
{
    uint32_t di = to, si = from, cx = count;

    __asm__ volatile("pushw %%ds\n"
                     "pushw %%es\n"
                     "movw %w3, %%es\n"
                     "movw %w4, %%ds\n"
                     "cld\n"
                     "addr32 rep movsb\n"
                     "popw %%es\n"
                     "popw %%ds"
                     : "+D"(di), "+S"(si), "+c"(cx)
                     : "r"(to_seg), "r"(from_seg)
                     : "memory");
}
