/* SPDX-License-Identifier: MIT */
/*
 * A kernel given on the command line: the board offers an option ROM that starts it (roms/kernel)
 * as a file of the fw_cfg device. It is put where a boot sector goes and entered as it says itself.
 */
#include "bios.h"

enum {
    FW_SELECT = 0x510,
    FW_DATA = 0x511,
};
enum { FW_SIGNATURE = 0x00, FW_FILE_DIR = 0x19 };
enum { PNP_HEADER = 0x1a, PNP_BEV = 0x1a }; /* in the ROM; in its PnP header */

#define LOAD_AT  0x7c0 /* segment */
#define SIZE_MAX 0x8000

static u32 next(u8 bytes)
{
    u32 v = 0;

    while (bytes--) {
        v = v << 8 | inb(FW_DATA);
    }
    return v;
}

/* Whether the name of a directory's entry is the ROM's; all 56 bytes are taken. */
static int is_kernel_rom(void)
{
    static ROM char name[] = "genroms/gnomon-kernel.bin";
    int same = 1;

    for (u8 i = 0; i < 56; i++) {
        char c = (char)inb(FW_DATA);

        same &= i >= sizeof(name) || c == name[i];
    }
    return same;
}

void kernel_boot(void)
{
    outw(FW_SIGNATURE, FW_SELECT);
    if (next(4) != ('Q' << 24 | 'E' << 16 | 'M' << 8 | 'U')) {
        return;
    }
    outw(FW_FILE_DIR, FW_SELECT);
    for (u32 files = next(4); files; files--) {
        u32 size = next(4);
        u16 key = (u16)next(2);

        next(2);
        if (is_kernel_rom() && size <= SIZE_MAX) {
            struct call c = {0};
            u16 header;

            outw(key, FW_SELECT);
            for (u16 i = 0; i < size; i++) {
                poke8(LOAD_AT, i, inb(FW_DATA));
            }
            header = (u16)peek16(LOAD_AT, PNP_HEADER);
            c.cs = LOAD_AT;
            c.ip = (u16)peek16(LOAD_AT, header + PNP_BEV);
            call_far(&c);
        }
    }
}
