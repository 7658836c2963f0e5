/* SPDX-License-Identifier: MIT */
/* Counts rows by what is asked of a fleet: a row of the table is a way to count. */
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include "fleet_priv.h"

#define OTHERS "(others)"
#define UNKNOWN "(not known)"

static void verdict_key(const struct ed_fleet_row *row, struct ed_buf *out)
{
	if (!row->read)
		ed_buf_addz(out, "(not read)");
	else if (row->primary.p)
		ed_buf_adds(out, row->primary);
	else
		ed_buf_printf(out, "(%s)", ed_outcome_word(row->outcome));
}

static void certainty_key(const struct ed_fleet_row *row, struct ed_buf *out)
{
	ed_buf_addz(out, row->read ? ed_certainty_word(row->certainty) : UNKNOWN);
}

static void text_key(struct ed_str text, struct ed_buf *out)
{
	if (text.len)
		ed_buf_adds(out, text);
	else
		ed_buf_addz(out, UNKNOWN);
}

static void model_key(const struct ed_fleet_row *row, struct ed_buf *out)
{
	if (!row->model.len) {
		ed_buf_addz(out, UNKNOWN);
		return;
	}
	/* some makers name themselves in the model as well */
	if (row->manufacturer.len && !ed_str_istarts(row->model, row->manufacturer)) {
		ed_buf_adds(out, row->manufacturer);
		ed_buf_addc(out, ' ');
	}
	ed_buf_adds(out, row->model);
}

static void build_key(const struct ed_fleet_row *row, struct ed_buf *out)
{
	text_key(row->build, out);
}

static void policy_key(const struct ed_fleet_row *row, struct ed_buf *out)
{
	text_key(row->policy, out);
}

static void hour_key(const struct ed_fleet_row *row, struct ed_buf *out)
{
	if (row->evaluated_at == ED_TIME_NONE)
		ed_buf_addz(out, UNKNOWN);
	else
		ed_buf_printf(out, "%02d", ed_civil_from_time(row->evaluated_at).hour);
}

static const struct {
	const char *id, *title;
	void (*key)(const struct ed_fleet_row *row, struct ed_buf *out);
	bool by_key; /* told in the order of its keys, not of the counts */
} table[FLEET_BY_COUNT] = {
	[FLEET_BY_VERDICT] = { "verdict", "By verdict", verdict_key, false },
	[FLEET_BY_CERTAINTY] = { "certainty", "By certainty", certainty_key, false },
	[FLEET_BY_MODEL] = { "model", "By model", model_key, false },
	[FLEET_BY_BUILD] = { "build", "By build of Windows", build_key, false },
	[FLEET_BY_POLICY] = { "policy", "By what is seen of the policy", policy_key, false },
	[FLEET_BY_HOUR] = { "hour", "By hour (UTC)", hour_key, true },
};

const char *fleet_by_id(enum fleet_by by)
{
	return table[by].id;
}

const char *fleet_by_title(enum fleet_by by)
{
	return table[by].title;
}

const char *fleet_kind_word(size_t kind)
{
	return kind == FLEET_UNREAD ? "unread" : ed_outcome_word((enum ed_outcome)kind);
}

ed_status ed_fleet_sum_new(struct ed_fleet_sum **out, struct ed_error *err)
{
	struct ed_fleet_sum *sum = ed_calloc(1, sizeof(*sum));

	if (!sum)
		return ed_fail(err, ED_NOMEM, "out of memory for a summary");
	ed_arena_init(&sum->arena, ED_LIMIT_RUN_ARENA);
	*out = sum;
	return ED_OK;
}

void ed_fleet_sum_free(struct ed_fleet_sum *sum)
{
	if (!sum)
		return;
	for (size_t i = 0; i < FLEET_BY_COUNT; i++)
		ed_free(sum->by[i].items);
	ed_arena_release(&sum->arena);
	ed_free(sum);
}

/* Where @key is, or belongs. */
static size_t tally_place(const struct fleet_tallies *t, struct ed_str key)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ed_str_cmp(t->items[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool tallies_grow(struct fleet_tallies *t)
{
	size_t cap = t->cap ? 2 * t->cap : 16;
	struct fleet_tally *items;

	if (t->count < t->cap)
		return true;
	items = ed_realloc(t->items, cap * sizeof(*items));
	if (!items)
		return false;
	t->items = items;
	t->cap = cap;
	return true;
}

/* NULL: out of memory. */
static struct fleet_tally *tally_of(struct ed_fleet_sum *sum, enum fleet_by by, struct ed_str key)
{
	struct fleet_tallies *t = &sum->by[by];
	size_t i = tally_place(t, key);

	if (i < t->count && ed_str_eq(t->items[i].key, key))
		return &t->items[i];
	if (t->count >= ED_LIMIT_FLEET_KEYS && !ed_str_eq(key, ED_STR(OTHERS)))
		return tally_of(sum, by, ED_STR(OTHERS));
	key = ed_arena_str(&sum->arena, key);
	if (!key.p || !tallies_grow(t))
		return NULL;
	memmove(t->items + i + 1, t->items + i, (t->count - i) * sizeof(*t->items));
	t->items[i] = (struct fleet_tally){ .key = key };
	t->count++;
	return &t->items[i];
}

static ed_status broken_add(struct ed_fleet_sum *sum, const struct ed_fleet_row *row)
{
	struct ed_str source, error;

	sum->broken_total++;
	if (sum->broken_count == FLEET_BROKEN)
		return ED_OK;
	source = ed_arena_str(&sum->arena, row->source);
	error = ed_arena_str(&sum->arena, row->error);
	if (!source.p || !error.p)
		return ED_NOMEM;
	sum->broken[sum->broken_count].source = source;
	sum->broken[sum->broken_count].error = error;
	sum->broken_count++;
	return ED_OK;
}

ed_status ed_fleet_sum_add(struct ed_fleet_sum *sum, const struct ed_fleet_row *row,
			   struct ed_error *err)
{
	size_t kind = row->read ? (size_t)row->outcome : FLEET_UNREAD;
	ed_status status = ED_OK;
	struct ed_buf key;

	ed_buf_init(&key, ED_LIMIT_JSON);
	for (size_t i = 0; i < FLEET_BY_COUNT && status == ED_OK; i++) {
		struct fleet_tally *tally;

		ed_buf_clear(&key);
		table[i].key(row, &key);
		tally = key.status == ED_OK ? tally_of(sum, (enum fleet_by)i, ed_buf_str(&key))
					    : NULL;
		if (!tally) {
			status = ED_NOMEM;
		} else {
			tally->total++;
			tally->kinds[kind]++;
		}
	}
	ed_buf_release(&key);
	if (status == ED_OK && row->error.len)
		status = broken_add(sum, row);
	if (status != ED_OK)
		return ed_fail(err, status, "out of memory for a summary");
	sum->total++;
	sum->kinds[kind]++;
	return ED_OK;
}

static int by_count(const void *a, const void *b)
{
	const struct fleet_tally *x = *(const struct fleet_tally *const *)a;
	const struct fleet_tally *y = *(const struct fleet_tally *const *)b;

	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return ed_str_cmp(x->key, y->key);
}

const struct fleet_tally **fleet_order(const struct ed_fleet_sum *sum, enum fleet_by by)
{
	const struct fleet_tallies *t = &sum->by[by];
	const struct fleet_tally **order = t->count ? ed_calloc(t->count, sizeof(*order)) : NULL;

	if (!order)
		return NULL;
	for (size_t i = 0; i < t->count; i++)
		order[i] = &t->items[i];
	if (!table[by].by_key)
		qsort(order, t->count, sizeof(*order), by_count);
	return order;
}

/* The finding that most are blocked or failed by; NULL when none is. */
static const struct fleet_tally *worst(const struct ed_fleet_sum *sum, uint64_t *count)
{
	const struct fleet_tallies *t = &sum->by[FLEET_BY_VERDICT];
	const struct fleet_tally *found = NULL;

	*count = 0;
	for (size_t i = 0; i < t->count; i++) {
		uint64_t n = t->items[i].kinds[ED_OUTCOME_BLOCKED] +
			     t->items[i].kinds[ED_OUTCOME_FAILED];

		if (n <= *count || t->items[i].key.p[0] == '(')
			continue;
		found = &t->items[i];
		*count = n;
	}
	return found;
}

void fleet_headline(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	uint64_t stuck = sum->kinds[ED_OUTCOME_BLOCKED] + sum->kinds[ED_OUTCOME_FAILED], count;
	const struct fleet_tally *most = worst(sum, &count);

	ed_buf_printf(out, "%llu of %llu %s blocked or failed", (unsigned long long)stuck,
		      (unsigned long long)sum->total, stuck == 1 ? "is" : "are");
	if (most) {
		ed_buf_addz(out, ", most by ");
		ed_buf_adds(out, most->key);
		ed_buf_printf(out, " (%llu)", (unsigned long long)count);
	}
	if (sum->kinds[FLEET_UNREAD])
		ed_buf_printf(out, "; %llu could not be read",
			      (unsigned long long)sum->kinds[FLEET_UNREAD]);
}
