/* SPDX-License-Identifier: MIT */
/*
 * Differences between a sequence in the emulated CPU and on the host's that have an explanation:
 * where the manuals leave the choice, or the host has more instructions than the model. Each is
 * counted when it is met. docs/conformance.md tells them in more words.
 */
#include <string.h>

#include "tests/insn/gen.h"

/* What an explanation looks at: the guest's result, the host's, and the instruction at each end. */
struct ends {
    const struct gen_sequence *s;
    const struct insn_state *guest, *host;
    struct insn insn; /* where the exception is: the guest's, or if it has none the host's */
    bool decoded;
    bool modified; /* the code's bytes changed while it ran */
    const struct decode_table *table;
    uint8_t code[CODE_MAX];
    unsigned len;
};

static bool named(const struct ends *e, const char *const *list)
{
    const char *name = insn_info[e->insn.row].name;

    for (; e->decoded && *list; list++) {
        if (!strcmp(name, *list)) {
            return true;
        }
    }
    return false;
}

static bool memory_fault(uint32_t vector)
{
    return vector == EXC_PF || vector == EXC_GP || vector == EXC_SS || vector == EXC_AC;
}

static bool newer_instruction(const struct ends *e)
{
    return e->guest->vector == EXC_UD && e->decoded && e->insn.row == INSN_ROW_NONE;
}

static bool both_fault(const struct ends *e)
{
    return memory_fault(e->guest->vector) && memory_fault(e->host->vector) &&
           e->guest->eip == e->host->eip;
}

static bool large_operand(const struct ends *e)
{
    static const char *const names[] = {"FLDENV", "FNSTENV", "FNSAVE",  "FRSTOR",
                                        "FXSAVE", "FXRSTOR", "FLD_m80", "FSTP_m80",
                                        "FBLD",   "FBSTP",   NULL};

    return both_fault(e) && named(e, names);
}

static bool two_operands(const struct ends *e)
{
    static const char *const names[] = {"CMPS", "CALL", "CALL_near", "RETF", "IRET", NULL};

    return both_fault(e) && named(e, names);
}

/* A store made SLDT, SMSW, RDTSC, CPUID: what they give is the machine's. */
static bool machine_instruction(const struct ends *e)
{
    const uint8_t *now = e->host->code;

    for (unsigned n = 0; e->modified && n + 1 < e->len; n++) {
        bool shows =
            now[n] == 0x0f && (now[n + 1] <= 1 || now[n + 1] == 0x31 || now[n + 1] == 0xa2);

        if (shows && memcmp(e->code + n, now + n, 3)) {
            return true;
        }
    }
    return false;
}

/* The bytes behind 0F FF and 0F B9 are operands to us, and not looked at by the host. */
static bool length_of_invalid(const struct ends *e)
{
    return e->host->vector == EXC_UD && e->guest->vector == EXC_PF && (e->guest->error & PF_I) &&
           e->guest->eip == e->host->eip;
}

static bool misaligned_mode(const struct ends *e)
{
    static const char *const names[] = {"LDMXCSR", "FXRSTOR", NULL};

    return e->guest->vector == EXC_GP && (e->host->mxcsr & 0x20000) && named(e, names);
}

/* CALL far: AMD's CPUs have stored CS when the push of EIP faults. */
static bool half_call(const struct ends *e)
{
    uint32_t at = e->guest->eip - e->s->in.eip;
    struct insn i;

    memset(&i, 0, sizeof(i));
    return both_fault(e) && e->guest->cr2 == e->host->cr2 && at < e->len &&
           decode_insn(e->table, e->code + at, e->len - at, e->s->mode == INSN_32, ~0ull, &i) ==
               DECODE_OK &&
           i.row == INSN_ROW_0x9a___CALL_far_imm_Ap__;
}

static bool popa(const struct ends *e)
{
    static const char *const names[] = {"POPA", NULL};

    return both_fault(e) && named(e, names);
}

/* A repeated string instruction of the sequence is not what it was any more. */
static bool repeats_over_itself(const struct ends *e)
{
    unsigned at = 0;

    for (unsigned n = 0; n < e->s->count; n++) {
        const struct gen_item *i = &e->s->item[n];
        bool repeated = memchr(i->bytes, 0xf2, i->len) || memchr(i->bytes, 0xf3, i->len);

        if (repeated && insn_info[i->row].attr & A_STRING &&
            (memcmp(e->code + at, e->guest->code + at, i->len) ||
             memcmp(e->code + at, e->host->code + at, i->len))) {
            return true;
        }
        at += i->len;
    }
    return false;
}

static bool global_selector(uint16_t sel)
{
    return sel > 3 && !(sel & 4);
}

/* IRET with NT is a task switch: the model's TSS has no link. In 64-bit mode it is #GP(0). */
static bool nested_task(const struct ends *e)
{
    return e->guest->vector == EXC_TS && e->host->vector == EXC_GP &&
           (e->guest->eflags & EFLAGS_NT) && e->guest->eip == e->host->eip;
}

/* GS reaches below its base: there lie the guest's own tables. */
static bool below_base(const struct ends *e)
{
    return e->guest->vector == EXC_PF && e->host->vector == EXC_PF &&
           e->guest->cr2 == e->host->cr2 && e->guest->cr2 >= 0xfff00000u &&
           (e->guest->error ^ e->host->error) == PF_P;
}

static bool other_tables(const struct ends *e)
{
    for (unsigned n = 0; n < 6; n++) {
        if (global_selector(e->host->seg[n]) || global_selector(e->guest->seg[n])) {
            return true;
        }
    }
    return (e->guest->vector == EXC_GP || e->guest->vector == EXC_NP) &&
           global_selector((uint16_t)e->guest->error);
}

static bool mmx_before_fault(const struct ends *e)
{
    struct insn_state guest = *e->guest;

    if (guest.vector == 3 || !e->decoded || !(insn_info[e->insn.row].attr & A_MMX)) {
        return false;
    }
    guest.fpu.top = e->host->fpu.top;
    guest.fpu.empty = e->host->fpu.empty;
    return e->host->fpu.top == 0 && e->host->fpu.empty == 0 && !gen_compare(&guest, e->host, true);
}

static bool icebp(const struct ends *e)
{
    uint32_t at = e->host->eip - e->s->in.eip;

    return e->guest->vector == EXC_DB && e->host->vector == EXC_DB && at < CODE_MAX - 15 &&
           memchr(e->guest->code + at, 0xf1, 15);
}

static const struct {
    struct gen_explanation text;
    bool (*fits)(const struct ends *e);
} explanations[] = {
    {{"newer instruction",
      "a store or a jump made an instruction that the host has, the model not"},
     newer_instruction},
    {{"large operand", "which byte of an environment or state image faults first is undefined"},
     large_operand},
    {{"two operands", "which of two faults of one instruction comes first is undefined"},
     two_operands},
    {{"CALL far", "AMD's CPUs have stored CS when the push of EIP faults"}, half_call},
    {{"POPA", "AMD's CPUs have loaded some registers when a later one's load faults"}, popa},
    {{"machine instruction", "a store made an instruction that shows the machine"},
     machine_instruction},
    {{"invalid opcode's length", "whether UD0 and UD1 have operands differs between models"},
     length_of_invalid},
    {{"MXCSR bit 17", "AMD's misaligned mode, which the model has not"}, misaligned_mode},
    {{"below the base", "in the guest the page is there, for its kernel"}, below_base},
    {{"nested task", "IRET with NT: the host's kernel is in 64-bit mode, which has no tasks"},
     nested_task},
    {{"REP over itself", "when a repeated instruction sees that it was overwritten is undefined"},
     repeats_over_itself},
    {{"global descriptors", "a selector of the GDT, which is the host kernel's own"}, other_tables},
    {{"MMX before a fault", "AMD's CPUs go to MMX state even if the instruction faults then"},
     mmx_before_fault},
    {{"ICEBP", "a hypervisor reports INT1 at the instruction, the manual behind it"}, icebp},
};

const struct gen_explanation *gen_explain(const struct decode_table *table,
                                          const struct gen_sequence *s,
                                          const struct insn_state *guest,
                                          const struct insn_state *host)
{
    struct ends e = {.s = s, .guest = guest, .host = host, .table = table};
    const struct insn_state *end = guest->vector == 3 ? host : guest;
    uint32_t at = end->eip - s->in.eip;

    e.len = gen_layout(s, e.code);
    e.modified = memcmp(e.code, guest->code, e.len) != 0;
    if (at < CODE_MAX - 15) {
        e.decoded =
            decode_insn(table, end->code + at, 15, s->mode == INSN_32, ~0ull, &e.insn) == DECODE_OK;
    }
    for (unsigned n = 0; n < ARRAY_LEN(explanations); n++) {
        if (explanations[n].fits(&e)) {
            return &explanations[n].text;
        }
    }
    return NULL;
}
