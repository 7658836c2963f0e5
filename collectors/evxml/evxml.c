/* SPDX-License-Identifier: MIT */
/* The reader of exported event XML: one parse an event, so that damage costs only its event. */
#include "espdiag/collectors/evxml.h"

#include "espdiag/base/limits.h"

#include "evxml_priv.h"

#include <inttypes.h>
#include <stdarg.h>

struct evxml_reader {
	struct ed_sink *sink;
	struct evxml_split split;
	struct evxml_event event;
	struct ed_xml *xml;
	struct ed_buf clean;  /* an event made valid UTF-8 */
	struct ed_buf mended; /* an event without impossible character references */
	uint64_t events;      /* seen, good or not */
	uint64_t damaged, junk, cut, too_long;
	uint64_t first_damaged; /* its number, from 1 */
	struct ed_error first_error;
	bool doctype;
	ed_status source_status; /* why the source could not be read to its end */
	struct ed_error source_error;
	/* the channel of all good events so far, as long as it is the same */
	struct ed_buf channel;
	bool has_channel, many_channels;
};

static int evxml_probe(struct ed_str head, struct ed_str path)
{
	char name[ED_XML_ROOT_NAME];
	struct ed_str root = ed_xml_root_name(head, name);
	bool one = ed_str_eq(root, ED_STR("Event"));

	(void)path;
	if (!one && !ed_str_eq(root, ED_STR("Events")))
		return 0;
	if (ed_xml_head_has(head, ED_STR("schemas.microsoft.com/win/2004/08/events")))
		return 100;
	return one ? 60 : 70;
}

static void note_damage(struct evxml_reader *r, const struct ed_error *why)
{
	if (!r->damaged++) {
		r->first_damaged = r->events;
		r->first_error = *why;
	}
}

static ed_status note_channel(struct evxml_reader *r, struct ed_str channel, struct ed_error *err)
{
	if (r->many_channels || (r->has_channel && ed_str_eq(ed_buf_str(&r->channel), channel)))
		return ED_OK;
	if (r->has_channel) {
		r->many_channels = true;
		return ED_OK;
	}
	if (channel.len > r->channel.limit) {
		r->many_channels = true; /* not a name to attribute anything to */
		return ED_OK;
	}
	ed_buf_adds(&r->channel, channel);
	if (r->channel.status != ED_OK)
		return ed_fail(err, ED_NOMEM, "out of memory while reading event XML");
	r->has_channel = true;
	return ED_OK;
}

/* The code point of the reference "&#…;" at @i and its end; false when it is none. */
static bool reference_at(struct ed_str s, size_t i, size_t *end, uint64_t *code)
{
	size_t semicolon = i + 2;
	struct ed_str digits;
	char hex[16] = "0";

	while (semicolon < s.len && s.p[semicolon] != ';' && semicolon - i < sizeof(hex) - 2)
		semicolon++;
	if (semicolon >= s.len || s.p[semicolon] != ';')
		return false;
	*end = semicolon + 1;
	digits = ed_str_slice(s, i + 2, semicolon);
	if (!digits.len)
		return false;
	if (digits.p[0] == 'x') {
		memcpy(hex + 1, digits.p, digits.len);
		digits = (struct ed_str){ hex, digits.len + 1 };
	}
	return ed_number_parse(digits, code);
}

static bool xml_character(uint64_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c != 0xFFFE && c != 0xFFFF && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

/*
 * Some exporters write control characters as references, which XML forbids as well: U+FFFD instead.
 * False when there is nothing to mend.
 */
static bool mend_references(struct ed_str text, struct ed_buf *out)
{
	size_t from = 0, i = 0;
	bool mended = false;

	ed_buf_clear(out);
	while ((i = ed_str_find(text, ED_STR("&#"), i)) != SIZE_MAX) {
		size_t end = i + 2;
		uint64_t code;

		if (reference_at(text, i, &end, &code) && !xml_character(code)) {
			ed_buf_adds(out, ed_str_slice(text, from, i));
			ed_buf_addz(out, "\xEF\xBF\xBD");
			from = end;
			mended = true;
		}
		i = end;
	}
	ed_buf_adds(out, ed_str_slice(text, from, text.len));
	return mended;
}

/* ED_FORMAT and ED_LIMIT concern this event only. */
static ed_status parse_event(struct evxml_reader *r, struct ed_str text, struct ed_error *err)
{
	ed_status status;

	ED_TRY(ed_xml_clean(&r->split.decoder, text, &r->clean, &text, err));
	status = evxml_event_parse(&r->event, r->xml, text, err);
	if (status != ED_FORMAT || !mend_references(text, &r->mended))
		return status;
	if (r->mended.status != ED_OK)
		return ed_fail(err, r->mended.status, "no room for an event");
	return evxml_event_parse(&r->event, r->xml, ed_buf_str(&r->mended), err);
}

static ed_status read_event(struct evxml_reader *r, struct ed_str text, struct ed_error *err)
{
	struct ed_error why = { 0 };
	ed_status status = parse_event(r, text, &why);

	if (status == ED_FORMAT || status == ED_LIMIT) {
		note_damage(r, &why);
		evxml_split_reject(&r->split);
		return ED_OK;
	}
	if (status != ED_OK)
		return ed_fail(err, status, "%s", why.text);
	ED_TRY(note_channel(r, r->event.event.head.channel, err));
	if (!r->sink->ops->want(r->sink, &r->event.event.head))
		return ED_OK;
	return r->sink->ops->event(r->sink, &r->event.event, err);
}

static ed_status read_pieces(struct evxml_reader *r, struct ed_error *err)
{
	struct evxml_piece piece;
	struct ed_error why = { 0 };
	ed_status status;

	for (;;) {
		status = evxml_split_next(&r->split, &piece, &why);
		if (status != ED_OK) {
			if (status == ED_NOMEM || !r->events)
				return ed_fail(err, status, "%s", why.text);
			r->source_status = status;
			r->source_error = why;
			return ED_OK;
		}
		r->events += piece.kind != EVXML_JUNK && piece.kind < EVXML_DOCTYPE;
		switch (piece.kind) {
		case EVXML_EVENT:
			ED_TRY(read_event(r, piece.text, err));
			break;
		case EVXML_BROKEN:
			ed_fail(&why, ED_FORMAT, "it does not end");
			note_damage(r, &why);
			break;
		case EVXML_CUT:
			r->cut++;
			break;
		case EVXML_LONG:
			r->too_long++;
			break;
		case EVXML_JUNK:
			r->junk++;
			break;
		case EVXML_DOCTYPE:
			r->doctype = true;
			return ED_OK;
		case EVXML_END:
		default:
			return ED_OK;
		}
	}
}

static ed_status tell(struct evxml_reader *r, enum ed_state state, uint64_t lost,
		      struct ed_error *err, const char *format, ...) ED_PRINTF(5, 6);

static ed_status tell(struct evxml_reader *r, enum ed_state state, uint64_t lost,
		      struct ed_error *err, const char *format, ...)
{
	char why[sizeof(err->text) + 100];
	struct ed_gap gap = { .state = state, .lost = lost };
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	gap.why = ed_str_from(why);
	if (r->has_channel && !r->many_channels)
		gap.channel = ed_buf_str(&r->channel);
	return r->sink->ops->gap(r->sink, &gap, err);
}

/* Where the text stopped before it should have. */
static ed_status tell_end(struct evxml_reader *r, struct ed_error *err)
{
	if (r->doctype)
		return tell(r, ED_STATE_DAMAGED, ED_LOST_UNKNOWN, err,
			    "document type declarations are not accepted; nothing behind event "
			    "%" PRIu64 " was read",
			    r->events);
	if (r->source_status != ED_OK)
		return tell(r, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, err,
			    "reading stopped behind event %" PRIu64 ": %s", r->events,
			    r->source_error.text);
	if (r->split.cut_off)
		return tell(r, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, err,
			    "only the first %zu bytes were read", ED_LIMIT_XML_FILE);
	if (r->cut)
		return tell(r, ED_STATE_TRUNCATED, r->cut, err, "the file ends within an event");
	if (r->split.root_open)
		return tell(r, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, err,
			    "the file ends before </Events>");
	return ED_OK;
}

/* One gap a kind. */
static ed_status tell_gaps(struct evxml_reader *r, struct ed_error *err)
{
	if (r->damaged)
		ED_TRY(tell(r, ED_STATE_DAMAGED, r->damaged, err,
			    "%" PRIu64 " of %" PRIu64 " events not readable; the first is number "
			    "%" PRIu64 ": %s",
			    r->damaged, r->events, r->first_damaged, r->first_error.text));
	if (r->junk)
		ED_TRY(tell(r, ED_STATE_DAMAGED, r->junk, err,
			    "%" PRIu64 " pieces between events are no event XML", r->junk));
	if (r->too_long)
		ED_TRY(tell(r, ED_STATE_TRUNCATED, r->too_long, err,
			    "%" PRIu64 " events longer than %zu bytes were skipped", r->too_long,
			    ED_LIMIT_EVENT_XML));
	if (r->event.cut_values)
		ED_TRY(tell(r, ED_STATE_TRUNCATED, 0, err,
			    "%zu values longer than %zu bytes were cut", r->event.cut_values,
			    ED_LIMIT_VALUE));
	return tell_end(r, err);
}

static ed_status evxml_read(const struct ed_input *input, struct ed_sink *sink,
			    struct ed_error *err)
{
	struct evxml_reader r = { .sink = sink };
	ed_status status;

	evxml_split_init(&r.split, input);
	evxml_event_init(&r.event);
	/* each byte may become U+FFFD */
	ed_buf_init(&r.clean, 3 * 5 * ED_LIMIT_EVENT_XML);
	ed_buf_init(&r.mended, 3 * 5 * ED_LIMIT_EVENT_XML);
	ed_buf_init(&r.channel, ED_LIMIT_NAME_BYTES);
	status = ed_xml_new(&r.xml, err);
	if (status == ED_OK)
		status = read_pieces(&r, err);
	if (status == ED_OK && r.doctype && !r.events)
		status = ed_fail(err, ED_FORMAT, "document type declarations are not accepted");
	else if (status == ED_OK && !r.events && !r.split.seen_root)
		status = ed_fail(err, ED_FORMAT, "no event XML");
	if (status == ED_OK)
		status = tell_gaps(&r, err);
	ed_xml_free(r.xml);
	ed_buf_release(&r.channel);
	ed_buf_release(&r.mended);
	ed_buf_release(&r.clean);
	evxml_event_release(&r.event);
	evxml_split_release(&r.split);
	return status;
}

const struct ed_reader ed_reader_evxml = {
	.name = "evxml",
	.probe = evxml_probe,
	.read = evxml_read,
};
