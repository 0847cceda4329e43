rom_image(bios 16 65536 OFF bios.ld entry.S)
