/* SPDX-License-Identifier: MIT */
/*
 * The whole board: it is repeatable, two machines do not touch each other, saved state goes on
 * where it was, and no port access of a guest can harm the host.
 */
#include "hw/pc.h"

#include "hw/io.h"
#include "hw/keys.h"
#include "base/state.h"
#include "tests/unit/check.h"

static struct machine *new_machine(void)
{
    struct pc_config c = {
        .cpu_model = "max",
        .ram_size = 2 << 20,
        .floppy = {{.present = true}},
        .boot_order = "a",
        .vga = true,
        .debug_exit = true,
        .debug_exit_base = 0xf4,
        .debug_exit_size = 4,
        .rtc_base = 946684800,
        .clock = PC_CLOCK_VIRTUAL,
        .clock_shift = 3,
    };
    char *error = NULL;
    struct machine *m = pc_create(&c, &error);

    if (!m) {
        printf("pc_create: %s\n", error);
        exit(1);
    }
    return m;
}

/* n instructions, idle time skipped. */
static void run(struct machine *m, uint32_t n)
{
    for (unsigned i = 0; i < 20; i++) {
        if (pc_run(m, n / 20) == PC_IDLE && pc_next_event(m) != CLOCK_NEVER) {
            pc_advance(m, pc_next_event(m));
        }
    }
}

static void two_runs_are_the_same(void)
{
    struct machine *a = new_machine(), *b = new_machine();

    run(a, 400000);
    run(b, 200000);
    CHECK(machine_hash(a) != machine_hash(b));
    run(b, 200000);
    CHECK_EQ(clock_now(&a->clock), clock_now(&b->clock));
    CHECK_EQ(machine_hash(a), machine_hash(b));
    pc_destroy(a);
    pc_destroy(b);
}

static void saved_state_goes_on(void)
{
    struct machine *a = new_machine(), *b = new_machine();
    struct state_writer w = {0}, again = {0};

    run(a, 300000);
    pc_key(a, KEY_A, true);
    machine_save(a, &w);
    char *error = machine_load(b, w.data, w.len);

    CHECK_STR(error, NULL);
    machine_save(b, &again);
    CHECK(w.len == again.len && !memcmp(w.data, again.data, w.len));
    run(a, 300000);
    run(b, 300000);
    CHECK_EQ(machine_hash(a), machine_hash(b));
    state_writer_free(&w);
    state_writer_free(&again);
    pc_destroy(a);
    pc_destroy(b);
}

static void stop_requests_are_taken(void)
{
    struct machine *m = new_machine();

    io_write(m, 0xf4, 0x10, 1);
    io_write(m, 0x604, 0x2000, 2); /* the first reason stays */
    CHECK_EQ(pc_run(m, 1000), PC_STOPPED);
    CHECK_EQ(m->stop, STOP_DEBUG_EXIT);
    CHECK_EQ(m->stop_code, 0x10);
    pc_reset(m);
    CHECK_EQ(pc_run(m, 1000), PC_RAN);
    io_write(m, 0xb004, 0x2000, 2);
    CHECK_EQ(m->stop, STOP_SHUTDOWN);
    pc_reset(m);
    for (const char *p = "Shutdown"; *p; p++) {
        io_write(m, 0x8900, (uint8_t)*p, 1);
    }
    CHECK_EQ(m->stop, STOP_SHUTDOWN);
    pc_reset(m);
    io_write(m, 0xcf8, 0x80000600, 4); /* PCI's address register is none of CF9h's business */
    CHECK_EQ(m->stop, STOP_NONE);
    io_write(m, 0xcf9, 0x06, 1);
    CHECK_EQ(m->stop, STOP_RESET);
    pc_destroy(m);
}

static void a20_follows_both_gates(void)
{
    struct machine *m = new_machine();

    CHECK_EQ(io_read(m, 0x92, 1) & 2, 2);
    io_write(m, 0x92, 0, 1);
    CHECK_EQ(physmem_a20(&m->mem, 0x100000), 0);
    io_write(m, 0x64, 0xdf, 1);
    CHECK_EQ(physmem_a20(&m->mem, 0x100000), 0x100000);
    CHECK_EQ(io_read(m, 0x92, 1) & 2, 2);
    pc_destroy(m);
}

static void survives_random_ports(void)
{
    struct machine *m = new_machine();
    uint64_t seed = 7;

    for (unsigned i = 0; i < 200000; i++) {
        uint64_t r = check_random(&seed);
        uint16_t port = (uint16_t)(r & 0x10000 ? r & 0x3ff : r);
        unsigned size = 1u << (r >> 20) % 3;

        if (r >> 24 & 1) {
            io_write(m, port, (uint32_t)(r >> 32), size);
        } else {
            io_read(m, port, size);
        }
        if (!(r >> 25 & 63)) {
            pc_advance(m, clock_now(&m->clock) + (r >> 40));
        }
        if (m->stop != STOP_NONE) {
            m->stop = STOP_NONE;
        }
        if (!(i & 0xfff)) {
            pc_reset(m);
        }
    }
    pc_destroy(m);
}

int main(void)
{
    RUN(two_runs_are_the_same);
    RUN(saved_state_goes_on);
    RUN(stop_requests_are_taken);
    RUN(a20_follows_both_gates);
    RUN(survives_random_ports);
    return check_done();
}
