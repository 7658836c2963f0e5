/* SPDX-License-Identifier: MIT */
/*
 * The verdict of one PATH: plain data in the run's arena, exactly what the reports print.
 * Times are ticks or ED_TIME_NONE; other numbers are int64_t or ED_UNKNOWN; both mean "null".
 * Text with .p NULL means "null".
 */
#ifndef ESPDIAG_ANALYZE_VERDICT_H
#define ESPDIAG_ANALYZE_VERDICT_H

#include "espdiag/base/str.h"
#include "espdiag/base/time.h"
#include "espdiag/model/evidence.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ED_UNKNOWN INT64_MIN

#define ED_OUTCOME_LIST(X)                                                                         \
	X(ED_OUTCOME_BLOCKED, "blocked")                                                           \
	X(ED_OUTCOME_WAITING, "waiting")                                                           \
	X(ED_OUTCOME_RECOVERED, "recovered")                                                       \
	X(ED_OUTCOME_FAILED, "failed")                                                             \
	X(ED_OUTCOME_HEALTHY, "healthy")                                                           \
	X(ED_OUTCOME_INCONCLUSIVE, "inconclusive")
#define ED_CERTAINTY_LIST(X)                                                                       \
	X(ED_CONFIRMED, "confirmed")                                                               \
	X(ED_LIKELY, "likely")                                                                     \
	X(ED_POSSIBLE, "possible")
#define ED_SEVERITY_LIST(X)                                                                        \
	X(ED_INFO, "info")                                                                         \
	X(ED_WARNING, "warning")                                                                   \
	X(ED_ERROR, "error")                                                                       \
	X(ED_BLOCKER, "blocker")
#define ED_OWNER_LIST(X)                                                                           \
	X(ED_TECHNICIAN, "technician")                                                             \
	X(ED_ADMIN, "admin")                                                                       \
	X(ED_USER, "user")                                                                         \
	X(ED_NETWORK, "network")
#define ED_PHASE_LIST(X)                                                                           \
	X(ED_PHASE_NONE, "none")                                                                   \
	X(ED_PHASE_DEVICE_PREPARATION, "device-preparation")                                       \
	X(ED_PHASE_DEVICE_SETUP, "device-setup")                                                   \
	X(ED_PHASE_ACCOUNT_SETUP, "account-setup")                                                 \
	X(ED_PHASE_DONE, "done")
#define ED_BOOT_KIND_LIST(X)                                                                       \
	X(ED_BOOT_UNKNOWN, "unknown")                                                              \
	X(ED_BOOT_RESTART, "restart")                                                              \
	X(ED_BOOT_FAST_STARTUP, "fast-startup")                                                    \
	X(ED_BOOT_RESUME, "resume")
#define ED_LANE_LIST(X)                                                                            \
	X(ED_LANE_PAGE, "page")                                                                    \
	X(ED_LANE_START, "starts")                                                                 \
	X(ED_LANE_BITLOCKER, "bitlocker")                                                          \
	X(ED_LANE_SIGN_IN, "sign-in")                                                              \
	X(ED_LANE_STORE, "store")                                                                  \
	X(ED_LANE_ATTESTATION, "attestation")                                                      \
	X(ED_LANE_MDM, "mdm")
/* The word is what happened, in the singular. */
#define ED_MARK_LIST(X)                                                                            \
	X(ED_MARK_PHASE, "phase of the page")                                                      \
	X(ED_MARK_PAGE_FAILED, "page ended badly")                                                 \
	X(ED_MARK_PAGE_LEFT, "page left")                                                          \
	X(ED_MARK_RESTART, "restart")                                                              \
	X(ED_MARK_FAST_STARTUP, "fast startup")                                                    \
	X(ED_MARK_RESUME, "resume")                                                                \
	X(ED_MARK_START_UNKNOWN, "start of unknown kind")                                          \
	X(ED_MARK_ENCRYPTING, "encrypting")                                                        \
	X(ED_MARK_PROTECTED, "protection on")                                                      \
	X(ED_MARK_SUSPENDED, "protection suspended")                                               \
	X(ED_MARK_UNPROTECTED, "protection lost")                                                  \
	X(ED_MARK_AFTER_RESTART, "encryption waits for a restart")                                 \
	X(ED_MARK_ENABLE_FAILED, "encryption could not be turned on")                              \
	X(ED_MARK_BACKED_UP, "recovery key backed up")                                             \
	X(ED_MARK_BACKUP_FAILED, "recovery key backup failed")                                     \
	X(ED_MARK_DENIED, "sign-in denied")                                                        \
	X(ED_MARK_BROKER_FAILED, "token broker failure")                                           \
	X(ED_MARK_ATTEMPT_FAILED, "attempt failed")                                                \
	X(ED_MARK_ATTEMPT_OK, "attempt succeeded")                                                 \
	X(ED_MARK_ATTEMPT_OPEN, "attempt under way")                                               \
	X(ED_MARK_ATTEMPT_NEXT, "next attempt expected")                                           \
	X(ED_MARK_DEPLOYED, "app deployed")                                                        \
	X(ED_MARK_MEASURED_ON, "this start measured BitLocker on")                                 \
	X(ED_MARK_MEASURED_OFF, "this start measured BitLocker off")                               \
	X(ED_MARK_CERTIFICATE, "health certificate")                                               \
	X(ED_MARK_ATTESTATION_FAILED, "attestation failed")                                        \
	X(ED_MARK_ENROLLED, "enrolled")                                                            \
	X(ED_MARK_ENROLL_FAILED, "enrolment failed")                                               \
	X(ED_MARK_SESSION, "MDM session")                                                          \
	X(ED_MARK_SESSION_FAILED, "MDM session failed")

#define ED_WORD_ENUM(name, word) name,
enum ed_outcome { ED_OUTCOME_LIST(ED_WORD_ENUM) };
enum ed_certainty { ED_CERTAINTY_LIST(ED_WORD_ENUM) };
enum ed_severity { ED_SEVERITY_LIST(ED_WORD_ENUM) };
enum ed_owner { ED_OWNER_LIST(ED_WORD_ENUM) };
enum ed_phase { ED_PHASE_LIST(ED_WORD_ENUM) };
enum ed_boot_kind { ED_BOOT_KIND_LIST(ED_WORD_ENUM) };
enum ed_lane { ED_LANE_LIST(ED_WORD_ENUM) ED_LANE_COUNT };
enum ed_mark_kind { ED_MARK_LIST(ED_WORD_ENUM) ED_MARK_KIND_COUNT };
#undef ED_WORD_ENUM

const char *ed_outcome_word(enum ed_outcome v);
const char *ed_certainty_word(enum ed_certainty v);
const char *ed_severity_word(enum ed_severity v);
const char *ed_owner_word(enum ed_owner v);
const char *ed_phase_word(enum ed_phase v);
const char *ed_boot_kind_word(enum ed_boot_kind v);
const char *ed_lane_word(enum ed_lane v);
const char *ed_mark_kind_word(enum ed_mark_kind v);

enum ed_tri { ED_TRI_UNKNOWN = -1, ED_TRI_NO = 0, ED_TRI_YES = 1 };

struct ed_str_list {
	const struct ed_str *items;
	size_t count;
};

/* Indices into ed_verdict.evidence; index 0 prints as "e1". */
struct ed_refs {
	const uint32_t *items;
	size_t count;
};

struct ed_proof {
	struct ed_str source; /* channel, key or file */
	int64_t record;       /* ED_UNKNOWN for facts */
	int64_t at;
	struct ed_str provider; /* .p NULL for facts */
	int64_t event;          /* ED_UNKNOWN for facts */
	const struct ed_field *fields;
	size_t field_count;
};

struct ed_link {
	struct ed_str claim;
	int64_t at;
	struct ed_refs evidence;
	bool inferred;
};

struct ed_finding {
	const char *id;
	enum ed_severity severity;
	enum ed_certainty certainty;
	enum ed_owner owner;
	struct ed_str title, because;
	struct ed_refs evidence;
	struct ed_str_list missing;
	const char *const *actions; /* ids */
	size_t action_count;
};

struct ed_action {
	const char *id;
	enum ed_owner owner;
	struct ed_str title;
	struct ed_str_list steps;
	struct ed_str cost;
	struct ed_str source;
};

struct ed_ruled_out {
	const char *id;
	struct ed_str because;
	struct ed_refs evidence;
};

struct ed_esp_app {
	struct ed_str name;
	const char *kind;    /* "store", "win32", "msi", "office" */
	struct ed_str state; /* in words; .p NULL when unknown */
	struct ed_str error; /* "0x87d1041c"; .p NULL when none */
};

struct ed_esp {
	enum ed_phase phase;
	bool phase_known;
	int64_t timeout_minutes;
	int64_t started_at, deadline_at;
	int64_t minutes_left; /* as of evaluated_at, never below 0 */
	const struct ed_esp_app *apps;
	size_t app_count;
};

struct ed_product {
	struct ed_str id;     /* Store product id, "9WZDNCRFJ3PZ" */
	struct ed_str family; /* package family name */
	int64_t attempts;
	struct ed_str last_error; /* "0xcaa2000c" */
	enum ed_tri installed;
};

struct ed_store {
	int64_t attempts, failures;
	int64_t first_at, last_at;
	int64_t median_interval_seconds;
	int64_t next_attempt_at;
	const struct ed_product *products;
	size_t product_count;
};

struct ed_code_count {
	uint32_t code;
	int64_t count;
};

struct ed_sign_in {
	int64_t denials;
	const struct ed_code_count *codes; /* ascending */
	size_t code_count;
	struct ed_str client_id, resource_id;
	struct ed_str_list correlation_ids;
	int64_t first_at, last_at;
};

/*
 * The OS volume as it was when the evidence was collected: raw values of Windows beside what they
 * mean. Only a run on the device knows it.
 */
struct ed_volume_live {
	struct ed_str mount_point;
	const char *state; /* "none", "encrypting", "encrypted-unprotected", "protected",
			      "suspended", "decrypting"; NULL = unknown or locked */
	int64_t protection_status, conversion_status, percentage;
	const char *method;            /* "XTS-AES 128"; NULL = none or unknown */
	bool protectors_known;         /* else @protectors is null */
	struct ed_str_list protectors; /* "tpm", "recovery-password" … */
	int64_t suspend_count;
	int64_t shell_protection; /* what the shell shows, where WMI was denied: never a proof */
};

struct ed_bitlocker {
	int64_t started_at, completed_at, protected_at, escrowed_at;
	struct ed_str method; /* "XTS-AES 128" */
	const char *state;    /* "none", "encrypting", "encrypted-unprotected", "protected",
				 "suspended",    "restart-required", "decrypting"; NULL = unknown */
	const struct ed_volume_live *live; /* NULL: not in the evidence */
};

struct ed_attestation {
	int64_t last_boot_at;
	enum ed_boot_kind last_boot_kind;
	enum ed_tri boot_measured_bitlocker;
	int64_t certificate_at;
	struct ed_str certificate_error;
	const char *predicted_require_bitlocker; /* "pass", "fail", "unknown" */
};

struct ed_boot {
	int64_t at;
	enum ed_boot_kind kind;
	struct ed_str requested_by; /* .p NULL when nobody is known */
};

/* Something to draw: a moment, or a span when @to is after @from. */
struct ed_mark {
	enum ed_lane lane;
	enum ed_mark_kind kind;
	int64_t from, to;    /* on the ordering clock: where it is drawn */
	int64_t at, until;   /* as logged: what is written beside it; ED_TIME_NONE: not logged */
	bool open;           /* still so at the time of evaluation */
	struct ed_str label; /* what tells it from others of its kind; .p NULL when nothing does */
	int64_t ref;         /* index into ed_verdict.evidence; ED_UNKNOWN when it is not cited */
};

/* Where a link of the chain stands; @from is ED_TIME_NONE for a link without a time. */
struct ed_moment {
	int64_t from;
	enum ed_lane lane; /* ED_LANE_COUNT: in none of them */
};

/* What the drawings need besides; no part of the JSON. */
struct ed_timeline {
	const struct ed_mark *marks; /* by @from, lane, kind */
	size_t count;
	const struct ed_moment *chain; /* one a link of ed_verdict.chain */
	int64_t deadline;              /* the page's limit, on the ordering clock; or none */
};

struct ed_verdict {
	struct ed_str source; /* PATH as given */
	int64_t evaluated_at;
	int64_t used_from; /* what is older was not used; 0: all was */
	/* of Windows, for who compares devices; ED_UNKNOWN when the evidence does not tell; no part
	 * of the JSON */
	int64_t os_build, os_revision;
	enum ed_outcome outcome;
	const char *primary; /* finding id or NULL */
	enum ed_certainty certainty;
	struct ed_str summary;
	const struct ed_link *chain;
	size_t chain_count;
	const struct ed_finding *findings; /* the primary first */
	size_t finding_count;
	const struct ed_action *actions; /* best first */
	size_t action_count;
	const struct ed_ruled_out *ruled_out;
	size_t ruled_out_count;
	const struct ed_proof *evidence;
	size_t evidence_count;
	const struct ed_coverage *coverage;
	size_t coverage_count;
	struct ed_esp esp;
	struct ed_store store;
	struct ed_sign_in sign_in;
	struct ed_bitlocker bitlocker;
	struct ed_attestation attestation;
	const struct ed_boot *boots;
	size_t boot_count;
	struct ed_timeline timeline;
};

#endif
