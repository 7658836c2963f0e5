/* SPDX-License-Identifier: MIT */
/* Replays corpus files and folders through a fuzz target, without a fuzzer: an ordinary test. */
#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;
	uint8_t *data;
	size_t got;

	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 ||
	    fseek(f, 0, SEEK_SET) != 0) {
		fprintf(stderr, "cannot read '%s'\n", path);
		if (f)
			fclose(f);
		return -1;
	}
	/* exactly the file's size, so that a checker sees one byte too far */
	data = malloc(size ? (size_t)size : 1);
	got = data ? fread(data, 1, (size_t)size, f) : 0;
	fclose(f);
	if (!data || got != (size_t)size) {
		fprintf(stderr, "cannot read '%s'\n", path);
		free(data);
		return -1;
	}
	LLVMFuzzerTestOneInput(data, got);
	free(data);
	return 1;
}

static int replay(const char *path)
{
	struct stat st;
	struct dirent *entry;
	DIR *folder;
	int total = 0;

	if (stat(path, &st) != 0) {
		fprintf(stderr, "cannot find '%s'\n", path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		char inner[4096];
		int n;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		n = replay(inner);
		if (n < 0) {
			total = -1;
			break;
		}
		total += n;
	}
	if (folder)
		closedir(folder);
	return folder ? total : -1;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = replay(argv[i]);

		if (n < 0)
			return 1;
		total += n;
	}
	printf("%d inputs replayed\n", total);
	return total > 0 ? 0 : 1;
}
