/* SPDX-License-Identifier: MIT */
/*
 * QMP, the machine protocol of QEMU: one JSON object per line, over any stream.
 */
#ifndef FRONTENDS_QMP_H
#define FRONTENDS_QMP_H

#include "host/chardev.h"

struct qmp;
struct session;

struct qmp *qmp_create(struct session *s, struct chardev *c);
void qmp_destroy(struct qmp *q);
/* An event to every client; data is JSON, NULL: none. */
void qmp_tell(struct session *s, const char *event, const char *data);

/* qmp_jobs.c: after a command's return, the last events of the jobs it started. */
void qmp_jobs_conclude(struct session *s);
void qmp_jobs_free(struct session *s);

#endif
