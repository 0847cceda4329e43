/* SPDX-License-Identifier: MIT */
/*
 * Power-on: brings the chips to the state software expects, finds memory, option ROMs and drives,
 * and starts INT 19h.
 */
#include "bios.h"

struct vector {
    u8 number;
    u16 offset;
};

/* Offsets in F000h of entry.S. */
void entry_irq0(void), entry_irq1(void), entry_irq6(void), entry_irq8(void), entry_irq12(void),
    entry_irq13(void), entry_irq14(void), entry_spurious(void), entry_nmi(void), entry_int05(void),
    entry_int10_none(void), entry_int11(void), entry_int12(void), entry_int13(void),
    entry_int14(void), entry_int15(void), entry_int16(void), entry_int17(void), entry_int18(void),
    entry_int19(void), entry_int1a(void), just_iret(void);
extern ROM u8 floppy_table[], video_table[], font8x8[];

#define SEG_BIOS 0xf000

static void vector(u8 n, const void *f)
{
    set_vector(n, SEG_BIOS, (u32)f);
}

static void vectors_init(void)
{
    for (u16 n = 0; n < 0x78; n++) {
        vector(n, just_iret);
    }
    for (u16 n = 0x78; n < 0x100; n++) {
        set_vector(n, 0, 0);
    }
    for (u8 n = 0x60; n < 0x68; n++) {
        set_vector(n, 0, 0); /* for programs */
    }
    for (u8 n = 0; n < 8; n++) {
        vector(0x08 + n, entry_spurious);
        vector(0x70 + n, entry_spurious);
    }
    /* The fixed addresses where there is one: some programs jump there or compare. */
    set_vector(0x02, SEG_BIOS, 0xe2c3);
    set_vector(0x05, SEG_BIOS, 0xff54);
    set_vector(0x08, SEG_BIOS, 0xfea5);
    set_vector(0x09, SEG_BIOS, 0xe987);
    set_vector(0x0e, SEG_BIOS, 0xef57);
    set_vector(0x10, SEG_BIOS, 0xf065);
    set_vector(0x11, SEG_BIOS, 0xf84d);
    set_vector(0x12, SEG_BIOS, 0xf841);
    set_vector(0x13, SEG_BIOS, 0xe3fe);
    set_vector(0x14, SEG_BIOS, 0xe739);
    set_vector(0x15, SEG_BIOS, 0xf859);
    set_vector(0x16, SEG_BIOS, 0xe82e);
    set_vector(0x17, SEG_BIOS, 0xefd2);
    vector(0x18, entry_int18);
    set_vector(0x19, SEG_BIOS, 0xe6f2);
    set_vector(0x1a, SEG_BIOS, 0xfe6e);
    set_vector(0x1d, SEG_BIOS, (u32)video_table);
    set_vector(0x1e, SEG_BIOS, (u32)floppy_table);
    set_vector(0x1f, 0, 0);
    set_vector(0x40, SEG_BIOS, 0xec59);
    set_vector(0x41, 0, 0);
    set_vector(0x43, SEG_BIOS, (u32)font8x8);
    set_vector(0x46, 0, 0);
    vector(0x70, entry_irq8);
    vector(0x74, entry_irq12);
    vector(0x75, entry_irq13);
    vector(0x76, entry_irq14);
    vector(0x77, entry_irq14);
}

static void pic_init(void)
{
    outb(0x11, 0x20); /* ICW1: edge, cascade, ICW4 */
    outb(0x11, 0xa0);
    outb(0x08, 0x21); /* ICW2: vectors */
    outb(0x70, 0xa1);
    outb(0x04, 0x21); /* ICW3: slave on IR2 */
    outb(0x02, 0xa1);
    outb(0x01, 0x21); /* ICW4: 8086 */
    outb(0x01, 0xa1);
    outb(0xb8, 0x21); /* timer, keyboard, cascade, floppy */
    outb(0x8f, 0xa1); /* mouse, FPU, IDE; the clock chip when it is used */
}

static void timer_init(void)
{
    outb(0x36, 0x43); /* counter 0: mode 3, 18.2 Hz */
    outb(0, 0x40);
    outb(0, 0x40);
    outb(0x54, 0x43); /* counter 1: refresh */
    outb(18, 0x41);
    outb(0xb6, 0x43); /* counter 2: speaker, off */
    outb(0x54, 0x42);
    outb(0x05, 0x42);
    outb(inb(0x61) & ~0x03, 0x61);
}

static void dma_init(void)
{
    outb(0, 0x0d); /* master clear */
    outb(0, 0xda);
    outb(0xc0, 0xd6); /* channel 4: cascade */
    outb(0, 0xd4);
}

static void memory_init(void)
{
    BDA->ebda_seg = 0x9f80;
    BDA->mem_kb = 638;
    fill(&ebda, 0, 0x380); /* what lies above is the stack in use */
    ebda.size_kb = 2;
    ebda.stack = 0x800;
}

static void bda_init(void)
{
    u16 warm = peek16(0x40, 0x72);

    for (u16 i = 0; i < 0x100; i += 2) {
        poke16(0x40, i, 0);
    }
    BDA->reset_flag = warm;
    BDA->equipment = 0x0000;
    for (u8 i = 0; i < 4; i++) {
        BDA->lpt_timeout[i] = 0x14;
        BDA->com_timeout[i] = 0x01;
    }
}

static void fpu_init(void)
{
    u16 status = 0x5a5a;

    asm volatile("fninit; fnstsw %0" : "+m"(status));
    if ((status & 0xff) == 0) {
        BDA->equipment |= 0x02;
    }
}

/* Some VGA BIOSes leave that to the system's. */
static void text_mode(void)
{
    struct call c;

    if (peek16(0, 0x10 * 4 + 2) == 0xf000) {
        return; /* there is no VGA BIOS */
    }
    fill(&c, 0, sizeof(c));
    c.eax = 3;
    call_int(0x10, &c);
}

static void banner(void)
{
    u32 kb = cmos_read(0x30) | cmos_read(0x31) << 8;
    u32 more = cmos_read(0x34) | cmos_read(0x35) << 8;

    print(STR("Gnomon BIOS  "));
    print_dec(more ? 16 + more / 16 : (kb + 1024) / 1024);
    print(STR(" MiB\n"));
}

void post(void)
{
    u32 roms;

    trace(STR("BIOS: POST\n"));
    outb(0, 0xf1); /* FPU reset, FPU interrupt clear */
    dma_init();
    bda_init();
    memory_init();
    vectors_init();
    pic_init();
    timer_init();
    fpu_init();
    rtc_init();
    pci_init();
    kbd_init();
    serial_init();
    roms = video_rom();
    text_mode();
    let_irqs();
    banner();
    floppy_init();
    ata_init();
    mouse_init();
    file_roms(pci_roms(roms > 0xc800 ? roms : 0xc800));
    /* The disk ROMs may have taken vectors: INT 13h for floppies stays at INT 40h. */
    BDA->reset_flag = 0;
    asm volatile("int $0x19");
}
