/* SPDX-License-Identifier: MIT */
#include "frontends/qmp.h"

struct qmp *qmp_create(struct session *s, struct chardev *c)
{
    (void)s;
    (void)c;
    return NULL;
}

void qmp_destroy(struct qmp *q)
{
    (void)q;
}
