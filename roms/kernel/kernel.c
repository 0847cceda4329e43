/* SPDX-License-Identifier: MIT */
/*
 * A kernel given on the command line: the board offers its parts by the fw_cfg device; this fetches
 * them by its DMA and enters the kernel: Linux in its real-mode setup, Multiboot in flat protected
 * mode.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

void kernel_start(void) __attribute__((noreturn));
void enter_multiboot(u32 entry, u32 info) __attribute__((noreturn));
void enter_linux(u32 seg, u32 sp) __attribute__((noreturn));

enum {
    FW_SELECT = 0x510,
    FW_DATA = 0x511,
    FW_DMA_HIGH = 0x514,
    FW_DMA_LOW = 0x518,
};
enum { /* items */
       FW_KERNEL_ADDR = 0x07,
       FW_KERNEL_SIZE = 0x08,
       FW_INITRD_ADDR = 0x0a,
       FW_INITRD_SIZE = 0x0b,
       FW_KERNEL_ENTRY = 0x10,
       FW_KERNEL_DATA = 0x11,
       FW_INITRD_DATA = 0x12,
       FW_CMDLINE_ADDR = 0x13,
       FW_CMDLINE_SIZE = 0x14,
       FW_CMDLINE_DATA = 0x15,
       FW_SETUP_ADDR = 0x16,
       FW_SETUP_SIZE = 0x17,
       FW_SETUP_DATA = 0x18,
};
enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SELECT = 8 };

static inline void outw(u16 v, u16 port)
{
    asm volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outl(u32 v, u16 port)
{
    asm volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline u8 inb(u16 port)
{
    u8 v;

    asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static u32 item(u16 key)
{
    u32 v = 0;

    outw(key, FW_SELECT);
    for (u8 i = 0; i < 32; i += 8) {
        v |= (u32)inb(FW_DATA) << i;
    }
    return v;
}

static u32 swap(u32 v)
{
    return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

/* Fetches an item to where another two say. */
static void fetch(u16 key, u16 address_key, u16 size_key)
{
    volatile u32 request[4];
    u32 size = item(size_key);

    if (!size) {
        return;
    }
    request[0] = swap((u32)key << 16 | DMA_SELECT | DMA_READ);
    request[1] = swap(size);
    request[2] = 0;
    request[3] = swap(item(address_key));
    outl(0, FW_DMA_HIGH);
    outl(swap((u32)request), FW_DMA_LOW);
    while (swap(request[0]) & ~DMA_ERROR) {
    }
}

void kernel_start(void)
{
    u32 setup;

    fetch(FW_KERNEL_DATA, FW_KERNEL_ADDR, FW_KERNEL_SIZE);
    fetch(FW_INITRD_DATA, FW_INITRD_ADDR, FW_INITRD_SIZE);
    if (!item(FW_SETUP_SIZE)) {
        u32 entry = item(FW_KERNEL_ENTRY);

        enter_multiboot(entry, item(FW_INITRD_ADDR));
    }
    fetch(FW_CMDLINE_DATA, FW_CMDLINE_ADDR, FW_CMDLINE_SIZE);
    fetch(FW_SETUP_DATA, FW_SETUP_ADDR, FW_SETUP_SIZE);
    setup = item(FW_SETUP_ADDR);
    enter_linux(setup >> 4, item(FW_CMDLINE_ADDR) - setup - 16);
}
