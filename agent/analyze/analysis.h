/* SPDX-License-Identifier: MIT */
/*
 * Private to analyze: the state of one analysis, from marks on the timeline to episodes. Each step
 * fills its part from the parts above it; findings read episodes only, never an event.
 *
 * Out of memory sticks in @nomem: helpers then return harmless values and ed_analyze returns
 * ED_NOMEM at its end, so that rules need no error paths.
 */
#ifndef ESPDIAG_ANALYZE_ANALYSIS_H
#define ESPDIAG_ANALYZE_ANALYSIS_H

#include "espdiag/analyze/analyze.h"

/* Keys of the events that matter, one a row of events.def. */
enum event_key {
	EV_NONE,
#define EVENT(key, provider, id, channel, meaning, confidence) key,
#include "events.def"
#undef EVENT
	EV_COUNT
};

struct event_row {
	enum event_key key;
	const char *provider;
	uint32_t id;
	const char *channel;
	const char *meaning;
	const char *confidence;
};

/* Row of an event; NULL when nothing uses it. */
const struct event_row *event_row_find(struct ed_str provider, uint32_t id);
const struct event_row *event_row(enum event_key key);

/* Names of the sources that rules reason about the absence of. */
#define CH_STORE "Microsoft-Windows-Store/Operational"
#define CH_AAD "Microsoft-Windows-AAD/Operational"
#define CH_BITLOCKER "Microsoft-Windows-BitLocker/BitLocker Management"
#define CH_SYSTEM "System"
#define CH_MDM "Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider/Admin"
#define CH_APPX "Microsoft-Windows-AppXDeploymentServer/Operational"
#define CH_SHELL "Microsoft-Windows-Shell-Core/Operational"

/* The Store in Entra ID: the client that asks, and the resource it asks for (the one a policy can
 * exclude). */
#define STORE_CLIENT_ID "268761a2-03f3-40df-8a8b-c3db24145b6b"
#define STORE_RESOURCE_ID "45a330b1-b1ec-4cc1-9161-9f03992aa49f"

/* Intune in Entra ID: a denial of these stops enrolment and everything after it. */
#define INTUNE_ID "0000000a-0000-0000-c000-000000000000"
#define INTUNE_ENROLLMENT_ID "d4ebce55-015a-49b5-a083-c84d1797ae8c"

/* An event on the timeline. */
struct mark {
	int64_t key; /* ordering key: logged time, moved by the backward clock jumps after it */
	enum event_key kind;
	const struct ed_event *event;
};

/* Marks of one kind of thing, in order. */
struct marks {
	const struct mark **items;
	size_t count, cap;
};

struct clock_jump {
	uint64_t record;  /* in System */
	int64_t at;       /* logged time of the event */
	int64_t from, to; /* OldTime, NewTime */
	int64_t since;    /* backward: since when the fast clock was in use; ED_TIME_NONE unknown */
	const struct mark *mark;
};

struct boot {
	const struct mark *mark; /* Kernel-General 12, or Kernel-Boot 27 */
	enum ed_boot_kind kind;
	const struct mark *requested; /* User32 1074 or MDM 2800 before it; may be NULL */
};

struct boot_log {
	const struct ed_stored_fact *first;   /* opens the log */
	const struct ed_stored_fact *counter; /* BootCounter; may be NULL */
	const struct ed_stored_fact *unlock;  /* BitlockerUnlock; may be NULL */
	struct ed_str path;
};

struct denial {
	const struct mark *mark;
	uint32_t code; /* AADSTS */
	struct ed_str client, resource, correlation;
};

struct denials {
	struct denial *items;
	size_t count, cap;
};

/* Token broker failures (0xCAA5…): no answer of Entra ID at all. */
struct broker {
	const struct mark *first, *last;
	size_t count;
	bool denied; /* Entra ID denied a client, whichever: the broker had asked */
};

/* Enrolment and join: newest failure without a later success; NULL none. */
struct enrollment {
	const struct mark *enrolled;
	const struct ed_stored_fact *enrolled_fact; /* EnrollmentState 1 of Intune's enrolment */
	const struct mark *failed;                  /* MDM enrolment refused */
	const struct mark *join_timeout;            /* offline domain join timed out */
	const struct mark *join_failed;             /* automatic registration failed */
	const struct mark *domain_waited;           /* offline domain join is configured here */
	const struct mark *tpm_failed; /* TPM or AIK attestation of the device itself */
	const struct ed_stored_fact
		*tpm_fact; /* AIKEnrollmentErrorCode, DeploymentErrorCode 0x8103… */
	uint32_t hresult;  /* of failed */
	bool intune_named; /* the registry says which enrolment is Intune's */
};

struct attempt {
	size_t product_i;
	const struct mark *start;
	const struct mark *end;   /* NULL while it runs */
	const struct mark *error; /* the event that carries the code; NULL when none */
	uint32_t hresult;         /* 0 = success or not known yet */
	bool succeeded;
	bool worked; /* it has gone to work; what came before that only announced it */
	size_t prev; /* one more than the index of the product's attempt before; 0 none */
};

struct product {
	struct ed_str id, family;
	size_t attempts, failures;
	uint32_t last_hresult;
	size_t last_attempt;          /* one more than its index; 0 none */
	const struct mark *installed; /* NULL: no proof that it is */
};

struct attempts {
	bool known; /* Store/Operational was read and its words were understood */
	struct attempt *items;
	size_t count;
	struct product *products;
	size_t product_count;
	uint32_t *product_slots;   /* hash of the id to 1 + its index; 0 free */
	size_t product_slot_count; /* a power of two */
	size_t failures;
	int64_t median_seconds;       /* ED_UNKNOWN without a gap */
	const struct mark *installed; /* newest proof, of any product, that an app came */
	const struct mark *deployed;  /* newest deployment of an app that the page expects */
	bool no_words; /* Store/Operational was read, but uses none of the known words */
	const struct ed_stored_fact *installed_fact; /* the same from the page's own list; apps.c */
};

enum volume_state {
	VOLUME_UNKNOWN,
	VOLUME_NONE,             /* nothing started, as far as the logs reach */
	VOLUME_RESTART_REQUIRED, /* 769 */
	VOLUME_ENCRYPTING,       /* started, not armed */
	VOLUME_UNPROTECTED,      /* encrypted, not armed: clear key or no protector */
	VOLUME_PROTECTED,
	VOLUME_SUSPENDED,
	VOLUME_DECRYPTING,
};

/* The OS volume as it was when the evidence was collected. */
enum live_state {
	LIVE_UNKNOWN,
	LIVE_OFF, /* not encrypted */
	LIVE_ENCRYPTING,
	LIVE_UNPROTECTED, /* encrypted, and nothing that could unlock it at a start */
	LIVE_SUSPENDED,
	LIVE_PROTECTED,
	LIVE_DECRYPTING,
};

/* Facts are NULL for what was not told. */
struct live_volume {
	enum live_state state;
	struct ed_str path; /* "volume/C:"; .p NULL: no volume in the evidence */
	const struct ed_stored_fact *conversion, *protection, *percentage, *method, *protectors,
		*suspends, *shell;
	enum ed_tri boot_protector; /* one that unlocks it at a start */
	bool on_since_start; /* on now, and not at the last start: it came on since, whenever */
};

/* From one mark to another. */
struct stretch {
	const struct mark *from, *to;
};

/* The OS volume. Marks are NULL for what was not seen. */
struct protection {
	enum volume_state state;
	bool armed_inferred; /* only the driver's events say so, or no start of encryption was seen
			      */
	const struct mark *started; /* first sign of the current encryption */
	const struct mark *completed;
	const struct mark *armed; /* since when protection is on: protector, or resumed; with
				     armed_by_live the last sign that it was not, or NULL */
	bool armed_by_live;       /* only the live state says that it is on */
	const struct mark *suspended;
	const struct mark *after_restart; /* 769 */
	const struct mark *lost;          /* why it is not on any more: 770, 776, 778 */
	const struct mark *escrowed;
	const struct mark *escrow_failed; /* newest failure without a later success */
	const struct mark *enable_failed; /* newest of 851-854 … without a later start */
	const struct mark *live_check;    /* newest 2752 */
	uint32_t live_flags;
	const struct mark *csp_status; /* newest 2900 */
	uint32_t csp_bits;
	const struct mark *os_unprotected;  /* newest 2914 */
	const struct mark *method_mismatch; /* 2902, 2911, or 2900 with bit 1 */
	uint32_t algorithm;                 /* AlgorithmType of 768; 0 unknown */
	struct stretch *past;               /* when protection was on before, oldest first */
	size_t past_count, past_cap;
};

struct attestation {
	const struct boot *last_start; /* last real start; NULL unknown */
	const struct boot *last_wake;  /* fast startup or resume after it; NULL none */
	const struct boot_log *log;    /* of the last start; NULL none */
	const struct ed_stored_fact
		*boot_status; /* what Windows noted of the last start, where there is no log */
	const struct mark *certificate; /* newest success since the last start */
	const struct mark
		*failure; /* newest failure since the last start without a later success */
	const struct ed_stored_fact *failure_fact; /* AttestStatus, when it is a failure */
	const struct ed_stored_fact *fine_fact;    /* AttestStatus 0 */
	const struct mark *first_sign_in; /* first event of an Entra user since the last start */
	enum ed_tri measured;             /* what the last start measured, by its log alone */
};

/* An app that the page knows, with what proves its state. */
struct page_app {
	struct ed_esp_app app;
	bool failed, done;
	bool named;  /* its display name was found */
	bool winget; /* a Store app of the present kind: the management extension installs it */
	const struct ed_stored_fact *fact;
};

struct page {
	struct ed_esp esp;
	struct page_app *apps;
	size_t app_count;
	const struct mark *phase_start;
	const struct mark *handed_over; /* the page's first exit: from the device to the account */
	const struct mark *left;        /* the page was left for good */
	const struct mark
		*ended_badly; /* 62407 …_Failure, _Timeout, _Abort without a later phase */
	const struct mark *timed_out;    /* 62407 …_Timeout, whatever came later */
	const struct mark *continued;    /* the page was left after it had ended badly */
	const struct mark *ended_before; /* how it had ended then */
	bool category_failed;
	bool done_by_event;
	bool limit_passed;
	bool apps_uncounted; /* the text of the phase shown names no number of apps yet */
	uint32_t error_code; /* the code that the category's text shows for its apps; 0 none */
	const struct ed_stored_fact *category; /* the status value of the phase shown */
	const struct ed_stored_fact *limit;    /* SyncFailureTimeout */
};

/* What kind of device and enrolment this is: advice of the wrong kind is a mistake. */
struct context {
	uint32_t build;                /* Windows build of the last start; 0 unknown */
	int64_t os_build, os_revision; /* of the registry, else of the last start; or ED_UNKNOWN */
	bool preparation; /* Autopilot device preparation (v2): it has no Enrollment Status Page */
	bool no_user;     /* joined by a placeholder: self-deploying or pre-provisioning, nobody can
			     sign in */
};

struct analysis {
	const struct ed_evidence *evidence;
	const struct ed_analyze_options *options;
	struct ed_arena *arena;
	bool nomem;

	int64_t at;   /* evaluated at */
	int64_t from; /* ordering key: what came before is not used; 0: all is */
	struct mark *marks;
	size_t mark_count;
	struct clock_jump *jumps; /* in record order, before the cut */
	size_t jump_count;
	size_t starts_after_cut; /* real starts that the evidence holds later than @at */
	int64_t since;           /* ordering key: what came before is of an earlier enrolment */

	struct boot *boots;
	size_t boot_count;
	struct boot_log *boot_logs; /* oldest first */
	size_t boot_log_count;
	struct denials store_denials;
	struct denials intune_denials;
	struct broker broker;
	struct enrollment enrollment;
	struct attempts attempts;
	struct protection protection;
	struct live_volume live;
	struct attestation attestation;
	struct page page;
	struct context context;

	struct ed_proof *proofs;
	const void **proof_of; /* what each proof was made from */
	size_t proof_count, proof_cap;
	struct ed_coverage *coverage;
	size_t coverage_count, coverage_cap;
	unsigned mixed; /* channels in which logs of two devices lie, a bit each; coverage.c */
};

/* memory.c: sticky allocation and text */
void *take(struct analysis *a, size_t count, size_t size);
/* Room for one more in an arena array; returns the array (moved or not), NULL when out of memory.
 */
void *room(struct analysis *a, void *items, size_t count, size_t *cap, size_t size);
struct ed_str say(struct analysis *a, const char *format, ...) ED_PRINTF(2, 3);
/* "2026-09-14 08:15:07 UTC"; "an unknown time" for ED_TIME_NONE. */
const char *say_time(struct analysis *a, int64_t t);
/* "08:15:07", on another day than that of the evaluation "2026-09-14 08:15:07" */
const char *say_clock(struct analysis *a, int64_t t);
/* The same of a mark's logged time; says so when a clock showed it that was later set back. */
const char *say_when(struct analysis *a, const struct mark *m);
long long clock_ahead(const struct mark *m);
/* "0xcaa2000c" */
struct ed_str say_code(struct analysis *a, uint32_t code);
/* The channel of @m; the file that it is from, where an event names none. */
struct ed_str mark_source(const struct analysis *a, const struct mark *m);
int64_t mark_at(const struct mark *m);  /* logged time; ED_TIME_NONE for NULL */
int64_t mark_key(const struct mark *m); /* ordering key; ED_TIME_NONE for NULL */
struct ed_str mark_field(const struct mark *m, const char *name);
bool mark_u32(const struct mark *m, const char *name, uint32_t *out);

/* order.c: marks, clock jumps, the cut */
void order_events(struct analysis *a);
/* True when a forward jump lies between: the span's length is then unknown. */
bool span_unknown(const struct analysis *a, int64_t from_key, int64_t to_key);
/* Seconds between, less what forward jumps in between may have added. */
int64_t span_least_seconds(const struct analysis *a, int64_t from_key, int64_t to_key);
/* First mark of @kind at or after index @from; NULL at the end, index in *i. */
const struct mark *next_mark(const struct analysis *a, enum event_key kind, size_t *i);
bool mark_is(const struct mark *m, const enum event_key *kinds, size_t count);

/* episodes, one file each */
void build_boots(struct analysis *a);
void build_denials(struct analysis *a);
/* Its code means "the device is not compliant"; every other code of a denial means something else.
 */
bool denial_of_compliance(const struct denial *d);
/* A wrong clock of the device makes it. */
bool denial_by_clock(const struct denial *d);
void build_enrollment(struct analysis *a);
void build_attempts(struct analysis *a);
/* Proof that an app that was refused or expected came after @key; NULL none. */
const struct mark *came_mark(const struct analysis *a, int64_t key);
/* An AppX event whose caller is the Store's install service. */
bool deployed_by_store(const struct mark *m);
void build_protection(struct analysis *a);
/* A BitLocker event of the volume that Windows is on. */
bool about_os_volume(const struct mark *m);
void build_attestation(struct analysis *a);
/* live.c: the live state of the OS volume; it corrects what the events left open or did not see.
 * After build_protection and build_attestation. */
void build_live(struct analysis *a);
void fill_live(struct analysis *a, struct ed_bitlocker *b);
void build_page(struct analysis *a);
void build_context(struct analysis *a);
/* The registry or the page's own events say that it is done. */
bool page_is_done(const struct analysis *a);
void build_apps(struct analysis *a);
void build_names(struct analysis *a);

/* coverage.c */
void build_coverage(struct analysis *a);
/* Says in the Store log's row when its words are not known. After build_attempts. */
void note_unknown_words(struct analysis *a);
/* The channel was read at all. */
bool channel_read(const struct analysis *a, const char *channel);
/* It was read, and from the ordering key @since on nothing of it is lacking: absence counts. */
bool channel_covers(const struct analysis *a, const char *channel, int64_t since_key);

/* facts.c */
/* The time that the last part of a registry key gives ("…\\2026-09-14T08:52:11Z"); ED_TIME_NONE. */
int64_t fact_key_time(const struct ed_stored_fact *f);
/* Newest or only value of @name in a key that ends with @key_tail; NULL when there is none. */
const struct ed_stored_fact *registry_value(const struct analysis *a, const char *key_tail,
					    const char *name);
/* The number of a value; some builds write a code as text. False when there is none. */
bool fact_u32(const struct ed_stored_fact *f, uint32_t *out);
/* @name in exactly the key @path; NULL when there is none. */
const struct ed_stored_fact *registry_at(const struct analysis *a, struct ed_str path,
					 const char *name);
/* A value below the FirstSync key of Intune's enrolment, or of one that does not say whose it is.
 */
bool of_intune(const struct analysis *a, const struct ed_stored_fact *f);
/* A value of the FirstSync key itself; the user's own key has a SID behind it. */
const struct ed_stored_fact *first_sync(const struct analysis *a, const char *name);
bool fact_is_registry(const struct ed_stored_fact *f, const char *key_part, const char *name);

/* proof.c */
uint32_t cite_mark(struct analysis *a, const struct mark *m);
uint32_t cite_fact(struct analysis *a, const struct ed_stored_fact *f);
/* What is known of a channel as a whole: proof of absence. */
uint32_t cite_channel(struct analysis *a, const char *channel);
uint32_t cite_boot_log(struct analysis *a, const struct boot_log *log);
/* What says whether the last start measured BitLocker; only where that is known. */
uint32_t cite_measured(struct analysis *a);
/* The live state of the OS volume; only where there is one. */
uint32_t cite_live(struct analysis *a);

/* fill.c */
void fill_facts(struct analysis *a, struct ed_verdict *v);

/* timeline.c: after everything else of @v is filled */
void fill_timeline(struct analysis *a, struct ed_verdict *v);

#endif
