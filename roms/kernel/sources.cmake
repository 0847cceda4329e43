rom_image(kernel 16 1024 ON kernel.ld kernel.S)
