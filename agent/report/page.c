/* SPDX-License-Identifier: MIT */
/* The frame of the small pages. Text gets in through html_text only. */
#include "page_priv.h"

#include "espdiag/version.h"

void page_begin(struct ed_buf *out, const char *title)
{
	ed_buf_addz(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	ed_buf_printf(out,
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
		      html_style_hash);
	ed_buf_addz(out,
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<meta name=\"referrer\" content=\"no-referrer\">\n"
		    "<meta name=\"generator\" content=\"espdiag " ED_VERSION "\">\n<title>");
	html_textz(out, title);
	ed_buf_addz(out, "</title>\n<style>\n");
	for (const char *const *line = html_style; *line; line++) {
		ed_buf_addz(out, *line);
		ed_buf_addc(out, '\n');
	}
	ed_buf_addz(out, "</style>\n</head>\n<body>\n"
			 "<a class=\"skip\" href=\"#answer\">Skip to the answer</a>\n");
}

void page_end(struct ed_buf *out)
{
	ed_buf_addz(out, "</main>\n<footer><p>Made by espdiag " ED_VERSION
			 " from recorded evidence. This file loads nothing and sends nothing. All "
			 "times are UTC.</p></footer>\n</body>\n</html>\n");
}

void page_section_begin(struct ed_buf *out, const char *id, const char *title)
{
	ed_buf_printf(out,
		      "<section id=\"%s\" aria-labelledby=\"h-%s\">\n<h2 id=\"h-%s\">%s</h2>\n", id,
		      id, id, title);
	ed_buf_addz(out, "<div class=\"body\">\n");
}

void page_section_end(struct ed_buf *out)
{
	ed_buf_addz(out, "</div></section>\n");
}

void page_table_begin(struct ed_buf *out, const char *caption, const char *const *heads)
{
	ed_buf_printf(out,
		      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
		      "<table>\n<caption>%s</caption>\n<thead><tr>",
		      caption, caption);
	for (; *heads; heads++)
		ed_buf_printf(out, "<th scope=\"col\">%s", *heads);
	ed_buf_addz(out, "</thead>\n<tbody>\n");
}

void page_table_end(struct ed_buf *out)
{
	ed_buf_addz(out, "</tbody></table></div>\n");
}

void page_cell(struct ed_buf *out, struct ed_str text)
{
	ed_buf_addz(out, "<td>");
	if (text.len)
		html_text(out, text);
	else
		ed_buf_addz(out, "\xE2\x80\x93");
}
