/* SPDX-License-Identifier: MIT */
/*
 * The host's own CPU as the oracle, on x86-64 Linux: the code runs natively in 32- or 16-bit LDT
 * segments of this process. A run is entered by the return from a signal handler that wrote the
 * whole register state into its frame, and left by the signal of whatever exception ends it; that
 * handler prepares the next run in the same frame, so that a run costs one signal.
 *
 * A system call made by the code is caught by seccomp (SIGSYS) and ends the run.
 */
#define _GNU_SOURCE
#include "tests/insn/engine.h"

#if defined(__x86_64__) && defined(__linux__)

#include <asm/ldt.h>
#include <cpuid.h>
#include <asm/prctl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/endian.h"

#define FLAGS_LEFT_OVER (EFLAGS_NT | EFLAGS_ID | EFLAGS_AC) /* that sigreturn does not restore */

/* sigaction() hands its handlers no argument of ours: the runs in progress. */
static struct {
    uint8_t *base; /* below 4 GiB: what the segments' base is */
    struct host_job *job, *last;
    bool running;
    sigjmp_buf back;
    uint64_t fs_base;       /* of this thread: guest code may load FS */
    uint8_t stack[1 << 16]; /* of the handlers */
    uint8_t int3[2 * 4096];
} run;

static const int ending_signals[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGSYS, SIGALRM};
static const int greg_index[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX,
                                  REG_RSP, REG_RBP, REG_RSI, REG_RDI};

/* ---- x87 and SSE: the frame's FXSAVE image, of the form with 64-bit pointers ---- */

/* An XSAVE header behind it must say that the parts are in use. */
static void fill_fpu(uint8_t *fx, const struct insn_state *in)
{
    const struct fpu *f = &in->fpu;

    memset(fx, 0, 416);
    store_le16(fx, f->cw);
    store_le16(fx + 2, (uint16_t)(f->sw | f->top << 11));
    fx[4] = (uint8_t)~f->empty;
    store_le16(fx + 6, f->fop);
    store_le64(fx + 8, f->fip);
    store_le64(fx + 16, f->fdp);
    store_le32(fx + 24, in->mxcsr);
    for (unsigned n = 0; n < 8; n++) {
        const struct f80 *r = &f->st[(f->top + n) & 7];

        store_le64(fx + 32 + 16 * n, r->mant);
        store_le16(fx + 40 + 16 * n, r->sexp);
        store_le64(fx + 160 + 16 * n, in->xmm[n].u64[0]);
        store_le64(fx + 168 + 16 * n, in->xmm[n].u64[1]);
    }
    if (load_le32(fx + 464) == 0x46505853) { /* FP_XSTATE_MAGIC1 */
        store_le64(fx + 512, load_le64(fx + 512) | 3);
    }
}

/* In its initial state XSAVE writes nothing: then the image is what the kernel put there. */
static void read_fpu(const uint8_t *fx, struct insn_state *out)
{
    struct fpu *f = &out->fpu;

    f->cw = load_le16(fx);
    f->sw = load_le16(fx + 2) & 0xc7ff;
    f->top = fx[3] >> 3 & 7;
    f->empty = (uint8_t)~fx[4];
    f->fop = load_le16(fx + 6);
    f->fip = load_le32(fx + 8);
    f->fdp = load_le32(fx + 16);
    out->mxcsr = load_le32(fx + 24);
    for (unsigned n = 0; n < 8; n++) {
        struct f80 *r = &f->st[(f->top + n) & 7];

        r->mant = load_le64(fx + 32 + 16 * n);
        r->sexp = load_le16(fx + 40 + 16 * n);
        out->xmm[n].u64[0] = load_le64(fx + 160 + 16 * n);
        out->xmm[n].u64[1] = load_le64(fx + 168 + 16 * n);
    }
}

/* ---- Entering and leaving ---- */

static void clean_code(uint8_t *at, size_t size)
{
    if (memcmp(at, run.int3, size)) {
        memcpy(at, run.int3, size);
    }
}

static void enter(ucontext_t *u)
{
    const struct host_job *j = run.job;
    greg_t *g = u->uc_mcontext.gregs;
    bool wide = j->mode == INSN_32;
    uint64_t code = wide ? SEL_CODE32 : SEL_CODE16, data = wide ? SEL_DATA32 : SEL_DATA16;

    clean_code(run.base + CODE_OFF, 4096);
    clean_code(run.base + CODE2_OFF, 2 * 4096);
    memcpy(run.base + j->in->eip, j->code, j->len);
    memcpy(run.base + DATA_OFF, j->in->mem, DATA_SIZE);
    for (unsigned n = 0; n < 8; n++) {
        g[greg_index[n]] = j->in->reg[n];
    }
    g[REG_RIP] = j->in->eip;
    g[REG_EFL] = j->in->eflags;
    g[REG_CSGSFS] = (greg_t)(code | ((uint64_t)g[REG_CSGSFS] & 0x0000ffffffff0000u) | data << 48);
    fill_fpu((uint8_t *)u->uc_mcontext.fpregs, j->in);
    __asm__ volatile("pushfq; or %0, (%%rsp); popfq"
                     :
                     : "r"((uint64_t)(j->in->eflags & EFLAGS_ID))
                     : "cc", "memory");
    __asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %1, %%gs; mov %2, %%fs"
                     :
                     : "r"((uint32_t)data), "r"(SEL_DOWN), "r"(SEL_LIMITED));
}

static void leave(int sig, const ucontext_t *u)
{
    struct host_job *j = run.job;
    struct insn_state *out = j->out;
    const greg_t *g = u->uc_mcontext.gregs;
    uint32_t has_code = 0x27d00; /* 8, 10-14, 17 */
    uint16_t seg[6];

    __asm__ volatile("mov %%ds, %0; mov %%es, %1" : "=r"(seg[DS]), "=r"(seg[ES]));
    memset(out, 0, offsetof(struct insn_state, mem));
    out->seg[ES] = seg[ES];
    out->seg[DS] = seg[DS];
    out->seg[CS] = (uint16_t)g[REG_CSGSFS];
    out->seg[SS] = (uint16_t)((uint64_t)g[REG_CSGSFS] >> 48);
    for (unsigned n = 0; n < 8; n++) {
        out->reg[n] = (uint32_t)g[greg_index[n]];
    }
    out->eip = (uint32_t)g[REG_RIP];
    out->eflags = (uint32_t)g[REG_EFL];
    out->vector = sig == SIGSYS ? 0x80 : (uint32_t)g[REG_TRAPNO];
    if (out->vector < 32 && (has_code >> out->vector & 1)) {
        out->error = (uint32_t)g[REG_ERR];
    }
    if (out->vector == EXC_PF) {
        out->cr2 = (uint32_t)g[REG_CR2] - (uint32_t)(uintptr_t)run.base;
    }
    read_fpu((const uint8_t *)u->uc_mcontext.fpregs, out);
    memcpy(out->mem, run.base + DATA_OFF, DATA_SIZE);
    memcpy(out->code, run.base + j->in->eip, CODE_MAX);
    j->ended = sig != SIGALRM;
}

/*
 * Reached with the flags and FS of the code that was interrupted: the first statement makes both
 * fit for C. FS and GS selectors are read before.
 */
__attribute__((optimize("no-stack-protector"))) static void on_signal(int sig, siginfo_t *info,
                                                                      void *context)
{
    uint32_t fs, gs;

    __asm__ volatile("pushfq; andq %2, (%%rsp); popfq; mov %%fs, %0; mov %%gs, %1; wrfsbase %3"
                     : "=&r"(fs), "=&r"(gs)
                     : "r"(~(uint64_t)FLAGS_LEFT_OVER), "r"(run.fs_base)
                     : "cc", "memory");
    (void)info;
    if (run.running) {
        leave(sig, context);
        run.job->out->seg[FS] = (uint16_t)fs;
        run.job->out->seg[GS] = (uint16_t)gs;
        if (sig == SIGALRM || ++run.job == run.last) {
            siglongjmp(run.back, 1);
        }
    }
    run.running = true;
    enter(context);
}

/* ---- Set-up ---- */

static bool add_segments(void)
{
    enum {
        DATA = MODIFY_LDT_CONTENTS_DATA,
        DOWN = MODIFY_LDT_CONTENTS_STACK,
        CODE = MODIFY_LDT_CONTENTS_CODE,
        CONFORMING = 3,
        WIDE = 1, /* the last column's bits */
        PAGES = 2,
        RO_XO = 4,
        ABSENT = 8,
    };
    static const struct {
        unsigned sel, contents, base, limit, bits;
    } row[SEL_COUNT] = {
        {SEL_CODE32, CODE, 0, 0xff, WIDE | PAGES},
        {SEL_DATA32, DATA, 0, 0xff, WIDE | PAGES},
        {SEL_CODE16, CODE, 0, 0xff, PAGES},
        {SEL_DATA16, DATA, 0, 0xff, PAGES},
        {SEL_LIMITED, DATA, LIMITED_OFF, 0x7ff, WIDE},
        {SEL_DOWN, DOWN, 0, DOWN_LIMIT, WIDE},
        {SEL_READONLY, DATA, 0, 0xfffff, WIDE | RO_XO},
        {SEL_ABSENT, DATA, 0, 0xfffff, WIDE | ABSENT},
        {SEL_ABSENT_CONFORMING, CONFORMING, 0, 0xff, WIDE | PAGES | ABSENT},
        {SEL_EXECUTE_ONLY, CODE, 0, 0xff, WIDE | PAGES | RO_XO},
        {SEL_SHORT_CODE, CODE, 0, SHORT_LIMIT, WIDE},
        {SEL_ABSENT_CODE, CODE, 0, 0xff, WIDE | PAGES | ABSENT},
        {SEL_DOWN_16, DOWN, 0, DOWN_LIMIT, 0},
        {SEL_DOWN_READONLY, DOWN, 0, DOWN_LIMIT + 0x800, WIDE | RO_XO},
        {SEL_DOWN_PAGES, DOWN, 0, 1, WIDE | PAGES},
        {SEL_TINY, DATA, DATA_OFF, 0, WIDE},
    };

    for (unsigned n = 0; n < SEL_COUNT; n++) {
        struct user_desc d = {
            .entry_number = row[n].sel >> 3,
            .base_addr = (unsigned)(uintptr_t)run.base + row[n].base,
            .limit = row[n].limit,
            .limit_in_pages = !!(row[n].bits & PAGES),
            .seg_32bit = row[n].bits & WIDE,
            .contents = row[n].contents,
            .read_exec_only = !!(row[n].bits & RO_XO),
            .seg_not_present = !!(row[n].bits & ABSENT),
        };

        if (syscall(SYS_modify_ldt, 0x11, &d, sizeof(d))) {
            return false;
        }
    }
    return true;
}

/* 1 MiB of address space for the segments: the pages of engine.h, and holes. */
static bool map_pages(void)
{
    uint8_t *base = mmap((void *)0x20000000, 0x200000, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    run.base = base;
    if (base != (uint8_t *)0x20000000 ||
        mprotect(base + CODE_OFF, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC) ||
        mprotect(base + CODE2_OFF, 0x2000, PROT_READ | PROT_WRITE | PROT_EXEC) ||
        mprotect(base + DATA_OFF, DATA_SIZE, PROT_READ | PROT_WRITE) ||
        mprotect(base + RO_OFF, 0x1000, PROT_READ | PROT_WRITE)) {
        return false;
    }
    for (unsigned n = 0; n < 0x1000; n++) {
        base[RO_OFF + n] = (uint8_t)(n ^ 0xa5);
    }
    memset(run.int3, 0xcc, sizeof(run.int3));
    return !mprotect(base + RO_OFF, 0x1000, PROT_READ);
}

/* 32-bit system calls raise SIGSYS. */
static bool catch_system_calls(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {ARRAY_LEN(code), code};

    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

const char *host_open(void)
{
    stack_t stack = {.ss_sp = run.stack, .ss_size = sizeof(run.stack)};
    struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

#ifdef __SANITIZE_ADDRESS__
    return "AddressSanitizer has memory below 4 GiB, where the guest's accesses must fault";
#endif
    if (!(getauxval(AT_HWCAP2) & 2)) {
        return "the host's kernel does not offer FSGSBASE";
    }
    if (!map_pages()) {
        return "no memory at 20000000h";
    }
    if (!add_segments()) {
        return "the host's kernel refuses LDT segments";
    }
    if (!catch_system_calls()) {
        return "the host's kernel refuses seccomp";
    }
    syscall(SYS_arch_prctl, ARCH_GET_FS, &run.fs_base);
    sigaltstack(&stack, NULL);
    sa.sa_sigaction = on_signal;
    for (size_t n = 0; n < ARRAY_LEN(ending_signals); n++) {
        sigaction(ending_signals[n], &sa, NULL);
    }
    sigaction(SIGUSR1, &sa, NULL);
    return NULL;
}

bool host_is_amd(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(0, &a, &b, &c, &d) && b == signature_AMD_ebx;
}

bool host_run_all(struct host_job *jobs, unsigned count)
{
    static const uint32_t mxcsr = 0x1f80;

    run.job = jobs;
    run.last = jobs + count;
    run.running = false;
    if (!sigsetjmp(run.back, 1)) {
        alarm(10);
        raise(SIGUSR1);
    }
    alarm(0);
    __asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%gs; cld; emms; ldmxcsr %1"
                     :
                     : "r"(0), "m"(mxcsr)
                     : "memory");
    return run.job == run.last;
}

#else

const char *host_open(void)
{
    return "the host is no x86-64 Linux";
}

bool host_is_amd(void)
{
    return false;
}

bool host_run_all(struct host_job *jobs, unsigned count)
{
    (void)jobs;
    (void)count;
    return false;
}

#endif

bool host_run(enum insn_mode mode, const uint8_t *code, unsigned len, const struct insn_state *in,
              struct insn_state *out)
{
    struct host_job job = {.mode = mode, .code = code, .len = len, .in = in, .out = out};

    return host_run_all(&job, 1) && job.ended;
}
