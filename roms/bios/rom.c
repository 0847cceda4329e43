/* SPDX-License-Identifier: MIT */
/*
 * Option ROMs: the video card's, those of PCI cards, and those that the board offers as files
 * "genroms/..." by the fw_cfg device. They run in RAM behind one another from C0000h,
 * write-protected once they have set up. What boots (a boot entry vector in the Plug and Play
 * header) is noted for INT 19h: the file "bootorder" says which goes before the drives.
 */
#include "bios.h"

enum {
    FW_SELECT = 0x510,
    FW_DATA = 0x511,
    FW_DMA_HIGH = 0x514,
    FW_DMA_LOW = 0x518,

    FW_SIGNATURE = 0x00,
    FW_ID = 0x01,
    FW_FILE_DIR = 0x19,
    DMA_ERROR = 1,
    DMA_READ = 2,
    DMA_SELECT = 8,
    NAME = 56,

    PNP_STRUCTURE = 0xe2d0, /* entry.S */
    FIRST = 0xc000,         /* segments */
    END = 0xf000,
};
#define PCI_DISPLAY (2 << 3) /* bus 0, device 2, as the board has it */

/* An entry of the directory of files, big-endian. */
struct file {
    u32 size;
    u16 key, reserved;
    char name[NAME];
} PACKED;

static u32 item(u16 key)
{
    u32 v = 0;

    outw(key, FW_SELECT);
    for (u8 i = 0; i < 32; i += 8) {
        v |= (u32)inb(FW_DATA) << i;
    }
    return v;
}

static u32 swap(u32 v)
{
    return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

/* Fetches an item to a linear address. */
static void fetch(u16 key, u32 size, u32 address)
{
    volatile u32 *request = (volatile u32 *)ebda.work;

    request[0] = swap((u32)key << 16 | DMA_SELECT | DMA_READ);
    request[1] = swap(size);
    request[2] = 0;
    request[3] = swap(address);
    outl(0, FW_DMA_HIGH);
    outl(swap(far_linear(local_far(ebda.work))), FW_DMA_LOW);
    while (swap(request[0]) & ~DMA_ERROR) {
    }
}

static u32 file_count(void)
{
    if (item(FW_SIGNATURE) != ('Q' | 'E' << 8 | 'M' << 16 | 'U' << 24) || !(item(FW_ID) & 2)) {
        return 0;
    }
    return swap(item(FW_FILE_DIR));
}

static void read_entry(u32 n, struct file *f)
{
    outw(FW_FILE_DIR, FW_SELECT);
    for (u32 skip = 4 + n * sizeof(*f); skip; skip--) {
        inb(FW_DATA);
    }
    for (u32 i = 0; i < sizeof(*f); i++) {
        ((u8 *)f)[i] = inb(FW_DATA);
    }
    f->name[NAME - 1] = 0;
    f->size = swap(f->size);
    f->key = f->key >> 8 | f->key << 8;
}

static int begins(const char *name, ROM char *with)
{
    while (*with && *name == *with) {
        name++;
        with++;
    }
    return !*with;
}

/* A line "/rom@NAME" of bootorder. */
static int boots_first(const char *name)
{
    static ROM char prefix[] = "/rom@";
    struct file f;
    u32 n = file_count(), matched = 0;

    while (n--) {
        read_entry(n, &f);
        if (begins(f.name, STR("bootorder")) && !f.name[9]) {
            break;
        }
    }
    if (n == (u32)-1) {
        return 0;
    }
    outw(f.key, FW_SELECT);
    for (u32 i = 0; i < f.size; i++) {
        char c = inb(FW_DATA);
        char want = matched < 5 ? prefix[matched] : name[matched - 5];

        if (matched >= 5 && !want && (!c || c == '\n')) {
            return 1;
        }
        matched = c == '\n' ? 0 : c == want && matched < 5 + NAME ? matched + 1 : 5 + NAME;
    }
    return 0;
}

static int valid(u32 seg)
{
    u32 blocks = peek8(seg, 2);
    u8 sum = 0;

    if (peek16(seg, 0) != 0xaa55 || !blocks || seg + blocks * 32 > END) {
        return 0;
    }
    for (u32 b = 0; b < blocks; b++) {
        for (u32 i = 0; i < 512; i++) {
            sum += peek8(seg + b * 32, i);
        }
    }
    return !sum;
}

static void note_boot(u32 seg, int first)
{
    u32 header = peek16(seg, 0x1a);
    u16 bev = peek16(seg, header + 0x1a);

    if (peek32(seg, header) != 0x506e5024 /* "$PnP" */ || !bev) {
        return;
    }
    if (first) {
        ebda.bev_first = FAR(seg, bev);
    } else if (ebda.bev_count < ARRAY_LEN(ebda.bev)) {
        ebda.bev[ebda.bev_count++] = FAR(seg, bev);
    }
}

/* Calls the ROM at seg, which is in RAM. AX is the PCI function that it belongs to, if any. The
 * segment behind it. */
static u32 run(u32 seg, u16 function, int first)
{
    struct call c;

    if (!valid(seg)) {
        return seg;
    }
    trace(STR("BIOS: option ROM at "));
    trace_hex(seg, 4);
    trace(STR("0\n"));
    fill(&c, 0, sizeof(c));
    c.cs = seg;
    c.ip = 3;
    c.eax = function;
    c.ebx = c.edx = 0xffff; /* no Plug and Play ISA card */
    c.es = 0xf000;
    c.edi = PNP_STRUCTURE;
    data_limits(LIMIT_4G); /* PCI Firmware Specification 3.0: "big real mode" */
    call_far(&c);
    data_limits(LIMIT_64K);
    note_boot(seg, first);
    return (seg + peek8(seg, 2) * 32 + 127) & ~127u; /* the ROM may have become shorter */
}

/*
 * A PCI device's ROM runs in RAM that it may write to while it sets up (PCI 2.1, 6.3.3): SeaBIOS's
 * VGA BIOSes keep there what they found out. A board without PCI has RAM there.
 */
u32 video_rom(void)
{
    u32 bytes = peek8(FIRST, 2) * 512u, end;

    if (pci_present() && peek16(FIRST, 0) == 0xaa55) {
        pci_map_upper(0xc0000, bytes, PAM_FROM_ROM_TO_RAM);
        for (u32 at = 0; at < bytes; at += 2) {
            poke16(FIRST + (at >> 4), at & 15, peek16(FIRST + (at >> 4), at & 15));
        }
        pci_map_upper(0xc0000, bytes, PAM_RAM);
    }
    end = run(FIRST, PCI_DISPLAY, 0);
    if (end != FIRST) {
        pci_map_upper(0xc0000, bytes, PAM_READ_ONLY);
    }
    return end;
}

/* A linear address, for DS with a limit of 4 GiB. */
static volatile u8 *flat(u32 linear)
{
    return (volatile u8 *)(linear - ((u32)BDA->ebda_seg << 4));
}

static u16 flat16(u32 linear)
{
    return flat(linear)[0] | flat(linear)[1] << 8;
}

/* Copies the image for this card and a PC's BIOS to seg (PCI 2.1, 6.3). Its size, or 0. */
static u32 copy_image(u32 from, u32 id, u32 seg)
{
    u32 size = 0;

    data_limits(LIMIT_4G);
    while (flat16(from) == 0xaa55) {
        u32 pcir = from + flat16(from + 0x18);

        if (flat16(pcir) != ('P' | 'C' << 8)) {
            break;
        }
        if ((flat16(pcir + 4) | (u32)flat16(pcir + 6) << 16) == id && !flat(pcir + 0x14)[0]) {
            size = flat(from + 2)[0] * 512u;
            break;
        }
        if (flat(pcir + 0x15)[0] & 0x80 || !flat16(pcir + 0x10)) {
            break;
        }
        from += flat16(pcir + 0x10) * 512u;
    }
    if (size > (u32)(END - seg) * 16) {
        size = 0;
    }
    pci_map_upper(seg * 16, size, PAM_RAM);
    for (u32 i = 0; i < size; i++) {
        *flat(seg * 16 + i) = *flat(from + i);
    }
    data_limits(LIMIT_64K);
    return size;
}

/* The PCI cards' ROMs, from segment seg on. The segment behind them. */
u32 pci_roms(u32 seg)
{
    u32 address, id;

    if (!pci_present()) {
        return seg;
    }
    for (u32 bdf = 0; (bdf = pci_next_rom(bdf, &address, &id)) < 256; bdf++) {
        pci_enable_rom(bdf, 1);
        u32 size = copy_image(address, id, seg);

        pci_enable_rom(bdf, 0);
        if (size) {
            u32 end = run(seg, bdf, 0);

            pci_map_upper(seg * 16, size, PAM_READ_ONLY);
            seg = end;
        }
    }
    return seg;
}

/* The files, from segment seg on. */
void file_roms(u32 seg)
{
    struct file f;

    for (u32 n = 0, count = file_count(); n < count; n++) {
        read_entry(n, &f);
        if (!begins(f.name, STR("genroms/")) || f.size > (u32)(END - seg) * 16) {
            continue;
        }
        pci_map_upper(seg * 16, f.size, PAM_RAM);
        fetch(f.key, f.size, seg * 16);
        u32 end = run(seg, 0, boots_first(f.name));

        pci_map_upper(seg * 16, f.size, PAM_READ_ONLY);
        seg = end;
    }
}
