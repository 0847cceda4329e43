/* SPDX-License-Identifier: MIT */
/*
 * What the front ends ask of the board and do to it: input, ports, the screen, media. A lockstep's
 * second machine gets the same at the same instruction.
 */
#include "hw/pc_board.h"

#include <stdio.h>

#include "cpu/cpu.h"
#include "hw/apic.h"
#include "hw/fdc.h"
#include "hw/ide.h"
#include "hw/io.h"
#include "hw/kbc.h"
#include "hw/lockstep.h"
#include "hw/piix4_pm.h"
#include "hw/vga.h"
#include "tcg/exec.h"

void pc_key(struct machine *m, enum key_code key, bool down)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_key(m->pc->twin, key, down);
    }
    kbc_key(m->pc->kbc, key, down);
}

void pc_mouse_move(struct machine *m, int dx, int dy, int dz)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_mouse_move(m->pc->twin, dx, dy, dz);
    }
    kbc_mouse_move(m->pc->kbc, dx, dy, dz);
}

void pc_mouse_buttons(struct machine *m, unsigned buttons)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_mouse_buttons(m->pc->twin, buttons);
    }
    kbc_mouse_buttons(m->pc->kbc, buttons);
}

void pc_nmi(struct machine *m)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_nmi(m->pc->twin);
    }
    cpu_raise_nmi(m->cpu);
}

/* To read may change a chip as well. */
uint32_t pc_read_port(struct machine *m, uint16_t port, unsigned size)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_read_port(m->pc->twin, port, size);
    }
    return io_read(m, port, size);
}

void pc_write_port(struct machine *m, uint16_t port, uint32_t val, unsigned size)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_write_port(m->pc->twin, port, val, size);
    }
    io_write(m, port, val, size);
}

struct pci_bus *pc_pci(struct machine *m)
{
    return m->pc->pci;
}

char *pc_apic_text(struct machine *m, bool io)
{
    if (!m->pc->apic) {
        return NULL;
    }
    return io ? ioapic_describe(m->pc->ioapic) : apic_describe(m->pc->apic);
}

char *pc_jit_text(struct machine *m)
{
    struct tcg_stats t;
    char checked[48] = "";

    if (!tcg_get_stats(m->cpu, &t)) {
        return NULL;
    }
    if (t.checked) {
        snprintf(checked, sizeof(checked), "\nIR checked %llu times",
                 (unsigned long long)t.checked);
    }
    return xasprintf(
        "code %llu KiB of %u KiB\n"
        "blocks translated %llu, dropped %llu; a region evicted %llu times, at most %llu us each\n"
        "exits linked %llu, indirect jumps predicted %llu, returns to the run loop %llu, "
        "calls of the interpreter %llu\n"
        "instructions %llu%s\n",
        (unsigned long long)t.code_bytes >> 10, TCG_CODE_SIZE >> 10,
        (unsigned long long)t.translated, (unsigned long long)t.dropped,
        (unsigned long long)t.evictions, (unsigned long long)t.longest / 1000,
        (unsigned long long)t.linked, (unsigned long long)t.predicted, (unsigned long long)t.exits,
        (unsigned long long)t.calls, (unsigned long long)cpu_icount(m->cpu), checked);
}

bool pc_power_button(struct machine *m)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_power_button(m->pc->twin);
    }
    if (m->pc->pm) {
        piix4_pm_event(m->pc->pm, PIIX4_POWER_BUTTON);
    }
    return m->pc->pm;
}

void pc_screen(struct machine *m, struct picture *out)
{
    if (m->pc->vga) {
        vga_picture(m->pc->vga, out);
    } else {
        picture_resize(out, 0, 0);
    }
}

bool pc_screen_refresh(struct machine *m, struct picture *out, uint32_t *first, uint32_t *end)
{
    return m->pc->vga && vga_refresh(m->pc->vga, out, first, end);
}

void pc_screen_text(struct machine *m, struct text_screen *out)
{
    if (m->pc->vga) {
        vga_text(m->pc->vga, out);
    } else {
        *out = (struct text_screen){.blank = true};
    }
}

char *pc_set_floppy(struct machine *m, unsigned drive, struct block *block)
{
    char *error = lockstep_set_medium(m, drive, block, pc_set_floppy);

    if (!error) {
        fdc_set_media(m->pc->fdc, drive & 1, block);
    }
    return error;
}

static struct ide *channel_of(struct machine *m, unsigned drive)
{
    return m->pc->ide[drive >> 1 & 1];
}

char *pc_set_cdrom(struct machine *m, unsigned drive, struct block *block)
{
    char *error = lockstep_set_medium(m, drive, block, pc_set_cdrom);

    if (!error) {
        ide_set_media(channel_of(m, drive), drive & 1, block);
    }
    return error;
}

bool pc_tray_open(struct machine *m, unsigned drive)
{
    return ide_tray_open(channel_of(m, drive), drive & 1);
}

bool pc_tray_locked(struct machine *m, unsigned drive)
{
    return ide_media_locked(channel_of(m, drive), drive & 1);
}

void pc_set_tray(struct machine *m, unsigned drive, bool open)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_set_tray(m->pc->twin, drive, open);
    }
    ide_set_tray(channel_of(m, drive), drive & 1, open);
}

void pc_request_eject(struct machine *m, unsigned drive, bool force)
{
    if (m->pc->twin) {
        lockstep_catch_up(m->pc);
        pc_request_eject(m->pc->twin, drive, force);
    }
    ide_request_eject(channel_of(m, drive), drive & 1, force);
}
