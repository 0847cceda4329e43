/* SPDX-License-Identifier: MIT */
/*
 * The BIOS in RAM: copies itself behind its own ROM, so that the ACPI tables (acpi.S) can be given
 * their checksums, and protects itself again.
 */
#include "bios.h"

enum { PAM0 = 0x59, FROM_ROM_TO_RAM = 0x20, BOTH_RAM = 0x30, READ_ONLY = 0x10, SEGMENT = 0xf000 };

extern ROM u8 acpi_rsdp[], acpi_rsdt[], acpi_fadt[], acpi_dsdt[];

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

void acpi_init(void)
{
    pci_set_pam(PAM0, FROM_ROM_TO_RAM);
    for (u32 i = 0; i < 0x10000; i += 4) {
        poke32(SEGMENT, i, peek32(SEGMENT, i));
    }
    pci_set_pam(PAM0, BOTH_RAM);
    set_table_checksum((u32)acpi_dsdt);
    set_table_checksum((u32)acpi_fadt);
    set_table_checksum((u32)acpi_rsdt);
    set_checksum((u32)acpi_rsdp, 20, 8);
    pci_set_pam(PAM0, READ_ONLY);
}
