/* SPDX-License-Identifier: MIT */
#include "frontends/lineedit.h"

#include <stdlib.h>
#include <string.h>

static void put(struct lineedit *e, const char *s)
{
    e->print(e->opaque, s, strlen(s));
}

static void put_n(struct lineedit *e, const char *s, size_t n)
{
    if (n) {
        e->print(e->opaque, s, n);
    }
}

static void back(struct lineedit *e, size_t n)
{
    while (n--) {
        put(e, "\b");
    }
}

/* Prints from the cursor on, and comes back. */
static void show_tail(struct lineedit *e)
{
    put_n(e, e->line + e->at, e->len - e->at);
    put(e, "\033[K");
    back(e, e->len - e->at);
}

void lineedit_show(struct lineedit *e)
{
    put(e, e->prompt);
    put_n(e, e->line, e->len);
    back(e, e->len - e->at);
}

static void move_to(struct lineedit *e, size_t at)
{
    if (at < e->at) {
        back(e, e->at - at);
    } else {
        put_n(e, e->line + e->at, at - e->at);
    }
    e->at = at;
}

static void insert(struct lineedit *e, const char *s, size_t n)
{
    if (n > LINEEDIT_MAX - 1 - e->len) {
        return;
    }
    memmove(e->line + e->at + n, e->line + e->at, e->len - e->at);
    memcpy(e->line + e->at, s, n);
    e->len += n;
    put_n(e, e->line + e->at, n);
    e->at += n;
    if (e->at < e->len) {
        show_tail(e);
    }
}

static void remove_range(struct lineedit *e, size_t from, size_t to)
{
    move_to(e, from);
    memmove(e->line + from, e->line + to, e->len - to);
    e->len -= to - from;
    show_tail(e);
}

static void replace_line(struct lineedit *e, const char *s)
{
    size_t n = strlen(s);

    move_to(e, 0);
    n = n < LINEEDIT_MAX - 1 ? n : LINEEDIT_MAX - 1;
    memcpy(e->line, s, n);
    e->len = n;
    show_tail(e);
    move_to(e, n);
}

/* History. */

static void remember(struct lineedit *e)
{
    if (!e->len || (e->history_count && !strcmp(e->history[e->history_count - 1], e->line))) {
        return;
    }
    if (e->history_count == LINEEDIT_HISTORY) {
        free(e->history[0]);
        memmove(e->history, e->history + 1, sizeof(e->history) - sizeof(*e->history));
        e->history_count--;
    }
    e->history[e->history_count++] = xstrdup(e->line);
}

static void go_back(struct lineedit *e, int by)
{
    if (by > 0 ? e->recalled == e->history_count : !e->recalled) {
        return;
    }
    if (!e->recalled) {
        free(e->typed);
        e->line[e->len] = 0;
        e->typed = xstrdup(e->line);
    }
    e->recalled += (unsigned)by;
    replace_line(e, e->recalled ? e->history[e->history_count - e->recalled] : e->typed);
}

/* Completion. */

static size_t word_start(const struct lineedit *e)
{
    size_t start = e->at;

    while (start && e->line[start - 1] != ' ') {
        start--;
    }
    return start;
}

/* How many bytes all the words have in common, and how many words there are. */
static size_t common_part(const char *words, unsigned *count)
{
    const char *first = words;
    size_t n = strcspn(words, "\n");

    *count = 0;
    for (const char *p = words; *p; p += strcspn(p, "\n") + 1) {
        size_t same = 0;

        while (same < n && p[same] == first[same]) {
            same++;
        }
        n = same;
        ++*count;
    }
    return n;
}

static void list_words(struct lineedit *e, const char *words)
{
    put(e, "\r\n");
    for (const char *p = words; *p; p += strcspn(p, "\n") + 1) {
        put_n(e, p, strcspn(p, "\n"));
        put(e, "  ");
    }
    put(e, "\r\n");
    lineedit_show(e);
}

static void complete(struct lineedit *e)
{
    struct text words = {0};
    size_t start = word_start(e);
    unsigned count = 0;

    if (!e->complete) {
        return;
    }
    e->line[e->len] = 0;
    e->complete(e->opaque, e->line, start, &words);
    if (words.len) {
        size_t typed = e->at - start, n = common_part(words.s, &count);

        if (n > typed) {
            insert(e, words.s + typed, n - typed);
        } else if (count > 1) {
            list_words(e, words.s);
        }
        if (count == 1) {
            insert(e, " ", 1);
        }
    }
    text_free(&words);
}

/* Keys. */

static void take_line(struct lineedit *e)
{
    char line[LINEEDIT_MAX];

    move_to(e, e->len);
    put(e, "\r\n");
    e->line[e->len] = 0;
    strcpy(line, e->line);
    remember(e);
    e->len = e->at = 0;
    e->recalled = 0;
    e->enter(e->opaque, line);
}

static void sequence(struct lineedit *e, char c)
{
    switch (c) {
    case 'A': go_back(e, 1); break;
    case 'B': go_back(e, -1); break;
    case 'C': move_to(e, e->at + (e->at < e->len)); break;
    case 'D': move_to(e, e->at - (e->at > 0)); break;
    case 'H': move_to(e, 0); break;
    case 'F': move_to(e, e->len); break;
    case '~':
        if (e->parameter == '1' || e->parameter == '7') {
            move_to(e, 0);
        } else if (e->parameter == '4' || e->parameter == '8') {
            move_to(e, e->len);
        } else if (e->parameter == '3' && e->at < e->len) {
            remove_range(e, e->at, e->at + 1);
        }
        break;
    default: break;
    }
}

/* ESC, [ or O, digits, a letter. */
static void feed_escape(struct lineedit *e, char c)
{
    if (e->escape == 1) {
        e->escape = c == '[' || c == 'O' ? 2 : 0;
        e->parameter = 0;
    } else if ((c >= '0' && c <= '9') || c == ';') {
        e->parameter = e->parameter ? e->parameter : c;
    } else {
        e->escape = 0;
        sequence(e, c);
    }
}

static size_t word_before(const struct lineedit *e)
{
    size_t at = e->at;

    while (at && e->line[at - 1] == ' ') {
        at--;
    }
    while (at && e->line[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void control(struct lineedit *e, char c)
{
    switch (c + '@') {
    case 'A': move_to(e, 0); break;
    case 'B': move_to(e, e->at - (e->at > 0)); break;
    case 'D':
        if (e->at < e->len) {
            remove_range(e, e->at, e->at + 1);
        }
        break;
    case 'E': move_to(e, e->len); break;
    case 'F': move_to(e, e->at + (e->at < e->len)); break;
    case 'H':
        if (e->at) {
            remove_range(e, e->at - 1, e->at);
        }
        break;
    case 'I': complete(e); break;
    case 'K': remove_range(e, e->at, e->len); break;
    case 'L':
        put(e, "\033[2J\033[H");
        lineedit_show(e);
        break;
    case 'N': go_back(e, -1); break;
    case 'P': go_back(e, 1); break;
    case 'U': remove_range(e, 0, e->at); break;
    case 'W': remove_range(e, word_before(e), e->at); break;
    case '[': e->escape = 1; break;
    default: break;
    }
}

void lineedit_feed(struct lineedit *e, char c)
{
    bool after_return = e->after_return;

    e->after_return = c == '\r';
    if (e->escape) {
        feed_escape(e, c);
    } else if (c == '\n' && after_return) {
        return;
    } else if (c == '\r' || c == '\n') {
        take_line(e);
    } else if (c == 0x7f) {
        control(e, 'H' - '@');
    } else if ((unsigned char)c < ' ') {
        control(e, c);
    } else {
        insert(e, &c, 1);
    }
}

void lineedit_reset(struct lineedit *e)
{
    e->len = e->at = 0;
    e->recalled = e->escape = 0;
    e->after_return = false;
}

void lineedit_free(struct lineedit *e)
{
    while (e->history_count) {
        free(e->history[--e->history_count]);
    }
    free(e->typed);
    e->typed = NULL;
}
