/* SPDX-License-Identifier: MIT */
/*
 * The decoder: every row of the table is reached by its own encoding, and bytes of any kind are
 * safe.
 */
#include "cpu/decode.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/disasm.h"
#include "tests/unit/check.h"

static const struct decode_table *table;

static bool memory_only(const struct insn_info *info)
{
    for (unsigned k = 0; k < 3; k++) {
        if (info->operands[k][0] == 'M') {
            return true;
        }
    }
    return false;
}

/* Bytes that only this row should take. */
static unsigned encode(const struct insn_info *info, bool memory, uint8_t *out)
{
    unsigned n = 0;
    uint8_t prefix = (uint8_t)(info->opcode >> 16);

    memset(out, 0, 16);
    if (prefix) {
        out[n++] = prefix;
    }
    if ((info->opcode & 0xff00) == 0x0f00) {
        out[n++] = 0x0f;
    }
    out[n++] = (uint8_t)info->opcode;
    if (info->ext >= 0xc0 && info->ext != EXT_NONE) {
        out[n++] = (uint8_t)info->ext;
    } else {
        out[n++] = (uint8_t)((memory ? 0x03 : 0xc3) | (info->ext == EXT_NONE ? 0 : info->ext << 3));
    }
    return n;
}

static void reaches_every_row_by_its_encoding(void)
{
    for (unsigned id = 1; id < INSN_ROWS; id++) {
        const struct insn_info *info = &insn_info[id];
        struct insn i;
        uint8_t bytes[16];

        encode(info, memory_only(info), bytes);
        CHECK_EQ(decode_insn(table, bytes, 15, true, ~0ull, &i), DECODE_OK);
        if (i.row != id) {
            fprintf(stderr, "row %s (%x) decodes as %s\n", info->name, info->opcode,
                    insn_info[i.row].name);
        }
        CHECK_EQ(i.row, id);
    }
}

static void asks_for_more_bytes_until_there_are_enough(void)
{
    /* add dword [ebx+ecx*4+0x12345678], 0x11223344 */
    static const uint8_t code[] = {0x81, 0x84, 0x8b, 0x78, 0x56, 0x34,
                                   0x12, 0x44, 0x33, 0x22, 0x11};
    struct insn i;

    for (unsigned n = 0; n < sizeof(code); n++) {
        CHECK_EQ(decode_insn(table, code, n, true, ~0ull, &i), DECODE_MORE);
    }
    CHECK_EQ(decode_insn(table, code, sizeof(code), true, ~0ull, &i), DECODE_OK);
    CHECK_EQ(i.len, sizeof(code));
    CHECK_EQ(i.base, EBX);
    CHECK_EQ(i.index, ECX);
    CHECK_EQ(i.scale, 2);
    CHECK_EQ(i.disp, 0x12345678);
    CHECK_EQ(i.imm, 0x11223344);
}

static void refuses_more_than_fifteen_bytes(void)
{
    uint8_t code[16];
    struct insn i;

    memset(code, 0x66, sizeof(code));
    code[14] = 0x90;
    CHECK_EQ(decode_insn(table, code, 16, true, ~0ull, &i), DECODE_OK);
    CHECK_EQ(i.len, 15);
    code[14] = 0x66;
    code[15] = 0x90;
    CHECK_EQ(decode_insn(table, code, 16, true, ~0ull, &i), DECODE_TOO_LONG);
}

static void gates_rows_by_feature_and_lock(void)
{
    static const uint8_t cmov[] = {0x0f, 0x44, 0xc3}, lock_mov[] = {0xf0, 0x89, 0x03},
                         lock_add_reg[] = {0xf0, 0x01, 0xc3}, lock_add_mem[] = {0xf0, 0x01, 0x03};
    struct insn i;

    decode_insn(table, cmov, 3, true, 0, &i);
    CHECK_EQ(i.row, INSN_ROW_NONE);
    decode_insn(table, cmov, 3, true, 1ull << FEAT_CMOV, &i);
    CHECK(i.row != INSN_ROW_NONE);
    decode_insn(table, lock_mov, 3, true, ~0ull, &i);
    CHECK_EQ(i.row, INSN_ROW_NONE);
    decode_insn(table, lock_add_reg, 3, true, ~0ull, &i);
    CHECK_EQ(i.row, INSN_ROW_NONE);
    decode_insn(table, lock_add_mem, 3, true, ~0ull, &i);
    CHECK(i.row != INSN_ROW_NONE);
}

static void disassembles_in_intel_order(void)
{
    static const struct {
        uint8_t code[8];
        const char *text;
    } cases[] = {
        {{0x01, 0x43, 0x08}, "add dword [ds:ebx+0x8], eax"},
        {{0x0f, 0xb6, 0x04, 0x4d, 0x10}, "movzx eax, byte [ds:ecx*2+0x10]"},
        {{0xf3, 0xa5}, "rep movs dword [es:edi], dword [ds:esi]"},
        {{0x74, 0xfe}, "jz 0x100"},
        {{0xc8, 0x10, 0x00, 0x02}, "enter 0x10, 0x2"},
    };

    for (unsigned k = 0; k < ARRAY_LEN(cases); k++) {
        struct insn i;
        char text[96];

        decode_insn(table, cases[k].code, 8, true, ~0ull, &i);
        disasm_insn(&i, 0x100, text, sizeof(text));
        if (strcmp(text, cases[k].text)) {
            fprintf(stderr, "got '%s', expected '%s'\n", text, cases[k].text);
        }
        CHECK(!strcmp(text, cases[k].text));
    }
}

static void survives_random_bytes(void)
{
    uint32_t seed = 1;

    for (unsigned n = 0; n < 300000; n++) {
        struct insn i;
        char text[96];
        unsigned avail = 1 + n % 15;
        uint8_t *bytes = malloc(avail); /* exact, so that ASan sees a read beyond it */

        for (unsigned k = 0; k < avail; k++) {
            seed = seed * 1664525 + 1013904223;
            bytes[k] = (uint8_t)(seed >> 24);
        }
        if (decode_insn(table, bytes, avail, n & 1, ~0ull, &i) == DECODE_OK) {
            CHECK(i.len >= 1 && i.len <= avail);
            disasm_insn(&i, 0, text, sizeof(text));
        }
        free(bytes);
    }
}

int main(void)
{
    table = decode_table_new();
    RUN(reaches_every_row_by_its_encoding);
    RUN(asks_for_more_bytes_until_there_are_enough);
    RUN(refuses_more_than_fifteen_bytes);
    RUN(gates_rows_by_feature_and_lock);
    RUN(disassembles_in_intel_order);
    RUN(survives_random_bytes);
    decode_table_free(table);
    return check_done();
}
