/* SPDX-License-Identifier: MIT */
/*
 * State tables: each device and the CPU name their saved fields once; save, load, diff, hash and
 * the debugger's panels read the table. Fields are found by name when loading: a missing one keeps
 * the value it has (the default after reset), an unknown one is an error that names it.
 *
 *     static const struct state_field pit_state[] = {
 *         STATE(struct pit, control),
 *         STATE_EVENT(struct pit, irq_event),
 *         STATE_SUBS(struct pit, channel, struct pit_channel, 3, channel_state),
 *         STATE_BUF(struct x, ram, size),
 *         STATE_END,
 *     };
 *
 * STATE is a scalar or an array of scalars (uint8_t to uint64_t, bool, an enum); STATE_EVENT a
 * struct clock_event; STATE_SUBS an array of structs; STATE_BUF bytes through a pointer, whose
 * number is a uint32_t field.
 */
#ifndef BASE_STATE_H
#define BASE_STATE_H

#include "base/clock.h"
#include "base/types.h"

enum state_kind {
    STATE_K_END,
    STATE_K_INT,
    STATE_K_BYTES,
    STATE_K_EVENT,
    STATE_K_SUB,
    STATE_K_BUF
};

struct state_field {
    const char *name;
    enum state_kind kind;
    uint32_t offset;
    uint32_t width;                /* bytes of one element */
    uint32_t count;                /* elements; STATE_K_BUF: room, if the size may differ */
    const struct state_field *sub; /* STATE_K_SUB */
    uint32_t size_offset;          /* STATE_K_BUF: where the uint32_t byte count is */
    bool boolean;                  /* whatever the file says, it is loaded as 0 or 1 */
};

#define STATE_MEMBER(type, field) (((type *)0)->field)
/* The element width of a scalar or of a one- or two-dimensional array of scalars. */
#define STATE_WIDTH(x)                                                                         \
    _Generic((x), uint8_t * : 1, uint16_t * : 2, uint32_t * : 4, uint64_t * : 8, int8_t * : 1, \
             int16_t * : 2, int32_t * : 4, int64_t * : 8, bool * : 1, default                  \
             : sizeof(x))
#define STATE_IS_BOOL(x) _Generic((x), bool : true, bool * : true, default : false)
#define STATE(type, field)                                                                       \
    {                                                                                            \
#field, STATE_K_INT, offsetof(type, field), STATE_WIDTH(STATE_MEMBER(type, field)),      \
            sizeof(STATE_MEMBER(type, field)) / STATE_WIDTH(STATE_MEMBER(type, field)), NULL, 0, \
            STATE_IS_BOOL(STATE_MEMBER(type, field))                                             \
    }
/* Raw bytes: a struct-free blob whose layout is the same on every host (byte arrays). */
#define STATE_BYTES(type, field)                                                                  \
    {                                                                                             \
#field, STATE_K_BYTES, offsetof(type, field), 1, sizeof(STATE_MEMBER(type, field)), NULL, \
            0, false                                                                              \
    }
#define STATE_EVENT(type, field)                                           \
    {                                                                      \
#field, STATE_K_EVENT, offsetof(type, field), 8, 1, NULL, 0, false \
    }
/* One embedded struct of type `elem`, described by its own table. */
#define STATE_SUB(type, field, elem, table)                                          \
    {                                                                                \
#field, STATE_K_SUB, offsetof(type, field), sizeof(elem), 1, table, 0, false \
    }
/* An array of `n` structs of type `elem`. */
#define STATE_SUBS(type, field, elem, n, table)                                      \
    {                                                                                \
#field, STATE_K_SUB, offsetof(type, field), sizeof(elem), n, table, 0, false \
    }
#define STATE_BUF(type, field, size_field)                                                        \
    {                                                                                             \
#field, STATE_K_BUF, offsetof(type, field), 1, 0, NULL, offsetof(type, size_field), false \
    }
/* The same with room for max bytes, of which the first so many are in use: that number is loaded.
 */
#define STATE_BUF_UPTO(type, field, size_field, max)                                          \
    {                                                                                         \
#field, STATE_K_BUF, offsetof(type, field), 1, max, NULL, offsetof(type, size_field), \
            false                                                                             \
    }
#define STATE_END                                  \
    {                                              \
        NULL, STATE_K_END, 0, 0, 0, NULL, 0, false \
    }

/* A growing byte string. */
struct state_writer {
    uint8_t *data;
    size_t len, cap;
};

/* Appends a section: the name, then every field of the table. */
void state_save(struct state_writer *w, const char *section, const struct state_field *table,
                const void *obj);
void state_writer_free(struct state_writer *w);

/*
 * Finds the section and loads what it holds into obj. Returns NULL, or a message (caller frees)
 * that names what is wrong: truncated data, a section that is missing, an unknown field, a size
 * that does not fit. On error obj may be partly loaded; load into a fresh machine.
 */
char *state_load(const uint8_t *data, size_t len, const char *section,
                 const struct state_field *table, void *obj);

/* The same, without touching obj (whose buffers' sizes are looked at): would it load? */
char *state_check(const uint8_t *data, size_t len, const char *section,
                  const struct state_field *table, const void *obj);
/*
 * Takes the next section's name off data (255 bytes at most are kept); false at the end, and where
 * the bytes make no section: then *len is not 0.
 */
bool state_next_section(const uint8_t **data, size_t *len, char name[256]);

/*
 * One number by its path, "chip[1].irr"; false: there is none. And every number, bytes and buffers
 * aside, with its path.
 */
bool state_get(const struct state_field *table, const void *obj, const char *path, uint64_t *v);
void state_each(const struct state_field *table, const void *obj,
                void (*fn)(void *opaque, const char *path, uint64_t v, unsigned width),
                void *opaque);

/* FNV-1a over the saved form. */
uint64_t state_hash(const struct state_field *table, const void *obj, uint64_t seed);
/* Prints each field that differs between a and b, one line each; returns how many. */
unsigned state_diff(const struct state_field *table, const void *a, const void *b,
                    void (*print)(void *opaque, const char *line), void *opaque);

#endif
