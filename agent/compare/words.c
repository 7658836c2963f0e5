/* SPDX-License-Identifier: MIT */
/* The words of the comparison. */
#include "espdiag/compare/compare.h"

#define WORD(name, word) [name] = word,

const char *ed_change_word(enum ed_change v)
{
	static const char *const words[] = { ED_CHANGE_LIST(WORD) };

	return words[v];
}

const char *ed_fate_word(enum ed_fate v)
{
	static const char *const words[] = { ED_FATE_LIST(WORD) };

	return words[v];
}

const char *ed_compared_word(enum ed_compared v)
{
	static const char *const words[] = { ED_COMPARED_LIST(WORD) };

	return words[v];
}
