/* SPDX-License-Identifier: MIT */
/*
 * The x87's control instructions, its pending exceptions, and the images of its state:
 * environments, FSAVE, FXSAVE. SDM volume 1 chapter 8 and 10.5.
 */
#include "cpu/x87.h"

/* ---- state ---- */

static uint16_t fpu_status(const struct fpu *f)
{
    return (uint16_t)(f->sw | f->top << 11);
}

/* Followed by fpu_set_cw(), which works out ES and B. */
static void fpu_set_status(struct fpu *f, uint16_t sw)
{
    f->top = sw >> 11 & 7;
    f->sw = (sw & (uint16_t) ~(SW_TOP | SW_ES | SW_B)) | (f->sw & SW_ES);
}

/* FERR#: with CR0.NE clear the board makes an interrupt of it, as on the AT. */
static void fpu_update_ferr(struct cpu *cpu)
{
    if (cpu->bus.ferr) {
        cpu->bus.ferr(cpu->bus.opaque, (cpu->fpu.sw & SW_ES) && !(cpu->mmu.cr0 & CR0_NE));
    }
}

/* ES and B follow the exceptions that are not masked. */
void fpu_update_summary(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;
    bool pending = f->sw & ~f->cw & CW_EXC;

    if (pending == !!(f->sw & SW_ES)) {
        f->sw = (uint16_t)((f->sw & ~SW_B) | (pending ? SW_B : 0));
        return;
    }
    f->sw ^= SW_ES;
    f->sw = (uint16_t)((f->sw & ~SW_B) | (pending ? SW_B : 0));
    fpu_update_ferr(cpu);
}

static void fpu_init(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;

    f->cw = 0x37f;
    f->sw &= SW_ES;
    fpu_update_summary(cpu);
    f->top = 0;
    f->empty = 0xff;
    f->fop = 0;
    f->fip = f->fdp = 0;
    f->fcs = f->fds = 0;
}

static void fpu_set_cw(struct cpu *cpu, uint16_t cw)
{
    cpu->fpu.cw = (cw & CW_BITS) | 0x40;
    fpu_update_summary(cpu);
}

/* ---- exceptions ---- */

/*
 * An exception that is pending: #MF, or FERR# and the interrupt that the board makes of it. If that
 * one does not come (masked, or its handler used the FPU), a real CPU would wait for IGNNE#; this
 * one goes on.
 */
void fpu_pending(struct cpu *cpu)
{
    if (cpu->mmu.cr0 & CR0_NE) {
        cpu_raise_nc(cpu, EXC_MF);
    }
    fpu_update_ferr(cpu);
}

bool fpu_commit_slow(struct cpu *cpu, const struct fp_ctx *c)
{
    struct fpu *f = &cpu->fpu;
    unsigned flags = c->flags;
    unsigned before = flags & c->unmasked & (FP_IE | FP_DE | FP_ZE);

    if (before) {
        f->sw |= flags & (FP_IE | FP_DE | FP_ZE);
    } else {
        f->sw |= (uint16_t)(flags | (c->rounded_up ? SW_C1 : 0));
    }
    if (flags & c->unmasked) {
        fpu_update_summary(cpu);
    }
    return !before;
}

bool fpu_stack_fault(struct cpu *cpu, bool overflow)
{
    struct fpu *f = &cpu->fpu;

    f->sw = (uint16_t)((f->sw & ~SW_C1) | FP_IE | SW_SF | (overflow ? SW_C1 : 0));
    fpu_update_summary(cpu);
    return f->cw & FP_IE;
}

/* ---- control ---- */

void op_WAIT(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    if ((cpu->mmu.cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS)) {
        cpu_raise_nc(cpu, EXC_NM);
    }
    if (cpu->fpu.sw & SW_ES) {
        fpu_pending(cpu);
    }
}

/* No x87: the instruction goes to a coprocessor that is not there. */
void op_ESC(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    fpu_begin_nowait(cpu);
}

void op_FNINIT(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    fpu_begin_nowait(cpu);
    fpu_init(cpu);
}

void op_FNCLEX(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    fpu_begin_nowait(cpu);
    cpu->fpu.sw &= (uint16_t) ~(SW_EXC | SW_SF);
    fpu_update_summary(cpu);
}

/* 8087 and 287 only; the later ones ignore them. */
#define IGNORED(name)                                     \
    void op_##name(struct cpu *cpu, const struct insn *i) \
    {                                                     \
        (void)i;                                          \
        fpu_begin_nowait(cpu);                            \
    }

IGNORED(FNENI)
IGNORED(FNDISI)
IGNORED(FNSETPM)

void op_FLDCW(struct cpu *cpu, const struct insn *i)
{
    fpu_begin(cpu);
    fpu_set_cw(cpu, mem_load16(cpu, i->seg, insn_ea(cpu, i)));
}

void op_FNSTCW(struct cpu *cpu, const struct insn *i)
{
    fpu_begin_nowait(cpu);
    mem_store16(cpu, i->seg, insn_ea(cpu, i), cpu->fpu.cw);
}

void op_FNSTSW(struct cpu *cpu, const struct insn *i)
{
    uint16_t sw = fpu_status(&cpu->fpu);

    fpu_begin_nowait(cpu);
    if (i->a.kind == OPD_MEM) {
        mem_store16(cpu, i->seg, insn_ea(cpu, i), sw);
    } else {
        reg16_set(cpu, EAX, sw);
    }
}

/* The full tag word is worked out from the registers: 0 valid, 1 zero, 2 special, 3 empty. */
static uint16_t fpu_tag_word(const struct fpu *f)
{
    unsigned tw = 0;

    for (unsigned r = 0; r < 8; r++) {
        struct f80 a = f->st[r];
        unsigned tag = f->empty >> r & 1 ? 3 : f80_is_zero(a) ? 1 : f80_is_normal(a) ? 0 : 2;

        tw |= tag << (2 * r);
    }
    return (uint16_t)tw;
}

static void fpu_set_tag_word(struct fpu *f, uint16_t tw)
{
    f->empty = 0;
    for (unsigned r = 0; r < 8; r++) {
        f->empty |= (uint8_t)((tw >> (2 * r) & 3) == 3 ? 1 << r : 0);
    }
}

static unsigned env_size(const struct insn *i)
{
    return i->opsize == 4 ? 28 : 14;
}

static void env_save(const struct cpu *cpu, const struct insn *i, uint8_t *p)
{
    const struct fpu *f = &cpu->fpu;
    uint32_t word[7] = {f->cw, fpu_status(f), fpu_tag_word(f)};

    if (cpu_protected(cpu)) {
        word[3] = f->fip;
        word[4] = f->fcs;
        word[5] = f->fdp;
        word[6] = f->fds;
        if (i->opsize == 4) {
            word[4] |= (uint32_t)f->fop << 16;
            word[6] |= 0xffff0000u;
        }
    } else {
        uint32_t ip = ((uint32_t)f->fcs << 4) + f->fip, dp = ((uint32_t)f->fds << 4) + f->fdp;

        word[3] = ip;
        word[5] = dp;
        if (i->opsize == 4) {
            word[3] |= 0xffff0000u;
            word[4] = (ip >> 16) << 12 | f->fop;
            word[5] |= 0xffff0000u;
            word[6] = (dp >> 16) << 12;
        } else {
            word[4] = (ip >> 4 & 0xf000) | f->fop;
            word[6] = dp >> 4 & 0xf000;
        }
    }
    for (unsigned k = 0; k < 7; k++) {
        if (i->opsize == 4) {
            store_le32(p + 4 * k, k < 3 ? word[k] | 0xffff0000u : word[k]);
        } else {
            store_le16(p + 2 * k, (uint16_t)word[k]);
        }
    }
}

static void env_load(struct cpu *cpu, const struct insn *i, const uint8_t *p)
{
    struct fpu *f = &cpu->fpu;
    uint32_t word[7];

    for (unsigned k = 0; k < 7; k++) {
        word[k] = i->opsize == 4 ? load_le32(p + 4 * k) : load_le16(p + 2 * k);
    }
    fpu_set_status(f, (uint16_t)word[1]);
    fpu_set_tag_word(f, (uint16_t)word[2]);
    if (cpu_protected(cpu)) {
        f->fip = word[3];
        f->fcs = (uint16_t)word[4];
        f->fdp = word[5];
        f->fds = (uint16_t)word[6];
        f->fop = i->opsize == 4 ? word[4] >> 16 & 0x7ff : 0;
    } else {
        f->fcs = f->fds = 0;
        f->fop = word[4] & 0x7ff;
        f->fip = (word[3] & 0xffff) | (word[4] >> 12) << 16;
        f->fdp = (word[5] & 0xffff) | (word[6] >> 12) << 16;
    }
    fpu_set_cw(cpu, (uint16_t)word[0]);
}

void op_FNSTENV(struct cpu *cpu, const struct insn *i)
{
    uint8_t buf[28];

    fpu_begin_nowait(cpu);
    env_save(cpu, i, buf);
    mem_store_bytes(cpu, i->seg, insn_ea(cpu, i), buf, env_size(i));
    cpu->fpu.cw |= CW_EXC;
    fpu_update_summary(cpu);
}

void op_FLDENV(struct cpu *cpu, const struct insn *i)
{
    uint8_t buf[28];

    fpu_begin(cpu);
    mem_load_bytes(cpu, i->seg, insn_ea(cpu, i), buf, env_size(i));
    env_load(cpu, i, buf);
}

void op_FNSAVE(struct cpu *cpu, const struct insn *i)
{
    unsigned n = env_size(i);
    uint8_t buf[28 + 80];

    fpu_begin_nowait(cpu);
    env_save(cpu, i, buf);
    for (unsigned r = 0; r < 8; r++) {
        f80_store(buf + n + 10 * r, *st(&cpu->fpu, r));
    }
    mem_store_bytes(cpu, i->seg, insn_ea(cpu, i), buf, n + 80);
    fpu_init(cpu);
}

void op_FRSTOR(struct cpu *cpu, const struct insn *i)
{
    unsigned n = env_size(i);
    uint8_t buf[28 + 80];

    fpu_begin(cpu);
    mem_load_bytes(cpu, i->seg, insn_ea(cpu, i), buf, n + 80);
    env_load(cpu, i, buf);
    for (unsigned r = 0; r < 8; r++) {
        *st(&cpu->fpu, r) = f80_load(buf + n + 10 * r);
    }
}

/* ---- FXSAVE, FXRSTOR ---- */

#define FX_SIZE   512
#define FX_HEADER 32
#define FX_XMM    160

static uint32_t mxcsr_mask(const struct cpu *cpu)
{
    return cpu_has(cpu, FEAT_SSE2) ? 0xffff : cpu_has(cpu, FEAT_SSE) ? 0xffbf : 0;
}

static uint32_t fx_begin(struct cpu *cpu, const struct insn *i)
{
    uint32_t ea = insn_ea(cpu, i);

    fpu_begin_nowait(cpu);
    if ((cpu->seg[i->seg].base + ea) & 15) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    return ea;
}

void op_FXSAVE(struct cpu *cpu, const struct insn *i)
{
    uint32_t ea = fx_begin(cpu, i);
    const struct fpu *f = &cpu->fpu;
    bool sse = cpu_has(cpu, FEAT_SSE);
    uint8_t buf[FX_XMM + 128] = {0};

    store_le16(buf, f->cw);
    store_le16(buf + 2, fpu_status(f));
    buf[4] = (uint8_t)~f->empty;
    store_le16(buf + 6, f->fop);
    store_le32(buf + 8, f->fip);
    store_le16(buf + 12, f->fcs);
    store_le32(buf + 16, f->fdp);
    store_le16(buf + 20, f->fds);
    if (sse) {
        store_le32(buf + 24, cpu->mxcsr);
        store_le32(buf + 28, mxcsr_mask(cpu));
    }
    for (unsigned r = 0; r < 8; r++) {
        f80_store(buf + FX_HEADER + 16 * r, f->st[(f->top + r) & 7]);
        for (unsigned k = 0; k < 2; k++) {
            store_le64(buf + FX_XMM + 16 * r + 8 * k, cpu->xmm[r].u64[k]);
        }
    }
    mem_check_write(cpu, i->seg, ea, FX_SIZE);
    mem_store_bytes(cpu, i->seg, ea, buf, sse ? sizeof(buf) : FX_XMM);
}

void op_FXRSTOR(struct cpu *cpu, const struct insn *i)
{
    uint32_t ea = fx_begin(cpu, i);
    struct fpu *f = &cpu->fpu;
    uint8_t buf[FX_SIZE];

    mem_load_bytes(cpu, i->seg, ea, buf, FX_SIZE);
    if (cpu_has(cpu, FEAT_SSE)) {
        if (load_le32(buf + 24) & ~mxcsr_mask(cpu)) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        cpu->mxcsr = load_le32(buf + 24);
        for (unsigned r = 0; r < 8; r++) {
            for (unsigned k = 0; k < 2; k++) {
                cpu->xmm[r].u64[k] = load_le64(buf + FX_XMM + 16 * r + 8 * k);
            }
        }
    }
    fpu_set_status(f, load_le16(buf + 2));
    f->empty = (uint8_t)~buf[4];
    f->fop = load_le16(buf + 6) & 0x7ff;
    f->fip = load_le32(buf + 8);
    f->fcs = load_le16(buf + 12);
    f->fdp = load_le32(buf + 16);
    f->fds = load_le16(buf + 20);
    for (unsigned r = 0; r < 8; r++) {
        *st(f, r) = f80_load(buf + FX_HEADER + 16 * r);
    }
    fpu_set_cw(cpu, load_le16(buf));
}
