/* SPDX-License-Identifier: MIT */
/* The plain facts of the verdict, copied from the episodes: page, Store, sign-in, BitLocker,
 * starts. */
#include "analysis.h"

/* The first one expected of the products that have not come: each goes on at the Store's pace. */
static int64_t next_attempt(const struct analysis *a)
{
	const struct attempts *t = &a->attempts;
	int64_t next = ED_TIME_NONE;

	for (size_t i = 0; t->median_seconds != ED_UNKNOWN && i < t->product_count; i++) {
		const struct attempt *last = t->products[i].last_attempt
						     ? &t->items[t->products[i].last_attempt - 1]
						     : NULL;
		int64_t at;

		if (!last || last->succeeded ||
		    last->start->key + t->median_seconds * ED_TICKS_PER_SECOND < a->at)
			continue;
		at = mark_at(last->start) + t->median_seconds * ED_TICKS_PER_SECOND;
		next = next == ED_TIME_NONE || at < next ? at : next;
	}
	return next;
}

static void fill_store(struct analysis *a, struct ed_store *s)
{
	const struct attempts *t = &a->attempts;
	struct ed_product *products = take(a, t->product_count, sizeof(*products));

	*s = (struct ed_store){ .attempts = ED_UNKNOWN,
				.failures = ED_UNKNOWN,
				.first_at = ED_TIME_NONE,
				.last_at = ED_TIME_NONE,
				.median_interval_seconds = ED_UNKNOWN,
				.next_attempt_at = ED_TIME_NONE };
	if (!products || !t->known)
		return;
	s->attempts = (int64_t)t->count;
	s->failures = (int64_t)t->failures;
	s->median_interval_seconds = t->median_seconds;
	if (t->count) {
		s->first_at = mark_at(t->items[0].start);
		s->last_at = mark_at(t->items[t->count - 1].start);
		s->next_attempt_at = next_attempt(a);
	}
	for (size_t i = 0; i < t->product_count; i++) {
		const struct product *p = &t->products[i];

		products[i] = (struct ed_product){
			.id = p->id,
			.family = p->family,
			.attempts = (int64_t)p->attempts,
			.installed = p->installed  ? ED_TRI_YES
				     : p->failures ? ED_TRI_NO
						   : ED_TRI_UNKNOWN,
		};
		if (p->last_hresult)
			products[i].last_error = say_code(a, p->last_hresult);
	}
	s->products = products;
	s->product_count = t->product_count;
}

static bool listed(const struct ed_str *items, size_t count, struct ed_str s)
{
	/* repeats come close together; looking further back would cost the square of many */
	for (size_t i = count > 64 ? count - 64 : 0; i < count; i++)
		if (ed_str_ieq(items[i], s))
			return true;
	return false;
}

static void count_code(struct ed_code_count *codes, size_t *count, uint32_t code)
{
	size_t i = 0;

	while (i < *count && codes[i].code < code)
		i++;
	if (i < *count && codes[i].code == code) {
		codes[i].count++;
		return;
	}
	memmove(&codes[i + 1], &codes[i], (*count - i) * sizeof(*codes));
	codes[i] = (struct ed_code_count){ code, 1 };
	++*count;
}

static void fill_sign_in(struct analysis *a, struct ed_sign_in *s)
{
	const struct denials *d = &a->store_denials;
	struct ed_code_count *codes = take(a, d->count + 1, sizeof(*codes));
	struct ed_str *ids = take(a, d->count, sizeof(*ids));
	size_t id_count = 0;

	*s = (struct ed_sign_in){ .first_at = ED_TIME_NONE, .last_at = ED_TIME_NONE };
	s->denials = channel_read(a, CH_AAD) ? (int64_t)d->count : ED_UNKNOWN;
	if (!codes || !ids || !d->count)
		return;
	for (size_t i = 0; i < d->count; i++) {
		const struct denial *one = &d->items[i];

		count_code(codes, &s->code_count, one->code);
		if (one->correlation.p && !listed(ids, id_count, one->correlation))
			ids[id_count++] = one->correlation;
		s->client_id = one->client.p ? one->client : s->client_id;
		s->resource_id = one->resource.p ? one->resource : s->resource_id;
	}
	s->codes = codes;
	s->correlation_ids = (struct ed_str_list){ ids, id_count };
	s->first_at = mark_at(d->items[0].mark);
	s->last_at = mark_at(d->items[d->count - 1].mark);
}

static const char *method_name(uint32_t algorithm)
{
	switch (algorithm) {
	case 0x8002:
		return "AES-CBC 128";
	case 0x8003:
		return "AES-CBC 256";
	case 0x8004:
		return "XTS-AES 128";
	case 0x8005:
		return "XTS-AES 256";
	default:
		return NULL;
	}
}

static void fill_bitlocker(struct analysis *a, struct ed_bitlocker *b)
{
	static const char *const states[] = {
		[VOLUME_UNKNOWN] = NULL,
		[VOLUME_NONE] = "none",
		[VOLUME_RESTART_REQUIRED] = "restart-required",
		[VOLUME_ENCRYPTING] = "encrypting",
		[VOLUME_UNPROTECTED] = "encrypted-unprotected",
		[VOLUME_PROTECTED] = "protected",
		[VOLUME_SUSPENDED] = "suspended",
		[VOLUME_DECRYPTING] = "decrypting",
	};
	const struct protection *p = &a->protection;

	b->started_at = mark_at(p->started);
	b->completed_at = mark_at(p->completed);
	b->protected_at = p->armed_inferred ? ED_TIME_NONE : mark_at(p->armed);
	b->escrowed_at = mark_at(p->escrowed);
	b->method = ed_str_from(method_name(p->algorithm));
	b->state = states[p->state];
	fill_live(a, b);
}

static const char *predict(const struct analysis *a)
{
	const struct attestation *t = &a->attestation;
	const struct protection *p = &a->protection;

	if (t->measured == ED_TRI_YES)
		return "pass";
	if (p->armed && t->last_start)
		return p->armed->key > t->last_start->mark->key ? "fail"
		       : t->measured == ED_TRI_NO               ? "unknown"
								: "pass";
	if (p->state == VOLUME_NONE && p->enable_failed)
		return "fail"; /* nothing was on that a start could have measured */
	return t->measured == ED_TRI_NO ? "fail" : "unknown";
}

static void fill_attestation(struct analysis *a, struct ed_attestation *out)
{
	const struct attestation *t = &a->attestation;
	const struct boot *last = t->last_wake ? t->last_wake : t->last_start;
	uint32_t code;

	out->last_boot_at = last ? mark_at(last->mark) : ED_TIME_NONE;
	out->last_boot_kind = last ? last->kind : ED_BOOT_UNKNOWN;
	out->boot_measured_bitlocker = t->measured;
	out->certificate_at = mark_at(t->certificate);
	out->predicted_require_bitlocker = predict(a);
	if (!t->failure)
		return;
	if (mark_u32(t->failure, "HResult", &code) || mark_u32(t->failure, "HexInt1", &code))
		out->certificate_error = say_code(a, code);
	else if (mark_u32(t->failure, "HTTPStatus", &code))
		out->certificate_error = say(a, "HTTP %u", (unsigned)code);
}

/* Who asked for the start: the process's file name, or the management URI. */
static struct ed_str requester(const struct mark *m)
{
	struct ed_str text =
		m->kind == EV_MDM_REBOOT_URI ? mark_field(m, "Message1") : mark_field(m, "param1");
	size_t cut;

	if (m->kind == EV_MDM_REBOOT_URI)
		return text;
	cut = ed_str_find(text, ED_STR(" ("), 0);
	if (cut != SIZE_MAX)
		text = ed_str_slice(text, 0, cut);
	for (cut = text.len; cut && text.p[cut - 1] != '\\'; cut--)
		;
	return ed_str_slice(text, cut, text.len);
}

static void fill_boots(struct analysis *a, struct ed_verdict *v)
{
	struct ed_boot *boots = take(a, a->boot_count, sizeof(*boots));

	if (!boots)
		return;
	for (size_t i = 0; i < a->boot_count; i++) {
		boots[i] = (struct ed_boot){ .at = mark_at(a->boots[i].mark),
					     .kind = a->boots[i].kind };
		if (a->boots[i].requested)
			boots[i].requested_by = requester(a->boots[i].requested);
	}
	v->boots = boots;
	v->boot_count = a->boot_count;
}

void fill_facts(struct analysis *a, struct ed_verdict *v)
{
	v->esp = a->page.esp;
	v->coverage = a->coverage;
	v->coverage_count = a->coverage_count;
	fill_store(a, &v->store);
	fill_sign_in(a, &v->sign_in);
	fill_bitlocker(a, &v->bitlocker);
	fill_attestation(a, &v->attestation);
	fill_boots(a, v);
}
