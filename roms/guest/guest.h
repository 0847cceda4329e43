/* SPDX-License-Identifier: MIT */
/*
 * The default guest: what its parts share.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline uint8_t inb(uint16_t port)
{
    uint8_t v;

    asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline void outb(uint16_t port, uint8_t v)
{
    asm volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline uint16_t inw(uint16_t port)
{
    uint16_t v;

    asm volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline void outw(uint16_t port, uint16_t v)
{
    asm volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}
static inline uint32_t inl(uint16_t port)
{
    uint32_t v;

    asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline void outl(uint16_t port, uint32_t v)
{
    asm volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

/* As pushed by entry.S. */
struct frame {
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
    uint32_t vector, error, eip, cs, eflags;
};

struct cpu_id {
    bool has_cpuid;
    char vendor[13], brand[49];
    uint32_t family, model, stepping, edx, ecx;
};

/* main.c */
extern volatile uint32_t ticks, rtc_ticks, disk_irqs, page_faults;
extern volatile uint32_t fault_resume; /* where a page fault goes on; 0: it is a bug */
extern uint32_t memory_kb;             /* above 1 MiB */
#define TICK_HZ 1000
void wait_ms(uint32_t ms);
uint32_t *page_entry(uint32_t linear);
/* 4 MiB at a linear address are what a page table says. */
void page_map_table(uint32_t linear, uint32_t table);

/* console.c */
enum {
    GREY = 0x07,
    WHITE = 0x0f,
    GREEN = 0x0a,
    RED = 0x0c,
    YELLOW = 0x0e,
    CYAN = 0x0b,
    BAR = 0x1f,
    DIM = 0x08
};
void console_init(void);
void console_bar(const char *text);
void colour(uint8_t attribute);
void column(unsigned x);
void put(char c);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void serial_put(char c);

/* input.c */
void input_init(void);
void input_key(void);
void input_serial(void);
int input_get(void);   /* -1: nothing */
char input_wait(void); /* sleeps until there is something */

/* checks.c */
void identify_cpu(struct cpu_id *id);
void checks_run(void);
/* A line of the self-test: its name, then what is found, then how it ended. */
void check_label(const char *name);
void check_result(bool good);
void check_absent(void);
uint8_t cmos(uint8_t index);
uint32_t speed_measure(void); /* thousand instructions a second */

/* dma.c: channels 0-3 */
enum { DMA_TO_MEMORY = 1 << 2, DMA_FROM_MEMORY = 2 << 2 };
void dma_program(unsigned channel, uint8_t mode, const void *at, uint32_t bytes);
void dma_mask(unsigned channel);
bool dma_ended(unsigned channel); /* its terminal count, once */
void check_dma(void);

/* floppy.c */
void check_floppy(void);
void check_floppy_dma(void);

/* disk.c */
void check_disk(void);
void check_bus_master(void);

/* pci.c: a function is device << 3 | number, on bus 0 */
#define PCI_NONE      0xffffffffu
#define PCI_PORTS     1u /* for pci_enable() */
#define PCI_MASTER    4u
#define PCI_INTERRUPT 0x3c /* line, pin */
bool pci_exists(void);
uint32_t pci_read(uint32_t function, uint32_t offset);
void pci_write(uint32_t function, uint32_t offset, uint32_t v);
uint32_t pci_next(uint32_t function);
/* The first whose register at `offset`, masked, is `value`. */
uint32_t pci_find(uint32_t mask, uint32_t value, uint32_t offset);
uint32_t pci_enable(uint32_t function, uint32_t bits);
void pci_list(void);
void check_pci(void);

/* nic.c */
struct nic {
    uint8_t mac[6];
    uint16_t base;
    int irq;    /* -1: it asks for none */
    bool works; /* a frame was sent in loopback */
};
extern volatile uint32_t nic_irqs;
void nic_interrupt(unsigned irq);
/* The card's name, ready to send and to receive; 0: there is none. */
const char *nic_find(struct nic *n);
void nic_send(const uint8_t *frame, uint32_t bytes);
/* Waits for a frame until a tick; 0: none has come. */
uint32_t nic_receive(uint8_t *frame, uint32_t max, uint32_t until);

/* net.c */
void check_network(void);

/* picture.c */
/* What the display is; false: none with a frame buffer. */
bool picture_identify(uint16_t *id, uint32_t *kib, uint32_t *at);
void picture_show(void);

/* shell.c */
void shell(void);

/* string.c, for the compiler too */
void *memset(void *to, int c, unsigned n);
void *memcpy(void *to, const void *from, unsigned n);
int string_compare(const char *a, const char *b);

#endif
