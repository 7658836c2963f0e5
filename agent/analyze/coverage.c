/* SPDX-License-Identifier: MIT */
/*
 * What was read, and what that allows to conclude. A channel covers a time when it was read without
 * damage and its oldest record is not younger. And the rows about what is not in the evidence at
 * all.
 */
#include "analysis.h"

/* Sources that the rules want. A missing one is named. */
static const struct {
	const char *source;
	const char *why;
} wanted[] = {
	{ CH_AAD, "not in the evidence: sign-in denials cannot be seen" },
	{ CH_STORE, "not in the evidence: Store install attempts cannot be counted" },
	{ CH_BITLOCKER, "not in the evidence: protection can only be inferred" },
	{ CH_SYSTEM, "not in the evidence: starts of Windows cannot be seen" },
	{ CH_MDM, "not in the evidence: management sessions and policies cannot be seen" },
	{ CH_SHELL, "not in the evidence: the page's own events cannot be seen" },
	{ CH_APPX, "not in the evidence: package deployment cannot be seen" },
};

static void add_row(struct analysis *a, const struct ed_coverage *row)
{
	a->coverage = room(a, a->coverage, a->coverage_count, &a->coverage_cap, sizeof(*row));
	if (!a->coverage) {
		a->coverage_count = 0;
		return;
	}
	a->coverage[a->coverage_count++] = *row;
}

static void add_absent(struct analysis *a, const char *source, struct ed_str why)
{
	struct ed_coverage row = {
		.source = ed_str_from(source),
		.state = ED_STATE_ABSENT,
		.oldest = ED_TIME_NONE,
		.newest = ED_TIME_NONE,
		.why = why,
	};

	add_row(a, &row);
}

static bool has_channel(const struct analysis *a, const char *channel)
{
	for (size_t i = 0; i < a->evidence->coverage_count; i++)
		if (a->evidence->coverage[i].is_channel &&
		    ed_str_ieq(a->evidence->coverage[i].source, ed_str_from(channel)))
			return true;
	return false;
}

/* An empty exported log has no channel inside; its file's name is the only word for it. */
static bool path_names_channel(struct ed_str path, const char *channel)
{
	struct ed_str name = ed_str_from(channel);
	size_t from = path.len;
	size_t j = 0;

	while (from && path.p[from - 1] != '/')
		from--;
	for (size_t i = from; i < path.len && j < name.len; i++) {
		char c = name.p[j];

		if (ed_str_ieq(ed_str_slice(path, i, i + 1), (struct ed_str){ &c, 1 }))
			j++;
		else if (c == '/' && ed_str_ieq(ed_str_slice(path, i, i + 2), ED_STR("%4")))
			j++, i++;
		else if (c == '/' && (path.p[i] == '-' || path.p[i] == '_'))
			j++;
		else
			return false;
	}
	return j == name.len;
}

static bool has_empty_file(const struct analysis *a, const char *channel)
{
	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];

		if (!row->is_channel && row->path.p && path_names_channel(row->path, channel))
			return true;
	}
	return false;
}

static bool any_fact(const struct analysis *a, enum ed_fact_kind kind)
{
	for (size_t i = 0; i < a->evidence->fact_count; i++)
		if (a->evidence->facts[i].fact.kind == kind)
			return true;
	return false;
}

/* Items that Intune's own collection reports as failed. */
static void add_failed_items(struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_fact *f = &a->evidence->facts[i].fact;
		struct ed_coverage row = { .state = ED_STATE_ABSENT,
					   .oldest = ED_TIME_NONE,
					   .newest = ED_TIME_NONE };

		if (f->kind != ED_FACT_COLLECTED || !f->has_number || !f->number)
			continue;
		row.source = f->name;
		row.path = a->evidence->sources[a->evidence->facts[i].source_i].path;
		if ((uint32_t)f->number == 0x80070005)
			row.state = ED_STATE_DENIED;
		row.why = say(a, "the collection reports 0x%08x", (unsigned)f->number);
		add_row(a, &row);
	}
}

static int compare_rows(const void *left, const void *right)
{
	const struct ed_coverage *x = left, *y = right;
	int d = ed_str_cmp(x->source, y->source);

	if (!d)
		d = ed_str_cmp(x->path, y->path);
	return d ? d : (int)x->state - (int)y->state;
}

void build_coverage(struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->coverage_count; i++)
		add_row(a, &a->evidence->coverage[i]);
	for (size_t i = 0; i < ED_COUNT(wanted); i++)
		if (!has_channel(a, wanted[i].source) && !has_empty_file(a, wanted[i].source))
			add_absent(a, wanted[i].source, ed_str_from(wanted[i].why));
	if (!any_fact(a, ED_FACT_REGISTRY))
		add_absent(a, "registry",
			   ED_STR("not in the evidence: the page's state is unknown"));
	if (!any_fact(a, ED_FACT_BOOTLOG))
		add_absent(a, "measured-boot logs",
			   ED_STR("not in the evidence: what the last start measured is unknown"));
	add_failed_items(a);
	if (a->coverage_count)
		qsort(a->coverage, a->coverage_count, sizeof(*a->coverage), compare_rows);
}

void note_unknown_words(struct analysis *a)
{
	for (size_t i = 0; a->attempts.no_words && i < a->coverage_count; i++)
		if (a->coverage[i].is_channel && !a->coverage[i].why.p &&
		    ed_str_ieq(a->coverage[i].source, ED_STR(CH_STORE)))
			a->coverage[i].why = ED_STR(
				"none of the known words of Install-Agent occurs: the number "
				"of attempts is unknown");
}

bool channel_read(const struct analysis *a, const char *channel)
{
	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];

		if (row->is_channel && row->records &&
		    ed_str_ieq(row->source, ed_str_from(channel)))
			return true;
	}
	return has_empty_file(a, channel);
}

bool channel_covers(const struct analysis *a, const char *channel, int64_t since)
{
	bool covers = false;

	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];

		if (!row->is_channel || !ed_str_ieq(row->source, ed_str_from(channel)))
			continue;
		if (row->state != ED_STATE_READ || row->lost)
			return false;
		/* record 1 is the channel's first ever: nothing has rolled over */
		covers |= row->records && (row->first_record == 1 ||
					   (row->oldest != ED_TIME_NONE && row->oldest <= since));
	}
	return covers;
}
