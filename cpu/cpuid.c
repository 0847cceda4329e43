/* SPDX-License-Identifier: MIT */
/*
 * CPU models and CPUID. SDM volume 2 (CPUID); reset values by volume 3A section 9.1 and each
 * model's data sheet.
 *
 * The local APIC itself is the board's (hw/apic.c).
 */
#include "cpu/cpuid.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cpu/system.h"

#define F(id)     (1ull << FEAT_##id)
#define F_386     F(FPU)
#define F_486     (F_386 | F(I486) | F(CPUID) | F(VME))
#define F_PENTIUM (F_486 | F(DE) | F(PSE) | F(TSC) | F(MSR) | F(MCE) | F(CX8) | F(APIC))
#define F_PENTIUM2                                                                           \
    (F_PENTIUM | F(PAE) | F(SEP) | F(MTRR) | F(PGE) | F(MCA) | F(CMOV) | F(PAT) | F(PSE36) | \
     F(MMX) | F(FXSR))
#define F_PENTIUM3 (F_PENTIUM2 | F(SSE))
#define F_PENTIUM4 (F_PENTIUM3 | F(SSE2) | F(CLFSH))
#define F_MAX      (F_PENTIUM4 | F(NX) | F(FISTTP))

static const struct cpu_model models[] = {
    {"386", "80386DX with an 80387", 3, 0, 8, 0, NULL, F_386, 0},
    {"486", "80486DX4", 4, 8, 0, 1, NULL, F_486, 0},
    {"pentium", "Pentium (P54C)", 5, 2, 12, 1, NULL, F_PENTIUM, 0},
    {"pentium2", "Pentium II: CMOV, MMX, SYSENTER, PAE", 6, 5, 2, 2, NULL, F_PENTIUM2, 0},
    {"pentium3", "Pentium III: SSE", 6, 8, 3, 2, NULL, F_PENTIUM3, 0},
    {"pentium4", "Pentium 4: SSE2", 15, 2, 9, 2, "Intel(R) Pentium(R) 4 CPU", F_PENTIUM4, 0},
    {"max", "everything that is implemented (the default)", 15, 2, 9, 2, "Gnomon IA-32 processor",
     F_MAX, 0},
    {"qemu32", "another name of max", 15, 2, 9, 2, "Gnomon IA-32 processor", F_MAX, 0},
};

static const char *const model_names[] = {"386",      "486", "pentium", "pentium2", "pentium3",
                                          "pentium4", "max", "qemu32",  NULL};

#define FEATURE_NAME(id, name, bit) name,
#define FEATURE_BIT(id, name, bit)  bit,
static const char *const feature_names[] = {CPU_FEATURES(FEATURE_NAME) NULL};
static const int8_t feature_bits[] = {CPU_FEATURES(FEATURE_BIT)};

const char *const *cpu_model_names(void)
{
    return model_names;
}

const char *const *cpu_feature_names(void)
{
    return feature_names;
}

static const struct cpu_model *find_model(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(models); i++) {
        if (!strcmp(models[i].name, name)) {
            return &models[i];
        }
    }
    return NULL;
}

const char *cpu_model_about(const char *name)
{
    const struct cpu_model *m = find_model(name);

    return m ? m->about : NULL;
}

/* ---- -cpu MODEL,+feature,-feature,feature=on|off,family=N,model=N,stepping=N ---- */

static bool set_feature(struct cpu_model *m, const char *name, bool on, char **error)
{
    for (unsigned i = 0; i < FEAT_COUNT; i++) {
        if (strcmp(feature_names[i], name)) {
            continue;
        }
        m->features = (m->features & ~(1ull << i)) | (uint64_t)on << i;
        return true;
    }
    *error = xasprintf("CPU feature '%s' is unknown: did you mean '%s'?", name,
                       nearest_name(name, feature_names, FEAT_COUNT));
    return false;
}

static bool set_number(uint16_t *field, const char *name, const char *value, unsigned max,
                       char **error)
{
    char *end;
    unsigned long v = strtoul(value, &end, 0);

    if (*end || end == value || v > max) {
        *error = xasprintf("CPU property %s=%s is not a number from 0 to %u", name, value, max);
        return false;
    }
    *field = (uint16_t)v;
    return true;
}

static bool set_property(struct cpu_model *m, const char *name, const char *value, char **error)
{
    if (!strcmp(name, "family")) {
        return set_number(&m->family, name, value, 270, error);
    }
    if (!strcmp(name, "model")) {
        return set_number(&m->model, name, value, 255, error);
    }
    if (!strcmp(name, "stepping")) {
        return set_number(&m->stepping, name, value, 15, error);
    }
    if (!strcmp(value, "on") || !strcmp(value, "off")) {
        return set_feature(m, name, value[1] == 'n', error);
    }
    *error = xasprintf("CPU property %s=%s: the value must be 'on' or 'off'", name, value);
    return false;
}

static bool apply_word(struct cpu_model *m, char *word, char **error)
{
    char *value = strchr(word, '=');

    if (word[0] == '+' || word[0] == '-') {
        return set_feature(m, word + 1, word[0] == '+', error);
    }
    if (!value) {
        *error = xasprintf("CPU property '%s' has no value: write +%s, -%s or %s=on|off", word,
                           word, word, word);
        return false;
    }
    *value++ = '\0';
    return set_property(m, word, value, error);
}

/* What a feature cannot do without. */
static bool check_dependencies(const struct cpu_model *m, char **error)
{
    static const struct {
        enum cpu_feature feature, needs;
    } rules[] = {
        {FEAT_CPUID, FEAT_I486}, {FEAT_SSE, FEAT_FXSR}, {FEAT_SSE2, FEAT_SSE}, {FEAT_MMX, FEAT_FPU},
        {FEAT_FXSR, FEAT_FPU},   {FEAT_NX, FEAT_PAE},   {FEAT_PAE, FEAT_CX8},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rules); i++) {
        if ((m->features >> rules[i].feature & 1) && !(m->features >> rules[i].needs & 1)) {
            *error = xasprintf("CPU feature '%s' needs '%s': add ,+%s or ,-%s",
                               feature_names[rules[i].feature], feature_names[rules[i].needs],
                               feature_names[rules[i].needs], feature_names[rules[i].feature]);
            return false;
        }
    }
    return true;
}

static bool parse_words(struct cpu_model *m, char *text, char **error)
{
    char *save, *word = strtok_r(text, ",", &save);
    const struct cpu_model *base = word ? find_model(word) : NULL;

    if (!base) {
        *error = xasprintf("CPU model '%s' is unknown: did you mean '%s'? (-cpu help lists them)",
                           word ? word : "",
                           nearest_name(word ? word : "", model_names, ARRAY_LEN(model_names) - 1));
        return false;
    }
    *m = *base;
    while ((word = strtok_r(NULL, ",", &save))) {
        if (!apply_word(m, word, error)) {
            return false;
        }
    }
    /* A 486 that calls itself a Pentium: RDTSC goes with the family, its bit with the model. */
    if (base->family < 5 && m->family >= 5 && !(m->features >> FEAT_TSC & 1)) {
        m->features |= 1ull << FEAT_TSC;
        m->hidden |= 1ull << FEAT_TSC;
    }
    return check_dependencies(m, error);
}

const struct cpu_model *cpu_model_parse(const char *text, uint64_t *features, char **error)
{
    struct cpu_model *m = xcalloc(1, sizeof(*m));
    char *copy = xstrdup(text);
    bool good = parse_words(m, copy, error);

    free(copy);
    if (!good) {
        free(m);
        return NULL;
    }
    *features = m->features;
    return m;
}

void cpu_model_free(const struct cpu_model *m)
{
    free((void *)(uintptr_t)m);
}

/* ---- CPUID ---- */

static uint32_t signature(const struct cpu_model *m)
{
    uint32_t family = m->family > 15 ? 15 : m->family, extended = m->family - family;

    return m->stepping | (uint32_t)(m->model & 15) << 4 | family << 8 |
           (uint32_t)(m->model >> 4) << 16 | extended << 20;
}

unsigned cpu_model_family(const struct cpu *cpu)
{
    return cpu->model->family;
}

void cpu_model_reset(struct cpu *cpu)
{
    cpu->mmu.pse36 = cpu_has(cpu, FEAT_PSE36);
    cpu->reg[EDX] = signature(cpu->model);
    if (!cpu_has(cpu, FEAT_I486)) {
        mmu_set_cr0(&cpu->mmu, CR0_ET); /* no cache to disable */
    }
    msr_reset(cpu);
}

static uint32_t feature_word(const struct cpu *cpu)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < FEAT_COUNT; i++) {
        if (feature_bits[i] >= 0 && cpu_has(cpu, (enum cpu_feature)i) &&
            !(cpu->model->hidden >> i & 1)) {
            v |= 1u << feature_bits[i];
        }
    }
    if (!msr_apic_enabled(cpu)) {
        v &= ~(1u << feature_bits[FEAT_APIC]);
    }
    return v;
}

static uint32_t text_word(const char *s, unsigned at)
{
    uint32_t v = 0;
    size_t len = strlen(s);

    for (unsigned i = 0; i < 4; i++) {
        v |= at + i < len ? (uint32_t)(uint8_t)s[at + i] << 8 * i : 0;
    }
    return v;
}

static void basic_leaf(const struct cpu *cpu, uint32_t leaf, uint32_t out[4])
{
    switch (leaf) {
    case 0:
        out[0] = cpu->model->max_leaf;
        out[1] = text_word("GenuineIntel", 0);
        out[3] = text_word("GenuineIntel", 4);
        out[2] = text_word("GenuineIntel", 8);
        break;
    case 1:
        out[0] = signature(cpu->model);
        out[1] = cpu_has(cpu, FEAT_CLFSH) ? 8 << 8 : 0; /* CLFLUSH line: 8 quadwords */
        out[3] = feature_word(cpu);
        break;
    case 2: /* TLBs of 4K and 4M pages, 8 KiB + 12 Kuop first level, 512 KiB second level */
        out[0] = 0x665b5001;
        out[3] = 0x007a7000;
        if (cpu->model->family == 6) {
            out[0] = 0x03020101;
            out[3] = 0x0c040843;
        }
        break;
    }
}

static void extended_leaf(const struct cpu *cpu, uint32_t leaf, uint32_t out[4])
{
    if (leaf == 0x80000000) {
        out[0] = cpu->model->brand ? 0x80000004 : 0x80000001;
    } else if (leaf == 0x80000001) {
        out[3] = cpu_has(cpu, FEAT_NX) ? 1u << 20 : 0;
    } else if (cpu->model->brand) {
        for (unsigned i = 0; i < 4; i++) {
            out[i] = text_word(cpu->model->brand, (leaf - 0x80000002) * 16 + i * 4);
        }
    }
}

void cpuid_leaf(const struct cpu *cpu, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    (void)subleaf;
    memset(out, 0, 4 * sizeof(out[0]));
    if (leaf >= 0x80000000 && leaf <= 0x80000004 && (cpu->model->brand || cpu_has(cpu, FEAT_NX))) {
        extended_leaf(cpu, leaf, out);
    } else {
        /* Intel: a leaf that does not exist answers like the highest basic one. */
        basic_leaf(cpu, leaf > cpu->model->max_leaf ? cpu->model->max_leaf : leaf, out);
    }
}
