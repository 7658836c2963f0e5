/* SPDX-License-Identifier: MIT */
/*
 * The OS volume's encryption as a state machine over BitLocker-API and the driver's events.
 * Protection is on when the volume is encrypted or encrypting, a protector that can unlock it at
 * boot exists, and it is not suspended; "encrypted" without that is a clear key.
 */
#include "analysis.h"

/* ProtectorType of 775/776: those that unlock the OS volume at boot. Recovery ones (3, 7, 9, 10) do
 * not. */
static bool protector_arms(uint32_t type)
{
	return type == 1 || type == 2 || type == 4 || type == 5 || type == 6 || type == 8;
}

enum {
	BOOT_PROTECTORS = 32, /* more arming protectors than any volume has */
};

struct volume {
	struct analysis *a;
	struct protection *p;
	struct ed_str protectors[BOOT_PROTECTORS];
	size_t protector_count;
	const struct mark *last_armed; /* the newest protector or resume, even while suspended */
};

/* Windows is on C: in every deployment that Autopilot makes. */
static bool mount_is_os(struct ed_str mount)
{
	return !mount.len || ed_str_istarts(mount, ED_STR("C:"));
}

bool about_os_volume(const struct mark *m)
{
	struct ed_str mount = mark_field(m, "VolumeMountPoint");

	if (!mount.p)
		mount = mark_field(m, "Volume");
	return mount_is_os(mount);
}

static void volume_started(struct volume *v, const struct mark *m)
{
	struct protection *p = v->p;

	if (!p->started || p->lost || p->state == VOLUME_DECRYPTING) {
		p->started = m;
		p->completed = NULL;
	}
	p->lost = NULL;
	p->after_restart = NULL;
	p->enable_failed = NULL;
	if (p->state != VOLUME_PROTECTED && p->state != VOLUME_SUSPENDED)
		p->state = VOLUME_ENCRYPTING;
}

static void volume_arm(struct volume *v, const struct mark *m)
{
	v->last_armed = m;
	if (!v->p->armed)
		v->p->armed = m;
}

/* Protection ends at @m; remembered only if there was an encryption to protect. */
static void note_past(struct volume *v, const struct mark *m)
{
	struct protection *p = v->p;
	const struct mark *from = p->armed;

	if (!from || !p->started)
		return;
	if (from->key < p->started->key)
		from = p->started;
	p->past = room(v->a, p->past, p->past_count, &p->past_cap, sizeof(*p->past));
	if (p->past)
		p->past[p->past_count++] = (struct stretch){ from, m };
	else
		p->past_count = 0;
}

static void volume_disarm(struct volume *v, const struct mark *m, enum volume_state state)
{
	note_past(v, m);
	v->p->armed = NULL;
	v->p->lost = m;
	v->p->state = state;
}

static void protector_added(struct volume *v, const struct mark *m)
{
	uint32_t type;

	if (!mark_u32(m, "ProtectorType", &type) || !protector_arms(type))
		return;
	if (v->protector_count < BOOT_PROTECTORS)
		v->protectors[v->protector_count++] = mark_field(m, "ProtectorGUID");
	if (v->p->state != VOLUME_SUSPENDED)
		volume_arm(v, m);
	else
		v->last_armed = m;
}

static void protector_removed(struct volume *v, const struct mark *m)
{
	struct ed_str guid = mark_field(m, "ProtectorGUID");
	uint32_t type = 0;
	size_t kept = 0;
	bool armed;

	for (size_t i = 0; i < v->protector_count; i++)
		if (!ed_str_ieq(v->protectors[i], guid))
			v->protectors[kept++] = v->protectors[i];
	mark_u32(m, "ProtectorType", &type);
	/* the one that is removed may have been made before the log begins */
	armed = kept != v->protector_count || (v->p->armed && protector_arms(type));
	if (armed && !kept)
		volume_disarm(v, m, VOLUME_ENCRYPTING);
	v->protector_count = kept;
}

static void volume_event(struct volume *v, const struct mark *m)
{
	struct protection *p = v->p;

	switch ((int)m->kind) {
	case EV_BL_STARTED:
		mark_u32(m, "AlgorithmType", &p->algorithm);
		volume_started(v, m);
		break;
	case EV_BD_FULL_STARTED:
	case EV_BD_USED_STARTED:
	case EV_BD_WRITE_STARTED:
		volume_started(v, m);
		break;
	case EV_BD_FULL_DONE:
	case EV_BD_USED_DONE:
	case EV_BD_SWEEP_DONE:
		p->completed = m;
		if (p->state == VOLUME_ENCRYPTING || p->state == VOLUME_UNKNOWN)
			p->state = VOLUME_UNPROTECTED;
		break;
	case EV_BL_AFTER_RESTART:
		p->after_restart = m;
		if (p->state == VOLUME_UNKNOWN || p->state == VOLUME_NONE)
			p->state = VOLUME_RESTART_REQUIRED;
		break;
	case EV_BL_DECRYPTING:
		v->protector_count = 0;
		volume_disarm(v, m, VOLUME_DECRYPTING);
		break;
	case EV_BL_UNPROTECTED:
		volume_disarm(v, m, VOLUME_UNPROTECTED);
		break;
	case EV_BL_SUSPENDED:
		note_past(v, m);
		p->suspended = m;
		p->armed = NULL;
		p->state = VOLUME_SUSPENDED;
		break;
	case EV_BL_RESUMED:
		p->state = VOLUME_PROTECTED;
		p->suspended = NULL;
		p->lost = NULL;
		p->armed = m;
		v->last_armed = m;
		break;
	case EV_BL_PROTECTOR_ADDED:
		protector_added(v, m);
		break;
	case EV_DE_PROTECTION_ON:
		if (p->state == VOLUME_SUSPENDED) {
			p->state = VOLUME_PROTECTED;
			p->suspended = NULL;
		}
		volume_arm(v, m);
		break;
	case EV_BL_PROTECTOR_REMOVED:
		protector_removed(v, m);
		break;
	default:
		break;
	}
}

static void status_event(struct protection *p, const struct mark *m)
{
	switch ((int)m->kind) {
	case EV_BL_ESCROWED:
		p->escrowed = m;
		p->escrow_failed = NULL;
		break;
	case EV_BL_ESCROW_FAILED:
	case EV_BL_ESCROW_REJECTED:
	case EV_BL_UPLOAD_REFUSED:
	case EV_BL_ROTATE_REFUSED:
	case EV_BL_READ_REFUSED:
		p->escrow_failed = m;
		break;
	case EV_BL_SILENT_FAILED:
	case EV_BL_SILENT_NOT_JOINED:
	case EV_BL_SILENT_NO_TPM:
	case EV_BL_SILENT_NO_WINRE:
	case EV_DE_INIT_FAILED:
	case EV_DE_AUTO_FAILED:
	case EV_DE_VOLUME_FAILED:
	case EV_DE_NO_WINRE:
	case EV_DE_NO_TPM:
		p->enable_failed = m;
		break;
	case EV_NOT_ENCRYPTED:
		p->live_check = m;
		mark_u32(m, "HRESULT", &p->live_flags);
		break;
	case EV_BLCSP_STATUS:
		p->csp_status = m;
		mark_u32(m, "HRESULT", &p->csp_bits);
		p->method_mismatch = p->csp_bits & 0x2 ? m : NULL;
		break;
	case EV_BLCSP_OS_UNPROTECTED:
		p->os_unprotected = m;
		break;
	case EV_BLCSP_OS_METHOD:
	case EV_BLCSP_FIXED_METHOD:
		p->method_mismatch = m;
		break;
	default:
		break;
	}
}

/* The management client looked after encryption began, and found the OS volume not protected. */
static bool says_unprotected(const struct protection *p, const struct mark *sign)
{
	return (p->csp_status && (p->csp_bits & 0x4) && p->csp_status->key >= sign->key) ||
	       (p->os_unprotected && p->os_unprotected->key >= sign->key);
}

/* The log reaches back beyond the protector, or says itself that enabling failed: nothing was
 * started. */
static bool start_is_known_absent(const struct analysis *a, const struct protection *p)
{
	return (p->enable_failed && p->enable_failed->key >= p->armed->key) ||
	       channel_covers(a, CH_BITLOCKER, mark_key(p->armed) - 1);
}

/* Where the state machine ended, with what was never seen filled in. */
static void settle(const struct analysis *a, struct volume *v)
{
	struct protection *p = v->p;
	const struct mark *sign = p->started ? p->started : p->completed;
	bool encrypted = sign != NULL;

	if (p->armed && p->state != VOLUME_SUSPENDED && p->state != VOLUME_DECRYPTING) {
		if (encrypted || p->armed->kind != EV_BL_PROTECTOR_ADDED) {
			p->state = VOLUME_PROTECTED;
		} else if (!p->after_restart && !start_is_known_absent(a, p)) {
			/* protectors without any start of encryption: its event has rolled over */
			p->state = VOLUME_PROTECTED;
			p->armed_inferred = true;
		}
		/* armed before encryption began is on from then */
		if (p->state == VOLUME_PROTECTED && p->started && p->armed->key < p->started->key)
			p->armed = p->started;
	}
	if (p->state == VOLUME_ENCRYPTING && p->completed)
		p->state = VOLUME_UNPROTECTED;
	if (encrypted && sign->kind != EV_BL_STARTED && !p->armed &&
	    (p->state == VOLUME_ENCRYPTING || p->state == VOLUME_UNPROTECTED) && !p->lost &&
	    !channel_covers(a, CH_BITLOCKER, mark_key(sign)) && !says_unprotected(p, sign)) {
		/* the driver proves encryption, not protection */
		p->armed = sign;
		p->armed_inferred = true;
		p->state = VOLUME_PROTECTED;
	}
	if (p->state != VOLUME_PROTECTED)
		p->armed = NULL;
	if (p->state == VOLUME_UNKNOWN &&
	    (channel_read(a, CH_BITLOCKER) || channel_read(a, CH_SYSTEM)))
		p->state = VOLUME_NONE;
}

void build_protection(struct analysis *a)
{
	struct volume v = { .a = a, .p = &a->protection };

	for (size_t i = 0; i < a->mark_count; i++) {
		if (!about_os_volume(&a->marks[i]))
			continue;
		volume_event(&v, &a->marks[i]);
		status_event(&a->protection, &a->marks[i]);
	}
	settle(a, &v);
}
