/* SPDX-License-Identifier: MIT */
/*
 * Definitions made into templates, and the cache that shares them: between chunks and, when the
 * cache is kept, between files. A definition is the same when all its bytes are, except where it
 * refers to names, and the names are.
 */
#include "evtx_priv.h"

#include "espdiag/base/alloc.h"

/* What is looked at in one chunk; honest definitions do not overlap, so 64 KiB would do. */
#define CHUNK_DEFINITION_BYTES (2 * EVTX_CHUNK_BYTES)
/* Definitions of one bucket; those of one GUID differ only in where their names stand. */
#define BUCKET_DEPTH 64

bool evtx_grow(void **items, size_t *cap, size_t count, size_t item_size)
{
	size_t new_cap = *cap ? *cap : 64;
	void *p;

	if (count <= *cap)
		return true;
	while (new_cap < count)
		new_cap *= 2;
	p = ed_realloc(*items, new_cap * item_size);
	if (!p)
		return false;
	*items = p;
	*cap = new_cap;
	return true;
}

static void templates_drop(struct ed_evtx_cache *cache, size_t most)
{
	if (cache->arena.used <= most && cache->template_count < ED_LIMIT_TEMPLATES)
		return;
	ed_arena_release(&cache->arena);
	ed_arena_release(&cache->shapes);
	memset(cache->buckets, 0, sizeof(cache->buckets));
	cache->template_count = 0;
}

void evtx_templates_begin_file(struct ed_evtx_cache *cache)
{
	templates_drop(cache, ED_LIMIT_TEMPLATE_BYTES / 4);
	cache->file++;
}

void evtx_templates_begin_chunk(struct ed_evtx_cache *cache)
{
	struct evtx_chunk_map *map = &cache->map;

	templates_drop(cache, ED_LIMIT_TEMPLATE_BYTES / 2);
	if (++map->stamp == 0) { /* after 2^32 chunks old stamps would look new */
		memset(map->slots, 0, sizeof(map->slots));
		map->stamp = 1;
	}
	map->count = 0;
	map->bytes = 0;
}

static struct evtx_chunk_slot *map_slot(struct evtx_chunk_map *map, uint32_t offset)
{
	uint32_t i = evtx_chunk_map_row(offset);

	/* Never full: EVTX_CHUNK_DEFINITIONS is half of it. */
	while (map->slots[i].stamp == map->stamp && map->slots[i].offset != offset)
		i = (i + 1) & (EVTX_CHUNK_MAP - 1);
	return &map->slots[i];
}

/* By the first part of the GUID alone, which is all that a record says of a definition elsewhere.
 */
static size_t bucket_of(uint32_t id)
{
	uint32_t h = id * 2654435761u;

	return (h ^ h >> 16) % EVTX_CACHE_BUCKETS;
}

const unsigned char *evtx_name_at(const unsigned char *chunk, uint32_t offset, uint32_t *size)
{
	uint32_t units;

	if (offset < EVTX_CHUNK_HEADER || offset > EVTX_CHUNK_BYTES - EVTX_NAME_HEADER)
		return NULL;
	units = ed_le16(chunk + offset + 6);
	if (!units || units > EVTX_NAME_UNITS ||
	    2 * units > EVTX_CHUNK_BYTES - EVTX_NAME_HEADER - offset)
		return NULL;
	*size = 2 * units;
	return chunk + offset + EVTX_NAME_HEADER;
}

/* Whether the definition of @t's size whose bytes begin at @p is the one that @t was made from. */
static bool template_matches(const struct evtx_template *t, const unsigned char *chunk,
			     const unsigned char *p)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < t->ref_count; i++) {
		const struct evtx_name_ref *ref = &t->refs[i];
		uint32_t offset = ed_le32(p + ref->at);
		bool is_here = offset == (uint32_t)(p - chunk) + ref->at + 4;
		const unsigned char *name;
		uint32_t size;

		if (is_here != !ref->size || !evtx_is_same(t->raw + at, p + at, ref->at - at))
			return false;
		at = ref->at + 4;
		if (is_here) {
			at += 4; /* the offset of the next name in the chunk's list */
			continue;
		}
		name = evtx_name_at(chunk, offset, &size);
		if (!name || size != ref->size || !evtx_is_same(name, ref->p, size))
			return false;
	}
	return memcmp(t->raw + at, p + at, t->size - at) == 0;
}

static ed_status template_use(struct ed_evtx_cache *cache, struct evtx_template *t,
			      const struct evtx_template **definition)
{
	if (t->file != cache->file) {
		t->file = cache->file;
		t->use = ++cache->uses;
	}
	*definition = t;
	return ED_OK;
}

static ed_status template_load(struct evtx_reader *r, uint32_t offset, uint32_t size,
			       const struct evtx_template **definition)
{
	struct ed_evtx_cache *cache = r->cache;
	const unsigned char *guid = r->chunk + offset + 4;
	const unsigned char *p = r->chunk + offset + EVTX_DEFINITION_HEADER;
	struct evtx_template **bucket = &cache->buckets[bucket_of(ed_le32(guid))];
	struct evtx_template *t;
	size_t depth = 0;

	for (t = *bucket; t && depth < BUCKET_DEPTH; t = t->next, depth++)
		if (t->size == size && memcmp(t->guid, guid, sizeof(t->guid)) == 0 &&
		    template_matches(t, r->chunk, p))
			return template_use(cache, t, definition);
	ED_TRY(evtx_compile(r, p, size, true, &cache->arena, &t));
	memcpy(t->guid, guid, sizeof(t->guid));
	if (!t->is_local && depth < BUCKET_DEPTH) {
		t->next = *bucket;
		*bucket = t;
		cache->template_count++;
	}
	return template_use(cache, t, definition);
}

ed_status evtx_template_at(struct evtx_reader *r, uint32_t offset,
			   const struct evtx_template **definition)
{
	struct evtx_chunk_map *map = &r->cache->map;
	struct evtx_chunk_slot *slot = map_slot(map, offset);
	ed_status status;
	uint32_t size;

	if (slot->stamp == map->stamp) {
		if (!slot->definition)
			return evtx_bad(r, "template unusable");
		*definition = slot->definition;
		return ED_OK;
	}
	if (offset < EVTX_CHUNK_HEADER || offset > EVTX_CHUNK_BYTES - EVTX_DEFINITION_HEADER)
		return evtx_bad(r, "template outside the chunk");
	size = ed_le32(r->chunk + offset + 20);
	if (size > EVTX_CHUNK_BYTES - EVTX_DEFINITION_HEADER - offset)
		return evtx_bad(r, "template larger than the chunk");
	if (map->count >= EVTX_CHUNK_DEFINITIONS || size > CHUNK_DEFINITION_BYTES - map->bytes) {
		r->why = "too many templates in one chunk";
		return ED_LIMIT;
	}
	map->count++;
	map->bytes += size;
	status = template_load(r, offset, size, definition);
	if (status == ED_NOMEM)
		return status;
	*slot = (struct evtx_chunk_slot){ .stamp = map->stamp, .offset = offset };
	if (status == ED_OK)
		slot->definition = *definition;
	return status;
}

const struct evtx_template *evtx_template_known(const struct ed_evtx_cache *cache, uint32_t id)
{
	const struct evtx_template *found = NULL;

	for (const struct evtx_template *t = cache->buckets[bucket_of(id)]; t; t = t->next) {
		if (ed_le32(t->guid) != id || t->file != cache->file)
			continue;
		if (found && memcmp(found->guid, t->guid, sizeof(t->guid)) != 0)
			return NULL;
		if (!found || t->use < found->use)
			found = t;
	}
	return found;
}

ed_status evtx_template_from_fragment(struct evtx_reader *r, const unsigned char *at, size_t len,
				      const struct evtx_template **definition)
{
	struct evtx_template *t;

	ED_TRY(evtx_compile(r, at, (uint32_t)len, false, &r->cache->record, &t));
	*definition = t;
	return ED_OK;
}
