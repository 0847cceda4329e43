/* SPDX-License-Identifier: MIT */
/*
 * The first 8237A DMA controller (Intel data sheet, order 231466) and its page registers.
 */
#include "guest.h"

enum {
    COMMAND = 0x08, /* read: status, low nibble: terminal counts */
    REQUEST = 0x09,
    MASK = 0x0a,
    MODE = 0x0b,
    FLIP_FLOP = 0x0c,

    MEM_TO_MEM = 1 << 0, /* of COMMAND */
    SET = 1 << 2,        /* of REQUEST and MASK */

    BLOCK = 2 << 6,
};

/* What the controller reads and writes, the compiler does not know. */
static void memory_changes(void)
{
    asm volatile("" : : : "memory");
}

void dma_mask(unsigned channel)
{
    outb(MASK, SET | channel);
    memory_changes();
}

void dma_program(unsigned channel, uint8_t mode, const void *at, uint32_t bytes)
{
    static const uint8_t page[] = {0x87, 0x83, 0x81, 0x82};
    uint32_t address = (uint32_t)at, count = bytes - 1;

    dma_mask(channel);
    outb(FLIP_FLOP, 0);
    outb(channel * 2, address);
    outb(channel * 2, address >> 8);
    outb(page[channel], address >> 16);
    outb(channel * 2 + 1, count);
    outb(channel * 2 + 1, count >> 8);
    outb(MODE, mode | channel);
    memory_changes();
    outb(MASK, channel);
}

bool dma_ended(unsigned channel)
{
    return inb(COMMAND) >> channel & 1; /* cleared by the reading */
}

static bool registers_work(void)
{
    bool good;

    dma_program(1, 0, (const void *)0x5a1234, 0x789b);
    dma_mask(1);
    outb(FLIP_FLOP, 0);
    good = inb(2) == 0x34 && inb(2) == 0x12;
    good = good && inb(3) == 0x9a && inb(3) == 0x78;
    return good && inb(0x83) == 0x5a;
}

/*
 * By channels 0 and 1, on a software request. No board promises what a page register is good for
 * without a DACK, and some leave these transfers out: both halves lie in one page, which both
 * registers name, and if nothing moved at all there is nothing to judge.
 */
static bool memory_to_memory(void)
{
    static uint8_t bytes[2][2048] __attribute__((aligned(4096)));
    uint32_t limit = ticks + 10;
    unsigned same = 0, untouched = 0;

    for (unsigned i = 0; i < sizeof(bytes[0]); i++) {
        bytes[0][i] = i * 7 + 1;
        bytes[1][i] = bytes[0][i] ^ 0xff;
    }
    dma_program(0, BLOCK | DMA_FROM_MEMORY, bytes[0], sizeof(bytes[0]));
    dma_program(1, BLOCK | DMA_TO_MEMORY, bytes[1], sizeof(bytes[1]));
    outb(COMMAND, MEM_TO_MEM);
    outb(REQUEST, SET | 0);
    while (!dma_ended(1) && ticks < limit) {
        asm volatile("pause");
    }
    outb(REQUEST, 0);
    outb(COMMAND, 0);
    dma_mask(0);
    dma_mask(1);
    for (unsigned i = 0; i < sizeof(bytes[0]); i++) {
        uint8_t want = i * 7 + 1;

        same += bytes[0][i] == want && bytes[1][i] == want;
        untouched += (bytes[1][i] ^ want) == 0xff;
    }
    if (untouched < sizeof(bytes[0])) {
        print(", %u bytes from memory to memory", same);
    }
    return same == sizeof(bytes[0]) || untouched == sizeof(bytes[0]);
}

void check_dma(void)
{
    check_label("DMA");
    print("8237A x 2");
    bool good = registers_work();

    check_result(memory_to_memory() && good);
}
