/* SPDX-License-Identifier: MIT */
/*
 * The shared pieces of x86-64 code: entry, exit, calls into C; and patching of jumps.
 */
#include <assert.h>
#include <cpuid.h>

#include "tcg/layout.h"
#include "tcg/x64/cold.h"

static struct x64_mem cpu_at(int32_t offset)
{
    return x64_at(REG_CPU, offset);
}

static const uint8_t callee_saved[6] = {RBX, RBP, R12, R13, R14, R15};

/* The guest's registers between the host's and struct cpu. */
static void spill(struct x64_asm *a)
{
    for (unsigned r = 0; r < 8; r++) {
        x64_store(a, 4, cpu_at(CPU_REG(r)), x64_guest[r]);
    }
    x64_store(a, 4, cpu_at(CPU_OFF(budget)), REG_BUDGET);
}

static void fill(struct x64_asm *a)
{
    for (unsigned r = 0; r < 8; r++) {
        x64_load(a, 4, x64_guest[r], cpu_at(CPU_REG(r)));
    }
    x64_load(a, 4, REG_BUDGET, cpu_at(CPU_OFF(budget)));
    x64_load(a, 8, REG_SHADOW, cpu_at(CPU_OFF(mmu.table)));
}

/* XMM0-7 and MXCSR. */
static void spill_sse(struct x64_asm *a)
{
    for (unsigned r = 0; r < 8; r++) {
        x64_rm(a, 0x0f11, 4, r, cpu_at(CPU_OFF(xmm) + 16 * (int32_t)r));
    }
    x64_xm(a, 0x0fae, 4, 3, cpu_at(CPU_OFF(mxcsr)));          /* stmxcsr */
    x64_xm(a, 0x0fae, 4, 2, cpu_at(CPU_OFF(jit.host_mxcsr))); /* ldmxcsr */
    x64_store_imm(a, 1, cpu_at(CPU_OFF(jit.sse_live)), 0);
}

static void fill_sse(struct x64_asm *a)
{
    for (unsigned r = 0; r < 8; r++) {
        x64_rm(a, 0x0f10, 4, r, cpu_at(CPU_OFF(xmm) + 16 * (int32_t)r));
    }
    x64_xm(a, 0x0fae, 4, 2, cpu_at(CPU_OFF(mxcsr)));
    x64_store_imm(a, 1, cpu_at(CPU_OFF(jit.sse_live)), 1);
}

static void emit_enter(struct x64_asm *a)
{
    for (unsigned k = 0; k < 6; k++) {
        x64_push(a, callee_saved[k]);
    }
    x64_alu_ri(a, X64_SUB, 8, RSP, 8);
    x64_mov_rr(a, 8, REG_CPU, RDI);
    x64_mov_rr(a, 8, REG_SCRATCH, RSI);
    fill(a);
    x64_xr(a, 0xff, 4, 4, REG_SCRATCH); /* jmp */
}

static uint8_t *emit_leave(struct x64_asm *a)
{
    uint8_t *at = x64_here(a);

    x64_alu_ri(a, X64_ADD, 8, RSP, 8);
    for (unsigned k = 6; k-- > 0;) {
        x64_pop(a, callee_saved[k]);
    }
    x64_8(a, 0xc3);
    return at;
}

static void emit_exit_glue(struct x64_asm *a, const uint8_t *leave)
{
    spill(a);
    x64_store(a, 8, cpu_at(CPU_OFF(jit.slot)), REG_SCRATCH);
    x64_alu_mi(a, X64_CMP, 1, cpu_at(CPU_OFF(jit.sse_live)), 0);

    uint8_t *live = x64_jcc_forward(a, X64_NZ);

    x64_jmp(a, leave);
    x64_land(a, live);
    spill_sse(a);
    x64_jmp(a, leave);
}

/* rax = fn(cpu, r11), called `deep` bytes below where rsp is aligned; rbx: the XMM state was live.
 */
static void emit_c_call(struct x64_asm *a, const void *fn, unsigned deep)
{
    spill(a);
    x64_rm(a, 0x0fb6, 4, RBX, cpu_at(CPU_OFF(jit.sse_live)));
    x64_rr(a, 0x85, 4, RBX, RBX);

    uint8_t *not_live = x64_jcc_forward(a, X64_Z);

    spill_sse(a);
    x64_land(a, not_live);
    if (deep) {
        x64_alu_ri(a, X64_SUB, 8, RSP, deep);
    }
    x64_mov_rr(a, 8, RDI, REG_CPU);
    x64_mov_rr(a, 8, RSI, REG_SCRATCH);
    x64_mov_imm64(a, RAX, (uintptr_t)fn);
    x64_xr(a, 0xff, 4, 2, RAX); /* call */
    if (deep) {
        x64_alu_ri(a, X64_ADD, 8, RSP, deep);
    }
}

static void emit_refill(struct x64_asm *a, bool enter_sse)
{
    uint8_t *dead = NULL;

    if (!enter_sse) {
        x64_rr(a, 0x85, 4, RBX, RBX);
        dead = x64_jcc_forward(a, X64_Z);
    }
    fill_sse(a);
    if (dead) {
        x64_land(a, dead);
    }
    fill(a);
}

static void emit_unlinked_leave(struct x64_asm *a, const uint8_t *leave)
{
    x64_store_imm(a, 8, cpu_at(CPU_OFF(jit.slot)), 0);
    x64_jmp(a, leave);
}

/* Calls fn(cpu, r11); if it says false, leaves. enter_sse: the XMM state is live afterwards. */
static void emit_call_glue(struct x64_asm *a, const void *fn, const uint8_t *leave, bool enter_sse)
{
    emit_c_call(a, fn, 8);
    x64_rr(a, 0x84, 1, RAX, RAX);

    uint8_t *goes_on = x64_jcc_forward(a, X64_NZ);

    x64_alu_ri(a, X64_ADD, 8, RSP, 8); /* the return address */
    emit_unlinked_leave(a, leave);
    x64_land(a, goes_on);
    emit_refill(a, enter_sse);
    x64_8(a, 0xc3);
}

/* Goes on where fn(cpu, r11) says, or leaves. */
static void emit_end_glue(struct x64_asm *a, const void *fn, const uint8_t *leave)
{
    emit_c_call(a, fn, 0);
    x64_rr(a, 0x85, 8, RAX, RAX);

    uint8_t *goes_on = x64_jcc_forward(a, X64_NZ);

    emit_unlinked_leave(a, leave);
    x64_land(a, goes_on);
    x64_mov_rr(a, 8, REG_SCRATCH, RAX);
    fill(a);                            /* XMM stays behind: CR0 or CR4 may forbid it now */
    x64_xr(a, 0xff, 4, 4, REG_SCRATCH); /* jmp */
}

static const uint8_t caller_saved[8] = {RAX, RCX, RDX, RSI, RDI, R8, R9, R10};

/* r11d = fn(cpu, r11d), every other general register kept. */
static void emit_quick_call(struct x64_asm *a, const void *fn)
{
    for (unsigned k = 0; k < 8; k++) {
        x64_push(a, caller_saved[k]);
    }
    x64_alu_ri(a, X64_SUB, 8, RSP, 8);
    x64_mov_rr(a, 8, RDI, REG_CPU);
    x64_mov_rr(a, 4, RSI, REG_SCRATCH);
    x64_mov_imm64(a, RAX, (uintptr_t)fn);
    x64_xr(a, 0xff, 4, 2, RAX);
    x64_alu_ri(a, X64_ADD, 8, RSP, 8);
    x64_mov_rr(a, 4, REG_SCRATCH, RAX);
    for (unsigned k = 8; k-- > 0;) {
        x64_pop(a, caller_saved[k]);
    }
}

static void emit_quick_glue(struct x64_asm *a, const void *fn)
{
    uint8_t *live;

    x64_alu_mi(a, X64_CMP, 1, cpu_at(CPU_OFF(jit.sse_live)), 0);
    live = x64_jcc_forward(a, X64_NZ);
    emit_quick_call(a, fn);
    x64_rr(a, 0x85, 4, REG_SCRATCH, REG_SCRATCH);
    x64_8(a, 0xc3);
    x64_land(a, live);
    spill_sse(a);
    emit_quick_call(a, fn);
    fill_sse(a);
    x64_rr(a, 0x85, 4, REG_SCRATCH, REG_SCRATCH);
    x64_8(a, 0xc3);
}

/* Calls a function that uses general registers only. flags: its result becomes the host's flags. */
static void emit_flags_glue(struct x64_asm *a, const void *fn, bool flags)
{
    emit_quick_call(a, fn);
    if (flags) {
        x64_push(a, REG_SCRATCH);
        x64_8(a, 0x9d); /* popfq */
    }
    x64_8(a, 0xc3);
}

static void emit_carry_done(struct x64_asm *a)
{
    x64_store_imm(a, 2, cpu_at(CPU_OFF(lazy.over)), LAZY(OVER_CF, 1));
    x64_8(a, 0xc3);
}

/* What mostly stands before an INC or DEC needs no call: a TEST or logic (no carry), a compare. */
static void emit_quick_carry(struct x64_asm *a)
{
    uint8_t *no_logic, *no_cmp;

    x64_load(a, 4, REG_SCRATCH, cpu_at(CPU_OFF(lazy.kind))); /* over is its upper half: none */
    x64_alu_ri(a, X64_CMP, 4, REG_SCRATCH, LAZY(LAZY_CMP, 4));
    no_cmp = x64_jcc_forward(a, X64_NZ);
    x64_load(a, 4, REG_SCRATCH, cpu_at(CPU_OFF(lazy.a)));
    x64_alu_rm(a, X64_CMP, 4, REG_SCRATCH, cpu_at(CPU_OFF(lazy.b)));
    x64_xm(a, 0x0f92, 1, 0, cpu_at(CPU_OFF(lazy.cf)));
    emit_carry_done(a);
    x64_land(a, no_cmp);
    x64_xr(a, 0xc1, 4, X64_SHR, REG_SCRATCH);
    x64_8(a, 2);
    x64_alu_ri(a, X64_SUB, 4, REG_SCRATCH, LAZY_LOGIC);
    x64_alu_ri(a, X64_CMP, 4, REG_SCRATCH, LAZY_TEST - LAZY_LOGIC);
    no_logic = x64_jcc_forward(a, X64_A);
    x64_store_imm(a, 1, cpu_at(CPU_OFF(lazy.cf)), 0);
    emit_carry_done(a);
    x64_land(a, no_logic);
}

_Static_assert(LAZY_TEST == LAZY_LOGIC + 1, "looked at as a range");

static void x64_init(struct codebuf *buf, const struct backend_calls *calls)
{
    struct x64_asm a = {codebuf_w(buf, buf->run), codebuf_w(buf, buf->run + buf->size), -buf->to_w};
    uint8_t *leave = emit_leave(&a);

    buf->glue[GLUE_ENTER] = x64_here(&a);
    emit_enter(&a);
    buf->glue[GLUE_EXIT] = x64_here(&a);
    emit_exit_glue(&a, leave);
    buf->glue[GLUE_CALL] = x64_here(&a);
    emit_call_glue(&a, (const void *)(uintptr_t)calls->call, leave, false);
    buf->glue[GLUE_CALL_NEXT] = x64_here(&a);
    emit_call_glue(&a, (const void *)(uintptr_t)calls->call_next, leave, false);
    buf->glue[GLUE_CALL_END] = x64_here(&a);
    emit_end_glue(&a, (const void *)(uintptr_t)calls->call_end, leave);
    buf->glue[GLUE_X87_ENTER] = x64_here(&a);
    emit_call_glue(&a, (const void *)(uintptr_t)calls->x87_enter, leave, false);
    buf->glue[GLUE_SSE_ENTER] = x64_here(&a);
    emit_call_glue(&a, (const void *)(uintptr_t)calls->sse_enter, leave, true);
    buf->glue[GLUE_LOAD_SEGMENT] = x64_here(&a);
    emit_quick_glue(&a, (const void *)(uintptr_t)calls->load_segment);
    buf->glue[GLUE_PUT_FLAGS] = x64_here(&a);
    emit_quick_glue(&a, (const void *)(uintptr_t)calls->put_flags);
    buf->glue[GLUE_FLAGS] = x64_here(&a);
    emit_flags_glue(&a, (const void *)(uintptr_t)calls->flags, true);
    buf->glue[GLUE_CARRY] = x64_here(&a);
    emit_quick_carry(&a);
    emit_flags_glue(&a, (const void *)(uintptr_t)calls->carry, false);
    buf->glue[GLUE_QUOTIENT] = x64_here(&a);
    emit_flags_glue(&a, (const void *)(uintptr_t)calls->quotient, false);
    buf->used = buf->shared_end = (size_t)(x64_here(&a) - buf->run + 63) & ~(size_t)63;
}

static void x64_enter(struct codebuf *buf, void *cpu, const uint8_t *code)
{
    void (*enter)(void *, const uint8_t *);
    uint8_t *glue = buf->glue[GLUE_ENTER];

    memcpy(&enter, &glue, sizeof(enter));
    enter(cpu, code);
}

/* RORX, which changes no flag, is what makes the lookup and the byte registers work. */
static bool x64_supported(void)
{
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_BMI2);
}

/* ---- patching ---- */

static void patch_rel32(struct codebuf *buf, uint8_t *at, const uint8_t *target)
{
    uint32_t d = (uint32_t)(target - (at + 4));

    memcpy(codebuf_w(buf, at), &d, 4);
}

static bool x64_link(struct codebuf *buf, const struct backend_exit *x, bool stored,
                     const uint8_t *entry, bool check, uintptr_t distance)
{
    uint8_t *patch = buf->run + x->patch, *at = stored ? patch + x->stored : patch;
    uint8_t *thunk = patch + x->thunk;

    if (!check) {
        patch_rel32(buf, at, entry);
        return true;
    }
    if (!x->thunk) {
        return false;
    }

    struct x64_asm a = {codebuf_w(buf, thunk), codebuf_w(buf, thunk + X64_THUNK), -buf->to_w};

    x64_mov_imm64(&a, REG_SCRATCH, distance);
    x64_alu_rm(&a, X64_CMP, 8, REG_SCRATCH,
               x64_at(REG_SHADOW, (int32_t)(x->eip >> PAGE_SHIFT) * 8));
    x64_jcc(&a, X64_NZ, patch + (x->predicted ? 4 : stored ? x->leave : x->cold));
    x64_jmp(&a, entry);
    assert(a.p <= a.end);
    patch_rel32(buf, at, thunk);
    return true;
}

static void x64_unlink(struct codebuf *buf, const struct backend_exit *x)
{
    uint8_t *patch = buf->run + x->patch;

    patch_rel32(buf, patch, patch + x->cold);
    if (x->stored) {
        patch_rel32(buf, patch + x->stored, patch + x->leave);
    }
}

/* Not there: goes on behind the jump, which looks into the jump table. */
static void x64_predict(struct codebuf *buf, const struct backend_exit *x)
{
    uint8_t *at = buf->run + x->patch;

    memcpy(codebuf_w(buf, at - X64_PREDICTED_EIP), &x->eip, 4);
    patch_rel32(buf, at - X64_PREDICTED_MISS, at + 4);
}

static void x64_kill(struct codebuf *buf, uint8_t *entry, const uint8_t *dead_entry)
{
    *codebuf_w(buf, entry) = 0xe9;
    patch_rel32(buf, entry + 1, dead_entry);
}

const struct backend backend_x64 = {
    .name = "x64",
    .supported = x64_supported,
    .init = x64_init,
    .enter = x64_enter,
    .emit = x64_emit,
    .link = x64_link,
    .unlink = x64_unlink,
    .predict = x64_predict,
    .kill = x64_kill,
};
