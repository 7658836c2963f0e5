/* SPDX-License-Identifier: MIT */
/*
 * The whole program in this process, each of its calls failed once: what it then says, leaves and
 * forgets. See usage().
 */
#include "espdiag/base/error.h"
#include "espdiag/xml/xml.h"

#include "products.h"
#include "seam.h"
#include "twin.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS 14
#define PATH 600
#define TEXT_MOST ((size_t)4 << 20)
#define LOW_FDS 64 /* the program's; those of the test are above */
#define SECONDS_MOST 60
#define BARE_CODE 31

int espdiag_main(int argc, char **argv);

enum form { FORM_JSON, FORM_TEXT, FORM_HTML, FORM_LINES };

_Noreturn void __wrap_ed_process_exit(int code);

/* What is run. "@" stands for a piece of evidence; "out" is a folder of each run's own. */
static const struct command {
	const char *name, *args[ARGS];
	enum form form;
	const char *file; /* that it writes; NULL: standard output */
	bool collects, verifies, many, appends;
	bool bare; /* a device whose events alone tell of BitLocker; only its calls fail, one a run
		    */
	unsigned quick; /* with --quick only each such call fails; 0: each */
} commands[] = {
	{ .name = "analyze-folder", .args = { "analyze", "--format", "json", "@evtx" } },
	{ .name = "analyze-text", .args = { "analyze", "@xml" }, .form = FORM_TEXT },
	{ .name = "analyze-zip",
	  .args = { "analyze", "--format", "html", "-o", "out/page.html", "@zip" },
	  .form = FORM_HTML,
	  .file = "out/page.html" },
	{ .name = "analyze-bundle",
	  .args = { "analyze", "--format", "json", "@bundle.zip" },
	  .quick = 3 },
	{ .name = "events", .args = { "events", "--format", "xml", "@evtx" }, .form = FORM_LINES },
	{ .name = "events-json",
	  .args = { "events", "-o", "out/page.html", "@zip" },
	  .form = FORM_LINES,
	  .file = "out/page.html" },
	{ .name = "verify",
	  .args = { "verify", "@bundle.zip" },
	  .form = FORM_TEXT,
	  .verifies = true },
	{ .name = "verify-folder",
	  .args = { "verify", "@unpacked" },
	  .form = FORM_TEXT,
	  .verifies = true },
	{ .name = "compare",
	  .args = { "compare", "--format", "json", "@bundle.zip", "@later.zip" },
	  .form = FORM_LINES,
	  .quick = 11 },
	{ .name = "fleet",
	  .args = { "fleet", "--format", "ndjson", "--jobs", "2", "@bundle.zip", "@later.zip" },
	  .form = FORM_LINES,
	  .many = true,
	  .quick = 11 },
	{ .name = "watch",
	  .args = { "watch", "--replay", "@evtx", "--speed", "0", "--log", "out/page.html" },
	  .form = FORM_LINES },
	{ .name = "collect",
	  .args = { "collect", "--format", "json", "--at", "2026-09-14T08:20:07Z", "--out", "out" },
	  .collects = true,
	  .quick = 7 },
	{ .name = "collect-events",
	  .args = { "collect", "--format", "json", "--at", "2026-09-14T08:20:07Z", "--out", "out" },
	  .collects = true,
	  .bare = true },
};

/* Each call of a kind fails alone; with some also all that come after it. */
static const struct seam_fault faults[] = {
	{ SEAM_MEMORY, ENOMEM, false },
	{ SEAM_MEMORY, ENOMEM, true },
	{ SEAM_LIBRARY, ENOMEM, false },
	{ SEAM_LIBRARY, ENOMEM, true },
	{ SEAM_READ, EIO, false },
	{ SEAM_READ, EIO, true },
	{ SEAM_READ, ENOENT, false },
	{ SEAM_READ, EACCES, false },
	{ SEAM_WRITE, EIO, false },
	{ SEAM_WRITE, ENOSPC, true },
	{ SEAM_WRITE, EROFS, true },
	{ SEAM_API, 5, false },
	{ SEAM_API, 31, false },
	{ SEAM_API, 31, true },
	{ SEAM_API, 1722, true },
	{ SEAM_API, 15011, false },
	{ SEAM_API, 1734, false },
	{ SEAM_API, 1460, false },
	{ SEAM_API, 122, false },
	{ SEAM_API, (int)0x80041003, false },
	{ SEAM_API, (int)0x80284008, false },
};

/* What the runs of one command share: of the run without a fault, and of a sweep. */
struct shared {
	int code;
	long blocks;
	char out[TEXT_MOST];
	size_t out_len;
	char file[TEXT_MOST];
	size_t file_len;
	struct seam_sweep sweep;
	int problems;
};

static struct shared *shared;
static const struct command *command;
static const struct seam_fault *fault;
static long fault_n;
static char folder[PATH], evidence[PATH];
static int told; /* where problems are told, whatever stands on 2 */
static long blocks_before;
static bool quick;
static jmp_buf back;
static int at_once;    /* the exit code and one, when the process was to end at once */
static bool came_back; /* main() returned */
static char open_before[LOW_FDS];

ED_PRINTF(1, 2) static void problem(const char *format, ...)
{
	char text[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(told, "%s, %s call %ld (code %d%s): %s\n", command->name,
		fault ? seam_words[fault->kind] : "no", fault_n, fault ? fault->code : 0,
		fault && fault->for_good ? " from then on" : "", text);
	shared->problems++;
}

_Noreturn void __wrap_ed_process_exit(int code)
{
	at_once = code + 1;
	longjmp(back, 1);
}

static void fds_look(char *open)
{
	for (int fd = 3; fd < LOW_FDS; fd++)
		open[fd] = fcntl(fd, F_GETFD) != -1;
}

/* A stream of its own, with what the one before it had. */
static void stream_own(int fd, bool copies)
{
	static char text[TEXT_MOST];
	ssize_t n = copies ? pread(fd, text, sizeof(text), 0) : 0;
	int own = memfd_create("stream", 0);

	if (own < 0 || (n > 0 && write(own, text, (size_t)n) != n) || dup2(own, fd) != fd)
		abort();
	close(own);
}

static size_t stream_get(int fd, char *out)
{
	ssize_t n = pread(fd, out, TEXT_MOST - 1, 0);

	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* A folder for one run, which is then the current one. @from: with what that has. */
static void folder_own(const char *from)
{
	char path[PATH + 32];

	text_put(path, sizeof(path), "%s/run-%ld", folder, (long)getpid());
	if (!products_folder(path, from) || chdir(path) != 0)
		abort();
	if (!from && command->file && !command->appends)
		products_put(command->file, PRODUCT_BEFORE);
}

static void folder_leave(void)
{
	char path[PATH + 32];

	text_put(path, sizeof(path), "%s/run-%ld", folder, (long)getpid());
	if (chdir(folder) != 0 || !products_remove(path))
		abort();
}

static bool has_folder(void)
{
	return command->collects || command->file;
}

static void child_begin(long n)
{
	alarm(SECONDS_MOST);
	fault_n = n;
	stream_own(1, true);
	stream_own(2, true);
	if (has_folder())
		folder_own(".");
}

static char **arguments(int *argc)
{
	static char text[ARGS][PATH];
	static char *argv[ARGS + 2];
	static char program[] = "espdiag";

	argv[0] = program;
	for (*argc = 1; *argc < ARGS && command->args[*argc - 1]; ++*argc) {
		const char *arg = command->args[*argc - 1];

		if (arg[0] == '@')
			text_put(text[*argc], PATH, "%s/%s", evidence, arg + 1);
		else
			text_put(text[*argc], PATH, "%s", arg);
		argv[*argc] = text[*argc];
	}
	argv[*argc] = NULL;
	return argv;
}

static long blocks_held(void)
{
	return seam_blocks(SEAM_MEMORY) + seam_blocks(SEAM_LIBRARY) - blocks_before;
}

/* Held, open or forgotten? */
static void check_leaks(void)
{
	char text[64], open[LOW_FDS];

	if (at_once)
		return; /* the system has it back */
	/* what a library keeps for the next time the run without a fault has kept as well */
	if (fault && blocks_held() > shared->blocks) {
		text_put(text, sizeof(text), "%ld", blocks_held() - shared->blocks);
		problem("%s blocks of memory are still held", text);
	}
	fds_look(open);
	for (int fd = 3; fd < LOW_FDS; fd++)
		if (open[fd] != open_before[fd])
			problem("%s", "a file is still open");
	if (twin_open())
		problem("%s", "a handle of a double is still open");
}

/* "espdiag: ..." lines; NULL-terminated text. */
static int messages(const char *text)
{
	int count = 0;

	while (*text) {
		const char *end = strchr(text, '\n');

		count += strncmp(text, "espdiag: ", 9) == 0 && end && end - text > 12;
		text = end ? end + 1 : text + strlen(text);
	}
	return count;
}

static bool is_true(const char *text, size_t len)
{
	const char *truth = command->file ? shared->file : shared->out;
	size_t truth_len = command->file ? shared->file_len : shared->out_len;

	return len == truth_len && memcmp(text, truth, len) == 0;
}

/* Of a run that says it did its work. */
static void check_result(const char *text, size_t len)
{
	const char *truth = command->file ? shared->file : shared->out;

	/* what is gone since it was listed is not there, and was not */
	if (is_true(text, len) || (fault->kind == SEAM_READ && fault->code == ENOENT))
		return;
	if (command->verifies)
		problem("another answer of verify: %.200s", text);
	else if (command->form == FORM_JSON)
		product_verdict(text, truth, fault->kind == SEAM_API, problem);
	else if (command->form == FORM_HTML && !strstr(text, "</html>"))
		problem("%s", "a page without an end");
	else if (!len)
		problem("%s", "done, and nothing is there");
	/*
	 * Only evidence that cannot be read may change what is said of it; a job of a live run that
	 * has no memory is such evidence, and so is a bundle of many.
	 */
	if (command->many && !strstr(text, "\"error\": \""))
		problem("another result, first: %.200s", first_difference(text, truth));
	if (!command->many && !command->collects && fault->kind != SEAM_READ)
		problem("another result, first: %.200s", first_difference(text, truth));
}

static void check_file(int code)
{
	static char text[TEXT_MOST];
	size_t len = products_get(command->file, text, sizeof(text));

	if (code == 3)
		return;
	if (strcmp(text, PRODUCT_BEFORE) == 0) {
		if (code != 1)
			problem("%s", "done, and the file is as it was");
		return;
	}
	check_result(text, len);
}

static void check_said(int code)
{
	static char out[TEXT_MOST], said[TEXT_MOST];
	size_t len = stream_get(1, out);
	int lines;

	stream_get(2, said);
	lines = messages(said);
	if (code == 1) {
		if (lines != 1 && !(command->collects && lines > 1))
			problem("exit 1 without one message: '%s'", said);
		if (!command->file && !command->collects && len &&
		    (len > shared->out_len || memcmp(out, shared->out, len) != 0) &&
		    fault->kind != SEAM_READ)
			problem("exit 1 behind another result: '%.300s'", out);
	} else if (code == shared->code) {
		if (!command->file)
			check_result(out, len);
	} else if (code == 3) {
		if (fault->kind != SEAM_READ && fault->kind != SEAM_API && !command->many)
			problem("%s", "exit 3, and no evidence is to blame");
		if (command->form == FORM_JSON && !strstr(out, "\"primary\": null"))
			problem("exit 3 with a verdict: %.300s", out);
	} else if (code == 5 && command->verifies && fault->code == ENOENT) {
		return; /* a member that is gone is a difference */
	} else {
		char text[16];

		text_put(text, sizeof(text), "%d", code);
		problem("exit %s", text);
		problem("and it said: %.400s", code == 5 ? out : said);
	}
}

static void check(int code)
{
	bool may_litter = fault && fault->kind == SEAM_WRITE && fault->for_good;

	check_leaks();
	if (fault)
		check_said(code);
	if (fault && command->file)
		check_file(code);
	if (has_folder())
		products_check(command->collects, command->file ? command->file : "out/page.html",
			       may_litter, problem);
	if (command->collects && fault && code != 1 && !products_bundles("out"))
		problem("%s", "no bundle, and nobody says so");
}

/*
 * libarchive ends the process when it has no memory for a name: with exit code 1 and a line, as we
 * would, so nothing is lost but what was being written.
 */
static void left_early(void)
{
	static char said[TEXT_MOST];

	if (came_back)
		return;
	seam_off();
	stream_get(2, said);
	if (!fault || fault->kind != SEAM_LIBRARY || !strstr(said, "in libarchive: "))
		problem("the program ended by itself: %s", said);
	if (has_folder())
		folder_leave();
	_exit(0);
}

/* A run that gave up a job ends the process at once, which here ends the run. */
static int main_run(int argc, char **argv)
{
	return setjmp(back) ? at_once - 1 : espdiag_main(argc, argv);
}

/* The program once, in a process of its own; what happens there is told through @shared. */
static void run_here(bool sweeps, long n)
{
	int argc, code;
	char **argv = arguments(&argc);

	stream_own(1, false);
	stream_own(2, false);
	folder_own(NULL);
	fds_look(open_before);
	blocks_before = seam_blocks(SEAM_MEMORY) + seam_blocks(SEAM_LIBRARY);
	fault_n = n;
	if (sweeps)
		seam_sweep(fault, &shared->sweep, child_begin);
	else if (fault)
		seam_fail_at(fault, n);
	came_back = false;
	atexit(left_early);
	code = main_run(argc, argv);
	came_back = true;
	n = seam_off();
	fflush(NULL);
	if (seam_struck() || !fault) {
		check(code);
	} else if (sweeps) {
		shared->sweep.calls = n;
	} else {
		problem("%s", "the call did not come again");
	}
	if (!fault) {
		shared->code = code;
		shared->blocks = blocks_held();
		shared->out_len = stream_get(1, shared->out);
		if (command->file)
			shared->file_len =
				products_get(command->file, shared->file, sizeof(shared->file));
	}
	if (has_folder() || !sweeps || !seam_struck())
		folder_leave();
}

static bool run(bool sweeps, long n)
{
	int before = shared->problems, status;
	pid_t child;

	fflush(NULL);
	child = fork();

	if (child < 0)
		abort();
	if (child == 0) {
		alarm(sweeps ? 0 : SECONDS_MOST);
		run_here(sweeps, n);
		/* exit, not _exit: there a leak checker looks, except at what was to end at once */
		if (at_once)
			_exit(shared->problems != before);
		exit(shared->problems != before);
	}
	if (waitpid(child, &status, 0) != child)
		abort();
	if (WIFSIGNALED(status)) {
		char text[32];

		fault_n = n;
		text_put(text, sizeof(text), "%d", WTERMSIG(status));
		problem("ended by signal %s", text);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Every call, or each @stride-th, of one kind in one command. Returns how many failed in turn. */
static long sweep(unsigned stride, bool *well)
{
	struct seam_sweep *s = &shared->sweep;

	memset(s, 0, sizeof(*s));
	s->stride = stride;
	if (!run(true, 0) || s->failed)
		*well = false;
	if (s->signal)
		dprintf(told, "%s, %s call %ld: ended by signal %d\n", command->name,
			seam_words[fault->kind], s->killed_at, s->signal);
	if (s->failed)
		dprintf(told, "%s: %ld runs with a fault of %s ended badly\n", command->name,
			s->failed, seam_words[fault->kind]);
	for (int i = 0; i < s->put_off_count; i++, s->runs++)
		*well = run(false, s->put_off[i]) && *well;
	return s->runs;
}

static bool command_try(unsigned stride, long total[SEAM_KINDS])
{
	long counts[SEAM_KINDS] = { 0 };
	bool well;

	fault = NULL;
	twin_without_wmi(command->bare);
	well = run(false, 0);
	if (!well || shared->code) {
		dprintf(told, "%s: exit %d without a fault: %.300s\n", command->name, shared->code,
			shared->out);
		return false;
	}
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		fault = &faults[i];
		if (fault->kind == SEAM_LIBRARY && !seam_sees_libraries())
			continue;
		if (fault->kind == SEAM_API && !command->collects)
			continue;
		if (command->bare &&
		    (fault->kind != SEAM_API || fault->code != BARE_CODE || fault->for_good))
			continue;
		counts[fault->kind] +=
			sweep(quick && command->quick ? command->quick : stride, &well);
	}
	dprintf(told, "%-16s", command->name);
	for (int kind = 0; kind < SEAM_KINDS; kind++) {
		dprintf(told, " %6ld", counts[kind]);
		total[kind] += counts[kind];
	}
	dprintf(told, "  %s\n", well ? "well" : "NOT WELL");
	return well;
}

/* The bundles of the evidence come from the program itself. */
static void bundles_make(void)
{
	static const struct command made[] = {
		{ "bundle",
		  { "collect", "--quiet", "--format", "json", "--at", "2026-09-14T08:20:07Z",
		    "--out", "@bundle.zip" },
		  .collects = true },
		{ "later",
		  { "collect", "--quiet", "--format", "json", "--at", "2026-09-14T08:50:00Z",
		    "--out", "@later.zip" },
		  .collects = true },
	};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		command = &made[i];
		if (!run(false, 0) || shared->code)
			abort();
	}
	if (chdir(evidence) != 0 ||
	    system("python3 -m zipfile -e bundle.zip unpacked && test -f unpacked/manifest.json"))
		abort();
}

static int usage(void)
{
	fprintf(stderr,
		"usage: faults EVIDENCE FOLDER [--each N] [--quick] [COMMAND...]\n"
		"EVIDENCE: evtx/, xml/, zip and events/ of a case (tests/faults/prepare.py); "
		"FOLDER: for scratch.\n"
		"--each N: only each N-th call fails; 1 without it. --quick: fewer of long "
		"commands.\nCOMMAND: only these.\n");
	return 2;
}

static bool is_asked(const struct command *c, char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], c->name) == 0)
			return true;
	return !count;
}

int main(int argc, char **argv)
{
	static const char *const needed[] = { "events", "boot.log" };
	char paths[2][PATH];
	long total[SEAM_KINDS] = { 0 };
	struct ed_xml *xml;
	unsigned stride = 1;
	bool well = true;

	if (argc < 3 || !realpath(argv[1], evidence) || !realpath(argv[2], folder))
		return usage();
	argv += 3;
	argc -= 3;
	if (argc >= 2 && strcmp(argv[0], "--each") == 0) {
		stride = (unsigned)strtoul(argv[1], NULL, 10);
		argv += 2;
		argc -= 2;
	}
	if (argc && strcmp(argv[0], "--quick") == 0) {
		quick = true;
		argv++;
		argc--;
	}
	told = fcntl(2, F_DUPFD, LOW_FDS);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	for (int i = 0; i < 2; i++)
		text_put(paths[i], PATH, "%s/%s", evidence, needed[i]);
	if (told < 0 || shared == MAP_FAILED || !twin_begin(paths[0], paths[1], "ime"))
		return usage();
	/* its start does not survive a failure, in the library itself */
	if (ed_xml_new(&xml, NULL) != ED_OK)
		return usage();
	ed_xml_free(xml);
	bundles_make();
	dprintf(told, "%-16s", "calls failed");
	for (int kind = 0; kind < SEAM_KINDS; kind++)
		dprintf(told, " %6.6s", seam_words[kind]);
	dprintf(told, "\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		command = &commands[i];
		if (is_asked(command, argv, argc))
			well = command_try(stride, total) && well;
	}
	dprintf(told, "%-16s", "together");
	for (int kind = 0; kind < SEAM_KINDS; kind++)
		dprintf(told, " %6ld", total[kind]);
	dprintf(told, "\n");
	return well ? 0 : 1;
}
