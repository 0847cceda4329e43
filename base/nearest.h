/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean ...": the name in a list that is nearest to a mistyped word.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* By edit distance, letter case ignored; on a tie the first. NULL only if n is 0. */
const char *nearest_name(const char *word, const char *const *names, size_t n);

#endif
