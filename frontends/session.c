/* SPDX-License-Identifier: MIT */
#include "frontends/session.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cpu/cpu.h"
#include "frontends/control.h"
#include "frontends/drives.h"
#include "frontends/monitor.h"
#include "frontends/mux.h"
#include "frontends/nets.h"
#include "frontends/qmp.h"
#include "frontends/screen.h"
#include "frontends/snapshot.h"

/* Events. */

void session_listen(struct session *s,
                    void (*fn)(void *opaque, enum session_event event, bool guest,
                               const char *reason),
                    void *opaque)
{
    if (s->listener_count < SESSION_LISTENERS) {
        s->listener[s->listener_count++] = (struct session_listener){fn, opaque};
    }
}

static void tell(struct session *s, enum session_event event, bool guest, const char *reason)
{
    for (unsigned i = 0; i < s->listener_count; i++) {
        s->listener[i].fn(s->listener[i].opaque, event, guest, reason);
    }
}

/* Control. */

static void halt(struct session *s, enum run_state state)
{
    if (s->state == RUN_RUNNING) {
        s->state = state;
        machine_request_stop(s->m, STOP_PAUSE, 0);
        pc_run(s->m, 0); /* guest time stands still from here */
        tell(s, EVENT_STOP, false, NULL);
    }
    s->state = state;
}

void session_pause(struct session *s)
{
    if (s->state == RUN_RUNNING) {
        halt(s, RUN_PAUSED);
    }
}

void session_resume(struct session *s)
{
    if (s->state != RUN_RUNNING) {
        s->state = RUN_RUNNING;
        s->m->stop = STOP_NONE;
        tell(s, EVENT_RESUME, false, NULL);
    }
}

void session_quit(struct session *s, int status, const char *reason)
{
    if (!s->quit) {
        s->quit = true;
        s->exit_status = status;
        tell(s, EVENT_SHUTDOWN, !strncmp(reason, "guest-", 6), reason);
    }
}

/* The guest's machine is off, or would be restarted under -no-reboot. */
static void end(struct session *s, int status, const char *reason)
{
    if (s->o->no_shutdown) {
        tell(s, EVENT_SHUTDOWN, !strncmp(reason, "guest-", 6), reason);
        halt(s, RUN_SHUTDOWN);
    } else {
        session_quit(s, status, reason);
    }
}

static void reset(struct session *s, bool guest, const char *reason)
{
    pc_reset(s->m);
    if (s->state == RUN_SHUTDOWN) {
        s->state = RUN_PAUSED;
    }
    tell(s, EVENT_RESET, guest, reason);
}

void session_reset(struct session *s, const char *reason)
{
    if (s->o->no_reboot) {
        end(s, EXIT_RESET, reason);
    } else {
        reset(s, false, reason);
    }
}

void session_powerdown(struct session *s)
{
    pc_power_button(s->m);
    tell(s, EVENT_POWERDOWN, false, NULL);
}

static void say_where(struct session *s, const char *what)
{
    const struct cpu *cpu = s->m->cpu;

    log_host("%s at %04x:%08x (linear %08x)", what, cpu->seg[CS].sel, cpu->eip,
             cpu->seg[CS].base + cpu->eip);
}

static void triple_fault(struct session *s)
{
    enum triple_fault_action action = s->o->on_triple_fault;

    say_where(s, "triple fault");
    if (action == TRIPLE_PAUSE) {
        halt(s, RUN_SHUTDOWN);
    } else if (action == TRIPLE_EXIT || s->o->no_reboot) {
        end(s, EXIT_TRIPLE_FAULT, "guest-reset");
    } else {
        reset(s, true, "guest-reset");
    }
}

void session_stopped(struct session *s)
{
    enum stop_reason why = s->m->stop;
    uint32_t code = s->m->stop_code;

    s->m->stop = STOP_NONE;
    switch (why) {
    case STOP_SHUTDOWN: end(s, EXIT_OK, "guest-shutdown"); break;
    case STOP_RESET:
        if (s->o->no_reboot) {
            end(s, EXIT_RESET, "guest-reset");
        } else {
            reset(s, true, "guest-reset");
        }
        break;
    case STOP_TRIPLE_FAULT: triple_fault(s); break;
    case STOP_DEBUG_EXIT: session_quit(s, (int)((code << 1 | 1) & 0xff), "guest-shutdown"); break;
    case STOP_DIFFERENCE: session_quit(s, EXIT_DIFFERENCE, "host-error"); break;
    case STOP_DEAD_HALT:
        say_where(s, "HLT with interrupts off");
        session_quit(s, EXIT_DEAD_HALT, "guest-panic");
        break;
    case STOP_QUIT: session_quit(s, EXIT_OK, "host-ui"); break;
    case STOP_PAUSE:
    case STOP_NONE: break;
    }
}

const char *session_state_name(const struct session *s)
{
    static const char *const names[] = {"prelaunch", "running", "paused", "shutdown"};

    return names[s->state];
}

/* Typing. */

static void typing_go_on(void *opaque)
{
    struct session *s = opaque;

    while (s->typed_count) {
        struct typed *t = &s->typed[s->typed_first];

        s->typed_first = (s->typed_first + 1) % SESSION_TYPED;
        s->typed_count--;
        if (t->key == KEY_NONE) {
            clock_schedule_in(&s->typing, t->ns);
            return;
        }
        pc_key(s->m, (enum key_code)t->key, t->down);
    }
}

static void type(struct session *s, struct typed t)
{
    s->typed[(s->typed_first + s->typed_count++) % SESSION_TYPED] = t;
}

bool session_send_keys(struct session *s, const enum key_code *keys, unsigned n, uint64_t hold)
{
    if (s->typed_count + 2 * n + 2 > SESSION_TYPED) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        type(s, (struct typed){.key = (uint16_t)keys[i], .down = true});
    }
    type(s, (struct typed){.key = KEY_NONE, .ns = hold});
    for (unsigned i = 0; i < n; i++) {
        type(s, (struct typed){.key = (uint16_t)keys[i]});
    }
    /* Between this and the next combination, so that a guest that polls sees the keys up. */
    type(s, (struct typed){.key = KEY_NONE, .ns = 10000000});
    if (!clock_pending(&s->typing)) {
        typing_go_on(s);
    }
    return true;
}

/* Streams. */

static struct mux *mux_of(struct session *s, const char *id)
{
    for (unsigned i = 0; i < s->o->stream_count; i++) {
        if (!strcmp(s->o->stream[i].id, id)) {
            return s->mux[i];
        }
    }
    return NULL; /* streams_check() has seen that there is one */
}

static void mux_quit(void *opaque)
{
    session_quit(opaque, EXIT_OK, "host-ui");
}

static void connect_user(struct session *s, const struct stream_user *u, struct pc_config *config)
{
    struct chardev *c = mux_add_user(mux_of(s, u->stream));

    switch (u->use) {
    case STREAM_SERIAL: config->serial[u->port] = c; break;
    case STREAM_PARALLEL: config->parallel[u->port] = c; break;
    case STREAM_DEBUGCON: config->debugcon = c; break;
    case STREAM_QMP: s->qmp[s->qmp_count++] = qmp_create(s, c); break;
    case STREAM_MONITOR: s->monitor[s->monitor_count++] = monitor_create(s, c); break;
    }
}

static void make_streams(struct session *s, struct pc_config *config)
{
    for (unsigned i = 0; i < s->o->stream_count; i++) {
        s->mux[i] = mux_create(s->o->stream[i].id, s->o->stream[i].mux);
        mux_on_quit(s->mux[i], mux_quit, s);
    }
    /* In the order of enum stream_use: the first user has the input of a shared stream. */
    for (unsigned use = STREAM_SERIAL; use <= STREAM_MONITOR; use++) {
        for (unsigned i = 0; i < s->o->user_count; i++) {
            if (s->o->user[i].use == use) {
                connect_user(s, &s->o->user[i], config);
            }
        }
    }
}

void session_connect(struct session *s)
{
    for (unsigned i = 0; i < s->o->stream_count; i++) {
        char *error = NULL;
        struct chardev *c = chardev_open(&s->o->stream[i].spec, s->o->stream[i].id, &error);

        if (!c) {
            for (unsigned j = 0; j < i; j++) {
                mux_destroy(s->mux[j]); /* the terminal's mode, sockets' files */
            }
            fatal("%s", error);
        }
        mux_connect(s->mux[i], c);
    }
}

void session_open(struct session *s, const struct options *o)
{
    struct pc_config *config = &s->config;
    char *error = NULL;

    *s = (struct session){.o = o, .state = o->paused ? RUN_PRELAUNCH : RUN_RUNNING};
    *config = (struct pc_config){
        .accel = o->accel,
        .lockstep_every = o->lockstep_every,
        .translator = o->translator,
        .cpu_model = o->cpu_model,
        .isapc = o->isapc,
        .acpi_off = o->acpi_off,
        .ram_size = o->ram_size,
        .bios_path = o->bios,
        .vgabios_path = o->vgabios,
        .debugcon_base = o->debugcon_base,
        .debug_exit = o->debug_exit,
        .debug_exit_base = o->debug_exit_base,
        .debug_exit_size = o->debug_exit_size,
        .kernel = o->kernel,
        .initrd = o->initrd,
        .append = o->append,
        .vga = o->vga,
        .rtc_base = o->rtc_base,
        .clock = o->host_clock ? PC_CLOCK_HOST : PC_CLOCK_VIRTUAL,
        .clock_shift = o->clock_shift,
        .keep_dead_halt = !o->exit_on_dead_halt,
    };
    config->option_rom = (const char *const *)o->option_rom;
    config->option_rom_count = o->option_rom_count;
    strcpy(config->boot_order, o->boot_order);
    drives_open(o, config);
    if (!config->boot_order[0]) {
        strcpy(config->boot_order, "cad");
    }
    nets_open(o, config);
    make_streams(s, config);
    s->m = pc_create(config, &error);
    if (!s->m) {
        fatal("%s", error);
    }
    clock_event_init(&s->typing, &s->m->clock, "typing", typing_go_on, s);
    s->snapshot_base = snapshot_base(s);
    if (o->loadvm) {
        error = snapshot_load(s, o->loadvm);
        if (error) {
            fatal("-loadvm: %s", error);
        }
    }
}

void session_close(struct session *s)
{
    for (unsigned i = 0; i < s->qmp_count; i++) {
        qmp_destroy(s->qmp[i]);
    }
    for (unsigned i = 0; i < s->monitor_count; i++) {
        monitor_destroy(s->monitor[i]);
    }
    for (unsigned i = 0; i < s->o->stream_count; i++) {
        mux_destroy(s->mux[i]);
    }
    clock_cancel(&s->typing);
    qmp_jobs_free(s);
    free(s->snapshot_base);
    for (unsigned i = 0; i < s->node_count; i++) {
        free(s->node[i].name);
        free(s->node[i].path);
    }
    pc_destroy(s->m);
}

void session_poll(struct session *s)
{
    for (unsigned i = 0; i < s->o->stream_count; i++) {
        mux_poll(s->mux[i]);
    }
    if (s->screen) {
        screen_poll(s->screen);
    }
    for (unsigned i = 0; i < s->config.nic_count; i++) {
        net_poll(s->config.nic[i].net);
    }
    control_watch_trays(s);
}

unsigned session_net_fds(struct session *s, struct pollfd *p, unsigned max, uint32_t *ms)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->config.nic_count; i++) {
        n += net_fill(s->config.nic[i].net, p + n, max - n, ms);
    }
    return n;
}

unsigned session_fds(struct session *s, int *fds, unsigned max, bool *pending)
{
    unsigned n = 0;

    *pending = false;
    for (unsigned i = 0; i < s->o->stream_count; i++) {
        n += mux_fds(s->mux[i], fds + n, max - n);
        *pending |= mux_pending(s->mux[i]);
    }
    if (s->screen && n < max && s->screen->ops->fd(s->screen) >= 0) {
        fds[n++] = s->screen->ops->fd(s->screen);
    }
    return n;
}
