/* SPDX-License-Identifier: MIT */
/*
 * Bytes -> struct insn, driven by insns.def. SDM volume 2, chapter 2 and appendix A.
 *
 * decode_table_new() parses the table's operand letters once; decoding is then prefixes, one
 * look-up, ModRM, and a walk over the row's three operands.
 */
#include "cpu/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "cpu/ops.h"

/* Column ext is _, a digit, or a whole ModRM byte: only _ needs a value of its own. */
enum { _ = EXT_NONE };

const struct insn_info insn_info[INSN_ROWS] = {
    [INSN_ROW_NONE] = {.name = "UD",
                       .ext = EXT_NONE,
                       .operands = {"_", "_", "_"},
                       .flags = "______"},
#define INSN(opcode, ext, name, a, b, c, flags, attr) \
    [INSN_ROW_##opcode##_##ext##_##name##_##a##b##    \
        c] = {#name, opcode, ext, attr, {#a, #b, #c}, #flags},
#include "cpu/insns.def"
#undef INSN
};

static op_fn const op_table[INSN_ROWS] = {
    [INSN_ROW_NONE] = op_UD,
#define INSN(opcode, ext, name, a, b, c, flags, attr) \
    [INSN_ROW_##opcode##_##ext##_##name##_##a##b##c] = op_##name,
#include "cpu/insns.def"
#undef INSN
};

enum letter { /* where an operand comes from */
              L_NONE,
              L_E,
              L_G,
              L_R,
              L_M,
              L_I,
              L_J,
              L_S,
              L_C,
              L_D,
              L_T,
              L_O,
              L_A,
              L_X,
              L_Y,
              L_Z,
              L_P,
              L_Q,
              L_N,
              L_V,
              L_W,
              L_U,
              L_H,
              L_ST0,
              L_ACC,
              L_CL,
              L_DX,
              L_SEG,
              L_ONE,
};

#define SIZE_V  0x80 /* by operand size */
#define SIZE_Z  0x81
#define SIZE_BS 0x82 /* byte, sign-extended to the operand size */
#define SIZE_P  0x83 /* far pointer: 4 or 6 bytes */

struct operand_form {
    uint8_t letter, size, reg;
};

struct row {
    struct operand_form form[3];
    uint16_t next; /* another row of this opcode, or 0 */
    uint16_t ext;
    uint8_t prefix; /* 0, 0x66, 0xf2, 0xf3: mandatory */
    int8_t mod3;    /* 1: register form only, 0: memory form only, -1: both */
};

#define OPCODE_MODRM    1 /* a ModRM byte follows */
#define OPCODE_PREFIXED 2 /* the mandatory prefix selects the row */

struct decode_table {
    struct row row[INSN_ROWS];
    uint16_t first[512]; /* [256 * two-byte map + opcode] */
    uint8_t what[512];
};

static uint8_t parse_size(const char *s)
{
    static const struct {
        const char *name;
        uint8_t size;
    } sizes[] = {{"b", 1},      {"w", 2},      {"d", 4},       {"q", 8}, {"x", 16},
                 {"t", 10},     {"v", SIZE_V}, {"z", SIZE_Z},  {"y", 0}, {"s", 6},
                 {"p", SIZE_P}, {"a", SIZE_V}, {"bs", SIZE_BS}};

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        if (!strcmp(s, sizes[i].name)) {
            return sizes[i].size;
        }
    }
    return 0;
}

static struct operand_form parse_operand(const char *s)
{
    static const struct {
        const char *name;
        struct operand_form form;
    } fixed[] = {{"_", {L_NONE, 0, 0}},  {"AL", {L_ACC, 1, 0}},  {"eAX", {L_ACC, SIZE_V, 0}},
                 {"AX", {L_ACC, 2, 0}},  {"CL", {L_CL, 1, ECX}}, {"DX", {L_DX, 2, EDX}},
                 {"ES", {L_SEG, 2, ES}}, {"CS", {L_SEG, 2, CS}}, {"SS", {L_SEG, 2, SS}},
                 {"DS", {L_SEG, 2, DS}}, {"FS", {L_SEG, 2, FS}}, {"GS", {L_SEG, 2, GS}},
                 {"1", {L_ONE, 1, 0}},   {"h", {L_ST0, 10, 0}},  {"H", {L_H, 10, 0}}};
    static const char letters[] = "EGRMIJSCDTOAXYZPQNVWU";

    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        if (!strcmp(s, fixed[i].name)) {
            return fixed[i].form;
        }
    }
    return (struct operand_form){(uint8_t)(L_E + (strchr(letters, s[0]) - letters)),
                                 parse_size(s + 1), 0};
}

static bool letter_uses_modrm(unsigned letter)
{
    return (letter >= L_E && letter <= L_M) || (letter >= L_S && letter <= L_T) ||
           (letter >= L_P && letter <= L_H);
}

/* Which of the two ModRM forms the operands allow. */
static int row_mod3(const struct row *r)
{
    for (unsigned k = 0; k < 3; k++) {
        unsigned l = r->form[k].letter;

        if (l == L_M) {
            return 0;
        }
        if (l == L_H || l == L_N || l == L_U) {
            return 1;
        }
    }
    return -1;
}

static void add_row(struct decode_table *t, unsigned id)
{
    const struct insn_info *info = &insn_info[id];
    struct row *r = &t->row[id];
    unsigned map = (info->opcode & 0xff00) == 0x0f00 ? 256 : 0;
    unsigned op = map + (info->opcode & 0xff);
    unsigned count = 1;

    r->ext = info->ext;
    r->prefix = (uint8_t)(info->opcode >> 16);
    if (r->ext != EXT_NONE) {
        t->what[op] |= OPCODE_MODRM;
    }
    for (unsigned k = 0; k < 3; k++) {
        r->form[k] = parse_operand(info->operands[k]);
        if (r->form[k].letter == L_Z) {
            count = 8;
        }
        if (letter_uses_modrm(r->form[k].letter)) {
            t->what[op] |= OPCODE_MODRM;
        }
    }
    r->mod3 = (int8_t)(r->ext >= 0xc0 && r->ext != EXT_NONE ? 1 : row_mod3(r));
    /* A prefix that selects no row of an MMX or SSE opcode is #UD ("NP" in the manual). */
    if (r->prefix || ATTR_FEATURE(info->attr) == FEAT_MMX + 1 ||
        ATTR_FEATURE(info->attr) == FEAT_SSE + 1 || ATTR_FEATURE(info->attr) == FEAT_SSE2 + 1) {
        t->what[op] |= OPCODE_PREFIXED;
    }
    r->next = t->first[op];
    for (unsigned k = 0; k < count; k++) {
        t->first[op + k] = (uint16_t)id;
    }
}

const struct decode_table *decode_table_new(void)
{
    struct decode_table *t = xcalloc(1, sizeof(*t));

    for (unsigned id = 1; id < INSN_ROWS; id++) {
        add_row(t, id);
    }
    return t;
}

void decode_table_free(const struct decode_table *t)
{
    free((void *)(uintptr_t)t);
}

/* The bytes, and whether they ran out. */
struct reader {
    const uint8_t *p;
    unsigned pos, avail;
    bool more;
};

static uint32_t take(struct reader *r, unsigned n)
{
    if (r->pos + n > r->avail) {
        r->more = true;
        return 0;
    }
    const uint8_t *p = r->p + r->pos;

    r->pos += n;
    return n == 1 ? *p : n == 2 ? load_le16(p) : load_le32(p);
}

static void ea16(struct reader *r, struct insn *i, unsigned mod, unsigned rm)
{
    static const uint8_t base[8] = {EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX};
    static const uint8_t index[8] = {ESI, EDI, ESI, EDI, REG_ZERO, REG_ZERO, REG_ZERO, REG_ZERO};

    if (mod == 0 && rm == 6) {
        i->disp = take(r, 2);
        return;
    }
    i->base = base[rm];
    i->index = index[rm];
    if (i->base == EBP) {
        i->seg = SS;
    }
    if (mod == 1) {
        i->disp = (uint32_t)(int32_t)(int8_t)take(r, 1);
    } else if (mod == 2) {
        i->disp = take(r, 2);
    }
}

static void ea32(struct reader *r, struct insn *i, unsigned mod, unsigned rm)
{
    unsigned base = rm;

    if (rm == 4) {
        unsigned sib = take(r, 1);

        base = sib & 7;
        i->scale = (uint8_t)(sib >> 6);
        i->index = (sib >> 3 & 7) == 4 ? REG_ZERO : (uint8_t)(sib >> 3 & 7);
    }
    if (mod == 0 && base == 5) {
        i->disp = take(r, 4);
        return;
    }
    i->base = (uint8_t)base;
    if (base == ESP || base == EBP) {
        i->seg = SS;
    }
    if (mod == 1) {
        i->disp = (uint32_t)(int32_t)(int8_t)take(r, 1);
    } else if (mod == 2) {
        i->disp = take(r, 4);
    }
}

static unsigned resolve_size(unsigned size, const struct insn *i)
{
    switch (size) {
    case SIZE_V:
    case SIZE_Z:
    case SIZE_BS: return i->opsize;
    case SIZE_P: return i->opsize + 2u;
    default: return size;
    }
}

static void set(struct operand *o, unsigned kind, unsigned reg, unsigned size)
{
    *o = (struct operand){(uint8_t)kind, (uint8_t)reg, (uint8_t)size};
}

static uint32_t take_immediate(struct reader *r, unsigned size, const struct insn *i)
{
    switch (size) {
    case 1: return take(r, 1);
    case SIZE_BS: {
        uint32_t v = (uint32_t)(int32_t)(int8_t)take(r, 1);

        return i->opsize == 2 ? v & 0xffff : v;
    }
    case 2: return take(r, 2);
    default: return take(r, i->opsize);
    }
}

static void decode_operand(struct reader *r, struct insn *i, struct operand *o,
                           const struct operand_form *f)
{
    unsigned size = resolve_size(f->size, i), reg = i->modrm >> 3 & 7, rm = i->modrm & 7;
    bool mem = i->modrm < 0xc0;

    switch (f->letter) {
    case L_NONE: set(o, OPD_NONE, 0, 0); break;
    case L_E:
        /* A word operand of an E that stands in memory stays a word (segment moves: Ew). */
        set(o, mem ? OPD_MEM : OPD_REG, mem ? 0 : rm, size);
        break;
    case L_G: set(o, OPD_REG, reg, size); break;
    case L_R: set(o, OPD_REG, rm, size); break;
    case L_M: set(o, OPD_MEM, 0, size); break;
    case L_I:
        if (i->a.kind == OPD_IMM && o != &i->a) { /* ENTER */
            i->imm2 = take_immediate(r, f->size, i);
        } else {
            i->imm = take_immediate(r, f->size, i);
        }
        set(o, OPD_IMM, 0, size);
        break;
    case L_J:
        i->imm = f->size == 1 ? (uint32_t)(int32_t)(int8_t)take(r, 1) : take(r, i->opsize);
        if (f->size != 1 && i->opsize == 2) {
            i->imm = (uint32_t)(int32_t)(int16_t)i->imm;
        }
        set(o, OPD_REL, 0, i->opsize);
        break;
    case L_S: set(o, OPD_SEG, reg, 2); break;
    case L_C: set(o, OPD_CR, reg, 4); break;
    case L_D: set(o, OPD_DR, reg, 4); break;
    case L_T: set(o, OPD_TR, reg, 4); break;
    case L_O:
        i->disp = take(r, i->addrsize);
        set(o, OPD_MEM, 0, size);
        break;
    case L_A:
        i->imm = take(r, i->opsize);
        i->imm2 = take(r, 2);
        set(o, OPD_FAR, 0, size);
        break;
    case L_X: set(o, OPD_MEM, ESI, size); break;
    case L_Y: set(o, OPD_MEM, EDI, size); break;
    case L_Z: set(o, OPD_REG, i->opcode & 7, size); break;
    case L_P: set(o, OPD_MM, reg, size); break;
    case L_Q: set(o, mem ? OPD_MEM : OPD_MM, mem ? 0 : rm, size); break;
    case L_N: set(o, OPD_MM, rm, size); break;
    case L_V: set(o, OPD_XMM, reg, size); break;
    case L_W: set(o, mem ? OPD_MEM : OPD_XMM, mem ? 0 : rm, size); break;
    case L_U: set(o, OPD_XMM, rm, size); break;
    case L_H: set(o, OPD_ST, rm, size); break;
    case L_ST0: set(o, OPD_ST, 0, size); break;
    case L_ACC: set(o, OPD_REG, EAX, size); break;
    case L_CL: set(o, OPD_REG, ECX, 1); break;
    case L_DX: set(o, OPD_REG, EDX, 2); break;
    case L_SEG: set(o, OPD_SEG, f->reg, 2); break;
    case L_ONE:
        i->imm = 1;
        set(o, OPD_IMM, 0, 1);
        break;
    default: break;
    }
}

static unsigned find_row(const struct decode_table *t, unsigned op, unsigned modrm, unsigned prefix)
{
    for (unsigned id = t->first[op]; id; id = t->row[id].next) {
        const struct row *r = &t->row[id];

        if ((t->what[op] & OPCODE_PREFIXED) && r->prefix != prefix) {
            continue;
        }
        if (r->mod3 >= 0 && r->mod3 != (modrm >= 0xc0)) {
            continue;
        }
        if (r->ext != EXT_NONE && r->ext != (r->ext >= 0xc0 ? modrm : (modrm >> 3 & 7))) {
            continue;
        }
        return id;
    }
    return INSN_ROW_NONE;
}

/* Prefixes; returns the opcode byte. */
struct prefixes {
    uint8_t mandatory; /* the one that selects a row: F2/F3 win over 66 */
    uint8_t segment;
    bool opsize, addrsize;
};

static unsigned take_prefixes(struct reader *r, struct insn *i, struct prefixes *p)
{
    for (;;) {
        unsigned b = take(r, 1);

        if (r->more) {
            return 0;
        }
        switch (b) {
        case 0x26: p->segment = ES; break;
        case 0x2e: p->segment = CS; break;
        case 0x36: p->segment = SS; break;
        case 0x3e: p->segment = DS; break;
        case 0x64: p->segment = FS; break;
        case 0x65: p->segment = GS; break;
        case 0x66:
            p->opsize = true;
            if (!p->mandatory) {
                p->mandatory = 0x66;
            }
            break;
        case 0x67: p->addrsize = true; break;
        case 0xf0: i->prefix |= PREFIX_LOCK; break;
        case 0xf2:
            i->prefix = (uint8_t)((i->prefix & ~PREFIX_REP) | PREFIX_REPNE);
            p->mandatory = 0xf2;
            break;
        case 0xf3:
            i->prefix = (uint8_t)((i->prefix & ~PREFIX_REPNE) | PREFIX_REP);
            p->mandatory = 0xf3;
            break;
        default: return b;
        }
    }
}

enum decode_result decode_insn(const struct decode_table *t, const uint8_t *code, unsigned avail,
                               bool code32, uint64_t features, struct insn *i)
{
    struct reader r = {.p = code, .avail = avail > 15 ? 15 : avail};
    struct prefixes p = {.segment = SEG_NONE};

    memset(i, 0, sizeof(*i));
    i->base = i->index = REG_ZERO;
    i->seg = DS;

    unsigned op = take_prefixes(&r, i, &p);

    i->opsize = code32 != p.opsize ? 4 : 2;
    i->addrsize = code32 != p.addrsize ? 4 : 2;
    i->opcode = (uint8_t)op;
    if (op == 0x0f && !r.more) {
        i->opcode = (uint8_t)take(&r, 1);
        op = 256u + i->opcode;
    }
    if ((t->what[op] & OPCODE_MODRM) && !r.more) {
        i->modrm = (uint8_t)take(&r, 1);
        /* Moves of control, debug and test registers take every ModRM as a register form. */
        if (op >= 256 + 0x20 && op <= 256 + 0x26) {
            i->modrm |= 0xc0;
        }
        if (i->modrm < 0xc0 && !r.more) {
            (i->addrsize == 2 ? ea16 : ea32)(&r, i, i->modrm >> 6, i->modrm & 7);
        }
    }
    if (p.segment != SEG_NONE) {
        i->seg = p.segment;
    }

    unsigned id = r.more ? INSN_ROW_NONE : find_row(t, op, i->modrm, p.mandatory);
    const struct row *row = &t->row[id];

    for (unsigned k = 0; k < 3; k++) {
        decode_operand(&r, i, k == 0 ? &i->a : k == 1 ? &i->b : &i->c, &row->form[k]);
    }
    if (r.more) {
        return r.avail == 15 ? DECODE_TOO_LONG : DECODE_MORE;
    }
    i->len = (uint8_t)r.pos;

    uint32_t attr = insn_info[id].attr;

    if (ATTR_FEATURE(attr) && !(features >> (ATTR_FEATURE(attr) - 1) & 1)) {
        id = INSN_ROW_NONE;
    }
    if ((i->prefix & PREFIX_LOCK) && !((attr & A_LOCK) && i->a.kind == OPD_MEM)) {
        id = INSN_ROW_NONE;
    }
    i->row = (uint16_t)id;
    i->op = (attr & A_FPU) && !(features >> FEAT_FPU & 1) ? op_ESC : op_table[id];
    return DECODE_OK;
}
