/* SPDX-License-Identifier: MIT */
/* The only place that names concrete readers and containers. */
#include "commands.h"

#include "espdiag/collectors/archive.h"
#include "espdiag/collectors/evtx.h"
#include "espdiag/collectors/evxml.h"
#include "espdiag/collectors/reg.h"
#include "espdiag/collectors/state.h"
#include "espdiag/collectors/tcglog.h"
#include "espdiag/collectors/textlog.h"

static const struct ed_reader *const readers[] = {
	&ed_reader_evtx,    &ed_reader_evxml,   &ed_reader_mdmreport, &ed_reader_results,
	&ed_reader_reg,     &ed_reader_regdump, &ed_reader_regf,      &ed_reader_tcglog,
	&ed_reader_cmtrace, &ed_reader_dsreg,   &ed_reader_state,     &ed_reader_bootlog,
	&ed_reader_run,
};

static const struct ed_container *const containers[] = {
	&ed_container_zip,
	&ed_container_cab,
};

const struct ed_ingest_tables ed_app_sources = {
	.readers = readers,
	.reader_count = ED_COUNT(readers),
	.containers = containers,
	.container_count = ED_COUNT(containers),
};
