/* SPDX-License-Identifier: MIT */
/*
 * Character streams: what a serial port, the debug console or QMP is connected to. Never blocks: output
 * that the host does not take is kept, input arrives through the receive callback between slices of guest
 * time.
 */
#ifndef HOST_CHARDEV_H
#define HOST_CHARDEV_H

#include "base/types.h"

struct chardev;

struct chardev_ops {
    void (*write)(struct chardev *c, const uint8_t *buf, size_t len);
    void (*poll)(struct chardev *c);     /* look for input, flush output; may be NULL */
    /* Appends the file descriptors to wait for (reading); returns how many. */
    unsigned (*fds)(struct chardev *c, int *fds, unsigned max);
    void (*destroy)(struct chardev *c);
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

#endif
