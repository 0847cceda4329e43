/* SPDX-License-Identifier: MIT */
/* base/state.h: what is saved comes back, and bad bytes are refused by name. */
#include "tests/unit/check.h"

#include "base/state.h"

struct inner {
    uint16_t count;
    bool on;
};

struct outer {
    uint8_t byte;
    uint32_t words[3];
    int64_t when;
    uint8_t raw[5];
    struct inner one, many[2];
    struct clock_event event;
    uint8_t *buf;
    uint32_t buf_size;
    uint64_t not_saved;
};

static const struct state_field inner_state[] = {
    STATE(struct inner, count),
    STATE(struct inner, on),
    STATE_END,
};

static const struct state_field outer_state[] = {
    STATE(struct outer, byte),
    STATE(struct outer, words),
    STATE(struct outer, when),
    STATE_BYTES(struct outer, raw),
    STATE_SUB(struct outer, one, struct inner, inner_state),
    STATE_SUBS(struct outer, many, struct inner, 2, inner_state),
    STATE_EVENT(struct outer, event),
    STATE_BUF(struct outer, buf, buf_size),
    STATE_END,
};

/* An older machine: it lacks fields that outer has. */
static const struct state_field old_state[] = {
    STATE(struct outer, byte),
    STATE_END,
};

struct rig {
    struct clock c;
    struct outer o;
    uint8_t buf[7];
};

static uint64_t zero_now(void *opaque)
{
    (void)opaque;
    return 0;
}

static void ignore_event(void *opaque)
{
    (void)opaque;
}

static void setup(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    clock_init(&r->c, zero_now, NULL, NULL);
    clock_event_init(&r->o.event, &r->c, "test", ignore_event, r);
    r->o.buf = r->buf;
    r->o.buf_size = sizeof(r->buf);
}

static void fill(struct rig *r)
{
    r->o.byte = 0x12;
    r->o.words[2] = 0xdeadbeef;
    r->o.when = -5;
    memcpy(r->o.raw, "hello", 5);
    r->o.one.count = 7;
    r->o.many[1].on = true;
    r->buf[6] = 9;
    r->o.not_saved = 1;
    clock_schedule(&r->o.event, 1234);
}

static unsigned lines;

static void count_line(void *opaque, const char *line)
{
    lines++;
    if (opaque && lines == 1) {
        snprintf(opaque, 128, "%s", line);
    }
}

static void saves_and_loads_every_kind(void)
{
    struct state_writer w = {0}, again = {0};
    struct rig a, b;

    setup(&a);
    setup(&b);
    fill(&a);
    state_save(&w, "first", inner_state, &a.o.one);
    state_save(&w, "rig", outer_state, &a.o);
    CHECK_STR(state_load(w.data, w.len, "rig", outer_state, &b.o), NULL);
    CHECK_EQ(b.o.words[2], 0xdeadbeef);
    CHECK_EQ(b.o.when, -5);
    CHECK(b.o.many[1].on);
    CHECK_EQ(b.buf[6], 9);
    CHECK_EQ(b.o.event.when, 1234);
    CHECK_EQ(clock_next(&b.c), 1234);
    CHECK_EQ(b.o.not_saved, 0);

    state_save(&again, "first", inner_state, &b.o.one);
    state_save(&again, "rig", outer_state, &b.o);
    CHECK_EQ(again.len, w.len);
    CHECK(again.len == w.len && !memcmp(again.data, w.data, w.len));
    state_writer_free(&w);
    state_writer_free(&again);
}

static void missing_field_keeps_its_value(void)
{
    struct state_writer w = {0};
    struct rig a, b;

    setup(&a);
    setup(&b);
    a.o.byte = 3;
    b.o.words[0] = 77;
    state_save(&w, "rig", old_state, &a.o);
    CHECK_STR(state_load(w.data, w.len, "rig", outer_state, &b.o), NULL);
    CHECK_EQ(b.o.byte, 3);
    CHECK_EQ(b.o.words[0], 77);
    state_writer_free(&w);
}

static void errors_name_the_culprit(void)
{
    struct state_writer w = {0};
    struct rig a;
    char *error;

    setup(&a);
    state_save(&w, "rig", outer_state, &a.o);
    error = state_load(w.data, w.len, "rig", old_state, &a.o);
    CHECK(error && strstr(error, "'words'"));
    free(error);
    error = state_load(w.data, w.len, "other", outer_state, &a.o);
    CHECK(error && strstr(error, "'other'"));
    free(error);
    a.o.buf_size = 3;
    error = state_load(w.data, w.len, "rig", outer_state, &a.o);
    CHECK(error && strstr(error, "'buf'"));
    free(error);
    state_writer_free(&w);
}

static void truncated_or_random_bytes_are_refused(void)
{
    struct state_writer w = {0};
    uint64_t seed = 1;
    struct rig a;

    setup(&a);
    fill(&a);
    state_save(&w, "rig", outer_state, &a.o);
    for (size_t len = 0; len < w.len; len++) {
        uint8_t *copy = malloc(len + 1); /* so that a read too far is seen by the sanitizer */

        memcpy(copy, w.data, len);
        char *error = state_load(copy, len, "rig", outer_state, &a.o);

        CHECK(error != NULL);
        free(error);
        free(copy);
    }
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t *copy = malloc(w.len);
        struct rig b;

        setup(&b);
        memcpy(copy, w.data, w.len);
        for (unsigned j = 0; j < 3; j++) {
            copy[check_random(&seed) % w.len] = (uint8_t)check_random(&seed);
        }
        b.o.one.on = b.o.many[0].on = b.o.many[1].on = false;
        free(state_load(copy, w.len, "rig", outer_state, &b.o));
        free(copy);
    }
    state_writer_free(&w);
}

static void checking_changes_nothing(void)
{
    struct state_writer w = {0};
    struct rig a, b;

    setup(&a);
    setup(&b);
    fill(&a);
    state_save(&w, "rig", outer_state, &a.o);
    CHECK_STR(state_check(w.data, w.len, "rig", outer_state, &b.o), NULL);
    CHECK_EQ(b.o.byte, 0);
    CHECK_EQ(b.buf[6], 0);
    CHECK(!clock_pending(&b.o.event));
    free(state_check(w.data, w.len - 1, "rig", outer_state, &b.o));
    CHECK_EQ(state_hash(outer_state, &b.o, 0), state_hash(outer_state,
                                                          &(struct outer){
                                                              .event = b.o.event,
                                                              .buf = b.buf,
                                                              .buf_size = 7,
                                                          },
                                                          0));
    state_writer_free(&w);
}

static void sections_can_be_listed(void)
{
    struct state_writer w = {0};
    struct rig a;
    char name[256];

    setup(&a);
    state_save(&w, "first", inner_state, &a.o.one);
    state_save(&w, "rig", outer_state, &a.o);
    const uint8_t *p = w.data;
    size_t len = w.len;

    CHECK(state_next_section(&p, &len, name));
    CHECK_STR(name, "first");
    CHECK(state_next_section(&p, &len, name));
    CHECK_STR(name, "rig");
    CHECK(!state_next_section(&p, &len, name));
    CHECK_EQ(len, 0);
    p = w.data;
    len = 20;
    CHECK(!state_next_section(&p, &len, name) && len);
    state_writer_free(&w);
}

/* A buffer of which a part is in use. */
struct growing {
    uint8_t *buf;
    uint32_t used;
};

static const struct state_field growing_state[] = {
    STATE_BUF_UPTO(struct growing, buf, used, 8),
    STATE_END,
};

static void buffer_with_room_takes_the_saved_size(void)
{
    uint8_t x[8] = "abcdefgh", y[8] = "ABCDEFGH";
    struct growing a = {x, 6}, b = {y, 2}, c = {y, 8}, d = {x, 8};
    struct state_writer w = {0};

    state_save(&w, "g", growing_state, &a);
    CHECK_STR(state_load(w.data, w.len, "g", growing_state, &b), NULL);
    CHECK_EQ(b.used, 6);
    CHECK(!memcmp(y, "abcdefGH", 8));
    CHECK_STR(state_load(w.data, w.len, "g", growing_state, &c), NULL);
    CHECK_EQ(c.used, 6);
    CHECK(!memcmp(y, "abcdef\0\0", 8));
    state_writer_free(&w);
    state_save(&w, "g", growing_state, &d);
    w.data[w.len - 9] = 0; /* the count's last byte, and 8 -> more than there is room for */
    w.data[w.len - 12] = 9;
    char *error = state_load(w.data, w.len, "g", growing_state, &b);

    CHECK(error != NULL);
    CHECK_EQ(b.used, 6);
    free(error);
    state_writer_free(&w);
}

static void a_bool_is_loaded_as_one(void)
{
    struct inner a = {.on = true}, b = {0};
    struct state_writer w = {0};
    uint8_t raw;

    state_save(&w, "i", inner_state, &a);
    w.data[w.len - 1] = 0xff; /* what no C program may find in a bool */
    CHECK_STR(state_load(w.data, w.len, "i", inner_state, &b), NULL);
    memcpy(&raw, &b.on, 1);
    CHECK_EQ(raw, 1);
    state_writer_free(&w);
}

static void numbers_are_found_by_path(void)
{
    struct rig a;
    uint64_t v;

    setup(&a);
    fill(&a);
    CHECK(state_get(outer_state, &a.o, "words[2]", &v));
    CHECK_EQ(v, 0xdeadbeef);
    CHECK(state_get(outer_state, &a.o, "many[1].on", &v));
    CHECK_EQ(v, 1);
    CHECK(state_get(outer_state, &a.o, "event", &v));
    CHECK_EQ(v, 1234);
    CHECK(!state_get(outer_state, &a.o, "many[2].on", &v));
}

struct two_events {
    struct clock_event first, second;
};

static const struct state_field two_events_state[] = {
    STATE_EVENT(struct two_events, first),
    STATE_EVENT(struct two_events, second),
    STATE_END,
};

static void events_at_one_instant_keep_their_order(void)
{
    struct clock c, d;
    struct two_events a, b;
    struct state_writer w = {0};

    clock_init(&c, zero_now, NULL, NULL);
    clock_init(&d, zero_now, NULL, NULL);
    clock_event_init(&a.first, &c, "first", ignore_event, NULL);
    clock_event_init(&a.second, &c, "second", ignore_event, NULL);
    clock_event_init(&b.first, &d, "first", ignore_event, NULL);
    clock_event_init(&b.second, &d, "second", ignore_event, NULL);
    clock_schedule(&a.second, 5);
    clock_schedule(&a.first, 5);
    state_save(&w, "e", two_events_state, &a);
    CHECK_STR(state_load(w.data, w.len, "e", two_events_state, &b), NULL);
    clock_sort_restored(&d);
    CHECK(d.first == &b.second && d.first->next == &b.first && !b.first.next);
    state_writer_free(&w);
}

static void hash_and_diff_see_a_change(void)
{
    struct rig a, b;
    char first[128] = "";

    setup(&a);
    setup(&b);
    CHECK_EQ(state_hash(outer_state, &a.o, 0), state_hash(outer_state, &b.o, 0));
    b.o.many[1].count = 5;
    CHECK(state_hash(outer_state, &a.o, 0) != state_hash(outer_state, &b.o, 0));
    b.o.not_saved = 1;
    lines = 0;
    CHECK_EQ(state_diff(outer_state, &a.o, &b.o, count_line, first), 1);
    CHECK_EQ(lines, 1);
    CHECK_STR(first, "many[1].count: 0 -> 0x5");
}

int main(void)
{
    RUN(saves_and_loads_every_kind);
    RUN(missing_field_keeps_its_value);
    RUN(errors_name_the_culprit);
    RUN(truncated_or_random_bytes_are_refused);
    RUN(checking_changes_nothing);
    RUN(sections_can_be_listed);
    RUN(buffer_with_room_takes_the_saved_size);
    RUN(a_bool_is_loaded_as_one);
    RUN(numbers_are_found_by_path);
    RUN(events_at_one_instant_keep_their_order);
    RUN(hash_and_diff_see_a_change);
    return check_done();
}
