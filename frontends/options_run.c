/* SPDX-License-Identifier: MIT */
/*
 * What is shown, how it runs and ends: -display, -S, -action, saved states, the log.
 */
#include "frontends/options_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void option_display(struct parse *p, const char *arg)
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

void option_full_screen(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->full_screen = true;
}

void option_nographic(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->nographic = p->o->display_given = true;
    p->o->display = DISPLAY_NONE;
}

void option_paused(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->paused = true;
}

void option_no_reboot(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->no_reboot = true;
}

void option_no_shutdown(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->no_shutdown = true;
}

void option_action(struct parse *p, const char *arg)
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

void option_loadvm(struct parse *p, const char *arg)
{
    set_string(&p->o->loadvm, arg);
}

void option_snapshot_dir(struct parse *p, const char *arg)
{
    set_string(&p->o->snapshot_dir, arg);
}

void option_name(struct parse *p, const char *arg)
{
    set_string(&p->o->name, strncmp(arg, "guest=", 6) ? arg : arg + 6);
}

void option_pidfile(struct parse *p, const char *arg)
{
    set_string(&p->o->pid_path, arg);
}

void option_log(struct parse *p, const char *arg)
{
    if (asks_for_help(arg)) {
        puts("Log categories (separated by commas):");
        for (unsigned i = 0; i < LOG_COUNT; i++) {
            printf("%-15s %s\n", log_name((enum log_category)i), log_help((enum log_category)i));
        }
        exit(0);
    }
    set_string(&p->o->log_names, arg);
}

void option_log_filter(struct parse *p, const char *arg)
{
    char *wrong = log_set_filter(arg);

    (void)p;
    if (wrong) {
        fatal("-dfilter: %s", wrong);
    }
}

void option_perfmap(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->translator.perfmap = true;
}

void option_jitdump(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->translator.jitdump = true;
}

void option_log_file(struct parse *p, const char *arg)
{
    set_string(&p->o->log_path, arg);
}

void option_version(struct parse *p, const char *arg)
{
    (void)p;
    (void)arg;
    puts("gnomon version " GNOMON_VERSION "\nA PC in software. MIT licence.");
    exit(0);
}
