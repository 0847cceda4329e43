/* SPDX-License-Identifier: MIT */
/*
 * CPU models: what -cpu accepts and how it complains, CPUID's leaves, and which model has which
 * model-specific register.
 */
#include "cpu/ops.h"
#include "cpu/system.h"
#include "tests/unit/check.h"

static struct physmem pm;

static uint64_t tsc(void *opaque)
{
    (void)opaque;
    return 0x500000000u;
}

static struct cpu *new_cpu(const char *model)
{
    static const struct cpu_bus bus = {.tsc = tsc};
    char *error = NULL;
    struct cpu *cpu = cpu_create(model, &pm, &bus, &error);

    if (!cpu) {
        printf("%s: %s\n", model, error);
        exit(1);
    }
    return cpu;
}

/* The message for a model that there cannot be. */
static void refuses(const char *text, const char *message)
{
    uint64_t features;
    char *error = NULL;

    CHECK(!cpu_model_parse(text, &features, &error));
    CHECK_STR(error, message);
    free(error);
}

static void refuses_with_the_nearest_name(void)
{
    refuses("pentum",
            "CPU model 'pentum' is unknown: did you mean 'pentium'? (-cpu help lists them)");
    refuses("", "CPU model '' is unknown: did you mean '386'? (-cpu help lists them)");
    refuses("max,+ss", "CPU feature 'ss' is unknown: did you mean 'sse'?");
    refuses("max,sse", "CPU property 'sse' has no value: write +sse, -sse or sse=on|off");
    refuses("max,sse=yes", "CPU property sse=yes: the value must be 'on' or 'off'");
    refuses("max,family=x", "CPU property family=x is not a number from 0 to 270");
    refuses("max,stepping=16", "CPU property stepping=16 is not a number from 0 to 15");
    refuses("max,-sse", "CPU feature 'sse2' needs 'sse': add ,+sse or ,-sse2");
    refuses("486,+nx", "CPU feature 'nx' needs 'pae': add ,+pae or ,-nx");
}

static void names_are_described(void)
{
    for (const char *const *n = cpu_model_names(); *n; n++) {
        CHECK(cpu_model_about(*n));
    }
    CHECK(!cpu_model_about("z80"));
    CHECK_STR(cpu_feature_names()[0], "fpu");
}

static void cpuid_tells_the_model(void)
{
    struct cpu *cpu = new_cpu("max,family=23,model=49,stepping=1");
    uint32_t r[4];

    cpuid_leaf(cpu, 0, 0, r);
    CHECK_EQ(r[1], 0x756e6547); /* Genu */
    CHECK_EQ(r[2], 0x6c65746e);
    CHECK_EQ(r[3], 0x49656e69);
    cpuid_leaf(cpu, 1, 0, r);
    CHECK_EQ(r[0], 0x00830f11); /* family 15 + 8, model 3:1 */
    CHECK_EQ(r[3] >> 6 & 1, 1); /* PAE */
    cpuid_leaf(cpu, 2, 0, r);
    CHECK_EQ(r[0] & 0xff, 1);
    cpuid_leaf(cpu, 99, 0, r); /* as the highest */
    CHECK_EQ(r[0] & 0xff, 1);
    cpuid_leaf(cpu, 0x80000000, 0, r);
    CHECK_EQ(r[0], 0x80000004);
    cpuid_leaf(cpu, 0x80000001, 0, r);
    CHECK_EQ(r[3] >> 20 & 1, 1); /* NX */
    cpuid_leaf(cpu, 0x80000002, 0, r);
    CHECK_EQ(r[0], 0x6d6f6e47); /* Gnom */
    cpu_destroy(cpu);
}

static void each_model_has_its_features(void)
{
    static const struct {
        const char *model;
        uint32_t has, has_not;
    } rows[] = {
        {"486", 1 << 0, 1 << 4 | 1 << 6 | 1 << 23},
        {"pentium", 1 << 3 | 1 << 4 | 1 << 8, 1 << 6 | 1 << 15},
        {"pentium2", 1 << 6 | 1 << 13 | 1 << 15 | 1 << 23, 1 << 25},
        {"pentium3", 1 << 6 | 1 << 25, 1 << 26},
        {"pentium4", 1 << 6 | 1 << 26, 0},
    };
    uint32_t r[4];

    for (unsigned n = 0; n < ARRAY_LEN(rows); n++) {
        struct cpu *cpu = new_cpu(rows[n].model);

        cpuid_leaf(cpu, 1, 0, r);
        CHECK_EQ(r[3] & rows[n].has, rows[n].has);
        CHECK_EQ(r[3] & rows[n].has_not, 0);
        cpu_destroy(cpu);
    }
}

/* With NX there must be the leaf that says so, also where there is no brand. */
static void nx_is_told_by_every_model_that_gets_it(void)
{
    static const char *const models[] = {"max", "pentium4,+nx", "pentium2,+nx"};
    uint32_t r[4];
    uint64_t v;

    for (unsigned n = 0; n < ARRAY_LEN(models); n++) {
        struct cpu *cpu = new_cpu(models[n]);

        cpuid_leaf(cpu, 0x80000000, 0, r);
        CHECK(r[0] >= 0x80000001 && r[0] <= 0x80000004);
        cpuid_leaf(cpu, 0x80000001, 0, r);
        CHECK_EQ(r[3] >> 20 & 1, 1);
        CHECK(msr_write(cpu, 0xc0000080, 1 << 11));
        CHECK(cpu->mmu.nx);
        CHECK(msr_read(cpu, 0xc0000080, &v));
        CHECK_EQ(v, 1 << 11);
        CHECK(!msr_write(cpu, 0xc0000080, 1 << 8)); /* long mode */
        cpu_destroy(cpu);
    }

    struct cpu *cpu = new_cpu("pentium4");

    cpuid_leaf(cpu, 0x80000001, 0, r);
    CHECK_EQ(r[3] >> 20 & 1, 0);
    CHECK(!msr_write(cpu, 0xc0000080, 0));
    CHECK(!msr_read(cpu, 0xc0000080, &v));
    cpu_destroy(cpu);
}

static void apic_base_hides_a_disabled_apic(void)
{
    struct cpu *cpu = new_cpu("max"), *without = new_cpu("max,-apic");
    uint32_t r[4];
    uint64_t v;

    cpuid_leaf(cpu, 1, 0, r);
    CHECK_EQ(r[3] >> 9 & 1, 1);
    CHECK(msr_read(cpu, 0x1b, &v));
    CHECK_EQ(v, 0xfee00900);
    CHECK(!msr_write(cpu, 0x1b, 0xfee00901)); /* a reserved bit */
    CHECK(msr_write(cpu, 0x1b, 0xfee00100));
    cpuid_leaf(cpu, 1, 0, r);
    CHECK_EQ(r[3] >> 9 & 1, 0);
    cpuid_leaf(without, 1, 0, r);
    CHECK_EQ(r[3] >> 9 & 1, 0);
    cpu_destroy(cpu);
    cpu_destroy(without);
}

static void rdtsc_goes_with_the_family(void)
{
    struct cpu *cpu = new_cpu("486,family=5,+cmov,+cx8"), *plain = new_cpu("486");
    uint32_t r[4];

    cpuid_leaf(cpu, 1, 0, r);
    CHECK_EQ(r[3] >> 4 & 1, 0);
    CHECK(cpu_has(cpu, FEAT_TSC));
    CHECK(!cpu_has(plain, FEAT_TSC));
    cpu_destroy(cpu);
    cpu_destroy(plain);
}

static void storage_keeps_what_was_written(void)
{
    static const uint32_t index[] = {0x200, 0x20f, 0x250, 0x258, 0x259, 0x268, 0x26f, 0x2ff, 0x400,
                                     0x40f, 0x17a, 0x1a0, 0x1d9, 0x2a,  0x119, 0x174, 0x175, 0x176};
    struct cpu *cpu = new_cpu("max"), *old = new_cpu("pentium");
    uint64_t v;

    for (unsigned n = 0; n < ARRAY_LEN(index); n++) {
        CHECK(msr_write(cpu, index[n], 0x1000 + n));
    }
    for (unsigned n = 0; n < ARRAY_LEN(index); n++) {
        CHECK(msr_read(cpu, index[n], &v));
        CHECK_EQ(v, 0x1000 + n);
        CHECK(!msr_read(old, index[n], &v));
        CHECK(!msr_write(old, index[n], 0));
    }
    cpu_reset(cpu);
    CHECK(msr_read(cpu, 0x1b, &v));
    CHECK_EQ(v & 0xfffff000u, 0xfee00000u);
    cpu_destroy(cpu);
    cpu_destroy(old);
}

static void the_others_have_rules(void)
{
    struct cpu *cpu = new_cpu("max"), *p6 = new_cpu("pentium2"), *old = new_cpu("386");
    static const uint32_t readable[] = {0x00, 0x01, 0x10, 0x17, 0x8b, 0xfe, 0x179, 0x277};
    uint64_t v;

    for (unsigned n = 0; n < ARRAY_LEN(readable); n++) {
        CHECK(msr_read(cpu, readable[n], &v));
        CHECK(!msr_read(old, readable[n], &v));
    }
    CHECK(!msr_read(cpu, 0x12345, &v));
    CHECK(!msr_write(cpu, 0x12345, 0));
    CHECK(!msr_write(cpu, 0xfe, 0)); /* read only */
    CHECK(msr_write(cpu, 0, 0));
    CHECK(msr_write(cpu, 1, 0));
    CHECK(msr_write(cpu, 0x79, 0));
    CHECK(msr_write(cpu, 0x8b, 0));
    CHECK(msr_write(cpu, 0x277, 0x0106050400000000u));
    CHECK(!msr_write(cpu, 0x277, 2));
    CHECK(!msr_write(cpu, 0x277, 8));
    CHECK(msr_read(cpu, 0x277, &v));
    CHECK_EQ(v, 0x0106050400000000u);
    CHECK(msr_write(cpu, 0x10, 0x123456789au));
    CHECK_EQ(cpu_tsc(cpu), 0x123456789au);
    CHECK(msr_write(p6, 0x10, 0x123456789au)); /* the high half is cleared */
    CHECK_EQ(cpu_tsc(p6), 0x3456789au);
    CHECK(!msr_write(old, 0x10, 0));
    cpu_destroy(cpu);
    cpu_destroy(p6);
    cpu_destroy(old);
}

int main(void)
{
    physmem_init(&pm, 1 << 20);
    RUN(refuses_with_the_nearest_name);
    RUN(names_are_described);
    RUN(cpuid_tells_the_model);
    RUN(each_model_has_its_features);
    RUN(nx_is_told_by_every_model_that_gets_it);
    RUN(apic_base_hides_a_disabled_apic);
    RUN(rdtsc_goes_with_the_family);
    RUN(storage_keeps_what_was_written);
    RUN(the_others_have_rules);
    physmem_destroy(&pm);
    return check_done();
}
