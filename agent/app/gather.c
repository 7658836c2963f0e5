/* SPDX-License-Identifier: MIT */
/* Recordings in, redacted members and the run's own account out. */
#include "gather.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/json/json.h"
#include "espdiag/model/evidence.h"
#include "espdiag/version.h"

#include "options.h"

#include <stdlib.h>

#define RUN_MEMBER "state/run.json"
#define RUN_LIMIT (16 * ED_MIB)
#define NAME_LIMIT (256 * ED_KIB) /* of a member, of what it was */

static ed_status names_know(struct ed_redactor *redactor, const struct ed_device *device,
			    struct ed_error *err)
{
	const struct {
		enum ed_redact_kind kind;
		struct ed_str value;
	} known[] = {
		{ ED_REDACT_DEVICE, device->name },
		{ ED_REDACT_USER, device->account },
		{ ED_REDACT_SERIAL, device->serial },
	};

	for (size_t i = 0; i < ED_COUNT(known); i++) {
		if (known[i].value.len)
			ED_TRY(ed_redactor_know(redactor, known[i].kind, known[i].value, err));
	}
	return ED_OK;
}

ed_status ed_gather_begin(struct ed_gather *gather, enum ed_redact_level level,
			  const struct ed_device *device, struct ed_error *err)
{
	unsigned char key[ED_REDACT_KEY_BYTES];
	ed_status status;

	*gather = (struct ed_gather){ .found = NULL };
	ed_recording_init(&gather->lacks);
	status = ed_random(key, sizeof(key), err);
	if (status == ED_OK)
		status = ed_redactor_new(level, key, &gather->redactor, err);
	if (status == ED_OK)
		status = ed_bundle_new(&gather->found, err);
	if (status == ED_OK)
		status = names_know(gather->redactor, device, err);
	if (status != ED_OK)
		ed_gather_release(gather);
	return status;
}

void ed_gather_release(struct ed_gather *gather)
{
	ed_bundle_free(gather->found);
	ed_redactor_free(gather->redactor);
	ed_recording_release(&gather->lacks);
	*gather = (struct ed_gather){ .found = NULL };
}

/* @source could be read, but not kept. */
static ed_status lacks_add(struct ed_recording *lacks, struct ed_str source,
			   const struct ed_error *cause, struct ed_error *err)
{
	enum ed_state state = cause->status == ED_LIMIT ? ED_STATE_TRUNCATED : ED_STATE_DAMAGED;

	return ed_recording_gap(lacks, source, false, state, ED_LOST_UNKNOWN,
				ed_str_from(cause->text), err);
}

static ed_status member_take(struct ed_gather *gather, const struct ed_recorded *member,
			     struct ed_error *err)
{
	struct ed_str bytes = ed_buf_str(&member->bytes), source = ed_buf_str(&member->source);
	struct ed_error cause = { .status = ED_OK };
	ed_status status = ED_OK;

	if (!bytes.p)
		bytes = ED_STR("");
	if (member->form != ED_FORM_RAW)
		status = ed_redactor_learn(gather->redactor, member->form, bytes, &cause);
	if (status == ED_OK)
		status = ed_bundle_add(gather->found, member->form, ed_buf_str(&member->name),
				       source, bytes, 0, &cause);
	if (status == ED_NOMEM)
		return ed_fail(err, status, "%s", cause.text);
	return status == ED_OK ? ED_OK : lacks_add(&gather->lacks, source, &cause, err);
}

ed_status ed_gather_take(struct ed_gather *gather, const struct ed_recording *recording,
			 struct ed_error *err)
{
	for (size_t i = 0; i < recording->member_count; i++)
		ED_TRY(member_take(gather, &recording->members[i], err));
	for (size_t i = 0; i < recording->gap_count; i++) {
		const struct ed_recorded_gap *gap = &recording->gaps[i];

		ED_TRY(ed_recording_gap(&gather->lacks, ed_buf_str(&gap->source), gap->is_channel,
					gap->state, gap->lost, ed_buf_str(&gap->why), err));
	}
	return ED_OK;
}

/* Jobs end in any order; what is told of them does not depend on it. */
static int compare_gaps(const void *a, const void *b)
{
	const struct ed_recorded_gap *x = a, *y = b;
	int order = ed_str_cmp(ed_buf_str(&x->source), ed_buf_str(&y->source));

	if (!order)
		order = (x->state > y->state) - (x->state < y->state);
	return order ? order : ed_str_cmp(ed_buf_str(&x->why), ed_buf_str(&y->why));
}

static void put_device(struct ed_json_writer *w, const struct ed_gather_about *about)
{
	const struct ed_device *d = about->device;

	ed_json_begin_object(w, "device");
	ed_json_put_str(w, "tag", about->device_tag);
	ed_json_put_str(w, "manufacturer", d->manufacturer);
	ed_json_put_str(w, "model", d->model);
	ed_json_put_str(w, "edition", d->edition);
	if (d->windows_build) {
		ed_json_put_int(w, "windows", d->windows_major);
		ed_json_put_int(w, "build", d->windows_build);
		ed_json_put_int(w, "revision", d->windows_revision);
	}
	ed_json_end_object(w);
	ed_json_begin_object(w, "caller");
	ed_json_put_word(w, "rights", ed_rights_word(d->rights));
	ed_json_put_bool(w, "oobe_account", d->oobe_account);
	ed_json_end_object(w);
}

static void put_coverage(struct ed_json_writer *w, const struct ed_recording *lacks)
{
	ed_json_begin_array(w, "coverage");
	for (size_t i = 0; i < lacks->gap_count; i++) {
		const struct ed_recorded_gap *gap = &lacks->gaps[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_str(w, "source", ed_buf_str(&gap->source));
		ed_json_put_bool(w, "channel", gap->is_channel);
		ed_json_put_word(w, "state", ed_state_word(gap->state));
		if (gap->lost == ED_LOST_UNKNOWN)
			ed_json_put_null(w, "lost");
		else
			ed_json_put_int(w, "lost", (int64_t)gap->lost);
		ed_json_put_str(w, "why", ed_buf_str(&gap->why));
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

/* @before: counts of passes that went before this one. */
static void put_replaced(struct ed_json_writer *w, const struct ed_redactor *redactor,
			 const uint64_t before[ED_REDACT_KINDS])
{
	ed_json_begin_object(w, "replaced");
	for (int kind = 0; kind < ED_REDACT_KINDS; kind++) {
		uint64_t count =
			ed_redactor_count(redactor, (enum ed_redact_kind)kind) - before[kind];

		if (count)
			ed_json_put_int(w, ed_redact_kind_word((enum ed_redact_kind)kind),
					(int64_t)count);
	}
	ed_json_end_object(w);
}

static void run_write(const struct ed_gather *gather, const struct ed_gather_about *about,
		      const struct ed_recording *lacks, const uint64_t before[ED_REDACT_KINDS],
		      struct ed_buf *out)
{
	struct ed_json_writer w;

	ed_json_writer_init(&w, out, 1);
	ed_json_begin_object(&w, NULL);
	ed_json_put_str(&w, "schema", ED_STR("espdiag.run/1"));
	ed_json_begin_object(&w, "tool");
	ed_json_put_str(&w, "name", ED_STR("espdiag"));
	ed_json_put_str(&w, "version", ED_STR(ED_VERSION));
	ed_json_end_object(&w);
	ed_json_put_time(&w, "started_at", about->started_at);
	ed_json_put_time(&w, "evaluated_at", about->evaluated_at);
	ed_json_put_int(&w, "clock_set_seconds", about->clock_set / ED_TICKS_PER_SECOND);
	ed_json_put_bool(&w, "interrupted", about->interrupted);
	ed_json_begin_object(&w, "options");
	ed_json_put_word(&w, "redact", ed_options_redact_word(about->level));
	ed_json_put_bool(&w, "raw", about->raw);
	ed_json_put_int(&w, "timeout_seconds", about->timeout_seconds);
	if (about->since_ago)
		ed_json_put_int(&w, "since_seconds", about->since_ago / ED_TICKS_PER_SECOND);
	ed_json_end_object(&w);
	put_device(&w, about);
	put_replaced(&w, gather->redactor, before);
	put_coverage(&w, lacks);
	ed_json_end_object(&w);
	ed_buf_addc(out, '\n');
}

/* What is used again for each member. */
struct redacting {
	const struct ed_gather *gather;
	struct ed_bundle *bundle;
	struct ed_recording *lacks;
	struct ed_buf found, clean, name, source;
};

/* Files have names that somebody gave them: "setup of adele.log", "get.zip?sig=...". */
static ed_status name_redact(struct redacting *r, struct ed_str name, size_t i, struct ed_buf *out,
			     struct ed_error *err)
{
	const struct ed_event_head none = { .provider = ED_STR("") };
	const struct ed_field field = { { NULL, 0 }, name };
	const struct ed_str mark = ED_STR("[secret]");
	size_t at;

	ed_buf_clear(out);
	ED_TRY(ed_redact_field(r->gather->redactor, &none, &field, out, err));
	/* pseudonyms tell names apart, this does not; what stood behind it is no loss */
	at = ed_str_find(ed_buf_str(out), mark, 0);
	if (at == SIZE_MAX)
		return ED_OK;
	out->len = at + mark.len;
	ed_buf_printf(out, "-%zu", i);
	return out->status == ED_OK ? ED_OK
				    : ed_fail(err, out->status, "cannot hold the name of a member");
}

/* The @i-th member found, redacted into the bundle. */
static ed_status member_redact(struct redacting *r, size_t i, struct ed_error *err)
{
	struct ed_error cause = { .status = ED_OK };
	struct ed_bundle_member member;
	uint64_t count = 0;
	ed_status status;
	bool raw;

	ed_bundle_member(r->gather->found, i, &member);
	raw = member.form == ED_FORM_RAW;
	ed_buf_clear(&r->found);
	ed_buf_clear(&r->clean);
	ED_TRY(name_redact(r, member.name, i, &r->name, err));
	ED_TRY(name_redact(r, member.source, i, &r->source, err));
	status = ed_bundle_bytes(r->gather->found, i, &r->found, &cause);
	if (status == ED_OK && !raw)
		status = ed_redact(r->gather->redactor, member.form,
				   r->found.p ? ed_buf_str(&r->found) : ED_STR(""), &r->clean,
				   &count, &cause);
	if (status == ED_OK) {
		const struct ed_buf *bytes = raw ? &r->found : &r->clean;

		status = ed_bundle_add(r->bundle, member.form, ed_buf_str(&r->name),
				       ed_buf_str(&r->source),
				       bytes->p ? ed_buf_str(bytes) : ED_STR(""), count, &cause);
	}
	if (status == ED_NOMEM)
		return ed_fail(err, status, "%s", cause.text);
	return status == ED_OK ? ED_OK : lacks_add(r->lacks, member.source, &cause, err);
}

/* Gaps name keys and files, and these may name people. */
static ed_status run_add(const struct ed_gather *gather, const struct ed_gather_about *about,
			 struct ed_recording *lacks, const uint64_t before[ED_REDACT_KINDS],
			 struct ed_bundle *bundle, struct ed_error *err)
{
	struct ed_buf text, clean;
	uint64_t count = 0;
	ed_status status;

	ed_buf_init(&text, RUN_LIMIT);
	ed_buf_init(&clean, RUN_LIMIT);
	if (lacks->gap_count)
		qsort(lacks->gaps, lacks->gap_count, sizeof(*lacks->gaps), compare_gaps);
	run_write(gather, about, lacks, before, &text);
	status = text.status == ED_OK ? ed_redact(gather->redactor, ED_FORM_RUN, ed_buf_str(&text),
						  &clean, &count, err)
				      : ed_fail(err, text.status, "cannot tell of the run: %s",
						ed_status_text(text.status));
	if (status == ED_OK)
		status = ed_bundle_add(bundle, ED_FORM_RUN, ED_STR(RUN_MEMBER), ED_STR("espdiag"),
				       ed_buf_str(&clean), count, err);
	ed_buf_release(&text);
	ed_buf_release(&clean);
	return status;
}

/* What was lacking so far: redaction may add to it, each time anew. */
static ed_status lacks_copy(struct ed_recording *to, const struct ed_recording *from,
			    struct ed_error *err)
{
	for (size_t i = 0; i < from->gap_count; i++) {
		const struct ed_recorded_gap *gap = &from->gaps[i];

		ED_TRY(ed_recording_gap(to, ed_buf_str(&gap->source), gap->is_channel, gap->state,
					gap->lost, ed_buf_str(&gap->why), err));
	}
	return ED_OK;
}

static ed_status members_redact(struct ed_gather *gather, struct ed_bundle *bundle,
				struct ed_recording *lacks, struct ed_error *err)
{
	struct redacting r = { .gather = gather, .bundle = bundle, .lacks = lacks };
	ed_status status = ED_OK;

	ed_buf_init(&r.found, ED_LIMIT_BUNDLE_BYTES);
	ed_buf_init(&r.clean, ED_LIMIT_BUNDLE_BYTES);
	ed_buf_init(&r.name, NAME_LIMIT);
	ed_buf_init(&r.source, NAME_LIMIT);
	for (size_t i = 0; i < ed_bundle_count(gather->found) && status == ED_OK; i++)
		status = member_redact(&r, i, err);
	ed_buf_release(&r.found);
	ed_buf_release(&r.clean);
	ed_buf_release(&r.name);
	ed_buf_release(&r.source);
	return status;
}

ed_status ed_gather_bundle(struct ed_gather *gather, const struct ed_gather_about *about,
			   struct ed_bundle **out, struct ed_error *err)
{
	uint64_t before[ED_REDACT_KINDS];
	struct ed_recording lacks;
	struct ed_bundle *bundle;
	ed_status status = ed_bundle_new(&bundle, err);

	if (status != ED_OK)
		return status;
	for (int kind = 0; kind < ED_REDACT_KINDS; kind++)
		before[kind] = ed_redactor_count(gather->redactor, (enum ed_redact_kind)kind);
	ed_recording_init(&lacks);
	status = lacks_copy(&lacks, &gather->lacks, err);
	if (status == ED_OK)
		status = members_redact(gather, bundle, &lacks, err);
	if (status == ED_OK)
		status = run_add(gather, about, &lacks, before, bundle, err);
	ed_recording_release(&lacks);
	if (status == ED_OK)
		*out = bundle;
	else
		ed_bundle_free(bundle);
	return status;
}
