/* SPDX-License-Identifier: MIT */
/* Installing and uninstalling against a made-up Windows, and when a run that nobody watches counts.
 */
#include "espdiag/install/install.h"

#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/platform/eventlog.h"
#include "espdiag/platform/file.h"
#include "on_failure.h"

#define FOLDER "C:\\Program Files\\espdiag"
#define LOG_BYTES 4096

/* What was asked of Windows, in order; the step @fails fails. */
struct machine {
	char log[LOG_BYTES];
	char path[512];
	char xml[LOG_BYTES];
	const char *fails;
};

static ed_status note(struct machine *m, struct ed_error *err, const char *step,
		      struct ed_str argument)
{
	size_t len = strlen(m->log);

	(void)snprintf(m->log + len, sizeof(m->log) - len, "%s %.*s|", step, ED_FMT(argument));
	if (m->fails && !strcmp(m->fails, step))
		return ed_fail(err, ED_ACCESS, "cannot %s", step);
	return ED_OK;
}

static ed_status folder(void *context, struct ed_arena *arena, struct ed_str *out,
			struct ed_error *err)
{
	*out = ed_arena_str(arena, ED_STR(FOLDER));
	if (!out->p)
		return ed_fail(err, ED_NOMEM, "out of memory");
	return note(context, err, "folder", ED_STR(""));
}

static ed_status copy_self(void *context, struct ed_str where, struct ed_str path,
			   struct ed_error *err)
{
	ck_assert(ed_str_starts(path, where));
	return note(context, err, "copy", path);
}

static ed_status make_folder(void *context, struct ed_str path, struct ed_error *err)
{
	return note(context, err, "make", path);
}

static ed_status remove_file(void *context, struct ed_str path, struct ed_error *err)
{
	return note(context, err, "remove", path);
}

static ed_status remove_folder(void *context, struct ed_str path, struct ed_error *err)
{
	return note(context, err, "rmdir", path);
}

static ed_status path_read(void *context, struct ed_arena *arena, struct ed_str *out,
			   struct ed_error *err)
{
	const struct machine *m = context;

	*out = ed_arena_str(arena, ed_str_from(m->path));
	return out->p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory");
}

static ed_status path_write(void *context, struct ed_str value, struct ed_error *err)
{
	struct machine *m = context;
	ed_status status = note(m, err, "path", value);

	if (status == ED_OK)
		(void)snprintf(m->path, sizeof(m->path), "%.*s", ED_FMT(value));
	return status;
}

static ed_status event_source(void *context, struct ed_str program, struct ed_error *err)
{
	return note(context, err, program.p ? "source" : "nosource", program);
}

static ed_status task(void *context, struct ed_str xml, struct ed_error *err)
{
	struct machine *m = context;

	(void)snprintf(m->xml, sizeof(m->xml), "%.*s", ED_FMT(xml));
	return note(context, err, xml.p ? "task" : "notask", ED_STR(""));
}

static struct machine machine;
static const struct ed_install_system made_up = { .context = &machine,
						  .folder = folder,
						  .copy_self = copy_self,
						  .make_folder = make_folder,
						  .remove_file = remove_file,
						  .remove_folder = remove_folder,
						  .path_read = path_read,
						  .path_write = path_write,
						  .event_source = event_source,
						  .task = task };

static void machine_set(const char *path)
{
	memset(&machine, 0, sizeof(machine));
	(void)snprintf(machine.path, sizeof(machine.path), "%s", path);
}

#define TAKEN_AWAY                                                                                 \
	"notask |nosource |path C:\\Windows;%A%|remove " FOLDER "\\espdiag.exe|rmdir " FOLDER "|"

START_TEST(on_hand)
{
	const struct ed_install_options options = { .on_failure = false };
	struct ed_error err = { 0 };

	machine_set("C:\\Windows;%A%");
	ck_assert_int_eq(ed_install(&made_up, &options, &err), ED_OK);
	ck_assert_str_eq(machine.log,
			 "folder |copy " FOLDER "\\espdiag.exe|path C:\\Windows;%A%;" FOLDER
			 "|source " FOLDER "\\espdiag.exe|notask |");
	machine.log[0] = '\0';
	ck_assert_int_eq(ed_install(&made_up, &options, &err), ED_OK);
	ck_assert_ptr_null(strstr(machine.log, "path"));
	machine.log[0] = '\0';
	ck_assert_int_eq(ed_uninstall(&made_up, false, &err), ED_OK);
	ck_assert_str_eq(machine.log, "folder |" TAKEN_AWAY);
	ck_assert_str_eq(machine.path, "C:\\Windows;%A%");
}
END_TEST

/* Windows takes the task away after thirty days, whatever happens. */
static void check_end(const char *xml)
{
	const char *at = strstr(xml, "<EndBoundary>");
	int64_t ends, day = 24 * 60 * ED_TICKS_PER_MINUTE, left;

	ck_assert_ptr_nonnull(at);
	at += strlen("<EndBoundary>");
	ck_assert(ed_time_parse((struct ed_str){ at, strcspn(at, "<") }, &ends));
	left = ends - ed_clock_now();
	ck_assert(left > 29 * day && left <= 30 * day);
}

START_TEST(on_failure)
{
	const struct ed_install_options options = { .on_failure = true };
	struct ed_error err = { 0 };

	machine_set("");
	ck_assert_int_eq(ed_install(&made_up, &options, &err), ED_OK);
	ck_assert_ptr_nonnull(strstr(machine.log, "make " FOLDER "\\bundles|task |"));
	check_end(machine.xml);
	ck_assert_str_eq(machine.path, FOLDER);
	machine.log[0] = '\0';
	ck_assert_int_eq(ed_install_task_done(&made_up, &err), ED_OK);
	ck_assert_str_eq(machine.log, "notask |");
	machine.log[0] = '\0';
	ck_assert_int_eq(ed_uninstall(&made_up, true, &err), ED_OK);
	ck_assert_ptr_null(strstr(machine.log, "rmdir"));
}
END_TEST

static const char *const install_steps[] = { "copy", "path", "source", "make", "task" };

START_TEST(failure_is_taken_back)
{
	const struct ed_install_options options = { .on_failure = true };
	struct ed_error err = { 0 };
	char text[64];

	machine_set("C:\\Windows");
	machine.fails = install_steps[_i];
	(void)snprintf(text, sizeof(text), "cannot %s", install_steps[_i]);
	ck_assert_int_eq(ed_install(&made_up, &options, &err), ED_ACCESS);
	ck_assert_str_eq(err.text, text);
	ck_assert_ptr_nonnull(strstr(machine.log, "remove " FOLDER "\\espdiag.exe|"));
	ck_assert_str_eq(machine.path, "C:\\Windows");
}
END_TEST

START_TEST(uninstall_goes_on)
{
	struct ed_error err = { 0 };

	machine_set("C:\\Windows;" FOLDER);
	machine.fails = "nosource";
	ck_assert_int_eq(ed_uninstall(&made_up, false, &err), ED_ACCESS);
	ck_assert_str_eq(err.text, "cannot nosource");
	ck_assert_ptr_nonnull(strstr(machine.log, "rmdir " FOLDER "|"));
}
END_TEST

START_TEST(no_memory)
{
	const struct ed_install_options options = { .on_failure = true };
	ed_status status = ED_NOMEM;

	for (long n = 0; status == ED_NOMEM && n < 100; n++) {
		struct ed_error err = { 0 };

		machine_set("C:\\Windows");
		ed_alloc_fail_after(n);
		status = ed_install(&made_up, &options, &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_NOMEM || status == ED_OK);
	}
	ck_assert_int_eq(status, ED_OK);
}
END_TEST

START_TEST(elsewhere)
{
	const struct ed_install_options options = { .on_failure = false };
	struct ed_error err = { 0 };

	ck_assert_int_eq(ed_install(NULL, &options, &err), ED_UNSUPPORTED);
	ck_assert_str_eq(err.text, "installing needs Windows");
	ck_assert_int_eq(ed_uninstall(NULL, false, &err), ED_UNSUPPORTED);
	ck_assert_int_eq(ed_install_task_done(NULL, &err), ED_OK);
}
END_TEST

static const struct {
	const char *path, *removed;
	bool has;
} paths[] = {
	{ "", "", false },
	{ "C:\\Windows", "C:\\Windows", false },
	{ FOLDER, "", true },
	{ "c:\\program files\\ESPDIAG\\;C:\\Windows", "C:\\Windows", true },
	{ "C:\\Windows; " FOLDER " ;D:\\x", "C:\\Windows;D:\\x", true },
	{ "C:\\Windows;;D:\\x;" FOLDER, "C:\\Windows;;D:\\x", true },
	{ FOLDER "2;" FOLDER "\\bin", FOLDER "2;" FOLDER "\\bin", false },
};

START_TEST(path_lists)
{
	struct ed_str path = ed_str_from(paths[_i].path);
	struct ed_buf out;

	ck_assert_int_eq(ed_path_list_has(path, ED_STR(FOLDER)), paths[_i].has);
	ed_buf_init(&out, ED_MIB);
	ed_path_list_remove(path, ED_STR(FOLDER), &out);
	ck_assert_msg(ed_str_eq(ed_buf_str(&out), ed_str_from(paths[_i].removed)), "%s: %.*s",
		      paths[_i].path, ED_FMT(ed_buf_str(&out)));
	ed_buf_clear(&out);
	ed_path_list_add(path, ED_STR(FOLDER), &out);
	ck_assert(ed_path_list_has(ed_buf_str(&out), ED_STR(FOLDER)));
	ck_assert(ed_str_starts(ed_buf_str(&out), path));
	ed_buf_release(&out);
}
END_TEST

/* Too many for an event; and elsewhere there is no log at all. */
START_TEST(no_such_event)
{
	struct ed_str strings[ED_EVENTLOG_STRINGS + 1];
	struct ed_error err = { 0 };

	for (size_t i = 0; i < ED_COUNT(strings); i++)
		strings[i] = ED_STR("x");
	ck_assert_int_ne(ed_eventlog_write(ED_STR("espdiag"), 100, ED_EVENTLOG_ERROR, strings,
					   ED_COUNT(strings), &err),
			 ED_OK);
	ck_assert_str_ne(err.text, "");
}
END_TEST

START_TEST(task_definition)
{
	static const char *const wanted[] = {
		"<UserId>S-1-5-18</UserId>",
		"<EventTrigger><EndBoundary>2026-10-14T08:15:00Z</EndBoundary><Subscription>",
		"EventID=62407",
		"<BootTrigger><EndBoundary>2026-10-14T08:15:00Z</EndBoundary><Repetition>"
		"<Interval>PT5M</Interval><Duration>P1D</Duration>",
		"<RegistrationTrigger><EndBoundary>2026-10-14T08:15:00Z</EndBoundary><Repetition>"
		"<Interval>PT5M</Interval><Duration>P1D</Duration>",
		"<DeleteExpiredTaskAfter>PT0S<",
		"<DisallowStartIfOnBatteries>false<",
		"<StopIfGoingOnBatteries>false<",
		"<ExecutionTimeLimit>PT10M<",
		"<Command>\"C:\\A &amp; B\\espdiag.exe\"</Command>",
		"<Arguments>collect --on-failure --quiet --out \"C:\\A &amp; B\\bundles\"<",
		"<MultipleInstancesPolicy>IgnoreNew<",
	};
	struct ed_buf out;
	int64_t ends;

	/* what is less than a second does not belong there */
	ck_assert(ed_time_parse(ED_STR("2026-10-14T08:15:00.5Z"), &ends));
	ed_buf_init(&out, ED_MIB);
	ed_install_task_xml(ED_STR("C:\\A & B"), ends, &out);
	ed_buf_addc(&out, '\0');
	ck_assert_int_eq(out.status, ED_OK);
	for (size_t i = 0; i < ED_COUNT(wanted); i++)
		ck_assert_msg(strstr(ed_buf_str(&out).p, wanted[i]) != NULL, "%s", wanted[i]);
	ed_buf_release(&out);
}
END_TEST

static const struct {
	enum ed_outcome outcome;
	bool phase_known;
	enum ed_phase phase;
	int64_t limit, left;
	bool keep, over;
} decisions[] = {
	{ ED_OUTCOME_FAILED, true, ED_PHASE_DEVICE_SETUP, 60, 30, true, true },
	{ ED_OUTCOME_WAITING, true, ED_PHASE_DEVICE_SETUP, 60, 5, false, false },
	{ ED_OUTCOME_WAITING, true, ED_PHASE_DEVICE_SETUP, 60, 0, true, true },
	{ ED_OUTCOME_BLOCKED, true, ED_PHASE_ACCOUNT_SETUP, 60, 16, false, false },
	{ ED_OUTCOME_BLOCKED, true, ED_PHASE_ACCOUNT_SETUP, 60, 15, true, true },
	{ ED_OUTCOME_WAITING, true, ED_PHASE_ACCOUNT_SETUP, 60, 15, true, true },
	{ ED_OUTCOME_BLOCKED, true, ED_PHASE_ACCOUNT_SETUP, ED_UNKNOWN, ED_UNKNOWN, true, true },
	{ ED_OUTCOME_WAITING, true, ED_PHASE_ACCOUNT_SETUP, ED_UNKNOWN, ED_UNKNOWN, false, false },
	{ ED_OUTCOME_INCONCLUSIVE, false, ED_PHASE_NONE, ED_UNKNOWN, ED_UNKNOWN, false, false },
	{ ED_OUTCOME_HEALTHY, true, ED_PHASE_DONE, 60, ED_UNKNOWN, false, true },
	{ ED_OUTCOME_RECOVERED, true, ED_PHASE_DONE, 60, 0, false, true },
	{ ED_OUTCOME_FAILED, true, ED_PHASE_DONE, 60, 0, true, true },
};

START_TEST(decided)
{
	const struct ed_verdict verdict = { .outcome = decisions[_i].outcome,
					    .esp = { .phase = decisions[_i].phase,
						     .phase_known = decisions[_i].phase_known,
						     .timeout_minutes = decisions[_i].limit,
						     .minutes_left = decisions[_i].left } };
	struct ed_on_failure out;

	ed_on_failure_decide(&verdict, &out);
	ck_assert_msg(out.keep == decisions[_i].keep, "row %d: keep", _i);
	ck_assert_msg(out.over == decisions[_i].over, "row %d: over", _i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("install");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, on_hand);
	tcase_add_test(tcase, on_failure);
	tcase_add_loop_test(tcase, failure_is_taken_back, 0, (int)ED_COUNT(install_steps));
	tcase_add_test(tcase, uninstall_goes_on);
	tcase_add_test(tcase, no_memory);
	tcase_add_test(tcase, elsewhere);
	tcase_add_loop_test(tcase, path_lists, 0, (int)ED_COUNT(paths));
	tcase_add_test(tcase, no_such_event);
	tcase_add_test(tcase, task_definition);
	tcase_add_loop_test(tcase, decided, 0, (int)ED_COUNT(decisions));
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
