/* SPDX-License-Identifier: MIT */
/*
 * The command line, as data. options.def is the table that everything reads: this parser, --help,
 * the manual page and the shells' completions.
 *
 * Parsing touches nothing on the host. What is wrong ends the program with one line and status 1.
 */
#ifndef FRONTENDS_OPTIONS_H
#define FRONTENDS_OPTIONS_H

#include "base/types.h"
#include "host/chardev.h"
#include "hw/pc.h"

#define MAX_DRIVES  16
#define MAX_STREAMS 24

enum drive_bus { DRIVE_IDE, DRIVE_FLOPPY, DRIVE_NONE /* a -device takes it */ };

struct drive_option {
    const char *option; /* how it was given: "-hda", "-drive" */
    char *file;         /* NULL: an empty drive */
    char *id, *qdev;    /* of -drive; of the -device that it belongs to */
    enum drive_bus bus;
    int index; /* -1: the next free one */
    bool cdrom, snapshot, read_only;
};

/* Who uses a stream. */
enum stream_use {
    STREAM_SERIAL,
    STREAM_PARALLEL,
    STREAM_DEBUGCON,
    STREAM_QMP,
    STREAM_MONITOR,
};

/* A host stream; the first users of one with mux share it. */
struct stream_option {
    char *id;
    struct chardev_spec spec; /* strings owned */
    bool mux;                 /* Ctrl-A commands; more than one user */
};

/* One user of a stream. */
struct stream_user {
    enum stream_use use;
    unsigned port; /* serial: 0-3, parallel: 0-1 */
    char *stream;  /* id */
};

enum display {
    DISPLAY_DEFAULT, /* while parsing */
    DISPLAY_NONE,
    DISPLAY_TERM,
    DISPLAY_SDL,
};

/* -netdev, and what -nic and -net make. */
struct netdev_option {
    char *id;
    char *net, *host, *dns, *dhcpstart, *hostname, *domainname, *tftp, *bootfile, *tftp_server_name;
    char *forward[16];
    unsigned forward_count;
    bool restricted;
    bool taken; /* a card is on it */
};

struct nic_option {
    enum pc_nic_model model;
    char *id;      /* of -device; NULL: by its model */
    char *netdev;  /* id; NULL: no cable */
    char *romfile; /* NULL: no option ROM */
    uint8_t mac[6];
    uint16_t iobase;
    uint8_t irq;
};

struct dump_option {
    char *id, *netdev, *path;
    uint32_t max;
};

/* What, with G, grabs the mouse. */
enum grab_mod { GRAB_CTRL_ALT, GRAB_SHIFT_CTRL_ALT, GRAB_RIGHT_CTRL };

enum triple_fault_action { TRIPLE_RESET, TRIPLE_EXIT, TRIPLE_PAUSE };

struct options {
    enum pc_accel accel;
    uint32_t lockstep_every;
    struct pc_translator translator;
    bool isapc, acpi_off;
    char *cpu_model;
    uint32_t ram_size;
    char *bios, *vgabios;
    char *kernel, *initrd, *append;
    char *option_rom[PC_OPTION_ROMS];
    unsigned option_rom_count;
    char boot_order[8];
    bool vga;
    bool vga_given;

    struct drive_option drive[MAX_DRIVES];
    unsigned drive_count;
    char *image; /* the image named without an option */
    bool snapshot;
    char *loadvm, *snapshot_dir;

    struct stream_option stream[MAX_STREAMS];
    unsigned stream_count;
    struct stream_user user[MAX_STREAMS];
    unsigned user_count;
    unsigned serial_count, parallel_count; /* -serial and -parallel options, "none" too */
    bool serial_given, parallel_given, monitor_given;

    struct netdev_option netdev[PC_NICS];
    unsigned netdev_count;
    struct nic_option nic[PC_NICS];
    unsigned nic_count;
    struct dump_option dump[8];
    unsigned dump_count;
    bool net_given, net_legacy; /* no default card; -net user and -net nic belong together */

    uint16_t debugcon_base;
    uint8_t floppy_type[2]; /* as the CMOS numbers them; 0: as the medium */
    bool debug_exit;
    uint16_t debug_exit_base, debug_exit_size;

    bool nodefaults, nographic, display_given;
    enum display display;
    bool full_screen, gl;
    bool window_stays; /* its close button does nothing */
    bool hide_cursor;  /* the host's, over the window */
    enum grab_mod grab_mod;
    bool no_reboot, no_shutdown, paused;
    enum triple_fault_action on_triple_fault;
    bool exit_on_dead_halt;

    bool host_clock, clock_given;
    unsigned clock_shift;
    bool sleep; /* an idle guest lets the host's time pass */
    bool rtc_given;
    int64_t rtc_base;

    char *log_names, *log_path;
    char *name, *pid_path;
};

/* Ends the program after -help, -version and lists, and for errors. */
void options_parse(struct options *o, int argc, char **argv);
/* The window that would have been the default cannot be had. */
void options_without_window(struct options *o);
void options_free(struct options *o);

#endif
