/* SPDX-License-Identifier: MIT */
/* What became of it between two verdicts, how sure that is, and the sentence that says so. */
#include "espdiag/compare/compare.h"

#include "espdiag/base/limits.h"

#include "compare_priv.h"

#define TEXT_LIMIT (64 * ED_KIB)

void compare_time(struct comparing *c, int64_t t)
{
	struct ed_civil civil = ed_civil_from_time(t);

	if (t == ED_TIME_NONE) {
		ed_buf_addz(&c->text, "an unknown time");
		return;
	}
	if (c->dated)
		ed_buf_printf(&c->text, "%04d-%02d-%02d ", civil.year, civil.month, civil.day);
	ed_buf_printf(&c->text, "%02d:%02d:%02d", civil.hour, civil.minute, civil.second);
}

void compare_begin(struct comparing *c)
{
	if (c->text.status == ED_OK)
		ed_buf_clear(&c->text);
}

struct ed_str compare_keep(struct comparing *c)
{
	struct ed_str none = { NULL, 0 }, kept;

	if (c->text.status != ED_OK)
		return none;
	kept = ed_arena_str(c->arena, c->text.len ? ed_buf_str(&c->text) : ED_STR(""));
	if (!kept.p)
		c->text.status = ED_NOMEM;
	return kept;
}

static bool is_well(enum ed_outcome outcome)
{
	return outcome == ED_OUTCOME_RECOVERED || outcome == ED_OUTCOME_HEALTHY;
}

static bool stands(enum ed_outcome outcome)
{
	return outcome == ED_OUTCOME_BLOCKED || outcome == ED_OUTCOME_FAILED;
}

static bool same_primary(const struct comparing *c)
{
	const char *a = c->before->primary, *b = c->after->primary;

	return a && b ? strcmp(a, b) == 0 : a == b;
}

static enum ed_compared result_of(const struct comparing *c)
{
	enum ed_outcome before = c->before->outcome, after = c->after->outcome;

	if (before == ED_OUTCOME_INCONCLUSIVE || after == ED_OUTCOME_INCONCLUSIVE ||
	    c->after->evaluated_at < c->before->evaluated_at)
		return ED_COMPARED_UNCLEAR;
	if (is_well(before))
		return is_well(after) || !c->after->primary ? ED_COMPARED_WELL : ED_COMPARED_WORSE;
	if (is_well(after))
		return stands(before) || c->before->primary ? ED_COMPARED_CURED : ED_COMPARED_WELL;
	if (same_primary(c) && before == after)
		return ED_COMPARED_UNCHANGED;
	if (!stands(before) && stands(after))
		return ED_COMPARED_WORSE;
	if (stands(before) && !stands(after))
		return ED_COMPARED_IMPROVED;
	return same_primary(c) ? ED_COMPARED_UNCHANGED : ED_COMPARED_OTHER_CAUSE;
}

static void advice_take(struct comparing *c, struct ed_compared_advice *advice)
{
	const struct advice_row *row;

	*advice = (struct ed_compared_advice){ .taken = ED_TRI_UNKNOWN,
					       .at = ED_TIME_NONE,
					       .helped = ED_TRI_UNKNOWN };
	if (!c->before->action_count)
		return;
	advice->id = c->before->actions[0].id;
	advice->title = c->before->actions[0].title;
	row = compare_advice(advice->id);
	compare_begin(c);
	if (c->after->evaluated_at < c->before->evaluated_at)
		ed_buf_addz(&c->text, "the second evidence is older than the first");
	else if (row)
		advice->taken = row->taken(c, &advice->at);
	else
		ed_buf_addz(&c->text, "no evidence on a device shows whether that was done");
	advice->how = compare_keep(c);
}

/* What is wanting to say that the advice did it; 0: nothing, and each costs a step. */
static int wanting(const struct comparing *c, const struct ed_compared_advice *advice,
		   const char **what)
{
	const struct advice_row *row = advice->id ? compare_advice(advice->id) : NULL;
	int count = 0;

	*what = NULL;
	if (advice->taken != ED_TRI_YES) {
		*what = "that the advice was taken";
		count++;
	}
	if (row && row->key < ROW_COUNT && !compare_row_came(c, row->key)) {
		*what = row->key == ROW_MEASURED ? "what that start measured"
						 : "that it changed what it should";
		count++;
	}
	return count;
}

static enum ed_certainty certainty_of(const struct comparing *c, int steps)
{
	enum ed_certainty a = c->before->certainty, b = c->after->certainty;
	int worst = (int)(a > b ? a : b);

	if (steps > worst)
		worst = steps;
	return worst > (int)ED_POSSIBLE ? ED_POSSIBLE : (enum ed_certainty)worst;
}

static const char *name_of(const char *primary)
{
	return primary ? primary : "the failure";
}

static void how_tell(struct comparing *c, const struct ed_compared_advice *advice)
{
	if (!advice->how.len)
		return;
	ed_buf_addz(&c->text, " (");
	ed_buf_adds(&c->text, advice->how);
	ed_buf_addc(&c->text, ')');
}

/* "The restart cured it: ..." */
static int cured_tell(struct comparing *c, struct ed_compared_advice *advice)
{
	const struct advice_row *row = advice->id ? compare_advice(advice->id) : NULL;
	const char *what = NULL;
	int steps = wanting(c, advice, &what);

	if (advice->taken == ED_TRI_YES && row) {
		ed_buf_printf(&c->text, "%s %s it", row->noun,
			      steps ? "most likely cured" : "cured");
		advice->helped = ED_TRI_YES;
	} else {
		ed_buf_addz(&c->text, "It is cured, but by what cannot be told");
	}
	ed_buf_addz(&c->text, ": ");
	if (!compare_since(c))
		ed_buf_printf(&c->text, "the verdict is %s now",
			      ed_outcome_word(c->after->outcome));
	ed_buf_addc(&c->text, '.');
	if (what) {
		ed_buf_printf(&c->text, " Not shown: %s", what);
		if (advice->taken != ED_TRI_YES)
			how_tell(c, advice);
		ed_buf_addc(&c->text, '.');
	}
	return steps;
}

static int gone_tell(struct comparing *c, struct ed_compared_advice *advice, bool improved)
{
	const struct advice_row *row = advice->id ? compare_advice(advice->id) : NULL;
	const char *what = NULL;
	int steps = wanting(c, advice, &what);

	if (advice->taken == ED_TRI_YES && row && !steps) {
		ed_buf_printf(&c->text, "%s helped: %s is gone", row->noun,
			      name_of(c->before->primary));
		advice->helped = ED_TRI_YES;
	} else {
		ed_buf_printf(&c->text, "%s is gone; by what cannot be told",
			      name_of(c->before->primary));
	}
	if (c->after->primary)
		ed_buf_printf(&c->text, "%s %s.",
			      improved ? "; what is left is" : "; but now it is",
			      c->after->primary);
	else
		ed_buf_addz(&c->text, "; nothing stands in the way now.");
	if (compare_row_came(c, row ? row->key : ROW_COUNT)) {
		size_t before = c->text.len;

		ed_buf_addz(&c->text, " Since then: ");
		if (compare_since(c))
			ed_buf_addc(&c->text, '.');
		else
			c->text.len = before;
	}
	return steps;
}

static void unchanged_tell(struct comparing *c, struct ed_compared_advice *advice)
{
	const struct advice_row *row = advice->id ? compare_advice(advice->id) : NULL;

	if (advice->taken == ED_TRI_YES && row) {
		advice->helped = ED_TRI_NO;
		ed_buf_printf(&c->text, "%s did not help: %s still holds", row->noun,
			      name_of(c->before->primary));
	} else if (advice->taken == ED_TRI_NO) {
		ed_buf_printf(&c->text,
			      "Nothing changed, and the advice was not taken: %s still holds",
			      name_of(c->before->primary));
	} else {
		ed_buf_printf(
			&c->text,
			"Nothing changed: %s still holds; whether the advice was taken cannot "
			"be told",
			name_of(c->before->primary));
	}
	how_tell(c, advice);
	ed_buf_addc(&c->text, '.');
}

static void unclear_tell(struct comparing *c)
{
	ed_buf_addz(&c->text, "It cannot be told whether it helped: ");
	if (c->after->evaluated_at < c->before->evaluated_at)
		ed_buf_addz(&c->text, "the second evidence is older than the first.");
	else
		ed_buf_printf(&c->text, "the %s evidence does not tell what happened.",
			      c->before->outcome == ED_OUTCOME_INCONCLUSIVE ? "first" : "second");
}

static void summary_tell(struct comparing *c, struct ed_comparison *out)
{
	int steps = 0;

	compare_begin(c);
	switch (out->result) {
	case ED_COMPARED_CURED:
		steps = cured_tell(c, &out->advice);
		break;
	case ED_COMPARED_IMPROVED:
	case ED_COMPARED_OTHER_CAUSE:
		steps = gone_tell(c, &out->advice, out->result == ED_COMPARED_IMPROVED);
		break;
	case ED_COMPARED_UNCHANGED:
		unchanged_tell(c, &out->advice);
		break;
	case ED_COMPARED_WORSE:
		ed_buf_printf(&c->text, "It is worse: it was %s, and now it is %s, by %s.",
			      ed_outcome_word(c->before->outcome),
			      ed_outcome_word(c->after->outcome), name_of(c->after->primary));
		break;
	case ED_COMPARED_WELL:
		ed_buf_printf(
			&c->text, "Nothing stood in the way before (%s), and nothing does (%s).",
			ed_outcome_word(c->before->outcome), ed_outcome_word(c->after->outcome));
		break;
	case ED_COMPARED_UNCLEAR:
		steps = ED_POSSIBLE;
		unclear_tell(c);
		break;
	}
	out->certainty = certainty_of(c, steps);
	out->summary = compare_keep(c);
}

static const struct ed_finding *finding_of(const struct ed_verdict *v, const char *id)
{
	for (size_t i = 0; i < v->finding_count; i++)
		if (strcmp(v->findings[i].id, id) == 0)
			return &v->findings[i];
	return NULL;
}

/* Those of @v that have @fate, in its order. */
static size_t findings_add(const struct comparing *c, const struct ed_verdict *v, enum ed_fate fate,
			   struct ed_compared_finding *out)
{
	const struct ed_verdict *other = v == c->before ? c->after : c->before;
	size_t count = 0;

	for (size_t i = 0; i < v->finding_count; i++) {
		const struct ed_finding *f = &v->findings[i], *twin = finding_of(other, f->id);

		if ((twin != NULL) != (fate == ED_FATE_STAYED))
			continue;
		out[count++] = (struct ed_compared_finding){
			.id = f->id,
			.title = f->title,
			.fate = fate,
			.before = twin && v == c->after ? twin->certainty : f->certainty,
			.after = f->certainty,
		};
	}
	return count;
}

static bool findings_take(struct comparing *c, struct ed_comparison *out)
{
	size_t room = c->before->finding_count + c->after->finding_count;
	struct ed_compared_finding *list = ed_arena_calloc(c->arena, room, sizeof(*list));
	size_t count;

	if (!list)
		return false;
	count = findings_add(c, c->before, ED_FATE_GONE, list);
	count += findings_add(c, c->after, ED_FATE_NEW, list + count);
	count += findings_add(c, c->after, ED_FATE_STAYED, list + count);
	out->findings = list;
	out->finding_count = count;
	return true;
}

/* What held before, and of the later chain what happened since. */
static bool proof_take(struct comparing *c, struct ed_comparison *out)
{
	size_t room = c->before->chain_count + c->after->chain_count;
	struct ed_compared_link *list = ed_arena_calloc(c->arena, room, sizeof(*list));

	if (!list)
		return false;
	for (size_t i = 0; i < c->before->chain_count; i++)
		list[out->proof_count++].link = &c->before->chain[i];
	for (size_t i = 0; i < c->after->chain_count; i++) {
		const struct ed_link *link = &c->after->chain[i];

		if (link->at == ED_TIME_NONE || link->at <= c->before->evaluated_at)
			continue;
		list[out->proof_count++] = (struct ed_compared_link){ true, link };
	}
	out->proof = list;
	return true;
}

static bool rows_take(struct comparing *c, struct ed_comparison *out)
{
	struct ed_compared_row *rows = ed_arena_calloc(c->arena, ROW_COUNT, sizeof(*rows));

	if (!rows)
		return false;
	memcpy(rows, c->rows, sizeof(c->rows));
	out->rows = rows;
	out->row_count = ROW_COUNT;
	return true;
}

static int64_t day_of(int64_t t)
{
	return t / (1440 * ED_TICKS_PER_MINUTE);
}

ed_status ed_compare(const struct ed_verdict *before, const struct ed_verdict *after,
		     struct ed_arena *arena, struct ed_comparison *out, struct ed_error *err)
{
	struct comparing c = { .before = before,
			       .after = after,
			       .arena = arena,
			       .dated = day_of(before->evaluated_at) !=
					day_of(after->evaluated_at) };
	struct ed_comparison made = { .before = before, .after = after };
	bool kept;

	ed_buf_init(&c.text, TEXT_LIMIT);
	compare_rows(&c);
	made.result = result_of(&c);
	advice_take(&c, &made.advice);
	summary_tell(&c, &made);
	kept = rows_take(&c, &made) && findings_take(&c, &made) && proof_take(&c, &made);
	kept = kept && c.text.status == ED_OK;
	ed_buf_release(&c.text);
	if (!kept)
		return ed_fail(err, ED_NOMEM, "out of memory for a comparison");
	*out = made;
	return ED_OK;
}
