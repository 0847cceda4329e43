/* SPDX-License-Identifier: MIT */
/*
 * String instructions. A repeated one runs up to REP_CHUNK iterations as one retired instruction;
 * if it is not through then, EIP stays on it, so that interrupts are seen in between. Registers are
 * brought up to date after each iteration: a fault leaves them at the iteration that faulted.
 *
 * Forward MOVS and STOS go a page at a time at the host's speed where both sides are plain memory.
 */
#include <string.h>

#include "cpu/ops.h"

#define REP_CHUNK 1024u

static uint32_t step_of(const struct cpu *cpu, unsigned size)
{
    return cpu->eflags & EFLAGS_DF ? 0u - size : size;
}

static void advance(struct cpu *cpu, const struct insn *i, unsigned r, uint32_t by)
{
    reg_set(cpu, r, i->addrsize, cpu->reg[r] + by);
}

static uint32_t source(struct cpu *cpu, const struct insn *i)
{
    return cpu->reg[ESI] & insn_addr_mask(i);
}

static uint32_t destination(struct cpu *cpu, const struct insn *i)
{
    return cpu->reg[EDI] & insn_addr_mask(i);
}

enum until { UNTIL_COUNT, UNTIL_ZF /* REPE goes on while ZF is 1, REPNE while it is 0 */ };

static void repeat(struct cpu *cpu, const struct insn *i,
                   void (*one)(struct cpu *, const struct insn *),
                   uint32_t (*bulk)(struct cpu *, const struct insn *, uint32_t), enum until until)
{
    if (!(i->prefix & (PREFIX_REP | PREFIX_REPNE))) {
        one(cpu, i);
        return;
    }

    uint32_t count = reg_get(cpu, ECX, i->addrsize), done = 0;
    bool single = (cpu->eflags & EFLAGS_TF) || (cpu->dr[7] & 0xff);
    uint32_t chunk = single ? 1 : REP_CHUNK;

    while (count && done < chunk) {
        uint32_t n = 0;
        bool ended = false;

        if (bulk && !single) {
            n = bulk(cpu, i, count < chunk - done ? count : chunk - done);
        }
        if (!n) {
            one(cpu, i);
            n = 1;
            ended = until == UNTIL_ZF && flags_zf(cpu) != !!(i->prefix & PREFIX_REP);
        }
        count -= n;
        done += n;
        reg_set(cpu, ECX, i->addrsize, count);
        if (ended) {
            return;
        }
    }
    if (count) {
        cpu->eip = cpu->block_eip + i->off;
    }
}

/* How many of n elements at seg:off lie in one span of plain memory; *host is where. */
static uint32_t plain(struct cpu *cpu, const struct insn *i, unsigned s, uint32_t off, uint32_t n,
                      unsigned size, enum mmu_access access, uint8_t **host)
{
    const struct segment *seg = &cpu->seg[s];
    uint64_t end = access == MMU_WRITE ? seg->write_end : seg->read_end;
    uint64_t room = (uint64_t)insn_addr_mask(i) + 1;
    uint32_t bytes;

    room = end < room ? end : room;
    if (off >= room || (cpu->eflags & EFLAGS_DF)) {
        return 0;
    }
    room -= off;
    *host = mmu_span(&cpu->mmu, seg->base + off, access, &bytes);
    if (!*host) {
        return 0;
    }
    room = bytes < room ? bytes : room;
    return room / size < n ? (uint32_t)(room / size) : n;
}

static void one_MOVS(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    uint32_t by = step_of(cpu, size);
    uint32_t v = mem_load(cpu, i->seg, source(cpu, i), size);

    mem_store(cpu, ES, destination(cpu, i), size, v);
    advance(cpu, i, ESI, by);
    advance(cpu, i, EDI, by);
}

static uint32_t bulk_MOVS(struct cpu *cpu, const struct insn *i, uint32_t n)
{
    unsigned size = i->a.size;
    uint8_t *from, *to;

    n = plain(cpu, i, i->seg, source(cpu, i), n, size, MMU_READ, &from);
    n = n ? plain(cpu, i, ES, destination(cpu, i), n, size, MMU_WRITE, &to) : 0;
    if (!n) {
        return 0;
    }

    uint32_t bytes = n * size;

    if (to > from && to < from + bytes) { /* overlap: what was just written is read again */
        for (uint32_t k = 0; k < bytes; k += size) {
            memmove(to + k, from + k, size);
        }
    } else {
        memmove(to, from, bytes);
    }
    advance(cpu, i, ESI, bytes);
    advance(cpu, i, EDI, bytes);
    return n;
}

void op_MOVS(struct cpu *cpu, const struct insn *i)
{
    repeat(cpu, i, one_MOVS, bulk_MOVS, UNTIL_COUNT);
}

static void one_STOS(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;

    mem_store(cpu, ES, destination(cpu, i), size, reg_get(cpu, EAX, size));
    advance(cpu, i, EDI, step_of(cpu, size));
}

static uint32_t bulk_STOS(struct cpu *cpu, const struct insn *i, uint32_t n)
{
    unsigned size = i->a.size;
    uint32_t v = reg_get(cpu, EAX, size);
    uint8_t *to;

    n = plain(cpu, i, ES, destination(cpu, i), n, size, MMU_WRITE, &to);
    if (size == 1 && n) {
        memset(to, (int)v, n);
    } else if (size == 2) {
        for (uint32_t k = 0; k < n; k++) {
            store_le16(to + 2 * k, (uint16_t)v);
        }
    } else {
        for (uint32_t k = 0; k < n; k++) {
            store_le32(to + 4 * k, v);
        }
    }
    advance(cpu, i, EDI, n * size);
    return n;
}

void op_STOS(struct cpu *cpu, const struct insn *i)
{
    repeat(cpu, i, one_STOS, bulk_STOS, UNTIL_COUNT);
}

static void one_LODS(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;

    reg_set(cpu, EAX, size, mem_load(cpu, i->seg, source(cpu, i), size));
    advance(cpu, i, ESI, step_of(cpu, size));
}

void op_LODS(struct cpu *cpu, const struct insn *i)
{
    repeat(cpu, i, one_LODS, NULL, UNTIL_COUNT);
}

/* How many of n equal (or, for REPNE, unequal) elements lead, without the one that ends it. */
static uint32_t run_length(const uint8_t *a, const uint8_t *b, uint32_t stride, uint32_t n,
                           unsigned size, bool equal)
{
    uint32_t k = 0;

    while (equal && stride && (k + 8) <= n && !memcmp(a + k * size, b + k * size, 8 * size)) {
        k += 8;
    }
    while (k < n && !memcmp(a + k * stride, b + k * size, size) == equal) {
        k++;
    }
    return k;
}

/* Elements that do not end the repetition leave no trace but in the registers: all but the last. */
static uint32_t bulk_CMPS(struct cpu *cpu, const struct insn *i, uint32_t n)
{
    unsigned size = i->a.size;
    uint8_t *a, *b;

    n = plain(cpu, i, i->seg, source(cpu, i), n, size, MMU_READ, &a);
    n = n ? plain(cpu, i, ES, destination(cpu, i), n, size, MMU_READ, &b) : 0;
    if (n < 2) {
        return 0;
    }
    n = run_length(a, b, size, n - 1, size, i->prefix & PREFIX_REP);
    advance(cpu, i, ESI, n * size);
    advance(cpu, i, EDI, n * size);
    return n;
}

static void one_CMPS(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    uint32_t by = step_of(cpu, size);
    uint32_t a = mem_load(cpu, i->seg, source(cpu, i), size);
    uint32_t b = mem_load(cpu, ES, destination(cpu, i), size);

    flags_sub(cpu, a, b, a - b, size);
    advance(cpu, i, ESI, by);
    advance(cpu, i, EDI, by);
}

void op_CMPS(struct cpu *cpu, const struct insn *i)
{
    repeat(cpu, i, one_CMPS, bulk_CMPS, UNTIL_ZF);
}

static uint32_t bulk_SCAS(struct cpu *cpu, const struct insn *i, uint32_t n)
{
    unsigned size = i->a.size;
    uint8_t *p, value[4];

    n = plain(cpu, i, ES, destination(cpu, i), n, size, MMU_READ, &p);
    if (n < 2) {
        return 0;
    }
    store_le32(value, cpu->reg[EAX]);
    if (size == 1 && !(i->prefix & PREFIX_REP)) {
        const uint8_t *hit = memchr(p, value[0], n - 1);

        n = hit ? (uint32_t)(hit - p) : n - 1;
    } else {
        n = run_length(value, p, 0, n - 1, size, i->prefix & PREFIX_REP);
    }
    advance(cpu, i, EDI, n * size);
    return n;
}

static void one_SCAS(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    uint32_t a = reg_get(cpu, EAX, size), b = mem_load(cpu, ES, destination(cpu, i), size);

    flags_sub(cpu, a, b, a - b, size);
    advance(cpu, i, EDI, step_of(cpu, size));
}

void op_SCAS(struct cpu *cpu, const struct insn *i)
{
    repeat(cpu, i, one_SCAS, bulk_SCAS, UNTIL_ZF);
}

/* The destination is checked before the port is read: a fault must not lose what the device gave.
 */
static void one_INS(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    uint32_t off = destination(cpu, i);
    uint16_t port = (uint16_t)cpu->reg[EDX];

    io_check(cpu, port, size);
    mem_check_write(cpu, ES, off, size);
    mem_store(cpu, ES, off, size, cpu->bus.io_read(cpu->bus.opaque, port, size));
    advance(cpu, i, EDI, step_of(cpu, size));
}

/* A count of 0 moves nothing, but the right to do so is looked at. */
static void check_repeated_io(struct cpu *cpu, const struct insn *i, unsigned size)
{
    if ((i->prefix & (PREFIX_REP | PREFIX_REPNE)) && !reg_get(cpu, ECX, i->addrsize)) {
        io_check(cpu, (uint16_t)cpu->reg[EDX], size);
    }
}

void op_INS(struct cpu *cpu, const struct insn *i)
{
    check_repeated_io(cpu, i, i->a.size);
    repeat(cpu, i, one_INS, NULL, UNTIL_COUNT);
}

static void one_OUTS(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->b.size;
    uint16_t port = (uint16_t)cpu->reg[EDX];

    io_check(cpu, port, size);
    uint32_t v = mem_load(cpu, i->seg, source(cpu, i), size);

    cpu->bus.io_write(cpu->bus.opaque, port, v, size);
    advance(cpu, i, ESI, step_of(cpu, size));
}

void op_OUTS(struct cpu *cpu, const struct insn *i)
{
    check_repeated_io(cpu, i, i->b.size);
    repeat(cpu, i, one_OUTS, NULL, UNTIL_COUNT);
}
