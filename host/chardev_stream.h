/* SPDX-License-Identifier: MIT */
/*
 * What the streams over file descriptors share: an output buffer, and input between slices.
 * Internal to host/chardev*.c.
 */
#ifndef HOST_CHARDEV_STREAM_H
#define HOST_CHARDEV_STREAM_H

#include "host/chardev.h"

struct stream {
    struct chardev c;
    int in, out;  /* -1: none */
    bool socket;  /* in and out are one socket: send() without waiting */
    uint8_t *buf; /* output the host has not taken */
    size_t start, len, cap;
    bool dropping; /* the buffer was full: said once */

    void (*hung_up)(struct stream *s); /* end of input, or an error on output */
    void (*close)(struct stream *s);   /* what the kind adds to the end */
};

/* Fills in what is common; ops may be changed by the caller. s is xcalloc'ed. */
void stream_init(struct stream *s, const struct chardev_ops *ops, const char *id);

void stream_write(struct chardev *c, const uint8_t *buf, size_t len);
void stream_poll(struct chardev *c);
unsigned stream_fds(struct chardev *c, int *fds, unsigned max);
bool stream_pending(struct chardev *c);
void stream_destroy(struct chardev *c);
/* Forgets output that nobody will take. */
void stream_discard(struct stream *s);

struct chardev *chardev_stdio_open(const struct chardev_spec *spec, const char *id, char **error);
struct chardev *chardev_file_open(const struct chardev_spec *spec, const char *id, char **error);
struct chardev *chardev_pty_open(const struct chardev_spec *spec, const char *id, char **error);
struct chardev *chardev_socket_open(const struct chardev_spec *spec, const char *id, char **error);

#endif
