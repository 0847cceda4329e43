/* SPDX-License-Identifier: MIT */
/*
 * struct cpu: the guest's registers, the hidden parts of segments, pending events, and how the
 * outside reaches it. Intel SDM volumes 1-3.
 *
 * How an instruction runs: decode.c turns bytes into a struct insn; a block is an array of them;
 * interp.c threads through their fn pointers (code.c keeps the blocks). Each row of insns.def has a
 * general handler op_NAME(cpu, insn) that is exact for every operand size; fast.c has specialised
 * forms of the hot ones.
 *
 * While op_NAME runs: cpu->cur is the instruction, cpu->eip already points behind it (a branch
 * overwrites it). An exception is cpu_raise(), which does not return: the run loop restarts from
 * cpu->cur, so a handler must not change registers or memory before its last check.
 */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include <setjmp.h>

#include "base/state.h"
#include "base/types.h"
#include "cpu/lazy.h"
#include "mmu/mmu.h"

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, REG_ZERO /* always 0: "no register" */ };
enum { ES, CS, SS, DS, FS, GS, SEG_NONE };

#define EFLAGS_CF         (1u << 0)
#define EFLAGS_1          (1u << 1)
#define EFLAGS_PF         (1u << 2)
#define EFLAGS_AF         (1u << 4)
#define EFLAGS_ZF         (1u << 6)
#define EFLAGS_SF         (1u << 7)
#define EFLAGS_TF         (1u << 8)
#define EFLAGS_IF         (1u << 9)
#define EFLAGS_DF         (1u << 10)
#define EFLAGS_OF         (1u << 11)
#define EFLAGS_IOPL       (3u << 12)
#define EFLAGS_IOPL_SHIFT 12
#define EFLAGS_NT         (1u << 14)
#define EFLAGS_RF         (1u << 16)
#define EFLAGS_VM         (1u << 17)
#define EFLAGS_AC         (1u << 18)
#define EFLAGS_VIF        (1u << 19)
#define EFLAGS_VIP        (1u << 20)
#define EFLAGS_ID         (1u << 21)
#define EFLAGS_STATUS     (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF)

enum exception {
    EXC_DE,
    EXC_DB,
    EXC_NMI,
    EXC_BP,
    EXC_OF,
    EXC_BR,
    EXC_UD,
    EXC_NM,
    EXC_DF,
    EXC_MP,
    EXC_TS,
    EXC_NP,
    EXC_SS,
    EXC_GP,
    EXC_PF,
    EXC_15,
    EXC_MF,
    EXC_AC,
    EXC_MC,
    EXC_XM
};

/* clang-format off */
/* Optional features: CPUID bits, and what gates a row of insns.def. name as in -cpu MODEL,+name */
#define CPU_FEATURES(X)                                                                           \
    /*  id       name     CPUID.1:EDX bit, or -1 */                                               \
    X(FPU, "fpu", 0)                                                                              \
    X(VME, "vme", 1) X(DE, "de", 2) X(PSE, "pse", 3) X(TSC, "tsc", 4) X(MSR, "msr", 5)            \
        X(PAE, "pae", 6) X(MCE, "mce", 7) X(CX8, "cx8", 8) X(APIC, "apic", 9) X(SEP, "sep", 11)   \
            X(MTRR, "mtrr", 12) X(PGE, "pge", 13) X(MCA, "mca", 14) X(CMOV, "cmov", 15)           \
                X(PAT, "pat", 16) X(PSE36, "pse36", 17) X(CLFSH, "clflush", 19) X(MMX, "mmx", 23) \
                    X(FXSR, "fxsr", 24) X(SSE, "sse", 25) X(SSE2, "sse2", 26)                     \
                        X(I486, "i486", -1) /* BSWAP, CMPXCHG, XADD, INVLPG, WBINVD, EFLAGS.AC */ \
        X(CPUID, "cpuid", -1)               /* CPUID and EFLAGS.ID */                             \
        X(NX, "nx", -1) X(FISTTP, "fisttp", -1) /* the one x87 instruction of SSE3 */
/* clang-format on */

#define CPU_FEATURE_ENUM(id, name, bit) FEAT_##id,
enum cpu_feature { CPU_FEATURES(CPU_FEATURE_ENUM) FEAT_COUNT };
#undef CPU_FEATURE_ENUM

/* Descriptor attributes: the high dword's bits 8-23 shifted down by 8. */
#define DESC_TYPE      0x000f
#define DESC_A         0x0001 /* code/data: accessed */
#define DESC_W         0x0002 /* data: writable */
#define DESC_R         0x0002 /* code: readable */
#define DESC_E         0x0004 /* data: expand-down */
#define DESC_C         0x0004 /* code: conforming */
#define DESC_CODE      0x0008
#define DESC_S         0x0010 /* code or data, not system */
#define DESC_DPL_SHIFT 5
#define DESC_DPL       0x0060
#define DESC_P         0x0080
#define DESC_AVL       0x1000
#define DESC_DB        0x4000
#define DESC_G         0x8000

struct segment {
    uint16_t sel;
    uint16_t attr; /* DESC_* ; 0 and unusable after a null selector */
    uint32_t base;
    uint32_t limit; /* in bytes, G applied */

    /*
     * Derived by segment_derive(), not saved. An access at off of n bytes needs no further check if
     * off + n <= read_end (write_end). 0 sends every access to the slow path: null, expand-down,
     * not writable, alignment checks or data breakpoints on.
     */
    uint64_t read_end, write_end;
    bool flat; /* base 0, and all 4 GiB may be read and written */
};

struct dtable {
    uint32_t base;
    uint16_t limit;
};

/* 80-bit extended real; bit 63 of mant is the integer bit. */
struct f80 {
    uint64_t mant;
    uint16_t sexp; /* sign and biased exponent */
};

struct fpu {
    struct f80 st[8]; /* physical registers R0-R7; ST(i) is st[(top + i) & 7]; MMX aliases mant */
    uint16_t cw;
    uint16_t sw; /* all but TOP */
    uint8_t top;
    uint8_t empty; /* bit per physical register: 1 = empty */
    uint16_t fop;
    uint16_t fcs, fds;
    uint32_t fip, fdp;
};

union xmm {
    uint8_t u8[16];
    uint16_t u16[8];
    uint32_t u32[4];
    uint64_t u64[2];
};

struct insn;
struct block;
struct cpu_engine; /* interp.h: what else can run a block */
struct cpu_code;   /* code.h: the cache of decoded blocks */

/* How a CPU stops being able to run on. */
enum cpu_exit {
    CPU_EXIT_COUNT,    /* the instructions asked for have retired */
    CPU_EXIT_HALT,     /* HLT: waits for an interrupt */
    CPU_EXIT_REQUEST,  /* cpu_kick() */
    CPU_EXIT_SHUTDOWN, /* triple fault */
};

/* Which instruction just ran. */
enum int_shadow {
    SHADOW_NONE,
    SHADOW_STI,
    SHADOW_MOV_SS, /* or POP SS: holds back traps and code breakpoints too */
};

/* What the board connects. All take the opaque below. */
struct cpu_bus {
    uint32_t (*io_read)(void *opaque, uint16_t port, unsigned size);
    void (*io_write)(void *opaque, uint16_t port, uint32_t val, unsigned size);
    int (*int_ack)(void *opaque);  /* INTA cycle: the vector; -1: withdrawn meanwhile */
    uint64_t (*tsc)(void *opaque); /* time-stamp counter before the offset that WRMSR sets */
    void (*ferr)(void *opaque, bool level);         /* FERR#: IRQ 13 when CR0.NE is 0 */
    void (*apic_base)(void *opaque, uint64_t base); /* IA32_APIC_BASE was written; may be NULL */
    void *opaque;
};

struct cpu_model; /* cpuid.c */

struct cpu {
    uint32_t reg[9]; /* EAX..EDI, and REG_ZERO */
    uint32_t eip;
    uint32_t eflags;         /* all but the six status flags, bit 1 set */
    uint32_t lf_res, lf_aux; /* lazy status flags: flags.h */
    struct segment seg[6];
    struct segment ldtr, tr;
    struct dtable gdtr, idtr;
    uint32_t cr2; /* CR0, CR3, CR4 are in mmu */
    uint32_t dr[8];
    uint8_t cpl;
    bool halted;
    bool nmi_blocked;   /* between an NMI and its IRET */
    uint8_t int_shadow; /* enum int_shadow: interrupts wait for one instruction */
    bool nmi_pending;
    bool intr;              /* the INTR line's level */
    uint32_t debug_pending; /* DR6 bits of traps met by the current instruction */
    uint64_t icount;        /* instructions retired up to the current block: use cpu_icount() */
    uint64_t tsc_offset;
    uint32_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t msr_pat, msr_misc[64]; /* cpuid.c says which */
    struct fpu fpu;
    union xmm xmm[8];
    uint32_t mxcsr;
    struct mmu mmu;

    /* Not saved: what the machine is, and what is rebuilt. */
    const struct cpu_model *model;
    uint64_t features; /* bit per enum cpu_feature */
    struct cpu_bus bus;

    /* What translated code shares with the engine that made it. */
    struct lazy_flags lazy;    /* empty except while translated code runs */
    struct cpu_engine *engine; /* the translator, or NULL */
    struct {
        void *slot;       /* the exit that was taken, to be chained; NULL: none */
        bool interpret;   /* the next block must be interpreted once */
        uint8_t x87_live; /* 1: the x87 state is in the host's x87, fpu is stale */
        uint8_t sse_live; /* the same of XMM and MXCSR: only while translated code runs */
        uint8_t cond;     /* 0 or 1: a condition kept within a block */
        uint32_t host_mxcsr;
        uint32_t fip, fdp;   /* of the last translated x87 instruction ... */
        uint32_t fop, fsegs; /* ... opcode | 1 << 31; data segment register | 8 */
    } jit;

    /* The run loop (interp.c). */
    const struct insn *cur; /* the instruction that runs */
    uint32_t block_eip;     /* EIP of the current block's first instruction */
    struct block *block;
    int32_t budget;        /* instructions left before the run loop must look around */
    uint32_t budget_start; /* what budget was when icount was brought up to date */
    bool exit_request;
    struct cpu_code *code;
    jmp_buf raise_env;
    uint8_t exc_vector; /* set by cpu_raise for the run loop */
    bool exc_has_code;
    uint32_t exc_code;
    uint8_t exc_delivering; /* vector + 1 of the exception that exception_handle() is delivering */
};

static inline bool cpu_has(const struct cpu *cpu, enum cpu_feature f)
{
    return cpu->features >> f & 1;
}

static inline bool cpu_protected(const struct cpu *cpu) /* protected mode, not virtual-8086 */
{
    return (cpu->mmu.cr0 & CR0_PE) && !(cpu->eflags & EFLAGS_VM);
}

static inline bool cpu_vm86(const struct cpu *cpu)
{
    return cpu->eflags & EFLAGS_VM;
}

static inline unsigned cpu_iopl(const struct cpu *cpu)
{
    return (cpu->eflags & EFLAGS_IOPL) >> EFLAGS_IOPL_SHIFT;
}

/*
 * model: "386", ... with ",+feature,-feature,family=N" (cpuid.c). Returns NULL and a one-line
 * message (caller frees) if it is unknown.
 */
struct cpu *cpu_create(const char *model, struct physmem *pm, const struct cpu_bus *bus,
                       char **error);
void cpu_destroy(struct cpu *cpu);
void cpu_reset(struct cpu *cpu); /* the RESET pin */
extern const struct state_field cpu_state[];
void cpu_loaded(struct cpu *cpu); /* after state_load() */
/* Before saving, hashing or comparing: the same flags have several forms, of which one is chosen.
 */
void cpu_make_canonical(struct cpu *cpu);

/* Runs until n instructions have retired or something else ends the run. n > 0. */
enum cpu_exit cpu_run(struct cpu *cpu, uint32_t n);
/* Exact at any moment, inside a device access too (the running instruction is not counted). */
uint64_t cpu_icount(const struct cpu *cpu);
/* The current cpu_run() must end once cpu_icount() reaches `at`. */
void cpu_limit(struct cpu *cpu, uint64_t at);
/* Leave cpu_run() after the current instruction. */
void cpu_kick(struct cpu *cpu);
void cpu_set_intr(struct cpu *cpu, bool level);
void cpu_raise_nmi(struct cpu *cpu);

/* Exceptions (exception.c). */
_Noreturn void cpu_raise(struct cpu *cpu, enum exception vector, uint32_t code);
_Noreturn void cpu_raise_nc(struct cpu *cpu, enum exception vector); /* no error code */
enum int_kind { INT_EXTERNAL, INT_EXCEPTION, INT_SOFTWARE /* INT n, INT3, INTO */, INT_ICEBP };
/*
 * Delivers through IVT or IDT. cpu->eip must be the address to return to. May raise (cpu_raise).
 */
void exception_deliver(struct cpu *cpu, uint8_t vector, enum int_kind kind, bool has_code,
                       uint32_t code);
/*
 * Called by the run loop with the exception that cpu_raise() left in exc_*, cpu->eip set to the
 * faulting instruction (or the next, for traps). Does double fault and shutdown; false = triple
 * fault.
 */
bool exception_handle(struct cpu *cpu);

/* Segments (segment.c). Selector loads raise #GP, #NP, #SS, #TS as SDM 3A 5 and 6 say. */
void segment_derive(struct cpu *cpu, struct segment *s);
void segment_derive_all(struct cpu *cpu); /* after a change of CPL, EFLAGS.AC, CR0.AM, DR7 */
void segment_load(struct cpu *cpu, unsigned s, uint16_t sel); /* MOV/POP/Lxs: DS ES FS GS SS */
/* The same in its frequent case; false: nothing was changed. Raises nothing, and a segment that is
 * flat stays so. Not SS. */
bool segment_load_quick(struct cpu *cpu, unsigned s, uint16_t sel);
void segment_set_real(struct cpu *cpu, unsigned s, uint16_t sel); /* real and V86 mode */
/* Raise #GP(0)/#SS(0) or #AC, note data breakpoints, or return: the access is right after all. */
void segment_check_read_slow(struct cpu *cpu, unsigned s, uint32_t off, unsigned size);
void segment_check_write_slow(struct cpu *cpu, unsigned s, uint32_t off, unsigned size);
void cpu_set_cpl(struct cpu *cpu, unsigned cpl); /* tells the MMU too */
/* All of EFLAGS, status flags included; mask says which bits may change. */
void cpu_set_eflags(struct cpu *cpu, uint32_t val, uint32_t mask);
uint32_t cpu_get_eflags(const struct cpu *cpu);

/* Segment-checked linear address. */
static inline linear_addr_t segment_read(struct cpu *cpu, unsigned s, uint32_t off, unsigned size)
{
    struct segment *seg = &cpu->seg[s];

    if (UNLIKELY((uint64_t)off + size > seg->read_end)) {
        segment_check_read_slow(cpu, s, off, size);
    }
    return seg->base + off;
}

static inline linear_addr_t segment_write(struct cpu *cpu, unsigned s, uint32_t off, unsigned size)
{
    struct segment *seg = &cpu->seg[s];

    if (UNLIKELY((uint64_t)off + size > seg->write_end)) {
        segment_check_write_slow(cpu, s, off, size);
    }
    return seg->base + off;
}

/* Guest memory through a segment: what op_* files use. */
#define CPU_MEM(bits)                                                                      \
    static inline uint##bits##_t mem_load##bits(struct cpu *cpu, unsigned s, uint32_t off) \
    {                                                                                      \
        return mmu_load##bits(&cpu->mmu, segment_read(cpu, s, off, bits / 8));             \
    }                                                                                      \
    static inline void mem_store##bits(struct cpu *cpu, unsigned s, uint32_t off,          \
                                       uint##bits##_t v)                                   \
    {                                                                                      \
        mmu_store##bits(&cpu->mmu, segment_write(cpu, s, off, bits / 8), v);               \
    }

CPU_MEM(8)
CPU_MEM(16)
CPU_MEM(32)

static inline void mem_load_bytes(struct cpu *cpu, unsigned s, uint32_t off, void *buf, unsigned n)
{
    mmu_load_bytes(&cpu->mmu, segment_read(cpu, s, off, n), buf, n);
}

static inline void mem_store_bytes(struct cpu *cpu, unsigned s, uint32_t off, const void *buf,
                                   unsigned n)
{
    mmu_store_bytes(&cpu->mmu, segment_write(cpu, s, off, n), buf, n);
}

/* Raises what a store there would raise, before anything is changed. */
static inline void mem_check_write(struct cpu *cpu, unsigned s, uint32_t off, unsigned n)
{
    mmu_check_write(&cpu->mmu, segment_write(cpu, s, off, n), n);
}

#endif
