/* SPDX-License-Identifier: MIT */
/*
 * The first disk (ATA): sectors through the data port and through the PCI IDE controller's bus
 * master (Programming Interface for Bus Master IDE Controller 1.0).
 */
#include "guest.h"

#define IDE     0x1f0
#define SCRATCH 255 /* the last sector of the guest's own disk */

enum {
    STATUS_ERR = 0x01,
    STATUS_DRQ = 0x08,
    STATUS_DRDY = 0x40,
    STATUS_BSY = 0x80,

    READ_SECTORS = 0x20,
    WRITE_SECTORS = 0x30,
    READ_DMA = 0xc8,
    WRITE_DMA = 0xca,
    IDENTIFY = 0xec,

    BM_START = 0x01,
    BM_TO_MEMORY = 0x08,
    BM_ACTIVE = 0x01,
    BM_ERROR = 0x02,
    BM_INTERRUPT = 0x04,
};

static bool disk_wait(uint8_t mask)
{
    for (unsigned i = 0; i < 1000000; i++) {
        uint8_t s = inb(0x3f6);

        if (!(s & STATUS_BSY) && (s & mask) == mask) {
            return !(s & STATUS_ERR);
        }
    }
    return false;
}

static bool disk_command(uint8_t command, uint32_t lba)
{
    if (!disk_wait(STATUS_DRDY)) {
        return false;
    }
    outb(0x3f6, 0x08);
    outb(IDE + 2, 1);
    outb(IDE + 3, lba);
    outb(IDE + 4, lba >> 8);
    outb(IDE + 5, lba >> 16);
    outb(IDE + 6, 0xe0 | lba >> 24);
    outb(IDE + 7, command);
    inb(0x3f6);
    return true;
}

static bool disk_sector(uint8_t command, uint32_t lba, uint16_t *words)
{
    if (!disk_command(command, lba) || !disk_wait(STATUS_DRQ)) {
        return false;
    }
    for (unsigned i = 0; i < 256; i++) {
        if (command == WRITE_SECTORS) {
            outw(IDE, words[i]);
        } else {
            words[i] = inw(IDE);
        }
    }
    return disk_wait(STATUS_DRDY);
}

static bool disk_exists(void)
{
    outb(IDE + 6, 0xe0);
    return inb(0x3f6) != 0xff && inb(0x3f6);
}

/* Only the guest's own disk is written to: the mark is there. */
static bool disk_is_ours(void)
{
    static uint16_t sector[256];

    return disk_sector(READ_SECTORS, SCRATCH, sector) && sector[254] == 0x6f67 &&
           sector[255] == 0x6e6d;
}

static void fill(uint16_t *sector, unsigned factor)
{
    for (unsigned i = 0; i < 254; i++) {
        sector[i] = i * factor + 1;
    }
    sector[254] = 0x6f67;
    sector[255] = 0x6e6d;
}

static bool filled(const uint16_t *sector, unsigned factor)
{
    for (unsigned i = 0; i < 254; i++) {
        if (sector[i] != (uint16_t)(i * factor + 1)) {
            return false;
        }
    }
    return true;
}

void check_disk(void)
{
    static uint16_t id[256], sector[256];
    char name[41];

    check_label("Disk");
    if (!disk_exists() || !disk_sector(IDENTIFY, 0, id)) {
        check_absent();
        return;
    }
    for (unsigned i = 0; i < 20; i++) {
        name[i * 2] = id[27 + i] >> 8;
        name[i * 2 + 1] = id[27 + i];
    }
    unsigned end = 40;

    while (end && name[end - 1] == ' ') {
        end--;
    }
    name[end] = 0;
    bool good = disk_sector(READ_SECTORS, 0, sector) && sector[255] == 0xaa55;
    uint32_t irqs = disk_irqs;

    print("%s, %u KiB", name, (id[60] | id[61] << 16) / 2);
    if (good && disk_is_ours()) {
        fill(sector, 0x3a7);
        good = disk_sector(WRITE_SECTORS, SCRATCH, sector);
        memset(sector, 0, sizeof(sector));
        good = good && disk_sector(READ_SECTORS, SCRATCH, sector) && filled(sector, 0x3a7);
        print(", written and read back");
        good = good && disk_irqs > irqs;
    }
    check_result(good);
}

/* ---- bus master ---- */

struct region {
    uint32_t address;
    uint16_t bytes, last;
};

/* The sector goes to or from memory in two pieces. */
static bool dma_sector(uint16_t base, uint8_t command, uint32_t lba, uint16_t *words)
{
    static struct region table[2] __attribute__((aligned(16)));
    uint8_t direction = command == READ_DMA ? BM_TO_MEMORY : 0;
    uint32_t irqs = disk_irqs, limit = ticks + 1000;

    table[0] = (struct region){(uint32_t)words, 200, 0};
    table[1] = (struct region){(uint32_t)words + 200, 312, 0x8000};
    outb(base, direction);
    outb(base + 2, BM_ERROR | BM_INTERRUPT); /* a one clears it */
    outl(base + 4, (uint32_t)table);
    if (!disk_command(command, lba)) {
        return false;
    }
    outb(base, direction | BM_START);
    while (disk_irqs == irqs && ticks < limit) {
        asm volatile("pause");
    }
    uint8_t status = inb(base + 2);

    outb(base, direction);
    return disk_irqs > irqs && disk_wait(STATUS_DRDY) &&
           (status & (BM_ACTIVE | BM_ERROR | BM_INTERRUPT)) == BM_INTERRUPT;
}

void check_bus_master(void)
{
    static uint16_t by_port[256], by_dma[256] __attribute__((aligned(512)));
    uint32_t f = pci_exists() ? pci_find(0xffff0000, 0x01010000, 0x08) : PCI_NONE;
    uint16_t base = f == PCI_NONE ? 0 : pci_read(f, 0x20) & 0xfff0;

    check_label("Bus master");
    if (!base || !disk_exists() || !disk_sector(READ_SECTORS, 0, by_port)) {
        check_absent();
        return;
    }
    pci_enable(f, PCI_PORTS | PCI_MASTER);
    bool good = dma_sector(base, READ_DMA, 0, by_dma);

    for (unsigned i = 0; i < 256; i++) {
        good = good && by_dma[i] == by_port[i];
    }
    print("ports %x, a sector as through the data port", base);
    if (good && disk_is_ours()) {
        fill(by_dma, 0x2b5);
        good = dma_sector(base, WRITE_DMA, SCRATCH, by_dma) &&
               disk_sector(READ_SECTORS, SCRATCH, by_port) && filled(by_port, 0x2b5);
        print(", and back");
    }
    check_result(good);
}
