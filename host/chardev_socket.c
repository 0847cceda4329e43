/* SPDX-License-Identifier: MIT */
/*
 * Unix-domain and TCP sockets. A server has one peer at a time; the next one is accepted when it is
 * gone. Output while there is no peer is lost, as on a cable with nobody at its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "host/chardev_stream.h"

struct socket_stream {
    struct stream s;
    int listener; /* -1: client */
    char *unlink_path;
};

static struct socket_stream *from_stream(struct stream *s)
{
    return container_of(s, struct socket_stream, s);
}

static void attach(struct socket_stream *t, int fd)
{
    int one = 1;

    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* fails on Unix sockets: fine */
    t->s.in = t->s.out = fd;
    if (t->s.c.opened) {
        t->s.c.opened(t->s.c.opaque, true);
    }
}

static void detach(struct stream *s)
{
    if (s->in < 0) {
        return;
    }
    close(s->in);
    s->in = s->out = -1;
    stream_discard(s);
    if (s->c.opened) {
        s->c.opened(s->c.opaque, false);
    }
}

static void look_for_peer(struct socket_stream *t)
{
    struct pollfd p = {.fd = t->listener, .events = POLLIN};

    if (t->listener < 0 || t->s.in >= 0 || poll(&p, 1, 0) != 1) {
        return;
    }
    int fd = accept(t->listener, NULL, NULL);

    if (fd >= 0) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        attach(t, fd);
    }
}

static void socket_poll(struct chardev *c)
{
    look_for_peer(container_of(c, struct socket_stream, s.c));
    stream_poll(c);
}

static unsigned socket_fds(struct chardev *c, int *fds, unsigned max)
{
    struct socket_stream *t = container_of(c, struct socket_stream, s.c);

    if (t->s.in < 0 && t->listener >= 0 && max) {
        fds[0] = t->listener;
        return 1;
    }
    return stream_fds(c, fds, max);
}

static void socket_close(struct stream *s)
{
    struct socket_stream *t = from_stream(s);

    s->c.opened = NULL;
    detach(s);
    if (t->listener >= 0) {
        close(t->listener);
    }
    if (t->unlink_path) {
        unlink(t->unlink_path);
        free(t->unlink_path);
    }
}

static bool socket_is_open(struct chardev *c)
{
    return container_of(c, struct stream, c)->in >= 0;
}

static const struct chardev_ops socket_ops = {
    .is_open = socket_is_open,
    .write = stream_write,
    .poll = socket_poll,
    .fds = socket_fds,
    .pending = stream_pending,
    .destroy = stream_destroy,
};

/* An old socket file in the way is removed; any other file is not ours to remove. */
static bool path_is_free(const char *path)
{
    struct stat st;

    if (lstat(path, &st)) {
        return true;
    }
    return S_ISSOCK(st.st_mode) && !unlink(path);
}

static int open_unix(const struct chardev_spec *spec, const char *id, char **error)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    if (strlen(spec->path) >= sizeof(a.sun_path)) {
        *error = xasprintf("%s: socket path '%s' is longer than %zu bytes", id, spec->path,
                           sizeof(a.sun_path) - 1);
        return -1;
    }
    strcpy(a.sun_path, spec->path);
    if (spec->server && !path_is_free(spec->path)) {
        *error = xasprintf("%s: '%s' is there already and is no socket", id, spec->path);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && !(spec->server ? bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1)
                                  : connect(fd, (struct sockaddr *)&a, sizeof(a)))) {
        return fd;
    }
    *error = xasprintf("%s: cannot %s '%s': %s", id, spec->server ? "listen on" : "connect to",
                       spec->path, strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static int open_address(const struct addrinfo *a, bool server)
{
    int one = 1;
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);

    if (fd < 0) {
        return -1;
    }
    if (server) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    if (!(server ? bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, 1)
                 : connect(fd, a->ai_addr, a->ai_addrlen))) {
        return fd;
    }
    int failed = errno;

    close(fd);
    errno = failed;
    return -1;
}

static int open_tcp(const struct chardev_spec *spec, const char *id, char **error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = spec->server ? AI_PASSIVE : 0};
    const char *host = spec->host && spec->host[0] ? spec->host : NULL;
    struct addrinfo *list;
    int fd = -1, bad = getaddrinfo(host, spec->port, &hints, &list);

    if (bad) {
        *error = xasprintf("%s: '%s:%s': %s", id, host ? host : "", spec->port, gai_strerror(bad));
        return -1;
    }
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = open_address(a, spec->server);
    }
    if (fd < 0) {
        *error =
            xasprintf("%s: cannot %s '%s:%s': %s", id, spec->server ? "listen on" : "connect to",
                      host ? host : "", spec->port, strerror(errno));
    }
    freeaddrinfo(list);
    return fd;
}

/* wait=on: nothing starts before somebody is there. A signal ends the wait. */
static bool wait_for_peer(struct socket_stream *t, char **error)
{
    struct pollfd p = {.fd = t->listener, .events = POLLIN};

    while (t->s.in < 0) {
        if (poll(&p, 1, -1) < 0) {
            *error = xasprintf("%s: interrupted while waiting for a peer", t->s.c.id);
            return false;
        }
        look_for_peer(t);
    }
    return true;
}

struct chardev *chardev_socket_open(const struct chardev_spec *spec, const char *id, char **error)
{
    bool local = spec->kind == CHARDEV_UNIX;
    int fd = local ? open_unix(spec, id, error) : open_tcp(spec, id, error);

    if (fd < 0) {
        return NULL;
    }
    struct socket_stream *t = xcalloc(1, sizeof(*t));

    stream_init(&t->s, &socket_ops, id);
    t->s.socket = true;
    t->s.in = t->s.out = t->listener = -1;
    t->s.hung_up = detach;
    t->s.close = socket_close;
    if (!spec->server) {
        attach(t, fd);
        return &t->s.c;
    }
    t->listener = fd;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (local) {
        t->unlink_path = xstrdup(spec->path);
    }
    if (spec->wait) {
        char *where = chardev_describe(spec);

        log_host("%s: waiting for a connection to %s", id, where);
        free(where);
        if (!wait_for_peer(t, error)) {
            stream_destroy(&t->s.c);
            return NULL;
        }
    }
    return &t->s.c;
}
