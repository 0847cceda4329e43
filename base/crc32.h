/* SPDX-License-Identifier: MIT */
/*
 * CRC-32 as PNG, zlib and Ethernet use it: polynomial 04C11DB7h, reflected.
 */
#ifndef BASE_CRC32_H
#define BASE_CRC32_H

#include "base/types.h"

uint32_t crc32_of(const void *data, size_t len);

#endif
