/* SPDX-License-Identifier: MIT */
/*
 * The port map: one byte per port says which claim it belongs to.
 *
 * Claims are never freed while the machine lives: there are a few dozen, and a port that is claimed
 * again (a disabled COM port) takes a new entry.
 */
#include "hw/io.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "hw/machine.h"

#define IO_PORTS 65536u

struct io_claim {
    io_read8_fn read8;
    io_write8_fn write8;
    io_read_fn read;
    io_write_fn write;
    void *opaque;
    bool wide;
};

struct io_map {
    uint16_t owner[IO_PORTS]; /* index into claim; 0: nobody */
    uint16_t fixed[IO_PORTS]; /* the same without what can be moved */
    uint8_t logged[IO_PORTS / 8];
    struct io_claim *claim;
    unsigned count;
};

struct io_map *io_map_new(void)
{
    struct io_map *map = xcalloc(1, sizeof(*map));

    map->claim = xcalloc(1, sizeof(*map->claim));
    map->count = 1;
    return map;
}

void io_map_free(struct io_map *map)
{
    if (map) {
        free(map->claim);
        free(map);
    }
}

static void set_owner(struct io_map *map, uint16_t port, unsigned count, uint16_t owner)
{
    for (unsigned i = 0; i < count && port + i < IO_PORTS; i++) {
        map->owner[port + i] = owner;
    }
}

static uint16_t new_claim(struct io_map *map, struct io_claim c)
{
    map->claim = xrealloc(map->claim, (map->count + 1) * sizeof(*map->claim));
    map->claim[map->count] = c;
    return (uint16_t)map->count++;
}

static void add_claim(struct io_map *map, uint16_t port, unsigned count, struct io_claim c)
{
    uint16_t owner = new_claim(map, c);

    set_owner(map, port, count, owner);
    for (unsigned i = 0; i < count && port + i < IO_PORTS; i++) {
        map->fixed[port + i] = owner;
    }
}

void io_map8(struct machine *m, uint16_t port, unsigned count, io_read8_fn rd, io_write8_fn wr,
             void *opaque)
{
    add_claim(m->io, port, count, (struct io_claim){.read8 = rd, .write8 = wr, .opaque = opaque});
}

void io_map_wide(struct machine *m, uint16_t port, unsigned count, io_read_fn rd, io_write_fn wr,
                 void *opaque)
{
    add_claim(m->io, port, count,
              (struct io_claim){.read = rd, .write = wr, .opaque = opaque, .wide = true});
}

unsigned io_window_new(struct machine *m, io_read_fn rd, io_write_fn wr, void *opaque)
{
    return new_claim(m->io,
                     (struct io_claim){.read = rd, .write = wr, .opaque = opaque, .wide = true});
}

void io_window_open(struct machine *m, unsigned window, uint16_t port, unsigned count)
{
    set_owner(m->io, port, count, (uint16_t)window);
}

void io_window_close(struct machine *m, unsigned window, uint16_t port, unsigned count)
{
    struct io_map *map = m->io;

    for (unsigned i = 0; i < count && port + i < IO_PORTS; i++) {
        if (map->owner[port + i] == window) {
            map->owner[port + i] = map->fixed[port + i];
        }
    }
}

/* Once per port: a polling guest would drown the log. */
static void log_unclaimed(struct io_map *map, uint16_t port, const char *what)
{
    if (log_enabled(LOG_IO) && !(map->logged[port / 8] >> port % 8 & 1)) {
        map->logged[port / 8] |= (uint8_t)(1 << port % 8);
        log_guest(IO, "%s port %04xh, which no device claims", what, port);
    }
}

static uint32_t all_ones(unsigned size)
{
    return ~0u >> (32 - 8 * size);
}

/* The chip at the first port takes the access whole if it knows widths. */
static const struct io_claim *wide_claim(const struct io_map *map, uint16_t port)
{
    const struct io_claim *c = &map->claim[map->owner[port]];

    return c->wide ? c : NULL;
}

static uint8_t read_byte(struct io_map *map, uint16_t port)
{
    const struct io_claim *c = &map->claim[map->owner[port]];

    if (c->read8) {
        return c->read8(c->opaque, port);
    }
    if (c->read) {
        return (uint8_t)c->read(c->opaque, port, 1);
    }
    if (!map->owner[port]) {
        log_unclaimed(map, port, "read of");
    }
    return 0xff;
}

static void write_byte(struct io_map *map, uint16_t port, uint8_t val)
{
    const struct io_claim *c = &map->claim[map->owner[port]];

    if (c->write8) {
        c->write8(c->opaque, port, val);
    } else if (c->write) {
        c->write(c->opaque, port, val, 1);
    } else if (!map->owner[port]) {
        log_unclaimed(map, port, "write to");
    }
}

uint32_t io_read(struct machine *m, uint16_t port, unsigned size)
{
    if (size == 1) {
        return read_byte(m->io, port);
    }
    const struct io_claim *c = wide_claim(m->io, port);

    if (c) {
        return c->read ? c->read(c->opaque, port, size) & all_ones(size) : all_ones(size);
    }
    uint32_t val = 0;

    for (unsigned i = 0; i < size; i++) {
        val |= (uint32_t)read_byte(m->io, (uint16_t)(port + i)) << 8 * i;
    }
    return val;
}

void io_write(struct machine *m, uint16_t port, uint32_t val, unsigned size)
{
    if (size == 1) {
        write_byte(m->io, port, (uint8_t)val);
        return;
    }
    const struct io_claim *c = wide_claim(m->io, port);

    if (c) {
        if (c->write) {
            c->write(c->opaque, port, val & all_ones(size), size);
        }
        return;
    }
    for (unsigned i = 0; i < size; i++) {
        write_byte(m->io, (uint16_t)(port + i), (uint8_t)(val >> 8 * i));
    }
}
