/* SPDX-License-Identifier: MIT */
/*
 * Saving and loading as QMP has it: jobs. Ours are done when the command returns; the events tell
 * the same story as QEMU's, whose last ones follow the return.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "frontends/qmp.h"
#include "frontends/qmp_call.h"
#include "frontends/session.h"
#include "frontends/snapshot.h"

static void tell_status(struct session *s, const char *id, const char *status)
{
    struct text t = {0};

    text_printf(&t, "{\"status\": \"%s\", \"id\": ", status);
    json_write_string(&t, id);
    text_puts(&t, "}");
    qmp_tell(s, "JOB_STATUS_CHANGE", t.s);
    text_free(&t);
}

static struct session_job *find_job(struct session *s, const char *id)
{
    for (unsigned i = 0; i < s->job_count; i++) {
        if (!strcmp(s->job[i].id, id)) {
            return &s->job[i];
        }
    }
    return NULL;
}

/* A letter, then letters, digits and "-._". */
static bool is_id(const char *id)
{
    if (!isalpha((unsigned char)id[0])) {
        return false;
    }
    for (; *id; id++) {
        if (!isalnum((unsigned char)*id) && !strchr("-._", *id)) {
            return false;
        }
    }
    return true;
}

static char *run_job(struct call *c, const char *type,
                     char *(*work)(struct session *s, const char *tag))
{
    struct session *s = c->s;
    const char *id = call_string(c, "job-id");

    if (find_job(s, id)) {
        return xasprintf("Job ID '%s' already in use", id);
    }
    if (!is_id(id)) {
        return xasprintf("Invalid job ID '%s'", id);
    }
    if (s->job_count == SESSION_JOBS) {
        return xstrdup("too many jobs: job-dismiss removes those that are concluded");
    }
    struct session_job *job = &s->job[s->job_count++];

    *job = (struct session_job){.id = xstrdup(id), .type = type};
    tell_status(s, id, "created");
    tell_status(s, id, "running");
    job->error = work(s, call_string(c, "tag"));
    return NULL;
}

void qmp_jobs_conclude(struct session *s)
{
    for (unsigned i = 0; i < s->job_count; i++) {
        struct session_job *job = &s->job[i];

        if (job->concluded) {
            continue;
        }
        job->concluded = true;
        if (job->error) {
            tell_status(s, job->id, "aborting");
        } else {
            tell_status(s, job->id, "waiting");
            tell_status(s, job->id, "pending");
        }
        tell_status(s, job->id, "concluded");
    }
}

void qmp_jobs_free(struct session *s)
{
    while (s->job_count) {
        struct session_job *job = &s->job[--s->job_count];

        free(job->id);
        free(job->error);
    }
}

static char *save_new(struct session *s, const char *tag)
{
    return snapshot_exists(s, tag)
               ? xasprintf("Snapshot '%s' already exists in one or more devices", tag)
               : snapshot_save(s, tag);
}

/* That it is not there is no error here. */
static char *delete_if_there(struct session *s, const char *tag)
{
    return snapshot_exists(s, tag) ? snapshot_delete(s, tag) : NULL;
}

static char *load_existing(struct session *s, const char *tag)
{
    return snapshot_exists(s, tag)
               ? snapshot_load(s, tag)
               : xasprintf("Snapshot '%s' does not exist in one or more devices", tag);
}

char *run_snapshot_save(struct call *c)
{
    return run_job(c, "snapshot-save", save_new);
}

char *run_snapshot_load(struct call *c)
{
    return run_job(c, "snapshot-load", load_existing);
}

char *run_snapshot_delete(struct call *c)
{
    return run_job(c, "snapshot-delete", delete_if_there);
}

char *run_query_jobs(struct call *c)
{
    const struct session *s = c->s;

    text_puts(c->result, "[");
    for (unsigned i = s->job_count; i--;) { /* the newest first */
        const struct session_job *job = &s->job[i];

        text_printf(c->result,
                    "{\"current-progress\": 1, \"status\": \"concluded\", \"total-progress\": 1, "
                    "\"type\": \"%s\", \"id\": ",
                    job->type);
        json_write_string(c->result, job->id);
        if (job->error) {
            text_puts(c->result, ", \"error\": ");
            json_write_string(c->result, job->error);
        }
        text_puts(c->result, i ? "}, " : "}");
    }
    text_puts(c->result, "]");
    return NULL;
}

char *run_job_dismiss(struct call *c)
{
    struct session *s = c->s;
    struct session_job *job = find_job(s, call_string(c, "id"));

    if (!job) {
        return xstrdup("Job not found");
    }
    tell_status(s, job->id, "null");
    free(job->id);
    free(job->error);
    memmove(job, job + 1, (size_t)(s->job + --s->job_count - job) * sizeof(*job));
    return NULL;
}

char *run_job_cancel(struct call *c)
{
    const char *id = call_string(c, "id");

    return find_job(c->s, id)
               ? xasprintf("Job '%s' in state 'concluded' cannot accept command verb 'cancel'", id)
               : xstrdup("Job not found");
}
