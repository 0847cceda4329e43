/* SPDX-License-Identifier: MIT */
/*
 * The host's own CPU as the oracle, on x86-64 Linux: the code runs natively in 32- or 16-bit LDT
 * segments of this process, entered by the return from a signal handler that wrote the whole
 * register state into its frame, and left by the signal of whatever exception ends it.
 */
#define _GNU_SOURCE
#include "tests/insn/engine.h"

#if defined(__x86_64__) && defined(__linux__)

#include <asm/ldt.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/endian.h"

/* sigaction() hands its handlers no argument of ours: the run in progress. */
static struct {
    uint8_t *base; /* below 4 GiB: what the segments' base is */
    enum insn_mode mode;
    const struct insn_state *in;
    struct insn_state *out;
    bool ended;
    sigjmp_buf back;
    uint8_t stack[1 << 16]; /* of the handlers */
} run;

static const int ending_signals[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGALRM};
static const int greg_index[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX,
                                  REG_RSP, REG_RBP, REG_RSI, REG_RDI};

/* The frame's FXSAVE image; an XSAVE header behind it must say that the parts are in use. */
static void fill_fpu(uint8_t *fx)
{
    memset(fx, 0, 416);
    store_le16(fx, 0x37f);
    fx[4] = 0xff; /* all registers valid */
    store_le32(fx + 24, run.in->mxcsr);
    for (unsigned n = 0; n < 8; n++) {
        store_le64(fx + 32 + 16 * n, run.in->mm[n]);
        store_le16(fx + 40 + 16 * n, 0xffff);
        store_le64(fx + 160 + 16 * n, run.in->xmm[n].u64[0]);
        store_le64(fx + 168 + 16 * n, run.in->xmm[n].u64[1]);
    }
    if (load_le32(fx + 464) == 0x46505853) { /* FP_XSTATE_MAGIC1 */
        store_le64(fx + 512, load_le64(fx + 512) | 3);
    }
}

static void enter(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    greg_t *g = u->uc_mcontext.gregs;
    bool wide = run.mode == INSN_32;
    uint64_t code = wide ? SEL_CODE32 : SEL_CODE16, data = wide ? SEL_DATA32 : SEL_DATA16;

    (void)sig;
    (void)info;
    for (unsigned n = 0; n < 8; n++) {
        g[greg_index[n]] = run.in->reg[n];
    }
    g[REG_RIP] = CODE_OFF;
    g[REG_EFL] = run.in->eflags;
    g[REG_CSGSFS] = (greg_t)(code | ((uint64_t)g[REG_CSGSFS] & 0x0000ffffffff0000u) | data << 48);
    fill_fpu((uint8_t *)u->uc_mcontext.fpregs);
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"((uint32_t)data));
}

static void leave(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    const greg_t *g = u->uc_mcontext.gregs;
    const uint8_t *fx = (const uint8_t *)u->uc_mcontext.fpregs;
    struct insn_state *out = run.out;

    (void)info;
    for (unsigned n = 0; n < 8; n++) {
        out->reg[n] = (uint32_t)g[greg_index[n]];
    }
    out->eip = (uint32_t)g[REG_RIP];
    out->eflags = (uint32_t)g[REG_EFL];
    out->vector = (uint32_t)g[REG_TRAPNO];
    if (out->vector == EXC_PF || out->vector == EXC_GP) {
        out->error = (uint32_t)g[REG_ERR];
    }
    if (out->vector == EXC_PF) {
        out->cr2 = (uint32_t)g[REG_CR2] - (uint32_t)(uintptr_t)run.base;
    }
    out->mxcsr = load_le32(fx + 24);
    for (unsigned n = 0; n < 8; n++) {
        out->mm[(n + (fx[3] >> 3)) & 7] = load_le64(fx + 32 + 16 * n); /* the image is by ST(n) */
        out->xmm[n].u64[0] = load_le64(fx + 160 + 16 * n);
        out->xmm[n].u64[1] = load_le64(fx + 168 + 16 * n);
    }
    run.ended = sig != SIGALRM;
    siglongjmp(run.back, 1);
}

static bool add_segment(unsigned n, unsigned contents, bool wide)
{
    struct user_desc d = {
        .entry_number = n,
        .base_addr = (unsigned)(uintptr_t)run.base,
        .limit = 0xff,
        .limit_in_pages = 1,
        .seg_32bit = wide,
        .contents = contents,
    };

    return !syscall(SYS_modify_ldt, 0x11, &d, sizeof(d));
}

const char *host_open(void)
{
    stack_t stack = {.ss_sp = run.stack, .ss_size = sizeof(run.stack)};
    struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

    /* The segments' 1 MiB: code and scratch pages, and holes. */
    run.base = mmap((void *)0x20000000, 0x200000, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (run.base != (uint8_t *)0x20000000 ||
        mprotect(run.base + CODE_OFF, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC) ||
        mprotect(run.base + DATA_OFF, DATA_SIZE, PROT_READ | PROT_WRITE)) {
        return "no memory at 20000000h";
    }
    if (!add_segment(0, MODIFY_LDT_CONTENTS_CODE, true) ||
        !add_segment(1, MODIFY_LDT_CONTENTS_DATA, true) ||
        !add_segment(2, MODIFY_LDT_CONTENTS_CODE, false) ||
        !add_segment(3, MODIFY_LDT_CONTENTS_DATA, false)) {
        return "the host's kernel refuses LDT segments";
    }
    sigaltstack(&stack, NULL);
    sa.sa_sigaction = leave;
    for (size_t n = 0; n < ARRAY_LEN(ending_signals); n++) {
        sigaction(ending_signals[n], &sa, NULL);
    }
    sa.sa_sigaction = enter;
    sigaction(SIGUSR1, &sa, NULL);
    return NULL;
}

bool host_run(enum insn_mode mode, const uint8_t *code, unsigned len, const struct insn_state *in,
              struct insn_state *out)
{
    memset(out, 0, sizeof(*out));
    memset(run.base + CODE_OFF, 0xcc, CODE_MAX + 1);
    memcpy(run.base + CODE_OFF, code, len);
    memcpy(run.base + DATA_OFF, in->mem, DATA_SIZE);
    run.mode = mode;
    run.in = in;
    run.out = out;
    run.ended = false;
    if (!sigsetjmp(run.back, 1)) {
        alarm(5);
        raise(SIGUSR1);
    }
    alarm(0);
    __asm__ volatile("mov %0, %%ds; mov %0, %%es; cld" : : "r"(0));
    __asm__ volatile("emms" : : : "memory");

    uint32_t mxcsr = 0x1f80;

    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    memcpy(out->mem, run.base + DATA_OFF, DATA_SIZE);
    return run.ended;
}

#else

const char *host_open(void)
{
    return "the host is no x86-64 Linux";
}

bool host_run(enum insn_mode mode, const uint8_t *code, unsigned len, const struct insn_state *in,
              struct insn_state *out)
{
    (void)mode;
    (void)code;
    (void)len;
    (void)in;
    (void)out;
    return false;
}

#endif
