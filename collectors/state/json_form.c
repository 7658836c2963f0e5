/* SPDX-License-Identifier: MIT */
/* What the three JSON forms share. */
#include "state_priv.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/model/evidence.h"

int state_probe(struct ed_str head, const char *schema)
{
	char out[ED_PROBE_BYTES];
	struct ed_str text = { out, ed_text_head(head.p, head.len, out, sizeof(out)) };
	struct ed_str wanted = ed_str_from(schema);
	size_t at;

	text = ed_str_trim(text);
	if (!ed_str_starts(text, ED_STR("{")))
		return 0;
	at = ed_str_find(text, wanted, 0);
	if (at == SIZE_MAX || !at || text.p[at - 1] != '"')
		return 0;
	return ed_str_starts(ed_str_slice(text, at + wanted.len, text.len), ED_STR("\"")) ? 95 : 0;
}

static void walk_release(struct state_walk *walk)
{
	ed_buf_release(&walk->path);
	ed_buf_release(&walk->clean_path);
	ed_buf_release(&walk->clean_name);
	ed_buf_release(&walk->clean_text);
}

static void walk_init(struct state_walk *walk, struct ed_sink *sink, struct ed_error *err)
{
	*walk = (struct state_walk){ .sink = sink, .err = err };
	ed_buf_init(&walk->path, ED_LIMIT_JSON);
	/* one byte may become the three of U+FFFD */
	ed_buf_init(&walk->clean_path, 3 * ED_LIMIT_JSON);
	ed_buf_init(&walk->clean_name, 3 * ED_LIMIT_JSON);
	ed_buf_init(&walk->clean_text, 3 * ED_LIMIT_JSON);
}

ed_status state_read(const struct ed_input *input, const char *schema, state_walk_fn walk,
		     struct ed_sink *sink, struct ed_error *err)
{
	struct ed_json *root = NULL;
	struct state_walk w;
	struct ed_buf hold;
	struct ed_str text;
	ed_status status;

	ed_buf_init(&hold, ED_LIMIT_JSON);
	walk_init(&w, sink, err);
	status = ed_input_all(input, &hold, &text, err);
	if (status == ED_OK)
		status = ed_json_parse(text, &root, err);
	if (status == ED_OK &&
	    !ed_str_eq(ed_json_string(ed_json_get(root, "schema")), ed_str_from(schema)))
		status = ed_fail(err, ED_FORMAT, "its schema is not %s", schema);
	if (status == ED_OK)
		status = walk(&w, root);
	ed_json_free(root);
	walk_release(&w);
	ed_buf_release(&hold);
	return status;
}

/* *s without what evidence must not hold, in @room when that changes it. */
static ed_status clean(struct state_walk *walk, struct ed_str *s, struct ed_buf *room)
{
	if (!s->p || ed_utf8_valid(*s))
		return ED_OK;
	ed_buf_clear(room);
	ed_buf_utf8(room, *s, NULL);
	if (room->status != ED_OK)
		return ed_fail(walk->err, room->status, "cannot hold a text of state");
	*s = ed_buf_str(room);
	return ED_OK;
}

ed_status state_tell_fact(struct state_walk *walk, const struct ed_fact *fact)
{
	struct ed_fact out = *fact;

	ED_TRY(clean(walk, &out.path, &walk->clean_path));
	ED_TRY(clean(walk, &out.name, &walk->clean_name));
	ED_TRY(clean(walk, &out.text, &walk->clean_text));
	return walk->sink->ops->fact(walk->sink, &out, walk->err);
}

ed_status state_tell_gap(struct state_walk *walk, const struct ed_gap *gap)
{
	struct ed_gap out = *gap;

	ED_TRY(clean(walk, &out.channel, &walk->clean_path));
	ED_TRY(clean(walk, &out.subject, &walk->clean_name));
	ED_TRY(clean(walk, &out.why, &walk->clean_text));
	return walk->sink->ops->gap(walk->sink, &out, walk->err);
}

ed_status state_tell_lost(struct state_walk *walk, uint64_t lost, const char *what)
{
	char why[80];
	struct ed_gap gap = { .state = ED_STATE_DAMAGED, .lost = lost };

	if (!lost)
		return ED_OK;
	snprintf(why, sizeof(why), "%llu %s not of the form they should have",
		 (unsigned long long)lost, what);
	gap.why = ed_str_from(why);
	return state_tell_gap(walk, &gap);
}

struct ed_str state_text(const struct ed_json *object, const char *name)
{
	struct ed_str text = ed_json_string(ed_json_get(object, name));

	return text.p ? text : ED_STR("");
}

bool state_from_word(struct ed_str word, enum ed_state *out)
{
	static const enum ed_state states[] = {
#define STATE_ITEM(name, word) name,
		ED_STATE_LIST(STATE_ITEM)
#undef STATE_ITEM
	};

	for (size_t i = 0; i < ED_COUNT(states); i++) {
		if (ed_str_eq(word, ed_str_from(ed_state_word(states[i])))) {
			*out = states[i];
			return true;
		}
	}
	return false;
}
