/* SPDX-License-Identifier: MIT */
/*
 * The table of options, the loop over the command line, -help; then what nobody asked for gets its
 * default, and what contradicts is refused.
 */
#include "frontends/options_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/nearest.h"

void set_string(char **field, const char *arg)
{
    free(*field);
    *field = xstrdup(arg);
}

void not_yet(const char *option, const char *what)
{
    fatal("%s: '%s' is not in this machine yet", option, what);
}

static const struct option {
    const char *name, *argument; /* name is NULL for a heading, whose text is help */
    void (*fn)(struct parse *p, const char *arg);
    const char *help;
} option_table[] = {
#define HEADING(text)                                {NULL, NULL, NULL, text},
#define OPTION(name, argument, fn, completion, help) {name, argument, option_##fn, help},
#include "frontends/options.def"
#undef HEADING
#undef OPTION
};

static void print_indented(const char *text)
{
    for (;;) {
        size_t n = strcspn(text, "\n");

        printf("        %.*s\n", (int)n, text);
        if (!text[n]) {
            return;
        }
        text += n + 1;
    }
}

void option_help(struct parse *p, const char *arg)
{
    (void)p;
    (void)arg;
    puts("usage: gnomon [options] [IMAGE]\n\n"
         "Runs a PC. IMAGE is a floppy, hard disk or CD-ROM image to boot from.");
    for (size_t i = 0; i < ARRAY_LEN(option_table); i++) {
        const struct option *opt = &option_table[i];

        if (!opt->name) {
            printf("\n%s:\n", opt->help);
            continue;
        }
        printf("  -%s%s%s\n", opt->name, opt->argument ? " " : "",
               opt->argument ? opt->argument : "");
        print_indented(opt->help);
    }
    puts("\nExit status: 0 the guest powered off, or quit; 1 bad usage or the machine cannot "
         "start;\n"
         "odd: isa-debug-exit; 4 reset with -no-reboot; 6 triple fault; 8 dead halt; 128 + n: "
         "signal n.");
    exit(0);
}

static const struct option *find_option(const char *name)
{
    const char *names[ARRAY_LEN(option_table)];
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(option_table); i++) {
        if (option_table[i].name && !strcmp(option_table[i].name, name)) {
            return &option_table[i];
        }
        if (option_table[i].name) {
            names[n++] = option_table[i].name;
        }
    }
    static const char *const later[] = {"gdb",       "s",          "vnc",     "trace", "plugin",
                                        "daemonize", "audiodev",   "soundhw", "echr",  "readconfig",
                                        "usb",       "enable-kvm", NULL};

    if (is_one_of(name, later)) {
        fatal("option '-%s' is not in this program yet", name);
    }
    fatal("option '-%s' is unknown: did you mean '-%s'?", name, nearest_name(name, names, n));
}

/* As QEMU: a window where there is somewhere to show it. */
static void default_display(struct options *o)
{
    if (o->display == DISPLAY_DEFAULT) {
        o->display = getenv("DISPLAY") || getenv("WAYLAND_DISPLAY") ? DISPLAY_SDL : DISPLAY_NONE;
    }
}

/* A person at a screen wants the host's time, a script the same run each time. */
static void default_clock(struct options *o)
{
    if (!o->clock_given && o->accel != PC_ACCEL_LOCKSTEP) {
        o->host_clock = o->display != DISPLAY_NONE;
    }
    if (!o->rtc_given) {
        o->rtc_base = o->host_clock ? time(NULL) : 946684800; /* 2000-01-01: every run the same */
    }
}

void options_without_window(struct options *o)
{
    o->display = DISPLAY_NONE;
    default_clock(o);
}

static void check(struct parse *p)
{
    struct options *o = p->o;

    if (o->initrd && !o->kernel) {
        fatal("-initrd needs -kernel");
    }
    if (o->append && !o->kernel) {
        fatal("-append needs -kernel");
    }
    if (p->debugcon_global && !p->debugcon_given) {
        fatal("-global: isa-debugcon.iobase needs -debugcon");
    }
    if (o->log_path && !o->log_names) {
        fatal("-D needs -d: nothing is logged otherwise");
    }
    for (unsigned i = 0; i < o->drive_count; i++) {
        if (o->drive[i].bus == DRIVE_NONE) {
            fatal("-drive: nothing uses the drive '%s': add -device ide-hd,drive=ID or leave "
                  "if=none out",
                  o->drive[i].id     ? o->drive[i].id
                  : o->drive[i].file ? o->drive[i].file
                                     : "");
        }
    }
    if (!o->vga_given) {
        o->vga = !o->nodefaults;
    }
    default_display(o);
    if (o->full_screen && o->display != DISPLAY_SDL) {
        fatal("-full-screen needs a window: -display sdl");
    }
    default_clock(o);
    nets_check(o);
    streams_check(p);
}

void options_parse(struct options *o, int argc, char **argv)
{
    struct parse p = {.o = o};

    *o = (struct options){.ram_size = 128u << 20,
                          .clock_shift = 3,
                          .sleep = true,
                          .debugcon_base = 0xe9,
                          .cpu_model = xstrdup("max")};
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];

        if (arg[0] != '-' || !arg[1]) {
            if (o->image) {
                fatal("'%s': one image without an option is enough ('%s'); use -drive for more",
                      arg, o->image);
            }
            set_string(&o->image, arg);
            continue;
        }
        const struct option *opt = find_option(arg + 1 + (arg[1] == '-'));

        if (opt->argument && i + 1 == argc) {
            fatal("option '-%s' needs an argument: %s", opt->name, opt->argument);
        }
        p.option = xasprintf("-%s", opt->name);
        opt->fn(&p, opt->argument ? argv[++i] : NULL);
        for (unsigned d = 0; d < o->drive_count; d++) {
            if (o->drive[d].option == p.option) {
                o->drive[d].option = argv[opt->argument ? i - 1 : i];
            }
        }
        free((char *)(uintptr_t)p.option);
    }
    p.option = "defaults";
    check(&p);
}

void options_free(struct options *o)
{
    char **strings[] = {&o->cpu_model, &o->bios,   &o->vgabios,     &o->kernel,   &o->initrd,
                        &o->append,    &o->image,  &o->log_names,   &o->log_path, &o->name,
                        &o->pid_path,  &o->loadvm, &o->snapshot_dir};

    for (unsigned i = 0; i < o->option_rom_count; i++) {
        free(o->option_rom[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
        free(*strings[i]);
    }
    for (unsigned i = 0; i < o->drive_count; i++) {
        free(o->drive[i].file);
        free(o->drive[i].id);
        free(o->drive[i].qdev);
    }
    for (unsigned i = 0; i < o->stream_count; i++) {
        free(o->stream[i].id);
        free((char *)(uintptr_t)o->stream[i].spec.path);
        free((char *)(uintptr_t)o->stream[i].spec.host);
        free((char *)(uintptr_t)o->stream[i].spec.port);
    }
    for (unsigned i = 0; i < o->user_count; i++) {
        free(o->user[i].stream);
    }
    nets_free(o);
}
