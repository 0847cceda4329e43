/* SPDX-License-Identifier: MIT */
/* frontends/mux.h: who gets the input, what Ctrl-A does, and that nothing is lost. */
#include "tests/unit/check.h"

#include "frontends/mux.h"

/* A user of the stream that takes `room` bytes. */
struct user {
    char got[64];
    unsigned n, room, opened;
};

static unsigned user_room(void *opaque)
{
    return ((struct user *)opaque)->room;
}

static void user_receive(void *opaque, const uint8_t *buf, size_t len)
{
    struct user *u = opaque;

    CHECK(len <= u->room);
    u->room -= (unsigned)len;
    memcpy(u->got + u->n, buf, len);
    u->n += (unsigned)len;
}

static void user_opened(void *opaque, bool open)
{
    ((struct user *)opaque)->opened += open;
}

/* The host's end. */
struct host {
    struct chardev c;
    char out[512];
    unsigned n;
    bool destroyed;
};

static void host_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct host *h = container_of(c, struct host, c);

    if (h->n + len < sizeof(h->out)) {
        memcpy(h->out + h->n, buf, len);
        h->n += (unsigned)len;
    }
}

static void host_destroy(struct chardev *c)
{
    container_of(c, struct host, c)->destroyed = true;
}

static unsigned no_fds(struct chardev *c, int *fds, unsigned max)
{
    (void)c;
    (void)fds;
    (void)max;
    return 0;
}

static const struct chardev_ops host_ops = {
    .write = host_write, .fds = no_fds, .destroy = host_destroy};

struct rig {
    struct mux *x;
    struct host h;
    struct user a, b;
    struct chardev *ca;
    unsigned quits;
};

static void quit(void *opaque)
{
    ((struct rig *)opaque)->quits++;
}

static void setup(struct rig *r, bool escapes, bool two)
{
    memset(r, 0, sizeof(*r));
    r->h.c.ops = &host_ops;
    r->x = mux_create("test", escapes);
    mux_on_quit(r->x, quit, r);
    r->ca = mux_add_user(r->x);
    chardev_connect(r->ca, user_room, user_receive, &r->a);
    if (two) {
        struct chardev *cb = mux_add_user(r->x);

        chardev_connect(cb, user_room, user_receive, &r->b);
        cb->opened = user_opened;
    }
    mux_connect(r->x, &r->h.c);
    r->a.room = r->b.room = 60;
}

static void type(struct rig *r, const char *s)
{
    for (; *s; s++) {
        if (r->h.c.can_receive(r->h.c.opaque)) {
            r->h.c.receive(r->h.c.opaque, (const uint8_t *)s, 1);
        }
    }
}

static void one_user_is_a_pipe(void)
{
    struct rig r;

    setup(&r, false, false);
    type(&r, "a\001xb");
    CHECK_STR(r.a.got, "a\001xb");
    CHECK_EQ(r.quits, 0);
    chardev_write(r.ca, (const uint8_t *)"out", 3);
    CHECK_STR(r.h.out, "out");
    r.a.room = 0;
    CHECK_EQ(r.h.c.can_receive(r.h.c.opaque), 0);
    mux_destroy(r.x);
    CHECK(r.h.destroyed);
}

static void ctrl_a_c_moves_the_input(void)
{
    struct rig r;

    setup(&r, true, true);
    type(&r, "one\001ctwo\001cthree\001\001");
    CHECK_STR(r.a.got, "onethree\001");
    CHECK_STR(r.b.got, "two");
    CHECK_EQ(r.b.opened, 1);
    mux_destroy(r.x);
}

static void ctrl_a_x_works_with_a_deaf_guest(void)
{
    struct rig r;

    setup(&r, true, false);
    r.a.room = 2;
    type(&r, "hello\001x");
    CHECK_EQ(r.quits, 1);
    CHECK_STR(r.a.got, "he");
    r.a.room = 60;
    mux_poll(r.x);
    CHECK_STR(r.a.got, "hello");
    mux_destroy(r.x);
}

int main(void)
{
    RUN(one_user_is_a_pipe);
    RUN(ctrl_a_c_moves_the_input);
    RUN(ctrl_a_x_works_with_a_deaf_guest);
    return check_done();
}
