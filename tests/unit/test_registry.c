/* SPDX-License-Identifier: MIT */
/*
 * The registry's walk over a tree in memory: what becomes of each value, read again by the reader
 * of .reg files; what is denied, missing, secret or too much; and that the rows hold every key that
 * the analysis asks for.
 */
#include "registry_fake.h"

#include "espdiag/collectors/reg.h"
#include "espdiag/platform/file.h"
#include "reader_run.h"

#define TIME INT64_C(134000000000000000)
#define BYTES(literal)                                                                             \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static const char *analyze_folder;

static struct registry_root root_k = { .key = "K", .values = "", .depth = 8 };
static struct registry_member member_k = { .name = "k", .roots = &root_k, .count = 1 };

struct recorded {
	struct ed_recording recording;
	struct ed_error err;
	ed_status status;
};

static void record(struct recorded *r, struct fake_registry *fake,
		   const struct registry_member *member)
{
	struct ed_registry_api api;
	struct ed_live live;

	fake_registry_api(fake, &api, &live);
	ed_recording_init(&r->recording);
	r->status = registry_record(&api, member, &live, &r->recording, &r->err);
	ck_assert_int_eq(fake->open_now, 0);
}

static void release(struct recorded *r)
{
	ed_recording_release(&r->recording);
}

static struct ed_str text_of(const struct recorded *r)
{
	return r->recording.member_count ? ed_buf_str(&r->recording.members[0].bytes) : ED_STR("");
}

static size_t count_of(struct ed_str text, const char *part)
{
	size_t n = 0;

	for (size_t i = ed_str_find(text, ed_str_from(part), 0); i != SIZE_MAX;
	     i = ed_str_find(text, ed_str_from(part), i + 1))
		n++;
	return n;
}

/* The only row with that state; its reason holds @why. */
static const struct ed_recorded_gap *gap_of(const struct recorded *r, enum ed_state state,
					    const char *why)
{
	for (size_t i = 0; i < r->recording.gap_count; i++) {
		const struct ed_recorded_gap *gap = &r->recording.gaps[i];

		if (gap->state == state &&
		    ed_str_find(ed_buf_str(&gap->why), ed_str_from(why), 0) != SIZE_MAX)
			return gap;
	}
	ck_abort_msg("no row '%s' among %zu", why, r->recording.gap_count);
	return NULL;
}

/* One value and the fact it is read back as. */
static const struct round_case {
	uint32_t type;
	struct ed_str data;
	const char *written; /* behind the '=' */
	const char *text;
	bool has_number;
	uint64_t number;
} round_cases[] = {
	{ 1, BYTES("a\0b\0\0\0"), "\"ab\"", "ab", false, 0 },
	{ 1, BYTES("a\0b\0"), "\"ab\"", "ab", false, 0 },
	{ 1, BYTES(""), "\"\"", "", false, 0 },
	{ 1, BYTES("\0\0"), "\"\"", "", false, 0 },
	{ 1, BYTES("\0"), "\"\"", "", false, 0 },
	{ 1, BYTES("a\0b"), "\"a\xEF\xBF\xBD\"", "a\xEF\xBF\xBD", false, 0 },
	{ 1, BYTES("a\0\0\0s\0"), "\"a\"", "a", false, 0 },
	{ 1, BYTES("C\0:\0\\\0\"\0\\\0\0\0"), "\"C:\\\\\\\"\\\\\"", "C:\\\"\\", false, 0 },
	{ 1, BYTES("\xE4\0\x3D\xD8\x00\xDE\0\0"), "\"\xC3\xA4\xF0\x9F\x98\x80\"",
	  "\xC3\xA4\xF0\x9F\x98\x80", false, 0 },
	{ 1, BYTES("\x3D\xD8x\0\0\0"), "\"\xEF\xBF\xBDx\"", "\xEF\xBF\xBDx", false, 0 },
	{ 1, BYTES("\x00\xDE\0\0"), "\"\xEF\xBF\xBD\"", "\xEF\xBF\xBD", false, 0 },
	{ 1,
	  BYTES("\0\xF0;\0"
		"1\0\0\0"),
	  "\"\xEF\x80\x80;1\"", "\xEF\x80\x80;1", false, 0 },
	{ 1, BYTES("\x01\0\0\0"), "\"\xEF\xBF\xBD\"", "\xEF\xBF\xBD", false, 0 },
	{ 1, BYTES("a\0\r\0\n\0b\0\0\0"), "\"a\nb\"", "a\nb", false, 0 },
	{ 1, BYTES("a\0\r\0b\0\0\0"), "\"a\rb\"", "a\rb", false, 0 },
	{ 1, BYTES("a\0\r\0\0\0"), "\"a\r\"", "a\r", false, 0 },
	{ 1, BYTES("a\0\n\0 \0[\0H\0K\0E\0Y\0_\0\0\0"),
	  "hex(1):61,00,0a,00,20,00,5b,00,48,00,4b,00,45,00,59,00,5f,00", "a\n [HKEY_", false, 0 },
	{ 1, BYTES("\r\0\r\0\n\0\0\0"), "hex(1):0d,00,0d,00,0a,00", "\r\r\n", false, 0 },
	{ 2, BYTES("%\0x\0%\0\0\0"), "hex(2):25,00,78,00,25,00", "%x%", false, 0 },
	{ 2, BYTES("%\0\0\0s\0e\0"), "hex(2):25,00", "%", false, 0 },
	{ 2, BYTES(""), "hex(2):", "", false, 0 },
	{ 3, BYTES("\x01\xAB"), "hex:01,ab", "01AB", false, 0 },
	{ 3, BYTES(""), "hex:", "", false, 0 },
	{ 3, BYTES("0123456789012345678901234"),
	  "hex:30,31,32,33,34,35,36,37,38,39,30,31,32,33,34,35,36,37,38,39,30,31,32,33,34",
	  "30313233343536373839303132333435363738393031323334", false, 0 },
	{ 3, BYTES("01234567890123456789012345"),
	  "hex:30,31,32,33,34,35,36,37,38,39,30,31,32,33,34,35,36,37,38,39,30,31,32,33,34,\\\n  35",
	  "3031323334353637383930313233343536373839303132333435", false, 0 },
	{ 4, BYTES("\x1F\0\0\x80"), "dword:8000001f", "2147483679", true, 0x8000001F },
	{ 4, BYTES("\x1F\0\0"), "hex(4):1f,00,00", "1F0000", false, 0 },
	{ 4, BYTES("\1\0\0\0\0"), "hex(4):01,00,00,00,00", "0100000000", false, 0 },
	{ 5, BYTES("\1\2\3\4"), "hex(5):01,02,03,04", "16909060", true, 0x01020304 },
	{ 7, BYTES("a\0\0\0b\0\0\0\0\0"), "hex(7):61,00,00,00,62,00,00,00,00,00", "a\nb", false,
	  0 },
	{ 7, BYTES("\0\0"), "hex(7):00,00", "", false, 0 },
	{ 7, BYTES("\x3D\xD8\0\0\0\0"), "hex(7):3d,d8,00,00,00,00", "\xEF\xBF\xBD", false, 0 },
	{ 8, BYTES("\1\2"), "hex(8):01,02", "0102", false, 0 },
	{ 0, BYTES("\1"), "hex(0):01", "01", false, 0 },
	{ 6, BYTES("\\\0R\0"), "hex(6):5c,00,52,00", "5C005200", false, 0 },
	{ 11, BYTES("\1\0\0\0\0\0\0\x80"), "hex(b):01,00,00,00,00,00,00,80", "9223372036854775809",
	  true, UINT64_C(0x8000000000000001) },
	{ 11, BYTES("\1"), "hex(b):01", "01", false, 0 },
	{ 0xFFFF0012, BYTES("\1"), "hex(ffff0012):01", "01", false, 0 },
};

START_TEST(round_trip)
{
	const struct round_case *c = &round_cases[_i];
	const struct fake_value value = { .name = "v", .type = c->type, .data = c->data };
	const struct fake_key keys[] = {
		{ .path = "K", .time = TIME, .values = &value, .value_count = 1 },
	};
	struct fake_registry fake = { .keys = keys, .count = 1 };
	char expected[400];
	struct recorded r;
	struct reader_run run;
	const struct ed_fact *fact;

	record(&r, &fake, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	snprintf(expected, sizeof(expected),
		 "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\K]\n"
		 ";time=2025-08-18T14:13:20.0000000Z\n\"v\"=%s\n",
		 c->written);
	ck_assert_str_eq(r.recording.members[0].bytes.p, expected);
	ck_assert_int_eq(r.recording.members[0].form, ED_FORM_REG);
	ck_assert_str_eq(r.recording.members[0].name.p, "registry/k.reg");
	ck_assert_str_eq(r.recording.members[0].source.p, "HKEY_LOCAL_MACHINE\\K");
	ck_assert_uint_eq(r.recording.gap_count, 0);
	ck_assert_int_eq(reader_probe(&ed_reader_reg, text_of(&r).p, text_of(&r).len), 100);
	reader_run(&run, &ed_reader_reg, "k.reg", text_of(&r).p, text_of(&r).len);
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(run.evidence.fact_count, 1);
	fact = reader_fact(&run, 0);
	ck_assert_str_eq(fact->path.p, "HKEY_LOCAL_MACHINE\\K");
	ck_assert_str_eq(fact->name.p, "v");
	ck_assert_msg(ed_str_eq(fact->text, ed_str_from(c->text)), "case %d: '%s'", _i,
		      fact->text.p);
	ck_assert_int_eq(fact->has_number, c->has_number);
	if (c->has_number)
		ck_assert_uint_eq(fact->number, c->number);
	ck_assert_uint_eq(reader_row(&run)->lost, 0);
	reader_run_release(&run);
	release(&r);
}
END_TEST

START_TEST(names_and_order)
{
	static const struct fake_value values[] = {
		{ .name = "b", .type = 4, .data = BYTES("\2\0\0\0") },
		{ .name = "", .type = 1, .data = BYTES("d\0\0\0") },
		{ .name = "A", .type = 4, .data = BYTES("\1\0\0\0") },
		{ .name = "q\"\\=", .type = 4, .data = BYTES("\3\0\0\0") },
		{ .name16 = BYTES("x\0\n\0y\0"), .type = 4, .data = BYTES("\4\0\0\0") },
		{ .name16 = BYTES("z\0\x3D\xD8"), .type = 4, .data = BYTES("\5\0\0\0") },
	};
	static const struct fake_key keys[] = {
		{ .path = "K", .time = TIME },
		{ .path = "K\\two", .time = TIME + 1234567 },
		{ .path = "K\\One]", .values = values, .value_count = ED_COUNT(values) },
		{ .path = "K\\One]\\deep", .written_code = 6 },
		{ .path = "Kother" },
	};
	static const char expected[] =
		"Windows Registry Editor Version 5.00\n"
		"\n[HKEY_LOCAL_MACHINE\\K]\n;time=2025-08-18T14:13:20.0000000Z\n"
		"\n[HKEY_LOCAL_MACHINE\\K\\One]]\n"
		"@=\"d\"\n\"A\"=dword:00000001\n\"b\"=dword:00000002\n"
		"\"q\\\"\\\\=\"=dword:00000003\n\"x y\"=dword:00000004\n"
		"\"z\xEF\xBF\xBD\"=dword:00000005\n"
		"\n[HKEY_LOCAL_MACHINE\\K\\One]\\deep]\n"
		"\n[HKEY_LOCAL_MACHINE\\K\\two]\n;time=2025-08-18T14:13:20.1234567Z\n";
	struct fake_registry fake = { .keys = keys, .count = ED_COUNT(keys) };
	struct recorded r;
	struct reader_run run;

	record(&r, &fake, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	ck_assert_str_eq(r.recording.members[0].bytes.p, expected);
	ck_assert_uint_eq(r.recording.gap_count, 0);
	ck_assert_uint_eq(fake.followed, 1); /* the root alone: links in the tree are not */
	reader_run(&run, &ed_reader_reg, "k.reg", expected, sizeof(expected) - 1);
	ck_assert_uint_eq(run.evidence.fact_count, 9);
	ck_assert(!reader_fact(&run, 0)->name.p); /* a key without values is one fact */
	ck_assert_str_eq(reader_fact(&run, 1)->path.p, "HKEY_LOCAL_MACHINE\\K\\One]");
	ck_assert_str_eq(reader_fact(&run, 1)->name.p, "");
	ck_assert_str_eq(reader_fact(&run, 4)->name.p, "q\"\\=");
	ck_assert_uint_eq(reader_row(&run)->lost, 0);
	reader_run_release(&run);
	release(&r);
}
END_TEST

START_TEST(denied_keys)
{
	static const struct fake_value value = { .name = "v",
						 .type = 4,
						 .data = BYTES("\1\0\0\0") };
	struct fake_key keys[40] = { { .path = "K" } };
	static char paths[40][16];
	struct fake_registry fake = { .keys = keys, .count = 22 };
	struct recorded r;

	for (size_t i = 1; i < 22; i++) {
		snprintf(paths[i], sizeof(paths[i]), "K\\k%02zu", i);
		keys[i] = (struct fake_key){ .path = paths[i], .open_code = i < 20 ? 5 : 0 };
	}
	keys[20].open_code = 2; /* gone in the meantime: not worth a word */
	keys[21].values = &value;
	keys[21].value_count = 1;
	record(&r, &fake, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	ck_assert_uint_eq(count_of(text_of(&r), "[HKEY_"), 2);
	ck_assert_uint_eq(count_of(text_of(&r), "k21]"), 1);
	ck_assert_uint_eq(r.recording.gap_count, 17);
	for (size_t i = 0; i < 17; i++) {
		ck_assert_int_eq(r.recording.gaps[i].state, ED_STATE_DENIED);
		ck_assert(!r.recording.gaps[i].is_channel);
	}
	ck_assert_str_eq(r.recording.gaps[0].source.p, "HKEY_LOCAL_MACHINE\\K\\k01");
	ck_assert_str_eq(r.recording.gaps[0].why.p, "access denied");
	ck_assert_str_eq(r.recording.gaps[16].source.p, "HKEY_LOCAL_MACHINE\\K");
	ck_assert_str_eq(r.recording.gaps[16].why.p, "3 more keys below it: access denied");
	release(&r);
}
END_TEST

START_TEST(roots_that_do_not_open)
{
	static const struct registry_root roots[] = {
		{ .key = "gone", .values = "" },
		{ .key = "wanted", .values = "", .flags = REGISTRY_WANTED },
		{ .key = "denied", .values = "" },
		{ .key = "broken", .values = "" },
	};
	static const struct registry_member member = { .name = "m", .roots = roots, .count = 4 };
	static const struct fake_key keys[] = {
		{ .path = "denied", .open_code = 5 },
		{ .path = "broken", .open_code = 1009 },
	};
	struct fake_registry fake = { .keys = keys, .count = ED_COUNT(keys) };
	struct recorded r;

	record(&r, &fake, &member);
	ck_assert_int_eq(r.status, ED_OK);
	ck_assert_uint_eq(r.recording.member_count, 0);
	ck_assert_uint_eq(r.recording.gap_count, 3);
	ck_assert_str_eq(gap_of(&r, ED_STATE_ABSENT, "not there")->source.p,
			 "HKEY_LOCAL_MACHINE\\wanted");
	ck_assert_str_eq(gap_of(&r, ED_STATE_DENIED, "access denied")->source.p,
			 "HKEY_LOCAL_MACHINE\\denied");
	ck_assert_str_eq(gap_of(&r, ED_STATE_DAMAGED, "Windows error 1009")->source.p,
			 "HKEY_LOCAL_MACHINE\\broken");
	release(&r);
}
END_TEST

/* Names, and whether the data of a string or a number of that name is asked for. */
static const struct secret_case {
	const char *name;
	uint32_t type;
	bool secret;
} secret_cases[] = {
	{ "Password", 1, true },
	{ "AdminPassword2", 3, true },
	{ "clientsecret", 2, true },
	{ "AADToken", 7, true },
	{ "PrivateKey", 3, true },
	{ "TokenLifetime", 11, true },
	{ "OSRecoveryPassword", 4, false },
	{ "UPN", 1, false },
	{ "TenantId", 1, false },
	{ "AttestReport", 1, true },
	{ "AttestStatus", 4, false },
	{ "LastError", 4, false },
	{ "EnforcementStateMessage", 1, false },
};

START_TEST(secrets_are_not_read)
{
	struct fake_value values[ED_COUNT(secret_cases)];
	const struct fake_key keys[] = {
		{ .path = "K", .values = values, .value_count = ED_COUNT(values) },
	};
	struct fake_registry fake = { .keys = keys, .count = 1 };
	struct recorded r;
	uint64_t secrets = 0;

	for (size_t i = 0; i < ED_COUNT(values); i++) {
		const struct secret_case *c = &secret_cases[i];

		values[i] = (struct fake_value){ .name = c->name,
						 .type = c->type,
						 .data = BYTES("\1\0\0\0") };
		secrets += c->secret;
		ck_assert_msg(registry_is_secret(ed_str_from(c->name), c->type) == c->secret, "%s",
			      c->name);
	}
	record(&r, &fake, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	ck_assert_uint_eq(fake.data_calls, ED_COUNT(values) - secrets);
	ck_assert_uint_eq(count_of(text_of(&r), "\n\""), ED_COUNT(values) - secrets);
	ck_assert_uint_eq(r.recording.gap_count, 1);
	ck_assert_uint_eq(gap_of(&r, ED_STATE_READ, "not read: could be a secret")->lost, secrets);
	release(&r);
}
END_TEST

START_TEST(rows_that_want_less)
{
	static const struct fake_value values[] = {
		{ .name = "ImagePath", .type = 2, .data = BYTES("x\0\0\0") },
		{ .name = "Start", .type = 4, .data = BYTES("\4\0\0\0") },
		{ .name = "EKPub", .type = 3, .data = BYTES("\4\0\0\0") },
		{ .name = "Big", .type = 11, .data = BYTES("\4\0\0\0\0\0\0\0") },
	};
	static const struct fake_key keys[] = {
		{ .path = "K", .values = values, .value_count = ED_COUNT(values) },
		{ .path = "K\\below", .values = values, .value_count = ED_COUNT(values) },
	};
	static const struct {
		struct registry_root root;
		unsigned keys, values, data_calls;
	} cases[] = {
		{ { .key = "K", .values = "Start|Missing" }, 1, 1, 2 },
		{ { .key = "K", .values = "", .flags = REGISTRY_NUMBERS }, 1, 2, 2 },
		{ { .key = "K", .values = "", .depth = 1, .flags = REGISTRY_KEYS }, 2, 0, 0 },
		{ { .key = "K", .values = "", .depth = 0 }, 1, 4, 4 },
		{ { .key = "K", .values = "", .depth = 1 }, 2, 8, 8 },
	};

	for (size_t i = 0; i < ED_COUNT(cases); i++) {
		struct registry_member member = { .name = "m",
						  .roots = &cases[i].root,
						  .count = 1 };
		struct fake_registry fake = { .keys = keys, .count = ED_COUNT(keys) };
		struct recorded r;

		record(&r, &fake, &member);
		ck_assert_int_eq(r.status, ED_OK);
		ck_assert_uint_eq(count_of(text_of(&r), "[HKEY_"), cases[i].keys);
		ck_assert_uint_eq(count_of(text_of(&r), "\n\""), cases[i].values);
		ck_assert_uint_eq(fake.data_calls, cases[i].data_calls);
		ck_assert_uint_eq(r.recording.gap_count, 0);
		release(&r);
	}
}
END_TEST

START_TEST(too_many)
{
	static const struct fake_key many_keys = { .path = "K", .many_keys = 5000 };
	static const struct fake_key many_values = { .path = "K", .many_values = 20000 };
	static const struct fake_key deep = { .path = "K", .loops = true };
	static const struct {
		const struct fake_key *key;
		size_t keys, values;
		const char *why;
	} cases[] = {
		{ &many_keys, ED_LIMIT_REGISTRY_KEYS, 0, "ED_LIMIT_REGISTRY_KEYS" },
		{ &many_values, 1, ED_LIMIT_REGISTRY_VALUES, "ED_LIMIT_REGISTRY_VALUES" },
		{ &deep, 1 + ED_LIMIT_REGISTRY_DEPTH, 0, "ED_LIMIT_REGISTRY_DEPTH" },
	};

	for (size_t i = 0; i < ED_COUNT(cases); i++) {
		struct fake_registry fake = { .keys = cases[i].key, .count = 1 };
		struct recorded r;

		record(&r, &fake, &member_k);
		ck_assert_int_eq(r.status, ED_OK);
		ck_assert_uint_eq(count_of(text_of(&r), "[HKEY_"), cases[i].keys);
		ck_assert_uint_eq(count_of(text_of(&r), "\n\""), cases[i].values);
		ck_assert_uint_eq(r.recording.gap_count, 1);
		ck_assert_uint_eq(gap_of(&r, ED_STATE_TRUNCATED, cases[i].why)->lost,
				  ED_LOST_UNKNOWN);
		release(&r);
	}
}
END_TEST

START_TEST(too_large)
{
	static char data[ED_LIMIT_REGISTRY_VALUE + 2];
	struct fake_value values[] = {
		{ .name = "fits", .type = 3, .data = { data, ED_LIMIT_REGISTRY_VALUE } },
		{ .name = "large", .type = 3, .data = { data, ED_LIMIT_REGISTRY_VALUE + 1 } },
		{ .name = "grows", .type = 3, .data = { data, 8 }, .data_code = 234 },
		{ .name = "wrong", .type = 3, .data = { data, 8 }, .data_code = 13 },
		{ .name = "went", .type = 3, .data = { data, 8 }, .data_code = 2 },
	};
	const struct fake_key key = { .path = "K", .values = values, .value_count = 5 };
	struct fake_registry fake = { .keys = &key, .count = 1 };
	struct recorded r;

	record(&r, &fake, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	ck_assert_uint_eq(count_of(text_of(&r), "=hex:"), 1);
	ck_assert_uint_eq(r.recording.gap_count, 2);
	ck_assert_uint_eq(gap_of(&r, ED_STATE_TRUNCATED, "ED_LIMIT_REGISTRY_VALUE")->lost, 2);
	ck_assert_uint_eq(gap_of(&r, ED_STATE_DAMAGED, "Windows error 13")->lost, 1);
	release(&r);
}
END_TEST

START_TEST(too_much_data)
{
	static char data[ED_LIMIT_REGISTRY_VALUE];
	static const uint32_t types[] = { 1, 3 };

	for (size_t i = 0; i < sizeof(data); i += 2)
		data[i] = 'x';
	for (size_t i = 0; i < ED_COUNT(types); i++) {
		const struct fake_value one = { .name = NULL,
						.type = types[i],
						.data = { data, sizeof(data) } };
		const struct fake_key key = { .path = "K", .values = &one, .many_values = 400 };
		struct fake_registry fake = { .keys = &key, .count = 1, .many_is = &one };
		struct recorded r;

		record(&r, &fake, &member_k);
		ck_assert_int_eq(r.status, ED_OK);
		ck_assert_uint_eq(r.recording.gap_count, 1);
		/* as text it is half as long as the data, as hex three times */
		gap_of(&r, ED_STATE_TRUNCATED,
		       types[i] == 1 ? "ED_LIMIT_REGISTRY_BYTES" : "ED_LIMIT_RECORDED");
		ck_assert(text_of(&r).len <= ED_LIMIT_RECORDED);
		ck_assert(text_of(&r).len > 7 * ED_MIB);
		release(&r);
	}
}
END_TEST

START_TEST(out_of_time)
{
	static const struct fake_key key = { .path = "K", .many_keys = 100 };
	struct fake_registry slow = { .keys = &key, .count = 1, .tick_ms = 40 };
	struct fake_registry stopped = { .keys = &key, .count = 1, .stop_after = 150 };
	struct recorded r;
	size_t keys;

	record(&r, &slow, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	ck_assert_uint_eq(r.recording.gap_count, 1);
	gap_of(&r, ED_STATE_TIMED_OUT, "ED_LIMIT_REGISTRY_MS");
	ck_assert_uint_ge(slow.now, ED_LIMIT_REGISTRY_MS);
	ck_assert_uint_le(slow.now, ED_LIMIT_REGISTRY_MS + 100);
	release(&r);
	record(&r, &stopped, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	ck_assert_uint_eq(r.recording.gap_count, 1);
	gap_of(&r, ED_STATE_TIMED_OUT, "stopped");
	keys = count_of(text_of(&r), "[HKEY_");
	ck_assert(keys > 1 && keys < 100);
	release(&r);
}
END_TEST

START_TEST(broken_enumeration)
{
	static const struct fake_value value = { .name = "v",
						 .type = 4,
						 .data = BYTES("\1\0\0\0") };
	const struct fake_key keys[] = {
		{ .path = "K", .values = &value, .value_count = 1, .enum_code = 1009 },
		{ .path = "K\\a" },
	};
	struct fake_registry fake = { .keys = keys, .count = 2 };
	struct recorded r;

	record(&r, &fake, &member_k);
	ck_assert_int_eq(r.status, ED_OK);
	/* values and subkeys were both listed as far as it went, which is all of them */
	ck_assert_uint_eq(count_of(text_of(&r), "\"v\""), 1);
	ck_assert_uint_eq(count_of(text_of(&r), "[HKEY_"), 2);
	ck_assert_uint_eq(gap_of(&r, ED_STATE_DAMAGED, "1009")->lost, 2);
	release(&r);
}
END_TEST

START_TEST(every_allocation_can_fail)
{
	static const struct fake_value values[] = {
		{ .name = "a", .type = 1, .data = BYTES("a\0\0\0") },
		{ .name = "b", .type = 3, .data = BYTES("a\0\0\0") },
		{ .name = "password", .type = 1, .data = BYTES("a\0\0\0") },
	};
	static const struct fake_key keys[] = {
		{ .path = "K", .values = values, .value_count = 3 },
		{ .path = "K\\a", .values = values, .value_count = 3 },
		{ .path = "K\\b", .open_code = 5 },
	};
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK; n++) {
		struct fake_registry fake = { .keys = keys, .count = 3 };
		struct recorded r;

		ed_alloc_fail_after(n);
		record(&r, &fake, &member_k);
		ed_alloc_fail_after(-1);
		status = r.status;
		ck_assert(status == ED_OK || status == ED_NOMEM);
		ck_assert_int_lt(n, 1000);
		release(&r);
	}
}
END_TEST

/* Whether a member reads @value (NULL: the key itself) of @key, which is without its root. */
static bool is_covered(const char *key, const char *value)
{
	struct ed_str full = ed_str_from(key);

	for (int id = 0; id < REGISTRY_ID_COUNT; id++) {
		struct registry_member member = registry_member_at((enum registry_id)id);

		for (size_t i = 0; i < member.count; i++) {
			const struct registry_root *root = &member.roots[i];
			struct ed_str rest = full, name, list = ed_str_from(root->values);
			bool listed = !list.len;
			size_t depth;

			if (!ed_str_istarts(full, ed_str_from(root->key)))
				continue;
			rest = ed_str_slice(full, strlen(root->key), full.len);
			if (rest.len && rest.p[0] != '\\')
				continue;
			depth = rest.len ? count_of(rest, "\\") : 0;
			while (value && ed_str_next(&list, '|', &name))
				listed |= ed_str_ieq(name, ed_str_from(value));
			if (depth <= root->depth && (listed || !value) &&
			    !(value && root->flags & REGISTRY_KEYS))
				return true;
		}
	}
	return false;
}

#define M "SOFTWARE\\Microsoft\\"
#define ESP M "Windows\\Autopilot\\EnrollmentStatusTracking\\"
#define ENROLLED M "Enrollments\\{11111111-2222-3333-4444-555555555555}"
#define SYSTEM_SERVICES "SYSTEM\\CurrentControlSet\\Services\\"

/* What agent/analyze asks for: the text as its source has it, and a key where Windows keeps it. */
static const struct {
	const char *asked;
	const char *key, *value;
} asked_for[] = {
	{ "\\Microsoft\\Windows NT\\CurrentVersion", M "Windows NT\\CurrentVersion", "UBR" },
	{ "\\CloudDomainJoin\\JoinInfo\\",
	  "SYSTEM\\CurrentControlSet\\Control\\CloudDomainJoin\\JoinInfo\\9F", "UserEmail" },
	{ "\\Provisioning\\AutopilotSettings", M "Provisioning\\AutopilotSettings",
	  "DeviceSetupCategory.Status" },
	{ "\\Provisioning\\AutopilotSettings",
	  M "Provisioning\\AutopilotSettings\\DevicePreparation", "PageSettings" },
	{ "\\DevicePreparation", M "Provisioning\\AutopilotSettings\\DevicePreparation",
	  "PageSettings" },
	{ "\\FirstSync", ENROLLED "\\FirstSync", "SyncFailureTimeout" },
	{ "\\FirstSync\\S-1-", ENROLLED "\\FirstSync\\S-1-12-1-1",
	  "ServerHasFinishedProvisioning" },
	{ "\\Enrollments\\", ENROLLED, "ProviderID" },
	{ "", ENROLLED "\\HealthAttestation", "AttestStatus" },
	{ "\\ESPTrackingInfo\\Diagnostics\\", ESP "ESPTrackingInfo\\Diagnostics\\Sidecar\\2026",
	  "x" },
	{ "\\ExpectedModernAppPackages\\",
	  ESP "ESPTrackingInfo\\Diagnostics\\S-1-12-1-1\\ExpectedModernAppPackages\\2026", "x" },
	{ "\\ExpectedMSIAppPackages\\",
	  ESP "ESPTrackingInfo\\Diagnostics\\ExpectedMSIAppPackages\\2026", "x" },
	{ "\\Setup\\Apps\\Tracking\\", ESP "Device\\Setup\\Apps\\Tracking\\Sidecar\\Win32App_1_1",
	  "InstallationState" },
	{ "\\Setup\\Apps\\Tracking\\",
	  ESP "S-1-12-1-1\\Setup\\Apps\\Tracking\\Sidecar\\Win32App_1_1", "InstallationState" },
	{ "\\Setup\\Apps\\PolicyProviders\\", ESP "Device\\Setup\\Apps\\PolicyProviders\\Sidecar",
	  "TrackingPoliciesCreated" },
	{ "\\Sidecar", ESP "Device\\Setup\\Apps\\PolicyProviders\\Sidecar", NULL },
	{ "\\ConfigMgr", ESP "Device\\Setup\\Apps\\PolicyProviders\\ConfigMgr", NULL },
	{ "\\S-1-", ESP "S-1-12-1-1", NULL },
	{ "\\DevicePreparation\\PolicyProviders\\Sidecar",
	  ESP "Device\\DevicePreparation\\PolicyProviders\\Sidecar", "Timeout" },
	{ "\\EnterpriseDesktopAppManagement\\",
	  M
	  "EnterpriseDesktopAppManagement\\S-0-0-00-0000000000-0000000000-000000000-000\\MSI\\{1}",
	  "Status" },
	{ "\\OfficeCSP\\", M "OfficeCSP\\11111111-2222-3333-4444-555555555555", "FinalStatus" },
	{ "\\IntuneManagementExtension\\Win32Apps\\Provisioning",
	  M "IntuneManagementExtension\\Win32Apps\\Provisioning", "InitialProvisioning" },
	{ "\\IntuneManagementExtension\\Win32Apps",
	  M "IntuneManagementExtension\\Win32Apps\\0\\1_1\\EnforcementStateMessage",
	  "EnforcementStateMessage" },
	{ "\\Diagnostics\\Autopilot", M "Provisioning\\Diagnostics\\Autopilot",
	  "DeploymentErrorCode" },
	{ "\\Control\\BitLockerStatus", "SYSTEM\\CurrentControlSet\\Control\\BitLockerStatus",
	  "BootStatus" },
	{ "\\TPM\\WMI", SYSTEM_SERVICES "TPM\\WMI", "AIKEnrollmentErrorCode" },
	{ "\\Policies\\Microsoft\\Windows\\AppInstaller",
	  "SOFTWARE\\Policies\\Microsoft\\Windows\\AppInstaller", "EnableMicrosoftStoreSource" },
	{ "\\device\\ApplicationManagement",
	  M "PolicyManager\\current\\device\\ApplicationManagement", "DisableStoreOriginatedApps" },
	{ "\\Services\\%s", SYSTEM_SERVICES "InstallService", "Start" },
	{ "\\Services\\%s", SYSTEM_SERVICES "ClipSVC", "Start" },
	{ "\\Services\\%s", SYSTEM_SERVICES "AppXSvc", "Start" },
	{ "\\Services\\%s", SYSTEM_SERVICES "wuauserv", "Start" },
};

START_TEST(what_is_asked_for_is_read)
{
	ck_assert_msg(is_covered(asked_for[_i].key, asked_for[_i].value), "%s %s",
		      asked_for[_i].key, asked_for[_i].value ? asked_for[_i].value : "");
}
END_TEST

START_TEST(what_is_not_a_row)
{
	ck_assert(!is_covered("SOFTWARE\\Microsoft\\EnrollmentsX", "v"));
	ck_assert(!is_covered("SOFTWARE\\Microsoft", "v"));
	ck_assert(!is_covered(SYSTEM_SERVICES "InstallService", "ImagePath"));
	ck_assert(!is_covered(SYSTEM_SERVICES "InstallService\\Parameters", "Start"));
	ck_assert(!is_covered(SYSTEM_SERVICES "TPM\\WMI\\Admin", "OwnerAuthFull"));
	ck_assert(!is_covered(M "Windows NT\\CurrentVersion", "DigitalProductId"));
	ck_assert(!is_covered("SAM", NULL));
}
END_TEST

static void check_asked(struct ed_str literal, struct ed_str file)
{
	char plain[200];
	size_t n = 0;

	for (size_t i = 0; i < literal.len && n + 1 < sizeof(plain); i++) {
		i += literal.p[i] == '\\';
		plain[n++] = literal.p[i];
	}
	plain[n] = '\0';
	for (size_t i = 0; i < ED_COUNT(asked_for); i++)
		if (!strcmp(asked_for[i].asked, plain))
			return;
	ck_abort_msg("%.*s asks for '%s': add where Windows keeps it to asked_for, and a row to "
		     "collectors/registry/roots.def",
		     ED_FMT(file), plain);
}

/* Literals that begin with a backslash are parts of keys. Returns how many there are. */
static size_t scan_source(struct ed_str path)
{
	struct ed_file *file = NULL;
	struct ed_error err;
	static char bytes[512 * 1024];
	struct ed_str text = { bytes, 0 };
	size_t found = 0;

	ck_assert_int_eq(ed_file_open(path, true, &file, &err), ED_OK);
	ck_assert_int_eq(ed_file_read_at(file, 0, bytes, sizeof(bytes), &text.len, &err), ED_OK);
	ck_assert_uint_lt(text.len, sizeof(bytes));
	ed_file_close(file);
	for (size_t i = ed_str_find(text, ED_STR("\"\\\\"), 0); i != SIZE_MAX;
	     i = ed_str_find(text, ED_STR("\"\\\\"), i + 1)) {
		size_t end = ed_str_find(text, ED_STR("\""), i + 1);

		/* the end of a literal that ends in a backslash looks the same */
		if (i && (text.p[i - 1] == '\\' || end == SIZE_MAX))
			continue;
		check_asked(ed_str_slice(text, i + 1, end), path);
		found++;
	}
	return found;
}

static size_t scan_folder(const char *folder)
{
	struct ed_folder_entry *entries;
	struct ed_arena arena;
	struct ed_error err;
	size_t count, found = 0;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_folder_list(ed_str_from(folder), &arena, &entries, &count, &err),
			 ED_OK);
	for (size_t i = 0; i < count; i++) {
		struct ed_str path =
			ed_arena_printf(&arena, "%s/%.*s", folder, ED_FMT(entries[i].name));

		if (entries[i].info.kind == ED_PATH_FOLDER)
			found += scan_folder(path.p);
		else if (ed_str_ends(path, ED_STR(".c")))
			found += scan_source(path);
	}
	ed_arena_release(&arena);
	return found;
}

START_TEST(nothing_is_asked_for_unseen)
{
	/* with fewer the scan itself must be broken */
	ck_assert_uint_ge(scan_folder(analyze_folder), 20);
}
END_TEST

START_TEST(table_is_sound)
{
	size_t rows = 0;

	for (int id = 0; id < REGISTRY_ID_COUNT; id++) {
		struct registry_member member = registry_member_at((enum registry_id)id);

		ck_assert_msg(member.count > 0, "%s has no row", member.name);
		rows += member.count;
		for (int other = 0; other < id; other++)
			ck_assert_str_ne(member.name,
					 registry_member_at((enum registry_id)other).name);
		for (size_t i = 0; i < member.count; i++) {
			struct ed_str key = ed_str_from(member.roots[i].key);

			ck_assert(ed_utf8_valid(key) && key.len < 180);
			ck_assert(!ed_str_ends(key, ED_STR("\\")));
			ck_assert_uint_le(member.roots[i].depth, ED_LIMIT_REGISTRY_DEPTH);
			ck_assert(ed_str_starts(key, ED_STR("SOFTWARE\\")) ||
				  ed_str_starts(key, ED_STR("SYSTEM\\CurrentControlSet\\")));
		}
	}
	/* a row that does not stand with its member would be left out */
	ck_assert_uint_eq(rows, registry_root_count());
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("registry");
	TCase *c = tcase_create("registry");
	SRunner *r = srunner_create(s);
	int failed;

	analyze_folder = argc > 1 ? argv[1] : ".";
	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, round_trip, 0, (int)ED_COUNT(round_cases));
	tcase_add_test(c, names_and_order);
	tcase_add_test(c, denied_keys);
	tcase_add_test(c, roots_that_do_not_open);
	tcase_add_test(c, secrets_are_not_read);
	tcase_add_test(c, rows_that_want_less);
	tcase_add_test(c, too_many);
	tcase_add_test(c, too_large);
	tcase_add_test(c, too_much_data);
	tcase_add_test(c, out_of_time);
	tcase_add_test(c, broken_enumeration);
	tcase_add_test(c, every_allocation_can_fail);
	tcase_add_loop_test(c, what_is_asked_for_is_read, 0, (int)ED_COUNT(asked_for));
	tcase_add_test(c, what_is_not_a_row);
	tcase_add_test(c, nothing_is_asked_for_unseen);
	tcase_add_test(c, table_is_sound);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
