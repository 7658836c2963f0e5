/* SPDX-License-Identifier: MIT */
/* Evidence made in memory for the tests of the analysis. */
#include "analyze_build.h"

#include <check.h>
#include <stdarg.h>

#include "espdiag/base/limits.h"

void made_init(struct made *m)
{
	*m = (struct made){ .options = { .source = ED_STR("test"), .at = ED_TIME_NONE } };
	ed_arena_init(&m->arena, 64 * ED_MIB);
	ed_evidence_init(&m->evidence, &m->arena, ed_analyze_wants);
	ck_assert_int_eq(ed_evidence_begin_source(&m->evidence, ED_STR("made"), "test", NULL),
			 ED_OK);
}

void made_release(struct made *m)
{
	ed_evidence_release(&m->evidence);
	ed_arena_release(&m->arena);
}

int64_t made_time(const char *text)
{
	char whole[40];
	int64_t t;

	snprintf(whole, sizeof(whole), "%s%s", strlen(text) <= 12 ? "2026-09-14T" : "", text);
	ck_assert_msg(ed_time_parse(ed_str_from(whole), &t), "bad time %s", whole);
	return t;
}

static void add_event(struct made *m, enum event_key key, uint64_t record, const char *time,
		      va_list args)
{
	const struct event_row *row = event_row(key);
	struct ed_field fields[16];
	struct ed_event event = {
		.head = { .provider = ed_str_from(row->provider),
			  .channel = ed_str_from(row->channel),
			  .id = row->id,
			  .record = record,
			  .time = made_time(time) },
		.user = ED_STR("S-1-5-18"),
		.fields = fields,
	};
	const char *name;

	while ((name = va_arg(args, const char *)) != NULL) {
		const char *value = va_arg(args, const char *);

		if (strcmp(name, "@user") == 0)
			event.user = ed_str_from(value);
		else
			fields[event.field_count++] =
				(struct ed_field){ ed_str_from(name), ed_str_from(value) };
	}
	ck_assert(m->evidence.sink.ops->want(&m->evidence.sink, &event.head));
	ck_assert_int_eq(m->evidence.sink.ops->event(&m->evidence.sink, &event, NULL), ED_OK);
	m->record = record;
}

void made_event(struct made *m, enum event_key key, const char *time, ...)
{
	va_list args;

	va_start(args, time);
	add_event(m, key, m->record + 1, time, args);
	va_end(args);
}

void made_event_record(struct made *m, enum event_key key, uint64_t record, const char *time, ...)
{
	va_list args;

	va_start(args, time);
	add_event(m, key, record, time, args);
	va_end(args);
}

static void add_fact(struct made *m, const struct ed_fact *fact)
{
	ck_assert_int_eq(m->evidence.sink.ops->fact(&m->evidence.sink, fact, NULL), ED_OK);
}

void made_registry(struct made *m, const char *key, const char *name, const char *text)
{
	struct ed_fact fact = { .kind = ED_FACT_REGISTRY,
				.path = ed_str_from(key),
				.name = ed_str_from(name),
				.text = ed_str_from(text),
				.time = ED_TIME_NONE };

	fact.has_number = ed_number_parse(fact.text, &fact.number);
	add_fact(m, &fact);
}

void made_state(struct made *m, const char *path, const char *name, const char *text)
{
	struct ed_fact fact = { .kind = ED_FACT_STATE,
				.path = ed_str_from(path),
				.name = ed_str_from(name),
				.text = ed_str_from(text),
				.time = ED_TIME_NONE };

	fact.has_number = text && ed_number_parse(fact.text, &fact.number);
	add_fact(m, &fact);
}

void made_boot_log(struct made *m, uint64_t counter, int64_t unlock)
{
	char path[40];

	snprintf(path, sizeof(path), "%010llu-0000000000.log", (unsigned long long)counter);
	made_boot_log_at(m, path, counter, unlock);
}

void made_boot_log_at(struct made *m, const char *path, uint64_t counter, int64_t unlock)
{
	struct ed_fact fact = { .kind = ED_FACT_BOOTLOG,
				.name = ED_STR("Log"),
				.has_number = true,
				.number = 3,
				.time = ED_TIME_NONE };

	ck_assert_int_eq(ed_evidence_begin_source(&m->evidence, ed_str_from(path), "tcglog", NULL),
			 ED_OK);
	add_fact(m, &fact);
	fact.name = ED_STR("BootCounter");
	fact.number = counter;
	add_fact(m, &fact);
	if (unlock >= 0) {
		fact.name = ED_STR("BitlockerUnlock");
		fact.number = (uint64_t)unlock;
		add_fact(m, &fact);
	}
	ck_assert_int_eq(ed_evidence_begin_source(&m->evidence, ED_STR("made"), "test", NULL),
			 ED_OK);
}

void made_denial(struct made *m, const char *time, const char *code)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "Code: interaction_required Description: AADSTS%s: text Correlation ID: "
		 "7b000001-0a0b-4c0d-8e0f-%012llu Request: client: " STORE_CLIENT_ID
		 ", resource: " STORE_RESOURCE_ID ", x",
		 code, (unsigned long long)m->record);
	made_event(m, EV_AAD_ERROR, time, "Error", "3399614476", "AdditionalInformation", text,
		   "@user", "S-1-12-1-1-2-3-4", NULL);
}

void made_analysis(struct made *m, struct analysis *a, const char *at)
{
	m->options.at = at ? made_time(at) : ED_TIME_NONE;
	ed_evidence_finish(&m->evidence);
	*a = (struct analysis){ .evidence = &m->evidence,
				.options = &m->options,
				.arena = &m->arena };
	order_events(a);
	build_coverage(a);
	build_boots(a);
	build_denials(a);
	build_enrollment(a);
	build_attempts(a);
	build_protection(a);
	build_attestation(a);
	build_live(a);
	build_page(a);
	build_context(a);
	ck_assert(!a->nomem);
}

struct ed_verdict made_verdict(struct made *m, const char *at)
{
	struct ed_verdict v;

	m->options.at = at ? made_time(at) : ED_TIME_NONE;
	ed_evidence_finish(&m->evidence);
	ck_assert_int_eq(ed_analyze(&m->evidence, &m->options, &m->arena, &v, NULL), ED_OK);
	return v;
}
