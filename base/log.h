/* SPDX-License-Identifier: MIT */
/*
 * Messages. log_guest() tells what the guest did that is worth a look (a driver's bad register use,
 * an unknown port); log_host() tells what the host refused. Categories are off by default and
 * switched on by name (-d). The sink and the mask are process-wide: they are a matter of the
 * terminal, not of a machine.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdio.h>

#include "base/types.h"

/* name as used with -d, what it shows */
#define LOG_CATEGORIES(X)                                               \
    X(CPU, "cpu", "mode changes, triple faults")                        \
    X(INT, "int", "interrupts and exceptions as they are delivered")    \
    X(EXEC, "exec", "each block as it is entered")                      \
    X(IN_ASM, "in_asm", "guest instructions as they are decoded")       \
    X(OP, "op", "a block's IR, as translated and after the passes")     \
    X(OUT_ASM, "out_asm", "host code of a block")                       \
    X(NOCHAIN, "nochain", "no links between blocks: exec shows all")    \
    X(MMU, "mmu", "shadow tables: faults, fills, spaces, traced pages") \
    X(UNIMP, "unimp", "what the guest uses and this machine has not")   \
    X(GUEST_ERROR, "guest_errors", "bad use of a device by the guest")  \
    X(IO, "ioport", "accesses to ports that no device claims")          \
    X(PIC, "pic", "interrupt controllers")                              \
    X(PIT, "pit", "interval timer")                                     \
    X(DMA, "dma", "DMA controllers")                                    \
    X(RTC, "rtc", "real-time clock and CMOS")                           \
    X(KBC, "kbc", "keyboard controller, keyboard, mouse")               \
    X(UART, "uart", "serial ports")                                     \
    X(FDC, "fdc", "floppy controller")                                  \
    X(NET, "net", "network cards and the user network")                 \
    X(PM, "pm", "power management")                                     \
    X(IDE, "ide", "IDE channels and disks")                             \
    X(ATAPI, "atapi", "CD-ROM packets")                                 \
    X(VGA, "vga", "display adapter")                                    \
    X(QMP, "qmp", "control connections")

#define LOG_ENUM(id, name, help) LOG_##id,
enum log_category { LOG_CATEGORIES(LOG_ENUM) LOG_COUNT };
#undef LOG_ENUM

bool log_enabled(enum log_category c);
void log_guest_(enum log_category c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Arguments are not evaluated while the category is off. CAT is the id without LOG_. */
#define log_guest(CAT, ...)                     \
    do {                                        \
        if (UNLIKELY(log_enabled(LOG_##CAT))) { \
            log_guest_(LOG_##CAT, __VA_ARGS__); \
        }                                       \
    } while (0)

/* One line on standard error, "gnomon: ..." */
void log_host(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, then exit(1): for what happens before the guest runs. */
void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Comma-separated names, or "all" (but nochain, which says nothing). Returns NULL, or the first
 * name that is unknown (owned by caller). */
char *log_set_mask(const char *names);
/*
 * Linear addresses that in_asm, op, out_asm and exec are for: comma-separated FIRST..LAST,
 * START+SIZE or END-SIZE (up to END). Returns NULL, or what is wrong (owned by caller). No range:
 * all of them.
 */
char *log_set_filter(const char *ranges);
bool log_wants(uint32_t addr);
const char *log_name(enum log_category c);
const char *log_help(enum log_category c);
/* Where log_guest() writes; takes ownership. Default: standard error. */
void log_set_file(FILE *f);

#endif
