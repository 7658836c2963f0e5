/* SPDX-License-Identifier: MIT */
/* Reading JSON: limits first, then jansson, then a plain tree of our own. */
#include "espdiag/json/json.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/arena.h"
#include "espdiag/base/limits.h"

#include <jansson.h>

#include <stdatomic.h>

struct ed_json {
	enum ed_json_type type;
	bool whole; /* a number without fraction or exponent that fits int64_t */
	bool boolean;
	int64_t integer;
	struct ed_str text;
	const struct ed_json *items;
	const struct ed_str *names; /* of an object's members, beside items */
	size_t count;
};

/* What the root pointer given to the caller really is. */
struct document {
	struct ed_json root;
	struct ed_arena arena;
};

/*
 * jansson gives its allocators no context and its lexer ignores some failures; see README.md. Of
 * all threads, since a variable of one thread is itself allocated by some compilers' libraries,
 * which end the program where there is no memory for it.
 */
static atomic_uint alloc_failures;

static void *json_alloc(size_t size)
{
	void *p = ed_malloc(size);

	if (!p)
		atomic_fetch_add(&alloc_failures, 1);
	return p;
}

/*
 * Counts values and depth without building anything. Only brackets and commas outside of strings
 * matter; whether the text is JSON at all is for jansson to say.
 */
static ed_status text_check(struct ed_str text, struct ed_error *err)
{
	size_t depth = 0, values = 1;
	bool in_string = false;

	if (text.len > ED_LIMIT_JSON)
		return ed_fail(err, ED_LIMIT, "JSON of %zu bytes is over the limit", text.len);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		in_string = c == '"';
		if (c == '[' || c == '{') {
			depth++;
			values++;
		} else if ((c == ']' || c == '}') && depth) {
			depth--;
		} else if (c == ',') {
			values++;
		}
		if (depth > ED_LIMIT_JSON_DEPTH)
			return ed_fail(err, ED_LIMIT, "JSON is nested deeper than %d",
				       ED_LIMIT_JSON_DEPTH);
		if (values > ED_LIMIT_JSON_VALUES)
			return ed_fail(err, ED_LIMIT, "JSON has more than %zu values",
				       ED_LIMIT_JSON_VALUES);
	}
	return ED_OK;
}

static bool tree_copy(struct ed_arena *arena, json_t *from, struct ed_json *to);

static bool tree_copy_array(struct ed_arena *arena, json_t *from, struct ed_json *to)
{
	size_t count = json_array_size(from);
	struct ed_json *items = ed_arena_calloc(arena, count, sizeof(*items));

	if (!items)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!tree_copy(arena, json_array_get(from, i), &items[i]))
			return false;
	}
	to->type = ED_JSON_ARRAY;
	to->items = items;
	to->count = count;
	return true;
}

static bool tree_copy_object(struct ed_arena *arena, json_t *from, struct ed_json *to)
{
	size_t count = json_object_size(from);
	struct ed_json *items = ed_arena_calloc(arena, count, sizeof(*items));
	struct ed_str *names = ed_arena_calloc(arena, count, sizeof(*names));
	size_t i = 0;

	if (!items || !names)
		return false;
	for (void *it = json_object_iter(from); it && i < count;
	     it = json_object_iter_next(from, it), i++) {
		struct ed_str name = { json_object_iter_key(it), json_object_iter_key_len(it) };

		names[i] = ed_arena_str(arena, name);
		if (!names[i].p || !tree_copy(arena, json_object_iter_value(it), &items[i]))
			return false;
	}
	to->type = ED_JSON_OBJECT;
	to->items = items;
	to->names = names;
	to->count = i;
	return true;
}

/* Recursion is bounded by ED_LIMIT_JSON_DEPTH. */
static bool tree_copy(struct ed_arena *arena, json_t *from, struct ed_json *to)
{
	switch (json_typeof(from)) {
	case JSON_OBJECT:
		return tree_copy_object(arena, from, to);
	case JSON_ARRAY:
		return tree_copy_array(arena, from, to);
	case JSON_STRING:
		to->type = ED_JSON_STRING;
		to->text = ed_arena_str(arena, (struct ed_str){ json_string_value(from),
								json_string_length(from) });
		return to->text.p != NULL;
	case JSON_INTEGER:
		to->type = ED_JSON_NUMBER;
		to->whole = true;
		to->integer = json_integer_value(from);
		return true;
	case JSON_REAL:
		to->type = ED_JSON_NUMBER;
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		to->type = ED_JSON_BOOL;
		to->boolean = json_is_true(from);
		return true;
	case JSON_NULL:
		break;
	}
	to->type = ED_JSON_NULL;
	return true;
}

/*
 * Once a process, for the library's functions are variables: with several threads the first
 * document is read before they start.
 */
static void memory_start(void)
{
	json_malloc_t malloc_now = NULL;
	json_free_t free_now = NULL;

	json_get_alloc_funcs(&malloc_now, &free_now);
	if (malloc_now != json_alloc)
		json_set_alloc_funcs(json_alloc, ed_free);
}

static ed_status text_load(struct ed_str text, json_t **out, struct ed_error *err)
{
	unsigned before = atomic_load(&alloc_failures);
	json_error_t why;
	json_t *json;

	memory_start();
	json = json_loadb(text.p, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (atomic_load(&alloc_failures) != before) {
		json_decref(json);
		return ed_fail(err, ED_NOMEM, "out of memory while reading JSON");
	}
	if (!json) {
		/* jansson's own text quotes the input, which may hold anything */
		return ed_fail(err, ED_FORMAT, "line %d, column %d: not JSON", why.line,
			       why.column);
	}
	*out = json;
	return ED_OK;
}

ed_status ed_json_parse(struct ed_str text, struct ed_json **root, struct ed_error *err)
{
	struct document *document;
	json_t *json = NULL;

	if (ed_str_starts(text, ED_STR("\xEF\xBB\xBF")))
		text = ed_str_slice(text, 3, text.len);
	if (!text.len)
		return ed_fail(err, ED_FORMAT, "empty text is not JSON");
	ED_TRY(text_check(text, err));
	ED_TRY(text_load(text, &json, err));
	document = ed_calloc(1, sizeof(*document));
	if (document) {
		ed_arena_init(&document->arena, 4 * ED_LIMIT_JSON);
		if (!tree_copy(&document->arena, json, &document->root)) {
			ed_json_free(&document->root);
			document = NULL;
		}
	}
	json_decref(json);
	if (!document)
		return ed_fail(err, ED_NOMEM, "out of memory while reading JSON");
	*root = &document->root;
	return ED_OK;
}

void ed_json_free(struct ed_json *root)
{
	struct document *document = (struct document *)root; /* root is its first member */

	if (!document)
		return;
	ed_arena_release(&document->arena);
	ed_free(document);
}

enum ed_json_type ed_json_type(const struct ed_json *value)
{
	return value ? value->type : ED_JSON_ABSENT;
}

const struct ed_json *ed_json_get(const struct ed_json *object, const char *name)
{
	struct ed_str wanted = ed_str_from(name);

	if (!object || !object->names)
		return NULL;
	for (size_t i = 0; i < object->count; i++) {
		if (ed_str_eq(object->names[i], wanted))
			return &object->items[i];
	}
	return NULL;
}

size_t ed_json_count(const struct ed_json *value)
{
	return value ? value->count : 0;
}

const struct ed_json *ed_json_at(const struct ed_json *value, size_t i, struct ed_str *name)
{
	if (!value || i >= value->count)
		return NULL;
	if (name)
		*name = value->names ? value->names[i] : (struct ed_str){ NULL, 0 };
	return &value->items[i];
}

struct ed_str ed_json_string(const struct ed_json *value)
{
	return value ? value->text : (struct ed_str){ NULL, 0 };
}

int64_t ed_json_integer(const struct ed_json *value, int64_t other)
{
	return value && value->whole ? value->integer : other;
}

bool ed_json_bool(const struct ed_json *value, bool other)
{
	return value && value->type == ED_JSON_BOOL ? value->boolean : other;
}
