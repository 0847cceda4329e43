/* SPDX-License-Identifier: MIT */
/*
 * The least of ACPI 1.0 by which a system can switch the machine off: the soft-off state and the control register at 604h. Nothing
 * changes, so the tables stay in the ROM, at FD000h; the checksums belong to these bytes.
 */
#define RSDT 0xfd020
#define FADT 0xfd060
#define FACS 0xfd100
#define DSDT 0xfd140
#define TABLE(offset) .org (offset) & 0xfff, 0

    .section .acpi, "a"
    .globl acpi_tables
acpi_tables:
    .ascii "RSD PTR "
    .byte 0x14
    .ascii "GNOMON"
    .byte 0
    .long RSDT

    .macro header signature, length, checksum
    .ascii "\signature"
    .long \length
    .byte 1, \checksum
    .ascii "GNOMONGNOMONPC"
    .long 1
    .ascii "GNOM"
    .long 1
    .endm

    TABLE(RSDT)
    header "RSDT", 40, 0xf9
    .long FADT

    TABLE(FADT)
    header "FACP", 116, 0x2d
    .long FACS, DSDT
    .byte 0, 0 /* two 8259s */
    .word 9    /* SCI_INT */
    .long 0    /* SMI_CMD: ACPI is always on */
    .byte 0, 0, 0, 0
    .long 0x600, 0, 0x604, 0, 0, 0, 0, 0 /* PM1a_EVT_BLK, PM1a_CNT_BLK */
    .byte 4, 2, 0, 0, 0, 0, 0, 0
    .word 0xfff, 0xfff, 0, 0 /* no C2, no C3 */
    .byte 0, 0, 0, 0, 0x32, 0, 0, 0
    .long 0x75 /* WBINVD, C1; no fixed buttons, no fixed clock wake */

    TABLE(FACS)
    .ascii "FACS"
    .long 64
    .org 0x140, 0

    TABLE(DSDT)
    header "DSDT", 48, 0xd4
    /* Name (_S5, Package (4) {0, 0, 0, 0}) */
    .byte 0x08, 0x5f, 0x53, 0x35, 0x5f, 0x12, 0x06, 0x04, 0, 0, 0, 0
