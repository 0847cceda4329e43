/* SPDX-License-Identifier: MIT */
/*
 * INT 10h: the dispatcher, and what POST calls.
 */
#include "vgabios.h"

static void get_cursor(struct regs *r)
{
    r->cx = bda16(BDA_CURSOR_TYPE);
    r->dx = cursor_pos(r->bh);
}

static void scroll(struct regs *r)
{
    struct window w = {r->ch, r->cl, r->dh, r->dl};

    text_scroll(&w, r->al, r->bh, r->ah == 7);
}

static void get_mode(struct regs *r)
{
    r->ah = bda8(BDA_COLUMNS);
    r->al = bda8(BDA_MODE) | (bda8(BDA_CONTROL) & CONTROL_NO_CLEAR);
    r->bh = bda8(BDA_PAGE);
}

static void set_mode(struct regs *r)
{
    uint8_t mode = r->al & 0x7f;

    mode_set(r->al);
    r->al = mode > 7 ? 0x20 : mode == 6 ? 0x3f : 0x30;
}

void int10(struct regs *r)
{
    switch (r->ah) {
    case 0x00: set_mode(r); break;
    case 0x01: cursor_set_type(r->ch, r->cl); break;
    case 0x02: cursor_set_pos(r->bh, r->dh, r->dl); break;
    case 0x03: get_cursor(r); break;
    case 0x04: r->ax = 0; break; /* no light pen */
    case 0x05: cursor_set_page(r->al); break;
    case 0x06:
    case 0x07: scroll(r); break;
    case 0x08: r->ax = text_read(r->bh); break;
    case 0x09: text_write(r->bh, r->al, r->bl, r->cx, 1); break;
    case 0x0a: text_write(r->bh, r->al, r->bl, r->cx, 0); break;
    case 0x0b: palette_cga(r); break;
    case 0x0c: pixel_write(r->bh, r->cx, r->dx, r->al); break;
    case 0x0d: r->al = pixel_read(r->bh, r->cx, r->dx); break;
    case 0x0e: text_teletype(bda8(BDA_PAGE), r->al, r->bl, 0); break;
    case 0x0f: get_mode(r); break;
    case 0x10: palette_function(r); break;
    case 0x11: font_function(r); break;
    case 0x12: alternate_select(r); break;
    case 0x13: text_write_string(r); break;
    case 0x1a: display_combination(r); break;
    case 0x1b: functionality_info(r); break;
    case 0x1c: save_restore(r); break;
    case 0x4f: vbe_function(r); break;
    default: break;
    }
}

/* The old INT 10h stays reachable at 42h, as the EGA did it. */
void vgabios_init(void)
{
    far_write16(0, 0x42 * 4, far_read16(0, 0x10 * 4));
    far_write16(0, 0x42 * 4 + 2, far_read16(0, 0x10 * 4 + 2));
    far_write16(0, 0x10 * 4, (uint16_t)(uint32_t)int10_entry);
    far_write16(0, 0x10 * 4 + 2, ROM_SEG);
    far_write16(0, 0x6d * 4, (uint16_t)(uint32_t)int10_entry);
    far_write16(0, 0x6d * 4 + 2, ROM_SEG);
    mode_init();
}
