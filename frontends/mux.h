/* SPDX-License-Identifier: MIT */
/*
 * One host stream and its users. With one user it is a pipe. With `escapes`, Ctrl-A and a letter
 * are commands, and Ctrl-A C moves the input on to the next user.
 *
 * The users' ends exist before the host stream is opened, so a machine can be built, and its
 * configuration found wrong, before anything happens on the host.
 */
#ifndef FRONTENDS_MUX_H
#define FRONTENDS_MUX_H

#include "host/chardev.h"

struct mux;

struct mux *mux_create(const char *id, bool escapes);
/* quit: Ctrl-A X. */
void mux_on_quit(struct mux *x, void (*quit)(void *opaque), void *opaque);
/* The end for one more user; owned by the mux. */
struct chardev *mux_add_user(struct mux *x);
/* Takes the host stream. */
void mux_connect(struct mux *x, struct chardev *stream);
/* Between slices: moves what can be moved. */
void mux_poll(struct mux *x);
unsigned mux_fds(struct mux *x, int *fds, unsigned max);
bool mux_pending(struct mux *x); /* output waits for the host */
const char *mux_id(const struct mux *x);
bool mux_is_open(const struct mux *x);
void mux_destroy(struct mux *x);

#endif
