/* SPDX-License-Identifier: MIT */
/*
 * The forms in which evidence lies in a bundle: what live collectors write, what is redacted, and
 * what the readers read again. Text is UTF-8 without a byte order mark, lines end with LF.
 */
#ifndef ESPDIAG_MODEL_FORM_H
#define ESPDIAG_MODEL_FORM_H

/*
 * X(name, word): the word appears in manifests.
 * EVENTS  one <Events> document of <Event> as Windows renders them.
 * REG     "Windows Registry Editor Version 5.00" text; a comment line ";time=<ISO 8601>" before
 *         the first value of a key is its last write time.
 * STATE   JSON, "schema": "espdiag.state/1" (include/espdiag/collectors/state.h).
 * BOOTLOG JSON, "schema": "espdiag.bootlog/1" (the same header).
 * JSON    a JSON document of Windows or Intune as it was found.
 * TEXT    a log or the output of a tool: lines.
 * RUN     JSON, "schema": "espdiag.run/1": how and when a bundle was collected, what is missing.
 * OUTPUT  what was made of the evidence: the verdict, the report, the summary.
 * RAW     bytes as found, not redacted; only on request, never analysed while others are there.
 */
#define ED_FORM_LIST(X)                                                                            \
	X(ED_FORM_EVENTS, "events")                                                                \
	X(ED_FORM_REG, "registry")                                                                 \
	X(ED_FORM_STATE, "state")                                                                  \
	X(ED_FORM_BOOTLOG, "boot log")                                                             \
	X(ED_FORM_JSON, "json")                                                                    \
	X(ED_FORM_TEXT, "text")                                                                    \
	X(ED_FORM_RUN, "run")                                                                      \
	X(ED_FORM_OUTPUT, "output")                                                                \
	X(ED_FORM_RAW, "raw")

enum ed_form {
#define ED_FORM_ENUM(name, word) name,
	ED_FORM_LIST(ED_FORM_ENUM)
#undef ED_FORM_ENUM
};

#endif
