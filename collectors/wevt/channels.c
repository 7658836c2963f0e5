/* SPDX-License-Identifier: MIT */
/* The table of channels, and what is asked of each. */
#include "wevt_priv.h"

#include <string.h>

#define BOUND_NONE 0
#define BOUND_STARTS UINT32_MAX
#define FIRST_LOOK false
#define LATE true

const struct ed_wevt_channel ed_wevt_channels[] = {
#define CHANNEL(key, name, late, bound)                                                            \
	{ name, late, (bound) == BOUND_STARTS, (bound) == BOUND_STARTS ? 0 : (bound) },
#define SELECT(key, providers, ids)
#include "channels.def"
#undef CHANNEL
#undef SELECT
};
const size_t ed_wevt_channel_count = ED_COUNT(ed_wevt_channels);

const struct wevt_select wevt_selects[] = {
#define CHANNEL(key, name, late, bound)
#define SELECT(key, providers, ids) { &ed_wevt_channels[CHANNEL_##key], providers, ids },
#include "channels.def"
#undef CHANNEL
#undef SELECT
};
const size_t wevt_select_count = ED_COUNT(wevt_selects);

bool wevt_ids_next(struct ed_str *ids, uint32_t *from, uint32_t *to)
{
	struct ed_str piece, first;

	if (!ed_str_next(ids, ',', &piece) || !ed_str_next(&piece, '-', &first) ||
	    !ed_number_u32(first, from))
		return false;
	*to = *from;
	return !piece.len || ed_number_u32(piece, to);
}

static bool select_has_id(const struct wevt_select *select, uint32_t id)
{
	struct ed_str ids = ed_str_from(select->ids);
	uint32_t from, to;

	if (!ids.p)
		return true;
	while (wevt_ids_next(&ids, &from, &to))
		if (id >= from && id <= to)
			return true;
	return false;
}

static bool select_has_provider(const struct wevt_select *select, struct ed_str provider)
{
	struct ed_str names = ed_str_from(select->providers);
	struct ed_str name;

	if (!names.p)
		return true;
	while (ed_str_next(&names, ',', &name))
		if (ed_str_eq(name, provider))
			return true;
	return false;
}

bool ed_wevt_asks(const struct ed_wevt_channel *channel, struct ed_str provider, uint32_t id)
{
	for (size_t i = 0; i < wevt_select_count; i++)
		if (wevt_selects[i].channel == channel && select_has_id(&wevt_selects[i], id) &&
		    select_has_provider(&wevt_selects[i], provider))
			return true;
	return false;
}
