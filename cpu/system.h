/* SPDX-License-Identifier: MIT */
/*
 * What the system half of cpu/ shares: task switches, virtual-8086 mode, model-specific registers
 * and the bits of the debug registers.
 */
#ifndef CPU_SYSTEM_H
#define CPU_SYSTEM_H

#include "cpu/cpu.h"
#include "cpu/cpuid.h"

#define DR6_FIXED 0xffff0ff0u
#define DR6_BD    (1u << 13)
#define DR6_BS    (1u << 14)
#define DR6_BT    (1u << 15)
#define DR7_FIXED 0x00000400u
#define DR7_GD    (1u << 13)

/* task.c */
enum task_cause { TASK_JMP, TASK_CALL, TASK_INT, TASK_IRET };
/*
 * To the task of TSS sel, named directly or by a task gate; the caller has checked the rights to do
 * so. ext goes into the error codes of an interrupt; error_code, if any, is pushed in the new task.
 */
void task_switch(struct cpu *cpu, uint16_t sel, enum task_cause cause, uint32_t ext,
                 const uint32_t *error_code);
void task_return(struct cpu *cpu); /* IRET with NT */

/* vm86.c: SDM 3B chapter 20. They raise what the mode forbids. */
void vm86_int(struct cpu *cpu, uint8_t vector); /* INT n in virtual-8086 mode */
void vm86_iret(struct cpu *cpu, unsigned size); /* IRET in virtual-8086 mode */
void vm86_enter(struct cpu *cpu, uint32_t eip, uint16_t cs, uint32_t flags); /* IRET to it */
bool vm86_pushf_image(struct cpu *cpu, unsigned size, uint32_t *image);
void vm86_popf(struct cpu *cpu, uint32_t flags, unsigned size);

/* EFLAGS bits that this model has and software may change; VM, RF, VIF, VIP, IF, IOPL apart. */
uint32_t eflags_writable(const struct cpu *cpu);

/* msr.c: false is #GP(0). */
bool msr_read(struct cpu *cpu, uint32_t index, uint64_t *v);
/* IA32_APIC_BASE enables it. */
bool msr_apic_enabled(const struct cpu *cpu);
bool msr_write(struct cpu *cpu, uint32_t index, uint64_t v);
void msr_reset(struct cpu *cpu);
uint64_t cpu_tsc(struct cpu *cpu);

/* Control registers: the checks of MOV and LMSW; raise #GP(0). */
void cpu_write_cr0(struct cpu *cpu, uint32_t v);
void cpu_write_cr4(struct cpu *cpu, uint32_t v);

#endif
