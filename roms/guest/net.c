/* SPDX-License-Identifier: MIT */
/*
 * Just enough of a network (RFC 826, 791, 792, 768, 2131): an address by DHCP, an echo from the
 * router.
 */
#include "guest.h"

enum {
    ETHER = 14,
    IP = 20,
    UDP = 8,
    BOOTP = 240, /* with the magic number of the options */

    ARP_TYPE = 0x0806,
    IP_TYPE = 0x0800,
    ICMP = 1,
    UDP_PROTOCOL = 17,

    DISCOVER = 1,
    OFFER = 2,
    REQUEST = 3,
    ACK = 5,
};

struct lease {
    uint32_t address, server, router;
};

static uint8_t out[600], in[1518];
static uint8_t mac[6], router_mac[6];
static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static uint16_t get16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = v >> 8;
    p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static uint16_t checksum(const uint8_t *p, unsigned bytes)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < bytes; i++) {
        sum += i & 1 ? p[i] : p[i] << 8;
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum;
}

static bool same(const uint8_t *a, const uint8_t *b, unsigned n)
{
    while (n && *a == *b) {
        a++;
        b++;
        n--;
    }
    return !n;
}

static void send(const uint8_t *to, uint16_t type, unsigned bytes)
{
    memcpy(out, to, 6);
    memcpy(out + 6, mac, 6);
    put16(out + 12, type);
    while (bytes < 60) {
        out[bytes++] = 0;
    }
    nic_send(out, bytes);
}

/* The IP header before what is at out + ETHER + IP. */
static void send_ip(const uint8_t *to, uint32_t from_ip, uint32_t to_ip, uint8_t protocol,
                    unsigned bytes)
{
    uint8_t *p = out + ETHER;

    memset(p, 0, IP);
    p[0] = 0x45;
    put16(p + 2, IP + bytes);
    p[8] = 64;
    p[9] = protocol;
    put32(p + 12, from_ip);
    put32(p + 16, to_ip);
    put16(p + 10, checksum(p, IP));
    send(to, IP_TYPE, ETHER + IP + bytes);
}

/* What of an IP packet of this protocol lies behind its header; 0: it is something else. */
static const uint8_t *ip_payload(uint32_t bytes, uint8_t protocol, uint32_t *left)
{
    const uint8_t *p = in + ETHER;
    uint32_t header = (p[0] & 15) * 4u, length = get16(p + 2);

    if (bytes < ETHER + IP || get16(in + 12) != IP_TYPE || p[0] >> 4 != 4 || p[9] != protocol ||
        header < IP || length < header || ETHER + length > bytes || checksum(p, header)) {
        return 0;
    }
    *left = length - header;
    return p + header;
}

/* ---- DHCP ---- */

static void dhcp_send(uint8_t kind, const struct lease *l)
{
    uint8_t *udp = out + ETHER + IP, *bootp = udp + UDP, *o = bootp + BOOTP;

    memset(bootp, 0, BOOTP);
    bootp[0] = 1; /* BOOTREQUEST, over Ethernet */
    bootp[1] = 1;
    bootp[2] = 6;
    memcpy(bootp + 4, mac + 2, 4);
    put16(bootp + 10, 0x8000); /* answer by broadcast */
    memcpy(bootp + 28, mac, 6);
    put32(bootp + 236, 0x63825363);
    *o++ = 53;
    *o++ = 1;
    *o++ = kind;
    if (kind == REQUEST) {
        *o++ = 50;
        *o++ = 4;
        put32(o, l->address);
        o += 4;
        *o++ = 54;
        *o++ = 4;
        put32(o, l->server);
        o += 4;
    }
    *o++ = 55; /* wanted: mask, router */
    *o++ = 2;
    *o++ = 1;
    *o++ = 3;
    *o++ = 255;
    unsigned bytes = o - udp;

    put16(udp, 68);
    put16(udp + 2, 67);
    put16(udp + 4, bytes);
    put16(udp + 6, 0);
    send_ip(everybody, 0, 0xffffffff, UDP_PROTOCOL, bytes);
}

/* The kind of a reply to us, its options read into *l; 0: it is something else. */
static uint8_t dhcp_read(uint32_t bytes, struct lease *l)
{
    uint32_t left;
    const uint8_t *udp = ip_payload(bytes, UDP_PROTOCOL, &left);
    uint8_t kind = 0;

    if (!udp || left < UDP + BOOTP || get16(udp + 2) != 68) {
        return 0;
    }
    const uint8_t *bootp = udp + UDP, *o = bootp + BOOTP, *end = udp + left;

    if (bootp[0] != 2 || !same(bootp + 4, mac + 2, 4) || get32(bootp + 236) != 0x63825363) {
        return 0;
    }
    l->address = get32(bootp + 16);
    while (o + 2 <= end && *o != 255) {
        if (*o == 0) {
            o++;
            continue;
        }
        if (o + 2 + o[1] > end) {
            break;
        }
        if (*o == 53) {
            kind = o[2];
        } else if (*o == 54 && o[1] == 4) {
            l->server = get32(o + 2);
        } else if (*o == 3 && o[1] >= 4) {
            l->router = get32(o + 2);
        }
        o += 2 + o[1];
    }
    return kind;
}

static bool dhcp_ask(uint8_t kind, uint8_t answer, struct lease *l)
{
    for (unsigned tries = 0; tries < 2; tries++) {
        uint32_t until = ticks + 150, bytes;

        dhcp_send(kind, l);
        while ((bytes = nic_receive(in, sizeof(in), until)) != 0) {
            if (dhcp_read(bytes, l) == answer) {
                return true;
            }
        }
    }
    return false;
}

/* ---- ARP and ping ---- */

static void arp_send(uint8_t operation, const uint8_t *to_mac, uint32_t from, uint32_t to)
{
    uint8_t *p = out + ETHER;

    put16(p, 1);
    put16(p + 2, IP_TYPE);
    p[4] = 6;
    p[5] = 4;
    put16(p + 6, operation);
    memcpy(p + 8, mac, 6);
    put32(p + 14, from);
    memcpy(p + 18, to_mac, 6);
    put32(p + 24, to);
    send(to_mac, ARP_TYPE, ETHER + 28);
}

/* An ARP packet: answers a question for us, keeps the router's answer. */
static void arp_read(uint32_t bytes, const struct lease *l, bool *known)
{
    const uint8_t *p = in + ETHER;

    if (bytes < ETHER + 28 || get16(in + 12) != ARP_TYPE || get32(p + 24) != l->address) {
        return;
    }
    if (get16(p + 6) == 1) {
        uint8_t to[6];

        memcpy(to, p + 8, 6);
        arp_send(2, to, l->address, get32(p + 14));
    } else if (get32(p + 14) == l->router) {
        memcpy(router_mac, p + 8, 6);
        *known = true;
    }
}

static bool find_router(const struct lease *l)
{
    uint32_t until = ticks + 300, bytes;
    bool known = false;

    arp_send(1, everybody, l->address, l->router);
    while (!known && (bytes = nic_receive(in, sizeof(in), until)) != 0) {
        arp_read(bytes, l, &known);
    }
    return known;
}

static bool ping(const struct lease *l)
{
    uint32_t until = ticks + 300, bytes, left;
    uint8_t *icmp = out + ETHER + IP;
    enum { SIZE = 8 + 32 };
    bool known;

    memset(icmp, 0, 8);
    icmp[0] = 8; /* echo */
    put16(icmp + 4, 0x474e);
    for (unsigned i = 8; i < SIZE; i++) {
        icmp[i] = i * 7;
    }
    put16(icmp + 2, checksum(icmp, SIZE));
    send_ip(router_mac, l->address, l->router, ICMP, SIZE);
    while ((bytes = nic_receive(in, sizeof(in), until)) != 0) {
        const uint8_t *reply = ip_payload(bytes, ICMP, &left);

        if (reply && left == SIZE && reply[0] == 0 && !checksum(reply, left) &&
            same(reply + 4, icmp + 4, SIZE - 4)) {
            return true;
        }
        arp_read(bytes, l, &known);
    }
    return false;
}

static void print_address(uint32_t a)
{
    print("%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

/* A card without a network works: that nobody answers is no fault of the machine's. */
void check_network(void)
{
    struct nic card = {.irq = -1};
    struct lease l = {0};

    check_label("Network");
    const char *name = nic_find(&card);

    if (!name) {
        check_absent();
        return;
    }
    memcpy(mac, card.mac, 6);
    print("%s irq %d", name, card.irq);
    bool good = card.works && card.irq >= 0;

    if (!good || !dhcp_ask(DISCOVER, OFFER, &l) || !dhcp_ask(REQUEST, ACK, &l)) {
        print(good ? ", loopback; no answer by DHCP" : ", loopback fails");
        check_result(good);
        return;
    }
    print(", ");
    print_address(l.address);
    good = find_router(&l) && ping(&l) && nic_irqs;
    print(" by DHCP, ");
    print_address(l.router);
    print(good ? " answers" : " is silent");
    check_result(good);
}
