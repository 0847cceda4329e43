/* SPDX-License-Identifier: MIT */
/*
 * The prompt.
 */
#include "guest.h"

static void command_help(void)
{
    print("help       this list\n"
          "cpu        what the processor says about itself\n"
          "mem        memory\n"
          "pci        what is on the PCI bus\n"
          "net        the network again\n"
          "test       the self-test again\n"
          "picture    what the display can do\n"
          "speed      how fast this machine is\n"
          "time       time since the start, and interrupts\n"
          "clear      an empty screen\n"
          "reboot     resets the machine\n"
          "poweroff   switches it off\n");
}

static void command_cpu(void)
{
    static const char *const names[32] = {
        "fpu",  "vme",  "de",   "pse", "tsc",  "msr", "pae",   "mce", "cx8",   "apic", 0,
        "sep",  "mtrr", "pge",  "mca", "cmov", "pat", "pse36", "psn", "clfsh", 0,      "ds",
        "acpi", "mmx",  "fxsr", "sse", "sse2", "ss",  "htt",   "tm",  0,       "pbe"};
    struct cpu_id id;

    identify_cpu(&id);
    if (!id.has_cpuid) {
        print("80%u86, without CPUID\n", id.family);
        return;
    }
    print("%s, family %u, model %u, stepping %u\n%s\n", id.vendor, id.family, id.model, id.stepping,
          id.brand);
    for (unsigned i = 0; i < 32; i++) {
        if (id.edx >> i & 1 && names[i]) {
            print("%s ", names[i]);
        }
    }
    put('\n');
}

static void command_mem(void)
{
    print("%u KiB below 1 MiB, %u KiB above\n", *(volatile uint16_t *)0x413, memory_kb);
}

static void command_speed(void)
{
    uint32_t mips = speed_measure();

    print("%u.%u million instructions in a guest second\n", mips / 1000, mips / 100 % 10);
}

static void command_time(void)
{
    print("%u.%03u s; %u timer, %u disk, %u clock interrupts\n", ticks / TICK_HZ, ticks % TICK_HZ,
          ticks, disk_irqs, rtc_ticks);
}

static void command_clear(void)
{
    for (unsigned i = 0; i < 25; i++) {
        put('\n');
    }
}

static void command_reboot(void)
{
    outb(0x64, 0xfe);
    wait_ms(100);
    outb(0x92, inb(0x92) | 1);
}

static void command_poweroff(void)
{
    print("Switching off.\n");
    wait_ms(10);
    outw(0x604, 0x2000);
    wait_ms(100);
    print("This machine cannot be switched off: close its window.\n");
}

static const struct command {
    const char *name;
    void (*run)(void);
} commands[] = {
    {"help", command_help},     {"?", command_help},
    {"cpu", command_cpu},       {"mem", command_mem},
    {"pci", pci_list},          {"net", check_network},
    {"test", checks_run},       {"devices", checks_run},
    {"speed", command_speed},   {"time", command_time},
    {"picture", picture_show},  {"clear", command_clear},
    {"reboot", command_reboot}, {"poweroff", command_poweroff},
    {"exit", command_poweroff},
};

static void run(const char *line)
{
    if (!*line) {
        return;
    }
    for (unsigned i = 0; i < ARRAY_LEN(commands); i++) {
        if (string_compare(line, commands[i].name) == 0) {
            commands[i].run();
            return;
        }
    }
    print("No such command: %s. Try help.\n", line);
}

static void prompt(void)
{
    colour(YELLOW);
    print("gnomon> ");
    colour(WHITE);
}

void shell(void)
{
    static char line[72];
    unsigned n = 0;

    print(" Type help for the commands, poweroff to end.\n");
    prompt();
    for (;;) {
        char c = input_wait();

        if (c == '\n') {
            put('\n');
            line[n] = 0;
            n = 0;
            colour(GREY);
            run(line);
            prompt();
        } else if (c == '\b') {
            if (n) {
                n--;
                put('\b');
            }
        } else if (c >= ' ' && n < sizeof(line) - 1) {
            line[n++] = c;
            put(c);
        }
    }
}
