/* SPDX-License-Identifier: MIT */
/*
 * Standard input and output. A terminal is in raw mode for as long as the stream lives.
 */
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "host/chardev_stream.h"

struct stdio_stream {
    struct stream s;
    bool terminal;
    struct termios saved;
};

static void stdio_hung_up(struct stream *s)
{
    s->in = -1; /* end of input: output goes on */
}

static void stdio_close(struct stream *s)
{
    struct stdio_stream *t = container_of(s, struct stdio_stream, s);

    if (t->terminal) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
    }
}

static const struct chardev_ops stdio_ops = {
    .write = stream_write,
    .poll = stream_poll,
    .fds = stream_fds,
    .pending = stream_pending,
    .destroy = stream_destroy,
};

static void raw_mode(struct stdio_stream *t, bool no_signals)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &t->saved)) {
        return;
    }
    struct termios raw = t->saved;

    raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    if (no_signals) {
        raw.c_lflag &= ~(tcflag_t)ISIG;
    }
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    t->terminal = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

struct chardev *chardev_stdio_open(const struct chardev_spec *spec, const char *id, char **error)
{
    struct stdio_stream *t = xcalloc(1, sizeof(*t));

    (void)error;
    stream_init(&t->s, &stdio_ops, id);
    t->s.in = STDIN_FILENO;
    t->s.out = STDOUT_FILENO;
    t->s.hung_up = stdio_hung_up;
    t->s.close = stdio_close;
    raw_mode(t, spec->no_signals);
    return &t->s.c;
}
