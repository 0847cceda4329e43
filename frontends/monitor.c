/* SPDX-License-Identifier: MIT */
#include "frontends/monitor.h"

struct monitor *monitor_create(struct session *s, struct chardev *c)
{
    (void)s;
    (void)c;
    return NULL;
}

void monitor_destroy(struct monitor *mon)
{
    (void)mon;
}
