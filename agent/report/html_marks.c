/* SPDX-License-Identifier: MIT */
/* How each kind of mark looks and reads. Colour is never the only difference: shapes differ too. */
#include "html_priv.h"

/* Shapes of about ten units around 0,0. */
#define CROSS "M-4-4L4 4M4-4L-4 4"
#define DOT "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z"
#define NO_ENTRY DOT "M-3.2 3.2L3.2 -3.2"
#define TRIANGLE "M0-6L5.5 4H-5.5Z"
#define DIAMOND "M0-5.5L5 0L0 5.5L-5 0Z"
#define SQUARE "M-4-4H4V4H-4Z"
#define FLAG "M-3.5 6V-6L4.5-2.5L-3.5 1"

/* clang-format off */
static const struct mark_look looks[ED_MARK_KIND_COUNT] = {
	[ED_MARK_PHASE] = { "phases of the page", "move", SQUARE, false, true, 1 },
	[ED_MARK_PAGE_FAILED] = { "times the page ended badly", "bad", CROSS, true, false, 9 },
	[ED_MARK_PAGE_LEFT] = { "times the page was left", "move", FLAG, true, false, 2 },
	[ED_MARK_RESTART] = { "restarts", "move", TRIANGLE, false, false, 9 },
	[ED_MARK_FAST_STARTUP] = { "fast startups", "move", TRIANGLE, true, false, 5 },
	[ED_MARK_RESUME] = { "resumes", "move", DOT, true, false, 4 },
	[ED_MARK_START_UNKNOWN] = { "starts of unknown kind", "plain", TRIANGLE, true, false, 3 },
	[ED_MARK_ENCRYPTING] = { "encryptions", "good", SQUARE, true, true, 1 },
	[ED_MARK_PROTECTED] = { "times protection came on", "good", SQUARE, false, true, 4 },
	[ED_MARK_SUSPENDED] = { "suspensions of protection", "bad", SQUARE, true, true, 5 },
	[ED_MARK_UNPROTECTED] = { "losses of protection", "bad", SQUARE, true, false, 8 },
	[ED_MARK_AFTER_RESTART] = { "encryptions that wait for a restart", "move", DIAMOND, true, false, 6 },
	[ED_MARK_ENABLE_FAILED] = { "failures to turn encryption on", "bad", CROSS, true, false, 7 },
	[ED_MARK_BACKED_UP] = { "backups of the recovery key", "good", DIAMOND, false, false, 2 },
	[ED_MARK_BACKUP_FAILED] = { "failed backups of the recovery key", "bad", DIAMOND, true, false, 7 },
	[ED_MARK_DENIED] = { "sign-ins denied", "bad", NO_ENTRY, true, false, 9 },
	[ED_MARK_BROKER_FAILED] = { "token broker failures", "bad", DIAMOND, true, false, 3 },
	[ED_MARK_ATTEMPT_FAILED] = { "attempts failed", "bad", CROSS, true, false, 5 },
	[ED_MARK_ATTEMPT_OK] = { "attempts succeeded", "good", DOT, false, false, 9 },
	[ED_MARK_ATTEMPT_OPEN] = { "attempts under way", "move", DOT, true, false, 6 },
	[ED_MARK_ATTEMPT_NEXT] = { "next attempts expected", "plain", DOT, true, false, 1 },
	[ED_MARK_DEPLOYED] = { "apps deployed", "good", SQUARE, false, false, 8 },
	[ED_MARK_MEASURED_ON] = { "starts that measured BitLocker on", "good", DOT, false, false, 6 },
	[ED_MARK_MEASURED_OFF] = { "starts that measured BitLocker off", "bad", DOT, true, false, 7 },
	[ED_MARK_CERTIFICATE] = { "health certificates", "good", DIAMOND, false, false, 5 },
	[ED_MARK_ATTESTATION_FAILED] = { "failures of attestation", "bad", CROSS, true, false, 8 },
	[ED_MARK_ENROLLED] = { "enrolments", "move", FLAG, true, false, 8 },
	[ED_MARK_ENROLL_FAILED] = { "failed enrolments", "bad", CROSS, true, false, 9 },
	[ED_MARK_SESSION] = { "MDM sessions", "move", DOT, false, false, 1 },
	[ED_MARK_SESSION_FAILED] = { "failed MDM sessions", "bad", CROSS, true, false, 7 },
};
/* clang-format on */

const struct mark_look *mark_look(enum ed_mark_kind kind)
{
	return &looks[kind];
}

const char *lane_title(enum ed_lane lane)
{
	static const char *const titles[] = {
		[ED_LANE_PAGE] = "Status page",
		[ED_LANE_START] = "Starts",
		[ED_LANE_BITLOCKER] = "BitLocker",
		[ED_LANE_SIGN_IN] = "Sign-in denials",
		[ED_LANE_STORE] = "Store attempts",
		[ED_LANE_ATTESTATION] = "Attestation",
		[ED_LANE_MDM] = "MDM",
		[ED_LANE_COUNT] = "",
	};

	return titles[lane];
}

void mark_totals(struct ed_buf *out, const size_t totals[ED_MARK_KIND_COUNT])
{
	bool any = false;

	for (size_t i = 0; i < ED_MARK_KIND_COUNT; i++) {
		if (!totals[i])
			continue;
		ed_buf_addz(out, any ? ", " : "");
		any = true;
		if (totals[i] == 1)
			ed_buf_addz(out, ed_mark_kind_word((enum ed_mark_kind)i));
		else
			ed_buf_printf(out, "%zu %s", totals[i], looks[i].many);
	}
}
