/* SPDX-License-Identifier: MIT */
/*
 * INT 13h for hard disks: cylinders, heads and sectors; and the enhanced services 41h to 48h for
 * disks and CDs (Phoenix EDD 3.0).
 */
#include "bios.h"

/* Buffers may end at any byte: DOS and boot loaders pass segments up to FFFFh. */
static void transfer_chs(struct regs *r, struct drive *d)
{
    u32 cyl = r->ch | (r->cl & 0xc0) << 2, sector = r->cl & 0x3f, head = r->dh, lba;
    u8 n = r->al, status;

    if (!n || n > 128 || !sector) {
        r->al = 0;
        int13_done(r, 0x01);
        return;
    }
    if (sector > d->lsect || head >= d->lhead || cyl >= d->lcyl) {
        r->al = 0;
        int13_done(r, 0x04);
        return;
    }
    lba = (cyl * d->lhead + head) * d->lsect + sector - 1;
    if (r->ah == 0x04) {
        status = ata_verify(d, lba, n);
    } else {
        status = ata_transfer(d, r->ah == 0x03, lba, n, FAR(r->es, r->bx));
    }
    r->al = status ? 0 : n;
    int13_done(r, status);
}

void int13_disk(struct regs *r, struct drive *d)
{
    u32 cyl;

    switch (r->ah) {
    case 0x00:
    case 0x0d: int13_done(r, ata_reset(d)); break;
    case 0x01:
        r->ah = BDA->hd_status;
        BDA->hd_status = 0;
        set_cf(r, r->ah != 0);
        break;
    case 0x02:
    case 0x03:
    case 0x04: transfer_chs(r, d); break;
    case 0x05: /* format track: an IDE drive is formatted; only say whether the track exists */
    case 0x0c: /* seek */
        cyl = r->ch | (r->cl & 0xc0) << 2;
        int13_done(r, cyl >= d->lcyl || r->dh >= d->lhead ? 0x40 : 0);
        break;
    case 0x08:
        cyl = d->lcyl - 1;
        r->ch = cyl;
        r->cl = (cyl >> 2 & 0xc0) | d->lsect;
        r->dh = d->lhead - 1;
        r->al = 0;
        r->ah = 0;
        BDA->hd_status = 0;
        set_cf(r, 0);
        r->dl = BDA->hd_count;
        break;
    case 0x09: /* set parameters, recalibrate, test ready, diagnostics */
    case 0x10:
    case 0x11:
    case 0x14: int13_done(r, 0); break;
    case 0x15: {
        u32 sectors = (u32)d->lcyl * d->lhead * d->lsect;

        r->cx = sectors >> 16;
        r->dx = sectors;
        BDA->hd_status = 0;
        set_cf(r, 0);
        r->ah = 3;
        break;
    }
    case 0x41 ... 0x49: int13_edd(r, d); break;
    default: int13_done(r, 0x01); break;
    }
}

/* ---- enhanced services ---- */

static void edd_transfer(struct regs *r, struct drive *d)
{
    u32 seg = r->ds, off = r->si, lba = peek32(seg, off + 8), buf = peek32(seg, off + 4);
    u16 count = peek16(seg, off + 2);
    u8 size = peek8(seg, off), status;

    if (size < 16) {
        int13_done(r, 0x01);
        return;
    }
    if (peek32(seg, off + 12) ||
        (d->kind == DRIVE_ATA && (lba >= d->sectors || count > d->sectors - lba))) {
        poke16(seg, off + 2, 0);
        int13_done(r, 0x04);
        return;
    }
    if (buf == 0xffffffff && size >= 24) {
        /* A flat address: only what real mode reaches. */
        u32 flat = peek32(seg, off + 16);

        if (flat >= 0x100000 || peek32(seg, off + 20)) {
            int13_done(r, 0x01);
            return;
        }
        buf = FAR(flat >> 4, flat & 15);
    }
    if (r->ah == 0x44 || r->ah == 0x47) {
        status = r->ah == 0x44 && d->kind == DRIVE_ATA ? ata_verify(d, lba, count) : 0;
    } else if (d->kind == DRIVE_ATAPI) {
        status = r->ah == 0x42 ? atapi_read(d, lba, count, buf) : 0x03;
    } else {
        status = ata_transfer(d, r->ah == 0x43, lba, count, buf);
    }
    if (status) {
        poke16(seg, off + 2, 0);
    }
    int13_done(r, status);
}

static void edd_parameters(struct regs *r, struct drive *d)
{
    u32 seg = r->ds, off = r->si;
    u16 size = peek16(seg, off);
    u8 cd = d->kind == DRIVE_ATAPI;

    if (size < 26) {
        int13_done(r, 0x01);
        return;
    }
    poke16(seg, off + 2,
           cd ? 0x74
              : 0x02); /* removable, lock, change line, no geometry: CD; geometry valid: disk */
    poke32(seg, off + 4, cd ? 0xffffffff : d->pcyl);
    poke32(seg, off + 8, cd ? 0xffffffff : d->phead);
    poke32(seg, off + 12, cd ? 0xffffffff : d->psect);
    poke32(seg, off + 16, cd ? 0xffffffff : d->sectors);
    poke32(seg, off + 20, cd ? 0xffffffff : 0);
    poke16(seg, off + 24, cd ? 2048 : 512);
    if (size < 30) {
        poke16(seg, off, 26);
        int13_done(r, 0);
        return;
    }
    /* Version 2: the device parameter table extension */
    u8 *t = ebda.dpte, sum = 0;

    fill(t, 0, 16);
    *(u16 *)t = d->base;
    *(u16 *)(t + 2) = d->control;
    t[4] = 0xa0 | d->lba << 6 | d->slave << 4;
    t[5] = 0xcb;
    t[6] = d->irq;
    t[7] = 1;
    *(u16 *)(t + 10) =
        cd ? 0x0060 : (d->lba << 4) | (d->lcyl != d->pcyl ? 0x08 | (d->lba ? 1 << 9 : 0) : 0);
    t[14] = 0x11;
    for (u8 i = 0; i < 15; i++) {
        sum += t[i];
    }
    t[15] = -sum;
    poke32(seg, off + 26, local_far(t));
    if (size < 66) {
        poke16(seg, off, 30);
        int13_done(r, 0);
        return;
    }
    /* Version 3: the device path */
    poke16(seg, off, 66);
    poke16(seg, off + 30, 0xbedd);
    poke32(seg, off + 32, 36);
    poke32(seg, off + 36, 'I' | 'S' << 8 | 'A' << 16 | ' ' << 24);
    poke32(seg, off + 40, 'A' | 'T' << 8 | 'A' << 16 | (u32)(cd ? 'P' : ' ') << 24);
    poke32(seg, off + 44, cd ? 'I' | ' ' << 8 | ' ' << 16 | ' ' << 24 : 0x20202020);
    poke32(seg, off + 48, d->base);
    poke32(seg, off + 52, 0);
    poke32(seg, off + 56, d->slave);
    poke32(seg, off + 60, 0);
    poke16(seg, off + 64, 0);
    for (u8 i = sum = 0; i < 35; i++) {
        sum += peek8(seg, off + 30 + i);
    }
    poke8(seg, off + 65, -sum);
    int13_done(r, 0);
}

static void edd_eject(struct regs *r, struct drive *d)
{
    u8 packet[12];

    if (d->kind != DRIVE_ATAPI) {
        int13_done(r, 0xb2); /* not removable */
        return;
    }
    if (ebda.cd_locks[r->dl & 3]) {
        int13_done(r, 0xb1);
        return;
    }
    fill(packet, 0, sizeof(packet));
    packet[0] = 0x1b;
    packet[4] = 0x02;
    int13_done(r, atapi_packet(d, packet, 0, 0) ? 0xb5 : 0);
}

static void edd_lock(struct regs *r, struct drive *d)
{
    u8 *locks = &ebda.cd_locks[r->dl & 3];

    if (d->kind != DRIVE_ATAPI) {
        int13_done(r, 0xb2);
        return;
    }
    switch (r->al) {
    case 0:
        if (*locks == 0xff) {
            int13_done(r, 0xb4);
            return;
        }
        ++*locks;
        break;
    case 1:
        if (!*locks) {
            int13_done(r, 0xb0);
            return;
        }
        --*locks;
        break;
    case 2: break;
    default: int13_done(r, 0x01); return;
    }
    r->al = *locks != 0;
    int13_done(r, 0);
}

void int13_edd(struct regs *r, struct drive *d)
{
    u8 cd = d->kind == DRIVE_ATAPI;

    switch (r->ah) {
    case 0x41:
        if (r->bx != 0x55aa) {
            int13_done(r, 0x01);
            break;
        }
        r->bx = 0xaa55;
        r->cx = cd ? 0x0007 : 0x0005; /* packets; CD: lock and eject; EDD tables */
        int13_done(r, 0);
        r->ah = 0x30;
        break;
    case 0x42:
    case 0x43:
    case 0x44:
    case 0x47: edd_transfer(r, d); break;
    case 0x45: edd_lock(r, d); break;
    case 0x46: edd_eject(r, d); break;
    case 0x48: edd_parameters(r, d); break;
    case 0x49: int13_done(r, cd ? 0 : 0xb2); break;
    case 0x00:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x11:
    case 0x14:
    case 0x16: int13_done(r, cd && r->ah >= 0x10 ? atapi_ready(d) : 0); break;
    case 0x01:
        r->ah = BDA->hd_status;
        set_cf(r, r->ah != 0);
        break;
    case 0x15:
        r->ah = 2;
        set_cf(r, 0);
        break;
    default: int13_done(r, 0x01); break;
    }
}
