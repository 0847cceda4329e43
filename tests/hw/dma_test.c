/* SPDX-License-Identifier: MIT */
#include "hw/dma.h"

#include "tests/hw/fake_machine.h"

struct bench {
    struct fake_machine f;
    struct dma *dma;
};

static void open_bench(struct bench *b)
{
    fake_init(&b->f);
    b->dma = dma_create(&b->f.m);
    device_reset_all(&b->f.m);
    out8(&b->f, 0xd4, 0x00); /* channel 4 carries the first controller */
}

/* Channel 2: n bytes at addr, with the given mode bits. */
static void program_2(struct bench *b, uint32_t addr, unsigned n, uint8_t mode)
{
    out8(&b->f, 0x0a, 0x06);
    out8(&b->f, 0x0c, 0);
    out8(&b->f, 0x04, (uint8_t)addr);
    out8(&b->f, 0x04, (uint8_t)(addr >> 8));
    out8(&b->f, 0x05, (uint8_t)(n - 1));
    out8(&b->f, 0x05, (uint8_t)((n - 1) >> 8));
    out8(&b->f, 0x81, (uint8_t)(addr >> 16));
    out8(&b->f, 0x0b, mode | 2);
    out8(&b->f, 0x0a, 0x02);
}

static void writes_to_memory_until_terminal_count(void)
{
    struct bench b;
    uint8_t buf[8] = "abcdefg";
    bool tc;

    open_bench(&b);
    program_2(&b, 0x12345, 5, 0x44);
    CHECK_EQ(dma_transfer(b.dma, 2, buf, 3, true, &tc), 3);
    CHECK(!tc);
    CHECK_EQ(dma_transfer(b.dma, 2, buf + 3, 5, true, &tc), 2);
    CHECK(tc);
    CHECK(!memcmp(b.f.m.mem.ram + 0x12345, "abcde", 6));
    CHECK_EQ(in8(&b.f, 0x08) & 0x0f, 4);
    CHECK_EQ(in8(&b.f, 0x08) & 0x0f, 0);                    /* reading clears it */
    CHECK_EQ(dma_transfer(b.dma, 2, buf, 1, true, &tc), 0); /* masked itself */
    fake_free(&b.f);
}

static void reads_from_memory_and_reloads(void)
{
    struct bench b;
    uint8_t buf[4] = {0};
    bool tc;

    open_bench(&b);
    memcpy(b.f.m.mem.ram + 0x20000, "wxyz", 4);
    program_2(&b, 0x20000, 4, 0x58); /* autoinitialise */
    CHECK_EQ(dma_transfer(b.dma, 2, buf, 4, false, &tc), 4);
    CHECK(tc && !memcmp(buf, "wxyz", 4));
    CHECK_EQ(dma_transfer(b.dma, 2, buf, 2, false, &tc), 2);
    CHECK(!tc && !memcmp(buf, "wx", 2));
    fake_free(&b.f);
}

static void address_wraps_inside_the_page_and_goes_down(void)
{
    struct bench b;
    uint8_t buf[2] = {1, 2};
    bool tc;

    open_bench(&b);
    program_2(&b, 0x1ffff, 2, 0x44);
    dma_transfer(b.dma, 2, buf, 2, true, &tc);
    CHECK_EQ(b.f.m.mem.ram[0x1ffff], 1);
    CHECK_EQ(b.f.m.mem.ram[0x10000], 2);
    program_2(&b, 0x30001, 2, 0x64);
    dma_transfer(b.dma, 2, buf, 2, true, &tc);
    CHECK_EQ(b.f.m.mem.ram[0x30001], 1);
    CHECK_EQ(b.f.m.mem.ram[0x30000], 2);
    fake_free(&b.f);
}

static void wrong_direction_and_verify_move_nothing(void)
{
    struct bench b;
    uint8_t buf[2] = {9, 9};
    bool tc;

    open_bench(&b);
    program_2(&b, 0x40000, 2, 0x48);
    CHECK_EQ(dma_transfer(b.dma, 2, buf, 2, true, &tc), 0);
    program_2(&b, 0x40000, 2, 0x40);
    CHECK_EQ(dma_transfer(b.dma, 2, buf, 2, true, &tc), 2);
    CHECK(tc);
    CHECK_EQ(b.f.m.mem.ram[0x40000], 0);
    fake_free(&b.f);
}

static void wide_channel_counts_words(void)
{
    struct bench b;
    uint8_t buf[5] = {1, 2, 3, 4, 5};
    bool tc;

    open_bench(&b);
    out8(&b.f, 0xd8, 0);
    out8(&b.f, 0xc4, 0x80); /* word 80h of page 2: byte 20100h */
    out8(&b.f, 0xc4, 0x00);
    out8(&b.f, 0xc6, 1);
    out8(&b.f, 0xc6, 0);
    out8(&b.f, 0x8b, 0x03); /* bit 0 is not connected */
    out8(&b.f, 0xd6, 0x45);
    out8(&b.f, 0xd4, 0x01);
    CHECK_EQ(dma_transfer(b.dma, 5, buf, 5, true, &tc), 4);
    CHECK(tc);
    CHECK(!memcmp(b.f.m.mem.ram + 0x20100, buf, 4));
    fake_free(&b.f);
}

static void registers_read_back_through_the_flip_flop(void)
{
    struct bench b;

    open_bench(&b);
    program_2(&b, 0x51234, 0x100, 0x44);
    out8(&b.f, 0x0c, 0);
    CHECK_EQ(in8(&b.f, 0x04), 0x34);
    CHECK_EQ(in8(&b.f, 0x04), 0x12);
    CHECK_EQ(in8(&b.f, 0x05), 0xff);
    CHECK_EQ(in8(&b.f, 0x05), 0x00);
    CHECK_EQ(in8(&b.f, 0x81), 5);
    out8(&b.f, 0x0d, 0);
    CHECK_EQ(in8(&b.f, 0x0f) & 15, 15);
    fake_free(&b.f);
}

/* Source 1000h with so many bytes, destination 2000h with 5; channel 0's mode besides. */
static void program_memory_to_memory(struct bench *b, unsigned from, uint8_t mode)
{
    memcpy(b->f.m.mem.ram + 0x1000, "hello", 5);
    out8(&b->f, 0x0c, 0);
    out8(&b->f, 0x00, 0x00);
    out8(&b->f, 0x00, 0x10);
    out8(&b->f, 0x01, (uint8_t)(from - 1));
    out8(&b->f, 0x01, 0);
    out8(&b->f, 0x02, 0x00);
    out8(&b->f, 0x02, 0x20);
    out8(&b->f, 0x03, 4);
    out8(&b->f, 0x03, 0);
    out8(&b->f, 0x0b, mode | 0x88);
    out8(&b->f, 0x0b, 0x85);
}

static void moves_memory_to_memory(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x08, 0x01);
    program_memory_to_memory(&b, 5, 0);
    out8(&b.f, 0x09, 0x04);
    CHECK(!memcmp(b.f.m.mem.ram + 0x2000, "hello", 6));
    fake_free(&b.f);
}

static void memory_to_memory_begins_anew_at_the_source(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x08, 0x01);
    program_memory_to_memory(&b, 2, 0x10);
    out8(&b.f, 0x09, 0x04);
    CHECK(!memcmp(b.f.m.mem.ram + 0x2000, "heheh", 6));
    CHECK_EQ(in8(&b.f, 0x08), 2); /* channel 1's terminal count alone */
    program_memory_to_memory(&b, 2, 0);
    out8(&b.f, 0x09, 0x04);
    CHECK(!memcmp(b.f.m.mem.ram + 0x2000, "hello", 6));
    program_memory_to_memory(&b, 5, 0);
    out8(&b.f, 0x08, 0x03);
    out8(&b.f, 0x09, 0x04);
    CHECK(!memcmp(b.f.m.mem.ram + 0x2000, "hhhhh", 6));
    fake_free(&b.f);
}

static void memory_to_memory_waits_for_the_bus(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0xd4, 0x04); /* channel 4 masked */
    out8(&b.f, 0x08, 0x05); /* disabled */
    program_memory_to_memory(&b, 5, 0);
    out8(&b.f, 0x09, 0x04);
    CHECK_EQ(b.f.m.mem.ram[0x2000], 0);
    out8(&b.f, 0x08, 0x01);
    CHECK_EQ(b.f.m.mem.ram[0x2000], 0);
    CHECK_EQ(in8(&b.f, 0x08), 0x10);
    out8(&b.f, 0xd4, 0x00);
    CHECK(!memcmp(b.f.m.mem.ram + 0x2000, "hello", 6));
    CHECK_EQ(in8(&b.f, 0x08), 2);
    fake_free(&b.f);
}

static void survives_random_registers(void)
{
    uint16_t ports[80];
    struct bench b;
    uint8_t buf[512] = {0};
    bool tc;

    for (unsigned i = 0; i < 80; i++) {
        ports[i] = (uint16_t)(i < 32 ? i & 15 : i < 48 ? 0x80 + i - 32 : 0xc0 + i - 48);
    }
    open_bench(&b);
    for (unsigned i = 0; i < 200; i++) {
        fake_random_access(&b.f, ports, 80, 50);
        dma_transfer(b.dma, i & 7, buf, i * 3 & 511, i >> 3 & 1, &tc);
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(writes_to_memory_until_terminal_count);
    RUN(reads_from_memory_and_reloads);
    RUN(address_wraps_inside_the_page_and_goes_down);
    RUN(wrong_direction_and_verify_move_nothing);
    RUN(wide_channel_counts_words);
    RUN(registers_read_back_through_the_flip_flop);
    RUN(moves_memory_to_memory);
    RUN(memory_to_memory_begins_anew_at_the_source);
    RUN(memory_to_memory_waits_for_the_bus);
    RUN(survives_random_registers);
    return check_done();
}
