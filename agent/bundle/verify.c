/* SPDX-License-Identifier: MIT */
/* Holds what lies in a bundle against its manifest, both ways. */
#include "espdiag/base/alloc.h"
#include "espdiag/base/arena.h"
#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"

#include "bundle_priv.h"

#include <stdarg.h>

#define LINES_MAX 1000
#define DIGEST_MIN 8
#define NAME_SHOWN 400

/* Something that lies in the bundle. */
struct found {
	struct ed_str name;
	uint64_t size;
	unsigned char sha256[ED_SHA256_BYTES];
	struct ed_str why; /* { NULL, 0 } when all of it is there */
	bool listed;       /* the manifest names it */
};

struct check {
	struct ed_arena arena;
	struct found *found; /* sorted by name once all are there */
	size_t count, cap;
	struct ed_buf manifest; /* its bytes; of the first when there are several */
	bool has_run;           /* a bundle even without a manifest */
	struct ed_buf *lines;
	uint64_t differences;
};

/* One line about @name, which comes from outside: what is no plain ASCII is shown as its bytes. */
static void tell(struct check *c, struct ed_str name, const char *format, ...) ED_PRINTF(3, 4);

static void tell(struct check *c, struct ed_str name, const char *format, ...)
{
	char text[320];
	va_list args;

	if (++c->differences > LINES_MAX)
		return;
	for (size_t i = 0; i < name.len && i < NAME_SHOWN; i++) {
		if (name.p[i] >= ' ' && name.p[i] <= '~' && name.p[i] != '\\')
			ed_buf_addc(c->lines, name.p[i]);
		else
			ed_buf_printf(c->lines, "\\x%02x", (unsigned)(unsigned char)name.p[i]);
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ed_buf_printf(c->lines, ": %s\n", text);
}

static struct found *found_add(struct check *c, struct ed_str name, struct ed_error *err)
{
	struct found *f;

	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		void *items = ed_realloc(c->found, cap * sizeof(*c->found));

		if (!items)
			goto fail;
		c->found = items;
		c->cap = cap;
	}
	f = &c->found[c->count];
	*f = (struct found){ .name = ed_arena_str(&c->arena, name) };
	if (!f->name.p)
		goto fail;
	c->count++;
	return f;
fail:
	ed_fail(err, ED_NOMEM, "out of memory while checking a bundle");
	return NULL;
}

static ed_status check_member(void *context, struct ed_str name, struct ed_str bytes,
			      struct ed_error *err)
{
	struct check *c = context;
	struct found *f = found_add(c, name, err);

	if (!f)
		return ED_NOMEM;
	f->size = bytes.len;
	if (ed_str_eq(name, ED_STR(RUN_NAME)) &&
	    ed_str_find(bytes, ED_STR(RUN_SCHEMA), 0) != SIZE_MAX)
		c->has_run = true;
	if (ed_str_eq(name, ED_STR(MANIFEST_NAME)) && !c->manifest.p) {
		ed_buf_adds(&c->manifest, bytes);
		if (c->manifest.status == ED_NOMEM)
			return ed_fail(err, ED_NOMEM, "out of memory while checking a bundle");
	}
	return ed_sha256(bytes, f->sha256, err);
}

static ed_status check_lost(void *context, struct ed_str name, struct ed_str why,
			    struct ed_error *err)
{
	struct check *c = context;
	struct found *f;

	if (!name.p) {
		tell(c, ED_STR("the zip itself"), "%.*s", ED_FMT(why));
		return ED_OK;
	}
	/* one that was cut short was handed over just before */
	f = c->count && ed_str_eq(c->found[c->count - 1].name, name) ? &c->found[c->count - 1]
								     : found_add(c, name, err);
	if (!f)
		return ED_NOMEM;
	f->why = ed_arena_str(&c->arena, why);
	return f->why.p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory while checking a bundle");
}

static int compare_found(const void *left, const void *right)
{
	const struct found *a = left, *b = right;

	return ed_str_cmp(a->name, b->name);
}

static int compare_name(const void *key, const void *item)
{
	return ed_str_cmp(*(const struct ed_str *)key, ((const struct found *)item)->name);
}

static void member_check(struct check *c, struct found *f, struct ed_str sha256, int64_t size)
{
	char hex[ED_SHA256_HEX];

	ed_sha256_hex(f->sha256, hex);
	if (f->why.p)
		tell(c, f->name, "cannot be read: %.*s", ED_FMT(f->why));
	else if (!ed_str_eq(sha256, ed_str_from(hex)))
		tell(c, f->name, "changed, its SHA-256 is %s", hex);
	else if (size < 0 || (uint64_t)size != f->size)
		tell(c, f->name, "has %llu bytes, not the number in the manifest",
		     (unsigned long long)f->size);
}

static void manifest_check(struct check *c, const struct ed_json *members)
{
	for (size_t i = 0; i < ed_json_count(members); i++) {
		const struct ed_json *m = ed_json_at(members, i, NULL);
		struct ed_str name = ed_json_string(ed_json_get(m, "member"));
		struct ed_str sha256 = ed_json_string(ed_json_get(m, "sha256"));
		struct found *f;

		if (!name.p || !sha256.p) {
			tell(c, ED_STR(MANIFEST_NAME), "row %zu names no member or no SHA-256", i);
			continue;
		}
		f = c->count ? bsearch(&name, c->found, c->count, sizeof(*f), compare_name) : NULL;
		if (!f) {
			tell(c, name, "missing");
		} else if (f->listed) {
			tell(c, name, "twice in the manifest");
		} else {
			f->listed = true;
			member_check(c, f, sha256, ed_json_integer(ed_json_get(m, "bytes"), -1));
		}
	}
}

/* What the manifest does not name, and what is there twice. Doubles are neighbours, and bsearch may
 * have found any of them. */
static void found_check(struct check *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct ed_str name = c->found[i].name;
		bool listed = false;
		size_t same = i;

		for (; same < c->count && ed_str_eq(c->found[same].name, name); same++)
			listed = listed || c->found[same].listed;
		if (same - i > 1)
			tell(c, name, "%zu times in the zip", same - i);
		if (!listed && !ed_str_eq(name, ED_STR(MANIFEST_NAME)) &&
		    !ed_str_eq(name, ED_STR(ED_BUNDLE_SIGNATURE)))
			tell(c, name, "not in the manifest");
		i = same - 1;
	}
}

/* ED_FORMAT: no bundle. */
static ed_status contents_check(struct check *c, struct ed_error *err)
{
	struct ed_error why = { .status = ED_OK };
	const struct ed_json *members = NULL;
	struct ed_json *root = NULL;

	if (c->count)
		qsort(c->found, c->count, sizeof(*c->found), compare_found);
	if (c->manifest.status != ED_OK)
		ed_fail(&why, ED_FORMAT, "too large");
	else if (!c->manifest.len)
		ed_fail(&why, ED_FORMAT, "missing");
	else if (ed_json_parse(ed_buf_str(&c->manifest), &root, &why) == ED_NOMEM)
		return ed_fail(err, ED_NOMEM, "%s", why.text);
	if (root) {
		members = ed_json_get(root, "members");
		if (!ed_str_eq(ed_json_string(ed_json_get(root, "schema")),
			       ED_STR(MANIFEST_SCHEMA)) ||
		    ed_json_type(members) != ED_JSON_ARRAY)
			ed_fail(&why, ED_FORMAT, "not a manifest of espdiag");
	}
	if (!why.text[0]) {
		manifest_check(c, members);
		found_check(c);
	} else if (c->has_run) {
		tell(c, ED_STR(MANIFEST_NAME), "%s", why.text);
	}
	ed_json_free(root);
	if (why.text[0] && !c->has_run)
		return ed_fail(err, ED_FORMAT, "no bundle: " MANIFEST_NAME " is %s", why.text);
	return ED_OK;
}

/* The digits of @digest in lower case, without what people put between them. */
static ed_status digest_parse(struct ed_str digest, char out[ED_SHA256_HEX], struct ed_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < digest.len; i++) {
		char c = digest.p[i];

		if (c == '-' || c == ' ' || c == ':')
			continue;
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) || n + 1 == ED_SHA256_HEX)
			return ed_fail(err, ED_ARG, "'%.*s' is no SHA-256", ED_FMT(digest));
		out[n++] = c;
	}
	out[n] = '\0';
	if (n < DIGEST_MIN)
		return ed_fail(err, ED_ARG, "a digest needs at least %d hex digits", DIGEST_MIN);
	return ED_OK;
}

static ed_status path_check(struct check *c, struct ed_str path, struct ed_str digest,
			    char manifest_hex[ED_SHA256_HEX], struct ed_error *err)
{
	/* what cannot be read is not another than it was */
	struct disk_visitor visitor = {
		.context = c, .member = check_member, .lost = check_lost, .reads_all = true
	};
	unsigned char sha256[ED_SHA256_BYTES];
	char wanted[ED_SHA256_HEX] = "";

	if (digest.p)
		ED_TRY(digest_parse(digest, wanted, err));
	ED_TRY(disk_walk(path, &visitor, err));
	ED_TRY(contents_check(c, err));
	manifest_hex[0] = '\0';
	if (c->manifest.p) {
		ED_TRY(ed_sha256(ed_buf_str(&c->manifest), sha256, err));
		ed_sha256_hex(sha256, manifest_hex);
	}
	if (wanted[0] && !ed_str_starts(ed_str_from(manifest_hex), ed_str_from(wanted)))
		tell(c, ED_STR(MANIFEST_NAME), "another one, its SHA-256 begins with %.*s, not %s",
		     (int)strlen(wanted), manifest_hex, wanted);
	if (c->differences > LINES_MAX)
		ed_buf_printf(c->lines, "and %llu more differences\n",
			      (unsigned long long)(c->differences - LINES_MAX));
	if (c->lines->status != ED_OK)
		return ed_fail(err, c->lines->status, "cannot hold the differences");
	return ED_OK;
}

static ed_status signed_member(void *context, struct ed_str name, struct ed_str bytes,
			       struct ed_error *err)
{
	bool *is_signed = context;

	(void)err;
	*is_signed |= bytes.len && ed_str_eq(name, ED_STR(ED_BUNDLE_SIGNATURE));
	return ED_OK;
}

ed_status ed_bundle_signed(struct ed_str path, bool *is_signed, struct ed_error *err)
{
	struct disk_visitor visitor = { .context = is_signed,
					.member = signed_member,
					.reads_all = true };

	*is_signed = false;
	return disk_walk(path, &visitor, err);
}

ed_status ed_bundle_verify(struct ed_str path, struct ed_str digest, enum ed_verify_result *result,
			   struct ed_buf *lines, char manifest_hex[65], struct ed_error *err)
{
	struct check c = { .lines = lines };
	ed_status status;

	ed_arena_init(&c.arena, ED_LIMIT_RUN_ARENA);
	ed_buf_init(&c.manifest, ED_LIMIT_JSON);
	status = path_check(&c, path, digest, manifest_hex, err);
	if (status == ED_OK)
		*result = c.differences ? ED_VERIFY_MISMATCH
			  : digest.p    ? ED_VERIFY_GENUINE
					: ED_VERIFY_CONSISTENT;
	ed_buf_release(&c.manifest);
	ed_free(c.found);
	ed_arena_release(&c.arena);
	return status;
}
