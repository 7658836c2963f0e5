/* SPDX-License-Identifier: MIT */
/*
 * Identities that the words around them give away: names that Windows invents, servers, accounts,
 * tenants in addresses, subjects of certificates, and the tables that tools print.
 */
#include "redact_priv.h"

#define HOST_MOST ((size_t)64)
#define DN_MOST ((size_t)256) /* of one part of a subject */
#define TENANT_MOST ((size_t)128)
#define JOINT_MOST ((size_t)12) /* between a noun and its id */
#define TABLE_BLANKS ((size_t)400)
#define TABLE_VALUE ((size_t)64)

static bool is_domain_byte(char c)
{
	return byte_is_word(c) || (unsigned char)c >= 0x80 || c == '-' || c == '.';
}

static bool starts_at(struct ed_str t, size_t i, struct ed_str word)
{
	return i <= t.len && word.len <= t.len - i &&
	       ed_str_istarts(ed_str_slice(t, i, i + word.len), word);
}

/* ---- computers ---- */

/* "DESKTOP-" and seven signs: what Windows calls a computer that nobody named. */
static size_t invented_name(struct scan *s, size_t i)
{
	static const struct {
		struct ed_str start;
		size_t signs;
	} rows[] = { { { "desktop-", 8 }, 7 }, { { "laptop-", 7 }, 8 }, { { "win-", 4 }, 11 } };
	struct ed_str t = s->text;

	for (size_t k = 0; k < ED_COUNT(rows); k++) {
		size_t from = i + rows[k].start.len, to = from;
		bool digit = false, lower = false;

		if (!starts_at(t, i, rows[k].start))
			continue;
		for (; to < t.len && byte_is_word(t.p[to]); to++) {
			digit |= byte_is_digit(t.p[to]);
			lower |= t.p[to] >= 'a';
		}
		/* "laptop-computers" is a word of somebody's */
		if (to - from != rows[k].signs || (lower && !digit))
			return i;
		scan_hit(s, ED_REDACT_DEVICE, i, to);
		return to;
	}
	return i;
}

/* What is no name of a server: parts of Windows' own tree of objects. */
static bool is_object_root(struct ed_str name)
{
	static const char *const roots[] = { "BaseNamedObjects", "Device",     "DosDevices",
					     "Driver",           "FileSystem", "GLOBAL",
					     "KnownDlls",        "Microsoft",  "Registry",
					     "Sessions",         "SystemRoot", "Windows",
					     "localhost",        "tsclient" };

	for (size_t k = 0; k < ED_COUNT(roots); k++)
		if (ed_str_ieq(name, ed_str_from(roots[k])))
			return true;
	return is_stop_word(name);
}

/* "\\server\share"; with twice as many backslashes where they were escaped. @i is the first one. */
size_t detect_server(struct scan *s, size_t i)
{
	struct ed_str t = s->text, name;
	size_t from = i, to, behind;
	bool telling = false;

	if (i && (t.p[i - 1] == '\\' || t.p[i - 1] == ':' || byte_is_word(t.p[i - 1])))
		return i;
	while (from < t.len && from - i < 5 && t.p[from] == '\\')
		from++;
	if (from - i != 2 && from - i != 4)
		return i;
	for (to = from;
	     to < t.len && to - from < HOST_MOST && (is_domain_byte(t.p[to]) || t.p[to] == '_');
	     to++)
		telling |= byte_is_digit(t.p[to]) || t.p[to] == '-' || t.p[to] == '.';
	while (to > from && t.p[to - 1] == '.')
		to--;
	for (behind = to; behind < t.len && behind - to < 3 && t.p[behind] == '\\'; behind++)
		;
	name = ed_str_slice(t, from, to);
	/* "\\Device\\x" is one backslash, escaped */
	if (name.len < 2 || !byte_is_word(name.p[0]) || is_object_root(name) ||
	    (behind != to && behind - to != (from - i) / 2) ||
	    (behind == to && to < t.len && !byte_is_space(t.p[to]) && t.p[to] != '"'))
		return i;
	/* a word like "print" is a server's name here and a word elsewhere */
	if (!(s->flags & SCAN_LEARN) || telling)
		scan_hit(s, ED_REDACT_DEVICE, from, to);
	return to;
}

/* ---- tables ---- */

/* The heading @i of a column, and its value on the next line: "SerialNumber \r\r\n5CG1...". */
static size_t table_value(struct scan *s, size_t i, size_t end, enum ed_redact_kind kind)
{
	struct ed_str t = s->text, value;
	size_t from = end, to;
	bool line = false, digit = false;

	while (from < t.len && from - end < TABLE_BLANKS &&
	       (byte_is_space(t.p[from]) || (line && t.p[from] == '-')))
		line |= t.p[from++] == '\n';
	for (to = from; to < t.len && to - from < TABLE_VALUE &&
			(byte_is_word(t.p[to]) || t.p[to] == '-' || t.p[to] == '.');
	     to++)
		digit |= byte_is_digit(t.p[to]);
	value = ed_str_slice(t, from, to);
	if (!line || !digit || value.len < 4 || (to < t.len && !byte_is_space(t.p[to])) ||
	    (kind == ED_REDACT_DEVICE && !is_guid(value)) || is_stop_word(value) ||
	    (is_guid(value) && is_kept_guid(value)))
		return i;
	scan_hit(s, kind, from, to);
	return to;
}

/* "serial,product id,hash": the hash begins at @hash. */
void detect_hash_row(struct scan *s, size_t hash)
{
	struct ed_str t = s->text;
	size_t comma = hash, from;

	if (!comma || t.p[comma - 1] != ',')
		return;
	for (comma--;
	     comma && hash - comma < HOST_MOST && t.p[comma - 1] != ',' && t.p[comma - 1] != '\n';
	     comma--)
		;
	if (!comma || t.p[comma - 1] != ',')
		return;
	for (from = --comma; from && comma - from < HOST_MOST && t.p[from - 1] != '\n'; from--)
		;
	scan_hit(s, ED_REDACT_SERIAL, from, comma);
}

/* ---- ids behind a noun ---- */

/* "tenant 1f2e...", "devices('1f2e...')", "tenant id: 1f2e..." */
static size_t noun_id(struct scan *s, size_t i, size_t end, enum ed_redact_kind kind)
{
	struct ed_str t = s->text;
	size_t from = end;

	from += from < t.len && (t.p[from] | 32) == 's';
	while (from < t.len && from - end < JOINT_MOST &&
	       (strchr(" /('\":=", t.p[from]) || (kind == ED_REDACT_TENANT && t.p[from] == '{') ||
		starts_at(t, from, ED_STR("id ")) || starts_at(t, from, ED_STR("d "))) &&
	       t.p[from])
		from++;
	if (from == end || !is_guid(ed_str_slice(t, from, from + 36)) ||
	    is_kept_guid(ed_str_slice(t, from, from + 36)) ||
	    (from + 36 < t.len && byte_is_word(t.p[from + 36])))
		return i;
	scan_hit(s, kind, from, from + 36);
	return from + 36;
}

/* ---- tenants ---- */

/* @dot: the one behind a tenant's name. */
size_t detect_tenant_domain(struct scan *s, size_t dot)
{
	static const struct ed_str tails[] = {
		{ ".onmicrosoft.com", 16 }, { ".onmicrosoft.us", 15 },
		{ ".onmicrosoft.de", 15 },  { ".partner.onmschina.cn", 21 },
		{ ".sharepoint.com", 15 },  { ".sharepoint.us", 14 },
		{ ".b2clogin.com", 13 },    { ".ciamlogin.com", 14 },
	};
	struct ed_str t = s->text;
	size_t from = dot, to = dot;

	if (dot + 1 >= t.len || !strchr("opsbc", t.p[dot + 1] | 32))
		return dot;
	for (size_t k = 0; to == dot && k < ED_COUNT(tails); k++)
		if (starts_at(t, dot, tails[k]))
			to = dot + tails[k].len;
	if (to == dot)
		return dot;
	while (from && dot - from < HOST_MOST && is_domain_byte(t.p[from - 1]))
		from--;
	/* what is left of %2F before it */
	if (from && t.p[from - 1] == '%' && dot - from > 2 && byte_is_hex(t.p[from]) &&
	    byte_is_hex(t.p[from + 1]))
		from += 2;
	if (from < dot)
		scan_hit(s, ED_REDACT_DOMAIN, from, to);
	return to;
}

/* The tenant in the address of the sign-in, GUID or domain; @i is in the middle of the host. */
static size_t after_sign_in(struct scan *s, size_t i)
{
	struct ed_str t = s->text, tenant;
	size_t end = i, to;

	while (end < t.len && end - i < HOST_MOST && is_domain_byte(t.p[end]))
		end++;
	if (!is_kept_domain(ed_str_slice(t, i, end)))
		return i;
	if (end < t.len && t.p[end] == ':')
		for (end++; end < t.len && byte_is_digit(t.p[end]); end++)
			;
	if (end >= t.len || t.p[end++] != '/')
		return i;
	for (to = end; to < t.len && to - end < TENANT_MOST && is_domain_byte(t.p[to]); to++)
		;
	tenant = ed_str_slice(t, end, to);
	if (is_guid(tenant) && !is_kept_guid(tenant))
		scan_hit(s, ED_REDACT_TENANT, end, to);
	else if (tenant.len && memchr(tenant.p, '.', tenant.len) && !is_kept_domain(tenant))
		scan_hit(s, ED_REDACT_DOMAIN, end, to);
	else
		return i;
	return to;
}

/* ---- accounts ---- */

static size_t after_account_domain(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from = i, to;

	while (from < t.len && from - i < 4 && t.p[from] == '\\')
		from++;
	to = from;
	while (to < t.len && to - from < 64 && (byte_is_local(t.p[to]) || t.p[to] == '@') &&
	       t.p[to] != '\'')
		to++;
	while (to > from && t.p[to - 1] == '.')
		to--;
	if (from == i || to - from < 2)
		return i;
	scan_hit(s, is_email(ed_str_slice(t, from, to)) ? ED_REDACT_UPN : ED_REDACT_USER, from, to);
	return to;
}

/* "OneDrive - Contoso Ltd\\": a folder that has an organization's name. */
static size_t after_cloud_drive(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t to = i;

	while (to < t.len && to - i < HOST_MOST && !strchr("\\/\"<>|\r\n", t.p[to]) && t.p[to])
		to++;
	if (to == t.len || (t.p[to] != '\\' && t.p[to] != '/') ||
	    ed_str_ieq(ed_str_slice(t, i, to), ED_STR("Personal")))
		return i;
	scan_hit(s, ED_REDACT_DOMAIN, i, to);
	return to;
}

/* ---- subjects of certificates ---- */

static bool is_public_subject(struct ed_str name)
{
	static const char *const starts[] = { "Microsoft", "MS-Organization", "Windows",
					      "DigiCert",  "GlobalSign",      "VeriSign",
					      "Baltimore", "SC_Online" };

	for (size_t k = 0; k < ED_COUNT(starts); k++)
		if (ed_str_istarts(name, ed_str_from(starts[k])))
			return true;
	return false;
}

/* The value of one part of a subject at @i. */
static size_t subject_part(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from = i, to;

	while (from < t.len && (t.p[from] == ' ' || t.p[from] == '"' || t.p[from] == '\\'))
		from++;
	for (to = from;
	     to < t.len && to - from < DN_MOST && !strchr("\"',;<>\r\n\\/+)", t.p[to]) && t.p[to];
	     to++)
		;
	while (to > from && t.p[to - 1] == ' ')
		to--;
	if (to - from < 2 || is_public_subject(ed_str_slice(t, from, to)) ||
	    (is_guid(ed_str_slice(t, from, to)) && is_kept_guid(ed_str_slice(t, from, to))))
		return i;
	scan_hit(s, ED_REDACT_CERTIFICATE, from, to);
	return to;
}

/* Behind ", O=" at @i; 0 when no such part follows. */
static size_t next_part(struct ed_str t, size_t i)
{
	static const struct ed_str names[] = { { "O", 1 },  { "OU", 2 }, { "DC", 2 }, { "L", 1 },
					       { "ST", 2 }, { "S", 1 },  { "E", 1 },  { "T", 1 } };
	size_t from = i;

	while (from < t.len && from - i < 4 && strchr(",;/+ ", t.p[from]) && t.p[from])
		from++;
	for (size_t k = 0; from > i && k < ED_COUNT(names); k++) {
		size_t at = from + names[k].len;

		if (!starts_at(t, from, names[k]))
			continue;
		while (at < t.len && at - from < 5 && t.p[at] == ' ')
			at++;
		if (at < t.len && t.p[at] == '=')
			return at + 1;
	}
	return 0;
}

/* "CN=x, O=y, ...", @i behind the first sign of equality. */
static size_t after_common_name(struct scan *s, size_t i)
{
	size_t end = subject_part(s, i), next;

	while (end > i && (next = next_part(s->text, end)) != 0) {
		size_t to = subject_part(s, next);

		if (to == next)
			break;
		end = to;
	}
	return end;
}

/* ---- words ---- */

enum rule { RULE_SUBJECT, RULE_ACCOUNT, RULE_DRIVE, RULE_SIGN_IN, RULE_TABLE, RULE_NOUN };

static const struct row {
	struct ed_str word;
	enum rule rule;
	enum ed_redact_kind kind;
} rows[] = {
	{ { "azuread\\", 8 }, RULE_ACCOUNT, ED_REDACT_USER },
	{ { "cn=", 3 }, RULE_SUBJECT, ED_REDACT_CERTIFICATE },
	{ { "cn =", 4 }, RULE_SUBJECT, ED_REDACT_CERTIFICATE },
	{ { "device", 6 }, RULE_NOUN, ED_REDACT_DEVICE },
	{ { "identifyingnumber", 17 }, RULE_TABLE, ED_REDACT_SERIAL },
	{ { "login.", 6 }, RULE_SIGN_IN, ED_REDACT_TENANT },
	{ { "login-us.", 9 }, RULE_SIGN_IN, ED_REDACT_TENANT },
	{ { "manageddevice", 13 }, RULE_NOUN, ED_REDACT_DEVICE },
	{ { "onedrive - ", 11 }, RULE_DRIVE, ED_REDACT_DOMAIN },
	{ { "organization", 12 }, RULE_NOUN, ED_REDACT_TENANT },
	{ { "serialnumber", 12 }, RULE_TABLE, ED_REDACT_SERIAL },
	{ { "sts.", 4 }, RULE_SIGN_IN, ED_REDACT_TENANT },
	{ { "tenant", 6 }, RULE_NOUN, ED_REDACT_TENANT },
	{ { "uuid", 4 }, RULE_TABLE, ED_REDACT_DEVICE },
};

static size_t row_apply(struct scan *s, const struct row *row, size_t i)
{
	size_t at = i + row->word.len, end = at;

	switch (row->rule) {
	case RULE_SUBJECT:
		end = after_common_name(s, at);
		break;
	case RULE_ACCOUNT: /* the separator is part of what is looked at */
		at = end = at - 1;
		end = after_account_domain(s, at);
		break;
	case RULE_DRIVE:
		end = after_cloud_drive(s, at);
		break;
	case RULE_SIGN_IN:
		end = after_sign_in(s, at);
		break;
	case RULE_TABLE:
		end = table_value(s, at, at, row->kind);
		break;
	case RULE_NOUN:
		end = noun_id(s, at, at, row->kind);
		break;
	}
	return end > at ? end : i;
}

size_t detect_identity_word(struct scan *s, size_t i)
{
	char c = byte_lower(s->text.p[i]);
	size_t end;

	if (!strchr("acdilmostuw", c)) /* what names and rows begin with */
		return i;
	end = c == 'd' || c == 'l' || c == 'w' ? invented_name(s, i) : i;
	if (end != i || (s->flags & SCAN_NO_LABELS))
		return end;
	for (size_t k = 0; k < ED_COUNT(rows) && end == i; k++)
		if (rows[k].word.p[0] == c && starts_at(s->text, i, rows[k].word))
			end = row_apply(s, &rows[k], i);
	return end;
}
