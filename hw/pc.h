/* SPDX-License-Identifier: MIT */
/*
 * The board: a PC with the 440FX chip set, or an AT without PCI. Creates the chips, connects their
 * lines, loads firmware or a kernel, and turns instructions into time. What front ends drive.
 */
#ifndef HW_PC_H
#define HW_PC_H

#include "hw/machine.h"
#include "host/block.h"
#include "host/chardev.h"
#include "host/display.h"
#include "host/net.h"

struct pc_drive {
    const char *id, *qdev; /* what clients call the drive and the device; NULL: by its place */
    struct block
        *block; /* NULL: floppy or CD drive without a medium. Owned by the machine once created */
    bool present;
    bool cdrom;    /* IDE only */
    uint8_t type;  /* floppy only, as fdc_create() takes it */
    uint8_t order; /* in which clients list the drives: that of the options */
};

enum pc_nic_model { PC_NIC_NE2K_PCI, PC_NIC_NE2K_ISA };
struct pc_nic {
    enum pc_nic_model model;
    const char *id;  /* what clients call it; NULL: by its model */
    struct net *net; /* NULL: no cable. Owned by the machine once created */
    uint8_t mac[6];
    uint16_t iobase;     /* ISA */
    uint8_t irq;         /* ISA */
    const char *romfile; /* PCI; NULL: no option ROM */
};
#define PC_NICS        4
#define PC_PARALLELS   2
#define PC_OPTION_ROMS 8u

enum pc_clock {
    PC_CLOCK_VIRTUAL, /* retired instructions << shift, in ns; a halted CPU jumps to the next event
                       */
    PC_CLOCK_HOST,    /* the host's monotonic clock */
};

enum pc_accel {
    PC_ACCEL_BEST, /* the translator where the host has a back end, else the interpreter */
    PC_ACCEL_INTERP,
    PC_ACCEL_TCG,
    PC_ACCEL_LOCKSTEP, /* both, side by side and compared: hw/lockstep.h */
};

/* How the translator works, for tests and a look at it; all false: as fast as it can. */
struct pc_translator {
    bool eager;       /* everything is translated at once and each way, not only what repeats */
    bool unoptimised; /* no passes but those needed, no chaining */
    bool one_insn;    /* a block is one instruction */
    bool check_ir; /* IR is printed, parsed and verified; what is not the same ends the program */
    bool perfmap;  /* writes /tmp/perf-PID.map, for Linux's perf */
    bool jitdump;  /* writes jit-PID.dump */
};

struct pc_config {
    enum pc_accel accel;
    struct pc_translator translator;
    uint32_t lockstep_every; /* instructions between comparisons; 0: 64 */
    const char *cpu_model;   /* "max" */
    bool isapc;              /* no PCI: an AT, not the 440FX board */
    bool acpi_off;           /* no power management function */
    uint32_t ram_size;       /* bytes, multiple of 1 MiB, 1 MiB to 3 GiB */
    const char *bios_path;   /* NULL: the built-in one */
    const char *vgabios_path;
    struct pc_drive floppy[2];
    struct pc_drive ide[4]; /* primary master, slave, secondary master, slave */
    struct pc_nic nic[PC_NICS];
    unsigned nic_count;
    struct chardev *serial[4];              /* NULL: no such port */
    struct chardev *parallel[PC_PARALLELS]; /* the same */
    struct chardev *debugcon;               /* ports debugcon_base (E9h) and 402h */
    uint16_t debugcon_base;
    bool debug_exit; /* isa-debug-exit */
    uint16_t debug_exit_base, debug_exit_size;
    const char *kernel, *initrd, *append; /* initrd: for Multiboot, comma-separated modules */
    const char *const *option_rom;        /* files, at most PC_OPTION_ROMS */
    unsigned option_rom_count;
    char boot_order[8]; /* letters a c d n */
    bool vga;
    int64_t rtc_base; /* seconds since 1970 at power-on */
    enum pc_clock clock;
    unsigned clock_shift; /* virtual: ns per instruction = 1 << shift */
    bool keep_dead_halt;  /* HLT with interrupts off is PC_IDLE for good, not STOP_DEAD_HALT */
};

/* Takes the drives and streams of the config. NULL and a one-line message on failure (caller
 * frees). */
struct machine *pc_create(const struct pc_config *config, char **error);
void pc_destroy(struct machine *m);
void pc_reset(struct machine *m); /* the reset button; also clears a stop request */

enum pc_run_result {
    PC_RAN,     /* the instructions were used up: call again */
    PC_IDLE,    /* HLT: nothing to do before pc_next_event() unless input arrives */
    PC_STOPPED, /* m->stop says why */
};

/* Runs at most n instructions, and the events that come due. Exact: two runs stop at the same
 * places. */
enum pc_run_result pc_run(struct machine *m, uint32_t n);
/* Guest ns of the next event, or CLOCK_NEVER. */
uint64_t pc_next_event(struct machine *m);
/* While idle: lets guest time go on to `when` (virtual clock), firing what is due. */
void pc_advance(struct machine *m, uint64_t when);

/* Input. key is from hw/keys.h; the keyboard queues at most 16 bytes as the real one does. */
enum key_code;
void pc_key(struct machine *m, enum key_code key, bool down);
/* Right, down and towards the user are positive. */
void pc_mouse_move(struct machine *m, int dx, int dy, int dz);
/* 1 left, 2 right, 4 middle; 8 side and 16 extra, which the guest sees when it asked for five
 * buttons. */
void pc_mouse_buttons(struct machine *m, unsigned buttons);

/* NULL on an isapc. */
struct pci_bus;
struct pci_bus *pc_pci(struct machine *m);
/* The local or the I/O APIC's registers as text (caller frees); NULL: there is none. */
char *pc_apic_text(struct machine *m, bool io);
/* What the translator has done, as text (caller frees); NULL: there is none. */
char *pc_jit_text(struct machine *m);
void pc_nmi(struct machine *m);
/* A port from outside. */
uint32_t pc_read_port(struct machine *m, uint16_t port, unsigned size);
void pc_write_port(struct machine *m, uint16_t port, uint32_t val, unsigned size);
/* Presses the power button; false: the board has none. */
bool pc_power_button(struct machine *m);

/* The screen as it is now. 0x0 without a VGA. */
void pc_screen(struct machine *m, struct picture *out);
/* vga_refresh(), vga_text(): for a window, for a terminal. */
bool pc_screen_refresh(struct machine *m, struct picture *out, uint32_t *first, uint32_t *end);
void pc_screen_text(struct machine *m, struct text_screen *out);

/*
 * Media change: NULL ejects. floppy 0-1; ide 0-3 (CD drives only). Takes the block. A message
 * (caller frees): a lockstep's second machine cannot have it, nothing has changed.
 */
char *pc_set_floppy(struct machine *m, unsigned drive, struct block *block);
char *pc_set_cdrom(struct machine *m, unsigned drive, struct block *block);
/* A CD drive's tray, which a medium is put on or taken from while it is open, and the guest's lock.
 */
bool pc_tray_open(struct machine *m, unsigned drive);
bool pc_tray_locked(struct machine *m, unsigned drive);
void pc_set_tray(struct machine *m, unsigned drive, bool open);
/* The button of a locked drive: the guest is told; force takes the lock away. */
void pc_request_eject(struct machine *m, unsigned drive, bool force);

#endif
