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

enum file_of_channel { FILE_NONE, FILE_EMPTY, FILE_LOST };

static enum file_of_channel nameless_file(const struct analysis *a, const char *channel)
{
	enum file_of_channel found = FILE_NONE;

	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];

		if (row->is_channel || !row->path.p || !path_names_channel(row->path, channel))
			continue;
		if (row->lost || (row->state != ED_STATE_READ && row->state != ED_STATE_EMPTY))
			return FILE_LOST;
		found = FILE_EMPTY;
	}
	return found;
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

/*
 * One record number that stands for two events: the logs are of two devices, or of one that was set
 * up anew. Names of computers tell nothing, Autopilot changes them.
 */
static bool is_mixed(const struct analysis *a, struct ed_str channel)
{
	const struct ed_stored_event *events = a->evidence->events;

	for (size_t i = 1; i < a->evidence->event_count; i++) {
		const struct ed_event_head *x = &events[i - 1].event.head,
					   *y = &events[i].event.head;

		if (x->record && x->record == y->record && x->time != y->time &&
		    ed_str_eq(x->channel, y->channel) && ed_str_ieq(x->channel, channel))
			return true;
	}
	return false;
}

static int compare_rows(const void *left, const void *right)
{
	const struct ed_coverage *x = left, *y = right;
	int d = ed_str_cmp(x->source, y->source);

	if (!d)
		d = ed_str_cmp(x->path, y->path);
	return d ? d : (int)x->state - (int)y->state;
}

/* Both are used, and nothing is concluded from what neither holds. */
static void note_mixed(struct analysis *a, size_t wanted_i)
{
	a->mixed |= 1u << wanted_i;
	for (size_t i = 0; i < a->coverage_count; i++)
		if (a->coverage[i].is_channel && !a->coverage[i].why.p &&
		    ed_str_ieq(a->coverage[i].source, ed_str_from(wanted[wanted_i].source)))
			a->coverage[i].why = ED_STR("the same record numbers stand for different "
						    "events: logs of two devices?");
}

static bool reaches_behind(const struct analysis *a, const struct ed_coverage *row)
{
	return a->from && row->oldest != ED_TIME_NONE && row->oldest < a->from;
}

/* The row of a log that was read, but not used before the time that was asked for. */
static struct ed_coverage row_cut(struct analysis *a, const struct ed_coverage *row)
{
	struct ed_coverage cut = *row;
	const char *rest = row->why.len ? "; " : "";

	if (row->newest < a->from) {
		cut.oldest = cut.newest = ED_TIME_NONE;
		cut.why = say(a, "all of it is older than %s and was not used (--since)%s%.*s",
			      say_time(a, a->from), rest, ED_FMT(row->why));
	} else {
		cut.oldest = ED_TIME_NONE;
		cut.why = say(a, "what is older than %s was not used (--since)%s%.*s",
			      say_time(a, a->from), rest, ED_FMT(row->why));
	}
	return cut;
}

static int compare_place(const struct ed_coverage *row, struct ed_str channel, struct ed_str path)
{
	int d = ed_str_cmp(row->source, channel);

	return d ? d : ed_str_cmp(row->path, path);
}

/* The row of @channel in the file @path; rows are sorted by both. */
static struct ed_coverage *row_find(struct analysis *a, struct ed_str channel, struct ed_str path)
{
	size_t low = 0, high = a->coverage_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_place(&a->coverage[middle], channel, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < a->coverage_count && a->coverage[low].is_channel &&
			       !compare_place(&a->coverage[low], channel, path)
		       ? &a->coverage[low]
		       : NULL;
}

/*
 * A row that was cut begins with the oldest event of it that is used; where no rule uses any of
 * those behind the cut, it begins with the cut.
 */
static void cut_rows_begin(struct analysis *a)
{
	const struct ed_evidence *e = a->evidence;

	if (!a->from)
		return;
	for (size_t i = 0; i < e->event_count; i++) {
		const struct ed_event_head *head = &e->events[i].event.head;
		struct ed_coverage *row = NULL;

		if (head->time >= a->from && e->events[i].source_i < e->source_count)
			row = row_find(a, head->channel, e->sources[e->events[i].source_i].path);
		if (row && row->records &&
		    (row->oldest == ED_TIME_NONE || head->time < row->oldest))
			row->oldest = head->time;
	}
	for (size_t i = 0; i < a->coverage_count; i++)
		if (a->coverage[i].oldest == ED_TIME_NONE && a->coverage[i].newest != ED_TIME_NONE)
			a->coverage[i].oldest = a->from;
}

void build_coverage(struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];
		struct ed_coverage told = reaches_behind(a, row) ? row_cut(a, row) : *row;

		/* records that name no channel are told of the file that they are in */
		if (row->is_channel && !row->source.len) {
			told.source = row->path;
			told.is_channel = false;
		}
		add_row(a, &told);
	}
	for (size_t i = 0; i < ED_COUNT(wanted); i++)
		if (!has_channel(a, wanted[i].source) &&
		    nameless_file(a, wanted[i].source) == FILE_NONE)
			add_absent(a, wanted[i].source, ed_str_from(wanted[i].why));
	if (!any_fact(a, ED_FACT_REGISTRY))
		add_absent(a, "registry",
			   ED_STR("not in the evidence: the page's state is unknown"));
	if (!any_fact(a, ED_FACT_BOOTLOG))
		add_absent(a, "measured-boot logs",
			   ED_STR("not in the evidence: what the last start measured is unknown"));
	add_failed_items(a);
	for (size_t i = 0; i < ED_COUNT(wanted); i++)
		if (has_channel(a, wanted[i].source) && is_mixed(a, ed_str_from(wanted[i].source)))
			note_mixed(a, i);
	if (a->coverage_count)
		qsort(a->coverage, a->coverage_count, sizeof(*a->coverage), compare_rows);
	cut_rows_begin(a);
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
	return nameless_file(a, channel) == FILE_EMPTY;
}

/* Rows are as many as files; a channel in more pieces than this is not put together. */
#define PIECES_MOST 64

/*
 * Since when @row has every record, up to its newest; ED_TIME_NONE when it does not. Of a damaged
 * one that is what follows the damage.
 */
static int64_t row_since(const struct ed_coverage *row, uint64_t *first_record)
{
	if (!row->records)
		return ED_TIME_NONE;
	if (row->state == ED_STATE_READ && !row->lost) {
		*first_record = row->first_record;
		return row->oldest;
	}
	*first_record = row->run_record;
	return row->end_lost ? ED_TIME_NONE : row->run_from;
}

/* A channel's records without a gap, back from the newest, out of all its files. */
struct stock {
	int64_t since; /* ED_TIME_NONE: of the newest nobody knows what is missing */
	uint64_t first_record;
};

static bool row_of(const struct ed_coverage *row, const char *channel)
{
	return row->is_channel && ed_str_ieq(row->source, ed_str_from(channel));
}

/* Adds the row that reaches back furthest of those that have record @upto and, where there is a
 * stock already, older ones than it. */
static bool stock_extend(const struct analysis *a, const char *channel, uint64_t upto,
			 struct stock *stock)
{
	struct stock best = *stock;

	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];
		uint64_t first = 0;
		int64_t since;

		if (!row_of(row, channel) || row->last_record < upto)
			continue;
		since = row_since(row, &first);
		if (since != ED_TIME_NONE &&
		    (best.since == ED_TIME_NONE || first < best.first_record ||
		     (first == best.first_record && since < best.since)))
			best = (struct stock){ since, first };
	}
	if (best.since == stock->since && best.first_record == stock->first_record)
		return false;
	*stock = best;
	return true;
}

static struct stock stock_of(const struct analysis *a, const char *channel)
{
	struct stock stock = { ED_TIME_NONE, 0 };
	uint64_t upto = 0;

	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];

		if (!row_of(row, channel))
			continue;
		if (!row->records && row->lost)
			return stock; /* lost without a trace of when */
		upto = row->last_record > upto ? row->last_record : upto;
	}
	for (int i = 0; i < PIECES_MOST && stock_extend(a, channel, upto, &stock); i++)
		upto = stock.first_record ? stock.first_record - 1 : 0;
	return stock;
}

/*
 * Nothing that is asked for from @since on was left out. A clock that was set back may have logged
 * what is left out with any time.
 */
static bool within_cut(const struct analysis *a, const char *channel, int64_t since)
{
	if (!a->from || since >= a->from)
		return true;
	for (size_t j = 0; j < a->jump_count; j++)
		if (a->jumps[j].to < a->jumps[j].from)
			return false;
	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];

		if (row_of(row, channel) && reaches_behind(a, row))
			return false;
	}
	return true;
}

/* A record of the stock was logged at @since or before, though its clock ran ahead. */
static bool clock_ran_ahead(const struct analysis *a, const char *channel,
			    const struct stock *stock, int64_t since)
{
	bool set_back = false;

	for (size_t j = 0; j < a->jump_count; j++)
		set_back |= a->jumps[j].to < a->jumps[j].from;
	for (size_t i = 0; set_back && i < a->mark_count && a->marks[i].key <= since; i++) {
		const struct ed_event_head *head = &a->marks[i].event->head;

		if (head->record >= stock->first_record &&
		    ed_str_ieq(head->channel, ed_str_from(channel)))
			return true;
	}
	return false;
}

bool channel_covers(const struct analysis *a, const char *channel, int64_t since)
{
	struct stock stock = stock_of(a, channel);

	for (size_t i = 0; i < ED_COUNT(wanted); i++)
		if ((a->mixed & 1u << i) &&
		    ed_str_ieq(ed_str_from(wanted[i].source), ed_str_from(channel)))
			return false;
	if (stock.since == ED_TIME_NONE || nameless_file(a, channel) == FILE_LOST ||
	    !within_cut(a, channel, since))
		return false;
	/* record 1 is the channel's first ever: nothing has rolled over */
	return stock.first_record == 1 || stock.since <= since ||
	       clock_ran_ahead(a, channel, &stock, since);
}
