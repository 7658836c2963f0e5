/* SPDX-License-Identifier: MIT */
/* SMBIOS tables, sound and hostile. */
#include "smbios_priv.h"

#include <check.h>

#define HEADER 8 /* before the table */
#define TABLE_MAX 512

/* A table under construction, with the eight bytes before it. */
static unsigned char raw[TABLE_MAX];
static size_t raw_len;

static const unsigned char uuid[16] = { 0x4c, 0x4c, 0x45, 0x44, 0x00, 0x4a, 0x10, 0x35,
					0x80, 0x52, 0xb4, 0xc0, 0x4f, 0x33, 0x31, 0x32 };

static void begin(void)
{
	memset(raw, 0, sizeof(raw));
	raw[1] = 3; /* version 3.2 */
	raw[2] = 2;
	raw_len = HEADER;
}

static void set_length(size_t len)
{
	raw[4] = (unsigned char)len;
	raw[5] = (unsigned char)(len >> 8);
	raw[6] = raw[7] = 0;
}

static void add(const void *bytes, size_t n)
{
	ck_assert_uint_le(raw_len + n, sizeof(raw));
	memcpy(raw + raw_len, bytes, n);
	raw_len += n;
	set_length(raw_len - HEADER);
}

/* @strings: with their NULs, and that of the end. */
static void add_structure(unsigned char type, const void *body, size_t body_len,
			  const char *strings, size_t strings_len)
{
	unsigned char header[4] = { type, (unsigned char)(4 + body_len), 1, 0 };

	add(header, sizeof(header));
	add(body, body_len);
	add(strings, strings_len);
}

#define STRINGS(text) text "\0", sizeof(text) + 1

static void add_bios(void)
{
	add_structure(0, "\1\2\0\360\3\0", 6, STRINGS("Vendor\0001.2.3\00001/02/2026"));
}

static void add_system(const unsigned char *id, const char *strings, size_t strings_len)
{
	unsigned char body[23] = { 1, 2, 3, 4 };

	memcpy(body + 4, id, 16);
	add_structure(1, body, sizeof(body), strings, strings_len);
}

static void assert_text(struct ed_str s, const char *expected)
{
	ck_assert_msg(ed_str_eq(s, ed_str_from(expected)), "'%.*s' and not '%s'", ED_FMT(s),
		      expected);
}

START_TEST(system_is_found)
{
	struct ed_smbios found;

	begin();
	add_bios();
	add_system(uuid, STRINGS("Contoso Ltd.\0Book 14\0A00\0  SN-0042 "));
	add_structure(127, "", 0, "\0", 2);
	ck_assert(ed_smbios_system(raw, raw_len, &found));
	assert_text(found.manufacturer, "Contoso Ltd.");
	assert_text(found.model, "Book 14");
	assert_text(found.serial, "SN-0042");
	ck_assert(found.has_uuid);
	ck_assert_mem_eq(found.uuid, uuid, sizeof(uuid));
}
END_TEST

START_TEST(what_is_not_said_is_unknown)
{
	unsigned char id[16];
	struct ed_smbios found;

	/* numbers of strings that are not there, and one of blanks */
	begin();
	memset(id, 0xFF, sizeof(id));
	add_system(id, STRINGS("   "));
	ck_assert(ed_smbios_system(raw, raw_len, &found));
	ck_assert_ptr_null(found.manufacturer.p);
	ck_assert_ptr_null(found.model.p);
	ck_assert_ptr_null(found.serial.p);
	ck_assert(!found.has_uuid);
	/* no strings at all */
	begin();
	memset(id, 0, sizeof(id));
	add_system(id, "\0", 2);
	ck_assert(ed_smbios_system(raw, raw_len, &found));
	ck_assert_ptr_null(found.manufacturer.p);
	ck_assert(!found.has_uuid);
	/* of version 2.0, without a UUID; then so short that it has no serial number */
	begin();
	add_structure(1, "\2\1\0\1", 4, STRINGS("Model\0Maker"));
	ck_assert(ed_smbios_system(raw, raw_len, &found));
	assert_text(found.manufacturer, "Maker");
	assert_text(found.serial, "Model");
	ck_assert(!found.has_uuid);
	begin();
	add_structure(1, "\1", 1, STRINGS("Maker"));
	ck_assert(ed_smbios_system(raw, raw_len, &found));
	assert_text(found.manufacturer, "Maker");
	ck_assert_ptr_null(found.serial.p);
	begin();
	add_structure(1, "", 0, STRINGS("Maker"));
	ck_assert(ed_smbios_system(raw, raw_len, &found));
	ck_assert_ptr_null(found.manufacturer.p);
}
END_TEST

START_TEST(no_system_is_told)
{
	struct ed_smbios found = { .has_uuid = true };

	begin();
	ck_assert(!ed_smbios_system(raw, raw_len, &found));
	ck_assert(!ed_smbios_system(raw, 0, &found));
	add_bios();
	ck_assert(!ed_smbios_system(raw, raw_len, &found));
	/* nothing counts behind the end */
	add_structure(127, "", 0, "\0", 2);
	add_system(uuid, STRINGS("Maker"));
	ck_assert(!ed_smbios_system(raw, raw_len, &found));
	ck_assert(found.has_uuid);
}
END_TEST

START_TEST(length_that_lies)
{
	struct ed_smbios found;
	size_t table;

	begin();
	add_bios();
	table = raw_len - HEADER;
	add_system(uuid, STRINGS("Maker\0Model\0V\0Serial"));
	/* more than there is */
	raw[4] = raw[5] = raw[6] = raw[7] = 0xFF;
	ck_assert(ed_smbios_system(raw, raw_len, &found));
	assert_text(found.serial, "Serial");
	/* less than there is: the rest is not the table's */
	set_length(table);
	ck_assert(!ed_smbios_system(raw, raw_len, &found));
	/* a structure shorter than its header would never end */
	begin();
	add("\0\0\0\0\0\0", 6);
	add_system(uuid, STRINGS("Maker"));
	ck_assert(!ed_smbios_system(raw, raw_len, &found));
	/* one longer than the table */
	begin();
	add("\1\377\0\0\1\2\3\4", 8);
	ck_assert(!ed_smbios_system(raw, raw_len, &found));
}
END_TEST

/* Each cut in a block of its own, so that the checkers see a read past the end. */
START_TEST(cut_anywhere)
{
	size_t seen = 0;

	begin();
	add_bios();
	add_system(uuid, STRINGS("Maker\0Model\0V\0Serial"));
	for (size_t len = 0; len <= raw_len; len++) {
		unsigned char *copy = malloc(len ? len : 1);
		struct ed_smbios found;

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, raw, len);
		if (ed_smbios_system(copy, len, &found)) {
			seen++;
			ck_assert(found.has_uuid);
			/* the last string may be cut, but those before it are whole */
			if (found.serial.p)
				assert_text(found.model, "Model");
		}
		free(copy);
	}
	ck_assert_uint_ge(seen, 20);
}
END_TEST

START_TEST(bytes_at_random)
{
	uint32_t state = 42;

	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)(round % 96);
		unsigned char *bytes = malloc(len ? len : 1);
		struct ed_smbios found;

		ck_assert_ptr_nonnull(bytes);
		for (size_t i = 0; i < len; i++) {
			state = state * 1664525 + 1013904223;
			/* small numbers, so that lengths and types mean something */
			bytes[i] = (unsigned char)(state >> 24 & (i % 3 ? 0x07 : 0x1F));
		}
		if (ed_smbios_system(bytes, len, &found) && found.serial.p)
			ck_assert_uint_le(found.serial.len, len);
		free(bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smbios");
	TCase *tc = tcase_create("smbios");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, system_is_found);
	tcase_add_test(tc, what_is_not_said_is_unknown);
	tcase_add_test(tc, no_system_is_told);
	tcase_add_test(tc, length_that_lies);
	tcase_add_test(tc, cut_anywhere);
	tcase_add_test(tc, bytes_at_random);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
