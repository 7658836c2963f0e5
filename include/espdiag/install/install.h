/* SPDX-License-Identifier: MIT */
/*
 * Puts the program on a device and takes it away again: file, PATH, event source, task. What
 * changes the machine is behind one struct of functions, so that tests can stand in for Windows.
 */
#ifndef ESPDIAG_INSTALL_INSTALL_H
#define ESPDIAG_INSTALL_INSTALL_H

#include "espdiag/base/arena.h"
#include "espdiag/base/buf.h"
#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>

#define ED_INSTALL_TASK "espdiag on failure"
#define ED_INSTALL_SOURCE "espdiag" /* of the Application log */

/* Each says what went wrong in @err. Removing what is not there is ED_OK. */
struct ed_install_system {
	void *context;
	/* Where the program belongs, "C:\Program Files\espdiag", in @arena. */
	ed_status (*folder)(void *context, struct ed_arena *arena, struct ed_str *out,
			    struct ed_error *err);
	/* A copy of the running program as @path, its folder made; replaces an older one. */
	ed_status (*copy_self)(void *context, struct ed_str folder, struct ed_str path,
			       struct ed_error *err);
	ed_status (*make_folder)(void *context, struct ed_str path, struct ed_error *err);
	/* A file, also the running program; an empty folder. */
	ed_status (*remove_file)(void *context, struct ed_str path, struct ed_error *err);
	ed_status (*remove_folder)(void *context, struct ed_str path, struct ed_error *err);
	/* PATH of the machine as it is written down, variables not replaced. */
	ed_status (*path_read)(void *context, struct ed_arena *arena, struct ed_str *out,
			       struct ed_error *err);
	ed_status (*path_write)(void *context, struct ed_str value, struct ed_error *err);
	/* @program holds the message table; .p NULL takes the source away. */
	ed_status (*event_source)(void *context, struct ed_str program, struct ed_error *err);
	/* @xml defines the task; .p NULL takes it away. */
	ed_status (*task)(void *context, struct ed_str xml, struct ed_error *err);
};

/* Of this Windows; NULL elsewhere. */
const struct ed_install_system *ed_install_system(void);

struct ed_install_options {
	bool on_failure; /* also the task that collects when the page fails */
};

/*
 * Installs over whatever version is there. When a step fails, what was done before it is taken back
 * if nothing was installed before; the first failure is returned. ED_UNSUPPORTED when @system is
 * NULL.
 */
ed_status ed_install(const struct ed_install_system *system,
		     const struct ed_install_options *options, struct ed_error *err);
/* Goes on after a failure and returns the first. The bundles of the task stay with @keep_bundles.
 */
ed_status ed_uninstall(const struct ed_install_system *system, bool keep_bundles,
		       struct ed_error *err);
/* Takes away the task alone: it has done its work. */
ed_status ed_install_task_done(const struct ed_install_system *system, struct ed_error *err);

/* @path with @folder as its last entry, or without any entry that is it; case and a last backslash
 * do not count. Appends to @out. */
void ed_path_list_add(struct ed_str path, struct ed_str folder, struct ed_buf *out);
void ed_path_list_remove(struct ed_str path, struct ed_str folder, struct ed_buf *out);
bool ed_path_list_has(struct ed_str path, struct ed_str folder);

/* The definition of the task for the program in @folder, over at @ends. Appends to @out. */
void ed_install_task_xml(struct ed_str folder, int64_t ends, struct ed_buf *out);

#endif
