/* SPDX-License-Identifier: MIT */
/*
 * TCG PC client event logs. The first event is always in the old form with one SHA-1 digest; when
 * it names the algorithms ("Spec ID Event03"), all others carry a digest for each of them.
 */
#include "espdiag/collectors/tcglog.h"

#include "espdiag/base/limits.h"
#include "tcglog_priv.h"

#include <stdarg.h>

#define TCG_NO_ACTION 3
#define TCG_EVENT_TAG 6
#define TCG_SHA1_BYTES 20
#define TCG_PCRS 24
#define TCG_PCR_NONE                                                                               \
	UINT32_C(0xFFFFFFFF)     /* Windows notes here what is measured into no register           \
				  */
#define TCG_FIRST_WINDOWS_PCR 11 /* the registers before belong to the firmware */
#define TCG_MAX_DIGEST 128

struct tcg_event {
	uint32_t pcr;
	uint32_t type;
	struct ed_cursor data;
};

void tcg_lose(struct tcg_walk *w, uint64_t lost, const char *format, ...)
{
	va_list args;

	if (!w->lost) {
		va_start(args, format);
		vsnprintf(w->why, sizeof(w->why), format, args);
		va_end(args);
	}
	if (lost == ED_LOST_UNKNOWN || w->lost == ED_LOST_UNKNOWN)
		w->lost = ED_LOST_UNKNOWN;
	else
		w->lost += lost;
}

/* The event of one SHA-1 digest; false when the bytes do not hold it. */
static bool take_sha1_event(struct ed_cursor *c, struct tcg_event *event,
			    const unsigned char **sha1)
{
	uint32_t size;

	event->pcr = ed_cursor_u32(c);
	event->type = ed_cursor_u32(c);
	*sha1 = ed_cursor_take(c, TCG_SHA1_BYTES);
	size = ed_cursor_u32(c);
	event->data.left = size;
	event->data.p = ed_cursor_take(c, size);
	event->data.bad = false;
	return !c->bad;
}

/* Bytes of a digest: as the log itself says, else as is known; 0 for an algorithm nobody knows. */
static size_t digest_size(const struct tcg_walk *w, uint16_t id)
{
	static const struct tcg_algorithm known[] = {
		{ 0x0004, 20 }, /* SHA-1 */
		{ 0x000B, 32 }, /* SHA-256 */
		{ 0x000C, 48 }, /* SHA-384 */
		{ 0x000D, 64 }, /* SHA-512 */
		{ 0x0012, 32 }, /* SM3-256 */
		{ 0x0027, 32 }, /* SHA3-256 */
		{ 0x0028, 48 }, /* SHA3-384 */
		{ 0x0029, 64 }, /* SHA3-512 */
	};

	for (size_t i = 0; i < w->algorithm_count; i++)
		if (w->algorithms[i].id == id)
			return w->algorithms[i].size;
	for (size_t i = 0; i < ED_COUNT(known); i++)
		if (known[i].id == id)
			return known[i].size;
	return 0;
}

/* The digests of an event. NULL, or what is wrong with them; cut bytes are left to @c. */
static const char *skip_digests(const struct tcg_walk *w, struct ed_cursor *c)
{
	uint32_t count = ed_cursor_u32(c);

	if (!c->bad && count > TCG_ALGORITHMS)
		return "too many digests";
	for (uint32_t i = 0; i < count && !c->bad; i++) {
		uint16_t id = ed_cursor_u16(c);
		size_t size = digest_size(w, id);

		if (!c->bad && !size)
			return "digest of an unknown algorithm";
		ed_cursor_take(c, size);
	}
	return NULL;
}

static const char *take_event(const struct tcg_walk *w, struct ed_cursor *c,
			      struct tcg_event *event)
{
	const unsigned char *sha1;
	const char *why = NULL;
	uint32_t size;

	if (w->agile) {
		event->pcr = ed_cursor_u32(c);
		event->type = ed_cursor_u32(c);
		why = skip_digests(w, c);
		if (why)
			return why;
		size = ed_cursor_u32(c);
		event->data = (struct ed_cursor){ .left = size };
		event->data.p = ed_cursor_take(c, size);
	} else {
		take_sha1_event(c, event, &sha1);
	}
	if (!c->bad && event->pcr >= TCG_PCRS && event->pcr != TCG_PCR_NONE)
		return "no such register";
	return NULL;
}

static bool is_spec_id(const struct tcg_event *event, struct ed_str *version)
{
	static const char start[] = "Spec ID Event0";
	struct ed_str data = { (const char *)event->data.p, event->data.left };

	if (event->pcr != 0 || event->type != TCG_NO_ACTION || data.len < 16 ||
	    !ed_str_starts(data, ED_STR("Spec ID Event0")))
		return false;
	*version = ed_str_slice(data, sizeof(start) - 1, sizeof(start));
	return true;
}

/* The algorithms that the log names. What does not fit its event is left to the known sizes. */
static void read_algorithms(struct tcg_walk *w, struct ed_cursor c)
{
	uint32_t count;

	ed_cursor_take(&c, 16 + 4 + 4); /* signature, platform class, versions and width */
	count = ed_cursor_u32(&c);
	for (uint32_t i = 0; i < count && i < TCG_ALGORITHMS; i++) {
		struct tcg_algorithm a = { .id = ed_cursor_u16(&c) };

		a.size = ed_cursor_u16(&c);
		if (c.bad)
			return;
		if (a.size && a.size <= TCG_MAX_DIGEST)
			w->algorithms[w->algorithm_count++] = a;
	}
}

static bool all_same(struct ed_cursor c)
{
	for (size_t i = 0; i < c.left; i++)
		if (c.p[i] != c.p[0] || (c.p[0] != 0x00 && c.p[0] != 0xFF))
			return false;
	return true;
}

/*
 * Logs taken from a buffer of the system end in what it was filled with. Less than a register and a
 * type may be the cut front of an event.
 */
static bool only_filling(struct ed_cursor c)
{
	return c.left >= 8 && all_same(c);
}

static ed_status walk_events(struct tcg_walk *w, struct ed_cursor c)
{
	size_t total = c.left;
	struct ed_str version;

	while (c.left && !only_filling(c)) {
		struct tcg_event event;
		size_t at = total - c.left;
		const char *why;

		if (w->events >= ED_LIMIT_TCG_EVENTS) {
			w->cut = true;
			tcg_lose(w, ED_LOST_UNKNOWN,
				 "more events than are read (ED_LIMIT_TCG_EVENTS)");
			return ED_OK;
		}
		why = take_event(w, &c, &event);
		if (why || c.bad) {
			/* without its length there is no way to the next event */
			w->cut = w->cut || c.bad;
			tcg_lose(w, ED_LOST_UNKNOWN, "event %llu at byte %zu: %s",
				 (unsigned long long)w->events, at,
				 why ? why : "cut off by the end of the log");
			return ED_OK;
		}
		if (!w->events && is_spec_id(&event, &version) && version.p[0] == '3') {
			w->agile = true;
			read_algorithms(w, event.data);
		}
		if (event.type == TCG_EVENT_TAG)
			ED_TRY(tcg_read_records(w, event.data, event.pcr >= TCG_FIRST_WINDOWS_PCR));
		w->events++;
	}
	return ED_OK;
}

static ed_status tell_log(struct tcg_walk *w, const struct tcg_walk *counted)
{
	char text[120];
	struct ed_fact fact = {
		.kind = ED_FACT_BOOTLOG,
		.has_number = true,
		.path = ED_STR(""),
		.name = ED_STR("Log"),
		.number = counted->events,
		.time = ED_TIME_NONE,
	};

	snprintf(text, sizeof(text), "%llu events, %llu records, %llu of them of other kinds",
		 (unsigned long long)counted->events, (unsigned long long)counted->records,
		 (unsigned long long)counted->unknown);
	fact.text = ed_str_from(text);
	return w->sink->ops->fact(w->sink, &fact, w->err);
}

static ed_status tell_lost(struct tcg_walk *w)
{
	struct ed_gap gap = {
		.state = w->cut ? ED_STATE_TRUNCATED : ED_STATE_DAMAGED,
		.lost = w->lost,
		.why = ed_str_from(w->why),
	};

	return w->lost ? w->sink->ops->gap(w->sink, &gap, w->err) : ED_OK;
}

static ed_status tcglog_read(const struct ed_input *input, struct ed_sink *sink,
			     struct ed_error *err)
{
	struct tcg_walk counted = { .err = err }, w = { .sink = sink, .err = err };
	struct ed_buf hold;
	struct ed_str bytes;
	struct ed_cursor c;
	ed_status status;

	if (input->size > ED_LIMIT_TCG_FILE)
		return ed_fail(err, ED_LIMIT, "measured-boot log of more than %zu bytes",
			       ED_LIMIT_TCG_FILE);
	ed_buf_init(&hold, ED_LIMIT_TCG_FILE);
	ed_buf_init(&w.text, ED_LIMIT_VALUE);
	status = ed_input_all(input, &hold, &bytes, err);
	if (status != ED_OK)
		goto out;
	c = (struct ed_cursor){ .p = (const unsigned char *)bytes.p, .left = bytes.len };
	status = walk_events(&counted, c);
	if (status == ED_OK && !counted.events && !counted.lost)
		status = ed_fail(err, ED_FORMAT, "measured-boot log without events");
	if (status == ED_OK)
		status = tell_log(&w, &counted);
	if (status == ED_OK)
		status = walk_events(&w, c);
	if (status == ED_OK)
		status = tell_lost(&w);
out:
	ed_buf_release(&w.text);
	ed_buf_release(&hold);
	return status;
}

/* The types that firmware and Windows use: 0 is obsolete and matches any run of zeros. */
static bool plausible_type(uint32_t type)
{
	return (type >= 1 && type <= 0x12) || (type >= 0x80000000 && type <= 0x80000011) ||
	       (type >= 0x800000E0 && type <= 0x800000E3);
}

/* A digest that was computed is neither all zeros nor all ones. */
static bool plausible_digest(const unsigned char *sha1, uint32_t type)
{
	struct ed_cursor digest = { .p = sha1, .left = TCG_SHA1_BYTES };

	return type == TCG_NO_ACTION || !all_same(digest);
}

/* The header event, even where the log ends inside it. */
static bool begins_with_spec_id(struct ed_str head)
{
	static const unsigned char front[8] = { 0, 0, 0, 0, TCG_NO_ACTION };
	struct ed_str data = ed_str_slice(head, sizeof(front) + TCG_SHA1_BYTES + 4, head.len);
	struct ed_str signature = ED_STR("Spec ID Event0");

	return ed_str_starts(head, (struct ed_str){ (const char *)front, sizeof(front) }) &&
	       (data.len < signature.len ? data.len >= 4 && ed_str_starts(signature, data)
					 : ed_str_starts(data, signature));
}

/* A log without a header event is told by several events in a row that could be ones. */
static int tcglog_probe(struct ed_str head, struct ed_str path)
{
	struct ed_cursor c = { .p = (const unsigned char *)head.p, .left = head.len };
	struct tcg_event event;
	const unsigned char *sha1;
	int events = 0;

	(void)path;
	if (begins_with_spec_id(head))
		return 100;
	while (take_sha1_event(&c, &event, &sha1)) {
		if (event.pcr >= TCG_PCRS || !plausible_type(event.type) || !event.data.left ||
		    !plausible_digest(sha1, event.type))
			return 0;
		if (++events == 3)
			return 60;
	}
	return 0;
}

const struct ed_reader ed_reader_tcglog = {
	.name = "tcglog",
	.probe = tcglog_probe,
	.read = tcglog_read,
};
