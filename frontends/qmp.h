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

#endif
