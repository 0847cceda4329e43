/* SPDX-License-Identifier: MIT */
/*
 * What is common to every machine: the stop request, and saved state over CPU, RAM and devices.
 */
#include "hw/machine.h"

#include <string.h>

#include "cpu/cpu.h"
#include "hw/device.h"

void machine_request_stop(struct machine *m, enum stop_reason why, uint32_t code)
{
    if (m->stop == STOP_NONE) {
        m->stop = why;
        m->stop_code = code;
    }
    if (m->kick) {
        m->kick(m->kick_opaque);
    }
}

static const struct state_field ram_state[] = {
    STATE(struct physmem, a20_mask),
    STATE_BUF(struct physmem, ram, ram_size),
    STATE_END,
};

static void save_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    state_save(arg, name, type->state, dev);
}

void machine_save(struct machine *m, struct state_writer *w)
{
    cpu_make_canonical(m->cpu);
    state_save(w, "cpu", cpu_state, m->cpu);
    device_each(m, save_device, w);
    state_save(w, "ram", ram_state, &m->mem);
}

struct load_arg {
    const uint8_t *data;
    size_t len;
    char *error;
};

static void load_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct load_arg *a = arg;

    if (!a->error) {
        a->error = state_load(a->data, a->len, name, type->state, dev);
    }
}

static void loaded_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    (void)arg;
    (void)name;
    if (type->loaded) {
        type->loaded(dev);
    }
}

char *machine_load(struct machine *m, const uint8_t *data, size_t len)
{
    struct load_arg a = {.data = data, .len = len};

    a.error = state_load(data, len, "cpu", cpu_state, m->cpu);
    device_each(m, load_device, &a);
    if (!a.error) {
        a.error = state_load(data, len, "ram", ram_state, &m->mem);
    }
    if (a.error) {
        return a.error;
    }
    device_each(m, loaded_device, NULL);
    if (m->mem.changed) {
        m->mem.changed(m->mem.opaque, true);
    }
    cpu_loaded(m->cpu);
    return NULL;
}

static void hash_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    uint64_t *h = arg;

    (void)name;
    *h = state_hash(type->state, dev, *h);
}

uint64_t machine_hash(struct machine *m)
{
    cpu_make_canonical(m->cpu);

    uint64_t h = state_hash(cpu_state, m->cpu, 0);

    device_each(m, hash_device, &h);
    return state_hash(ram_state, &m->mem, h);
}
