/* SPDX-License-Identifier: MIT */
/* The words learnt, and an automaton (Aho and Corasick) that finds all of them in one pass. */
#include "redact_priv.h"

#include "espdiag/base/alloc.h"

#define INDEX_FIRST ((size_t)256)
#define ROOT 0

void dict_release(struct dict *dict)
{
	ed_free(dict->words);
	ed_free(dict->index);
	ed_free(dict->nodes);
	ed_free(dict->edges);
	*dict = (struct dict){ .arena = dict->arena };
}

static uint64_t hash_text(struct ed_str s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return h ^ h >> 29;
}

static size_t index_slot(const struct dict *dict, struct ed_str lower)
{
	size_t slot = (size_t)hash_text(lower) & (dict->index_cap - 1);

	while (dict->index[slot] && !ed_str_eq(dict->words[dict->index[slot] - 1].text, lower))
		slot = (slot + 1) & (dict->index_cap - 1);
	return slot;
}

static bool grow_index(struct dict *dict)
{
	size_t cap = dict->index_cap ? dict->index_cap * 2 : INDEX_FIRST;
	uint32_t *index = ed_calloc(cap, sizeof(*index));

	if (!index)
		return false;
	ed_free(dict->index);
	dict->index = index;
	dict->index_cap = cap;
	for (size_t i = 0; i < dict->word_count; i++)
		index[index_slot(dict, dict->words[i].text)] = (uint32_t)i + 1;
	return true;
}

const struct dict_word *dict_get(const struct dict *dict, struct ed_str lower)
{
	uint32_t found;

	if (!dict->index_cap)
		return NULL;
	found = dict->index[index_slot(dict, lower)];
	return found ? &dict->words[found - 1] : NULL;
}

ed_status dict_add(struct dict *dict, enum ed_redact_kind kind, struct ed_str lower)
{
	struct ed_str text;
	size_t slot;

	if (dict->word_count >= dict->index_cap / 2 && !grow_index(dict))
		return ED_NOMEM;
	slot = index_slot(dict, lower);
	if (dict->index[slot])
		return ED_OK;
	if (dict->word_count >= ED_LIMIT_REDACT_WORDS)
		return ED_LIMIT;
	if (dict->word_count == dict->word_cap) {
		size_t cap = dict->word_cap ? dict->word_cap * 2 : 64;
		struct dict_word *words = ed_realloc(dict->words, cap * sizeof(*words));

		if (!words)
			return ED_NOMEM;
		dict->words = words;
		dict->word_cap = cap;
	}
	text = ed_arena_str(dict->arena, lower);
	if (!text.p)
		return ED_NOMEM;
	dict->words[dict->word_count++] = (struct dict_word){ text, kind };
	dict->index[slot] = (uint32_t)dict->word_count;
	dict->built = false;
	return ED_OK;
}

static size_t edge_slot(const struct dict *dict, uint32_t node, unsigned char byte)
{
	uint64_t h = ((uint64_t)node << 8 | byte) * UINT64_C(0x9E3779B97F4A7C15);
	size_t slot = (size_t)(h >> 32) & (dict->edge_cap - 1);

	while (dict->edges[slot] && (dict->nodes[dict->edges[slot]].parent != node ||
				     dict->nodes[dict->edges[slot]].byte != byte))
		slot = (slot + 1) & (dict->edge_cap - 1);
	return slot;
}

static void insert_word(struct dict *dict, uint32_t word)
{
	struct ed_str text = dict->words[word - 1].text;
	uint32_t at = ROOT;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.p[i];
		size_t slot = edge_slot(dict, at, byte);

		if (!dict->edges[slot]) {
			uint32_t fresh = (uint32_t)dict->node_count++;

			dict->nodes[fresh] = (struct dict_node){
				.parent = at,
				.byte = byte,
				.depth = dict->nodes[at].depth + 1,
				.next = dict->nodes[at].child,
			};
			dict->nodes[at].child = fresh;
			dict->edges[slot] = fresh;
		}
		at = dict->edges[slot];
	}
	dict->nodes[at].word = word;
}

static uint32_t step(const struct dict *dict, uint32_t state, unsigned char byte)
{
	while (state) {
		uint32_t next = dict->edges[edge_slot(dict, state, byte)];

		if (next)
			return next;
		state = dict->nodes[state].fail;
	}
	return dict->root[byte];
}

/* Where to go on when the next byte fits no child, and the longest word that ends at a node. */
static bool link_nodes(struct dict *dict)
{
	uint32_t *queue = ed_malloc(dict->node_count * sizeof(*queue));
	size_t head = 0, tail = 0;

	if (!queue)
		return false;
	queue[tail++] = ROOT;
	while (head < tail) {
		uint32_t at = queue[head++];
		struct dict_node *node = &dict->nodes[at];

		for (uint32_t c = node->child; c; c = dict->nodes[c].next) {
			struct dict_node *child = &dict->nodes[c];

			child->fail = at ? step(dict, node->fail, child->byte) : ROOT;
			child->out = child->word ? c : dict->nodes[child->fail].out;
			queue[tail++] = c;
		}
	}
	ed_free(queue);
	return true;
}

ed_status dict_build(struct dict *dict)
{
	size_t most = 1, cap = 1024;

	if (dict->built)
		return ED_OK;
	ed_free(dict->nodes);
	ed_free(dict->edges);
	dict->edges = NULL;
	for (size_t i = 0; i < dict->word_count; i++)
		most += dict->words[i].text.len;
	while (cap < 2 * most)
		cap *= 2;
	dict->nodes = ed_calloc(most, sizeof(*dict->nodes));
	dict->edges = ed_calloc(cap, sizeof(*dict->edges));
	if (!dict->nodes || !dict->edges)
		return ED_NOMEM;
	dict->edge_cap = cap;
	dict->node_count = 1;
	memset(dict->root, 0, sizeof(dict->root));
	for (size_t i = 0; i < dict->word_count; i++)
		insert_word(dict, (uint32_t)i + 1);
	for (uint32_t c = dict->nodes[ROOT].child; c; c = dict->nodes[c].next)
		dict->root[dict->nodes[c].byte] = c;
	if (!link_nodes(dict))
		return ED_NOMEM;
	dict->built = true;
	return ED_OK;
}

/* No letter or digit continues the word on either side. */
static bool at_boundaries(struct ed_str text, size_t from, size_t to)
{
	if (from && byte_is_word(text.p[from]) && byte_is_word(text.p[from - 1]))
		return false;
	return to == text.len || !byte_is_word(text.p[to - 1]) || !byte_is_word(text.p[to]);
}

/* The longest word that ends before @end, stands at boundaries and begins at @from or later. */
static uint32_t best_at(const struct dict_walk *w, uint32_t state, size_t end, size_t from)
{
	const struct dict_node *nodes = w->dict->nodes;

	for (uint32_t n = nodes[state].out; n; n = nodes[nodes[n].fail].out) {
		size_t len = nodes[n].depth;

		if (len < w->least || len > end || end - len < from)
			continue;
		if (at_boundaries(w->text, end - len, end))
			return n;
	}
	return 0;
}

bool dict_next(struct dict_walk *w, size_t *from, size_t *to, const struct dict_word **word)
{
	const struct dict *dict = w->dict;
	size_t start = w->pos, found_from = 0, found_to = 0;
	uint32_t found = 0;

	if (!dict->word_count)
		return false;
	for (size_t i = w->pos; i < w->text.len; i++) {
		uint32_t n;

		w->state = step(dict, w->state, (unsigned char)byte_lower(w->text.p[i]));
		/* nothing that is still open began as early as what was found */
		if (found && i + 1 - dict->nodes[w->state].depth > found_from)
			break;
		n = best_at(w, w->state, i + 1, start);
		if (!n || (found && i + 1 - dict->nodes[n].depth > found_from))
			continue;
		found = n;
		found_to = i + 1;
		found_from = found_to - dict->nodes[n].depth;
	}
	w->pos = found ? found_to : w->text.len;
	w->state = ROOT;
	if (!found)
		return false;
	*from = found_from;
	*to = found_to;
	*word = &dict->words[dict->nodes[found].word - 1];
	return true;
}
