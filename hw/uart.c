/* SPDX-License-Identifier: MIT */
/*
 * 16550A UART (National Semiconductor PC16550D data sheet).
 *
 * A byte written leaves at once: the transmitter is always empty when the guest looks, as on a line
 * of infinite speed. Received bytes come as fast as the guest takes them (can_receive follows the
 * room in the FIFO), so an overrun cannot happen. The receiver's time-out is four character times
 * of the programmed rate. Modem inputs: CTS, DSR and DCD are on while a stream is connected.
 *
 * Not modelled: parity and framing errors; DMA mode (stored).
 */
#include "hw/uart.h"

#include <string.h>

#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"

enum {
    UART_IER_ERBFI = 1 << 0,
    UART_IER_ETBEI = 1 << 1,
    UART_IER_ELSI = 1 << 2,
    UART_IER_EDSSI = 1 << 3,
    UART_IIR_NONE = 0x01,
    UART_IIR_MODEM = 0x00,
    UART_IIR_THRE = 0x02,
    UART_IIR_DATA = 0x04,
    UART_IIR_LINE = 0x06,
    UART_IIR_TIMEOUT = 0x0c,
    UART_IIR_FIFO = 0xc0,
    UART_FCR_ENABLE = 1 << 0,
    UART_FCR_CLEAR_RX = 1 << 1,
    UART_FCR_CLEAR_TX = 1 << 2,
    UART_LCR_SET_BREAK = 1 << 6,
    UART_LCR_DLAB = 1 << 7,
    UART_MCR_DTR = 1 << 0,
    UART_MCR_RTS = 1 << 1,
    UART_MCR_OUT1 = 1 << 2,
    UART_MCR_OUT2 = 1 << 3,
    UART_MCR_LOOP = 1 << 4,
    UART_LSR_DR = 1 << 0,
    UART_LSR_OE = 1 << 1,
    UART_LSR_PE = 1 << 2,
    UART_LSR_FE = 1 << 3,
    UART_LSR_BI = 1 << 4,
    UART_LSR_THRE = 1 << 5,
    UART_LSR_TEMT = 1 << 6,
    UART_LSR_ERRORS = UART_LSR_OE | UART_LSR_PE | UART_LSR_FE | UART_LSR_BI,
    UART_MSR_CTS = 1 << 4,
    UART_MSR_DSR = 1 << 5,
    UART_MSR_RI = 1 << 6,
    UART_MSR_DCD = 1 << 7,
    UART_MSR_TERI = 1 << 2,
    UART_MSR_DELTAS = 0x0f,
};

#define UART_FIFO  16
#define UART_CLOCK 1843200u

struct uart {
    uint8_t fifo[UART_FIFO]; /* received bytes; without FIFO mode one is used */
    uint8_t fifo_head, fifo_count;
    uint8_t ier, fcr, lcr, mcr, scr;
    uint8_t lsr_errors; /* UART_LSR_ERRORS, cleared by reading LSR */
    uint8_t msr;
    uint16_t divisor;
    bool thre_pending; /* THRE interrupt not yet acknowledged */
    bool timeout;      /* characters have been waiting for four character times */
    struct clock_event timeout_event;

    /* Wiring, set once; not saved. */
    uint16_t base;
    struct line irq;
    struct chardev *chr;
};

static bool fifo_on(const struct uart *s)
{
    return s->fcr & UART_FCR_ENABLE;
}

static unsigned fifo_size(const struct uart *s)
{
    return fifo_on(s) ? UART_FIFO : 1;
}

static unsigned trigger_level(const struct uart *s)
{
    static const uint8_t level[4] = {1, 4, 8, 14};

    return fifo_on(s) ? level[s->fcr >> 6] : 1;
}

/* The interrupt of highest priority, as IIR bits 0-3. */
static uint8_t interrupt_id(const struct uart *s)
{
    if ((s->ier & UART_IER_ELSI) && s->lsr_errors) {
        return UART_IIR_LINE;
    }
    if ((s->ier & UART_IER_ERBFI) && s->fifo_count >= trigger_level(s)) {
        return UART_IIR_DATA;
    }
    if ((s->ier & UART_IER_ERBFI) && s->timeout && s->fifo_count) {
        return UART_IIR_TIMEOUT;
    }
    if ((s->ier & UART_IER_ETBEI) && s->thre_pending) {
        return UART_IIR_THRE;
    }
    if ((s->ier & UART_IER_EDSSI) && (s->msr & UART_MSR_DELTAS)) {
        return UART_IIR_MODEM;
    }
    return UART_IIR_NONE;
}

/* OUT2 connects the chip's interrupt to the bus; in loopback the pin is off. */
static void uart_update_irq(struct uart *s)
{
    bool gate = (s->mcr & (UART_MCR_OUT2 | UART_MCR_LOOP)) == UART_MCR_OUT2;

    line_set(&s->irq, gate && interrupt_id(s) != UART_IIR_NONE);
}

static uint64_t character_ns(const struct uart *s)
{
    unsigned bits = 1 + 5 + (s->lcr & 3) + (s->lcr >> 3 & 1) + 1 + (s->lcr >> 2 & 1);
    uint32_t divisor = s->divisor ? s->divisor : 65536;

    return muldiv64((uint64_t)bits * divisor * 16, NS_PER_SEC, UART_CLOCK);
}

static void restart_timeout(struct uart *s)
{
    s->timeout = false;
    if (fifo_on(s) && s->fifo_count) {
        clock_schedule_in(&s->timeout_event, 4 * character_ns(s));
    } else {
        clock_cancel(&s->timeout_event);
    }
}

static void timeout_event(void *opaque)
{
    struct uart *s = opaque;

    s->timeout = s->fifo_count != 0;
    uart_update_irq(s);
}

static void push(struct uart *s, uint8_t val)
{
    if (s->fifo_count >= fifo_size(s)) {
        s->lsr_errors |= UART_LSR_OE;
        if (fifo_on(s)) {
            return; /* the FIFO keeps what it has; the holding register is overwritten */
        }
        s->fifo_count = 0;
    }
    s->fifo[(s->fifo_head + s->fifo_count++) % UART_FIFO] = val;
}

static uint8_t pop(struct uart *s)
{
    if (!s->fifo_count) {
        return 0;
    }
    uint8_t val = s->fifo[s->fifo_head % UART_FIFO];

    s->fifo_head = (s->fifo_head + 1) % UART_FIFO;
    s->fifo_count--;
    restart_timeout(s);
    return val;
}

static void clear_rx(struct uart *s)
{
    s->fifo_head = s->fifo_count = 0;
    restart_timeout(s);
}

static unsigned uart_can_receive(void *opaque)
{
    struct uart *s = opaque;

    return s->mcr & UART_MCR_LOOP ? 0 : fifo_size(s) - s->fifo_count;
}

static void uart_receive(void *opaque, const uint8_t *buf, size_t len)
{
    struct uart *s = opaque;

    for (size_t i = 0; i < len; i++) {
        push(s, buf[i]);
    }
    restart_timeout(s);
    uart_update_irq(s);
}

/* The modem inputs as they are now, MSR bits 4-7. */
static uint8_t modem_inputs(const struct uart *s)
{
    if (s->mcr & UART_MCR_LOOP) {
        return (s->mcr & UART_MCR_RTS ? UART_MSR_CTS : 0) |
               (s->mcr & UART_MCR_DTR ? UART_MSR_DSR : 0) |
               (s->mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0) |
               (s->mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0);
    }
    return s->chr ? UART_MSR_CTS | UART_MSR_DSR | UART_MSR_DCD : 0;
}

static void update_modem(struct uart *s)
{
    uint8_t now = modem_inputs(s);
    uint8_t changed = (now ^ s->msr) & 0xf0;
    uint8_t delta = changed >> 4;

    if ((delta & UART_MSR_TERI) && (now & UART_MSR_RI)) {
        delta &= (uint8_t)~UART_MSR_TERI; /* RI counts when it goes away */
    }
    s->msr = now | (s->msr & UART_MSR_DELTAS) | delta;
}

static void transmit(struct uart *s, uint8_t val)
{
    if (s->mcr & UART_MCR_LOOP) {
        push(s, val);
        restart_timeout(s);
    } else {
        chardev_write(s->chr, &val, 1);
    }
    s->thre_pending = true;
}

static void write_fcr(struct uart *s, uint8_t val)
{
    if ((val ^ s->fcr) & UART_FCR_ENABLE) {
        clear_rx(s); /* changing the mode empties both FIFOs */
    }
    if (!(val & UART_FCR_ENABLE)) {
        s->fcr = 0;
        return;
    }
    s->fcr = val & 0xc9;
    if (val & UART_FCR_CLEAR_RX) {
        clear_rx(s);
    }
    if (val & UART_FCR_CLEAR_TX) {
        s->thre_pending = true;
    }
}

static void write_ier(struct uart *s, uint8_t val)
{
    val &= 0x0f;
    if (val & ~s->ier & UART_IER_ETBEI) {
        s->thre_pending = true; /* enabling it interrupts at once: the transmitter is empty */
    }
    s->ier = val;
}

static void write_lcr(struct uart *s, uint8_t val)
{
    bool rising = val & ~s->lcr & UART_LCR_SET_BREAK;

    s->lcr = val;
    if (rising && (s->mcr & UART_MCR_LOOP)) {
        push(s, 0);
        s->lsr_errors |= UART_LSR_BI | UART_LSR_FE;
    }
}

static void uart_write(void *opaque, uint16_t port, uint8_t val)
{
    struct uart *s = opaque;
    bool dlab = s->lcr & UART_LCR_DLAB;

    switch (port - s->base) {
    case 0:
        if (dlab) {
            s->divisor = (uint16_t)((s->divisor & 0xff00) | val);
        } else {
            transmit(s, val);
        }
        break;
    case 1:
        if (dlab) {
            s->divisor = (uint16_t)((s->divisor & 0x00ff) | val << 8);
        } else {
            write_ier(s, val);
        }
        break;
    case 2: write_fcr(s, val); break;
    case 3: write_lcr(s, val); break;
    case 4:
        s->mcr = val & 0x1f;
        update_modem(s);
        break;
    case 7: s->scr = val; break;
    default: break; /* LSR and MSR are read-only outside the factory */
    }
    uart_update_irq(s);
}

static uint8_t read_iir(struct uart *s)
{
    uint8_t id = interrupt_id(s);

    if (id == UART_IIR_THRE) {
        s->thre_pending = false;
    }
    return id | (fifo_on(s) ? UART_IIR_FIFO : 0);
}

static uint8_t read_lsr(struct uart *s)
{
    uint8_t val = UART_LSR_THRE | UART_LSR_TEMT | s->lsr_errors | (s->fifo_count ? UART_LSR_DR : 0);

    s->lsr_errors = 0;
    return val;
}

static uint8_t read_msr(struct uart *s)
{
    uint8_t val = s->msr;

    s->msr &= (uint8_t)~UART_MSR_DELTAS;
    return val;
}

static uint8_t read_register(struct uart *s, unsigned reg)
{
    bool dlab = s->lcr & UART_LCR_DLAB;

    switch (reg) {
    case 0: return dlab ? (uint8_t)s->divisor : pop(s);
    case 1: return dlab ? (uint8_t)(s->divisor >> 8) : s->ier;
    case 2: return read_iir(s);
    case 3: return s->lcr;
    case 4: return s->mcr;
    case 5: return read_lsr(s);
    case 6: return read_msr(s);
    default: return s->scr;
    }
}

static uint8_t uart_read(void *opaque, uint16_t port)
{
    struct uart *s = opaque;
    uint8_t val = read_register(s, (unsigned)(port - s->base) & 7);

    uart_update_irq(s);
    return val;
}

static void uart_reset(void *opaque)
{
    struct uart *s = opaque;

    s->ier = s->fcr = s->lcr = s->mcr = 0;
    s->lsr_errors = 0;
    s->thre_pending = false;
    s->divisor = 12; /* 9600 baud; the chip leaves it undefined */
    clear_rx(s);
    s->msr = modem_inputs(s);
    uart_update_irq(s);
}

static void uart_loaded(void *opaque)
{
    struct uart *s = opaque;

    s->fifo_head %= UART_FIFO;
    s->fifo_count = s->fifo_count > UART_FIFO ? UART_FIFO : s->fifo_count;
}

static const struct state_field uart_state[] = {
    STATE(struct uart, fifo),
    STATE(struct uart, fifo_head),
    STATE(struct uart, fifo_count),
    STATE(struct uart, ier),
    STATE(struct uart, fcr),
    STATE(struct uart, lcr),
    STATE(struct uart, mcr),
    STATE(struct uart, scr),
    STATE(struct uart, lsr_errors),
    STATE(struct uart, msr),
    STATE(struct uart, divisor),
    STATE(struct uart, thre_pending),
    STATE(struct uart, timeout),
    STATE_EVENT(struct uart, timeout_event),
    STATE_END,
};

static const struct device_type uart_type = {
    .name = "uart",
    .reset = uart_reset,
    .loaded = uart_loaded,
    .state = uart_state,
};

void uart_create(struct machine *m, uint16_t base, struct line irq, struct chardev *chr)
{
    struct uart *s = device_new(m, &uart_type, sizeof(*s));

    s->base = base;
    s->irq = irq;
    s->chr = chr;
    clock_event_init(&s->timeout_event, &m->clock, "uart.timeout", timeout_event, s);
    chardev_connect(chr, uart_can_receive, uart_receive, s);
    io_map8(m, base, 8, uart_read, uart_write, s);
}
