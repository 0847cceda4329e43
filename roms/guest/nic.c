/* SPDX-License-Identifier: MIT */
/*
 * An NE2000, on the PCI bus (RTL8029) or as an ISA card: the DP8390 by remote DMA.
 */
#include "guest.h"

enum {
    CR = 0x00,
    PSTART = 0x01,
    PSTOP = 0x02,
    BNRY = 0x03,
    TPSR = 0x04,
    TBCR = 0x05,
    ISR = 0x07,
    CURR = 0x07, /* page 1 */
    RSAR = 0x08,
    RBCR = 0x0a,
    RCR = 0x0c,
    TCR = 0x0d,
    DCR = 0x0e,
    IMR = 0x0f,
    DATA = 0x10,
    RESET = 0x1f,

    STOP = 0x21,
    START = 0x22,
    SEND = 0x26,
    PAGE1 = 0x62,
    REMOTE_READ = 0x0a,
    REMOTE_WRITE = 0x12,

    PRX = 0x01,
    PTX = 0x02,
    RDC = 0x40,
    RST = 0x80,

    SEND_PAGE = 0x40,
    FIRST_PAGE = 0x46,
    LAST_PAGE = 0x80,
};

static uint16_t base;
static uint32_t next_page;
volatile uint32_t nic_irqs;
static int irq = -1;

static bool interrupts(bool on)
{
    uint32_t flags;

    asm volatile("pushfl; popl %0; cli" : "=r"(flags) : : "memory");
    if (on) {
        asm volatile("sti");
    }
    return flags & 0x200;
}

void nic_interrupt(unsigned n)
{
    if (irq == (int)n) {
        nic_irqs++;
        outb(base + ISR, inb(base + ISR) & 0x7f);
    }
}

static void remote(uint32_t at, uint32_t bytes, uint8_t command)
{
    outb(base + RBCR, bytes);
    outb(base + RBCR + 1, bytes >> 8);
    outb(base + RSAR, at);
    outb(base + RSAR + 1, at >> 8);
    outb(base + CR, command);
}

static void remote_end(void)
{
    for (unsigned i = 0; i < 100000 && !(inb(base + ISR) & RDC); i++) {
    }
    outb(base + ISR, RDC);
}

static void read_memory(uint32_t at, uint8_t *to, uint32_t bytes)
{
    remote(at, (bytes + 1) & ~1u, REMOTE_READ);
    for (uint32_t i = 0; i < bytes; i += 2) {
        uint16_t v = inw(base + DATA);

        to[i] = v;
        if (i + 1 < bytes) {
            to[i + 1] = v >> 8;
        }
    }
    remote_end();
}

/* Bytes of the ring, which begins again at its end. */
static void read_ring(uint32_t at, uint8_t *to, uint32_t bytes)
{
    uint32_t left = (LAST_PAGE << 8) - at;

    if (bytes > left) {
        read_memory(at, to, left);
        to += left;
        bytes -= left;
        at = FIRST_PAGE << 8;
    }
    read_memory(at, to, bytes);
}

/* A card at these ports: it resets, and its PROM ends in "WW". */
static bool start(uint16_t at, uint8_t mac[6])
{
    uint8_t prom[32];

    base = at;
    if (inb(base) == 0xff) {
        return false;
    }
    outb(base + RESET, inb(base + RESET));
    for (unsigned i = 0; i < 10000 && !(inb(base + ISR) & RST); i++) {
    }
    if (!(inb(base + ISR) & RST)) {
        return false;
    }
    outb(base + CR, STOP);
    outb(base + DCR, 0x49); /* 16 bits wide */
    outb(base + RBCR, 0);
    outb(base + RBCR + 1, 0);
    outb(base + RCR, 0x20); /* monitor */
    outb(base + TCR, 0x02); /* loopback */
    outb(base + PSTART, FIRST_PAGE);
    outb(base + PSTOP, LAST_PAGE);
    outb(base + BNRY, FIRST_PAGE);
    outb(base + ISR, 0xff);
    outb(base + IMR, 0);
    outb(base + CR, START);
    read_memory(0, prom, sizeof(prom));
    if (prom[28] != 'W' || prom[30] != 'W') {
        return false;
    }
    outb(base + CR, PAGE1);
    for (unsigned i = 0; i < 6; i++) {
        mac[i] = prom[i * 2];
        outb(base + 1 + i, mac[i]);
    }
    next_page = FIRST_PAGE + 1;
    outb(base + CURR, next_page);
    outb(base + CR, START);
    return true;
}

static uint16_t requests(void)
{
    outb(0x20, 0x0a);
    outb(0xa0, 0x0a);
    return inb(0x20) | inb(0xa0) << 8;
}

/* The interrupt, of those that nobody takes, that a finished remote DMA asks for; -1: none does. */
static int find_irq(void)
{
    uint16_t before = requests(), masked = inb(0x21) | inb(0xa1) << 8, after;
    int found = -1;

    outb(base + IMR, RDC);
    remote(0, 0, REMOTE_READ);
    after = requests();
    outb(base + IMR, 0);
    outb(base + ISR, RDC);
    outb(base + CR, START);
    for (int i = 3; i < 16; i++) {
        if ((after & ~before & masked) >> i & 1) {
            found = i;
        }
    }
    return found;
}

/* To the bytes at SEND_PAGE, in loopback: the chip has it sent, and nothing is received. */
static bool loops_back(void)
{
    static uint8_t frame[60];

    nic_send(frame, sizeof(frame));
    for (unsigned i = 0; i < 100000 && inb(base + CR) == SEND; i++) {
    }
    bool sent = inb(base + ISR) & PTX;

    outb(base + ISR, 0x7f);
    return sent;
}

static void mask_irq(bool on)
{
    uint16_t port = irq >= 8 ? 0xa1 : 0x21;
    uint8_t bit = irq >= 0 ? 1 << (irq & 7) : 0;

    outb(port, on ? inb(port) | bit : inb(port) & ~bit);
}

const char *nic_find(struct nic *n)
{
    static const uint16_t isa_bases[] = {0x300, 0x320, 0x340, 0x360, 0x280, 0x240};
    uint32_t f = pci_exists() ? pci_find(0xffffffff, 0x802910ec, 0) : PCI_NONE;
    bool found = false, was_on = interrupts(false);

    mask_irq(true); /* of an earlier time */
    irq = -1;
    if (f != PCI_NONE) {
        pci_enable(f, PCI_PORTS);
        found = start(pci_read(f, 0x10) & 0xffe0, n->mac);
    }
    for (unsigned i = 0; i < ARRAY_LEN(isa_bases) && !found; i++) {
        f = PCI_NONE;
        found = start(isa_bases[i], n->mac);
    }
    if (found) {
        n->base = base;
        n->irq = find_irq();
        n->works = loops_back();
        /* Broadcasts and its own, from now on. */
        outb(base + TCR, 0);
        outb(base + RCR, 0x04);
        irq = n->irq;
        outb(base + IMR, PRX);
        mask_irq(false);
    }
    interrupts(was_on);
    return !found ? 0 : f == PCI_NONE ? "NE2000" : "RTL8029";
}

void nic_send(const uint8_t *frame, uint32_t bytes)
{
    bool was_on = interrupts(false);

    for (unsigned i = 0; i < 1000000 && inb(base + CR) == SEND; i++) {
    }
    remote(SEND_PAGE << 8, (bytes + 1) & ~1u, REMOTE_WRITE);
    for (uint32_t i = 0; i < bytes; i += 2) {
        outw(base + DATA, frame[i] | frame[i + 1] << 8);
    }
    remote_end();
    outb(base + TPSR, SEND_PAGE);
    outb(base + TBCR, bytes);
    outb(base + TBCR + 1, bytes >> 8);
    outb(base + CR, SEND);
    interrupts(was_on);
}

/* With interrupts off. 0: nothing has come. */
static uint32_t take(uint8_t *frame, uint32_t max)
{
    uint8_t header[4];
    uint32_t bytes = 0;

    outb(base + CR, PAGE1);
    uint8_t curr = inb(base + CURR);

    outb(base + CR, START);
    if (curr == next_page) {
        return 0;
    }
    read_memory(next_page << 8, header, 4);
    bytes = (header[2] | header[3] << 8) - 4u;
    bytes = bytes > max ? max : bytes;
    uint32_t at = (next_page << 8) + 4;

    read_ring(at, frame, bytes);
    next_page = header[1];
    outb(base + BNRY, next_page == FIRST_PAGE ? LAST_PAGE - 1 : next_page - 1);
    return bytes;
}

uint32_t nic_receive(uint8_t *frame, uint32_t max, uint32_t until)
{
    for (;;) {
        interrupts(false);
        uint32_t bytes = take(frame, max);

        if (bytes || (int32_t)(ticks - until) >= 0) {
            interrupts(true);
            return bytes;
        }
        asm volatile("sti; hlt");
    }
}
