/* SPDX-License-Identifier: MIT */
/*
 * The comparison behind -accel lockstep: registers and flags always; segments, x87 and SSE state by
 * the CPU's state table often; all of RAM now and then. The first difference is printed with the
 * guest code that ran, its IR and its host code.
 */
#include "hw/lockstep.h"

#include <stdio.h>
#include <string.h>

#include "cpu/cpu.h"
#include "tcg/exec.h"

static void print_line(void *opaque, const char *line)
{
    (void)opaque;
    fprintf(stderr, "  %s\n", line);
}

static void print_registers(const char *who, const struct cpu *cpu)
{
    const uint32_t *r = cpu->reg;

    fprintf(stderr,
            "%s: eax=%08x ecx=%08x edx=%08x ebx=%08x esp=%08x ebp=%08x esi=%08x edi=%08x "
            "eip=%08x eflags=%08x\n",
            who, r[EAX], r[ECX], r[EDX], r[EBX], r[ESP], r[EBP], r[ESI], r[EDI], cpu->eip,
            cpu_get_eflags(cpu));
}

static void report(struct machine *first, struct machine *second, uint32_t eip)
{
    struct cpu *a = first->cpu, *b = second->cpu;
    uint32_t now = a->eip;

    fprintf(stderr, "lockstep: the engines differ at instruction %llu (interpreter: %llu)\n",
            (unsigned long long)cpu_icount(a), (unsigned long long)cpu_icount(b));
    print_registers("translated ", a);
    print_registers("interpreter", b);
    fprintf(stderr, "Fields that differ, translated first:\n");
    state_diff(cpu_state, a, b, print_line, NULL);
    fprintf(stderr, "It ran from %04x:%08x:\n", a->seg[CS].sel, eip);
    if (!a->halted) {
        a->eip = eip;
        tcg_print_block(a, stderr);
        a->eip = now;
    }
}

static bool same_ram(struct machine *first, struct machine *second)
{
    const uint8_t *a = first->mem.ram, *b = second->mem.ram;

    if (!memcmp(a, b, first->mem.ram_size)) {
        return true;
    }
    for (uint32_t n = 0; n < first->mem.ram_size; n++) {
        if (a[n] != b[n]) {
            fprintf(stderr,
                    "lockstep: memory differs at physical address %08x: translated %02x, "
                    "interpreter %02x\n",
                    n, a[n], b[n]);
            break;
        }
    }
    return false;
}

/* What nearly every wrong instruction shows, without the cost of the whole table. */
static bool same_registers(const struct cpu *a, const struct cpu *b)
{
    return !memcmp(a->reg, b->reg, sizeof(a->reg)) && a->eip == b->eip &&
           cpu_get_eflags(a) == cpu_get_eflags(b) && cpu_icount(a) == cpu_icount(b);
}

static bool same_cpu(struct cpu *a, struct cpu *b)
{
    cpu_make_canonical(a);
    cpu_make_canonical(b);
    return state_hash(cpu_state, a, 0) == state_hash(cpu_state, b, 0);
}

bool lockstep_same(struct machine *first, struct machine *second, enum lockstep_depth depth,
                   uint32_t eip)
{
    if (same_registers(first->cpu, second->cpu) &&
        (depth < LOCKSTEP_CPU || same_cpu(first->cpu, second->cpu)) &&
        (depth < LOCKSTEP_RAM || same_ram(first, second))) {
        return true;
    }
    report(first, second, eip);
    return false;
}
