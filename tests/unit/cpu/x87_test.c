/* SPDX-License-Identifier: MIT */
/*
 * Every x87 instruction against the host's own unit: random registers (unsupported encodings, NaNs,
 * denormals, empty registers), all rounding and precision modes, exceptions masked and not.
 * Registers, tags, status word, flags and memory must come out the same; transcendental results
 * within one unit in the last place. The host is asked with FRSTOR, the instruction, FNSAVE.
 *
 * What the manuals leave undefined is as on AMD's CPUs, so only there the test is run.
 * Differences between makers that are not tested: the condition codes after a stack fault that are
 * left undefined, the instruction and data pointers. (A task switch of the host loses the opcode
 * too: AMD's FXSAVE does not keep it.)
 */
#include "tests/unit/cpu/fpu_guest.h"
#include "tests/unit/check.h"

#if defined(__x86_64__)

#include <sys/mman.h>

#ifndef ROUNDS
#define ROUNDS 3000
#endif

#define MEM_SIZE 128

static uint64_t rnd_state = 88172645463325252u;

static uint64_t rnd(void)
{
    rnd_state ^= rnd_state << 13;
    rnd_state ^= rnd_state >> 7;
    rnd_state ^= rnd_state << 17;
    return rnd_state * 0x2545f4914f6cdd1du;
}

/* ---- the host's unit ---- */

struct host_frame {
    uint8_t before[112], after[112];
    uint64_t flags, rax;
};

typedef void (*host_fn)(struct host_frame *f, uint8_t *mem);

static uint8_t *host_code;

static void host_run(struct host_frame *f, uint8_t *mem, const uint8_t *insn, unsigned len)
{
    static const uint8_t head[] = {
        0xdd, 0x27,                         /* frstor [rdi] */
        0x31, 0xc0,                         /* xor eax, eax */
        0xff, 0xb7, 0xe0, 0x00, 0x00, 0x00, /* push qword [rdi + 224] */
        0x9d,                               /* popfq */
    };
    static const uint8_t tail[] = {
        0x9c,                                     /* pushfq */
        0x8f, 0x87, 0xe0, 0x00, 0x00, 0x00,       /* pop qword [rdi + 224] */
        0xdd, 0xb7, 0x70, 0x00, 0x00, 0x00,       /* fnsave [rdi + 112] */
        0x48, 0x89, 0x87, 0xe8, 0x00, 0x00, 0x00, /* mov [rdi + 232], rax */
        0xc3,
    };
    uint8_t *p = host_code;

    memcpy(p, head, sizeof(head));
    p += sizeof(head);
    memcpy(p, insn, len);
    p += len;
    memcpy(p, tail, sizeof(tail));
    ((host_fn)(uintptr_t)host_code)(f, mem);
}

/* ---- operands ---- */

static struct f80 random_f80(void)
{
    static const uint64_t mant[] = {
        0,
        0x8000000000000000u,
        0xffffffffffffffffu,
        0xc000000000000000u,
        0x8000000000000001u,
        0xfffffffffffff800u,
        0x8000000000000400u,
        0xaaaaaaaaaaaaaaabu,
        0x7fffffffffffffffu,
        1,
        0xa000000000000000u,
        0xffffff0000000000u,
        0xffffff8000000000u,
        0x8000008000000000u,
    };
    static const uint16_t exp[] = {0,
                                   1,
                                   2,
                                   0x3fff,
                                   0x3ffe,
                                   0x4000,
                                   0x3fff + 63,
                                   0x3fff + 31,
                                   0x3fff - 64,
                                   0x7ffe,
                                   0x7fff,
                                   1,
                                   0x3fff + 1023,
                                   0x3fff - 1022,
                                   0x3fff + 127,
                                   0x3fff - 126,
                                   0x3fff - 1074,
                                   0x3fff - 149,
                                   0x3fff + 15,
                                   0x3fff + 59};
    uint64_t r = rnd();
    struct f80 a = {.mant = r & 1 ? mant[(r >> 1) % ARRAY_LEN(mant)] : rnd() | 1ull << 63};

    r = rnd();
    switch (r & 3) {
    case 0: a.sexp = exp[(r >> 8) % ARRAY_LEN(exp)]; break;
    case 1: a.sexp = (uint16_t)(0x3fff + (r >> 8 & 0x7f) - 64); break;
    case 2: a.sexp = (uint16_t)(r >> 8 & 0x7fff); break;
    default: a.sexp = (uint16_t)(0x3fff + (r >> 8 & 7) - 4); break;
    }
    if (r >> 24 & 1) {
        a.sexp |= 0x8000;
    }
    if ((r >> 32 & 63) == 0) {
        a.mant &= ~(1ull << 63);
    }
    return a;
}

static void random_memory(uint8_t *mem)
{
    static const uint32_t f32[] = {0,          0x3f800000, 0x7f800000, 0x7fc12345,
                                   0x7f812345, 0x00012345, 0x7f7fffff};

    for (unsigned k = 0; k < MEM_SIZE; k += 4) {
        store_le32(mem + k, (uint32_t)rnd());
    }
    uint64_t r = rnd();

    switch (r & 7) {
    case 0:
        store_le32(mem, f32[(r >> 8) % ARRAY_LEN(f32)] | (uint32_t)(r >> 32 & 0x80000000u));
        break;
    case 1: store_le64(mem, (rnd() & 0x800fffffffffffffu) | (r & 0x70) << 48); break;
    case 2: store_le64(mem, (rnd() & 0x800fffffffffffffu) | 0x7ff0000000000000u); break;
    case 3: store_le64(mem, (uint64_t)(r >> 8 & 1) << 63); break;
    case 4:
        store_le64(mem, (rnd() & 0x8007ffffffffffffu) | (uint64_t)(0x3f0 + (r >> 8 & 31)) << 52);
        break;
    case 5: store_le64(mem, (uint64_t)((int64_t)(rnd() & 0xff) - 128)); break;
    case 6:
        for (unsigned k = 0; k < 9; k++) {
            mem[k] = (uint8_t)((rnd() % 10) << 4 | rnd() % 10);
        }
        break;
    default: break;
    }
}

/* An FSAVE image, 32-bit protected-mode format, with nothing pending. */
static void random_state(uint8_t *p, bool masked)
{
    uint64_t r = rnd();
    unsigned cw = 0x7f, top = r & 7, empty = 0, tw = 0;

    memset(p, 0, 112);
    cw |= (r >> 3 & 3) << 10 | (r >> 5 & 3) << 8;
    if (!masked && (r >> 8 & 3) == 0) {
        cw &= ~(1u << ((r >> 10) % 6));
    }
    if (!masked && (r >> 16 & 15) == 0) {
        cw &= ~(unsigned)(r >> 20 & 0x3f);
    }
    if ((r >> 32 & 3) == 0) {
        empty = r >> 34 & 0xff;
    } else if ((r >> 32 & 3) != 1) {
        empty = 1u << ((top - 1) & 7); /* room for a push */
    }
    for (unsigned k = 0; k < 8; k++) {
        tw |= (empty >> k & 1 ? 3u : 0u) << (2 * k);
    }
    store_le32(p, 0xffff0000u | cw);
    store_le32(p + 4, 0xffff0000u | top << 11 | (r >> 48 & 0x4700) | (r >> 56 & cw & 0x3f));
    store_le32(p + 8, 0xffff0000u | tw);
    for (unsigned k = 0; k < 8; k++) {
        struct f80 a = random_f80();

        store_le64(p + 28 + 10 * k, a.mant);
        store_le16(p + 28 + 10 * k + 8, a.sexp);
    }
}

/* ---- the comparison ---- */

static bool is_transcendental(const uint8_t *insn)
{
    static const uint8_t modrm[] = {0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff};

    return insn[0] == 0xd9 && memchr(modrm, insn[1], sizeof(modrm));
}

static void show(const char *who, const uint8_t *image, const uint8_t *mem, unsigned flags)
{
    printf("  %s cw %04x sw %04x tw %04x fop %03x fl %04x st", who, load_le16(image),
           load_le16(image + 4), load_le16(image + 8), load_le16(image + 18), flags);
    for (unsigned k = 0; k < 8; k++) {
        if (k < 3 || k == 7) {
            printf(" %04x.%016" PRIx64, load_le16(image + 36 + 10 * k),
                   load_le64(image + 28 + 10 * k));
        }
    }
    printf(" mem %04x.%016" PRIx64 "\n", load_le16(mem + 8), load_le64(mem));
}

/* Same, or neighbours. */
static bool close_enough(const uint8_t *a, const uint8_t *b)
{
    uint64_t ma = load_le64(a), mb = load_le64(b);
    uint16_t ea = load_le16(a + 8), eb = load_le16(b + 8);

    if (ea == eb || !((ea | eb) & 0x7ffe)) { /* denormal and normal numbers meet seamlessly */
        return ma - mb + 1 <= 2;
    }
    return (ea == eb + 1 && ma == 1ull << 63 && mb == ~0ull) ||
           (eb == ea + 1 && mb == 1ull << 63 && ma == ~0ull);
}

/* C1 of these is cleared on Intel's CPUs and left alone on AMD's. */
static bool is_fcomi_or_fcmov(const uint8_t *insn)
{
    return ((insn[0] == 0xda || insn[0] == 0xdb) && insn[1] >= 0xc0 && insn[1] < 0xe0) ||
           ((insn[0] == 0xdb || insn[0] == 0xdf) && insn[1] >= 0xe8 && insn[1] < 0xf8);
}

/* Transcendental results may differ by a unit, so only "empty" counts there. */
static bool same_tags(uint16_t a, uint16_t b, bool transcendental)
{
    if (transcendental) {
        a &= a >> 1 & 0x5555;
        b &= b >> 1 & 0x5555;
    }
    return a == b;
}

static bool same_state(const uint8_t *ours, const uint8_t *host, const uint8_t *insn)
{
    bool transcendental = is_transcendental(insn);
    uint16_t sw_mask = transcendental || is_fcomi_or_fcmov(insn) ? 0xfdff : 0xffff;

    if (load_le16(ours) != load_le16(host) ||
        !same_tags(load_le16(ours + 8), load_le16(host + 8), transcendental) ||
        (load_le16(host + 18) && load_le16(ours + 18) != load_le16(host + 18)) ||
        (load_le16(ours + 4) ^ load_le16(host + 4)) & sw_mask) {
        return false;
    }
    for (unsigned k = 0; k < 8; k++) {
        const uint8_t *a = ours + 28 + 10 * k, *b = host + 28 + 10 * k;

        if (memcmp(a, b, 10) && !(transcendental && close_enough(a, b))) {
            return false;
        }
    }
    return true;
}

static unsigned try_insn(const uint8_t *insn, unsigned len, unsigned rounds, bool masked)
{
    static const uint8_t frstor[] = {0xdd, 0x26}, fnsave[] = {0xdd, 0x36};
    unsigned bad = 0;

    for (unsigned n = 0; n < rounds; n++) {
        struct host_frame f;
        uint8_t mem[MEM_SIZE], in[MEM_SIZE], ours_mem[MEM_SIZE], ours[112];
        uint32_t flags = 0x202 | (uint32_t)(rnd() & 0x8d5), ours_flags;

        random_state(f.before, masked);
        random_memory(in);
        memcpy(mem, in, sizeof(mem));
        f.flags = flags;
        f.rax = 0;
        host_run(&f, mem, insn, len);

        memcpy(guest_mem, f.before, 108);
        guest->reg[ESI] = MEM_ADDR;
        guest_one(frstor, 2);
        memcpy(guest_mem, in, MEM_SIZE);
        flags_set(guest, flags);
        guest->reg[EAX] = 0;
        guest_one(insn, len);
        memcpy(ours_mem, guest_mem, MEM_SIZE);
        ours_flags = flags_get(guest);
        guest_one(fnsave, 2);
        memcpy(ours, guest_mem, 108);
        if (insn[len - 1] == 0x36 && (insn[len - 2] == 0xd9 || insn[len - 2] == 0xdd)) {
            memcpy(ours_mem + 12, mem + 12, 16); /* the pointers */
            if (len == 3) {
                memcpy(ours_mem + 6, mem + 6, 8);
            }
        }
        if (!same_state(ours, f.after, insn) || memcmp(ours_mem, mem, MEM_SIZE) ||
            (ours_flags ^ f.flags) & 0x8d5 || (guest->reg[EAX] ^ f.rax) & 0xffff) {
            if (bad++ < 3 && getenv("X87_VERBOSE")) {
                printf("%02x %02x round %u\n", insn[0], insn[1], n);
                show("in  ", f.before, in, flags & 0x8d5);
                show("ours", ours, ours_mem, ours_flags);
                show("host", f.after, mem, f.flags & 0x8d5);
            }
        }
    }
    return bad;
}

static bool has_row(const uint8_t *insn, unsigned len, const char **name)
{
    struct insn i;

    decode_insn(guest_table, insn, len, true, guest->features, &i);
    *name = insn_info[i.row].name;
    return i.row != INSN_ROW_NONE;
}

static void try_all(bool transcendental, bool masked)
{
    for (unsigned op = 0xd8; op <= 0xdf; op++) {
        for (unsigned m = 0; m < 8 + 64; m++) {
            uint8_t insn[2] = {(uint8_t)op, (uint8_t)(m < 8 ? m << 3 | 6 : 0xc0 + m - 8)};
            const char *name;
            unsigned bad;

            if (!has_row(insn, 2, &name) || is_transcendental(insn) != transcendental) {
                continue;
            }
            bad = try_insn(insn, 2, ROUNDS, masked);
            if (bad) {
                printf("%02x %02x %s: %u of %u differ\n", op, insn[1], name, bad, ROUNDS);
            }
            CHECK_EQ(bad, 0);
        }
    }
}

/* FLDENV, FNSTENV, FRSTOR, FNSAVE in their 16-bit forms. */
static void short_environments_agree(void)
{
    static const uint8_t insns[4][3] = {
        {0x66, 0xd9, 0x26}, {0x66, 0xd9, 0x36}, {0x66, 0xdd, 0x26}, {0x66, 0xdd, 0x36}};
    for (unsigned k = 0; k < 4; k++) {
        CHECK_EQ(try_insn(insns[k], 3, ROUNDS, true), 0);
        CHECK_EQ(try_insn(insns[k], 3, ROUNDS, false), 0);
    }
}

static void agrees_with_host_masked(void)
{
    try_all(false, true);
}

static void agrees_with_host_unmasked(void)
{
    try_all(false, false);
}

static void transcendentals_within_one_unit(void)
{
    try_all(true, true);
    try_all(true, false);
}

int main(void)
{
    host_code =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (host_code == MAP_FAILED || !__builtin_cpu_is("amd")) {
        check_skip("x87_test", "the host's FPU cannot be asked");
        return check_done();
    }
    guest_create();
    RUN(agrees_with_host_masked);
    RUN(agrees_with_host_unmasked);
    RUN(short_environments_agree);
    RUN(transcendentals_within_one_unit);
    return check_done();
}

#else

int main(void)
{
    check_skip("x87_test", "the host is no x86-64");
    return check_done();
}

#endif
