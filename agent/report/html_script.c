/* SPDX-License-Identifier: MIT */
/*
 * What the page can do besides being read: local time, folding, a filter of evidence. Nothing that
 * is needed. The policy of the page names its SHA-256: after a change `ctest -R html_page` says the
 * new one.
 */
#include "html_priv.h"

const char html_script_hash[] = "dXp+awKJETibY9MRoo4p+1zxV/UzfapX6sjq8Vu+0AE=";

/* clang-format off */
const char *const html_script[] = {
	"(function () {",
	"'use strict';",
	"var byId = function (id) { return document.getElementById(id); };",
	"var all = function (what) { return Array.prototype.slice.call(document.querySelectorAll(what)); };",
	"var months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');",
	"var two = function (n) { return (n < 10 ? '0' : '') + n; };",
	"var times = all('time[datetime],text[data-t],tspan[data-t]').map(function (el) {",
	"\treturn { el: el, utc: el.textContent, form: el.getAttribute('data-f'),",
	"\t\tat: new Date(el.getAttribute('datetime') || el.getAttribute('data-t')) };",
	"});",
	"function local(t) {",
	"\tvar d = t.at, minutes = two(d.getHours()) + ':' + two(d.getMinutes());",
	"\tvar clock = minutes + ':' + two(d.getSeconds());",
	"\tif (isNaN(d.getTime())) return t.utc;",
	"\tif (t.form === 'c') return clock;",
	"\tif (t.form === 'm') return minutes;",
	"\tif (t.form === 'd') return d.getDate() + ' ' + months[d.getMonth()];",
	"\treturn d.getFullYear() + '-' + two(d.getMonth() + 1) + '-' + two(d.getDate()) + ' ' + clock;",
	"}",
	"byId('tools').hidden = false;",
	"byId('zone').addEventListener('click', function () {",
	"\tvar on = this.getAttribute('aria-pressed') !== 'true';",
	"\tthis.setAttribute('aria-pressed', on);",
	"\ttimes.forEach(function (t) { t.el.textContent = on ? local(t) : t.utc; });",
	"\tbyId('zone-note').textContent = on ?",
	"\t\t'Times are those of this computer\\'s zone; inside of sentences they are UTC.' :",
	"\t\t'All times are UTC.';",
	"});",
	"byId('fold').addEventListener('click', function () {",
	"\tvar fold = this.getAttribute('aria-pressed') !== 'true';",
	"\tthis.setAttribute('aria-pressed', fold);",
	"\tall('details').forEach(function (d) { d.open = !fold; });",
	"});",
	"function reveal() {",
	"\tvar at = location.hash.length > 1 && byId(location.hash.slice(1));",
	"\tfor (var el = at; el; el = el.parentElement)",
	"\t\tif (el.tagName === 'DETAILS') el.open = true;",
	"\tif (at) at.hidden = false;",
	"}",
	"addEventListener('hashchange', reveal);",
	"reveal();",
	"var filter = byId('filter'), proofs = all('.proof');",
	"if (filter) {",
	"\tbyId('filter-box').hidden = false;",
	"\tfilter.addEventListener('input', function () {",
	"\t\tvar words = filter.value.toLowerCase(), shown = 0;",
	"\t\tproofs.forEach(function (p) {",
	"\t\t\tp.hidden = p.textContent.toLowerCase().indexOf(words) < 0;",
	"\t\t\tshown += p.hidden ? 0 : 1;",
	"\t\t});",
	"\t\tbyId('shown').textContent = words ? shown + ' of ' + proofs.length : '';",
	"\t});",
	"}",
	"})();",
	NULL,
};
/* clang-format on */
