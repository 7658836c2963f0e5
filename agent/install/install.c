/* SPDX-License-Identifier: MIT */
/* What installing and uninstalling is made of, in which order, and how it is taken back. */
#include "espdiag/install/install.h"

#include "espdiag/base/escape.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/platform/file.h"

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)
/* Windows allows 32,767 characters in one variable. */
#define PATH_BYTES ((size_t)128 * 1024)
/* What a device may wait between its device phase and its user. */
#define TASK_DAYS 30

struct place {
	struct ed_arena arena;
	struct ed_str folder, program, bundles;
};

static ed_status place_find(struct place *p, const struct ed_install_system *system,
			    struct ed_error *err)
{
	ed_arena_init(&p->arena, ARENA_BYTES);
	if (!system)
		return ed_fail(err, ED_UNSUPPORTED, "installing needs Windows");
	ED_TRY(system->folder(system->context, &p->arena, &p->folder, err));
	p->program = ed_arena_printf(&p->arena, "%.*s\\espdiag.exe", ED_FMT(p->folder));
	p->bundles = ed_arena_printf(&p->arena, "%.*s\\bundles", ED_FMT(p->folder));
	if (!p->program.p || !p->bundles.p)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	return ED_OK;
}

static bool entry_is(struct ed_str entry, struct ed_str folder)
{
	entry = ed_str_trim(entry);
	if (ed_str_ends(entry, ED_STR("\\")))
		entry.len--;
	return ed_str_ieq(entry, folder);
}

bool ed_path_list_has(struct ed_str path, struct ed_str folder)
{
	struct ed_str entry;

	while (ed_str_next(&path, ';', &entry))
		if (entry_is(entry, folder))
			return true;
	return false;
}

void ed_path_list_remove(struct ed_str path, struct ed_str folder, struct ed_buf *out)
{
	struct ed_str entry;
	bool first = true;

	while (ed_str_next(&path, ';', &entry)) {
		if (entry_is(entry, folder))
			continue;
		if (!first)
			ed_buf_addc(out, ';');
		ed_buf_adds(out, entry);
		first = false;
	}
}

void ed_path_list_add(struct ed_str path, struct ed_str folder, struct ed_buf *out)
{
	ed_buf_adds(out, path);
	if (path.len)
		ed_buf_addc(out, ';');
	ed_buf_adds(out, folder);
}

/* Writes PATH only when that changes it: what others wrote stays as they wrote it. */
static ed_status path_change(const struct ed_install_system *system, struct place *p, bool add,
			     struct ed_error *err)
{
	struct ed_str path = { NULL, 0 };
	struct ed_buf out;
	ed_status status;

	ED_TRY(system->path_read(system->context, &p->arena, &path, err));
	if (ed_path_list_has(path, p->folder) == add)
		return ED_OK;
	ed_buf_init(&out, PATH_BYTES);
	if (add)
		ed_path_list_add(path, p->folder, &out);
	else
		ed_path_list_remove(path, p->folder, &out);
	status = out.status == ED_OK ? system->path_write(system->context, ed_buf_str(&out), err)
				     : ed_fail(err, out.status, "cannot change PATH: %s",
					       ed_status_text(out.status));
	ed_buf_release(&out);
	return status;
}

static void add_escaped(struct ed_buf *out, struct ed_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '&')
			ed_buf_addz(out, "&amp;");
		else if (text.p[i] == '<')
			ed_buf_addz(out, "&lt;");
		else
			ed_buf_addc(out, text.p[i]);
	}
}

/*
 * Two ways to wake: the page's own events, and the clock, for a page that hangs writes nothing. The
 * run itself decides whether the page failed, so that one place knows what failing is. A device on
 * which no page ever comes must not be asked for ever: Windows deletes a task when all its triggers
 * are past their end. The clock is asked for a day at a time, longer than any limit of the page.
 */
void ed_install_task_xml(struct ed_str folder, int64_t ends, struct ed_buf *out)
{
	char end[ED_TIME_TEXT];

	(void)ed_time_format(ends / ED_TICKS_PER_SECOND * ED_TICKS_PER_SECOND, end);
	ed_buf_addz(out,
		    "<Task version=\"1.3\" "
		    "xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">"
		    "<RegistrationInfo><Author>espdiag</Author><Description>Collects once when the "
		    "Enrollment Status Page fails or takes too long, then removes itself."
		    "</Description></RegistrationInfo><Triggers>");
	ed_buf_printf(out,
		      "<EventTrigger><EndBoundary>%s</EndBoundary><Subscription>"
		      "&lt;QueryList&gt;&lt;Query Id=\"0\" "
		      "Path=\"Microsoft-Windows-Shell-Core/Operational\"&gt;&lt;Select "
		      "Path=\"Microsoft-Windows-Shell-Core/Operational\"&gt;"
		      "*[System[(EventID=62407)]]&lt;/Select&gt;&lt;/Query&gt;&lt;/QueryList&gt;"
		      "</Subscription><Delay>PT15S</Delay></EventTrigger>",
		      end);
	ed_buf_printf(
		out,
		"<BootTrigger><EndBoundary>%s</EndBoundary><Repetition><Interval>PT5M</Interval>"
		"<Duration>P1D</Duration></Repetition><Delay>PT2M</Delay></BootTrigger>"
		"<RegistrationTrigger><EndBoundary>%s</EndBoundary><Repetition>"
		"<Interval>PT5M</Interval><Duration>P1D</Duration></Repetition>"
		"<Delay>PT5M</Delay></RegistrationTrigger></Triggers>",
		end, end);
	ed_buf_addz(out, "<Principals><Principal id=\"SYSTEM\"><UserId>S-1-5-18</UserId>"
			 "<RunLevel>HighestAvailable</RunLevel></Principal></Principals>"
			 "<Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
			 "<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
			 "<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>"
			 "<StartWhenAvailable>true</StartWhenAvailable>"
			 "<ExecutionTimeLimit>PT10M</ExecutionTimeLimit>"
			 "<DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter></Settings>"
			 "<Actions Context=\"SYSTEM\"><Exec><Command>\"");
	add_escaped(out, folder);
	ed_buf_addz(out,
		    "\\espdiag.exe\"</Command><Arguments>collect --on-failure --quiet --out \"");
	add_escaped(out, folder);
	ed_buf_addz(out, "\\bundles\"</Arguments></Exec></Actions></Task>");
}

static ed_status task_add(const struct ed_install_system *system, struct place *p,
			  struct ed_error *err)
{
	struct ed_buf xml;
	ed_status status;

	ED_TRY(system->make_folder(system->context, p->bundles, err));
	ed_buf_init(&xml, ED_MIB);
	ed_install_task_xml(p->folder, ed_clock_now() + TASK_DAYS * 24 * 60 * ED_TICKS_PER_MINUTE,
			    &xml);
	status = xml.status == ED_OK ? system->task(system->context, ed_buf_str(&xml), err)
				     : ed_fail(err, xml.status, "cannot hold the task: %s",
					       ed_status_text(xml.status));
	ed_buf_release(&xml);
	return status;
}

static ed_status steps(const struct ed_install_system *system, struct place *p,
		       const struct ed_install_options *options, struct ed_error *err)
{
	const struct ed_str none = { NULL, 0 };

	ED_TRY(system->copy_self(system->context, p->folder, p->program, err));
	ED_TRY(path_change(system, p, true, err));
	ED_TRY(system->event_source(system->context, p->program, err));
	/* the mode is what this command says, not what an older one said */
	return options->on_failure ? task_add(system, p, err)
				   : system->task(system->context, none, err);
}

static void keep_first(ed_status *first, ed_status status, struct ed_error *err,
		       struct ed_error *mine)
{
	if (status == ED_OK || *first != ED_OK)
		return;
	*first = status;
	if (err)
		*err = *mine;
}

/* Our own bundles and nothing else: somebody may have put a file of theirs there. */
static ed_status bundles_remove(const struct ed_install_system *system, struct place *p,
				struct ed_error *err)
{
	struct ed_folder_entry *entries = NULL;
	size_t count = 0;
	ed_status status = ed_folder_list(p->bundles, &p->arena, &entries, &count, err);

	if (status == ED_ABSENT)
		return ED_OK;
	ED_TRY(status);
	for (size_t i = 0; i < count; i++) {
		struct ed_str name = entries[i].name, path;

		if (!ed_str_istarts(name, ED_STR("espdiag-")) ||
		    !ed_str_iends(name, ED_STR(".zip")) || entries[i].info.kind != ED_PATH_FILE)
			continue;
		path = ed_arena_printf(&p->arena, "%.*s\\%.*s", ED_FMT(p->bundles), ED_FMT(name));
		if (!path.p)
			return ed_fail(err, ED_NOMEM, "out of memory for a path");
		ED_TRY(system->remove_file(system->context, path, err));
	}
	return system->remove_folder(system->context, p->bundles, err);
}

static ed_status take_away(const struct ed_install_system *system, struct place *p,
			   bool keep_bundles, struct ed_error *err)
{
	const struct ed_str none = { NULL, 0 };
	struct ed_error mine = { .status = ED_OK };
	ed_status first = ED_OK;

	keep_first(&first, system->task(system->context, none, &mine), err, &mine);
	keep_first(&first, system->event_source(system->context, none, &mine), err, &mine);
	keep_first(&first, path_change(system, p, false, &mine), err, &mine);
	keep_first(&first, system->remove_file(system->context, p->program, &mine), err, &mine);
	if (!keep_bundles) {
		keep_first(&first, bundles_remove(system, p, &mine), err, &mine);
		keep_first(&first, system->remove_folder(system->context, p->folder, &mine), err,
			   &mine);
	}
	return first;
}

ed_status ed_install(const struct ed_install_system *system,
		     const struct ed_install_options *options, struct ed_error *err)
{
	struct ed_path_info info;
	struct place p = { .folder = { NULL, 0 } };
	ed_status status = place_find(&p, system, err);
	bool fresh = status == ED_OK && ed_path_stat(p.program, false, &info, NULL) == ED_ABSENT;

	if (status == ED_OK)
		status = steps(system, &p, options, err);
	if (status != ED_OK && fresh)
		(void)take_away(system, &p, false, NULL); /* the failure that led here is told */
	ed_arena_release(&p.arena);
	return status;
}

ed_status ed_uninstall(const struct ed_install_system *system, bool keep_bundles,
		       struct ed_error *err)
{
	struct place p = { .folder = { NULL, 0 } };
	ed_status status = place_find(&p, system, err);

	if (status == ED_OK)
		status = take_away(system, &p, keep_bundles, err);
	ed_arena_release(&p.arena);
	return status;
}

ed_status ed_install_task_done(const struct ed_install_system *system, struct ed_error *err)
{
	/* where nothing is installed there is no task */
	return system ? system->task(system->context, (struct ed_str){ NULL, 0 }, err) : ED_OK;
}
