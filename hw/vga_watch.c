/* SPDX-License-Identifier: MIT */
/*
 * The picture for somebody who looks sixty times a second: what has changed since the last look.
 *
 * Registers and memory behind the planes' logic set one flag, and the picture is drawn anew. Memory
 * that the CPU writes directly (the linear frame buffer, mode 13h's window) is traced page by page:
 * the first write marks the page and takes the trace off, so the writes behind it cost nothing; the
 * next look draws the lines of marked pages and traces them again.
 */
#include "hw/vga.h"
#include "hw/vga_draw.h"

#define WINDOW_BASE  0xa0000u
#define WINDOW_PAGES 16u

static void written(void *opaque, phys_addr_t addr, unsigned len)
{
    struct vga *s = opaque;
    phys_addr_t window = addr - WINDOW_BASE, linear = addr - s->watched_base;

    (void)len;
    if (window < WINDOW_PAGES << PAGE_SHIFT) {
        vga_mark(s, s->window_at + (uint32_t)window);
    } else if (s->watched_base && linear < VGA_MEM_SIZE) {
        vga_mark(s, (uint32_t)linear);
    }
    physmem_trace_clear(&s->machine->mem, addr, TRACE_DISPLAY);
}

static void watch_page(struct vga *s, uint32_t page)
{
    struct physmem *pm = &s->machine->mem;
    uint32_t in_window = page - (s->window_at >> PAGE_SHIFT);

    s->dirty[page] = 0;
    if (s->watched_base) {
        physmem_trace_set(pm, s->watched_base + ((phys_addr_t)page << PAGE_SHIFT), TRACE_DISPLAY);
    }
    if (in_window < WINDOW_PAGES && pm->region[s->window_region].enabled) {
        physmem_trace_set(pm, WINDOW_BASE + (in_window << PAGE_SHIFT), TRACE_DISPLAY);
    }
}

void vga_window_moved(struct vga *s)
{
    struct physmem *pm = &s->machine->mem;

    for (uint32_t p = 0; p < WINDOW_PAGES; p++) {
        phys_addr_t page = WINDOW_BASE + (p << PAGE_SHIFT);

        if (s->watched) {
            physmem_trace_set(pm, page, TRACE_DISPLAY);
        }
        if (physmem_traced(pm, page) & TRACE_CODE) {
            physmem_contents_changed(pm); /* a program runs in there */
        }
    }
}

/* Calls fn for each page that bytes [at, at + len) lie in; true if one call was. */
static bool for_pages(struct vga *s, uint32_t at, uint32_t len, bool (*fn)(struct vga *, uint32_t))
{
    bool any = false;

    for (uint32_t p = at >> PAGE_SHIFT; p <= (at + len - 1) >> PAGE_SHIFT; p++) {
        any |= fn(s, p & ((VGA_MEM_SIZE >> PAGE_SHIFT) - 1));
    }
    return any;
}

static bool is_dirty(struct vga *s, uint32_t page)
{
    return s->dirty[page];
}

static bool was_dirty(struct vga *s, uint32_t page)
{
    bool was = s->dirty[page];

    if (was) {
        watch_page(s, page);
    }
    return was;
}

static bool watch_again(struct vga *s, uint32_t page)
{
    watch_page(s, page);
    return true;
}

/* A DISPI mode of which only memory has changed. */
static bool refresh_lines(struct vga *s, struct picture *out, uint32_t *first, uint32_t *end)
{
    uint32_t at, len;

    *first = out->height;
    *end = 0;
    for (uint32_t y = 0; y < out->height; y++) {
        len = vbe_line_at(s, y, &at);
        if (for_pages(s, at, len, is_dirty)) {
            vbe_draw(s, out, y, y + 1);
            *first = y < *first ? y : *first;
            *end = y + 1;
        }
    }
    for (uint32_t y = *first; y < *end; y++) {
        len = vbe_line_at(s, y, &at);
        for_pages(s, at, len, was_dirty);
    }
    return *first < *end;
}

/* Everything that is shown is to be traced from here on. */
static void watch_all(struct vga *s, uint32_t height)
{
    uint32_t at, len;

    if (!s->watched) {
        s->watched = true;
        physmem_hook_writes(&s->machine->mem, TRACE_DISPLAY, written, s);
    }
    s->watched_base = vbe_lfb_base(s);
    if (!vbe_enabled(s)) {
        for_pages(s, 0, WINDOW_PAGES << PAGE_SHIFT, watch_again);
        return;
    }
    for (uint32_t y = 0; y < height; y++) {
        len = vbe_line_at(s, y, &at);
        for_pages(s, at, len, watch_again);
    }
}

static bool blinked(struct vga *s)
{
    uint64_t phase = vga_blink_phase(s), old = s->drawn_phase;
    bool text = !(s->gc[GC_MISC] & GC_MISC_GRAPHICS) && !vbe_enabled(s);

    s->drawn_phase = phase;
    return text && phase != old;
}

bool vga_refresh(struct vga *s, struct picture *out, uint32_t *first, uint32_t *end)
{
    bool all = blinked(s) || s->changed || !s->watched || s->watched_base != vbe_lfb_base(s) ||
               !out->pixels;

    if (!all && vbe_enabled(s) && s->dispi[DISPI_BPP] >= 8) {
        return refresh_lines(s, out, first, end);
    }
    if (!all && !for_pages(s, 0, WINDOW_PAGES << PAGE_SHIFT, is_dirty)) {
        return false;
    }
    s->changed = false;
    vga_picture(s, out);
    watch_all(s, out->height);
    *first = 0;
    *end = out->height;
    return true;
}
