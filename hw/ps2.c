/* SPDX-License-Identifier: MIT */
/*
 * PS/2 keyboard (IBM PS/2 Technical Reference, 101/102-key keyboard: scan code sets 1 to 3) and
 * mouse (IBM PS/2 mouse; Microsoft IntelliMouse extension).
 *
 * Both keep two queues: replies to commands, which go first, and data. A key that the keyboard has
 * no room for waits in a host-side list, so scripted typing loses nothing; only when that is full
 * too does the keyboard report an overrun.
 *
 * Not modelled: faked shifts around the grey cursor keys (system software ignores them); the half
 * second that a self-test takes is 2 ms; set 3's make-only keys repeat; the mouse's resolution is
 * kept but a count is a count of the host's.
 */
#include "hw/ps2.h"

#include <string.h>

#include "base/log.h"
#include "hw/device.h"
#include "hw/machine.h"

enum {
    PS2_ACK = 0xfa,
    PS2_BAT_OK = 0xaa,
    PS2_RESEND = 0xfe,
    PS2_ERROR = 0xfc,
    KBD_SET_LEDS = 0xed,
    KBD_ECHO = 0xee,
    KBD_SCAN_SET = 0xf0,
    KBD_ID = 0xf2,
    KBD_TYPEMATIC = 0xf3,
    KBD_ENABLE = 0xf4,
    KBD_DISABLE = 0xf5,
    KBD_DEFAULTS = 0xf6,
    KBD_ALL_FIRST = 0xf7, /* F7-FA: all keys typematic, make/break, make, all of it */
    KBD_ALL_LAST = 0xfa,
    KBD_KEY_FIRST = 0xfb, /* FB-FD: the same for the keys that follow */
    KBD_KEY_LAST = 0xfd,
    PS2_RESET = 0xff,
    MOUSE_SCALE_1 = 0xe6,
    MOUSE_SCALE_2 = 0xe7,
    MOUSE_RESOLUTION = 0xe8,
    MOUSE_STATUS = 0xe9,
    MOUSE_STREAM = 0xea,
    MOUSE_READ = 0xeb,
    MOUSE_WRAP_OFF = 0xec,
    MOUSE_WRAP = 0xee,
    MOUSE_REMOTE = 0xf0,
    MOUSE_ID = 0xf2,
    MOUSE_RATE = 0xf3,
    MOUSE_ENABLE = 0xf4,
    MOUSE_DISABLE = 0xf5,
    MOUSE_DEFAULTS = 0xf6,
};

#define BAT_NS    2000000u
#define NS_PER_MS 1000000u

/* A byte queue of up to 16. */
struct ps2_queue {
    uint8_t data[16];
    uint8_t head, count;
};

static const struct state_field queue_state[] = {
    STATE(struct ps2_queue, data),
    STATE(struct ps2_queue, head),
    STATE(struct ps2_queue, count),
    STATE_END,
};

static unsigned queue_room(const struct ps2_queue *q)
{
    return 16u - q->count;
}

static void queue_put(struct ps2_queue *q, uint8_t val)
{
    if (q->count < 16) {
        q->data[(q->head + q->count++) & 15] = val;
    }
}

static uint8_t queue_get(struct ps2_queue *q)
{
    uint8_t val = q->data[q->head & 15];

    q->head = (q->head + 1) & 15;
    q->count--;
    return val;
}

static void queue_clear(struct ps2_queue *q)
{
    q->head = q->count = 0;
}

static void queue_check(struct ps2_queue *q)
{
    q->head &= 15;
    q->count = q->count > 16 ? 16 : q->count;
}

/* Keyboard. */

#define WAITING_KEYS   1024u
#define WAITING_BREAK  0x8000u
#define SET3_BREAK     1u
#define SET3_TYPEMATIC 2u

struct ps2_keyboard {
    struct ps2_queue reply, data;
    uint8_t command;  /* the command that an argument is expected for; 0: none */
    uint8_t scan_set; /* 1-3 */
    uint8_t leds;
    uint8_t typematic; /* F3's argument */
    uint8_t last_sent;
    bool enabled;
    bool overrun;                   /* an overrun byte is the last in the queue */
    uint8_t set3_type[256];         /* by set-3 code */
    uint8_t down[256];              /* by enum key_code */
    uint16_t repeat_key;            /* the key that repeats; 0: none */
    uint16_t waiting[WAITING_KEYS]; /* keys | WAITING_BREAK that had no room */
    uint32_t waiting_head, waiting_count;
    struct clock_event bat_event, repeat_event;

    /* Wiring, set once; not saved. */
    struct line ready;
};

_Static_assert(KEY_COUNT <= 256, "down[] is too small");

bool ps2_keyboard_ready(const struct ps2_keyboard *s)
{
    return s->reply.count || s->data.count;
}

static void keyboard_update(struct ps2_keyboard *s)
{
    line_set(&s->ready, ps2_keyboard_ready(s));
}

/* Bytes of a sequence: at most eight, for pause. */
struct sequence {
    uint8_t byte[8];
    unsigned len;
};

static void add(struct sequence *q, uint8_t val)
{
    q->byte[q->len++ & 7] = val;
}

/* One code of set 1 or 2, E0xxh or xxh. */
static void add_code(struct sequence *q, unsigned set, uint16_t code, bool down)
{
    if (code >> 8) {
        add(q, (uint8_t)(code >> 8));
    }
    if (set == 1) {
        add(q, (uint8_t)(code | (down ? 0 : 0x80)));
        return;
    }
    if (!down) {
        add(q, 0xf0);
    }
    add(q, (uint8_t)code);
}

static bool is_down(const struct ps2_keyboard *s, enum key_code a, enum key_code b)
{
    return s->down[a] || s->down[b];
}

static uint16_t code_of(enum key_code key, unsigned set)
{
    const struct key_info *k = key_info(key);

    return set == 1 ? k->set1 : set == 2 ? k->set2 : k->set3;
}

/* Pause has no break code: it sends make and break at once. */
static void pause_sequence(const struct ps2_keyboard *s, struct sequence *q)
{
    unsigned set = s->scan_set;

    if (is_down(s, KEY_CTRL, KEY_CTRL_R)) { /* Break */
        add_code(q, set, code_of(KEY_PAUSE, set), true);
        add_code(q, set, code_of(KEY_PAUSE, set), false);
        return;
    }
    for (int down = 1; down >= 0; down--) {
        add(q, 0xe1);
        add_code(q, set, code_of(KEY_CTRL, set), down);
        add_code(q, set, code_of(KEY_NUM_LOCK, set), down);
    }
}

static void print_sequence(const struct ps2_keyboard *s, struct sequence *q, bool down)
{
    unsigned set = s->scan_set;
    uint16_t code = code_of(KEY_PRINT, set);
    uint16_t shift = 0xe000 | code_of(KEY_SHIFT, set);

    if (is_down(s, KEY_ALT, KEY_ALT_R)) {
        add_code(q, set, code_of(KEY_SYSRQ, set), down);
    } else if (is_down(s, KEY_CTRL, KEY_CTRL_R) || is_down(s, KEY_SHIFT, KEY_SHIFT_R)) {
        add_code(q, set, code, down);
    } else if (down) {
        add_code(q, set, shift, true);
        add_code(q, set, code, true);
    } else {
        add_code(q, set, code, false);
        add_code(q, set, shift, false);
    }
}

static void key_sequence(const struct ps2_keyboard *s, struct sequence *q, enum key_code key,
                         bool down)
{
    uint16_t code = code_of(key, s->scan_set);

    if (!code) {
        return;
    }
    if (s->scan_set == 3) {
        if (down) {
            add(q, (uint8_t)code);
        } else if (s->set3_type[code] & SET3_BREAK) {
            add_code(q, 3, code, false);
        }
    } else if (key == KEY_PAUSE) {
        if (down) {
            pause_sequence(s, q);
        }
    } else if (key == KEY_PRINT) {
        print_sequence(s, q, down);
    } else {
        add_code(q, s->scan_set, code, down);
    }
}

/* False: no room. */
static bool send_key(struct ps2_keyboard *s, enum key_code key, bool down)
{
    struct sequence q = {.len = 0};

    if (!s->enabled) {
        return true; /* a disabled keyboard does not scan */
    }
    key_sequence(s, &q, key, down);
    if (q.len > queue_room(&s->data)) {
        return false;
    }
    for (unsigned i = 0; i < q.len; i++) {
        queue_put(&s->data, q.byte[i]);
    }
    return true;
}

static void send_waiting(struct ps2_keyboard *s)
{
    while (s->waiting_count) {
        uint16_t w = s->waiting[s->waiting_head];

        if (!send_key(s, (enum key_code)(w & 0xff), !(w & WAITING_BREAK))) {
            return;
        }
        s->waiting_head = (s->waiting_head + 1) % WAITING_KEYS;
        s->waiting_count--;
    }
}

static uint64_t repeat_delay_ns(const struct ps2_keyboard *s)
{
    return ((s->typematic >> 5 & 3) + 1) * 250ull * NS_PER_MS;
}

/* Period = (8 + A) * 2^B * 4.17 ms. */
static uint64_t repeat_period_ns(const struct ps2_keyboard *s)
{
    unsigned a = s->typematic & 7, b = s->typematic >> 3 & 3;

    return ((uint64_t)(8 + a) << b) * 4170000;
}

static bool repeats(const struct ps2_keyboard *s, enum key_code key)
{
    if (key == KEY_PAUSE) {
        return false;
    }
    return s->scan_set != 3 || (s->set3_type[code_of(key, 3)] & SET3_TYPEMATIC);
}

static void start_repeat(struct ps2_keyboard *s, enum key_code key, bool down)
{
    if (!down) {
        if (s->repeat_key == key) {
            s->repeat_key = 0;
            clock_cancel(&s->repeat_event);
        }
        return;
    }
    if (repeats(s, key)) {
        s->repeat_key = (uint16_t)key;
        clock_schedule_in(&s->repeat_event, repeat_delay_ns(s));
    }
}

static void repeat_event(void *opaque)
{
    struct ps2_keyboard *s = opaque;

    if (!s->repeat_key || !s->enabled) {
        return;
    }
    if (!s->data.count && !s->waiting_count) { /* repeats never pile up */
        send_key(s, (enum key_code)s->repeat_key, true);
    }
    clock_schedule_in(&s->repeat_event, repeat_period_ns(s));
    keyboard_update(s);
}

void ps2_keyboard_key(struct ps2_keyboard *s, enum key_code key, bool down)
{
    if (key == KEY_NONE || (unsigned)key >= KEY_COUNT || (!down && !s->down[key])) {
        return;
    }
    if (!s->waiting_count && send_key(s, key, down)) {
        start_repeat(s, key, down);
    } else if (s->waiting_count < WAITING_KEYS) {
        s->waiting[(s->waiting_head + s->waiting_count++) % WAITING_KEYS] =
            (uint16_t)(key | (down ? 0 : WAITING_BREAK));
        start_repeat(s, key, false);
    } else {
        log_guest(KBC, "key %s lost: the guest does not read the keyboard", key_name(key));
    }
    s->down[key] = down;
    keyboard_update(s);
}

uint8_t ps2_keyboard_read(struct ps2_keyboard *s)
{
    if (s->reply.count) {
        s->last_sent = queue_get(&s->reply);
    } else if (s->data.count) {
        s->last_sent = queue_get(&s->data);
        send_waiting(s);
    }
    keyboard_update(s);
    return s->last_sent;
}

static void set3_defaults(struct ps2_keyboard *s)
{
    static const enum key_code both[] = {KEY_SHIFT, KEY_SHIFT_R, KEY_CTRL, KEY_ALT, KEY_CAPS_LOCK};

    memset(s->set3_type, SET3_TYPEMATIC, sizeof(s->set3_type));
    for (unsigned i = 0; i < ARRAY_LEN(both); i++) {
        s->set3_type[key_info(both[i])->set3] = SET3_BREAK;
    }
}

static void keyboard_defaults(struct ps2_keyboard *s)
{
    queue_clear(&s->data);
    s->scan_set = 2;
    s->typematic = 0x2b; /* 10.9 a second after 500 ms */
    s->repeat_key = 0;
    clock_cancel(&s->repeat_event);
    set3_defaults(s);
}

static void keyboard_power_on(struct ps2_keyboard *s)
{
    keyboard_defaults(s);
    queue_clear(&s->reply);
    s->command = 0;
    s->leds = 0;
    s->enabled = true;
}

static void bat_event(void *opaque)
{
    struct ps2_keyboard *s = opaque;

    queue_put(&s->reply, PS2_BAT_OK);
    keyboard_update(s);
}

/* What F7-FA and FB-FD choose: bits SET3_*. */
static uint8_t key_type(uint8_t command)
{
    switch (command) {
    case 0xf7:
    case 0xfb: return SET3_TYPEMATIC;
    case 0xf8:
    case 0xfc: return SET3_BREAK;
    case 0xf9:
    case 0xfd: return 0;
    default: return SET3_BREAK | SET3_TYPEMATIC;
    }
}

/* The byte after a command. False: it is a command itself. */
static bool keyboard_argument(struct ps2_keyboard *s, uint8_t val)
{
    uint8_t command = s->command;

    s->command = 0;
    if (val >= KBD_SET_LEDS && command) {
        return false; /* arguments are smaller: the host gave up the first command */
    }
    switch (command) {
    case KBD_SET_LEDS: s->leds = val & 7; break;
    case KBD_TYPEMATIC: s->typematic = val & 0x7f; break;
    case KBD_SCAN_SET:
        if (val > 3) {
            queue_put(&s->reply, PS2_RESEND);
            return true;
        }
        queue_put(&s->reply, PS2_ACK);
        if (val == 0) {
            queue_put(&s->reply, s->scan_set);
        } else {
            s->scan_set = val;
            queue_clear(&s->data);
        }
        return true;
    case 0xfb:
    case 0xfc:
    case 0xfd:
        s->set3_type[val] = key_type(command);
        s->command = command; /* takes keys until the next command */
        break;
    default: return false;
    }
    queue_put(&s->reply, PS2_ACK);
    return true;
}

static void keyboard_command(struct ps2_keyboard *s, uint8_t val)
{
    switch (val) {
    case KBD_ECHO: queue_put(&s->reply, KBD_ECHO); return;
    case PS2_RESEND: queue_put(&s->reply, s->last_sent); return;
    case KBD_SET_LEDS:
    case KBD_SCAN_SET:
    case KBD_TYPEMATIC:
    case 0xfb:
    case 0xfc:
    case 0xfd: s->command = val; break;
    case KBD_ID:
        queue_put(&s->reply, PS2_ACK);
        queue_put(&s->reply, 0xab);
        queue_put(&s->reply, 0x83);
        return;
    case KBD_ENABLE:
        queue_clear(&s->data);
        s->enabled = true;
        break;
    case KBD_DISABLE:
        keyboard_defaults(s);
        s->enabled = false;
        break;
    case KBD_DEFAULTS: keyboard_defaults(s); break;
    case 0xf7:
    case 0xf8:
    case 0xf9:
    case 0xfa: memset(s->set3_type, key_type(val), sizeof(s->set3_type)); break;
    case PS2_RESET:
        keyboard_power_on(s);
        clock_schedule_in(&s->bat_event, BAT_NS);
        break;
    default:
        log_guest(KBC, "keyboard: unknown command %02xh", val);
        queue_put(&s->reply, PS2_RESEND);
        return;
    }
    queue_put(&s->reply, PS2_ACK);
}

void ps2_keyboard_write(struct ps2_keyboard *s, uint8_t val)
{
    queue_clear(&s->reply); /* a new byte ends what was being said */
    if (!keyboard_argument(s, val)) {
        keyboard_command(s, val);
    }
    keyboard_update(s);
}

static void keyboard_reset(void *opaque)
{
    struct ps2_keyboard *s = opaque;

    keyboard_power_on(s);
    clock_cancel(&s->bat_event);
    s->waiting_head = s->waiting_count = 0;
    keyboard_update(s);
}

static void keyboard_loaded(void *opaque)
{
    struct ps2_keyboard *s = opaque;

    queue_check(&s->reply);
    queue_check(&s->data);
    s->waiting_head %= WAITING_KEYS;
    s->waiting_count = s->waiting_count > WAITING_KEYS ? WAITING_KEYS : s->waiting_count;
}

static const struct state_field keyboard_state[] = {
    STATE_SUB(struct ps2_keyboard, reply, struct ps2_queue, queue_state),
    STATE_SUB(struct ps2_keyboard, data, struct ps2_queue, queue_state),
    STATE(struct ps2_keyboard, command),
    STATE(struct ps2_keyboard, scan_set),
    STATE(struct ps2_keyboard, leds),
    STATE(struct ps2_keyboard, typematic),
    STATE(struct ps2_keyboard, last_sent),
    STATE(struct ps2_keyboard, enabled),
    STATE(struct ps2_keyboard, set3_type),
    STATE(struct ps2_keyboard, down),
    STATE(struct ps2_keyboard, repeat_key),
    STATE(struct ps2_keyboard, waiting),
    STATE(struct ps2_keyboard, waiting_head),
    STATE(struct ps2_keyboard, waiting_count),
    STATE_EVENT(struct ps2_keyboard, bat_event),
    STATE_EVENT(struct ps2_keyboard, repeat_event),
    STATE_END,
};

static const struct device_type keyboard_type = {
    .name = "ps2_keyboard",
    .reset = keyboard_reset,
    .loaded = keyboard_loaded,
    .state = keyboard_state,
};

struct ps2_keyboard *ps2_keyboard_create(struct machine *m, struct line ready)
{
    struct ps2_keyboard *s = device_new(m, &keyboard_type, sizeof(*s));

    s->ready = ready;
    clock_event_init(&s->bat_event, &m->clock, "keyboard.bat", bat_event, s);
    clock_event_init(&s->repeat_event, &m->clock, "keyboard.typematic", repeat_event, s);
    return s;
}

/* Mouse. */

enum {
    MOUSE_ST_SCALING = 1 << 4,
    MOUSE_ST_ENABLED = 1 << 5,
    MOUSE_ST_REMOTE = 1 << 6,
    MOUSE_PKT_ALWAYS_1 = 1 << 3,
    MOUSE_PKT_XS = 1 << 4,
    MOUSE_PKT_YS = 1 << 5,
};

struct ps2_mouse {
    struct ps2_queue reply, data;
    uint8_t command; /* as in the keyboard */
    uint8_t id;      /* 0 standard, 3 with wheel, 4 with five buttons */
    uint8_t status;  /* MOUSE_ST_* */
    uint8_t resolution;
    uint8_t rate;
    uint8_t rate_history[2]; /* the two rates set before: the knock that turns the wheel on */
    uint8_t last_sent;
    bool wrap;
    int32_t dx, dy, dz; /* not yet reported; y up */
    uint8_t buttons, reported_buttons;
    uint8_t clicked; /* went down since the last packet: a short click is not lost */
    struct clock_event bat_event, sample_event;

    /* Wiring, set once; not saved. */
    struct line ready;
};

bool ps2_mouse_ready(const struct ps2_mouse *s)
{
    return s->reply.count || s->data.count;
}

static void mouse_update(struct ps2_mouse *s)
{
    line_set(&s->ready, ps2_mouse_ready(s));
}

static int32_t take(int32_t *v, int32_t limit)
{
    int32_t n = *v > limit ? limit : *v < -limit ? -limit : *v;

    *v -= n;
    return n;
}

/* 2:1 scaling, in stream mode only. */
static int32_t scale(int32_t v)
{
    static const uint8_t table[6] = {0, 1, 1, 3, 6, 9};
    int32_t n = v < 0 ? -v : v;

    n = n < 6 ? table[n] : 2 * n;
    return v < 0 ? -n : n;
}

static void put_packet(struct ps2_mouse *s, struct ps2_queue *q, bool stream)
{
    bool scaled = stream && (s->status & MOUSE_ST_SCALING);
    int32_t limit = scaled ? 127 : 255;
    int32_t x = take(&s->dx, limit), y = take(&s->dy, limit);
    uint8_t buttons = s->buttons | s->clicked;

    if (scaled) {
        x = scale(x);
        y = scale(y);
    }
    queue_put(q, (uint8_t)(MOUSE_PKT_ALWAYS_1 | (buttons & 7) | (x < 0 ? MOUSE_PKT_XS : 0) |
                           (y < 0 ? MOUSE_PKT_YS : 0)));
    queue_put(q, (uint8_t)x);
    queue_put(q, (uint8_t)y);
    if (s->id == 3) {
        queue_put(q, (uint8_t)take(&s->dz, 7));
    } else if (s->id == 4) {
        queue_put(q, (uint8_t)((take(&s->dz, 7) & 15) | (buttons & 0x18) << 1));
    }
    s->reported_buttons = buttons;
    s->clicked = 0;
}

/* Stream mode: a packet for what happened, at most one per sample period. */
static void mouse_sample(struct ps2_mouse *s)
{
    bool news = s->dx || s->dy || s->dz || s->clicked || s->buttons != s->reported_buttons;
    bool streams = (s->status & (MOUSE_ST_ENABLED | MOUSE_ST_REMOTE)) == MOUSE_ST_ENABLED;

    if (!news || !streams || s->wrap || s->data.count || clock_pending(&s->sample_event)) {
        return;
    }
    put_packet(s, &s->data, true);
    clock_schedule_in(&s->sample_event, NS_PER_SEC / (s->rate ? s->rate : 100));
    mouse_update(s);
}

static void sample_event(void *opaque)
{
    mouse_sample(opaque);
}

static int32_t saturate(int64_t v)
{
    return (int32_t)(v > 32767 ? 32767 : v < -32767 ? -32767 : v);
}

void ps2_mouse_move(struct ps2_mouse *s, int dx, int dy, int dz)
{
    s->dx = saturate((int64_t)s->dx + dx);
    s->dy = saturate((int64_t)s->dy - dy);
    s->dz = s->id ? saturate((int64_t)s->dz + dz) : 0;
    mouse_sample(s);
}

void ps2_mouse_buttons(struct ps2_mouse *s, unsigned buttons)
{
    buttons &= s->id == 4 ? 0x1f : 7;
    s->clicked |= (uint8_t)(buttons & ~s->buttons);
    s->buttons = (uint8_t)buttons;
    mouse_sample(s);
}

uint8_t ps2_mouse_read(struct ps2_mouse *s)
{
    if (s->reply.count) {
        s->last_sent = queue_get(&s->reply);
    } else if (s->data.count) {
        s->last_sent = queue_get(&s->data);
        mouse_sample(s);
    }
    mouse_update(s);
    return s->last_sent;
}

static void mouse_clear_motion(struct ps2_mouse *s)
{
    queue_clear(&s->data);
    s->dx = s->dy = s->dz = 0;
    s->reported_buttons = s->buttons;
    s->clicked = 0;
}

static void mouse_defaults(struct ps2_mouse *s)
{
    mouse_clear_motion(s);
    s->status = 0;
    s->resolution = 2;
    s->rate = 100;
    s->wrap = false;
}

static void mouse_power_on(struct ps2_mouse *s)
{
    mouse_defaults(s);
    queue_clear(&s->reply);
    s->command = 0;
    s->id = 0;
    memset(s->rate_history, 0, sizeof(s->rate_history));
}

static void mouse_bat_event(void *opaque)
{
    struct ps2_mouse *s = opaque;

    queue_put(&s->reply, PS2_BAT_OK);
    queue_put(&s->reply, s->id);
    mouse_update(s);
}

static void set_rate(struct ps2_mouse *s, uint8_t rate)
{
    if (s->rate_history[0] == 200 && rate == 80) {
        if (s->rate_history[1] == 100) {
            s->id = 3;
        } else if (s->rate_history[1] == 200) {
            s->id = 4;
        }
    }
    s->rate_history[0] = s->rate_history[1];
    s->rate_history[1] = rate;
    s->rate = rate;
}

static void mouse_status(struct ps2_mouse *s)
{
    uint8_t b = s->buttons; /* left is bit 2 here, right bit 0 */

    queue_put(&s->reply, (uint8_t)(s->status | (b & 1) << 2 | (b & 4) >> 1 | (b & 2) >> 1));
    queue_put(&s->reply, s->resolution);
    queue_put(&s->reply, s->rate);
}

static void mouse_command(struct ps2_mouse *s, uint8_t val)
{
    if (val != PS2_RESEND) {
        queue_put(&s->reply, PS2_ACK);
    }
    switch (val) {
    case MOUSE_SCALE_1: s->status &= (uint8_t)~MOUSE_ST_SCALING; break;
    case MOUSE_SCALE_2: s->status |= MOUSE_ST_SCALING; break;
    case MOUSE_RESOLUTION:
    case MOUSE_RATE: s->command = val; break;
    case MOUSE_STATUS: mouse_status(s); break;
    case MOUSE_STREAM:
        s->status &= (uint8_t)~MOUSE_ST_REMOTE;
        mouse_clear_motion(s);
        break;
    case MOUSE_READ: put_packet(s, &s->reply, false); break;
    case MOUSE_WRAP_OFF: s->wrap = false; break;
    case MOUSE_WRAP:
        mouse_clear_motion(s);
        s->wrap = true;
        break;
    case MOUSE_REMOTE:
        s->status |= MOUSE_ST_REMOTE;
        mouse_clear_motion(s);
        break;
    case MOUSE_ID: queue_put(&s->reply, s->id); break;
    case MOUSE_ENABLE:
        s->status |= MOUSE_ST_ENABLED;
        mouse_clear_motion(s);
        break;
    case MOUSE_DISABLE:
        s->status &= (uint8_t)~MOUSE_ST_ENABLED;
        mouse_clear_motion(s);
        break;
    case MOUSE_DEFAULTS: mouse_defaults(s); break;
    case PS2_RESEND: queue_put(&s->reply, s->last_sent); break;
    case PS2_RESET:
        mouse_power_on(s);
        queue_put(&s->reply, PS2_ACK);
        clock_schedule_in(&s->bat_event, BAT_NS);
        break;
    default:
        log_guest(KBC, "mouse: unknown command %02xh", val);
        queue_clear(&s->reply);
        queue_put(&s->reply, PS2_RESEND);
        break;
    }
}

void ps2_mouse_write(struct ps2_mouse *s, uint8_t val)
{
    uint8_t command = s->command;

    queue_clear(&s->reply);
    s->command = 0;
    if (s->wrap && val != MOUSE_WRAP_OFF && val != PS2_RESET) {
        queue_put(&s->reply, val);
    } else if (command == MOUSE_RATE) {
        set_rate(s, val);
        queue_put(&s->reply, PS2_ACK);
    } else if (command == MOUSE_RESOLUTION) {
        if (val <= 3) {
            s->resolution = val;
        }
        queue_put(&s->reply, val <= 3 ? PS2_ACK : PS2_RESEND);
    } else {
        mouse_command(s, val);
    }
    mouse_update(s);
}

static void mouse_reset(void *opaque)
{
    struct ps2_mouse *s = opaque;

    mouse_power_on(s);
    clock_cancel(&s->bat_event);
    clock_cancel(&s->sample_event);
    mouse_update(s);
}

static void mouse_loaded(void *opaque)
{
    struct ps2_mouse *s = opaque;

    queue_check(&s->reply);
    queue_check(&s->data);
}

static const struct state_field mouse_state[] = {
    STATE_SUB(struct ps2_mouse, reply, struct ps2_queue, queue_state),
    STATE_SUB(struct ps2_mouse, data, struct ps2_queue, queue_state),
    STATE(struct ps2_mouse, command),
    STATE(struct ps2_mouse, id),
    STATE(struct ps2_mouse, status),
    STATE(struct ps2_mouse, resolution),
    STATE(struct ps2_mouse, rate),
    STATE(struct ps2_mouse, rate_history),
    STATE(struct ps2_mouse, last_sent),
    STATE(struct ps2_mouse, wrap),
    STATE(struct ps2_mouse, dx),
    STATE(struct ps2_mouse, dy),
    STATE(struct ps2_mouse, dz),
    STATE(struct ps2_mouse, buttons),
    STATE(struct ps2_mouse, reported_buttons),
    STATE(struct ps2_mouse, clicked),
    STATE_EVENT(struct ps2_mouse, bat_event),
    STATE_EVENT(struct ps2_mouse, sample_event),
    STATE_END,
};

static const struct device_type mouse_type = {
    .name = "ps2_mouse",
    .reset = mouse_reset,
    .loaded = mouse_loaded,
    .state = mouse_state,
};

struct ps2_mouse *ps2_mouse_create(struct machine *m, struct line ready)
{
    struct ps2_mouse *s = device_new(m, &mouse_type, sizeof(*s));

    s->ready = ready;
    clock_event_init(&s->bat_event, &m->clock, "mouse.bat", mouse_bat_event, s);
    clock_event_init(&s->sample_event, &m->clock, "mouse.sample", sample_event, s);
    return s;
}
