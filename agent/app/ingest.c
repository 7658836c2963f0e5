/* SPDX-License-Identifier: MIT */
/* Walks a PATH, finds the reader of everything in it by content, and keeps the ledger of losses. */
#include "ingest.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/file.h"

#define PATH_LIMIT (256 * ED_KIB) /* a shown path: names of several nested archives */
#define BUNDLE_NAME "bundle"      /* in rows: the name of a bundle's file is nobody's business */
#define CLOCK_CALLS 64            /* looks at the clock: one in so many records */
#define PLACE_ROWS_MAX 1000       /* rows about entries of one folder or archive, told one by one */

/* Which members are left out; their names are known in bundles only. */
enum rules {
	RULES_NONE,
	RULES_BUNDLE,      /* what was made of the evidence, and raw/ */
	RULES_BUNDLE_RAW,  /* what was made of it, and events/ */
	RULES_BUNDLE_BOTH, /* only what was made of it */
};

struct ingest {
	const struct ed_ingest_tables *tables;
	enum rules rules;
	struct ed_evidence *evidence;
	struct ed_ingest_stats *stats;
	uint64_t unpacked_left; /* of ED_LIMIT_UNPACKED_BYTES */
	uint64_t held;          /* bytes of unpacked archives that are being walked */
	int depth;              /* archives entered */
};

/* A folder or an archive whose entries are being looked at. */
struct place {
	struct ed_str path; /* as shown; empty for the folder that was asked for */
	struct ed_str name; /* the path, or the name of the folder that was asked for */
	size_t rows;
	uint64_t more; /* rows past PLACE_ROWS_MAX */
	uint64_t more_lost;
	enum ed_state more_state;
};

struct member_visitor {
	struct ed_visitor visitor; /* first */
	struct ingest *in;
	struct place *place;
};

/* What reads an input: one of the two, or neither. */
struct choice {
	const struct ed_reader *reader;
	const struct ed_container *container;
};

static bool is_within(struct ed_str path, const char *folder)
{
	struct ed_str name = ed_str_from(folder);

	return ed_str_starts(path, name) && (path.len == name.len || path.p[name.len] == '/');
}

/* Whether the member @path, as shown, is no evidence. */
static bool is_left_out(const struct ingest *in, struct ed_str path)
{
	static const char *const outputs[] = { "verdict.json", "report.html", "summary.txt",
					       "manifest.json", ED_BUNDLE_SIGNATURE };

	if (in->rules == RULES_NONE)
		return false;
	for (size_t i = 0; i < ED_COUNT(outputs); i++)
		if (ed_str_eq(path, ed_str_from(outputs[i])))
			return true;
	return (in->rules == RULES_BUNDLE && is_within(path, "raw")) ||
	       (in->rules == RULES_BUNDLE_RAW && is_within(path, "events"));
}

static bool is_loss(enum ed_state state)
{
	return state == ED_STATE_DAMAGED || state == ED_STATE_TRUNCATED ||
	       state == ED_STATE_DENIED || state == ED_STATE_TIMED_OUT;
}

static uint64_t lost_sum(uint64_t a, uint64_t b)
{
	return a == ED_LOST_UNKNOWN || b == ED_LOST_UNKNOWN || a > UINT64_MAX - 1 - b
		       ? ED_LOST_UNKNOWN
		       : a + b;
}

static ed_status row_add(struct ingest *in, struct ed_str path, const struct ed_gap *gap,
			 struct ed_error *err)
{
	struct ed_coverage row = { .source = path,
				   .path = path,
				   .state = gap->state,
				   .oldest = ED_TIME_NONE,
				   .newest = ED_TIME_NONE,
				   .lost = gap->lost,
				   .why = gap->why };
	ed_status status = ed_evidence_add_coverage(in->evidence, &row, err);

	/* a full ledger ends neither the run nor the reading of what is still to come */
	return status == ED_LIMIT ? ED_OK : status;
}

/* A row about the entry @path of @place; when there are too many, only counted. */
static ed_status place_row(struct ingest *in, struct place *place, struct ed_str path,
			   const struct ed_gap *gap, struct ed_error *err)
{
	if (is_loss(gap->state)) {
		in->stats->any_lost = true;
		in->stats->failed++;
	}
	if (place->rows < PLACE_ROWS_MAX) {
		place->rows++;
		return row_add(in, path, gap, err);
	}
	if (!place->more || (is_loss(gap->state) && !is_loss(place->more_state)))
		place->more_state = gap->state;
	place->more++;
	place->more_lost = lost_sum(place->more_lost, gap->lost);
	return ED_OK;
}

/* The one row for all that were only counted. */
static ed_status place_close(struct ingest *in, struct place *place, struct ed_error *err)
{
	char why[80];
	struct ed_gap gap = { .state = place->more_state, .lost = place->more_lost };

	if (!place->more)
		return ED_OK;
	snprintf(why, sizeof(why), "and %llu more, not told one by one",
		 (unsigned long long)place->more);
	gap.why = ed_str_from(why);
	return row_add(in, place->name, &gap, err);
}

/* The row of a failed call. */
static ed_status place_failed(struct ingest *in, struct place *place, struct ed_str path,
			      const struct ed_error *cause, struct ed_error *err)
{
	struct ed_gap gap = { .state = ED_STATE_DAMAGED, .lost = ED_LOST_UNKNOWN };

	if (cause->status == ED_ACCESS || cause->status == ED_ARG)
		gap.state = ED_STATE_DENIED;
	else if (cause->status == ED_ABSENT)
		gap.state = ED_STATE_ABSENT;
	else if (cause->status == ED_LIMIT)
		gap.state = ED_STATE_TRUNCATED;
	gap.why = ed_str_from(cause->text[0] ? cause->text : ed_status_text(cause->status));
	return place_row(in, place, path, &gap, err);
}

/* The shown path of @name in @place, into @out. */
static ed_status path_join(struct ed_buf *out, const struct place *place, struct ed_str name,
			   struct ed_error *err)
{
	ed_buf_init(out, PATH_LIMIT);
	ed_buf_adds(out, place->path);
	if (place->path.len)
		ed_buf_addc(out, '/');
	ed_buf_utf8(out, name, NULL);
	if (out->status == ED_OK)
		return ED_OK;
	ed_buf_release(out);
	return ed_fail(err, ED_NOMEM, "out of memory for a path");
}

static struct choice choose(const struct ingest *in, struct ed_str head, struct ed_str path)
{
	struct choice choice = { .reader = NULL };
	int best = 0;

	for (size_t i = 0; i < in->tables->reader_count; i++) {
		int score = in->tables->readers[i]->probe(head, path);

		if (score > best) {
			best = score;
			choice.reader = in->tables->readers[i];
		}
	}
	for (size_t i = 0; i < in->tables->container_count; i++) {
		int score = in->tables->containers[i]->probe(head, path);

		if (score > best) {
			best = score;
			choice = (struct choice){ .container = in->tables->containers[i] };
		}
	}
	return choice;
}

/* ---- the time of the run ---- */

/* Between the readers and the store: looks at the clock now and then. */
struct timed_sink {
	struct ed_sink sink; /* first */
	struct ed_sink *to;
	const struct ed_deadline *deadline;
	unsigned calls;
	bool over;
};

static struct timed_sink *timed(struct ed_sink *sink)
{
	return (struct timed_sink *)(void *)sink;
}

static bool time_is_over(struct timed_sink *t)
{
	if (!t->over && t->calls++ % CLOCK_CALLS == 0)
		t->over = ed_deadline_over(t->deadline);
	return t->over;
}

/* Asks for an event in any case when the time is over: only event() can end a reader. */
static bool timed_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	struct timed_sink *t = timed(sink);

	return time_is_over(t) || t->to->ops->want(t->to, head);
}

static ed_status timed_event(struct ed_sink *sink, const struct ed_event *event,
			     struct ed_error *err)
{
	struct timed_sink *t = timed(sink);

	return t->over ? ed_deadline_fail(t->deadline, err) : t->to->ops->event(t->to, event, err);
}

static ed_status timed_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	struct timed_sink *t = timed(sink);

	return time_is_over(t) ? ed_deadline_fail(t->deadline, err)
			       : t->to->ops->fact(t->to, fact, err);
}

static ed_status timed_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	struct timed_sink *t = timed(sink);

	return t->to->ops->gap(t->to, gap, err);
}

static const struct ed_sink_ops timed_ops = {
	.want = timed_want,
	.event = timed_event,
	.fact = timed_fact,
	.gap = timed_gap,
};

#define WHY_MOST (sizeof(((struct ed_error *)0)->text) + 40)

/* The time is over; @what of it is said in @why, WHY_MOST bytes. */
static struct ed_gap gap_timed_out(const struct ingest *in, const char *what, char *why)
{
	struct ed_error cause;

	ed_deadline_fail(in->stats->deadline, &cause);
	snprintf(why, WHY_MOST, "%s%s", cause.text, what);
	return (struct ed_gap){ .state = ED_STATE_TIMED_OUT,
				.lost = ED_LOST_UNKNOWN,
				.why = ed_str_from(why) };
}

/* The row of @path, which was not read, nor what follows it in @place. */
static ed_status place_timed_out(struct ingest *in, struct place *place, struct ed_str path,
				 struct ed_error *err)
{
	char why[WHY_MOST];
	struct ed_gap gap = gap_timed_out(in, " before this was read, or what follows", why);

	return place_row(in, place, path, &gap, err);
}

/* A gap of the source that is being read. */
static ed_status source_gap(struct ingest *in, enum ed_state state, uint64_t lost,
			    struct ed_str channel, const char *why, struct ed_error *err)
{
	struct ed_gap gap = {
		.state = state, .lost = lost, .why = ed_str_from(why), .channel = channel
	};
	struct ed_sink *sink = &in->evidence->sink;
	ed_status status = sink->ops->gap(sink, &gap, err);

	return status == ED_LIMIT ? ED_OK : status;
}

/* What the ledger says of the source that was just read, for the statistics. */
static void source_count(struct ingest *in, bool usable)
{
	const struct ed_evidence *e = in->evidence;
	bool lost = false;
	uint64_t records = 0;

	for (size_t i = e->coverage_begin; i < e->coverage_count; i++) {
		lost = lost || is_loss(e->coverage[i].state) || e->coverage[i].lost;
		records += e->coverage[i].records;
	}
	if (usable)
		in->stats->read++;
	else
		in->stats->failed++;
	in->stats->any_read = in->stats->any_read || records || (usable && !lost);
	in->stats->any_lost = in->stats->any_lost || lost || !usable;
}

/* The source @path was read, but not all of it was there: that holds for each of its channels. */
static ed_status source_cut(struct ingest *in, const struct ed_gap *gap, struct ed_error *err)
{
	struct ed_evidence *e = in->evidence;
	const char *own = e->sources[e->source_count - 1].path.p;
	struct ed_gap cut = *gap;
	size_t count = e->coverage_count;
	ed_status status = ED_OK;

	in->stats->any_lost = true;
	for (size_t i = e->coverage_begin; i < count && status == ED_OK; i++) {
		const struct ed_coverage *row = &e->coverage[i];

		if (row->path.p != own)
			continue;
		cut.channel = row->is_channel ? row->source : (struct ed_str){ NULL, 0 };
		cut.lost = row->is_channel ? ED_LOST_UNKNOWN : gap->lost;
		status = e->sink.ops->gap(&e->sink, &cut, err);
	}
	return status == ED_LIMIT ? ED_OK : status;
}

/* The rest of the source that is being read was not: nobody knows what it holds. */
static ed_status source_timed_out(struct ingest *in, struct ed_error *err)
{
	const struct ed_evidence *e = in->evidence;
	char why[WHY_MOST];
	struct ed_gap gap = gap_timed_out(in, ": read no further", why);

	if (e->coverage_count > e->coverage_begin)
		return source_cut(in, &gap, err);
	return source_gap(in, gap.state, gap.lost, gap.channel, why, err);
}

static ed_status read_with(struct ingest *in, const struct ed_reader *reader, struct place *place,
			   const struct ed_input *input, struct ed_error *err)
{
	static const struct ed_str no_channel = { NULL, 0 };
	struct ed_evidence *e = in->evidence;
	struct timed_sink clock = { .sink = { &timed_ops },
				    .to = &e->sink,
				    .deadline = in->stats->deadline };
	bool watched = clock.deadline && !in->tables->own_clock;
	struct ed_error cause = { .status = ED_OK };
	ed_status status = ed_evidence_begin_source(e, input->path, reader->name, &cause);

	if (status == ED_LIMIT)
		return place_failed(in, place, input->path, &cause, err);
	if (status != ED_OK)
		return ed_fail(err, status, "%s", cause.text);
	status = reader->read(input, watched ? &clock.sink : &e->sink, &cause);
	if (status == ED_NOMEM)
		return ed_fail(err, status, "%s", cause.text[0] ? cause.text : "out of memory");
	if (clock.over || (status == ED_LIMIT && !watched && ed_deadline_over(clock.deadline)))
		ED_TRY(source_timed_out(in, err));
	else if (status != ED_OK)
		ED_TRY(source_gap(in, status == ED_LIMIT ? ED_STATE_TRUNCATED : ED_STATE_DAMAGED,
				  ED_LOST_UNKNOWN, no_channel,
				  cause.text[0] ? cause.text : ed_status_text(status), err));
	else if (e->coverage_count == e->coverage_begin)
		ED_TRY(source_gap(in, ED_STATE_EMPTY, 0, no_channel, "holds no records", err));
	source_count(in, status == ED_OK);
	return ED_OK;
}

static ed_status input_ingest(struct ingest *in, struct place *place, const struct ed_input *input,
			      struct ed_error *err);

static bool visit_want(struct ed_visitor *visitor, struct ed_str path, struct ed_str head)
{
	struct member_visitor *v = (struct member_visitor *)(void *)visitor;
	struct ingest *in = v->in;
	struct choice choice;

	/* in an archive within the bundle the names are its own */
	if (!v->place->path.len && is_left_out(in, path))
		return false;
	choice = choose(in, head, path);
	if (choice.reader || choice.container)
		return true;
	in->stats->seen++;
	in->stats->ignored++;
	return false;
}

static bool visit_in_order(struct ed_visitor *visitor, struct ed_str path, struct ed_str head)
{
	struct member_visitor *v = (struct member_visitor *)(void *)visitor;
	struct choice choice = choose(v->in, head, path);

	return choice.reader && choice.reader->reads_in_order;
}

static ed_status visit_member(struct ed_visitor *visitor, const struct ed_input *member,
			      struct ed_error *err)
{
	struct member_visitor *v = (struct member_visitor *)(void *)visitor;
	struct ed_input input = *member;
	struct ed_buf path;
	ed_status status;

	/* ends the walk: unpacking the rest would take time, too */
	if (ed_deadline_over(v->in->stats->deadline))
		return ed_deadline_fail(v->in->stats->deadline, err);
	ED_TRY(path_join(&path, v->place, member->path, err));
	input.path = ed_buf_str(&path);
	status =
		is_left_out(v->in, input.path) ? ED_OK : input_ingest(v->in, v->place, &input, err);
	ed_buf_release(&path);
	return status;
}

static ed_status visit_lost(struct ed_visitor *visitor, struct ed_str path,
			    const struct ed_gap *gap, struct ed_error *err)
{
	struct member_visitor *v = (struct member_visitor *)(void *)visitor;
	const struct ed_evidence *e = v->in->evidence;
	struct ed_buf joined;
	ed_status status;

	if (!path.p)
		return place_row(v->in, v->place, v->place->name, gap, err);
	ED_TRY(path_join(&joined, v->place, path, err));
	path = ed_buf_str(&joined);
	if (is_left_out(v->in, path)) {
		status = ED_OK;
	} else if (e->source_count && e->coverage_count > e->coverage_begin &&
		   ed_str_eq(e->sources[e->source_count - 1].path, path)) {
		status = source_cut(v->in, gap, err);
	} else {
		v->in->stats->seen++;
		status = place_row(v->in, v->place, path, gap, err);
	}
	ed_buf_release(&joined);
	return status;
}

static ed_status walk_with(struct ingest *in, const struct ed_container *container,
			   struct place *outer, const struct ed_input *input, struct ed_error *err)
{
	/* a bundle's members are named without it */
	bool bundle = in->rules != RULES_NONE && !in->depth && !outer->name.p;
	struct place place = { .path = bundle ? ED_STR("") : input->path, .name = input->path };
	uint64_t held = input->bytes ? input->size : 0;
	struct member_visitor v = { .visitor = { .member = visit_member,
						 .lost = visit_lost,
						 .want = visit_want,
						 .in_order = visit_in_order,
						 .unpacked_left = &in->unpacked_left },
				    .in = in,
				    .place = &place };
	struct ed_error cause = { .status = ED_OK };
	size_t seen = in->stats->seen;
	ed_status status;

	if (in->depth == ED_LIMIT_DEPTH) {
		ed_fail(&cause, ED_LIMIT, "archives nested deeper than %d (ED_LIMIT_DEPTH)",
			ED_LIMIT_DEPTH);
		return place_failed(in, outer, input->path, &cause, err);
	}
	/* nested archives share the memory that one member may take */
	in->held += held;
	v.visitor.member_limit =
		in->held < ED_LIMIT_MEMBER_BYTES ? ED_LIMIT_MEMBER_BYTES - in->held : 0;
	in->depth++;
	status = container->walk(input, &v.visitor, &cause);
	in->depth--;
	in->held -= held;
	if (status == ED_NOMEM)
		return ed_fail(err, status, "%s", cause.text[0] ? cause.text : "out of memory");
	if (status == ED_LIMIT && ed_deadline_over(in->stats->deadline)) {
		ED_TRY(place_timed_out(in, outer, input->path, err));
	} else if (status != ED_OK) {
		ED_TRY(place_failed(in, outer, input->path, &cause, err));
	} else if (in->stats->seen == seen && !place.rows) {
		struct ed_gap gap = { .state = ED_STATE_EMPTY, .why = ED_STR("holds no files") };

		ED_TRY(place_row(in, outer, input->path, &gap, err));
	}
	return place_close(in, &place, err);
}

/* Nothing in it: an item that the collection could not get leaves its error in its name. */
static ed_status empty_ingest(struct ingest *in, struct place *place, struct ed_str path,
			      struct ed_error *err)
{
	const struct ed_str mark = ED_STR("No Results - Error [");
	struct ed_gap gap = { .state = ED_STATE_EMPTY, .why = ED_STR("no bytes") };
	size_t at = ed_str_find(path, mark, 0);
	char why[64];
	uint32_t code;

	if (at != SIZE_MAX && ed_str_ends(path, ED_STR("]")) &&
	    ed_number_u32(ed_str_slice(path, at + mark.len, path.len - 1), &code)) {
		snprintf(why, sizeof(why), "not collected: error 0x%08X", (unsigned)code);
		gap.state = ED_STATE_ABSENT;
		gap.why = ed_str_from(why);
	}
	return place_row(in, place, path, &gap, err);
}

static ed_status input_ingest(struct ingest *in, struct place *place, const struct ed_input *input,
			      struct ed_error *err)
{
	char head[ED_PROBE_BYTES];
	struct ed_error cause = { .status = ED_OK };
	struct choice choice;
	size_t got = 0;

	in->stats->seen++;
	if (ed_deadline_over(in->stats->deadline))
		return place_timed_out(in, place, input->path, err);
	if (!input->size)
		return empty_ingest(in, place, input->path, err);
	if (ed_input_read(input, 0, head, sizeof(head), &got, &cause) != ED_OK)
		return place_failed(in, place, input->path, &cause, err);
	if (!got)
		return empty_ingest(in, place, input->path, err);
	choice = choose(in, (struct ed_str){ head, got }, input->path);
	if (choice.reader)
		return read_with(in, choice.reader, place, input, err);
	if (choice.container)
		return walk_with(in, choice.container, place, input, err);
	in->stats->ignored++;
	return ED_OK;
}

static ed_status file_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			   size_t *got, struct ed_error *err)
{
	return ed_file_read_at(input->context, offset, out, len, got, err);
}

/* @real is opened, @path is shown. */
static ed_status file_ingest(struct ingest *in, struct place *place, struct ed_str real,
			     struct ed_str path, bool follow, struct ed_error *err)
{
	struct ed_error cause = { .status = ED_OK };
	struct ed_input input = { .path = path, .read_at = file_read };
	struct ed_file *file;
	ed_status status = ed_file_open(real, follow, &file, &cause);

	if (status == ED_NOMEM)
		return ed_fail(err, status, "%s", cause.text);
	if (status != ED_OK) {
		in->stats->seen++;
		return place_failed(in, place, path, &cause, err);
	}
	input.size = ed_file_size(file);
	input.context = file;
	status = input_ingest(in, place, &input, err);
	ed_file_close(file);
	return status;
}

static ed_status folder_ingest(struct ingest *in, struct place *outer, struct place *place,
			       struct ed_str real, int depth, struct ed_error *err);

static ed_status entry_ingest(struct ingest *in, struct place *place,
			      const struct ed_folder_entry *entry, struct ed_str real,
			      struct ed_str path, int depth, struct ed_error *err)
{
	struct place inner = { .path = path, .name = path };
	struct ed_gap other = { .state = ED_STATE_DENIED, .why = ED_STR("not an ordinary file") };

	if (is_left_out(in, path))
		return ED_OK;
	switch (entry->info.kind) {
	case ED_PATH_FILE:
		return file_ingest(in, place, real, path, false, err);
	case ED_PATH_FOLDER:
		return folder_ingest(in, place, &inner, real, depth + 1, err);
	case ED_PATH_OTHER:
		in->stats->seen++;
		return place_row(in, place, path, &other, err);
	case ED_PATH_LINK:
		return ED_OK;
	}
	return ED_OK;
}

static ed_status entries_ingest(struct ingest *in, struct place *place, struct ed_str real,
				const struct ed_folder_entry *entries, size_t count, int depth,
				struct ed_error *err)
{
	ed_status status = ED_OK;

	for (size_t i = 0; i < count && status == ED_OK; i++) {
		struct ed_buf inner, path;

		ED_TRY(path_join(&path, place, entries[i].name, err));
		if (ed_deadline_over(in->stats->deadline)) {
			status = place_timed_out(in, place, ed_buf_str(&path), err);
			ed_buf_release(&path);
			return status;
		}
		ed_buf_init(&inner, PATH_LIMIT);
		ed_buf_adds(&inner, real);
		if (!ed_str_ends(real, ED_STR("/")))
			ed_buf_addc(&inner, '/');
		ed_buf_adds(&inner, entries[i].name);
		status = inner.status == ED_OK
				 ? entry_ingest(in, place, &entries[i], ed_buf_str(&inner),
						ed_buf_str(&path), depth, err)
				 : ed_fail(err, ED_NOMEM, "out of memory for a path");
		ed_buf_release(&inner);
		ed_buf_release(&path);
	}
	return status;
}

/* @outer gets the row when the folder itself cannot be listed. */
static ed_status folder_ingest(struct ingest *in, struct place *outer, struct place *place,
			       struct ed_str real, int depth, struct ed_error *err)
{
	struct ed_error cause = { .status = ED_OK };
	struct ed_folder_entry *entries = NULL;
	struct ed_arena arena;
	size_t count = 0;
	ed_status status;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	status = depth > ED_LIMIT_DIR_DEPTH
			 ? ed_fail(&cause, ED_LIMIT,
				   "folders nested deeper than %d (ED_LIMIT_DIR_DEPTH)",
				   ED_LIMIT_DIR_DEPTH)
			 : ed_folder_list(real, &arena, &entries, &count, &cause);
	if (status == ED_NOMEM) {
		ed_fail(err, status, "%s", cause.text);
	} else if (status != ED_OK) {
		status = place_failed(in, outer, place->name, &cause, err);
	} else {
		status = entries_ingest(in, place, real, entries, count, depth, err);
		if (status == ED_OK)
			status = place_close(in, place, err);
	}
	ed_arena_release(&arena);
	return status;
}

/* The last part of a path, for people; the whole path when that is nothing of use. */
static struct ed_str path_name(struct ed_str path)
{
	size_t end = path.len, begin;

	while (end && (path.p[end - 1] == '/' || path.p[end - 1] == '\\'))
		end--;
	begin = end;
	while (begin && path.p[begin - 1] != '/' && path.p[begin - 1] != '\\')
		begin--;
	return begin < end ? ed_str_slice(path, begin, end) : path;
}

/* @name: of PATH itself, in rows. */
static ed_status path_ingest(struct ingest *in, struct ed_str path, const struct ed_path_info *info,
			     struct ed_str name, struct ed_error *err)
{
	struct place nowhere = { .rows = 0 };
	struct place root = { .path = ED_STR(""), .name = name };

	if (info->kind == ED_PATH_FILE)
		return file_ingest(in, &nowhere, path, name, true, err);
	return folder_ingest(in, &nowhere, &root, path, 0, err);
}

static struct ingest ingest_new(const struct ed_ingest_tables *tables, enum rules rules,
				struct ed_evidence *evidence, struct ed_ingest_stats *stats)
{
	return (struct ingest){ .tables = tables,
				.rules = rules,
				.evidence = evidence,
				.stats = stats,
				.unpacked_left = ED_LIMIT_UNPACKED_BYTES };
}

ed_status ed_ingest(const struct ed_ingest_tables *tables, struct ed_str path,
		    struct ed_evidence *evidence, struct ed_ingest_stats *stats,
		    struct ed_error *err)
{
	struct ingest in = ingest_new(tables, RULES_NONE, evidence, stats);
	struct place nowhere = { .rows = 0 };
	struct ed_path_info info;
	struct ed_buf name;
	ed_status status;

	ED_TRY(ed_path_stat(path, true, &info, err));
	if (info.kind != ED_PATH_FILE && info.kind != ED_PATH_FOLDER)
		return ed_fail(err, ED_ARG, "'%.*s' is neither a file nor a folder", ED_FMT(path));
	ED_TRY(path_join(&name, &nowhere, path_name(path), err));
	status = path_ingest(&in, path, &info, ed_buf_str(&name), err);
	ed_buf_release(&name);
	return status;
}

ed_status ed_ingest_disk_bundle(const struct ed_ingest_tables *tables, struct ed_str path,
				const struct ed_bundle_info *info, bool prefer_raw,
				struct ed_evidence *evidence, struct ed_ingest_stats *stats,
				struct ed_error *err)
{
	enum rules rules = prefer_raw && info->has_raw_logs  ? RULES_BUNDLE_RAW
			   : prefer_raw || !info->has_events ? RULES_BUNDLE_BOTH
							     : RULES_BUNDLE;
	struct ingest in = ingest_new(tables, rules, evidence, stats);
	struct ed_path_info what;

	ED_TRY(ed_path_stat(path, true, &what, err));
	return path_ingest(&in, path, &what, ED_STR(BUNDLE_NAME), err);
}

/* Member @i, when it is evidence; @bytes is room for it. */
static ed_status bundled_ingest(struct ingest *in, struct place *place,
				const struct ed_bundle *bundle, size_t i, struct ed_buf *bytes,
				struct ed_error *err)
{
	struct ed_error cause = { .status = ED_OK };
	struct ed_bundle_member member;
	struct ed_input input;
	ed_status status;

	ed_bundle_member(bundle, i, &member);
	if (is_left_out(in, member.name))
		return ED_OK;
	ed_buf_clear(bytes);
	status = ed_bundle_bytes(bundle, i, bytes, &cause);
	if (status == ED_LIMIT)
		return place_failed(in, place, member.name, &cause, err);
	if (status != ED_OK)
		return ed_fail(err, status, "%s", cause.text);
	ed_input_from_memory(&input, member.name, bytes->p, bytes->len);
	return input_ingest(in, place, &input, err);
}

ed_status ed_ingest_bundle(const struct ed_ingest_tables *tables, const struct ed_bundle *bundle,
			   struct ed_evidence *evidence, struct ed_ingest_stats *stats,
			   struct ed_error *err)
{
	struct ingest in = ingest_new(tables, RULES_BUNDLE_BOTH, evidence, stats);
	struct place place = { .path = ED_STR(""), .name = ED_STR(BUNDLE_NAME) };
	struct ed_buf bytes;
	ed_status status = ED_OK;

	for (size_t i = 0; i < ed_bundle_count(bundle); i++) {
		struct ed_bundle_member member;

		ed_bundle_member(bundle, i, &member);
		if (is_within(member.name, "events"))
			in.rules = RULES_BUNDLE;
	}
	ed_buf_init(&bytes, ED_LIMIT_MEMBER_BYTES);
	/* as an archive that is being walked, so that archives in it have the same depth */
	in.depth++;
	for (size_t i = 0; i < ed_bundle_count(bundle) && status == ED_OK; i++)
		status = bundled_ingest(&in, &place, bundle, i, &bytes, err);
	ed_buf_release(&bytes);
	return status == ED_OK ? place_close(&in, &place, err) : status;
}
