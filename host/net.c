/* SPDX-License-Identifier: MIT */
/*
 * The queue between a back end and a card, and copies to pcap files.
 */
#include "host/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

#define PCAP_MAGIC    0xa1b23c4du /* time stamps in ns */
#define PCAP_ETHERNET 1
#define NS_PER_SEC    1000000000ull

void net_init(struct net *n, const struct net_ops *ops, const char *id)
{
    n->ops = ops;
    n->id = xstrdup(id);
    n->link_up = true;
    n->queue = xcalloc(NET_QUEUE, sizeof(*n->queue));
}

static void dump(const struct net *n, const uint8_t *frame, size_t len)
{
    uint64_t now = n->now ? n->now(n->now_opaque) : 0;

    for (const struct net_dump *d = n->dumps; d; d = d->next) {
        uint32_t kept = len < d->max ? (uint32_t)len : d->max;
        uint8_t header[16];

        store_le32(header, (uint32_t)(now / NS_PER_SEC));
        store_le32(header + 4, (uint32_t)(now % NS_PER_SEC));
        store_le32(header + 8, kept);
        store_le32(header + 12, (uint32_t)len);
        fwrite(header, 1, sizeof(header), d->file);
        fwrite(frame, 1, kept, d->file);
        fflush(d->file); /* whole frames, whatever ends the program */
    }
}

void net_deliver(struct net *n, const uint8_t *frame, size_t len)
{
    struct net_frame *f;

    if (!n->link_up || !len || len > NET_FRAME_MAX) {
        return;
    }
    dump(n, frame, len);
    if (n->count == NET_QUEUE) {
        n->dropped++;
        return;
    }
    f = &n->queue[(n->first + n->count++) % NET_QUEUE];
    memcpy(f->bytes, frame, len);
    if (len < NET_FRAME_MIN) {
        memset(f->bytes + len, 0, NET_FRAME_MIN - len);
        len = NET_FRAME_MIN;
    }
    f->len = (uint16_t)len;
    n->frames_in++;
    n->bytes_in += len;
    if (n->arrived) {
        n->arrived(n->opaque);
    }
}

void net_send(struct net *n, const uint8_t *frame, size_t len)
{
    if (!n || !n->link_up) {
        return;
    }
    n->frames_out++;
    n->bytes_out += len;
    dump(n, frame, len);
    n->ops->send(n, frame, len);
}

const struct net_frame *net_peek(const struct net *n)
{
    return n && n->count ? &n->queue[n->first] : NULL;
}

void net_take(struct net *n)
{
    n->first = (n->first + 1) % NET_QUEUE;
    n->count--;
}

unsigned net_fill(struct net *n, struct pollfd *p, unsigned max, uint32_t *ms)
{
    return n && n->ops->fill ? n->ops->fill(n, p, max, ms) : 0;
}

void net_poll(struct net *n)
{
    if (n && n->ops->poll) {
        n->ops->poll(n);
    }
}

void net_set_link(struct net *n, bool up)
{
    n->link_up = up;
    if (!up) {
        n->count = 0;
    }
    if (n->link_changed) {
        n->link_changed(n->opaque);
    }
}

char *net_dump_open(struct net *n, const char *path, uint32_t max)
{
    struct net_dump *d;
    uint8_t header[24] = {0};
    FILE *file = fopen(path, "wb");

    if (!file) {
        return xasprintf("cannot create the packet file '%s': %s", path, strerror(errno));
    }
    d = xcalloc(1, sizeof(*d));
    *d = (struct net_dump){file, max ? max : 65536, n->dumps};
    n->dumps = d;
    store_le32(header, PCAP_MAGIC);
    store_le16(header + 4, 2); /* version 2.4 */
    store_le16(header + 6, 4);
    store_le32(header + 16, d->max);
    store_le32(header + 20, PCAP_ETHERNET);
    fwrite(header, 1, sizeof(header), file);
    fflush(file);
    return NULL;
}

void net_destroy(struct net *n)
{
    if (!n) {
        return;
    }
    while (n->dumps) {
        struct net_dump *d = n->dumps;

        n->dumps = d->next;
        fclose(d->file);
        free(d);
    }
    free(n->queue);
    free(n->id);
    n->ops->destroy(n);
}

static void none_send(struct net *n, const uint8_t *frame, size_t len)
{
    (void)n;
    (void)frame;
    (void)len;
}

static void none_destroy(struct net *n)
{
    free(n);
}

struct net *net_none_create(const char *id)
{
    static const struct net_ops ops = {.send = none_send, .destroy = none_destroy};
    struct net *n = xcalloc(1, sizeof(*n));

    net_init(n, &ops, id);
    return n;
}
