/* SPDX-License-Identifier: MIT */
/*
 * What the three parts of the display adapter share: vga.c (registers, memory), vga_draw.c (planes
 * to pixels) and vbe.c (the DISPI extension). Nobody else includes this.
 */
#ifndef HW_VGA_DRAW_H
#define HW_VGA_DRAW_H

#include "hw/pci.h"
#include "host/display.h"
#include "hw/machine.h"
#include "base/hostmap.h"

#define VGA_PLANE_SIZE 0x10000u    /* bytes in each of the four planes */
#define VGA_MEM_SIZE   (16u << 20) /* planes and linear frame buffer share it */

enum { /* indices and bits, IBM's names */
       SEQ_RESET = 0,
       SEQ_CLOCKING_MODE = 1,
       SEQ_CM_8DOT = 1 << 0,
       SEQ_CM_HALF_CLOCK = 1 << 3,
       SEQ_CM_SCREEN_OFF = 1 << 5,
       SEQ_MAP_MASK = 2,
       SEQ_CHARACTER_MAP = 3,
       SEQ_MEMORY_MODE = 4,
       SEQ_MM_NO_ODD_EVEN = 1 << 2,
       SEQ_MM_CHAIN4 = 1 << 3,
       SEQ_COUNT = 8,

       GC_SET_RESET = 0,
       GC_ENABLE_SET_RESET = 1,
       GC_COLOR_COMPARE = 2,
       GC_DATA_ROTATE = 3,
       GC_READ_MAP = 4,
       GC_MODE = 5,
       GC_MODE_WRITE = 3,
       GC_MODE_READ1 = 1 << 3,
       GC_MODE_ODD_EVEN = 1 << 4,
       GC_MODE_SHIFT_CGA = 1 << 5,
       GC_MODE_SHIFT_256 = 1 << 6,
       GC_MISC = 6,
       GC_MISC_GRAPHICS = 1 << 0,
       GC_MISC_CHAIN_ODD_EVEN = 1 << 1,
       GC_COLOR_DONT_CARE = 7,
       GC_BIT_MASK = 8,
       GC_COUNT = 16,

       CRTC_H_TOTAL = 0x00,
       CRTC_H_DISPLAY_END = 0x01,
       CRTC_H_BLANK_START = 0x02,
       CRTC_V_TOTAL = 0x06,
       CRTC_OVERFLOW = 0x07,
       CRTC_PRESET_ROW = 0x08,
       CRTC_MAX_SCAN = 0x09,
       CRTC_MS_DOUBLE = 1 << 7,
       CRTC_CURSOR_START = 0x0a,
       CRTC_CURSOR_OFF = 1 << 5,
       CRTC_CURSOR_END = 0x0b,
       CRTC_START_HIGH = 0x0c,
       CRTC_START_LOW = 0x0d,
       CRTC_CURSOR_HIGH = 0x0e,
       CRTC_CURSOR_LOW = 0x0f,
       CRTC_V_RETRACE_START = 0x10,
       CRTC_V_RETRACE_END = 0x11,
       CRTC_VRE_PROTECT = 1 << 7,
       CRTC_V_DISPLAY_END = 0x12,
       CRTC_OFFSET = 0x13,
       CRTC_UNDERLINE = 0x14,
       CRTC_UL_COUNT4 = 1 << 5,
       CRTC_UL_DWORD = 1 << 6,
       CRTC_V_BLANK_START = 0x15,
       CRTC_MODE = 0x17,
       CRTC_MODE_MA13 = 1 << 0, /* 0: row scan bit 0 replaces address bit 13 (CGA banks) */
       CRTC_MODE_MA14 = 1 << 1, /* 0: row scan bit 1 replaces address bit 14 (Hercules) */
       CRTC_MODE_COUNT2 = 1 << 3,
       CRTC_MODE_WRAP15 = 1 << 5, /* word mode: address bit 15, not 13, becomes bit 0 */
       CRTC_MODE_BYTE = 1 << 6,
       CRTC_MODE_SYNC = 1 << 7,
       CRTC_LINE_COMPARE = 0x18,
       CRTC_COUNT = 0x19,
       CRTC_LATCH = 0x22,     /* read only: the latch of the plane that GC_READ_MAP selects */
       CRTC_FLIP_FLOP = 0x24, /* read only: bit 7 is set while 3C0h expects data */

       AC_MODE = 0x10,
       AC_MODE_LINE_GRAPHICS = 1 << 2,
       AC_MODE_BLINK = 1 << 3,
       AC_MODE_PAN_COMPARE = 1 << 5,
       AC_MODE_P54S = 1 << 7,
       AC_OVERSCAN = 0x11,
       AC_PLANE_ENABLE = 0x12,
       AC_PEL_PAN = 0x13,
       AC_COLOR_SELECT = 0x14,
       AC_COUNT = 0x15,
       AC_INDEX_PAS = 1 << 5,

       MISC_COLOR_PORTS = 1 << 0,
       MISC_RAM_ENABLE = 1 << 1,
};

enum { /* DISPI registers behind 1CEh/1CFh, Bochs' names */
       DISPI_ID,
       DISPI_XRES,
       DISPI_YRES,
       DISPI_BPP,
       DISPI_ENABLE,
       DISPI_BANK,
       DISPI_VIRT_WIDTH,
       DISPI_VIRT_HEIGHT,
       DISPI_X_OFFSET,
       DISPI_Y_OFFSET,
       DISPI_MEMORY, /* read only: in 64 KiB */
       DISPI_COUNT,

       DISPI_ENABLED = 1 << 0,
       DISPI_GETCAPS = 1 << 1,
       DISPI_8BIT_DAC = 1 << 5,
       DISPI_LFB = 1 << 6,
       DISPI_NOCLEARMEM = 1 << 7,
};

/* What a CPU access to the planes comes down to, worked out when a register changes. */
enum vga_path {
    VGA_PATH_SLOW,
    VGA_PATH_CHAIN4, /* mode 13h: plane = address bits 0-1, data stored as it is */
    VGA_PATH_TEXT,   /* text: plane = address bit 0 */
    VGA_PATH_BANKED, /* DISPI: linear memory, one 64 KiB bank */
};

struct vga {
    uint8_t misc, feature, enable; /* 3C2h, 3DAh, 3C3h */
    uint8_t seq_index, seq[SEQ_COUNT];
    uint8_t gc_index, gc[GC_COUNT];
    uint8_t crtc_index, crtc[CRTC_COUNT];
    uint8_t ac_index, ac[AC_COUNT];
    bool ac_data; /* the flip-flop: 3C0h expects data */
    uint8_t dac_mask, dac_read_index, dac_write_index, dac_component;
    bool dac_reading;
    uint8_t dac_latch[3];
    uint8_t dac[256][3]; /* 6 bits each; 8 in the DISPI 8-bit mode */
    uint32_t latch;      /* plane n in bits 8n-8n+7 */

    uint16_t dispi_index, dispi[DISPI_COUNT];
    struct pci_function pci; /* without a bus on an ISA card */

    uint8_t *mem;      /* DISPI modes see it linearly, planes by vga_plane_index() */
    uint32_t mem_used; /* what is saved: the planes, and all of it once a DISPI mode was set */

    /* Derived from the registers by vga_update(); not saved. */
    enum vga_path write_path, read_path;
    uint32_t window_base, window_size; /* relative to A0000h */
    uint32_t window_at;                /* in mem, where it is plain memory */

    /* What the picture is behind of; not saved. Nothing is traced before somebody looks. */
    bool watched;
    phys_addr_t watched_base;
    bool changed;                              /* registers, or memory behind the planes' logic */
    uint8_t dirty[VGA_MEM_SIZE >> PAGE_SHIFT]; /* pages written linearly: traced until then */
    uint64_t drawn_phase;                      /* of blinking, in the picture */

    /* Wiring; not saved. */
    struct machine *machine;
    uint8_t *rom;
    struct hostmap map; /* what mem is */
    uint8_t *window;    /* a second place for 64 KiB of it */
    unsigned window_region;
};

/*
 * Where the four bytes of plane address a lie in mem. Chain 4 reaches every fourth address of a
 * plane, one byte per plane: this order makes its 64 KiB linear, so that mode 13h's window is plain
 * memory to the CPU. Beyond 64 KiB (16 colours in DISPI modes) it goes on bank by bank.
 */
static inline uint32_t vga_plane_index(uint32_t a)
{
    return ((a & ~0xffffu) << 2 | (a & 3) << 16 | (a & 0xfffc)) & (VGA_MEM_SIZE - 1);
}

/* To be called after a change of registers that decide how the CPU reaches memory. */
void vga_update(struct vga *s);
/* Raw lines and columns of the programmed timing, all at least 1. */
struct vga_timing {
    uint32_t dot_hz, dots;               /* per character */
    uint32_t h_total, h_display;         /* characters */
    uint32_t v_total, v_display;         /* scan lines */
    uint32_t retrace_start, retrace_end; /* scan lines, end excluded */
};
struct vga_timing vga_timing(const struct vga *s);
/* Frames since power-on, for blinking. */
uint64_t vga_frame(const struct vga *s);

/* Counts what blinks: the cursor with bit 0, characters with bit 1. */
uint64_t vga_blink_phase(const struct vga *s);

/* The colour of DAC entry i as 0x00RRGGBB. */
uint32_t vga_dac_rgb(const struct vga *s, uint8_t i);
/* The colour of a pixel value, through the attribute controller's palette. */
uint32_t vga_attribute_rgb(const struct vga *s, unsigned i);

/* mem[index] was written by something that is not traced. */
static inline void vga_mark(struct vga *s, uint32_t index)
{
    s->dirty[index >> PAGE_SHIFT] = 1;
}
/* What a register write is to do with *reg: a change makes the picture stale. */
static inline void vga_assign(struct vga *s, uint8_t *reg, uint8_t val)
{
    s->changed |= *reg != val;
    *reg = val;
}

/* vga_watch.c: the window shows other memory, which may be watched. */
void vga_window_moved(struct vga *s);

/* vbe.c */
void vbe_create(struct vga *s, struct pci_bus *bus);
void vbe_reset(struct vga *s);
void vbe_loaded(struct vga *s);
static inline bool vbe_enabled(const struct vga *s)
{
    return s->dispi[DISPI_ENABLE] & DISPI_ENABLED;
}
/* An enabled DISPI mode: sets the picture's size, draws its lines [first, end). */
void vbe_resize(const struct vga *s, struct picture *out);
void vbe_draw(const struct vga *s, struct picture *out, uint32_t first, uint32_t end);
/* The memory that a line of it shows, from mem[*at]. */
uint32_t vbe_line_at(const struct vga *s, uint32_t y, uint32_t *at);
/* Where the linear frame buffer is now; 0: nowhere. */
phys_addr_t vbe_lfb_base(const struct vga *s);

#endif
