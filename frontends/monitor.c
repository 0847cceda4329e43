/* SPDX-License-Identifier: MIT */
/*
 * The command table, and a line editor small enough for a dumb terminal.
 */
#include "frontends/monitor.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nearest.h"
#include "frontends/control.h"
#include "frontends/examine.h"
#include "frontends/keyval.h"
#include "frontends/mux.h"
#include "frontends/registers.h"
#include "frontends/session.h"
#include "frontends/snapshot.h"

#define MS        1000000ull
#define MAX_WORDS 8
#define MAX_LINE  1024
#define PROMPT    "(gnomon) "

/* A command's line: in words, and whole. */
struct words {
    struct session *s;
    unsigned count; /* the command's own name is not counted */
    char *word[MAX_WORDS];
    const char *rest; /* everything behind the name */
    struct text *out;
};

struct command {
    const char *name, *args, *help;
    unsigned min, max; /* words */
    void (*run)(struct words *w);
};

static void report(struct words *w, char *error)
{
    if (error) {
        text_printf(w->out, "Error: %s\r\n", error);
    }
    free(error);
}

/* Looking. */

static void info_status(struct words *w)
{
    struct session *s = w->s;

    if (s->state == RUN_RUNNING) {
        text_puts(w->out, "VM status: running\r\n");
    } else if (s->state == RUN_PAUSED) {
        text_puts(w->out, "VM status: paused\r\n");
    } else {
        text_printf(w->out, "VM status: paused (%s)\r\n", session_state_name(s));
    }
}

static void info_version(struct words *w)
{
    text_puts(w->out, GNOMON_VERSION "\r\n");
}

static void info_registers(struct words *w)
{
    registers_print(w->s, w->out);
}

static void info_block(struct words *w)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n = control_drives(w->s, info);

    for (unsigned i = 0; i < n; i++) {
        const struct block *b = info[i].block;
        const char *path = b && block_path(b) ? block_path(b) : "built-in image";

        if (b) {
            text_printf(w->out, "%s%s: %s (raw%s)\r\n", i ? "\r\n" : "", info[i].name, path,
                        block_read_only(b) ? ", read-only" : "");
        } else {
            text_printf(w->out, "%s%s: [not inserted]\r\n", i ? "\r\n" : "", info[i].name);
        }
        if (info[i].removable) {
            text_printf(w->out, "    Removable device: not locked, tray %s\r\n",
                        b ? "closed" : "open");
        }
    }
}

static void info_chardev(struct words *w)
{
    for (unsigned i = 0; i < w->s->o->stream_count; i++) {
        char *what = chardev_describe(&w->s->o->stream[i].spec);

        text_printf(w->out, "%s: filename=%s\r\n", w->s->o->stream[i].id, what);
        free(what);
    }
}

static void info_cpus(struct words *w)
{
    text_printf(w->out, "* CPU #0: thread_id=%ld\r\n", (long)getpid());
}

static void info_name(struct words *w)
{
    if (w->s->o->name) {
        text_printf(w->out, "%s\r\n", w->s->o->name);
    }
}

static void info_mtree(struct words *w)
{
    const struct physmem *pm = &w->s->m->mem;

    text_printf(w->out, "%016x-%016x: ram\r\n", 0, pm->ram_size - 1);
    for (unsigned i = 0; i < pm->region_count; i++) {
        const struct physmem_region *r = &pm->region[i];

        text_printf(w->out, "%016llx-%016llx: %s (%s, priority %d)%s\r\n",
                    (unsigned long long)r->base, (unsigned long long)(r->base + r->size - 1),
                    r->name,
                    r->rom   ? "rom"
                    : r->ram ? "ram"
                             : "i/o",
                    r->priority, r->enabled ? "" : " [disabled]");
    }
    text_printf(w->out, "A20 %s\r\n", pm->a20_mask == ~0u ? "on" : "off");
}

static void info_events(struct words *w)
{
    const struct clock *c = &w->s->m->clock;

    text_printf(w->out, "now %llu ns\r\n", (unsigned long long)clock_now(c));
    for (const struct clock_event *e = c->first; e; e = e->next) {
        text_printf(w->out, "%s at %llu ns\r\n", e->name, (unsigned long long)e->when);
    }
}

static void info_snapshots(struct words *w)
{
    snapshot_list(w->s, w->out);
}

static const struct command info_commands[] = {
    {"block", "", "drives and their media", 0, 0, info_block},
    {"chardev", "", "host streams", 0, 0, info_chardev},
    {"cpus", "", "processors", 0, 0, info_cpus},
    {"events", "", "what the clock will do next", 0, 0, info_events},
    {"mtree", "", "what is where in physical memory", 0, 0, info_mtree},
    {"name", "", "the machine's name", 0, 0, info_name},
    {"registers", "", "the processor's registers", 0, 0, info_registers},
    {"snapshots", "", "saved states", 0, 0, info_snapshots},
    {"status", "", "running or not", 0, 0, info_status},
    {"version", "", "the program's version", 0, 0, info_version},
};

static const char *nearest_command(const char *word, const struct command *table, size_t n)
{
    const char *names[64];

    for (size_t i = 0; i < n && i < ARRAY_LEN(names); i++) {
        names[i] = table[i].name;
    }
    return nearest_name(word, names, n < ARRAY_LEN(names) ? n : ARRAY_LEN(names));
}

static const struct command *find(const char *word, const struct command *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(word, table[i].name)) {
            return &table[i];
        }
    }
    return NULL;
}

static void list(struct text *out, const char *prefix, const struct command *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        text_printf(out, "%s%s%s%s -- %s\r\n", prefix, table[i].name, table[i].args[0] ? " " : "",
                    table[i].args, table[i].help);
    }
}

static void run_info(struct words *w)
{
    size_t n = ARRAY_LEN(info_commands);

    if (!w->count) {
        list(w->out, "info ", info_commands, n);
        return;
    }
    const struct command *c = find(w->word[0], info_commands, n);

    if (c) {
        c->run(w);
    } else {
        text_printf(w->out, "unknown command: 'info %s': did you mean 'info %s'?\r\n", w->word[0],
                    nearest_command(w->word[0], info_commands, n));
    }
}

static void run_x(struct words *w)
{
    examine(w->s, w->rest, true, w->out);
}

static void run_xp(struct words *w)
{
    examine(w->s, w->rest, false, w->out);
}

static void run_print(struct words *w)
{
    const char *p = w->rest;
    char *error = NULL;
    uint64_t v;

    if (evaluate(w->s, &p, &v, &error)) {
        text_printf(w->out, "%#llx\r\n", (unsigned long long)v);
    }
    report(w, error);
}

static void run_screendump(struct words *w)
{
    const char *dot = strrchr(w->word[0], '.');
    const char *format = w->count > 1 ? w->word[1] : dot && !strcmp(dot, ".png") ? "png" : "ppm";

    report(w, control_screendump(w->s, w->word[0], format));
}

static void save(struct words *w, bool linear)
{
    uint64_t addr, size;

    if (!parse_number(w->word[0], &addr) || !parse_number(w->word[1], &size)) {
        report(w, xstrdup("address and size are numbers"));
    } else {
        report(w, control_save_memory(w->s, addr, size, w->word[2], linear));
    }
}

static void run_memsave(struct words *w)
{
    save(w, true);
}

static void run_pmemsave(struct words *w)
{
    save(w, false);
}

/* Running. */

static void run_stop(struct words *w)
{
    session_pause(w->s);
}

static void run_cont(struct words *w)
{
    if (w->s->state == RUN_SHUTDOWN) {
        report(w, xstrdup("Resetting the Virtual Machine is required"));
    } else {
        session_resume(w->s);
    }
}

static void run_system_reset(struct words *w)
{
    session_reset(w->s, "host-qmp-system-reset");
}

static void run_system_powerdown(struct words *w)
{
    session_powerdown(w->s);
}

static void run_quit(struct words *w)
{
    session_quit(w->s, EXIT_OK, "host-qmp-quit");
}

static void run_log(struct words *w)
{
    char *unknown = log_set_mask(w->word[0]);

    if (unknown) {
        report(w, xasprintf("log category '%s' is unknown", unknown));
    }
    free(unknown);
}

/* Saved states. */

static void run_savevm(struct words *w)
{
    report(w, snapshot_save(w->s, w->count ? w->word[0] : NULL));
}

static void run_loadvm(struct words *w)
{
    report(w, snapshot_load(w->s, w->word[0]));
}

static void run_delvm(struct words *w)
{
    report(w, snapshot_delete(w->s, w->word[0]));
}

/* Input. */

static bool key_from_word(const char *word, enum key_code *key)
{
    char *end;

    if (!strncmp(word, "0x", 2)) {
        unsigned long code = strtoul(word, &end, 16);

        return !*end && code <= 0xffff && key_from_set1((uint16_t)code, key);
    }
    return key_from_name(word, key);
}

static void run_sendkey(struct words *w)
{
    enum key_code keys[16];
    unsigned n = 0;
    uint64_t hold = 100;
    char *p = w->word[0];

    if (w->count > 1 && (!parse_number(w->word[1], &hold) || hold > 60000)) {
        report(w, xstrdup("the hold time is 0 to 60000 ms"));
        return;
    }
    while (p && n < ARRAY_LEN(keys)) {
        char *dash = strchr(p + 1, '-'); /* "-" itself is a key's name in QEMU's older tables */

        if (dash) {
            *dash = 0;
        }
        if (!key_from_word(p, &keys[n++])) {
            text_printf(w->out, "invalid parameter: %s\r\n", p);
            return;
        }
        p = dash ? dash + 1 : NULL;
    }
    if (p || !session_send_keys(w->s, keys, n, hold * MS)) {
        report(w, xstrdup("too many keys"));
    }
}

static bool int_from_word(const char *word, int *v)
{
    char *end;
    long n = strtol(word, &end, 0);

    *v = (int)n;
    return *word && !*end && n >= -10000 && n <= 10000;
}

static void run_mouse_move(struct words *w)
{
    int v[3] = {0};

    for (unsigned i = 0; i < w->count; i++) {
        if (!int_from_word(w->word[i], &v[i])) {
            report(w, xasprintf("'%s' is no distance from -10000 to 10000", w->word[i]));
            return;
        }
    }
    pc_mouse_move(w->s->m, v[0], v[1], v[2]);
}

static void run_mouse_button(struct words *w)
{
    int state;

    if (!int_from_word(w->word[0], &state) || state < 0 || state > 7) {
        report(w, xasprintf("'%s' is no sum of 1 (left), 2 (right) and 4 (middle)", w->word[0]));
        return;
    }
    w->s->mouse_buttons = (unsigned)state;
    pc_mouse_buttons(w->s->m, w->s->mouse_buttons);
}

/* Media. */

static void run_eject(struct words *w)
{
    bool force = !strcmp(w->word[0], "-f");

    if (force && w->count < 2) {
        report(w, xstrdup("which drive?"));
        return;
    }
    report(w, control_change_medium(w->s, w->word[force], NULL, false));
}

static void run_change(struct words *w)
{
    report(w, control_change_medium(w->s, w->word[0], w->word[1], false));
}

static void run_help(struct words *w);

static const struct command commands[] = {
    {"change", "DRIVE FILE", "put another medium into a floppy or CD drive", 2, 2, run_change},
    {"cont", "", "go on", 0, 0, run_cont},
    {"c", "", "go on", 0, 0, run_cont},
    {"delvm", "TAG", "remove a saved state", 1, 1, run_delvm},
    {"eject", "[-f] DRIVE", "take the medium out of a floppy or CD drive", 1, 2, run_eject},
    {"help", "[COMMAND]", "this list", 0, 1, run_help},
    {"?", "[COMMAND]", "this list", 0, 1, run_help},
    {"info", "[SUBJECT]", "show something; alone, what there is to show", 0, 2, run_info},
    {"loadvm", "TAG", "go back to a saved state", 1, 1, run_loadvm},
    {"log", "CATEGORY[,...]", "log what the guest does, as -d", 1, 1, run_log},
    {"memsave", "ADDR SIZE FILE", "save memory by linear address", 3, 3, run_memsave},
    {"mouse_button", "STATE", "1 left, 2 right, 4 middle; 0 none", 1, 1, run_mouse_button},
    {"mouse_move", "DX DY [DZ]", "move the mouse and its wheel", 2, 3, run_mouse_move},
    {"pmemsave", "ADDR SIZE FILE", "save memory by physical address", 3, 3, run_pmemsave},
    {"print", "EXPRESSION", "$eax + 4", 1, MAX_WORDS, run_print},
    {"p", "EXPRESSION", "the same", 1, MAX_WORDS, run_print},
    {"quit", "", "end the program", 0, 0, run_quit},
    {"q", "", "the same", 0, 0, run_quit},
    {"savevm", "[TAG]", "save the whole machine; file:PATH names the file", 0, 1, run_savevm},
    {"screendump", "FILE [ppm|png]", "save a picture of the screen", 1, 2, run_screendump},
    {"sendkey", "KEY[-KEY...] [MS]", "press keys together: ctrl-alt-delete", 1, 2, run_sendkey},
    {"stop", "", "pause", 0, 0, run_stop},
    {"s", "", "pause", 0, 0, run_stop},
    {"system_powerdown", "", "press the power button", 0, 0, run_system_powerdown},
    {"system_reset", "", "press the reset button", 0, 0, run_system_reset},
    {"x", "[/NFS] ADDR", "memory by linear address: N items, format x d u o c i, size b h w g", 1,
     MAX_WORDS, run_x},
    {"xp", "[/NFS] ADDR", "memory by physical address", 1, MAX_WORDS, run_xp},
};

static void run_help(struct words *w)
{
    const struct command *c = w->count ? find(w->word[0], commands, ARRAY_LEN(commands)) : NULL;

    if (c) {
        list(w->out, "", c, 1);
        if (c->run == run_info) {
            list(w->out, "info ", info_commands, ARRAY_LEN(info_commands));
        }
    } else if (w->count) {
        text_printf(w->out, "unknown command: '%s'\r\n", w->word[0]);
    } else {
        list(w->out, "", commands, ARRAY_LEN(commands));
    }
}

/* Cuts line into words in place. "double quotes" keep blanks. False: too many words. */
static bool split(char *line, struct words *w)
{
    char *p = line;

    for (;;) {
        while (isspace((unsigned char)*p)) {
            p++;
        }
        if (!*p) {
            return true;
        }
        if (w->count == MAX_WORDS) {
            return false;
        }
        bool quoted = *p == '"';

        p += quoted;
        w->word[w->count++] = p;
        while (*p && (quoted ? *p != '"' : !isspace((unsigned char)*p))) {
            p++;
        }
        if (*p) {
            *p++ = 0;
        }
    }
}

void monitor_command(struct session *s, const char *line, struct text *out)
{
    struct words w = {.s = s, .out = out};
    char name[32];
    size_t n;

    while (isspace((unsigned char)*line)) {
        line++;
    }
    n = strcspn(line, " \t\r\n/");
    if (!*line) {
        return;
    }
    snprintf(name, sizeof(name), "%.*s", (int)(n < 31 ? n : 31), line);
    const struct command *c = find(name, commands, ARRAY_LEN(commands));

    if (!c) {
        text_printf(out, "unknown command: '%s': did you mean '%s'?\r\n", name,
                    nearest_command(name, commands, ARRAY_LEN(commands)));
        return;
    }
    char *copy = xstrdup(line + n);

    w.rest = line + n;
    if (!split(copy, &w) || w.count < c->min || w.count > c->max) {
        text_printf(out, "usage: %s %s\r\n", c->name, c->args);
    } else {
        c->run(&w);
    }
    free(copy);
}

/* The terminal. */

struct monitor {
    struct session *s;
    struct chardev *c;
    char line[MAX_LINE];
    size_t len;
    char last[MAX_LINE]; /* Ctrl-P or the up arrow brings it back */
    unsigned escape;     /* how far into an escape sequence */
};

static void print(struct monitor *mon, const char *text)
{
    chardev_write(mon->c, (const uint8_t *)text, strlen(text));
}

static void enter(struct monitor *mon)
{
    struct text out = {0};

    mon->line[mon->len] = 0;
    print(mon, "\r\n");
    if (mon->len) {
        strcpy(mon->last, mon->line);
    }
    mon->len = 0;
    monitor_command(mon->s, mon->line, &out);
    if (out.len) {
        print(mon, out.s);
    }
    text_free(&out);
    if (!mon->s->quit) {
        print(mon, PROMPT);
    }
}

static void rub_out(struct monitor *mon, size_t n)
{
    while (n-- && mon->len) {
        mon->len--;
        print(mon, "\b \b");
    }
}

static void recall(struct monitor *mon)
{
    rub_out(mon, mon->len);
    strcpy(mon->line, mon->last);
    mon->len = strlen(mon->line);
    print(mon, mon->line);
}

static void take_char(struct monitor *mon, char c)
{
    if (mon->escape) {
        mon->escape = mon->escape == 1 && c == '[' ? 2 : 0;
        if (!mon->escape && c == 'A') {
            recall(mon);
        }
        return;
    }
    switch (c) {
    case '\r':
    case '\n': enter(mon); break;
    case '\b':
    case 0x7f: rub_out(mon, 1); break;
    case 'U' - '@': rub_out(mon, mon->len); break;
    case 'P' - '@': recall(mon); break;
    case 0x1b: mon->escape = 1; break;
    default:
        if ((unsigned char)c >= ' ' && mon->len < MAX_LINE - 1) {
            char echo[2] = {c, 0};

            mon->line[mon->len++] = c;
            print(mon, echo);
        }
        break;
    }
}

static unsigned monitor_can_receive(void *opaque)
{
    (void)opaque;
    return 256;
}

static void monitor_receive(void *opaque, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        take_char(opaque, (char)buf[i]);
    }
}

static void monitor_opened(void *opaque, bool open)
{
    struct monitor *mon = opaque;

    mon->len = mon->escape = 0;
    if (open) {
        print(mon, "\r\ngnomon " GNOMON_VERSION
                   " monitor - type 'help' for more information\r\n" PROMPT);
    }
}

struct monitor *monitor_create(struct session *s, struct chardev *c)
{
    struct monitor *mon = xcalloc(1, sizeof(*mon));

    mon->s = s;
    mon->c = c;
    chardev_connect(c, monitor_can_receive, monitor_receive, mon);
    c->opened = monitor_opened;
    return mon;
}

void monitor_destroy(struct monitor *mon)
{
    mon->c->receive = NULL;
    mon->c->opened = NULL;
    free(mon);
}
