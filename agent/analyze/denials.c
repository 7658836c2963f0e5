/* SPDX-License-Identifier: MIT */
/*
 * Denials of the Store's sign-in. A denial is an error text of the token broker that names an
 * AADSTS code and the Store's client or resource. The part that is looked at is not translated by
 * Windows; the event id alone proves nothing (1097 is mostly harmless, 1098 serves every client).
 */
#include "analysis.h"

/* One refused request may be logged by several layers; they share its correlation id. */
#define SAME_REQUEST (30 * ED_TICKS_PER_SECOND)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_guid_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
}

/* The first "AADSTS" with 5 to 7 digits behind it, as a whole number: 53000 is not 530003. */
static bool find_code(struct ed_str text, uint32_t *code)
{
	size_t i = 0;

	while ((i = ed_str_find(text, ED_STR("AADSTS"), i)) != SIZE_MAX) {
		uint32_t value = 0;
		size_t digits = 0;

		for (i += 6; i < text.len && is_digit(text.p[i]) && digits < 8; i++, digits++)
			value = value * 10 + (uint32_t)(text.p[i] - '0');
		if (digits >= 5 && digits <= 7) {
			*code = value;
			return true;
		}
	}
	return false;
}

/* The GUID behind the last @label ("client: "): the request's own words stand at the text's end. */
static struct ed_str find_guid(struct ed_str text, struct ed_str label)
{
	struct ed_str found = { NULL, 0 };
	size_t i = 0;

	while ((i = ed_str_ifind(text, label, i)) != SIZE_MAX) {
		size_t from = i + label.len, to;

		while (from < text.len && (text.p[from] == ' ' || text.p[from] == '{'))
			from++;
		for (to = from; to < text.len && is_guid_char(text.p[to]); to++)
			;
		if (to - from == 36)
			found = ed_str_slice(text, from, to);
		i = from;
	}
	return found;
}

static bool is_either(struct ed_str guid, const char *one, const char *other)
{
	return guid.p &&
	       (ed_str_ieq(guid, ed_str_from(one)) || ed_str_ieq(guid, ed_str_from(other)));
}

/* Whose sign-in was denied; NULL when it is nobody that the rules know. */
static struct denials *denials_of(struct analysis *a, const struct denial *d)
{
	if (is_either(d->client, STORE_CLIENT_ID, STORE_RESOURCE_ID) ||
	    is_either(d->resource, STORE_CLIENT_ID, STORE_RESOURCE_ID))
		return &a->store_denials;
	if (is_either(d->client, INTUNE_ID, INTUNE_ENROLLMENT_ID) ||
	    is_either(d->resource, INTUNE_ID, INTUNE_ENROLLMENT_ID))
		return &a->intune_denials;
	return NULL;
}

/*
 * Codes that deny nothing: a token's age, and the client gets a new one; nobody signed in yet; a
 * passing fault of the service. All others deny.
 */
static const uint32_t harmless_codes[] = { 50000, 50058, 50173, 50196,  70008,  80002, 90006,
					   90012, 90024, 90033, 700081, 700082, 700084 };

/* An assertion that is not yet or no longer valid by the service's clock. */
static const uint32_t clock_codes[] = { 500133, 700024 };

static bool code_in(uint32_t code, const uint32_t *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (codes[i] == code)
			return true;
	return false;
}

static bool code_denies(uint32_t code)
{
	return code != 0 && !code_in(code, harmless_codes, ED_COUNT(harmless_codes));
}

bool denial_by_clock(const struct denial *d)
{
	return code_in(d->code, clock_codes, ED_COUNT(clock_codes));
}

bool denial_of_compliance(const struct denial *d)
{
	return d->code == 53000 || d->code == 530002;
}

static struct denial read_denial(const struct mark *m)
{
	struct denial d = { .mark = m };

	for (size_t i = 0; i < m->event->field_count; i++) {
		struct ed_str text = m->event->fields[i].value;
		struct ed_str guid;

		if (!d.code)
			find_code(text, &d.code);
		guid = find_guid(text, ED_STR("client:"));
		d.client = guid.p ? guid : d.client;
		guid = find_guid(text, ED_STR("resource:"));
		d.resource = guid.p ? guid : d.resource;
		guid = find_guid(text, ED_STR("Correlation ID:"));
		if (!guid.p)
			guid = find_guid(text, ED_STR("correlation ID (request):"));
		if (!guid.p && ed_name_eq(m->event->fields[i].name, ED_STR("CorrelationID")))
			guid = ed_str_trim(text);
		d.correlation = guid.p ? guid : d.correlation;
	}
	return d;
}

static bool same_request(const struct denial *a, const struct denial *b)
{
	return a->code == b->code && a->correlation.p && b->correlation.p &&
	       ed_str_ieq(a->correlation, b->correlation) &&
	       b->mark->key - a->mark->key <= SAME_REQUEST;
}

/*
 * 1081 carries the code without the client; the 1098 of the same request, with the same correlation
 * id, names it.
 */
static void find_client(const struct analysis *a, size_t i, struct denial *d)
{
	for (size_t step = 0; step < 2; step++)
		for (size_t j = i; j < a->mark_count; j = step ? j + 1 : j - 1) {
			int64_t apart = a->marks[j].key - a->marks[i].key;
			struct denial other;

			if (apart > SAME_REQUEST || apart < -SAME_REQUEST || d->client.p ||
			    d->resource.p)
				break;
			if (j == i || !ed_str_ieq(a->marks[j].event->head.channel, ED_STR(CH_AAD)))
				continue;
			other = read_denial(&a->marks[j]);
			if (!other.correlation.p || !ed_str_ieq(other.correlation, d->correlation))
				continue;
			d->client = other.client;
			d->resource = other.resource;
		}
}

static void add_denial(struct analysis *a, struct denials *to, const struct denial *denial)
{
	if (to->count && same_request(&to->items[to->count - 1], denial))
		return;
	to->items = room(a, to->items, to->count, &to->cap, sizeof(*to->items));
	if (to->items)
		to->items[to->count++] = *denial;
	else
		to->count = 0;
}

/* Only an error of the broker itself counts: 0x8AA… and 0x4AA… are warnings and news. */
static void add_broker(struct broker *b, const struct mark *m)
{
	uint32_t error;

	if (!mark_u32(m, "Error", &error) || error >> 16 != 0xCAA5)
		return;
	b->first = b->first ? b->first : m;
	b->last = m;
	b->count++;
}

void build_denials(struct analysis *a)
{
	static const enum event_key kinds[] = {
		EV_AAD_OAUTH_ERROR,       EV_AAD_WARNING,         EV_AAD_ERROR,
		EV_AAD_RUNTIME_WARNING,   EV_AAD_RUNTIME_ERROR,   EV_AAD_TB_WARNING,
		EV_AAD_TB_ERROR,          EV_AAD_BROKER_WARNING,  EV_AAD_BROKER_ERROR,
		EV_AAD_RUNTIME_WARNING_2, EV_AAD_RUNTIME_ERROR_2, EV_AAD_TB_WARNING_2,
		EV_AAD_TB_ERROR_2,
	};

	for (size_t i = 0; i < a->mark_count && !a->nomem; i++) {
		struct denial denial;
		struct denials *to;

		if (!mark_is(&a->marks[i], kinds, ED_COUNT(kinds)))
			continue;
		denial = read_denial(&a->marks[i]);
		if (denial.code && denial.correlation.p && !denial.client.p && !denial.resource.p)
			find_client(a, i, &denial);
		a->broker.denied |= code_denies(denial.code);
		if (!denial.code)
			add_broker(&a->broker, &a->marks[i]);
		to = denials_of(a, &denial);
		if (to && code_denies(denial.code))
			add_denial(a, to, &denial);
	}
}
