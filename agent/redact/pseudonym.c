/* SPDX-License-Identifier: MIT */
/*
 * What stands in the place of an identity: SHA-256 over key, kind and value, in the form the value
 * had. The same value gives the same pseudonym; without the key none leads back.
 */
#include "redact_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/platform/digest.h"

#define NAME_DIGITS 8 /* of hex: with 10,000 values one collision in a hundred bundles */

struct digest {
	unsigned char bytes[ED_SHA256_BYTES];
};

static uint32_t digest_u32(const struct digest *d, size_t i)
{
	const unsigned char *p = d->bytes + 4 * (i % 8);

	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Lower case: "Jane" and "jane" are one person. */
static size_t lower_copy(char *out, size_t cap, struct ed_str s)
{
	size_t n = s.len < cap ? s.len : cap;

	for (size_t i = 0; i < n; i++)
		out[i] = byte_lower(s.p[i]);
	return n;
}

static struct digest digest_of(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value)
{
	struct digest d = { { 0 } };
	struct ed_sha256 *sha = NULL;
	struct ed_str word = ed_str_from(ed_redact_kind_word(kind));
	char part[256];
	ed_status status = ed_sha256_begin(&sha, NULL);

	if (status == ED_OK)
		status = ed_sha256_add(sha, (struct ed_str){ (const char *)r->key, sizeof(r->key) },
				       NULL);
	/* with the NUL behind it: no kind is the beginning of another's value */
	if (status == ED_OK)
		status = ed_sha256_add(sha, (struct ed_str){ word.p, word.len + 1 }, NULL);
	for (size_t i = 0; status == ED_OK && i < value.len; i += sizeof(part)) {
		size_t n = lower_copy(part, sizeof(part), ed_str_slice(value, i, value.len));

		status = ed_sha256_add(sha, (struct ed_str){ part, n }, NULL);
	}
	if (sha && status == ED_OK)
		status = ed_sha256_end(sha, d.bytes, NULL);
	else if (sha)
		ed_sha256_end(sha, NULL, NULL);
	if (status != ED_OK)
		redactor_fail(r, status);
	return d;
}

static void put_word(struct ed_redactor *r, struct ed_buf *out, enum ed_redact_kind kind,
		     struct ed_str value)
{
	struct digest d = digest_of(r, kind, value);

	ed_buf_printf(out, "%s-", ed_redact_kind_word(kind));
	ed_buf_printf(out, "%0*x", NAME_DIGITS, (unsigned)digest_u32(&d, 0));
}

static void put_guid(struct ed_redactor *r, struct ed_buf *out, enum ed_redact_kind kind,
		     struct ed_str value)
{
	struct digest d = digest_of(r, kind, value);
	bool upper = false;
	size_t n = 0;

	for (size_t i = 0; i < value.len; i++)
		upper |= value.p[i] >= 'A' && value.p[i] <= 'F';
	for (size_t i = 0; i < 36; i++) {
		const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			ed_buf_addc(out, '-');
			continue;
		}
		ed_buf_addc(out, digits[n % 2 ? d.bytes[n / 2] & 15 : d.bytes[n / 2] >> 4]);
		n++;
	}
}

static int compare_sids(const void *a, const void *b)
{
	return ed_str_icmp(*(const struct ed_str *)a, *(const struct ed_str *)b);
}

/* How many different ones come before @sid among those learnt. */
static size_t sid_rank(struct ed_redactor *r, struct ed_str sid)
{
	size_t low = 0, high;

	if (!r->sids_sorted && r->sid_count) {
		size_t kept = 0;

		qsort(r->sids, r->sid_count, sizeof(*r->sids), compare_sids);
		for (size_t i = 0; i < r->sid_count; i++)
			if (!kept || !ed_str_ieq(r->sids[kept - 1], r->sids[i]))
				r->sids[kept++] = r->sids[i];
		r->sid_count = kept;
		r->sids_sorted = true;
	}
	high = r->sid_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ed_str_icmp(r->sids[mid], sid) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * A SID among others of its authority, in the order that the real ones had: evidence is sorted by
 * key, and where two users differ the later one counts. All numbers have ten digits, so that text
 * sorts as numbers do. The last number of an account of a machine (500, 1001) says nothing of whom.
 */
static void put_sid(struct ed_redactor *r, struct ed_buf *out, struct ed_str value)
{
	const uint64_t first = 1000000000, room = UINT32_MAX - first;
	size_t rid = value.len;
	bool machine = ed_str_istarts(value, ED_STR("S-1-5-21-"));
	uint64_t step, number;
	struct ed_str of = value;
	struct digest d;

	while (machine && rid && value.p[rid - 1] != '-')
		rid--;
	if (machine && rid > 10)
		of = ed_str_slice(value, 0, rid - 1);
	d = digest_of(r, ED_REDACT_SID, of);
	step = room / (r->sid_count + 1);
	number = first + sid_rank(r, of) * step + digest_u32(&d, 0) % (step ? step : 1);
	ed_buf_adds(out, ed_str_slice(value, 0,
				      machine                                      ? 9
				      : ed_str_istarts(value, ED_STR("S-1-12-1-")) ? 9
										   : 10));
	ed_buf_printf(out, "%llu", (unsigned long long)number);
	for (size_t i = 1; i < (machine ? 3u : 4u); i++)
		ed_buf_printf(out, "-%llu", (unsigned long long)(first + digest_u32(&d, i) % room));
	if (machine && rid > 10 && value.len - rid <= 10)
		ed_buf_adds(out, ed_str_slice(value, rid - 1, value.len));
}

static bool is_placeholder(struct ed_str local)
{
	return ed_str_ieq(local, ED_STR("foouser")) || ed_str_ieq(local, ED_STR("autopilot"));
}

static void put_domain(struct ed_redactor *r, struct ed_buf *out, struct ed_str value)
{
	const struct ed_str cloud = ED_STR(".onmicrosoft.com");

	put_word(r, out, ED_REDACT_DOMAIN, value);
	if (ed_str_iends(value, cloud))
		ed_buf_adds(out, cloud);
	else if (memchr(value.p, '.', value.len))
		ed_buf_addz(out, ".invalid");
}

static void put_email(struct ed_redactor *r, struct ed_buf *out, struct ed_str value)
{
	size_t at = ed_str_find(value, ED_STR("@"), 0);
	struct ed_str local = ed_str_slice(value, 0, at);
	struct ed_str domain = ed_str_slice(value, at + 1, value.len);

	if (is_placeholder(local)) /* says that there is no user yet */
		ed_buf_adds(out, local);
	else
		put_word(r, out, ED_REDACT_USER, local);
	ed_buf_addc(out, '@');
	put_domain(r, out, domain);
}

static void put_host(struct ed_redactor *r, struct ed_buf *out, struct ed_str value)
{
	size_t dot = ed_str_find(value, ED_STR("."), 0);

	put_word(r, out, ED_REDACT_DEVICE, ed_str_slice(value, 0, dot));
	if (dot == SIZE_MAX || dot + 1 >= value.len)
		return;
	ed_buf_addc(out, '.');
	put_domain(r, out, ed_str_slice(value, dot + 1, value.len));
}

static void put_account(struct ed_redactor *r, struct ed_buf *out, struct ed_str value)
{
	size_t cut = value.len;
	struct ed_str domain;

	while (cut && value.p[cut - 1] != '\\')
		cut--;
	domain = ed_str_slice(value, 0, cut - 1);
	if (is_stop_word(domain) || ed_str_eq(domain, ED_STR(".")))
		ed_buf_adds(out, domain);
	else
		put_word(r, out, ED_REDACT_DOMAIN, domain);
	ed_buf_addc(out, '\\');
	put_word(r, out, ED_REDACT_USER, ed_str_slice(value, cut, value.len));
}

static bool is_account(struct ed_str s)
{
	size_t slash = ed_str_find(s, ED_STR("\\"), 0);

	return slash != SIZE_MAX && slash && slash + 1 < s.len &&
	       ed_str_find(s, ED_STR("\\"), slash + 1) == SIZE_MAX &&
	       ed_str_find(s, ED_STR("/"), 0) == SIZE_MAX && s.p[slash - 1] != ':';
}

static void put(struct ed_redactor *r, struct ed_buf *out, enum ed_redact_kind kind,
		struct ed_str value)
{
	if (is_guid(value))
		put_guid(r, out, kind, value);
	else if (is_account_sid(value))
		put_sid(r, out, value);
	else if (kind != ED_REDACT_CERTIFICATE && is_email(value))
		put_email(r, out, value);
	else if ((kind == ED_REDACT_USER || kind == ED_REDACT_UPN) && is_account(value))
		put_account(r, out, value);
	else if (kind == ED_REDACT_DOMAIN)
		put_domain(r, out, value);
	else if (kind == ED_REDACT_DEVICE)
		put_host(r, out, value);
	else
		put_word(r, out, kind == ED_REDACT_UPN ? ED_REDACT_USER : kind, value);
}

static uint64_t hash_value(struct ed_str s, unsigned salt)
{
	uint64_t h = UINT64_C(14695981039346656037) + salt;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)byte_lower(s.p[i])) * UINT64_C(1099511628211);
	return h ^ h >> 31;
}

#define ISSUED_SALT 1000u

static size_t name_slot(const struct ed_redactor *r, enum ed_redact_kind kind, bool issued,
			struct ed_str value)
{
	unsigned salt = issued ? ISSUED_SALT : (unsigned)kind;
	size_t slot = (size_t)hash_value(value, salt) & (r->name_index_cap - 1);

	for (; r->name_index[slot]; slot = (slot + 1) & (r->name_index_cap - 1)) {
		const struct pseudonym *n = &r->names[r->name_index[slot] - 1];

		if (n->issued == issued && (issued || n->kind == kind) &&
		    ed_str_ieq(n->value, value))
			break;
	}
	return slot;
}

static bool names_room(struct ed_redactor *r)
{
	if (r->name_count + 2 > r->name_cap) {
		size_t cap = r->name_cap ? r->name_cap * 2 : 128;
		struct pseudonym *names = ed_realloc(r->names, cap * sizeof(*names));

		if (!names)
			return false;
		r->names = names;
		r->name_cap = cap;
	}
	if ((r->name_count + 2) * 2 > r->name_index_cap) {
		size_t cap = r->name_index_cap ? r->name_index_cap * 2 : 256;
		uint32_t *index = ed_calloc(cap, sizeof(*index));

		if (!index)
			return false;
		ed_free(r->name_index);
		r->name_index = index;
		r->name_index_cap = cap;
		for (size_t i = 0; i < r->name_count; i++) {
			const struct pseudonym *n = &r->names[i];

			index[name_slot(r, n->kind, n->issued, n->value)] = (uint32_t)i + 1;
		}
	}
	return true;
}

static void name_add(struct ed_redactor *r, const struct pseudonym *name)
{
	size_t slot = name_slot(r, name->kind, name->issued, name->value);

	if (r->name_index[slot])
		return;
	r->names[r->name_count++] = *name;
	r->name_index[slot] = (uint32_t)r->name_count;
}

bool redactor_issued(const struct ed_redactor *r, struct ed_str value)
{
	return r->name_index_cap && r->name_index[name_slot(r, ED_REDACT_SECRET, true, value)] != 0;
}

static struct ed_str make(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value)
{
	struct ed_buf text;
	struct pseudonym name = { .value = value, .kind = kind };
	bool keep = r->name_count < ED_LIMIT_REDACT_WORDS * 4 && value.len <= REDACT_WORD_BYTES;

	ed_buf_init(&text, ED_KIB);
	put(r, &text, kind, value);
	if (text.status != ED_OK || (keep && !names_room(r))) {
		ed_buf_release(&text);
		redactor_fail(r, ED_NOMEM);
		return (struct ed_str){ NULL, 0 };
	}
	name.text = ed_arena_str(&r->arena, ed_buf_str(&text));
	ed_buf_release(&text);
	if (keep && name.text.p)
		name.value = ed_arena_str(&r->arena, value);
	if (!name.text.p || !name.value.p) {
		redactor_fail(r, ED_NOMEM); /* or past the ceiling of all pseudonyms */
		return (struct ed_str){ NULL, 0 };
	}
	if (keep) {
		name_add(r, &name);
		name_add(r, &(struct pseudonym){ .value = name.text, .issued = true });
	}
	return name.text;
}

struct ed_str redactor_pseudonym(struct ed_redactor *r, enum ed_redact_kind kind,
				 struct ed_str value)
{
	char lower[REDACT_WORD_BYTES];
	const struct dict_word *known = NULL;
	size_t slot;

	if (kind == ED_REDACT_SECRET)
		return ED_STR(REDACT_SECRET_TEXT);
	if (kind == ED_REDACT_TEXT)
		return ED_STR(REDACT_TEXT_TEXT);
	/* what was learnt as one kind is not another elsewhere */
	if (value.len <= sizeof(lower))
		known = dict_get(&r->dict,
				 (struct ed_str){ lower, lower_copy(lower, sizeof(lower), value) });
	if (known && known->kind != ED_REDACT_SECRET)
		kind = known->kind;
	if (r->name_index_cap) {
		slot = name_slot(r, kind, false, value);
		if (r->name_index[slot])
			return r->names[r->name_index[slot] - 1].text;
	}
	return make(r, kind, value);
}
