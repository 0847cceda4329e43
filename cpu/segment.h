/* SPDX-License-Identifier: MIT */
/*
 * Descriptors, as far transfers, gates and task switches need them. SDM volume 3A chapters 3, 5,
 * 6, 7.
 */
#ifndef CPU_SEGMENT_H
#define CPU_SEGMENT_H

#include "cpu/cpu.h"

/* System descriptor types. */
enum {
    SYS_TSS16 = 1,
    SYS_LDT = 2,
    SYS_TSS16_BUSY = 3,
    SYS_CALL16 = 4,
    SYS_TASK_GATE = 5,
    SYS_INT16 = 6,
    SYS_TRAP16 = 7,
    SYS_TSS32 = 9,
    SYS_TSS32_BUSY = 11,
    SYS_CALL32 = 12,
    SYS_INT32 = 14,
    SYS_TRAP32 = 15,
};

#define SEL_RPL   3u
#define SEL_TI    4u
#define SEL_INDEX 0xfff8u
/* The selector part of an error code. */
#define SEL_ERROR(sel) ((sel)&0xfffcu)

struct desc {
    uint32_t lo, hi;
};

static inline bool sel_is_null(uint16_t sel)
{
    return !(sel & 0xfffc);
}

static inline uint16_t desc_attr(const struct desc *d)
{
    return d->hi >> 8 & 0xf0ff;
}

static inline unsigned desc_type(const struct desc *d)
{
    return d->hi >> 8 & 15;
}

static inline unsigned desc_dpl(const struct desc *d)
{
    return d->hi >> 13 & 3;
}

static inline bool desc_present(const struct desc *d)
{
    return d->hi >> 15 & 1;
}

static inline bool attr_is_code(uint16_t attr)
{
    return (attr & (DESC_S | DESC_CODE)) == (DESC_S | DESC_CODE);
}

static inline bool attr_is_writable_data(uint16_t attr)
{
    return (attr & (DESC_S | DESC_CODE | DESC_W)) == (DESC_S | DESC_W);
}

static inline unsigned attr_dpl(uint16_t attr)
{
    return attr >> DESC_DPL_SHIFT & 3;
}

/* Reads the descriptor; false if sel lies outside its table. A null selector is the caller's
 * matter. */
bool desc_load(struct cpu *cpu, uint16_t sel, struct desc *d);
/* Sets the accessed bit in the table and in *d. */
void desc_set_accessed(struct cpu *cpu, uint16_t sel, struct desc *d);
/* Sets or clears the busy bit of a TSS in the GDT. */
void desc_set_busy(struct cpu *cpu, uint16_t sel, bool busy);
uint32_t desc_base(const struct desc *d);
uint32_t desc_limit(const struct desc *d);
/* The register as loaded from the descriptor. */
struct segment desc_segment(const struct desc *d, uint16_t sel);

/* The offsets off .. off + size - 1 lie inside the segment (expand-down too). */
bool segment_contains(const struct segment *s, uint32_t off, uint32_t size);
/* After a null selector. */
void segment_set_null(struct cpu *cpu, unsigned s, uint16_t sel);
void segment_set(struct cpu *cpu, unsigned s, struct segment v);
/* Flat segments of SYSENTER and SYSEXIT. */
void segment_set_flat(struct cpu *cpu, unsigned s, uint16_t sel, uint16_t attr);
/* Data segments that a return to an outer level may not keep are made null. */
void segment_drop_inner(struct cpu *cpu);

/*
 * A stack about to be pushed on: the current one, or an inner one that is not loaded yet.
 * stack_room() raises what n pushes would raise (#SS(error)), so that what follows cannot fail.
 */
struct far_stack {
    struct segment ss;
    uint32_t esp;
    uint32_t mask;
    unsigned size;  /* of an item: 2 or 4 */
    bool user;      /* pushed with the rights of CPL 3 */
    uint32_t error; /* code for #SS */
};

struct far_stack far_stack_current(struct cpu *cpu, unsigned size, uint32_t error);
void far_stack_check(struct cpu *cpu, const struct far_stack *st, unsigned items);
/* After far_stack_check(). */
void far_stack_push(struct cpu *cpu, struct far_stack *st, uint32_t v);
/* Makes st.esp the stack pointer, at SS's size. */
void far_stack_commit(struct cpu *cpu, const struct far_stack *st);
/* SS:ESP of the TSS for an inner level, checked (#TS, #SS); ext is 1 for events that are not INT n.
 */
struct far_stack far_stack_inner(struct cpu *cpu, unsigned cpl, unsigned size, uint32_t ext,
                                 struct desc *ss_desc);

#endif
