/* SPDX-License-Identifier: MIT */
/*
 * What is in the machine, and whether it works: one line a chip. dma.c, disk.c, floppy.c,
 * pci.c and net.c have theirs.
 */
#include "guest.h"

#define COM1 0x3f8

static unsigned passed, total;

void check_label(const char *name)
{
    colour(CYAN);
    print(" %s", name);
    column(14);
    colour(GREY);
}

void check_result(bool good)
{
    total++;
    passed += good;
    column(70);
    colour(good ? GREEN : RED);
    print(good ? "PASS\n" : "FAIL\n");
    colour(GREY);
}

void check_absent(void)
{
    colour(DIM);
    column(70);
    print("none\n");
    colour(GREY);
}

uint8_t cmos(uint8_t index)
{
    outb(0x70, index);
    return inb(0x71);
}

static void cmos_set(uint8_t index, uint8_t v)
{
    outb(0x70, index);
    outb(0x71, v);
}

/* ---- processor ---- */

static bool flag_changes(uint32_t bit)
{
    uint32_t before, after;

    asm volatile("pushfl; popl %0; movl %0, %1; xorl %2, %1; pushl %1; popfl; pushfl; popl %1; "
                 "pushl %0; popfl"
                 : "=&r"(before), "=&r"(after)
                 : "r"(bit));
    return (before ^ after) & bit;
}

static void cpuid(uint32_t leaf, uint32_t r[4])
{
    asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

void identify_cpu(struct cpu_id *id)
{
    uint32_t r[4];

    memset(id, 0, sizeof(*id));
    if (!flag_changes(1 << 21)) {
        id->family = flag_changes(1 << 18) ? 4 : 3;
        return;
    }
    id->has_cpuid = true;
    cpuid(0, r);
    uint32_t highest = r[0];

    memcpy(id->vendor, &r[1], 4);
    memcpy(id->vendor + 4, &r[3], 4);
    memcpy(id->vendor + 8, &r[2], 4);
    if (highest >= 1) {
        cpuid(1, r);
        id->stepping = r[0] & 15;
        id->model = r[0] >> 4 & 15;
        id->family = r[0] >> 8 & 15;
        if (id->family == 15) {
            id->family += r[0] >> 20 & 0xff;
        }
        if (id->family >= 6) {
            id->model |= r[0] >> 12 & 0xf0;
        }
        id->edx = r[3];
        id->ecx = r[2];
    }
    cpuid(0x80000000, r);
    if (r[0] >= 0x80000004 && r[0] < 0x80001000) {
        for (uint32_t i = 0; i < 3; i++) {
            cpuid(0x80000002 + i, r);
            memcpy(id->brand + i * 16, r, 16);
        }
    }
}

static void check_cpu(void)
{
    struct cpu_id id;
    uint64_t product;
    uint32_t quotient, rest;

    identify_cpu(&id);
    check_label("Processor");
    const char *brand = id.brand;

    while (*brand == ' ') {
        brand++;
    }
    if (*brand) {
        print("%s", brand);
    } else if (id.has_cpuid) {
        print("%s family %u model %u stepping %u", id.vendor, id.family, id.model, id.stepping);
    } else {
        print("80%u86, no CPUID", id.family);
    }
    asm volatile("mull %2" : "=A"(product) : "a"(0x12345678), "r"(0x9abcdef0) : "cc");
    asm volatile("divl %4"
                 : "=a"(quotient), "=d"(rest)
                 : "0"((uint32_t)product), "1"((uint32_t)(product >> 32)), "r"(0x9abcdef0)
                 : "cc");
    check_result(quotient == 0x12345678 && rest == 0);
}

static void check_fpu(void)
{
    static const float two = 2.0f;
    uint16_t status = 0x5a5a;
    double root = 0;
    uint32_t bits[2];

    check_label("FPU");
    asm volatile("fninit; fnstsw %0" : "+m"(status));
    if (status & 0xff) {
        check_absent();
        return;
    }
    asm volatile("flds %1; fsqrt; fstpl %0" : "=m"(root) : "m"(two));
    memcpy(bits, &root, 8);
    print("square root of 2 = %x%08x", bits[1], bits[0]);
    check_result(bits[1] == 0x3ff6a09e && bits[0] == 0x667f3bcd);
}

static void check_memory(void)
{
    volatile uint32_t *p;
    uint32_t kb = memory_kb + 1024, bad = 0;
    uint32_t top = kb * 1024 < 16u << 20 ? kb * 1024 : 16u << 20;

    check_label("Memory");
    print("%u MiB", (kb + 512) / 1024); /* the BIOS may keep some pages */
    for (uint32_t a = 0x100000; a < top; a += 0x10000) {
        p = (volatile uint32_t *)a;
        *p = a ^ 0x5a5a5a5a;
    }
    for (uint32_t a = 0x100000; a < top; a += 0x10000) {
        p = (volatile uint32_t *)a;
        bad += *p != (a ^ 0x5a5a5a5a);
    }
    check_result(!bad);
}

/* Two linear pages on one physical page, and a page that is not there. */
static void check_paging(void)
{
    volatile uint32_t *a = (volatile uint32_t *)0x70000, *b = (volatile uint32_t *)0x71000;
    uint32_t *entry = page_entry(0x71000), saved = *entry, faults = page_faults;
    bool same;

    check_label("Paging");
    *b = 1;
    *entry = 0x70000 | 3;
    asm volatile("movl %%cr3, %%eax; movl %%eax, %%cr3" : : : "eax", "memory");
    *a = 0x600dcafe;
    same = *b == 0x600dcafe;
    *entry = 0;
    asm volatile("movl %%cr3, %%eax; movl %%eax, %%cr3" : : : "eax", "memory");
    asm volatile("movl $1f, %0; movl 0x71000, %%eax; 1: movl $0, %0"
                 : "=m"(fault_resume)
                 :
                 : "eax", "memory");
    *entry = saved;
    asm volatile("movl %%cr3, %%eax; movl %%eax, %%cr3" : : : "eax", "memory");
    print("aliases %s, %u page fault", same ? "agree" : "differ", page_faults - faults);
    check_result(same && page_faults == faults + 1);
}

/* ---- chips ---- */

static void check_pic(void)
{
    uint8_t m = inb(0x21), s = inb(0xa1);
    bool good;

    check_label("PIC");
    outb(0xa1, 0x55 | 0x40);
    good = inb(0xa1) == 0x55;
    outb(0xa1, s);
    good = good && inb(0xa1) == s && inb(0x21) == m;
    print("8259A x 2, masks %02x %02x", m, s);
    check_result(good);
}

/* Milliseconds by the timer that 256 periods of the clock chip's 1024 Hz take. */
static uint32_t time_rtc_periods(void)
{
    uint32_t start = rtc_ticks, limit = ticks + 1000;

    while (rtc_ticks == start && ticks < limit) {
        asm volatile("hlt");
    }
    uint32_t from = ticks;

    start = rtc_ticks;
    while (rtc_ticks - start < 256 && ticks < limit) {
        asm volatile("hlt");
    }
    return ticks - from;
}

/*
 * The timer against the clock chip: 250 ms. Where time is the host's and the host is busy, either's
 * interrupts can be lost, as on a machine that is late: it counts if one of a few tries is right.
 */
static void check_timer(void)
{
    uint8_t b = cmos(0x0b);
    uint32_t took = 0;

    check_label("Timer");
    cmos_set(0x0a, 0x26);
    cmos_set(0x0b, b | 0x40);
    cmos(0x0c);
    for (unsigned tries = 0; tries < 5 && (took < 248 || took > 252); tries++) {
        took = time_rtc_periods();
    }
    cmos_set(0x0b, b);
    print("8254: 250 ms by the clock chip are %u ms", took);
    check_result(took >= 248 && took <= 252);
}

static bool bcd(uint8_t v, uint8_t low, uint8_t high)
{
    uint8_t n = (v >> 4) * 10 + (v & 15);

    return (v & 15) <= 9 && v >> 4 <= 9 && n >= low && n <= high;
}

static void check_rtc(void)
{
    check_label("Clock");
    for (unsigned i = 0; i < 100000 && cmos(0x0a) & 0x80; i++) {
    }
    uint8_t s = cmos(0), m = cmos(2), h = cmos(4), d = cmos(7), mo = cmos(8), y = cmos(9),
            c = cmos(0x32);
    uint8_t old = cmos(0x5f);
    bool memory;

    cmos_set(0x5f, old ^ 0xa5);
    memory = cmos(0x5f) == (old ^ 0xa5);
    cmos_set(0x5f, old);
    print("MC146818: %02x%02x-%02x-%02x %02x:%02x:%02x", c, y, mo, d, h, m, s);
    check_result(memory && bcd(s, 0, 59) && bcd(m, 0, 59) && bcd(h, 0, 23) && bcd(d, 1, 31) &&
                 bcd(mo, 1, 12));
}

static bool kbc_wait(uint8_t mask, uint8_t want)
{
    for (unsigned i = 0; i < 200000; i++) {
        if ((inb(0x64) & mask) == want) {
            return true;
        }
    }
    return false;
}

static int kbc_answer(uint8_t command)
{
    kbc_wait(0x02, 0);
    outb(0x64, command);
    return kbc_wait(0x01, 0x01) ? inb(0x60) : -1;
}

static void check_keyboard(void)
{
    check_label("Keyboard");
    asm volatile("cli");
    while (inb(0x64) & 0x01) {
        inb(0x60);
    }
    int config = kbc_answer(0x20);
    int self = kbc_answer(0xaa), line = kbc_answer(0xab);

    kbc_wait(0x02, 0);
    outb(0x64, 0x60);
    kbc_wait(0x02, 0);
    outb(0x60, config < 0 ? 0x65 : config & ~0x10);
    kbc_wait(0x02, 0);
    outb(0x60, 0xee);
    int echo = kbc_wait(0x01, 0x01) ? inb(0x60) : -1;

    asm volatile("sti");
    print("8042: self-test %02x, line %02x, keyboard's echo %02x", self & 0xff, line & 0xff,
          echo & 0xff);
    check_result(self == 0x55 && line == 0 && echo == 0xee);
}

static void check_serial(void)
{
    static const char word[] = "Gnomon";
    bool good = true;

    check_label("Serial");
    outb(COM1 + 7, 0xa5);
    if (inb(COM1 + 7) != 0xa5) {
        check_absent();
        return;
    }
    for (unsigned i = 0; i < 100000 && !(inb(COM1 + 5) & 0x40); i++) {
    }
    uint8_t mcr = inb(COM1 + 4);
    uint8_t iir = inb(COM1 + 2);

    input_serial(); /* typed already */

    outb(COM1 + 4, 0x10 | (mcr & 3)); /* loopback */
    for (unsigned i = 0; word[i]; i++) {
        outb(COM1, word[i]);
        for (unsigned n = 0; n < 100000 && !(inb(COM1 + 5) & 0x01); n++) {
        }
        good = good && inb(COM1) == (uint8_t)word[i];
    }
    outb(COM1 + 4, mcr);
    print("%s at 3f8h, loopback", (iir & 0xc0) == 0xc0 ? "16550A" : "8250");
    check_result(good);
}

/* Nothing is printed: the latches, and what the printer's lines say. */
static void check_parallel(void)
{
    static const uint16_t bases[] = {0x378, 0x278, 0x3bc};

    check_label("Parallel");
    for (unsigned i = 0; i < ARRAY_LEN(bases); i++) {
        uint16_t base = bases[i];
        bool good = true;

        outb(base, 0x5a);
        if (inb(base) != 0x5a) {
            continue;
        }
        for (unsigned bit = 0; bit < 8; bit++) {
            outb(base, 1 << bit);
            good = good && inb(base) == 1 << bit;
        }
        outb(base + 2, 0x0e);
        good = good && (inb(base + 2) & 0x0f) == 0x0e;
        outb(base + 2, 0x0c);
        good = good && (inb(base + 2) & 0x0f) == 0x0c;
        uint8_t status = inb(base + 1);

        print("port at %xh, printer %s", base,
              status & 0x20             ? "without paper"
              : (status & 0x98) == 0x98 ? "ready"
                                        : "off");
        check_result(good);
        return;
    }
    check_absent();
}

static void check_vga(void)
{
    volatile uint16_t *hidden = (volatile uint16_t *)0xbf000;
    bool good = true;

    check_label("VGA");
    for (uint16_t i = 0; i < 1024; i++) {
        hidden[i] = i * 0x1f3;
    }
    for (uint16_t i = 0; i < 1024; i++) {
        good = good && hidden[i] == (uint16_t)(i * 0x1f3);
    }
    outb(0x3d4, 0x0e);
    uint8_t old = inb(0x3d5);

    outb(0x3d5, 0x2a);
    good = good && inb(0x3d5) == 0x2a;
    outb(0x3d5, old);
    outb(0x3c4, 2);
    good = good && inb(0x3c5) == 0x03; /* planes of a text mode */
    outb(0x3c7, 63);
    uint8_t r = inb(0x3c9), g = inb(0x3c9), b = inb(0x3c9);

    print("text mode, colour 63 is %02x%02x%02x", r, g, b);
    check_result(good);
}

static void check_display(void)
{
    uint16_t id;
    uint32_t kib, at;

    check_label("Display");
    bool good = picture_identify(&id, &kib, &at);

    print("DISPI %04x, %u MiB at %x", id, kib / 1024, at);
    check_result(good);
}

static void check_a20(void)
{
    volatile uint32_t *low = (volatile uint32_t *)0x5f0, *high = (volatile uint32_t *)0x1005f0;
    bool open, closed;

    check_label("A20 gate");
    if (memory_kb < 64) {
        check_absent();
        return;
    }
    *low = 0x11111111;
    *high = 0x22222222;
    open = *low == 0x11111111;
    asm volatile("cli");
    outb(0x92, inb(0x92) & ~0x03);
    *high = 0x33333333;
    closed = *low == 0x33333333;
    outb(0x92, (inb(0x92) | 0x02) & ~0x01);
    asm volatile("sti");
    print("port 92h: %s, %s", open ? "opens" : "stuck shut", closed ? "shuts" : "stuck open");
    check_result(open && closed);
}

/* Three instructions a turn, for a quarter of a second. */
uint32_t speed_measure(void)
{
    uint32_t turns = 0, start = ticks;

    while (ticks == start) {
    }
    start = ticks;
    while (ticks - start < 250) {
        uint32_t n = 10000, x = 1;

        asm volatile("1: addl %1, %0; decl %1; jnz 1b" : "+r"(x), "+r"(n) : : "cc");
        asm volatile("" : : "r"(x));
        turns += 10000;
    }
    return turns / 250 * 3;
}

void checks_run(void)
{
    passed = total = 0;
    check_cpu();
    check_fpu();
    check_memory();
    check_paging();
    check_a20();
    check_pic();
    check_pci();
    check_timer();
    check_rtc();
    check_dma();
    check_keyboard();
    check_serial();
    check_parallel();
    check_vga();
    check_display();
    check_disk();
    check_bus_master();
    check_floppy();
    check_floppy_dma();
    check_network();
    check_label("Speed");
    uint32_t mips = speed_measure();

    colour(WHITE);
    print("%u.%u million instructions in a guest second\n\n", mips / 1000, mips / 100 % 10);
    colour(passed == total ? GREEN : RED);
    print(" SELF-TEST %s %u/%u\n", passed == total ? "PASS" : "FAIL", passed, total);
    colour(GREY);
}
