/* SPDX-License-Identifier: MIT */
/*
 * ACPI 1.0 tables for the board with PCI, at FD000h: soft-off, the fixed buttons, the PM timer, the PCI root with its windows and
 * interrupts, and the AT's devices that systems look for here. The BIOS runs from shadow RAM there and fills in the checksums
 * (acpi.c); on a board without power management the tables stay without, and so invalid.
 */
#define TABLE(offset) .org (offset), 0

    .section .acpi, "aw"
    .globl acpi_rsdp, acpi_rsdt, acpi_fadt, acpi_dsdt, acpi_madt, mp_table, mp_pointer

    .macro header signature, end
    .ascii "\signature"
    .long \end - (. - 4)
    .byte 1, 0
    .ascii "GNOMONGNOMONPC"
    .long 1
    .ascii "GNOM"
    .long 1
    .endm

acpi_rsdp:
    .ascii "RSD PTR "
    .byte 0
    .ascii "GNOMON"
    .byte 0
    .long 0xf0000 + acpi_rsdt

    TABLE(0x20)
acpi_rsdt:
    header "RSDT", rsdt_end
    .long 0xf0000 + acpi_fadt, 0xf0000 + acpi_madt /* the last is cut off without an APIC */
rsdt_end:

    TABLE(0x60)
acpi_fadt:
    header "FACP", fadt_end
    .long 0xf0000 + facs, 0xf0000 + acpi_dsdt
    .byte 1, 0 /* two 8259s beside an APIC */
    .word 9    /* SCI_INT */
    .long 0xb2 /* SMI_CMD */
    .byte 0xf1, 0xf0, 0, 0
    .long 0x600, 0, 0x604, 0, 0, 0x608, 0xafe0, 0 /* PM1a_EVT_BLK, PM1a_CNT_BLK, PM_TMR_BLK, GPE0_BLK */
    .byte 4, 2, 0, 4, 4, 0, 0, 0
    .word 0xfff, 0xfff, 0, 0 /* no C2, no C3 */
    .byte 0, 0, 0, 0, 0x32, 0, 0, 0
    .long 0x05 /* WBINVD, C1; fixed buttons and fixed clock wake are there */
fadt_end:

    TABLE(0x100)
facs:
    .ascii "FACS"
    .long 64
    .org 0x140, 0

/* PkgLength of two bytes, from here to a label. */
    .macro length end
    .byte 0x40 + ((\end - (. )) & 15), (\end - (. - 1)) >> 4
    .endm
    .macro name text
    .byte 0x08
    .ascii "\text"
    .endm
    .macro device text, end
    .byte 0x5b, 0x82
    length \end
    .ascii "\text"
    .endm
    .macro pnp a, b /* _HID "PNPaabb" */
    name "_HID"
    .byte 0x0c, 0x41, 0xd0, \a, \b
    .endm
    .macro resources bytes
    name "_CRS"
    .byte 0x11, 3 + \bytes + 2, 0x0a, \bytes + 2
    .endm
    .macro io port, count
    .byte 0x47, 1
    .word \port, \port
    .byte 1, \count
    .endm
    .macro irq n
    .byte 0x22
    .word 1 << \n
    .endm
    .macro range kind, first, last
    .byte 0x88
    .word 13
    .byte \kind, 0x0c, 3 * (\kind & 1)
    .word 0, \first, \last, 0, \last - \first + 1
    .endm
    .macro memory first, last
    .byte 0x87
    .word 23
    .byte 0, 0x0c, 1
    .long 0, \first, \last, 0, \last - \first + 1
    .endm
    .macro end_resources
    .byte 0x79, 0
    .endm

    TABLE(0x140)
acpi_dsdt:
    header "DSDT", dsdt_end
    name "_S5_"
    .byte 0x12, 6, 4, 0, 0, 0, 0

    .byte 0x10 /* Scope (\_SB) */
    length dsdt_end
    .ascii "\\_SB_"

    device "PCI0", pci0_end
    pnp 0x0a, 0x03
    name "_ADR"
    .byte 0
    name "_UID"
    .byte 0
    name "_CRS"
    .byte 0x11
    length crs_end
    .byte 0x0b
    .word crs_end - crs
crs:
    range 2, 0, 0xff
    io 0xcf8, 8
    range 1, 0, 0xcf7
    range 1, 0xd00, 0xffff
    memory 0xa0000, 0xbffff
    memory 0xe0000000, 0xfebfffff
    end_resources
crs_end:

    name "_PRT"
    .byte 0x12
    length prt_end
    .byte 32
/* INTA#-INTD# of a device; PIRQA and B are on line 10, C and D on 11. */
    .macro route device, pin, line
    .byte 0x12, 12, 4, 0x0c
    .word 0xffff, \device
    .byte 0x0a, \pin, 0, 0x0a, \line
    .endm
    .macro routes device
    .irp pin, 0, 1, 2, 3
    route \device, \pin, 10 + ((\device + \pin + 3) >> 1 & 1)
    .endr
    .endm
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8
    routes \n
    .endr
prt_end:

    device "ISA_", isa_end
    name "_ADR"
    .byte 0x0c
    .long 0x10000

    device "RTC_", rtc_end
    pnp 0x0b, 0x00
    resources 11
    io 0x70, 2
    irq 8
    end_resources
rtc_end:
    device "KBD_", kbd_end
    pnp 0x03, 0x03
    resources 19
    io 0x60, 1
    io 0x64, 1
    irq 1
    end_resources
kbd_end:
    device "MOU_", mou_end
    pnp 0x0f, 0x13
    resources 3
    irq 12
    end_resources
mou_end:
    device "FDC_", fdc_end
    pnp 0x07, 0x00
    resources 22
    io 0x3f2, 4
    io 0x3f7, 1
    irq 6
    .byte 0x2a, 1 << 2, 0
    end_resources
fdc_end:
    device "COM1", com_end
    pnp 0x05, 0x01
    name "_UID"
    .byte 1
    resources 11
    io 0x3f8, 8
    irq 4
    end_resources
com_end:
isa_end:
pci0_end:
dsdt_end:

    .balign 16, 0
acpi_madt:
    header "APIC", madt_end
    .long 0xfee00000, 1 /* there are two 8259s as well */
    .byte 0, 8, 0, 0    /* processor 0, APIC 0 */
    .long 1
    .byte 1, 12, 1, 0 /* I/O APIC 1 */
    .long 0xfec00000, 0
    .macro override irq, pin, flags
    .byte 2, 10, 0, \irq
    .long \pin
    .word \flags
    .endm
    override 0, 2, 0
    override 9, 9, 0x0d /* SCI and the PCI lines: level, active high */
    override 10, 10, 0x0d
    override 11, 11, 0x0d
    .byte 4, 6, 0xff, 0, 0, 1 /* LINT1 is NMI */
madt_end:

/* MultiProcessor Specification 1.4: the same for systems without ACPI. */
    .balign 16, 0
mp_pointer:
    .ascii "_MP_"
    .long 0xf0000 + mp_table
    .byte 1, 4, 0, 0, 0, 0, 0, 0
mp_table:
    .ascii "PCMP"
    .word mp_end - mp_table
    .byte 4, 0
    .ascii "GNOMON  GNOMON PC   "
    .long 0
    .word 0, (mp_end - mp_entries - 20) / 8 + 1
    .long 0xfee00000, 0
mp_entries:
    .byte 0, 0, 0x14, 3 /* processor: usable, bootstrap */
    .long 0xf29, 0x383fbff, 0, 0
    .byte 1, 0
    .ascii "PCI   "
    .byte 1, 1
    .ascii "ISA   "
    .byte 2, 1, 0x11, 1
    .long 0xfec00000
    .macro mp_irq type, flags, bus, irq, to, pin
    .byte \type, 0
    .word \flags
    .byte \bus, \irq, \to, \pin
    .endm
    .macro mp_isa irq, pin
    .byte 3, 0
    .word 0
    .byte 1, \irq, 1, \pin
    .endm
    mp_isa 0, 2
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15
    mp_isa \n, \n
    .endr
    .macro mp_pci device, pin
    .byte 3, 0
    .word 0x0d
    .byte 0, \device << 2 | \pin, 1, 10 + ((\device + \pin + 3) >> 1 & 1)
    .endm
    .macro mp_device device
    .irp pin, 0, 1, 2, 3
    mp_pci \device, \pin
    .endr
    .endm
    .irp n, 2, 3, 4, 5, 6, 7, 8
    mp_device \n
    .endr
    .byte 4, 3, 0, 0, 1, 0, 0, 0    /* the 8259s to LINT0 */
    .byte 4, 1, 0, 0, 1, 0, 0xff, 1 /* NMI to LINT1 */
mp_end:
