/* SPDX-License-Identifier: MIT */
/* Prints the rows of all findings, one a line: id, family, severity, owner, title. */
#include "finding.h"

int main(void)
{
	static const char *const families[] = {
		[FAMILY_ENROLLMENT] = "enrolment",
		[FAMILY_COMPLIANCE] = "compliance",
		[FAMILY_STORE] = "store",
		[FAMILY_IDENTITY] = "identity",
		[FAMILY_PAGE] = "page",
	};

	for (size_t t = 0; t < finding_table_count; t++) {
		const struct finding_table *table = &finding_tables[t];

		for (size_t i = 0; i < *table->count; i++) {
			const struct finding_row *row = &table->rows[i];

			printf("%s\t%s\t%s\t%s\t%s\n", row->id, families[row->family],
			       ed_severity_word(row->severity), ed_owner_word(row->owner),
			       row->title);
		}
	}
	return 0;
}
