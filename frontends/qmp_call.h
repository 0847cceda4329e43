/* SPDX-License-Identifier: MIT */
/*
 * What QMP commands share: a call with its arguments, and the commands that live in files of their
 * own. A command returns NULL, or an error's words (caller frees), and may set the error's class.
 */
#ifndef FRONTENDS_QMP_CALL_H
#define FRONTENDS_QMP_CALL_H

#include "frontends/json.h"

struct session;

struct call {
    struct session *s;
    const struct json *arguments; /* NULL: none. They fit the command's signature. */
    struct text *result;          /* JSON; left empty for {} */
    const char *class;            /* of an error: GenericError unless set */
};

const struct json *call_argument(const struct call *c, const char *name);
const char *call_string(const struct call *c, const char *name); /* NULL: not given */
char *call_no_such_device(struct call *c, const char *device);

/* qmp_query.c */
char *run_query_version(struct call *c);
char *run_query_name(struct call *c);
char *run_query_kvm(struct call *c);
char *run_query_status(struct call *c);
char *run_query_cpus_fast(struct call *c);
char *run_query_block(struct call *c);
char *run_query_chardev(struct call *c);
char *run_query_pci(struct call *c);
char *run_query_machines(struct call *c);
char *run_query_mice(struct call *c);
char *run_query_memory_size(struct call *c);
char *run_query_uuid(struct call *c);
char *run_query_target(struct call *c);
char *run_query_current_machine(struct call *c);
char *run_query_replay(struct call *c);
char *run_query_vnc(struct call *c);
char *run_query_balloon(struct call *c);
char *run_query_empty_list(struct call *c);

/* qmp_block.c */
char *run_eject(struct call *c);
char *run_blockdev_change_medium(struct call *c);
char *run_blockdev_open_tray(struct call *c);
char *run_blockdev_close_tray(struct call *c);
char *run_blockdev_remove_medium(struct call *c);
char *run_blockdev_insert_medium(struct call *c);
char *run_blockdev_add(struct call *c);
char *run_blockdev_del(struct call *c);

/* qmp_input.c */
char *run_send_key(struct call *c);
char *run_input_send_event(struct call *c);

/* qmp_jobs.c */
char *run_snapshot_save(struct call *c);
char *run_snapshot_load(struct call *c);
char *run_snapshot_delete(struct call *c);
char *run_query_jobs(struct call *c);
char *run_job_dismiss(struct call *c);
char *run_job_cancel(struct call *c);

#endif
