/* SPDX-License-Identifier: MIT */
/*
 * Build tool: prints the manual page or a shell's completion from options.def.
 *
 *     options_docs man|bash|zsh
 */
#include <stdio.h>
#include <string.h>

#include "base/types.h"

#define FILES    "\001"
#define NOTHING  ""
#define WORDS(w) w

static const struct entry {
    const char *name, *argument, *completion, *help; /* name is NULL for a heading */
} entries[] = {
#define HEADING(text)                                {NULL, NULL, NULL, text},
#define OPTION(name, argument, fn, completion, help) {name, argument, completion, help},
#include "frontends/options.def"
#undef HEADING
#undef OPTION
};

/* Text for troff: hyphens are minus signs, a dot does not start a line. */
static void put_troff(const char *s)
{
    for (; *s; s++) {
        if (*s == '-' || *s == '\\') {
            putchar('\\');
        }
        putchar(*s == '\\' ? 'e' : *s);
        if (*s == '\n' && (s[1] == '.' || s[1] == '\'')) {
            fputs("\\&", stdout);
        }
    }
}

static void print_man(void)
{
    puts(".TH GNOMON 1 \"\" \"gnomon " GNOMON_VERSION "\" \"User Commands\"\n"
         ".SH NAME\n"
         "gnomon \\- a PC in software\n"
         ".SH SYNOPSIS\n"
         ".B gnomon\n"
         "[\\fIoption\\fR]... [\\fIimage\\fR]\n"
         ".SH DESCRIPTION\n"
         "Runs a complete PC on any host. An \\fIimage\\fR without an option is booted as what it\n"
         "looks like: a CD\\-ROM if its name ends in .iso, a floppy disk up to 2.88 MB, a hard "
         "disk\n"
         "otherwise. With neither an image nor a kernel the built\\-in guest starts.\n"
         "Options may be written with one dash or two.");
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        const struct entry *e = &entries[i];

        if (!e->name) {
            fputs(".SH ", stdout);
            for (const char *p = e->help; *p; p++) {
                putchar(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
            }
            putchar('\n');
            continue;
        }
        fputs(".TP\n.B \\-", stdout);
        put_troff(e->name);
        if (e->argument) {
            fputs(" \\fI", stdout);
            put_troff(e->argument);
            fputs("\\fR", stdout);
        }
        putchar('\n');
        put_troff(e->help);
        putchar('\n');
    }
    puts(".SH \"EXIT STATUS\"\n"
         ".TP\n.B 0\nThe guest powered off, or a monitor said quit.\n"
         ".TP\n.B 1\nBad usage, or the machine could not be started.\n"
         ".TP\n.B odd\nisa\\-debug\\-exit: (value << 1) | 1.\n"
         ".TP\n.B 4\nThe guest reset the machine under \\-no\\-reboot.\n"
         ".TP\n.B 6\nThe processor met a triple fault (\\-no\\-reboot or \\-action "
         "triple\\-fault=exit).\n"
         ".TP\n.B 8\nHLT with interrupts off (\\-action dead\\-halt=exit).\n"
         ".TP\n.B 128+n\nSignal n ended the program.");
}

static void print_bash(void)
{
    puts("# bash completion of gnomon\n"
         "_gnomon()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "    case ${prev/#--/-} in");
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        const struct entry *e = &entries[i];

        if (!e->name || !e->argument) {
            continue;
        }
        if (!strcmp(e->completion, FILES)) {
            printf("    -%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", e->name);
        } else if (e->completion[0]) {
            printf("    -%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", e->name,
                   e->completion);
        } else {
            printf("    -%s) return ;;\n", e->name);
        }
    }
    fputs("    esac\n    case $cur in\n    -*) COMPREPLY=($(compgen -W '", stdout);
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        if (entries[i].name) {
            printf("-%s ", entries[i].name);
        }
    }
    puts("' -- \"$cur\")) ;;\n    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n    esac\n}\n"
         "complete -o filenames -F _gnomon gnomon");
}

/* Inside '...[...]': up to the first line's end. */
static void put_zsh(const char *s)
{
    for (; *s && *s != '\n'; s++) {
        if (*s == '\'') {
            fputs("'\\''", stdout);
        } else {
            if (strchr("[]:", *s)) {
                putchar('\\');
            }
            putchar(*s);
        }
    }
}

static void print_zsh(void)
{
    puts("#compdef gnomon\n_arguments \\");
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        const struct entry *e = &entries[i];

        if (!e->name) {
            continue;
        }
        printf("  '*-%s[", e->name);
        put_zsh(e->help);
        fputs("]", stdout);
        if (e->argument && !strcmp(e->completion, FILES)) {
            fputs(":file:_files", stdout);
        } else if (e->argument && e->completion[0]) {
            fputs(":value:(", stdout);
            put_zsh(e->completion);
            fputs(")", stdout);
        } else if (e->argument) {
            fputs(":value:", stdout);
        }
        puts("' \\");
    }
    puts("  '*:image:_files'");
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    if (!strcmp(what, "man")) {
        print_man();
    } else if (!strcmp(what, "bash")) {
        print_bash();
    } else if (!strcmp(what, "zsh")) {
        print_zsh();
    } else {
        fputs("usage: options_docs man|bash|zsh\n", stderr);
        return 1;
    }
    return 0;
}
