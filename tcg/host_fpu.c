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

#endif
