/* tapedeck export: every trade, market by market. */
#include "query/context.h"
#include "query/read/coverage.h"
#include "query/out/progress.h"
#include "query/stop.h"
#include "query/read/trade_text.h"

#include <unistd.h>

/* One market; EXIT_STALE where --require-complete finds a gap. */
static enum exit_code export_market(struct context *c, const struct market *m, struct progress *p, struct err *err)
{
	const struct range *range = &c->options.range;
	struct row_stream stream;
	enum exit_code code = EXIT_OK;
	int64_t first_us = -1, last_us = -1;
	if (!row_stream_init(&stream, &c->reader, m, range->from_us, range->to_us, err))
		return EXIT_FAILED;
	for (;;) {
		if (!row_stream_next(&stream, err)) {
			code = EXIT_TAPE;
			break;
		}
		if (stream.count == 0 || out_stopped(&c->out) || stop_wanted())
			break;
		for (size_t i = 0; i < stream.count; i++)
			trade_put(&c->out, m, &stream.rows[i]);
		if (first_us < 0)
			first_us = stream.rows[0].time_us;
		last_us = stream.rows[stream.count - 1].time_us;
		progress_tick(p, c->out.rows, m->name);
	}
	row_stream_release(&stream);
	if (code != EXIT_OK || (first_us < 0 && !range->has_from))
		return code;
	return check_complete(c, m, range->has_from ? range->from_us : first_us,
	                      range->has_to ? range->to_us + COVERAGE_SLACK_US : last_us, err);
}

enum exit_code cmd_export(struct context *c, struct err *err)
{
	struct progress progress;
	progress_init(&progress, c->options.output || !isatty(STDOUT_FILENO));
	enum exit_code code = EXIT_OK;
	stop_watch(); /* a file in the making goes before we do */
	out_columns(&c->out, trade_columns, TRADE_COLUMNS);
	for (size_t i = 0; i < c->selection.count && !out_stopped(&c->out) && !stop_wanted(); i++) {
		enum exit_code one = export_market(c, &c->selection.markets[i], &progress, err);
		if (one != EXIT_OK)
			code = one;
		if (one != EXIT_OK && one != EXIT_STALE)
			break;
	}
	progress_clear(&progress);
	if (stop_wanted()) {
		err_set(err, "interrupted");
		return EXIT_FAILED;
	}
	if ((code != EXIT_OK && code != EXIT_STALE) || out_stopped(&c->out))
		return code;
	if (c->out.rows == 0) {
		err_set(err, "there is no trade in that range");
		return EXIT_NO_DATA;
	}
	enum exit_code age = check_ages(c, err);
	return age != EXIT_OK ? age : code;
}
