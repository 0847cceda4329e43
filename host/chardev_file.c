/* SPDX-License-Identifier: MIT */
/*
 * Output to a file, and a pseudo-terminal.
 */
#define _GNU_SOURCE /* posix_openpt */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "host/chardev_stream.h"

static void close_fds(struct stream *s)
{
    if (s->out >= 0) {
        close(s->out);
    }
    if (s->in >= 0 && s->in != s->out) {
        close(s->in);
    }
    s->in = s->out = -1;
}

static const struct chardev_ops file_ops = {
    .write = stream_write,
    .poll = stream_poll,
    .fds = stream_fds,
    .pending = stream_pending,
    .destroy = stream_destroy,
};

static void file_failed(struct stream *s)
{
    log_host("%s: cannot write its file (%s); output is lost from here on", s->c.id,
             strerror(errno));
    close_fds(s);
}

struct chardev *chardev_file_open(const struct chardev_spec *spec, const char *id, char **error)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (spec->append ? O_APPEND : O_TRUNC);
    int fd = open(spec->path, flags, 0666);

    if (fd < 0) {
        *error = xasprintf("%s: cannot open '%s' for writing: %s", id, spec->path, strerror(errno));
        return NULL;
    }
    struct stream *s = xcalloc(1, sizeof(*s));

    stream_init(s, &file_ops, id);
    s->in = -1;
    s->out = fd;
    s->hung_up = file_failed;
    s->close = close_fds;
    return &s->c;
}

/* Nobody holds the other end: reads fail with EIO until somebody does, which is no end of input. */
static void pty_alone(struct stream *s)
{
    stream_discard(s);
}

struct chardev *chardev_pty_open(const struct chardev_spec *spec, const char *id, char **error)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;

    (void)spec;
    if (fd < 0 || grantpt(fd) || unlockpt(fd)) {
        *error = xasprintf("%s: no pseudo-terminal: %s", id, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    if (!tcgetattr(fd, &raw)) {
        cfmakeraw(&raw);
        tcsetattr(fd, TCSANOW, &raw);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);

    struct stream *s = xcalloc(1, sizeof(*s));

    stream_init(s, &file_ops, id);
    s->in = s->out = fd;
    s->hung_up = pty_alone;
    s->close = close_fds;
    log_host("%s: pseudo-terminal %s", id, ptsname(fd));
    return &s->c;
}
