/* SPDX-License-Identifier: MIT */
/*
 * The run loop without a window.
 */
#ifndef FRONTENDS_HEADLESS_H
#define FRONTENDS_HEADLESS_H

struct session;

/* Runs until the guest, a monitor or a signal ends it. Returns the exit status. */
int headless_run(struct session *s);

#endif
