/* SPDX-License-Identifier: MIT */
/*
 * The OS volume as BitLocker itself described it when the evidence was collected. Events tell how
 * it came to be, but may have rolled over; the live state tells what is, and nothing of when.
 * Without it nothing changes.
 */
#include "analysis.h"

/* ConversionStatus and ProtectionStatus of Win32_EncryptableVolume. */
enum {
	CONVERTED_NONE,
	CONVERTED_ALL,
	ENCRYPTING,
	DECRYPTING,
	ENCRYPTION_PAUSED,
	DECRYPTION_PAUSED
};
enum { PROTECTION_OFF, PROTECTION_ON };

enum { OS_VOLUME = 0, PROTECTOR_TYPES = 11 };

/* By KeyProtectorType, and whether it unlocks the volume at a start. */
static const struct {
	const char *word;
	bool at_start;
} protector_types[PROTECTOR_TYPES] = {
	{ "other", false },
	{ "tpm", true },
	{ "startup-key", true },
	{ "recovery-password", false },
	{ "tpm-pin", true },
	{ "tpm-startup-key", true },
	{ "tpm-pin-startup-key", true },
	{ "public-key", false },
	{ "passphrase", true },
	{ "tpm-certificate", false },
	{ "sid", false },
};

static bool has_number(const struct ed_stored_fact *f, uint64_t number)
{
	return f && f->fact.has_number && f->fact.number == number;
}

/* The path of the volume that Windows calls its own; C: where none says so. */
static void find_volume(struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];
		bool is_os =
			ed_str_eq(f->fact.name, ED_STR("VolumeType")) && has_number(f, OS_VOLUME);

		if (f->fact.kind == ED_FACT_STATE &&
		    ed_str_starts(f->fact.path, ED_STR("volume/")) &&
		    (is_os || (!a->live.path.p && ed_str_ieq(f->fact.path, ED_STR("volume/C:")))))
			a->live.path = f->fact.path;
	}
}

static void find_facts(struct analysis *a)
{
	struct live_volume *live = &a->live;
	const struct {
		const char *name;
		const struct ed_stored_fact **fact;
	} wanted[] = {
		{ "ConversionStatus", &live->conversion },
		{ "ProtectionStatus", &live->protection },
		{ "EncryptionPercentage", &live->percentage },
		{ "EncryptionMethod", &live->method },
		{ "KeyProtectorTypes", &live->protectors },
		{ "SuspendCount", &live->suspends },
		{ "ShellProtection", &live->shell },
	};

	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		if (f->fact.kind != ED_FACT_STATE || !f->fact.text.p ||
		    !ed_str_ieq(f->fact.path, live->path))
			continue;
		for (size_t k = 0; k < ED_COUNT(wanted); k++)
			if (ed_str_eq(f->fact.name, ed_str_from(wanted[k].name)))
				*wanted[k].fact = f;
	}
}

/* The next type of the list "1,3"; false at its end or where it is no number. */
static bool next_type(struct ed_str *rest, uint32_t *type)
{
	struct ed_str piece;

	return ed_str_next(rest, ',', &piece) && ed_number_u32(piece, type);
}

static enum ed_tri find_boot_protector(const struct live_volume *live)
{
	struct ed_str rest;
	uint32_t type;

	if (!live->protectors)
		return ED_TRI_UNKNOWN;
	rest = live->protectors->fact.text;
	while (next_type(&rest, &type))
		if (type < PROTECTOR_TYPES && protector_types[type].at_start)
			return ED_TRI_YES;
	return ED_TRI_NO;
}

static enum live_state judge(const struct live_volume *live)
{
	if (!live->conversion || !live->conversion->fact.has_number)
		return LIVE_UNKNOWN;
	switch (live->conversion->fact.number) {
	case CONVERTED_NONE:
		return LIVE_OFF;
	case ENCRYPTING:
	case ENCRYPTION_PAUSED:
		return LIVE_ENCRYPTING;
	case DECRYPTING:
	case DECRYPTION_PAUSED:
		return LIVE_DECRYPTING;
	case CONVERTED_ALL:
		break;
	default:
		return LIVE_UNKNOWN;
	}
	if (has_number(live->protection, PROTECTION_ON))
		return LIVE_PROTECTED;
	if (!has_number(live->protection, PROTECTION_OFF))
		return LIVE_UNKNOWN; /* locked, or not told */
	return live->boot_protector == ED_TRI_YES ? LIVE_SUSPENDED : LIVE_UNPROTECTED;
}

static const struct mark *later(const struct mark *x, const struct mark *y)
{
	if (!x || !y)
		return x ? x : y;
	return y->key > x->key ? y : x;
}

/*
 * Protection is on, though the events may not say since when. The last of them that shows it off is
 * the earliest that it can be; if that is later than the last start, so is protection. A start that
 * did not measure it says the same.
 */
static void turn_on(struct analysis *a)
{
	struct protection *p = &a->protection;
	const struct attestation *t = &a->attestation;
	const struct mark *start = t->last_start ? t->last_start->mark : NULL;
	const struct mark *off =
		later(later(p->started, p->lost), later(p->suspended, p->after_restart));

	if (p->state != VOLUME_PROTECTED) {
		p->armed = off && start && off->key > start->key ? off : NULL;
		p->armed_inferred = p->armed_by_live = true;
	} else if (p->armed_inferred && t->measured == ED_TRI_NO && start &&
		   p->armed->key <= start->key) {
		p->armed = NULL;
		p->armed_by_live = true;
	}
	p->state = VOLUME_PROTECTED;
	p->enable_failed = NULL;
	a->live.on_since_start = t->measured == ED_TRI_NO && !p->armed;
}

static void turn_off(struct analysis *a, enum volume_state state)
{
	a->protection.armed = NULL;
	a->protection.armed_inferred = false;
	a->protection.state = state;
}

static void refine(struct analysis *a)
{
	struct protection *p = &a->protection;

	switch (a->live.state) {
	case LIVE_UNKNOWN:
		break;
	case LIVE_PROTECTED:
		turn_on(a);
		break;
	case LIVE_SUSPENDED:
		turn_off(a, VOLUME_SUSPENDED);
		break;
	case LIVE_UNPROTECTED:
		turn_off(a, VOLUME_UNPROTECTED);
		break;
	case LIVE_DECRYPTING:
		turn_off(a, VOLUME_DECRYPTING);
		break;
	case LIVE_OFF:
		/* nothing was begun, or it waits for a restart; else it was taken off again */
		if ((p->state != VOLUME_UNKNOWN && p->state != VOLUME_NONE &&
		     p->state != VOLUME_RESTART_REQUIRED) ||
		    a->attestation.measured == ED_TRI_YES)
			turn_off(a, VOLUME_DECRYPTING);
		else if (p->state == VOLUME_UNKNOWN)
			p->state = VOLUME_NONE;
		break;
	case LIVE_ENCRYPTING:
		/* a protector makes it count already while it runs, if its event was seen */
		if (p->state != VOLUME_PROTECTED ||
		    (p->armed_inferred && a->live.boot_protector == ED_TRI_NO))
			turn_off(a, VOLUME_ENCRYPTING);
		break;
	}
}

void build_live(struct analysis *a)
{
	find_volume(a);
	if (!a->live.path.p)
		return;
	find_facts(a);
	a->live.boot_protector = find_boot_protector(&a->live);
	a->live.state = judge(&a->live);
	refine(a);
}

static int64_t number_of(const struct ed_stored_fact *f)
{
	return f && f->fact.has_number && f->fact.number <= INT64_MAX ? (int64_t)f->fact.number
								      : ED_UNKNOWN;
}

/* EncryptionMethod of Win32_EncryptableVolume. */
static const char *method_word(const struct ed_stored_fact *f)
{
	static const char *const words[] = {
		NULL,
		"AES-CBC 128 with diffuser",
		"AES-CBC 256 with diffuser",
		"AES-CBC 128",
		"AES-CBC 256",
		"hardware",
		"XTS-AES 128",
		"XTS-AES 256",
	};

	return f && f->fact.has_number && f->fact.number < ED_COUNT(words) ? words[f->fact.number]
									   : NULL;
}

static void fill_protectors(struct analysis *a, struct ed_volume_live *out)
{
	struct ed_str rest = a->live.protectors->fact.text;
	struct ed_str *words = take(a, rest.len / 2 + 1, sizeof(*words));
	uint32_t type;

	if (!words)
		return;
	out->protectors_known = true;
	out->protectors.items = words;
	while (next_type(&rest, &type))
		words[out->protectors.count++] =
			ed_str_from(protector_types[type < PROTECTOR_TYPES ? type : 0].word);
}

void fill_live(struct analysis *a, struct ed_bitlocker *b)
{
	static const char *const states[] = {
		[LIVE_UNKNOWN] = NULL,
		[LIVE_OFF] = "none",
		[LIVE_ENCRYPTING] = "encrypting",
		[LIVE_UNPROTECTED] = "encrypted-unprotected",
		[LIVE_SUSPENDED] = "suspended",
		[LIVE_PROTECTED] = "protected",
		[LIVE_DECRYPTING] = "decrypting",
	};
	const struct live_volume *live = &a->live;
	struct ed_volume_live *out;

	if (!live->path.p)
		return;
	out = take(a, 1, sizeof(*out));
	if (!out)
		return;
	*out = (struct ed_volume_live){
		.mount_point = ed_str_slice(live->path, strlen("volume/"), live->path.len),
		.state = states[live->state],
		.protection_status = number_of(live->protection),
		.conversion_status = number_of(live->conversion),
		.percentage = number_of(live->percentage),
		.method = method_word(live->method),
		.suspend_count = number_of(live->suspends),
		.shell_protection = number_of(live->shell),
	};
	if (live->protectors)
		fill_protectors(a, out);
	if (!b->method.p)
		b->method = ed_str_from(out->method);
	b->live = out;
}
