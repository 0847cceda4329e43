/* SPDX-License-Identifier: MIT */
/*
 * -accel lockstep: a second machine, interpreted, that is made like the first, gets its input at
 * the same instructions and is compared with it: registers and flags always; segments, x87 and SSE
 * state by the CPU's state table often; all of RAM now and then. The first difference is printed
 * with the guest code that ran, its IR and its host code.
 */
#include "hw/lockstep.h"

#include <stdio.h>
#include <string.h>

#include "cpu/cpu.h"
#include "hw/pc_board.h"
#include "tcg/exec.h"

void lockstep_catch_up(struct pc *pc)
{
    if (pc->twin) {
        uint64_t behind = cpu_icount(pc->m.cpu) - cpu_icount(pc->twin->cpu);

        pc_run_alone(pc->twin, (uint32_t)behind);
    }
}

static struct block *twin_block(struct block *b, char **error)
{
    return b && !*error ? block_open_twin(b, error) : NULL;
}

static struct chardev *twin_stream(struct chardev *c, char **error)
{
    return c ? chardev_open(&(struct chardev_spec){.kind = CHARDEV_NULL}, "lockstep", error) : NULL;
}

/* Interpreted, no streams, the drives with overlays of their own. */
static struct machine *create_twin(const struct pc_config *config, struct chardev **serial,
                                   char **error)
{
    struct pc_config c = *config;
    struct machine *m;

    *error = NULL;
    c.accel = PC_ACCEL_INTERP;
    c.debugcon = NULL;
    for (unsigned n = 0; n < c.nic_count; n++) {
        c.nic[n].net = NULL; /* what the first machine's network answers, the second cannot know */
    }
    for (unsigned n = 0; n < PC_PARALLELS; n++) {
        c.parallel[n] = twin_stream(config->parallel[n], error);
    }
    for (unsigned n = 0; n < 4; n++) {
        c.serial[n] = twin_stream(config->serial[n], error);
        c.ide[n].block = twin_block(config->ide[n].block, error);
    }
    for (unsigned n = 0; n < 2; n++) {
        c.floppy[n].block = twin_block(config->floppy[n].block, error);
    }
    memcpy(serial, c.serial, sizeof(c.serial));
    m = *error ? NULL : pc_create_one(&c, error);
    if (m) {
        memcpy(m->pc->own_stream, c.serial, sizeof(c.serial));
        memcpy(m->pc->own_stream + 4, c.parallel, sizeof(c.parallel));
    }
    return m;
}

/* What comes in on a serial port comes in on the second machine's too, at the same instruction. */
static unsigned mirror_can_receive(void *opaque)
{
    struct serial_mirror *s = opaque;

    return s->first.can_receive(s->first.opaque);
}

static void mirror_receive(void *opaque, const uint8_t *buf, size_t len)
{
    struct serial_mirror *s = opaque;

    lockstep_catch_up(s->pc);
    s->to->receive(s->to->opaque, buf, len);
    s->first.receive(s->first.opaque, buf, len);
}

static void mirror_serial(struct pc *pc, unsigned n, struct chardev *first, struct chardev *to)
{
    struct serial_mirror *s = &pc->mirror[n];

    if (first && first->receive && to && to->receive) {
        *s = (struct serial_mirror){.pc = pc, .to = to, .first = *first};
        chardev_connect(first, mirror_can_receive, mirror_receive, s);
    }
}

struct machine *lockstep_create(const struct pc_config *config, char **error)
{
    struct pc_config c = *config;
    struct machine *m, *twin;
    struct chardev *serial[4];

    if (config->clock != PC_CLOCK_VIRTUAL) {
        *error = xstrdup("accelerator 'lockstep' needs the virtual clock: give -rtc clock=vm");
        return NULL;
    }
    twin = create_twin(config, serial, error);
    if (!twin) {
        return NULL;
    }
    c.accel = PC_ACCEL_TCG;
    m = pc_create_one(&c, error);
    if (!m) {
        pc_destroy(twin);
        return NULL;
    }
    m->pc->twin = twin;
    m->pc->every = config->lockstep_every ? config->lockstep_every : 64;
    for (unsigned n = 0; n < 4; n++) {
        mirror_serial(m->pc, n, config->serial[n], serial[n]);
    }
    return m;
}

char *lockstep_set_medium(struct machine *m, unsigned drive, struct block *block,
                          char *(*set)(struct machine *m, unsigned drive, struct block *block))
{
    char *error = NULL;

    if (!m->pc->twin) {
        return NULL;
    }
    struct block *copy = twin_block(block, &error);

    if (error) {
        return error;
    }
    lockstep_catch_up(m->pc);
    return set(m->pc->twin, drive, copy);
}

enum depth {
    DEPTH_REGISTERS, /* general registers, EIP, EFLAGS, instruction count */
    DEPTH_CPU,       /* everything that the CPU saves */
    DEPTH_RAM,       /* and memory */
};

#define CPU_EVERY 256        /* comparisons of registers to one of the whole CPU */
#define RAM_EVERY (1u << 14) /* ... to one of memory too */

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

/* false: they differ, and it was said where on standard error. eip: of the first before it ran. */
static bool same_machine(struct machine *first, struct machine *second, enum depth depth,
                         uint32_t eip)
{
    if (same_registers(first->cpu, second->cpu) &&
        (depth < DEPTH_CPU || same_cpu(first->cpu, second->cpu)) &&
        (depth < DEPTH_RAM || same_ram(first, second))) {
        return true;
    }
    report(first, second, eip);
    return false;
}

static bool twin_same(struct pc *pc, uint32_t eip)
{
    uint32_t n = ++pc->compared;

    return same_machine(&pc->m, pc->twin,
                        n % RAM_EVERY == 0   ? DEPTH_RAM
                        : n % CPU_EVERY == 0 ? DEPTH_CPU
                                             : DEPTH_REGISTERS,
                        eip);
}

enum pc_run_result lockstep_run(struct machine *m, uint32_t n)
{
    struct pc *pc = m->pc;
    enum pc_run_result result = PC_RAN;

    pc->twin->stop = m->stop;
    while (n && result == PC_RAN) {
        uint32_t chunk = n < pc->every ? n : pc->every, eip = m->cpu->eip;

        result = pc_run_alone(m, chunk);
        lockstep_catch_up(pc);
        if (!twin_same(pc, eip)) {
            m->stop = STOP_NONE;
            machine_request_stop(m, STOP_DIFFERENCE, 0);
            return PC_STOPPED;
        }
        n -= chunk;
    }
    return result;
}
