/* SPDX-License-Identifier: MIT */
/*
 * The local APIC of the one processor, and the 82093AA I/O APIC.
 */
#ifndef HW_APIC_H
#define HW_APIC_H

#include "hw/line.h"

struct apic;
struct ioapic;
struct machine;

#define APIC_BASE_DEFAULT 0xfee00900u /* IA32_APIC_BASE: enabled, bootstrap processor */

/* intr: the processor's INTR; nmi: pulsed. */
struct apic *apic_create(struct machine *m, struct line intr, struct line nmi);
/* What drives LINT0: the 8259s' output. While IA32_APIC_BASE disables the APIC it is INTR itself.
 */
struct line apic_lint0(struct apic *s);
/* INTA: the vector of the APIC; -1: none of its own, the 8259s are to be asked (-2: nobody). */
int apic_ack(struct apic *s);
/* WRMSR of IA32_APIC_BASE. */
void apic_set_base(struct apic *s, uint64_t base);
/* What stands in the registers, as text; caller frees. */
char *apic_describe(struct apic *s);

struct ioapic *ioapic_create(struct machine *m, struct apic *apic);
/* Pin 0-23. */
void ioapic_set_pin(struct ioapic *s, unsigned pin, bool level);
char *ioapic_describe(struct ioapic *s);

/* Between the two: a message on the bus. mode as in ICR and redirection entries, level: the
 * trigger. false: nobody took it. */
enum apic_mode {
    APIC_FIXED,
    APIC_LOWEST,
    APIC_SMI,
    APIC_NMI = 4,
    APIC_INIT,
    APIC_STARTUP,
    APIC_EXTINT
};
bool apic_deliver(struct apic *s, uint8_t destination, bool logical, enum apic_mode mode,
                  uint8_t vector, bool level);
/* Told of the end of each level-triggered interrupt. */
void apic_on_eoi(struct apic *s, void (*eoi)(void *opaque, uint8_t vector), void *opaque);

#endif
