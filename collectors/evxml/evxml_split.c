/* SPDX-License-Identifier: MIT */
/* Finds where events begin and end in a text that may be damaged anywhere. */
#include "evxml_priv.h"

#include "espdiag/base/limits.h"

#define READ_BYTES (64 * ED_KIB)
/* "<![CDATA[": after so many bytes it is known what a '<' begins. */
#define LOOK_AHEAD ((size_t)9)
/* A longer name is neither Event nor Events. */
#define NAME_BYTES ((size_t)256)

/* What a '<' begins. */
enum markup {
	MARKUP_MORE, /* cannot be told yet */
	MARKUP_COMMENT,
	MARKUP_CDATA,
	MARKUP_PI,
	MARKUP_DOCTYPE,
	MARKUP_EVENT,
	MARKUP_EVENT_END,
	MARKUP_ROOT,
	MARKUP_ROOT_END,
	MARKUP_OTHER,
};

void evxml_split_init(struct evxml_split *split, const struct ed_input *input)
{
	*split = (struct evxml_split){ .input = input };
	ed_buf_init(&split->raw, 2 * ED_LIMIT_EVENT_XML);
	/* what is left of one event, and as much again read and widened to UTF-8 */
	ed_buf_init(&split->window, 5 * ED_LIMIT_EVENT_XML);
}

void evxml_split_release(struct evxml_split *split)
{
	ed_buf_release(&split->raw);
	ed_buf_release(&split->window);
}

/* Makes the window begin at pos. */
static void split_shift(struct evxml_split *split)
{
	size_t gone = split->pos;

	if (!gone)
		return;
	split->window.len -= gone;
	memmove(split->window.p, split->window.p + gone, split->window.len);
	split->window.p[split->window.len] = '\0';
	split->plain_until = split->plain_until > gone ? split->plain_until - gone : 0;
	split->pos = 0;
}

/* Reads on: at least as much as is there already, so that looking again stays cheap. */
static ed_status split_fill(struct evxml_split *split, struct ed_error *err)
{
	size_t want = split->window.len - split->pos;
	const void *bytes;
	size_t got;

	split_shift(split);
	if (want < READ_BYTES)
		want = READ_BYTES;
	if (want > ED_LIMIT_XML_FILE - split->offset)
		want = (size_t)(ED_LIMIT_XML_FILE - split->offset);
	if (split->input->bytes) {
		uint64_t left = split->input->size - split->offset;

		got = want < left ? want : (size_t)left;
		bytes = (const char *)split->input->bytes + split->offset;
	} else {
		ed_buf_clear(&split->raw);
		if (!ed_buf_reserve(&split->raw, want))
			return ed_fail(err, ED_NOMEM, "out of memory while reading event XML");
		ED_TRY(ed_input_read(split->input, split->offset, split->raw.p, want, &got, err));
		bytes = split->raw.p;
	}
	split->offset += got;
	split->cut_off = split->offset >= ED_LIMIT_XML_FILE && split->offset < split->input->size;
	split->eof = !got || split->cut_off || split->offset >= split->input->size;
	return ed_xml_decode(&split->decoder, bytes, got, split->eof, &split->window, err);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct ed_str split_rest(const struct evxml_split *split)
{
	return ed_str_slice(ed_buf_str(&split->window), split->pos, split->window.len);
}

/* The local name of the tag whose '<' or '</' ends before @i; .p NULL when the text ends first. */
static struct ed_str tag_name(struct ed_str s, size_t i)
{
	size_t from = i;

	for (; i < s.len; i++) {
		char c = s.p[i];

		if (is_space(c) || c == '>' || c == '/' || c == '<' || i - from > NAME_BYTES)
			return ed_str_slice(s, from, i);
		if (c == ':')
			from = i + 1;
	}
	return (struct ed_str){ NULL, 0 };
}

/* @final: no more text will come. */
static enum markup markup_at(struct ed_str s, size_t i, bool final)
{
	struct ed_str rest = ed_str_slice(s, i, s.len), name;
	bool end;

	if (rest.len < LOOK_AHEAD && !final)
		return MARKUP_MORE;
	if (ed_str_starts(rest, ED_STR("<!--")))
		return MARKUP_COMMENT;
	if (ed_str_starts(rest, ED_STR("<![CDATA[")))
		return MARKUP_CDATA;
	if (ed_str_starts(rest, ED_STR("<?")))
		return MARKUP_PI;
	if (ed_str_istarts(rest, ED_STR("<!DOCTYPE")))
		return MARKUP_DOCTYPE;
	end = ed_str_starts(rest, ED_STR("</"));
	name = tag_name(rest, end ? 2 : 1);
	if (!name.p)
		return final ? MARKUP_OTHER : MARKUP_MORE;
	if (ed_str_eq(name, ED_STR("Event")))
		return end ? MARKUP_EVENT_END : MARKUP_EVENT;
	if (ed_str_eq(name, ED_STR("Events")))
		return end ? MARKUP_ROOT_END : MARKUP_ROOT;
	return MARKUP_OTHER;
}

/* Behind the comment, CDATA or instruction at @i; SIZE_MAX when it does not end. */
static size_t skip_markup(struct ed_str s, size_t i, enum markup kind)
{
	struct ed_str close = kind == MARKUP_COMMENT ? ED_STR("-->")
			      : kind == MARKUP_CDATA ? ED_STR("]]>")
						     : ED_STR("?>");
	size_t end = ed_str_find(s, close, i + (kind == MARKUP_COMMENT ? 4 : 2));

	return end == SIZE_MAX ? end : end + close.len;
}

/* Behind the tag at @i; a '<' within ends it as well, being the next. SIZE_MAX: it does not end. */
static size_t skip_tag(struct ed_str s, size_t i, bool *empty)
{
	char quote = '\0';

	for (i++; i < s.len; i++) {
		char c = s.p[i];

		if (c == '<') {
			*empty = false;
			return i;
		}
		if (quote) {
			if (c == quote)
				quote = '\0';
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '>') {
			*empty = s.p[i - 1] == '/';
			return i + 1;
		}
	}
	return SIZE_MAX;
}

enum found { FOUND_END, FOUND_NEXT, FOUND_NOTHING };

/*
 * The end of the event at the front of @s, in *at. Plain: or the beginning of the next one,
 * whatever stands around it.
 */
static enum found find_event_end(struct ed_str s, bool plain, bool final, size_t *at)
{
	size_t depth = 0, i = 0;

	while (i < s.len) {
		const char *hit = memchr(s.p + i, '<', s.len - i);
		enum markup kind;
		bool empty = false;

		if (!hit)
			return FOUND_NOTHING;
		i = (size_t)(hit - s.p);
		kind = markup_at(s, i, final);
		if (kind == MARKUP_MORE)
			return FOUND_NOTHING;
		if (kind == MARKUP_COMMENT || kind == MARKUP_CDATA || kind == MARKUP_PI) {
			i = plain ? i + 2 : skip_markup(s, i, kind);
		} else if (kind == MARKUP_EVENT) {
			if (plain && i) {
				*at = i;
				return FOUND_NEXT;
			}
			i = skip_tag(s, i, &empty);
			depth += !empty;
		} else if (kind == MARKUP_EVENT_END) {
			i = skip_tag(s, i, &empty);
			depth--;
		} else {
			i++;
			continue;
		}
		if (i == SIZE_MAX)
			return FOUND_NOTHING;
		if (!depth) {
			*at = i;
			return FOUND_END;
		}
	}
	return FOUND_NOTHING;
}

static void take(struct evxml_split *split, size_t n, enum evxml_piece_kind kind,
		 struct evxml_piece *piece)
{
	*piece = (struct evxml_piece){ kind, ed_str_slice(split_rest(split), 0, n) };
	split->last = split->pos;
	split->pos += n;
	split->in_junk = false;
}

/* True when a piece was made. False: more text is needed. */
static bool split_event(struct evxml_split *split, bool final, struct evxml_piece *piece)
{
	struct ed_str s = split_rest(split);
	bool plain = split->pos < split->plain_until;
	size_t at = 0;
	enum found found = find_event_end(s, plain, final, &at);

	if (found == FOUND_NOTHING && !final)
		return false;
	if (found == FOUND_NOTHING && !plain) {
		split->plain_until = split->window.len;
		found = find_event_end(s, true, final, &at);
	}
	if (found == FOUND_END) {
		take(split, at, EVXML_EVENT, piece);
	} else if (found == FOUND_NEXT) {
		take(split, at, EVXML_BROKEN, piece);
	} else {
		take(split, s.len, split->eof ? EVXML_CUT : EVXML_LONG, piece);
		split->in_junk = true; /* the rest of it, if any, is told already */
	}
	return true;
}

/* Text that belongs to nothing. True when it begins a run, which is a piece. */
static bool split_junk(struct evxml_split *split, size_t n, struct evxml_piece *piece)
{
	bool first = !split->in_junk;

	split->pos += n;
	split->in_junk = true;
	*piece = (struct evxml_piece){ EVXML_JUNK, { NULL, 0 } };
	return first;
}

enum step { STEP_PIECE, STEP_ON, STEP_MORE };

/* One comment, instruction or tag of the root between events. */
static enum step split_aside(struct evxml_split *split, enum markup kind, bool final,
			     struct evxml_piece *piece)
{
	struct ed_str s = split_rest(split);
	bool root = kind == MARKUP_ROOT || kind == MARKUP_ROOT_END;
	bool empty = false;
	size_t end = SIZE_MAX;

	if (root)
		end = skip_tag(s, 0, &empty);
	else if (split->pos >= split->plain_until)
		end = skip_markup(s, 0, kind);
	else /* not farther than the next tag */
		end = skip_markup(ed_str_slice(s, 0, ed_str_find(s, ED_STR("<"), 1)), 0, kind);
	if (end == SIZE_MAX && !final)
		return STEP_MORE;
	if (root) {
		split->seen_root = true;
		split->root_open = kind == MARKUP_ROOT && !empty;
		split->in_junk = false;
		split->pos += end == SIZE_MAX ? s.len : end;
		return STEP_ON;
	}
	if (end == SIZE_MAX) {
		split->plain_until = split->window.len;
		return split_junk(split, 2, piece) ? STEP_PIECE : STEP_ON;
	}
	split->pos += end;
	return STEP_ON;
}

static enum step split_step(struct evxml_split *split, struct evxml_piece *piece)
{
	struct ed_str s = split_rest(split);
	bool final = split->eof || s.len >= ED_LIMIT_EVENT_XML;
	enum markup kind;
	size_t n = 0;

	while (n < s.len && is_space(s.p[n]))
		n++;
	if (n) {
		split->pos += n;
		return STEP_ON;
	}
	if (s.len < 3 && !split->eof)
		return STEP_MORE;
	if (!s.len) {
		*piece = (struct evxml_piece){ EVXML_END, { NULL, 0 } };
		return STEP_PIECE;
	}
	if (ed_str_starts(s, ED_STR("\xEF\xBB\xBF"))) { /* a file was appended with its mark */
		split->pos += 3;
		return STEP_ON;
	}
	if (s.p[0] != '<') {
		n = ed_str_find(s, ED_STR("<"), 0);
		return split_junk(split, n == SIZE_MAX ? s.len : n, piece) ? STEP_PIECE : STEP_ON;
	}
	kind = markup_at(s, 0, final);
	switch (kind) {
	case MARKUP_MORE:
		return STEP_MORE;
	case MARKUP_EVENT:
		return split_event(split, final, piece) ? STEP_PIECE : STEP_MORE;
	case MARKUP_DOCTYPE:
		take(split, s.len, EVXML_DOCTYPE, piece);
		return STEP_PIECE;
	case MARKUP_COMMENT:
	case MARKUP_PI:
	case MARKUP_ROOT:
	case MARKUP_ROOT_END:
		return split_aside(split, kind, final, piece);
	case MARKUP_CDATA:
	case MARKUP_EVENT_END:
	case MARKUP_OTHER:
	default:
		return split_junk(split, 1, piece) ? STEP_PIECE : STEP_ON;
	}
}

ed_status evxml_split_next(struct evxml_split *split, struct evxml_piece *piece,
			   struct ed_error *err)
{
	for (;;) {
		enum step step = split_step(split, piece);

		if (step == STEP_PIECE)
			return ED_OK;
		if (step == STEP_MORE)
			ED_TRY(split_fill(split, err));
	}
}

void evxml_split_reject(struct evxml_split *split)
{
	struct ed_str whole = ed_buf_str(&split->window);
	struct ed_str s = ed_str_slice(whole, split->last, split->pos);
	size_t at = 0;

	if (split->last < split->plain_until || find_event_end(s, true, true, &at) != FOUND_NEXT)
		return;
	split->plain_until = split->pos;
	split->pos = split->last + at;
}
