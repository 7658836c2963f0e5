/* SPDX-License-Identifier: MIT */
/*
 * Store install attempts. An attempt begins when a product goes to work, else with its first event
 * after the last attempt's end; deployment events until it ends belong to it. What Install-Agent
 * 2006 says is a message text: its untranslated tokens, listed in one table here, are the one place
 * where the analysis reads words. On a build that uses none of them attempts are unknown.
 */
#include "analysis.h"

/* Trailing events of an attempt that has just ended are not a new one. */
#define TRAILING (10 * ED_TICKS_PER_SECOND)

enum install_word { WORD_STATE, WORD_RESULT, WORD_PRODUCT, WORD_ITEM, WORD_FULFILLED };

static const struct {
	enum install_word word;
	const char *token;
} install_words[] = {
	{ WORD_STATE, "NewState" },
	{ WORD_RESULT, "HResult" },
	{ WORD_PRODUCT, "ProductId" },
	{ WORD_ITEM, "Item" },
	{ WORD_FULFILLED, "FulfillmentComplete" },
};

/* States of NewState that end an attempt, and whether well. */
static const struct {
	const char *state;
	bool ends, works, success;
} install_states[] = {
	{ "Working", false, true, false },
	{ "Completed", true, false, true },
	{ "Canceled", true, false, false },
	{ "Error", true, false, false },
};

/* What one Install-Agent event says. */
struct install_event {
	struct ed_str product;
	bool understood; /* a token of the table occurred */
	bool works, ends, success, failure;
	uint32_t hresult;
};

static bool is_word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '-' || c == '_';
}

/* The value of "TOKEN = value"; { NULL, 0 } when the token does not occur. */
static struct ed_str token_value(struct ed_str message, const char *token)
{
	struct ed_str name = ed_str_from(token);
	size_t i = 0;

	while ((i = ed_str_find(message, name, i)) != SIZE_MAX) {
		size_t from = i + name.len, to;
		bool whole = i == 0 || !is_word_char(message.p[i - 1]);

		i = from;
		while (from < message.len && message.p[from] == ' ')
			from++;
		if (!whole || from == message.len || message.p[from] != '=')
			continue;
		for (from++; from < message.len && message.p[from] == ' '; from++)
			;
		for (to = from; to < message.len && is_word_char(message.p[to]); to++)
			;
		return ed_str_slice(message, from, to);
	}
	return (struct ed_str){ NULL, 0 };
}

static struct ed_str word_value(struct ed_str message, enum install_word word)
{
	return token_value(message, install_words[word].token);
}

static void read_state(struct install_event *e, struct ed_str state)
{
	for (size_t i = 0; i < ED_COUNT(install_states); i++) {
		if (!ed_str_eq(state, ed_str_from(install_states[i].state)))
			continue;
		e->understood = true;
		e->works = install_states[i].works;
		e->ends = install_states[i].ends;
		e->success = install_states[i].success;
		e->failure = e->ends && !e->success;
	}
}

static struct install_event read_install(const struct mark *m)
{
	struct install_event e = { 0 };
	struct ed_str message = mark_field(m, "Message");
	struct ed_str fulfilled = ed_str_from(install_words[WORD_FULFILLED].token);
	uint32_t code;

	read_state(&e, word_value(message, WORD_STATE));
	if (ed_str_find(message, fulfilled, 0) != SIZE_MAX &&
	    ed_number_u32(word_value(message, WORD_RESULT), &code)) {
		e.understood = true;
		e.ends = true;
		e.success = code == 0;
		e.failure = code != 0;
		e.hresult = code;
	} else if (e.ends && ed_number_u32(word_value(message, WORD_RESULT), &code)) {
		e.hresult = code;
	}
	if ((m->kind == EV_IA_ERROR || m->kind == EV_IA_WARNING) &&
	    mark_u32(m, "ErrorCode", &code) && code) {
		e.failure = true;
		e.hresult = code;
	}
	e.product = ed_str_trim(mark_field(m, "ProductId"));
	if (!e.product.len)
		e.product = word_value(message, WORD_PRODUCT);
	if (!e.product.len)
		e.product = word_value(message, WORD_ITEM);
	return e;
}

/* FNV-1a without ASCII case, as ids are compared. */
static uint32_t id_hash(struct ed_str id)
{
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < id.len; i++) {
		unsigned char c = (unsigned char)id.p[i];

		hash = (hash ^ (c >= 'A' && c <= 'Z' ? c | 0x20u : c)) * UINT32_C(16777619);
	}
	return hash;
}

/* The slot of @id: its own, or the free one where it belongs. */
static uint32_t *product_slot(struct attempts *t, struct ed_str id)
{
	size_t mask = t->product_slot_count - 1, i = id_hash(id) & mask;

	while (t->product_slots[i] && !ed_str_ieq(t->products[t->product_slots[i] - 1].id, id))
		i = (i + 1) & mask;
	return &t->product_slots[i];
}

/* Keeps half of the slots free. */
static bool slots_grow(struct analysis *a)
{
	struct attempts *t = &a->attempts;
	size_t count = t->product_slot_count ? t->product_slot_count * 2 : 64;

	if (t->product_count < t->product_slot_count / 2)
		return true;
	t->product_slots = take(a, count, sizeof(*t->product_slots));
	t->product_slot_count = t->product_slots ? count : 0;
	for (size_t i = 0; t->product_slots && i < t->product_count; i++)
		*product_slot(t, t->products[i].id) = (uint32_t)(i + 1);
	return t->product_slots != NULL;
}

static struct product *product_of(struct analysis *a, struct ed_str id, size_t *cap)
{
	struct attempts *t = &a->attempts;
	uint32_t *slot;

	if (!slots_grow(a))
		return NULL;
	slot = product_slot(t, id);
	if (*slot)
		return &t->products[*slot - 1];
	t->products = room(a, t->products, t->product_count, cap, sizeof(*t->products));
	if (!t->products) {
		t->product_count = t->product_slot_count = 0;
		return NULL;
	}
	t->products[t->product_count] = (struct product){ .id = id };
	*slot = (uint32_t)++t->product_count;
	return &t->products[t->product_count - 1];
}

static struct attempt *last_attempt(struct analysis *a, size_t product_i)
{
	size_t last = a->attempts.products[product_i].last_attempt;

	return last ? &a->attempts.items[last - 1] : NULL;
}

/* The attempt of the product that still runs; NULL when it has none. */
static struct attempt *open_attempt(struct analysis *a, size_t product_i)
{
	struct attempt *last = last_attempt(a, product_i);

	return last && !last->end ? last : NULL;
}

static struct attempt *begin_attempt(struct analysis *a, size_t product_i, const struct mark *m,
				     size_t *cap)
{
	struct attempts *t = &a->attempts;

	t->items = room(a, t->items, t->count, cap, sizeof(*t->items));
	if (!t->items) {
		t->count = 0;
		return NULL;
	}
	t->items[t->count] = (struct attempt){ .product_i = product_i,
					       .start = m,
					       .prev = t->products[product_i].last_attempt };
	t->products[product_i].attempts++;
	t->products[product_i].last_attempt = ++t->count;
	return &t->items[t->count - 1];
}

static void apply_result(struct analysis *a, struct attempt *attempt, const struct mark *m,
			 const struct install_event *e)
{
	struct product *product = &a->attempts.products[attempt->product_i];

	if (e->failure && e->hresult) {
		if (!attempt->error)
			attempt->error = m;
		attempt->hresult = e->hresult;
		product->last_hresult = e->hresult;
	}
	if (!e->ends)
		return;
	attempt->end = m;
	attempt->succeeded = e->success;
	if (e->success) {
		attempt->hresult = 0;
		product->installed = m;
		a->attempts.installed = m;
	}
}

static void add_install_event(struct analysis *a, const struct mark *m,
			      const struct install_event *e, size_t *product_cap,
			      size_t *attempt_cap)
{
	struct product *product = product_of(a, e->product, product_cap);
	struct attempt *attempt, *last;
	size_t product_i;

	if (!product)
		return;
	product_i = (size_t)(product - a->attempts.products);
	attempt = open_attempt(a, product_i);
	last = last_attempt(a, product_i);
	if (e->works && attempt && !attempt->worked && !attempt->hresult) {
		/* what was logged before it went to work only announced it */
		attempt->start = m;
		attempt->worked = true;
		return;
	}
	if (e->works && attempt)
		attempt->end = m; /* the last one never said how it ended */
	if (e->works || (!attempt && (!last || m->key - last->end->key > TRAILING))) {
		attempt = begin_attempt(a, product_i, m, attempt_cap);
		if (!attempt)
			return;
		attempt->worked = e->works;
	}
	if (!attempt)
		attempt = last;
	if (attempt)
		apply_result(a, attempt, m, e);
}

/* Family of a package full name: "Name_1.0.0.0_x64__publisher" is "Name_publisher". */
static struct ed_str family_of(struct analysis *a, struct ed_str full)
{
	size_t first = ed_str_find(full, ED_STR("_"), 0);
	size_t last = full.len;

	while (last && full.p[last - 1] != '_')
		last--;
	if (first == SIZE_MAX || last <= first + 1)
		return full;
	return say(a, "%.*s_%.*s", ED_FMT(ed_str_slice(full, 0, first)),
		   ED_FMT(ed_str_slice(full, last, full.len)));
}

/* Deployment calls by the Store's install service, not by setup or another installer. */
bool deployed_by_store(const struct mark *m)
{
	struct ed_str caller = mark_field(m, "CallingProcess");

	/* older templates do not say who called */
	return !caller.p || ed_str_ifind(caller, ED_STR("InstallService"), 0) != SIZE_MAX ||
	       ed_str_ifind(caller, ED_STR("wuauserv"), 0) != SIZE_MAX;
}

/* Operations after which a user or the machine has the app: register, by family name, provision. */
static bool operation_installs(uint32_t operation)
{
	return operation == 1 || operation == 6 || operation == 20 || operation == 28 ||
	       operation == 29;
}

/* The attempt that was running at @m, of any product; NULL when none was. */
static struct attempt *running_attempt(struct analysis *a, const struct mark *m,
				       struct ed_str family)
{
	for (size_t i = a->attempts.count; i-- > 0;) {
		struct attempt *t = &a->attempts.items[i];
		struct ed_str known = a->attempts.products[t->product_i].family;

		if (t->start->key <= m->key && (!t->end || m->key <= t->end->key + TRAILING) &&
		    (!known.p || !family.len || ed_str_ieq(known, family)))
			return t;
	}
	return NULL;
}

/* The page itself tracks a hundred apps at most; each is looked at for every deployment. */
#define EXPECTED_MOST 200

static bool is_one_of(const struct ed_str *items, size_t count, struct ed_str s)
{
	for (size_t i = 0; i < count; i++)
		if (ed_str_ieq(items[i], s))
			return true;
	return false;
}

/* The URIs of the apps that the page expects, out of all its snapshots. */
static size_t find_expected(struct analysis *a, const struct ed_str **out)
{
	struct ed_str *uris = take(a, EXPECTED_MOST, sizeof(*uris));
	size_t count = 0;

	for (size_t i = 0; uris && i < a->evidence->fact_count && count < EXPECTED_MOST; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		if (fact_is_registry(f, "\\ExpectedModernAppPackages\\", NULL) &&
		    !is_one_of(uris, count, f->fact.name))
			uris[count++] = f->fact.name;
	}
	*out = uris;
	return count;
}

/* An app that the page expects came by deployment alone; the newest such counts. */
static void note_deployed(struct analysis *a, const struct mark *m, struct ed_str family,
			  const struct ed_str *expected, size_t expected_count)
{
	bool wanted = !expected_count;

	for (size_t i = 0; family.len && i < expected_count && !wanted; i++)
		wanted = ed_str_ifind(expected[i], family, 0) != SIZE_MAX;
	if (wanted && (!a->attempts.deployed || m->key > a->attempts.deployed->key))
		a->attempts.deployed = m;
}

static void add_deployment(struct analysis *a, const struct mark *m, const struct ed_str *expected,
			   size_t expected_count)
{
	struct ed_str family = mark_field(m, "MainPackageFamilyName");
	struct attempt *attempt;
	uint32_t operation = 0, code = 0;

	if (!deployed_by_store(m))
		return;
	if (!family.len)
		family = family_of(a, mark_field(m, "PackageFullName"));
	mark_u32(m, "DeploymentOperation", &operation);
	mark_u32(m, "ErrorCode", &code);
	attempt = running_attempt(a, m, family);
	if (attempt && family.len && !a->attempts.products[attempt->product_i].family.p)
		a->attempts.products[attempt->product_i].family = family;
	if (m->kind == EV_APPX_DONE && operation_installs(operation)) {
		if (!a->attempts.installed || m->key > a->attempts.installed->key)
			a->attempts.installed = m;
		note_deployed(a, m, family, expected, expected_count);
		if (attempt && !a->attempts.products[attempt->product_i].installed)
			a->attempts.products[attempt->product_i].installed = m;
	} else if (m->kind != EV_APPX_DONE && attempt && code) {
		attempt->error = attempt->error ? attempt->error : m;
		attempt->hresult = attempt->hresult ? attempt->hresult : code;
		a->attempts.products[attempt->product_i].last_hresult = attempt->hresult;
	}
}

static int compare_i64(const void *left, const void *right)
{
	const int64_t *x = left, *y = right;

	return *x < *y ? -1 : *x > *y;
}

/* Start to start, for the same product; a gap of unknown length is no gap. */
static void measure_intervals(struct analysis *a)
{
	struct attempts *t = &a->attempts;
	int64_t *gaps = take(a, t->count, sizeof(*gaps));
	size_t count = 0;

	t->median_seconds = ED_UNKNOWN;
	for (size_t i = 0; gaps && i < t->count; i++) {
		const struct attempt *before;

		if (!t->items[i].prev)
			continue;
		before = &t->items[t->items[i].prev - 1];
		if (span_unknown(a, before->start->key, t->items[i].start->key))
			continue;
		gaps[count++] = t->items[i].start->key - before->start->key;
	}
	if (!count)
		return;
	qsort(gaps, count, sizeof(*gaps), compare_i64);
	t->median_seconds =
		count % 2 ? gaps[count / 2] : (gaps[count / 2 - 1] + gaps[count / 2]) / 2;
	t->median_seconds = (t->median_seconds + ED_TICKS_PER_SECOND / 2) / ED_TICKS_PER_SECOND;
}

static void count_failures(struct analysis *a)
{
	for (size_t i = 0; i < a->attempts.count; i++) {
		struct attempt *t = &a->attempts.items[i];

		if (t->succeeded || (!t->hresult && !t->end))
			continue;
		a->attempts.failures++;
		a->attempts.products[t->product_i].failures++;
	}
}

/*
 * A build that uses none of the known words: 2007 and 2008 with code and product serve, each as an
 * attempt of its own. How many attempts there were stays unknown.
 */
static void attempts_from_errors(struct analysis *a)
{
	struct attempts *t = &a->attempts;
	size_t cap = 0, product_cap = 0;

	*t = (struct attempts){ 0 };
	for (size_t i = 0; i < a->mark_count && !a->nomem; i++) {
		const struct mark *m = &a->marks[i];
		struct install_event e;
		struct product *product;
		struct attempt *attempt;

		if (m->kind != EV_IA_ERROR && m->kind != EV_IA_WARNING)
			continue;
		e = read_install(m);
		product =
			e.failure && e.product.len ? product_of(a, e.product, &product_cap) : NULL;
		attempt =
			product ? begin_attempt(a, (size_t)(product - t->products), m, &cap) : NULL;
		if (!attempt)
			continue;
		attempt->end = attempt->error = m;
		attempt->hresult = product->last_hresult = e.hresult;
	}
}

void build_attempts(struct analysis *a)
{
	size_t product_cap = 0, attempt_cap = 0;
	bool any = false, understood = false;
	const struct ed_str *expected;
	size_t expected_count = find_expected(a, &expected);

	for (size_t i = 0; i < a->mark_count && !a->nomem; i++) {
		struct mark *m = &a->marks[i];
		struct install_event e;

		if (m->kind < EV_IA_VERBOSE || m->kind > EV_IA_ERROR)
			continue;
		any = true;
		e = read_install(m);
		understood |= e.understood;
		if (e.product.len)
			add_install_event(a, m, &e, &product_cap, &attempt_cap);
	}
	if (any && !understood)
		attempts_from_errors(a);
	a->attempts.no_words = any && !understood;
	for (size_t i = 0; i < a->mark_count && !a->nomem; i++)
		if (a->marks[i].kind == EV_APPX_DONE || a->marks[i].kind == EV_APPX_FAILED ||
		    a->marks[i].kind == EV_APPX_FAILURE || a->marks[i].kind == EV_APPX_STARTED)
			add_deployment(a, &a->marks[i], expected, expected_count);
	a->attempts.known = channel_read(a, CH_STORE) && (understood || !any);
	count_failures(a);
	measure_intervals(a);
}

/* The Store tries again within this time, in seconds. */
#define TRIED_AGAIN (10 * 60)

/* While the page waits: another app failed with the code that @came had, and is about to be tried
 * again. One of two is not the end of it. */
static bool still_tried(const struct analysis *a, const struct product *came)
{
	const struct attempts *t = &a->attempts;

	if (page_is_done(a) || t->installed_fact)
		return false;
	for (size_t i = 0; i < t->product_count; i++) {
		const struct attempt *last = t->products[i].last_attempt
						     ? &t->items[t->products[i].last_attempt - 1]
						     : NULL;

		if (last && last->end && !last->succeeded && last->hresult &&
		    last->hresult == came->last_hresult &&
		    span_least_seconds(a, last->start->key, a->at) < TRIED_AGAIN)
			return true;
	}
	return false;
}

const struct mark *came_mark(const struct analysis *a, int64_t key)
{
	const struct attempts *t = &a->attempts;
	const struct product *product = NULL;
	const struct mark *came = NULL;
	bool any_failed = false;

	for (size_t i = 0; i < t->product_count; i++)
		any_failed |= t->products[i].failures != 0;
	/* where it is known what failed, only that counts */
	for (size_t i = 0; i < t->product_count; i++)
		if (t->products[i].installed && t->products[i].installed->key > key &&
		    (!any_failed || t->products[i].failures))
			product = &t->products[i];
	if (product && !still_tried(a, product))
		came = product->installed;
	if (!came && !any_failed && t->deployed && t->deployed->key > key)
		came = t->deployed;
	return came;
}
