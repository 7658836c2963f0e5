/* SPDX-License-Identifier: MIT */
/*
 * The bundle (CONTRACT section 6): made in memory while collecting, written once, whole; and what
 * others need of one that lies on disk: is it one, what does it say of itself, is it unchanged.
 */
#ifndef ESPDIAG_BUNDLE_BUNDLE_H
#define ESPDIAG_BUNDLE_BUNDLE_H

#include "espdiag/base/arena.h"
#include "espdiag/base/buf.h"
#include "espdiag/model/form.h"
#include "espdiag/platform/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Members under construction, held compressed, in the order of their names. */
struct ed_bundle;

ed_status ed_bundle_new(struct ed_bundle **out, struct ed_error *err);
/* NULL is harmless. */
void ed_bundle_free(struct ed_bundle *bundle);
/*
 * Adds a copy of @bytes, or replaces the member of that name. @name: forward slashes, without
 * leading slash, "." and ".."; ED_ARG otherwise. What not every extractor takes (ed_pack_name_safe)
 * becomes %XX in it. @source: what it was read from, for the manifest. ED_NOMEM, ED_LIMIT.
 */
ed_status ed_bundle_add(struct ed_bundle *bundle, enum ed_form form, struct ed_str name,
			struct ed_str source, struct ed_str bytes, uint64_t redactions,
			struct ed_error *err);
size_t ed_bundle_count(const struct ed_bundle *bundle);

struct ed_bundle_member {
	struct ed_str name, source;
	enum ed_form form;
	uint64_t size; /* bytes, unpacked */
	uint64_t redactions;
	unsigned char sha256[ED_SHA256_BYTES];
};

/* The @i-th member in the order of names, manifest.json the last; text is borrowed from the bundle.
 */
void ed_bundle_member(const struct ed_bundle *bundle, size_t i, struct ed_bundle_member *out);
/* Appends its bytes. ED_NOMEM, ED_LIMIT (of @out). */
ed_status ed_bundle_bytes(const struct ed_bundle *bundle, size_t i, struct ed_buf *out,
			  struct ed_error *err);

/*
 * The text of manifest.json about all other members that there are now; the caller adds it. Its own
 * digest is the SHA-256 of its bytes. @device_tag { NULL, 0 } when dropped.
 */
ed_status ed_bundle_manifest(const struct ed_bundle *bundle, struct ed_str device_tag,
			     struct ed_buf *out, struct ed_error *err);
/*
 * Writes the zip to @path: under a temporary name in the same folder, flushed to the disk, then
 * renamed. Whatever happens, nothing broken ever has the final name. The same members give the same
 * bytes. ED_IO, ED_ACCESS, ED_NOMEM; the temporary file is gone then. ED_ARG: no manifest.json.
 */
ed_status ed_bundle_write(const struct ed_bundle *bundle, struct ed_str path, struct ed_error *err);
/* The same, but never in the place of another file: then *taken is set, and nothing is there. */
ed_status ed_bundle_write_new(const struct ed_bundle *bundle, struct ed_str path, bool *taken,
			      struct ed_error *err);

/*
 * What a bundle on disk says of itself: "evaluated_at", "options": { "since_seconds" } and "tool":
 * { "version" } of state/run.json, "device": { "manufacturer", "model", "build", "revision" } as
 * well, "tool", "primary" and "certainty" of verdict.json, "tool" and "device_tag" of
 * manifest.json. Text lives in the arena it was read into and holds only letters, digits and
 * "-._+", where nothing else is said.
 */
struct ed_bundle_info {
	bool is_bundle;
	struct ed_str version;    /* of the espdiag that made it */
	int64_t evaluated_at;     /* ED_TIME_NONE when not said */
	int64_t since_ago;        /* ticks before it, from which on its run used events; 0: all */
	struct ed_str device_tag; /* { NULL, 0 } when dropped */
	struct ed_str primary;    /* of the recorded verdict; { NULL, 0 } null or no verdict */
	struct ed_str certainty;
	struct ed_str manufacturer, model; /* may hold spaces; { NULL, 0 } when not said */
	int64_t build, revision;           /* of Windows; -1 when not said */
	bool has_events;                   /* members under events/ */
	bool has_raw;
	bool has_raw_logs;    /* .evtx among them */
	struct ed_str unread; /* why all this may be unknown: the system could not read it */
};

/*
 * Looks at @path, a .zip or a folder it was unpacked to. ED_OK with is_bundle false for anything
 * that is no bundle; when it cannot be read, unread says why. ED_NOMEM.
 */
ed_status ed_bundle_inspect(struct ed_str path, struct ed_arena *arena, struct ed_bundle_info *out,
			    struct ed_error *err);

enum ed_verify_result {
	ED_VERIFY_GENUINE, /* every member as in the manifest, and the manifest as @digest says */
	ED_VERIFY_CONSISTENT, /* every member as in the manifest; nobody says whose manifest */
	ED_VERIFY_MISMATCH,
};

/*
 * Checks @path against its manifest.json and, when @digest is given (hex, at least 8 digits, '-'
 * between them is skipped; else ED_ARG), the manifest's own SHA-256 against that. Appends a line
 * for each difference to @lines (missing, changed, not in the manifest) and the manifest's digest
 * to @manifest_hex (65 bytes, empty when it is not there). ED_FORMAT: no bundle. What a bundle
 * lost, its manifest too, is a mismatch.
 */
ed_status ed_bundle_verify(struct ed_str path, struct ed_str digest, enum ed_verify_result *result,
			   struct ed_buf *lines, char manifest_hex[65], struct ed_error *err);

/* A signature of manifest.json by somebody's certificate (CMS, detached): the one member that the
 * manifest does not name. Nothing here checks it. */
#define ED_BUNDLE_SIGNATURE "manifest.p7s"
/* Whether @path has one. Statuses of ed_bundle_verify. */
ed_status ed_bundle_signed(struct ed_str path, bool *is_signed, struct ed_error *err);

/* First 16 hex digits of SHA-256 over a fixed label and the 16 bytes of the SMBIOS UUID. */
#define ED_DEVICE_TAG_CHARS 16
ed_status ed_device_tag(const unsigned char uuid[16], char out[ED_DEVICE_TAG_CHARS + 1],
			struct ed_error *err);

/*
 * "espdiag 3f9a-1c22-8e01-77b4 bitlocker-restart-pending confirmed 8c1d-22f0": tag, finding,
 * certainty, first 8 digits of the manifest's digest; at most 100 ASCII characters. In groups of
 * four, to be read over the phone; --digest takes them as they stand. What is not known is
 * "no-tag", "no-finding", "unknown", "no-digest".
 */
#define ED_TICKET_BYTES 101
void ed_ticket_line(struct ed_str device_tag, struct ed_str finding, struct ed_str certainty,
		    struct ed_str manifest_hex, char out[ED_TICKET_BYTES]);

#endif
