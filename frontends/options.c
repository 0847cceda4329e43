/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* timegm */
#include "frontends/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/nearest.h"
#include "cpu/cpuid.h"
#include "frontends/keyval.h"
#include "frontends/nets.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/* What was asked for before it is known whether there is such a thing. */
struct parse {
    struct options *o;
    const char *option; /* "-drive": for messages */
    bool debugcon_given, debugcon_global;
};

typedef void (*option_fn)(struct parse *p, const char *arg);

static void set_string(char **field, const char *arg)
{
    free(*field);
    *field = xstrdup(arg);
}

static void __attribute__((noreturn)) not_yet(const char *option, const char *what)
{
    fatal("%s: '%s' is not in this machine yet", option, what);
}

/* Machine. */

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

static void option_accel(struct parse *p, const char *arg)
{
    static const char *const known[] = {"accel",           "every",    "eager", "optimise",
                                        "one-insn-per-tb", "check-ir", NULL};
    struct pc_translator *t = &p->o->translator;
    struct keyvals k;

    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
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

static void option_machine(struct parse *p, const char *arg)
{
    static const char *const boards[] = {"pc", "isapc"};
    static const char *const known[] = {"type", "accel", "acpi", NULL};
    struct keyvals k;

    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
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

static void option_cpu(struct parse *p, const char *arg)
{
    uint64_t features;
    char *error = NULL;

    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
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

static void option_smp(struct parse *p, const char *arg)
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

static void option_memory(struct parse *p, const char *arg)
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

static void option_bios(struct parse *p, const char *arg)
{
    set_string(&p->o->bios, arg);
}

static void option_vgarom(struct parse *p, const char *arg)
{
    set_string(&p->o->vgabios, arg);
}

static void option_vga(struct parse *p, const char *arg)
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

static void option_rtc(struct parse *p, const char *arg)
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

static void option_icount(struct parse *p, const char *arg)
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

static void option_netdev(struct parse *p, const char *arg)
{
    nets_option_netdev(p->o, arg);
}

static void option_nic(struct parse *p, const char *arg)
{
    nets_option_nic(p->o, arg);
}

static void option_net(struct parse *p, const char *arg)
{
    nets_option_net(p->o, arg);
}

static void option_object(struct parse *p, const char *arg)
{
    nets_option_object(p->o, arg);
}

static void option_nodefaults(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->nodefaults = true;
}

/* Drives. */

static struct drive_option *add_drive(struct parse *p, const char *file, enum drive_bus bus,
                                      int index)
{
    struct options *o = p->o;

    if (o->drive_count == MAX_DRIVES) {
        fatal("%s: more than %u drives", p->option, MAX_DRIVES);
    }
    struct drive_option *d = &o->drive[o->drive_count++];

    *d = (struct drive_option){
        .option = p->option, .file = file ? xstrdup(file) : NULL, .bus = bus, .index = index};
    return d;
}

static void option_drive(struct parse *p, const char *arg)
{
    static const char *const known[] = {"file",     "format", "if",  "index", "media", "snapshot",
                                        "readonly", "id",     "bus", "unit",  "cache", NULL};
    static const char *const buses[] = {"ide", "floppy", "none"};
    static const char *const later[] = {"virtio", "scsi", "sd", "mtd", "pflash", NULL};
    static const char *const media[] = {"disk", "cdrom"};
    static const char *const formats[] = {"raw"};
    static const char *const formats_later[] = {"qcow2", "vmdk", "vdi", "vpc",
                                                "vhdx",  "qcow", NULL};
    static const char *const caches[] = {"writeback", "writethrough"};
    struct keyvals k;
    enum drive_bus bus = DRIVE_IDE;
    int index = -1;

    keyvals_parse(&k, p->option, arg, NULL);
    keyvals_allow(&k, known);
    const char *text = keyvals_get(&k, "if");

    if (text && is_one_of(text, later)) {
        not_yet(p->option, text);
    }
    if (text) {
        bus = (enum drive_bus)choose("-drive: interface", text, buses, ARRAY_LEN(buses));
    }
    text = keyvals_get(&k, "format");
    if (text && is_one_of(text, formats_later)) {
        fatal("-drive: image format '%s' is not in this machine yet: convert the image to raw",
              text);
    }
    if (text) {
        choose("-drive: image format", text, formats, ARRAY_LEN(formats));
    }
    text = keyvals_get(&k, "cache");
    if (text) {
        choose("-drive: cache mode", text, caches, ARRAY_LEN(caches));
    }
    if (keyvals_get(&k, "index") && (keyvals_get(&k, "bus") || keyvals_get(&k, "unit"))) {
        fatal("-drive: index= excludes bus= and unit=");
    }
    if (keyvals_get(&k, "index")) {
        index = (int)keyvals_number(&k, "index", 0, 255);
    } else if (keyvals_get(&k, "bus") || keyvals_get(&k, "unit")) {
        index = (int)(keyvals_number(&k, "bus", 0, 1) * 2 + keyvals_number(&k, "unit", 0, 1));
    }
    text = keyvals_get(&k, "file");
    struct drive_option *d = add_drive(p, text && text[0] ? text : NULL, bus, index);

    d->snapshot = keyvals_bool(&k, "snapshot", false);
    d->read_only = keyvals_bool(&k, "readonly", false);
    d->cdrom = keyvals_get(&k, "media") &&
               choose("-drive: media", keyvals_get(&k, "media"), media, ARRAY_LEN(media)) == 1;
    if (keyvals_get(&k, "id")) {
        d->id = xstrdup(keyvals_get(&k, "id"));
    }
    if (d->cdrom && bus == DRIVE_FLOPPY) {
        fatal("-drive: a floppy drive takes no media=cdrom");
    }
    if (!d->file && !d->cdrom && bus == DRIVE_IDE) {
        fatal("-drive: a hard disk needs file=");
    }
    keyvals_free(&k);
}

static void option_hda(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 0);
}

static void option_hdb(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 1);
}

static void option_hdc(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 2);
}

static void option_hdd(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 3);
}

static void option_fda(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_FLOPPY, 0);
}

static void option_fdb(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_FLOPPY, 1);
}

static void option_cdrom(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 2)->cdrom = true;
}

static void option_snapshot(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->snapshot = true;
}

static void option_boot(struct parse *p, const char *arg)
{
    static const char *const known[] = {"order", NULL};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "order");
    keyvals_allow(&k, known);
    const char *order = keyvals_get(&k, "order") ? keyvals_get(&k, "order") : "";

    if (!order[0] || strlen(order) >= sizeof(p->o->boot_order) || order[strspn(order, "acdn")]) {
        fatal("-boot: '%s' is no boot order: a is the floppy, c the hard disk, d the CD-ROM, n "
              "a network card's option ROM",
              order);
    }
    strcpy(p->o->boot_order, order);
    keyvals_free(&k);
}

static void option_kernel(struct parse *p, const char *arg)
{
    set_string(&p->o->kernel, arg);
}

static void option_option_rom(struct parse *p, const char *arg)
{
    if (p->o->option_rom_count == PC_OPTION_ROMS) {
        fatal("%s: at most %u option ROMs", p->option, PC_OPTION_ROMS);
    }
    p->o->option_rom[p->o->option_rom_count++] = xstrdup(arg);
}

static void option_initrd(struct parse *p, const char *arg)
{
    set_string(&p->o->initrd, arg);
}

static void option_append(struct parse *p, const char *arg)
{
    set_string(&p->o->append, arg);
}

/* Streams. */

static struct stream_option *find_stream(struct options *o, const char *id)
{
    for (unsigned i = 0; i < o->stream_count; i++) {
        if (!strcmp(o->stream[i].id, id)) {
            return &o->stream[i];
        }
    }
    return NULL;
}

static struct stream_option *add_stream(struct parse *p, const char *id)
{
    struct options *o = p->o;

    if (find_stream(o, id)) {
        fatal("%s: there is already a stream with the id '%s'", p->option, id);
    }
    if (o->stream_count == MAX_STREAMS) {
        fatal("%s: more than %u streams", p->option, MAX_STREAMS);
    }
    struct stream_option *s = &o->stream[o->stream_count++];

    *s = (struct stream_option){.id = xstrdup(id)};
    return s;
}

static void add_user(struct parse *p, enum stream_use use, unsigned port, const char *stream)
{
    struct options *o = p->o;

    if (o->user_count == MAX_STREAMS) {
        fatal("%s: more than %u streams", p->option, MAX_STREAMS);
    }
    o->user[o->user_count++] =
        (struct stream_user){.use = use, .port = port, .stream = xstrdup(stream)};
}

static void take_socket(struct stream_option *s, const struct keyvals *k)
{
    s->spec.server = keyvals_bool(k, "server", false);
    s->spec.wait = keyvals_bool(k, "wait", s->spec.server);
    if (keyvals_get(k, "wait") && !s->spec.server && s->spec.wait) {
        fatal("%s: wait=on is for server=on", k->option);
    }
}

/* "unix:PATH[,...]", "tcp:HOST:PORT[,...]" */
static void parse_socket(struct parse *p, struct stream_option *s, const char *kind,
                         const char *rest)
{
    static const char *const known[] = {"address", "server", "wait", NULL};
    struct keyvals k;

    keyvals_parse(&k, p->option, rest, "address");
    keyvals_allow(&k, known);
    const char *address = keyvals_get(&k, "address");

    if (!address || !address[0]) {
        fatal("%s: '%s:' needs an address", p->option, kind);
    }
    if (!strcmp(kind, "unix")) {
        s->spec.kind = CHARDEV_UNIX;
        s->spec.path = xstrdup(address);
    } else {
        const char *colon = strrchr(address, ':');

        if (!colon || !colon[1]) {
            fatal("%s: 'tcp:' needs HOST:PORT, not '%s'", p->option, address);
        }
        s->spec.kind = CHARDEV_TCP;
        s->spec.host = xasprintf("%.*s", (int)(colon - address), address);
        s->spec.port = xstrdup(colon + 1);
    }
    take_socket(s, &k);
    keyvals_free(&k);
}

/*
 * STREAM of -serial and the like. Makes the stream, unless it is a chardev: that exists; its id is
 * returned in either case. NULL: none.
 */
static char *parse_stream(struct parse *p, const char *text, const char *id)
{
    static const char *const known[] = {
        "stdio", "mon:stdio", "file:", "unix:", "tcp:", "pty", "null", "chardev:", "none", "vc"};
    static const char *const later[] = {"telnet", "udp",     "websocket", "pipe",
                                        "COM",    "braille", NULL};
    const char *colon = strchr(text, ':');
    size_t kind_len = colon ? (size_t)(colon - text) : strlen(text);
    char kind[16] = "";

    if (!strncmp(text, "mon:", 4)) {
        char *used = parse_stream(p, text + 4, id);
        struct stream_option *s = used ? find_stream(p->o, used) : NULL;

        if (!s) {
            fatal("%s: '%s' cannot carry a monitor", p->option, text);
        }
        s->mux = true;
        s->spec.no_signals = true;
        add_user(p, STREAM_MONITOR, 0, used);
        p->o->monitor_given = true;
        return used;
    }
    if (kind_len < sizeof(kind)) {
        memcpy(kind, text, kind_len);
    }
    if (!strcmp(text, "none")) {
        return NULL;
    }
    if (!strcmp(kind, "chardev") && colon) {
        return xstrdup(colon + 1);
    }
    if (!strcmp(kind, "unix") || !strcmp(kind, "tcp")) {
        parse_socket(p, add_stream(p, id), kind, colon ? colon + 1 : "");
    } else if (!strcmp(kind, "file")) {
        if (!colon || !colon[1]) {
            fatal("%s: 'file:' needs a path", p->option);
        }
        struct stream_option *s = add_stream(p, id);

        s->spec.kind = CHARDEV_FILE;
        s->spec.path = xstrdup(colon + 1);
    } else if (!strcmp(text, "stdio")) {
        add_stream(p, id)->spec.kind = CHARDEV_STDIO;
    } else if (!strcmp(text, "pty")) {
        add_stream(p, id)->spec.kind = CHARDEV_PTY;
    } else if (!strcmp(text, "null") || !strcmp(kind, "vc")) {
        add_stream(p, id)->spec.kind = CHARDEV_NULL;
    } else if (is_one_of(kind, later)) {
        not_yet(p->option, text);
    } else {
        fatal("%s: stream '%s' is unknown: did you mean '%s'?", p->option, text,
              nearest_name(text, known, ARRAY_LEN(known)));
    }
    return xstrdup(id);
}

static void need(const struct keyvals *k, const char *kind, const char *key)
{
    const char *value = keyvals_get(k, key);

    if (!value || !value[0]) {
        fatal("-chardev: %s needs %s=", kind, key);
    }
}

static void option_chardev(struct parse *p, const char *arg)
{
    static const char *const kinds[] = {"null", "stdio", "file", "socket", "pty", "vc"};
    static const char *const later[] = {"pipe",     "udp",     "ringbuf",  "serial",
                                        "parallel", "msmouse", "spicevmc", NULL};
    static const char *const common[] = {"backend", "id", "mux", NULL};
    static const char *const stdio_known[] = {"backend", "id", "mux", "signal", NULL};
    static const char *const file_known[] = {"backend", "id", "mux", "path", "append", NULL};
    static const char *const socket_known[] = {"backend", "id",     "mux",  "path", "host",
                                               "port",    "server", "wait", NULL};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "backend");
    const char *kind = keyvals_get(&k, "backend");

    if (kind && is_one_of(kind, later)) {
        not_yet(p->option, kind);
    }
    size_t which = choose("-chardev: backend", kind ? kind : "", kinds, ARRAY_LEN(kinds));

    keyvals_allow(&k, which == 1   ? stdio_known
                      : which == 2 ? file_known
                      : which == 3 ? socket_known
                                   : common);
    need(&k, kind, "id");
    struct stream_option *s = add_stream(p, keyvals_get(&k, "id"));

    s->mux = keyvals_bool(&k, "mux", false);
    switch (which) {
    case 1:
        s->spec.kind = CHARDEV_STDIO;
        s->spec.no_signals = !keyvals_bool(&k, "signal", !s->mux);
        break;
    case 2:
        need(&k, kind, "path");
        s->spec.kind = CHARDEV_FILE;
        s->spec.path = xstrdup(keyvals_get(&k, "path"));
        s->spec.append = keyvals_bool(&k, "append", false);
        break;
    case 3:
        if (!keyvals_get(&k, "path") == !keyvals_get(&k, "port")) {
            fatal("-chardev: socket needs either path=, or host= and port=");
        }
        if (keyvals_get(&k, "path")) {
            s->spec.kind = CHARDEV_UNIX;
            s->spec.path = xstrdup(keyvals_get(&k, "path"));
        } else {
            s->spec.kind = CHARDEV_TCP;
            s->spec.host = xstrdup(keyvals_get(&k, "host") ? keyvals_get(&k, "host") : "");
            s->spec.port = xstrdup(keyvals_get(&k, "port"));
        }
        take_socket(s, &k);
        break;
    case 4: s->spec.kind = CHARDEV_PTY; break;
    default: s->spec.kind = CHARDEV_NULL; break;
    }
    keyvals_free(&k);
}

static void add_serial(struct parse *p, char *stream)
{
    struct options *o = p->o;

    if (o->serial_count == 4) {
        fatal("%s: the machine has four serial ports", p->option);
    }
    o->serial_given = true;
    if (stream) {
        add_user(p, STREAM_SERIAL, o->serial_count, stream);
        free(stream);
    }
    o->serial_count++;
}

static void option_serial(struct parse *p, const char *arg)
{
    char id[16];

    snprintf(id, sizeof(id), "serial%u", p->o->serial_count);
    add_serial(p, parse_stream(p, arg, id));
}

static void add_parallel(struct parse *p, char *stream)
{
    struct options *o = p->o;

    if (o->parallel_count == PC_PARALLELS) {
        fatal("%s: the machine has two parallel ports", p->option);
    }
    o->parallel_given = true;
    if (stream) {
        add_user(p, STREAM_PARALLEL, o->parallel_count, stream);
        free(stream);
    }
    o->parallel_count++;
}

static void option_parallel(struct parse *p, const char *arg)
{
    char id[16];

    snprintf(id, sizeof(id), "parallel%u", p->o->parallel_count);
    add_parallel(p, parse_stream(p, arg, id));
}

static void option_debugcon(struct parse *p, const char *arg)
{
    if (p->debugcon_given) {
        fatal("-debugcon: there is one debug console");
    }
    p->debugcon_given = true;
    char *stream = parse_stream(p, arg, "debugcon");

    if (stream) {
        add_user(p, STREAM_DEBUGCON, 0, stream);
        free(stream);
    }
}

static void add_monitor(struct parse *p, enum stream_use use, const char *arg)
{
    char id[32];

    p->o->monitor_given = true;
    snprintf(id, sizeof(id), "compat_monitor%u", p->o->stream_count);
    char *stream = parse_stream(p, arg, id);

    if (stream) {
        add_user(p, use, 0, stream);
        free(stream);
    }
}

static void option_monitor(struct parse *p, const char *arg)
{
    add_monitor(p, STREAM_MONITOR, arg);
}

static void option_qmp(struct parse *p, const char *arg)
{
    add_monitor(p, STREAM_QMP, arg);
}

static void option_mon(struct parse *p, const char *arg)
{
    static const char *const known[] = {"chardev", "mode", NULL};
    static const char *const modes[] = {"readline", "control"};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "chardev");
    keyvals_allow(&k, known);
    const char *mode = keyvals_get(&k, "mode"), *id = keyvals_get(&k, "chardev");

    if (!id || !id[0]) {
        fatal("-mon: needs chardev=");
    }
    bool control = mode && choose("-mon: mode", mode, modes, ARRAY_LEN(modes)) == 1;

    p->o->monitor_given = true;
    add_user(p, control ? STREAM_QMP : STREAM_MONITOR, 0, id);
    keyvals_free(&k);
}

/* Devices. */

static void device_debug_exit(struct parse *p, const struct keyvals *k)
{
    struct options *o = p->o;

    if (o->debug_exit) {
        fatal("-device: there is one isa-debug-exit");
    }
    o->debug_exit = true;
    o->debug_exit_base = (uint16_t)keyvals_number(k, "iobase", 0x501, 0xffff);
    o->debug_exit_size = (uint16_t)keyvals_number(k, "iosize", 2, 4);
    if (!o->debug_exit_size || o->debug_exit_size == 3) {
        fatal("-device: iosize of isa-debug-exit is 1, 2 or 4");
    }
}

static void device_debugcon(struct parse *p, const struct keyvals *k)
{
    const char *chardev = keyvals_get(k, "chardev");

    if (!chardev) {
        fatal("-device: isa-debugcon needs chardev=");
    }
    if (p->debugcon_given) {
        fatal("-device: there is one debug console");
    }
    p->debugcon_given = true;
    p->o->debugcon_base = (uint16_t)keyvals_number(k, "iobase", 0xe9, 0xffff);
    add_user(p, STREAM_DEBUGCON, 0, chardev);
}

static void device_serial(struct parse *p, const struct keyvals *k)
{
    const char *chardev = keyvals_get(k, "chardev");

    if (!chardev) {
        fatal("-device: isa-serial needs chardev=");
    }
    add_serial(p, xstrdup(chardev));
}

static void device_parallel(struct parse *p, const struct keyvals *k)
{
    const char *chardev = keyvals_get(k, "chardev");

    if (!chardev) {
        fatal("-device: isa-parallel needs chardev=");
    }
    add_parallel(p, xstrdup(chardev));
}

static void attach_drive(struct parse *p, const struct keyvals *k, enum drive_bus bus, bool cdrom)
{
    struct options *o = p->o;
    const char *id = keyvals_get(k, "drive");
    int index = -1;

    if (!id) {
        fatal("-device: a drive needs drive=, the id of a -drive with if=none");
    }
    if (bus == DRIVE_IDE) {
        static const char *const buses[] = {"ide.0", "ide.1"};
        const char *text = keyvals_get(k, "bus");
        int channel = text ? (int)choose("-device: bus", text, buses, ARRAY_LEN(buses)) : -1;

        if (channel >= 0 || keyvals_get(k, "unit")) {
            index = (channel < 0 ? 0 : channel) * 2 + (int)keyvals_number(k, "unit", 0, 1);
        }
    } else if (keyvals_get(k, "unit")) {
        index = (int)keyvals_number(k, "unit", 0, 1);
    }
    for (unsigned i = 0; i < o->drive_count; i++) {
        struct drive_option *d = &o->drive[i];

        if (d->id && !strcmp(d->id, id)) {
            if (d->bus != DRIVE_NONE) {
                fatal("-device: drive '%s' has a place already", id);
            }
            d->bus = bus;
            d->index = index;
            d->cdrom = cdrom;
            d->qdev = keyvals_get(k, "id") ? xstrdup(keyvals_get(k, "id")) : NULL;
            return;
        }
    }
    fatal("-device: there is no drive with the id '%s' (-drive if=none,id=%s,... comes first)", id,
          id);
}

static void device_ide_hd(struct parse *p, const struct keyvals *k)
{
    attach_drive(p, k, DRIVE_IDE, false);
}

static void device_ide_cd(struct parse *p, const struct keyvals *k)
{
    attach_drive(p, k, DRIVE_IDE, true);
}

static void device_floppy(struct parse *p, const struct keyvals *k)
{
    attach_drive(p, k, DRIVE_FLOPPY, false);
}

static void device_vga(struct parse *p, const struct keyvals *k)
{
    (void)k;
    p->o->vga = p->o->vga_given = true;
}

static void device_ne2k_pci(struct parse *p, const struct keyvals *k)
{
    nets_option_device(p->o, PC_NIC_NE2K_PCI, k);
}

static void device_ne2k_isa(struct parse *p, const struct keyvals *k)
{
    nets_option_device(p->o, PC_NIC_NE2K_ISA, k);
}

#define MAX_PROPERTIES 4

/* What -device and -global know. The first word of a property is its name, the rest is help. */
static const struct device_option {
    const char *name, *bus, *help;
    void (*fn)(struct parse *p, const struct keyvals *k);
    struct {
        const char *name, *help;
    } property[MAX_PROPERTIES];
} device_options[] = {
    {"isa-debug-exit",
     "ISA",
     "a write of v ends the program with status (v << 1) | 1",
     device_debug_exit,
     {{"iobase", "<uint16> - port (default 0x501)"},
      {"iosize", "<uint16> - 1, 2 or 4 (default 2)"}}},
    {"isa-debugcon",
     "ISA",
     "bytes written go to a stream",
     device_debugcon,
     {{"chardev", "<str> - id of a -chardev"}, {"iobase", "<uint16> - port (default 0xe9)"}}},
    {"isa-serial",
     "ISA",
     "the next serial port",
     device_serial,
     {{"chardev", "<str> - id of a -chardev"}}},
    {"isa-parallel",
     "ISA",
     "the next parallel port, with a printer",
     device_parallel,
     {{"chardev", "<str> - id of a -chardev"}}},
    {"ide-hd",
     "IDE",
     "hard disk",
     device_ide_hd,
     {{"drive", "<str> - id of a -drive"},
      {"bus", "<str> - ide.0 or ide.1"},
      {"unit", "<uint32> - 0 or 1"}}},
    {"ide-cd",
     "IDE",
     "CD-ROM drive",
     device_ide_cd,
     {{"drive", "<str> - id of a -drive"},
      {"bus", "<str> - ide.0 or ide.1"},
      {"unit", "<uint32> - 0 or 1"}}},
    {"floppy",
     "floppy-bus",
     "floppy drive",
     device_floppy,
     {{"drive", "<str> - id of a -drive"}, {"unit", "<uint32> - 0 or 1"}}},
    {"ne2k_pci",
     "PCI",
     "NE2000 network card for PCI: RTL8029",
     device_ne2k_pci,
     {{"netdev", "<str> - id of a -netdev"},
      {"mac", "<str> - station address"},
      {"romfile", "<str> - file of its option ROM (default: none)"}}},
    {"ne2k_isa",
     "ISA",
     "NE2000 network card for ISA",
     device_ne2k_isa,
     {{"netdev", "<str> - id of a -netdev"},
      {"mac", "<str> - station address"},
      {"iobase", "<uint32> - first port (default 0x300)"},
      {"irq", "<uint32> - interrupt (default 9)"}}},
    {"isa-vga", "ISA", "display adapter, as -vga std", device_vga, {{0}}},
};

/* Names that others use: refused as "not yet" rather than "unknown". */
static const char *const later_devices[] = {"rtl8139",
                                            "pcnet",
                                            "e1000",
                                            "VGA",
                                            "cirrus-vga",
                                            "isa-cirrus-vga",
                                            "sb16",
                                            "adlib",
                                            "gus",
                                            "AC97",
                                            "ES1370",
                                            "cs4231a",
                                            "ib700",
                                            "i6300esb",
                                            "pc-testdev",
                                            "pci-testdev",
                                            "pvpanic",
                                            "virtio-blk-pci",
                                            "virtio-net-pci",
                                            "virtio-serial-pci",
                                            "virtio-9p-pci",
                                            "virtio-balloon-pci",
                                            "virtio-rng-pci",
                                            "vmmouse",
                                            NULL};

static void list_devices(void)
{
    for (size_t i = 0; i < ARRAY_LEN(device_options); i++) {
        printf("name \"%s\", bus %s, desc \"%s\"\n", device_options[i].name, device_options[i].bus,
               device_options[i].help);
    }
    exit(0);
}

static const struct device_option *find_device(const char *option, const char *name)
{
    const char *names[ARRAY_LEN(device_options)];

    if (is_one_of(name, later_devices)) {
        not_yet(option, name);
    }
    for (size_t i = 0; i < ARRAY_LEN(device_options); i++) {
        names[i] = device_options[i].name;
    }
    return &device_options[choose("device", name, names, ARRAY_LEN(names))];
}

static void list_properties(const struct device_option *d)
{
    printf("%s options:\n", d->name);
    for (size_t i = 0; i < MAX_PROPERTIES && d->property[i].name; i++) {
        printf("  %s=%s\n", d->property[i].name, d->property[i].help);
    }
    exit(0);
}

static void option_device(struct parse *p, const char *arg)
{
    const char *known[MAX_PROPERTIES + 3] = {"driver", "id"};
    struct keyvals k;

    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        list_devices();
    }
    keyvals_parse(&k, p->option, arg, "driver");
    const struct device_option *d =
        find_device(p->option, keyvals_get(&k, "driver") ? keyvals_get(&k, "driver") : "");

    if (keyvals_get(&k, "help") || keyvals_get(&k, "?")) {
        list_properties(d);
    }
    for (size_t i = 0; i < MAX_PROPERTIES && d->property[i].name; i++) {
        known[2 + i] = d->property[i].name;
    }
    keyvals_allow(&k, known);
    d->fn(p, &k);
    keyvals_free(&k);
}

static void floppy_type(struct parse *p, const char *name, const char *value)
{
    static const char *const known[] = {"auto", "360", "120", "720", "144", "288"};

    choose(name, value, known, ARRAY_LEN(known));
    for (uint8_t n = 0; n < ARRAY_LEN(known); n++) {
        if (!strcmp(value, known[n])) {
            p->o->floppy_type[name[strlen(name) - 1] == 'B'] = n;
        }
    }
}

static void option_global(struct parse *p, const char *arg)
{
    static const char *const known[] = {"isa-debugcon.iobase", "isa-fdc.fdtypeA",
                                        "isa-fdc.fdtypeB"};
    const char *equals = strchr(arg, '=');
    uint64_t value;

    if (!equals || !memchr(arg, '.', (size_t)(equals - arg))) {
        fatal("-global: '%s' is not DRIVER.PROPERTY=VALUE", arg);
    }
    char *name = xasprintf("%.*s", (int)(equals - arg), arg);

    choose("-global: property", name, known, ARRAY_LEN(known));
    if (!strncmp(name, "isa-fdc", 7)) {
        char *what = xasprintf("-global: %s", name);

        floppy_type(p, what, equals + 1);
        free(what);
        free(name);
        return;
    }
    if (!parse_number(equals + 1, &value) || value > 0xffff) {
        fatal("-global: %s is a port, not '%s'", name, equals + 1);
    }
    p->o->debugcon_base = (uint16_t)value;
    p->debugcon_global = true;
    free(name);
}

/* Display and running. */

static void option_display(struct parse *p, const char *arg)
{
    static const char *const kinds[] = {"none", "term", "curses", "sdl"};
    static const enum display display[] = {DISPLAY_NONE, DISPLAY_TERM, DISPLAY_TERM, DISPLAY_SDL};
    static const char *const known[] = {
        "type", "full-screen", "window-close", "gl", "show-cursor", "grab-mod", NULL};
    static const char *const later[] = {"gtk", "vnc", "dbus", "egl-headless", NULL};
    static const char *const mods[] = {"lctrl-lalt", "lshift-lctrl-lalt", "rctrl"};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "type");
    keyvals_allow(&k, known);
    const char *type = keyvals_get(&k, "type"), *mod = keyvals_get(&k, "grab-mod");

    if (type && is_one_of(type, later)) {
        fatal("-display: '%s' is not in this program yet: it has 'sdl', 'term' and 'none'", type);
    }
    if (!type) {
        fatal("-display: no kind: sdl, term or none");
    }
    p->o->display = display[choose("-display: kind", type, kinds, ARRAY_LEN(kinds))];
    for (unsigned i = 1; known[i] && p->o->display != DISPLAY_SDL; i++) {
        if (keyvals_get(&k, known[i])) {
            fatal("-display: %s= is for a window: sdl", known[i]);
        }
    }
    p->o->full_screen = keyvals_bool(&k, "full-screen", p->o->full_screen);
    p->o->gl = keyvals_bool(&k, "gl", false);
    p->o->hide_cursor = !keyvals_bool(&k, "show-cursor", true);
    if (mod) {
        p->o->grab_mod = (enum grab_mod)choose("-display: grab-mod", mod, mods, ARRAY_LEN(mods));
    }
    p->o->window_stays = !keyvals_bool(&k, "window-close", true);
    p->o->display_given = true;
    keyvals_free(&k);
}

static void option_full_screen(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->full_screen = true;
}

static void option_nographic(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->nographic = p->o->display_given = true;
    p->o->display = DISPLAY_NONE;
}

static void option_paused(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->paused = true;
}

static void option_no_reboot(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->no_reboot = true;
}

static void option_no_shutdown(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->no_shutdown = true;
}

static void option_action(struct parse *p, const char *arg)
{
    static const char *const known[] = {"reboot", "shutdown", "triple-fault", "dead-halt", NULL};
    static const char *const reboot[] = {"reset", "shutdown"};
    static const char *const shutdown[] = {"poweroff", "pause"};
    static const char *const triple[] = {"reset", "exit", "pause"};
    static const char *const dead[] = {"wait", "exit"};
    struct options *o = p->o;
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, NULL);
    keyvals_allow(&k, known);
    for (size_t i = 0; i < k.count; i++) {
        const char *event = k.item[i].key, *action = k.item[i].value;

        if (!strcmp(event, "reboot")) {
            o->no_reboot = choose("-action: reboot", action, reboot, 2) == 1;
        } else if (!strcmp(event, "shutdown")) {
            o->no_shutdown = choose("-action: shutdown", action, shutdown, 2) == 1;
        } else if (!strcmp(event, "triple-fault")) {
            o->on_triple_fault =
                (enum triple_fault_action)choose("-action: triple-fault", action, triple, 3);
        } else {
            o->exit_on_dead_halt = choose("-action: dead-halt", action, dead, 2) == 1;
        }
    }
    keyvals_free(&k);
}

static void option_loadvm(struct parse *p, const char *arg)
{
    set_string(&p->o->loadvm, arg);
}

static void option_snapshot_dir(struct parse *p, const char *arg)
{
    set_string(&p->o->snapshot_dir, arg);
}

static void option_name(struct parse *p, const char *arg)
{
    set_string(&p->o->name, strncmp(arg, "guest=", 6) ? arg : arg + 6);
}

static void option_pidfile(struct parse *p, const char *arg)
{
    set_string(&p->o->pid_path, arg);
}

static void option_log(struct parse *p, const char *arg)
{
    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        puts("Log categories (separated by commas):");
        for (unsigned i = 0; i < LOG_COUNT; i++) {
            printf("%-15s %s\n", log_name((enum log_category)i), log_help((enum log_category)i));
        }
        exit(0);
    }
    set_string(&p->o->log_names, arg);
}

static void option_log_filter(struct parse *p, const char *arg)
{
    char *wrong = log_set_filter(arg);

    (void)p;
    if (wrong) {
        fatal("-dfilter: %s", wrong);
    }
}

static void option_perfmap(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->translator.perfmap = true;
}

static void option_jitdump(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->translator.jitdump = true;
}

static void option_log_file(struct parse *p, const char *arg)
{
    set_string(&p->o->log_path, arg);
}

static void option_version(struct parse *p, const char *arg)
{
    (void)p;
    (void)arg;
    puts("gnomon version " GNOMON_VERSION "\nA PC in software. MIT licence.");
    exit(0);
}

static void option_help(struct parse *p, const char *arg);

/* The table. */

static const struct option {
    const char *name, *argument; /* name is NULL for a heading, whose text is help */
    option_fn fn;
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

static void option_help(struct parse *p, const char *arg)
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

/* Streams that were named exist, and each has as many users as it can have. */
static void check_streams(struct options *o)
{
    unsigned stdio = 0;

    for (unsigned i = 0; i < o->user_count; i++) {
        if (!find_stream(o, o->user[i].stream)) {
            fatal("there is no -chardev with the id '%s'", o->user[i].stream);
        }
    }
    for (unsigned i = 0; i < o->stream_count; i++) {
        unsigned users = 0;

        for (unsigned j = 0; j < o->user_count; j++) {
            users += !strcmp(o->user[j].stream, o->stream[i].id);
        }
        if (users > 1 && !o->stream[i].mux) {
            fatal("stream '%s' is used twice: give it mux=on, or use mon:stdio", o->stream[i].id);
        }
        stdio += o->stream[i].spec.kind == CHARDEV_STDIO;
    }
    if (stdio && o->display == DISPLAY_TERM) {
        fatal(
            "-display term: the terminal is taken by a stream on stdio: give it unix:PATH or pty");
    }
    if (stdio > 1) {
        fatal("stdio is used twice: -serial mon:stdio shares it with the monitor");
    }
}

static void default_streams(struct parse *p)
{
    struct options *o = p->o;
    bool serial = !o->nodefaults && !o->serial_given;
    bool monitor = !o->nodefaults && !o->monitor_given;

    if (o->nographic && serial) {
        option_serial(p, monitor ? "mon:stdio" : "stdio");
    } else if (o->nographic && monitor) {
        option_monitor(p, "stdio");
    } else if (serial) {
        option_serial(p, "null");
    }
    if (!o->nodefaults && !o->parallel_given) {
        option_parallel(p, "null");
    }
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
    default_streams(p);
    check_streams(o);
}

void options_parse(struct options *o, int argc, char **argv)
{
    struct parse p = {.o = o};

    *o = (struct options){.ram_size = 128 * MIB,
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
