/* SPDX-License-Identifier: MIT */
#include "hw/apic.h"

#include "base/endian.h"
#include "tests/hw/fake_machine.h"

#define LAPIC  0xfee00000u
#define IOAPIC 0xfec00000u

struct bench {
    struct fake_machine f;
    struct pin intr, nmi;
    struct apic *apic;
    struct ioapic *io;
    struct line lint0;
};

static void wr(struct bench *b, unsigned reg, uint32_t val)
{
    physmem_store(&b->f.m.mem, LAPIC + reg, val, 4);
}

static uint32_t rd(struct bench *b, unsigned reg)
{
    return physmem_load(&b->f.m.mem, LAPIC + reg, 4);
}

static void io_set(struct bench *b, uint8_t reg, uint32_t val)
{
    physmem_store(&b->f.m.mem, IOAPIC, reg, 4);
    physmem_store(&b->f.m.mem, IOAPIC + 0x10, val, 4);
}

static uint32_t io_get(struct bench *b, uint8_t reg)
{
    physmem_store(&b->f.m.mem, IOAPIC, reg, 4);
    return physmem_load(&b->f.m.mem, IOAPIC + 0x10, 4);
}

static void open_bench(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    fake_init(&b->f);
    b->apic = apic_create(&b->f.m, pin_line(&b->intr), pin_line(&b->nmi));
    b->io = ioapic_create(&b->f.m, b->apic);
    b->lint0 = apic_lint0(b->apic);
    device_reset_all(&b->f.m);
    b->nmi.rises = 0;
}

static void enable(struct bench *b)
{
    wr(b, 0xf0, 0x1ff);
}

static void reset_is_virtual_wire(void)
{
    struct bench b;

    open_bench(&b);
    CHECK_EQ(rd(&b, 0x30), 0x00050014);
    CHECK_EQ(rd(&b, 0xe0), 0xffffffff);
    CHECK_EQ(rd(&b, 0xf0), 0xff);
    line_set(&b.lint0, true);
    CHECK(b.intr.level);
    CHECK_EQ(apic_ack(b.apic), -1); /* the 8259s' */
    line_set(&b.lint0, false);
    CHECK(!b.intr.level);
    apic_set_base(b.apic, 0xfee00100); /* off: straight through, and no registers */
    line_set(&b.lint0, true);
    CHECK(b.intr.level);
    CHECK_EQ(rd(&b, 0x30), 0xffffffff);
    fake_free(&b.f);
}

static void the_higher_class_goes_first(void)
{
    struct bench b;

    open_bench(&b);
    enable(&b);
    wr(&b, 0x300, 0x40031); /* to itself */
    wr(&b, 0x300, 0x40052);
    wr(&b, 0x300, 0x40051);
    CHECK(b.intr.level);
    CHECK_EQ(apic_ack(b.apic), 0x52);
    CHECK_EQ(rd(&b, 0xa0), 0x50); /* PPR */
    CHECK(!b.intr.level);         /* 51h is of the same class */
    wr(&b, 0x300, 0x40060);
    CHECK_EQ(apic_ack(b.apic), 0x60);
    wr(&b, 0xb0, 0);
    CHECK(!b.intr.level);
    wr(&b, 0xb0, 0);
    CHECK_EQ(apic_ack(b.apic), 0x51);
    wr(&b, 0xb0, 0);
    wr(&b, 0x80, 0x30); /* TPR */
    CHECK(!b.intr.level);
    wr(&b, 0x80, 0x2f);
    CHECK(b.intr.level);
    CHECK_EQ(apic_ack(b.apic), 0x31);
    fake_free(&b.f);
}

static void timer_counts_once_or_again(void)
{
    struct bench b;

    open_bench(&b);
    enable(&b);
    wr(&b, 0x3e0, 0xb); /* by 1 */
    wr(&b, 0x320, 0x40);
    wr(&b, 0x380, 1000);
    clock_step(&b.f, 400);
    CHECK_EQ(rd(&b, 0x390), 600);
    clock_step(&b.f, 599);
    CHECK(!b.intr.level);
    clock_step(&b.f, 1);
    CHECK_EQ(apic_ack(b.apic), 0x40);
    CHECK_EQ(rd(&b, 0x390), 0);
    wr(&b, 0xb0, 0);
    clock_step(&b.f, 5000);
    CHECK(!b.intr.level);
    wr(&b, 0x3e0, 0x0); /* by 2 */
    wr(&b, 0x320, 0x20041);
    wr(&b, 0x380, 1000);
    clock_step(&b.f, 2500);
    CHECK_EQ(rd(&b, 0x390), 750);
    CHECK_EQ(apic_ack(b.apic), 0x41);
    wr(&b, 0xb0, 0);
    clock_step(&b.f, 1500);
    CHECK_EQ(apic_ack(b.apic), 0x41);
    wr(&b, 0xb0, 0);
    wr(&b, 0x320, 0x30041); /* masked */
    clock_step(&b.f, 4000);
    CHECK(!b.intr.level);
    wr(&b, 0x380, 0);
    CHECK_EQ(rd(&b, 0x390), 0);
    fake_free(&b.f);
}

static void bad_vectors_and_registers_are_errors(void)
{
    struct bench b;

    open_bench(&b);
    enable(&b);
    wr(&b, 0x370, 0x33);
    wr(&b, 0x300, 0x4000f);
    CHECK_EQ(apic_ack(b.apic), 0x33);
    wr(&b, 0x280, 0);
    CHECK_EQ(rd(&b, 0x280), 0x20);
    rd(&b, 0x3f0);
    wr(&b, 0x280, 0);
    CHECK_EQ(rd(&b, 0x280), 0x80);
    fake_free(&b.f);
}

static void software_disable_masks_what_is_local(void)
{
    struct bench b;

    open_bench(&b);
    enable(&b);
    wr(&b, 0x350, 0x700);
    wr(&b, 0xf0, 0xff);
    CHECK_EQ(rd(&b, 0x350), 0x10700);
    wr(&b, 0x350, 0x700); /* cannot be unmasked */
    CHECK_EQ(rd(&b, 0x350), 0x10700);
    wr(&b, 0x300, 0x40031);
    CHECK(!b.intr.level);
    fake_free(&b.f);
}

static void edges_come_once(void)
{
    struct bench b;

    open_bench(&b);
    enable(&b);
    CHECK_EQ(io_get(&b, 1), 0x00170011);
    CHECK_EQ(io_get(&b, 0x10 + 8), 0x10000);
    io_set(&b, 0x10 + 2 * 4, 0x34);
    ioapic_set_pin(b.io, 4, true);
    CHECK_EQ(apic_ack(b.apic), 0x34);
    wr(&b, 0xb0, 0);
    CHECK(!b.intr.level);
    ioapic_set_pin(b.io, 4, false);
    ioapic_set_pin(b.io, 4, true);
    CHECK_EQ(apic_ack(b.apic), 0x34);
    wr(&b, 0xb0, 0);
    io_set(&b, 0x10 + 2 * 4, 0x10034); /* masked: lost */
    ioapic_set_pin(b.io, 4, false);
    ioapic_set_pin(b.io, 4, true);
    io_set(&b, 0x10 + 2 * 4, 0x34);
    CHECK(!b.intr.level);
    fake_free(&b.f);
}

static void levels_come_again_after_eoi(void)
{
    struct bench b;

    open_bench(&b);
    enable(&b);
    io_set(&b, 0x10 + 2 * 11, 0x8045);
    ioapic_set_pin(b.io, 11, true);
    CHECK_EQ(io_get(&b, 0x10 + 2 * 11), 0xc045); /* remote IRR */
    CHECK_EQ(apic_ack(b.apic), 0x45);
    CHECK_EQ(rd(&b, 0x1a0), 1u << 5); /* TMR of 40h-5Fh */
    CHECK(!b.intr.level);
    wr(&b, 0xb0, 0);
    CHECK(b.intr.level);
    CHECK_EQ(apic_ack(b.apic), 0x45);
    ioapic_set_pin(b.io, 11, false);
    wr(&b, 0xb0, 0);
    CHECK(!b.intr.level);
    CHECK_EQ(io_get(&b, 0x10 + 2 * 11), 0x8045);
    fake_free(&b.f);
}

static void destinations_are_matched(void)
{
    struct bench b;

    open_bench(&b);
    enable(&b);
    wr(&b, 0xd0, 0x04000000);
    CHECK(!apic_deliver(b.apic, 0x08, true, APIC_FIXED, 0x40, false));
    CHECK(apic_deliver(b.apic, 0x0c, true, APIC_LOWEST, 0x41, false));
    CHECK_EQ(apic_ack(b.apic), 0x41);
    CHECK(!apic_deliver(b.apic, 1, false, APIC_FIXED, 0x40, false));
    CHECK(apic_deliver(b.apic, 0, false, APIC_NMI, 0, false));
    CHECK_EQ(b.nmi.rises, 1);
    wr(&b, 0xd0, 0x12000000);
    wr(&b, 0xe0, 0x0fffffff); /* cluster model */
    CHECK(apic_deliver(b.apic, 0x13, true, APIC_FIXED, 0x51, false));
    CHECK(!apic_deliver(b.apic, 0x23, true, APIC_FIXED, 0x52, false));
    CHECK(!apic_deliver(b.apic, 0x11, true, APIC_FIXED, 0x52, false));
    fake_free(&b.f);
}

int main(void)
{
    RUN(reset_is_virtual_wire);
    RUN(the_higher_class_goes_first);
    RUN(timer_counts_once_or_again);
    RUN(bad_vectors_and_registers_are_errors);
    RUN(software_disable_masks_what_is_local);
    RUN(edges_come_once);
    RUN(levels_come_again_after_eoi);
    RUN(destinations_are_matched);
    return check_done();
}
