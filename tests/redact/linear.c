/* SPDX-License-Identifier: MIT */
/*
 * Texts made to keep a careless scanner busy, each in two lengths of which one is twice the other,
 * asked about and scanned under callgrind: linear.py compares what it counted for each.
 */
#include "redact_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#define ASKED ((size_t)6 * ED_KIB)
#define SCANNED ((size_t)1 * ED_KIB)

static const char *const parts[] = {
	"-",
	"=",
	"-=",
	"--=",
	"- -",
	" -",
	"@",
	"x@",
	"a@a.",
	".",
	"a.",
	"a-",
	"a/",
	"s-",
	"j",
	"eyJ",
	"eyJ.",
	"0.A=",
	"0x",
	"4a4",
	"4a,",
	"4a 4a",
	"//5",
	"value:",
	"\"value\":",
	"id=\"",
	"ord=",
	"pw=",
	"token> ",
	"token=\"a b ",
	"password=\"",
	"sig=x&",
	"&code=",
	"net ",
	"net use \\\\",
	"bearer ",
	"-p ",
	"-u ",
	"-u a:",
	"--user=",
	"http://a:",
	"::",
	"1-",
	"12345 ",
	"123453",
	"123453-",
	"000000<",
	"000000&",
	"S-1-",
	"\\Users\\",
	"\\n",
	"%25",
	"%2d",
	"&amp;",
	"\\u002d",
	"<",
	">",
	"<Password a=\"b\">",
	"-----BEGIN ",
	"-----BEGIN X-----\n",
	"AAAA\n",
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	" ",
	"\n",
	"\xE2\x80\x93",
};

static const unsigned char key_one[ED_REDACT_KEY_BYTES] = "a key of bytes for the tests";

static void count(size_t part, bool scan, bool tail, size_t size)
{
	struct ed_redactor *r = NULL;
	struct ed_buf text, out;
	char name[64];

	ed_buf_init(&text, ED_MIB);
	ed_buf_init(&out, ED_MIB);
	while (text.len < size)
		ed_buf_addz(&text, parts[part]);
	if (tail)
		ed_buf_addz(&text, "x");
	if (ed_redactor_new(ED_REDACT_STANDARD, key_one, &r, NULL) != ED_OK)
		abort();
	snprintf(name, sizeof(name), "count %s %zu %d %zu", scan ? "scan" : "ask", part, tail,
		 size);
	CALLGRIND_ZERO_STATS;
	if (scan)
		ed_redact_secrets(ed_buf_str(&text), &out);
	else
		redact_doubts(r, ed_buf_str(&text));
	CALLGRIND_DUMP_STATS_AT(name);
	ed_redactor_free(r);
	ed_buf_release(&text);
	ed_buf_release(&out);
}

int main(void)
{
	for (size_t part = 0; part < ED_COUNT(parts); part++)
		for (int tail = 0; tail < 2; tail++)
			for (size_t twice = 1; twice <= 2; twice++) {
				count(part, false, tail, ASKED * twice);
				count(part, true, tail, SCANNED * twice);
			}
	return 0;
}
