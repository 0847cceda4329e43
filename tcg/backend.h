/* SPDX-License-Identifier: MIT */
/*
 * What a back end is: IR of one block in, host code out. It never sees a guest instruction: of
 * struct cpu it knows the offsets in layout.h only.
 */
#ifndef TCG_BACKEND_H
#define TCG_BACKEND_H

#include "tcg/ir.h"

/* Functions that emitted code calls; all take the CPU. */
struct backend_calls {
    /* Runs the guest instruction by its handler. false: the block must be left, EIP is set. */
    bool (*call)(void *cpu, const void *insn);
    /* The same for the last of a block: false also if something else than the next is due. */
    bool (*call_next)(void *cpu, const void *insn);
    /* The same for what may go anywhere: the host code to go on at. NULL: the block must be left.
     */
    const void *(*call_end)(void *cpu, const void *insn);
    /* Brings the guest's x87 (SSE) state into the host's. false: it may not be used now. */
    bool (*x87_enter)(void *cpu, const void *insn);
    bool (*sse_enter)(void *cpu, const void *insn);
    /* These keep the host's XMM and x87 state. 0: nothing was changed, the interpreter must do it.
     */
    uint32_t (*load_segment)(void *cpu, uint32_t what); /* selector | number << 16: not CS, SS */
    uint32_t (*put_flags)(void *cpu, uint32_t image);
    uint32_t (*flags)(void *cpu); /* settled; status flags as in EFLAGS */
    void (*carry)(void *cpu);     /* settled; the carry laid over as OVER_CF */
    void (*quotient)(void *cpu);  /* settled; then as behind a division */
};

/*
 * An exit to a known EIP: a jump that can be pointed at another block. Or an indirect jump's to the
 * EIP that it goes to most, as far as is known: there first; else it looks into the jump table.
 */
struct backend_exit { /* there are many */
    uint32_t patch;   /* offset in the buffer of the jump before flags are stored */
    uint32_t eip;
    /* Offsets from there; 0: not there. */
    uint16_t stored; /* the jump behind that; 0: there is nothing to store */
    uint16_t cold;   /* where the first goes while it is not linked: it stores, then the second */
    uint16_t leave;  /* where the second goes while it is not linked; == cold if there is none */
    uint16_t thunk;  /* room for a check, if eip is on another page than the block */
    int16_t flags;   /* what is stored (index in ir->flags), or -1 */
    bool predicted : 1;   /* an indirect jump's */
    bool unpredicted : 1; /* and where it goes was not seen yet */
    unsigned number : 2;  /* of the block's exits */
};

_Static_assert(sizeof(struct backend_exit) == 20, "there are tens of thousands");

#define BACKEND_EXITS 4 /* of one block: it may be there twice */

/* One block to emit, and what came of it. */
struct backend_job {
    const struct ir_block *ir;
    uint32_t eip;         /* of the block */
    unsigned guest_count; /* guest instructions: what the budget pays on entry */
    uint32_t max_eip;     /* CS limit that it needs; 0xffffffff: no check */
    uint32_t mode;        /* key of jump-table entries */
    bool cs_flat;
    const void *const *insn; /* by number: what call() gets */
    /* By exit: left in jit.slot when it is taken. Each is a count (int32_t) of how often the flags
     * may be stored before it is taken once more although it is linked. */
    void *const *exit_id;

    uint8_t *entry;      /* host code */
    uint8_t *hot_end;    /* behind it: what is rarely run */
    uint8_t *start[64];  /* by guest instruction: the first copy's */
    uint8_t *dead_entry; /* where an invalid block's entry must jump to */
    struct backend_exit exit[BACKEND_EXITS];
    unsigned exits;
    uint32_t size; /* bytes of host code */
    bool cannot;   /* it failed, but not for want of room */
};

/* An entry of the table that indirect jumps look into. */
struct jump_target {
    uint32_t eip, mode;
    uintptr_t distance;  /* of the page it is in: from linear to host address; CS being flat */
    const uint8_t *host; /* of the code's first guest byte */
    const uint8_t *code;
};
#define JUMP_TARGETS 16384u

/* Which entry: functions begin at multiples of 16, returns anywhere. */
#define JUMP_ROTATE 20
static inline uint32_t jump_index(uint32_t eip)
{
    return (eip ^ (eip >> JUMP_ROTATE | eip << (32 - JUMP_ROTATE))) >> 2 & (JUMP_TARGETS - 1);
}

struct codebuf;

struct backend {
    const char *name;
    bool (*supported)(void);
    /* Emits what all blocks share. */
    void (*init)(struct codebuf *buf, const struct backend_calls *calls);
    /* Enters translated code; returns at its exit. */
    void (*enter)(struct codebuf *buf, void *cpu, const uint8_t *code);
    /* false: the buffer is full. */
    bool (*emit)(struct codebuf *buf, struct backend_job *job);
    /* Points an exit at a block's entry; stored: the jump behind the storing of flags. check: only
     * if the page of `eip` is still mapped with that distance. false: there is no thunk. */
    bool (*link)(struct codebuf *buf, const struct backend_exit *x, bool stored,
                 const uint8_t *entry, bool check, uintptr_t distance);
    void (*unlink)(struct codebuf *buf, const struct backend_exit *x);
    /* The indirect jump is expected to go to x->eip from now on. */
    void (*predict)(struct codebuf *buf, const struct backend_exit *x);
    void (*kill)(struct codebuf *buf, uint8_t *entry, const uint8_t *dead_entry);
};

extern const struct backend backend_x64;

#endif
