/* SPDX-License-Identifier: MIT */
/*
 * What runs a few bytes of guest code from a given state: the emulated CPU (guest.c), or the host's
 * own (host_x86.c). Both show the same machine: code at offset 1000h, a scratch area at
 * 2000h-3fffh, nothing else mapped; CPL 3, IOPL 0, IF set, segments from an LDT with one base and a
 * limit of 1 MiB. Real mode has the same offsets in segment 1000h and is for the emulated CPU
 * alone.
 */
#ifndef TESTS_INSN_ENGINE_H
#define TESTS_INSN_ENGINE_H

#include "cpu/cpu.h"

#define CODE_OFF  0x1000u
#define CODE_MAX  64u
#define DATA_OFF  0x2000u
#define DATA_SIZE 0x2000u

#define START_CR0 (CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG)
#define START_CR4 (CR4_OSFXSR | CR4_OSXMMEXCPT)

/* Selectors in the LDT. */
enum { SEL_CODE32 = 0x07, SEL_DATA32 = 0x0f, SEL_CODE16 = 0x17, SEL_DATA16 = 0x1f };
#define REAL_SEGMENT 0x1000

enum insn_mode { INSN_32, INSN_16, INSN_REAL };

struct insn_state {
    uint32_t reg[8];
    uint32_t eflags;
    uint32_t eip;
    uint32_t vector; /* what ended it; 3 behind the code: it ran to its end */
    uint32_t error;  /* the error code of #GP and #PF; protected mode only */
    uint32_t cr2;    /* of a #PF, as an offset in the segments */
    uint64_t mm[8];
    union xmm xmm[8];
    uint32_t mxcsr;
    uint32_t cr0, cr4; /* at the start; the emulated CPU only */
    uint8_t mem[DATA_SIZE];
};

/*
 * code is followed by INT3. false: it did not end. step: one instruction a time, so that no block
 * runs on.
 */
struct guest;
struct guest *guest_new(const char *model, char **error);
void guest_free(struct guest *g);
bool guest_run(struct guest *g, enum insn_mode mode, const uint8_t *code, unsigned len,
               const struct insn_state *in, struct insn_state *out, bool step);

/* NULL: ready; else why the host cannot be asked. */
const char *host_open(void);
bool host_run(enum insn_mode mode, const uint8_t *code, unsigned len, const struct insn_state *in,
              struct insn_state *out);

#endif
