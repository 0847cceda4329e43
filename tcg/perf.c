/* SPDX-License-Identifier: MIT */
/*
 * Names of host code for Linux's perf.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tcg/look.h"

/* The dump's header and its one kind of record; all fields in the host's byte order. */
struct dump_header {
    uint32_t magic, version, size, machine, unused, pid;
    uint64_t time, flags;
};

struct dump_load {
    uint32_t id, size;
    uint64_t time;
    uint32_t pid, tid;
    uint64_t vma, code, code_size, index;
};

enum { DUMP_MAGIC = 0x4a695444, DUMP_VERSION = 1, DUMP_CODE_LOAD = 0 };

#if defined(__aarch64__)
#define MACHINE 183u /* ELF's EM_AARCH64; its header has other names that we have too */
#else
#define MACHINE 62u /* EM_X86_64 */
#endif

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static FILE *open_named(const char *format, const char *option)
{
    char name[64];
    FILE *f;

    snprintf(name, sizeof(name), format, (int)getpid());
    f = fopen(name, "w+");
    if (!f) {
        log_host("%s: cannot write '%s': %s", option, name, strerror(errno));
    }
    return f;
}

void perf_open(struct perf_files *p, bool map, bool dump)
{
    struct dump_header h = {.magic = DUMP_MAGIC,
                            .version = DUMP_VERSION,
                            .size = sizeof(h),
                            .machine = MACHINE,
                            .pid = (uint32_t)getpid(),
                            .time = now()};

    memset(p, 0, sizeof(*p));
    p->map = map ? open_named("/tmp/perf-%d.map", "-perfmap") : NULL;
    p->dump = dump ? open_named("jit-%d.dump", "-jitdump") : NULL;
    if (p->dump) {
        fwrite(&h, sizeof(h), 1, p->dump);
        fflush(p->dump);
        p->mark = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE,
                       fileno(p->dump), 0);
    }
}

void perf_close(struct perf_files *p)
{
    if (p->mark && p->mark != MAP_FAILED) {
        munmap(p->mark, (size_t)sysconf(_SC_PAGESIZE));
    }
    if (p->map) {
        fclose(p->map);
    }
    if (p->dump) {
        fclose(p->dump);
    }
    memset(p, 0, sizeof(*p));
}

void perf_block(struct perf_files *p, const struct backend_job *job, uint32_t linear, bool variant)
{
    char name[32];

    if (!p->map && !p->dump) {
        return;
    }
    snprintf(name, sizeof(name), "guest_%08x%s", linear, variant ? "_flags" : "");
    if (p->map) {
        fprintf(p->map, "%llx %x %s\n", (unsigned long long)(uintptr_t)job->entry, job->size, name);
        fflush(p->map);
    }
    if (p->dump) {
        struct dump_load r = {.id = DUMP_CODE_LOAD,
                              .size = (uint32_t)(sizeof(r) + strlen(name) + 1 + job->size),
                              .time = now(),
                              .pid = (uint32_t)getpid(),
                              .tid = (uint32_t)getpid(),
                              .vma = (uintptr_t)job->entry,
                              .code = (uintptr_t)job->entry,
                              .code_size = job->size,
                              .index = p->index++};

        fwrite(&r, sizeof(r), 1, p->dump);
        fwrite(name, strlen(name) + 1, 1, p->dump);
        fwrite(job->entry, job->size, 1, p->dump);
        fflush(p->dump);
    }
}
