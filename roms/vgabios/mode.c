/* SPDX-License-Identifier: MIT */
/*
 * INT 10h AH=00h: video modes.
 */
#include "vgabios.h"

ROM struct mode_info *mode_find(uint8_t mode)
{
    for (unsigned i = 0; i < mode_count; i++) {
        if (mode_table[i].mode == mode) {
            return &mode_table[i];
        }
    }
    return 0;
}

ROM struct mode_info *mode_current(void)
{
    ROM struct mode_info *info = mode_find(bda8(BDA_MODE) & 0x7f);

    return info ? info : mode_find(3);
}

uint16_t crtc_port(void)
{
    return inb(PORT_MISC_READ) & 1 ? 0x3d4 : 0x3b4;
}

uint8_t ac_read(uint8_t index)
{
    uint8_t val;

    inb(crtc_port() + 6);
    outb(PORT_AC, index);
    val = inb(PORT_AC + 1);
    inb(crtc_port() + 6);
    outb(PORT_AC, index | 0x20);
    inb(crtc_port() + 6);
    return val;
}

void ac_write(uint8_t index, uint8_t val)
{
    inb(crtc_port() + 6);
    outb(PORT_AC, index);
    outb(PORT_AC, val);
    ac_screen_on();
}

void ac_screen_on(void)
{
    inb(crtc_port() + 6);
    outb(PORT_AC, 0x20);
}

static void load_registers(ROM struct video_params *p)
{
    uint16_t crtc = p->misc & 1 ? 0x3d4 : 0x3b4;

    out_indexed(PORT_SEQ, 0, 1);
    for (uint8_t i = 0; i < 4; i++) {
        out_indexed(PORT_SEQ, i + 1, p->seq[i] | (i == 0 ? 0x20 : 0));
    }
    outb(PORT_MISC, p->misc);
    out_indexed(PORT_SEQ, 0, 3);
    out_indexed(crtc, 0x11, 0);
    for (uint8_t i = 0; i < 25; i++) {
        out_indexed(crtc, i, p->crtc[i]);
    }
    for (uint8_t i = 0; i < 9; i++) {
        out_indexed(PORT_GC, i, p->gc[i]);
    }
    inb(crtc + 6);
    for (uint8_t i = 0; i < 20; i++) {
        outb(PORT_AC, i);
        outb(PORT_AC, p->ac[i]);
    }
    outb(PORT_AC, 0x14);
    outb(PORT_AC, 0);
    outb(PORT_DAC_MASK, 0xff);
}

static void clear_memory(ROM struct mode_info *info)
{
    if (info->model == MODEL_TEXT) {
        far_fill16(info->segment, 0, 0x0720, 0x4000);
    } else if (info->segment == 0xb800) {
        far_fill16(info->segment, 0, 0, 0x4000);
    } else {
        far_fill16(info->segment, 0, 0, 0x8000);
    }
}

static void fill_data_area(ROM struct mode_info *info, ROM struct video_params *p, uint8_t mode,
                           bool no_clear)
{
    static ROM uint8_t cga_mode[8] = {0x2c, 0x28, 0x2d, 0x29, 0x2a, 0x2e, 0x1e, 0x29};
    uint8_t control = bda8(BDA_CONTROL) & ~CONTROL_NO_CLEAR;

    bda_set8(BDA_MODE, mode);
    bda_set16(BDA_COLUMNS, p->columns);
    bda_set16(BDA_PAGE_SIZE, p->page_size);
    bda_set16(BDA_PAGE_START, 0);
    for (uint8_t page = 0; page < 8; page++) {
        bda_set16(BDA_CURSOR_POS + page * 2, 0);
    }
    bda_set8(BDA_PAGE, 0);
    bda_set16(BDA_CRTC, p->misc & 1 ? 0x3d4 : 0x3b4);
    if (mode < 8) {
        bda_set8(BDA_CGA_MODE, cga_mode[mode]);
    }
    bda_set8(BDA_CGA_PALETTE, mode == 6 ? 0x3f : 0x30);
    bda_set8(BDA_ROWS, p->rows);
    bda_set16(BDA_CHAR_HEIGHT, p->char_height);
    bda_set8(BDA_CONTROL, control | 0x60 | (no_clear ? CONTROL_NO_CLEAR : 0));
    bda_set8(BDA_SWITCHES, 0xf9);
    bda_set8(BDA_FLAGS, bda8(BDA_FLAGS) | FLAGS_ACTIVE);
    bda_set8(BDA_DCC, 0x0b);
    far_write32(0x40, BDA_SAVE_PTR, (uint32_t)ROM_SEG << 16 | (uint32_t)save_pointer_table);
    if (info->model == MODEL_TEXT) {
        cursor_set_type(p->crtc[10], p->crtc[11]);
        bda_set16(BDA_CURSOR_TYPE, mode == 7 ? 0x0b0c : 0x0607);
    }
}

/* Modes 0-3 come with 200, 350 or 400 lines, as AH=12h BL=30h asked. */
static ROM struct video_params *find_params(ROM struct mode_info *info)
{
    uint8_t flags = bda8(BDA_FLAGS), row = info->params;

    if (info->mode <= 3) {
        if (flags & FLAGS_200) {
            row = info->mode;
        } else if (!(flags & FLAGS_400)) {
            row = 0x13 + info->mode;
        }
    } else if (info->mode == 7 && !(flags & FLAGS_400)) {
        row = 7;
    }
    return &video_params[row];
}

static ROM uint8_t *font_of_height(uint8_t height)
{
    return height == 8 ? font8x8 : height == 14 ? font8x14 : font8x16;
}

void mode_set(uint8_t mode_and_flag)
{
    ROM struct mode_info *info = mode_find(mode_and_flag & 0x7f);
    bool no_clear = mode_and_flag & 0x80;

    if (!info) {
        return;
    }
    ROM struct video_params *p = find_params(info);
    uint8_t flags = bda8(BDA_FLAGS);

    vbe_disable();
    load_registers(p);
    if (!(flags & FLAGS_KEEP_PALETTE)) {
        palette_load(info->palette, flags & FLAGS_GREY);
    }
    if (!no_clear) {
        clear_memory(info);
    }
    if (info->model == MODEL_TEXT) {
        font_load(font_of_height(p->char_height), p->char_height, 0);
    }
    fill_data_area(info, p, info->mode, no_clear);
    font_set_vectors(p->char_height);
    out_indexed(PORT_SEQ, 1, p->seq[0]);
    ac_screen_on();
}

void mode_init(void)
{
    /* The board said colour, 80 columns; old programs look here. */
    bda_set16(BDA_EQUIPMENT, (bda16(BDA_EQUIPMENT) & ~0x30) | 0x20);
    bda_set8(BDA_CONTROL, 0x60);
    bda_set8(BDA_FLAGS, FLAGS_ACTIVE | FLAGS_400);
    mode_set(3);
}
