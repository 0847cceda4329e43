rom_image(guest 32 131072 OFF guest.ld boot.S entry.S console.c input.c main.c checks.c dma.c floppy.c disk.c pci.c nic.c net.c
  picture.c shell.c)
