/* SPDX-License-Identifier: MIT */
/*
 * Any events made into a log and read again are the same events: every type of value, templates
 * that are used again with other values, chunk boundaries, records of nearly a chunk. What they
 * should read as comes from the builder's own rendering, not from the reader.
 */
#include "evtx_build.h"

#include <check.h>

#include "events_dump.h"

#include "espdiag/collectors/evxml.h"

#define SCHEMAS 6
#define FIELDS_MAX 14
#define EVENTS 400
#define TEXT_MAX ((size_t)29000) /* letters; twice as many bytes */

static const unsigned types[] = {
	BUILD_STRING, BUILD_ANSI,   BUILD_INT8,  BUILD_UINT8,  BUILD_INT16,    BUILD_UINT16,
	BUILD_INT32,  BUILD_UINT32, BUILD_INT64, BUILD_UINT64, BUILD_FLOAT,    BUILD_DOUBLE,
	BUILD_BOOL,   BUILD_BINARY, BUILD_GUID,  BUILD_SIZET,  BUILD_FILETIME, BUILD_SYSTEMTIME,
	BUILD_SID,    BUILD_HEX32,  BUILD_HEX64,
};

/* Of one kind of event: names and types stay, values do not. */
struct schema {
	size_t count;
	enum build_shape shape;
	char names[FIELDS_MAX][16];
	unsigned types[FIELDS_MAX];
};

struct maker {
	uint64_t state;
	struct schema schemas[SCHEMAS];
	struct build_field fields[FIELDS_MAX];
	struct ed_arena arena; /* all text */
};

static uint64_t random_bits(struct maker *m)
{
	m->state = m->state * 6364136223846793005u + 1442695040888963407u;
	return m->state >> 11 ^ m->state << 40;
}

static size_t below(struct maker *m, size_t n)
{
	return (size_t)(random_bits(m) % n);
}

/* As many bits as any number may have. */
static uint64_t number(struct maker *m, unsigned bits)
{
	return (random_bits(m) & (bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1)) >>
	       below(m, bits);
}

static const char *keep(struct maker *m, const char *z)
{
	struct ed_str kept = ed_arena_str(&m->arena, ed_str_from(z));

	ck_assert_ptr_nonnull(kept.p);
	return kept.p;
}

static const char *letters(struct maker *m, bool is_ascii)
{
	static const char *const parts[] = { "a",
					     "Z",
					     "0",
					     " ",
					     "longer ",
					     "&",
					     "<",
					     ">",
					     "\"",
					     "'",
					     "\\",
					     "\n",
					     "\t",
					     "/",
					     "\xC3\xA9",
					     "\xE2\x82\xAC",
					     "\xF0\x9F\x98\x80",
					     "\xD0\x96" };
	static const size_t lengths[] = { 0, 1, 7, 8, 15, 16, 17, 31, 33, 100 };
	size_t n = below(m, 25) ? lengths[below(m, ED_COUNT(lengths))] : TEXT_MAX;
	struct ed_buf out;
	const char *kept;

	is_ascii = is_ascii || n == TEXT_MAX;
	ed_buf_init(&out, ED_MIB);
	ed_buf_addz(&out, "");
	while (n--) {
		size_t i = below(m, 3) ? below(m, 4) : below(m, ED_COUNT(parts));

		ed_buf_addz(&out, is_ascii ? parts[i % 4] : parts[i]);
	}
	kept = keep(m, out.p ? out.p : "");
	ed_buf_release(&out);
	return kept;
}

static const char *value(struct maker *m, unsigned type)
{
	static const struct {
		unsigned type, bits;
		bool is_signed;
	} integers[] = {
		{ BUILD_INT8, 8, true },   { BUILD_UINT8, 8, false },
		{ BUILD_INT16, 16, true }, { BUILD_UINT16, 16, false },
		{ BUILD_INT32, 32, true }, { BUILD_UINT32, 32, false },
		{ BUILD_INT64, 64, true }, { BUILD_UINT64, 64, false },
	};
	char z[128];

	for (size_t i = 0; i < ED_COUNT(integers); i++) {
		if (integers[i].type != type)
			continue;
		if (integers[i].is_signed)
			snprintf(z, sizeof(z), "%s%llu", below(m, 2) ? "-" : "",
				 (unsigned long long)number(m, integers[i].bits - 1) | 1);
		else
			snprintf(z, sizeof(z), "%llu",
				 (unsigned long long)number(m, integers[i].bits));
		return keep(m, z);
	}
	switch (type) {
	case BUILD_STRING:
	case BUILD_ANSI:
		return letters(m, type == BUILD_ANSI);
	case BUILD_FLOAT:
	case BUILD_DOUBLE:
		snprintf(z, sizeof(z), "%g", ((double)below(m, 4000) - 2000) / 4);
		break;
	case BUILD_BOOL:
		return below(m, 2) ? "true" : "false";
	case BUILD_GUID:
		snprintf(z, sizeof(z), "{%08X-%04X-%04X-%04X-%012llX}", (unsigned)number(m, 32),
			 (unsigned)number(m, 16), (unsigned)number(m, 16), (unsigned)number(m, 16),
			 (unsigned long long)number(m, 48));
		break;
	case BUILD_FILETIME:
		(void)ed_time_format_full((int64_t)number(m, 58), z);
		break;
	case BUILD_SYSTEMTIME:
		snprintf(z, sizeof(z), "20%02u-%02u-%02uT%02u:%02u:%02u.%03uZ",
			 (unsigned)below(m, 100), (unsigned)below(m, 12) + 1,
			 (unsigned)below(m, 28) + 1, (unsigned)below(m, 24), (unsigned)below(m, 60),
			 (unsigned)below(m, 60), (unsigned)below(m, 1000));
		break;
	case BUILD_SID:
		snprintf(z, sizeof(z), "S-1-5-21-%u-%u-3333333333-%u", (unsigned)below(m, 3),
			 (unsigned)number(m, 32), 1000 + (unsigned)below(m, 4));
		break;
	case BUILD_BINARY:
		z[0] = '\0';
		for (size_t i = below(m, 40), n = 0; i; i--, n += 2)
			snprintf(z + n, sizeof(z) - n, "%02X", (unsigned)number(m, 8));
		break;
	default:
		snprintf(z, sizeof(z), "0x%llx",
			 (unsigned long long)number(m, type == BUILD_HEX32 ? 32 : 64));
	}
	return keep(m, z);
}

/* Items of an array, none of which is empty; now and then the value is null. */
static const char *any_value(struct maker *m, unsigned type)
{
	struct ed_buf items;
	const char *kept;

	if (!below(m, 12))
		return NULL;
	if (!(type & BUILD_ARRAY))
		return value(m, type);
	ed_buf_init(&items, ED_MIB);
	for (size_t i = 0, n = 1 + below(m, 4); i < n; i++)
		ed_buf_printf(&items, "%s%s", i ? "\n" : "", value(m, type & 0x7F));
	kept = keep(m, items.p);
	ed_buf_release(&items);
	return kept;
}

static void schemas_make(struct maker *m)
{
	for (size_t i = 0; i < SCHEMAS; i++) {
		struct schema *s = &m->schemas[i];

		s->count = 1 + below(m, FIELDS_MAX);
		s->shape = i % 2 ? BUILD_EVENT_DATA : BUILD_USER_DATA;
		for (size_t f = 0; f < s->count; f++) {
			s->types[f] = types[below(m, ED_COUNT(types))];
			if (!below(m, 8))
				s->types[f] =
					BUILD_ARRAY | (below(m, 2) ? BUILD_UINT32 : BUILD_GUID);
			if (i == 0 && f == 0)
				s->types[f] = BUILD_STRING;
			snprintf(s->names[f], sizeof(s->names[f]), "%c%zu", (char)('a' + f), i);
		}
	}
}

static struct build_event event_make(struct maker *m, uint64_t record)
{
	static const char *const providers[] = { "Test-One", "Test-Two & more", "EventLog" };
	const struct schema *s = &m->schemas[below(m, SCHEMAS)];

	for (size_t f = 0; f < s->count; f++)
		m->fields[f] = (struct build_field){ .name = s->names[f],
						     .type = s->types[f],
						     .text = any_value(m, s->types[f]) };
	return (struct build_event){
		.provider = providers[below(m, 20) ? 0 : below(m, 3)],
		.guid = "{A68CA8B7-004F-D7B6-A698-07E2DE0F1F5D}",
		.channel = below(m, 30) ? "Test/Operational" : "Other",
		.computer = below(m, 30) ? "DESKTOP-ONE" : "DESKTOP-TWO",
		.user = below(m, 3) ? NULL : value(m, BUILD_SID),
		.activity = below(m, 3) ? NULL : value(m, BUILD_GUID),
		.record = record,
		.time = INT64_C(130000000000000000) + (int64_t)number(m, 56),
		.keywords = number(m, 64),
		.id = (uint32_t)(s - m->schemas) + 100,
		.version = (uint8_t)below(m, 2),
		.level = (uint8_t)below(m, 6),
		.task = (uint16_t)number(m, 16),
		.process = (uint32_t)number(m, 32),
		.thread = (uint32_t)number(m, 16),
		.shape = s->shape,
		.element = "Own",
		.fields = m->fields,
		.field_count = s->count,
	};
}

static void same(const char *what, uint64_t record, struct ed_str got, struct ed_str want)
{
	ck_assert_msg(ed_str_eq(got, want),
		      "record %u, %s: %zu bytes '%.60s', not %zu bytes '%.60s'", (unsigned)record,
		      what, got.len, got.len ? got.p : "", want.len, want.len ? want.p : "");
}

/* What the event @e was made of, as the model should have it. */
static void expect(struct maker *m, const struct build_event *e, struct ed_event *out)
{
	struct ed_field *fields =
		ed_arena_calloc(&m->arena, 4 * e->field_count + 1, sizeof(*fields));
	size_t count = 0;

	ck_assert_ptr_nonnull(fields);
	for (size_t i = 0; i < e->field_count; i++) {
		const struct build_field *f = &e->fields[i];
		struct ed_str rest = ed_str_from(f->text ? f->text : ""), item = rest;
		bool more = true;

		while (more) {
			struct ed_buf text;

			if (f->type & BUILD_ARRAY)
				more = f->text ? ed_str_line(&rest, &item) : more;
			if (!more)
				break;
			ed_buf_init(&text, ED_MIB);
			/* the reader shows a SizeT as Windows does, the builder as a number */
			if (f->type == BUILD_SIZET)
				ed_buf_adds(&text, item);
			else
				ck_assert(!f->text ||
					  build_value_text(&text, f->type & 0x7F, item));
			fields[count].name = ed_str_from(f->name);
			fields[count++].value = ed_arena_str(&m->arena, ed_buf_str(&text));
			ed_buf_release(&text);
			more = f->type & BUILD_ARRAY && f->text;
		}
	}
	*out = (struct ed_event){ .head = { .provider = ed_str_from(e->provider),
					    .channel = ed_str_from(e->channel),
					    .record = e->record,
					    .time = e->time,
					    .id = e->id,
					    .version = e->version,
					    .level = e->level },
				  .computer = ed_str_from(e->computer),
				  .user = ed_str_from(e->user ? e->user : ""),
				  .fields = fields,
				  .field_count = count };
}

static void same_event(const struct ed_event *got, const struct ed_event *want)
{
	uint64_t record = want->head.record;

	ck_assert_uint_eq(got->head.record, record);
	ck_assert_uint_eq(got->head.id, want->head.id);
	ck_assert_uint_eq(got->head.version, want->head.version);
	ck_assert_uint_eq(got->head.level, want->head.level);
	ck_assert_int_eq(got->head.time, want->head.time);
	same("provider", record, got->head.provider, want->head.provider);
	same("channel", record, got->head.channel, want->head.channel);
	same("computer", record, got->computer, want->computer);
	same("user", record, got->user, want->user);
	ck_assert_msg(got->field_count == want->field_count, "record %u: %zu fields, not %zu",
		      (unsigned)record, got->field_count, want->field_count);
	for (size_t i = 0; i < want->field_count; i++) {
		same("name", record, got->fields[i].name, want->fields[i].name);
		same(want->fields[i].name.p, record, got->fields[i].value, want->fields[i].value);
	}
}

START_TEST(any_events)
{
	static struct ed_event want[EVENTS];
	struct maker *m = ed_calloc(1, sizeof(*m));
	struct kept log, export;
	struct dumped xml;
	struct evtx_build b;
	struct ed_str bytes;
	size_t count = 0, longest = 0;

	ck_assert_ptr_nonnull(m);
	m->state = (uint64_t)_i * 7919 + 1;
	ed_arena_init(&m->arena, 256 * ED_MIB);
	schemas_make(m);
	evtx_build_init(&b);
	b.flat = _i % 2;
	for (uint64_t i = 1; i <= EVENTS; i++) {
		struct build_event e = event_make(m, count + 1);

		if (!below(m, 40))
			ck_assert(evtx_build_end_chunk(&b));
		/* one that is longer than a chunk leaves the log as it was */
		if (evtx_build_add(&b, &e))
			expect(m, &e, &want[count++]);
		ck_assert(!b.failed);
	}
	bytes = evtx_build_finish(&b);
	ck_assert_uint_gt(bytes.len, EVTX_BUILD_FILE_HEADER + 5 * EVTX_BUILD_CHUNK);
	kept_read(&log, &ed_reader_evtx, bytes);
	dump_whole(&xml, ED_DUMP_XML, bytes);
	kept_read(&export, &ed_reader_evxml, ed_buf_str(&xml.all));
	ck_assert_uint_gt(count, EVENTS / 2);
	ck_assert_uint_eq(log.count, count);
	ck_assert_uint_eq(export.count, count);
	ck_assert_uint_eq(log.gaps + export.gaps, 0);
	for (size_t i = 0; i < count; i++) {
		for (size_t f = 0; f < want[i].field_count; f++)
			if (want[i].fields[f].value.len == TEXT_MAX)
				longest++;
		same_event(&log.events[i], &want[i]);
		same_event(&export.events[i], &want[i]);
	}
	/* records of nearly a chunk were among them */
	ck_assert_uint_gt(longest, 0);
	kept_release(&log);
	kept_release(&export);
	dumped_release(&xml);
	evtx_build_release(&b);
	ed_arena_release(&m->arena);
	ed_free(m);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("any events");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, any_events, 0, 8);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
