/* SPDX-License-Identifier: MIT */
/* Members of JSON that every report writes alike: null for what is not known. */
#ifndef ESPDIAG_REPORT_PUT_PRIV_H
#define ESPDIAG_REPORT_PUT_PRIV_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/json/json.h"

/* null for ED_UNKNOWN */
void put_number(struct ed_json_writer *w, const char *name, int64_t value);
/* null for ED_TRI_UNKNOWN */
void put_tri(struct ed_json_writer *w, const char *name, enum ed_tri value);
void put_list(struct ed_json_writer *w, const char *name, struct ed_str_list list);
/* The name of evidence number @ref, such as "e3". */
void put_ref(struct ed_json_writer *w, const char *name, uint32_t ref);
void put_refs(struct ed_json_writer *w, const char *name, struct ed_refs refs);

#endif
