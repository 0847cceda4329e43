/* SPDX-License-Identifier: MIT */
/*
 * 8042 keyboard controller with an auxiliary port (IBM PS/2 Technical Reference, "Keyboard and
 * auxiliary device controller").
 *
 * A device's byte takes KBC_BYTE_NS to arrive after the last one was read: interrupt handlers that
 * read port 60h twice see the same byte, as they do on the real thing. What the guest writes is
 * taken at once, so IBF is never seen set.
 *
 * Not modelled: passwords (A4h says that none is set), diagnostic dump, parity and time-out errors,
 * the keyboard lock.
 */
#include "hw/kbc.h"

#include <string.h>

#include "base/log.h"
#include "hw/device.h"
#include "hw/io.h"
#include "hw/machine.h"
#include "hw/ps2.h"

enum {
    KBC_ST_OBF = 1 << 0,
    KBC_ST_SYS = 1 << 2,
    KBC_ST_CD = 1 << 3,  /* the last write went to 64h */
    KBC_ST_INH = 1 << 4, /* 1: not locked */
    KBC_ST_AUX = 1 << 5, /* the output buffer holds the mouse's byte */
    KBC_CMD_KIE = 1 << 0,
    KBC_CMD_AIE = 1 << 1,
    KBC_CMD_SYS = 1 << 2,
    KBC_CMD_DISABLE_KBD = 1 << 4,
    KBC_CMD_DISABLE_AUX = 1 << 5,
    KBC_CMD_XLAT = 1 << 6,
    KBC_OUT_RESET = 1 << 0, /* 0 resets */
    KBC_OUT_A20 = 1 << 1,
    KBC_OUT_IRQ1 = 1 << 4,
    KBC_OUT_IRQ12 = 1 << 5,
};

#define KBC_BYTE_NS 500000u /* eleven bits at the cable's fastest, roughly */

enum { KEYBOARD, MOUSE };

struct kbc {
    uint8_t ram[32];  /* [0] is the command byte */
    uint8_t output;   /* output buffer: stays after it is read */
    bool full, aux;   /* OBF, and whose byte it is */
    bool reply_waits; /* a controller's byte waits for the output buffer */
    bool reply_aux;
    uint8_t reply;
    uint8_t out_port;
    uint8_t argument_of; /* the command that takes the next write to 60h; 0: none */
    bool last_was_command;
    bool translate_break; /* F0h of set 2 seen */
    struct clock_event arrive_event;

    /* Wiring, set once; not saved. */
    struct kbc_lines lines;
    struct machine *machine;
    struct ps2_keyboard *keyboard;
    struct ps2_mouse *mouse;
};

/* clang-format off */
/* Set 2 to set 1, from the controller's ROM; what is not listed is passed on as it is. */
static const uint8_t translation[0x85] = {
    0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59,
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b,
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d,
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f,
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60, 0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61,
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76,
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f,
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54,
    0x80, 0x81, 0x82, 0x41, 0x54,
};
/* clang-format on */

static void kbc_update_irq(struct kbc *s)
{
    bool kbd = s->full && !s->aux, aux = s->full && s->aux;

    line_set(&s->lines.irq1, kbd && (s->ram[0] & KBC_CMD_KIE));
    line_set(&s->lines.irq12, aux && (s->ram[0] & KBC_CMD_AIE));
}

static void fill(struct kbc *s, uint8_t val, bool aux)
{
    s->output = val;
    s->full = true;
    s->aux = aux;
    clock_cancel(&s->arrive_event);
    kbc_update_irq(s);
}

/* The keyboard's next byte; false if the translation swallowed it. */
static bool next_key_byte(struct kbc *s, uint8_t *val)
{
    uint8_t b = ps2_keyboard_read(s->keyboard);

    *val = b;
    if (!(s->ram[0] & KBC_CMD_XLAT)) {
        return true;
    }
    if (b == 0xf0) {
        s->translate_break = true;
        return false;
    }
    *val = b < sizeof(translation) ? translation[b] : b;
    if (s->translate_break) {
        *val |= 0x80;
    }
    s->translate_break = false;
    return true;
}

/* Takes a byte from a device, if one has any and its clock runs. */
static void take_byte(struct kbc *s)
{
    uint8_t val;

    while (!(s->ram[0] & KBC_CMD_DISABLE_KBD) && ps2_keyboard_ready(s->keyboard)) {
        if (next_key_byte(s, &val)) {
            fill(s, val, false);
            return;
        }
    }
    if (!(s->ram[0] & KBC_CMD_DISABLE_AUX) && ps2_mouse_ready(s->mouse)) {
        fill(s, ps2_mouse_read(s->mouse), true);
    }
}

static void arrive_event(void *opaque)
{
    struct kbc *s = opaque;

    if (!s->full && !s->reply_waits) {
        take_byte(s);
    }
}

/* Something changed that may let a byte in: it arrives a while later. */
static void expect_byte(struct kbc *s)
{
    if (s->full) {
        return;
    }
    if (s->reply_waits) {
        s->reply_waits = false;
        fill(s, s->reply, s->reply_aux);
        return;
    }
    bool kbd = !(s->ram[0] & KBC_CMD_DISABLE_KBD) && ps2_keyboard_ready(s->keyboard);
    bool aux = !(s->ram[0] & KBC_CMD_DISABLE_AUX) && ps2_mouse_ready(s->mouse);

    if ((kbd || aux) && !clock_pending(&s->arrive_event)) {
        clock_schedule_in(&s->arrive_event, KBC_BYTE_NS);
    }
}

static void device_ready(void *opaque, unsigned n, bool level)
{
    struct kbc *s = opaque;

    (void)n;
    /* While take_byte() reads a device its line moves too; the chips may not exist yet at creation.
     */
    if (level && s->keyboard && s->mouse) {
        expect_byte(s);
    }
}

/* The controller's own answer: waits only for the output buffer. */
static void reply(struct kbc *s, uint8_t val, bool aux)
{
    s->reply = val;
    s->reply_aux = aux;
    s->reply_waits = true;
    expect_byte(s);
}

static void write_out_port(struct kbc *s, uint8_t val)
{
    s->out_port = val;
    line_set(&s->lines.a20, val & KBC_OUT_A20);
    if (!(val & KBC_OUT_RESET)) {
        line_pulse(&s->lines.cpu_reset);
    }
}

static uint8_t read_out_port(const struct kbc *s)
{
    uint8_t val = s->out_port & (uint8_t) ~(KBC_OUT_A20 | KBC_OUT_IRQ1 | KBC_OUT_IRQ12);

    val |= s->machine->mem.a20_mask >> 20 & 1 ? KBC_OUT_A20 : 0; /* port 92h drives the gate too */
    val |= s->full && !s->aux ? KBC_OUT_IRQ1 : 0;
    val |= s->full && s->aux ? KBC_OUT_IRQ12 : 0;
    return val;
}

static void write_command_byte(struct kbc *s, uint8_t val)
{
    s->ram[0] = val;
    kbc_update_irq(s);
    expect_byte(s);
}

static void kbc_argument(struct kbc *s, uint8_t command, uint8_t val)
{
    switch (command) {
    case 0xd1: write_out_port(s, val); break;
    case 0xd2: reply(s, val, false); break;
    case 0xd3: reply(s, val, true); break;
    case 0xd4:
        s->ram[0] &= (uint8_t)~KBC_CMD_DISABLE_AUX;
        ps2_mouse_write(s->mouse, val);
        break;
    case 0x60: write_command_byte(s, val); break;
    default: s->ram[command & 31] = val; break; /* 61h-7Fh */
    }
}

static void kbc_command(struct kbc *s, uint8_t val)
{
    switch (val) {
    case 0xa4: reply(s, 0xf1, false); break; /* no password */
    case 0xa7: write_command_byte(s, s->ram[0] | KBC_CMD_DISABLE_AUX); break;
    case 0xa8: write_command_byte(s, s->ram[0] & (uint8_t)~KBC_CMD_DISABLE_AUX); break;
    case 0xa9: reply(s, 0x00, false); break;
    case 0xaa:
        s->full = false; /* the self-test starts from an empty buffer */
        reply(s, 0x55, false);
        break;
    case 0xab: reply(s, 0x00, false); break;
    case 0xad: write_command_byte(s, s->ram[0] | KBC_CMD_DISABLE_KBD); break;
    case 0xae: write_command_byte(s, s->ram[0] & (uint8_t)~KBC_CMD_DISABLE_KBD); break;
    case 0xc0: reply(s, 0x80, false); break; /* input port: keyboard not locked */
    case 0xd0: reply(s, read_out_port(s), false); break;
    case 0xd1:
    case 0xd2:
    case 0xd3:
    case 0xd4: s->argument_of = val; break;
    case 0xdd: write_out_port(s, s->out_port & (uint8_t)~KBC_OUT_A20); break;
    case 0xdf: write_out_port(s, s->out_port | KBC_OUT_A20); break;
    case 0xe0: reply(s, 0x00, false); break;
    default:
        if (val >= 0x20 && val <= 0x3f) {
            reply(s, s->ram[val & 31], false);
        } else if (val >= 0x60 && val <= 0x7f) {
            s->argument_of = val;
        } else if (val >= 0xf0) { /* pulses the output port's bits that are 0 */
            if (!(val & KBC_OUT_RESET)) {
                line_pulse(&s->lines.cpu_reset);
            }
        } else {
            log_guest(KBC, "controller: unknown command %02xh", val);
        }
        break;
    }
}

static void kbc_write_data(struct kbc *s, uint8_t val)
{
    uint8_t command = s->argument_of;

    s->argument_of = 0;
    if (command) {
        kbc_argument(s, command, val);
        return;
    }
    s->ram[0] &= (uint8_t)~KBC_CMD_DISABLE_KBD; /* talking to the keyboard turns its clock on */
    ps2_keyboard_write(s->keyboard, val);
}

static void kbc_write(void *opaque, uint16_t port, uint8_t val)
{
    struct kbc *s = opaque;

    log_guest(KBC, "%02xh <- %02xh", port, val);
    s->last_was_command = port & 4;
    if (s->last_was_command) {
        s->argument_of = 0;
        kbc_command(s, val);
    } else {
        kbc_write_data(s, val);
    }
}

static uint8_t kbc_read_data(struct kbc *s)
{
    uint8_t val = s->output;

    if (s->full) {
        s->full = false;
        kbc_update_irq(s);
        expect_byte(s);
        log_guest(KBC, "60h -> %02xh", val);
    }
    return val;
}

static uint8_t kbc_read_status(const struct kbc *s)
{
    return (s->full ? KBC_ST_OBF : 0) | (s->full && s->aux ? KBC_ST_AUX : 0) |
           (s->ram[0] & KBC_CMD_SYS ? KBC_ST_SYS : 0) | (s->last_was_command ? KBC_ST_CD : 0) |
           KBC_ST_INH;
}

static uint8_t kbc_read(void *opaque, uint16_t port)
{
    struct kbc *s = opaque;

    return port & 4 ? kbc_read_status(s) : kbc_read_data(s);
}

void kbc_key(struct kbc *s, enum key_code key, bool down)
{
    ps2_keyboard_key(s->keyboard, key, down);
}

void kbc_mouse_move(struct kbc *s, int dx, int dy, int dz)
{
    ps2_mouse_move(s->mouse, dx, dy, dz);
}

void kbc_mouse_buttons(struct kbc *s, unsigned buttons)
{
    ps2_mouse_buttons(s->mouse, buttons);
}

static void kbc_reset(void *opaque)
{
    struct kbc *s = opaque;

    memset(s->ram, 0, sizeof(s->ram));
    s->ram[0] = KBC_CMD_XLAT | KBC_CMD_DISABLE_AUX;
    s->full = s->aux = s->reply_waits = false;
    s->argument_of = 0;
    s->last_was_command = s->translate_break = false;
    clock_cancel(&s->arrive_event);
    write_out_port(s, 0xff); /* the pins float high: A20 open, no reset */
    kbc_update_irq(s);
}

static const struct state_field kbc_state[] = {
    STATE(struct kbc, ram),
    STATE(struct kbc, output),
    STATE(struct kbc, full),
    STATE(struct kbc, aux),
    STATE(struct kbc, reply_waits),
    STATE(struct kbc, reply_aux),
    STATE(struct kbc, reply),
    STATE(struct kbc, out_port),
    STATE(struct kbc, argument_of),
    STATE(struct kbc, last_was_command),
    STATE(struct kbc, translate_break),
    STATE_EVENT(struct kbc, arrive_event),
    STATE_END,
};

static const struct device_type kbc_type = {
    .name = "kbc",
    .reset = kbc_reset,
    .state = kbc_state,
};

struct kbc *kbc_create(struct machine *m, struct kbc_lines lines)
{
    struct kbc *s = device_new(m, &kbc_type, sizeof(*s));

    s->lines = lines;
    s->machine = m;
    clock_event_init(&s->arrive_event, &m->clock, "kbc.arrive", arrive_event, s);
    s->keyboard = ps2_keyboard_create(m, (struct line){device_ready, s, KEYBOARD});
    s->mouse = ps2_mouse_create(m, (struct line){device_ready, s, MOUSE});
    io_map8(m, 0x60, 1, kbc_read, kbc_write, s);
    io_map8(m, 0x64, 1, kbc_read, kbc_write, s);
    return s;
}
