# Writes the bytes of IN as a C array NAME to OUT.
file(READ ${IN} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," body "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n"
       body "${body}")
file(WRITE ${OUT} "/* Made from an image by embed.cmake. */\n#include \"roms/roms.h\"\n\nconst uint8_t ${NAME}[] = {\n${body}\n};\n"
     "const size_t ${NAME}_size = ${size};\n")
