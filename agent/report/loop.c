/* SPDX-License-Identifier: MIT */
/*
 * The loop in one line of ASCII: "start | BitLocker on | x x x x | restart | x o". What tells the
 * story is its end, so the front goes first when there is too much.
 */
#include "text_priv.h"

/* The newest pieces that are kept; older ones would not fit into a line. */
#define PIECES 24
/* Attempts of one piece up to which each has a letter of its own. */
#define LETTERS_MOST 12

/* Bytes of "... ". */
#define LOOP_DOTS ((size_t)4)

/* A word between bars, or a run of equal letters. */
struct piece {
	const char *word; /* NULL: letters */
	char letter;
	size_t count;
};

struct loop {
	struct piece pieces[PIECES];
	size_t count;
	bool cut; /* older ones went */
};

static char mark_letter(enum ed_mark_kind kind)
{
	switch ((int)kind) {
	case ED_MARK_ATTEMPT_FAILED:
		return 'x';
	case ED_MARK_ATTEMPT_OK:
	case ED_MARK_DEPLOYED:
		return 'o';
	case ED_MARK_ATTEMPT_OPEN:
		return '?';
	case ED_MARK_DENIED:
		return 'd';
	default:
		return '\0';
	}
}

static const char *mark_word(enum ed_mark_kind kind)
{
	switch ((int)kind) {
	case ED_MARK_RESTART:
		return "restart";
	case ED_MARK_FAST_STARTUP:
		return "fast startup";
	case ED_MARK_RESUME:
		return "resume";
	case ED_MARK_START_UNKNOWN:
		return "start";
	case ED_MARK_PROTECTED:
		return "BitLocker on";
	case ED_MARK_SUSPENDED:
		return "suspended";
	case ED_MARK_UNPROTECTED:
		return "BitLocker off";
	default:
		return NULL;
	}
}

static void loop_add(struct loop *l, const char *word, char letter)
{
	struct piece *last = l->count ? &l->pieces[l->count - 1] : NULL;

	if (!word && last && !last->word && last->letter == letter) {
		last->count++;
		return;
	}
	if (word && last && last->word == word)
		return; /* seen by two logs */
	if (l->count == PIECES) {
		memmove(l->pieces, l->pieces + 1, (PIECES - 1) * sizeof(*l->pieces));
		l->count--;
		l->cut = true;
	}
	l->pieces[l->count++] = (struct piece){ word, letter, 1 };
}

/* Where the walk over the marks is among the attempts. */
struct near {
	int64_t ended; /* end of the latest that began */
	size_t ahead;  /* the next that begins */
};

static bool is_attempt(const struct ed_mark *m)
{
	return m->kind == ED_MARK_ATTEMPT_FAILED || m->kind == ED_MARK_ATTEMPT_OK ||
	       m->kind == ED_MARK_ATTEMPT_OPEN;
}

/* An attempt says what its denial and its deployment would say once more. Marks come in order. */
static bool told_by_attempt(struct near *near, const struct ed_timeline *t, size_t i)
{
	const int64_t close = ED_TICKS_PER_MINUTE / 2;
	const struct ed_mark *m = &t->marks[i];

	if (is_attempt(m) && m->to > near->ended && m->to < INT64_MAX - close)
		near->ended = m->to;
	if (m->kind != ED_MARK_DENIED && m->kind != ED_MARK_DEPLOYED)
		return false;
	if (near->ended != ED_TIME_NONE && near->ended + close >= m->from)
		return true;
	if (near->ahead < i)
		near->ahead = i;
	while (near->ahead < t->count && !is_attempt(&t->marks[near->ahead]))
		near->ahead++;
	return near->ahead < t->count && t->marks[near->ahead].from - close <= m->from;
}

/* The last start before the first attempt: what came before it is another story. */
static size_t loop_begin(const struct ed_timeline *t)
{
	size_t start = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (mark_letter(t->marks[i].kind))
			return start;
		if (t->marks[i].kind == ED_MARK_RESTART)
			start = i;
	}
	return t->count;
}

static size_t piece_write(const struct piece *p, bool first, char out[32])
{
	size_t n = 0;

	if (p->word)
		return (size_t)snprintf(out, 32, "%s%s |", first ? "" : "| ", p->word);
	if (p->count > LETTERS_MOST)
		return (size_t)snprintf(out, 32, "%c x%zu", p->letter, p->count);
	for (size_t i = 0; i < p->count; i++) {
		if (i)
			out[n++] = ' ';
		out[n++] = p->letter;
	}
	out[n] = '\0';
	return n;
}

/* The pieces from @from on; words are between bars, of which neighbours share one. */
static size_t loop_write(const struct loop *l, size_t from, char *out, size_t size)
{
	size_t n = 0;
	bool bar = true; /* a word at the front has none before it */

	out[0] = '\0';
	for (size_t i = from; i < l->count; i++) {
		char text[32];
		size_t len = piece_write(&l->pieces[i], bar, text);
		bool last = i + 1 == l->count;

		if (last && l->pieces[i].word)
			len -= 2; /* nothing follows the bar */
		if (n + len + 2 > size)
			return size;
		if (n)
			out[n++] = ' ';
		memcpy(out + n, text, len);
		n += len;
		out[n] = '\0';
		bar = l->pieces[i].word != NULL;
	}
	return n;
}

bool loop_line(const struct ed_timeline *timeline, char *out, size_t size)
{
	size_t i = loop_begin(timeline), from = 0, room = size;
	struct near near = { .ended = ED_TIME_NONE };
	struct loop loop = { 0 };

	if (i == timeline->count)
		return false;
	for (; i < timeline->count; i++) {
		const struct ed_mark *m = &timeline->marks[i];
		const char *word = mark_word(m->kind);
		char letter = mark_letter(m->kind);

		if (!told_by_attempt(&near, timeline, i) && (word || letter))
			loop_add(&loop, word, letter);
	}
	if (!loop.cut && loop_write(&loop, 0, out, size) < size)
		return true;
	/* less room, for the dots that say so */
	room -= LOOP_DOTS;
	from = loop.cut ? 0 : 1;
	while (loop_write(&loop, from, out + LOOP_DOTS, room) == room && from < loop.count)
		from++;
	memcpy(out, "... ", LOOP_DOTS);
	return true;
}

void text_loop(const struct text *t)
{
	char line[WRAP_COLUMNS - TEXT_LABEL + 1];
	struct wrap w;

	if (!loop_line(&t->verdict->timeline, line, sizeof(line)))
		return;
	text_label(t, &w, "Loop", 1);
	wrap_addz(&w, line);
	wrap_end(&w);
}
