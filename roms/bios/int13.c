/* SPDX-License-Identifier: MIT */
/*
 * INT 13h: which driver serves the drive number.
 */
#include "bios.h"

/* Status to AH, CF and the data area. */
void int13_done(struct regs *r, u8 status)
{
    if (status) {
        trace(STR("BIOS: INT 13h AX "));
        trace_hex(r->ax, 4);
        trace(STR(" CX "));
        trace_hex(r->cx, 4);
        trace(STR(" DX "));
        trace_hex(r->dx, 4);
        trace(STR(" failed: "));
        trace_hex(status, 2);
        trace(STR("\n"));
    }
    r->ah = status;
    set_cf(r, status != 0);
    if (r->dl >= 0x80) {
        BDA->hd_status = status;
    } else {
        BDA->fdc_error = status;
    }
}

static struct drive *find(u8 dl)
{
    u8 n;

    if (ebda.emu.active && ebda.emu.media == 4 && dl >= 0x80 && dl < 0xe0) {
        dl--; /* the emulated disk is 80h; the others moved up */
    }
    n = dl - 0x80;
    if (dl >= 0x80 && n < ebda.hd_count) {
        return &ebda.drive[ebda.hd[n]];
    }
    n = dl - 0xe0;
    if (dl >= 0xe0 && n < ebda.cd_count) {
        return &ebda.drive[ebda.cd[n]];
    }
    return 0;
}

void handle_int13(struct regs *r)
{
    if (ebda.emu.active) {
        if (r->ah == 0x4b) {
            int13_emulation_call(r);
            return;
        }
        if (ebda.emu.media && r->dl == ebda.emu.bios_drive) {
            int13_emulated(r);
            return;
        }
        if (!ebda.emu.media && r->dl == ebda.emu.bios_drive) {
            int13_edd(r, &ebda.drive[ebda.emu.drive]);
            return;
        }
    }
    if (r->dl < 0x80) {
        u8 dl = r->dl, ah = r->ah;

        if (ebda.emu.active && ebda.emu.media && ebda.emu.media < 4) {
            r->dl--; /* the emulated disk is A:, the real first one B: */
        }
        int13_floppy(r);
        if (ah != 0x08) {
            r->dl = dl;
        }
        return;
    }

    struct drive *d = find(r->dl);

    if (!d) {
        int13_done(r, 1);
        if (r->ah == 0x15) {
            r->ah = 0;
        }
        return;
    }
    if (d->kind == DRIVE_ATAPI) {
        int13_edd(r, d);
    } else {
        int13_disk(r, d);
    }
}
