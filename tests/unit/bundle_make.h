/* SPDX-License-Identifier: MIT */
/* A small bundle as a run makes one, a folder for it, and what lies in a zip. */
#ifndef ESPDIAG_TESTS_BUNDLE_MAKE_H
#define ESPDIAG_TESTS_BUNDLE_MAKE_H

#include "espdiag/bundle/bundle.h"

#define BUNDLE_RUN                                                                                 \
	"{\"schema\": \"espdiag.run/1\", \"evaluated_at\": \"2026-09-14T08:42:07.125Z\",\n"        \
	" \"tool\": {\"name\": \"espdiag\", \"version\": \"0.0.9\"}, \"coverage\": []}\n"
#define BUNDLE_VERDICT                                                                             \
	"{\"schema\": \"espdiag.verdict/1\", \"tool\": {\"version\": \"0.0.9\"},\n"                \
	" \"primary\": \"bitlocker-restart-pending\", \"certainty\": \"confirmed\"}\n"
#define BUNDLE_TAG "3f9a1c228e0177b4"

extern char bundle_folder[64];

/* A path in the test's own folder; good until the fourth call after it. */
const char *in_folder(const char *name);
struct ed_str folder_str(const char *name);
void folder_make(void);
void folder_remove(void);
ed_status bundle_put(struct ed_bundle *bundle, enum ed_form form, const char *name,
		     const char *source, struct ed_str bytes, struct ed_error *err);
/* Adds the manifest of all that is there; its digest goes to @hex. */
ed_status bundle_seal(struct ed_bundle *bundle, char hex[ED_SHA256_HEX], struct ed_error *err);
/* A whole one; *out is freed by the caller also after a failure. */
ed_status bundle_make(struct ed_bundle **out, char hex[ED_SHA256_HEX], struct ed_error *err);
/* Writes that bundle below @name in the test's folder. */
void bundle_file(const char *name, char hex[ED_SHA256_HEX]);
void file_put(const char *name, struct ed_str bytes);
void file_get(const char *name, struct ed_buf *out);
/* Puts @bytes below @name, with the folders that takes. */
void tree_put(const char *name, struct ed_str bytes);
/* Unpacks @bundle to the folder @name. */
void bundle_unpack(const struct ed_bundle *bundle, const char *name);

#endif
