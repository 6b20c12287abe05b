/* tapedeck markets: what is on the tape. */
#include "query/context.h"
#include "query/read/ask.h"

#include <string.h>

struct contents {
	int64_t trades, first_us, last_us;
	bool dated; /* else first and last mean nothing: no trade, or candles alone, in a copy */
};

static bool read_row(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(struct contents *)to = (struct contents){ sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
		                                    sqlite3_column_int64(stmt, 2), sqlite3_column_type(stmt, 1) != SQLITE_NULL };
	return true;
}

/* The candles know how many trades there are, and the key knows the ends: no trade is scanned. */
static bool read_contents(struct reader *r, const struct market *m, struct contents *contents, struct err *err)
{
	static const char sql[] =
		"SELECT (SELECT coalesce(sum(trades), 0) FROM candle_1m WHERE market_id = ?1),"
		" (SELECT time_us FROM trade WHERE market_id = ?1 ORDER BY time_us, id LIMIT 1),"
		" (SELECT time_us FROM trade WHERE market_id = ?1 ORDER BY time_us DESC, id DESC LIMIT 1)";
	const struct question q = { .sql = sql, .values = { m->id }, .count = 1, .row = read_row, .to = contents };
	return ask(r, &q, err);
}

enum exit_code cmd_markets(struct context *c, struct err *err)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT }, { "symbol", CELL_TEXT }, { "trades", CELL_INTEGER }, { "first", CELL_TIME },
		{ "last", CELL_TIME },
	};
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < c->selection.count; i++) {
		const struct market *m = &c->selection.markets[i];
		struct contents contents = { .trades = 0 };
		if (!read_contents(&c->reader, m, &contents, err))
			return EXIT_TAPE;
		char trades[INTEGER_TEXT_SIZE], first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];
		bool any = contents.trades > 0 && contents.dated;
		const struct cell cells[] = {
			{ m->exchange, strlen(m->exchange) },
			{ m->symbol, strlen(m->symbol) },
			{ trades, integer_format(contents.trades, trades) },
			{ first, any ? time_cell(contents.first_us, c->out.time_form, first) : 0 },
			{ last, any ? time_cell(contents.last_us, c->out.time_form, last) : 0 },
		};
		out_row(&c->out, cells);
	}
	if (c->selection.count > 0)
		return EXIT_OK;
	err_set(err, "there is no market on the tape yet");
	return EXIT_NO_DATA;
}
