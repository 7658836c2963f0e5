/* SPDX-License-Identifier: MIT */
/* Which events are wanted: the lists of a command line, and the decision on a head. */
#include "espdiag/model/filter.h"

void ed_filter_init(struct ed_filter *filter)
{
	memset(filter, 0, sizeof(*filter));
	filter->since = filter->until = ED_TIME_NONE;
}

/* "7" or "7-9", each at most @max. */
static bool range_parse(struct ed_str s, uint32_t max, uint32_t *from, uint32_t *to)
{
	size_t dash = ed_str_find(s, ED_STR("-"), 0);
	struct ed_str first = dash == SIZE_MAX ? s : ed_str_slice(s, 0, dash);
	uint64_t low, high;

	if (!first.len || !ed_number_parse(first, &low))
		return false;
	high = low;
	if (dash != SIZE_MAX && !ed_number_parse(ed_str_slice(s, dash + 1, s.len), &high))
		return false;
	if (low > high || high > max)
		return false;
	*from = (uint32_t)low;
	*to = (uint32_t)high;
	return true;
}

ed_status ed_filter_add_ids(struct ed_filter *filter, struct ed_str list, struct ed_error *err)
{
	struct ed_str rest = list, piece;
	uint32_t from, to;

	while (ed_str_next(&rest, ',', &piece)) {
		if (!range_parse(ed_str_trim(piece), ED_FILTER_IDS - 1, &from, &to))
			return ed_fail(err, ED_ARG,
				       "'%.*s' is no event id such as 4624 or 4700-4720",
				       ED_FMT(piece));
		for (uint32_t id = from; id <= to; id++)
			filter->ids[id / 8] |= (uint8_t)(1u << id % 8);
		filter->has_ids = true;
	}
	return filter->has_ids ? ED_OK : ed_fail(err, ED_ARG, "no event id given");
}

ed_status ed_filter_add_levels(struct ed_filter *filter, struct ed_str list, struct ed_error *err)
{
	static const struct {
		struct ed_str word;
		uint32_t bits;
	} words[] = {
		{ { "critical", 8 }, 1u << 1 }, { { "error", 5 }, 1u << 2 },
		{ { "warning", 7 }, 1u << 3 },  { { "information", 11 }, 1u << 4 | 1u << 0 },
		{ { "verbose", 7 }, 1u << 5 },
	};
	struct ed_str rest = list, piece;
	uint32_t from, to;

	while (ed_str_next(&rest, ',', &piece)) {
		uint32_t bits = 0;

		piece = ed_str_trim(piece);
		for (size_t i = 0; i < ED_COUNT(words); i++)
			if (ed_str_ieq(piece, words[i].word))
				bits = words[i].bits;
		if (!bits && range_parse(piece, 31, &from, &to))
			for (uint32_t level = from; level <= to; level++)
				bits |= UINT32_C(1) << level;
		if (!bits)
			return ed_fail(err, ED_ARG,
				       "'%.*s' is no level: critical, error, warning, information, "
				       "verbose, or a number",
				       ED_FMT(piece));
		filter->levels |= bits;
	}
	return filter->levels ? ED_OK : ed_fail(err, ED_ARG, "no level given");
}

static ed_status word_add(struct ed_str *words, size_t *count, struct ed_str word,
			  struct ed_error *err)
{
	if (!word.len)
		return ed_fail(err, ED_ARG, "no name given");
	if (*count == ED_FILTER_WORDS)
		return ed_fail(err, ED_LIMIT, "more than %d names", ED_FILTER_WORDS);
	words[(*count)++] = word;
	return ED_OK;
}

ed_status ed_filter_add_channel(struct ed_filter *filter, struct ed_str name, struct ed_error *err)
{
	return word_add(filter->channels, &filter->channel_count, name, err);
}

ed_status ed_filter_add_provider(struct ed_filter *filter, struct ed_str name, struct ed_error *err)
{
	return word_add(filter->providers, &filter->provider_count, name, err);
}

bool ed_filter_has_window(const struct ed_filter *filter)
{
	return filter->since != ED_TIME_NONE || filter->until != ED_TIME_NONE;
}

static bool word_matches(struct ed_str word, struct ed_str name)
{
	if (ed_str_ends(word, ED_STR("*")))
		return ed_str_istarts(name, ed_str_slice(word, 0, word.len - 1));
	return ed_str_ieq(word, name);
}

static bool words_match(const struct ed_str *words, size_t count, struct ed_str name)
{
	for (size_t i = 0; i < count; i++)
		if (word_matches(words[i], name))
			return true;
	return !count;
}

bool ed_filter_id(const struct ed_filter *filter, uint32_t id)
{
	return !filter->has_ids || (id < ED_FILTER_IDS && (filter->ids[id / 8] >> id % 8 & 1));
}

bool ed_filter_level(const struct ed_filter *filter, uint8_t level)
{
	return !filter->levels || (level < 32 && (filter->levels >> level & 1));
}

bool ed_filter_time(const struct ed_filter *filter, int64_t time)
{
	if (!ed_filter_has_window(filter))
		return true;
	if (time == ED_TIME_NONE || (filter->since != ED_TIME_NONE && time < filter->since))
		return false;
	return filter->until == ED_TIME_NONE || time <= filter->until;
}

bool ed_filter_matches(const struct ed_filter *filter, const struct ed_event_head *head)
{
	return ed_filter_id(filter, head->id) && ed_filter_level(filter, head->level) &&
	       ed_filter_time(filter, head->time) &&
	       words_match(filter->providers, filter->provider_count, head->provider) &&
	       words_match(filter->channels, filter->channel_count, head->channel);
}
