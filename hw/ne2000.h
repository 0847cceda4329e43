/* SPDX-License-Identifier: MIT */
/*
 * The NE2000: a National DP8390 with 32 KiB of buffer and the station address PROM, as it sits on
 * an ISA card (ne2000_isa.c) and in Realtek's RTL8029 (ne2000_pci.c).
 */
#ifndef HW_NE2000_H
#define HW_NE2000_H

#include "base/clock.h"
#include "base/state.h"
#include "hw/line.h"

#define NE2000_PORTS  32
#define NE2000_BUFFER 0x4000u /* where it begins for remote DMA */
#define NE2000_SIZE   0xc000u /* PROM, nothing, 32 KiB of buffer */

struct machine;
struct net;
struct pci_bus;

struct ne2000 {
    uint8_t cr, isr, imr, dcr, tcr, rcr, tsr, rsr;
    uint8_t pstart, pstop, bnry, curr, tpsr, ncr;
    uint16_t tbcr, rsar, rbcr;
    uint8_t par[6], mar[8];
    uint8_t tally[3]; /* CNTR0-2: frame alignment, CRC, missed */
    uint8_t fifo[8], fifo_pos;
    uint8_t rtl_cr, rtl_config[4]; /* page 3 of an RTL8029 */
    bool overflowed;               /* nothing is received until it was stopped and started */
    bool link_down;                /* the cable is out: the net's, to be saved with the card */
    uint8_t mem[NE2000_SIZE];
    struct clock_event transmit_event, receive_event;

    /* Wiring; not saved. */
    bool rtl8029;
    struct line irq;
    struct net *net;
    uint8_t mac[6];
};

extern const struct state_field ne2000_state[];

/* net NULL: no cable. Takes it. */
void ne2000_init(struct ne2000 *s, struct machine *m, const uint8_t mac[6], struct net *net,
                 struct line irq);
void ne2000_reset(struct ne2000 *s);
void ne2000_loaded(struct ne2000 *s);
void ne2000_free(struct ne2000 *s);
/* offset 0-31 from the card's base */
uint32_t ne2000_read(struct ne2000 *s, unsigned offset, unsigned size);
void ne2000_write(struct ne2000 *s, unsigned offset, uint32_t val, unsigned size);
/* A frame on the wire, now; what the filter, the ring or the monitor mode make of it is the chip's
 * business. */
void ne2000_receive(struct ne2000 *s, const uint8_t *frame, unsigned len);

void ne2000_isa_create(struct machine *m, uint16_t base, const uint8_t mac[6], struct net *net,
                       struct line irq);
/* false: the bus is full */
bool ne2000_pci_create(struct machine *m, struct pci_bus *bus, const uint8_t mac[6],
                       struct net *net, uint8_t *rom, uint32_t rom_size);

#endif
