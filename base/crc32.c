/* SPDX-License-Identifier: MIT */
#include "base/crc32.h"

uint32_t crc32_of(const void *data, size_t len)
{
    const uint8_t *p = data;
    uint32_t table[256], crc = ~0u;

    for (uint32_t i = 0; i < ARRAY_LEN(table); i++) {
        table[i] = i;
        for (unsigned k = 0; k < 8; k++) {
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
        }
    }
    while (len--) {
        crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
    }
    return ~crc;
}
