/* SPDX-License-Identifier: MIT */
#include "frontends/mux.h"

#include <stdlib.h>
#include <string.h>

#define MUX_USERS 4
#define MUX_INPUT 4096 /* typed ahead of a guest that does not read */
#define CTRL_A    1

struct mux_user {
    struct chardev c;
    struct mux *mux;
};

struct mux {
    struct mux_user user[MUX_USERS];
    unsigned user_count, focus;
    struct chardev *stream;
    char *id;
    bool escapes, escaped; /* escaped: the last byte was Ctrl-A */

    uint8_t input[MUX_INPUT]; /* escapes only: so that Ctrl-A X works with a guest that hangs */
    size_t input_len;

    void (*quit)(void *opaque);
    void *quit_opaque;
};

static void user_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    chardev_write(container_of(c, struct mux_user, c)->mux->stream, buf, len);
}

static void user_destroy(struct chardev *c)
{
    (void)c; /* the mux owns it */
}

static const struct chardev_ops user_ops = {.write = user_write, .destroy = user_destroy};

struct mux *mux_create(const char *id, bool escapes)
{
    struct mux *x = xcalloc(1, sizeof(*x));

    x->id = xstrdup(id);
    x->escapes = escapes;
    return x;
}

void mux_on_quit(struct mux *x, void (*quit)(void *opaque), void *opaque)
{
    x->quit = quit;
    x->quit_opaque = opaque;
}

struct chardev *mux_add_user(struct mux *x)
{
    struct mux_user *u = &x->user[x->user_count < MUX_USERS ? x->user_count++ : MUX_USERS - 1];

    u->mux = x;
    u->c.ops = &user_ops;
    u->c.id = x->id;
    return &u->c;
}

static struct chardev *focused(struct mux *x)
{
    return x->user_count ? &x->user[x->focus].c : NULL;
}

static unsigned room(struct chardev *c)
{
    return c && c->receive && c->can_receive ? c->can_receive(c->opaque) : 0;
}

static void print(struct mux *x, const char *text)
{
    chardev_write(x->stream, (const uint8_t *)text, strlen(text));
}

static void deliver(struct mux *x)
{
    while (x->input_len) {
        struct chardev *c = focused(x);
        size_t n = room(c);

        if (n > x->input_len) {
            n = x->input_len;
        }
        if (!n) {
            return;
        }
        uint8_t part[64];

        n = n < sizeof(part) ? n : sizeof(part);
        memcpy(part, x->input, n);
        x->input_len -= n;
        memmove(x->input, x->input + n, x->input_len);
        c->receive(c->opaque, part, n);
    }
}

static void queue(struct mux *x, uint8_t byte)
{
    if (x->input_len < MUX_INPUT) {
        x->input[x->input_len++] = byte;
    }
}

static void command(struct mux *x, uint8_t byte)
{
    switch (byte) {
    case CTRL_A: queue(x, CTRL_A); break;
    case 'x':
    case 'X':
        if (x->quit) {
            x->quit(x->quit_opaque);
        }
        break;
    case 'c':
    case 'C': {
        deliver(x);
        x->input_len = 0;
        x->focus = x->user_count ? (x->focus + 1) % x->user_count : 0;
        struct chardev *c = focused(x);

        if (c && c->opened) {
            c->opened(c->opaque, true); /* a monitor shows its prompt */
        }
        break;
    }
    case 'h':
    case 'H':
    case '?':
        print(x, "\r\nCtrl-A H  this help\r\nCtrl-A X  end the program\r\n"
                 "Ctrl-A C  switch between the serial port and the monitor\r\n"
                 "Ctrl-A Ctrl-A  send Ctrl-A\r\n");
        break;
    default: break;
    }
}

static unsigned mux_can_receive(void *opaque)
{
    struct mux *x = opaque;

    return x->escapes ? 64 : room(focused(x));
}

static void mux_receive(void *opaque, const uint8_t *buf, size_t len)
{
    struct mux *x = opaque;

    if (!x->escapes) {
        struct chardev *c = focused(x);

        c->receive(c->opaque, buf, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (x->escaped) {
            x->escaped = false;
            command(x, buf[i]);
        } else if (buf[i] == CTRL_A) {
            x->escaped = true;
        } else {
            queue(x, buf[i]);
        }
    }
    deliver(x);
}

static void mux_opened(void *opaque, bool open)
{
    struct mux *x = opaque;

    for (unsigned i = 0; i < x->user_count; i++) {
        struct chardev *c = &x->user[i].c;

        if (c->opened && (!open || x->user_count == 1 || i == x->focus)) {
            c->opened(c->opaque, open);
        }
    }
}

void mux_connect(struct mux *x, struct chardev *stream)
{
    x->stream = stream;
    chardev_connect(stream, mux_can_receive, mux_receive, x);
    stream->opened = mux_opened;
    if (!stream->ops->fds) {
        return;
    }
    mux_opened(x, mux_is_open(x));
}

bool mux_is_open(const struct mux *x)
{
    return x->stream && (!x->stream->ops->is_open || x->stream->ops->is_open(x->stream));
}

void mux_poll(struct mux *x)
{
    chardev_poll(x->stream);
    deliver(x);
}

unsigned mux_fds(struct mux *x, int *fds, unsigned max)
{
    return x->stream && x->stream->ops->fds ? x->stream->ops->fds(x->stream, fds, max) : 0;
}

bool mux_pending(struct mux *x)
{
    return x->stream && x->stream->ops->pending && x->stream->ops->pending(x->stream);
}

const char *mux_id(const struct mux *x)
{
    return x->id;
}

void mux_destroy(struct mux *x)
{
    chardev_destroy(x->stream);
    free(x->id);
    free(x);
}
