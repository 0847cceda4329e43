/* SPDX-License-Identifier: MIT */
/*
 * The BIOS in RAM: copies itself behind its own ROM, so that the ACPI tables (acpi.S) can be given
 * their checksums, and protects itself again. The FACS, which has a lock that systems write to,
 * goes to the last page of RAM (ACPI 1.0b, 5.2.6).
 */
#include "bios.h"

enum { PAM0 = 0x59, FROM_ROM_TO_RAM = 0x20, BOTH_RAM = 0x30, READ_ONLY = 0x10, SEGMENT = 0xf000 };

extern ROM u8 acpi_rsdp[], acpi_rsdt[], acpi_fadt[], acpi_dsdt[], acpi_madt[], mp_pointer[],
    mp_table[];

static void set_checksum(u32 table, u32 len, u32 at)
{
    u8 sum = 0;

    poke8(SEGMENT, table + at, 0);
    for (u32 i = 0; i < len; i++) {
        sum += peek8(SEGMENT, table + i);
    }
    poke8(SEGMENT, table + at, -sum);
}

static void set_table_checksum(u32 table)
{
    set_checksum(table, peek32(SEGMENT, table + 4), 9);
}

/* CPUID's bit; CPUs without CPUID have no APIC. */
static int has_apic(void)
{
    u32 flags, toggled, features;

    asm volatile(
        "pushfl; popl %0; movl %0, %1; xorl $0x200000, %1; pushl %1; popfl; pushfl; popl %1;"
        "pushl %0; popfl"
        : "=&r"(flags), "=&r"(toggled));
    if (flags == toggled) {
        return 0;
    }
    asm volatile("cpuid" : "=d"(features) : "a"(1) : "ebx", "ecx");
    return features >> 9 & 1;
}

/* Without an APIC the tables that speak of one are not to be found. */
static void set_apic_tables(void)
{
    u32 rsdt = (u32)acpi_rsdt;

    if (!has_apic()) {
        poke32(SEGMENT, rsdt + 4, peek32(SEGMENT, rsdt + 4) - 4);
        poke8(SEGMENT, (u32)mp_pointer, 0);
        return;
    }
    set_table_checksum((u32)acpi_madt);
    set_checksum((u32)mp_table, peek16(SEGMENT, (u32)mp_table + 4), 7);
    set_checksum((u32)mp_pointer, 16, 10);
}

enum { FADT_FACS = 36, FACS_SIZE = 64, PAGE = 4096 };

u32 acpi_ram_kb(void)
{
    return peek32(SEGMENT, (u32)acpi_fadt + FADT_FACS) < 0x100000 ? 0 : PAGE / 1024;
}

static void set_facs(void)
{
    u32 above = memory_above() * 1024, to = 0x100000 + above - PAGE;
    u32 fadt = (u32)acpi_fadt, from = peek32(SEGMENT, fadt + FADT_FACS) & 0xffff;
    int a20 = a20_get();

    if (above < 16 * PAGE) {
        return;
    }
    a20_set(1);
    data_limits(LIMIT_4G);
    for (u32 i = 0; i < FACS_SIZE; i += 4) {
        asm volatile("pushw %%es; movw %w2, %%es; movl %1, %%es:(%0); popw %%es"
                     :
                     : "r"(to + i), "r"(peek32(SEGMENT, from + i)), "r"(0)
                     : "memory");
    }
    data_limits(LIMIT_64K);
    a20_set(a20);
    poke32(SEGMENT, fadt + FADT_FACS, to);
}

void acpi_init(void)
{
    pci_set_pam(PAM0, FROM_ROM_TO_RAM);
    for (u32 i = 0; i < 0x10000; i += 4) {
        poke32(SEGMENT, i, peek32(SEGMENT, i));
    }
    pci_set_pam(PAM0, BOTH_RAM);
    set_facs();
    set_table_checksum((u32)acpi_dsdt);
    set_table_checksum((u32)acpi_fadt);
    set_apic_tables();
    set_table_checksum((u32)acpi_rsdt);
    set_checksum((u32)acpi_rsdp, 20, 8);
    pci_set_pam(PAM0, READ_ONLY);
}
