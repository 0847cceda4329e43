/* SPDX-License-Identifier: MIT */
/*
 * The machine's list of devices. A device's struct lies behind its list node, in one allocation.
 */
#include "hw/device.h"

#include <stdlib.h>
#include <string.h>

#include "hw/machine.h"

struct device {
    struct device *next;
    const struct device_type *type;
    char *name; /* the type's name, with "#1" ... for further instances */
    max_align_t data[];
};

void *device_new(struct machine *m, const struct device_type *type, size_t size)
{
    struct device **p = &m->devices;
    unsigned instance = 0;

    for (; *p; p = &(*p)->next) {
        instance += (*p)->type == type;
    }
    struct device *d = xcalloc(1, sizeof(*d) + size);

    d->type = type;
    d->name = instance ? xasprintf("%s#%u", type->name, instance) : xstrdup(type->name);
    *p = d;
    return d->data;
}

void device_reset_all(struct machine *m)
{
    for (struct device *d = m->devices; d; d = d->next) {
        if (d->type->reset) {
            d->type->reset(d->data);
        }
    }
}

void device_destroy_all(struct machine *m)
{
    while (m->devices) {
        struct device *d = m->devices;

        m->devices = d->next;
        if (d->type->destroy) {
            d->type->destroy(d->data);
        }
        free(d->name);
        free(d);
    }
}

void device_each(struct machine *m,
                 void (*fn)(void *arg, const char *name, const struct device_type *type, void *dev),
                 void *arg)
{
    for (struct device *d = m->devices; d; d = d->next) {
        fn(arg, d->name, d->type, d->data);
    }
}
