/* SPDX-License-Identifier: MIT */
/*
 * agent/redact: the quick question whether a value holds a secret has the scanner's answer, for
 * texts put together at random from what secrets and their surroundings are made of.
 */
#include "redact_priv.h"

#include "espdiag/base/utf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 8000

static const unsigned char key_one[ED_REDACT_KEY_BYTES] = "a key of bytes for the tests";

static uint64_t state;

static size_t random_below(size_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(state >> 33) % n;
}

static const char *const parts[] = {
	"password",
	"pass word",
	"Password",
	"pwd",
	"pw",
	"p",
	"token",
	"secret",
	"sig",
	"Authorization",
	"bearer",
	"Bearer ",
	"net use ",
	"net",
	"user",
	"use",
	" us",
	"ConvertTo-SecureString ",
	"https://",
	"u:p@host/",
	"@",
	"someone",
	"\\\\srv\\share ",
	"-----BEGIN PRIVATE KEY-----",
	"-----BEGIN ",
	"-----END PRIVATE KEY-----",
	"-",
	"--",
	"/",
	" -",
	" /",
	"-pw ",
	"name=\"",
	"\"key\":\"",
	"\" value=\"",
	"\", \"value\" : \"",
	"value",
	"/p:",
	" -u a -p b ",
	":",
	"=",
	">",
	"<",
	"&",
	"%",
	"%3D",
	"%%1833",
	"%%2533D",
	"%5C",
	"%70",
	"&#61;",
	"&eq",
	"&lt;",
	"\\u003d",
	"\\x3d",
	"\\n",
	"\\t",
	"\\/",
	"\\\"",
	"\\",
	"\"",
	"'",
	" ",
	"\t",
	"\n",
	"\r\n",
	"[",
	"]",
	"{",
	"}",
	",",
	";",
	".",
	"_",
	"~",
	"abcd",
	"abcdefghijkl",
	"abcdefghijklmnop",
	"X9z",
	"0x",
	"0.A",
	"eyJ",
	"//5wAHcAZAA9AGgAdQBuAHQAZQByADMA",
	"/v8AcAB3AGQAPQBoAHUAbgB0AGUAcgAz",
	"eyJhbGciOiJub25lIn0.",
	"M.R3_",
	"AQABAAAA",
	"123453",
	"234564",
	"345675",
	"456786",
	"567897",
	"111111222222",
	"123453-234564-345675-456786-",
	"567\n897-111111-222222-333333",
	"567897",
	"567897.111111.222222.333333",
	"&ndash;",
	"&NonBreakingSpace;",
	"0X50617373776F72643D68756E74657232",
	"0XcHc9eHl6eA==",
	"<td>",
	"=2D",
	"=E2=80=91",
	"12345",
	"70773d78",
	"70617373776f72643d78",
	"2070773D61626364",
	"cHdkPWhlbGxv",
	"cHdkPWh",
	"cGFzc3dvcmQ9aHVudGVyMmh1bnRlcg==",
	"70 77 3d 61 62 63 64 65",
	"70-77-3d-61-62-63-64-65",
	"7000770064003D0061006200",
	"0070007700640",
	"C:\\Windows\\System32\\svchost.exe",
	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
	"{3f2504e0-4f89-41d3-9a0c-0305e82c3301}",
	"Microsoft-Windows-AAD/Operational",
	"\xC3\xA9",
	"\xE2\x80\x93",
	"10:02:03",
	"192.0.2.1",
	"<Password a=\"b\">",
	"<x:ClientSecret a='b' >",
	"<Value>",
	"<![CDATA[",
	"]]>",
	"</Password>",
	"curl -u ",
	" --user ",
	" --proxy-user=",
	"adele:hunter2",
	"?code=",
	"&code=",
	"#code=",
	"code",
	"0.AbCdEf1234567890abcd",
	"key",
	"Key: ",
	"apiKey",
};

static struct ed_redactor *make(void)
{
	struct ed_redactor *r = NULL;

	ck_assert_int_eq(ed_redactor_new(ED_REDACT_NONE, key_one, &r, NULL), ED_OK);
	return r;
}

static size_t build(char *out, size_t size)
{
	size_t n = 0, count = 1 + random_below(12);

	for (size_t i = 0; i < count; i++) {
		const char *part = parts[random_below(ED_COUNT(parts))];
		size_t len = strlen(part), from = 0;

		/* sometimes only a piece of it, but whole characters */
		if (!random_below(4) && (unsigned char)part[0] < 0x80) {
			from = random_below(len);
			len = from + 1 + random_below(len - from);
		}
		if (n + len - from >= size)
			break;
		memcpy(out + n, part + from, len - from);
		n += len - from;
	}
	out[n] = '\0';
	return n;
}

START_TEST(answer_is_the_scanners)
{
	struct ed_redactor *r = make();
	struct ed_buf out, wide;
	size_t found = 0, doubted = 0;

	state = (uint64_t)_i + 1;
	ed_buf_init(&out, ED_MIB);
	ed_buf_init(&wide, ED_MIB);
	for (int i = 0; i < TRIES; i++) {
		char text[512];
		struct ed_str s = { text, build(text, sizeof(text)) };
		bool is_secret = ed_redact_secrets(s, &out) > 0;

		ed_buf_clear(&wide);
		utf16_append(&wide, s);
		if (ed_redactor_finds_secret(r, s) != is_secret)
			ck_abort_msg("%s", text);
		if (ed_redactor_finds_secret_utf16(r, wide.p ? wide.p : "", wide.len) != is_secret)
			ck_abort_msg("in UTF-16: %s", text);
		found += is_secret;
		doubted += redact_doubts(r, s);
	}
	/* or nothing was tried */
	ck_assert_uint_gt(found, TRIES / 10);
	ck_assert_uint_lt(found, TRIES / 10 * 9);
	ck_assert_uint_ge(doubted, found);
	ed_buf_release(&out);
	ed_buf_release(&wide);
	ed_redactor_free(r);
}
END_TEST

/* Ordinary values, whose scan would cost too much. */
static const char *const plain[] = {
	"SYSTEM",
	"NT AUTHORITY",
	"WS-0001$",
	"-",
	"0x3e7",
	"%%1833",
	"%%1537\r\n\t\t\t\t%%4416\r\n\t\t\t\t",
	"C:\\Windows\\System32\\svchost.exe",
	"DC-0001.contoso.com",
	"192.0.2.17",
	"::1",
	"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
	"\\Device\\HarddiskVolume3\\Windows\\System32\\drivers\\etc\\hosts",
	"\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
	"SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege",
	"Microsoft-Windows-Store/Operational",
	"{3F2504E0-4F89-41D3-9A0C-0305E82C3301}",
	"2026-09-14T08:15:07.1234567Z",
	"C:\\Windows\\System32\\svchost.exe -k netsvcs -s Schedule",
	"MICROSOFT_AUTHENTICATION_PACKAGE_V1_0",
	"0xc000006d",
	"00000000",
	"Microsoft.CompanyPortal_11.2.1002.0_x64__8wekyb3d8bbwe",
};

START_TEST(ordinary_is_not_doubted)
{
	struct ed_redactor *r = make();

	ck_assert_msg(!redact_doubts(r, ed_str_from(plain[_i])), "%s", plain[_i]);
	ed_redactor_free(r);
}
END_TEST

/* What the scanner finds in the digits that are printed of bytes, and what is none of it. */
#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
START_TEST(bytes_are_doubted_like_their_digits)
{
	static const struct {
		struct ed_str bytes;
		bool found;
	} rows[] = {
		/* 111111 222222 and so on, two digits a byte */
		{ BYTES("\x11\x11\x11\x22\x22\x22\x33\x33\x33\x44\x44\x44\x55\x55\x55\x66\x66\x66"
			"\x11\x11\x11\x22\x22\x22"),
		  true },
		{ BYTES("\0\0p\0w\0d\0=\0h\0u\0n\0t\0e\0r\0"), true },
		{ BYTES("\0p\0w\0d\0=\0h\0u\0n\0t\0e\0r"), true },
		{ BYTES("\x0F\x01\x04\0\x04\0\x2C\0\0\0\0\0\x99\0\x04\x80\0\0\0\0"), false },
		{ BYTES("w\0u\0a\0u\0s\0e\0r\0v\0\0\0"), false },
		{ BYTES("1\0.\0001\0\0\0W\0i\0n\0d\0o\0w\0s\0 \0001\0000\0\0\0"), false },
	};
	struct ed_redactor *r = make();

	for (size_t i = 0; i < ED_COUNT(rows); i++)
		ck_assert_msg(ed_redactor_finds_secret_bytes(r, rows[i].bytes) == rows[i].found,
			      "row %zu", i);
	ed_redactor_free(r);
}
END_TEST
#undef BYTES

START_TEST(bytes_are_looked_into)
{
	struct ed_redactor *r = make();
	char wide[] = "p\0w\0d\0=\0h\0u\0n\0t\0e\0r\0", bytes[] = "\x01\xFFpwd=hunter2\x02";
	char none[] = "\x01\xFF\x80ordinary\x02\x90";

	ck_assert(ed_redactor_finds_secret_bytes(r, (struct ed_str){ bytes, sizeof(bytes) - 1 }));
	ck_assert(ed_redactor_finds_secret_bytes(r, (struct ed_str){ wide, sizeof(wide) - 1 }));
	ck_assert(!ed_redactor_finds_secret_bytes(r, (struct ed_str){ none, sizeof(none) - 1 }));
	ed_redactor_free(r);
}
END_TEST

START_TEST(masks_agree)
{
	state = 7;
	for (int i = 0; i < 20000; i++) {
		char bytes[64 + 16] = { 0 };
		size_t n = random_below(65);
		uint64_t a[REDACT_MASKS], b[REDACT_MASKS];

		for (size_t k = 0; k < n; k++)
			bytes[k] = (char)random_below(256);
		redact_masks(bytes, n, a);
		redact_masks_portable(bytes, n, b);
		ck_assert_mem_eq(a, b, sizeof(a));
	}
}
END_TEST

START_TEST(names)
{
	struct ed_redactor *r = make();

	ck_assert(ed_redactor_secret_name(r, ED_STR("Password")));
	ck_assert(ed_redactor_secret_name(r, ED_STR("AuthToken")));
	ck_assert(ed_redactor_secret_name(r, ED_STR("Message5")));
	ck_assert(ed_redactor_secret_name(r, ED_STR("proxyPassword")));
	ck_assert(!ed_redactor_secret_name(r, ED_STR("TokenElevationType")));
	ck_assert(!ed_redactor_secret_name(r, ED_STR("SubjectUserName")));
	ck_assert(!ed_redactor_secret_name(r, ED_STR("Data")));
	ck_assert(ed_redactor_secret_name(r, ED_STR("pw")));
	ed_redactor_free(r);
}
END_TEST

/* 302 of User Device Registration holds a token under any value. */
START_TEST(fields_of_events)
{
	const struct ed_event_head head = {
		.provider = ED_STR("Microsoft-Windows-User Device Registration"), .id = 302
	};
	const struct ed_field field = { ED_STR("AuthToken"), ED_STR("plain words") };
	struct ed_redactor *r = make();
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ck_assert_int_eq(ed_redact_field(r, &head, &field, &out, NULL), ED_OK);
	ck_assert(ed_str_eq(ed_buf_str(&out), ED_STR("[secret]")));
	ed_buf_clear(&out);
	ck_assert_int_eq(ed_redact_event_json(r, &head,
					      ED_STR("{\"record\":7,\"fields\":{\"AuthToken\":"
						     "\"plain words\",\"Data#2\":\"stays\","
						     "\"Password#2\":\"hunter2\"}}\n"),
					      &out, NULL),
			 ED_OK);
	ck_assert(ed_str_eq(ed_buf_str(&out),
			    ED_STR("{\"record\":7,\"fields\":{\"AuthToken\":\"[secret]\","
				   "\"Data#2\":\"stays\",\"Password#2\":\"[secret]\"}}\n")));
	ed_buf_release(&out);
	ed_redactor_free(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("doubt");
	TCase *tc = tcase_create("doubt");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, answer_is_the_scanners, 0, 4);
	tcase_add_loop_test(tc, ordinary_is_not_doubted, 0, (int)ED_COUNT(plain));
	tcase_add_test(tc, bytes_are_looked_into);
	tcase_add_test(tc, bytes_are_doubted_like_their_digits);
	tcase_add_test(tc, masks_agree);
	tcase_add_test(tc, names);
	tcase_add_test(tc, fields_of_events);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
