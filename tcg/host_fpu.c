/* SPDX-License-Identifier: MIT */
/*
 * Moves the x87 state by FXSAVE and FXRSTOR (SDM volume 1, 10.5). Instruction and data pointers are
 * kept by translated code itself (exec.c): the host's are those of host code.
 */
#include "tcg/host_fpu.h"

#include <string.h>

#include "base/endian.h"

#define SW_TOP(sw) ((sw) >> 11 & 7)

#if defined(__x86_64__)

struct fxsave {
    _Alignas(16) uint8_t byte[512];
};

void host_fpu_init(struct cpu *cpu)
{
    __asm__("stmxcsr %0" : "=m"(cpu->jit.host_mxcsr));
}

static bool allowed(const struct cpu *cpu)
{
    return !(cpu->mmu.cr0 & (CR0_EM | CR0_TS)) && (cpu->fpu.cw & 0x3f) == 0x3f &&
           !(cpu->fpu.sw & 0x80);
}

/* 16 bytes by one store. */
static inline void store_pair(uint8_t *p, uint64_t lo, uint64_t hi)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    pair v = {lo, hi};

    memcpy(p, &v, 16);
}

/*
 * Whole words are stored, as wide as FXRSTOR may read them: a narrower store is not forwarded to a
 * wider load. The image's XMM part is not set: nothing of the host's is in there now.
 */
bool host_fpu_enter(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;
    struct fxsave image;
    uint8_t *p = image.byte;

    if (cpu->jit.x87_live && !(cpu->mmu.cr0 & (CR0_EM | CR0_TS))) {
        return true;
    }
    host_fpu_leave(cpu);
    if (!allowed(cpu)) {
        return false;
    }
    store_pair(
        p, f->cw | (uint32_t)(f->sw | f->top << 11) << 16 | (uint64_t)(uint8_t)~f->empty << 32, 0);
    store_pair(p + 16, 0, cpu->jit.host_mxcsr);
    for (unsigned i = 0; i < 8; i++) {
        const struct f80 *st = &f->st[(f->top + i) & 7];

        store_pair(p + 32 + 16 * i, st->mant, st->sexp);
    }
    __asm__ volatile("fxrstor64 %0"
                     :
                     : "m"(image)
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                       "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory");
    cpu->jit.x87_live = 1;
    return true;
}

void host_fpu_leave(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;
    struct fxsave image;
    const uint8_t *p = image.byte;
    uint16_t sw;

    if (!cpu->jit.x87_live) {
        return;
    }
    __asm__ volatile("fxsave64 %0" : "=m"(image));
    f->cw = load_le16(p);
    sw = load_le16(p + 2);
    f->top = SW_TOP(sw);
    f->sw = (uint16_t)(sw & ~0x3800);
    f->empty = (uint8_t)~p[4];
    for (unsigned i = 0; i < 8; i++) {
        struct f80 *st = &f->st[(f->top + i) & 7];

        st->mant = load_le64(p + 32 + 16 * i);
        st->sexp = load_le16(p + 40 + 16 * i);
    }
    cpu->jit.x87_live = 0;
}

void host_fpu_reset(void)
{
    __asm__ volatile("fninit");
}

/* ---- transcendental functions ---- */

#define CW_PC 0x300
#define SW_SF 0x40
#define SW_C2 0x400

/* 80 bits as FLD and FSTP have them, in a place of 16 bytes. */
static struct f80 pop(void)
{
    struct f80 r = {0};
    uint8_t byte[10];

    __asm__ volatile("fstpt %0" : "=m"(byte) : : "memory");
    r.mant = load_le64(byte);
    r.sexp = load_le16(byte + 8);
    return r;
}

static void push(struct f80 a)
{
    uint8_t byte[10];

    store_le64(byte, a.mant);
    store_le16(byte + 8, a.sexp);
    __asm__ volatile("fldt %0" : : "m"(byte));
}

static uint16_t status_word(void)
{
    uint16_t sw;

    __asm__ volatile("fnstsw %0" : "=a"(sw));
    return sw;
}

/* There was nothing to pop: as it was before, by the long way. */
static void undo_pops(struct cpu *cpu, uint16_t sw, unsigned valid)
{
    host_fpu_leave(cpu);
    cpu->fpu.top = SW_TOP(sw);
    cpu->fpu.sw = (uint16_t)(sw & ~0x3800);
    if (valid) {
        cpu->fpu.empty &= (uint8_t) ~(1u << cpu->fpu.top);
    }
}

/* rest as a double, sticky in its last bit, so that the host's addition rounds as it should. */
static double rest_of(const struct f80_unrounded *r)
{
    double d = (double)(int64_t)(r->rest >> 12 | 1);
    int exp = F80_EXP(r->value) - F80_BIAS - 115;
    uint64_t bits;

    memcpy(&bits, &d, 8);
    bits += (uint64_t)(int64_t)exp << 52;
    bits |= (uint64_t)F80_SIGN(r->value) << 63;
    memcpy(&d, &bits, 8);
    return d;
}

/*
 * The result is a sum that the host adds: so it rounds, and sets C1 and PE, as the guest's control
 * word says.
 */
bool host_fpu_function(struct cpu *cpu, enum f80_function f)
{
    uint16_t cw, sw = status_word();
    struct f80_unrounded r;
    struct f80 a, b = {0};
    bool binary = f == F80_ATAN2 || f == F80_YL2X;
    double rest;

    __asm__ volatile("fnstcw %0" : "=m"(cw));
    if ((cw & CW_PC) != CW_PC || (sw & (SW_SF | SW_C2))) {
        return false;
    }
    a = pop();
    if (status_word() & SW_SF) {
        undo_pops(cpu, sw, 0);
        return false;
    }
    if (binary) {
        b = pop();
        if (status_word() & SW_SF) {
            undo_pops(cpu, sw, 1);
            return false;
        }
    }
    if (!f80_function(f, a, b, &r) || F80_EXP(r.value) < F80_BIAS - 800 ||
        F80_EXP(r.value) > F80_BIAS + 800) {
        if (binary) {
            push(b);
        }
        push(a);
        return false;
    }
    rest = rest_of(&r);
    push(r.value);
    __asm__ volatile("faddl %0" : : "m"(rest));
    return true;
}

#else

void host_fpu_init(struct cpu *cpu)
{
    (void)cpu;
}

bool host_fpu_enter(struct cpu *cpu)
{
    (void)cpu;
    return false;
}

void host_fpu_leave(struct cpu *cpu)
{
    (void)cpu;
}

void host_fpu_reset(void)
{
}

bool host_fpu_function(struct cpu *cpu, enum f80_function f)
{
    (void)cpu;
    (void)f;
    return false;
}

#endif
