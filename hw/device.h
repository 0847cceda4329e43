/* SPDX-License-Identifier: MIT */
/*
 * What every chip is to the machine: a name, a reset, a state table. Five fields are enough.
 */
#ifndef HW_DEVICE_H
#define HW_DEVICE_H

#include "base/state.h"
#include "base/types.h"

struct machine;

struct device_type {
    const char *name;
    void (*reset)(void *opaque);   /* the RESET line; also called once at power-on */
    void (*destroy)(void *opaque); /* frees what the chip owns besides its struct; may be NULL */
    void (*loaded)(void *opaque);  /* after state_load(): rebuild what is not saved; may be NULL */
    const struct state_field *state;
};

/* Zeroed, owned by the machine, freed by machine_destroy(). Instances of one type get "#1", "#2"
 * ... */
void *device_new(struct machine *m, const struct device_type *type, size_t size);

void device_reset_all(struct machine *m);
void device_destroy_all(struct machine *m);
/* Calls fn for each device in creation order. */
void device_each(struct machine *m,
                 void (*fn)(void *arg, const char *name, const struct device_type *type, void *dev),
                 void *arg);

#endif
