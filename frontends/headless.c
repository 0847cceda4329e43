/* SPDX-License-Identifier: MIT */
/*
 * Slices of guest instructions, and between them, about once per millisecond, the streams.
 *
 * An idle guest (HLT) with the virtual clock sleeps for as long on the host as until its next
 * event, or a nap if that is longer (a guest with a tick of 1000 Hz would wake the host as often:
 * 4 % of a core, against 1 %; then it gets two ticks at once; not with the host's clock, where the
 * second would be lost), so that a clock in the guest goes right and the host's core is free; with
 * sleep=off guest time jumps there at once. Guest time that is behind the host's (the guest was
 * busy) or ahead of it is not caught up with beyond SLACK: a guest that waits five seconds for a
 * key shall not see them pass in an instant.
 */
#define _GNU_SOURCE /* ppoll */
#include "frontends/headless.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "frontends/screen.h"
#include "frontends/session.h"

#define SLICE       200000u   /* instructions: about a millisecond */
#define POLL_EVERY  1000000u  /* ns */
#define SLACK       20000000u /* ns */
#define MAX_FDS     64
#define MAX_NET_FDS 512
#define NAP         2000000u /* ns: a sleep on the host is at least as long, input aside */
#define LONG_SLEEP  1000     /* ms: nothing is due, only input can come */
#define FLUSH_SLEEP 10       /* ms: output waits for a slow peer */

struct headless {
    struct session *s;
    int signals; /* signalfd */
    uint64_t polled_at;
    uint64_t host_base, guest_base; /* the same instant by both clocks */
};

static uint64_t host_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static void take_signals(struct headless *h)
{
    struct signalfd_siginfo info;

    while (read(h->signals, &info, sizeof(info)) == sizeof(info)) {
        session_quit(h->s, EXIT_SIGNAL + (int)info.ssi_signo, "host-signal");
    }
}

static void poll_now(struct headless *h)
{
    take_signals(h);
    session_poll(h->s);
    h->polled_at = host_ns();
}

/*
 * Sleeps until a descriptor is ready or ns have passed. If none is, the streams need no look before
 * the guest has run.
 */
static void wait_for_input(struct headless *h, uint64_t ns)
{
    struct pollfd p[MAX_FDS + MAX_NET_FDS];
    uint32_t net_ms = UINT32_MAX;
    int fds[MAX_FDS];
    bool pending;
    unsigned n = session_fds(h->s, fds, MAX_FDS - 1, &pending);

    if (h->s->screen && ns > SCREEN_PERIOD) {
        ns = SCREEN_PERIOD;
    }
    if (pending && ns > FLUSH_SLEEP * 1000000ull) {
        ns = FLUSH_SLEEP * 1000000ull;
    }
    for (unsigned i = 0; i < n; i++) {
        p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    }
    p[n++] = (struct pollfd){.fd = h->signals, .events = POLLIN};
    n += session_net_fds(h->s, p + n, MAX_NET_FDS, &net_ms);
    if (ns / 1000000 > net_ms) {
        ns = net_ms * 1000000ull;
    }

    struct timespec t = {.tv_sec = (time_t)(ns / NS_PER_SEC), .tv_nsec = (long)(ns % NS_PER_SEC)};

    if (ppoll(p, n, &t, NULL) == 0) {
        h->polled_at = host_ns();
    }
}

/* Where guest time should be, by the host's clock. */
static uint64_t guest_target(struct headless *h)
{
    uint64_t now = host_ns(), guest = clock_now(&h->s->m->clock);
    uint64_t target = h->guest_base + (now - h->host_base);

    if (h->s->o->host_clock) {
        return guest; /* they go together by themselves */
    }
    if (target > guest + SLACK || target + SLACK < guest) {
        h->host_base = now;
        h->guest_base = target = guest;
    }
    return target;
}

static void idle(struct headless *h)
{
    struct machine *m = h->s->m;
    uint64_t next = pc_next_event(m);
    uint64_t wait = LONG_SLEEP * 1000000ull;

    if (!h->s->o->sleep && next != CLOCK_NEVER) {
        pc_advance(m, next);
        return;
    }
    uint64_t target = h->s->o->sleep ? guest_target(h) : 0;

    if (next <= target && host_ns() - h->polled_at < POLL_EVERY) {
        pc_advance(m, next); /* one of several ticks that a nap was longer than */
        return;
    }
    poll_now(h); /* output first: the guest may be waiting for an answer */
    if (h->s->quit || h->s->state != RUN_RUNNING) {
        return;
    }
    next = pc_next_event(m); /* input may have brought one nearer */
    if (next != CLOCK_NEVER) {
        wait = next > target ? next - target : 0;
    }
    if (wait && wait < NAP && !h->s->o->host_clock) {
        wait = NAP;
    }
    if (wait) {
        wait_for_input(h, wait < LONG_SLEEP * 1000000ull ? wait : LONG_SLEEP * 1000000ull);
    }
    if (h->s->o->sleep) {
        uint64_t now = h->guest_base + (host_ns() - h->host_base);

        /* Idle guest time goes on with the host's, up to the event. */
        if (now > clock_now(&m->clock)) {
            pc_advance(m, now < next ? now : next);
        }
    }
}

static void run(struct headless *h)
{
    struct session *s = h->s;

    switch (pc_run(s->m, SLICE)) {
    case PC_RAN: break;
    case PC_IDLE: idle(h); break;
    case PC_STOPPED: session_stopped(s); break;
    }
    if (host_ns() - h->polled_at >= POLL_EVERY) {
        poll_now(h);
    }
}

/* SIGTERM and SIGINT become data, so that no handler runs in the middle of something. */
static int open_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int headless_run(struct session *s)
{
    struct headless h = {.s = s, .signals = open_signals(), .host_base = host_ns()};

    poll_now(&h);
    while (!s->quit) {
        if (s->state == RUN_RUNNING) {
            run(&h);
        } else {
            wait_for_input(&h, LONG_SLEEP * 1000000ull);
            poll_now(&h);
        }
    }
    session_poll(s);
    close(h.signals);
    return s->exit_status;
}
