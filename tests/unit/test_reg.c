/* SPDX-License-Identifier: MIT */
/* Registry text: exports, the dump without header and escapes, and what is wrong with both. */
#include "espdiag/collectors/reg.h"

#include "reader_run.h"

#define V5 "Windows Registry Editor Version 5.00\r\n\r\n"
#define KEY "[HKEY_LOCAL_MACHINE\\SOFTWARE\\K]\r\n"
#define PATH "HKEY_LOCAL_MACHINE\\SOFTWARE\\K"

/* One value each, below KEY. */
static const struct value_case {
	const char *line;
	const char *name;
	const char *text; /* NULL: nothing is delivered */
	bool has_number;
	uint64_t number;
	uint64_t lost;
} value_cases[] = {
	{ "\"a\"=\"text\"", "a", "text", false, 0, 0 },
	{ "\"a\"=\"\"", "a", "", false, 0, 0 },
	{ "@=\"default\"", "", "default", false, 0, 0 },
	{ " \"a\" = \"blanks\" ", "a", "blanks", false, 0, 0 },
	{ "\"a\"=\" inner \"", "a", " inner ", false, 0, 0 },
	{ "\"a\\\\b\\\"c\"=\"C:\\\\dir\\\\ \\\"q\\\"\"", "a\\b\"c", "C:\\dir\\ \"q\"", false, 0,
	  0 },
	{ "\"a\"=\"\\\\\"", "a", "\\", false, 0, 0 },
	{ "\"a\"=\"\\n stays\"", "a", "\\n stays", false, 0, 0 },
	{ "\"a\"=\"x\" ; comment", "a", "x", false, 0, 0 },
	{ "\"a\"=\"x ; no comment\"", "a", "x ; no comment", false, 0, 0 },
	{ "\"a=b\"=\"x\"", "a=b", "x", false, 0, 0 },
	{ "\"a\"=\"one\r\ntwo\nthree\r\n\r\n\"", "a", "one\ntwo\nthree\n\n", false, 0, 0 },
	{ "\"a\"=\"x\r\n;no comment\r\n[no key]\"", "a", "x\n;no comment\n[no key]", false, 0, 0 },
	{ "\"a\"=dword:0000001f", "a", "31", true, 31, 0 },
	{ "\"a\"=DWORD:FFFFFFFF", "a", "4294967295", true, UINT32_MAX, 0 },
	{ "\"a\"=dword:1 ; one", "a", "1", true, 1, 0 },
	{ "\"a\"=dword:", NULL, NULL, false, 0, 1 },
	{ "\"a\"=dword:123456789", NULL, NULL, false, 0, 1 },
	{ "\"a\"=dword:xyz", NULL, NULL, false, 0, 1 },
	{ "\"a\"=dword:0000000g", NULL, NULL, false, 0, 1 },
	{ "\"a\"=hex:01,aB,ff", "a", "01ABFF", false, 0, 0 },
	{ "\"a\"=hex:", "a", "", false, 0, 0 },
	{ "\"a\"=hex:01,\\\r\n  02,\\\r\n  03", "a", "010203", false, 0, 0 },
	{ "\"a\"=hex:01, 02 ,03,\\\r\n  ,04", NULL, NULL, false, 0, 1 },
	{ "\"a\"=hex:01,\\\r\n  02 ; end", "a", "0102", false, 0, 0 },
	{ "\"a\"=hex:1,2,3", "a", "010203", false, 0, 0 },
	{ "\"a\"=hex:0102", NULL, NULL, false, 0, 1 },
	{ "\"a\"=hex:zz,\\\r\n  02", NULL, NULL, false, 0, 1 },
	{ "\"a\"=hex(0):01", "a", "01", false, 0, 0 },
	{ "\"a\"=hex(1):61,00,00,00", "a", "a", false, 0, 0 },
	{ "\"a\"=hex(2):25,00,e4,00,3d,d8,00,de,00,00", "a", "%\xC3\xA4\xF0\x9F\x98\x80", false, 0,
	  0 },
	{ "\"a\"=hex(2):61,00,00,00,62,00,00,00", "a", "a", false, 0, 0 },
	{ "\"a\"=hex(2):61,00,62", "a", "a\xEF\xBF\xBD", false, 0, 0 },
	{ "\"a\"=hex(2):", "a", "", false, 0, 0 },
	{ "\"a\"=hex(4):04,03,02,01", "a", "16909060", true, 0x01020304, 0 },
	{ "\"a\"=hex(4):04,03,02", "a", "040302", false, 0, 0 },
	{ "\"a\"=hex(5):01,02,03,04", "a", "16909060", true, 0x01020304, 0 },
	{ "\"a\"=hex(7):61,00,00,00,62,00,63,00,00,00,00,00", "a", "a\nbc", false, 0, 0 },
	{ "\"a\"=hex(7):61,00,00,00,00,00,62,00,00,00,00,00", "a", "a\n\nb", false, 0, 0 },
	{ "\"a\"=hex(7):00,00", "a", "", false, 0, 0 },
	{ "\"a\"=hex(b):08,07,06,05,04,03,02,01", "a", "72623859790382856", true,
	  UINT64_C(0x0102030405060708), 0 },
	{ "\"a\"=hex(B):00,00,00,00,00,00,00,80", "a", "9223372036854775808", true,
	  UINT64_C(0x8000000000000000), 0 },
	{ "\"a\"=hex(b):01", "a", "01", false, 0, 0 },
	{ "\"a\"=hex(8):01,02", "a", "0102", false, 0, 0 },
	{ "\"a\"=hex(ffff0012):01", "a", "01", false, 0, 0 },
	{ "\"a\"=hex(:01", NULL, NULL, false, 0, 1 },
	{ "\"a\"=hex():01", NULL, NULL, false, 0, 1 },
	{ "\"a\"=hexagon", NULL, NULL, false, 0, 1 },
	{ "\"a\"=-", NULL, NULL, false, 0, 0 },
	{ "@=-", NULL, NULL, false, 0, 0 },
	{ "\"a\"=- ; gone", NULL, NULL, false, 0, 0 },
	{ "\"a\"=", NULL, NULL, false, 0, 1 },
	{ "\"a\"", NULL, NULL, false, 0, 1 },
	{ "\"a", NULL, NULL, false, 0, 1 },
	{ "@", NULL, NULL, false, 0, 1 },
	{ "garbage", NULL, NULL, false, 0, 1 },
	{ "\"a\"=unknown:1", NULL, NULL, false, 0, 1 },
	{ "\"a\"=\"x\"y", NULL, NULL, false, 0, 1 },
	{ "; only a comment", NULL, NULL, false, 0, 0 },
	{ "", NULL, NULL, false, 0, 0 },
};

START_TEST(values)
{
	const struct value_case *t = &value_cases[_i];
	struct reader_run run;
	struct ed_buf text;
	const struct ed_fact *f;

	/* the value that follows must be read whatever came before it */
	ed_buf_init(&text, 10000);
	ed_buf_printf(&text, V5 KEY "%s\r\n\"next\"=dword:7\r\n", t->line);
	reader_run(&run, &ed_reader_reg, "x", text.p, text.len);
	ck_assert_int_eq(run.status, ED_OK);
	f = reader_fact(&run, 0);
	ck_assert_msg(run.evidence.fact_count == (t->text ? 2 : 1), "'%s': %zu facts", t->line,
		      run.evidence.fact_count);
	if (t->text) {
		ck_assert_msg(ed_str_eq(f->text, ed_str_from(t->text)), "'%s' is '%s'", t->line,
			      f->text.p);
		ck_assert_msg(ed_str_eq(f->name, ed_str_from(t->name)), "'%s'", t->line);
		ck_assert_msg(f->has_number == t->has_number && f->number == t->number, "'%s'",
			      t->line);
		f = reader_fact(&run, 1);
	}
	ck_assert(ed_str_eq(f->path, ED_STR(PATH)));
	ck_assert(ed_str_eq(f->name, ED_STR("next")));
	ck_assert_uint_eq(f->number, 7);
	ck_assert(f->time == ED_TIME_NONE && f->kind == ED_FACT_REGISTRY);
	ck_assert_msg(reader_row(&run)->lost == t->lost, "'%s'", t->line);
	reader_run_release(&run);
	ed_buf_release(&text);
}
END_TEST

/* A whole text and the facts it gives, as "path|name|text" lines; no name: "path". */
static const struct text_case {
	const char *name;
	const char *text;
	const char *facts;
	uint64_t lost;
	enum ed_state state;
	const char *why;
} text_cases[] = {
	{ "keys",
	  V5
	  "[HKLM\\A]\r\n[HKCU\\B\\]\r\n\"x\"=\"1\"\r\n[hkey_users\\C]\r\n[HKCR]\r\n[HKCC\\x]\r\n",
	  "HKEY_LOCAL_MACHINE\\A\nHKEY_CURRENT_USER\\B|x|1\nHKEY_USERS\\C\nHKEY_CLASSES_ROOT\n"
	  "HKEY_CURRENT_CONFIG\\x\n",
	  0, ED_STATE_READ, NULL },
	{ "brackets in keys", V5 "[HKLM\\A[1]\\b]] ; c\r\n\"x\"=\"1\"",
	  "HKEY_LOCAL_MACHINE\\A[1]\\b]|x|1\n", 0, ED_STATE_READ, NULL },
	{ "deleted key",
	  V5 "[HKLM\\A]\r\n[-HKLM\\A\\B]\r\n\"x\"=\"1\"\r\n[HKLM\\C]\r\n\"y\"=\"2\"\r\n",
	  "HKEY_LOCAL_MACHINE\\A\nHKEY_LOCAL_MACHINE\\C|y|2\n", 0, ED_STATE_READ, NULL },
	{ "only deleted values", V5 "[HKLM\\A]\r\n\"x\"=-\r\n", "HKEY_LOCAL_MACHINE\\A\n", 0,
	  ED_STATE_READ, NULL },
	{ "header only", V5, "", 0, ED_STATE_READ, NULL },
	{ "header without line end", "Windows Registry Editor Version 5.00", "", 0, ED_STATE_READ,
	  NULL },
	{ "blank lines before the header", "\r\n \r\n" V5 "[HKLM\\A]\r\nx\r\n",
	  "HKEY_LOCAL_MACHINE\\A\n", 1, ED_STATE_DAMAGED, "line 6: line not understood" },
	{ "value outside of a key", V5 "\"x\"=\"1\"\r\n[HKLM\\A]\r\n", "HKEY_LOCAL_MACHINE\\A\n", 1,
	  ED_STATE_DAMAGED, "line 3: value outside of a key" },
	{ "unknown root", V5 "[HKLM\\A]\r\n[Version]\r\n\"x\"=\"1\"\r\n", "HKEY_LOCAL_MACHINE\\A\n",
	  2, ED_STATE_DAMAGED, "line 4: key under an unknown root" },
	{ "root that only begins like one", V5 "[HKLMX\\A]\r\n", "", 1, ED_STATE_DAMAGED,
	  "line 3: key under an unknown root" },
	{ "key without its end", V5 "[HKLM\\A]\r\n[HKLM\\B\r\n\"x\"=\"1\"\r\n",
	  "HKEY_LOCAL_MACHINE\\A\n", 2, ED_STATE_DAMAGED, "line 4: key without its end" },
	{ "empty key", V5 "[]\r\n[-]\r\n[", "", 3, ED_STATE_DAMAGED,
	  "line 3: key under an unknown root" },
	{ "string without its end before a key",
	  V5 "[HKLM\\A]\r\n\"x\"=\"one\r\n[HKEY_LOCAL_MACHINE\\B]\r\n\"y\"=\"2\"\r\n",
	  "HKEY_LOCAL_MACHINE\\A\nHKEY_LOCAL_MACHINE\\B|y|2\n", 1, ED_STATE_DAMAGED,
	  "line 4: string without its end" },
	{ "string without its end before a value", V5 "[HKLM\\A]\r\n\"x\"=\"one\r\n\"y\"=\"2\"\r\n",
	  "HKEY_LOCAL_MACHINE\\A|y|2\n", 1, ED_STATE_DAMAGED,
	  "line 4: text behind the end of a string" },
	{ "string cut off", V5 "[HKLM\\A]\r\n\"w\"=\"0\"\r\n\"x\"=\"on",
	  "HKEY_LOCAL_MACHINE\\A|w|0\n", 1, ED_STATE_TRUNCATED, "line 5: string without its end" },
	{ "binary cut off", V5 "[HKLM\\A]\r\n\"x\"=hex:01,\\\r\n", "HKEY_LOCAL_MACHINE\\A\n", 1,
	  ED_STATE_TRUNCATED, "line 4: text ends inside a value" },
	{ "binary without its end", V5 "[HKLM\\A]\r\n\"x\"=hex:01,\\\r\n\"y\"=\"2\"\r\n",
	  "HKEY_LOCAL_MACHINE\\A|y|2\n", 1, ED_STATE_DAMAGED, "line 4: value without its end" },
	{ "binary with a bad continued line",
	  V5 "[HKLM\\A]\r\n\"x\"=hex:01,\\\r\n  02,q,\\\r\n  03\r\n\"y\"=\"2\"\r\n",
	  "HKEY_LOCAL_MACHINE\\A|y|2\n", 1, ED_STATE_DAMAGED,
	  "line 4: binary data not understood" },
	{ "REGEDIT4",
	  "REGEDIT4\r\n[HKLM\\A]\r\n\"x\"=hex(2):61,e4,80,00\r\n\"y\"=hex(7):61,00,62,00,00\r\n",
	  "HKEY_LOCAL_MACHINE\\A|x|a\xC3\xA4\xE2\x82\xAC\nHKEY_LOCAL_MACHINE\\A|y|a/b\n", 0,
	  ED_STATE_READ, NULL },
	{ "ANSI", "REGEDIT4\n[HKLM\\F\xFCr]\n\"\xDC\"=\"\x80\"",
	  "HKEY_LOCAL_MACHINE\\F\xC3\xBCr|\xC3\x9C|\xE2\x82\xAC\n", 0, ED_STATE_READ, NULL },
};

static struct ed_str list_facts(const struct reader_run *run, struct ed_buf *out)
{
	for (size_t i = 0; i < run->evidence.fact_count; i++) {
		const struct ed_fact *f = &run->evidence.facts[i].fact;

		ed_buf_adds(out, f->path);
		if (f->name.p) {
			ed_buf_addc(out, '|');
			ed_buf_adds(out, f->name);
			ed_buf_addc(out, '|');
			for (size_t k = 0; k < f->text.len; k++)
				ed_buf_addc(out, (char)(f->text.p[k] == '\n' ? '/' : f->text.p[k]));
		}
		ed_buf_addc(out, '\n');
	}
	return ed_buf_str(out);
}

static void check_text(const struct ed_reader *reader, const struct text_case *t)
{
	struct reader_run run;
	const struct ed_coverage *row;
	struct ed_buf list;

	ed_buf_init(&list, 100000);
	reader_run(&run, reader, "x", t->text, strlen(t->text));
	ck_assert_msg(run.status == ED_OK, "%s: %s", t->name, run.err.text);
	ck_assert_msg(ed_str_eq(list_facts(&run, &list), ed_str_from(t->facts)), "%s:\n%s", t->name,
		      ed_buf_str(&list).p);
	row = reader_row(&run);
	if (t->lost) {
		ck_assert_ptr_nonnull(row);
		ck_assert_msg(row->lost == t->lost && row->state == t->state,
			      "%s: %llu lost, state %d", t->name, (unsigned long long)row->lost,
			      (int)row->state);
		ck_assert_msg(ed_str_eq(row->why, ed_str_from(t->why)), "%s: %s", t->name,
			      row->why.p);
	} else {
		ck_assert_msg(!row || (!row->lost && !row->why.p), "%s", t->name);
	}
	reader_run_release(&run);
	ed_buf_release(&list);
}

START_TEST(texts)
{
	check_text(&ed_reader_reg, &text_cases[_i]);
}
END_TEST

static const struct text_case dump_cases[] = {
	{ "as mdmdiagnosticstool writes it",
	  "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n \"d\"=DWORD:0000003C\r\n @=\"C:\\Program "
	  "Files\\x\"\r\n"
	  " \"j\"=\"{\"a\": true, \"b\": \"c\"}\"\r\n\r\n [HKEY_CURRENT_USER\\B]\r\n "
	  "\"e\"=\"\"\r\n[HKCU\\C]\r\n",
	  "HKEY_LOCAL_MACHINE\\SOFTWARE\\A|d|60\nHKEY_LOCAL_MACHINE\\SOFTWARE\\A||C:\\Program "
	  "Files\\x\n"
	  "HKEY_LOCAL_MACHINE\\SOFTWARE\\A|j|{\"a\": true, \"b\": \"c\"}\nHKEY_CURRENT_USER\\B|e|\n"
	  "HKEY_CURRENT_USER\\C\n",
	  0, ED_STATE_READ, NULL },
	{ "quotes at the end", "[HKLM\\A]\n \"x\"=\"say \"hi\"\"\n",
	  "HKEY_LOCAL_MACHINE\\A|x|say \"hi\"\n", 0, ED_STATE_READ, NULL },
	{ "an export that lost its header", "[HKLM\\A]\n\"x\"=\"{\\\"p\\\": \\\"C:\\\\d\\\"}\"\n",
	  "HKEY_LOCAL_MACHINE\\A|x|{\"p\": \"C:\\d\"}\n", 0, ED_STATE_READ, NULL },
	{ "backslash at the end", "[HKLM\\A]\n \"x\"=\"C:\\\"\n \"y\"=\"\\\\server\\\"\n",
	  "HKEY_LOCAL_MACHINE\\A|x|C:\\\nHKEY_LOCAL_MACHINE\\A|y|\\\\server\\\n", 0, ED_STATE_READ,
	  NULL },
	{ "quotes in names", "[HKLM\\A]\n \"a\"b\"=\"1\"\n \"c\"=d\"=dword:2\n",
	  "HKEY_LOCAL_MACHINE\\A|a\"b|1\nHKEY_LOCAL_MACHINE\\A|c\"=d|2\n", 0, ED_STATE_READ, NULL },
	{ "a value that looks like two", "[HKLM\\A]\n \"a\"=\"b\"=\"c\"\n",
	  "HKEY_LOCAL_MACHINE\\A|a|b\"=\"c\n", 0, ED_STATE_READ, NULL },
	{ "JSON over lines",
	  "[HKLM\\A]\r\n \"j\"=\"{\r\n \"k\": \"v\"\r\n\r\n}\"\r\n \"n\"=\"1\"\r\n",
	  "HKEY_LOCAL_MACHINE\\A|j|{/ \"k\": \"v\"//}\nHKEY_LOCAL_MACHINE\\A|n|1\n", 0,
	  ED_STATE_READ, NULL },
	{ "string without its end", "[HKLM\\A]\n \"x\"=\"one\n more\n \"y\"=\"2\"\n",
	  "HKEY_LOCAL_MACHINE\\A|y|2\n", 2, ED_STATE_DAMAGED, "line 2: string without its end" },
	{ "string cut off", "[HKLM\\A]\n \"y\"=\"2\"\n \"x\"=\"on", "HKEY_LOCAL_MACHINE\\A|y|2\n",
	  1, ED_STATE_TRUNCATED, "line 3: string without its end" },
	{ "only the opening quote", "[HKLM\\A]\n \"x\"=\"\n \"y\"=\"2\"\n",
	  "HKEY_LOCAL_MACHINE\\A|y|2\n", 1, ED_STATE_DAMAGED, "line 2: string without its end" },
	{ "unknown value syntax", "[HKLM\\A]\n \"x\"=BLOB{1,2}\n \"y\"=QWORD:10\n",
	  "HKEY_LOCAL_MACHINE\\A|y|16\n", 1, ED_STATE_DAMAGED, "line 2: value of an unknown kind" },
	{ "hex", "[HKLM\\A]\n \"x\"=hex:01,02\n \"y\"=HEX(7):61,00,00,00,\\\n62,00,00,00\n",
	  "HKEY_LOCAL_MACHINE\\A|x|0102\nHKEY_LOCAL_MACHINE\\A|y|a/b\n", 0, ED_STATE_READ, NULL },
};

START_TEST(dumps)
{
	check_text(&ed_reader_regdump, &dump_cases[_i]);
}
END_TEST

/* The same text in every encoding gives the same facts. */
START_TEST(encodings)
{
	static const char text[] = V5 KEY "\"a\"=\"b\"\r\n\"c\"=dword:1\r\n";
	struct ed_buf forms[4];

	for (size_t k = 0; k < ED_COUNT(forms); k++) {
		struct reader_run run;

		ed_buf_init(&forms[k], 10000);
		if (k == 1)
			ed_buf_addz(&forms[k], "\xEF\xBB\xBF");
		if (k == 2)
			ed_buf_addz(&forms[k], "\xFF\xFE");
		for (size_t i = 0; i < sizeof(text) - 1; i++) {
			ed_buf_addc(&forms[k], text[i]);
			if (k >= 2)
				ed_buf_addc(&forms[k], '\0');
		}
		ck_assert_int_eq(reader_probe(&ed_reader_reg, forms[k].p, forms[k].len), 100);
		reader_run(&run, &ed_reader_reg, "x", forms[k].p, forms[k].len);
		ck_assert_int_eq(run.status, ED_OK);
		ck_assert_msg(run.evidence.fact_count == 2, "form %zu", k);
		ck_assert(ed_str_eq(reader_fact(&run, 0)->path, ED_STR(PATH)));
		ck_assert_uint_eq(reader_fact(&run, 1)->number, 1);
		ck_assert_uint_eq(reader_row(&run)->lost, 0);
		reader_run_release(&run);
		ed_buf_release(&forms[k]);
	}
}
END_TEST

static const struct probe_case {
	const char *text;
	int reg, dump, regf;
} probe_cases[] = {
	{ "Windows Registry Editor Version 5.00\r\n", 100, 0, 0 },
	{ "\r\n REGEDIT4\r\n", 100, 0, 0 },
	{ "REGEDIT4", 100, 0, 0 },
	{ "REGEDIT45", 0, 0, 0 },
	{ "[HKEY_LOCAL_MACHINE\\SOFTWARE]", 0, 80, 0 },
	{ "\xFF\xFE[\0H\0", 0, 0, 0 },
	{ " [HKEY_CURRENT_USER\\x]", 0, 80, 0 },
	{ "[HKLM\\x]", 0, 80, 0 },
	{ "[Version]", 0, 0, 0 },
	{ "{\"a\":1}", 0, 0, 0 },
	{ "<Events>", 0, 0, 0 },
	{ "regf\1", 0, 0, 100 },
	{ "x", 0, 0, 0 },
};

START_TEST(probes)
{
	const struct probe_case *t = &probe_cases[_i];
	size_t n = strlen(t->text);

	ck_assert_msg(reader_probe(&ed_reader_reg, t->text, n) == t->reg, "'%s'", t->text);
	ck_assert_msg(reader_probe(&ed_reader_regdump, t->text, n) == t->dump, "'%s'", t->text);
	ck_assert_msg(reader_probe(&ed_reader_regf, t->text, n) == t->regf, "'%s'", t->text);
}
END_TEST

START_TEST(hives_are_named)
{
	struct reader_run run;

	reader_run(&run, &ed_reader_regf, "SYSTEM", "regf", 4);
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(run.evidence.fact_count, 0);
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_ABSENT);
	ck_assert_uint_eq(reader_row(&run)->lost, ED_LOST_UNKNOWN);
	ck_assert(ed_str_eq(reader_row(&run)->why,
			    ED_STR("registry hive, not read; export its keys as .reg")));
	reader_run_release(&run);
}
END_TEST

START_TEST(no_header)
{
	struct reader_run run;

	reader_run(&run, &ed_reader_reg, "x", KEY, sizeof(KEY) - 1);
	ck_assert_int_eq(run.status, ED_FORMAT);
	reader_run_release(&run);
	reader_run(&run, &ed_reader_reg, "x", "", 0);
	ck_assert_int_eq(run.status, ED_FORMAT);
	reader_run_release(&run);
}
END_TEST

/* A line of 1 MiB, in a key line, a name, a string and a binary value. */
START_TEST(long_lines)
{
	static const char *const starts[] = { "[HKEY_LOCAL_MACHINE\\", "\"", "\"x\"=\"",
					      "\"x\"=hex:", "" };
	static const char *const ends[] = { "]", "\"=dword:1", "\"", "\\\r\n  01", "" };

	for (size_t k = 0; k < ED_COUNT(starts); k++) {
		struct reader_run run;
		struct ed_buf text;

		ed_buf_init(&text, 4 * ED_MIB);
		ed_buf_printf(&text, V5 KEY "\"a\"=\"1\"\r\n%s", starts[k]);
		for (size_t i = 0; i < ED_MIB / 32; i++)
			ed_buf_add(&text, "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,", 32);
		ed_buf_printf(&text, "%s\r\n\"b\"=\"2\"\r\n[HKLM\\Z]\r\n", ends[k]);
		reader_run(&run, &ed_reader_reg, "x", text.p, text.len);
		ck_assert_int_eq(run.status, ED_OK);
		/* a key line that is lost takes the values below it with it */
		ck_assert_uint_eq(run.evidence.fact_count, k == 0 ? 2 : 3);
		ck_assert_uint_eq(reader_row(&run)->lost, k == 0 ? 2 : 1);
		ck_assert(ed_str_eq(reader_row(&run)->why, ED_STR("line 5: line too long")));
		reader_run_release(&run);
		ed_buf_release(&text);
	}
}
END_TEST

/* Long values over many short lines: read below the limit, counted above it. */
START_TEST(long_values)
{
	for (int k = 0; k < 3; k++) {
		struct reader_run run;
		struct ed_buf text;

		ed_buf_init(&text, 16 * ED_MIB);
		ed_buf_addz(&text, V5 KEY "\"a\"=");
		ed_buf_addz(&text, k == 2 ? "\"" : "hex:");
		for (size_t i = 0; i < (k == 0 ? 10000u : 70000u); i++)
			ed_buf_addz(
				&text,
				k == 2 ? "0123456789abcdef\r\n"
				       : "00,11,22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,\\\r\n  ");
		ed_buf_addz(&text, k == 2 ? "\"\r\n" : "ff\r\n");
		ed_buf_addz(&text, "\"b\"=\"2\"\r\n");
		reader_run(&run, &ed_reader_reg, "x", text.p, text.len);
		ck_assert_int_eq(run.status, ED_OK);
		if (k == 0) {
			ck_assert_uint_eq(run.evidence.fact_count, 2);
			ck_assert_uint_eq(reader_fact(&run, 0)->text.len, 300002);
		} else {
			ck_assert_int_eq(reader_row(&run)->state, ED_STATE_DAMAGED);
			ck_assert_uint_ge(reader_row(&run)->lost, 1);
			ck_assert(
				ed_str_eq(reader_row(&run)->why, ED_STR("line 4: value too long")));
			ck_assert_uint_eq(run.evidence.fact_count, 1);
		}
		reader_run_release(&run);
		ed_buf_release(&text);
	}
}
END_TEST

static const char whole[] = V5 KEY
	"\"s\"=\"a \\\"b\\\"\r\nc\"\r\n\"d\"=dword:00000001\r\n\"h\"=hex(7):61,00,\\\r\n"
	"  00,00,62,00,00,00,00,00\r\n[HKEY_CURRENT_USER\\X]\r\n@=\"z\"\r\n[HKCU\\Empty]\r\n";

/* Cut anywhere: what was before stays as it was, and nothing new is made up. */
START_TEST(cut_at_every_byte)
{
	struct reader_run all;

	reader_run(&all, &ed_reader_reg, "x", whole, sizeof(whole) - 1);
	ck_assert_uint_eq(all.evidence.fact_count, 5);
	for (size_t n = sizeof(V5) - 1; n < sizeof(whole) - 1; n++) {
		struct reader_run run;
		char *bytes = ed_malloc(n);

		memcpy(bytes, whole, n); /* so that a checker sees one byte too far */
		reader_run(&run, &ed_reader_reg, "x", bytes, n);
		ck_assert_int_eq(run.status, ED_OK);
		reader_check_texts(&run);
		ck_assert_msg(run.evidence.fact_count <= 5, "cut at %zu", n);
		for (size_t i = 0; i + 1 < run.evidence.fact_count; i++)
			ck_assert_msg(
				ed_str_eq(reader_fact(&run, i)->text, reader_fact(&all, i)->text),
				"cut at %zu", n);
		reader_run_release(&run);
		ed_free(bytes);
	}
	reader_run_release(&all);
}
END_TEST

START_TEST(garbage)
{
	uint32_t state = 2463534242u;

	for (int round = 0; round < 200; round++) {
		static const char favoured[] = "\"\"\\\\[]=@:,\n\n;-hex()dword01 ";
		char bytes[600];
		struct reader_run run;
		size_t n = 0;

		memcpy(bytes, V5 KEY, sizeof(V5 KEY) - 1);
		for (n = sizeof(V5 KEY) - 1; n < sizeof(bytes); n++) {
			state ^= state << 13;
			state ^= state >> 17;
			state ^= state << 5;
			bytes[n] = state & 0x700 ? favoured[state % (sizeof(favoured) - 1)]
						 : (char)(state >> 16);
		}
		reader_run(&run, round % 2 ? &ed_reader_reg : &ed_reader_regdump, "x", bytes, n);
		ck_assert_int_eq(run.status, ED_OK);
		reader_check_texts(&run);
		reader_run_release(&run);
	}
}
END_TEST

START_TEST(every_allocation_can_fail)
{
	reader_check_memory(&ed_reader_reg, whole, sizeof(whole) - 1);
	reader_check_memory(&ed_reader_regdump, whole, sizeof(whole) - 1);
	reader_check_memory(&ed_reader_regf, whole, sizeof(whole) - 1);
}
END_TEST

static ed_status fail_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			   size_t *got, struct ed_error *err)
{
	(void)input;
	(void)offset;
	(void)out;
	(void)len;
	(void)got;
	return ed_fail(err, ED_IO, "no more disk");
}

START_TEST(inputs_that_fail)
{
	struct ed_input input = { .path = ED_STR("x"), .size = 100, .read_at = fail_read };
	struct ed_arena arena;
	struct ed_evidence evidence;
	struct ed_error err;

	ed_arena_init(&arena, ED_MIB);
	ed_evidence_init(&evidence, &arena, NULL);
	ck_assert_int_eq(ed_reader_reg.read(&input, &evidence.sink, &err), ED_IO);
	ck_assert_int_eq(ed_reader_regdump.read(&input, &evidence.sink, &err), ED_IO);
	input.size = ED_LIMIT_TEXT_FILE + 1;
	ck_assert_int_eq(ed_reader_reg.read(&input, &evidence.sink, &err), ED_LIMIT);
	ck_assert_int_eq(ed_reader_regdump.read(&input, &evidence.sink, &err), ED_LIMIT);
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reg");
	TCase *c = tcase_create("reg");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, values, 0, (int)ED_COUNT(value_cases));
	tcase_add_loop_test(c, texts, 0, (int)ED_COUNT(text_cases));
	tcase_add_loop_test(c, dumps, 0, (int)ED_COUNT(dump_cases));
	tcase_add_loop_test(c, probes, 0, (int)ED_COUNT(probe_cases));
	tcase_add_test(c, encodings);
	tcase_add_test(c, hives_are_named);
	tcase_add_test(c, no_header);
	tcase_add_test(c, long_lines);
	tcase_add_test(c, long_values);
	tcase_add_test(c, cut_at_every_byte);
	tcase_add_test(c, garbage);
	tcase_add_test(c, every_allocation_can_fail);
	tcase_add_test(c, inputs_that_fail);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
