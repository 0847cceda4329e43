/* SPDX-License-Identifier: MIT */
/*
 * Saved states that no machine has saved: numbers, bytes and instants of the chips, the processor
 * and the disks are replaced at random, checksums made right again. A machine either refuses such a
 * file in one line or goes on with it; it never crashes or hangs.
 *
 * usage: forge [-count N] [-seed N] [-one N] [what the machine is: rig.h]
 * A count of cases from seed on; -one N is case N alone, which says what it changes.
 */
#include "tests/unit/check.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/state.h"
#include "cpu/cpu.h"
#include "host/savefile.h"
#include "tests/state/rig.h"

#define SECONDS 20 /* that a case may take */
#define AFTER   (300 * 1000)

static struct rig_parts parts;
static char saved[64], forged[64];
static bool talk;

/* ---- the fields of a chunk CHIP (docs/state-format.md) ---- */

struct field {
    char name[512];
    uint8_t kind, width;
    size_t at, bytes; /* of its data */
};

struct fields {
    struct field *field;
    unsigned count, room;
};

static void add_field(struct fields *f, const char *owner, const char *name, uint8_t kind,
                      uint8_t width, size_t at, size_t bytes)
{
    if (!bytes) {
        return;
    }
    if (f->count == f->room) {
        f->room = f->room * 2 + 64;
        f->field = realloc(f->field, f->room * sizeof(*f->field));
    }
    struct field *n = &f->field[f->count++];

    *n = (struct field){.kind = kind, .width = width, .at = at, .bytes = bytes};
    snprintf(n->name, sizeof(n->name), "%s.%s", owner, name);
}

static void find_fields(struct fields *f, const uint8_t *p, size_t at, size_t end,
                        const char *owner)
{
    while (at < end) {
        char name[256] = "", path[512];
        unsigned n = p[at++];
        uint32_t count;
        uint8_t kind, width;

        memcpy(name, p + at, n);
        at += n;
        kind = p[at++];
        width = p[at++];
        count = load_le32(p + at);
        at += 4;
        snprintf(path, sizeof(path), "%s.%s", owner, name);
        switch (kind) {
        case 1:
            add_field(f, owner, name, kind, width, at, (size_t)count * width);
            at += (size_t)count * width;
            break;
        case 3:
            add_field(f, owner, name, kind, 8, at, 16);
            at += 16;
            break;
        case 4:
            for (; count; count--) {
                uint32_t len = load_le32(p + at);

                find_fields(f, p, at + 4, at + 4 + len, path);
                at += 4 + len;
            }
            break;
        default:
            add_field(f, owner, name, kind, 1, at, count);
            at += count;
            break;
        }
    }
}

static void find_sections(struct fields *f, const uint8_t *p, size_t end)
{
    for (size_t at = 0; at < end;) {
        char name[256] = "";
        unsigned n = load_le16(p + at);
        uint32_t len;

        memcpy(name, p + at + 2, n < 255 ? n : 255);
        at += 2 + n;
        len = load_le32(p + at);
        at += 4;
        find_fields(f, p, at, at + len, name);
        at += len;
    }
}

/* ---- forging ---- */

static uint64_t value(uint64_t *seed, uint64_t old, unsigned width)
{
    uint64_t top = 1ull << (8 * width - 1), r = check_random(seed) << 32 ^ check_random(seed);

    switch (check_random(seed) % 8) {
    case 0: return 0;
    case 1: return ~0ull;
    case 2: return top;
    case 3: return top - 1;
    case 4: return r % 300;
    case 5: return old + 1 - r % 3;
    case 6: return old ^ 1ull << r % (8 * width);
    default: return r;
    }
}

static uint64_t get(const uint8_t *p, unsigned width)
{
    uint64_t v = 0;

    memcpy(&v, p, width < 8 ? width : 8);
    return v;
}

static void change_field(uint64_t *seed, const struct field *f, uint8_t *p)
{
    unsigned width = f->width < 8 ? f->width : 8;
    size_t at = f->at + check_random(seed) % (f->bytes / f->width) * f->width;
    uint64_t old = get(p + at, width), v = value(seed, old, width);

    memcpy(p + at, &v, width);
    if (talk) {
        printf("%s [%zu]: %llx to %llx\n", f->name, (at - f->at) / f->width,
               (unsigned long long)old, (unsigned long long)get(p + at, width));
    }
}

static void forge_chips(uint64_t *seed, uint8_t *p, size_t len)
{
    struct fields f = {0};

    find_sections(&f, p, len);
    for (unsigned n = 1 + check_random(seed) % 6; n; n--) {
        change_field(seed, &f.field[check_random(seed) % f.count], p);
    }
    if (check_random(seed) % 20 == 0) { /* the framing */
        size_t at = check_random(seed) % len;

        p[at] = (uint8_t)check_random(seed);
    }
    free(f.field);
}

static bool forge(uint64_t seed)
{
    char *error = NULL, type[5];
    struct savefile *from = savefile_open(saved, "GNOMONVM", 1, &error);
    struct savefile_writer *to = savefile_create(forged, "GNOMONVM", 1, &error);
    const uint8_t *data;
    size_t len;

    if (error) {
        printf("%s\n", error);
        return false;
    }
    while (savefile_next(from, type, &data, &len)) {
        uint8_t *copy = malloc(len + 1);

        memcpy(copy, data, len);
        if (!strcmp(type, "CHIP")) {
            forge_chips(&seed, copy, len);
        } else if (len && check_random(&seed) % 30 == 0) {
            copy[check_random(&seed) % (len < 64 ? len : 64)] = (uint8_t)check_random(&seed);
        }
        savefile_add(to, type, copy, len);
        free(copy);
    }
    savefile_close(from);
    error = savefile_commit(to);
    if (error) {
        printf("%s\n", error);
    }
    return !error;
}

/* In a process of its own. */
static _Noreturn void go_on(void)
{
    struct rig r;

    alarm(SECONDS);
    rig_open(&r, &parts);
    struct vmstate v = rig_describe(&r);
    char *error = vmstate_load(&v, forged);

    if (talk) {
        printf("%s\n", error ? error : "loaded");
    }
    if (error) {
        if (!*error || strchr(error, '\n')) {
            printf("not one line: %s\n", error);
            _exit(1);
        }
        free(error);
    } else {
        rig_run(r.m, cpu_icount(r.m->cpu) + AFTER);
        rig_hash_screen(r.m);
    }
    pc_destroy(r.m);
    fflush(stdout);
    _exit(0);
}

static bool one_case(uint64_t seed)
{
    int status;
    pid_t child;

    if (!forge(seed * 2 + 1)) {
        return false;
    }
    fflush(stdout);
    child = fork();
    if (child == 0) {
        go_on();
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
        printf("case %llu: %s\n", (unsigned long long)seed, strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status)) {
        printf("case %llu: status %d\n", (unsigned long long)seed, WEXITSTATUS(status));
    }
    return status == 0;
}

int main(int argc, char **argv)
{
    uint64_t count = 100, seed = 1, one = UINT64_MAX;
    const struct rig_option own[] = {
        {"-count", &count, NULL}, {"-seed", &seed, NULL}, {"-one", &one, NULL}, {NULL, NULL, NULL}};
    unsigned passed = 0, failed = 0;
    char folder[] = "/tmp/gnomon-forge-XXXXXX";
    struct rig r;

    rig_options(&parts, argc, argv, own);
    if (one != UINT64_MAX) {
        seed = one;
        count = 1;
        talk = true;
    }
    if (!mkdtemp(folder)) {
        perror(folder);
        return 1;
    }
    snprintf(saved, sizeof(saved), "%s/saved", folder);
    snprintf(forged, sizeof(forged), "%s/forged", folder);
    rig_open(&r, &parts);
    for (uint64_t n = 0; n < count; n++) {
        uint64_t random = (seed + n) / 25 * 2 + 1;

        if (n == 0 || (seed + n) % 25 == 0) { /* a state at another instant of the guest's boot */
            uint64_t at = check_random(&random) % (100 * MILLION);
            struct vmstate v = rig_describe(&r);
            char *error;

            pc_destroy(r.m);
            rig_open(&r, &parts);
            v = rig_describe(&r);
            rig_run(r.m, at);
            error = vmstate_save(&v, saved);
            if (error) {
                printf("%s\n", error);
                return 1;
            }
        }
        if (one_case(seed + n)) {
            passed++;
        } else {
            failed++;
        }
    }
    pc_destroy(r.m);
    unlink(saved);
    unlink(forged);
    rmdir(folder);
    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
