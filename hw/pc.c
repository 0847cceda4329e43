/* SPDX-License-Identifier: MIT */
/*
 * The board. Creation order is the order of resets and of saved state.
 *
 * Time: with the virtual clock, guest ns = instructions << shift, plus what the machine skipped
 * while halted. With the host clock it is the host's monotonic clock since power-on, less the time
 * that the machine was not being run.
 */
#include "hw/pc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "cpu/cpu.h"
#include "hw/apic.h"
#include "hw/debugexit.h"
#include "hw/debugport.h"
#include "hw/device.h"
#include "hw/dma.h"
#include "hw/fdc.h"
#include "hw/fwcfg.h"
#include "hw/i440fx.h"
#include "hw/ide.h"
#include "hw/io.h"
#include "hw/kbc.h"
#include "hw/lockstep.h"
#include "hw/ne2000.h"
#include "hw/parallel.h"
#include "hw/pc_boot.h"
#include "hw/pci.h"
#include "hw/pic.h"
#include "hw/piix3.h"
#include "hw/piix4_pm.h"
#include "hw/pit.h"
#include "hw/port92.h"
#include "hw/rtc.h"
#include "hw/sysports.h"
#include "hw/uart.h"
#include "hw/vga.h"
#include "tcg/exec.h"

#define MIB        (1024u * 1024u)
#define HOST_SLICE 20000 /* instructions between looks at the host's clock: well under a ms */

/* What the board itself saves: a device like the others. */
struct board {
    uint64_t
        ns_offset; /* virtual: ns beyond the instruction count; host: host ns at guest time 0 */
    uint64_t frozen_at; /* host: guest time while the machine is stopped */
    bool frozen;
    bool cpu_reset_wanted;
    bool serial_irq[4];        /* interrupt outputs of COM1-4 */
    uint16_t isa_irq, pci_irq; /* interrupt inputs, by who drives them */

    /* The firmware that the guest may be in the middle of: a newer one may differ. pc_roms owns it.
     */
    uint8_t *bios, *vgabios, *bios_shadow, *upper;
    uint32_t bios_size, vgabios_size, bios_shadow_size, upper_size;

    /* Not saved. */
    struct pc *pc;
};

struct pc {
    struct machine m;
    struct board *board;
    enum pc_clock clock;
    unsigned shift;
    bool keep_dead_halt;
    bool running; /* inside cpu_run() */
    struct pc_roms roms;
    struct pic *pic;
    struct rtc *rtc;
    struct kbc *kbc;
    struct vga *vga;
    struct fdc *fdc;
    struct ide *ide[2];
    struct pci_bus *pci; /* NULL on an isapc */
    struct piix3_ide *bus_master;
    struct piix4_pm *pm; /* NULL without ACPI */
    struct apic *apic;   /* NULL: the 8259s alone */
    struct ioapic *ioapic;
    struct line ferr;

    /* Lockstep: the second machine, instructions between comparisons. */
    struct machine *twin;
    struct chardev *own_stream[4 + PC_PARALLELS]; /* of a twin: nobody else closes them */
    uint32_t every;
    uint32_t compared; /* how often */
    struct serial_mirror {
        struct pc *pc;
        struct chardev *to;   /* the second machine's */
        struct chardev first; /* as the first machine's port had connected itself */
    } mirror[4];
};

/* Time. */

static uint64_t host_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static uint64_t pc_now(void *opaque)
{
    struct pc *pc = opaque;
    struct board *b = pc->board;

    if (pc->clock == PC_CLOCK_HOST) {
        return b->frozen ? b->frozen_at : host_ns() - b->ns_offset;
    }
    return (cpu_icount(pc->m.cpu) << pc->shift) + b->ns_offset;
}

/* Virtual clock: sets guest time while the CPU is not running. */
static void set_now(struct pc *pc, uint64_t now)
{
    pc->board->ns_offset = now - (cpu_icount(pc->m.cpu) << pc->shift);
}

/* Host clock: guest time stands still while the machine is stopped. */
static void freeze(struct pc *pc, bool on)
{
    struct board *b = pc->board;

    if (pc->clock != PC_CLOCK_HOST || b->frozen == on) {
        return;
    }
    if (on) {
        b->frozen_at = pc_now(pc);
    } else {
        b->ns_offset = host_ns() - b->frozen_at;
    }
    b->frozen = on;
}

/* The instruction count at which guest time reaches `when`. Virtual clock only. */
static uint64_t icount_at(const struct pc *pc, uint64_t when)
{
    uint64_t ns = when - pc->board->ns_offset;

    return (ns + (1ull << pc->shift) - 1) >> pc->shift;
}

static void deadline_moved(void *opaque, uint64_t when)
{
    struct pc *pc = opaque;

    if (pc->running && pc->clock == PC_CLOCK_VIRTUAL) {
        cpu_limit(pc->m.cpu, icount_at(pc, when));
    }
}

/* The CPU's bus. */

static uint32_t bus_io_read(void *opaque, uint16_t port, unsigned size)
{
    struct pc *pc = opaque;

    return io_read(&pc->m, port, size);
}

static void bus_io_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct pc *pc = opaque;

    io_write(&pc->m, port, val, size);
}

static int bus_int_ack(void *opaque)
{
    struct pc *pc = opaque;
    int vector = pc->apic ? apic_ack(pc->apic) : -1;

    return vector == -1 ? pic_ack(pc->pic) : vector;
}

static void bus_apic_base(void *opaque, uint64_t base)
{
    struct pc *pc = opaque;

    if (pc->apic) {
        apic_set_base(pc->apic, base);
    }
}

static void bus_ferr(void *opaque, bool level)
{
    struct pc *pc = opaque;

    line_set(&pc->ferr, level);
}

/* Lines that end at the board. */

static void set_intr(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;

    (void)n;
    cpu_set_intr(pc->m.cpu, level);
}

static void set_nmi(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;

    (void)n;
    if (level) {
        cpu_raise_nmi(pc->m.cpu);
    }
}

static void set_a20(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;

    (void)n;
    physmem_set_a20(&pc->m.mem, level);
}

/*
 * The CPU's RESET pin, from the 8042 or port 92h. Software written for the 286 returns to real mode
 * this way and leaves a shutdown code in CMOS 0Fh: then only the CPU is reset. Otherwise the guest
 * wants to reboot.
 */
static void set_cpu_reset(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;

    (void)n;
    if (!level) {
        return;
    }
    if (rtc_get_cmos(pc->rtc, 0x0f) == 0) {
        machine_request_stop(&pc->m, STOP_RESET, 0);
        return;
    }
    pc->board->cpu_reset_wanted = true;
    cpu_kick(pc->m.cpu);
}

static void kick(void *opaque)
{
    struct pc *pc = opaque;

    cpu_kick(pc->m.cpu);
}

/* Guest time goes on over a reset, whatever the reset does to the instruction count. */
static void board_reset(void *opaque)
{
    struct board *b = opaque;
    struct pc *pc = b->pc;
    uint64_t now = pc_now(pc);

    b->cpu_reset_wanted = false;
    cpu_reset(pc->m.cpu);
    if (pc->clock == PC_CLOCK_VIRTUAL) {
        set_now(pc, now);
    }
}

static const struct state_field board_state[] = {
    STATE(struct board, ns_offset),
    STATE(struct board, frozen_at),
    STATE(struct board, frozen),
    STATE(struct board, cpu_reset_wanted),
    STATE(struct board, serial_irq),
    STATE(struct board, isa_irq),
    STATE(struct board, pci_irq),
    STATE_BUF(struct board, bios, bios_size),
    STATE_BUF(struct board, vgabios, vgabios_size),
    STATE_BUF(struct board, bios_shadow, bios_shadow_size),
    STATE_BUF(struct board, upper, upper_size),
    STATE_END,
};

static const struct device_type board_type = {
    .name = "board",
    .reset = board_reset,
    .state = board_state,
};

/* An ISA card and a routed PCI interrupt may hold one input at a time. */
static void drive_irq(struct pc *pc, unsigned n)
{
    struct line irq = pic_irq(pc->pic, n);
    bool level = (pc->board->isa_irq | pc->board->pci_irq) >> n & 1;

    line_set(&irq, level);
    if (pc->ioapic && n != 2) { /* input 2 is the cascade: the timer's pin there */
        ioapic_set_pin(pc->ioapic, n ? n : 2, level);
    }
}

static void set_isa_irq(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;
    struct board *b = pc->board;

    b->isa_irq = (uint16_t)((b->isa_irq & ~(1u << n)) | (unsigned)level << n);
    drive_irq(pc, n);
}

/* The clock's interrupt is an ACPI event as well. */
static void set_rtc_irq(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;

    (void)n;
    if (level && pc->pm) {
        piix4_pm_event(pc->pm, PIIX4_RTC);
    }
    set_isa_irq(pc, 8, level);
}

static void set_pci_irq(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;
    struct board *b = pc->board;

    b->pci_irq = (uint16_t)((b->pci_irq & ~(1u << n)) | (unsigned)level << n);
    drive_irq(pc, n);
}

static struct line isa_irq(struct pc *pc, unsigned n)
{
    return (struct line){.set = set_isa_irq, .opaque = pc, .n = n};
}

static const struct {
    uint16_t base;
    uint8_t irq;
} com_ports[4] = {{0x3f8, 4}, {0x2f8, 3}, {0x3e8, 4}, {0x2e8, 3}};

/* Two ports share an interrupt: either may hold it. */
static void set_serial_irq(void *opaque, unsigned n, bool level)
{
    struct pc *pc = opaque;
    struct board *b = pc->board;

    b->serial_irq[n] = level;
    set_isa_irq(pc, com_ports[n].irq, b->serial_irq[n] || b->serial_irq[n ^ 2]);
}

static void create_serial(struct pc *pc, const struct pc_config *config)
{
    for (unsigned i = 0; i < 4; i++) {
        if (config->serial[i]) {
            uart_create(&pc->m, com_ports[i].base,
                        (struct line){.set = set_serial_irq, .opaque = pc, .n = i},
                        config->serial[i]);
        }
    }
}

static void create_parallel(struct pc *pc, const struct pc_config *config)
{
    static const struct {
        uint16_t base;
        uint8_t irq;
    } ports[PC_PARALLELS] = {{0x378, 7}, {0x278, 5}};

    for (unsigned i = 0; i < PC_PARALLELS; i++) {
        if (config->parallel[i]) {
            parallel_create(&pc->m, ports[i].base, isa_irq(pc, ports[i].irq), config->parallel[i]);
        }
    }
}

static void create_disks(struct pc *pc, const struct pc_config *config, struct dma *dma)
{
    struct block *floppy[2] = {config->floppy[0].block, config->floppy[1].block};
    const bool present[2] = {config->floppy[0].present, config->floppy[1].present};
    const uint8_t type[2] = {config->floppy[0].type, config->floppy[1].type};
    struct machine *m = &pc->m;

    pc->fdc = fdc_create(m, isa_irq(pc, 6), dma, floppy, present, type);
    for (unsigned n = 0; n < 2; n++) {
        static const uint16_t base[2] = {0x1f0, 0x170};
        struct line irq = isa_irq(pc, 14 + n);

        if (pc->bus_master) {
            irq = piix3_ide_irq(pc->bus_master, n);
        }
        pc->ide[n] = ide_create(m, base[n], base[n] + 0x206, irq, &config->ide[2 * n]);
        if (pc->bus_master) {
            piix3_ide_connect(pc->bus_master, n, pc->ide[n]);
        }
    }
}

/* The chip set of a board with PCI. */
static void create_pci(struct pc *pc, const struct pc_config *config, struct sysports *ports)
{
    struct machine *m = &pc->m;
    struct line irq[16];

    for (unsigned n = 0; n < 16; n++) {
        irq[n] = (struct line){.set = set_pci_irq, .opaque = pc, .n = n};
    }
    pc->pci = pci_bus_create(m);
    i440fx_create(m, pc->pci);
    piix3_create(m, pc->pci, irq, ports);
    pc->bus_master = piix3_ide_create(m, pc->pci, isa_irq(pc, 14), isa_irq(pc, 15));
    if (!config->acpi_off) {
        pc->pm = piix4_pm_create(m, pc->pci, isa_irq(pc, 9));
    }
}

static uint64_t net_now(void *opaque)
{
    struct pc *pc = opaque;

    return clock_now(&pc->m.clock);
}

static void create_nics(struct pc *pc, const struct pc_config *config)
{
    for (unsigned i = 0; i < config->nic_count; i++) {
        const struct pc_nic *n = &config->nic[i];

        if (n->net) {
            n->net->now = net_now;
            n->net->now_opaque = pc;
        }
        if (n->model == PC_NIC_NE2K_ISA) {
            ne2000_isa_create(&pc->m, n->iobase, n->mac, n->net, isa_irq(pc, n->irq));
        } else if (!pc->pci || !ne2000_pci_create(&pc->m, pc->pci, n->mac, n->net, pc->roms.nic[i],
                                                  pc->roms.nic_size[i])) {
            net_destroy(n->net); /* the front end has checked that there is a bus */
        }
    }
}

static void create_chips(struct pc *pc, const struct pc_config *config)
{
    struct machine *m = &pc->m;
    struct line intr = {.set = set_intr, .opaque = pc};
    struct line a20 = {.set = set_a20, .opaque = pc};
    struct line cpu_reset = {.set = set_cpu_reset, .opaque = pc};

    if (!config->isapc && cpu_has(m->cpu, FEAT_APIC)) {
        pc->apic = apic_create(m, intr, (struct line){.set = set_nmi, .opaque = pc});
        pc->ioapic = ioapic_create(m, pc->apic);
        intr = apic_lint0(pc->apic);
    }
    pc->pic = pic_create(m, intr);
    pit_create(m, isa_irq(pc, 0));
    struct dma *dma = dma_create(m);

    pc->rtc = rtc_create(m, (struct line){.set = set_rtc_irq, .opaque = pc}, (struct line){0},
                         config->rtc_base);
    port92_create(m, a20, cpu_reset);
    pc->kbc = kbc_create(m, (struct kbc_lines){.irq1 = isa_irq(pc, 1),
                                               .irq12 = isa_irq(pc, 12),
                                               .a20 = a20,
                                               .cpu_reset = cpu_reset});
    struct sysports *ports = sysports_create(m);

    if (!config->isapc) {
        create_pci(pc, config, ports);
    }
    pc->ferr = fpuerr_create(m, isa_irq(pc, 13));
    create_serial(pc, config);
    create_parallel(pc, config);
    create_disks(pc, config, dma);
    if (config->vga) {
        pc->vga = vga_create(m, pc->pci);
        vga_set_rom(pc->vga, pc->roms.vgabios, pc->roms.vgabios_size);
    }
    create_nics(pc, config);
    if (config->debugcon) {
        debugport_create(m, 0x402, 0xe9, config->debugcon);
        debugport_create(m, config->debugcon_base, 0xe9, config->debugcon);
    }
    if (config->debug_exit) {
        debugexit_create(m, config->debug_exit_base, config->debug_exit_size);
    }
    pc_fill_cmos(pc->rtc, pc->fdc, config);
}

static char *attach_translator(struct cpu *cpu, enum pc_accel accel, struct pc_translator how)
{
    struct tcg_options options = TCG_DEFAULTS;

    options.optimise = options.chain = !how.unoptimised;
    options.block_max = how.one_insn;
    options.check_ir = how.check_ir;
    options.perfmap = how.perfmap;
    options.jitdump = how.jitdump;
    if (how.eager) {
        options.threshold = 0;
        options.patience = 0;
        options.share = 1;
    }
    if (how.unoptimised) {
        options.share = 0;
    }
    if (accel == PC_ACCEL_INTERP || tcg_attach(cpu, &options) || accel == PC_ACCEL_BEST) {
        return NULL;
    }
    return xstrdup(tcg_supported() ? "accelerator 'tcg': the host gives no memory for code"
                                   : "accelerator 'tcg': no back end for this host's CPU; use "
                                     "'interp'");
}

static void keep_roms(struct board *b, const struct pc_roms *roms)
{
    b->bios = roms->bios;
    b->bios_size = roms->bios_size;
    b->vgabios = roms->vgabios;
    b->vgabios_size = roms->vgabios_size;
    b->bios_shadow = roms->shadow;
    b->bios_shadow_size = roms->shadow_size;
    b->upper = roms->upper;
    b->upper_size = roms->upper_size;
}

static char *create(struct pc *pc, const struct pc_config *config)
{
    struct machine *m = &pc->m;
    struct cpu_bus bus = {
        .io_read = bus_io_read,
        .io_write = bus_io_write,
        .int_ack = bus_int_ack,
        .tsc = pc_now,
        .ferr = bus_ferr,
        .apic_base = bus_apic_base,
        .opaque = pc,
    };
    char *error = NULL;

    pc->board = device_new(m, &board_type, sizeof(*pc->board));
    pc->board->pc = pc;
    pc->board->frozen = true;
    /* An AT has no bus that an APIC could hang on. */
    char *model = xasprintf("%s%s", config->cpu_model, config->isapc ? ",-apic" : "");

    m->cpu = cpu_create(model, &m->mem, &bus, &error);
    free(model);
    if (!m->cpu) {
        return error;
    }
    error = attach_translator(m->cpu, config->accel, config->translator);
    if (error) {
        return error;
    }
    m->kick = kick;
    m->kick_opaque = pc;
    error = pc_map_roms(m, config, &pc->roms);
    if (error) {
        return error;
    }
    keep_roms(pc->board, &pc->roms);
    create_chips(pc, config);
    struct fwcfg *fwcfg = fwcfg_create(m);

    error = pc_add_vgabios(fwcfg, config, &pc->roms);
    if (!error && config->kernel) {
        error = pc_add_kernel(fwcfg, config);
    }
    if (!error) {
        error = pc_add_option_roms(fwcfg, config);
    }
    if (error) {
        return error;
    }
    device_reset_all(m);
    return NULL;
}

static struct machine *create_one(const struct pc_config *config, char **error)
{
    if (config->ram_size < MIB || config->ram_size > 3072u * MIB || config->ram_size % MIB) {
        *error = xasprintf("RAM must be 1 to 3072 whole MiB, not %u bytes", config->ram_size);
        return NULL;
    }
    struct pc *pc = xcalloc(1, sizeof(*pc));
    struct machine *m = &pc->m;

    pc->clock = config->clock;
    pc->shift = config->clock_shift < 16 ? config->clock_shift : 16;
    pc->keep_dead_halt = config->keep_dead_halt;
    m->pc = pc;
    m->io = io_map_new();
    physmem_init(&m->mem, config->ram_size);
    clock_init(&m->clock, pc_now, deadline_moved, pc);
    *error = create(pc, config);
    if (*error) {
        pc_destroy(m);
        return NULL;
    }
    return m;
}

static void twin_catch_up(struct pc *pc);

static struct block *twin_block(struct block *b, char **error)
{
    return b && !*error ? block_open_twin(b, error) : NULL;
}

static struct chardev *twin_stream(struct chardev *c, char **error)
{
    return c ? chardev_open(&(struct chardev_spec){.kind = CHARDEV_NULL}, "lockstep", error) : NULL;
}

/* The second machine of a lockstep: interpreted, no streams, the drives with overlays of their own.
 */
static struct machine *create_twin(const struct pc_config *config, struct chardev **serial,
                                   char **error)
{
    struct pc_config c = *config;
    struct machine *m;

    *error = NULL;
    c.accel = PC_ACCEL_INTERP;
    c.debugcon = NULL;
    for (unsigned n = 0; n < c.nic_count; n++) {
        c.nic[n].net = NULL; /* what the first machine's network answers, the second cannot know */
    }
    for (unsigned n = 0; n < PC_PARALLELS; n++) {
        c.parallel[n] = twin_stream(config->parallel[n], error);
    }
    for (unsigned n = 0; n < 4; n++) {
        c.serial[n] = twin_stream(config->serial[n], error);
        c.ide[n].block = twin_block(config->ide[n].block, error);
    }
    for (unsigned n = 0; n < 2; n++) {
        c.floppy[n].block = twin_block(config->floppy[n].block, error);
    }
    memcpy(serial, c.serial, sizeof(c.serial));
    m = *error ? NULL : create_one(&c, error);
    if (m) {
        memcpy(m->pc->own_stream, c.serial, sizeof(c.serial));
        memcpy(m->pc->own_stream + 4, c.parallel, sizeof(c.parallel));
    }
    return m;
}

/* What comes in on a serial port comes in on the second machine's too, at the same instruction. */
static unsigned mirror_can_receive(void *opaque)
{
    struct serial_mirror *s = opaque;

    return s->first.can_receive(s->first.opaque);
}

static void mirror_receive(void *opaque, const uint8_t *buf, size_t len)
{
    struct serial_mirror *s = opaque;

    twin_catch_up(s->pc);
    s->to->receive(s->to->opaque, buf, len);
    s->first.receive(s->first.opaque, buf, len);
}

static void mirror_serial(struct pc *pc, unsigned n, struct chardev *first, struct chardev *to)
{
    struct serial_mirror *s = &pc->mirror[n];

    if (first && first->receive && to && to->receive) {
        *s = (struct serial_mirror){.pc = pc, .to = to, .first = *first};
        chardev_connect(first, mirror_can_receive, mirror_receive, s);
    }
}

struct machine *pc_create(const struct pc_config *config, char **error)
{
    struct pc_config c = *config;
    struct machine *m, *twin;
    struct chardev *serial[4];

    if (config->accel != PC_ACCEL_LOCKSTEP) {
        return create_one(config, error);
    }
    if (config->clock != PC_CLOCK_VIRTUAL) {
        *error = xstrdup("accelerator 'lockstep' needs the virtual clock: give -rtc clock=vm");
        return NULL;
    }
    twin = create_twin(config, serial, error);
    if (!twin) {
        return NULL;
    }
    c.accel = PC_ACCEL_TCG;
    m = create_one(&c, error);
    if (!m) {
        pc_destroy(twin);
        return NULL;
    }
    m->pc->twin = twin;
    m->pc->every = config->lockstep_every ? config->lockstep_every : 64;
    for (unsigned n = 0; n < 4; n++) {
        mirror_serial(m->pc, n, config->serial[n], serial[n]);
    }
    return m;
}

void pc_destroy(struct machine *m)
{
    struct pc *pc = m->pc;

    if (pc->twin) {
        pc_destroy(pc->twin);
    }
    device_destroy_all(m);
    if (m->cpu) {
        cpu_destroy(m->cpu);
    }
    io_map_free(m->io);
    physmem_destroy(&m->mem);
    pc_free_roms(&pc->roms);
    for (unsigned n = 0; n < ARRAY_LEN(pc->own_stream); n++) {
        if (pc->own_stream[n]) {
            chardev_destroy(pc->own_stream[n]);
        }
    }
    free(pc);
}

void pc_reset(struct machine *m)
{
    struct pc *pc = m->pc;

    if (pc->twin) {
        pc_reset(pc->twin);
    }
    m->stop = STOP_NONE;
    m->stop_code = 0;
    pc_reset_shadow(&pc->roms);
    rtc_set_cmos(pc->rtc, 0x0f, 0); /* the reset button is not a return from protected mode */
    device_reset_all(m);
}

/* How many instructions may run, at most n, before an event is due. */
static uint32_t until_event(struct pc *pc, uint32_t n)
{
    uint64_t next = clock_next(&pc->m.clock);

    if (pc->clock == PC_CLOCK_HOST) {
        return n < HOST_SLICE ? n : HOST_SLICE;
    }
    if (next == CLOCK_NEVER) {
        return n;
    }
    uint64_t left = icount_at(pc, next) - cpu_icount(pc->m.cpu);

    return left < n ? (uint32_t)left : n;
}

/* HLT with interrupts off and no NMI: only a reset helps. */
static bool halted_dead(const struct cpu *cpu)
{
    return !(cpu->eflags & EFLAGS_IF) && !cpu->nmi_pending;
}

/* Runs the CPU up to the next event. False: it can go no further now. */
static bool run_slice(struct pc *pc, uint32_t n, enum pc_run_result *result)
{
    struct machine *m = &pc->m;

    pc->running = true;
    enum cpu_exit why = cpu_run(m->cpu, until_event(pc, n));
    pc->running = false;

    if (why == CPU_EXIT_SHUTDOWN) {
        machine_request_stop(m, STOP_TRIPLE_FAULT, 0);
    } else if (why == CPU_EXIT_HALT && clock_next(&m->clock) > clock_now(&m->clock) &&
               m->stop == STOP_NONE && !pc->board->cpu_reset_wanted) {
        if (!halted_dead(m->cpu) || pc->keep_dead_halt) {
            *result = PC_IDLE;
            return false;
        }
        machine_request_stop(m, STOP_DEAD_HALT, 0);
    }
    return true;
}

static enum pc_run_result run_alone(struct machine *m, uint32_t n)
{
    struct pc *pc = m->pc;
    uint64_t done = 0;
    enum pc_run_result result = PC_RAN;

    if (m->stop == STOP_NONE) {
        freeze(pc, false);
    }
    for (;;) {
        clock_run(&m->clock);
        if (m->stop != STOP_NONE) {
            freeze(pc, true);
            return PC_STOPPED;
        }
        if (pc->board->cpu_reset_wanted) {
            board_reset(pc->board);
        }
        if (done >= n) {
            return PC_RAN;
        }
        uint64_t start = cpu_icount(m->cpu);

        if (!run_slice(pc, n - (uint32_t)done, &result)) {
            return result;
        }
        done += cpu_icount(m->cpu) - start;
    }
}

/* Lockstep: the twin runs as far as the first has. */
static void twin_catch_up(struct pc *pc)
{
    if (pc->twin) {
        uint64_t behind = cpu_icount(pc->m.cpu) - cpu_icount(pc->twin->cpu);

        run_alone(pc->twin, (uint32_t)behind);
    }
}

#define CPU_EVERY 256        /* comparisons of registers to one of the whole CPU */
#define RAM_EVERY (1u << 14) /* ... to one of memory too */

static bool twin_same(struct pc *pc, uint32_t eip)
{
    uint32_t n = ++pc->compared;

    return lockstep_same(&pc->m, pc->twin,
                         n % RAM_EVERY == 0   ? LOCKSTEP_RAM
                         : n % CPU_EVERY == 0 ? LOCKSTEP_CPU
                                              : LOCKSTEP_REGISTERS,
                         eip);
}

static enum pc_run_result run_lockstep(struct machine *m, uint32_t n)
{
    struct pc *pc = m->pc;
    enum pc_run_result result = PC_RAN;

    pc->twin->stop = m->stop;
    while (n && result == PC_RAN) {
        uint32_t chunk = n < pc->every ? n : pc->every, eip = m->cpu->eip;

        result = run_alone(m, chunk);
        twin_catch_up(pc);
        if (!twin_same(pc, eip)) {
            m->stop = STOP_NONE;
            machine_request_stop(m, STOP_DIFFERENCE, 0);
            return PC_STOPPED;
        }
        n -= chunk;
    }
    return result;
}

enum pc_run_result pc_run(struct machine *m, uint32_t n)
{
    return m->pc->twin ? run_lockstep(m, n) : run_alone(m, n);
}

uint64_t pc_next_event(struct machine *m)
{
    return clock_next(&m->clock);
}

static bool would_wake(const struct cpu *cpu)
{
    return !cpu->halted || cpu->nmi_pending || (cpu->intr && (cpu->eflags & EFLAGS_IF));
}

void pc_advance(struct machine *m, uint64_t when)
{
    struct pc *pc = m->pc;

    if (pc->twin) {
        pc_advance(pc->twin, when);
    }
    if (pc->clock == PC_CLOCK_HOST) {
        clock_run(&m->clock);
        return;
    }
    while (clock_next(&m->clock) <= when) {
        if (clock_next(&m->clock) > clock_now(&m->clock)) {
            set_now(pc, clock_next(&m->clock));
        }
        clock_run(&m->clock);
        if (m->stop != STOP_NONE || would_wake(m->cpu)) {
            return;
        }
    }
    if (when != CLOCK_NEVER && when > clock_now(&m->clock)) {
        set_now(pc, when);
    }
}

void pc_key(struct machine *m, enum key_code key, bool down)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_key(m->pc->twin, key, down);
    }
    kbc_key(m->pc->kbc, key, down);
}

void pc_mouse_move(struct machine *m, int dx, int dy, int dz)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_mouse_move(m->pc->twin, dx, dy, dz);
    }
    kbc_mouse_move(m->pc->kbc, dx, dy, dz);
}

void pc_mouse_buttons(struct machine *m, unsigned buttons)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_mouse_buttons(m->pc->twin, buttons);
    }
    kbc_mouse_buttons(m->pc->kbc, buttons);
}

void pc_nmi(struct machine *m)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_nmi(m->pc->twin);
    }
    cpu_raise_nmi(m->cpu);
}

/* To read may change a chip as well. */
uint32_t pc_read_port(struct machine *m, uint16_t port, unsigned size)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_read_port(m->pc->twin, port, size);
    }
    return io_read(m, port, size);
}

void pc_write_port(struct machine *m, uint16_t port, uint32_t val, unsigned size)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_write_port(m->pc->twin, port, val, size);
    }
    io_write(m, port, val, size);
}

struct pci_bus *pc_pci(struct machine *m)
{
    return m->pc->pci;
}

char *pc_apic_text(struct machine *m, bool io)
{
    if (!m->pc->apic) {
        return NULL;
    }
    return io ? ioapic_describe(m->pc->ioapic) : apic_describe(m->pc->apic);
}

char *pc_jit_text(struct machine *m)
{
    struct tcg_stats t;
    char checked[48] = "";

    if (!tcg_get_stats(m->cpu, &t)) {
        return NULL;
    }
    if (t.checked) {
        snprintf(checked, sizeof(checked), "\nIR checked %llu times",
                 (unsigned long long)t.checked);
    }
    return xasprintf(
        "code %llu KiB of %u KiB\n"
        "blocks translated %llu, dropped %llu; a region evicted %llu times, at most %llu us each\n"
        "exits linked %llu, indirect jumps predicted %llu, returns to the run loop %llu, "
        "calls of the interpreter %llu\n"
        "instructions %llu%s\n",
        (unsigned long long)t.code_bytes >> 10, TCG_CODE_SIZE >> 10,
        (unsigned long long)t.translated, (unsigned long long)t.dropped,
        (unsigned long long)t.evictions, (unsigned long long)t.longest / 1000,
        (unsigned long long)t.linked, (unsigned long long)t.predicted, (unsigned long long)t.exits,
        (unsigned long long)t.calls, (unsigned long long)cpu_icount(m->cpu), checked);
}

bool pc_power_button(struct machine *m)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_power_button(m->pc->twin);
    }
    if (m->pc->pm) {
        piix4_pm_event(m->pc->pm, PIIX4_POWER_BUTTON);
    }
    return m->pc->pm;
}

void pc_screen(struct machine *m, struct picture *out)
{
    if (m->pc->vga) {
        vga_picture(m->pc->vga, out);
    } else {
        picture_resize(out, 0, 0);
    }
}

bool pc_screen_refresh(struct machine *m, struct picture *out, uint32_t *first, uint32_t *end)
{
    return m->pc->vga && vga_refresh(m->pc->vga, out, first, end);
}

void pc_screen_text(struct machine *m, struct text_screen *out)
{
    if (m->pc->vga) {
        vga_text(m->pc->vga, out);
    } else {
        *out = (struct text_screen){.blank = true};
    }
}

/* The same medium, with an overlay of its own, goes into the twin's drive. */
static char *twin_set_medium(struct machine *m, unsigned drive, struct block *block,
                             char *(*set)(struct machine *m, unsigned drive, struct block *block))
{
    char *error = NULL;

    if (!m->pc->twin) {
        return NULL;
    }
    struct block *copy = twin_block(block, &error);

    if (error) {
        return error;
    }
    twin_catch_up(m->pc);
    return set(m->pc->twin, drive, copy);
}

char *pc_set_floppy(struct machine *m, unsigned drive, struct block *block)
{
    char *error = twin_set_medium(m, drive, block, pc_set_floppy);

    if (!error) {
        fdc_set_media(m->pc->fdc, drive & 1, block);
    }
    return error;
}

static struct ide *channel_of(struct machine *m, unsigned drive)
{
    return m->pc->ide[drive >> 1 & 1];
}

char *pc_set_cdrom(struct machine *m, unsigned drive, struct block *block)
{
    char *error = twin_set_medium(m, drive, block, pc_set_cdrom);

    if (!error) {
        ide_set_media(channel_of(m, drive), drive & 1, block);
    }
    return error;
}

bool pc_tray_open(struct machine *m, unsigned drive)
{
    return ide_tray_open(channel_of(m, drive), drive & 1);
}

bool pc_tray_locked(struct machine *m, unsigned drive)
{
    return ide_media_locked(channel_of(m, drive), drive & 1);
}

void pc_set_tray(struct machine *m, unsigned drive, bool open)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_set_tray(m->pc->twin, drive, open);
    }
    ide_set_tray(channel_of(m, drive), drive & 1, open);
}

void pc_request_eject(struct machine *m, unsigned drive, bool force)
{
    if (m->pc->twin) {
        twin_catch_up(m->pc);
        pc_request_eject(m->pc->twin, drive, force);
    }
    ide_request_eject(channel_of(m, drive), drive & 1, force);
}
