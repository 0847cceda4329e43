/* SPDX-License-Identifier: MIT */
/*
 * A machine that runs under somebody's control: what the headless loop, QMP and the monitor share.
 * There is one way to stop, one to reset and one to type.
 */
#ifndef FRONTENDS_SESSION_H
#define FRONTENDS_SESSION_H

#include "base/clock.h"
#include "frontends/options.h"
#include "hw/keys.h"
#include "hw/pc.h"

#define SESSION_LISTENERS 8
#define SESSION_TYPED     256

/* Exit status (docs/exit-status.md). Even: odd ones are isa-debug-exit's. */
enum exit_status {
    EXIT_OK = 0,
    EXIT_START = 1,
    EXIT_RESET = 4,
    EXIT_TRIPLE_FAULT = 6,
    EXIT_DEAD_HALT = 8,
    EXIT_DIFFERENCE = 10,
    EXIT_SIGNAL = 128,
};

enum run_state { RUN_PRELAUNCH, RUN_RUNNING, RUN_PAUSED, RUN_SHUTDOWN };

enum session_event { EVENT_STOP, EVENT_RESUME, EVENT_RESET, EVENT_SHUTDOWN, EVENT_POWERDOWN };

/* reason is NULL where the event has none. */
struct session_listener {
    void (*fn)(void *opaque, enum session_event event, bool guest, const char *reason);
    void *opaque;
};

/* Keys on their way: a key that goes down or up, or a pause before the next. */
struct typed {
    uint16_t key; /* enum key_code; KEY_NONE: wait */
    bool down;
    uint64_t ns;
};

/* What snapshot-save and its like leave behind until job-dismiss. */
struct session_job {
    char *id, *error; /* error NULL: it went well */
    const char *type;
    bool concluded; /* everybody was told */
};
#define SESSION_JOBS 64

/* What blockdev-add opened: an image that may be put into a drive. */
struct session_node {
    char *name, *path;
    bool file, read_only; /* file: the driver, else raw */
    int drive;            /* where it is in, as control.h counts drives; -1: nowhere */
};
#define SESSION_NODES 32

struct mux;
struct screen;
struct qmp;
struct monitor;

struct session {
    const struct options *o;
    struct machine *m;
    enum run_state state;
    bool quit;
    int exit_status;

    struct session_listener listener[SESSION_LISTENERS];
    unsigned listener_count;

    struct clock_event typing;
    struct typed typed[SESSION_TYPED]; /* a ring */
    unsigned typed_first, typed_count;
    unsigned mouse_buttons;
    struct screen *screen; /* NULL: nobody looks */

    struct mux *mux[MAX_STREAMS]; /* in the order of o->stream */
    struct qmp *qmp[MAX_STREAMS];
    struct monitor *monitor[MAX_STREAMS];
    unsigned qmp_count, monitor_count;
    struct pc_config config; /* what the machine was made from: drives, for queries */
    struct session_job job[SESSION_JOBS];
    unsigned job_count;
    struct session_node node[SESSION_NODES];
    unsigned node_count;
    bool tray_open[4];   /* of IDE drives, as clients were told */
    char *snapshot_base; /* where tags of saved states live: snapshot.h */
};

/* Makes the machine, which changes nothing on the host. What is wrong ends the program. */
void session_open(struct session *s, const struct options *o);
/* Then opens the streams. */
void session_connect(struct session *s);
void session_close(struct session *s);

void session_listen(struct session *s,
                    void (*fn)(void *opaque, enum session_event event, bool guest,
                               const char *reason),
                    void *opaque);

void session_pause(struct session *s);
void session_resume(struct session *s);
void session_reset(struct session *s, const char *reason); /* by the host */
void session_powerdown(struct session *s);
void session_quit(struct session *s, int status, const char *reason);
/* pc_run() returned PC_STOPPED. */
void session_stopped(struct session *s);
const char *session_state_name(const struct session *s); /* as query-status says it */

/* Presses the keys in order, holds them for guest ns, releases them in the same order. False: queue
 * full. */
bool session_send_keys(struct session *s, const enum key_code *keys, unsigned n, uint64_t hold);

/* Input and output of every stream, between slices. */
void session_poll(struct session *s);
/* The descriptors to wait for; *pending: output waits for the host. */
/* The networks' descriptors; *ms is lowered to their next timeout. */
struct pollfd;
unsigned session_net_fds(struct session *s, struct pollfd *p, unsigned max, uint32_t *ms);
unsigned session_fds(struct session *s, int *fds, unsigned max, bool *pending);

#endif
