/* SPDX-License-Identifier: MIT */
/*
 * The timeline of the verdict: one mark for everything worth drawing, taken from the episodes, in
 * the order of the ordering clock. Nothing is concluded here.
 */
#include "analysis.h"

struct builder {
	struct analysis *a;
	const struct ed_verdict *v;
	struct ed_mark *items;
	size_t count, cap;
};

/* The cited item that was made from @m. */
static int64_t ref_of(const struct analysis *a, const struct ed_verdict *v, const struct mark *m)
{
	const struct ed_event_head *head = &m->event->head;
	struct ed_str source = mark_source(a, m);

	for (size_t i = 0; i < v->evidence_count; i++) {
		const struct ed_proof *p = &v->evidence[i];

		if (p->record == (int64_t)head->record && p->at == head->time &&
		    p->event == (int64_t)head->id && ed_str_eq(p->source, source))
			return (int64_t)i;
	}
	return ED_UNKNOWN;
}

static struct ed_mark *add(struct builder *b, enum ed_lane lane, enum ed_mark_kind kind,
			   const struct mark *m)
{
	b->items = room(b->a, b->items, b->count, &b->cap, sizeof(*b->items));
	if (!b->items) {
		b->count = 0;
		return NULL;
	}
	b->items[b->count] = (struct ed_mark){ .lane = lane,
					       .kind = kind,
					       .from = m->key,
					       .to = m->key,
					       .at = mark_at(m),
					       .until = ED_TIME_NONE,
					       .ref = ref_of(b->a, b->v, m) };
	return &b->items[b->count++];
}

static void add_labelled(struct builder *b, enum ed_lane lane, enum ed_mark_kind kind,
			 const struct mark *m, struct ed_str label)
{
	struct ed_mark *mark = add(b, lane, kind, m);

	if (mark)
		mark->label = label;
}

/* @end NULL: it lasts. */
static void add_span(struct builder *b, enum ed_lane lane, enum ed_mark_kind kind,
		     const struct mark *start, const struct mark *end, struct ed_str label)
{
	struct ed_mark *mark = add(b, lane, kind, start);

	if (!mark)
		return;
	mark->label = label;
	mark->open = !end;
	mark->until = mark_at(end);
	mark->to = end ? end->key : b->a->at;
	if (mark->to < mark->from)
		mark->to = mark->from;
}

static bool is_later(const struct mark *m, const struct mark *than)
{
	return m && (!than || m->key > than->key);
}

static void add_page(struct builder *b)
{
	const struct page *page = &b->a->page;
	const struct mark *enrolled = b->a->enrollment.enrolled;
	const struct mark *device_end = page->handed_over ? page->handed_over : page->ended_badly;
	const struct mark *bad = page->ended_badly ? page->ended_badly : page->ended_before;
	bool account = page->left || page->esp.phase == ED_PHASE_ACCOUNT_SETUP;

	if (enrolled && !b->a->context.preparation &&
	    (page->handed_over || page->esp.phase == ED_PHASE_DEVICE_SETUP) &&
	    (!device_end || is_later(device_end, enrolled)))
		add_span(b, ED_LANE_PAGE, ED_MARK_PHASE, enrolled, device_end,
			 ED_STR("device setup"));
	if (page->handed_over && account)
		add_span(b, ED_LANE_PAGE, ED_MARK_PHASE, page->handed_over,
			 is_later(page->left, page->handed_over)          ? page->left
			 : is_later(page->ended_badly, page->handed_over) ? page->ended_badly
									  : NULL,
			 ED_STR("account setup"));
	if (bad)
		add_labelled(b, ED_LANE_PAGE, ED_MARK_PAGE_FAILED, bad,
			     bad == page->timed_out ? ED_STR("timeout") : ED_STR("failure"));
	if (page->left)
		add(b, ED_LANE_PAGE, ED_MARK_PAGE_LEFT, page->left);
}

static void add_starts(struct builder *b)
{
	static const enum ed_mark_kind kinds[] = {
		[ED_BOOT_UNKNOWN] = ED_MARK_START_UNKNOWN,
		[ED_BOOT_RESTART] = ED_MARK_RESTART,
		[ED_BOOT_FAST_STARTUP] = ED_MARK_FAST_STARTUP,
		[ED_BOOT_RESUME] = ED_MARK_RESUME,
	};

	for (size_t i = 0; i < b->a->boot_count && i < b->v->boot_count; i++) {
		struct ed_str by = b->v->boots[i].requested_by;
		struct ed_str label = { NULL, 0 };

		if (by.len)
			label = say(b->a, "by %.*s", ED_FMT(by));
		add_labelled(b, ED_LANE_START, kinds[b->a->boots[i].kind], b->a->boots[i].mark,
			     label);
	}
}

/* What an event of BitLocker is by itself; spans are made of the episode. */
static enum ed_mark_kind bitlocker_kind(const struct mark *m)
{
	switch ((int)m->kind) {
	case EV_BL_AFTER_RESTART:
		return ED_MARK_AFTER_RESTART;
	case EV_BL_DECRYPTING:
	case EV_BL_UNPROTECTED:
		return ED_MARK_UNPROTECTED;
	case EV_BL_ESCROWED:
		return ED_MARK_BACKED_UP;
	case EV_BL_ESCROW_FAILED:
	case EV_BL_ESCROW_REJECTED:
	case EV_BL_UPLOAD_REFUSED:
	case EV_BL_ROTATE_REFUSED:
	case EV_BL_READ_REFUSED:
		return ED_MARK_BACKUP_FAILED;
	case EV_BL_SILENT_FAILED:
	case EV_BL_SILENT_NOT_JOINED:
	case EV_BL_SILENT_NO_TPM:
	case EV_BL_SILENT_NO_WINRE:
	case EV_DE_INIT_FAILED:
	case EV_DE_AUTO_FAILED:
	case EV_DE_VOLUME_FAILED:
	case EV_DE_NO_WINRE:
	case EV_DE_NO_TPM:
		return ED_MARK_ENABLE_FAILED;
	default:
		return ED_MARK_KIND_COUNT;
	}
}

static bool starts_encryption(const struct mark *m)
{
	return m->kind == EV_BL_STARTED || m->kind == EV_BD_FULL_STARTED ||
	       m->kind == EV_BD_USED_STARTED || m->kind == EV_BD_WRITE_STARTED;
}

static bool ends_encryption(const struct analysis *a, const struct mark *m)
{
	return m->kind == EV_BD_FULL_DONE || m->kind == EV_BD_USED_DONE ||
	       m->kind == EV_BD_SWEEP_DONE || m->kind == EV_BL_DECRYPTING ||
	       m == a->protection.lost;
}

static void add_protection(struct builder *b)
{
	const struct protection *p = &b->a->protection;
	struct ed_str none = { NULL, 0 };

	for (size_t i = 0; i < p->past_count; i++)
		add_span(b, ED_LANE_BITLOCKER, ED_MARK_PROTECTED, p->past[i].from, p->past[i].to,
			 none);
	if (p->armed)
		add_span(b, ED_LANE_BITLOCKER, ED_MARK_PROTECTED, p->armed, NULL,
			 p->armed_inferred ? ED_STR("inferred") : none);
}

static void add_bitlocker(struct builder *b)
{
	const struct mark *suspended = NULL, *encrypting = NULL;
	struct ed_str none = { NULL, 0 };

	add_protection(b);
	for (size_t i = 0; i < b->a->mark_count && !b->a->nomem; i++) {
		const struct mark *m = &b->a->marks[i];
		enum ed_mark_kind kind;

		if (!about_os_volume(m))
			continue;
		if (m->kind == EV_BL_SUSPENDED && !suspended)
			suspended = m;
		if (suspended && (m->kind == EV_BL_RESUMED || m->kind == EV_DE_PROTECTION_ON)) {
			add_span(b, ED_LANE_BITLOCKER, ED_MARK_SUSPENDED, suspended, m, none);
			suspended = NULL;
		}
		if (encrypting && ends_encryption(b->a, m)) {
			add_span(b, ED_LANE_BITLOCKER, ED_MARK_ENCRYPTING, encrypting, m, none);
			encrypting = NULL;
		} else if (!encrypting && starts_encryption(m)) {
			encrypting = m;
		}
		kind = m == b->a->protection.lost ? ED_MARK_UNPROTECTED : bitlocker_kind(m);
		if (kind != ED_MARK_KIND_COUNT)
			add(b, ED_LANE_BITLOCKER, kind, m);
	}
	if (suspended)
		add_span(b, ED_LANE_BITLOCKER, ED_MARK_SUSPENDED, suspended, NULL, none);
	if (encrypting)
		add_span(b, ED_LANE_BITLOCKER, ED_MARK_ENCRYPTING, encrypting, NULL, none);
}

static void add_denials(struct builder *b)
{
	const struct denials *const both[] = { &b->a->store_denials, &b->a->intune_denials };

	for (size_t side = 0; side < ED_COUNT(both); side++)
		for (size_t i = 0; i < both[side]->count && !b->a->nomem; i++)
			add_labelled(b, ED_LANE_SIGN_IN, ED_MARK_DENIED, both[side]->items[i].mark,
				     say(b->a, "%s AADSTS%u", side ? "Intune" : "Store",
					 (unsigned)both[side]->items[i].code));
	if (b->a->broker.first)
		add(b, ED_LANE_SIGN_IN, ED_MARK_BROKER_FAILED, b->a->broker.first);
	if (b->a->broker.count > 1)
		add_labelled(b, ED_LANE_SIGN_IN, ED_MARK_BROKER_FAILED, b->a->broker.last,
			     say(b->a, "the last of %zu", b->a->broker.count));
}

static void add_attempt(struct builder *b, const struct attempt *t)
{
	struct ed_str id = b->a->attempts.products[t->product_i].id;
	struct ed_mark *mark;

	add_span(b, ED_LANE_STORE, ED_MARK_ATTEMPT_OPEN, t->start, t->end,
		 t->hresult ? say(b->a, "%.*s 0x%08x", ED_FMT(id), (unsigned)t->hresult) : id);
	if (!b->count)
		return;
	mark = &b->items[b->count - 1];
	if (t->succeeded)
		mark->kind = ED_MARK_ATTEMPT_OK;
	else if (t->hresult || t->end)
		mark->kind = ED_MARK_ATTEMPT_FAILED;
	/* one that failed and never said that it ended is over all the same */
	if (mark->kind == ED_MARK_ATTEMPT_FAILED && !t->end) {
		mark->open = false;
		mark->to = mark->from;
	}
	for (size_t i = 0; mark->ref == ED_UNKNOWN && i < 2; i++) {
		const struct mark *other = i ? t->end : t->error;

		mark->ref = other ? ref_of(b->a, b->v, other) : ED_UNKNOWN;
	}
}

static void add_attempts(struct builder *b)
{
	const struct attempts *t = &b->a->attempts;

	for (size_t i = 0; i < t->count && !b->a->nomem; i++)
		add_attempt(b, &t->items[i]);
	if (t->deployed)
		add(b, ED_LANE_STORE, ED_MARK_DEPLOYED, t->deployed);
	if (t->count && b->v->store.next_attempt_at != ED_TIME_NONE) {
		const struct mark *last = t->items[t->count - 1].start;
		struct ed_mark *mark = add(b, ED_LANE_STORE, ED_MARK_ATTEMPT_NEXT, last);

		if (!mark)
			return;
		mark->at = b->v->store.next_attempt_at;
		mark->from += mark->at - mark_at(last);
		mark->to = mark->from;
		mark->ref = ED_UNKNOWN;
	}
}

static void add_attestation(struct builder *b)
{
	const struct attestation *t = &b->a->attestation;

	if (t->last_start && t->measured != ED_TRI_UNKNOWN)
		add(b, ED_LANE_ATTESTATION,
		    t->measured == ED_TRI_YES ? ED_MARK_MEASURED_ON : ED_MARK_MEASURED_OFF,
		    t->last_start->mark);
	for (size_t i = 0; i < b->a->mark_count && !b->a->nomem; i++) {
		const struct mark *m = &b->a->marks[i];

		if (m->kind == EV_HEALTH_CERTIFICATE)
			add(b, ED_LANE_ATTESTATION, ED_MARK_CERTIFICATE, m);
		else if (m->kind == EV_HEALTH_NO_CONNECTION || m->kind == EV_HEALTH_REFUSED ||
			 m == t->failure)
			add(b, ED_LANE_ATTESTATION, ED_MARK_ATTESTATION_FAILED, m);
	}
}

static void add_session(struct builder *b, const struct mark *start, const struct mark *end)
{
	struct ed_str label = { NULL, 0 };
	uint32_t code = 0;

	if (!mark_u32(end, "HRESULT", &code))
		code = 0;
	if (code)
		label = say_code(b->a, code);
	add_span(b, ED_LANE_MDM, code ? ED_MARK_SESSION_FAILED : ED_MARK_SESSION, start, end,
		 label);
}

static void add_mdm(struct builder *b)
{
	const struct mark *start = NULL;

	for (size_t i = 0; i < b->a->mark_count && !b->a->nomem; i++) {
		const struct mark *m = &b->a->marks[i];

		if (m->kind == EV_MDM_SESSION_START) {
			if (start)
				add(b, ED_LANE_MDM, ED_MARK_SESSION, start);
			start = m;
		} else if (m->kind == EV_MDM_SESSION_END) {
			add_session(b, start ? start : m, m);
			start = NULL;
		} else if (m->kind == EV_MDM_ENROLLED) {
			add(b, ED_LANE_MDM, ED_MARK_ENROLLED, m);
		} else if (m == b->a->enrollment.failed) {
			add(b, ED_LANE_MDM, ED_MARK_ENROLL_FAILED, m);
		}
	}
	if (start)
		add_span(b, ED_LANE_MDM, ED_MARK_SESSION, start, NULL, (struct ed_str){ NULL, 0 });
}

static int compare_marks(const void *left, const void *right)
{
	const struct ed_mark *x = left, *y = right;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->lane != y->lane)
		return x->lane < y->lane ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->ref != y->ref)
		return x->ref < y->ref ? -1 : 1;
	return ed_str_cmp(x->label, y->label);
}

static bool refs_have(struct ed_refs refs, int64_t ref)
{
	for (size_t i = 0; i < refs.count; i++)
		if ((int64_t)refs.items[i] == ref)
			return true;
	return false;
}

/* The ordering key of the event behind cited item @ref; @at itself when it is not an event. */
static int64_t key_of(const struct analysis *a, const struct ed_verdict *v, struct ed_refs refs,
		      int64_t at)
{
	for (size_t i = 0; i < a->mark_count; i++)
		if (mark_at(&a->marks[i]) == at && refs_have(refs, ref_of(a, v, &a->marks[i])))
			return a->marks[i].key;
	return at;
}

/* In the lane of what the link cites, if that is drawn; best where it was logged at its time. */
static struct ed_moment moment_of(const struct builder *b, const struct ed_link *link)
{
	struct ed_moment moment = { ED_TIME_NONE, ED_LANE_COUNT };
	bool exact = false;

	if (link->at == ED_TIME_NONE)
		return moment;
	for (size_t i = 0; i < b->count && !exact; i++) {
		const struct ed_mark *m = &b->items[i];

		if (!refs_have(link->evidence, m->ref) || m->kind == ED_MARK_MEASURED_ON ||
		    m->kind == ED_MARK_MEASURED_OFF)
			continue;
		exact = m->at == link->at;
		if (!exact && moment.lane != ED_LANE_COUNT)
			continue;
		moment.lane = m->lane;
		moment.from = m->from;
	}
	if (!exact)
		moment.from = key_of(b->a, b->v, link->evidence, link->at);
	return moment;
}

void fill_timeline(struct analysis *a, struct ed_verdict *v)
{
	struct builder b = { .a = a, .v = v };
	struct ed_moment *chain = take(a, v->chain_count, sizeof(*chain));

	add_page(&b);
	add_starts(&b);
	add_bitlocker(&b);
	add_denials(&b);
	add_attempts(&b);
	add_attestation(&b);
	add_mdm(&b);
	v->timeline.deadline = ED_TIME_NONE;
	if (a->nomem || !chain)
		return;
	if (b.count)
		qsort(b.items, b.count, sizeof(*b.items), compare_marks);
	for (size_t i = 0; i < v->chain_count; i++)
		chain[i] = moment_of(&b, &v->chain[i]);
	v->timeline.marks = b.items;
	v->timeline.count = b.count;
	v->timeline.chain = chain;
	if (v->esp.deadline_at != ED_TIME_NONE && a->page.phase_start)
		v->timeline.deadline =
			a->page.phase_start->key + (v->esp.deadline_at - v->esp.started_at);
}
