/* SPDX-License-Identifier: MIT */
/*
 * Guest-physical address space: RAM, ROM and memory-mapped device registers.
 *
 * RAM is one shared mapping (memfd), so that it can be forked, merged, migrated and dumped. A page
 * is direct (a host pointer for reads, and one for writes unless it is ROM or traced) or belongs to
 * a region with callbacks. Writes to a page can be traced; the reasons are bits (DESIGN: page
 * table, code, display, snapshot, watch).
 *
 * This is the seam between the MMU, which asks, and the devices and the board, which map.
 */
#ifndef BASE_PHYSMEM_H
#define BASE_PHYSMEM_H

#include "base/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  4095u

/* Memory-mapped device registers. size is 1, 2 or 4 bytes; the access never crosses a page. */
struct mmio_ops {
    uint32_t (*read)(void *opaque, uint32_t offset, unsigned size);
    void (*write)(void *opaque, uint32_t offset, uint32_t val, unsigned size);
};

enum trace_reason { /* bits: why the slow path wants to see writes to a page */
                    TRACE_CODE = 1 << 0,
                    TRACE_PAGE_TABLE = 1 << 1,
                    TRACE_DISPLAY = 1 << 2,
                    TRACE_WATCH = 1 << 3,
};
#define TRACE_REASONS 4

/* A page that is traced for this reason is about to be written: addr .. addr + len, within it. */
struct trace_hook {
    void (*write)(void *opaque, phys_addr_t addr, unsigned len);
    void *opaque;
};

struct physmem_region {
    phys_addr_t base, size; /* whole pages */
    const uint8_t *rom;     /* host bytes for reads; NULL if mmio */
    uint8_t *ram;           /* host bytes for reads and writes */
    const struct mmio_ops *ops;
    void *opaque;
    int priority; /* the higher region wins where two overlap */
    bool enabled;
    const char *name;
};

#define PHYSMEM_REGIONS 64
#define PHYSMEM_PAGES   (1u << 20) /* that can be traced: 4 GiB */

struct physmem {
    uint8_t *ram;      /* host address of guest RAM, contiguous from physical 0 */
    uint32_t ram_size; /* bytes, multiple of PAGE_SIZE */

    /* Not saved below: the board maps regions again. */
    uint8_t *trace; /* per page below 4 GiB: enum trace_reason bits; touched sparsely */
    struct physmem_region region[PHYSMEM_REGIONS];
    unsigned region_count;
    phys_addr_t low_ram, high_ram; /* bytes from 0, and from 1 MiB, with no region over them */
    uint32_t a20_mask; /* ~0 or ~(1 << 20): applied by physmem users through physmem_a20() */

    /*
     * Told to whoever caches translations and code: the mapping changed (contents: what lies behind
     * an address too, not just A20); a page is traced now or no longer, for any reason or for code.
     */
    void (*changed)(void *opaque, bool contents);
    void (*trace_changed)(void *opaque, phys_addr_t page);
    void *opaque;
    struct trace_hook hook[TRACE_REASONS]; /* by bit number */
};

/* What one page is. read/write point at the page's first byte, or are NULL; then region says who.
 */
struct physmem_page {
    uint8_t *read, *write;
    const struct physmem_region *region; /* mmio, or NULL: unmapped (reads all ones) */
};

/* size in bytes; ends the program with a message if the host has no such memory. */
void physmem_init(struct physmem *pm, uint32_t size);
void physmem_destroy(struct physmem *pm);

/* Regions lie over RAM. Returned index is for physmem_enable(). */
unsigned physmem_map_mmio(struct physmem *pm, phys_addr_t base, phys_addr_t size, const char *name,
                          const struct mmio_ops *ops, void *opaque);
unsigned physmem_map_rom(struct physmem *pm, phys_addr_t base, phys_addr_t size, const char *name,
                         const uint8_t *bytes);
/* Host memory that is not part of main RAM (a linear frame buffer). */
unsigned physmem_map_ram(struct physmem *pm, phys_addr_t base, phys_addr_t size, const char *name,
                         uint8_t *bytes);
void physmem_enable(struct physmem *pm, unsigned index, bool on);
void physmem_move(struct physmem *pm, unsigned index, phys_addr_t base);
/* Host bytes behind a region from now on: to read, or (ram) to read and write; else its ops. */
void physmem_set_host(struct physmem *pm, unsigned index, const uint8_t *rom, uint8_t *ram);

/* What is behind an address has become another thing without a store: nothing of it may be
 * remembered. */
void physmem_contents_changed(struct physmem *pm);

void physmem_set_a20(struct physmem *pm, bool on);
static inline phys_addr_t physmem_a20(const struct physmem *pm, phys_addr_t a)
{
    return a & (0xffffffff00000000ull | pm->a20_mask);
}

/* Where main RAM lies, or a region with bytes of its own. */
static inline unsigned physmem_traced(const struct physmem *pm, phys_addr_t a)
{
    return a >> PAGE_SHIFT < PHYSMEM_PAGES ? pm->trace[a >> PAGE_SHIFT] : 0;
}

/* RAM that needs no look-up: no region lies over it. */
static inline bool physmem_is_ram(const struct physmem *pm, phys_addr_t a)
{
    return a < pm->low_ram || a - 0x100000 < pm->high_ram;
}

/* addr already has A20 applied. */
struct physmem_page physmem_lookup(const struct physmem *pm, phys_addr_t addr);

void physmem_hook_writes(struct physmem *pm, enum trace_reason reason,
                         void (*write)(void *opaque, phys_addr_t addr, unsigned len), void *opaque);
void physmem_trace_set(struct physmem *pm, phys_addr_t addr, unsigned reasons);
void physmem_trace_clear(struct physmem *pm, phys_addr_t addr, unsigned reasons);

/* 4 bytes of RAM, without telling that tracer: its own writes. */
void physmem_store_as(struct physmem *pm, enum trace_reason tracer, phys_addr_t addr, uint32_t val);

/* Accesses by DMA, loaders and debuggers: any length, any alignment; A20 is not applied. */
void physmem_read(struct physmem *pm, phys_addr_t addr, void *buf, size_t len);
void physmem_write(struct physmem *pm, phys_addr_t addr, const void *buf, size_t len);
/* RAM is zeros again, and the host has its memory back. Tells nobody: machine_loaded() does. */
void physmem_clear(struct physmem *pm);

/* One access within a page, as the CPU makes it (device registers see the width). size 1, 2, 4. */
uint32_t physmem_load(struct physmem *pm, phys_addr_t addr, unsigned size);
void physmem_store(struct physmem *pm, phys_addr_t addr, uint32_t val, unsigned size);

#endif
