/* SPDX-License-Identifier: MIT */
/* Members laid out as files below this process's own folder, and taken away again. */
#ifndef ED_TESTS_FUZZ_FOLDER_H
#define ED_TESTS_FUZZ_FOLDER_H

#include "fuzz_members.h"

#include <dirent.h>
#include <sys/stat.h>

#define FUZZ_PATH_MOST 512

/* "name/inner" in this process's folder. */
static inline void fuzz_path(char out[FUZZ_PATH_MOST], const char *name, struct ed_str inner)
{
	int n = snprintf(out, FUZZ_PATH_MOST, "%s/%s%s%.*s", fuzz_folder(), name,
			 inner.len ? "/" : "", ED_FMT(inner));

	fuzz_require(n > 0 && n < FUZZ_PATH_MOST, "a path fits");
}

static inline void fuzz_tree_remove(const char *path)
{
	struct dirent *entry;
	DIR *folder = opendir(path);

	while (folder && (entry = readdir(folder))) {
		char inner[2 * FUZZ_PATH_MOST];
		int n;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		n = snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		fuzz_require(n > 0 && (size_t)n < sizeof(inner), "a path fits");
		if (unlink(inner) != 0)
			fuzz_tree_remove(inner);
	}
	if (folder)
		closedir(folder);
	rmdir(path);
}

static inline void fuzz_folder_end(void)
{
	fuzz_tree_remove(fuzz_folder());
}

/* The folder goes with this process. */
static inline void fuzz_folder_begin(void)
{
	static bool begun;

	if (!begun)
		atexit(fuzz_folder_end);
	begun = true;
}

/* Into "unpacked"; false when the names do not go together in a folder. */
static inline bool fuzz_folder_write(const struct fuzz_members *members)
{
	char path[FUZZ_PATH_MOST];
	struct stat st;

	fuzz_path(path, "unpacked", ED_STR(""));
	mkdir(path, 0700);
	for (size_t i = 0; i < members->count; i++) {
		char *slash;

		fuzz_path(path, "unpacked", members->items[i].name);
		slash = path + strlen(path) - members->items[i].name.len;
		while ((slash = strchr(slash, '/'))) {
			*slash = '\0';
			if (mkdir(path, 0700) != 0 &&
			    (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
				return false;
			*slash++ = '/';
		}
		if (stat(path, &st) == 0)
			return false;
		fuzz_file_write(path, members->items[i].bytes);
	}
	return true;
}

#endif
