/* SPDX-License-Identifier: MIT */
/*
 * The board: -machine, -accel, -cpu, -smp, -m, its ROMs, -vga, and how its time goes: -rtc,
 * -icount.
 */
#define _GNU_SOURCE /* timegm */
#include "frontends/options_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "cpu/cpuid.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

static void set_accel(struct parse *p, const char *text)
{
    static const char *const known[] = {"tcg", "interp", "lockstep"};
    static const enum pc_accel accel[] = {PC_ACCEL_TCG, PC_ACCEL_INTERP, PC_ACCEL_LOCKSTEP};

    if (!strcmp(text, "kvm")) {
        fatal("%s: accelerator 'kvm' is not in this machine: it has 'tcg', 'interp' and 'lockstep'",
              p->option);
    }
    p->o->accel = accel[choose("accelerator", text, known, ARRAY_LEN(known))];
}

static void print_accels(void)
{
    puts("Accelerators:\ntcg     the translator (default where the host has a back end)\n"
         "interp  the interpreter\n"
         "lockstep  both side by side, compared every N instructions (every=N)\n"
         "For tests of the translator: eager=on (not only what repeats), optimise=off,\n"
         "one-insn-per-tb=on, check-ir=on (IR as text and back)");
    exit(0);
}

void option_accel(struct parse *p, const char *arg)
{
    static const char *const known[] = {"accel",           "every",    "eager", "optimise",
                                        "one-insn-per-tb", "check-ir", NULL};
    struct pc_translator *t = &p->o->translator;
    struct keyvals k;

    if (asks_for_help(arg)) {
        print_accels();
    }
    keyvals_parse(&k, p->option, arg, "accel");
    keyvals_allow(&k, known);
    set_accel(p, keyvals_get(&k, "accel") ? keyvals_get(&k, "accel") : "");
    if (keyvals_get(&k, "every")) {
        p->o->lockstep_every = (uint32_t)keyvals_number(&k, "every", 64, 1000000);
    }
    t->eager = keyvals_bool(&k, "eager", t->eager);
    t->unoptimised = !keyvals_bool(&k, "optimise", !t->unoptimised);
    t->one_insn = keyvals_bool(&k, "one-insn-per-tb", t->one_insn);
    t->check_ir = keyvals_bool(&k, "check-ir", t->check_ir);
    keyvals_free(&k);
}

void option_machine(struct parse *p, const char *arg)
{
    static const char *const boards[] = {"pc", "isapc"};
    static const char *const known[] = {"type", "accel", "acpi", NULL};
    struct keyvals k;

    if (asks_for_help(arg)) {
        puts("Machines:\npc     PC with PCI: i440FX and PIIX3 (default)\nisapc  AT-compatible, ISA "
             "only");
        exit(0);
    }
    keyvals_parse(&k, p->option, arg, "type");
    keyvals_allow(&k, known);
    if (keyvals_get(&k, "type")) {
        p->o->isapc = choose("machine", keyvals_get(&k, "type"), boards, ARRAY_LEN(boards)) == 1;
    }
    if (keyvals_get(&k, "accel")) {
        set_accel(p, keyvals_get(&k, "accel"));
    }
    p->o->acpi_off = !keyvals_bool(&k, "acpi", true);
    keyvals_free(&k);
}

void option_cpu(struct parse *p, const char *arg)
{
    uint64_t features;
    char *error = NULL;

    if (asks_for_help(arg)) {
        puts("CPUs:");
        for (const char *const *name = cpu_model_names(); *name; name++) {
            printf("  %-12s %s\n", *name, cpu_model_about(*name));
        }
        puts("Features, +name or -name:");
        for (const char *const *name = cpu_feature_names(); *name; name++) {
            printf("  %s", *name);
        }
        puts("");
        exit(0);
    }
    const struct cpu_model *model = cpu_model_parse(arg, &features, &error);

    if (!model) {
        fatal("-cpu: %s", error);
    }
    cpu_model_free(model);
    set_string(&p->o->cpu_model, arg);
}

void option_smp(struct parse *p, const char *arg)
{
    static const char *const known[] = {"cpus", "sockets", "cores", "threads", "maxcpus", NULL};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "cpus");
    keyvals_allow(&k, known);
    for (size_t i = 0; known[i]; i++) {
        if (keyvals_number(&k, known[i], 1, UINT32_MAX) != 1) {
            fatal("-smp: this machine has one processor, not '%s'", arg);
        }
    }
    keyvals_free(&k);
}

void option_memory(struct parse *p, const char *arg)
{
    const char *text = strncmp(arg, "size=", 5) ? arg : arg + 5;
    char digits[24];
    size_t n = strspn(text, "0123456789");
    uint64_t value, unit = MIB;

    if (n >= 1 && n < sizeof(digits)) {
        memcpy(digits, text, n);
        digits[n] = 0;
        switch (text[n]) {
        case 'K':
        case 'k': unit = 1024; break;
        case 'G':
        case 'g': unit = GIB; break;
        default: break;
        }
        bool good = !text[n] || (strchr("KkMmGg", text[n]) && !text[n + 1]);

        if (good && parse_number(digits, &value)) {
            if (value > 3 * GIB / unit) {
                fatal("-m: '%s' is more RAM than this machine takes: at most 3G", arg);
            }
            value *= unit;
            if (value < MIB || value % MIB) {
                fatal("-m: RAM is whole MiB from 1M to 3G, not '%s'", arg);
            }
            p->o->ram_size = (uint32_t)value;
            return;
        }
    }
    fatal("-m: '%s' is no amount of RAM: write for example 64, 512M or 1G", arg);
}

void option_bios(struct parse *p, const char *arg)
{
    set_string(&p->o->bios, arg);
}

void option_vgarom(struct parse *p, const char *arg)
{
    set_string(&p->o->vgabios, arg);
}

void option_vga(struct parse *p, const char *arg)
{
    static const char *const known[] = {"std", "none"};
    static const char *const later[] = {"cirrus", "vmware", "qxl", "virtio", NULL};

    if (is_one_of(arg, later)) {
        not_yet(p->option, arg);
    }
    p->o->vga = choose("display adapter", arg, known, ARRAY_LEN(known)) == 0;
    p->o->vga_given = true;
}

static int64_t parse_date(const char *text)
{
    struct tm t = {0}, back;
    int used = 0;

    if (sscanf(text, "%4d-%2d-%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &used) == 3) {
        if (text[used] == 'T') {
            int more = 0;

            if (sscanf(text + used, "T%2d:%2d:%2d%n", &t.tm_hour, &t.tm_min, &t.tm_sec, &more) !=
                3) {
                used = 0;
            }
            used += more;
        }
        t.tm_year -= 1900;
        t.tm_mon -= 1;
        struct tm copy = t;
        time_t when = timegm(&copy);

        gmtime_r(&when, &back);
        if (used && !text[used] && back.tm_mday == t.tm_mday && back.tm_mon == t.tm_mon &&
            back.tm_hour == t.tm_hour && back.tm_min == t.tm_min && back.tm_sec == t.tm_sec) {
            return (int64_t)when;
        }
    }
    fatal("-rtc: '%s' is no date: write utc, localtime, 2000-01-31 or 2000-01-31T12:30:00", text);
}

void option_rtc(struct parse *p, const char *arg)
{
    static const char *const known[] = {"base", "clock", NULL};
    static const char *const clocks[] = {"vm", "host"};
    struct options *o = p->o;
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "base");
    keyvals_allow(&k, known);
    const char *base = keyvals_get(&k, "base"), *clock = keyvals_get(&k, "clock");

    if (clock && choose("-rtc: clock", clock, clocks, ARRAY_LEN(clocks)) == 1) {
        o->host_clock = true;
    }
    o->clock_given |= clock != NULL;
    if (base) {
        time_t now = time(NULL);
        struct tm local;

        o->rtc_given = true;
        if (!strcmp(base, "utc")) {
            o->rtc_base = now;
        } else if (!strcmp(base, "localtime")) {
            localtime_r(&now, &local);
            o->rtc_base = now + local.tm_gmtoff;
        } else {
            o->rtc_base = parse_date(base);
        }
    }
    keyvals_free(&k);
}

void option_icount(struct parse *p, const char *arg)
{
    static const char *const known[] = {"shift", "sleep", NULL};
    struct options *o = p->o;
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "shift");
    keyvals_allow(&k, known);
    const char *shift = keyvals_get(&k, "shift");

    o->clock_given = true;
    o->sleep = keyvals_bool(&k, "sleep", o->sleep);
    if (shift && !strcmp(shift, "off")) {
        o->host_clock = true;
    } else if (shift) {
        o->clock_shift = (unsigned)keyvals_number(&k, "shift", 0, 10);
        o->host_clock = false;
    }
    if (o->host_clock && !o->sleep) {
        fatal("-icount: sleep=off needs the virtual clock");
    }
    keyvals_free(&k);
}

void option_nodefaults(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->nodefaults = true;
}
