/* SPDX-License-Identifier: MIT */
/*
 * Saved states by tag: savevm and loadvm, -loadvm, and QMP's snapshot jobs.
 *
 * A tag's file is TAG.vmstate in -snapshot-dir; without that option IMAGE.TAG.vmstate beside the
 * first disk's image, or gnomon.TAG.vmstate in the current folder where no disk has one. The tag
 * file:PATH is a file anywhere.
 */
#ifndef FRONTENDS_SNAPSHOT_H
#define FRONTENDS_SNAPSHOT_H

#include "frontends/text.h"

struct session;

/* Where tags live; caller frees. Before media are changed. */
char *snapshot_base(const struct session *s);

/* NULL, or one line (caller frees). A running machine stops for it, and goes on. */
char *snapshot_save(struct session *s, const char *tag); /* NULL: a tag made of the time */
char *snapshot_load(struct session *s, const char *tag);
char *snapshot_delete(struct session *s, const char *tag);
bool snapshot_exists(struct session *s, const char *tag);
/* Every tag, each ended by a newline. */
void snapshot_tags(struct session *s, struct text *out);
/* A table, newest last. */
void snapshot_list(struct session *s, struct text *out);

#endif
