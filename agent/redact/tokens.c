/* SPDX-License-Identifier: MIT */
/* Tokens of the web, by how they begin. */
#include "redact_priv.h"

#define JWT_PART ((size_t)13) /* of one that has a letter before it */

static size_t count_dots(struct ed_str run)
{
	size_t n = 0;

	for (size_t i = 0; i < run.len; i++)
		n += run.p[i] == '.';
	return n;
}

bool is_token_run(struct ed_str run)
{
	static const struct {
		const char *start;
		size_t least;
	} rows[] = {
		{ "0.A", 40 },      { "1.A", 40 },       { "AQABAAAA", 60 },
		{ "AwABAAAA", 60 }, { "OAQABAAAA", 60 }, { "M.R3_", 30 },
		{ "M.C5", 30 },     { "0.AX", 30 },      { "1.AX", 30 },
	};

	if (ed_str_starts(run, ED_STR("eyJ")) && run.len >= 20 && count_dots(run))
		return true;
	for (size_t i = 0; i < ED_COUNT(rows); i++)
		if (run.len >= rows[i].least && ed_str_starts(run, ed_str_from(rows[i].start)))
			return true;
	return false;
}

/* What it says of itself is JSON; a name with "eyJ" in it gives bytes that are no text. */
static bool is_head(struct ed_str run, size_t from, size_t to)
{
	struct base64 b = { 0, 0 };

	for (; from < to; from++) {
		unsigned char c;

		if (!base64_take(&b, run.p[from], &c))
			continue;
		if (c < 0x20 || c >= 0x7F)
			return false;
	}
	return true;
}

size_t find_jwt(struct ed_str run)
{
	for (size_t from = 0, dot; from < run.len; from = dot + 1) {
		size_t jwt = ed_str_find(run, ED_STR("eyJ"), from);

		dot = jwt == SIZE_MAX ? jwt : ed_str_find(run, ED_STR("."), jwt);
		if (dot == SIZE_MAX)
			break;
		if (jwt + JWT_PART <= dot && dot + JWT_PART <= run.len && is_head(run, jwt, dot))
			return jwt;
	}
	return SIZE_MAX;
}
