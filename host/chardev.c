/* SPDX-License-Identifier: MIT */
/*
 * Streams over file descriptors, and the choice among the kinds.
 *
 * Output is gathered and goes to the host when the run loop polls, which it does about once per
 * millisecond, or when a page of it is there. stdin and stdout keep their blocking mode, because it
 * belongs to the open file, which a shell may share: poll() is asked first, and no more is written
 * than a pipe takes at once.
 */
#include "host/chardev.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "host/chardev_stream.h"

#define STREAM_CHUNK    4096u       /* PIPE_BUF: a writable pipe takes this much without blocking */
#define STREAM_LIMIT    (16u << 20) /* a peer that reads nothing costs no more memory than this */
#define STREAM_PATIENCE 2000        /* ms without progress before the last output is given up */

void stream_init(struct stream *s, const struct chardev_ops *ops, const char *id)
{
    s->c.ops = ops;
    s->c.id = xstrdup(id);
}

void stream_discard(struct stream *s)
{
    s->start = s->len = 0;
}

static bool writable(int fd, int timeout)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    return poll(&p, 1, timeout) == 1;
}

/* Gives the host what it takes now, or within `timeout` ms per chunk. */
static void stream_flush(struct stream *s, int timeout)
{
    while (s->len && s->out >= 0) {
        size_t n = s->len < STREAM_CHUNK ? s->len : STREAM_CHUNK;

        if (!writable(s->out, timeout)) {
            return;
        }
        ssize_t done = s->socket ? send(s->out, s->buf + s->start, n, MSG_DONTWAIT | MSG_NOSIGNAL)
                                 : write(s->out, s->buf + s->start, n);
        if (done < 0) {
            if (errno != EINTR && errno != EAGAIN) {
                stream_discard(s);
                if (s->hung_up) {
                    s->hung_up(s);
                }
            }
            return;
        }
        s->start += (size_t)done;
        s->len -= (size_t)done;
    }
    if (!s->len) {
        s->start = 0;
        s->dropping = false;
    }
}

void stream_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct stream *s = container_of(c, struct stream, c);

    if (s->out < 0) {
        return;
    }
    if (s->len + len > STREAM_LIMIT) {
        if (!s->dropping) {
            log_host("%s: the other side takes no output; what follows is lost", c->id);
        }
        s->dropping = true;
        return;
    }
    if (s->start + s->len + len > s->cap) {
        if (s->start) {
            memmove(s->buf, s->buf + s->start, s->len);
            s->start = 0;
        }
        if (s->len + len > s->cap) {
            s->cap = (s->len + len) * 2;
            s->buf = xrealloc(s->buf, s->cap);
        }
    }
    memcpy(s->buf + s->start + s->len, buf, len);
    s->len += len;
    if (s->len >= STREAM_CHUNK && !s->dropping) {
        stream_flush(s, 0);
    }
}

static size_t wanted(struct stream *s, size_t max)
{
    size_t n = s->c.receive && s->c.can_receive ? s->c.can_receive(s->c.opaque) : 0;

    return n < max ? n : max;
}

static void stream_input(struct stream *s)
{
    uint8_t buf[1024];

    while (s->in >= 0) {
        struct pollfd p = {.fd = s->in, .events = POLLIN};
        /* With nobody to take input a hang-up is still worth knowing. */
        size_t n = wanted(s, sizeof(buf));

        if (poll(&p, 1, 0) != 1 || (!n && !(p.revents & POLLHUP && !(p.revents & POLLIN)))) {
            return;
        }
        ssize_t got = n ? read(s->in, buf, n) : 0;
        if (got > 0) {
            s->c.receive(s->c.opaque, buf, (size_t)got);
        } else if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        } else if (s->hung_up) {
            s->hung_up(s);
            return;
        } else {
            s->in = -1;
        }
    }
}

void stream_poll(struct chardev *c)
{
    struct stream *s = container_of(c, struct stream, c);

    stream_flush(s, 0);
    stream_input(s);
    stream_flush(s, 0); /* an echo or an answer need not wait */
}

unsigned stream_fds(struct chardev *c, int *fds, unsigned max)
{
    struct stream *s = container_of(c, struct stream, c);

    if (s->in < 0 || !max || !wanted(s, 1)) {
        return 0;
    }
    fds[0] = s->in;
    return 1;
}

bool stream_pending(struct chardev *c)
{
    return container_of(c, struct stream, c)->len > 0;
}

void stream_destroy(struct chardev *c)
{
    struct stream *s = container_of(c, struct stream, c);

    s->hung_up = NULL;
    for (size_t before = s->len + 1; s->len && s->len < before;) {
        before = s->len;
        stream_flush(s, STREAM_PATIENCE);
    }
    if (s->close) {
        s->close(s);
    }
    free(s->buf);
    free((char *)(uintptr_t)s->c.id);
    free(s);
}

/* The stream that goes nowhere. */

static void null_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    (void)c;
    (void)buf;
    (void)len;
}

static void null_destroy(struct chardev *c)
{
    free((char *)(uintptr_t)c->id);
    free(c);
}

static const struct chardev_ops null_ops = {.write = null_write, .destroy = null_destroy};

static struct chardev *null_open(const char *id)
{
    struct chardev *c = xcalloc(1, sizeof(*c));

    c->ops = &null_ops;
    c->id = xstrdup(id);
    return c;
}

struct chardev *chardev_open(const struct chardev_spec *spec, const char *id, char **error)
{
    switch (spec->kind) {
    case CHARDEV_STDIO: return chardev_stdio_open(spec, id, error);
    case CHARDEV_FILE: return chardev_file_open(spec, id, error);
    case CHARDEV_PTY: return chardev_pty_open(spec, id, error);
    case CHARDEV_UNIX:
    case CHARDEV_TCP: return chardev_socket_open(spec, id, error);
    case CHARDEV_NULL: break;
    }
    return null_open(id);
}

char *chardev_describe(const struct chardev_spec *spec)
{
    const char *tail = spec->server ? ",server=on" : "";

    switch (spec->kind) {
    case CHARDEV_STDIO: return xstrdup("stdio");
    case CHARDEV_FILE: return xasprintf("file:%s", spec->path);
    case CHARDEV_PTY: return xstrdup("pty");
    case CHARDEV_UNIX: return xasprintf("unix:%s%s", spec->path, tail);
    case CHARDEV_TCP:
        return xasprintf("tcp:%s:%s%s", spec->host ? spec->host : "", spec->port, tail);
    case CHARDEV_NULL: break;
    }
    return xstrdup("null");
}
