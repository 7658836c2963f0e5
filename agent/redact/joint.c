/* SPDX-License-Identifier: MIT */
/*
 * A recovery password of which each value has some groups: strings of a list, elements of an event,
 * items of an array. While values are learnt, in order, those that are groups, or end or begin with
 * them, are kept; when they make up a password, each piece is a secret.
 */
#include "redact_priv.h"

#define GROUPS ((size_t)8)
#define PASSED_MOST 16

void joint_reset(struct joint *j)
{
	j->count = j->groups = j->passed = 0;
}

/* The letters before the first group and behind the last are no part of @s. */
static struct ed_str trim_to_digits(struct ed_str s)
{
	while (s.len && !byte_is_digit(s.p[0]))
		s = ed_str_slice(s, 1, s.len);
	while (s.len && !byte_is_digit(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* How many groups of six digits @s is, each one that a recovery password may have; 0: it is not. */
static size_t groups_of(struct ed_str s, unsigned *values)
{
	size_t count = 0, i = 0;

	if (s.len > JOINT_PIECE)
		return 0;
	while (i < s.len) {
		unsigned value = 0;
		size_t n = 0;

		for (; i < s.len && byte_is_digit(s.p[i]) && n < 7; n++)
			value = value * 10 + (unsigned)(s.p[i++] - '0');
		if (n != 6 || count == GROUPS || !recovery_group(value))
			return 0;
		values[count++] = value;
		while (i < s.len && !byte_is_digit(s.p[i]))
			i++;
	}
	return count;
}

static bool is_password(const struct joint *j)
{
	return j->groups >= GROUPS && j->count >= 2 && recovery_groups(j->values, j->groups);
}

/* @s, digits and what is between them, comes next. */
static void add_piece(struct ed_redactor *r, struct ed_str s)
{
	struct joint *j = &r->joint;
	unsigned values[GROUPS];
	size_t n = groups_of(s, values);

	if (!n || j->count == ED_COUNT(j->pieces) || j->groups + n > ED_COUNT(j->values))
		joint_reset(j);
	if (!n)
		return;
	memcpy(j->values + j->groups, values, n * sizeof(*values));
	j->groups += n;
	memcpy(j->pieces[j->count].text, s.p, s.len);
	j->pieces[j->count++].len = s.len;
	j->passed = 0;
	if (!is_password(j))
		return;
	for (size_t i = 0; i < j->count; i++) {
		struct ed_str piece = { j->pieces[i].text, j->pieces[i].len };
		ed_status status = dict_add(&r->dict, ED_REDACT_SECRET, piece);

		if (status != ED_OK)
			redactor_fail(r, status);
	}
	r->has_pieces = true;
	joint_reset(j);
}

static size_t count_digits(struct ed_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < 6; i++)
		n += byte_is_digit(s.p[i]);
	return n;
}

void joint_learn(struct ed_redactor *r, struct ed_str value)
{
	struct joint *j = &r->joint;
	struct ed_str head, tail;
	size_t to = 0, from = value.len;

	while (to < value.len && !byte_is_alpha(value.p[to]))
		to++;
	while (from > to && !byte_is_alpha(value.p[from - 1]))
		from--;
	head = trim_to_digits(ed_str_slice(value, 0, to));
	tail = trim_to_digits(ed_str_slice(value, from, value.len));
	/* names, paths and flags may stand between */
	if (count_digits(head) < 6 && count_digits(tail) < 6) {
		if (value.len && ++j->passed > PASSED_MOST)
			joint_reset(j);
		return;
	}
	if (count_digits(head) >= 6)
		add_piece(r, head);
	if (to == value.len)
		return;
	joint_reset(j);
	if (count_digits(tail) >= 6)
		add_piece(r, tail);
}
