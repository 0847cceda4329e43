/* SPDX-License-Identifier: MIT */
/*
 * INT 19h: loads a boot sector from the first device of the boot order that has one. INT 18h: no
 * device had.
 *
 * The order is in CMOS, as QEMU's boards leave it: 3Dh holds the first (low nibble) and second
 * device, 38h the third in its high nibble; 1 floppy, 2 hard disk, 3 CD, 4 network. Bit 0 of 38h
 * switches the test of the signature 55 AA off for floppies. An option ROM that the board puts
 * first (rom.c) goes before all.
 */
#include "bios.h"

enum { BOOT_FLOPPY = 1, BOOT_DISK, BOOT_CD, BOOT_NET };

static u8 read_sector(u8 drive)
{
    struct call c;

    fill(&c, 0, sizeof(c));
    c.edx = drive;
    call_int(0x13, &c); /* reset */
    for (u8 tries = 0; tries < 3; tries++) {
        fill(&c, 0, sizeof(c));
        c.eax = 0x0201;
        c.ebx = 0x7c00;
        c.ecx = 0x0001;
        c.edx = drive;
        call_int(0x13, &c);
        if (!(c.flags & FLAG_CF)) {
            return 0;
        }
        if ((c.eax >> 8 & 0xff) == 0x80 || (c.eax >> 8 & 0xff) == 0x31) {
            break; /* no disk in the drive */
        }
    }
    return 1;
}

static void start(u32 target, u8 drive)
{
    trace(STR("BIOS: booting drive "));
    trace_hex(drive, 2);
    trace(STR("\n"));
    jump_boot(target, drive);
}

/* A boot entry vector comes back if it has nothing to start. */
static void try_rom(u32 bev)
{
    struct call c;

    fill(&c, 0, sizeof(c));
    c.cs = bev >> 16;
    c.ip = bev;
    c.flags = FLAG_IF;
    call_far(&c);
}

static void try_roms(void)
{
    for (u8 n = 0; n < ebda.bev_count; n++) {
        print(STR("Booting from ROM...\n"));
        try_rom(ebda.bev[n]);
    }
}

/* Returns when the device does not boot, and says why on the screen. */
static void try_device(u8 kind)
{
    ROM char *why;
    u32 target;
    u8 drive;

    switch (kind) {
    case BOOT_FLOPPY:
        if (!floppy_count()) {
            return;
        }
        print(STR("Booting from floppy... "));
        if (read_sector(0)) {
            print(STR("no disk or not readable\n"));
            return;
        }
        if (peek16(0, 0x7dfe) != 0xaa55 && !(cmos_read(0x38) & 1)) {
            print(STR("not a boot disk\n"));
            return;
        }
        print(STR("\n"));
        start(FAR(0, 0x7c00), 0);
        return;
    case BOOT_DISK:
        if (!BDA->hd_count) {
            return;
        }
        print(STR("Booting from hard disk... "));
        if (read_sector(0x80)) {
            print(STR("not readable\n"));
            return;
        }
        if (peek16(0, 0x7dfe) != 0xaa55) {
            print(STR("not a boot disk\n"));
            return;
        }
        print(STR("\n"));
        start(FAR(0, 0x7c00), 0x80);
        return;
    case BOOT_CD:
        if (!ebda.cd_count) {
            return;
        }
        print(STR("Booting from CD... "));
        why = cd_boot(&target, &drive);
        if (why) {
            print(why);
            print(STR("\n"));
            return;
        }
        print(STR("\n"));
        start(target, drive);
        return;
    case BOOT_NET: try_roms(); return;
    default: return;
    }
}

static u8 boot_device(u8 entry)
{
    u8 order = cmos_read(0x3d);

    switch (entry) {
    case 0: return order & 15;
    case 1: return order >> 4;
    case 2: return cmos_read(0x38) >> 4;
    default: return 0;
    }
}

static void boot_from(u8 entry)
{
    u8 any = cmos_read(0x3d) || cmos_read(0x38) >> 4;

    for (; entry < 3; entry++) {
        ebda.boot_entry = entry;
        try_device(any ? boot_device(entry) : entry + 1);
    }
    ebda.boot_entry = 3;
    print(STR("\nNothing to boot: no disk in the boot order holds a system.\n"
              "Give an image with -fda, -hda or -cdrom, or a kernel with -kernel.\n"));
    trace(STR("No bootable device.\n"));
    for (;;) {
        wait_irq();
    }
}

void handle_int19(void)
{
    if (ebda.bev_first) {
        try_rom(ebda.bev_first);
    }
    boot_from(0);
}

/* A boot sector that gives up (or ROM BASIC's place): go on with the next device. */
void handle_int18(void)
{
    boot_from(ebda.boot_entry + 1);
}
