rom_image(vgabios 16 32768 ON vgabios.ld
  entry.S int10.c mode.c cursor.c text.c pixel.c palette.c fontload.c info.c vbe.c far.c tables.c fonts.c)
