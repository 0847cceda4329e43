/* SPDX-License-Identifier: MIT */
/*
 * What surrounds the arithmetic: #NM, #MF and FERR#, page faults of stores, instruction and data
 * pointers, the four environment formats, FXSAVE and FXRSTOR, a CPU without x87.
 */
#include "tests/unit/cpu/fpu_guest.h"
#include "tests/unit/check.h"

#define RUN_INSN(...) \
    guest_try((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

#define FLD1      0xd9, 0xe8
#define FLDZ      0xd9, 0xee
#define FDIVP     0xde, 0xf9
#define FNINIT    0xdb, 0xe3
#define FNCLEX    0xdb, 0xe2
#define WAIT      0x9b
#define FLDCW_MEM 0xd9, 0x2e
#define FNSTSW_AX 0xdf, 0xe0
#define FNSTENV   0xd9, 0x36
#define FLDENV    0xd9, 0x26
#define FSTP_M64  0xdd, 0x1e
#define FADD_M32  0xd8, 0x06
#define FXSAVE    0x0f, 0xae, 0x06
#define FXRSTOR   0x0f, 0xae, 0x0e

static bool ferr_level;
static unsigned ferr_edges;

static void ferr(void *opaque, bool level)
{
    (void)opaque;
    ferr_edges += level && !ferr_level;
    ferr_level = level;
}

static void start(void)
{
    guest->mmu.cr0 = CR0_PE | CR0_MP | CR0_NE;
    guest->bus.ferr = ferr;
    guest->features = ~(uint64_t)0;
    guest->eflags = EFLAGS_1;
    guest->block_eip = 0;
    RUN_INSN(FNINIT);
    ferr_level = false;
    ferr_edges = 0;
}

/* 1 / 0 with the exception unmasked. */
static void divide_by_zero(void)
{
    store_le16(guest_mem, 0x37b);
    CHECK_EQ(RUN_INSN(FLDCW_MEM), -1);
    CHECK_EQ(RUN_INSN(FLD1), -1);
    CHECK_EQ(RUN_INSN(FLDZ), -1);
    CHECK_EQ(RUN_INSN(FDIVP), -1);
}

static void em_and_ts_raise_nm(void)
{
    start();
    guest->mmu.cr0 |= CR0_TS;
    CHECK_EQ(RUN_INSN(FLD1), EXC_NM);
    CHECK_EQ(RUN_INSN(FNSTSW_AX), EXC_NM);
    CHECK_EQ(RUN_INSN(FXSAVE), EXC_NM);
    CHECK_EQ(RUN_INSN(WAIT), EXC_NM);
    guest->mmu.cr0 &= ~CR0_MP;
    CHECK_EQ(RUN_INSN(WAIT), -1);
    guest->mmu.cr0 = CR0_PE | CR0_MP | CR0_EM;
    CHECK_EQ(RUN_INSN(FLD1), EXC_NM);
    CHECK_EQ(RUN_INSN(WAIT), -1);
    CHECK_EQ(guest->fpu.empty, 0xff);
}

static void mf_waits_for_the_next_instruction(void)
{
    start();
    divide_by_zero();
    CHECK_EQ(guest->fpu.sw, 0x8084);
    CHECK_EQ(guest->fpu.empty, 0x3f); /* not popped */
    CHECK_EQ(RUN_INSN(FNSTSW_AX), -1);
    CHECK_EQ(guest->reg[EAX] & 0xffff, 0xb084);
    CHECK_EQ(RUN_INSN(FLD1), EXC_MF);
    CHECK_EQ(RUN_INSN(WAIT), EXC_MF);
    CHECK_EQ(RUN_INSN(FNCLEX), -1);
    CHECK_EQ(RUN_INSN(WAIT), -1);
    CHECK_EQ(ferr_edges, 0);
}

static void ferr_follows_the_summary(void)
{
    start();
    guest->mmu.cr0 &= ~CR0_NE;
    divide_by_zero();
    CHECK(ferr_level);
    CHECK_EQ(RUN_INSN(WAIT), -1);
    CHECK_EQ(RUN_INSN(FNCLEX), -1);
    CHECK(!ferr_level);
    CHECK_EQ(ferr_edges, 1);
    CHECK_EQ(RUN_INSN(FDIVP), -1);
    CHECK(ferr_level);
    CHECK_EQ(RUN_INSN(FNINIT), -1);
    CHECK(!ferr_level);
}

static void unmasking_raises_what_is_there(void)
{
    start();
    CHECK_EQ(RUN_INSN(FLD1), -1);
    CHECK_EQ(RUN_INSN(FLDZ), -1);
    CHECK_EQ(RUN_INSN(FDIVP), -1);
    CHECK_EQ(guest->fpu.sw, 0x0004);
    store_le16(guest_mem, 0x37b);
    CHECK_EQ(RUN_INSN(FLDCW_MEM), -1);
    CHECK_EQ(guest->fpu.sw, 0x8084);
    CHECK_EQ(RUN_INSN(FLD1), EXC_MF);
}

static void pointers_follow_arithmetic_only(void)
{
    start();
    guest->seg[CS].sel = 0x1b;
    guest->seg[DS].sel = 0x23;
    guest->block_eip = 0x12340;
    CHECK_EQ(RUN_INSN(FLD1), -1);
    guest->block_eip = 0x12345;
    CHECK_EQ(RUN_INSN(FADD_M32), -1);
    guest->block_eip = 0x20000;
    CHECK_EQ(RUN_INSN(FNSTENV), -1);
    CHECK_EQ(load_le32(guest_mem + 12), 0x12345);
    CHECK_EQ(load_le32(guest_mem + 16), 0x0006001b);
    CHECK_EQ(load_le32(guest_mem + 20), MEM_ADDR);
    CHECK_EQ(load_le32(guest_mem + 24), 0xffff0023);
}

static void real_mode_environments_hold_linear_pointers(void)
{
    start();
    guest->mmu.cr0 &= ~CR0_PE;
    guest->seg[CS].sel = 0xf123;
    guest->seg[DS].sel = 0x2000;
    guest->block_eip = 0x4567;
    CHECK_EQ(RUN_INSN(FLD1), -1);
    CHECK_EQ(RUN_INSN(FADD_M32), -1);
    CHECK_EQ(RUN_INSN(FNSTENV), -1);
    CHECK_EQ(load_le32(guest_mem + 12), 0xffff5797);
    CHECK_EQ(load_le32(guest_mem + 16), 0x0000f006);
    CHECK_EQ(load_le32(guest_mem + 20), 0xffff1100);
    CHECK_EQ(load_le32(guest_mem + 24), 0x00002000);
    CHECK_EQ(RUN_INSN(0x66, FNSTENV), -1);
    CHECK_EQ(load_le16(guest_mem + 6), 0x5797);
    CHECK_EQ(load_le16(guest_mem + 8), 0xf006);
    CHECK_EQ(load_le16(guest_mem + 10), 0x1100);
    CHECK_EQ(load_le16(guest_mem + 12), 0x2000);
    CHECK_EQ(RUN_INSN(FNINIT), -1);
    CHECK_EQ(RUN_INSN(0x66, FLDENV), -1);
    CHECK_EQ(guest->fpu.fip, 0xf5797);
    CHECK_EQ(guest->fpu.fdp, 0x21100);
    CHECK_EQ(guest->fpu.fop, 0x006);
}

static void failed_store_does_not_pop(void)
{
    start();
    CHECK_EQ(RUN_INSN(FLD1), -1);
    guest->reg[ESI] = MEM_ADDR;
    guest->seg[DS].write_end = 0; /* the slow check raises #GP: the segment is not writable */
    CHECK_EQ(RUN_INSN(FSTP_M64), EXC_GP);
    CHECK_EQ(guest->fpu.empty, 0x7f);
    CHECK_EQ(guest->fpu.top, 7);
    guest->seg[DS].write_end = (uint64_t)1 << 32;
    CHECK_EQ(RUN_INSN(FSTP_M64), -1);
    CHECK_EQ(load_le64(guest_mem), 0x3ff0000000000000);
    CHECK_EQ(guest->fpu.empty, 0xff);
}

static void fxsave_and_back(void)
{
    static struct fpu before;
    static union xmm xmm[8];

    start();
    CHECK_EQ(RUN_INSN(FLD1), -1);
    CHECK_EQ(RUN_INSN(FLDZ), -1);
    guest->mxcsr = 0x1fa5;
    for (unsigned r = 0; r < 8; r++) {
        guest->xmm[r].u64[0] = 0x0123456789abcdefu * (r + 1);
        guest->xmm[r].u64[1] = 0xfedcba9876543210u * (r + 1);
    }
    before = guest->fpu;
    memcpy(xmm, guest->xmm, sizeof(xmm));
    memset(guest_mem, 0xa5, 512);
    CHECK_EQ(RUN_INSN(FXSAVE), -1);
    CHECK_EQ(load_le16(guest_mem + 2), 0x3000);
    CHECK_EQ(guest_mem[4], 0xc0);
    CHECK_EQ(load_le32(guest_mem + 28), 0xffff);
    CHECK_EQ(load_le64(guest_mem + 32 + 16), 0x8000000000000000); /* ST(1) */
    CHECK_EQ(guest_mem[288], 0xa5);
    RUN_INSN(FNINIT);
    memset(guest->xmm, 0, sizeof(guest->xmm));
    memset(guest->fpu.st, 0, sizeof(guest->fpu.st));
    guest->mxcsr = 0;
    CHECK_EQ(RUN_INSN(FXRSTOR), -1);
    CHECK_EQ(guest->mxcsr, 0x1fa5);
    CHECK(!memcmp(guest->xmm, xmm, sizeof(xmm)));
    CHECK_EQ(guest->fpu.empty, before.empty);
    CHECK_EQ(guest->fpu.top, before.top);
    CHECK_EQ(guest->fpu.fop, before.fop);
    CHECK_EQ(guest->fpu.st[7].sexp, before.st[7].sexp);
    CHECK_EQ(guest->fpu.st[7].mant, before.st[7].mant);
    store_le32(guest_mem + 24, 0x10000); /* a reserved bit of MXCSR */
    CHECK_EQ(RUN_INSN(FXRSTOR), EXC_GP);
    CHECK_EQ(guest->mxcsr, 0x1fa5);
    guest->reg[ESI] = MEM_ADDR + 8;
    CHECK_EQ(RUN_INSN(FXSAVE), EXC_GP);
    guest->reg[ESI] = MEM_ADDR;
}

static void nothing_happens_without_x87(void)
{
    start();
    guest->features &= ~((uint64_t)1 << FEAT_FPU);
    guest->reg[EAX] = 0x5a5a;
    CHECK_EQ(RUN_INSN(FNINIT), -1);
    CHECK_EQ(RUN_INSN(FNSTSW_AX), -1);
    CHECK_EQ(guest->reg[EAX], 0x5a5a);
    guest->mmu.cr0 |= CR0_EM;
    CHECK_EQ(RUN_INSN(FLD1), EXC_NM);
}

int main(void)
{
    guest_create();
    RUN(em_and_ts_raise_nm);
    RUN(mf_waits_for_the_next_instruction);
    RUN(ferr_follows_the_summary);
    RUN(unmasking_raises_what_is_there);
    RUN(pointers_follow_arithmetic_only);
    RUN(real_mode_environments_hold_linear_pointers);
    RUN(failed_store_does_not_pop);
    RUN(fxsave_and_back);
    RUN(nothing_happens_without_x87);
    return check_done();
}
