#include "query/read/audit.h"

#include "query/read/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void copy_text(char *to, size_t size, sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);
	snprintf(to, size, "%s", text ? text : "");
}

static bool read_row(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	struct audit_row *a = to;
	char verdict[16];
	*a = (struct audit_row){ .ids_prove = sqlite3_column_int(stmt, 0) != 0, .day_from_us = sqlite3_column_int64(stmt, 2),
		                 .until_us = sqlite3_column_int64(stmt, 3), .trades = sqlite3_column_int64(stmt, 6),
		                 .digits = sqlite3_column_int64(stmt, 7), .at_us = sqlite3_column_int64(stmt, 8) };
	copy_text(verdict, sizeof verdict, stmt, 1);
	copy_text(a->theirs, sizeof a->theirs, stmt, 4);
	copy_text(a->ours, sizeof a->ours, stmt, 5);
	copy_text(a->note, sizeof a->note, stmt, 9);
	a->verdict = a->ids_prove || !verdict[0]        ? AUDIT_NONE :
	             strcmp(verdict, "equal") == 0   ? AUDIT_EQUAL :
	             strcmp(verdict, "differs") == 0 ? AUDIT_DIFFERS : AUDIT_UNPROVEN;
	return true;
}

bool audit_load(struct audit_row *a, struct reader *r, const struct market *m, int64_t since_us, struct err *err)
{
	static const char sql[] =
		"SELECT m.ids_step, a.verdict, a.day_from_us, a.until_us, a.theirs, a.ours, a.trades, a.digits, a.at_us, a.note FROM market m"
		" LEFT JOIN audit a ON a.market_id = m.market_id AND a.at_us >= ?2"
		" AND a.day_from_us = (SELECT max(day_from_us) FROM audit WHERE market_id = ?1) WHERE m.market_id = ?1";
	const struct question q = { sql, { m->id, since_us }, 2, NULL, read_row, a };
	*a = (struct audit_row){ .verdict = AUDIT_NONE };
	return ask(r, &q, err);
}

const char *audit_word(const struct audit_row *a)
{
	static const char *const words[] = { [AUDIT_NONE] = "", [AUDIT_EQUAL] = "yes", [AUDIT_DIFFERS] = "no", [AUDIT_UNPROVEN] = "unproven" };
	return words[a->verdict];
}

void audit_add(struct audit_sum *sum, const struct audit_row *a)
{
	if (a->ids_prove)
		return;
	sum->markets++;
	sum->proved += a->verdict == AUDIT_EQUAL;
	sum->differing += a->verdict == AUDIT_DIFFERS;
	sum->unproven += a->verdict == AUDIT_UNPROVEN;
	sum->none += a->verdict == AUDIT_NONE;
}

void audit_sum_text(const struct audit_sum *sum, char text[static AUDIT_TEXT_SIZE])
{
	snprintf(text, AUDIT_TEXT_SIZE, "proved against the exchange's own volume: %" PRId64 " of %" PRId64, sum->proved, sum->markets);
}
