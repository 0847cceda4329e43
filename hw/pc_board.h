/* SPDX-License-Identifier: MIT */
/*
 * Inside the board: what pc.c, which builds it, shares with pc_run.c, pc_front.c and lockstep.c.
 */
#ifndef HW_PC_BOARD_H
#define HW_PC_BOARD_H

#include "host/chardev.h"
#include "hw/line.h"
#include "hw/machine.h"
#include "hw/pc.h"
#include "hw/pc_boot.h"

/* What the board itself saves: a device like the others. */
struct board {
    uint64_t
        ns_offset; /* virtual: ns beyond the instruction count; host: host ns at guest time 0 */
    uint64_t frozen_at; /* host: guest time while the machine is stopped */
    bool frozen;
    bool cpu_reset_wanted;
    bool serial_irq[4];        /* interrupt outputs of COM1-4 */
    uint16_t isa_irq, pci_irq; /* interrupt inputs, by who drives them */

    /* The firmware that the guest may be in the middle of: a newer one may differ. pc_roms owns it.
     */
    uint8_t *bios, *vgabios, *bios_shadow, *upper;
    uint32_t bios_size, vgabios_size, bios_shadow_size, upper_size;

    /* Not saved. */
    struct pc *pc;
};

struct pc {
    struct machine m;
    struct board *board;
    enum pc_clock clock;
    unsigned shift;
    bool keep_dead_halt;
    bool running; /* inside cpu_run() */
    struct pc_roms roms;
    struct pic *pic;
    struct rtc *rtc;
    struct kbc *kbc;
    struct vga *vga;
    struct fdc *fdc;
    struct ide *ide[2];
    struct pci_bus *pci; /* NULL on an isapc */
    struct piix3_ide *bus_master;
    struct piix4_pm *pm; /* NULL without ACPI */
    struct apic *apic;   /* NULL: the 8259s alone */
    struct ioapic *ioapic;
    struct line ferr;

    /* Lockstep: the second machine, instructions between comparisons. */
    struct machine *twin;
    struct chardev *own_stream[4 + PC_PARALLELS]; /* of a twin: nobody else closes them */
    uint32_t every;
    uint32_t compared; /* how often */
    struct serial_mirror {
        struct pc *pc;
        struct chardev *to;   /* the second machine's */
        struct chardev first; /* as the first machine's port had connected itself */
    } mirror[4];
};

/* One machine, as pc_create(), whatever config->accel says of a second. */
struct machine *pc_create_one(const struct pc_config *config, char **error);
/* The CPU's RESET pin. */
void pc_board_reset(void *opaque);

/* Guest time, for the clock and the CPU's TSC. */
uint64_t pc_now(void *opaque);
/* Virtual clock: sets guest time while the CPU is not running. */
void pc_set_now(struct pc *pc, uint64_t now);
/* The clock's next event is earlier than it was. */
void pc_deadline_moved(void *opaque, uint64_t when);
/* pc_run() of this machine alone. */
enum pc_run_result pc_run_alone(struct machine *m, uint32_t n);

#endif
