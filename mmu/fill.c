/* SPDX-License-Identifier: MIT */
/*
 * What happens where the shadow has no entry: the guest's tables are walked, A and D set, faults
 * raised, and what the walk found is entered.
 *
 * A page that is not plain memory for the access (a device, ROM, a traced page) gets no entry. The
 * dispatch cache remembers where it lies, so that the next access needs no walk.
 *
 * Nor has a page that may be read but not executed (NX) and holds decoded code. So a read entry for
 * code says that it may be executed, and whoever looks for code need not ask for NX.
 *
 * The last page of the 4 GiB has none either: so where an entry is, no register and small
 * displacement that lead into the page have wrapped upwards. Translated code relies on it (SHARE).
 */
#include "base/log.h"
#include "mmu/shadow.h"

_Noreturn static void fault(struct mmu *u, linear_addr_t a, uint32_t error)
{
    log_guest(MMU, "page fault at %08x, code %x, cr3 %08x", a, error, u->cr3);
    u->fault(u->opaque, a, error);
    __builtin_unreachable();
}

/* Walks for the access and sets A and D. */
static void walk_for(struct mmu *u, linear_addr_t a, enum mmu_access access, bool user,
                     struct walk *w)
{
    uint32_t error;

    if (!walk_tables(u, a, w, &error)) {
        fault(u, a, error | walk_error(u, access, user));
    }
    if (!walk_allows(u, w, access, user)) {
        fault(u, a, PF_P | walk_error(u, access, user));
    }
    walk_mark(u, w, access == MMU_WRITE);
}

static struct physmem_page page_at(const struct mmu *u, phys_addr_t phys)
{
    struct physmem_page p;

    if (LIKELY(physmem_is_ram(u->pm, phys))) {
        p = (struct physmem_page){.read = u->pm->ram + phys, .write = u->pm->ram + phys};
    } else {
        p = physmem_lookup(u->pm, phys);
    }
    if (physmem_traced(u->pm, phys)) {
        p.write = NULL;
    }
    return p;
}

static void remember(struct mmu *u, linear_addr_t a, phys_addr_t phys, const uint8_t *host,
                     uint32_t rights, bool user)
{
    *dispatch_entry(u, a) = (struct dispatch){
        .tag = (a & ~PAGE_MASK) | rights | (user ? DISPATCH_USER : 0),
        .generation = u->generation,
        .phys = phys,
        .host = host,
    };
    space_note(u->shadows->space, a);
}

static bool entered(linear_addr_t page)
{
    return page != (linear_addr_t)-PAGE_SIZE;
}

struct place shadow_fill(struct mmu *u, linear_addr_t a, enum mmu_access access, bool user)
{
    struct space *space = u->shadows->space;
    struct shadow *s = &space->shadow[user];
    linear_addr_t base = a & ~PAGE_MASK;
    struct physmem_page p;
    struct walk w;
    phys_addr_t phys;
    uint8_t *host;
    bool writable, enter_read;

    u->shadows->stats.fills++;
    spaces_make_room(u);
    walk_for(u, a, access, user, &w);
    if (w.levels) {
        tables_enter(u, space, a, &w);
    }
    phys = physmem_a20(u->pm, w.phys) & ~(phys_addr_t)PAGE_MASK;
    p = page_at(u, phys);
    writable = (w.value[1] & PTE_D) && walk_allows(u, &w, MMU_WRITE, user);
    enter_read = p.read && entered(base) && !(w.nx && shadow_code_at(u, phys));
    if (enter_read) {
        shadow_set(u, s, SHADOW_READS, base, (uintptr_t)p.read - base);
        if (w.nx) {
            mappings_add(u, SHADOW_READS, phys, base);
        }
    }
    if (p.write && writable && entered(base)) {
        shadow_set(u, s, SHADOW_WRITES, base, (uintptr_t)p.write - base);
        if (phys >> PAGE_SHIFT < PHYSMEM_PAGES) {
            mappings_add(u, SHADOW_WRITES, phys, base);
        }
    }
    log_guest(MMU, "space %u: %08x is at %08llx%s%s%s", space->index, base,
              (unsigned long long)phys, user ? ", user" : "",
              writable ? p.write ? ", written" : ", traced" : "", p.read ? "" : ", a device");
    host = access == MMU_WRITE ? p.write : p.read;
    if (!host || access == MMU_EXEC || (access == MMU_READ && !enter_read) || !entered(base)) {
        remember(u, a, phys, p.read,
                 DISPATCH_R | (writable ? DISPATCH_W : 0) |
                     (walk_allows(u, &w, MMU_EXEC, user) ? DISPATCH_X : 0),
                 user);
    }
    return (struct place){host ? host + (a & PAGE_MASK) : NULL, phys | (a & PAGE_MASK)};
}
