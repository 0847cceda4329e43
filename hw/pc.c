/* SPDX-License-Identifier: MIT */
/*
 * The board: what chips there are, and how they and the CPU are wired. Creation order is the order
 * of resets and of saved state.
 */
#include "hw/pc_board.h"

#include <stdlib.h>
#include <string.h>

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

#define MIB (1024u * 1024u)

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
void pc_board_reset(void *opaque)
{
    struct board *b = opaque;
    struct pc *pc = b->pc;
    uint64_t now = pc_now(pc);

    b->cpu_reset_wanted = false;
    cpu_reset(pc->m.cpu);
    if (pc->clock == PC_CLOCK_VIRTUAL) {
        pc_set_now(pc, now);
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
    .reset = pc_board_reset,
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

struct machine *pc_create_one(const struct pc_config *config, char **error)
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
    clock_init(&m->clock, pc_now, pc_deadline_moved, pc);
    *error = create(pc, config);
    if (*error) {
        pc_destroy(m);
        return NULL;
    }
    return m;
}

struct machine *pc_create(const struct pc_config *config, char **error)
{
    return config->accel == PC_ACCEL_LOCKSTEP ? lockstep_create(config, error)
                                              : pc_create_one(config, error);
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
