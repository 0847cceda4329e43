/* SPDX-License-Identifier: MIT */
/*
 * User-mode network: libslirp's NAT, DHCP, DNS and TFTP. Its timers run by the host's clock, since
 * what they guard against is the host's network.
 */
#include "host/net.h"

#include <stdlib.h>
#include <string.h>

#if defined(HAVE_SLIRP)

#include <arpa/inet.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <time.h>

#include "base/log.h"

#define NS_PER_MS 1000000
#define FDS_MAX   512

struct timer {
    SlirpTimerCb fn;
    void *opaque;
    int64_t when; /* ms; -1: not set */
    struct timer *next;
};

struct net_user {
    struct net net;
    Slirp *slirp;
    struct timer *timers;
    struct in_addr network, mask;
    /* While slirp fills or reads them. */
    struct pollfd *fds;
    unsigned count, max;
};

static int64_t clock_get_ns(void *opaque)
{
    struct timespec t;

    (void)opaque;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static ssize_t send_packet(const void *buf, size_t len, void *opaque)
{
    net_deliver(opaque, buf, len);
    return (ssize_t)len;
}

static void guest_error(const char *msg, void *opaque)
{
    (void)opaque;
    log_guest(NET, "slirp: %s", msg);
}

static void *timer_new(SlirpTimerCb fn, void *fn_opaque, void *opaque)
{
    struct net_user *u = opaque;
    struct timer *t = xcalloc(1, sizeof(*t));

    *t = (struct timer){fn, fn_opaque, -1, u->timers};
    u->timers = t;
    return t;
}

static void timer_free(void *timer, void *opaque)
{
    struct net_user *u = opaque;
    struct timer **p = &u->timers;

    while (*p && *p != timer) {
        p = &(*p)->next;
    }
    if (*p) {
        *p = (*p)->next;
        free(timer);
    }
}

static void timer_mod(void *timer, int64_t when, void *opaque)
{
    struct timer *t = timer;

    (void)opaque;
    t->when = when;
}

static void run_timers(struct net_user *u)
{
    int64_t now = clock_get_ns(NULL) / NS_PER_MS;

    for (struct timer *t = u->timers, *next; t; t = next) {
        next = t->next;
        if (t->when >= 0 && t->when <= now) {
            t->when = -1;
            t->fn(t->opaque);
        }
    }
}

static void ignore_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void ignore(void *opaque)
{
    (void)opaque;
}

static int add_poll(int fd, int events, void *opaque)
{
    struct net_user *u = opaque;

    if (u->count == u->max) {
        return -1;
    }
    u->fds[u->count] = (struct pollfd){
        .fd = fd,
        .events = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) |
                          (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
                          (events & SLIRP_POLL_PRI ? POLLPRI : 0)),
    };
    return (int)u->count++;
}

static int get_revents(int index, void *opaque)
{
    const struct net_user *u = opaque;
    int events = 0;

    if (index < 0) {
        return 0;
    }
    short r = u->fds[index].revents;

    events |= r & POLLIN ? SLIRP_POLL_IN : 0;
    events |= r & POLLOUT ? SLIRP_POLL_OUT : 0;
    events |= r & POLLPRI ? SLIRP_POLL_PRI : 0;
    events |= r & POLLERR ? SLIRP_POLL_ERR : 0;
    events |= r & POLLHUP ? SLIRP_POLL_HUP : 0;
    return events;
}

static unsigned user_fill(struct net *n, struct pollfd *p, unsigned max, uint32_t *ms)
{
    struct net_user *u = (struct net_user *)n;
    int64_t now = clock_get_ns(NULL) / NS_PER_MS;

    u->fds = p;
    u->count = 0;
    u->max = max;
    slirp_pollfds_fill(u->slirp, ms, add_poll, u);
    for (const struct timer *t = u->timers; t; t = t->next) {
        if (t->when >= 0) {
            int64_t left = t->when > now ? t->when - now : 0;

            *ms = left < *ms ? (uint32_t)left : *ms;
        }
    }
    return u->count;
}

static void user_poll(struct net *n)
{
    struct net_user *u = (struct net_user *)n;
    struct pollfd fds[FDS_MAX];
    uint32_t ms = 0;
    unsigned count = user_fill(n, fds, FDS_MAX, &ms);
    int failed = poll(fds, count, 0) < 0;

    slirp_pollfds_poll(u->slirp, failed, get_revents, u);
    run_timers(u);
}

static void user_send(struct net *n, const uint8_t *frame, size_t len)
{
    struct net_user *u = (struct net_user *)n;

    slirp_input(u->slirp, frame, (int)len);
}

static void user_destroy(struct net *n)
{
    struct net_user *u = (struct net_user *)n;

    if (u->slirp) {
        slirp_cleanup(u->slirp);
    }
    while (u->timers) {
        timer_free(u->timers, u);
    }
    free(u);
}

static const struct net_ops user_ops = {user_send, user_fill, user_poll, user_destroy};

bool net_is_user(const struct net *n)
{
    return n->ops == &user_ops;
}

bool net_user_supported(void)
{
    return true;
}

/* ---- addresses ---- */

static bool parse_net(const char *text, struct in_addr *network, struct in_addr *mask)
{
    const char *slash = strchr(text, '/');
    char address[32];
    char *end;
    unsigned long bits = slash ? strtoul(slash + 1, &end, 10) : 24;
    size_t len = slash ? (size_t)(slash - text) : strlen(text);

    if (len >= sizeof(address) || (slash && *end) || bits < 8 || bits > 30) {
        return false;
    }
    memcpy(address, text, len);
    address[len] = 0;
    mask->s_addr = htonl(~0u << (32 - bits));
    if (!inet_aton(address, network)) {
        return false;
    }
    network->s_addr &= mask->s_addr;
    return true;
}

/* The n-th address of the net, or the text's, which must lie in it. */
static bool parse_address(const struct net_user *u, const char *text, unsigned n,
                          struct in_addr *address)
{
    if (!text) {
        address->s_addr = u->network.s_addr | htonl(n);
        return true;
    }
    return inet_aton(text, address) && (address->s_addr & u->mask.s_addr) == u->network.s_addr;
}

/* Splits "proto:[address]:port" at *text; ends at `stop`. */
static bool parse_end(const char **text, char stop, struct in_addr *address, int *port)
{
    const char *colon = strchr(*text, ':');
    char host[32], *end;

    if (!colon || (size_t)(colon - *text) >= sizeof(host)) {
        return false;
    }
    memcpy(host, *text, (size_t)(colon - *text));
    host[colon - *text] = 0;
    if (host[0] && !inet_aton(host, address)) {
        return false;
    }
    long value = strtol(colon + 1, &end, 10);

    if (end == colon + 1 || *end != stop || value < 0 || value > 65535) {
        return false;
    }
    *port = (int)value;
    *text = *end ? end + 1 : end;
    return true;
}

static bool parse_protocol(const char **text, int *udp)
{
    *udp = !strncmp(*text, "udp:", 4);
    if (!*udp && strncmp(*text, "tcp:", 4) && **text != ':') {
        return false;
    }
    *text += **text == ':' ? 1 : 4;
    return true;
}

char *net_user_forward(struct net *n, const char *rule)
{
    struct net_user *u = (struct net_user *)n;
    struct in_addr host = {.s_addr = INADDR_ANY}, guest = {0};
    int udp, host_port, guest_port;
    const char *p = rule;

    if (!parse_protocol(&p, &udp) || !parse_end(&p, '-', &host, &host_port) ||
        !parse_end(&p, 0, &guest, &guest_port) || !guest_port) {
        return xasprintf("'%s' is no forwarding rule: write tcp:[hostaddr]:hostport-[guestaddr]:"
                         "guestport, as in tcp::2222-:22",
                         rule);
    }
    if (!guest.s_addr) {
        guest.s_addr = u->network.s_addr | htonl(15);
    }
    if (slirp_add_hostfwd(u->slirp, udp, host, host_port, guest, guest_port) < 0) {
        return xasprintf("cannot listen for the forwarding rule '%s': is the port taken?", rule);
    }
    return NULL;
}

char *net_user_unforward(struct net *n, const char *rule)
{
    struct net_user *u = (struct net_user *)n;
    struct in_addr host = {.s_addr = INADDR_ANY};
    int udp, port;
    const char *p = rule;

    if (!parse_protocol(&p, &udp) || !parse_end(&p, 0, &host, &port) ||
        slirp_remove_hostfwd(u->slirp, udp, host, port) < 0) {
        return xasprintf("there is no forwarding rule '%s'", rule);
    }
    return NULL;
}

char *net_user_info(struct net *n)
{
    struct net_user *u = (struct net_user *)n;

    return slirp_connection_info(u->slirp);
}

struct net *net_user_create(const struct net_user_config *c, char **error)
{
    static const SlirpCb callbacks = {
        .send_packet = send_packet,
        .guest_error = guest_error,
        .clock_get_ns = clock_get_ns,
        .timer_new = timer_new,
        .timer_free = timer_free,
        .timer_mod = timer_mod,
        .register_poll_fd = ignore_fd,
        .unregister_poll_fd = ignore_fd,
        .notify = ignore,
    };
    struct net_user *u = xcalloc(1, sizeof(*u));
    SlirpConfig s = {.version = 1,
                     .restricted = c->restricted,
                     .in_enabled = true,
                     .vhostname = c->hostname,
                     .tftp_path = c->tftp,
                     .tftp_server_name = c->tftp_server_name,
                     .bootfile = c->bootfile,
                     .vdomainname = c->domainname};

    net_init(&u->net, &user_ops, c->id);
    if (!parse_net(c->net ? c->net : "10.0.2.0/24", &u->network, &u->mask)) {
        *error = xasprintf("-netdev: net=%s is no network: write net=10.0.2.0/24", c->net);
    } else if (!parse_address(u, c->host, 2, &s.vhost)) {
        *error = xasprintf("-netdev: host=%s is no address in the network", c->host);
    } else if (!parse_address(u, c->dns, 3, &s.vnameserver)) {
        *error = xasprintf("-netdev: dns=%s is no address in the network", c->dns);
    } else if (!parse_address(u, c->dhcpstart, 15, &s.vdhcp_start)) {
        *error = xasprintf("-netdev: dhcpstart=%s is no address in the network", c->dhcpstart);
    } else {
        s.vnetwork = u->network;
        s.vnetmask = u->mask;
        u->slirp = slirp_new(&s, &callbacks, u);
        if (u->slirp) {
            return &u->net;
        }
        *error = xstrdup("-netdev: libslirp refuses this configuration");
    }
    net_destroy(&u->net);
    return NULL;
}

#else

bool net_user_supported(void)
{
    return false;
}

struct net *net_user_create(const struct net_user_config *c, char **error)
{
    (void)c;
    *error = xstrdup("-netdev: this program was built without libslirp: no user network");
    return NULL;
}

bool net_is_user(const struct net *n)
{
    (void)n;
    return false;
}

char *net_user_forward(struct net *n, const char *rule)
{
    (void)n;
    return xasprintf("no user network for the rule '%s'", rule);
}

char *net_user_unforward(struct net *n, const char *rule)
{
    return net_user_forward(n, rule);
}

char *net_user_info(struct net *n)
{
    (void)n;
    return xstrdup("");
}

#endif
