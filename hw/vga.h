/* SPDX-License-Identifier: MIT */
/*
 * The display adapter: an IBM VGA with 256 KiB of planar memory, and the Bochs DISPI extension with
 * a linear frame buffer.
 */
#ifndef HW_VGA_H
#define HW_VGA_H

#include "host/display.h"

struct machine;
struct vga;

/* Claims its ports, A0000h-BFFFFh and the linear frame buffer: at E0000000h, or with a bus where
 * base address 0 of device 2 says. */
struct pci_bus;
struct vga *vga_create(struct machine *m, struct pci_bus *bus);
/* The image in its expansion ROM on a PCI bus; it is copied. Nothing on an ISA card. */
void vga_set_rom(struct vga *s, const uint8_t *bytes, uint32_t size);
/* The screen as it is now, in the mode's own size: blank screens are black. */
void vga_picture(struct vga *s, struct picture *out);
/*
 * The same for somebody who looks again and again: out is what the last call left. False: nothing
 * has changed; else lines [first, end) may have.
 */
bool vga_refresh(struct vga *s, struct picture *out, uint32_t *first, uint32_t *end);
/* The characters of a text mode, or the size of a graphics mode. */
void vga_text(struct vga *s, struct text_screen *out);

#endif
