/* SPDX-License-Identifier: MIT */
/*
 * The JSON forms of a bundle: device state as rows, measured-boot records, and the run's own
 * account. Written by the live collectors through the functions here, read again by the readers
 * here, which deliver facts and gaps.
 *
 * { "schema": "espdiag.state/1", "area": "volume",
 *   "rows": [ { "path": "C:", "name": "ProtectionStatus", "value": 1 }, ... ] }
 * becomes facts of kind ED_FACT_STATE: path "volume/C:", name, text; a number also as number, a
 * boolean as text "true" or "false" and number 1 or 0, null as a fact with text { NULL, 0 }.
 *
 * { "schema": "espdiag.bootlog/1", "name": "0000000042-0000000000.log",
 *   "log": "<text of the fact Log>", "events": <its number>,
 *   "records": [ { "name": "BitlockerUnlock", "value": 4 }, ... ] }
 * becomes the facts that collectors/tcglog gives for the log itself. A value is a number, or a
 * text, which with "number": true is a number too large for JSON. Where the log was damaged there
 * is also "gap": { "state": "damaged", "lost": 3, "why": "..." }; null is an unknown number.
 *
 * { "schema": "espdiag.run/1", ..., "coverage": [ { "source": "...", "channel": true,
 *   "state": "denied", "lost": 0, "why": "..." }, ... ] }
 * becomes one gap a row ("lost": null, nobody knows how much). Texts beside "coverage" become facts
 * of kind ED_FACT_STATE with path "run"; espdiag/bundle/bundle.h says what it reads there.
 */
#ifndef ESPDIAG_COLLECTORS_STATE_H
#define ESPDIAG_COLLECTORS_STATE_H

#include "espdiag/base/buf.h"
#include "espdiag/collectors/input.h"
#include "espdiag/json/json.h"

struct ed_state_writer {
	struct ed_json_writer json;
};

/* @area: "volume", "tpm", "identity", "boot", "mdm", "windows". Failures stick in @out. */
void ed_state_begin(struct ed_state_writer *w, struct ed_buf *out, const char *area);
void ed_state_text(struct ed_state_writer *w, struct ed_str path, const char *name,
		   struct ed_str value);
void ed_state_number(struct ed_state_writer *w, struct ed_str path, const char *name,
		     int64_t value);
void ed_state_bool(struct ed_state_writer *w, struct ed_str path, const char *name, bool value);
/* Was asked for and could not be told. */
void ed_state_null(struct ed_state_writer *w, struct ed_str path, const char *name);
void ed_state_end(struct ed_state_writer *w);

/*
 * Reads the raw measured-boot log @log and appends its bootlog form to @out. @name: the file's
 * name, or "current". ED_FORMAT, ED_LIMIT, ED_NOMEM; damage within is told in "gap".
 */
ed_status ed_bootlog_write(struct ed_str name, struct ed_str log, struct ed_buf *out,
			   struct ed_error *err);

extern const struct ed_reader ed_reader_state;
extern const struct ed_reader ed_reader_bootlog;
extern const struct ed_reader ed_reader_run;

#endif
