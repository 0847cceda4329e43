/* SPDX-License-Identifier: MIT */
/*
 * Segments, gates, tasks, virtual-8086 mode, debug traps: a bare CPU over a few MiB of memory, its
 * tables built by hand. Every vector leads to a HLT of its own, so a test sees which exception
 * came, with which error code and frame.
 */
#include "cpu/decode.h"
#include "cpu/flags.h"
#include "cpu/segment.h"
#include "cpu/system.h"
#include "tests/unit/check.h"

#define GDT      0x1000u
#define IDT      0x2000u
#define HANDLERS 0x3000u /* 16 bytes for each vector */
#define LDT      0x4800u
#define TSS_A    0x5000u
#define TSS_B    0x5400u
#define TSS_C    0x5800u /* 16-bit */
#define CODE     0x8000u
#define STACK0   0x20000u
#define STACK3   0x28000u

/* Selectors. */
enum {
    CODE0 = 0x08,
    DATA0 = 0x10,
    CODE3 = 0x1b,
    DATA3 = 0x23,
    SEL_TSS_A = 0x28,
    SEL_TSS_B = 0x30,
    SEL_TSS_C = 0x38,
    CONFORMING = 0x40,
    GATE = 0x48,
    SPARE = 0x50,
    SEL_LDT = 0x58,
    TASK_GATE = 0x60,
    CODE16 = 0x68,
    DATA16 = 0x70,
};

static struct physmem pm;
static struct cpu *cpu;
static uint32_t io_last;

static uint32_t io_read(void *opaque, uint16_t port, unsigned size)
{
    (void)opaque;
    io_last = port;
    return 0x11223344u & ~0u >> (32 - 8 * size);
}

static void io_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    (void)opaque;
    (void)size;
    io_last = port << 16 | (val & 0xffff);
}

static int int_ack(void *opaque)
{
    (void)opaque;
    return 0x40;
}

static uint64_t tsc(void *opaque)
{
    (void)opaque;
    return 1234;
}

static void ferr(void *opaque, bool level)
{
    (void)opaque;
    (void)level;
}

static void put(uint32_t a, uint32_t v)
{
    physmem_store(&pm, a, v, 4);
}

static void put16(uint32_t a, uint32_t v)
{
    physmem_store(&pm, a, v, 2);
}

static uint32_t get(uint32_t a)
{
    return physmem_load(&pm, a, 4);
}

static uint32_t get16(uint32_t a)
{
    return physmem_load(&pm, a, 2);
}

static void put_desc(unsigned sel, uint32_t base, uint32_t limit, uint32_t attr)
{
    put(GDT + (sel & ~7u), (limit & 0xffff) | base << 16);
    put(GDT + (sel & ~7u) + 4,
        (base >> 16 & 0xff) | attr << 8 | (limit & 0xf0000) | (base & 0xff000000));
}

static uint32_t desc_high(unsigned sel)
{
    return get(GDT + (sel & ~7u) + 4);
}

static void put_gate(uint32_t at, unsigned sel, uint32_t off, unsigned attr, unsigned count)
{
    put(at, (off & 0xffff) | sel << 16);
    put(at + 4, (off & 0xffff0000) | attr << 8 | count);
}

static void code(const char *bytes, unsigned n)
{
    physmem_write(&pm, CODE, bytes, n);
}
#define CODE_BYTES(s) code(s, sizeof(s) - 1)

static void load(unsigned s, uint16_t sel)
{
    struct desc d;

    if (desc_load(cpu, sel, &d)) {
        segment_set(cpu, s, desc_segment(&d, sel));
    }
}

static void at_level(unsigned cpl)
{
    cpu_set_cpl(cpu, cpl);
    load(CS, cpl ? CODE3 : CODE0);
    for (unsigned s = 0; s < 6; s++) {
        if (s != CS) {
            load(s, cpl ? DATA3 : DATA0);
        }
    }
    cpu->reg[ESP] = cpl ? STACK3 : STACK0;
    cpu->eip = CODE;
}

static void make_tss32(uint32_t at)
{
    put(at + 4, STACK0 - 0x1000);
    put(at + 8, DATA0);
    put16(at + 0x64, 0);
    put16(at + 0x66, 0x68);
}

static void start(void)
{
    char *error = NULL;
    struct cpu_bus bus = {
        .io_read = io_read, .io_write = io_write, .int_ack = int_ack, .tsc = tsc, .ferr = ferr};

    memset(pm.ram, 0, pm.ram_size);
    if (cpu) {
        cpu_destroy(cpu);
    }
    cpu = cpu_create("max", &pm, &bus, &error);
    put_desc(CODE0, 0, 0xfffff, 0xc09b);
    put_desc(DATA0, 0, 0xfffff, 0xc093);
    put_desc(CODE3, 0, 0xfffff, 0xc0fb);
    put_desc(DATA3, 0, 0xfffff, 0xc0f3);
    put_desc(SEL_TSS_A, TSS_A, 0x2067, 0x89);
    put_desc(SEL_TSS_B, TSS_B, 0x67, 0x89);
    put_desc(SEL_TSS_C, TSS_C, 0x2b, 0x81);
    put_desc(CONFORMING, 0, 0xfffff, 0xc09f);
    put_desc(CODE16, 0, 0xffff, 0x9b);
    put_desc(DATA16, 0, 0xffff, 0x93);
    for (unsigned v = 0; v < 256; v++) {
        put_gate(IDT + v * 8, CODE0, HANDLERS + v * 16, 0x8e, 0);
        put(HANDLERS + v * 16, 0xf4); /* HLT */
    }
    make_tss32(TSS_A);
    make_tss32(TSS_B);
    cpu->gdtr = (struct dtable){GDT, 0xff};
    cpu->idtr = (struct dtable){IDT, 0x7ff};
    cpu_write_cr0(cpu, CR0_PE | CR0_NE);
    load(CS, CODE0);
    load(SS, DATA0);
    cpu->tr = (struct segment){.sel = SEL_TSS_A, .attr = 0x8b, .base = TSS_A, .limit = 0x2067};
    put_desc(SEL_TSS_A, TSS_A, 0x2067, 0x8b);
    at_level(0);
}

/* Runs to a HLT; its vector if it is a handler's, 0x100 for a HLT elsewhere, -1 for shutdown. */
static int run(void)
{
    enum cpu_exit why = cpu_run(cpu, 1000);

    if (why == CPU_EXIT_SHUTDOWN) {
        return -1;
    }
    if (why != CPU_EXIT_HALT) {
        return 0x200;
    }
    if (cpu->eip > HANDLERS && cpu->eip < HANDLERS + 256 * 16) {
        return (int)((cpu->eip - 1 - HANDLERS) / 16);
    }
    return 0x100;
}

static uint32_t top(unsigned n) /* the nth doubleword on the stack */
{
    return get(cpu->seg[SS].base + cpu->reg[ESP] + n * 4);
}

/* ---- Gates ---- */

static void interrupt_gate_pushes_frame(void)
{
    start();
    CODE_BYTES("\xcd\x50"); /* INT 50h */
    cpu_set_eflags(cpu, EFLAGS_IF | EFLAGS_CF, EFLAGS_IF | EFLAGS_CF);
    CHECK_EQ(run(), 0x50);
    CHECK_EQ(cpu->reg[ESP], STACK0 - 12);
    CHECK_EQ(top(0), CODE + 2);
    CHECK_EQ(top(1), CODE0);
    CHECK_EQ(top(2), EFLAGS_1 | EFLAGS_IF | EFLAGS_CF);
    CHECK(!(cpu->eflags & EFLAGS_IF));

    start();
    put_gate(IDT + 0x50 * 8, CODE0, HANDLERS + 0x50 * 16, 0x8f, 0); /* trap gate */
    CODE_BYTES("\xcd\x50");
    cpu_set_eflags(cpu, EFLAGS_IF, EFLAGS_IF);
    CHECK_EQ(run(), 0x50);
    CHECK(cpu->eflags & EFLAGS_IF);
}

static void gate16_uses_16_bits(void)
{
    start();
    put_gate(IDT + 0x50 * 8, CODE0, 0xffff0000 | (HANDLERS + 0x50 * 16), 0x86, 0);
    CODE_BYTES("\xcd\x50");
    CHECK_EQ(run(), 0x50);
    CHECK_EQ(cpu->reg[ESP], STACK0 - 6);
    CHECK_EQ(get16(cpu->reg[ESP]), CODE + 2);
    CHECK_EQ(get16(cpu->reg[ESP] + 2), CODE0);
}

static void gate_rights_and_codes(void)
{
    start();
    at_level(3);
    CODE_BYTES("\xcd\x50"); /* DPL 0 gate from CPL 3 */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), 0x50 * 8 + 2);
    CHECK_EQ(top(1), CODE); /* the instruction itself */
    CHECK_EQ(top(2), CODE3);
    CHECK_EQ(top(3) & EFLAGS_RF, EFLAGS_RF);
    CHECK_EQ(top(4), STACK3);
    CHECK_EQ(top(5), DATA3);
    CHECK_EQ(cpu->reg[ESP], STACK0 - 0x1000 - 24);

    start();
    put_gate(IDT + 0x50 * 8, CODE0, 0, 0x0e, 0); /* not present */
    CODE_BYTES("\xcd\x50");
    CHECK_EQ(run(), EXC_NP);
    CHECK_EQ(top(0), 0x50 * 8 + 2);

    start();
    put_gate(IDT + 6 * 8, CODE0, 0, 0x0e, 0);
    CODE_BYTES("\x0f\x0b"); /* #UD whose gate is absent: EXT is set */
    CHECK_EQ(run(), EXC_NP);
    CHECK_EQ(top(0), 6 * 8 + 3);

    start();
    put_gate(IDT + 0x50 * 8, SPARE, 0, 0x8e, 0);
    CODE_BYTES("\xcd\x50");
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), SPARE);

    start();
    cpu->idtr.limit = 0x50 * 8 - 1;
    CODE_BYTES("\xcd\x50");
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), 0x50 * 8 + 2);
}

static void inner_stack_faults_are_ts(void)
{
    start();
    put(TSS_A + 8, 0);
    put_gate(IDT + 0x50 * 8, CODE0, HANDLERS + 0x50 * 16, 0xee, 0);
    at_level(3);
    CODE_BYTES("\xcd\x50");
    /* #TS needs the same bad stack: #TS again, double fault, and that as well: shutdown. */
    CHECK_EQ(run(), -1);
}

static void iret_to_outer_drops_inner_data(void)
{
    start();
    put(STACK0 - 20, CODE + 0x100);
    put(STACK0 - 16, CODE3);
    put(STACK0 - 12, EFLAGS_1 | EFLAGS_IF | EFLAGS_IOPL);
    put(STACK0 - 8, STACK3);
    put(STACK0 - 4, DATA3);
    cpu->reg[ESP] = STACK0 - 20;
    CODE_BYTES("\xcf");
    pm.ram[CODE + 0x100] = 0xcc;
    put_gate(IDT + 3 * 8, CODE0, HANDLERS + 3 * 16, 0xee, 0);
    load(ES, DATA3);
    CHECK_EQ(run(), 3);
    CHECK_EQ(top(0), CODE + 0x101);
    CHECK_EQ(top(2), EFLAGS_1 | EFLAGS_IF | EFLAGS_IOPL);
    CHECK_EQ(cpu->seg[DS].sel, 0); /* was DATA0 */
    CHECK_EQ(cpu->seg[ES].sel, DATA3);
}

static void call_gate_copies_parameters(void)
{
    start();
    put_gate(GDT + GATE, CODE0, CODE + 0x100, 0xec, 2);
    at_level(3);
    put(STACK3 - 8, 0x1111);
    put(STACK3 - 4, 0x2222);
    cpu->reg[ESP] = STACK3 - 8;
    CODE_BYTES("\x9a\0\0\0\0\x4b\0\xcc");
    physmem_write(&pm, CODE + 0x100, "\x8b\x5c\x24\x08\xca\x08\x00",
                  7); /* MOV EBX,[ESP+8]; RETF 8 */
    put_gate(IDT + 3 * 8, CODE0, HANDLERS + 3 * 16, 0xee, 0);
    CHECK_EQ(run(), 3);
    CHECK_EQ(cpu->reg[EBX], 0x1111);
    CHECK_EQ(top(0), CODE + 8);
    CHECK_EQ(top(1), CODE3);
    CHECK_EQ(top(3), STACK3); /* both stacks released */
}

static void conforming_code_keeps_cpl(void)
{
    start();
    at_level(3);
    CODE_BYTES("\x9a\x00\x81\0\0\x40\0"); /* CALL 40h:8100h */
    pm.ram[CODE + 0x100] = 0xcc;
    put_gate(IDT + 3 * 8, CODE0, HANDLERS + 3 * 16, 0xee, 0);
    CHECK_EQ(run(), 3);
    CHECK_EQ(top(1), CONFORMING | 3);
    CHECK_EQ(get(STACK3 - 4), CODE3);
    CHECK_EQ(get(STACK3 - 8), CODE + 7);

    start();
    at_level(3);
    CODE_BYTES("\xea\x00\x81\0\0\x08\0"); /* JMP to more privileged code */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), CODE0);
}

static void far_jump_beyond_limit_changes_nothing(void)
{
    start();
    put_desc(SPARE, 0, 0xfff, 0x409a);
    CODE_BYTES("\x9a\x00\x10\0\0\x50\0");
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), 0);
    CHECK_EQ(top(1), CODE);
    CHECK_EQ(cpu->reg[ESP], STACK0 - 16);
    CHECK_EQ(desc_high(SPARE) >> 8 & 1, 0);
}

/* ---- Segments ---- */

static void loads_check_and_mark(void)
{
    start();
    put_desc(SPARE, 0x100000, 0xfff, 0x4092);
    CODE_BYTES("\x66\xb8\x50\0\x8e\xd8\xa1\xfd\x0f\0\0"); /* MOV DS,50h; MOV EAX,[FFDh] */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), 0);
    CHECK_EQ(desc_high(SPARE) >> 8 & 1, 1);
    CHECK_EQ(cpu->seg[DS].base, 0x100000);

    start();
    put_desc(SPARE, 0, 0xfff, 0x4012); /* not present */
    CODE_BYTES("\x66\xb8\x50\0\x8e\xd8");
    CHECK_EQ(run(), EXC_NP);
    CHECK_EQ(top(0), SPARE);

    start();
    put_desc(SPARE, 0, 0xfff, 0x4012);
    CODE_BYTES("\x66\xb8\x50\0\x8e\xd0"); /* MOV SS */
    CHECK_EQ(run(), EXC_SS);
    CHECK_EQ(top(0), SPARE);

    start();
    put_desc(SPARE, 0, 0xfff, 0x4098); /* execute-only */
    CODE_BYTES("\x66\xb8\x50\0\x8e\xd8");
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), SPARE);

    start();
    CODE_BYTES("\x31\xc0\x8e\xd8\x8a\x00"); /* null DS, then a load */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(1), CODE + 4);
}

static void expand_down_limits(void)
{
    start();
    put_desc(SPARE, 0, 0x1, 0xc096); /* valid: above 1FFFh */
    CODE_BYTES("\x66\xb8\x50\0\x8e\xd8\xa1\x00\x20\0\0\xa1\xfe\x1f\0\0");
    put(0x2000, 0x1234);
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(cpu->reg[EAX], 0x1234);
    CHECK_EQ(top(1), CODE + 11);
}

static void ldt_selectors(void)
{
    start();
    put_desc(SEL_LDT, LDT, 0xf, 0x82);
    physmem_write(&pm, LDT + 8, pm.ram + GDT + DATA0, 8);
    CODE_BYTES("\x66\xb8\x58\0\x0f\x00\xd0\x66\xb8\x0c\0\x8e\xd8\x66\xb8\x14\0\x8e\xd8");
    CHECK_EQ(run(), EXC_GP); /* LLDT; DS = 0Ch works; 14h is beyond the limit */
    CHECK_EQ(top(0), 0x14);
    CHECK_EQ(cpu->seg[DS].sel, 0x0c);
}

static void queries_follow_type_tables(void)
{
    start();
    put_gate(GDT + GATE, CODE0, 0, 0xec, 0);
    CODE_BYTES("\xb9\x48\0\0\0\x0f\x02\xc1\x0f\x94\xc3\x0f\x03\xd1\x0f\x94\xc7\xf4");
    CHECK_EQ(run(), 0x100); /* LAR EAX,ECX; SETZ BL; LSL EDX,ECX; SETZ BH */
    CHECK_EQ(cpu->reg[EBX], 1);
    CHECK_EQ(cpu->reg[EAX], 0xec00);

    start();
    CODE_BYTES("\xb9\x30\0\0\0\x0f\x02\xc1\x0f\x94\xc3\x0f\x03\xd1\x0f\x94\xc7\xf4");
    CHECK_EQ(run(), 0x100); /* a TSS */
    CHECK_EQ(cpu->reg[EBX], 0x101);
    CHECK_EQ(cpu->reg[EDX], 0x67);
}

static void unreal_mode_keeps_limit(void)
{
    start();
    load(DS, DATA0);
    cpu_write_cr0(cpu, 0);
    segment_set_real(cpu, CS, 0);
    cpu->seg[CS].attr &= (uint16_t)~DESC_DB;
    segment_set_real(cpu, SS, 0);
    segment_set_real(cpu, DS, 0x10);
    put(0x200100, 0xcafe);
    CODE_BYTES("\x66\x67\xa1\0\0\x20\0\xf4"); /* MOV EAX,[200000h] */
    CHECK_EQ(run(), 0x100);
    CHECK_EQ(cpu->reg[EAX], 0xcafe);
}

/* ---- Tasks ---- */

static void make_task(uint32_t at, uint32_t eip, uint16_t cs, uint16_t ds)
{
    put(at + 0x20, eip);
    put(at + 0x24, EFLAGS_1);
    for (unsigned i = 0; i < 8; i++) {
        put(at + 0x28 + 4 * i, 0x1000 + i);
    }
    put(at + 0x38, STACK0 - 0x4000);
    for (unsigned i = 0; i < 6; i++) {
        put(at + 0x48 + 4 * i, i == CS ? cs : ds);
    }
}

static void call_and_iret_switch_tasks(void)
{
    start();
    make_task(TSS_B, CODE + 0x100, CODE0, DATA0);
    CODE_BYTES("\xb8\x77\0\0\0\x9a\0\0\0\0\x30\0\xf4"); /* CALL 30h:0; HLT */
    pm.ram[CODE + 0x100] = 0xcf;
    CHECK_EQ(run(), 0x100);
    CHECK_EQ(cpu->eip, CODE + 13);
    CHECK_EQ(cpu->reg[EAX], 0x77);
    CHECK_EQ(cpu->tr.sel, SEL_TSS_A);
    CHECK_EQ(get16(TSS_B), SEL_TSS_A); /* back link */
    CHECK_EQ(get(TSS_B + 0x24) & EFLAGS_NT, 0);
    CHECK_EQ(desc_high(SEL_TSS_B) >> 8 & 0xff, 0x89);
    CHECK_EQ(desc_high(SEL_TSS_A) >> 8 & 0xff, 0x8b);
    CHECK(cpu->mmu.cr0 & CR0_TS);
    CHECK(!(cpu->eflags & EFLAGS_NT));
}

static void jump_moves_busy_bit(void)
{
    start();
    make_task(TSS_B, CODE + 0x100, CODE0, DATA0);
    CODE_BYTES("\xea\0\0\0\0\x30\0");
    pm.ram[CODE + 0x100] = 0xf4;
    CHECK_EQ(run(), 0x100);
    CHECK_EQ(cpu->reg[ECX], 0x1001);
    CHECK_EQ(get(TSS_A + 0x20), CODE + 7);
    CHECK_EQ(desc_high(SEL_TSS_A) >> 8 & 0xff, 0x89);
    CHECK_EQ(desc_high(SEL_TSS_B) >> 8 & 0xff, 0x8b);
    CHECK(!(cpu->eflags & EFLAGS_NT));
}

static void task16_loads_words(void)
{
    start();
    put16(TSS_C + 0x0e, 0x100 + CODE);
    put16(TSS_C + 0x10, EFLAGS_1);
    put16(TSS_C + 0x12, 0x1234); /* AX */
    put16(TSS_C + 0x1a, 0x7000); /* SP */
    put16(TSS_C + 0x22, DATA16); /* ES */
    put16(TSS_C + 0x24, CODE16);
    put16(TSS_C + 0x26, DATA16);
    put16(TSS_C + 0x28, DATA16);
    CODE_BYTES("\xea\0\0\0\0\x38\0");
    pm.ram[CODE + 0x100] = 0xf4;
    CHECK_EQ(run(), 0x100);
    CHECK_EQ(cpu->eip, CODE + 0x101);
    CHECK_EQ(cpu->reg[EAX] & 0xffff, 0x1234);
    CHECK_EQ(cpu->seg[FS].sel, 0);
    CHECK_EQ(cpu->seg[SS].sel, DATA16);
}

static void bad_task_faults_in_new_context(void)
{
    start();
    make_task(TSS_B, CODE + 0x100, CODE0, DATA0);
    put(TSS_B + 0x54, 0x90); /* DS: present nowhere, within the table */
    CODE_BYTES("\xea\0\0\0\0\x30\0");
    CHECK_EQ(run(), EXC_TS);
    CHECK_EQ(top(0), 0x90);
    CHECK_EQ(top(1), CODE + 0x100);
    CHECK_EQ(cpu->tr.sel, SEL_TSS_B);

    start();
    put_desc(SEL_TSS_B, TSS_B, 0x66, 0x89); /* too small: before the switch */
    CODE_BYTES("\xea\0\0\0\0\x30\0");
    CHECK_EQ(run(), EXC_TS);
    CHECK_EQ(top(0), SEL_TSS_B);
    CHECK_EQ(top(1), CODE);
    CHECK_EQ(cpu->tr.sel, SEL_TSS_A);

    start();
    CODE_BYTES("\xea\0\0\0\0\x28\0"); /* busy: itself */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), SEL_TSS_A);
}

static void exception_through_task_gate(void)
{
    start();
    make_task(TSS_B, HANDLERS + 13 * 16, CODE0, DATA0);
    put_gate(IDT + 13 * 8, SEL_TSS_B, 0, 0x85, 0);
    CODE_BYTES("\x66\xb8\x90\0\x8e\xd8");
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), 0x90);
    CHECK_EQ(cpu->reg[ESP], STACK0 - 0x4004);
    CHECK_EQ(get(TSS_A + 0x20), CODE + 4);
    CHECK(get(TSS_A + 0x24) & EFLAGS_RF);
    CHECK(cpu->eflags & EFLAGS_NT);
}

static void trap_bit_raises_db(void)
{
    start();
    make_task(TSS_B, CODE + 0x100, CODE0, DATA0);
    put16(TSS_B + 0x64, 1);
    CODE_BYTES("\xea\0\0\0\0\x30\0");
    CHECK_EQ(run(), EXC_DB);
    CHECK_EQ(top(0), CODE + 0x100);
    CHECK_EQ(cpu->dr[6] & 0xe00f, DR6_BT);
}

/* ---- Virtual-8086 mode ---- */

static void enter_vm86(uint32_t flags)
{
    at_level(0);
    cpu_set_eflags(cpu, flags | EFLAGS_VM, ~0u & ~EFLAGS_STATUS);
    cpu_set_cpl(cpu, 3);
    for (unsigned s = 0; s < 6; s++) {
        segment_set_real(cpu, s, s == CS ? CODE >> 4 : 0x2000 + s);
    }
    cpu->eip = 0;
    cpu->reg[ESP] = 0x100;
}

static void vm86_faults_and_interrupts(void)
{
    start();
    enter_vm86(EFLAGS_IF);
    CODE_BYTES("\xcd\x50"); /* IOPL 0: #GP(0) */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(0), 0);
    CHECK_EQ(top(2), CODE >> 4);
    CHECK_EQ(top(3) & (EFLAGS_VM | EFLAGS_RF), EFLAGS_VM | EFLAGS_RF);
    CHECK_EQ(top(5), 0x2000 + SS);
    CHECK_EQ(top(6), 0x2000 + ES);
    CHECK_EQ(top(7), 0x2000 + DS);
    CHECK_EQ(top(8), 0x2000 + FS);
    CHECK_EQ(top(9), 0x2000 + GS);
    CHECK_EQ(cpu->seg[DS].sel, 0);
    CHECK_EQ(cpu->cpl, 0);

    start();
    put_gate(IDT + 0x50 * 8, CODE0, HANDLERS + 0x50 * 16, 0xee, 0);
    enter_vm86(EFLAGS_IF | EFLAGS_IOPL);
    CODE_BYTES("\xcd\x50");
    CHECK_EQ(run(), 0x50);
    CHECK_EQ(top(0), 2);
}

static void vme_redirects_by_bitmap(void)
{
    start();
    cpu_write_cr4(cpu, CR4_VME);
    put16(TSS_A + 0x66, 0x88); /* room for the redirection map at 68h */
    put(0x50 * 4, 0x08001000); /* 0800:1000 = 9000h */
    enter_vm86(EFLAGS_VIF);
    CODE_BYTES("\xcd\x50");
    pm.ram[0x9000] = 0xf4; /* HLT in V86: #GP */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(1), 0x1000);
    CHECK_EQ(top(2), 0x800);
    CHECK_EQ(top(3) & EFLAGS_VIF, 0);
    CHECK_EQ(get16(0x20020 + 0xfe), 0x3202); /* IF from VIF, IOPL 3 */

    start();
    cpu_write_cr4(cpu, CR4_VME);
    put16(TSS_A + 0x66, 0x88);
    put(TSS_A + 0x68 + 8, 0xffffffff);
    put(TSS_A + 0x68 + 12, 0xffffffff);
    enter_vm86(EFLAGS_VIF);
    CODE_BYTES("\xcd\x50");
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(1), 0);

    start();
    cpu_write_cr4(cpu, CR4_VME);
    enter_vm86(EFLAGS_VIP);
    CODE_BYTES("\xfa\xfb"); /* CLI; STI with VIP: #GP */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(1), 1);
}

/* ---- Double and triple faults ---- */

static void double_and_triple_faults(void)
{
    start();
    put_gate(IDT + 13 * 8, CODE0, 0, 0x0e, 0);
    CODE_BYTES("\x66\xb8\x90\0\x8e\xd8"); /* #GP whose gate is absent: #NP, so #DF */
    CHECK_EQ(run(), EXC_DF);
    CHECK_EQ(top(0), 0);
    CHECK_EQ(top(1), CODE + 4);

    start();
    put_gate(IDT + 13 * 8, CODE0, 0, 0x0e, 0);
    put_gate(IDT + 8 * 8, CODE0, 0, 0x0e, 0);
    CODE_BYTES("\x66\xb8\x90\0\x8e\xd8");
    CHECK_EQ(run(), -1);

    start();
    put_gate(IDT + 6 * 8, CODE0, 0, 0x0e, 0);
    CODE_BYTES("\x0f\x0b"); /* #UD is benign: #NP alone */
    CHECK_EQ(run(), EXC_NP);
}

/* ---- Ports ---- */

static int in_at_level3(uint16_t port, unsigned opcode)
{
    char bytes[] = {'\x66', '\xba', (char)port, (char)(port >> 8), (char)opcode, '\xcc'};

    at_level(3);
    code(bytes, sizeof(bytes));
    put_gate(IDT + 3 * 8, CODE0, HANDLERS + 3 * 16, 0xee, 0);
    return run();
}

static void bitmap_guards_ports(void)
{
    start();
    put(TSS_A + 0x68 + 0x20, 0xfffffffe); /* port 100h */
    CHECK_EQ(in_at_level3(0x100, 0xec), 3);
    CHECK_EQ(io_last, 0x100);

    start();
    put(TSS_A + 0x68 + 0x20, 0xfffffffe);
    CHECK_EQ(in_at_level3(0x100, 0xed), EXC_GP); /* 4 bytes */
    CHECK_EQ(top(0), 0);

    start();
    cpu->tr.limit = 0x68 + 0x20; /* the second byte lies outside */
    CHECK_EQ(in_at_level3(0x100, 0xec), EXC_GP);

    start();
    cpu->tr.limit = 0x68 + 0x21;
    CHECK_EQ(in_at_level3(0x100, 0xec), 3);
}

/* ---- Debug, alignment, flags ---- */

static void data_breakpoint_traps_behind(void)
{
    start();
    cpu->dr[1] = 0x300000;
    cpu->dr[7] = DR7_FIXED | 1u << 2 | 0xdu << 20; /* L1, write, 4 bytes */
    segment_derive_all(cpu);
    CODE_BYTES("\xa1\0\0\x30\0\xc6\x05\x03\0\x30\0\x07\xf4"); /* a load; a store to the last byte */
    CHECK_EQ(run(), EXC_DB);
    CHECK_EQ(top(0), CODE + 12);
    CHECK_EQ(cpu->dr[6] & 0xe00f, 2);
    CHECK_EQ(pm.ram[0x300003], 7);
}

static void single_step_and_general_detect(void)
{
    start();
    cpu_set_eflags(cpu, EFLAGS_TF, EFLAGS_TF);
    CODE_BYTES("\x40\x40");
    CHECK_EQ(run(), EXC_DB);
    CHECK_EQ(top(0), CODE + 1);
    CHECK_EQ(cpu->dr[6] & 0xe00f, DR6_BS);

    start();
    cpu->dr[7] |= DR7_GD;
    CODE_BYTES("\x0f\x21\xc0"); /* MOV EAX,DR0 */
    CHECK_EQ(run(), EXC_DB);
    CHECK_EQ(top(0), CODE);
    CHECK_EQ(cpu->dr[6] & 0xe00f, DR6_BD);
    CHECK_EQ(cpu->dr[7] & DR7_GD, 0);
}

static void alignment_checked_at_level_3_only(void)
{
    start();
    cpu_write_cr0(cpu, cpu->mmu.cr0 | CR0_AM);
    cpu_set_eflags(cpu, EFLAGS_AC, EFLAGS_AC);
    at_level(3);
    CODE_BYTES("\xa1\x02\0\x30\0");
    CHECK_EQ(run(), EXC_AC);
    CHECK_EQ(top(0), 0);

    start();
    cpu_write_cr0(cpu, cpu->mmu.cr0 | CR0_AM);
    cpu_set_eflags(cpu, EFLAGS_AC, EFLAGS_AC);
    CODE_BYTES("\xa1\x02\0\x30\0\xf4");
    CHECK_EQ(run(), 0x100);
}

static void popf_obeys_levels(void)
{
    start();
    at_level(3);
    put(STACK3 - 4, ~0u);
    cpu->reg[ESP] = STACK3 - 4;
    CODE_BYTES("\x9d\x90");
    CHECK_EQ(run(), EXC_DB); /* TF came in */
    CHECK_EQ(top(2) & (EFLAGS_IF | EFLAGS_IOPL | EFLAGS_VM | EFLAGS_VIF | EFLAGS_VIP), 0);
    CHECK_EQ(top(2) & (EFLAGS_NT | EFLAGS_AC | EFLAGS_ID), EFLAGS_NT | EFLAGS_AC | EFLAGS_ID);
}

static void sysenter_and_sysexit(void)
{
    start();
    cpu->sysenter_cs = CODE0;
    cpu->sysenter_esp = STACK0;
    cpu->sysenter_eip = CODE + 0x100;
    at_level(3);
    CODE_BYTES("\x0f\x34");
    physmem_write(&pm, CODE + 0x100, "\x0f\x35", 2);
    cpu->reg[ECX] = STACK3 - 64;
    cpu->reg[EDX] = CODE + 0x200;
    pm.ram[CODE + 0x200] = 0xf4; /* HLT at CPL 3 */
    CHECK_EQ(run(), EXC_GP);
    CHECK_EQ(top(1), CODE + 0x200);
    CHECK_EQ(top(2), CODE0 + 16 + 3);
    CHECK_EQ(top(4), STACK3 - 64);
    CHECK_EQ(top(5), CODE0 + 24 + 3);
}

int main(void)
{
    physmem_init(&pm, 4u << 20);
    RUN(interrupt_gate_pushes_frame);
    RUN(gate16_uses_16_bits);
    RUN(gate_rights_and_codes);
    RUN(inner_stack_faults_are_ts);
    RUN(iret_to_outer_drops_inner_data);
    RUN(call_gate_copies_parameters);
    RUN(conforming_code_keeps_cpl);
    RUN(far_jump_beyond_limit_changes_nothing);
    RUN(loads_check_and_mark);
    RUN(expand_down_limits);
    RUN(ldt_selectors);
    RUN(queries_follow_type_tables);
    RUN(unreal_mode_keeps_limit);
    RUN(call_and_iret_switch_tasks);
    RUN(jump_moves_busy_bit);
    RUN(task16_loads_words);
    RUN(bad_task_faults_in_new_context);
    RUN(exception_through_task_gate);
    RUN(trap_bit_raises_db);
    RUN(vm86_faults_and_interrupts);
    RUN(vme_redirects_by_bitmap);
    RUN(double_and_triple_faults);
    RUN(bitmap_guards_ports);
    RUN(data_breakpoint_traps_behind);
    RUN(single_step_and_general_detect);
    RUN(alignment_checked_at_level_3_only);
    RUN(popf_obeys_levels);
    RUN(sysenter_and_sysexit);
    cpu_destroy(cpu);
    physmem_destroy(&pm);
    return check_done();
}
