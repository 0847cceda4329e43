/* SPDX-License-Identifier: MIT */
/*
 * struct insn: one decoded instruction, and the decoder that makes it from bytes.
 */
#ifndef CPU_DECODE_H
#define CPU_DECODE_H

#include "cpu/cpu.h"

enum operand_kind {
    OPD_NONE,
    OPD_REG, /* general register of .size bytes; size 1: AL CL DL BL AH CH DH BH */
    OPD_MEM, /* seg:ea of the instruction's memory operand */
    OPD_IMM, /* imm, already sign-extended where the encoding says so */
    OPD_SEG, /* segment register */
    OPD_CR,
    OPD_DR,
    OPD_TR,
    OPD_MM,
    OPD_XMM,
    OPD_ST,  /* ST(reg) */
    OPD_REL, /* branch displacement in imm */
    OPD_FAR, /* imm = offset, imm2 = selector */
};

struct operand {
    uint8_t kind; /* enum operand_kind */
    uint8_t reg;
    uint8_t size; /* bytes; 0 where it makes no sense */
};

struct cpu;
struct insn;
typedef const struct insn *(*insn_fn)(struct cpu *cpu, const struct insn *i);
typedef void (*op_fn)(struct cpu *cpu, const struct insn *i);

#define PREFIX_REPNE 1u
#define PREFIX_REP   2u
#define PREFIX_LOCK  4u

struct insn {
    insn_fn fn;   /* how the run loop threads through it */
    op_fn op;     /* the general handler of its row */
    uint16_t row; /* enum insn_row */
    uint16_t off; /* from the block's first instruction, in EIP */
    uint8_t len;  /* bytes, prefixes included: 1-15 */
    uint8_t index_in_block;
    uint8_t opsize;   /* 2 or 4: the effective operand size */
    uint8_t addrsize; /* 2 or 4 */
    uint8_t prefix;   /* PREFIX_* */
    uint8_t modrm;
    uint8_t
        opcode;  /* the last opcode byte: its low four bits are the condition of Jcc and friends */
    uint8_t seg; /* effective segment of the memory operand */
    /* ea = (reg[base] + (reg[index] << scale) + disp) & insn_addr_mask(); REG_ZERO where absent */
    uint8_t base, index, scale;
    struct operand a, b, c; /* first is the destination, as the table says */
    union {
        uint32_t disp;
        uint32_t imm2; /* of the two that have it, neither has a memory operand */
    };
    uint32_t imm;
};
_Static_assert(sizeof(struct insn) == 2 * sizeof(void *) + 32, "there are hundreds of thousands");

static inline uint32_t insn_addr_mask(const struct insn *i)
{
    return i->addrsize == 4 ? 0xffffffff : 0xffff;
}

enum insn_row {
    INSN_ROW_NONE, /* no row matches: #UD */
#define INSN(opcode, ext, name, a, b, c, flags, attr) \
    INSN_ROW_##opcode##_##ext##_##name##_##a##b##c,
#include "cpu/insns.def"
#undef INSN
    INSN_ROWS
};

/* Attributes of a row. */
#define A_NONE 0u
#define A_LOCK (1u << 0) /* LOCK is allowed when the destination is memory */
#define A_CPL0 (1u << 1) /* #GP(0) unless CPL 0 (and in V86 mode) */
#define A_END \
    (1u << 2) /* ends a block: changes EIP, the mode, or what must be looked at after it */
#define A_RAISES           (1u << 3) /* may raise besides by its memory operands */
#define A_REP              (1u << 4) /* REP/REPE/REPNE repeat it */
#define A_PROT             (1u << 5) /* #UD in real and V86 mode */
#define A_IO               (1u << 6) /* port I/O: may schedule events */
#define A_BRANCH           (1u << 7) /* near branch with a target in the instruction */
#define A_STRING           (1u << 8)
#define A_STACK            (1u << 9)
#define A_FPU              (1u << 10) /* #NM when CR0.EM or TS; #MF when an exception is pending */
#define A_FPU_NOWAIT       (1u << 11) /* with A_FPU: does not look at pending exceptions */
#define A_MMX              (1u << 12) /* #UD when CR0.EM, #NM when TS, then #MF when pending */
#define A_SSE              (1u << 13) /* #UD when CR0.EM or not CR4.OSFXSR, #NM when TS */
#define A_ALIGN16          (1u << 14) /* a 16-byte memory operand must be aligned: #GP(0) */
#define A_NEED(f)          ((uint32_t)(FEAT_##f + 1) << 24) /* #UD without the feature */
#define ATTR_FEATURE(attr) ((attr) >> 24)

struct insn_info {
    const char *name; /* "ADD"; what stands behind the first '_' is a variant, not printed */
    uint32_t opcode;
    uint16_t ext; /* EXT_* or 0-7 or 0xc0-0xff */
    uint32_t attr;
    const char *operands[3];
    const char *flags; /* OSZAPC letters */
};
#define EXT_NONE 0x100

extern const struct insn_info insn_info[INSN_ROWS];

enum decode_result {
    DECODE_OK,
    DECODE_MORE,     /* the bytes given end inside the instruction */
    DECODE_TOO_LONG, /* more than 15 bytes: #GP(0) */
};

struct decode_table;
const struct decode_table *decode_table_new(void);
void decode_table_free(const struct decode_table *t);

/*
 * Decodes the instruction at code[0..avail). code32: CS.D. Unknown encodings, features the CPU has
 * not and misplaced LOCK give the row INSN_ROW_NONE (op_UD): the length is then still right. Reads
 * no guest memory itself.
 */
enum decode_result decode_insn(const struct decode_table *t, const uint8_t *code, unsigned avail,
                               bool code32, uint64_t features, struct insn *out);

#endif
