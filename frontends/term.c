/* SPDX-License-Identifier: MIT */
/*
 * The guest's text screen in the user's terminal. Ctrl-A begins a command, as with -nographic.
 *
 * However the program ends, the terminal is as it was: a small process waits for the end of a pipe
 * that the program holds, and puts the terminal right if the program could not (a crash, kill -9).
 * What is printed on standard error meanwhile would spoil the screen; it is kept for the end.
 */
#define _GNU_SOURCE /* memfd_create, close_range, pipe2 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "frontends/screen.h"
#include "frontends/session.h"
#include "frontends/term_draw.h"
#include "frontends/term_keys.h"

#define FRAME       20000000ull   /* ns between looks at the guest's screen */
#define ESC_TIMEOUT 50000000ull   /* ns after which a lone ESC is the key */
#define HINT_TIME   4000000000ull /* ns that a message stays */
#define KEY_HOLD    8000000u      /* ns of guest time */
#define CTRL_A      1
#define INPUT_SIZE  256

#define ENTER "\033[?1049h\033[?7l" /* the other screen; no wrap at the last column */
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

struct term {
    struct screen sc;
    struct termios saved;
    int errors, old_errors; /* where standard error goes meanwhile, and went; -1: left alone */
    bool started;
    int guard_pipe;
    pid_t guard;

    struct term_view view;
    struct text_screen *screen;
    uint64_t next_frame, message_until;
    const char *message;

    uint8_t input[INPUT_SIZE];
    unsigned input_len;
    uint64_t input_at; /* when the last byte came */
    bool escaped;      /* the last byte was Ctrl-A */
};

static struct term *term_of(struct screen *sc)
{
    return container_of(sc, struct term, sc);
}

/* The terminal's state. */

static void write_all(int fd, const char *text, size_t n)
{
    while (n) {
        ssize_t done = write(fd, text, n);

        if (done <= 0) {
            return;
        }
        text += done;
        n -= (size_t)done;
    }
}

static void restore_terminal(const struct termios *saved)
{
    write_all(STDOUT_FILENO, LEAVE, sizeof(LEAVE) - 1);
    tcsetattr(STDIN_FILENO, TCSADRAIN, saved);
}

static void print_errors(int from, int to)
{
    char part[1024];
    off_t at = 0;

    for (;;) {
        ssize_t n = pread(from, part, sizeof(part), at);

        if (n <= 0) {
            return;
        }
        write_all(to, part, (size_t)n);
        at += n;
    }
}

/* The process that waits: a byte means that all is well. */
_Noreturn static void guard_run(struct term *t, int pipe_end)
{
    sigset_t all;
    char byte;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* SIGTTOU too: it is in the background by then */
    for (int fd = 3; fd < 4096; fd++) {   /* sockets must not stay open in here */
        if (fd != pipe_end && fd != t->errors && fd != t->old_errors) {
            close(fd);
        }
    }
    if (read(pipe_end, &byte, 1) != 1) {
        restore_terminal(&t->saved);
        if (t->errors >= 0) {
            print_errors(t->errors, t->old_errors);
        }
    }
    _exit(0);
}

static void guard_start(struct term *t)
{
    int ends[2];

    t->guard_pipe = -1;
    if (pipe2(ends, O_CLOEXEC)) {
        return;
    }
    t->guard = fork();
    if (!t->guard) {
        close(ends[1]);
        guard_run(t, ends[0]);
    }
    close(ends[0]);
    t->guard_pipe = ends[1];
}

static void guard_stop(struct term *t)
{
    if (t->guard_pipe >= 0) {
        write_all(t->guard_pipe, "x", 1);
        close(t->guard_pipe);
        waitpid(t->guard, NULL, 0);
    }
}

static void keep_errors(struct term *t)
{
    t->errors = t->old_errors = -1;
    if (isatty(STDERR_FILENO)) {
        t->errors = memfd_create("gnomon-messages", MFD_CLOEXEC);
        t->old_errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        dup2(t->errors, STDERR_FILENO);
    }
}

static void raw_mode(struct term *t)
{
    struct termios raw = t->saved;

    raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    write_all(STDOUT_FILENO, ENTER, sizeof(ENTER) - 1);
}

static void term_destroy(struct screen *sc)
{
    struct term *t = term_of(sc);

    if (t->started) {
        restore_terminal(&t->saved);
        guard_stop(t);
    }
    if (t->started && t->errors >= 0) {
        dup2(t->old_errors, STDERR_FILENO);
        print_errors(t->errors, STDERR_FILENO);
        close(t->errors);
        close(t->old_errors);
    }
    term_view_free(&t->view);
    free(t->screen);
    free(t);
}

/* Input. */

static void say(struct term *t, uint64_t now, const char *text)
{
    t->message = text;
    t->message_until = now + HINT_TIME;
    t->next_frame = 0;
}

static void press(struct term *t, const enum key_code *keys, unsigned n)
{
    session_send_keys(t->sc.s, keys, n, KEY_HOLD);
}

static void command(struct term *t, uint8_t ch, uint64_t now)
{
    static const enum key_code ctrl_a[] = {KEY_CTRL, KEY_A};
    static const enum key_code reboot[] = {KEY_CTRL, KEY_ALT, KEY_DELETE};
    struct session *s = t->sc.s;

    switch (ch) {
    case CTRL_A: press(t, ctrl_a, 2); break;
    case 'x':
    case 'X': session_quit(s, EXIT_OK, "host-ui"); break;
    case 'd':
    case 'D': press(t, reboot, 3); break;
    case 'l':
    case 'L': t->view.stale = true; break;
    case 'p':
    case 'P':
        t->message = NULL; /* for what standing_message() says */
        if (s->state == RUN_RUNNING) {
            session_pause(s);
        } else if (s->state != RUN_SHUTDOWN) {
            session_resume(s);
            say(t, now, "running");
        }
        break;
    default:
        say(t, now, "Ctrl-A X: end, P: pause, D: Ctrl-Alt-Delete, L: redraw, Ctrl-A: itself");
        break;
    }
}

/* False: no key can be taken now. */
static bool take_key(struct term *t, uint64_t now)
{
    struct term_combination keys;
    bool final = now - t->input_at > ESC_TIMEOUT || t->input_len == INPUT_SIZE;
    unsigned n = 1;

    if (t->escaped) {
        t->escaped = false;
        command(t, t->input[0], now);
    } else if (t->input[0] == CTRL_A) {
        t->escaped = true;
    } else {
        if (t->sc.s->typed_count > SESSION_TYPED / 2) {
            return false;
        }
        n = term_keys_parse(t->input, t->input_len, final, &keys);
        if (keys.count) {
            press(t, keys.key, keys.count);
        }
    }
    t->input_len -= n;
    memmove(t->input, t->input + n, t->input_len);
    return n;
}

static void take_input(struct term *t, uint64_t now)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

    if (t->input_len < INPUT_SIZE && poll(&p, 1, 0) == 1) {
        ssize_t n = read(STDIN_FILENO, t->input + t->input_len, INPUT_SIZE - t->input_len);

        if (n > 0) {
            t->input_len += (unsigned)n;
            t->input_at = now;
        } else if (n == 0 || p.revents & POLLHUP) {
            session_quit(t->sc.s, EXIT_SIGNAL + SIGHUP, "host-signal"); /* the terminal is gone */
        }
    }
    while (t->input_len && take_key(t, now)) {
    }
}

/* Output. */

static void look_at_size(struct term *t)
{
    struct winsize w;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) || !w.ws_col || !w.ws_row) {
        w.ws_col = 80;
        w.ws_row = 25;
    }
    if (w.ws_col != t->view.columns || w.ws_row != t->view.rows) {
        term_view_resize(&t->view, w.ws_col, w.ws_row);
    }
}

/* What is said as long as it is so. */
static const char *standing_message(const struct session *s)
{
    switch (s->state) {
    case RUN_RUNNING: return NULL;
    case RUN_SHUTDOWN: return "the machine has stopped: Ctrl-A X ends";
    default: return "paused: Ctrl-A P goes on";
    }
}

static void show(struct term *t, uint64_t now)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

    t->next_frame = now + FRAME;
    if (poll(&p, 1, 0) != 1) {
        return; /* a slow line: the frame is left out */
    }
    if (!t->message_until) {
        t->message_until = now + HINT_TIME;
    } else if (now > t->message_until) {
        t->message = NULL;
    }
    look_at_size(t);
    pc_screen_text(t->sc.s->m, t->screen);
    term_view_draw(&t->view, t->screen, t->message ? t->message : standing_message(t->sc.s));
    write_all(STDOUT_FILENO, t->view.out, t->view.len);
}

static void term_poll(struct screen *sc, uint64_t now)
{
    struct term *t = term_of(sc);

    take_input(t, now);
    if (now >= t->next_frame) {
        show(t, now);
    }
}

static int term_fd(struct screen *sc)
{
    return term_of(sc)->input_len < INPUT_SIZE ? STDIN_FILENO : -1;
}

static char *term_start(struct screen *sc)
{
    struct term *t = term_of(sc);

    keep_errors(t);
    guard_start(t);
    raw_mode(t);
    t->started = true;
    t->message = "Ctrl-A X ends, Ctrl-A H lists more";
    return NULL;
}

static const struct screen_ops term_ops = {
    .start = term_start,
    .poll = term_poll,
    .fd = term_fd,
    .destroy = term_destroy,
};

struct screen *term_new(char **error)
{
    struct termios saved;

    if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &saved)) {
        *error = xstrdup("-display term: standard input and output are no terminal");
        return NULL;
    }
    struct term *t = xcalloc(1, sizeof(*t));

    t->sc.ops = &term_ops;
    t->saved = saved;
    t->screen = xcalloc(1, sizeof(*t->screen));
    return &t->sc;
}
