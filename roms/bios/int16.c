/* SPDX-License-Identifier: MIT */
/*
 * The keyboard: the controller's set-up, INT 09h (scan code set 1 to key codes) and INT 16h.
 */
#include "bios.h"

enum { /* 40:17 */
       RSHIFT = 0x01,
       LSHIFT = 0x02,
       CTRL = 0x04,
       ALT = 0x08,
       SCROLL = 0x10,
       NUM = 0x20,
       CAPS = 0x40,
       INSERT = 0x80,
};
enum { /* 40:18 */
       F1_LCTRL = 0x01,
       F1_LALT = 0x02,
       F1_SYSREQ = 0x04,
       F1_PAUSE = 0x08,
};
enum { /* 40:96 */
       MODE_E1 = 0x01,
       MODE_E0 = 0x02,
       MODE_RCTRL = 0x04,
       MODE_RALT = 0x08,
       MODE_101 = 0x10,
};

/* Key codes of scan codes 1 to 58h: plain, shift, ctrl, alt. 0: none. */
static ROM u16 keys[][4] = {
    {0x011b, 0x011b, 0x011b, 0x0100}, /* esc */
    {0x0231, 0x0221, 0x0000, 0x7800},
    {0x0332, 0x0340, 0x0300, 0x7900},
    {0x0433, 0x0423, 0x0000, 0x7a00},
    {0x0534, 0x0524, 0x0000, 0x7b00},
    {0x0635, 0x0625, 0x0000, 0x7c00},
    {0x0736, 0x075e, 0x071e, 0x7d00},
    {0x0837, 0x0826, 0x0000, 0x7e00},
    {0x0938, 0x092a, 0x0000, 0x7f00},
    {0x0a39, 0x0a28, 0x0000, 0x8000},
    {0x0b30, 0x0b29, 0x0000, 0x8100},
    {0x0c2d, 0x0c5f, 0x0c1f, 0x8200},
    {0x0d3d, 0x0d2b, 0x0000, 0x8300},
    {0x0e08, 0x0e08, 0x0e7f, 0x0e00}, /* backspace */
    {0x0f09, 0x0f00, 0x9400, 0xa500}, /* tab */
    {0x1071, 0x1051, 0x1011, 0x1000},
    {0x1177, 0x1157, 0x1117, 0x1100},
    {0x1265, 0x1245, 0x1205, 0x1200},
    {0x1372, 0x1352, 0x1312, 0x1300},
    {0x1474, 0x1454, 0x1414, 0x1400},
    {0x1579, 0x1559, 0x1519, 0x1500},
    {0x1675, 0x1655, 0x1615, 0x1600},
    {0x1769, 0x1749, 0x1709, 0x1700},
    {0x186f, 0x184f, 0x180f, 0x1800},
    {0x1970, 0x1950, 0x1910, 0x1900},
    {0x1a5b, 0x1a7b, 0x1a1b, 0x1a00},
    {0x1b5d, 0x1b7d, 0x1b1d, 0x1b00},
    {0x1c0d, 0x1c0d, 0x1c0a, 0x1c00}, /* enter */
    {0, 0, 0, 0},                     /* ctrl */
    {0x1e61, 0x1e41, 0x1e01, 0x1e00},
    {0x1f73, 0x1f53, 0x1f13, 0x1f00},
    {0x2064, 0x2044, 0x2004, 0x2000},
    {0x2166, 0x2146, 0x2106, 0x2100},
    {0x2267, 0x2247, 0x2207, 0x2200},
    {0x2368, 0x2348, 0x2308, 0x2300},
    {0x246a, 0x244a, 0x240a, 0x2400},
    {0x256b, 0x254b, 0x250b, 0x2500},
    {0x266c, 0x264c, 0x260c, 0x2600},
    {0x273b, 0x273a, 0x0000, 0x2700},
    {0x2827, 0x2822, 0x0000, 0x2800},
    {0x2960, 0x297e, 0x0000, 0x2900},
    {0, 0, 0, 0}, /* left shift */
    {0x2b5c, 0x2b7c, 0x2b1c, 0x2b00},
    {0x2c7a, 0x2c5a, 0x2c1a, 0x2c00},
    {0x2d78, 0x2d58, 0x2d18, 0x2d00},
    {0x2e63, 0x2e43, 0x2e03, 0x2e00},
    {0x2f76, 0x2f56, 0x2f16, 0x2f00},
    {0x3062, 0x3042, 0x3002, 0x3000},
    {0x316e, 0x314e, 0x310e, 0x3100},
    {0x326d, 0x324d, 0x320d, 0x3200},
    {0x332c, 0x333c, 0x0000, 0x3300},
    {0x342e, 0x343e, 0x0000, 0x3400},
    {0x352f, 0x353f, 0x0000, 0x3500},
    {0, 0, 0, 0},                     /* right shift */
    {0x372a, 0x372a, 0x9600, 0x3700}, /* keypad * */
    {0, 0, 0, 0},                     /* alt */
    {0x3920, 0x3920, 0x3920, 0x3920}, /* space */
    {0, 0, 0, 0},                     /* caps lock */
    {0x3b00, 0x5400, 0x5e00, 0x6800},
    {0x3c00, 0x5500, 0x5f00, 0x6900},
    {0x3d00, 0x5600, 0x6000, 0x6a00},
    {0x3e00, 0x5700, 0x6100, 0x6b00},
    {0x3f00, 0x5800, 0x6200, 0x6c00},
    {0x4000, 0x5900, 0x6300, 0x6d00},
    {0x4100, 0x5a00, 0x6400, 0x6e00},
    {0x4200, 0x5b00, 0x6500, 0x6f00},
    {0x4300, 0x5c00, 0x6600, 0x7000},
    {0x4400, 0x5d00, 0x6700, 0x7100},
    {0, 0, 0, 0},
    {0, 0, 0, 0}, /* num, scroll lock */
    {0x4700, 0x4737, 0x7700, 0x0000},
    {0x4800, 0x4838, 0x8d00, 0x0000},
    {0x4900, 0x4939, 0x8400, 0x0000},
    {0x4a2d, 0x4a2d, 0x8e00, 0x4a00},
    {0x4b00, 0x4b34, 0x7300, 0x0000},
    {0x4c00, 0x4c35, 0x8f00, 0x0000},
    {0x4d00, 0x4d36, 0x7400, 0x0000},
    {0x4e2b, 0x4e2b, 0x9000, 0x4e00},
    {0x4f00, 0x4f31, 0x7500, 0x0000},
    {0x5000, 0x5032, 0x9100, 0x0000},
    {0x5100, 0x5133, 0x7600, 0x0000},
    {0x5200, 0x5230, 0x9200, 0x0000},
    {0x5300, 0x532e, 0x9300, 0x0000},
    {0, 0, 0, 0},
    {0, 0, 0, 0},
    {0x565c, 0x567c, 0x0000, 0x0000}, /* the 102nd key */
    {0x8500, 0x8700, 0x8900, 0x8b00},
    {0x8600, 0x8800, 0x8a00, 0x8c00},
};

/* The grey keys, which send E0 first. */
struct grey {
    u8 scan;
    u16 key[4];
};
static ROM struct grey grey_keys[] = {
    {0x1c, {0xe00d, 0xe00d, 0xe00a, 0xa600}}, {0x35, {0xe02f, 0xe02f, 0x9500, 0xa400}},
    {0x47, {0x47e0, 0x47e0, 0x77e0, 0x9700}}, {0x48, {0x48e0, 0x48e0, 0x8de0, 0x9800}},
    {0x49, {0x49e0, 0x49e0, 0x84e0, 0x9900}}, {0x4b, {0x4be0, 0x4be0, 0x73e0, 0x9b00}},
    {0x4d, {0x4de0, 0x4de0, 0x74e0, 0x9d00}}, {0x4f, {0x4fe0, 0x4fe0, 0x75e0, 0x9f00}},
    {0x50, {0x50e0, 0x50e0, 0x91e0, 0xa000}}, {0x51, {0x51e0, 0x51e0, 0x76e0, 0xa100}},
    {0x52, {0x52e0, 0x52e0, 0x92e0, 0xa200}}, {0x53, {0x53e0, 0x53e0, 0x93e0, 0xa300}},
};

/* The controller's input buffer, then (out) its output buffer; both give up after a while. */
static void kbc_wait_write(void)
{
    for (u16 i = 0; i < 2000 && inb(0x64) & 0x02; i++) {
        delay_15us(1);
    }
}

static int kbc_read(u32 ms)
{
    for (u32 i = 0; i < ms * 66; i++) {
        if (inb(0x64) & 0x01) {
            return inb(0x60);
        }
        delay_15us(1);
    }
    return -1;
}

void kbc_command(u8 v)
{
    kbc_wait_write();
    outb(v, 0x64);
}

void kbc_data(u8 v)
{
    kbc_wait_write();
    outb(v, 0x60);
}

void kbd_init(void)
{
    int v;

    BDA->kbd_start = BDA->kbd_head = BDA->kbd_tail = 0x1e;
    BDA->kbd_end = 0x3e;
    BDA->kbd_mode = MODE_101;
    for (u8 i = 0; i < 32 && inb(0x64) & 1; i++) {
        inb(0x60);
    }
    kbc_command(0xaa); /* self-test */
    v = kbc_read(100);
    if (v != 0x55) {
        trace(STR("BIOS: no keyboard controller\n"));
        return;
    }
    kbc_command(0xab); /* interface test */
    kbc_read(100);
    kbc_command(0x60); /* keyboard and mouse off the interrupt while we talk to them */
    kbc_data(0x70);
    kbc_command(0xae);
    kbc_data(0xff); /* keyboard reset: FAh, then AAh when its test has passed */
    v = kbc_read(200);
    if (v == 0xfa) {
        v = kbc_read(1000);
    }
    if (v == 0xaa) {
        kbc_data(0xf4); /* scanning on */
        kbc_read(200);
    }
    kbc_command(0x60);
    kbc_data(0x65); /* translation, mouse off, system flag, keyboard interrupt */
}

/* ---- INT 09h ---- */

void kbd_put(u16 key)
{
    u16 tail = BDA->kbd_tail, next = tail + 2;

    if (next >= BDA->kbd_end) {
        next = BDA->kbd_start;
    }
    if (next == BDA->kbd_head) {
        return; /* full */
    }
    poke16(0x40, tail, key);
    BDA->kbd_tail = next;
}

static void leds_update(void)
{
    u8 leds = BDA->kbd_flag0 >> 4 & 7;

    if ((BDA->kbd_led & 7) == leds) {
        return;
    }
    BDA->kbd_led = (BDA->kbd_led & ~7) | leds;
    /* The controller answers FAh to each byte; with the interrupt off it cannot be taken for a key.
     */
    kbc_data(0xed);
    if (kbc_read(20) == 0xfa) {
        kbc_data(leds);
        kbc_read(20);
    }
}

static void ctrl_break(void)
{
    struct call c;

    BDA->kbd_head = BDA->kbd_tail = BDA->kbd_start;
    BDA->break_flag = 0x80;
    fill(&c, 0, sizeof(c));
    call_int(0x1b, &c);
    kbd_put(0x0000);
}

static void reboot(void)
{
    BDA->reset_flag = 0x1234;
    kbc_command(0xfe);
    for (;;) {
        asm volatile("cli; hlt");
    }
}

/* Until a key is pressed; interrupts on. The next key that makes a code ends it and is lost. */
static void pause_wait(void)
{
    BDA->kbd_flag1 |= F1_PAUSE;
    eoi(1);
    kbc_command(0xae);
    while (BDA->kbd_flag1 & F1_PAUSE) {
        wait_irq();
    }
}

static void shift_key(u8 down, u8 flag)
{
    if (down) {
        BDA->kbd_flag0 |= flag;
    } else {
        BDA->kbd_flag0 &= ~flag;
    }
}

/* Returns 1 if the key was one of those that only change state. */
static int state_key(u8 scan, u8 down, u8 e0)
{
    u8 mode = BDA->kbd_mode, flag1 = BDA->kbd_flag1, lock;

    switch (scan) {
    case 0x1d:
        if (e0) {
            BDA->kbd_mode = down ? mode | MODE_RCTRL : mode & ~MODE_RCTRL;
        } else {
            BDA->kbd_flag1 = down ? flag1 | F1_LCTRL : flag1 & ~F1_LCTRL;
        }
        shift_key(BDA->kbd_mode & MODE_RCTRL || BDA->kbd_flag1 & F1_LCTRL, CTRL);
        return 1;
    case 0x38:
        if (e0) {
            BDA->kbd_mode = down ? mode | MODE_RALT : mode & ~MODE_RALT;
        } else {
            BDA->kbd_flag1 = down ? flag1 | F1_LALT : flag1 & ~F1_LALT;
        }
        shift_key(BDA->kbd_mode & MODE_RALT || BDA->kbd_flag1 & F1_LALT, ALT);
        if (!(BDA->kbd_flag0 & ALT) && !down && BDA->kbd_alt) {
            kbd_put(BDA->kbd_alt); /* Alt and digits: a character by its number */
            BDA->kbd_alt = 0;
        }
        return 1;
    case 0x2a:
        if (!e0) {
            shift_key(down, LSHIFT);
        }
        return 1;
    case 0x36:
        if (!e0) {
            shift_key(down, RSHIFT);
        }
        return 1;
    case 0x3a: lock = CAPS; break;
    case 0x45:
        if (BDA->kbd_flag0 & CTRL && !(flag1 & F1_PAUSE)) {
            if (down) {
                pause_wait();
            }
            return 1;
        }
        lock = NUM;
        break;
    case 0x46:
        if (e0 || BDA->kbd_flag0 & CTRL) {
            if (down) {
                ctrl_break();
            }
            return 1;
        }
        lock = SCROLL;
        break;
    case 0x52:
        if (!e0 && (BDA->kbd_flag0 & ALT ||
                    !(BDA->kbd_flag0 & (LSHIFT | RSHIFT)) == !!(BDA->kbd_flag0 & NUM))) {
            return 0; /* a digit */
        }
        if (BDA->kbd_flag0 & (CTRL | ALT)) {
            return 0;
        }
        if (!down) {
            BDA->kbd_flag1 &= ~INSERT;
            return 1;
        }
        if (!(flag1 & INSERT)) {
            BDA->kbd_flag1 |= INSERT;
            BDA->kbd_flag0 ^= INSERT;
        }
        return 0; /* and makes a code */
    default: return 0;
    }
    /* Locks toggle on the first press; 40:18 remembers that the key is down. */
    if (!down) {
        BDA->kbd_flag1 &= ~lock;
    } else if (!(flag1 & lock)) {
        BDA->kbd_flag1 |= lock;
        BDA->kbd_flag0 ^= lock;
    }
    return 1;
}

static void make_code(u8 scan, u8 e0)
{
    static ROM u8 digits[] = {7, 8, 9, 0xff, 4, 5, 6, 0xff, 1, 2, 3, 0};
    u8 flags = BDA->kbd_flag0, column = 0;
    u16 key = 0;

    if (BDA->kbd_flag1 & F1_PAUSE) {
        BDA->kbd_flag1 &= ~F1_PAUSE;
        return;
    }
    if ((flags & (CTRL | ALT)) == (CTRL | ALT) && scan == 0x53) {
        reboot();
    }
    if (scan == 0x37 && e0 && !(flags & (CTRL | ALT))) {
        struct call c;

        fill(&c, 0, sizeof(c));
        eoi(1);
        call_int(0x05, &c);
        return;
    }
    if (scan == 0x54 || (scan == 0x37 && flags & ALT && e0)) {
        return; /* SysReq is done by the caller */
    }
    column = flags & ALT ? 3 : flags & CTRL ? 2 : flags & (LSHIFT | RSHIFT) ? 1 : 0;
    if (e0) {
        if (scan == 0x37) {
            kbd_put(0x7200); /* Ctrl-PrtSc */
            return;
        }
        for (u8 i = 0; i < ARRAY_LEN(grey_keys); i++) {
            if (grey_keys[i].scan == scan) {
                key = grey_keys[i].key[column];
            }
        }
    } else if (column == 3 && scan >= 0x47 && scan <= 0x52 && digits[scan - 0x47] != 0xff) {
        BDA->kbd_alt = BDA->kbd_alt * 10 + digits[scan - 0x47];
        return;
    } else if (scan && scan <= ARRAY_LEN(keys)) {
        if (scan >= 0x47 && scan <= 0x53 && flags & NUM && column < 2) {
            column ^= 1;
        }
        if (column < 2 && flags & CAPS) {
            u8 c = keys[scan - 1][0];

            if (c >= 'a' && c <= 'z') {
                column ^= 1;
            }
        }
        key = keys[scan - 1][column];
    }
    if (key) {
        kbd_put(key);
    }
}

void handle_irq1(struct regs *r)
{
    struct call c;
    u8 scan, e0, down;

    (void)r;
    if (!(inb(0x64) & 0x01)) {
        /* The byte was taken by a handler before us, or there is none: real ROMs read port 60h all
         * the same. */
    }
    kbc_command(0xad);
    scan = inb(0x60);
    fill(&c, 0, sizeof(c));
    c.eax = 0x4f00 | scan;
    c.flags = FLAG_CF;
    c.ip = peek16(0, 0x15 * 4);
    c.cs = peek16(0, 0x15 * 4 + 2);
    call_far(&c);
    scan = c.eax;
    if (!(c.flags & FLAG_CF)) {
        goto done;
    }
    if (scan == 0xe0) {
        BDA->kbd_mode |= MODE_E0;
        goto done;
    }
    if (scan == 0xe1) {
        BDA->kbd_mode |= MODE_E1;
        goto done;
    }
    if (scan == 0xfa || scan == 0xfe || scan == 0xee || scan == 0x00 || scan == 0xff) {
        goto done;
    }
    down = !(scan & 0x80);
    scan &= 0x7f;
    if (BDA->kbd_mode & MODE_E1) {
        /* Pause: E1 1D 45 E1 9D C5 */
        if (scan == 0x45) {
            BDA->kbd_mode &= ~MODE_E1;
            if (down && !(BDA->kbd_flag1 & F1_PAUSE)) {
                pause_wait();
                return;
            }
        }
        goto done;
    }
    e0 = BDA->kbd_mode & MODE_E0;
    BDA->kbd_mode &= ~MODE_E0;
    if (scan == 0x54) {
        c.eax = down ? 0x8500 : 0x8501;
        BDA->kbd_flag1 = down ? BDA->kbd_flag1 | F1_SYSREQ : BDA->kbd_flag1 & ~F1_SYSREQ;
        eoi(1);
        kbc_command(0xae);
        call_int(0x15, &c);
        return;
    }
    u8 shifts = BDA->kbd_flag0;

    if (!state_key(scan, down, e0) && down) {
        make_code(scan, e0);
    }
    if ((shifts ^ BDA->kbd_flag0) & (SCROLL | NUM | CAPS)) {
        kbc_command(0xae);
        leds_update();
    }
done:
    kbc_command(0xae);
    eoi(1);
}

/* ---- INT 16h ---- */

/* For the calls of the 84-key keyboard: 0 drops the key. */
static u16 key_84(u16 key)
{
    u8 hi = key >> 8, lo = key;

    if (hi == 0xe0) { /* grey Enter and / */
        return lo == 0x0d || lo == 0x0a ? 0x1c00 | lo : 0x3500 | lo;
    }
    if (lo == 0xe0 && hi) {
        return hi > 0x84 ? 0 : hi << 8;
    }
    if (hi > 0x84 && !lo) {
        return 0;
    }
    if (lo == 0xf0 && hi) {
        return 0;
    }
    return key;
}

static u16 key_101(u16 key)
{
    return (key & 0xff) == 0xf0 && key >> 8 ? key & 0xff00 : key;
}

static void key_drop(void)
{
    u16 head = BDA->kbd_head + 2;

    BDA->kbd_head = head >= BDA->kbd_end ? BDA->kbd_start : head;
}

/* The next key without taking it; found says whether there is one. */
static u16 key_peek(int extended, int *found)
{
    while (BDA->kbd_head != BDA->kbd_tail) {
        u16 raw = peek16(0x40, BDA->kbd_head);
        u16 key = extended ? key_101(raw) : key_84(raw);

        if (key || !raw) {
            *found = 1;
            return key;
        }
        key_drop();
    }
    *found = 0;
    return 0;
}

static u16 key_get(int extended)
{
    int found;

    for (;;) {
        u16 key = key_peek(extended, &found);

        if (found) {
            key_drop();
            return key;
        }
        wait_irq();
    }
}

void handle_int16(struct regs *r)
{
    int found;
    u16 key;

    switch (r->ah) {
    case 0x00: r->ax = key_get(0); break;
    case 0x10: r->ax = key_get(1); break;
    case 0x01:
    case 0x11:
        let_irqs(); /* programs poll this with interrupts off */
        key = key_peek(r->ah & 0x10, &found);
        if (found) {
            r->ax = key;
            r->flags &= ~FLAG_ZF;
        } else {
            r->flags |= FLAG_ZF;
        }
        r->flags |= FLAG_IF; /* as the AT's ROM, which ends with STI and RETF 2 */
        break;
    case 0x02: r->al = BDA->kbd_flag0; break;
    case 0x03:
        if (r->al == 5) {
            kbc_command(0xad);
            kbc_command(0xae);
            kbc_data(0xf3);
            if (kbc_read(20) == 0xfa) {
                kbc_data((r->bh & 3) << 5 | (r->bl & 0x1f));
                kbc_read(20);
            }
        }
        break;
    case 0x05: {
        u16 tail = BDA->kbd_tail;

        kbd_put(r->cx);
        r->al = tail == BDA->kbd_tail;
        break;
    }
    case 0x09: r->al = 0x30; break; /* 101 keys, typematic rate */
    case 0x0a: r->bx = 0xab41; break;
    case 0x12:
        r->al = BDA->kbd_flag0;
        r->ah = (BDA->kbd_flag1 & 0x73) | (BDA->kbd_mode & 0x0c);
        r->ah |= BDA->kbd_flag1 & F1_SYSREQ ? 0x80 : 0;
        break;
    default: break;
    }
}
