/* SPDX-License-Identifier: MIT */
/* Whether the advice of the first verdict was taken: a row for each action whose doing is seen. */
#include "compare_priv.h"

/* Whether the log that tells of starts was read and reaches back to the first verdict. */
static bool starts_known(const struct comparing *c)
{
	for (size_t i = 0; i < c->after->coverage_count; i++) {
		const struct ed_coverage *row = &c->after->coverage[i];

		if (ed_str_eq(row->source, ED_STR("System")) && row->state == ED_STATE_READ &&
		    row->oldest != ED_TIME_NONE && row->oldest <= c->before->evaluated_at)
			return true;
	}
	return false;
}

static enum ed_tri restart_taken(struct comparing *c, int64_t *at)
{
	bool other = false;

	for (size_t i = 0; i < c->after->boot_count; i++) {
		const struct ed_boot *boot = &c->after->boots[i];

		if (boot->at == ED_TIME_NONE || boot->at <= c->before->evaluated_at)
			continue;
		other = other || boot->kind != ED_BOOT_RESTART;
		if (boot->kind != ED_BOOT_RESTART)
			continue;
		ed_buf_addz(&c->text, "a restart at ");
		compare_time(c, boot->at);
		if (boot->requested_by.len) {
			ed_buf_addz(&c->text, ", asked for by ");
			ed_buf_adds(&c->text, boot->requested_by);
		}
		*at = boot->at;
		return ED_TRI_YES;
	}
	if (!starts_known(c)) {
		ed_buf_addz(&c->text, "the System log does not reach back to the first verdict");
		return ED_TRI_UNKNOWN;
	}
	ed_buf_addz(&c->text, other ? "only a start that is no restart (fast startup or resume)"
				    : "no restart since");
	return ED_TRI_NO;
}

/* Done when it is dated after the first verdict; else nobody knows. */
static enum ed_tri dated_taken(struct comparing *c, int64_t when, const char *what, int64_t *at)
{
	if (when == ED_TIME_NONE || when <= c->before->evaluated_at) {
		ed_buf_printf(&c->text, "no sign since that %s", what);
		return ED_TRI_UNKNOWN;
	}
	ed_buf_printf(&c->text, "%s at ", what);
	compare_time(c, when);
	*at = when;
	return ED_TRI_YES;
}

static enum ed_tri wait_taken(struct comparing *c, int64_t *at)
{
	int64_t minutes = (c->after->evaluated_at - c->before->evaluated_at) / ED_TICKS_PER_MINUTE;

	ed_buf_printf(&c->text, "%lld minutes later", (long long)minutes);
	*at = c->after->evaluated_at;
	return minutes > 0 ? ED_TRI_YES : ED_TRI_NO;
}

static enum ed_tri protect_taken(struct comparing *c, int64_t *at)
{
	return dated_taken(c, c->after->bitlocker.protected_at, "protection was turned on", at);
}

static enum ed_tri encrypt_taken(struct comparing *c, int64_t *at)
{
	return dated_taken(c, c->after->bitlocker.started_at, "encryption was started", at);
}

static enum ed_tri backup_taken(struct comparing *c, int64_t *at)
{
	return dated_taken(c, c->after->bitlocker.escrowed_at, "the recovery key was backed up",
			   at);
}

static enum ed_tri attest_taken(struct comparing *c, int64_t *at)
{
	return dated_taken(c, c->after->attestation.certificate_at,
			   "a health certificate was obtained", at);
}

static enum ed_tri sync_taken(struct comparing *c, int64_t *at)
{
	int64_t when = ED_TIME_NONE;

	for (size_t i = 0; i < c->after->timeline.count && when == ED_TIME_NONE; i++) {
		const struct ed_mark *m = &c->after->timeline.marks[i];

		if (m->kind == ED_MARK_SESSION && m->at > c->before->evaluated_at)
			when = m->at;
	}
	return dated_taken(c, when, "the device talked to Intune", at);
}

static const struct advice_row table[] = {
	{ "restart-device", "The restart", ROW_MEASURED, restart_taken },
	{ "wait", "Waiting", ROW_COUNT, wait_taken },
	{ "sync-device", "The session with Intune", ROW_COUNT, sync_taken },
	{ "sign-in", "The sign-in", ROW_PROTECTION, protect_taken },
	{ "finish-encryption", "Finishing the encryption", ROW_PROTECTION, protect_taken },
	{ "fix-bitlocker-prerequisite", "The encryption", ROW_PROTECTION, encrypt_taken },
	{ "retry-key-backup", "The key backup", ROW_KEY_BACKUP, backup_taken },
	{ "reencrypt", "Encrypting anew", ROW_PROTECTION, encrypt_taken },
	{ "allow-attestation-endpoints", "The attestation", ROW_CERTIFICATE, attest_taken },
};

const struct advice_row *compare_advice(const char *id)
{
	for (size_t i = 0; i < ED_COUNT(table); i++)
		if (strcmp(table[i].id, id) == 0)
			return &table[i];
	return NULL;
}
