/* SPDX-License-Identifier: MIT */
/*
 * The interpreter's specialised forms of hot instructions.
 *
 * Each does the plain case only: operands in registers or in memory that has an entry in the
 * shadow. Whatever is not plain (a miss, a device, a limit, a page crossing) goes to
 * interp_general() before anything was changed, and the general handler does it exactly. So nothing
 * here can raise.
 *
 * The forms are stamped out by size (1, 2, 4 bytes) and operand kind; the name says which:
 * fast_ADD_rm4 is ADD r32, m32.
 */
#include "cpu/interp.h"

#include "cpu/ops.h"

#define HANDLER(name) static const struct insn *name(struct cpu *cpu, const struct insn *i)
#define NEXT          THREAD_NEXT(cpu, i + 1)

/* ---- operands ---- */

/* Host pointer for a plain access of n bytes, or NULL. */
static inline void *plain_read(struct cpu *cpu, unsigned s, uint32_t off, unsigned n)
{
    const struct segment *seg = &cpu->seg[s];

    return LIKELY((uint64_t)off + n <= seg->read_end) ? mmu_host_read(&cpu->mmu, seg->base + off, n)
                                                      : NULL;
}

static inline void *plain_write(struct cpu *cpu, unsigned s, uint32_t off, unsigned n)
{
    const struct segment *seg = &cpu->seg[s];

    return LIKELY((uint64_t)off + n <= seg->write_end)
               ? mmu_host_write(&cpu->mmu, seg->base + off, n)
               : NULL;
}

static inline uint32_t host_load(const void *p, unsigned n)
{
    return n == 4 ? load_le32(p) : n == 2 ? load_le16(p) : load_le8(p);
}

static inline void host_store(void *p, uint32_t v, unsigned n)
{
    if (n == 4) {
        store_le32(p, v);
    } else if (n == 2) {
        store_le16(p, (uint16_t)v);
    } else {
        store_le8(p, (uint8_t)v);
    }
}

#define READ_MEM(p, n)                                           \
    const void *p = plain_read(cpu, i->seg, insn_ea(cpu, i), n); \
    if (UNLIKELY(!p)) {                                          \
        return interp_general(cpu, i);                           \
    }
#define WRITE_MEM(p, n)                                     \
    void *p = plain_write(cpu, i->seg, insn_ea(cpu, i), n); \
    if (UNLIKELY(!p)) {                                     \
        return interp_general(cpu, i);                      \
    }

/* ---- two-operand arithmetic and logic ---- */

enum alu {
    ALU_ADD,
    ALU_OR,
    ALU_ADC,
    ALU_SBB,
    ALU_AND,
    ALU_SUB,
    ALU_XOR,
    ALU_CMP,
    ALU_TEST,
    ALU_COUNT
};

static inline uint32_t alu(struct cpu *cpu, enum alu op, uint32_t a, uint32_t b, unsigned n)
{
    uint32_t r;

    switch (op) {
    case ALU_ADD:
        r = a + b;
        flags_add(cpu, a, b, r, n);
        return r;
    case ALU_ADC:
        r = a + b + flags_cf(cpu);
        flags_add(cpu, a, b, r, n);
        return r;
    case ALU_SUB:
    case ALU_CMP:
        r = a - b;
        flags_sub(cpu, a, b, r, n);
        return r;
    case ALU_SBB:
        r = a - b - flags_cf(cpu);
        flags_sub(cpu, a, b, r, n);
        return r;
    case ALU_OR: r = a | b; break;
    case ALU_XOR: r = a ^ b; break;
    default: r = a & b; break;
    }
    flags_logic(cpu, r, n);
    return r;
}

#define WRITES(op) ((op) != ALU_CMP && (op) != ALU_TEST)

#define ALU_SIZE(OP, n)                                                                           \
    HANDLER(fast_##OP##_rr##n)                                                                    \
    {                                                                                             \
        uint32_t r = alu(cpu, ALU_##OP, reg_get(cpu, i->a.reg, n), reg_get(cpu, i->b.reg, n), n); \
                                                                                                  \
        if (WRITES(ALU_##OP)) {                                                                   \
            reg_set(cpu, i->a.reg, n, r);                                                         \
        }                                                                                         \
        NEXT;                                                                                     \
    }                                                                                             \
    HANDLER(fast_##OP##_ri##n)                                                                    \
    {                                                                                             \
        uint32_t r = alu(cpu, ALU_##OP, reg_get(cpu, i->a.reg, n), i->imm, n);                    \
                                                                                                  \
        if (WRITES(ALU_##OP)) {                                                                   \
            reg_set(cpu, i->a.reg, n, r);                                                         \
        }                                                                                         \
        NEXT;                                                                                     \
    }                                                                                             \
    HANDLER(fast_##OP##_rm##n)                                                                    \
    {                                                                                             \
        READ_MEM(p, n);                                                                           \
        uint32_t r = alu(cpu, ALU_##OP, reg_get(cpu, i->a.reg, n), host_load(p, n), n);           \
                                                                                                  \
        if (WRITES(ALU_##OP)) {                                                                   \
            reg_set(cpu, i->a.reg, n, r);                                                         \
        }                                                                                         \
        NEXT;                                                                                     \
    }                                                                                             \
    HANDLER(fast_##OP##_mr##n)                                                                    \
    {                                                                                             \
        void *p = (WRITES(ALU_##OP) ? plain_write : plain_read)(cpu, i->seg, insn_ea(cpu, i), n); \
                                                                                                  \
        if (UNLIKELY(!p)) {                                                                       \
            return interp_general(cpu, i);                                                        \
        }                                                                                         \
        uint32_t r = alu(cpu, ALU_##OP, host_load(p, n), reg_get(cpu, i->b.reg, n), n);           \
                                                                                                  \
        if (WRITES(ALU_##OP)) {                                                                   \
            host_store(p, r, n);                                                                  \
        }                                                                                         \
        NEXT;                                                                                     \
    }                                                                                             \
    HANDLER(fast_##OP##_mi##n)                                                                    \
    {                                                                                             \
        void *p = (WRITES(ALU_##OP) ? plain_write : plain_read)(cpu, i->seg, insn_ea(cpu, i), n); \
                                                                                                  \
        if (UNLIKELY(!p)) {                                                                       \
            return interp_general(cpu, i);                                                        \
        }                                                                                         \
        uint32_t r = alu(cpu, ALU_##OP, host_load(p, n), i->imm, n);                              \
                                                                                                  \
        if (WRITES(ALU_##OP)) {                                                                   \
            host_store(p, r, n);                                                                  \
        }                                                                                         \
        NEXT;                                                                                     \
    }

#define ALU_OPS(X, n) \
    X(ADD, n) X(OR, n) X(ADC, n) X(SBB, n) X(AND, n) X(SUB, n) X(XOR, n) X(CMP, n) X(TEST, n)
ALU_OPS(ALU_SIZE, 1)
ALU_OPS(ALU_SIZE, 2)
ALU_OPS(ALU_SIZE, 4)

enum form { FORM_RR, FORM_RI, FORM_RM, FORM_MR, FORM_MI, FORM_COUNT };

#define ALU_ROW(OP, n)                                                                        \
    [ALU_##OP] = {fast_##OP##_rr##n, fast_##OP##_ri##n, fast_##OP##_rm##n, fast_##OP##_mr##n, \
                  fast_##OP##_mi##n},
static insn_fn const alu_table[3][ALU_COUNT][FORM_COUNT] = {
    {ALU_OPS(ALU_ROW, 1)}, {ALU_OPS(ALU_ROW, 2)}, {ALU_OPS(ALU_ROW, 4)}};

/* ---- moves ---- */

#define MOV_SIZE(n)                                           \
    HANDLER(fast_MOV_rr##n)                                   \
    {                                                         \
        reg_set(cpu, i->a.reg, n, reg_get(cpu, i->b.reg, n)); \
        NEXT;                                                 \
    }                                                         \
    HANDLER(fast_MOV_ri##n)                                   \
    {                                                         \
        reg_set(cpu, i->a.reg, n, i->imm);                    \
        NEXT;                                                 \
    }                                                         \
    HANDLER(fast_MOV_rm##n)                                   \
    {                                                         \
        READ_MEM(p, n);                                       \
        reg_set(cpu, i->a.reg, n, host_load(p, n));           \
        NEXT;                                                 \
    }                                                         \
    HANDLER(fast_MOV_mr##n)                                   \
    {                                                         \
        WRITE_MEM(p, n);                                      \
        host_store(p, reg_get(cpu, i->b.reg, n), n);          \
        NEXT;                                                 \
    }                                                         \
    HANDLER(fast_MOV_mi##n)                                   \
    {                                                         \
        WRITE_MEM(p, n);                                      \
        host_store(p, i->imm, n);                             \
        NEXT;                                                 \
    }                                                         \
    HANDLER(fast_XCHG_rr##n)                                  \
    {                                                         \
        uint32_t a = reg_get(cpu, i->a.reg, n);               \
                                                              \
        reg_set(cpu, i->a.reg, n, reg_get(cpu, i->b.reg, n)); \
        reg_set(cpu, i->b.reg, n, a);                         \
        NEXT;                                                 \
    }
MOV_SIZE(1)
MOV_SIZE(2)
MOV_SIZE(4)

#define MOV_ROW(n)                                                                     \
    {                                                                                  \
        fast_MOV_rr##n, fast_MOV_ri##n, fast_MOV_rm##n, fast_MOV_mr##n, fast_MOV_mi##n \
    }
static insn_fn const mov_table[3][FORM_COUNT] = {MOV_ROW(1), MOV_ROW(2), MOV_ROW(4)};

/* The most frequent address forms of 32-bit loads and stores: base + displacement. */
HANDLER(fast_MOV_rm4_base)
{
    const void *p = plain_read(cpu, i->seg, cpu->reg[i->base] + i->disp, 4);

    if (UNLIKELY(!p)) {
        return interp_general(cpu, i);
    }
    cpu->reg[i->a.reg] = load_le32(p);
    NEXT;
}

HANDLER(fast_MOV_mr4_base)
{
    void *p = plain_write(cpu, i->seg, cpu->reg[i->base] + i->disp, 4);

    if (UNLIKELY(!p)) {
        return interp_general(cpu, i);
    }
    store_le32(p, cpu->reg[i->b.reg]);
    NEXT;
}

#define EXTEND(name, type, n)                                           \
    HANDLER(fast_##name##_rr##n)                                        \
    {                                                                   \
        cpu->reg[i->a.reg] = (uint32_t)(type)reg_get(cpu, i->b.reg, n); \
        NEXT;                                                           \
    }                                                                   \
    HANDLER(fast_##name##_rm##n)                                        \
    {                                                                   \
        READ_MEM(p, n);                                                 \
        cpu->reg[i->a.reg] = (uint32_t)(type)host_load(p, n);           \
        NEXT;                                                           \
    }
EXTEND(MOVZX, uint8_t, 1)
EXTEND(MOVZX, uint16_t, 2)
EXTEND(MOVSX, int8_t, 1)
EXTEND(MOVSX, int16_t, 2)

HANDLER(fast_LEA4)
{
    cpu->reg[i->a.reg] = insn_ea(cpu, i);
    NEXT;
}

HANDLER(fast_LEA4_base)
{
    cpu->reg[i->a.reg] = cpu->reg[i->base] + i->disp;
    NEXT;
}

HANDLER(fast_CWD4)
{
    cpu->reg[EDX] = (uint32_t)((int32_t)cpu->reg[EAX] >> 31);
    NEXT;
}

HANDLER(fast_CBW4)
{
    cpu->reg[EAX] = (uint32_t)(int32_t)(int16_t)cpu->reg[EAX];
    NEXT;
}

HANDLER(fast_NOP)
{
    (void)cpu; /* unused where the loop does the threading */
    NEXT;
}

HANDLER(fast_CMOV_rr4)
{
    if (flags_condition(cpu, i->opcode & 15)) {
        cpu->reg[i->a.reg] = cpu->reg[i->b.reg];
    }
    NEXT;
}

HANDLER(fast_CMOV_rm4)
{
    READ_MEM(p, 4);
    if (flags_condition(cpu, i->opcode & 15)) {
        cpu->reg[i->a.reg] = load_le32(p);
    }
    NEXT;
}

HANDLER(fast_SET_r)
{
    *reg8_ptr(cpu, i->a.reg) = (uint8_t)flags_condition(cpu, i->opcode & 15);
    NEXT;
}

/* ---- one-operand arithmetic, shifts, multiplication ---- */

static inline uint32_t inc(struct cpu *cpu, uint32_t a, unsigned n)
{
    unsigned cf = flags_cf(cpu);
    uint32_t r = a + 1;

    flags_add(cpu, a, 1, r, n);
    flags_set_cf(cpu, cf);
    return r;
}

static inline uint32_t dec(struct cpu *cpu, uint32_t a, unsigned n)
{
    unsigned cf = flags_cf(cpu);
    uint32_t r = a - 1;

    flags_sub(cpu, a, 1, r, n);
    flags_set_cf(cpu, cf);
    return r;
}

static inline uint32_t neg(struct cpu *cpu, uint32_t a, unsigned n)
{
    uint32_t r = 0 - a;

    flags_sub(cpu, 0, a, r, n);
    return r;
}

static inline uint32_t not(struct cpu * cpu, uint32_t a, unsigned n)
{
    (void)cpu;
    (void)n;
    return ~a;
}

#define UNARY(name, fn, n)                                                \
    HANDLER(fast_##name##_r##n)                                           \
    {                                                                     \
        reg_set(cpu, i->a.reg, n, fn(cpu, reg_get(cpu, i->a.reg, n), n)); \
        NEXT;                                                             \
    }                                                                     \
    HANDLER(fast_##name##_m##n)                                           \
    {                                                                     \
        WRITE_MEM(p, n);                                                  \
        host_store(p, fn(cpu, host_load(p, n), n), n);                    \
        NEXT;                                                             \
    }
#define UNARY_SIZES(name, fn) UNARY(name, fn, 1) UNARY(name, fn, 2) UNARY(name, fn, 4)
UNARY_SIZES(INC, inc)
UNARY_SIZES(DEC, dec)
UNARY_SIZES(NEG, neg)
UNARY_SIZES(NOT, not )

#define UNARY_ROW(name)                                                             \
    {                                                                               \
        {fast_##name##_r1, fast_##name##_m1}, {fast_##name##_r2, fast_##name##_m2}, \
            {fast_##name##_r4, fast_##name##_m4},                                   \
    }
static const struct {
    op_fn op;
    insn_fn fn[3][2];
} unary_table[] = {{op_INC, UNARY_ROW(INC)},
                   {op_DEC, UNARY_ROW(DEC)},
                   {op_NEG, UNARY_ROW(NEG)},
                   {op_NOT, UNARY_ROW(NOT)}};

/* n is 1-31. */
static inline uint32_t shl(struct cpu *cpu, uint32_t a, unsigned n)
{
    flags_shl(cpu, a, n, 4);
    return a << n;
}

static inline uint32_t shr(struct cpu *cpu, uint32_t a, unsigned n)
{
    flags_shr(cpu, a, n, 4);
    return a >> n;
}

static inline uint32_t sar(struct cpu *cpu, uint32_t a, unsigned n)
{
    flags_sar(cpu, a, n, 4);
    return (uint32_t)((int32_t)a >> n);
}

static inline uint32_t rol(struct cpu *cpu, uint32_t a, unsigned n)
{
    uint32_t r = rol32(a, n);

    flags_set_cf_of(cpu, r & 1, (r ^ r >> 31) & 1);
    return r;
}

static inline uint32_t ror(struct cpu *cpu, uint32_t a, unsigned n)
{
    uint32_t r = ror32(a, n);

    flags_set_cf_of(cpu, r >> 31, (r >> 31 ^ r >> 30) & 1);
    return r;
}

#define SHIFT(NAME, fn)                                                \
    HANDLER(fast_##NAME##_ri4)                                         \
    {                                                                  \
        cpu->reg[i->a.reg] = fn(cpu, cpu->reg[i->a.reg], i->imm & 31); \
        NEXT;                                                          \
    }                                                                  \
    HANDLER(fast_##NAME##_rc4)                                         \
    {                                                                  \
        unsigned n = cpu->reg[ECX] & 31;                               \
                                                                       \
        if (n) {                                                       \
            cpu->reg[i->a.reg] = fn(cpu, cpu->reg[i->a.reg], n);       \
        }                                                              \
        NEXT;                                                          \
    }
SHIFT(SHL, shl)
SHIFT(SHR, shr)
SHIFT(SAR, sar)
SHIFT(ROL, rol)
SHIFT(ROR, ror)

static const struct {
    op_fn op;
    insn_fn ri, rc;
} shift_table[] = {{op_SHL, fast_SHL_ri4, fast_SHL_rc4},
                   {op_SHR, fast_SHR_ri4, fast_SHR_rc4},
                   {op_SAR, fast_SAR_ri4, fast_SAR_rc4},
                   {op_ROL, fast_ROL_ri4, fast_ROL_rc4},
                   {op_ROR, fast_ROR_ri4, fast_ROR_rc4}};

static inline uint32_t imul(struct cpu *cpu, uint32_t a, uint32_t b)
{
    int64_t r = (int64_t)(int32_t)a * (int32_t)b;
    unsigned over = r != (int32_t)r;

    flags_set_cf_of(cpu, over, over);
    return (uint32_t)r;
}

HANDLER(fast_IMUL_rr4)
{
    cpu->reg[i->a.reg] = imul(cpu, cpu->reg[i->a.reg], cpu->reg[i->b.reg]);
    NEXT;
}

HANDLER(fast_IMUL_rm4)
{
    READ_MEM(p, 4);
    cpu->reg[i->a.reg] = imul(cpu, cpu->reg[i->a.reg], load_le32(p));
    NEXT;
}

HANDLER(fast_IMUL_rri4)
{
    cpu->reg[i->a.reg] = imul(cpu, cpu->reg[i->b.reg], i->imm);
    NEXT;
}

HANDLER(fast_IMUL_rmi4)
{
    READ_MEM(p, 4);
    cpu->reg[i->a.reg] = imul(cpu, load_le32(p), i->imm);
    NEXT;
}

/* ---- stack (32-bit stack, 32-bit operands) ---- */

#define PUSH_VALUE(v)                        \
    uint32_t sp = cpu->reg[ESP] - 4;         \
    void *top = plain_write(cpu, SS, sp, 4); \
    if (UNLIKELY(!top)) {                    \
        return interp_general(cpu, i);       \
    }                                        \
    store_le32(top, v);                      \
    cpu->reg[ESP] = sp

HANDLER(fast_PUSH_r4)
{
    PUSH_VALUE(cpu->reg[i->a.reg]);
    NEXT;
}

HANDLER(fast_PUSH_i4)
{
    PUSH_VALUE(i->imm);
    NEXT;
}

HANDLER(fast_PUSH_m4)
{
    READ_MEM(p, 4);
    PUSH_VALUE(load_le32(p));
    NEXT;
}

HANDLER(fast_POP_r4)
{
    const void *p = plain_read(cpu, SS, cpu->reg[ESP], 4);

    if (UNLIKELY(!p)) {
        return interp_general(cpu, i);
    }
    cpu->reg[ESP] += 4;
    cpu->reg[i->a.reg] = load_le32(p); /* last: POP ESP */
    NEXT;
}

/* 16-bit stack and operands. */
#define PUSH16_VALUE(v)                         \
    uint32_t sp = (cpu->reg[ESP] - 2) & 0xffff; \
    void *top = plain_write(cpu, SS, sp, 2);    \
    if (UNLIKELY(!top)) {                       \
        return interp_general(cpu, i);          \
    }                                           \
    store_le16(top, (uint16_t)(v));             \
    reg16_set(cpu, ESP, sp)

HANDLER(fast_PUSH16_r2)
{
    PUSH16_VALUE(cpu->reg[i->a.reg]);
    NEXT;
}

HANDLER(fast_PUSH16_s)
{
    PUSH16_VALUE(cpu->seg[i->a.reg].sel);
    NEXT;
}

HANDLER(fast_PUSH16_i2)
{
    PUSH16_VALUE(i->imm);
    NEXT;
}

HANDLER(fast_PUSH16_m2)
{
    READ_MEM(p, 2);
    PUSH16_VALUE(load_le16(p));
    NEXT;
}

HANDLER(fast_POP16_r2)
{
    uint32_t sp = cpu->reg[ESP] & 0xffff;
    const void *p = plain_read(cpu, SS, sp, 2);

    if (UNLIKELY(!p)) {
        return interp_general(cpu, i);
    }
    reg16_set(cpu, ESP, sp + 2);
    reg16_set(cpu, i->a.reg, load_le16(p)); /* last: POP SP */
    NEXT;
}

HANDLER(fast_LEAVE4)
{
    uint32_t bp = cpu->reg[EBP];
    const void *p = plain_read(cpu, SS, bp, 4);

    if (UNLIKELY(!p)) {
        return interp_general(cpu, i);
    }
    cpu->reg[EBP] = load_le32(p);
    cpu->reg[ESP] = bp + 4;
    NEXT;
}

/* ---- branches (flat CS and 32-bit operand size, unless the name says 16) ---- */

static inline uint32_t next_eip(const struct cpu *cpu, const struct insn *i)
{
    return cpu->block_eip + i->off + i->len;
}

/* Through the chain if it was made before: it stays within the page, so its mapping cannot have
 * changed. */
static inline const struct insn *go(struct cpu *cpu, unsigned taken, uint32_t eip)
{
    struct block *b = cpu->block->chain[taken];

    if (LIKELY(b != NULL) && LIKELY(b->valid) && LIKELY(cpu->budget >= b->count) &&
        LIKELY(cpu->block->valid)) {
        cpu->budget -= b->count;
        cpu->block = b;
        cpu->block_eip = eip;
        THREAD_NEXT(cpu, &b->insn[0]);
    }
    return interp_chain(cpu, taken, eip);
}

/*
 * The same for 16-bit code, where IP wraps and CS has a limit. The chain holds for any CS base: it
 * is relative and stays within the page, as long as IP does not wrap.
 */
static inline const struct insn *go16(struct cpu *cpu, unsigned taken, uint32_t eip)
{
    struct block *b = cpu->block->chain[taken];

    if (LIKELY(b != NULL) && LIKELY(b->valid) && LIKELY(cpu->budget >= b->count) &&
        LIKELY(cpu->block->valid) &&
        LIKELY((uint64_t)eip + b->bytes <= (uint64_t)cpu->seg[CS].limit + 1)) {
        cpu->budget -= b->count;
        cpu->block = b;
        cpu->block_eip = eip;
        THREAD_NEXT(cpu, &b->insn[0]);
    }
    return interp_chain(cpu, taken, eip);
}

#define TARGET16(to, i)                                     \
    uint32_t to = next_eip(cpu, i) + (i)->imm;              \
    if (UNLIKELY(to > 0xffff || to > cpu->seg[CS].limit)) { \
        return interp_general(cpu, i);                      \
    }

HANDLER(fast_JMP16)
{
    TARGET16(to, i);
    return go16(cpu, 1, to);
}

HANDLER(fast_JMP)
{
    return go(cpu, 1, next_eip(cpu, i) + i->imm);
}

#define JCC(NAME, cond)                                   \
    HANDLER(fast_J##NAME)                                 \
    {                                                     \
        if (cond) {                                       \
            return go(cpu, 1, next_eip(cpu, i) + i->imm); \
        }                                                 \
        return go(cpu, 0, next_eip(cpu, i));              \
    }                                                     \
    HANDLER(fast_J##NAME##16)                             \
    {                                                     \
        if (cond) {                                       \
            TARGET16(to, i);                              \
            return go16(cpu, 1, to);                      \
        }                                                 \
        return go16(cpu, 0, next_eip(cpu, i));            \
    }
JCC(O, flags_of(cpu))
JCC(NO, !flags_of(cpu))
JCC(B, flags_cf(cpu))
JCC(AE, !flags_cf(cpu))
JCC(Z, flags_zf(cpu))
JCC(NZ, !flags_zf(cpu))
JCC(BE, flags_cf(cpu) | flags_zf(cpu))
JCC(A, !(flags_cf(cpu) | flags_zf(cpu)))
JCC(S, flags_sf(cpu))
JCC(NS, !flags_sf(cpu))
JCC(P, flags_pf(cpu))
JCC(NP, !flags_pf(cpu))
JCC(L, flags_sf(cpu) ^ flags_of(cpu))
JCC(GE, !(flags_sf(cpu) ^ flags_of(cpu)))
JCC(LE, flags_zf(cpu) | (flags_sf(cpu) ^ flags_of(cpu)))
JCC(G, !(flags_zf(cpu) | (flags_sf(cpu) ^ flags_of(cpu))))

static insn_fn const jcc_table[16] = {fast_JO,  fast_JNO, fast_JB,  fast_JAE, fast_JZ, fast_JNZ,
                                      fast_JBE, fast_JA,  fast_JS,  fast_JNS, fast_JP, fast_JNP,
                                      fast_JL,  fast_JGE, fast_JLE, fast_JG};

static insn_fn const jcc16_table[16] = {
    fast_JO16, fast_JNO16, fast_JB16, fast_JAE16, fast_JZ16, fast_JNZ16, fast_JBE16, fast_JA16,
    fast_JS16, fast_JNS16, fast_JP16, fast_JNP16, fast_JL16, fast_JGE16, fast_JLE16, fast_JG16};

HANDLER(fast_LOOP16)
{
    uint16_t count = (uint16_t)(cpu->reg[ECX] - 1);

    if (count) {
        TARGET16(to, i);
        reg16_set(cpu, ECX, count);
        return go16(cpu, 1, to);
    }
    reg16_set(cpu, ECX, count);
    return go16(cpu, 0, next_eip(cpu, i));
}

HANDLER(fast_CALL16)
{
    TARGET16(to, i);
    PUSH16_VALUE(next_eip(cpu, i));
    return go16(cpu, 1, to);
}

HANDLER(fast_RET16)
{
    uint32_t sp = cpu->reg[ESP] & 0xffff;
    const void *p = plain_read(cpu, SS, sp, 2);

    if (UNLIKELY(!p)) {
        return interp_general(cpu, i);
    }
    uint32_t to = load_le16(p);

    if (UNLIKELY(to > cpu->seg[CS].limit)) {
        return interp_general(cpu, i);
    }
    reg16_set(cpu, ESP, sp + 2 + i->imm);
    return interp_leave(cpu, to);
}

HANDLER(fast_CALL)
{
    uint32_t back = next_eip(cpu, i);

    PUSH_VALUE(back);
    return go(cpu, 1, back + i->imm);
}

HANDLER(fast_CALL_r)
{
    uint32_t to = cpu->reg[i->a.reg];

    PUSH_VALUE(next_eip(cpu, i));
    return interp_leave(cpu, to);
}

HANDLER(fast_CALL_m)
{
    READ_MEM(p, 4);
    uint32_t to = load_le32(p);

    PUSH_VALUE(next_eip(cpu, i));
    return interp_leave(cpu, to);
}

HANDLER(fast_JMP_r)
{
    return interp_leave(cpu, cpu->reg[i->a.reg]);
}

HANDLER(fast_JMP_m)
{
    READ_MEM(p, 4);
    return interp_leave(cpu, load_le32(p));
}

HANDLER(fast_RET)
{
    const void *p = plain_read(cpu, SS, cpu->reg[ESP], 4);

    if (UNLIKELY(!p)) {
        return interp_general(cpu, i);
    }
    cpu->reg[ESP] += 4 + i->imm;
    return interp_leave(cpu, load_le32(p));
}

/* ---- a compare and the branch behind it ---- */

#define FUSED_BRANCH(cond)                                  \
    if (cond) {                                             \
        return go(cpu, 1, next_eip(cpu, i + 1) + i[1].imm); \
    }                                                       \
    return go(cpu, 0, next_eip(cpu, i + 1))

#define FUSE_CMP(NAME, type, rel)                                \
    HANDLER(fused_CMP_rr4_##NAME)                                \
    {                                                            \
        uint32_t a = cpu->reg[i->a.reg], b = cpu->reg[i->b.reg]; \
                                                                 \
        flags_sub(cpu, a, b, a - b, 4);                          \
        FUSED_BRANCH((type)a rel(type) b);                       \
    }                                                            \
    HANDLER(fused_CMP_ri4_##NAME)                                \
    {                                                            \
        uint32_t a = cpu->reg[i->a.reg], b = i->imm;             \
                                                                 \
        flags_sub(cpu, a, b, a - b, 4);                          \
        FUSED_BRANCH((type)a rel(type) b);                       \
    }                                                            \
    HANDLER(fused_CMP_rm4_##NAME)                                \
    {                                                            \
        READ_MEM(p, 4);                                          \
        uint32_t a = cpu->reg[i->a.reg], b = load_le32(p);       \
                                                                 \
        flags_sub(cpu, a, b, a - b, 4);                          \
        FUSED_BRANCH((type)a rel(type) b);                       \
    }                                                            \
    HANDLER(fused_CMP_ri1_##NAME)                                \
    {                                                            \
        uint32_t a = *reg8_ptr(cpu, i->a.reg), b = i->imm;       \
                                                                 \
        flags_sub(cpu, a, b, a - b, 1);                          \
        FUSED_BRANCH((type)(a << 24) rel(type)(b << 24));        \
    }                                                            \
    HANDLER(fused_CMP_mi1_##NAME)                                \
    {                                                            \
        READ_MEM(p, 1);                                          \
        uint32_t a = load_le8(p), b = i->imm;                    \
                                                                 \
        flags_sub(cpu, a, b, a - b, 1);                          \
        FUSED_BRANCH((type)(a << 24) rel(type)(b << 24));        \
    }
FUSE_CMP(B, uint32_t, <)
FUSE_CMP(AE, uint32_t, >=)
FUSE_CMP(Z, uint32_t, ==)
FUSE_CMP(NZ, uint32_t, !=)
FUSE_CMP(BE, uint32_t, <=)
FUSE_CMP(A, uint32_t, >)
FUSE_CMP(L, int32_t, <)
FUSE_CMP(GE, int32_t, >=)
FUSE_CMP(LE, int32_t, <=)
FUSE_CMP(G, int32_t, >)

#define FUSED_ROW(form)                                                                          \
    {                                                                                            \
        [2] = fused_CMP_##form##_B, [3] = fused_CMP_##form##_AE, [4] = fused_CMP_##form##_Z,     \
        [5] = fused_CMP_##form##_NZ, [6] = fused_CMP_##form##_BE, [7] = fused_CMP_##form##_A,    \
        [12] = fused_CMP_##form##_L, [13] = fused_CMP_##form##_GE, [14] = fused_CMP_##form##_LE, \
        [15] = fused_CMP_##form##_G,                                                             \
    }

#define FUSE_TEST(NAME, cond)                                                            \
    HANDLER(fused_TEST_rr4_##NAME)                                                       \
    {                                                                                    \
        uint32_t r = cpu->reg[i->a.reg] & cpu->reg[i->b.reg];                            \
                                                                                         \
        flags_logic(cpu, r, 4);                                                          \
        FUSED_BRANCH(cond);                                                              \
    }                                                                                    \
    HANDLER(fused_TEST_rr1_##NAME)                                                       \
    {                                                                                    \
        uint32_t r = flags_sext(*reg8_ptr(cpu, i->a.reg) & *reg8_ptr(cpu, i->b.reg), 1); \
                                                                                         \
        flags_logic(cpu, r, 1);                                                          \
        FUSED_BRANCH(cond);                                                              \
    }                                                                                    \
    HANDLER(fused_DEC_r4_##NAME)                                                         \
    {                                                                                    \
        uint32_t r = dec(cpu, cpu->reg[i->a.reg], 4);                                    \
                                                                                         \
        cpu->reg[i->a.reg] = r;                                                          \
        FUSED_BRANCH(cond);                                                              \
    }
FUSE_TEST(Z, r == 0)
FUSE_TEST(NZ, r != 0)
FUSE_TEST(S, (int32_t)r < 0)
FUSE_TEST(NS, (int32_t)r >= 0)

#define FUSED_TEST_ROW(form)                                                     \
    {                                                                            \
        [4] = fused_##form##_Z, [5] = fused_##form##_NZ, [8] = fused_##form##_S, \
        [9] = fused_##form##_NS,                                                 \
    }

static const struct {
    insn_fn alone;
    insn_fn fused[16];
} fuse_table[] = {
    {fast_CMP_rr4, FUSED_ROW(rr4)},
    {fast_CMP_ri4, FUSED_ROW(ri4)},
    {fast_CMP_rm4, FUSED_ROW(rm4)},
    {fast_CMP_ri1, FUSED_ROW(ri1)},
    {fast_CMP_mi1, FUSED_ROW(mi1)},
    {fast_TEST_rr4, FUSED_TEST_ROW(TEST_rr4)},
    {fast_TEST_rr1, FUSED_TEST_ROW(TEST_rr1)},
    {fast_DEC_r4, FUSED_TEST_ROW(DEC_r4)},
};

void fast_fuse(struct insn *i)
{
    unsigned cc = i[1].opcode & 15;

    if (i[1].fn != jcc_table[cc]) {
        return;
    }
    for (size_t k = 0; k < ARRAY_LEN(fuse_table); k++) {
        if (fuse_table[k].alone == i->fn && fuse_table[k].fused[cc]) {
            i->fn = fuse_table[k].fused[cc];
            return;
        }
    }
}

/* ---- selection ---- */

static int operand_form(const struct insn *i)
{
    bool am = i->a.kind == OPD_MEM, ar = i->a.kind == OPD_REG;

    if (ar && i->b.kind == OPD_REG) {
        return FORM_RR;
    }
    if (ar && i->b.kind == OPD_IMM) {
        return FORM_RI;
    }
    if (ar && i->b.kind == OPD_MEM) {
        return FORM_RM;
    }
    if (am && i->b.kind == OPD_REG) {
        return FORM_MR;
    }
    return am && i->b.kind == OPD_IMM ? FORM_MI : -1;
}

static insn_fn select_alu(const struct insn *i, unsigned size_index)
{
    static const struct {
        op_fn op;
        enum alu alu;
    } ops[] = {{op_ADD, ALU_ADD}, {op_OR, ALU_OR},   {op_ADC, ALU_ADC},
               {op_SBB, ALU_SBB}, {op_AND, ALU_AND}, {op_SUB, ALU_SUB},
               {op_XOR, ALU_XOR}, {op_CMP, ALU_CMP}, {op_TEST, ALU_TEST}};
    int form = operand_form(i);

    for (size_t k = 0; k < ARRAY_LEN(ops) && form >= 0; k++) {
        if (ops[k].op == i->op) {
            return alu_table[size_index][ops[k].alu][form];
        }
    }
    for (size_t k = 0; k < ARRAY_LEN(unary_table); k++) {
        if (unary_table[k].op == i->op) {
            return unary_table[k].fn[size_index][i->a.kind == OPD_MEM];
        }
    }
    return NULL;
}

static bool base_only(const struct insn *i)
{
    return i->index == REG_ZERO && i->addrsize == 4;
}

static insn_fn select_move(const struct insn *i, unsigned size_index)
{
    int form = operand_form(i);
    bool mem = i->b.kind == OPD_MEM;

    if (i->op == op_MOV && form >= 0) {
        if (i->a.size == 4 && base_only(i) && (form == FORM_RM || form == FORM_MR)) {
            return form == FORM_RM ? fast_MOV_rm4_base : fast_MOV_mr4_base;
        }
        return mov_table[size_index][form];
    }
    if (i->op == op_XCHG && form == FORM_RR) {
        static insn_fn const xchg[3] = {fast_XCHG_rr1, fast_XCHG_rr2, fast_XCHG_rr4};

        return i->a.reg == i->b.reg ? fast_NOP : xchg[size_index];
    }
    if (i->op == op_MOVZX && i->a.size == 4) {
        return i->b.size == 1 ? (mem ? fast_MOVZX_rm1 : fast_MOVZX_rr1)
                              : (mem ? fast_MOVZX_rm2 : fast_MOVZX_rr2);
    }
    if (i->op == op_MOVSX && i->a.size == 4) {
        return i->b.size == 1 ? (mem ? fast_MOVSX_rm1 : fast_MOVSX_rr1)
                              : (mem ? fast_MOVSX_rm2 : fast_MOVSX_rr2);
    }
    if (i->op == op_LEA && i->opsize == 4) {
        return base_only(i) ? fast_LEA4_base : fast_LEA4;
    }
    return NULL;
}

static insn_fn select_misc(const struct insn *i)
{
    bool mem = i->b.kind == OPD_MEM;
    uint32_t opcode = insn_info[i->row].opcode;

    if (i->op == op_NOP && i->a.kind != OPD_MEM) {
        return fast_NOP;
    }
    if (opcode >= 0x0f90 && opcode <= 0x0f9f && i->a.kind == OPD_REG) {
        return fast_SET_r;
    }
    if (i->opsize != 4) {
        return NULL;
    }
    if (opcode >= 0x0f40 && opcode <= 0x0f4f) {
        return mem ? fast_CMOV_rm4 : fast_CMOV_rr4;
    }
    if (i->op == op_CWD) {
        return fast_CWD4;
    }
    if (i->op == op_CBW) {
        return fast_CBW4;
    }
    if (i->op == op_IMUL_2) {
        return mem ? fast_IMUL_rm4 : fast_IMUL_rr4;
    }
    if (i->op == op_IMUL_3) {
        return mem ? fast_IMUL_rmi4 : fast_IMUL_rri4;
    }
    if (i->a.kind == OPD_REG && i->a.size == 4) {
        for (size_t k = 0; k < ARRAY_LEN(shift_table); k++) {
            if (shift_table[k].op != i->op) {
                continue;
            }
            if (i->b.kind == OPD_REG) {
                return shift_table[k].rc;
            }
            return i->imm & 31 ? shift_table[k].ri : fast_NOP;
        }
    }
    return NULL;
}

static insn_fn select_stack(const struct insn *i)
{
    if (i->op == op_PUSH) {
        return i->a.kind == OPD_REG   ? fast_PUSH_r4
               : i->a.kind == OPD_IMM ? fast_PUSH_i4
                                      : fast_PUSH_m4;
    }
    if (i->op == op_POP && i->a.kind == OPD_REG) {
        return fast_POP_r4;
    }
    return i->op == op_LEAVE ? fast_LEAVE4 : NULL;
}

static insn_fn select_stack16(const struct insn *i)
{
    if (i->op == op_PUSH) {
        return i->a.kind == OPD_REG   ? fast_PUSH16_r2
               : i->a.kind == OPD_IMM ? fast_PUSH16_i2
                                      : fast_PUSH16_m2;
    }
    if (i->op == op_PUSH_seg) {
        return fast_PUSH16_s;
    }
    return i->op == op_POP && i->a.kind == OPD_REG ? fast_POP16_r2 : NULL;
}

static insn_fn select_branch16(const struct insn *i, uint32_t mode)
{
    uint32_t opcode = insn_info[i->row].opcode;

    if ((opcode >= 0x70 && opcode <= 0x7f) || (opcode >= 0x0f80 && opcode <= 0x0f8f)) {
        return jcc16_table[i->opcode & 15];
    }
    if (i->op == op_JMP) {
        return fast_JMP16;
    }
    if (i->op == op_LOOP && i->addrsize == 2) {
        return fast_LOOP16;
    }
    if (mode & MODE_STACK32) {
        return NULL;
    }
    return i->op == op_CALL ? fast_CALL16 : i->op == op_RET ? fast_RET16 : NULL;
}

static insn_fn select_branch(const struct insn *i, uint32_t mode)
{
    uint32_t opcode = insn_info[i->row].opcode;

    if ((opcode >= 0x70 && opcode <= 0x7f) || (opcode >= 0x0f80 && opcode <= 0x0f8f)) {
        return jcc_table[i->opcode & 15];
    }
    if (i->op == op_JMP) {
        return fast_JMP;
    }
    if (i->op == op_JMP_near) {
        return i->a.kind == OPD_MEM ? fast_JMP_m : fast_JMP_r;
    }
    if (!(mode & MODE_STACK32)) {
        return NULL;
    }
    if (i->op == op_CALL) {
        return fast_CALL;
    }
    if (i->op == op_CALL_near) {
        return i->a.kind == OPD_MEM ? fast_CALL_m : fast_CALL_r;
    }
    return i->op == op_RET ? fast_RET : NULL;
}

insn_fn fast_select(const struct insn *i, uint32_t mode)
{
    unsigned size_index = i->a.size == 1 ? 0 : i->a.size == 2 ? 1 : 2;
    insn_fn fn = NULL;

    if (i->prefix & PREFIX_LOCK) {
        return NULL;
    }
    if (i->a.size == 1 || i->a.size == 2 || i->a.size == 4) {
        fn = select_alu(i, size_index);
        fn = fn ? fn : select_move(i, size_index);
    }
    fn = fn ? fn : select_misc(i);
    if (!fn && i->opsize == 4 && (mode & MODE_STACK32)) {
        fn = select_stack(i);
    }
    if (!fn && i->opsize == 4 && (mode & MODE_FLAT)) {
        fn = select_branch(i, mode);
    }
    if (!fn && i->opsize == 2 && !(mode & MODE_STACK32)) {
        fn = select_stack16(i);
    }
    if (!fn && i->opsize == 2 && !(mode & MODE_CODE32)) {
        fn = select_branch16(i, mode);
    }
    return fn;
}
