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
#define DOWN_LIMIT  0x1fffu /* GS is expand-down: 2000h is its first offset */

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
    SEL_COUNT = 8,
};
#define REAL_SEGMENT 0x1000

enum insn_mode { INSN_32, INSN_16, INSN_REAL };

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
    uint32_t cr0, cr4; /* at the start; the emulated CPU only; CR4.PAE: with NX */
    bool flat;         /* the emulated CPU only: segments of 4 GiB from 0, without PAE */
    uint8_t mem[DATA_SIZE];
    uint8_t code[CODE_MAX]; /* in the end */
};

/* How the emulated CPU runs. */
enum guest_engine {
    ENGINE_INTERP,
    ENGINE_INTERP_STEP, /* one instruction a time, so that no block runs on */
    ENGINE_TCG,         /* everything translated */
    ENGINE_TCG_NOOPT,   /* the same without optimisation and chaining */
    ENGINE_TCG_ONE,     /* one instruction a block */
    ENGINE_TCG_SLICES,  /* as ENGINE_TCG, but asked for 1 to 9 instructions a time */
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
/* Instructions that guest_run()s retired so far. */
uint64_t guest_retired(const struct guest *g);

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
