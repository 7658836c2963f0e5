/* SPDX-License-Identifier: MIT */
/*
 * Whatever somebody sends, all the way from a PATH to the page: a verdict is always made, the same
 * one twice, agrees with itself, and can be shown. Bytes that begin with "=== " are members as text
 * (fuzz_members.h), which are laid out as a zip and as a folder and must get the same verdict; any
 * other bytes are one file. A first line "run ..." says how, by words: raw, standard, strict, text,
 * html, and "time N": the run's time is over after N looks at the clock.
 */
#include "fuzz_folder.h"
#include "fuzz_shown.h"

#include "commands.h"
#include "run.h"

#define RUN "run "
#define NOW INT64_C(134341344000000000) /* 2026-09-18T00:00:00Z, where evidence has no time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a verdict says; words are what must not depend on how the evidence lies there. */
struct judged {
	bool any_read, any_lost, is_bundle;
	int64_t evaluated_at; /* of a bundle */
	struct ed_buf json, words;
};

static void words_take(const struct ed_verdict *verdict, bool is_bundle, struct ed_buf *words)
{
	ed_buf_printf(words, "%d %s %s %s\n", is_bundle, ed_outcome_word(verdict->outcome),
		      verdict->primary ? verdict->primary : "none",
		      ed_certainty_word(verdict->certainty));
	for (size_t i = 0; i < verdict->finding_count; i++)
		ed_buf_printf(words, "%s %s\n", verdict->findings[i].id,
			      ed_certainty_word(verdict->findings[i].certainty));
	for (size_t i = 0; i < verdict->action_count; i++)
		ed_buf_printf(words, "%s\n", verdict->actions[i].id);
	for (size_t i = 0; i < verdict->ruled_out_count; i++)
		ed_buf_printf(words, "not %s\n", verdict->ruled_out[i].id);
	ed_buf_printf(words, "%zu proofs, %zu boots\n", verdict->evidence_count,
		      verdict->boot_count);
}

static ed_status judged_see(void *context, const struct ed_verdict *verdict,
			    const struct ed_bundle_info *bundle, struct ed_error *err)
{
	struct judged *judged = context;
	struct ed_buf out;

	(void)err;
	judged->is_bundle = bundle->is_bundle;
	judged->evaluated_at = bundle->evaluated_at;
	fuzz_shown_verdict(verdict);
	words_take(verdict, bundle->is_bundle, &judged->words);
	ed_report_json(verdict, &(struct ed_report_options){ .color = false }, &judged->json);
	fuzz_shown_json(ed_buf_str(&judged->json));
	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	ed_report_text(verdict, &(struct ed_report_options){ .verbose = true }, &out);
	fuzz_shown_text(ed_buf_str(&out), 0);
	ed_buf_clear(&out);
	ed_report_html(verdict, &(struct ed_report_options){ .color = false }, &out);
	fuzz_shown_page(ed_buf_str(&out));
	ed_buf_release(&out);
	return ED_OK;
}

static void judged_forget(struct judged *judged)
{
	ed_buf_release(&judged->json);
	ed_buf_release(&judged->words);
}

/* A clock that only moves when it is looked at. */
static uint64_t tick(void *context)
{
	return (*(uint64_t *)context)++;
}

static void clock_begin(const struct ed_run *run)
{
	if (run->deadline)
		*(uint64_t *)run->deadline->context = 0;
}

static void judge(struct ed_run run, struct ed_str path, struct judged *out)
{
	const struct ed_run_witness witness = { .context = out, .see = judged_see };
	struct ed_error err = { .status = ED_OK };

	*out = (struct judged){ .any_read = false };
	ed_buf_init(&out->json, ED_LIMIT_OUTPUT);
	ed_buf_init(&out->words, ED_MIB);
	clock_begin(&run);
	fuzz_require(ed_run_path_seen(&run, path, &witness, &err) == ED_OK,
		     "whatever is there can be judged");
	out->any_read = run.any_read;
	out->any_lost = run.any_lost;
}

/* Once more, as the program does it, in the format of @run. */
static void judge_again(struct ed_run *run, struct ed_str path, const struct judged *before)
{
	struct ed_error err = { .status = ED_OK };
	struct ed_buf out, notes;

	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	ed_buf_init(&notes, ED_MIB);
	run->notes = &notes;
	clock_begin(run);
	fuzz_require(ed_run_path(run, path, &out, &err) == ED_OK, "whatever is there can be shown");
	fuzz_require(run->format != ED_FORMAT_JSON ||
			     ed_str_eq(ed_buf_str(&out), ed_buf_str(&before->json)),
		     "the same twice");
	fuzz_shown_text(ed_buf_str(&notes), 0);
	ed_buf_release(&notes);
	ed_buf_release(&out);
}

static ed_status bundle_fill(void *context, struct ed_evidence *evidence,
			     struct ed_ingest_stats *stats, struct ed_error *err)
{
	return ed_ingest_bundle(&ed_app_sources, context, evidence, stats, err);
}

/* A bundle that is not written yet gets the verdict that it will get from disk. */
static void judge_unwritten(struct ed_run run, const struct fuzz_members *members,
			    struct ed_str path, const struct judged *zipped)
{
	struct ed_run_source source = { .name = path,
					.at = zipped->evaluated_at,
					.fill = bundle_fill };
	struct ed_bundle *bundle;
	struct ed_buf json;

	fuzz_require(ed_bundle_new(&bundle, NULL) == ED_OK, "memory");
	for (size_t i = 0; i < members->count; i++)
		/* a name of ours is valid text */
		if (!ed_utf8_valid(members->items[i].name) ||
		    ed_bundle_add(bundle, ED_FORM_TEXT, members->items[i].name, ED_STR("s"),
				  members->items[i].bytes, 0, NULL) != ED_OK)
			goto out;
	/* a name that comes twice is one member here, and two in a zip of somebody's */
	if (ed_bundle_count(bundle) != members->count)
		goto out;
	ed_buf_init(&json, ED_LIMIT_OUTPUT);
	source.context = bundle;
	run.format = ED_FORMAT_JSON;
	fuzz_require(ed_run_evidence(&run, &source, &json, NULL) == ED_OK,
		     "a bundle of ours can be judged");
	fuzz_require(ed_str_eq(ed_buf_str(&json), ed_buf_str(&zipped->json)),
		     "written or not, the same verdict");
	ed_buf_release(&json);
out:
	ed_bundle_free(bundle);
}

/* Within a folder archives may lie one level deeper. */
static bool has_archive(const struct fuzz_members *members)
{
	for (size_t i = 0; i < members->count; i++)
		if (ed_str_starts(members->items[i].bytes, ED_STR("PK")) ||
		    ed_str_starts(members->items[i].bytes, ED_STR("MSCF")))
			return true;
	return false;
}

static void as_members(struct ed_run *run, struct ed_str text)
{
	struct judged zipped, unpacked;
	struct fuzz_members members;
	char path[FUZZ_PATH_MOST];
	struct ed_buf zip;

	fuzz_members_split(text, true, &members);
	ed_buf_init(&zip, 16 * ED_MIB);
	fuzz_members_zip(&members, &zip);
	fuzz_path(path, "a.zip", ED_STR(""));
	fuzz_file_write(path, ed_buf_str(&zip));
	ed_buf_release(&zip);
	judge(*run, ed_str_from(path), &zipped);
	judge_again(run, ed_str_from(path), &zipped);
	/* of a PATH without any evidence there is a row more */
	if (zipped.is_bundle && zipped.any_read && !run->prefer_raw && !run->deadline)
		judge_unwritten(*run, &members, ed_str_from(path), &zipped);
	fuzz_path(path, "unpacked", ED_STR(""));
	if (fuzz_folder_write(&members)) {
		judge(*run, ed_str_from(path), &unpacked);
		fuzz_require(
			has_archive(&members) || run->deadline ||
				(zipped.any_read == unpacked.any_read &&
				 zipped.any_lost == unpacked.any_lost &&
				 ed_str_eq(ed_buf_str(&zipped.words), ed_buf_str(&unpacked.words))),
			"zip and folder get the same verdict");
		judge_again(run, ed_str_from(path), &unpacked);
		judged_forget(&unpacked);
	}
	fuzz_tree_remove(path);
	judged_forget(&zipped);
}

static void as_file(struct ed_run *run, struct ed_str bytes)
{
	struct judged judged;
	char path[FUZZ_PATH_MOST];

	fuzz_path(path, "evidence", ED_STR(""));
	fuzz_file_write(path, bytes);
	judge(*run, ed_str_from(path), &judged);
	judge_again(run, ed_str_from(path), &judged);
	judged_forget(&judged);
}

static void run_words(struct ed_run *run, struct ed_deadline *deadline, struct ed_str *text)
{
	struct ed_str line;
	size_t time;

	if (!ed_str_starts(*text, ED_STR(RUN)) || !ed_str_line(text, &line))
		return;
	time = ed_str_find(line, ED_STR("time "), 0);
	if (time != SIZE_MAX &&
	    ed_number_parse(ed_str_slice(line, time + strlen("time "), line.len),
			    &deadline->end_ms))
		run->deadline = deadline;
	run->prefer_raw = ed_str_find(line, ED_STR("raw"), 0) != SIZE_MAX;
	if (ed_str_find(line, ED_STR("strict"), 0) != SIZE_MAX)
		run->redact = ED_REDACT_STRICT;
	else if (ed_str_find(line, ED_STR("standard"), 0) != SIZE_MAX)
		run->redact = ED_REDACT_STANDARD;
	if (ed_str_find(line, ED_STR("text"), 0) != SIZE_MAX)
		run->format = ED_FORMAT_TEXT;
	else if (ed_str_find(line, ED_STR("html"), 0) != SIZE_MAX)
		run->format = ED_FORMAT_HTML;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ed_str text = { (const char *)data, size };
	struct ed_run run = {
		.tables = &ed_app_sources, .at = ED_TIME_NONE, .now = NOW, .redact = ED_REDACT_NONE
	};
	uint64_t now = 0;
	struct ed_deadline deadline = { .seconds = 1, .clock_ms = tick, .context = &now };

	fuzz_folder_begin();
	run_words(&run, &deadline, &text);
	if (ed_str_starts(text, ED_STR(FUZZ_MEMBER_MARK)))
		as_members(&run, text);
	else
		as_file(&run, text);
	return 0;
}
