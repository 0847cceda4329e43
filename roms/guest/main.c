/* SPDX-License-Identifier: MIT */
/*
 * The default guest: a small protected-mode kernel with paging that looks at the machine it runs
 * on. Interrupts, paging, and the order of things.
 */
#include "guest.h"

#define PIC_BASE   0x20
#define TABLES     0x60000u /* page directory, then the tables, below the stack */
#define MAPPED_MIB 16u

volatile uint32_t ticks, rtc_ticks, disk_irqs, page_faults, fault_resume;
uint32_t memory_kb;

extern uint8_t stubs[];

struct gate {
    uint16_t low, selector, type, high;
};
static struct gate idt[48];

static void idt_init(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) pointer = {sizeof(idt) - 1, (uint32_t)idt};

    for (unsigned i = 0; i < ARRAY_LEN(idt); i++) {
        uint32_t handler = (uint32_t)stubs + i * 16;

        idt[i] = (struct gate){handler, 8, 0x8e00, handler >> 16};
    }
    asm volatile("lidt %0" : : "m"(pointer));
}

static void pic_init(void)
{
    outb(0x20, 0x11);
    outb(0xa0, 0x11);
    outb(0x21, PIC_BASE);
    outb(0xa1, PIC_BASE + 8);
    outb(0x21, 0x04);
    outb(0xa1, 0x02);
    outb(0x21, 0x01);
    outb(0xa1, 0x01);
    outb(0x21, 0xe8); /* timer, keyboard, cascade, COM1 */
    outb(0xa1, 0xbe); /* clock chip, IDE */
}

static void timer_init(void)
{
    unsigned reload = (1193182 + TICK_HZ / 2) / TICK_HZ;

    outb(0x43, 0x34);
    outb(0x40, reload);
    outb(0x40, reload >> 8);
}

uint32_t *page_entry(uint32_t linear)
{
    return (uint32_t *)(TABLES + 4096 + (linear >> 12) * 4);
}

void page_map_table(uint32_t linear, uint32_t table)
{
    ((uint32_t *)TABLES)[linear >> 22] = table | 3;
    asm volatile("movl %0, %%cr3" : : "r"(TABLES) : "memory");
}

/* Linear = physical for the first 16 MiB; nothing else is there. */
static void paging_init(void)
{
    uint32_t *directory = (uint32_t *)TABLES;

    memset(directory, 0, 4096);
    for (uint32_t i = 0; i < MAPPED_MIB / 4; i++) {
        directory[i] = (TABLES + 4096 + i * 4096) | 3;
    }
    for (uint32_t a = 0; a < MAPPED_MIB << 20; a += 4096) {
        *page_entry(a) = a < (memory_kb + 1024) * 1024 ? a | 3 : 0;
    }
    asm volatile(
        "movl %0, %%cr3; movl %%cr0, %%eax; orl $0x80000000, %%eax; movl %%eax, %%cr0; jmp 1f; 1:"
        :
        : "r"(TABLES)
        : "eax", "memory");
}

void interrupt(struct frame *f) __attribute__((used));
void interrupt(struct frame *f)
{
    if (f->vector < PIC_BASE) {
        if (f->vector == 14 && fault_resume) {
            page_faults++;
            f->eip = fault_resume;
            return;
        }
        colour(RED);
        print("\nException %u, error %x at %x\n", f->vector, f->error, f->eip);
        for (;;) {
            asm volatile("cli; hlt");
        }
    }
    unsigned irq = f->vector - PIC_BASE;

    switch (irq) {
    case 0: ticks++; break;
    case 1: input_key(); break;
    case 4: input_serial(); break;
    case 8:
        outb(0x70, 0x0c);
        inb(0x71);
        rtc_ticks++;
        break;
    case 14:
        inb(0x1f7);
        disk_irqs++;
        break;
    default: nic_interrupt(irq); break;
    }
    if (irq >= 8) {
        outb(0xa0, 0x20);
    }
    outb(0x20, 0x20);
}

void wait_ms(uint32_t ms)
{
    uint32_t end = ticks + ms * TICK_HZ / 1000 + 1;

    while ((int32_t)(ticks - end) < 0) {
        asm volatile("hlt");
    }
}

void kernel_main(void) __attribute__((used));
void kernel_main(void)
{
    memory_kb = *(volatile uint32_t *)0x500;
    console_init();
    console_bar("GNOMON            the machine looks at itself        help: list of commands");
    idt_init();
    pic_init();
    timer_init();
    paging_init();
    asm volatile("sti");
    checks_run();
    input_init();
    shell();
}
