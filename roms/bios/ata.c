/* SPDX-License-Identifier: MIT */
/*
 * IDE channels by PIO: finding drives, ATA sectors, ATAPI packets (ATA/ATAPI-4). Interrupts of the
 * drives stay off (nIEN); every wait has an end.
 */
#include "bios.h"

enum { /* registers from the base */
       ATA_DATA = 0,
       ATA_ERROR = 1,
       ATA_COUNT = 2,
       ATA_LBA0 = 3,
       ATA_LBA1 = 4,
       ATA_LBA2 = 5,
       ATA_DEVICE = 6,
       ATA_STATUS = 7,
       ATA_COMMAND = 7,
};
enum { SR_ERR = 0x01, SR_DRQ = 0x08, SR_DF = 0x20, SR_RDY = 0x40, SR_BSY = 0x80 };
enum {
    CMD_READ = 0x20,
    CMD_WRITE = 0x30,
    CMD_VERIFY = 0x40,
    CMD_INIT_PARAMETERS = 0x91,
    CMD_PACKET = 0xa0,
    CMD_IDENTIFY_PACKET = 0xa1,
    CMD_FLUSH = 0xe7,
    CMD_IDENTIFY = 0xec,
};

/* The status once BSY is off, or FFh. */
static u8 wait_ready(struct drive *d, u32 ms)
{
    struct deadline limit;
    u8 s;

    deadline_start(&limit, ms);
    for (u16 i = 0; i < 200; i++) {
        s = inb(d->control);
        if (!(s & SR_BSY)) {
            return s;
        }
    }
    while ((s = inb(d->control)) & SR_BSY) {
        if (deadline_over(&limit)) {
            return 0xff;
        }
        let_irqs();
    }
    return s;
}

static void delay_400ns(struct drive *d)
{
    for (u8 i = 0; i < 4; i++) {
        inb(d->control);
    }
}

static u8 select(struct drive *d, u8 device)
{
    u8 s = wait_ready(d, 1000);

    if (s == 0xff) {
        return s;
    }
    outb(device, d->base + ATA_DEVICE);
    delay_400ns(d);
    return wait_ready(d, 1000);
}

/* INT 13h status of a failed command. */
static u8 error_status(struct drive *d, u8 s)
{
    u8 e;

    if (s == 0xff || s & SR_BSY) {
        return 0x80;
    }
    if (s & SR_DF) {
        return 0x20;
    }
    e = inb(d->base + ATA_ERROR);
    if (e & 0x40) {
        return 0x10; /* uncorrectable */
    }
    if (e & 0x10) {
        return 0x04; /* no such sector */
    }
    if (e & 0x02) {
        return 0x40; /* track 0 */
    }
    if (e & 0x04) {
        return 0x01; /* aborted */
    }
    return 0xbb;
}

static u8 start(struct drive *d, u8 command, u32 lba, u8 count)
{
    u8 device, s;
    u32 sector, head, cylinder;

    if (d->lba) {
        device = 0xe0 | d->slave << 4 | (lba >> 24 & 15);
        sector = lba & 0xff;
        cylinder = lba >> 8 & 0xffff;
    } else {
        sector = lba % d->psect + 1;
        lba /= d->psect;
        head = lba % d->phead;
        cylinder = lba / d->phead;
        device = 0xa0 | d->slave << 4 | head;
    }
    s = select(d, device);
    if (s == 0xff) {
        return 0x80;
    }
    outb(0x0a, d->control); /* nIEN */
    outb(count, d->base + ATA_COUNT);
    outb(sector, d->base + ATA_LBA0);
    outb(cylinder, d->base + ATA_LBA1);
    outb(cylinder >> 8, d->base + ATA_LBA2);
    outb(command, d->base + ATA_COMMAND);
    delay_400ns(d);
    return 0;
}

static void finish(struct drive *d)
{
    inb(d->base + ATA_STATUS);
    outb(0x08, d->control); /* interrupts as a driver expects to find them */
}

u8 ata_transfer(struct drive *d, int write, u32 lba, u16 count, u32 buf)
{
    while (count) {
        u16 n = count > 128 ? 128 : count;
        u8 status = start(d, write ? CMD_WRITE : CMD_READ, lba, n);

        for (u16 i = 0; i < n && !status; i++) {
            u8 s = wait_ready(d, 10000);

            if (s == 0xff || s & (SR_ERR | SR_DF) || !(s & SR_DRQ)) {
                status = s == 0xff ? 0x80 : error_status(d, s);
                break;
            }
            buf = far_normal(buf);
            if (write) {
                port_write(buf, d->base, 256);
            } else {
                port_read(buf, d->base, 256);
            }
            buf += 512;
            inb(d->control);
        }
        if (!status) {
            u8 s = wait_ready(d, 10000);

            if (s == 0xff || s & (SR_ERR | SR_DF)) {
                status = error_status(d, s);
            }
        }
        finish(d);
        if (status) {
            return status;
        }
        lba += n;
        count -= n;
    }
    return 0;
}

static u8 command_only(struct drive *d, u8 command, u32 lba, u8 count)
{
    u8 status = start(d, command, lba, count), s;

    if (!status) {
        s = wait_ready(d, 30000);
        if (s == 0xff || s & (SR_ERR | SR_DF)) {
            status = error_status(d, s);
        }
    }
    finish(d);
    return status;
}

u8 ata_verify(struct drive *d, u32 lba, u16 count)
{
    while (count) {
        u16 n = count > 128 ? 128 : count;
        u8 status = command_only(d, CMD_VERIFY, lba, n);

        if (status) {
            return status;
        }
        lba += n;
        count -= n;
    }
    return 0;
}

u8 ata_flush(struct drive *d)
{
    return command_only(d, CMD_FLUSH, 0, 0);
}

u8 ata_reset(struct drive *d)
{
    u8 s;

    outb(0x0e, d->control); /* SRST */
    delay_15us(1);
    outb(0x08, d->control);
    delay_15us(1);
    s = wait_ready(d, 5000);
    if (s == 0xff) {
        return 0x05;
    }
    if (d->kind == DRIVE_ATA && !d->lba) {
        select(d, 0xa0 | d->slave << 4 | (d->phead - 1));
        outb(d->psect, d->base + ATA_COUNT);
        outb(CMD_INIT_PARAMETERS, d->base + ATA_COMMAND);
        delay_400ns(d);
        wait_ready(d, 1000);
    }
    return 0;
}

/* ---- packets ---- */

/*
 * The part of the data that port_read puts in memory: `skip` bytes are dropped first. Up to 64 KiB
 * of data to buf; the last 3 sense bytes (key, ASC, ASCQ) in ebda.atapi_sense after an error.
 */
static u8 packet_once(struct drive *d, const u8 *packet, u16 skip, u16 bytes, u32 buf)
{
    u16 limit = packet[0] == 0x28 ? 2048 * packet[8] : bytes;
    u8 s = select(d, 0xa0 | d->slave << 4);

    if (s == 0xff) {
        return 0x80;
    }
    outb(0x0a, d->control);
    outb(0, d->base + ATA_ERROR); /* features: PIO */
    outb(0, d->base + ATA_COUNT);
    outb(limit, d->base + ATA_LBA1);
    outb(limit >> 8, d->base + ATA_LBA2);
    outb(CMD_PACKET, d->base + ATA_COMMAND);
    delay_400ns(d);
    s = wait_ready(d, 5000);
    if (s == 0xff || !(s & SR_DRQ)) {
        finish(d);
        return 0x80;
    }
    port_write(local_far(packet), d->base, 6);
    delay_400ns(d);
    for (;;) {
        u16 n;

        s = wait_ready(d, 20000);
        if (s == 0xff) {
            finish(d);
            return 0x80;
        }
        if (s & SR_ERR) {
            finish(d);
            return 0x20;
        }
        if (!(s & SR_DRQ)) {
            break;
        }
        n = inb(d->base + ATA_LBA1) | inb(d->base + ATA_LBA2) << 8;
        for (; n && skip; n -= 2, skip -= 2) {
            inw(d->base);
        }

        u16 take = n < bytes ? n : bytes;

        buf = far_normal(buf);
        port_read(buf, d->base, (take + 1) >> 1);
        buf += take;
        bytes -= take;
        for (n -= take; n > 1; n -= 2) { /* more than was asked for */
            inw(d->base);
        }
        inb(d->control);
    }
    finish(d);
    return 0;
}

static u8 packet_sense(struct drive *d, const u8 *packet, u16 skip, u16 bytes, u32 buf)
{
    u8 status = packet_once(d, packet, skip, bytes, buf);

    fill(ebda.atapi_sense, 0, 3);
    if (status == 0x20) {
        u8 request[12], sense[18];

        fill(request, 0, sizeof(request));
        fill(sense, 0, sizeof(sense));
        request[0] = 0x03;
        request[4] = sizeof(sense);
        if (!packet_once(d, request, 0, sizeof(sense), local_far(sense))) {
            ebda.atapi_sense[0] = sense[2] & 15;
            ebda.atapi_sense[1] = sense[12];
            ebda.atapi_sense[2] = sense[13];
        }
    }
    return status;
}

u8 atapi_packet(struct drive *d, const u8 *packet, u16 bytes, u32 buf)
{
    return packet_sense(d, packet, 0, bytes, buf);
}

/* n CD sectors, of which the bytes from skip on are wanted. */
static u8 read_some(struct drive *d, u32 lba, u8 n, u16 skip, u16 bytes, u32 buf)
{
    u8 packet[12];

    for (u8 tries = 0;; tries++) {
        u8 status;

        fill(packet, 0, sizeof(packet));
        packet[0] = 0x28; /* READ(10) */
        packet[2] = lba >> 24;
        packet[3] = lba >> 16;
        packet[4] = lba >> 8;
        packet[5] = lba;
        packet[8] = n;
        status = packet_sense(d, packet, skip, bytes, buf);
        if (!status) {
            return 0;
        }
        if (ebda.atapi_sense[0] == 2 && ebda.atapi_sense[1] == 0x3a) {
            return 0x31; /* no medium */
        }
        if (ebda.atapi_sense[0] == 5) {
            return 0x04;
        }
        if (tries == 3) {
            return status == 0x80 ? 0x80 : 0x20;
        }
    }
}

u8 atapi_read(struct drive *d, u32 lba, u16 count, u32 buf)
{
    while (count) {
        u16 n = count > 16 ? 16 : count;
        u8 status = read_some(d, lba, n, 0, n * 2048, buf);

        if (status) {
            return status;
        }
        buf = far_normal(buf);
        buf = far_normal(buf + n * 2048);
        lba += n;
        count -= n;
    }
    return 0;
}

u8 atapi_read_part(struct drive *d, u32 lba, u8 first, u8 count, u32 buf)
{
    return read_some(d, lba, 1, first * 512, count * 512, buf);
}

/* 0 when there is a disc to read. A new disc first reports "unit attention". */
u8 atapi_ready(struct drive *d)
{
    u8 packet[12];

    for (u8 tries = 0; tries < 10; tries++) {
        fill(packet, 0, sizeof(packet)); /* TEST UNIT READY */
        if (!atapi_packet(d, packet, 0, 0)) {
            return 0;
        }
        if (ebda.atapi_sense[0] == 2) {
            if (ebda.atapi_sense[1] == 0x3a) {
                return 0x31;
            }
            delay_15us(2000); /* becoming ready */
        }
    }
    return 0x80;
}

/* ---- finding drives ---- */

/* INT 13h has 1024 cylinders, 255 heads and 63 sectors: more heads stand for more cylinders
 * ("large", then LBA-assisted). */
static void translate(struct drive *d)
{
    u32 cyls = d->pcyl, heads = d->phead, sects = d->psect;

    if (cyls > 1024) {
        u32 total = d->lba ? d->sectors : cyls * heads * sects;

        if (total > 1024u * 16 * 63 * 8 || sects != 63) {
            sects = 63;
        }
        heads = 16;
        while (heads < 128 && total / (heads * sects) > 1024) {
            heads *= 2;
        }
        if (total / (heads * sects) > 1024) {
            heads = 255;
        }
        cyls = total / (heads * sects);
        if (cyls > 1024) {
            cyls = 1024;
        }
    }
    d->lcyl = cyls;
    d->lhead = heads;
    d->lsect = sects;
}

/* Sends IDENTIFY and reads its 512 bytes to 0:600h, where nothing lives yet. */
static int identify(struct drive *d, u8 command)
{
    u8 s;

    select(d, 0xa0 | d->slave << 4);
    outb(0x0a, d->control);
    outb(command, d->base + ATA_COMMAND);
    delay_400ns(d);
    s = wait_ready(d, 500);
    if (s == 0xff || s & SR_ERR || !(s & SR_DRQ)) {
        return 0;
    }
    port_read(FAR(0x60, 0), d->base, 256);
    finish(d);
    return 1;
}

static u16 identify_word(u8 n)
{
    return peek16(0x60, n * 2);
}

static int probe(struct drive *d)
{
    u8 s;

    outb(0xa0 | d->slave << 4, d->base + ATA_DEVICE);
    delay_400ns(d);
    s = inb(d->control);
    if (s == 0xff) {
        return 0; /* nobody drives the bus */
    }
    outb(0x55, d->base + ATA_COUNT);
    outb(0xaa, d->base + ATA_LBA0);
    if (inb(d->base + ATA_COUNT) != 0x55 || inb(d->base + ATA_LBA0) != 0xaa) {
        return 0;
    }
    if (wait_ready(d, 5000) == 0xff) {
        return 0;
    }
    if (inb(d->base + ATA_LBA1) == 0x14 && inb(d->base + ATA_LBA2) == 0xeb) {
        if (identify(d, CMD_IDENTIFY_PACKET)) {
            d->kind = DRIVE_ATAPI;
            return (identify_word(0) >> 8 & 0x1f) == 5; /* CD-ROM */
        }
        return 0;
    }
    if (!identify(d, CMD_IDENTIFY)) {
        /* Some ATAPI drives show their signature only after a refused command. */
        if (inb(d->base + ATA_LBA1) == 0x14 && inb(d->base + ATA_LBA2) == 0xeb &&
            identify(d, CMD_IDENTIFY_PACKET)) {
            d->kind = DRIVE_ATAPI;
            return (identify_word(0) >> 8 & 0x1f) == 5;
        }
        return 0;
    }
    d->kind = DRIVE_ATA;
    d->pcyl = identify_word(1);
    d->phead = identify_word(3);
    d->psect = identify_word(6);
    d->lba = !!(identify_word(49) & 0x0200);
    if (d->lba) {
        d->sectors = identify_word(60) | (u32)identify_word(61) << 16;
        d->lba = d->sectors != 0;
    }
    if (!d->pcyl || !d->phead || !d->psect) {
        d->pcyl = 16383;
        d->phead = 16;
        d->psect = 63;
    }
    if (!d->lba) {
        d->sectors = (u32)d->pcyl * d->phead * d->psect;
    }
    translate(d);
    return 1;
}

/* The fixed disk parameter table of INT 41h and 46h; A0h in byte 3 marks a translated one
 * (Phoenix). */
static void parameter_table(u8 n, struct drive *d)
{
    u8 *t = ebda.fdpt[n];
    int translated = d->lcyl != d->pcyl || d->lhead != d->phead;

    fill(t, 0, 16);
    *(u16 *)t = d->lcyl;
    t[2] = d->lhead;
    *(u16 *)(t + 5) = 0xffff; /* no precompensation */
    t[8] = 0xc0 | (d->phead > 8) << 3;
    *(u16 *)(t + 12) = d->lcyl;
    t[14] = d->lsect;
    if (translated) {
        u8 sum = 0;

        t[3] = 0xa0;
        t[4] = d->psect;
        *(u16 *)(t + 9) = d->pcyl;
        t[11] = d->phead;
        for (u8 i = 0; i < 15; i++) {
            sum += t[i];
        }
        t[15] = -sum;
    }
    set_vector(n ? 0x46 : 0x41, BDA->ebda_seg, (u32)t);
}

static void show(struct drive *d, u8 index)
{
    print(d->kind == DRIVE_ATA ? STR("Disk ") : STR("CD   "));
    print_dec(index);
    print(STR(": "));
    for (u8 i = 0; i < 40; i++) {
        char c = peek8(0x60, (27 * 2 + i) ^ 1);

        /* Single spaces only: the field is padded with them. */
        if (c != ' ' || (i < 39 && peek8(0x60, (27 * 2 + i + 1) ^ 1) != ' ')) {
            print_char(c);
        }
    }
    if (d->kind == DRIVE_ATA) {
        print(STR(", "));
        print_dec(d->sectors / 2048);
        print(STR(" MiB"));
    }
    print(STR("\n"));
}

void ata_init(void)
{
    static ROM u16 bases[] = {0x1f0, 0x170}, controls[] = {0x3f6, 0x376};

    for (u8 i = 0; i < 4; i++) {
        struct drive *d = &ebda.drive[i];

        d->base = bases[i / 2];
        d->control = controls[i / 2];
        d->irq = 14 + i / 2;
        d->slave = i & 1;
        if (!probe(d)) {
            d->kind = DRIVE_NONE;
            continue;
        }
        show(d, i);
        if (d->kind == DRIVE_ATAPI) {
            ebda.cd[ebda.cd_count++] = i;
            continue;
        }
        if (ebda.hd_count < 2) {
            parameter_table(ebda.hd_count, d);
        }
        ebda.hd[ebda.hd_count++] = i;
    }
    for (u8 i = 0; i < 2; i++) {
        outb(0xa0, bases[i] + ATA_DEVICE); /* leave the master selected */
    }
    BDA->hd_count = ebda.hd_count;
}
