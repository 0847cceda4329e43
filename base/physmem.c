/* SPDX-License-Identifier: MIT */
/*
 * Physical address space: a flat RAM block under a short list of regions.
 *
 * Look-ups are slow-path only (TLB fills, device registers, DMA), so the list is searched from the
 * highest priority down.
 */
#define _GNU_SOURCE
#include "base/physmem.h"

#include <string.h>
#include <sys/mman.h>
#include <stdlib.h>

#include "base/endian.h"
#include "base/log.h"

/* How much RAM can be reached without asking: up to the first region over it. */
static void find_plain_ram(struct physmem *pm)
{
    phys_addr_t low = pm->ram_size < 0xa0000 ? pm->ram_size : 0xa0000, high = pm->ram_size;

    for (unsigned i = 0; i < pm->region_count; i++) {
        const struct physmem_region *r = &pm->region[i];

        if (!r->enabled) {
            continue;
        }
        if (r->base < low) {
            low = r->base;
        }
        if (r->base + r->size > 0x100000 && r->base < high) {
            high = r->base < 0x100000 ? 0x100000 : r->base;
        }
    }
    pm->low_ram = low;
    pm->high_ram = high > 0x100000 ? high - 0x100000 : 0;
}

/* In huge pages, if the host has them: its look-ups of addresses cost the guest's data traffic. */
static uint8_t *map_ram(size_t size)
{
    const size_t huge = 2u << 20;
    uint8_t *p = mmap(NULL, size + huge, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t before = -(uintptr_t)p & (huge - 1);

    if (p == MAP_FAILED) {
        fatal("cannot get %zu MiB of memory for the guest", size >> 20);
    }
    munmap(p + before + size, huge - before);
    if (before) {
        munmap(p, before);
    }
#ifdef MADV_HUGEPAGE
    madvise(p + before, size, MADV_HUGEPAGE);
#endif
    return p + before;
}

void physmem_init(struct physmem *pm, uint32_t size)
{
    memset(pm, 0, sizeof(*pm));
    pm->ram_size = size;
    pm->a20_mask = ~0u;
    pm->ram = map_ram(size);
    pm->trace = xcalloc(PHYSMEM_PAGES, 1);
    find_plain_ram(pm);
}

void physmem_destroy(struct physmem *pm)
{
    munmap(pm->ram, pm->ram_size);
    free(pm->trace);
}

void physmem_clear(struct physmem *pm)
{
    if (madvise(pm->ram, pm->ram_size, MADV_DONTNEED)) {
        memset(pm->ram, 0, pm->ram_size);
    }
}

static void changed(struct physmem *pm, bool contents)
{
    find_plain_ram(pm);
    if (pm->changed) {
        pm->changed(pm->opaque, contents);
    }
}

static unsigned add_region(struct physmem *pm, struct physmem_region r)
{
    if (pm->region_count == PHYSMEM_REGIONS) {
        fatal("too many memory regions");
    }
    r.enabled = true;
    pm->region[pm->region_count++] = r;
    changed(pm, true);
    return pm->region_count - 1;
}

unsigned physmem_map_mmio(struct physmem *pm, phys_addr_t base, phys_addr_t size, const char *name,
                          const struct mmio_ops *ops, void *opaque)
{
    return add_region(pm,
                      (struct physmem_region){
                          .base = base, .size = size, .name = name, .ops = ops, .opaque = opaque});
}

unsigned physmem_map_rom(struct physmem *pm, phys_addr_t base, phys_addr_t size, const char *name,
                         const uint8_t *bytes)
{
    return add_region(
        pm, (struct physmem_region){.base = base, .size = size, .name = name, .rom = bytes});
}

unsigned physmem_map_ram(struct physmem *pm, phys_addr_t base, phys_addr_t size, const char *name,
                         uint8_t *bytes)
{
    return add_region(
        pm, (struct physmem_region){.base = base, .size = size, .name = name, .ram = bytes});
}

void physmem_enable(struct physmem *pm, unsigned index, bool on)
{
    if (pm->region[index].enabled != on) {
        pm->region[index].enabled = on;
        changed(pm, true);
    }
}

void physmem_move(struct physmem *pm, unsigned index, phys_addr_t base)
{
    pm->region[index].base = base;
    if (pm->region[index].enabled) {
        changed(pm, true);
    }
}

void physmem_set_host(struct physmem *pm, unsigned index, const uint8_t *rom, uint8_t *ram)
{
    pm->region[index].rom = rom;
    pm->region[index].ram = ram;
    if (pm->region[index].enabled) {
        changed(pm, true);
    }
}

void physmem_contents_changed(struct physmem *pm)
{
    changed(pm, true);
}

void physmem_set_a20(struct physmem *pm, bool on)
{
    uint32_t mask = on ? ~0u : ~(1u << 20);

    if (mask != pm->a20_mask) {
        pm->a20_mask = mask;
        changed(pm, false);
    }
}

struct physmem_page physmem_lookup(const struct physmem *pm, phys_addr_t addr)
{
    phys_addr_t page = addr & ~(phys_addr_t)PAGE_MASK;

    if (LIKELY(physmem_is_ram(pm, page))) {
        return (struct physmem_page){.read = pm->ram + page, .write = pm->ram + page};
    }
    for (unsigned i = pm->region_count; i-- > 0;) { /* later ones lie over earlier ones */
        const struct physmem_region *r = &pm->region[i];

        if (!r->enabled || page - r->base >= r->size) {
            continue;
        }
        if (r->rom) {
            return (struct physmem_page){.read = (uint8_t *)r->rom + (page - r->base)};
        }
        if (r->ram) {
            uint8_t *p = r->ram + (page - r->base);

            return (struct physmem_page){.read = p, .write = p};
        }
        return (struct physmem_page){.region = r};
    }
    if (page < pm->ram_size) {
        uint8_t *p = pm->ram + page;

        return (struct physmem_page){.read = p, .write = p};
    }
    return (struct physmem_page){0};
}

static void trace_update(struct physmem *pm, phys_addr_t addr, unsigned set, unsigned clear)
{
    if (addr >> PAGE_SHIFT >= PHYSMEM_PAGES) {
        return;
    }
    uint8_t *trace = &pm->trace[addr >> PAGE_SHIFT], old = *trace;

    *trace = (uint8_t)((old | set) & ~clear);
    if ((!*trace != !old || (*trace ^ old) & TRACE_CODE) && pm->trace_changed) {
        pm->trace_changed(pm->opaque, addr & ~(phys_addr_t)PAGE_MASK);
    }
}

void physmem_trace_set(struct physmem *pm, phys_addr_t addr, unsigned reasons)
{
    trace_update(pm, addr, reasons, 0);
}

void physmem_trace_clear(struct physmem *pm, phys_addr_t addr, unsigned reasons)
{
    trace_update(pm, addr, 0, reasons);
}

void physmem_hook_writes(struct physmem *pm, enum trace_reason reason,
                         void (*write)(void *opaque, phys_addr_t addr, unsigned len), void *opaque)
{
    pm->hook[__builtin_ctz(reason)] = (struct trace_hook){write, opaque};
}

static void tell_traced(struct physmem *pm, phys_addr_t addr, unsigned len, unsigned except)
{
    unsigned reasons = physmem_traced(pm, addr) & ~except;

    for (; UNLIKELY(reasons); reasons &= reasons - 1) {
        const struct trace_hook *h = &pm->hook[__builtin_ctz(reasons)];

        if (h->write) {
            h->write(h->opaque, addr, len);
        }
    }
}

void physmem_store_as(struct physmem *pm, enum trace_reason tracer, phys_addr_t addr, uint32_t val)
{
    struct physmem_page p = physmem_lookup(pm, addr);

    if (p.write) {
        tell_traced(pm, addr, 4, tracer);
        store_le32(p.write + (addr & PAGE_MASK), val);
    } else {
        physmem_store(pm, addr, val, 4);
    }
}

static uint32_t mmio_load(const struct physmem_region *r, phys_addr_t addr, unsigned size)
{
    return r->ops->read(r->opaque, (uint32_t)(addr - r->base), size);
}

uint32_t physmem_load(struct physmem *pm, phys_addr_t addr, unsigned size)
{
    struct physmem_page p = physmem_lookup(pm, addr);

    if (p.read) {
        const uint8_t *b = p.read + (addr & PAGE_MASK);

        return size == 1 ? *b : size == 2 ? load_le16(b) : load_le32(b);
    }
    if (p.region) {
        return mmio_load(p.region, addr, size);
    }
    return ~0u >> (32 - 8 * size);
}

void physmem_store(struct physmem *pm, phys_addr_t addr, uint32_t val, unsigned size)
{
    struct physmem_page p = physmem_lookup(pm, addr);

    if (p.write) {
        uint8_t *b = p.write + (addr & PAGE_MASK);

        tell_traced(pm, addr, size, 0);
        if (size == 1) {
            *b = (uint8_t)val;
        } else if (size == 2) {
            store_le16(b, (uint16_t)val);
        } else {
            store_le32(b, val);
        }
    } else if (p.region) {
        p.region->ops->write(p.region->opaque, (uint32_t)(addr - p.region->base), val, size);
    }
}

void physmem_read(struct physmem *pm, phys_addr_t addr, void *buf, size_t len)
{
    uint8_t *out = buf;

    while (len) {
        size_t n = PAGE_SIZE - (addr & PAGE_MASK);
        struct physmem_page p = physmem_lookup(pm, addr);

        n = n < len ? n : len;
        if (p.read) {
            memcpy(out, p.read + (addr & PAGE_MASK), n);
        } else {
            for (size_t i = 0; i < n; i++) {
                out[i] = p.region ? (uint8_t)mmio_load(p.region, addr + i, 1) : 0xff;
            }
        }
        addr += n;
        out += n;
        len -= n;
    }
}

void physmem_write(struct physmem *pm, phys_addr_t addr, const void *buf, size_t len)
{
    const uint8_t *in = buf;

    while (len) {
        size_t n = PAGE_SIZE - (addr & PAGE_MASK);
        struct physmem_page p = physmem_lookup(pm, addr);

        n = n < len ? n : len;
        if (p.write) {
            tell_traced(pm, addr, (unsigned)n, 0);
            memcpy(p.write + (addr & PAGE_MASK), in, n);
        } else if (p.region) {
            for (size_t i = 0; i < n; i++) {
                physmem_store(pm, addr + i, in[i], 1);
            }
        }
        addr += n;
        in += n;
        len -= n;
    }
}
