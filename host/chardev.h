/* SPDX-License-Identifier: MIT */
/*
 * Character streams: what a serial port, the debug console or QMP is connected to. Never blocks:
 * output that the host does not take is kept, input arrives through the receive callback between
 * slices of guest time.
 */
#ifndef HOST_CHARDEV_H
#define HOST_CHARDEV_H

#include "base/types.h"

struct chardev;

struct chardev_ops {
    void (*write)(struct chardev *c, const uint8_t *buf, size_t len);
    void (*poll)(struct chardev *c); /* look for input, flush output; may be NULL */
    /* Appends the file descriptors to wait for (reading); returns how many. */
    unsigned (*fds)(struct chardev *c, int *fds, unsigned max);
    bool (*pending)(struct chardev *c); /* output waits for the host to take it; may be NULL */
    bool (*is_open)(struct chardev *c); /* a peer is there; NULL: always */
    void (*destroy)(struct chardev *c); /* flushes what the host takes in time, and frees */
};

struct chardev {
    const struct chardev_ops *ops;
    const char *id; /* owned */

    /* Set by who uses the stream. can_receive says how many bytes it takes now (0: wait). */
    unsigned (*can_receive)(void *opaque);
    void (*receive)(void *opaque, const uint8_t *buf, size_t len);
    void (*opened)(void *opaque, bool open); /* a peer came or went; may be NULL */
    void *opaque;
};

static inline void chardev_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    if (c) {
        c->ops->write(c, buf, len);
    }
}

static inline void chardev_connect(struct chardev *c, unsigned (*can_receive)(void *),
                                   void (*receive)(void *, const uint8_t *, size_t), void *opaque)
{
    if (c) {
        c->can_receive = can_receive;
        c->receive = receive;
        c->opaque = opaque;
    }
}

static inline void chardev_poll(struct chardev *c)
{
    if (c && c->ops->poll) {
        c->ops->poll(c);
    }
}

static inline void chardev_destroy(struct chardev *c)
{
    if (c) {
        c->ops->destroy(c);
    }
}

/* What to open. Strings are the caller's and are copied. */
enum chardev_kind {
    CHARDEV_NULL,
    CHARDEV_STDIO,
    CHARDEV_FILE,
    CHARDEV_UNIX,
    CHARDEV_TCP,
    CHARDEV_PTY
};

struct chardev_spec {
    enum chardev_kind kind;
    const char *path; /* FILE, UNIX */
    const char *host; /* TCP; NULL or "": this host (client), every address (server) */
    const char *port; /* TCP */
    bool append;      /* FILE: keep what is there */
    bool server;      /* UNIX, TCP: listen; one peer at a time */
    bool wait;        /* server: chardev_open() returns once a peer is there */
    bool no_signals;  /* STDIO on a terminal: Ctrl-C goes to the guest */
};

/* NULL and a one-line message (caller frees) if the host refuses. */
struct chardev *chardev_open(const struct chardev_spec *spec, const char *id, char **error);
/* "unix:/tmp/s,server=on" and the like, for listings; caller frees. */
char *chardev_describe(const struct chardev_spec *spec);

#endif
