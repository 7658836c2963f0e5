/* SPDX-License-Identifier: MIT */
/*
 * Starts of the machine. Kernel-General 12 is written by a real kernel start only; a fast startup
 * leaves Kernel-Boot 27 with type 1 and no 12, a resume from hibernation type 2. And the
 * measured-boot logs, one a start, oldest first.
 */
#include "analysis.h"

/* Kernel-Boot 27 of the same start is written within this of Kernel-General 12. */
#define SAME_START (2 * ED_TICKS_PER_MINUTE)

static bool real_start_near(const struct analysis *a, size_t i)
{
	for (size_t j = i; j-- > 0 && a->marks[i].key - a->marks[j].key <= SAME_START;)
		if (a->marks[j].kind == EV_KERNEL_START)
			return true;
	for (size_t j = i + 1; j < a->mark_count && a->marks[j].key - a->marks[i].key <= SAME_START;
	     j++)
		if (a->marks[j].kind == EV_KERNEL_START)
			return true;
	return false;
}

static bool boot_from_mark(const struct analysis *a, size_t i, enum ed_boot_kind *kind)
{
	uint32_t type;

	if (a->marks[i].kind == EV_KERNEL_START) {
		*kind = ED_BOOT_RESTART;
		return true;
	}
	if (a->marks[i].kind != EV_BOOT_TYPE || !mark_u32(&a->marks[i], "BootType", &type))
		return false;
	*kind = type == 0   ? ED_BOOT_RESTART
		: type == 1 ? ED_BOOT_FAST_STARTUP
		: type == 2 ? ED_BOOT_RESUME
			    : ED_BOOT_UNKNOWN;
	return type != 0 || !real_start_near(a, i);
}

static void build_starts(struct analysis *a)
{
	const struct mark *requested = NULL;
	size_t cap = 0;

	for (size_t i = 0; i < a->mark_count; i++) {
		const struct mark *m = &a->marks[i];
		enum ed_boot_kind kind;

		/* the CSP asks first, and Windows' own request for the same restart follows it */
		if (m->kind == EV_MDM_REBOOT_URI ||
		    (m->kind == EV_RESTART_REQUESTED &&
		     (!requested || requested->kind != EV_MDM_REBOOT_URI)))
			requested = m;
		if (!boot_from_mark(a, i, &kind))
			continue;
		a->boots = room(a, a->boots, a->boot_count, &cap, sizeof(*a->boots));
		if (!a->boots) {
			a->boot_count = 0;
			return;
		}
		a->boots[a->boot_count++] =
			(struct boot){ .mark = m, .kind = kind, .requested = requested };
		requested = NULL;
	}
}

static uint64_t log_counter(const struct boot_log *log)
{
	return log->counter && log->counter->fact.has_number ? log->counter->fact.number : 0;
}

static int compare_logs(const void *left, const void *right)
{
	const struct boot_log *x = left, *y = right;
	uint64_t a = log_counter(x), b = log_counter(y);

	if (a != b)
		return a < b ? -1 : 1;
	return ed_str_cmp(x->path, y->path); /* names begin with the boot's number */
}

static struct boot_log *log_of_source(struct analysis *a, uint32_t source_i, size_t *cap)
{
	struct boot_log *log;

	for (size_t i = 0; i < a->boot_log_count; i++)
		if (a->boot_logs[i].first->source_i == source_i)
			return &a->boot_logs[i];
	a->boot_logs = room(a, a->boot_logs, a->boot_log_count, cap, sizeof(*a->boot_logs));
	if (!a->boot_logs) {
		a->boot_log_count = 0;
		return NULL;
	}
	log = &a->boot_logs[a->boot_log_count++];
	*log = (struct boot_log){ .path = a->evidence->sources[source_i].path };
	return log;
}

/* The same log often lies in a bundle twice; one with the same counters says nothing new. */
static void drop_same_logs(struct analysis *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->boot_log_count; i++) {
		if (kept && log_counter(&a->boot_logs[i]) &&
		    log_counter(&a->boot_logs[i]) == log_counter(&a->boot_logs[kept - 1]) &&
		    !a->boot_logs[i].unlock == !a->boot_logs[kept - 1].unlock &&
		    (!a->boot_logs[i].unlock || a->boot_logs[i].unlock->fact.number ==
							a->boot_logs[kept - 1].unlock->fact.number))
			continue;
		a->boot_logs[kept++] = a->boot_logs[i];
	}
	a->boot_log_count = kept;
}

static void build_logs(struct analysis *a)
{
	size_t cap = 0;

	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];
		struct boot_log *log;

		if (f->fact.kind != ED_FACT_BOOTLOG)
			continue;
		log = log_of_source(a, f->source_i, &cap);
		if (!log)
			return;
		if (!log->first)
			log->first = f;
		if (ed_str_eq(f->fact.name, ED_STR("BootCounter")))
			log->counter = f;
		/* the first unlock is the OS volume's: the boot manager measures it before Windows
		 * runs */
		else if (ed_str_eq(f->fact.name, ED_STR("BitlockerUnlock")) && !log->unlock)
			log->unlock = f;
	}
	if (a->boot_log_count)
		qsort(a->boot_logs, a->boot_log_count, sizeof(*a->boot_logs), compare_logs);
	drop_same_logs(a);
}

void build_boots(struct analysis *a)
{
	build_starts(a);
	build_logs(a);
}
