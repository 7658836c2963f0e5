/* SPDX-License-Identifier: MIT */
/*
 * Writes the evidence below a PATH as a story (fuzz_story.h) to standard output: how the seeds of
 * fuzz_verdict were made of tests/scenarios/cases. story_write PATH [AT].
 */
#include "fuzz_story.h"

#include "commands.h"
#include "ingest.h"

static void text_put(struct ed_str word)
{
	if (ed_str_eq(word, ED_STR("-")) || ed_str_eq(word, ED_STR("~")))
		putchar('\\');
	for (size_t i = 0; i < word.len; i++) {
		char c = word.p[i];

		if (c == '\t' || c == '\n' || c == '\r' || c == '\\') {
			putchar('\\');
			c = (char)(c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c);
		}
		putchar(c);
	}
}

static void word_put(struct ed_str word)
{
	putchar('\t');
	if (word.p)
		text_put(word);
	else
		putchar('-');
}

static void again_put(struct ed_str word, struct ed_str before)
{
	if (word.len && before.p && ed_str_eq(word, before))
		fputs("\t~", stdout);
	else
		word_put(word);
}

static void time_put(int64_t time)
{
	int64_t ticks = time - STORY_DAY, part = ticks % ED_TICKS_PER_SECOND;

	if (time == ED_TIME_NONE || time == 0) {
		fputs("\t-", stdout);
		return;
	}
	if (part < 0)
		part += ED_TICKS_PER_SECOND;
	printf("\t%lld", (long long)((ticks - part) / ED_TICKS_PER_SECOND));
	if (part)
		printf(".%07lld", (long long)part);
}

static void event_put(const struct ed_event *event, const struct ed_event *before)
{
	if (!before || !ed_str_eq(before->head.channel, event->head.channel) ||
	    before->head.record + 1 != event->head.record ||
	    !ed_str_eq(before->computer, event->computer) ||
	    !ed_str_eq(before->user, event->user)) {
		putchar('c');
		word_put(event->head.channel);
		printf("\t%llu", (unsigned long long)event->head.record);
		word_put(event->computer);
		word_put(event->user);
		putchar('\n');
	}
	putchar('e');
	again_put(event->head.provider,
		  before ? before->head.provider : (struct ed_str){ NULL, 0 });
	printf("\t%u", (unsigned)event->head.id);
	time_put(event->head.time);
	printf("\t%u", event->head.level);
	for (size_t i = 0; i < event->field_count; i++) {
		printf("\t%.*s=", ED_FMT(event->fields[i].name));
		text_put(event->fields[i].value);
	}
	putchar('\n');
}

static void fact_put(const struct ed_fact *fact, const struct ed_fact *before)
{
	printf("f\t%d", (int)fact->kind);
	again_put(fact->path, before ? before->path : (struct ed_str){ NULL, 0 });
	word_put(fact->name);
	word_put(fact->text);
	if (fact->has_number)
		printf("\t%llu", (unsigned long long)fact->number);
	else
		fputs("\t-", stdout);
	time_put(fact->time);
	time_put(fact->local_time);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct ed_ingest_stats stats = { .seen = 0 };
	struct ed_evidence evidence;
	struct ed_error err = { .status = ED_OK };
	struct ed_arena arena;
	int64_t at;

	if (argc < 2)
		return 2;
	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	ed_evidence_init(&evidence, &arena, NULL);
	if (ed_ingest(&ed_app_sources, ed_str_from(argv[1]), &evidence, &stats, &err) != ED_OK) {
		fprintf(stderr, "story_write: %s\n", err.text);
		return 1;
	}
	ed_evidence_finish(&evidence);
	if (argc > 2 && ed_time_parse(ed_str_from(argv[2]), &at)) {
		putchar('t');
		time_put(at);
		putchar('\n');
	}
	for (size_t s = 0; s < evidence.source_count; s++) {
		const struct ed_event *before = NULL;
		const struct ed_fact *fact = NULL;

		putchar('s');
		word_put(evidence.sources[s].path);
		putchar('\n');
		for (size_t i = 0; i < evidence.event_count; i++) {
			if (evidence.events[i].source_i != s)
				continue;
			event_put(&evidence.events[i].event, before);
			before = &evidence.events[i].event;
		}
		for (size_t i = 0; i < evidence.fact_count; i++) {
			if (evidence.facts[i].source_i != s)
				continue;
			fact_put(&evidence.facts[i].fact, fact);
			fact = &evidence.facts[i].fact;
		}
	}
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
	return 0;
}
