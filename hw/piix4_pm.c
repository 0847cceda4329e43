/* SPDX-License-Identifier: MIT */
/*
 * PIIX4 power management (82371AB data sheet, chapter 7 and 11; ACPI 1.0 chapter 4): the PM1 event
 * and control registers, the 24-bit timer, and the SMI command port, of which only the switch to
 * and from ACPI mode does something.
 *
 * Not modelled: SMI, SMBus (its base can be written), device monitors, throttling, GPE events (the
 * registers are there), sleeping states with memory kept: a program that enters one wakes at once.
 */
#include "hw/piix4_pm.h"

#include "base/clock.h"
#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"
#include "hw/pci.h"

enum {
    PMBA = 0x40,
    DEVACTB = 0x58,
    PMREGMISC = 0x80, /* bit 0: the window at PMBA is open */
    SMBBA = 0x90,

    PM1_STS = 0x00,
    PM1_EN = 0x02,
    PM1_CNT = 0x04,
    PM_TMR = 0x08,
    PM_SIZE = 64,

    PM1_TMR = 1 << 0,
    PM1_GBL = 1 << 5,
    PM1_WAK = 1 << 15,
    PM1_EVENTS = PM1_TMR | PM1_GBL | 1 << 8 | 1 << 9 | 1 << 10,
    CNT_SCI_EN = 1 << 0,
    CNT_SLP_EN = 1 << 13,

    SOFT_OFF = 0, /* SLP_TYP, as the _S5 of our tables and SeaBIOS's says */
    TO_DISK = 2,  /* SeaBIOS's _S4 */

    APMC = 0xb2,
    ACPI_ENABLE = 0xf1,
    ACPI_DISABLE = 0xf0,
    GPE0 = 0xafe0,
};
#define PM_TMR_HZ   3579545u
#define PM_TMR_HALF (1u << 23) /* TMR_STS is set each time this bit changes */

struct piix4_pm {
    struct pci_function pci;
    uint16_t status, enable, control; /* PM1; TMR_STS is computed */
    uint64_t timer_seen;              /* half periods up to which TMR_STS was cleared */
    uint8_t apm[2];                   /* B2h, B3h */
    uint16_t gpe_enable;
    struct clock_event timer_event; /* the next TMR_STS, while it is enabled */

    /* Not saved. */
    struct machine *machine;
    struct line sci;
    unsigned window;
    uint32_t base; /* where it is open; 0: closed */
};

static uint64_t ticks(const struct piix4_pm *s)
{
    return muldiv64(clock_now(&s->machine->clock), PM_TMR_HZ, NS_PER_SEC);
}

static uint16_t status(const struct piix4_pm *s)
{
    return (uint16_t)(s->status | (ticks(s) / PM_TMR_HALF > s->timer_seen ? PM1_TMR : 0));
}

static void update(struct piix4_pm *s)
{
    uint16_t now = status(s);

    line_set(&s->sci, s->control & CNT_SCI_EN && now & s->enable & PM1_EVENTS);
    if (s->enable & PM1_TMR && !(now & PM1_TMR)) {
        clock_schedule(&s->timer_event,
                       muldiv64((s->timer_seen + 1) * PM_TMR_HALF, NS_PER_SEC, PM_TMR_HZ) + 1);
    } else {
        clock_cancel(&s->timer_event);
    }
}

static void timer_fires(void *opaque)
{
    update(opaque);
}

void piix4_pm_event(struct piix4_pm *s, enum piix4_event event)
{
    s->status |= (uint16_t)(1u << event);
    update(s);
}

static void write_control(struct piix4_pm *s, uint16_t val)
{
    unsigned type = val >> 10 & 7;

    s->control = (uint16_t)((s->control & CNT_SCI_EN) | (val & ~(CNT_SLP_EN | CNT_SCI_EN)));
    if (!(val & CNT_SLP_EN)) {
        return;
    }
    if (type == SOFT_OFF || type == TO_DISK) {
        machine_request_stop(s->machine, STOP_SHUTDOWN, 0);
        return;
    }
    log_guest(PM, "sleeping state of type %u: woken at once", type);
    s->status |= PM1_WAK;
    update(s);
}

static void write_word(struct piix4_pm *s, unsigned reg, uint16_t val)
{
    switch (reg) {
    case PM1_STS:
        s->status &= (uint16_t)~val;
        if (val & PM1_TMR) {
            s->timer_seen = ticks(s) / PM_TMR_HALF;
        }
        break;
    case PM1_EN: s->enable = val & PM1_EVENTS; break;
    case PM1_CNT: write_control(s, val); return;
    default: return;
    }
    update(s);
}

static uint32_t read_dword(const struct piix4_pm *s, unsigned reg)
{
    switch (reg) {
    case PM1_STS: return status(s) | (uint32_t)s->enable << 16;
    case PM1_CNT: return s->control;
    case PM_TMR: return (uint32_t)ticks(s) & 0xffffff;
    default: return 0;
    }
}

static uint32_t pm_read(void *opaque, uint16_t port, unsigned size)
{
    unsigned reg = port & (PM_SIZE - 1);

    (void)size;
    return read_dword(opaque, reg & ~3u) >> 8 * (reg & 3);
}

/* Byte writes change half of a register: the other half of PM1_STS is written as 0, which clears
 * nothing. */
static void pm_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct piix4_pm *s = opaque;
    unsigned reg = port & (PM_SIZE - 1);

    if (size == 4) {
        write_word(s, reg, (uint16_t)val);
        write_word(s, reg + 2, (uint16_t)(val >> 16));
    } else if (size == 2) {
        write_word(s, reg, (uint16_t)val);
    } else {
        unsigned word = reg & ~1u, shift = 8 * (reg & 1);
        uint32_t old = word == PM1_STS ? 0 : word == PM1_EN ? s->enable : s->control;

        write_word(s, word, (uint16_t)((old & ~(0xffu << shift)) | val << shift));
    }
}

static uint8_t apm_read(void *opaque, uint16_t port)
{
    struct piix4_pm *s = opaque;

    return s->apm[port & 1];
}

static void apm_write(void *opaque, uint16_t port, uint8_t val)
{
    struct piix4_pm *s = opaque;

    s->apm[port & 1] = val;
    if (port == APMC && (val == ACPI_ENABLE || val == ACPI_DISABLE)) {
        s->control = (uint16_t)((s->control & ~CNT_SCI_EN) | (val == ACPI_ENABLE));
        update(s);
    }
}

static uint8_t gpe_read(void *opaque, uint16_t port)
{
    struct piix4_pm *s = opaque;
    unsigned n = port & 3;

    return n < 2 ? 0 : (uint8_t)(s->gpe_enable >> 8 * (n & 1));
}

static void gpe_write(void *opaque, uint16_t port, uint8_t val)
{
    struct piix4_pm *s = opaque;
    unsigned n = port & 3, shift = 8 * (n & 1);

    if (n >= 2) {
        s->gpe_enable = (uint16_t)((s->gpe_enable & ~(0xffu << shift)) | (unsigned)val << shift);
    }
}

static void move_window(struct piix4_pm *s)
{
    uint32_t at = s->pci.config[PMREGMISC] & 1 ? pci_get(&s->pci, PMBA, 2) & 0xffc0 : 0;

    if (at == s->base) {
        return;
    }
    if (s->base) {
        io_window_close(s->machine, s->window, (uint16_t)s->base, PM_SIZE);
    }
    if (at) {
        io_window_open(s->machine, s->window, (uint16_t)at, PM_SIZE);
    }
    s->base = at;
}

static void config_written(void *opaque, unsigned offset, unsigned len)
{
    (void)offset;
    (void)len;
    move_window(opaque);
}

static void piix4_pm_reset(void *opaque)
{
    struct piix4_pm *s = opaque;

    pci_reset(&s->pci);
    pci_set(&s->pci, PCI_STATUS, 2, 0x0280);
    pci_set(&s->pci, PMBA, 4, 1);
    pci_set(&s->pci, DEVACTB, 4, 1u << 25); /* APMC_EN: firmware needs to set no SMM up */
    pci_set(&s->pci, PMREGMISC, 1, 0);
    pci_set(&s->pci, SMBBA, 4, 1);
    s->status = 0;
    s->enable = 0;
    s->control = 0;
    s->gpe_enable = 0;
    s->timer_seen = ticks(s) / PM_TMR_HALF;
    move_window(s);
    update(s);
}

static void piix4_pm_loaded(void *opaque)
{
    struct piix4_pm *s = opaque;

    pci_loaded(&s->pci);
    move_window(s);
}

static const struct state_field piix4_pm_state[] = {
    PCI_STATE(struct piix4_pm, pci),
    STATE(struct piix4_pm, status),
    STATE(struct piix4_pm, enable),
    STATE(struct piix4_pm, control),
    STATE(struct piix4_pm, timer_seen),
    STATE(struct piix4_pm, apm),
    STATE(struct piix4_pm, gpe_enable),
    STATE_EVENT(struct piix4_pm, timer_event),
    STATE_END,
};

static const struct device_type piix4_pm_type = {
    .name = "piix4-pm",
    .reset = piix4_pm_reset,
    .loaded = piix4_pm_loaded,
    .state = piix4_pm_state,
};

struct piix4_pm *piix4_pm_create(struct machine *m, struct pci_bus *bus, struct line sci)
{
    static const struct pci_id id = {0x8086, 0x7113, 0x0680, 0, 3, false, 1};
    struct piix4_pm *s = device_new(m, &piix4_pm_type, sizeof(*s));

    s->machine = m;
    s->sci = sci;
    pci_add(bus, &s->pci, PCI_DEVFN(1, 3), "PIIX4 PM", &id, s);
    s->pci.config_written = config_written;
    pci_writable(&s->pci, PCI_COMMAND, 1, PCI_COMMAND_IO);
    pci_writable(&s->pci, PMBA, 4, 0xffc0);
    for (unsigned reg = 0x44; reg < 0x80; reg += 4) { /* device monitors: nothing behind them */
        pci_writable(&s->pci, reg, 4, 0xffffffff);
    }
    pci_writable(&s->pci, PMREGMISC, 1, 1);
    pci_writable(&s->pci, SMBBA, 4, 0xfff0);
    pci_writable(&s->pci, 0xd2, 1, 0xff);
    s->window = io_window_new(m, pm_read, pm_write, s);
    clock_event_init(&s->timer_event, &m->clock, "piix4-pm.timer", timer_fires, s);
    io_map8(m, APMC, 2, apm_read, apm_write, s);
    io_map8(m, GPE0, 4, gpe_read, gpe_write, s);
    return s;
}
