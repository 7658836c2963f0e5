/* SPDX-License-Identifier: MIT */
/*
 * Evidence as text, after all readers and before any rule, so that seeds are small and can be read:
 * one thing a line, words parted by tabs, "-" for what is not there, \t \n \r \\ in words as in
 * C, "~" for the provider or path of the line before. Times are seconds of the day, or raw in hex.
 *
 *	t 2527 600                              evaluate at these times
 *	s System.xml                            what follows was read from there
 *	c System 17 PC-1 S-1-5-18               channel, next record, computer, user
 *	e Provider 12 28800.5 4 Name=value ...  an event: id, time, level
 *	f 0 path name text number time          a fact of that kind
 *	g 5 3 System why                        a gap: state, lost, channel
 */
#ifndef ED_TESTS_FUZZ_STORY_H
#define ED_TESTS_FUZZ_STORY_H

#include "reader_fuzz.h"

#define STORY_DAY INT64_C(134338176000000000) /* 2026-09-14T00:00:00Z */
#define STORY_WORDS 40
#define STORY_SOURCES 256
#define STORY_FACT_KINDS 7
#define STORY_STATES 8

struct story_line {
	struct ed_str word[STORY_WORDS];
	size_t count;
};

/* Where one source begins and ends in the text. */
struct story_part {
	size_t from, to;
};

struct story {
	struct ed_str text; /* valid UTF-8 */
	struct story_part parts[STORY_SOURCES];
	size_t part_count;
	int64_t at[2]; /* when it is evaluated; ED_TIME_NONE */
};

/* "-" is nothing. Escapes are taken out into @arena. */
static inline struct ed_str story_word(struct ed_arena *arena, struct ed_str word)
{
	char *p;
	size_t n = 0;

	if (ed_str_eq(word, ED_STR("-")))
		return (struct ed_str){ NULL, 0 };
	if (ed_str_find(word, ED_STR("\\"), 0) == SIZE_MAX)
		return word;
	p = ed_arena_calloc(arena, word.len, 1);
	fuzz_require(p != NULL, "memory");
	for (size_t i = 0; i < word.len; i++) {
		char c = word.p[i];

		if (c == '\\' && i + 1 < word.len) {
			c = word.p[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
		}
		p[n++] = c;
	}
	return (struct ed_str){ p, n };
}

static inline void story_words(struct ed_str line, struct story_line *out)
{
	struct ed_str word;

	out->count = 0;
	while (out->count < STORY_WORDS && ed_str_next(&line, '\t', &word))
		out->word[out->count++] = word;
	for (size_t i = out->count; i < STORY_WORDS; i++)
		out->word[i] = ED_STR("-");
}

static inline uint64_t story_number(struct ed_str word, uint64_t other)
{
	(void)ed_number_parse(word, &other);
	return other;
}

/* Seconds of the day, with up to seven digits behind the point. */
static inline int64_t story_time(struct ed_str word)
{
	size_t point = ed_str_find(word, ED_STR("."), 0);
	struct ed_str part =
		point == SIZE_MAX ? ED_STR("") : ed_str_slice(word, point + 1, word.len);
	int64_t seconds, ticks = 0;

	/* as some logs have them, far outside of any day; a FILETIME has no sign */
	if (ed_str_starts(word, ED_STR("0x")))
		return (int64_t)(story_number(word, 0) & INT64_MAX);
	seconds = (int64_t)story_number(ed_str_slice(word, 0, point), UINT64_MAX / 2);
	if (seconds > INT64_C(4000000000) || seconds < -INT64_C(4000000000))
		return ED_TIME_NONE;
	for (size_t i = 0; i < 7; i++)
		ticks = ticks * 10 + (i < part.len && part.p[i] >= '0' && part.p[i] <= '9'
					      ? part.p[i] - '0'
					      : 0);
	return STORY_DAY + seconds * 10000000 + ticks;
}

/* As options and bundles may say: a date of four digits. */
static inline int64_t story_at(struct ed_str word)
{
	const int64_t last = INT64_C(2650467743999999999); /* 9999-12-31 */
	int64_t at = story_time(word);

	return at < last ? at : last;
}

/* Finds the sources and the times of evaluation. */
static inline void story_begin(struct story *story, struct ed_str text)
{
	struct ed_str rest = text, line;
	struct story_line words;

	*story = (struct story){ .text = text, .at = { ED_TIME_NONE, ED_TIME_NONE } };
	story->part_count = 1;
	while (ed_str_line(&rest, &line)) {
		size_t at = (size_t)(line.p - text.p);

		story_words(line, &words);
		if (ed_str_eq(words.word[0], ED_STR("t"))) {
			story->at[0] = story_at(words.word[1]);
			story->at[1] = story_at(words.word[2]);
		}
		if (ed_str_eq(words.word[0], ED_STR("s")) && story->part_count < STORY_SOURCES) {
			story->parts[story->part_count - 1].to = at;
			story->parts[story->part_count++].from = at;
		}
	}
	story->parts[story->part_count - 1].to = text.len;
}

struct story_teller {
	struct ed_evidence *evidence;
	struct ed_arena arena;
	struct ed_event_head head; /* of the channel */
	struct ed_str computer, user;
	struct ed_str provider, path; /* of the line before */
};

/* What "~" stands for is in @before, and becomes what the word is. */
static inline struct ed_str story_again(struct story_teller *t, struct ed_str word,
					struct ed_str *before)
{
	if (!ed_str_eq(word, ED_STR("~")))
		*before = story_word(&t->arena, word);
	return before->p ? *before : ED_STR("");
}

static inline void story_event(struct story_teller *t, const struct story_line *line)
{
	struct ed_field fields[STORY_WORDS];
	struct ed_event event = {
		.head = t->head, .user = t->user, .computer = t->computer, .fields = fields
	};
	struct ed_sink *sink = &t->evidence->sink;

	event.head.provider = story_again(t, line->word[1], &t->provider);
	event.head.id = (uint32_t)story_number(line->word[2], 0) & 0xffff;
	event.head.time = story_time(line->word[3]);
	event.head.level = (uint8_t)story_number(line->word[4], 4);
	for (size_t i = 5; i < line->count; i++) {
		size_t sign = ed_str_find(line->word[i], ED_STR("="), 0);
		struct ed_field *field = &fields[event.field_count];

		if (sign == SIZE_MAX)
			continue;
		field->name = ed_str_slice(line->word[i], 0, sign);
		field->value =
			story_word(&t->arena, ed_str_slice(line->word[i], sign + 1, SIZE_MAX));
		if (!field->value.p)
			field->value = ED_STR("");
		event.field_count++;
	}
	t->head.record++;
	if (sink->ops->want(sink, &event.head))
		fuzz_require(sink->ops->event(sink, &event, NULL) == ED_OK, "an event is kept");
}

static inline void story_fact(struct story_teller *t, const struct story_line *line)
{
	struct ed_fact fact = {
		.kind = (enum ed_fact_kind)(story_number(line->word[1], 0) % STORY_FACT_KINDS),
		.path = story_again(t, line->word[2], &t->path),
		.name = story_word(&t->arena, line->word[3]),
		.text = story_word(&t->arena, line->word[4]),
		.has_number = ed_number_parse(line->word[5], &(uint64_t){ 0 }),
		.number = story_number(line->word[5], 0),
		.time = story_time(line->word[6]),
	};
	struct ed_sink *sink = &t->evidence->sink;

	if (fact.kind == ED_FACT_LOGLINE)
		fact.local_time = story_time(line->word[7]);
	if (fact.local_time == ED_TIME_NONE)
		fact.local_time = 0;
	fuzz_require(sink->ops->fact(sink, &fact, NULL) == ED_OK, "a fact is kept");
}

static inline void story_gap(struct story_teller *t, const struct story_line *line)
{
	struct ed_gap gap = {
		.state = (enum ed_state)(story_number(line->word[1], 0) % STORY_STATES),
		.lost = story_number(line->word[2], ED_LOST_UNKNOWN),
		.channel = story_word(&t->arena, line->word[3]),
		.why = story_word(&t->arena, line->word[4]),
		.subject = story_word(&t->arena, line->word[5]),
	};
	struct ed_sink *sink = &t->evidence->sink;

	if (!gap.why.p)
		gap.why = ED_STR("");
	fuzz_require(sink->ops->gap(sink, &gap, NULL) == ED_OK, "a gap is kept");
}

static inline void story_tell_line(struct story_teller *t, const struct story_line *line)
{
	char kind = line->word[0].len == 1 ? line->word[0].p[0] : '\0';

	if (kind == 'e') {
		story_event(t, line);
	} else if (kind == 'f') {
		story_fact(t, line);
	} else if (kind == 'g') {
		story_gap(t, line);
	} else if (kind == 'c') {
		t->head.channel = story_word(&t->arena, line->word[1]);
		if (!t->head.channel.p)
			t->head.channel = ED_STR("");
		t->head.record = story_number(line->word[2], 1);
		t->computer = story_word(&t->arena, line->word[3]);
		if (!t->computer.p)
			t->computer = ED_STR("");
		t->user = story_word(&t->arena, line->word[4]);
	}
}

/* One source's lines into @evidence, which the caller has not finished. */
static inline void story_tell_part(const struct story *story, size_t i,
				   struct ed_evidence *evidence)
{
	struct ed_str rest = ed_str_slice(story->text, story->parts[i].from, story->parts[i].to);
	struct story_teller t = { .evidence = evidence,
				  .head = { .channel = ED_STR("System"), .record = 1 },
				  .computer = ED_STR("PC-1") };
	struct story_line line;
	struct ed_str text, name = { NULL, 0 };

	ed_arena_init(&t.arena, 16 * ED_MIB);
	for (bool first = true; ed_str_line(&rest, &text); first = false) {
		story_words(text, &line);
		if (first) {
			if (ed_str_eq(line.word[0], ED_STR("s")))
				name = story_word(&t.arena, line.word[1]);
			fuzz_require(ed_evidence_begin_source(evidence,
							      name.len ? name : ED_STR("story"),
							      "fuzz", NULL) == ED_OK,
				     "a source can begin");
		}
		story_tell_line(&t, &line);
	}
	ed_arena_release(&t.arena);
}

#endif
