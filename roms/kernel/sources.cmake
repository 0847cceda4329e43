rom_image(kernel 16 2048 ON kernel.ld entry.S kernel.c)
