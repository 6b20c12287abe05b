/* tapedeck trades: trades of one market, oldest first; -f goes on. */
#include "query/context.h"
#include "query/read/coverage.h"
#include "query/cmd/follow.h"
#include "query/stop.h"
#include "query/read/trade_text.h"

static enum exit_code nothing(const struct market *m, struct err *err)
{
	err_set(err, "there is no trade of %s in that range", m->name);
	return EXIT_NO_DATA;
}

enum exit_code cmd_trades(struct context *c, struct err *err)
{
	const struct market *m = &c->selection.markets[0];
	const struct range *range = &c->options.range;
	int64_t newest = c->options.rows;
	if (newest < 0 && !range->has_from && !range->has_to)
		newest = ROWS_IF_NOTHING_IS_SAID;
	out_columns(&c->out, trade_columns, TRADE_COLUMNS);
	if (c->options.follow) {
		enum exit_code followed = follow(c, m, newest, err);
		bool ended = followed == EXIT_OK && !stop_wanted() && !out_stopped(&c->out); /* by --until, so it is an answer */
		return ended && c->out.rows == 0 && newest != 0 ? nothing(m, err) : followed;
	}

	struct row_stream stream;
	enum exit_code code = EXIT_TAPE;
	if (!row_stream_init(&stream, &c->reader, m, range->from_us, range->to_us, err))
		return EXIT_FAILED;
	if (newest >= 0 && !row_stream_skip_to_newest(&stream, newest, err))
		goto out;
	int64_t left = newest >= 0 ? newest : INT64_MAX; /* a trade recorded since must not make it one more */
	int64_t first_us = 0, last_us = 0;
	do {
		if (!row_stream_next(&stream, err))
			goto out;
		for (size_t i = 0; i < stream.count && left > 0; i++, left--) {
			trade_put(&c->out, m, &stream.rows[i]);
			last_us = stream.rows[i].time_us;
			if (c->out.rows == 1)
				first_us = last_us;
		}
	} while (stream.count > 0 && left > 0 && !out_stopped(&c->out));

	code = EXIT_OK;
	if (out_stopped(&c->out) || newest == 0)
		goto out;
	if (c->out.rows == 0) {
		code = nothing(m, err);
		goto out;
	}
	/* With -n, what lies before the first of them was not asked for. */
	bool from_start = range->has_from && c->options.rows < 0;
	code = check_complete(c, m, from_start ? range->from_us : first_us,
	                      range->has_to ? range->to_us + COVERAGE_SLACK_US : last_us, err);
	if (code == EXIT_OK)
		code = check_ages(c, err);
out:
	row_stream_release(&stream);
	return code;
}
