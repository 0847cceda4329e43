/* SPDX-License-Identifier: MIT */
/*
 * CPU models: which features each has, what CPUID says and what reset leaves in EDX.
 */
#ifndef CPU_CPUID_H
#define CPU_CPUID_H

#include "base/types.h"

struct cpu;

struct cpu_model {
    const char *name;  /* as in -cpu */
    const char *about; /* one line for -cpu help */
    uint16_t family, model, stepping;
    uint8_t max_leaf;  /* highest basic CPUID leaf; 0 if there is no CPUID */
    const char *brand; /* leaves 80000002h-80000004h; NULL if there are none */
    uint64_t features; /* bit per enum cpu_feature */
    uint64_t hidden;   /* those of them that CPUID does not show */
};

/*
 * "pentium,+sse,-vme,mmx=off,family=5". A model that the caller owns (cpu_model_free()), overrides
 * applied; its features are also stored in *features. NULL: *error is one line that names what is
 * wrong and the nearest valid word (caller frees).
 */
const struct cpu_model *cpu_model_parse(const char *text, uint64_t *features, char **error);
void cpu_model_free(const struct cpu_model *m);
/* Model names and what they are, NULL-terminated; for -cpu help and "did you mean". */
const char *const *cpu_model_names(void);
const char *cpu_model_about(const char *name);
/* Feature names, NULL-terminated. */
const char *const *cpu_feature_names(void);

/* Registers that depend on the model, after RESET: EDX, MSRs, what the MMU must know. */
void cpu_model_reset(struct cpu *cpu);
unsigned cpu_model_family(const struct cpu *cpu);
/* CPUID: out is EAX, EBX, ECX, EDX. */
void cpuid_leaf(const struct cpu *cpu, uint32_t leaf, uint32_t subleaf, uint32_t out[4]);

#endif
