/* SPDX-License-Identifier: MIT */
/* What is compared: a row each, with what it says of a verdict and how good that is. */
#include "compare_priv.h"

/* The latest mark of the kinds in @kinds (bits); NULL. */
static const struct ed_mark *mark_last(const struct ed_verdict *v, uint64_t kinds)
{
	const struct ed_mark *last = NULL;

	for (size_t i = 0; i < v->timeline.count; i++) {
		const struct ed_mark *m = &v->timeline.marks[i];

		if ((kinds >> m->kind & 1) && (!last || m->from >= last->from))
			last = m;
	}
	return last;
}

#define KIND(kind) (UINT64_C(1) << (kind))
#define KINDS_SUCCESS (KIND(ED_MARK_ATTEMPT_OK) | KIND(ED_MARK_DEPLOYED))

/* When the app came, as logged; ED_TIME_NONE when that is not known. */
static int64_t app_time(const struct ed_verdict *v)
{
	const struct ed_mark *m = mark_last(v, KIND(ED_MARK_DEPLOYED));

	if (!m)
		m = mark_last(v, KIND(ED_MARK_ATTEMPT_OK));
	if (!m)
		return ED_TIME_NONE;
	return m->until != ED_TIME_NONE ? m->until : m->at;
}

/* After the last denial something succeeded. */
static bool denials_stopped(const struct ed_verdict *v)
{
	const struct ed_mark *denied = mark_last(v, KIND(ED_MARK_DENIED));
	const struct ed_mark *success = mark_last(v, KINDS_SUCCESS);

	return denied && success && success->to > denied->from;
}

static int outcome_tell(struct comparing *c, const struct ed_verdict *v)
{
	ed_buf_addz(&c->text, ed_outcome_word(v->outcome));
	if (v->primary)
		ed_buf_printf(&c->text, ": %s, %s", v->primary, ed_certainty_word(v->certainty));
	switch (v->outcome) {
	case ED_OUTCOME_BLOCKED:
	case ED_OUTCOME_FAILED:
		return RANK_BAD;
	case ED_OUTCOME_WAITING:
		return RANK_GOOD;
	case ED_OUTCOME_RECOVERED:
	case ED_OUTCOME_HEALTHY:
		return RANK_GOOD + 1;
	case ED_OUTCOME_INCONCLUSIVE:
		break;
	}
	return RANK_UNKNOWN;
}

static int page_tell(struct comparing *c, const struct ed_verdict *v)
{
	const struct ed_mark *end =
		mark_last(v, KIND(ED_MARK_PAGE_FAILED) | KIND(ED_MARK_PAGE_LEFT));
	const struct ed_esp *esp = &v->esp;

	if (end && end->kind == ED_MARK_PAGE_FAILED && esp->phase != ED_PHASE_DONE) {
		ed_buf_addz(&c->text, "ended badly");
		return RANK_BAD;
	}
	if (!esp->phase_known)
		return RANK_UNKNOWN;
	ed_buf_addz(&c->text, esp->phase == ED_PHASE_DONE   ? "finished"
			      : esp->phase == ED_PHASE_NONE ? "not shown"
							    : ed_phase_word(esp->phase));
	if (esp->phase != ED_PHASE_DONE && esp->minutes_left != ED_UNKNOWN)
		ed_buf_printf(&c->text, ", %lld minutes left", (long long)esp->minutes_left);
	return RANK_GOOD + (int)esp->phase;
}

static int app_tell(struct comparing *c, const struct ed_verdict *v)
{
	size_t known = 0, installed = 0;

	for (size_t i = 0; i < v->store.product_count; i++) {
		known += v->store.products[i].installed != ED_TRI_UNKNOWN;
		installed += v->store.products[i].installed == ED_TRI_YES;
	}
	if (!known || known < v->store.product_count)
		return RANK_UNKNOWN;
	if (known > 1)
		ed_buf_printf(&c->text, "%zu of %zu installed", installed, known);
	else
		ed_buf_addz(&c->text, installed ? "installed" : "not installed");
	if (installed && app_time(v) != ED_TIME_NONE) {
		ed_buf_addz(&c->text, known > 1 ? ", the last at " : " at ");
		compare_time(c, app_time(v));
	}
	return installed == known ? RANK_GOOD : RANK_BAD;
}

static int attempts_tell(struct comparing *c, const struct ed_verdict *v)
{
	const struct ed_mark *last =
		mark_last(v, KIND(ED_MARK_ATTEMPT_OK) | KIND(ED_MARK_ATTEMPT_FAILED));
	const struct ed_store *store = &v->store;

	if (store->attempts == ED_UNKNOWN)
		return RANK_UNKNOWN;
	ed_buf_printf(&c->text, "%lld", (long long)store->attempts);
	if (!store->attempts)
		return RANK_UNKNOWN;
	if (store->failures == store->attempts)
		ed_buf_addz(&c->text, store->attempts > 1 ? ", all failed" : ", failed");
	else if (store->failures != ED_UNKNOWN)
		ed_buf_printf(&c->text, ", %lld failed", (long long)store->failures);
	if (!last)
		return RANK_UNKNOWN;
	ed_buf_addz(&c->text, last->kind == ED_MARK_ATTEMPT_OK ? "; the last succeeded"
							       : "; the last failed");
	return last->kind == ED_MARK_ATTEMPT_OK ? RANK_GOOD : RANK_BAD;
}

static int denials_tell(struct comparing *c, const struct ed_verdict *v)
{
	const struct ed_sign_in *s = &v->sign_in;
	bool stopped = denials_stopped(v);

	if (s->denials == ED_UNKNOWN)
		return RANK_UNKNOWN;
	if (!s->denials) {
		ed_buf_addz(&c->text, "none");
		return RANK_GOOD;
	}
	ed_buf_printf(&c->text, "%lld", (long long)s->denials);
	for (size_t i = 0; i < s->code_count && i < 3; i++)
		ed_buf_printf(&c->text, "%sAADSTS%u", i ? ", " : " (", (unsigned)s->codes[i].code);
	ed_buf_addz(&c->text, s->code_count ? ")" : "");
	if (s->last_at != ED_TIME_NONE) {
		ed_buf_addz(&c->text, ", last at ");
		compare_time(c, s->last_at);
	}
	ed_buf_addz(&c->text, stopped ? ", then it worked" : "");
	return stopped ? RANK_GOOD : RANK_BAD;
}

static int protection_tell(struct comparing *c, const struct ed_verdict *v)
{
	const struct ed_bitlocker *b = &v->bitlocker;
	bool on = b->state && strcmp(b->state, "protected") == 0;

	if (!b->state)
		return RANK_UNKNOWN;
	ed_buf_addz(&c->text, on ? "on" : b->state);
	if (on && b->protected_at != ED_TIME_NONE) {
		ed_buf_addz(&c->text, " since ");
		compare_time(c, b->protected_at);
	}
	return on ? RANK_GOOD : RANK_BAD;
}

static int key_backup_tell(struct comparing *c, const struct ed_verdict *v)
{
	const struct ed_mark *last =
		mark_last(v, KIND(ED_MARK_BACKED_UP) | KIND(ED_MARK_BACKUP_FAILED));

	if (last && last->kind == ED_MARK_BACKUP_FAILED) {
		ed_buf_addz(&c->text, "failed");
		if (last->at != ED_TIME_NONE) {
			ed_buf_addz(&c->text, " at ");
			compare_time(c, last->at);
		}
		return RANK_BAD;
	}
	if (v->bitlocker.escrowed_at == ED_TIME_NONE)
		return RANK_UNKNOWN;
	ed_buf_addz(&c->text, "backed up at ");
	compare_time(c, v->bitlocker.escrowed_at);
	return RANK_GOOD;
}

/* Neither better nor worse: a mismatch is a finding. */
static int cipher_tell(struct comparing *c, const struct ed_verdict *v)
{
	ed_buf_adds(&c->text, v->bitlocker.method);
	return v->bitlocker.method.p ? RANK_BAD : RANK_UNKNOWN;
}

static int start_tell(struct comparing *c, const struct ed_verdict *v)
{
	if (v->attestation.last_boot_at == ED_TIME_NONE)
		return RANK_UNKNOWN;
	compare_time(c, v->attestation.last_boot_at);
	ed_buf_printf(&c->text, ", %s", ed_boot_kind_word(v->attestation.last_boot_kind));
	return RANK_BAD;
}

static int measured_tell(struct comparing *c, const struct ed_verdict *v)
{
	enum ed_tri on = v->attestation.boot_measured_bitlocker;

	if (on == ED_TRI_UNKNOWN)
		return RANK_UNKNOWN;
	ed_buf_addz(&c->text, on == ED_TRI_YES ? "BitLocker on" : "BitLocker off");
	return on == ED_TRI_YES ? RANK_GOOD : RANK_BAD;
}

static int certificate_tell(struct comparing *c, const struct ed_verdict *v)
{
	const struct ed_attestation *a = &v->attestation;

	if (a->certificate_error.len) {
		ed_buf_addz(&c->text, "failed: ");
		ed_buf_adds(&c->text, a->certificate_error);
		return RANK_BAD;
	}
	if (a->certificate_at == ED_TIME_NONE)
		return RANK_UNKNOWN;
	ed_buf_addz(&c->text, "obtained at ");
	compare_time(c, a->certificate_at);
	return RANK_GOOD;
}

static int required_tell(struct comparing *c, const struct ed_verdict *v)
{
	const char *word = v->attestation.predicted_require_bitlocker;

	if (!word || strcmp(word, "unknown") == 0)
		return RANK_UNKNOWN;
	ed_buf_addz(&c->text, word);
	return strcmp(word, "pass") == 0 ? RANK_GOOD : RANK_BAD;
}

static int64_t protection_time(const struct ed_verdict *v)
{
	return v->bitlocker.protected_at;
}

static int64_t key_backup_time(const struct ed_verdict *v)
{
	return v->bitlocker.escrowed_at;
}

static int64_t measured_time(const struct ed_verdict *v)
{
	return v->attestation.last_boot_at;
}

static int64_t certificate_time(const struct ed_verdict *v)
{
	return v->attestation.certificate_at;
}

static int64_t denials_time(const struct ed_verdict *v)
{
	return v->sign_in.last_at;
}

static const struct {
	const char *id, *title;
	/* Appends what the verdict says, nothing when it does not know, and returns its rank. */
	int (*tell)(struct comparing *c, const struct ed_verdict *v);
	/* What to say when it became good, in causal order, and when that was; or NULL. */
	const char *came;
	int64_t (*at)(const struct ed_verdict *v);
	int order; /* of what came, since causes come first */
} table[ROW_COUNT] = {
	[ROW_OUTCOME] = { "outcome", "Verdict", outcome_tell, NULL, NULL, 0 },
	[ROW_PAGE] = { "page", "Status page", page_tell, NULL, NULL, 0 },
	[ROW_APP] = { "app", "Store app", app_tell, "the Store app was installed", app_time, 6 },
	[ROW_ATTEMPTS] = { "attempts", "Store attempts", attempts_tell, NULL, NULL, 0 },
	[ROW_DENIALS] = { "denials", "Sign-in denials", denials_tell,
			  "the Store sign-in was last denied", denials_time, 5 },
	[ROW_PROTECTION] = { "protection", "BitLocker protection", protection_tell,
			     "BitLocker protection was turned on", protection_time, 1 },
	[ROW_KEY_BACKUP] = { "key-backup", "Key backup", key_backup_tell,
			     "the recovery key was backed up", key_backup_time, 2 },
	[ROW_CIPHER] = { "cipher", "Cipher", cipher_tell, NULL, NULL, 0 },
	[ROW_START] = { "last-start", "Last real start", start_tell, NULL, NULL, 0 },
	[ROW_MEASURED] = { "measured", "Measured then", measured_tell,
			   "Windows started and measured BitLocker on", measured_time, 3 },
	[ROW_CERTIFICATE] = { "certificate", "Health certificate", certificate_tell,
			      "the health certificate came", certificate_time, 4 },
	[ROW_REQUIRED] = { "require-bitlocker", "Require BitLocker", required_tell, NULL, NULL, 0 },
};

#define ORDER_LAST 6

static enum ed_change row_change(const struct ed_compared_row *row, int before, int after)
{
	if (!row->before.p || !row->after.p)
		return row->before.p || row->after.p ? ED_CHANGE_UNKNOWN : ED_CHANGE_SAME;
	if (before != RANK_UNKNOWN && after != RANK_UNKNOWN && before != after)
		return after > before ? ED_CHANGE_BETTER : ED_CHANGE_WORSE;
	return ed_str_eq(row->before, row->after) ? ED_CHANGE_SAME : ED_CHANGE_OTHER;
}

static struct ed_str row_side(struct comparing *c, enum row row, int side)
{
	compare_begin(c);
	c->ranks[side][row] = table[row].tell(c, side ? c->after : c->before);
	return c->text.len ? compare_keep(c) : (struct ed_str){ NULL, 0 };
}

void compare_rows(struct comparing *c)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct ed_compared_row *row = &c->rows[i];

		row->id = table[i].id;
		row->title = table[i].title;
		row->before = row_side(c, (enum row)i, 0);
		row->after = row_side(c, (enum row)i, 1);
		row->change = row_change(row, c->ranks[0][i], c->ranks[1][i]);
	}
}

bool compare_row_came(const struct comparing *c, enum row row)
{
	return row < ROW_COUNT && c->ranks[1][row] >= RANK_GOOD &&
	       c->ranks[0][row] < c->ranks[1][row];
}

bool compare_since(struct comparing *c)
{
	bool any = false;

	for (int order = 1; order <= ORDER_LAST; order++) {
		for (size_t i = 0; i < ROW_COUNT; i++) {
			int64_t at = table[i].at ? table[i].at(c->after) : ED_TIME_NONE;

			if (table[i].order != order || at == ED_TIME_NONE ||
			    at <= c->before->evaluated_at || !compare_row_came(c, (enum row)i))
				continue;
			ed_buf_printf(&c->text, "%s%s at ", any ? ", " : "", table[i].came);
			compare_time(c, at);
			c->rows[i].proves = true;
			any = true;
		}
	}
	return any;
}
