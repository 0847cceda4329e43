rom_image(bios 16 65536 OFF bios.ld
  entry.S acpi.S acpi.c post.c util.c irq.c boot.c int11_12.c int13.c floppy.c ata.c disk.c cdrom.c int14.c int15.c apm.S apm.c
  mouse.c int16.c int17.c int1a.c pci.c pci32.S rom.c)
