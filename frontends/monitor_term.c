/* SPDX-License-Identifier: MIT */
/*
 * A monitor on a stream: a prompt, and a line editor.
 */
#include <stdlib.h>
#include <string.h>

#include "frontends/lineedit.h"
#include "frontends/monitor.h"
#include "frontends/monitor_command.h"
#include "frontends/session.h"

#define PROMPT "(gnomon) "

struct monitor {
    struct session *s;
    struct chardev *c;
    struct lineedit edit;
};

static void monitor_print(void *opaque, const char *bytes, size_t n)
{
    struct monitor *mon = opaque;

    chardev_write(mon->c, (const uint8_t *)bytes, n);
}

static void monitor_enter(void *opaque, const char *line)
{
    struct monitor *mon = opaque;
    struct text out = {0};

    monitor_command(mon->s, line, &out);
    if (out.len) {
        monitor_print(mon, out.s, out.len);
    }
    text_free(&out);
    if (!mon->s->quit) {
        lineedit_show(&mon->edit);
    }
}

static void monitor_complete_word(void *opaque, const char *line, size_t word, struct text *words)
{
    struct monitor *mon = opaque;

    monitor_complete(mon->s, line, word, words);
}

static unsigned monitor_can_receive(void *opaque)
{
    (void)opaque;
    return 256;
}

static void monitor_receive(void *opaque, const uint8_t *buf, size_t len)
{
    struct monitor *mon = opaque;

    for (size_t i = 0; i < len; i++) {
        lineedit_feed(&mon->edit, (char)buf[i]);
    }
}

static void monitor_opened(void *opaque, bool open)
{
    struct monitor *mon = opaque;
    static const char hello[] =
        "\r\ngnomon " GNOMON_VERSION " monitor - type 'help' for more information\r\n";

    lineedit_reset(&mon->edit);
    if (open) {
        monitor_print(mon, hello, strlen(hello));
        lineedit_show(&mon->edit);
    }
}

struct monitor *monitor_create(struct session *s, struct chardev *c)
{
    struct monitor *mon = xcalloc(1, sizeof(*mon));

    mon->s = s;
    mon->c = c;
    mon->edit = (struct lineedit){.prompt = PROMPT,
                                  .print = monitor_print,
                                  .enter = monitor_enter,
                                  .complete = monitor_complete_word,
                                  .opaque = mon};
    chardev_connect(c, monitor_can_receive, monitor_receive, mon);
    c->opened = monitor_opened;
    return mon;
}

void monitor_destroy(struct monitor *mon)
{
    mon->c->receive = NULL;
    mon->c->opened = NULL;
    lineedit_free(&mon->edit);
    free(mon);
}
