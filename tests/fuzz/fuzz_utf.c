/* SPDX-License-Identifier: MIT */
/* Text conversion: any bytes in, valid UTF-8 out, by every way the same. */
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void utf16_by_every_way(const uint8_t *data, size_t size)
{
	struct ed_arena arena;
	struct ed_buf marked, text;
	struct ed_str s;
	char *out = malloc(ED_UTF8_MAX(size));
	size_t n, in_place = 0, in_arena = 0, in_text = 0;

	if (!out)
		return;
	n = ed_utf8_from_utf16le(data, size, out, &in_place);
	require(n <= ED_UTF8_MAX(size), "no longer than promised");
	require(ed_utf8_valid((struct ed_str){ out, n }), "UTF-16 becomes valid text");
	ed_arena_init(&arena, 64 * ED_MIB);
	s = ed_arena_utf16le(&arena, data, size, &in_arena);
	require(ed_str_eq(s, (struct ed_str){ out, n }) && in_place == in_arena,
		"the same in the arena");
	ed_buf_init(&marked, 64 * ED_MIB);
	ed_buf_init(&text, 64 * ED_MIB);
	ed_buf_add(&marked, "\xFF\xFE", 2);
	ed_buf_add(&marked, data, size);
	ed_buf_text(&text, marked.p, marked.len, &in_text);
	require(ed_str_eq(ed_buf_str(&text), (struct ed_str){ out, n }) && in_place == in_text,
		"the same as a whole text");
	ed_buf_release(&marked);
	ed_buf_release(&text);
	ed_arena_release(&arena);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ed_buf text, again;
	char head[256];
	size_t replaced = 0;

	utf16_by_every_way(data, size);
	ed_buf_init(&text, 64 * ED_MIB);
	ed_buf_init(&again, 64 * ED_MIB);
	ed_buf_text(&text, data, size, NULL);
	require(ed_utf8_valid(ed_buf_str(&text)), "any text becomes valid");
	ed_buf_utf8(&again, ed_buf_str(&text), &replaced);
	require(ed_str_eq(ed_buf_str(&again), ed_buf_str(&text)) && !replaced,
		"valid text stays as it is");
	ed_buf_clear(&text);
	ed_buf_cp1252(&text, data, size, NULL);
	require(ed_utf8_valid(ed_buf_str(&text)), "Windows-1252 becomes valid");
	require(ed_text_head(data, size, head, sizeof(head)) <= sizeof(head), "a head fits");
	ed_buf_release(&text);
	ed_buf_release(&again);
	return 0;
}
