/* SPDX-License-Identifier: MIT */
/*
 * The shadows: kept across CR3 loads and never staler than the guest's tables. Each test changes
 * what the tables or control registers say and looks whether the next access knows.
 */
#include "tests/unit/check.h"
#include "tests/unit/mmu/shadow_check.h"

#include "tests/unit/mmu/rig.h"

#define DIR    0x10000u /* page directory */
#define DIR2   0x11000u /* of another address space */
#define TABLE  0x12000u /* maps linear 0 to 4 MiB */
#define TABLE2 0x13000u
#define PDPT   0x14000u
#define PDPT2  0x14020u
#define FRAME  0x40000u
#define FRAME2 0x41000u
#define RW     (PTE_P | PTE_RW | PTE_US)

/* Linear page n of the first table. */
static void map(unsigned n, uint32_t frame, uint32_t bits)
{
    put(TABLE + n * 4, frame | bits);
}

static bool has_entry(linear_addr_t a, enum shadow_half half)
{
    return u.table[(half == SHADOW_WRITES ? SHADOW_WRITE : 0) + (a >> PAGE_SHIFT)];
}

/* Two address spaces that share the table of the first 4 MiB; paging is on, in the first. */
static void start(void)
{
    if (!pm.ram) {
        physmem_init(&pm, 4u << 20);
    }
    pm.changed = NULL;
    if (u.shadows) {
        mmu_destroy(&u);
    }
    memset(pm.ram, 0, pm.ram_size);
    physmem_set_a20(&pm, true);
    mmu_init(&u, &pm, on_fault, NULL);
    pm.changed = memory_changed;
    pm.trace_changed = trace_changed;
    pm.opaque = &u;
    put(DIR, TABLE | RW);
    put(DIR2, TABLE | RW);
    map(5, FRAME, RW);
    map(6, FRAME2, RW);
    put(FRAME, 0x11111111);
    put(FRAME2, 0x22222222);
    mmu_set_cr3(&u, DIR);
    mmu_set_cr0(&u, CR0_PE | CR0_PG | CR0_WP);
}

static void an_entry_is_there_only_with_A_and_D(void)
{
    start();
    CHECK(!has_entry(0x5000, SHADOW_READS));
    mmu_load8(&u, 0x5000);
    CHECK(has_entry(0x5000, SHADOW_READS));
    CHECK(!has_entry(0x5000, SHADOW_WRITES));
    mmu_store8(&u, 0x5000, 1);
    CHECK(has_entry(0x5000, SHADOW_WRITES));
    CHECK_EQ(get(TABLE + 20) & (PTE_A | PTE_D), PTE_A | PTE_D);

    map(5, FRAME, RW | PTE_A); /* the guest clears D */
    mmu_load8(&u, 0x5000);
    CHECK(has_entry(0x5000, SHADOW_READS));
    CHECK(!has_entry(0x5000, SHADOW_WRITES));
    map(5, FRAME, RW); /* and A */
    CHECK(!has_entry(0x5000, SHADOW_READS));
    mmu_load8(&u, 0x5000);
    CHECK_EQ(get(TABLE + 20) & (PTE_A | PTE_D), PTE_A);

    put(DIR, TABLE | RW); /* A of the directory entry */
    CHECK(!has_entry(0x5000, SHADOW_READS));
    mmu_load8(&u, 0x5000);
    CHECK_EQ(get(DIR) & PTE_A, PTE_A);
}

static void a_space_is_kept_while_another_runs(void)
{
    start();
    mmu_load8(&u, 0x5000);

    uint32_t generation = u.generation;
    const uintptr_t *table = u.table;

    mmu_set_cr3(&u, DIR2);
    CHECK(u.generation != generation);
    CHECK(u.table != table);
    mmu_set_cr3(&u, DIR);
    CHECK_EQ(u.generation, generation);
    CHECK(u.table == table);
    CHECK(has_entry(0x5000, SHADOW_READS));
    mmu_set_cr3(&u, DIR); /* the guest's way to flush */
    CHECK(has_entry(0x5000, SHADOW_READS));
}

static void a_new_space_takes_over_what_is_the_same(void)
{
    uint64_t fills;

    start();
    put(DIR2, TABLE | RW | PTE_A);
    mmu_store8(&u, 0x5000, 1);
    mmu_load8(&u, 0x6000);
    mmu_set_cr3(&u, DIR2);
    mmu_load8(&u, 0x6000);
    fills = mmu_get_stats(&u)->fills;
    mmu_store8(&u, 0x5000, 1);
    CHECK_EQ(mmu_get_stats(&u)->fills, fills);
    CHECK_EQ(mmu_get_stats(&u)->inherited, 1);

    start();
    put(DIR2, TABLE | PTE_P | PTE_A); /* the same table, but read only */
    mmu_store8(&u, 0x5000, 1);
    mmu_set_cr3(&u, DIR2);
    mmu_load8(&u, 0x6000);
    CHECK(FAULTS(mmu_store8(&u, 0x5000, 1), 0x5000, PF_P | PF_W));
    CHECK_EQ(shadow_check(&u), 0);
}

static void a_write_to_a_table_drops_its_pages_in_every_space(void)
{
    start();
    for (unsigned n = 0; n < 2; n++) {
        mmu_set_cr3(&u, n ? DIR2 : DIR);
        mmu_load8(&u, 0x5000);
        mmu_load8(&u, 0x6000);
    }
    map(5, FRAME2, RW);
    CHECK(!has_entry(0x5000, SHADOW_READS));
    CHECK(has_entry(0x6000, SHADOW_READS));
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    mmu_set_cr3(&u, DIR);
    CHECK(!has_entry(0x5000, SHADOW_READS));
    CHECK(has_entry(0x6000, SHADOW_READS));
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    CHECK_EQ(shadow_check(&u), 0);
}

static void the_guests_own_stores_to_a_table_count(void)
{
    start();
    map(7, TABLE, RW); /* as data */
    mmu_store32(&u, 0x7ffc, 0);
    mmu_load8(&u, 0x5000);
    CHECK(!has_entry(0x7000, SHADOW_WRITES));
    mmu_store32(&u, 0x7000 + 5 * 4, FRAME2 | RW);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    mmu_store8(&u, 0x7000 + 5 * 4, 0); /* one byte of it */
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, 0));
    mmu_store32(&u, 0x7000 + 5 * 4 - 1, FRAME << 8 | RW << 8); /* across entries */
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
}

static void dma_into_a_table_counts(void)
{
    uint32_t entry = FRAME2 | RW;
    uint8_t page[PAGE_SIZE] = {0};

    start();
    mmu_load8(&u, 0x5000);
    physmem_write(&pm, TABLE + 5 * 4, &entry, 4);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    physmem_write(&pm, TABLE - 2, page, PAGE_SIZE); /* ends within it */
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, 0));
    CHECK_EQ(shadow_check(&u), 0);
}

static void a_directory_entry_takes_its_pages_along(void)
{
    start();
    put(DIR + 4, TABLE | RW); /* the same table again, at 4 MiB */
    mmu_load8(&u, 0x5000);
    mmu_load8(&u, 0x405000);
    put(DIR + 4, 0);
    CHECK(has_entry(0x5000, SHADOW_READS));
    CHECK(FAULTS(mmu_load8(&u, 0x405000), 0x405000, 0));
    put(DIR + 4, TABLE2 | RW);
    put(TABLE2 + 20, FRAME2 | RW);
    CHECK_EQ(mmu_load32(&u, 0x405000), 0x22222222);
    map(5, FRAME2, RW); /* the first one's, of the table that stayed */
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    put(DIR, TABLE | PTE_P | PTE_US);
    CHECK(FAULTS(mmu_store8(&u, 0x5000, 1), 0x5000, PF_P | PF_W));
}

static void a_directory_that_maps_itself(void)
{
    const linear_addr_t window = 0xffc00000; /* linear page n's entry lies at window + n * 4 */

    start();
    put(DIR + 1023 * 4, DIR | PTE_P | PTE_RW);
    CHECK_EQ(mmu_load32(&u, window + 5 * 4) & ~(PTE_A | PTE_D), FRAME | RW);
    mmu_load8(&u, 0x5000);
    mmu_store32(&u, window + 5 * 4, FRAME2 | RW);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    mmu_store32(&u, 0xfffff000 + 4, TABLE | RW); /* a directory entry through it */
    CHECK_EQ(mmu_load32(&u, 0x405000), 0x22222222);
    mmu_store32(&u, 0xfffff000 + 4, 0);
    CHECK(FAULTS(mmu_load8(&u, 0x405000), 0x405000, 0));
    mmu_store32(&u, 0xfffffffc, 0); /* the window closes itself */
    CHECK(FAULTS(mmu_load8(&u, window), window, 0));
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    CHECK_EQ(shadow_check(&u), 0);
}

static void privileges_do_not_share_entries(void)
{
    start();
    map(5, FRAME, PTE_P | PTE_RW);
    mmu_store8(&u, 0x5000, 1);
    mmu_set_user(&u, true);
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, PF_P | PF_U));
    mmu_load8(&u, 0x6000);
    CHECK_EQ(mmu_load8_sys(&u, 0x5000), 1);
    mmu_set_user(&u, false);
    mmu_load8(&u, 0x6000);
    map(6, FRAME2, 0);
    CHECK(FAULTS(mmu_load8(&u, 0x6000), 0x6000, 0));
    mmu_set_user(&u, true);
    CHECK(FAULTS(mmu_load8(&u, 0x6000), 0x6000, PF_U));
}

static void write_protection_follows_cr0(void)
{
    start();
    map(5, FRAME, PTE_P);
    mmu_set_cr0(&u, CR0_PE | CR0_PG);
    mmu_store8(&u, 0x5000, 1);
    mmu_set_cr0(&u, CR0_PE | CR0_PG | CR0_WP);
    CHECK(FAULTS(mmu_store8(&u, 0x5000, 1), 0x5000, PF_P | PF_W));
    mmu_set_cr0(&u, CR0_PE | CR0_PG);
    mmu_store8(&u, 0x5000, 1);
    mmu_set_cr0(&u, CR0_PE);
    mmu_store32(&u, FRAME, 7);
    CHECK_EQ(mmu_load32(&u, 0x5000), get(0x5000)); /* linear is physical */
    mmu_set_cr0(&u, CR0_PE | CR0_PG);
    CHECK_EQ(mmu_load32(&u, 0x5000), 7);
}

static void large_pages_come_and_go(void)
{
    start();
    put(DIR + 4, TABLE2 | PTE_PS | RW); /* 4 MiB at 0 with PSE, a table without */
    put(TABLE2 + 20, FRAME | RW);
    CHECK_EQ(mmu_load32(&u, 0x405000), 0x11111111);
    put(DIR + 4, PTE_PS | RW);
    mmu_set_cr4(&u, CR4_PSE);
    CHECK_EQ(mmu_load32(&u, 0x400000 + FRAME2), 0x22222222);
    CHECK_EQ(get(DIR + 4) & (PTE_A | PTE_D), PTE_A);
    mmu_store32(&u, 0x400000 + FRAME2, 5);
    CHECK_EQ(get(DIR + 4) & (PTE_A | PTE_D), PTE_A | PTE_D);
    CHECK_EQ(get(FRAME2), 5);
    put(DIR + 4, PTE_PS | RW | PTE_A); /* D cleared: for all of its pages */
    CHECK(!has_entry(0x400000 + FRAME2, SHADOW_WRITES));
    put(DIR + 4, TABLE2 | RW);
    CHECK_EQ(mmu_load32(&u, 0x405000), 0x11111111);
    CHECK(FAULTS(mmu_load8(&u, 0x400000), 0x400000, 0));
    CHECK_EQ(shadow_check(&u), 0);
}

static void put64(phys_addr_t a, uint64_t v)
{
    put(a, (uint32_t)v);
    put(a + 4, (uint32_t)(v >> 32));
}

static void pae_start(void)
{
    start();
    mmu_set_cr0(&u, CR0_PE);
    memset(pm.ram + DIR, 0, 0x4000);
    put64(PDPT, DIR | PTE_P);
    put64(PDPT2, DIR | PTE_P);
    put64(DIR, TABLE | RW);
    put64(TABLE + 5 * 8, FRAME | RW);
    put64(TABLE + 6 * 8, FRAME2 | RW);
    mmu_set_cr4(&u, CR4_PAE);
    mmu_set_cr3(&u, PDPT);
    mmu_set_cr0(&u, CR0_PE | CR0_PG | CR0_WP);
}

static void pae_tables_are_traced(void)
{
    pae_start();
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    put64(TABLE + 5 * 8, FRAME2 | RW);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    put(TABLE + 5 * 8 + 4, 1); /* the high half: an address beyond RAM */
    CHECK_EQ(mmu_load32(&u, 0x5000), 0xffffffff);
    put(TABLE + 5 * 8 + 4, 0);
    put64(DIR + 8, RW | PTE_PS); /* 2 MiB */
    CHECK_EQ(mmu_load32(&u, 0x200000 + FRAME), 0x11111111);
    put64(DIR + 8, 0);
    CHECK(FAULTS(mmu_load8(&u, 0x200000 + FRAME), 0x200000 + FRAME, 0));
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    CHECK_EQ(shadow_check(&u), 0);
}

static void page_directory_pointers_are_read_with_cr3(void)
{
    pae_start();
    mmu_load8(&u, 0x5000);
    put64(PDPT, DIR2 | PTE_P);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111); /* as loaded */
    mmu_set_cr3(&u, PDPT2);                       /* says what PDPT said */
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    mmu_set_cr3(&u, PDPT);
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, 0));
    put64(DIR2, TABLE | RW);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
}

static void nx_is_looked_at_when_code_is_fetched(void)
{
    phys_addr_t phys;

    pae_start();
    mmu_set_nx(&u, true);
    CHECK(mmu_fetch_page(&u, 0x5123, &phys) == pm.ram + FRAME);
    CHECK_EQ(phys, FRAME);

    uint32_t generation = u.generation;

    mmu_load8(&u, 0x5000);
    put(TABLE + 5 * 8 + 4, 0x80000000);
    CHECK(u.generation != generation);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    CHECK(FAULTS(mmu_fetch_page(&u, 0x5000, &phys), 0x5000, PF_P | PF_I));
    mmu_set_nx(&u, false);
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, PF_P | PF_RSVD));
}

static void code_has_a_read_entry_only_where_it_may_be_executed(void)
{
    phys_addr_t phys;

    pae_start();
    mmu_set_nx(&u, true);
    put(TABLE + 6 * 8, FRAME | RW);
    put(TABLE + 6 * 8 + 4, 0x80000000);
    CHECK_EQ(mmu_load32(&u, 0x6000), 0x11111111);
    CHECK(has_entry(0x6000, SHADOW_READS));
    mmu_fetch_page(&u, 0x5000, &phys); /* the same page, executable there */
    physmem_trace_set(&pm, FRAME, TRACE_DISPLAY);
    CHECK(has_entry(0x6000, SHADOW_READS));
    physmem_trace_set(&pm, FRAME, TRACE_CODE);
    CHECK(has_entry(0x5000, SHADOW_READS));
    CHECK(!has_entry(0x6000, SHADOW_READS));
    CHECK_EQ(mmu_load32(&u, 0x6000), 0x11111111);
    CHECK_EQ(mmu_load32(&u, 0x6000), 0x11111111);
    CHECK(!has_entry(0x6000, SHADOW_READS));
    CHECK(FAULTS(mmu_fetch_page(&u, 0x6000, &phys), 0x6000, PF_P | PF_I));
    physmem_trace_clear(&pm, FRAME, TRACE_CODE | TRACE_DISPLAY);
    CHECK_EQ(mmu_load32(&u, 0x6000), 0x11111111);
    CHECK(has_entry(0x6000, SHADOW_READS));
    CHECK_EQ(shadow_check(&u), 0);
}

static void a_changed_mapping_of_code_shows_in_the_generation(void)
{
    phys_addr_t phys;
    uint32_t generation;

    start();
    CHECK(mmu_fetch_page(&u, 0x5000, &phys) == pm.ram + FRAME);
    mmu_load8(&u, 0x6000);
    generation = u.generation;
    map(6, FRAME, RW);
    CHECK_EQ(u.generation, generation); /* no code lies there */
    mmu_set_cr3(&u, DIR2);
    map(5, FRAME2, RW);
    mmu_set_cr3(&u, DIR);
    CHECK(u.generation != generation);
    CHECK(mmu_fetch_page(&u, 0x5000, &phys) == pm.ram + FRAME2);
    generation = u.generation;
    put(DIR, 0);
    CHECK(u.generation != generation);
}

static void misaligned_accesses_within_a_page_go_straight(void)
{
    uint64_t fills;

    start();
    mmu_store8(&u, 0x5000, 1);
    fills = mmu_get_stats(&u)->fills;
    for (unsigned off = 0; off < 16; off++) {
        mmu_store32(&u, 0x5000 + off, 0x12345678);
        CHECK_EQ(mmu_load32(&u, 0x5000 + off), 0x12345678);
        mmu_store_slow(&u, 0x5000 + off, 0x87654321, 4, false);
        CHECK_EQ(mmu_load_slow(&u, 0x5000 + off, 4, false), 0x87654321);
    }
    CHECK_EQ(mmu_get_stats(&u)->fills, fills);
#ifdef SHADOW_INDEX
    CHECK_EQ(SHADOW_INDEX(0x5ffcu, 2), 5);
    CHECK_EQ(SHADOW_INDEX(0xfffff000u, 4), 0xfffff);
    CHECK(SHADOW_INDEX(0x5ffeu, 2) >= SHADOW_PAGES);
    CHECK(SHADOW_INDEX(0x5ff8u, 4) >= SHADOW_PAGES && SHADOW_INDEX(0xffffffffu, 4) < SHADOW_WRITE);
#endif
}

static void a_crossing_access_faults_on_the_page_that_is_missing(void)
{
    start();
    map(7, 0, 0);
    CHECK(FAULTS(mmu_store32(&u, 0x6ffe, ~0u), 0x7000, PF_W));
    CHECK_EQ(get(FRAME2 + 0xffc), 0);
    CHECK_EQ(get(TABLE + 24) & PTE_D, PTE_D); /* the first page's walk is through by then */
    map(7, FRAME, RW);
    map(6, 0, 0);
    CHECK(FAULTS(mmu_store32(&u, 0x6ffe, ~0u), 0x6ffe, PF_W));
    CHECK_EQ(get(FRAME), 0x11111111);
    map(6, FRAME2, RW);
    mmu_store32(&u, 0x6ffe, 0xaabbccdd);
    CHECK_EQ(get(FRAME2 + 0xffc), 0xccdd0000);
    CHECK_EQ(get(FRAME), 0x1111aabb);
    map(7, FRAME, PTE_P | PTE_US);
    CHECK(FAULTS(mmu_store32(&u, 0x6ffe, 0), 0x7000, PF_P | PF_W));
    CHECK_EQ(get(FRAME2 + 0xffc), 0xccdd0000);
    CHECK_EQ(mmu_load32(&u, 0x6ffe), 0xaabbccdd);
}

static void a20_is_part_of_the_space(void)
{
    start();
    map(5, 0x100000 + FRAME, RW);
    put(0x100000 + FRAME, 0x33333333);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x33333333);
    physmem_set_a20(&pm, false);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    mmu_store32(&u, 0x5000, 4);
    physmem_set_a20(&pm, true);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x33333333);
    CHECK_EQ(get(FRAME), 4);
    CHECK_EQ(shadow_check(&u), 0);
}

static void invlpg_and_global_pages_need_nothing(void)
{
    start();
    mmu_set_cr4(&u, CR4_PGE);
    map(5, FRAME, RW | PTE_G);
    mmu_load8(&u, 0x5000);
    mmu_invlpg(&u, 0x5000);
    mmu_set_cr3(&u, DIR2);
    put(DIR2, TABLE2 | RW); /* not mapped there, global or not */
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, 0));
    mmu_set_cr3(&u, DIR);
    CHECK(has_entry(0x5000, SHADOW_READS));
    map(5, FRAME2, RW | PTE_G);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
}

static void tables_outside_ram_are_flushed_as_a_tlb_is(void)
{
    static uint8_t video[PAGE_SIZE];

    start();

    unsigned region = physmem_map_ram(&pm, 0xa0000, PAGE_SIZE, "video", video);

    put(DIR, 0xa0000 | RW);
    store_le32(video + 20, FRAME | RW);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    store_le32(video + 20, FRAME2 | RW);
    mmu_invlpg(&u, 0x5000);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    store_le32(video + 20, FRAME | RW);
    mmu_set_cr3(&u, DIR);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    physmem_enable(&pm, region, false);
    CHECK(FAULTS(mmu_load8(&u, 0x5000), 0x5000, 0)); /* the RAM below it is empty */
}

static unsigned told;

static void tell(void *opaque, phys_addr_t addr, unsigned len)
{
    (void)opaque;
    (void)addr;
    told += len;
}

static void each_tracer_hears_of_its_pages(void)
{
    start();
    physmem_hook_writes(&pm, TRACE_DISPLAY, tell, NULL);
    told = 0;
    mmu_store8(&u, 0x5000, 1);
    mmu_set_cr3(&u, DIR2);
    mmu_store8(&u, 0x5000, 1);
    physmem_trace_set(&pm, FRAME, TRACE_DISPLAY); /* both spaces have a write entry */
    mmu_store32(&u, 0x5000, 1);
    mmu_set_cr3(&u, DIR);
    mmu_store32(&u, 0x5004, 1);
    CHECK_EQ(told, 8);
    physmem_trace_set(&pm, TABLE, TRACE_DISPLAY); /* beside the page-table reason */
    map(5, FRAME2, RW);
    CHECK_EQ(told, 12);
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222); /* sets A, which the display hears of */
    CHECK_EQ(told, 16);
    physmem_trace_clear(&pm, TABLE, TRACE_DISPLAY);
    physmem_trace_clear(&pm, FRAME, TRACE_DISPLAY);
    map(5, FRAME, RW);
    mmu_store32(&u, 0x5000, 1);
    CHECK(has_entry(0x5000, SHADOW_WRITES));
    CHECK_EQ(told, 16);
}

static void more_than_four_writable_aliases(void)
{
    start();
    for (unsigned n = 0; n < 9; n++) {
        map(32 + n, FRAME, RW);
        mmu_store8(&u, (32 + n) << PAGE_SHIFT, (uint8_t)n);
    }
    physmem_hook_writes(&pm, TRACE_DISPLAY, tell, NULL);
    physmem_trace_set(&pm, FRAME, TRACE_DISPLAY);
    for (unsigned n = 0; n < 9; n++) {
        CHECK(!has_entry((32 + n) << PAGE_SHIFT, SHADOW_WRITES));
    }
    physmem_trace_clear(&pm, FRAME, TRACE_DISPLAY);
}

static void a_table_page_that_becomes_data_is_quick_again(void)
{
    start();
    put(DIR + 4, TABLE2 | RW);
    put(TABLE2, FRAME | RW);
    map(7, TABLE2, RW); /* the same page as data */
    mmu_load8(&u, 0x400000);
    mmu_store32(&u, 0x7ff0, 0);
    CHECK(!has_entry(0x7000, SHADOW_WRITES));
    for (unsigned n = 0; n < 100; n++) {
        mmu_store32(&u, 0x7100 + 4 * n, n);
    }
    CHECK(has_entry(0x7000, SHADOW_WRITES));
    CHECK_EQ(mmu_load32(&u, 0x400000), 0x11111111); /* a table again */
    CHECK(!has_entry(0x7000, SHADOW_WRITES));
    mmu_store32(&u, 0x7000, FRAME2 | RW);
    CHECK_EQ(mmu_load32(&u, 0x400000), 0x22222222);

    mmu_set_cr3(&u, DIR2);
    mmu_load8(&u, 0x5000);
    for (unsigned n = 0; n < 200; n++) { /* a directory, of a space that does not run */
        put(DIR + 8, n << PAGE_SHIFT);
    }
    CHECK_EQ(mmu_get_stats(&u)->kept, 2); /* the one without paging is the other */
    CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    CHECK_EQ(shadow_check(&u), 0);
}

static void spaces_are_bounded(void)
{
    const struct mmu_stats *stats;

    start();
    for (unsigned n = 0; n < 200; n++) {
        uint32_t dir = 0x100000 + n * PAGE_SIZE;

        put(dir, TABLE | RW);
        mmu_set_cr3(&u, dir);
        CHECK_EQ(mmu_load32(&u, 0x5000), 0x11111111);
    }
    stats = mmu_get_stats(&u);
    CHECK_EQ(stats->kept, SPACES);
    CHECK_EQ(stats->evictions, 202 - SPACES);
    map(5, FRAME2, RW);
    for (unsigned n = 0; n < 200; n++) {
        mmu_set_cr3(&u, 0x100000 + n * PAGE_SIZE);
        CHECK_EQ(mmu_load32(&u, 0x5000), 0x22222222);
    }
    CHECK_EQ(shadow_check(&u), 0);
}

/* Every directory entry the same table, which maps a hundred frames over and over. */
static void memory_is_bounded(void)
{
    start();
    for (unsigned n = 0; n < 1024; n++) {
        put(DIR + n * 4, TABLE | RW);
        put(DIR2 + n * 4, TABLE | RW);
        map(n, FRAME + n % 100 * PAGE_SIZE, RW);
    }
    for (unsigned space = 0; space < 6; space++) {
        mmu_set_cr3(&u, space & 1 ? DIR2 : DIR);
        for (uint32_t chunk = 0; chunk < SHADOW_CHUNKS; chunk++) {
            linear_addr_t a = (chunk * SHADOW_CHUNK + chunk % 512) << PAGE_SHIFT;

            mmu_set_user(&u, false);
            mmu_store32(&u, a, chunk);
            mmu_set_user(&u, true);
            CHECK_EQ(mmu_load32(&u, a), chunk);
        }
        CHECK(mmu_get_stats(&u)->memory <= (uint64_t)SHADOW_LIMIT * PAGE_SIZE);
    }
    CHECK(mmu_get_stats(&u)->evictions > 0);
    CHECK_EQ(shadow_check(&u), 0);
}

/* ---- random tables, against the walk ---- */

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

/* 16 pages are tables and data at once, 16 more only data; in the first and the second MiB. */
static phys_addr_t rnd_page(unsigned count)
{
    uint32_t n = rnd(count);

    return (n & 1 ? 0x110000 : 0x10000) + (n >> 1) * PAGE_SIZE;
}

/* Addresses use few directory entries and few pages, so that most things meet. */
static linear_addr_t rnd_linear(void)
{
    static const uint32_t slots[] = {0, 1, 2, 3, 511, 512, 1022, 1023};
    uint32_t page = rnd(4) ? rnd(6) : 510 + rnd(4);
    uint32_t off = rnd(3) ? rnd(1024) * 4 : rnd(2) ? 4093 + rnd(3) : rnd(4096);

    return slots[rnd(8)] << 22 | page << PAGE_SHIFT | off;
}

static uint32_t rnd_entry(void)
{
    uint32_t e = (uint32_t)rnd_page(32) | (rnd(16) ? PTE_P : 0) | (rnd(4) ? PTE_RW : 0) |
                 (rnd(4) ? PTE_US : 0) | (rnd(2) ? PTE_A : 0) | (rnd(2) ? PTE_D : 0);

    if (!rnd(6)) {
        e = (e & 0xfff) | PTE_PS;
    }
    return e;
}

static void rnd_table_write(void)
{
    phys_addr_t page = rnd_page(16);
    uint32_t index = rnd(4) ? rnd(12) : rnd(2) ? 1008 + rnd(16) : 508 + rnd(8), v = rnd_entry();

    if ((u.cr4 & CR4_PAE) && (index & 1) && rnd(8)) {
        v = rnd(4) ? 0 : 0x80000000; /* a high half */
    }
    switch (rnd(4)) {
    case 0: physmem_write(&pm, page + index * 4, &v, 4); break;
    case 1: physmem_store(&pm, page + index * 4 + rnd(4), v & 0xff, 1); break;
    default: put(page + index * 4, v); break;
    }
    if (!rnd(50)) {
        uint32_t bulk[128];

        for (unsigned n = 0; n < ARRAY_LEN(bulk); n++) {
            bulk[n] = rnd_entry();
        }
        physmem_write(&pm, page + rnd(3000), bulk, sizeof(bulk));
    }
}

static void rnd_register(void)
{
    switch (rnd(10)) {
    case 0: mmu_set_cr0(&u, CR0_PE | CR0_PG | (rnd(2) ? CR0_WP : 0)); break;
    case 1:
        if (!rnd(4)) {
            mmu_set_cr0(&u, CR0_PE);
        }
        break;
    case 2:
        if (!rnd(8)) {
            mmu_set_cr4(&u,
                        (rnd(2) ? CR4_PSE : 0) | (rnd(2) ? CR4_PAE : 0) | (rnd(2) ? CR4_PGE : 0));
        }
        break;
    case 3: mmu_set_nx(&u, rnd(2)); break;
    case 4:
        if (!rnd(8)) {
            physmem_set_a20(&pm, rnd(4));
        }
        break;
    case 5: mmu_invlpg(&u, rnd_linear()); break;
    case 6:
    case 7: mmu_set_user(&u, rnd(2)); break;
    default: mmu_set_cr3(&u, (uint32_t)rnd_page(4)); break;
    }
}

static void rnd_trace(void)
{
    unsigned reasons = rnd(2) ? TRACE_CODE : TRACE_DISPLAY;

    if (rnd(2)) {
        physmem_trace_set(&pm, rnd_page(16), reasons);
    } else {
        physmem_trace_clear(&pm, rnd_page(16), reasons);
    }
}

/* Where the byte at a lies, or the fault that the access must meet. */
struct verdict {
    bool allowed;
    phys_addr_t phys;
    linear_addr_t addr;
    uint32_t code;
};

static struct verdict judge(linear_addr_t a, enum mmu_access access)
{
    struct verdict v = {.addr = a};

    v.allowed = mmu_probe(&u, a, access, u.user, &v.phys, &v.code);
    return v;
}

static bool marked(linear_addr_t a, bool write)
{
    struct walk w;
    uint32_t error;
    bool good = walk_tables(&u, a, &w, &error);

    for (unsigned n = 0; good && n < w.levels; n++) {
        good = (w.value[n] & PTE_A) && (!write || n + 1 < w.levels || (w.value[n] & PTE_D));
    }
    return good;
}

/* One access, and whether it did what the walk says. */
static bool rnd_access(void)
{
    linear_addr_t a = rnd_linear();
    unsigned size = 1u << rnd(3);
    enum mmu_access access = rnd(2) ? MMU_READ : rnd(4) ? MMU_WRITE : MMU_EXEC;
    unsigned low = PAGE_SIZE - (a & PAGE_MASK);
    struct verdict v, hi;
    volatile uint32_t got = 0;
    uint32_t value = rnd(2) ? rnd_entry() : rnd(0x7fffffff);
    phys_addr_t page = 0;

    size = access == MMU_EXEC ? 1 : size;
    v = judge(a, access);
    hi = v;
    if (low < size) {
        hi = judge(a + low, access);
        if (v.allowed && !hi.allowed) {
            v = hi;
        }
    }
    if (setjmp(env)) {
        return !v.allowed && fault_addr == v.addr && fault_code == v.code;
    }
    if (access == MMU_EXEC) {
        const uint8_t *host = mmu_fetch_page(&u, a, &page);

        return v.allowed && page == (v.phys & ~(phys_addr_t)PAGE_MASK) &&
               (!host || host == pm.ram + page) && marked(a, false);
    }
    if (access == MMU_READ) {
        got = size == 4 ? mmu_load32(&u, a) : size == 2 ? mmu_load16(&u, a) : mmu_load8(&u, a);
    } else if (size == 4) {
        mmu_store32(&u, a, value);
    } else if (size == 2) {
        mmu_store16(&u, a, (uint16_t)value);
    } else {
        mmu_store8(&u, a, (uint8_t)value);
    }
    if (!v.allowed) {
        return false;
    }
    if (access == MMU_WRITE) {
        got = value;
    }
    for (unsigned n = 0; n < size; n++) {
        phys_addr_t phys = n < low ? v.phys + n : hi.phys + (n - low);
        bool lost = access == MMU_WRITE && phys >= pm.ram_size; /* nothing is there */

        if (!lost && physmem_load(&pm, phys, 1) != (got >> 8 * n & 0xff)) {
            return false;
        }
    }
    /* A store may have changed the very tables that it went through. */
    return access == MMU_WRITE || (marked(a, false) && (low >= size || marked(a + low, false)));
}

static void random_tables_agree_with_the_walk(void)
{
    for (unsigned round = 0; round < 60; round++) {
        start();
        mmu_set_cr0(&u, CR0_PE);
        seed = round * 7919 + 1;
        for (unsigned n = 0; n < 2000; n++) {
            rnd_table_write();
        }
        mmu_set_cr4(&u, (round & 1 ? CR4_PSE : 0) | (round & 2 ? CR4_PAE : 0));
        mmu_set_cr3(&u, (uint32_t)rnd_page(4));
        mmu_set_cr0(&u, CR0_PE | CR0_PG);
        for (unsigned n = 0; n < 20000; n++) {
            if (!rnd(12)) {
                rnd_table_write();
            }
            if (!rnd(20)) {
                rnd_register();
            }
            if (!rnd(30)) {
                rnd_trace();
            }
            if (!CHECK(rnd_access()) || (n % 500 == 0 && !CHECK_EQ(shadow_check(&u), 0))) {
                printf("round %u, step %u\n", round, n);
                return;
            }
        }
    }
}

static unsigned writes_seen;

static void count_write(void *opaque, phys_addr_t addr, unsigned len)
{
    (void)opaque;
    (void)addr;
    (void)len;
    writes_seen++;
}

/* A frame buffer's pages are traced as RAM's are; the writes behind the first are direct again. */
static void memory_of_a_device_is_traced(void)
{
    static uint8_t bytes[2 * PAGE_SIZE];

    start();
    unsigned region = physmem_map_ram(&pm, 0xe0000000, sizeof(bytes), "frame buffer", bytes);

    map(7, 0xe0001000, RW);
    mmu_store8(&u, 0x7000, 1);
    CHECK(has_entry(0x7000, SHADOW_WRITES));
    physmem_hook_writes(&pm, TRACE_DISPLAY, count_write, NULL);
    writes_seen = 0;
    physmem_trace_set(&pm, 0xe0001000, TRACE_DISPLAY);
    CHECK(!has_entry(0x7000, SHADOW_WRITES));
    CHECK(has_entry(0x7000, SHADOW_READS));
    mmu_store8(&u, 0x7004, 2);
    CHECK_EQ(writes_seen, 1);
    CHECK_EQ(bytes[0x1004], 2);
    physmem_trace_clear(&pm, 0xe0001000, TRACE_DISPLAY);
    mmu_store8(&u, 0x7004, 3);
    CHECK_EQ(writes_seen, 1);
    CHECK(has_entry(0x7000, SHADOW_WRITES));
    physmem_hook_writes(&pm, TRACE_DISPLAY, NULL, NULL);
    physmem_enable(&pm, region, false);
}

int main(void)
{
    RUN(an_entry_is_there_only_with_A_and_D);
    RUN(a_space_is_kept_while_another_runs);
    RUN(a_new_space_takes_over_what_is_the_same);
    RUN(a_write_to_a_table_drops_its_pages_in_every_space);
    RUN(the_guests_own_stores_to_a_table_count);
    RUN(dma_into_a_table_counts);
    RUN(a_directory_entry_takes_its_pages_along);
    RUN(a_directory_that_maps_itself);
    RUN(privileges_do_not_share_entries);
    RUN(write_protection_follows_cr0);
    RUN(large_pages_come_and_go);
    RUN(pae_tables_are_traced);
    RUN(page_directory_pointers_are_read_with_cr3);
    RUN(nx_is_looked_at_when_code_is_fetched);
    RUN(code_has_a_read_entry_only_where_it_may_be_executed);
    RUN(a_changed_mapping_of_code_shows_in_the_generation);
    RUN(misaligned_accesses_within_a_page_go_straight);
    RUN(a_crossing_access_faults_on_the_page_that_is_missing);
    RUN(a20_is_part_of_the_space);
    RUN(invlpg_and_global_pages_need_nothing);
    RUN(tables_outside_ram_are_flushed_as_a_tlb_is);
    RUN(each_tracer_hears_of_its_pages);
    RUN(memory_of_a_device_is_traced);
    RUN(more_than_four_writable_aliases);
    RUN(a_table_page_that_becomes_data_is_quick_again);
    RUN(spaces_are_bounded);
    RUN(memory_is_bounded);
    RUN(random_tables_agree_with_the_walk);
    return check_done();
}
