/* SPDX-License-Identifier: MIT */
/*
 * What is common to every machine: the stop request, and saved state over CPU, RAM and devices.
 */
#include "hw/machine.h"

#include <stdlib.h>
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
    STATE_BUF(struct physmem, ram, ram_size),
    STATE_END,
};

static const struct state_field memory_state[] = {
    STATE(struct physmem, a20_mask),
    STATE_END,
};

static void save_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    state_save(arg, name, type->state, dev);
}

void machine_save_chips(struct machine *m, struct state_writer *w)
{
    cpu_make_canonical(m->cpu);
    state_save(w, "cpu", cpu_state, m->cpu);
    state_save(w, "memory", memory_state, &m->mem);
    device_each(m, save_device, w);
}

void machine_save(struct machine *m, struct state_writer *w)
{
    machine_save_chips(m, w);
    state_save(w, "ram", ram_state, &m->mem);
}

struct load_arg {
    const uint8_t *data;
    size_t len;
    char *error;
};

static void check_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct load_arg *a = arg;

    if (!a->error) {
        a->error = state_check(a->data, a->len, name, type->state, dev);
    }
}

struct known_arg {
    const char *name;
    bool known;
};

static void compare_name(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct known_arg *k = arg;

    (void)type;
    (void)dev;
    k->known |= !strcmp(name, k->name);
}

static char *check_names(struct machine *m, const uint8_t *data, size_t len, const char *other)
{
    char name[256];

    while (state_next_section(&data, &len, name)) {
        struct known_arg k = {.name = name};

        k.known =
            !strcmp(name, "cpu") || !strcmp(name, "memory") || (other && !strcmp(name, other));
        device_each(m, compare_name, &k);
        if (!k.known) {
            return xasprintf("saved state has a device '%s', which this machine lacks", name);
        }
    }
    return len ? xstrdup("saved state is truncated") : NULL;
}

char *machine_check_chips(struct machine *m, const uint8_t *data, size_t len, const char *other)
{
    struct load_arg a = {.data = data, .len = len};

    a.error = check_names(m, data, len, other);
    if (!a.error) {
        a.error = state_check(data, len, "cpu", cpu_state, m->cpu);
    }
    if (!a.error) {
        a.error = state_check(data, len, "memory", memory_state, &m->mem);
    }
    device_each(m, check_device, &a);
    return a.error;
}

static void load_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct load_arg *a = arg;

    free(state_load(a->data, a->len, name, type->state, dev)); /* it was checked */
}

static void loaded_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    (void)arg;
    (void)name;
    if (type->loaded) {
        type->loaded(dev);
    }
}

void machine_load_chips(struct machine *m, const uint8_t *data, size_t len)
{
    struct load_arg a = {.data = data, .len = len};

    device_reset_all(m); /* what the file does not have, and what is not saved */
    free(state_load(data, len, "cpu", cpu_state, m->cpu));
    free(state_load(data, len, "memory", memory_state, &m->mem));
    device_each(m, load_device, &a);
    cpu_loaded(m->cpu); /* from here on the clock is right */
    device_each(m, loaded_device, NULL);
    clock_sort_restored(&m->clock);
    m->mem.a20_mask = m->mem.a20_mask >> 20 & 1 ? ~0u : ~(1u << 20);
    if (m->mem.changed) {
        m->mem.changed(m->mem.opaque, true);
    }
    m->stop = STOP_NONE;
}

char *machine_load(struct machine *m, const uint8_t *data, size_t len)
{
    char *error = machine_check_chips(m, data, len, "ram");

    if (!error) {
        error = state_check(data, len, "ram", ram_state, &m->mem);
    }
    if (!error) {
        free(state_load(data, len, "ram", ram_state, &m->mem));
        machine_load_chips(m, data, len);
    }
    return error;
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

    h = state_hash(memory_state, &m->mem, h);
    device_each(m, hash_device, &h);
    return state_hash(ram_state, &m->mem, h);
}
