/* SPDX-License-Identifier: MIT */
#include "hw/kbc.h"

#include "tests/hw/fake_machine.h"

#define MS 1000000u

struct bench {
    struct fake_machine f;
    struct pin irq1, irq12, a20, reset;
    struct kbc *kbc;
};

static void open_bench(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    fake_init(&b->f);
    b->kbc = kbc_create(&b->f.m, (struct kbc_lines){.irq1 = pin_line(&b->irq1),
                                                    .irq12 = pin_line(&b->irq12),
                                                    .a20 = pin_line(&b->a20),
                                                    .cpu_reset = pin_line(&b->reset)});
    device_reset_all(&b->f.m);
    out8(&b->f, 0x64, 0x60);
    out8(&b->f, 0x60, 0x47); /* both interrupts, translation */
}

/* The next byte, waiting at most 20 ms; 100h: none. */
static unsigned next(struct bench *b)
{
    for (unsigned i = 0; i < 40; i++) {
        if (in8(&b->f, 0x64) & 1) {
            return in8(&b->f, 0x60);
        }
        clock_step(&b->f, MS / 2);
    }
    return 0x100;
}

static void expect(struct bench *b, const char *what, const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned got = next(b);

        if (got != bytes[i]) {
            printf("%s: byte %u\n", what, i);
        }
        CHECK_EQ(got, bytes[i]);
    }
    CHECK_EQ(next(b), 0x100);
}

#define EXPECT(b, what, ...)                           \
    do {                                               \
        static const uint8_t bytes_[] = {__VA_ARGS__}; \
        expect(b, what, bytes_, sizeof(bytes_));       \
    } while (0)

static void press(struct bench *b, enum key_code key)
{
    kbc_key(b->kbc, key, true);
    kbc_key(b->kbc, key, false);
}

static void keys_come_translated_with_interrupts(void)
{
    struct bench b;

    open_bench(&b);
    press(&b, KEY_A);
    CHECK(!b.irq1.level);
    clock_step(&b.f, MS);
    CHECK(b.irq1.level);
    CHECK_EQ(in8(&b.f, 0x60), 0x1e);
    CHECK(!b.irq1.level);
    CHECK_EQ(in8(&b.f, 0x60), 0x1e); /* a second read shows the same byte */
    EXPECT(&b, "break", 0x9e);
    CHECK_EQ(in8(&b.f, 0x60), 0x9e);
    fake_free(&b.f);
}

static void every_key_translates_to_its_set_1_code(void)
{
    struct bench b;

    open_bench(&b);
    for (unsigned k = KEY_NONE + 1; k < KEY_COUNT; k++) {
        uint16_t code = key_info((enum key_code)k)->set1;

        if (k == KEY_PAUSE || k == KEY_PRINT) {
            continue;
        }
        for (unsigned down = 1; down < 2; down--) {
            kbc_key(b.kbc, (enum key_code)k, down);
            if (code >> 8) {
                CHECK_EQ(next(&b), code >> 8);
            }
            if (!CHECK_EQ(next(&b), (code & 0xff) | (down ? 0 : 0x80))) {
                printf("  key %s\n", key_name((enum key_code)k));
            }
        }
    }
    fake_free(&b.f);
}

static void names_are_found(void)
{
    enum key_code k;

    for (unsigned i = KEY_NONE + 1; i < KEY_COUNT; i++) {
        CHECK(key_from_name(key_name((enum key_code)i), &k) && (unsigned)k == i);
        CHECK(key_from_set1(key_info((enum key_code)i)->set1, &k) && (unsigned)k == i);
    }
    CHECK(key_from_set1(0xc8, &k) && k == KEY_UP);
    CHECK(!key_from_name("nokey", &k));
    CHECK_STR(key_name((enum key_code)9999), "unmapped");
}

static void pause_and_print_have_their_sequences(void)
{
    struct bench b;

    open_bench(&b);
    press(&b, KEY_PAUSE);
    EXPECT(&b, "pause", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5);
    press(&b, KEY_PRINT);
    EXPECT(&b, "print", 0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa);
    kbc_key(b.kbc, KEY_ALT, true);
    press(&b, KEY_PRINT);
    kbc_key(b.kbc, KEY_ALT, false);
    EXPECT(&b, "sysrq", 0x38, 0x54, 0xd4, 0xb8);
    kbc_key(b.kbc, KEY_CTRL, true);
    press(&b, KEY_PAUSE);
    kbc_key(b.kbc, KEY_CTRL, false);
    EXPECT(&b, "break", 0x1d, 0xe0, 0x46, 0xe0, 0xc6, 0x9d);
    fake_free(&b.f);
}

static void no_key_is_lost_when_the_queue_is_full(void)
{
    struct bench b;

    open_bench(&b);
    for (unsigned i = 0; i < 100; i++) {
        press(&b, (enum key_code)(KEY_A + i % 9));
    }
    for (unsigned i = 0; i < 100; i++) {
        uint16_t code = key_info((enum key_code)(KEY_A + i % 9))->set1;

        CHECK_EQ(next(&b), code);
        CHECK_EQ(next(&b), code | 0x80);
    }
    CHECK_EQ(next(&b), 0x100);
    fake_free(&b.f);
}

static void held_key_repeats(void)
{
    struct bench b;
    unsigned n = 0;

    open_bench(&b);
    kbc_key(b.kbc, KEY_X, true);
    for (unsigned i = 0; i < 1500; i++) {
        clock_step(&b.f, MS);
        if (in8(&b.f, 0x64) & 1) {
            CHECK_EQ(in8(&b.f, 0x60), 0x2d);
            n++;
        }
    }
    CHECK_EQ(n, 1 + 11); /* 500 ms, then 10.9 a second */
    kbc_key(b.kbc, KEY_X, false);
    EXPECT(&b, "break", 0xad);
    fake_free(&b.f);
}

static void keyboard_answers_commands(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x64, 0x60);
    out8(&b.f, 0x60, 0x05); /* no translation */
    out8(&b.f, 0x60, 0xff);
    EXPECT(&b, "reset", 0xfa, 0xaa);
    out8(&b.f, 0x60, 0xf2);
    EXPECT(&b, "identify", 0xfa, 0xab, 0x83);
    out8(&b.f, 0x60, 0xee);
    EXPECT(&b, "echo", 0xee);
    out8(&b.f, 0x60, 0xed);
    EXPECT(&b, "leds", 0xfa);
    out8(&b.f, 0x60, 0x02);
    EXPECT(&b, "leds argument", 0xfa);
    out8(&b.f, 0x60, 0x12);
    EXPECT(&b, "no command", 0xfe);
    press(&b, KEY_UP);
    EXPECT(&b, "set 2", 0xe0, 0x75, 0xe0, 0xf0, 0x75);
    out8(&b.f, 0x60, 0xf0);
    EXPECT(&b, "choose a set", 0xfa);
    out8(&b.f, 0x60, 3);
    EXPECT(&b, "set 3", 0xfa);
    press(&b, KEY_UP);
    EXPECT(&b, "key of set 3", 0x63);
    out8(&b.f, 0x60, 0xf8);
    EXPECT(&b, "make and break", 0xfa);
    press(&b, KEY_UP);
    EXPECT(&b, "key with break", 0x63, 0xf0, 0x63);
    out8(&b.f, 0x60, 0xf0);
    EXPECT(&b, "ask for the set", 0xfa);
    out8(&b.f, 0x60, 0);
    EXPECT(&b, "which set", 0xfa, 3);
    fake_free(&b.f);
}

static void controller_commands(void)
{
    struct bench b;

    open_bench(&b);
    out8(&b.f, 0x64, 0xaa);
    EXPECT(&b, "self-test", 0x55);
    out8(&b.f, 0x64, 0xab);
    EXPECT(&b, "interface test", 0x00);
    out8(&b.f, 0x64, 0x20);
    EXPECT(&b, "command byte", 0x47);
    CHECK_EQ(in8(&b.f, 0x64), 0x1c);
    out8(&b.f, 0x64, 0xd1);
    out8(&b.f, 0x60, 0xdd);
    CHECK(!b.a20.level);
    out8(&b.f, 0x64, 0xd1);
    out8(&b.f, 0x60, 0xdf);
    CHECK(b.a20.level);
    unsigned resets = b.reset.rises;

    out8(&b.f, 0x64, 0xfe);
    CHECK_EQ(b.reset.rises, resets + 1);
    out8(&b.f, 0x64, 0xad);
    press(&b, KEY_A);
    CHECK_EQ(next(&b), 0x100);
    out8(&b.f, 0x64, 0xae);
    EXPECT(&b, "held back", 0x1e, 0x9e);
    out8(&b.f, 0x64, 0xd2);
    out8(&b.f, 0x60, 0x5a);
    CHECK(b.irq1.level);
    EXPECT(&b, "output buffer", 0x5a);
    out8(&b.f, 0x64, 0xd3);
    out8(&b.f, 0x60, 0x5b);
    CHECK(b.irq12.level);
    CHECK_EQ(in8(&b.f, 0x64) & 0x21, 0x21);
    EXPECT(&b, "mouse's output buffer", 0x5b);
    fake_free(&b.f);
}

static void to_mouse(struct bench *b, uint8_t val)
{
    out8(&b->f, 0x64, 0xd4);
    out8(&b->f, 0x60, val);
    CHECK_EQ(next(b), 0xfa);
}

static void mouse_streams_packets(void)
{
    struct bench b;

    open_bench(&b);
    to_mouse(&b, 0xff);
    EXPECT(&b, "reset", 0xaa, 0x00);
    kbc_mouse_move(b.kbc, 5, 5, 0);
    CHECK_EQ(next(&b), 0x100); /* not enabled */
    to_mouse(&b, 0xf4);
    kbc_mouse_move(b.kbc, 3, -2, 0);
    clock_step(&b.f, MS);
    CHECK(b.irq12.level && !b.irq1.level);
    EXPECT(&b, "motion", 0x08, 3, 2);
    kbc_mouse_move(b.kbc, -300, 10, 0);
    kbc_mouse_buttons(b.kbc, 1);
    EXPECT(&b, "large motion", 0x38, 0x01, 0xf6, 0x19, 0xd3, 0);
    fake_free(&b.f);
}

static void wheel_is_turned_on_by_three_rates(void)
{
    static const uint8_t knock[] = {0xf3, 200, 0xf3, 100, 0xf3, 80};
    struct bench b;

    open_bench(&b);
    for (unsigned i = 0; i < sizeof(knock); i++) {
        to_mouse(&b, knock[i]);
    }
    to_mouse(&b, 0xf2);
    EXPECT(&b, "id", 3);
    to_mouse(&b, 0xf4);
    kbc_mouse_move(b.kbc, 0, 0, -1);
    EXPECT(&b, "wheel", 0x08, 0, 0, 0xff);
    to_mouse(&b, 0xf0);
    kbc_mouse_move(b.kbc, 7, 0, 0);
    CHECK_EQ(next(&b), 0x100);
    to_mouse(&b, 0xeb);
    EXPECT(&b, "remote", 0x08, 7, 0, 0);
    to_mouse(&b, 0xe9);
    EXPECT(&b, "status", 0x60, 2, 80);
    fake_free(&b.f);
}

static void to_mouse_all(struct bench *b, const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        to_mouse(b, bytes[i]);
    }
}

#define TO_MOUSE(b, ...)                              \
    do {                                              \
        static const uint8_t sent_[] = {__VA_ARGS__}; \
        to_mouse_all(b, sent_, sizeof(sent_));        \
    } while (0)

static void five_buttons_are_turned_on_by_other_rates(void)
{
    struct bench b;

    open_bench(&b);
    TO_MOUSE(&b, 0xf3, 200, 0xf3, 100, 0xf3, 80, 0xf3, 200, 0xf3, 200, 0xf3, 80, 0xf2);
    EXPECT(&b, "id", 4);
    TO_MOUSE(&b, 0xf4);
    kbc_mouse_buttons(b.kbc, 0x08);
    EXPECT(&b, "side", 0x08, 0, 0, 0x10);
    kbc_mouse_buttons(b.kbc, 0x11);
    EXPECT(&b, "extra and left", 0x09, 0, 0, 0x20);
    kbc_mouse_buttons(b.kbc, 0);
    EXPECT(&b, "released", 0x08, 0, 0, 0);
    kbc_mouse_move(b.kbc, 0, 0, -1);
    EXPECT(&b, "wheel up", 0x08, 0, 0, 0x0f);
    kbc_mouse_move(b.kbc, 0, 0, 9);
    EXPECT(&b, "wheel down by nine", 0x08, 0, 0, 7, 0x08, 0, 0, 2);
    TO_MOUSE(&b, 0xff);
    EXPECT(&b, "reset", 0xaa, 0x00);
    TO_MOUSE(&b, 0xf3, 200, 0xf3, 100, 0xf3, 60, 0xf2);
    EXPECT(&b, "no knock, no wheel", 0);
    TO_MOUSE(&b, 0xf4);
    kbc_mouse_move(b.kbc, 0, 0, 1);
    CHECK_EQ(next(&b), 0x100);
    kbc_mouse_buttons(b.kbc, 0x18);
    CHECK_EQ(next(&b), 0x100);
    kbc_mouse_move(b.kbc, 1, 0, 1);
    EXPECT(&b, "three bytes", 0x08, 1, 0);
    fake_free(&b.f);
}

static void scaling_is_for_stream_mode(void)
{
    static const uint8_t scaled[] = {0, 1, 1, 3, 6, 9, 12, 14};
    struct bench b;

    open_bench(&b);
    TO_MOUSE(&b, 0xf3, 200, 0xe7, 0xf4);
    for (unsigned i = 1; i < sizeof(scaled); i++) {
        kbc_mouse_move(b.kbc, (int)i, 0, 0);
        CHECK_EQ(next(&b), 0x08);
        CHECK_EQ(next(&b), scaled[i]);
        CHECK_EQ(next(&b), 0);
        kbc_mouse_move(b.kbc, 0, (int)i, 0);
        CHECK_EQ(next(&b), 0x28);
        CHECK_EQ(next(&b), 0);
        CHECK_EQ(next(&b), (uint8_t)-scaled[i]);
    }
    kbc_mouse_move(b.kbc, 200, 0, 0); /* nothing of it is lost */
    EXPECT(&b, "400 in two", 0x08, 254, 0, 0x08, 146, 0);
    TO_MOUSE(&b, 0xe9);
    EXPECT(&b, "status", 0x30, 2, 200);
    TO_MOUSE(&b, 0xf0);
    kbc_mouse_move(b.kbc, 5, 5, 0);
    TO_MOUSE(&b, 0xeb);
    EXPECT(&b, "remote", 0x28, 5, 0xfb);
    TO_MOUSE(&b, 0xeb);
    EXPECT(&b, "nothing new", 0x08, 0, 0);
    TO_MOUSE(&b, 0xea, 0xe6);
    kbc_mouse_move(b.kbc, 5, 0, 0);
    EXPECT(&b, "1:1 again", 0x08, 5, 0);
    fake_free(&b.f);
}

static void mouse_answers_commands(void)
{
    struct bench b;

    open_bench(&b);
    kbc_mouse_buttons(b.kbc, 2);
    TO_MOUSE(&b, 0xe8, 3, 0xf3, 40, 0xe9);
    EXPECT(&b, "right", 0x01, 3, 40);
    kbc_mouse_buttons(b.kbc, 5);
    TO_MOUSE(&b, 0xf4, 0xe9);
    EXPECT(&b, "left and middle, enabled", 0x26, 3, 40);
    TO_MOUSE(&b, 0xe8);
    out8(&b.f, 0x64, 0xd4);
    out8(&b.f, 0x60, 4);
    EXPECT(&b, "no such resolution", 0xfe);
    TO_MOUSE(&b, 0xe9);
    EXPECT(&b, "it stays", 0x26, 3, 40);
    out8(&b.f, 0x64, 0xd4);
    out8(&b.f, 0x60, 0xe1);
    EXPECT(&b, "no command", 0xfe);
    TO_MOUSE(&b, 0xee); /* wrap: all but EC and FF come back, motion does not */
    kbc_mouse_move(b.kbc, 9, 9, 0);
    for (unsigned i = 0; i < 256; i++) {
        if (i != 0xec && i != 0xff) {
            out8(&b.f, 0x64, 0xd4);
            out8(&b.f, 0x60, (uint8_t)i);
            CHECK_EQ(next(&b), i);
        }
    }
    CHECK_EQ(next(&b), 0x100);
    TO_MOUSE(&b, 0xec, 0xf6, 0xe9);
    EXPECT(&b, "defaults", 0x06, 2, 100);
    TO_MOUSE(&b, 0xee, 0xff);
    EXPECT(&b, "reset ends wrap", 0xaa, 0x00);
    fake_free(&b.f);
}

/* The packets of one sample rate, at most. */
static void packets_keep_to_the_rate(void)
{
    struct bench b;
    unsigned packets = 0;

    open_bench(&b);
    TO_MOUSE(&b, 0xf3, 40, 0xf4);
    for (unsigned i = 0; i < 1000; i++) {
        kbc_mouse_move(b.kbc, 1, 0, 0);
        clock_step(&b.f, MS);
        for (unsigned n = 0; in8(&b.f, 0x64) & 1; n++) {
            packets += in8(&b.f, 0x60) == 0x08;
            clock_step(&b.f, MS / 10);
        }
    }
    CHECK(packets >= 39 && packets <= 52); /* 1 to 1.3 s */
    fake_free(&b.f);
}

/* Down and up while the guest has not read the packet before. */
static void short_clicks_are_not_lost(void)
{
    struct bench b;

    open_bench(&b);
    TO_MOUSE(&b, 0xf4);
    kbc_mouse_move(b.kbc, 1, 0, 0);
    kbc_mouse_buttons(b.kbc, 1);
    kbc_mouse_buttons(b.kbc, 0);
    EXPECT(&b, "click", 0x08, 1, 0, 0x09, 0, 0, 0x08, 0, 0);
    fake_free(&b.f);
}

static void survives_random_registers(void)
{
    static const uint16_t ports[] = {0x60, 0x64};
    struct bench b;

    open_bench(&b);
    for (unsigned i = 0; i < 400; i++) {
        fake_random_access(&b.f, ports, 2, 30);
        kbc_key(b.kbc, (enum key_code)(i * 31 % 200), i & 1);
        kbc_mouse_move(b.kbc, (int)i * 977, -(int)i * 1009, (int)i);
        kbc_mouse_buttons(b.kbc, i);
        out8(&b.f, 0x64, (uint8_t)(i * 11));
        out8(&b.f, 0x60, (uint8_t)(i * 7));
    }
    fake_free(&b.f);
}

int main(void)
{
    RUN(keys_come_translated_with_interrupts);
    RUN(every_key_translates_to_its_set_1_code);
    RUN(names_are_found);
    RUN(pause_and_print_have_their_sequences);
    RUN(no_key_is_lost_when_the_queue_is_full);
    RUN(held_key_repeats);
    RUN(keyboard_answers_commands);
    RUN(controller_commands);
    RUN(mouse_streams_packets);
    RUN(wheel_is_turned_on_by_three_rates);
    RUN(five_buttons_are_turned_on_by_other_rates);
    RUN(scaling_is_for_stream_mode);
    RUN(mouse_answers_commands);
    RUN(packets_keep_to_the_rate);
    RUN(short_clicks_are_not_lost);
    RUN(survives_random_registers);
    return check_done();
}
