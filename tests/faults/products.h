/* SPDX-License-Identifier: MIT */
/* What a run leaves: its folder, the files in it, and whether a verdict may be so. */
#ifndef ED_TESTS_FAULTS_PRODUCTS_H
#define ED_TESTS_FAULTS_PRODUCTS_H

#include "espdiag/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What the file that a command writes held before. */
#define PRODUCT_BEFORE "what was there before\n"

typedef void products_problem(const char *format, ...) ED_PRINTF(1, 2);

/* As snprintf; ends the program rather than cut what it writes. */
void text_put(char *out, size_t room, const char *format, ...) ED_PRINTF(3, 4);
/* Makes @path with the folders out and ime, with the files that those of @from (or NULL) have. */
bool products_folder(const char *path, const char *from);
bool products_remove(const char *path);
void products_put(const char *path, const char *text);
/* With a NUL behind it. */
size_t products_get(const char *path, char *out, size_t cap);
/* Bundles in @folder. */
int products_bundles(const char *folder);

/*
 * In out and ime are no files but whole bundles, when the command makes some, the log of the IME
 * folder and @file; and no parts of any, unless it @may_litter.
 */
void products_check(bool bundles, const char *file, bool may_litter, products_problem *problem);

/*
 * A verdict of damaged evidence, both as JSON: the same conclusion as of the whole, or less of it,
 * and a row of coverage that says why. With @details less may be missing than deserves a row.
 */
void product_verdict(const char *json, const char *truth, bool details, products_problem *problem);
/* The line of @a in which it is no longer @b. */
const char *first_difference(const char *a, const char *b);

#endif
