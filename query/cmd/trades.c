/* tapedeck trades: trades of one market or of several, oldest first; -f goes on. */
#include "query/context.h"
#include "query/read/coverage.h"
#include "query/read/merge.h"
#include "query/cmd/follow.h"
#include "query/stop.h"
#include "query/read/trade_text.h"

#include <stdlib.h>

static enum exit_code nothing(const struct context *c, struct err *err)
{
	if (c->selection.count == 1)
		err_set(err, "there is no trade of %s in that range", c->selection.markets[0].name);
	else
		err_set(err, "there is no trade of these markets in that range");
	return EXIT_NO_DATA;
}

/* Of a market: the times of what was printed. */
struct printed {
	int64_t first_us, last_us; /* -1: nothing */
};

static bool print_all(struct context *c, struct row_merge *merge, int64_t left, struct printed *printed, struct err *err)
{
	const struct tape_row *row;
	size_t market;
	for (; left > 0 && !out_stopped(&c->out); left--) { /* a trade recorded since must not make it one more */
		if (!row_merge_next(merge, &row, &market, err))
			return false;
		if (!row)
			break;
		trade_put(&c->out, &c->selection.markets[market], row);
		printed[market].last_us = row->time_us;
		if (printed[market].first_us < 0)
			printed[market].first_us = row->time_us;
	}
	return true;
}

/* With -n, what lies before the first of them was not asked for; nor is a market's part that the range does not bound. */
static enum exit_code check_parts(struct context *c, const struct printed *printed, struct err *err)
{
	const struct range *range = &c->options.range;
	bool from_start = range->has_from && c->options.rows < 0;
	enum exit_code code = EXIT_OK;
	for (size_t i = 0; code == EXIT_OK && i < c->selection.count; i++) {
		bool any = printed[i].first_us >= 0;
		if (any || from_start)
			code = check_complete(c, &c->selection.markets[i], from_start ? range->from_us : printed[i].first_us,
			                      range->has_to ? range->to_us + COVERAGE_SLACK_US :
			                      any           ? printed[i].last_us :
			                                      range->from_us,
			                      err);
	}
	return code == EXIT_OK ? check_ages(c, err) : code;
}

enum exit_code cmd_trades(struct context *c, struct err *err)
{
	const struct range *range = &c->options.range;
	int64_t newest = c->options.rows;
	if (newest < 0 && !range->has_from && !range->has_to)
		newest = ROWS_IF_NOTHING_IS_SAID;
	out_columns(&c->out, trade_columns, TRADE_COLUMNS);
	if (c->options.follow) {
		enum exit_code followed = follow(c, newest, err);
		bool ended = followed == EXIT_OK && !stop_wanted() && !out_stopped(&c->out); /* by --until, so it is an answer */
		return ended && c->out.rows == 0 && newest != 0 ? nothing(c, err) : followed;
	}

	struct row_merge merge = { .sources = NULL };
	enum exit_code code = EXIT_TAPE;
	struct printed *printed = calloc(c->selection.count + 1, sizeof *printed);
	for (size_t i = 0; printed && i < c->selection.count; i++)
		printed[i] = (struct printed){ -1, -1 };
	if (!printed) {
		err_set(err, "out of memory");
		code = EXIT_FAILED;
	} else if (row_merge_init(&merge, &c->reader, &c->selection, range->from_us, range->to_us, newest, err) &&
	           print_all(c, &merge, newest >= 0 ? newest : INT64_MAX, printed, err)) {
		if (out_stopped(&c->out) || newest == 0)
			code = EXIT_OK;
		else
			code = c->out.rows > 0 ? check_parts(c, printed, err) : nothing(c, err);
	}
	row_merge_release(&merge);
	free(printed);
	return code;
}
