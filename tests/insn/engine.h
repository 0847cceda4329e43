/* SPDX-License-Identifier: MIT */
/*
 * What runs a few bytes of guest code from a given state: the emulated CPU by one of its engines
 * (guest.c), or the host's own (host_x86.c). All show the same machine: CPL 3, IOPL 0, IF set,
 * segments from an LDT with one base; the pages below and nothing else mapped. Real mode has the
 * same offsets in segment 1000h and is for the emulated CPU alone.
 */
#ifndef TESTS_INSN_ENGINE_H
#define TESTS_INSN_ENGINE_H

#include "cpu/cpu.h"

/* Offsets in the segments. */
#define CODE_OFF    0x1000u /* one page: read, write, execute */
#define CODE_MAX    320u    /* bytes of one run's code; INT3 behind it */
#define DATA_OFF    0x2000u /* two pages: read, write; not executable where NX is on */
#define DATA_SIZE   0x2000u
#define CODE2_OFF   0xa000u /* two pages as the first: code across pages */
#define RO_OFF      0xd000u /* one page: read only, each byte its offset's low byte ^ a5h */
#define AREA_END    0xe000u
#define LIMITED_OFF 0x2000u /* base of FS, whose limit is 7ffh */
#define SHORT_LIMIT 0x1060u /* of SEL_SHORT_CODE */
#define DOWN_LIMIT  0x1fffu /* GS is expand-down: 2000h is its first offset */

#define EVENT_VECTOR 0x38 /* one of INSN_SYSTEM's random gates */

#define START_CR0 (CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG)
#define START_CR4 (CR4_OSFXSR | CR4_OSXMMEXCPT)

/* Selectors in the LDT. */
enum {
    SEL_CODE32 = 0x07,
    SEL_DATA32 = 0x0f,
    SEL_CODE16 = 0x17,
    SEL_DATA16 = 0x1f,
    SEL_LIMITED = 0x27,
    SEL_DOWN = 0x2f,
    SEL_READONLY = 0x37,
    SEL_ABSENT = 0x3f,
    SEL_ABSENT_CONFORMING = 0x47, /* Linux has no other; code as SEL_CODE32 but for the name */
    SEL_EXECUTE_ONLY = 0x4f,
    SEL_SHORT_CODE = 0x57,
    SEL_ABSENT_CODE = 0x5f,
    SEL_DOWN_16 = 0x67, /* expand-down, up to FFFFh */
    SEL_DOWN_READONLY = 0x6f,
    SEL_DOWN_PAGES = 0x77, /* its limit in pages */
    SEL_TINY = 0x7f,       /* one byte */
    SEL_COUNT = 16,
};
#define REAL_SEGMENT 0x1000

/*
 * What the emulated CPU can run alone: from CPL 0, where it may change everything; physical is
 * linear there, and the segments' base REAL_SEGMENT * 16 (guest_system.c).
 */
enum insn_mode { INSN_32, INSN_16, INSN_REAL, INSN_SYSTEM };

/* Physical layout of the emulated machine. */
enum {
    LDT = 0x0600,
    GDT = 0x0700,
    IDT = 0x0800,
    TSS = 0x1000,
    SYS_TSS2_AT = 0x1100,
    SYS_TSS16_AT = 0x1200,
    HANDLERS = 0x2000, /* HLT for vector v at HANDLERS + v */
    STACK_TOP = 0x4000,
    PAGE_DIR = 0x4000,
    PAGE_TABLE = 0x5000,
    PAE_DIR_POINTERS = 0x6000,
    SYS_PAE_DIR_POINTERS = 0x6100,
    PAE_DIR = 0x7000,
    PAE_TABLE = 0x8000,
    FLAT_DIR = 0x9000,
    FLAT_TABLE = 0xa000,
    FLAT_LDT = 0xb000,
    FLAT_IDT = 0xb800,
    SYSTEM_PAGES = 12,
    SYS_DIR = 0xc000,
    SYS_TABLE = 0xd000,
    SYS_PAE_DIR = 0xe000,
    SYS_PAE_TABLE = 0xf000,
    FLAT_SYSTEM = 0x100000, /* linear, where segments are flat: of physical 0 */
    REAL_BASE = REAL_SEGMENT * 16,
    USER_BASE = 0x100000, /* linear; its pages lie at REAL_BASE */
    RAM_SIZE = 0x20000,   /* all of it is put back: real mode reaches everything */
};

/* Selectors in INSN_SYSTEM's GDT; further ones up to SYS_LAST are of random types. */
enum {
    SYS_CODE0 = 0x28,
    SYS_DATA0 = 0x30,
    SYS_CODE0_16 = 0x38,
    SYS_DATA0_16 = 0x40,
    SYS_FLAT = 0x48,
    SYS_CONFORMING = 0x50,
    SYS_GATE = 0x58,
    SYS_GATE16 = 0x60,
    SYS_TSS2 = 0x68,
    SYS_TASK_GATE = 0x70,
    SYS_LDT2 = 0x78,
    SYS_ABSENT = 0x80,
    SYS_TSS16 = 0x88,
    SYS_CODE3 = 0x93,
    SYS_DATA3 = 0x9b,
    SYS_RANDOM = 0xa0,
    SYS_LAST = 0xf8,
};

struct insn_state {
    uint32_t reg[8];
    uint32_t eflags;
    uint32_t eip;     /* at the start: where the code lies; in the end: what the exception saved */
    uint32_t vector;  /* what ended it; 3 behind the code: it ran to its end */
    uint32_t error;   /* the error code, where there is one; protected mode only */
    uint64_t retired; /* instructions, in the end; the emulated CPU only */
    uint32_t cr2;     /* of a #PF, as an offset in the segments */
    uint16_t seg[6];  /* selectors, in the end */
    struct fpu fpu;   /* MM0-7 are the mantissas */
    union xmm xmm[8];
    uint32_t mxcsr;
    uint32_t cr0, cr4;           /* at the start; the emulated CPU only; CR4.PAE: with NX */
    bool flat;                   /* the emulated CPU only: segments of 4 GiB from 0, without PAE */
    uint64_t system_seed;        /* INSN_SYSTEM: of what varies in the tables */
    uint32_t event_at;           /* INSN_SYSTEM: after so many instructions one comes; 0: none */
    bool event_is_nmi;           /* else INTR, with vector EVENT_VECTOR */
    uint64_t cpu_hash, ram_hash; /* INSN_SYSTEM: of everything, in the end */
    uint8_t mem[DATA_SIZE];
    uint8_t code[CODE_MAX]; /* in the end */
};

/* Nothing special: what lines and sequences start from (guest.c). */
void insn_plain_state(struct insn_state *s);

/* How the emulated CPU runs. */
enum guest_engine {
    ENGINE_INTERP,
    ENGINE_INTERP_STEP, /* one instruction a time, so that no block runs on */
    ENGINE_TCG,         /* everything translated */
    ENGINE_TCG_NOOPT,   /* the same without optimisation and chaining */
    ENGINE_TCG_ONE,     /* one instruction a block */
    ENGINE_TCG_SLICES,  /* as ENGINE_TCG, but asked for 1 to 9 instructions a time */
    ENGINE_TCG_AGAIN,   /* several times with the code kept: linked, and through its variants */
    ENGINE_LOCKSTEP,    /* ENGINE_TCG without chaining, and the interpreter beside it: see below */
    ENGINE_COUNT,
};
extern const char *const guest_engine_names[ENGINE_COUNT];
bool guest_engine_exists(enum guest_engine engine); /* on this host */
/* Bits of the engines in a list "interp,interp-step"; 0, and a message on stdout: one is unknown.
 */
unsigned guest_engine_list(const char *names);

/* code is followed by INT3. false: it did not end. */
struct guest;
struct guest *guest_new(const char *model, enum guest_engine engine, char **error);
void guest_free(struct guest *g);
bool guest_run(struct guest *g, enum insn_mode mode, const uint8_t *code, unsigned len,
               const struct insn_state *in, struct insn_state *out);
/*
 * ENGINE_LOCKSTEP: whether its two machines differed, before some block or in the end, since this
 * was last asked. What differed was printed.
 */
bool guest_differed(struct guest *g);
/*
 * INSN_SYSTEM: whether the run changed an entry that maps the code. Without a flush it is open when
 * that takes effect, and a block that runs on does not ask.
 */
bool guest_unmapped_code(struct guest *g, const struct insn_state *in);
/* INSN_SYSTEM: what two guests ended with that is not the same, a line each. */
void guest_print_difference(struct guest *a, struct guest *b);
/* guest_system.c: RAM for INSN_SYSTEM but for code and data; the registers. */
void guest_system_image(uint8_t *ram, const struct insn_state *in);
void guest_system_start(struct cpu *cpu, const struct insn_state *in);

struct host_job {
    enum insn_mode mode;
    const uint8_t *code;
    unsigned len;
    const struct insn_state *in;
    struct insn_state *out;
    bool ended;
};

/* NULL: ready; else why the host cannot be asked. */
const char *host_open(void);
/* AMD's: what the manuals leave undefined is then as in the emulated CPU. */
bool host_is_amd(void);
/* Runs all; false if one did not end (the ones behind it were not run). */
bool host_run_all(struct host_job *jobs, unsigned count);
bool host_run(enum insn_mode mode, const uint8_t *code, unsigned len, const struct insn_state *in,
              struct insn_state *out);

#endif
