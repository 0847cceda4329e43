/* SPDX-License-Identifier: MIT */
/*
 * The monitor's commands.
 */
#include "frontends/monitor.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "frontends/control.h"
#include "frontends/examine.h"
#include "frontends/examine_hw.h"
#include "frontends/keyval.h"
#include "frontends/monitor_command.h"
#include "frontends/session.h"
#include "frontends/snapshot.h"
#include "cpu/cpu.h"

#define MS 1000000ull

static void report(struct words *w, char *error)
{
    if (error) {
        text_printf(w->out, "Error: %s\r\n", error);
    }
    free(error);
}

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
    size_t n = monitor_info_count;

    if (!w->count) {
        list(w->out, "info ", monitor_info_commands, n);
        return;
    }
    const struct command *c = find(w->word[0], monitor_info_commands, n);

    if (c) {
        c->run(w);
    } else {
        text_printf(w->out, "unknown command: 'info %s': did you mean 'info %s'?\r\n", w->word[0],
                    nearest_command(w->word[0], monitor_info_commands, n));
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
    examine_print(w->s, w->rest, w->out);
}

/* "/b", "/h" or "/w" in front: 1, 2 or 4 bytes; 0 if it is something else. */
static unsigned take_size(const char **p, unsigned otherwise)
{
    static const char letters[] = "bhw";
    const char *at = *p + strspn(*p, " ");

    if (*at != '/') {
        return otherwise;
    }
    const char *letter = at[1] ? strchr(letters, at[1]) : NULL;

    if (!letter || (at[2] && at[2] != ' ')) {
        return 0;
    }
    *p = at + 2;
    return 1u << (letter - letters);
}

static bool take_value(struct words *w, const char **p, uint64_t *v)
{
    char *error = NULL;
    bool good = evaluate(w->s, p, v, &error);

    if (error) {
        text_printf(w->out, "%s\r\n", error);
    }
    free(error);
    return good;
}

static bool is_end(struct words *w, const char *p)
{
    p += strspn(p, " ");
    if (*p) {
        text_printf(w->out, "extraneous characters at the end: '%s'\r\n", p);
    }
    return !*p;
}

/* i/b PORT [INDEX]: with an index, that is written to PORT first and PORT + 1 is read. */
static void run_in(struct words *w)
{
    const char *p = w->rest;
    unsigned size = take_size(&p, 4);
    uint64_t port, index = 0;

    if (!size || !take_value(w, &p, &port)) {
        text_puts(w->out, size ? "" : "the size is b, h or w\r\n");
        return;
    }
    p += strspn(p, " ");
    if (*p) {
        if (!take_value(w, &p, &index) || !is_end(w, p)) {
            return;
        }
        pc_write_port(w->s->m, (uint16_t)port++, (uint8_t)index, 1);
    }
    text_printf(w->out, "port%c[0x%04x] = 0x%0*x\r\n",
                size == 1   ? 'b'
                : size == 2 ? 'w'
                            : 'l',
                (unsigned)(uint16_t)port, (int)size * 2,
                pc_read_port(w->s->m, (uint16_t)port, size));
}

static void run_out(struct words *w)
{
    const char *p = w->rest;
    unsigned size = take_size(&p, 4);
    uint64_t port, value;

    if (!size) {
        text_puts(w->out, "the size is b, h or w\r\n");
    } else if (take_value(w, &p, &port) && take_value(w, &p, &value) && is_end(w, p)) {
        pc_write_port(w->s->m, (uint16_t)port, (uint32_t)value, size);
    }
}

/* As BSD's sum: rotate right, add. */
static void run_sum(struct words *w)
{
    const char *p = w->rest;
    uint64_t addr, size;
    uint16_t sum = 0;

    if (!take_value(w, &p, &addr) || !take_value(w, &p, &size) || !is_end(w, p)) {
        return;
    }
    if (size > 1u << 30) {
        text_puts(w->out, "a sum is of at most 1 GiB\r\n");
        return;
    }
    for (; size--; addr++) {
        uint8_t byte;

        physmem_read(&w->s->m->mem, addr, &byte, 1);
        sum = (uint16_t)((sum >> 1 | sum << 15) + byte);
    }
    text_printf(w->out, "%05u\r\n", sum);
}

static void run_gva2gpa(struct words *w)
{
    const char *p = w->rest;
    uint64_t addr;
    phys_addr_t phys;
    uint32_t error_code;

    if (!take_value(w, &p, &addr) || !is_end(w, p)) {
        return;
    }
    if (mmu_probe(&w->s->m->cpu->mmu, (linear_addr_t)addr, MMU_READ, false, &phys, &error_code)) {
        text_printf(w->out, "gpa: %#llx\r\n", (unsigned long long)phys);
    } else {
        text_puts(w->out, "Unmapped\r\n");
    }
}

static void run_cpu(struct words *w)
{
    if (strcmp(w->word[0], "0")) {
        text_puts(w->out, "invalid CPU index\r\n");
    }
}

static void run_nmi(struct words *w)
{
    control_nmi(w->s);
}

static void run_gdbserver(struct words *w)
{
    text_puts(w->out, "gdbserver: there is no gdb stub in this program yet\r\n");
}

static void run_mouse_set(struct words *w)
{
    if (strcmp(w->word[0], "2")) {
        text_puts(w->out, "Mouse at given index not found\r\n"); /* info mice has the number */
    }
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

static void run_hostfwd_add(struct words *w)
{
    report(w, control_forward(w->s, w->word[0], true));
}

static void run_hostfwd_remove(struct words *w)
{
    report(w, control_forward(w->s, w->word[0], false));
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
    pc_mouse_move(w->s->m, v[0], v[1], -v[2]);
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
    report(w, control_eject(w->s, w->word[force], force));
}

/* [-f] may stand before the drive or behind it. */
static void run_change(struct words *w)
{
    char **word = w->word;
    unsigned n = w->count;
    bool force = false;

    for (unsigned i = 0; i < 2; i++) {
        if (!force && !strcmp(word[i], "-f")) {
            force = true;
            word[1] = i ? word[0] : word[1];
            word++;
            n--;
        }
    }
    const char *mode = n > 3 ? word[3] : "retain";

    if (n < 2 || n > 4) {
        report(w, xstrdup("change needs a drive and a file"));
    } else if (n > 2 && strcmp(word[2], "raw")) {
        report(w, xasprintf("Unknown driver '%s'", word[2]));
    } else if (strcmp(mode, "retain") && strcmp(mode, "read-only") && strcmp(mode, "read-write")) {
        report(w, xasprintf("invalid parameter value: %s", mode));
    } else {
        report(w, control_change_medium(w->s, word[0], word[1], !strcmp(mode, "read-only"), force));
    }
}

static void run_set_link(struct words *w)
{
    bool up = !strcmp(w->word[1], "on");

    if (!up && strcmp(w->word[1], "off")) {
        text_puts(w->out,
                  "Expected 'on' or 'off'\r\nTry \"help set_link\" for more information\r\n");
    } else if (!control_set_link(w->s, w->word[0], up)) {
        report(w, xasprintf("Device '%s' not found", w->word[0]));
    }
}

static void run_help(struct words *w);

static const struct command commands[] = {
    {"change", "[-f] DRIVE FILE [raw [retain|read-only|read-write]]",
     "put another medium into a floppy or CD drive", 2, 5, run_change},
    {"cont", "", "go on", 0, 0, run_cont},
    {"c", "", "go on", 0, 0, run_cont},
    {"cpu", "INDEX", "choose the processor to look at: 0", 1, 1, run_cpu},
    {"delvm", "TAG", "remove a saved state", 1, 1, run_delvm},
    {"eject", "[-f] DRIVE", "take the medium out of a floppy or CD drive", 1, 2, run_eject},
    {"gdbserver", "[DEVICE]", "not in this program yet", 0, 1, run_gdbserver},
    {"gva2gpa", "ADDR", "the physical address behind a linear one", 1, MONITOR_WORDS, run_gva2gpa},
    {"help", "[COMMAND]", "this list", 0, 1, run_help},
    {"?", "[COMMAND]", "this list", 0, 1, run_help},
    {"hostfwd_add", "[tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport", "forward a port", 1, 1,
     run_hostfwd_add},
    {"hostfwd_remove", "[tcp|udp]:[hostaddr]:hostport", "forward it no more", 1, 1,
     run_hostfwd_remove},
    {"i", "[/b|h|w] PORT [INDEX]", "read a port", 1, MONITOR_WORDS, run_in},
    {"info", "[SUBJECT]", "show something; alone, what there is to show", 0, 2, run_info},
    {"loadvm", "TAG", "go back to a saved state", 1, 1, run_loadvm},
    {"log", "CATEGORY[,...]", "log what the guest does, as -d", 1, 1, run_log},
    {"memsave", "ADDR SIZE FILE", "save memory by linear address", 3, 3, run_memsave},
    {"mouse_button", "STATE", "1 left, 2 right, 4 middle; 0 none", 1, 1, run_mouse_button},
    {"mouse_move", "DX DY [DZ]", "move the mouse and its wheel, up if DZ > 0", 2, 3,
     run_mouse_move},
    {"mouse_set", "INDEX", "choose the mouse: 2", 1, 1, run_mouse_set},
    {"nmi", "", "raise a non-maskable interrupt", 0, 0, run_nmi},
    {"o", "[/b|h|w] PORT VALUE", "write a port", 2, MONITOR_WORDS, run_out},
    {"pmemsave", "ADDR SIZE FILE", "save memory by physical address", 3, 3, run_pmemsave},
    {"print", "[/F] EXPRESSION", "$eax + 4; format x d u o c", 1, MONITOR_WORDS, run_print},
    {"p", "EXPRESSION", "the same", 1, MONITOR_WORDS, run_print},
    {"quit", "", "end the program", 0, 0, run_quit},
    {"q", "", "the same", 0, 0, run_quit},
    {"savevm", "[TAG]", "save the whole machine; file:PATH names the file", 0, 1, run_savevm},
    {"screendump", "FILE [ppm|png]", "save a picture of the screen", 1, 2, run_screendump},
    {"sendkey", "KEY[-KEY...] [MS]", "press keys together: ctrl-alt-delete", 1, 2, run_sendkey},
    {"set_link", "NAME on|off", "plug a network card's cable in or out", 2, 2, run_set_link},
    {"stop", "", "pause", 0, 0, run_stop},
    {"s", "", "pause", 0, 0, run_stop},
    {"sum", "ADDR SIZE", "checksum of physical memory", 2, MONITOR_WORDS, run_sum},
    {"system_powerdown", "", "press the power button", 0, 0, run_system_powerdown},
    {"system_reset", "", "press the reset button", 0, 0, run_system_reset},
    {"x", "[/NFS] ADDR", "memory by linear address: N items, format x d u o c i, size b h w g", 1,
     MONITOR_WORDS, run_x},
    {"xp", "[/NFS] ADDR", "memory by physical address", 1, MONITOR_WORDS, run_xp},
};

static void run_help(struct words *w)
{
    const struct command *c = w->count ? find(w->word[0], commands, ARRAY_LEN(commands)) : NULL;

    if (c) {
        list(w->out, "", c, 1);
        if (c->run == run_info) {
            list(w->out, "info ", monitor_info_commands, monitor_info_count);
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
        if (w->count == MONITOR_WORDS) {
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

/* Completion. */

static void add_matching(struct text *words, const char *name, const char *typed, size_t n)
{
    if (!strncmp(name, typed, n)) {
        text_printf(words, "%s\n", name);
    }
}

static void add_commands(struct text *words, const struct command *table, size_t count,
                         const char *typed, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        add_matching(words, table[i].name, typed, n);
    }
}

static bool first_word_is(const char *line, const char *name)
{
    line += strspn(line, " ");
    return !strncmp(line, name, strlen(name)) && line[strlen(name)] == ' ';
}

void monitor_complete(struct session *s, const char *line, size_t word, struct text *words)
{
    const char *typed = line + word;
    size_t n = strcspn(typed, " ");
    bool first = strspn(line, " ") == word;

    if (first || first_word_is(line, "help") || first_word_is(line, "?")) {
        add_commands(words, commands, ARRAY_LEN(commands), typed, n);
    } else if (first_word_is(line, "info")) {
        add_commands(words, monitor_info_commands, monitor_info_count, typed, n);
    } else if (first_word_is(line, "eject") || first_word_is(line, "change")) {
        struct drive_info info[CONTROL_DRIVES];
        unsigned count = control_drives(s, info);

        for (unsigned i = 0; i < count; i++) {
            if (info[i].removable) {
                add_matching(words, control_drive_label(&info[i]), typed, n);
            }
        }
    } else if (first_word_is(line, "loadvm") || first_word_is(line, "delvm")) {
        struct text tags = {0};

        snapshot_tags(s, &tags);
        for (char *tag = tags.len ? tags.s : NULL; tag && *tag;) {
            char *end = strchr(tag, '\n');

            *end = 0;
            add_matching(words, tag, typed, n);
            tag = end + 1;
        }
        text_free(&tags);
    }
}
