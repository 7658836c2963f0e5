/* SPDX-License-Identifier: MIT */
/* The tables of error codes and how a row is found. */
#include "codes.h"

const struct code_row code_rows[] = {
#define CODE(value, name, class, owner, meaning, next, source)                                     \
	{ value, name, class, owner, meaning, next, source },
#include "codes.def"
#undef CODE
};
const size_t code_row_count = ED_COUNT(code_rows);

const struct aadsts_row aadsts_rows[] = {
#define AADSTS(number, name, owner, meaning, next, source)                                         \
	{ number, name, owner, meaning, next, source },
#include "aadsts.def"
#undef AADSTS
};
const size_t aadsts_row_count = ED_COUNT(aadsts_rows);

const char *code_class_word(enum code_class class)
{
#define CODE_CLASS_WORD(class, word) [class] = word,
	static const char *const words[] = { CODE_CLASS_LIST(CODE_CLASS_WORD) };
#undef CODE_CLASS_WORD

	return words[class];
}

static int compare_code(const void *key, const void *row)
{
	uint32_t value = *(const uint32_t *)key, other = ((const struct code_row *)row)->value;

	return (value > other) - (value < other);
}

static int compare_aadsts(const void *key, const void *row)
{
	uint32_t number = *(const uint32_t *)key, other = ((const struct aadsts_row *)row)->number;

	return (number > other) - (number < other);
}

const struct code_row *code_find(uint32_t value)
{
	return bsearch(&value, code_rows, code_row_count, sizeof(code_rows[0]), compare_code);
}

const struct aadsts_row *aadsts_find(uint32_t number)
{
	return bsearch(&number, aadsts_rows, aadsts_row_count, sizeof(aadsts_rows[0]),
		       compare_aadsts);
}
