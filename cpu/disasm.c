/* SPDX-License-Identifier: MIT */
/*
 * The disassembler: the mnemonic from the table row, then each operand.
 */
#include "cpu/disasm.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    char *p;
    size_t size, len;
};

static void put(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct text *t, const char *fmt, ...)
{
    va_list ap;

    if (t->len >= t->size) {
        return;
    }
    va_start(ap, fmt);
    int n = vsnprintf(t->p + t->len, t->size - t->len, fmt, ap);
    va_end(ap);
    t->len += n > 0 ? (size_t)n : 0;
}

static const char *const regs32[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
static const char *const regs8[] = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
static const char *const segs[] = {"es", "cs", "ss", "ds", "fs", "gs", "?", "?"};

static const char *reg_name(unsigned r, unsigned size)
{
    return size == 1 ? regs8[r & 7] : regs32[r & 7] + (size == 2);
}

static const char *size_name(unsigned size)
{
    switch (size) {
    case 1: return "byte ";
    case 2: return "word ";
    case 4: return "dword ";
    case 8: return "qword ";
    case 10: return "tword ";
    case 16: return "oword ";
    default: return "";
    }
}

static void put_memory(struct text *t, const struct insn *i, unsigned size)
{
    unsigned rsize = i->addrsize;
    bool some = i->base != REG_ZERO || i->index != REG_ZERO;

    put(t, "%s[%s:", size_name(size), segs[i->seg & 7]);
    if (i->base != REG_ZERO) {
        put(t, "%s", reg_name(i->base, rsize));
    }
    if (i->index != REG_ZERO) {
        put(t, "%s%s", i->base != REG_ZERO ? "+" : "", reg_name(i->index, rsize));
        if (i->scale) {
            put(t, "*%u", 1u << i->scale);
        }
    }
    if (!some) {
        put(t, "0x%x", (unsigned)(i->disp & insn_addr_mask(i)));
    } else if (i->disp) {
        int32_t d = rsize == 2 ? (int16_t)i->disp : (int32_t)i->disp;

        put(t, "%c0x%x", d < 0 ? '-' : '+', d < 0 ? 0u - (unsigned)d : (unsigned)d);
    }
    put(t, "]");
}

static void put_operand(struct text *t, const struct insn *i, const struct operand *o, uint32_t eip,
                        bool second_immediate)
{
    uint32_t target = eip + i->len + i->imm;

    switch (o->kind) {
    case OPD_REG: put(t, "%s", reg_name(o->reg, o->size)); break;
    case OPD_MEM:
        if (insn_info[i->row].attr & A_STRING) {
            put(t, "%s[%s:%s]", size_name(o->size), segs[o->reg == EDI ? ES : i->seg & 7],
                reg_name(o->reg, i->addrsize));
        } else {
            put_memory(t, i, o->size);
        }
        break;
    case OPD_IMM: put(t, "0x%x", (unsigned)(second_immediate ? i->imm2 : i->imm)); break;
    case OPD_SEG: put(t, "%s", segs[o->reg & 7]); break;
    case OPD_CR: put(t, "cr%u", o->reg); break;
    case OPD_DR: put(t, "dr%u", o->reg); break;
    case OPD_TR: put(t, "tr%u", o->reg); break;
    case OPD_MM: put(t, "mm%u", o->reg); break;
    case OPD_XMM: put(t, "xmm%u", o->reg); break;
    case OPD_ST: put(t, "st%u", o->reg); break;
    case OPD_REL: put(t, "0x%x", (unsigned)(i->opsize == 2 ? target & 0xffff : target)); break;
    case OPD_FAR: put(t, "0x%x:0x%x", (unsigned)i->imm2, (unsigned)i->imm); break;
    default: break;
    }
}

void disasm_insn(const struct insn *i, uint32_t eip, char *out, size_t size)
{
    struct text t = {out, size, 0};
    const char *name = insn_info[i->row].name;
    const struct operand *ops[3] = {&i->a, &i->b, &i->c};
    char mnemonic[24];
    size_t n = strcspn(name, "_");

    n = n < sizeof(mnemonic) - 1 ? n : sizeof(mnemonic) - 1;
    for (size_t k = 0; k < n; k++) {
        mnemonic[k] = (char)tolower((unsigned char)name[k]);
    }
    mnemonic[n] = '\0';
    if (i->prefix & PREFIX_LOCK) {
        put(&t, "lock ");
    }
    if ((insn_info[i->row].attr & A_REP) && (i->prefix & (PREFIX_REP | PREFIX_REPNE))) {
        put(&t, i->prefix & PREFIX_REP ? "rep " : "repne ");
    }
    put(&t, "%s", mnemonic);
    for (unsigned k = 0; k < 3 && ops[k]->kind != OPD_NONE; k++) {
        put(&t, k ? ", " : " ");
        put_operand(&t, i, ops[k], eip, k > 0 && i->a.kind == OPD_IMM);
    }
}
