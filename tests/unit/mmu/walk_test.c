/* SPDX-License-Identifier: MIT */
/*
 * Page walks behind mmu.h, without a CPU: rights, error codes, A and D, large pages, PAE and NX,
 * page crossings, tracing, ROM, devices and A20. shadow_test.c has what the shadows add.
 */
#include "tests/unit/check.h"
#include "tests/unit/mmu/rig.h"

#define MIB   (1u << 20)
#define DIR   0x10000u /* page directory */
#define TABLE 0x11000u /* its first table */
#define PDPT  0x12000u
#define FRAME 0x40000u

static void start(void)
{
    memset(pm.ram, 0, pm.ram_size);
    if (u.shadows) {
        mmu_destroy(&u);
    }
    mmu_init(&u, &pm, on_fault, NULL);
    pm.changed = memory_changed;
    pm.opaque = &u;
    mmu_set_cr3(&u, DIR);
    put(DIR, TABLE | PTE_P | PTE_RW | PTE_US);
}

/* Linear page n of the first table. */
static void map(unsigned n, uint32_t frame, uint32_t bits)
{
    put(TABLE + n * 4, frame | bits);
}

static void paging_on(uint32_t extra)
{
    mmu_set_cr0(&u, CR0_PE | CR0_PG | extra);
}

static void without_paging_linear_is_physical(void)
{
    start();
    put(0x1234, 0xdeadbeef);
    CHECK_EQ(mmu_load32(&u, 0x1234), 0xdeadbeef);
    mmu_store16(&u, 0x1fff, 0xaa55);
    CHECK_EQ(get(0x1ffc) >> 24, 0x55);
    CHECK_EQ(get(0x2000) & 0xff, 0xaa);
    CHECK_EQ(mmu_load16(&u, 0x1fff), 0xaa55);
}

static void sets_accessed_and_dirty_when_used(void)
{
    start();
    map(5, FRAME, PTE_P | PTE_RW);
    paging_on(0);
    CHECK_EQ(get(DIR) & PTE_A, 0);
    mmu_load8(&u, 0x5000);
    CHECK_EQ(get(DIR) & (PTE_A | PTE_D), PTE_A);
    CHECK_EQ(get(TABLE + 20) & (PTE_A | PTE_D), PTE_A);
    mmu_store8(&u, 0x5000, 1);
    CHECK_EQ(get(TABLE + 20) & (PTE_A | PTE_D), PTE_A | PTE_D);
    CHECK_EQ(get(FRAME) & 0xff, 1);
    CHECK_EQ(get(DIR) & PTE_D, 0);
}

static void faults_with_exact_codes(void)
{
    start();
    map(5, FRAME, PTE_P);
    map(6, 0, 0);
    map(7, FRAME, PTE_P | PTE_RW | PTE_US);
    map(8, FRAME, PTE_P | PTE_US);
    paging_on(0);
    CHECK(FAULTS(mmu_load8(&u, 0x6123), 0x6123, 0));
    CHECK(FAULTS(mmu_store8(&u, 0x6123, 0), 0x6123, PF_W));
    mmu_store8(&u, 0x5000, 9); /* WP is clear: a supervisor may */
    CHECK_EQ(get(FRAME) & 0xff, 9);
    paging_on(CR0_WP);
    CHECK(FAULTS(mmu_store8(&u, 0x5001, 0), 0x5001, PF_P | PF_W));
    mmu_set_user(&u, true);
    CHECK(FAULTS(mmu_load8(&u, 0x5001), 0x5001, PF_P | PF_U));
    CHECK(FAULTS(mmu_load8(&u, 0x6001), 0x6001, PF_U));
    mmu_store8(&u, 0x7000, 0);
    CHECK_EQ(mmu_load8(&u, 0x8000), 0);
    CHECK(FAULTS(mmu_store8(&u, 0x8000, 0), 0x8000, PF_P | PF_U | PF_W));
    CHECK(FAULTS(mmu_check_write(&u, 0x8004, 4), 0x8004, PF_P | PF_U | PF_W));
    mmu_store8_sys(&u, 0x7000, 3);
    CHECK(FAULTS(mmu_store8_sys(&u, 0x8000, 3), 0x8000, PF_P | PF_W));
    CHECK_EQ(mmu_load8_sys(&u, 0x5000), 3);
}

static void directory_limits_rights(void)
{
    start();
    put(DIR, TABLE | PTE_P);
    map(5, FRAME, PTE_P | PTE_RW | PTE_US);
    paging_on(CR0_WP);
    CHECK(FAULTS(mmu_store8(&u, 0x5000, 0), 0x5000, PF_P | PF_W));
    mmu_set_user(&u, true);
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, PF_P | PF_U));
    CHECK_EQ(get(DIR) & PTE_A, 0); /* what is refused leaves no trace */
}

static void crossing_checks_both_pages_first(void)
{
    start();
    map(5, FRAME, PTE_P | PTE_RW);
    map(6, FRAME + 0x2000, PTE_P | PTE_RW);
    map(7, 0, 0);
    paging_on(0);
    mmu_store32(&u, 0x5ffe, 0x11223344);
    CHECK_EQ(get(FRAME + 0xffc), 0x33440000);
    CHECK_EQ(get(FRAME + 0x2000), 0x1122);
    CHECK_EQ(mmu_load32(&u, 0x5ffe), 0x11223344);
    CHECK_EQ(mmu_load32(&u, 0x5ffd), 0x22334400);
    CHECK(FAULTS(mmu_store32(&u, 0x6fff, ~0u), 0x7000, PF_W));
    CHECK_EQ(get(FRAME + 0x2ffc), 0);
    CHECK(FAULTS(mmu_load32(&u, 0x7ffd), 0x7ffd, 0)); /* the lower page's fault first */
    CHECK(FAULTS(mmu_check_write(&u, 0x6ffe, 4), 0x7000, PF_W));

    uint8_t big[100] = {1};

    CHECK(FAULTS(mmu_store_bytes(&u, 0x6fc0, big, 100), 0x7000, PF_W));
    CHECK_EQ(get(FRAME + 0x2fc0), 0);
}

static void large_pages_need_pse(void)
{
    start();
    put(DIR + 4, 0x00400000 | PTE_P | PTE_RW | PTE_PS);
    put(0x00401234 & (pm.ram_size - 1), 0);
    paging_on(0);
    mmu_set_cr4(&u, CR4_PSE);
    mmu_store32(&u, 0x00401234, 0x5555);
    CHECK_EQ(get(0x00401234), 0x5555);
    CHECK_EQ(get(DIR + 4) & (PTE_A | PTE_D), PTE_A | PTE_D);
    put(DIR + 4, 0x00000000 | PTE_P | PTE_RW | PTE_PS);
    CHECK_EQ(mmu_load32(&u, 0x00401234), get(0x1234));
    put(DIR + 4, 0x00002000 | PTE_P | PTE_PS); /* reserved bit */
    CHECK(FAULTS(mmu_load8(&u, 0x00400000), 0x00400000, PF_P | PF_RSVD));
}

static void pae_walks_three_levels(void)
{
    uint32_t error;
    phys_addr_t phys;

    start();
    put(PDPT, DIR | PTE_P);
    put(DIR, TABLE | PTE_P | PTE_RW | PTE_US);
    put(DIR + 8, 0x200000 | PTE_P | PTE_RW | PTE_PS);
    put(TABLE + 5 * 8, FRAME | PTE_P | PTE_RW | PTE_US);
    put(TABLE + 6 * 8, FRAME | PTE_P | PTE_US);
    put(TABLE + 6 * 8 + 4, 0x80000000); /* NX */
    put(TABLE + 7 * 8, PTE_P);
    put(TABLE + 7 * 8 + 4, 0x10); /* beyond 36 bits */
    CHECK(mmu_set_cr4(&u, CR4_PAE));
    CHECK(mmu_set_cr3(&u, PDPT));
    CHECK(mmu_set_cr0(&u, CR0_PE | CR0_PG));
    mmu_store8(&u, 0x5001, 0x77);
    CHECK_EQ(get(FRAME), 0x7700);
    CHECK_EQ(get(TABLE + 40) & PTE_D, PTE_D);
    CHECK(mmu_probe(&u, 0x00212345, MMU_WRITE, false, &phys, &error));
    CHECK_EQ(phys, 0x00212345);
    CHECK(FAULTS(mmu_load8(&u, 0x6000), 0x6000, PF_P | PF_RSVD)); /* NX without EFER.NXE */
    CHECK(FAULTS(mmu_load8(&u, 0x7000), 0x7000, PF_P | PF_RSVD));
    CHECK(FAULTS(mmu_load8(&u, 0x40000000), 0x40000000, 0));
    mmu_set_nx(&u, true);
    mmu_load8(&u, 0x6000);
    CHECK(FAULTS(mmu_fetch_page(&u, 0x6000, &phys), 0x6000, PF_P | PF_I));
    CHECK(mmu_fetch_page(&u, 0x5000, &phys) == pm.ram + FRAME);
    put(PDPT + 8, PTE_P | PTE_RW); /* reserved in a pointer */
    CHECK(!mmu_set_cr3(&u, PDPT));
}

static unsigned traced;

static void count_traced(void *opaque, phys_addr_t addr, unsigned len)
{
    (void)opaque;
    traced += addr == FRAME + 4 && len == 4;
}

static void traced_pages_tell_each_store(void)
{
    uint32_t bytes;

    start();
    pm.trace_changed = trace_changed;
    physmem_hook_writes(&pm, TRACE_CODE, count_traced, NULL);
    mmu_store32(&u, FRAME, 1);
    CHECK(mmu_span(&u, FRAME, MMU_WRITE, &bytes) == pm.ram + FRAME);
    physmem_trace_set(&pm, FRAME, TRACE_CODE);
    CHECK(!mmu_span(&u, FRAME, MMU_WRITE, &bytes));
    traced = 0;
    mmu_store32(&u, FRAME + 4, 2);
    mmu_store32(&u, FRAME + 4, 3);
    CHECK_EQ(traced, 2);
    CHECK_EQ(mmu_load32(&u, FRAME + 4), 3);
    physmem_trace_clear(&pm, FRAME, TRACE_CODE);
    mmu_store32(&u, FRAME + 4, 4);
    CHECK_EQ(traced, 2);
    CHECK_EQ(get(FRAME + 4), 4);
    pm.trace_changed = NULL;
    physmem_hook_writes(&pm, TRACE_CODE, NULL, NULL);
}

static uint32_t device_read(void *opaque, uint32_t offset, unsigned size)
{
    (void)opaque;
    return offset << 8 | size;
}

static uint32_t device_wrote;

static void device_write(void *opaque, uint32_t offset, uint32_t val, unsigned size)
{
    (void)opaque;
    device_wrote = offset << 24 | size << 16 | (val & 0xffff);
}

static void devices_and_rom_are_dispatched(void)
{
    static const struct mmio_ops ops = {device_read, device_write};
    static const uint8_t rom[4096] = {0x12, 0x34};
    phys_addr_t phys;

    start();
    unsigned a = physmem_map_mmio(&pm, 0xa0000, 0x1000, "device", &ops, NULL);
    unsigned b = physmem_map_rom(&pm, 0xa1000, 0x1000, "rom", rom);

    CHECK_EQ(mmu_load32(&u, 0xa0010), 0x1004);
    CHECK_EQ(mmu_load8(&u, 0xa0011), 0x01); /* 0x1101 cut to a byte */
    mmu_store16(&u, 0xa0020, 0xbeef);
    CHECK_EQ(device_wrote, 0x2002beef);
    CHECK(!mmu_fetch_page(&u, 0xa0000, &phys));
    CHECK_EQ(mmu_load16(&u, 0xa1000), 0x3412);
    mmu_store16(&u, 0xa1000, 0);
    CHECK_EQ(mmu_load16(&u, 0xa1000), 0x3412);
    CHECK(mmu_fetch_page(&u, 0xa1000, &phys) == rom);
    CHECK_EQ(mmu_load32(&u, pm.ram_size + 0x100000), 0xffffffff);
    physmem_enable(&pm, a, false);
    physmem_enable(&pm, b, false);
    mmu_store16(&u, 0xa1000, 0x1111);
    CHECK_EQ(mmu_load16(&u, 0xa1000), 0x1111);
}

static void a20_masks_after_the_walk(void)
{
    start();
    put(0x100000, 0x22222222);
    put(0, 0x11111111);
    CHECK_EQ(mmu_load32(&u, 0x100000), 0x22222222);
    physmem_set_a20(&pm, false);
    CHECK_EQ(mmu_load32(&u, 0x100000), 0x11111111);
    physmem_set_a20(&pm, true);
    CHECK_EQ(mmu_load32(&u, 0x100000), 0x22222222);
}

static void probe_changes_nothing(void)
{
    phys_addr_t phys = 0;
    uint32_t error = 0;

    start();
    map(5, FRAME, PTE_P | PTE_RW);
    paging_on(CR0_WP);
    CHECK(mmu_probe(&u, 0x5678, MMU_WRITE, false, &phys, &error));
    CHECK_EQ(phys, FRAME | 0x678);
    CHECK_EQ(get(TABLE + 20) & (PTE_A | PTE_D), 0);
    CHECK(!mmu_probe(&u, 0x5678, MMU_READ, true, &phys, &error));
    CHECK_EQ(error, PF_P | PF_U);
    CHECK(!mmu_probe(&u, 0x9000, MMU_WRITE, false, &phys, &error));
    CHECK_EQ(error, PF_W);
}

int main(void)
{
    physmem_init(&pm, 8 * MIB);
    RUN(without_paging_linear_is_physical);
    RUN(sets_accessed_and_dirty_when_used);
    RUN(faults_with_exact_codes);
    RUN(directory_limits_rights);
    RUN(crossing_checks_both_pages_first);
    RUN(large_pages_need_pse);
    RUN(pae_walks_three_levels);
    RUN(traced_pages_tell_each_store);
    RUN(devices_and_rom_are_dispatched);
    RUN(a20_masks_after_the_walk);
    RUN(probe_changes_nothing);
    physmem_destroy(&pm);
    return check_done();
}
