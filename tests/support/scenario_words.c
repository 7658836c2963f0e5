/* SPDX-License-Identifier: MIT */
/* The words of a line: times, durations, options. */
#include "scenario_priv.h"

struct ed_str story_word(const struct story *t, size_t i)
{
	return i < t->line->token_count ? t->line->token[i] : (struct ed_str){ NULL, 0 };
}

bool story_word_is(const struct story *t, size_t i, const char *text)
{
	return ed_str_eq(story_word(t, i), ed_str_from(text));
}

/* The word behind @key; .p NULL when the line does not have it. */
struct ed_str story_option(const struct story *t, const char *key)
{
	for (size_t i = 1; i + 1 < t->line->token_count; i++) {
		if (story_word_is(t, i, key))
			return story_word(t, i + 1);
	}
	return (struct ed_str){ NULL, 0 };
}

bool story_has_word(const struct story *t, const char *key)
{
	for (size_t i = 1; i < t->line->token_count; i++) {
		if (story_word_is(t, i, key))
			return true;
	}
	return false;
}

ed_status story_time(struct story *t, struct ed_str text, int64_t *out)
{
	char iso[ED_TIME_TEXT];
	int64_t time = 0;

	if (text.len > 10 && ed_time_parse(text, &time)) {
		*out = time + t->options->shift * ED_TICKS_PER_SECOND;
		return ED_OK;
	}
	snprintf(iso, sizeof(iso), "1601-01-01T%.*s%s", (int)(text.len > 16 ? 16 : text.len),
		 text.p ? text.p : "", text.len == 5 ? ":00" : "");
	if (!ed_time_parse(ed_str_from(iso), &time))
		return story_wrong(t, "no time", text);
	*out = t->midnight + time;
	return ED_OK;
}

/* "08:42:07..08:43:37" */
ed_status story_time_range(struct story *t, struct ed_str text, int64_t *first, int64_t *second)
{
	size_t dots = ed_str_find(text, ED_STR(".."), 0);

	if (dots == SIZE_MAX)
		return story_wrong(t, "expected TIME..TIME, got", text);
	ED_TRY(story_time(t, ed_str_slice(text, 0, dots), first));
	return story_time(t, ed_str_slice(text, dots + 2, text.len), second);
}

/* "180s", "3m", "9m30s", "2h" */
ed_status story_duration(struct story *t, struct ed_str text, int64_t *out)
{
	int64_t total = 0, value = 0;
	bool digits = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c >= '0' && c <= '9' && value < 100000) {
			value = value * 10 + (c - '0');
			digits = true;
			continue;
		}
		if (!digits || (c != 's' && c != 'm' && c != 'h'))
			return story_wrong(t, "no duration", text);
		total += value * (c == 'h' ? 3600 : c == 'm' ? 60 : 1);
		value = 0;
		digits = false;
	}
	if (digits || !text.len)
		return story_wrong(t, "no duration", text);
	*out = total * ED_TICKS_PER_SECOND;
	return ED_OK;
}

ed_status story_number_option(struct story *t, const char *key, uint32_t *out)
{
	struct ed_str text = story_option(t, key);

	if (text.p && !ed_number_u32(text, out))
		return story_wrong(t, "no number", text);
	return ED_OK;
}

/* A variable from the word behind @key, or @otherwise. */
ed_status story_set_option(struct story *t, const char *variable, const char *key,
			   const char *otherwise)
{
	struct ed_str text = story_option(t, key);

	return story_set(t, variable, text.p ? text.p : otherwise);
}

/* $error as it is written, $signed_error as a signed number. */
ed_status story_set_error(struct story *t, const char *otherwise)
{
	uint32_t code;

	ED_TRY(story_set_option(t, "error", "error", otherwise));
	if (!ed_number_u32(story_get(t, "error"), &code))
		return story_wrong(t, "no error code", story_get(t, "error"));
	return story_setf(t, "signed_error", "%lld",
			  (long long)code - (code >> 31 ? INT64_C(0x100000000) : 0));
}

/* from TIME [every DURATION] [count N] */
ed_status story_loop(struct story *t, struct story_loop *loop)
{
	struct ed_str every = story_option(t, "every");

	*loop = (struct story_loop){ .every = 180 * ED_TICKS_PER_SECOND, .count = 1 };
	ED_TRY(story_time(t, story_option(t, "from"), &loop->from));
	ED_TRY(story_number_option(t, "count", &loop->count));
	return every.p ? story_duration(t, every, &loop->every) : ED_OK;
}
