/* SPDX-License-Identifier: MIT */
/*
 * INT 15h AH=53h and its protected-mode entries (apm.S): the APM BIOS Interface Specification 1.2.
 * What it can do is switch the machine off and wait for an interrupt: there is no battery, and no
 * device whose power it manages.
 *
 * Its two variables are in the BIOS data area, which is the data segment that a protected-mode
 * caller is told of: the ROM's own cannot be written, and the EBDA may be moved. Many BIOSes name
 * 40h here, so that systems know it.
 *
 * A BIOS of 1.2 serves a driver as 1.0 says until AX=530Eh has told it another version. Here the
 * driver has all at once.
 */
#include "bios.h"

enum {
    VERSION = 0x0102,
    SYSTEM_BIOS = 0x0000, /* devices */
    ALL_DEVICES = 0x0001,
    ALL_DEVICES_1_0 = 0xffff,

    STANDBY = 1, /* states of ALL_DEVICES */
    SUSPEND = 2,
    OFF = 3,
    REQUEST_PROCESSING = 4,
    REQUEST_REJECTED = 5,

    MODE_16 = 1 << 0, /* what AX=5300h tells; the last two are bda.apm_off */
    MODE_32 = 1 << 1,
    DISABLED = 1 << 3,
    DISENGAGED = 1 << 4,

    ERROR_DISABLED = 0x01,
    ERROR_REAL_MODE = 0x02, /* the interface in use: bda.apm_interface */
    ERROR_NOT_CONNECTED = 0x03,
    ERROR_MODE_16 = 0x05,
    ERROR_MODE_32 = 0x07,
    ERROR_DEVICE = 0x09,
    ERROR_RANGE = 0x0a,
    ERROR_NOT_ENGAGED = 0x0b,
    ERROR_FUNCTION = 0x0c,
    ERROR_STATE = 0x60,
    ERROR_NO_EVENT = 0x80,

    CODE_LENGTH = 0xfff0, /* of F000h */
    DATA_LENGTH = 0x0100,
};

/* Addresses only: apm.S. */
extern const u8 apm_entry_16[], apm_entry_32[];

void power_off(void)
{
    outw(0x2000, 0x604); /* ACPI PM1a control: SLP_EN, type 0 = soft off */
    for (u64 word = 0x6e776f6474756853; word; word >>= 8) {
        outb(word, 0x8900); /* "Shutdown" */
    }
    for (;;) {
        asm volatile("cli; hlt");
    }
}

static u8 connect(struct regs *r, u8 interface)
{
    if (r->bx != SYSTEM_BIOS) {
        return ERROR_DEVICE;
    }
    if (BDA->apm_interface) {
        return BDA->apm_interface;
    }
    BDA->apm_interface = interface;
    if (interface == ERROR_MODE_16) {
        r->ax = 0xf000;
        r->bx = (u32)apm_entry_16;
        r->cx = 0x0040;
        r->si = CODE_LENGTH;
        r->di = DATA_LENGTH;
    } else if (interface == ERROR_MODE_32) {
        r->ax = 0xf000;
        r->ebx = (u32)apm_entry_32;
        r->cx = 0xf000;
        r->dx = 0x0040;
        r->esi = CODE_LENGTH << 16 | CODE_LENGTH; /* the 16-bit segment's, the 32-bit one's */
        r->di = DATA_LENGTH;
    }
    return 0;
}

static u8 set_power_state(u16 device, u16 state)
{
    if (device != ALL_DEVICES) {
        return ERROR_DEVICE;
    }
    switch (state) {
    case STANDBY:
    case SUSPEND: return ERROR_STATE;
    case OFF: power_off(); return 0;
    case REQUEST_PROCESSING:
    case REQUEST_REJECTED: return 0;
    default: return ERROR_RANGE;
    }
}

/* CX says whether what the bit names is on. */
static u8 set_on(const struct regs *r, u8 bit)
{
    if (r->cx > 1) {
        return ERROR_RANGE;
    }
    BDA->apm_off = r->cx ? BDA->apm_off & ~bit : BDA->apm_off | bit;
    return 0;
}

/* What needs no connection, as it changes nothing. */
static u8 ask(struct regs *r)
{
    switch (r->al) {
    case 0x00: /* installation check */
        if (r->bx != SYSTEM_BIOS) {
            return ERROR_DEVICE;
        }
        r->ax = VERSION;
        r->bx = 0x504d; /* "PM" */
        r->cx = MODE_16 | MODE_32 | BDA->apm_off;
        return 0;
    case 0x0a: /* power status */
        if (r->bx != ALL_DEVICES) {
            return ERROR_DEVICE;
        }
        r->bx = 0x01ff; /* on AC, no battery */
        r->cx = 0x80ff;
        r->dx = 0xffff;
        return 0;
    case 0x0c: /* power state */
        if (BDA->apm_off & DISABLED) {
            return ERROR_DISABLED;
        }
        if (r->bx != ALL_DEVICES) {
            return ERROR_DEVICE;
        }
        r->cx = 0;
        return 0;
    case 0x10: /* capabilities */
        if (r->bx != SYSTEM_BIOS) {
            return ERROR_DEVICE;
        }
        r->bl = 0;
        r->cx = 0;
        return 0;
    default: return ERROR_FUNCTION;
    }
}

/* What an engaged driver may do. */
static u8 manage(struct regs *r, void (*idle)(void))
{
    if (BDA->apm_off & DISENGAGED) {
        return ERROR_NOT_ENGAGED;
    }
    switch (r->al) {
    case 0x05: /* CPU idle */
        if (!(BDA->apm_off & DISABLED)) {
            idle();
        }
        return 0;
    case 0x06: /* CPU busy */ return 0;
    case 0x07: return BDA->apm_off & DISABLED ? ERROR_DISABLED : set_power_state(r->bx, r->cx);
    case 0x08: /* enable */
        return r->bx == ALL_DEVICES || r->bx == ALL_DEVICES_1_0 ? set_on(r, DISABLED)
                                                                : ERROR_DEVICE;
    case 0x09: /* power-on defaults */
        if (r->bx != ALL_DEVICES && r->bx != ALL_DEVICES_1_0) {
            return ERROR_DEVICE;
        }
        BDA->apm_off = 0;
        return 0;
    case 0x0b: return ERROR_NO_EVENT;
    default: /* 0d: enable a device */
        if (BDA->apm_off & DISABLED) {
            return ERROR_DISABLED;
        }
        return r->bx != ALL_DEVICES ? ERROR_DEVICE : r->cx > 1 ? ERROR_RANGE : 0;
    }
}

static u8 serve(struct regs *r, void (*idle)(void))
{
    switch (r->al) {
    case 0x01: return connect(r, ERROR_REAL_MODE);
    case 0x02: return connect(r, ERROR_MODE_16);
    case 0x03: return connect(r, ERROR_MODE_32);
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x0b:
    case 0x0d:
    case 0x0e:
    case 0x0f: break;
    default: return ask(r);
    }
    if (!BDA->apm_interface) {
        return ERROR_NOT_CONNECTED;
    }
    switch (r->al) {
    case 0x04: /* disconnect */
        if (r->bx != SYSTEM_BIOS) {
            return ERROR_DEVICE;
        }
        BDA->apm_interface = 0;
        return 0;
    case 0x0e: /* driver version */
        if (r->bx != SYSTEM_BIOS) {
            return ERROR_DEVICE;
        }
        r->ax = r->cx < VERSION ? r->cx : VERSION;
        return 0;
    case 0x0f: /* engage */
        if (BDA->apm_off & DISABLED) {
            return ERROR_DISABLED;
        }
        return r->bx == ALL_DEVICES ? set_on(r, DISENGAGED) : ERROR_DEVICE;
    default: return manage(r, idle);
    }
}

void apm_call(struct regs *r, void (*idle)(void))
{
    u8 error = serve(r, idle);

    if (error) {
        r->ah = error;
    }
    set_cf(r, error);
}
