/* SPDX-License-Identifier: MIT */
/*
 * The host's end of a network card's cable: Ethernet frames without preamble and checksum.
 *
 * Frames for the guest wait in a queue until the card takes them (net_take()); the card is told
 * when there is one. Nothing here blocks.
 */
#ifndef HOST_NET_H
#define HOST_NET_H

#include <stdio.h>

#include "base/types.h"

#define NET_FRAME_MIN 60
#define NET_FRAME_MAX 1518
#define NET_QUEUE     256

struct net;
struct pollfd;

struct net_ops {
    void (*send)(struct net *n, const uint8_t *frame, size_t len);
    /* Appends what to wait for; returns how many. *ms: lowered to the next timeout. */
    unsigned (*fill)(struct net *n, struct pollfd *p, unsigned max, uint32_t *ms);
    void (*poll)(struct net *n); /* looks at the host, without waiting */
    void (*destroy)(struct net *n);
};

struct net_frame {
    uint16_t len;
    uint8_t bytes[NET_FRAME_MAX];
};

/* A file that gets a copy of every frame: pcap, link type Ethernet. */
struct net_dump {
    FILE *file;
    uint32_t max; /* bytes kept of a frame */
    struct net_dump *next;
};

struct net {
    const struct net_ops *ops;
    char *id;
    bool link_up;
    struct net_frame *queue; /* NET_QUEUE of them, a ring */
    unsigned first, count;
    uint64_t dropped;                                    /* the queue was full */
    uint64_t frames_in, bytes_in, frames_out, bytes_out; /* of the guest */
    struct net_dump *dumps;

    /* Set by the card: a frame has come; link_up is another. And by the machine: guest ns, for time
     * stamps. */
    void (*arrived)(void *opaque);
    void (*link_changed)(void *opaque);
    void *opaque;
    uint64_t (*now)(void *opaque);
    void *now_opaque;
};

/* For back ends: fills in what all have. */
void net_init(struct net *n, const struct net_ops *ops, const char *id);
/* A back end's frame for the guest; shorter than NET_FRAME_MIN is padded, longer than the maximum
 * is dropped. */
void net_deliver(struct net *n, const uint8_t *frame, size_t len);

/* For cards. */
void net_send(struct net *n, const uint8_t *frame, size_t len);
const struct net_frame *net_peek(const struct net *n); /* NULL: none waits */
void net_take(struct net *n);

/* For the run loop; n may be NULL. */
unsigned net_fill(struct net *n, struct pollfd *p, unsigned max, uint32_t *ms);
void net_poll(struct net *n);

void net_set_link(struct net *n, bool up);
/* NULL, or a message (caller frees). max 0: whole frames. */
char *net_dump_open(struct net *n, const char *path, uint32_t max);
void net_destroy(struct net *n);

/* NAT to the host's network, by libslirp. Strings are copied; NULL: the default. */
struct net_user_config {
    const char *id;
    const char *net;       /* "10.0.2.0/24" */
    const char *host;      /* "10.0.2.2" */
    const char *dns;       /* "10.0.2.3" */
    const char *dhcpstart; /* "10.0.2.15" */
    const char *hostname, *domainname, *tftp, *bootfile, *tftp_server_name;
    bool restricted;
};
bool net_user_supported(void);
/* NULL and a message (caller frees). */
struct net *net_user_create(const struct net_user_config *config, char **error);
/* "[tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport". NULL, or a message (caller frees). */
char *net_user_forward(struct net *n, const char *rule);
/* "[tcp|udp]:[hostaddr]:hostport" */
char *net_user_unforward(struct net *n, const char *rule);
/* The connections as text; caller frees. */
char *net_user_info(struct net *n);
/* n was made by net_user_create(). */
bool net_is_user(const struct net *n);

/* Nobody at the other end. */
struct net *net_none_create(const char *id);

#endif
