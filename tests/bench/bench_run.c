/* SPDX-License-Identifier: MIT */
/*
 * Times commands: bench_run ROUNDS < PLAN. A line of the plan is a lane, its parts divided by tabs:
 *   once  COMMAND  ARGUMENT...        one process
 *   each  LIST     COMMAND  ARGUMENT...  one process for each line of the file LIST, which
 *                                     becomes the last argument
 * Lanes are run in turn, round after round, so that what slows the machine down slows all of them.
 * Output and errors of the commands go to /dev/null.
 * Prints for each run: round, lane, wall ns, CPU ns, peak KiB, how many processes failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "espdiag/base/str.h"

#define LANES 32
#define WORDS 64
#define LINE 4096

struct lane {
	char line[LINE];
	char *argv[WORDS + 1];
	size_t argc;
	char *list; /* of "each": all its lines, NUL behind each */
	size_t list_count;
};

struct sample {
	uint64_t wall, cpu;
	long peak;
	unsigned failed;
};

static void fail(const char *what, const char *subject)
{
	fprintf(stderr, "bench_run: %s '%s'\n", what, subject);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		fail("no clock", "CLOCK_MONOTONIC");
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t nanoseconds(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

static void become(char *const argv[])
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

static void run_process(char *const argv[], struct sample *sample)
{
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (child < 0)
		fail("cannot fork for", argv[0]);
	if (child == 0)
		become(argv);
	if (wait4(child, &status, 0, &usage) != child)
		fail("cannot wait for", argv[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) >= 126)
		fail("cannot run", argv[0]);
	sample->cpu += nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
	if (usage.ru_maxrss > sample->peak)
		sample->peak = usage.ru_maxrss;
	sample->failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static struct sample run_lane(struct lane *lane)
{
	struct sample sample = { .wall = 0 };
	uint64_t begin = now();
	char *last = lane->list;

	if (!lane->list)
		run_process(lane->argv, &sample);
	for (size_t i = 0; i < lane->list_count; i++) {
		lane->argv[lane->argc] = last;
		run_process(lane->argv, &sample);
		last += strlen(last) + 1;
	}
	sample.wall = now() - begin;
	return sample;
}

static void read_list(struct lane *lane, const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = 0;

	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0 || fseek(f, 0, SEEK_SET))
		fail("cannot read", path);
	lane->list = malloc((size_t)size + 1);
	if (!lane->list || fread(lane->list, 1, (size_t)size, f) != (size_t)size)
		fail("cannot read", path);
	fclose(f);
	lane->list[size] = 0;
	for (char *p = lane->list; *p; p++) {
		if (*p == '\n') {
			*p = 0;
			lane->list_count++;
		}
	}
}

static void parse_lane(struct lane *lane)
{
	char *words[WORDS];
	size_t count = 0, from = 1;

	lane->line[strcspn(lane->line, "\n")] = 0;
	for (char *p = lane->line; p && count < WORDS; count++) {
		words[count] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = 0;
	}
	if (count > 2 && strcmp(words[0], "each") == 0)
		read_list(lane, words[from++]);
	else if (count < 2 || strcmp(words[0], "once") != 0)
		fail("not a lane", lane->line);
	while (from < count)
		lane->argv[lane->argc++] = words[from++];
}

static void print_sample(long round, size_t lane, const struct sample *s)
{
	printf("%ld\t%zu\t%" PRIu64 "\t%" PRIu64 "\t%ld\t%u\n", round, lane, s->wall, s->cpu,
	       s->peak, s->failed);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct lane lanes[LANES];
	size_t count = 0;
	uint64_t rounds;

	if (argc != 2 || !ed_number_parse(ed_str_from(argv[1]), &rounds) || rounds > 1000) {
		fprintf(stderr, "usage: bench_run ROUNDS < PLAN\n");
		return 2;
	}
	while (count < LANES && fgets(lanes[count].line, LINE, stdin))
		parse_lane(&lanes[count++]);
	for (long round = 1; round <= (long)rounds; round++) {
		for (size_t i = 0; i < count; i++) {
			struct sample sample = run_lane(&lanes[i]);

			print_sample(round, i, &sample);
		}
	}
	for (size_t i = 0; i < count; i++)
		free(lanes[i].list);
	return 0;
}
