/* SPDX-License-Identifier: MIT */
/*
 * Inside the parser of the command line: what options.c and the options_*.c, a file for each
 * subject, share.
 */
#ifndef FRONTENDS_OPTIONS_PARSE_H
#define FRONTENDS_OPTIONS_PARSE_H

#include "frontends/keyval.h"
#include "frontends/options.h"

/* What was asked for before it is known whether there is such a thing. */
struct parse {
    struct options *o;
    const char *option; /* "-drive": for messages */
    bool debugcon_given, debugcon_global;
};

/* The options' functions: arg is NULL for a switch. */
#define HEADING(text)
#define OPTION(name, argument, fn, completion, help) \
    void option_##fn(struct parse *p, const char *arg);
#include "frontends/options.def"
#undef HEADING
#undef OPTION

void set_string(char **field, const char *arg);
/* What others have: ends the program. */
void __attribute__((noreturn)) not_yet(const char *option, const char *what);

/* A stream goes by its id. The next port owns the string; NULL: it leads nowhere. */
void streams_add_user(struct parse *p, enum stream_use use, unsigned port, const char *stream);
void streams_add_serial(struct parse *p, char *stream);
void streams_add_parallel(struct parse *p, char *stream);
/* There is one, which -debugcon or -device makes. */
void streams_take_debugcon(struct parse *p);
/* When all options are known: the defaults, and that streams and users fit. */
void streams_check(struct parse *p);

/* -device ne2k_*. */
void nets_add_card(struct parse *p, enum pc_nic_model model, const struct keyvals *k);
/* When all options are known: the default card, and that cards and networks fit. */
void nets_check(struct options *o);
void nets_free(struct options *o);

#endif
