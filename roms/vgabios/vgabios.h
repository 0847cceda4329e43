/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the VGA BIOS share.
 *
 * C code runs in real or virtual-8086 mode on the caller's stack: DS = SS, so that locals have
 * addresses; FS = this ROM, so every constant is declared ROM; all other memory is reached through
 * GS with far_*().
 */
#ifndef VGABIOS_H
#define VGABIOS_H

typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef _Bool bool;

#define ROM          const __seg_fs
#define ROM_SEG      0xc000
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The caller's registers, as entry.S pushes them. */
#define REG(e, x, l, h)   \
    union {               \
        uint32_t e;       \
        uint16_t x;       \
        struct {          \
            uint8_t l, h; \
        };                \
    }
struct regs {
    uint16_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, esp;
    REG(ebx, bx, bl, bh);
    REG(edx, dx, dl, dh);
    REG(ecx, cx, cl, ch);
    REG(eax, ax, al, ah);
    uint16_t ip, cs, flags;
};

/* Ports */

static inline void outb(uint16_t port, uint8_t val)
{
    __asm__ volatile("outb %0, %1" ::"a"(val), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t val)
{
    __asm__ volatile("outw %0, %1" ::"a"(val), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t val)
{
    asm volatile("outl %0, %w1" : : "a"(val), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
    uint32_t val;

    asm volatile("inl %w1, %0" : "=a"(val) : "Nd"(port));
    return val;
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t val;

    __asm__ volatile("inb %1, %0" : "=a"(val) : "Nd"(port));
    return val;
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t val;

    __asm__ volatile("inw %1, %0" : "=a"(val) : "Nd"(port));
    return val;
}

enum {
    PORT_AC = 0x3c0,
    PORT_MISC = 0x3c2,
    PORT_SEQ = 0x3c4,
    PORT_DAC_MASK = 0x3c6,
    PORT_DAC_READ = 0x3c7,
    PORT_DAC_WRITE = 0x3c8,
    PORT_DAC_DATA = 0x3c9,
    PORT_FEATURE_READ = 0x3ca,
    PORT_MISC_READ = 0x3cc,
    PORT_GC = 0x3ce,
};

/* An index and its data in one 16-bit write. */
static inline void out_indexed(uint16_t port, uint8_t index, uint8_t val)
{
    outw(port, (uint16_t)(val << 8 | index));
}

static inline uint8_t in_indexed(uint16_t port, uint8_t index)
{
    outb(port, index);
    return inb(port + 1);
}

/* far.c: memory in other segments */
uint8_t far_read8(uint16_t seg, uint16_t off);
uint16_t far_read16(uint16_t seg, uint16_t off);
void far_write8(uint16_t seg, uint16_t off, uint8_t val);
void far_write16(uint16_t seg, uint16_t off, uint16_t val);
void far_write32(uint16_t seg, uint16_t off, uint32_t val);
void far_fill8(uint16_t seg, uint16_t off, uint8_t val, uint32_t count);
void far_fill16(uint16_t seg, uint16_t off, uint16_t val, uint32_t words);
void far_copy(uint16_t to_seg, uint16_t to, uint16_t from_seg, uint16_t from, uint16_t count);

/* BIOS data area */
enum {
    BDA_EQUIPMENT = 0x10,
    BDA_MODE = 0x49,
    BDA_COLUMNS = 0x4a,
    BDA_PAGE_SIZE = 0x4c,
    BDA_PAGE_START = 0x4e,
    BDA_CURSOR_POS = 0x50, /* 8 words: column, row */
    BDA_CURSOR_TYPE = 0x60,
    BDA_PAGE = 0x62,
    BDA_CRTC = 0x63,
    BDA_CGA_MODE = 0x65,
    BDA_CGA_PALETTE = 0x66,
    BDA_ROWS = 0x84,
    BDA_CHAR_HEIGHT = 0x85,
    BDA_CONTROL = 0x87, /* bit 0: no cursor emulation; 7: memory was kept */
    BDA_SWITCHES = 0x88,
    BDA_FLAGS = 0x89, /* bits 4, 7: scan lines; 3: keep the palette; 2: mono; 1: grey */
    BDA_DCC = 0x8a,
    BDA_SAVE_PTR = 0xa8,

    CONTROL_NO_EMULATION = 0x01,
    CONTROL_NO_CLEAR = 0x80,
    FLAGS_ACTIVE = 0x01,
    FLAGS_GREY = 0x02,
    FLAGS_MONO = 0x04,
    FLAGS_KEEP_PALETTE = 0x08,
    FLAGS_400 = 0x10,
    FLAGS_200 = 0x80,
};

static inline uint8_t bda8(uint8_t off)
{
    return far_read8(0x40, off);
}

static inline uint16_t bda16(uint8_t off)
{
    return far_read16(0x40, off);
}

static inline void bda_set8(uint8_t off, uint8_t val)
{
    far_write8(0x40, off, val);
}

static inline void bda_set16(uint8_t off, uint16_t val)
{
    far_write16(0x40, off, val);
}

/* tables.c */
enum mode_model { MODEL_TEXT, MODEL_CGA4, MODEL_CGA2, MODEL_PLANAR, MODEL_LINEAR };

struct mode_info {
    uint8_t mode, model, params; /* row of video_params */
    uint8_t palette;             /* enum dac_set */
    uint16_t segment;
};

enum dac_set { DAC_EGA, DAC_CGA, DAC_MONO, DAC_256 };

/* The layout is IBM's: programs find the table through 40:A8h. */
struct video_params {
    uint8_t columns, rows, char_height;
    uint16_t page_size;
    uint8_t seq[4], misc, crtc[25], ac[20], gc[9];
} __attribute__((packed));

extern ROM struct mode_info mode_table[];
extern ROM uint8_t mode_count;
extern ROM struct video_params video_params[];
extern ROM uint32_t save_pointer_table[];
extern ROM uint8_t static_functions[16];
extern ROM uint8_t grey_ramp[16];
extern ROM uint8_t font8x8[], font8x14[], font8x16[];

/* mode.c */
ROM struct mode_info *mode_find(uint8_t mode);
/* The mode that 40:49h names; mode 3's row when that is none of ours. */
ROM struct mode_info *mode_current(void);
void mode_set(uint8_t mode_and_flag);
void mode_init(void);
uint16_t crtc_port(void);
uint8_t ac_read(uint8_t index);
void ac_write(uint8_t index, uint8_t val);
void ac_screen_on(void);

/* cursor.c */
void cursor_set_type(uint8_t start, uint8_t end);
void cursor_set_pos(uint8_t page, uint8_t row, uint8_t column);
void cursor_set_page(uint8_t page);
uint16_t cursor_pos(uint8_t page); /* row in the high byte */

/* text.c */
struct window {
    uint8_t top, left, bottom, right;
};
void text_scroll(const struct window *w, uint8_t lines, uint8_t attr, bool down);
uint16_t text_read(uint8_t page); /* attribute in the high byte */
void text_write(uint8_t page, uint8_t ch, uint8_t attr, uint16_t count, bool with_attr);
void text_teletype(uint8_t page, uint8_t ch, uint8_t attr, bool with_attr);
void text_write_string(struct regs *r);

/* pixel.c */
void pixel_write(uint8_t page, uint16_t x, uint16_t y, uint8_t color);
uint8_t pixel_read(uint8_t page, uint16_t x, uint16_t y);
void glyph_draw(uint8_t page, uint8_t column, uint8_t row, uint8_t ch, uint8_t color);
uint8_t glyph_read(uint8_t page, uint8_t column, uint8_t row);
/* One row of character cells, `width` wide from `left`: copied, or filled with a colour. */
void cells_copy(uint8_t to_row, uint8_t from_row, uint8_t left, uint8_t width);
void cells_fill(uint8_t row, uint8_t left, uint8_t width, uint8_t color);

/* palette.c */
void palette_load(enum dac_set set, bool grey);
void palette_function(struct regs *r); /* AH = 10h */
void palette_cga(struct regs *r);      /* AH = 0Bh */

/* fontload.c */
void font_load(ROM uint8_t *font, uint8_t height, uint8_t block);
void font_function(struct regs *r); /* AH = 11h */
void font_set_vectors(uint8_t height);

/* info.c */
void alternate_select(struct regs *r);    /* AH = 12h */
void display_combination(struct regs *r); /* AH = 1Ah */
void functionality_info(struct regs *r);  /* AH = 1Bh */
void save_restore(struct regs *r);        /* AH = 1Ch */
/* The parts bit 0 hardware, 1 data area, 2 DAC. Returns the end of the buffer. */
uint16_t state_size(uint16_t parts);
uint16_t state_save(uint16_t parts, uint16_t seg, uint16_t off);
uint16_t state_restore(uint16_t parts, uint16_t seg, uint16_t off);

/* vbe.c */
void vbe_function(struct regs *r); /* AH = 4Fh */
void vbe_disable(void);

/* entry.S */
extern ROM uint8_t vbe_window_far[], vbe_pm_table[], vbe_pm_end[];
extern ROM uint8_t int10_entry[];

void int10(struct regs *r);
void vgabios_init(void);

#endif
