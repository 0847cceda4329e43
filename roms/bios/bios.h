/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the BIOS share. See entry.S for the segments that C code runs with.
 */
#ifndef BIOS_H
#define BIOS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef signed char s8;
typedef signed short s16;
typedef signed int s32;
typedef unsigned long long u64;

#define PACKED       __attribute__((packed))
#define NOINLINE     __attribute__((noinline))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
/* Constants live in the ROM's own segment, not where DS points. */
#define ROM const __seg_gs
#define STR(s)                      \
    ({                              \
        static ROM char str_[] = s; \
        str_;                       \
    })

/* The interrupted program's registers: what a service reads and changes. */
struct regs {
    union {
        u32 edi;
        u16 di;
    };
    union {
        u32 esi;
        u16 si;
    };
    union {
        u32 ebp;
        u16 bp;
    };
    u32 handler;
    union {
        u32 ebx;
        u16 bx;
        struct {
            u8 bl, bh;
        };
    };
    union {
        u32 edx;
        u16 dx;
        struct {
            u8 dl, dh;
        };
    };
    union {
        u32 ecx;
        u16 cx;
        struct {
            u8 cl, ch;
        };
    };
    union {
        u32 eax;
        u16 ax;
        struct {
            u8 al, ah;
        };
    };
    u16 ds, es, fs, gs;
    u16 ip, cs, flags;
    u32 esp;
    u16 ss;
} PACKED;

enum { FLAG_CF = 0x01, FLAG_ZF = 0x40, FLAG_IF = 0x200 };

/* For call_far(): registers in and out. */
struct call {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 ds, es, ip, cs, flags;
} PACKED;

/* The BIOS data area, 40:0 (IBM PC AT Technical Reference). */
struct bda {
    u16 com[4], lpt[3], ebda_seg;                        /* 00 */
    u16 equipment;                                       /* 10 */
    u8 post_status;                                      /* 12 */
    u16 mem_kb;                                          /* 13 */
    u16 reserved15;                                      /* 15 */
    u8 kbd_flag0, kbd_flag1, kbd_alt;                    /* 17 */
    u16 kbd_head, kbd_tail, kbd_buf[16];                 /* 1a */
    u8 fdc_recal, fdc_motor, fdc_motor_ticks, fdc_error; /* 3e */
    u8 fdc_result[7];                                    /* 42 */
    u8 video[0x1e];                                      /* 49 */
    u32 entry_point;                                     /* 67 */
    u8 last_irq;                                         /* 6b */
    u32 ticks;                                           /* 6c */
    u8 midnight;                                         /* 70 */
    u8 break_flag;                                       /* 71 */
    u16 reset_flag;                                      /* 72 */
    u8 hd_status, hd_count, hd_control, hd_port;         /* 74 */
    u8 lpt_timeout[4], com_timeout[4];                   /* 78 */
    u16 kbd_start, kbd_end;                              /* 80 */
    u8 video2[7];                                        /* 84 */
    u8 fdc_rate;                                         /* 8b */
    u8 hd_stat, hd_err, hd_irq, fdc_combo;               /* 8c */
    u8 fdc_media[2], fdc_state[2], fdc_track[2];         /* 90 */
    u8 kbd_mode, kbd_led;                                /* 96 */
    u32 wait_flag_ptr;                                   /* 98 */
    u32 wait_count;                                      /* 9c */
    u8 wait_active;                                      /* a0 */
    u8 reserved_a1[7];
    u32 video_save;            /* a8 */
    u8 apm_interface, apm_off; /* ac: reserved in the AT; see apm.c */
} PACKED;
#define BDA ((volatile __seg_fs struct bda *)0)

/* One drive on an IDE channel. */
struct drive {
    u8 kind; /* enum drive_kind */
    u8 slave;
    u16 base, control;
    u16 pcyl, phead, psect; /* what the drive says */
    u16 lcyl, lhead, lsect; /* what INT 13h shows, at most 1024 x 255 x 63 */
    u32 sectors;            /* 0: no LBA, address by pcyl/phead/psect */
    u8 lba;
    u8 irq;
} PACKED;
enum drive_kind { DRIVE_NONE, DRIVE_ATA, DRIVE_ATAPI };

/* A CD that was booted by El Torito and poses as another drive (INT 13h AX=4B01h shows this). */
struct emulation {
    u8 active;
    u8 media;      /* 0 none, 1 1.2M, 2 1.44M, 3 2.88M, 4 hard disk */
    u8 bios_drive; /* the number it took */
    u8 drive;      /* index in ebda.drive */
    u32 lba;       /* of the image, in 2048-byte sectors */
    u16 segment, count;
    u16 cyls, heads, sectors;
} PACKED;

struct ebda {
    u8 size_kb;
    u8 reserved01[0x21];
    /* 22: PS/2 pointer */
    u16 mouse_ip, mouse_cs;
    u8 mouse_flag1; /* bits 0-2 how many bytes have come */
    u8 mouse_flag2; /* bit 7 a handler is set, bits 0-2 packet size - 1 */
    u8 mouse_data[8];
    u8 reserved30[0x0d];
    u8 fdpt[2][16]; /* 3d: INT 41h, INT 46h */
    u8 reserved5d[3];
    u16 stack; /* 60: EBDA_SP in entry.S */
    u16 saved_flags, saved_ds;
    u8 hd_count, cd_count;
    u8 hd[4], cd[4]; /* indices in drive */
    struct drive drive[4];
    struct emulation emu;
    u8 dpte[16];    /* INT 13h AH=48h, buffer version 2 */
    u8 cd_locks[4]; /* INT 13h AH=45h */
    u8 boot_entry;  /* position in the boot order */
    u8 pad;
    u8 atapi_sense[3];
    u8 dma_ok;
    u8 rtc_wait;
    u8 work[64]; /* fw_cfg DMA, packets */
    u32 bev_first,
        bev[4]; /* option ROMs that boot: far pointers; the first goes before the drives */
    u8 bev_count;
} PACKED;
extern struct ebda ebda; /* at DS:0 */

/* entry.S */
void wait_irq(void);
void let_irqs(void);
void call_far(struct call *c);
u32 peek8(u32 seg, u32 off);
u32 peek16(u32 seg, u32 off);
u32 peek32(u32 seg, u32 off);
void poke8(u32 seg, u32 off, u32 val);
void poke16(u32 seg, u32 off, u32 val);
void poke32(u32 seg, u32 off, u32 val);
void copy_far(u32 dst, u32 src, u32 len);
void port_read(u32 dst, u16 port, u32 words);
void port_write(u32 src, u16 port, u32 words);
void jump_boot(u32 target, u8 drive) __attribute__((noreturn));
#define LIMIT_4G  0x10
#define LIMIT_64K 0x18
void data_limits(u32 selector);
u32 block_move(u32 gdt_linear, u32 bytes);
#define FAR(seg, off) (((u32)(seg) << 16) | (u16)(off))
/* The same place with an offset below 16, so that 64 KiB less a paragraph can follow. */
static inline u32 far_normal(u32 p)
{
    return FAR((p >> 16) + ((p & 0xffff) >> 4), p & 15);
}
static inline u32 far_linear(u32 p)
{
    return ((p >> 16) << 4) + (p & 0xffff);
}
static inline u32 local_far(const void *p)
{
    return FAR(BDA->ebda_seg, (u32)p);
}

static inline u8 inb(u16 port)
{
    u8 v;

    asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
    return v;
}
static inline void outb(u8 v, u16 port)
{
    asm volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}
static inline u16 inw(u16 port)
{
    u16 v;

    asm volatile("inw %1, %0" : "=a"(v) : "Nd"(port) : "memory");
    return v;
}
static inline void outw(u16 v, u16 port)
{
    asm volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}
static inline u32 inl(u16 port)
{
    u32 v;

    asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port) : "memory");
    return v;
}
static inline void outl(u32 v, u16 port)
{
    asm volatile("outl %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

/* util.c */
u8 cmos_read(u8 index);
void cmos_write(u8 index, u8 val);
void print(ROM char *s);
void print_char(char c);
void print_dec(u32 v);
void print_hex(u32 v, int digits);
void trace(ROM char *s);
void trace_hex(u32 v, int digits);
void delay_15us(u32 n);
void call_int(u8 vector, struct call *c);
void eoi(u8 irq);
void set_vector(u8 n, u16 seg, u16 off);
void set_cf(struct regs *r, int on);
void fill(void *p, u8 val, u32 len);
void copy(void *d, const void *s, u32 len);

/* A deadline in BIOS ticks or, while those stand still, in polls. */
struct deadline {
    u32 polls;
};
void deadline_start(struct deadline *d, u32 ms);
int deadline_over(struct deadline *d); /* waits about 15 us */

/* The services and drivers. */
void floppy_init(void);
void floppy_tick(void);
u8 floppy_count(void);
void int13_floppy(struct regs *r);
void ata_init(void);
/* 0 or an INT 13h status. count in sectors of 512 (ATA) or 2048 (ATAPI) bytes. */
u8 ata_transfer(struct drive *d, int write, u32 lba, u16 count, u32 buf);
u8 ata_verify(struct drive *d, u32 lba, u16 count);
u8 ata_reset(struct drive *d);
u8 ata_flush(struct drive *d);
u8 atapi_read(struct drive *d, u32 lba, u16 count, u32 buf);
/* Sectors of 512 bytes out of one CD sector. */
u8 atapi_read_part(struct drive *d, u32 lba, u8 first, u8 count, u32 buf);
u8 atapi_packet(struct drive *d, const u8 *packet, u16 bytes, u32 buf);
u8 atapi_ready(struct drive *d);
void int13_disk(struct regs *r, struct drive *d);
void int13_edd(struct regs *r, struct drive *d);
void int13_emulated(struct regs *r);
void int13_done(struct regs *r, u8 status);
void int13_emulation_call(struct regs *r);
/* Tries the CD: 0 when it was started at *target, else a message. */
ROM char *cd_boot(u32 *target, u8 *drive);
void kbd_init(void);
void kbc_command(u8 v); /* the keyboard controller: ports 64h and 60h */
void kbc_data(u8 v);
void kbd_put(u16 key);
void mouse_init(void);
void int15_mouse(struct regs *r);
u32 video_rom(void);
u32 pci_roms(u32 seg);
void file_roms(u32 seg);
/* The first function from bdf on with a ROM that is not a display, or 256. */
u32 pci_next_rom(u32 bdf, u32 *address, u32 *id);
void pci_enable_rom(u32 bdf, u32 on);
void rtc_init(void);
void pci_init(void);
void pci_set_pam(u32 reg, u8 val);
enum { PAM_READ_ONLY = 1, PAM_FROM_ROM_TO_RAM = 2, PAM_RAM = 3 };
/* Maps C0000h-EFFFFh in pieces of 16 KiB, as far as the range reaches into them. */
void pci_map_upper(u32 base, u32 bytes, u8 mode);
void acpi_init(void);
int pci_present(void);
void int1a_pci(struct regs *r);
void serial_init(void);
/* idle() lets one interrupt come. Runs in protected mode too: apm.S. */
void apm_call(struct regs *r, void (*idle)(void));
/* RAM above 1 MiB that systems may use, in KiB; what the last of it keeps for the ACPI tables. */
u32 memory_above(void);
u32 acpi_ram_kb(void);
void a20_set(int on);
int a20_get(void);
void power_off(void);

#define DECLARE(name) void handle_##name(struct regs *r)
DECLARE(int11);
DECLARE(int12);
DECLARE(int13);
DECLARE(int14);
DECLARE(int15);
DECLARE(int16);
DECLARE(int17);
DECLARE(int1a);
DECLARE(int05);
DECLARE(int10_none);
DECLARE(irq0);
DECLARE(irq1);
DECLARE(irq6);
DECLARE(irq8);
DECLARE(irq12);
DECLARE(irq13);
DECLARE(irq14);
DECLARE(spurious);
DECLARE(nmi);
void handle_int18(void);
void handle_int19(void);
void post(void);

#endif
