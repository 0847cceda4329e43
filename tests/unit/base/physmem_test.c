/* SPDX-License-Identifier: MIT */
/* base/physmem.h: RAM, regions over it, and tracing. */
#include "tests/unit/check.h"

#include "base/physmem.h"

struct rig {
    struct physmem pm;
    uint32_t last_offset, last_value;
    unsigned last_size, accesses, traced, traced_pages;
    uint8_t rom[PAGE_SIZE];
};

static uint32_t dev_read(void *opaque, uint32_t offset, unsigned size)
{
    struct rig *r = opaque;

    r->last_offset = offset;
    r->last_size = size;
    r->accesses++;
    return size == 2 ? 0x3344 : 0x44;
}

static void dev_write(void *opaque, uint32_t offset, uint32_t val, unsigned size)
{
    struct rig *r = opaque;

    r->last_offset = offset;
    r->last_value = val;
    r->last_size = size;
    r->accesses++;
}

static const struct mmio_ops dev_ops = {.read = dev_read, .write = dev_write};

static void traced_write(void *opaque, phys_addr_t addr, unsigned len)
{
    struct rig *r = opaque;

    (void)addr;
    (void)len;
    r->traced++;
}

static void trace_changed(void *opaque, phys_addr_t page)
{
    (void)page;
    ((struct rig *)opaque)->traced_pages++;
}

static void setup(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    physmem_init(&r->pm, 2u << 20);
    physmem_hook_writes(&r->pm, TRACE_CODE, traced_write, r);
    r->pm.trace_changed = trace_changed;
    r->pm.opaque = r;
}

static void ram_reads_back(void)
{
    struct rig r;
    uint8_t b[3] = {1, 2, 3};

    setup(&r);
    physmem_store(&r.pm, 0x1000, 0xcafebabe, 4);
    CHECK_EQ(physmem_load(&r.pm, 0x1000, 4), 0xcafebabe);
    CHECK_EQ(physmem_load(&r.pm, 0x1001, 2), 0xfeba);
    physmem_write(&r.pm, 0x1fff, b, 3); /* over a page's end */
    CHECK_EQ(physmem_load(&r.pm, 0x1fff, 1), 1);
    CHECK_EQ(physmem_load(&r.pm, 0x2000, 2), 0x0302);
    physmem_destroy(&r.pm);
}

static void nothing_there_reads_all_ones(void)
{
    struct rig r;
    uint8_t b[4];

    setup(&r);
    CHECK_EQ(physmem_load(&r.pm, 0x80000000, 4), 0xffffffff);
    CHECK_EQ(physmem_load(&r.pm, 0x80000000, 1), 0xff);
    physmem_store(&r.pm, 0x80000000, 0, 4);
    physmem_read(&r.pm, (2u << 20) - 2, b, 4);
    CHECK_EQ(b[1], 0);
    CHECK_EQ(b[2], 0xff);
    physmem_destroy(&r.pm);
}

static void rom_lies_over_ram_and_takes_no_writes(void)
{
    struct rig r;

    setup(&r);
    memset(r.rom, 0x5a, sizeof(r.rom));
    physmem_store(&r.pm, 0xc0000, 0x77, 1);
    unsigned index = physmem_map_rom(&r.pm, 0xc0000, PAGE_SIZE, "rom", r.rom);

    CHECK_EQ(physmem_load(&r.pm, 0xc0000, 1), 0x5a);
    physmem_store(&r.pm, 0xc0000, 0, 1);
    CHECK_EQ(physmem_load(&r.pm, 0xc0000, 1), 0x5a);
    CHECK_EQ(r.rom[0], 0x5a);
    CHECK(!physmem_lookup(&r.pm, 0xc0000).write);
    physmem_enable(&r.pm, index, false);
    CHECK_EQ(physmem_load(&r.pm, 0xc0000, 1), 0x77);
    physmem_destroy(&r.pm);
}

static void devices_see_offset_and_width(void)
{
    struct rig r;

    setup(&r);
    physmem_map_mmio(&r.pm, 0xa0000, 0x20000, "dev", &dev_ops, &r);
    CHECK_EQ(physmem_load(&r.pm, 0xa1234, 2), 0x3344);
    CHECK_EQ(r.last_offset, 0x1234);
    CHECK_EQ(r.last_size, 2);
    physmem_store(&r.pm, 0xbffff, 0xab, 1);
    CHECK_EQ(r.last_offset, 0x1ffff);
    CHECK_EQ(r.last_value & 0xff, 0xab);
    CHECK_EQ(r.accesses, 2);
    physmem_destroy(&r.pm);
}

static void traced_page_tells_of_writes(void)
{
    struct rig r;

    setup(&r);
    CHECK(physmem_lookup(&r.pm, 0x3000).write != NULL);
    physmem_trace_set(&r.pm, 0x3000, TRACE_CODE);
    CHECK(r.traced_pages >= 1);
    physmem_store(&r.pm, 0x3004, 1, 4);
    physmem_store(&r.pm, 0x4004, 1, 4);
    CHECK_EQ(r.traced, 1);
    CHECK_EQ(physmem_load(&r.pm, 0x3004, 4), 1);
    physmem_trace_clear(&r.pm, 0x3000, TRACE_CODE);
    physmem_store(&r.pm, 0x3004, 2, 4);
    CHECK_EQ(r.traced, 1);
    physmem_destroy(&r.pm);
}

static void a20_masks_one_bit(void)
{
    struct rig r;

    setup(&r);
    physmem_set_a20(&r.pm, false);
    CHECK_EQ(physmem_a20(&r.pm, 0x10ffef), 0xffef);
    physmem_set_a20(&r.pm, true);
    CHECK_EQ(physmem_a20(&r.pm, 0x10ffef), 0x10ffef);
    physmem_destroy(&r.pm);
}

int main(void)
{
    RUN(ram_reads_back);
    RUN(nothing_there_reads_all_ones);
    RUN(rom_lies_over_ram_and_takes_no_writes);
    RUN(devices_see_offset_and_width);
    RUN(traced_page_tells_of_writes);
    RUN(a20_masks_one_bit);
    return check_done();
}
