/* SPDX-License-Identifier: MIT */
/*
 * Booting from CD: El Torito 1.0 with no emulation, a floppy or a hard disk in the image, and INT
 * 13h for the emulated drive.
 */
#include "bios.h"

enum { SECTOR = 2048 };
/* Where catalogue and descriptor are read to; free until the boot code is loaded. */
#define BUFFER_SEG 0x800

static u8 wanted(u32 off, ROM char *s)
{
    for (; *s; s++, off++) {
        if (peek8(BUFFER_SEG, off) != (u8)*s) {
            return 0;
        }
    }
    return 1;
}

/* A hard disk image's geometry is that of its first partition's end. */
static void disk_geometry(struct emulation *e)
{
    e->heads = peek8(BUFFER_SEG, 0x1be + 5) + 1;
    e->sectors = peek8(BUFFER_SEG, 0x1be + 6) & 0x3f;
    e->cyls = (peek8(BUFFER_SEG, 0x1be + 6) & 0xc0) << 2 | peek8(BUFFER_SEG, 0x1be + 7);
    e->cyls++;
    if (!e->sectors) {
        e->sectors = 63;
    }
}

ROM char *cd_boot(u32 *target, u8 *drive)
{
    static ROM u16 floppy_sectors[] = {0, 15, 18, 36};
    struct emulation *e = &ebda.emu;
    struct drive *d = 0;
    u32 buffer = FAR(BUFFER_SEG, 0), catalogue, lba;
    u8 media, index = 0;
    u16 seg, count, sum = 0;

    e->active = 0;
    for (u8 i = 0; i < ebda.cd_count; i++) {
        if (!atapi_ready(&ebda.drive[ebda.cd[i]])) {
            d = &ebda.drive[ebda.cd[i]];
            index = i;
            break;
        }
    }
    if (!d) {
        return STR("no disc");
    }
    if (atapi_read(d, 17, 1, buffer)) {
        return STR("not readable");
    }
    if (peek8(BUFFER_SEG, 0) != 0 || !wanted(1, STR("CD001")) ||
        !wanted(7, STR("EL TORITO SPECIFICATION"))) {
        return STR("not a boot disc");
    }
    catalogue = peek32(BUFFER_SEG, 0x47);
    if (atapi_read(d, catalogue, 1, buffer)) {
        return STR("not readable");
    }
    for (u8 i = 0; i < 32; i += 2) {
        sum += peek16(BUFFER_SEG, i);
    }
    if (sum || peek8(BUFFER_SEG, 0) != 1 || peek8(BUFFER_SEG, 1) != 0 ||
        peek16(BUFFER_SEG, 0x1e) != 0xaa55) {
        return STR("bad boot catalogue");
    }
    if (peek8(BUFFER_SEG, 0x20) != 0x88) {
        return STR("not bootable");
    }
    media = peek8(BUFFER_SEG, 0x21) & 15;
    seg = peek16(BUFFER_SEG, 0x22);
    count = peek16(BUFFER_SEG, 0x26);
    lba = peek32(BUFFER_SEG, 0x28);
    if (media > 4) {
        return STR("unknown kind of boot image");
    }
    if (!seg) {
        seg = 0x07c0;
    }
    if (!count) {
        count = media ? 1 : 4;
    }
    e->media = media;
    e->drive = ebda.cd[index];
    e->lba = lba;
    e->segment = seg;
    e->count = count;
    e->bios_drive = !media ? 0xe0 + index : media == 4 ? 0x80 : 0x00;
    if (media == 4) {
        if (atapi_read(d, lba, 1, buffer)) {
            return STR("boot image not readable");
        }
        disk_geometry(e);
    } else if (media) {
        e->cyls = 80;
        e->heads = 2;
        e->sectors = floppy_sectors[media];
    }
    /* Whole CD sectors: what lies beyond the count is harmless. */
    if (atapi_read(d, lba, (count + 3) / 4, FAR(seg, 0))) {
        return STR("boot image not readable");
    }
    if (media == 4) {
        BDA->hd_count++;
    } else if (media) {
        BDA->equipment = (BDA->equipment | 1) + (BDA->equipment & 1 ? 0x40 : 0);
    }
    e->active = 1;
    *drive = e->bios_drive;
    *target = seg == 0x07c0 ? FAR(0, 0x7c00) : FAR(seg, 0);
    return 0;
}

/* 512-byte sectors out of CD sectors: whole ones directly, parts through a buffer below the EBDA's
 * reach: the caller's own. */
static u8 read_image(struct emulation *e, u32 sector, u8 count, u32 buf)
{
    struct drive *d = &ebda.drive[e->drive];

    while (count) {
        u32 lba = e->lba + sector / 4, skip = sector & 3;
        u16 n = 4 - skip;
        u8 s;

        if (!skip && count >= 4) {
            u16 whole = count / 4;

            s = atapi_read(d, lba, whole, buf);
            if (s) {
                return s;
            }
            buf = far_normal(buf);
            buf = far_normal(buf + whole * 2048u);
            sector += whole * 4;
            count -= whole * 4;
            continue;
        }
        if (n > count) {
            n = count;
        }
        s = atapi_read_part(d, lba, skip, n, buf);
        if (s) {
            return s;
        }
        buf = far_normal(buf) + n * 512;
        sector += n;
        count -= n;
    }
    return 0;
}

void int13_emulated(struct regs *r)
{
    struct emulation *e = &ebda.emu;
    u32 cyl = r->ch | (r->cl & 0xc0) << 2, sector = r->cl & 0x3f, head = r->dh;
    u8 n = r->al, status;

    switch (r->ah) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x11:
    case 0x14: int13_done(r, 0); return;
    case 0x01:
        r->ah = r->dl >= 0x80 ? BDA->hd_status : BDA->fdc_error;
        set_cf(r, r->ah != 0);
        return;
    case 0x02:
    case 0x04:
        if (!n || !sector || sector > e->sectors || head >= e->heads || cyl >= e->cyls) {
            r->al = 0;
            int13_done(r, !n || !sector ? 0x01 : 0x04);
            return;
        }
        status = 0;
        if (r->ah == 0x02) {
            status = read_image(e, (cyl * e->heads + head) * e->sectors + sector - 1, n,
                                FAR(r->es, r->bx));
        }
        r->al = status ? 0 : n;
        int13_done(r, status);
        return;
    case 0x03:
    case 0x05: int13_done(r, 0x03); return;
    case 0x08:
        r->ax = 0;
        r->bx = r->bx & 0xff00;
        if (e->media < 4) {
            r->bl = e->media == 1 ? 2 : e->media == 2 ? 4 : 5;
            u32 table = peek32(0, 0x1e * 4);

            r->es = table >> 16;
            r->di = table;
        }
        cyl = e->cyls - 1;
        r->ch = cyl;
        r->cl = (cyl >> 2 & 0xc0) | e->sectors;
        r->dh = e->heads - 1;
        set_cf(r, 0);
        r->dl = e->media == 4 ? BDA->hd_count : 1 + floppy_count();
        return;
    case 0x15: {
        u32 sectors = (u32)e->cyls * e->heads * e->sectors;

        set_cf(r, 0);
        if (e->media == 4) {
            r->ah = 3;
            r->cx = sectors >> 16;
            r->dx = sectors;
        } else {
            r->ah = 1;
        }
        return;
    }
    case 0x16: int13_done(r, 0); return;
    default: int13_done(r, 0x01); return;
    }
}

/* AX=4B00h ends the emulation, 4B01h tells about it. DS:SI: the 13h bytes of the specification
 * packet. */
void int13_emulation_call(struct regs *r)
{
    struct emulation *e = &ebda.emu;

    if (r->al > 1) {
        int13_done(r, 0x01);
        return;
    }
    poke8(r->ds, r->si, 0x13);
    poke8(r->ds, r->si + 1, e->media);
    poke8(r->ds, r->si + 2, e->bios_drive);
    poke8(r->ds, r->si + 3, e->drive / 2);
    poke32(r->ds, r->si + 4, e->lba);
    poke16(r->ds, r->si + 8, e->drive & 1);
    poke16(r->ds, r->si + 10, 0);
    poke16(r->ds, r->si + 12, e->segment);
    poke16(r->ds, r->si + 14, e->count);
    poke8(r->ds, r->si + 16, e->cyls);
    poke8(r->ds, r->si + 17, (e->sectors & 0x3f) | (e->cyls >> 2 & 0xc0));
    poke8(r->ds, r->si + 18, e->heads);
    if (r->al == 0) {
        if (e->media == 4) {
            BDA->hd_count--;
        } else if (e->media) {
            BDA->equipment = BDA->equipment & 0xc0 ? BDA->equipment - 0x40 : BDA->equipment & ~1;
        }
        e->active = 0;
    }
    int13_done(r, 0);
}
