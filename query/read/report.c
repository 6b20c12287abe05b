#include "query/read/report.h"

#include "query/read/ask.h"
#include "query/read/coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is proved lags behind what is received by the time between two pings; at the end of the recording that is no gap. */
#define PROOF_LAG_US US_PER_MINUTE
/* REST gives whole pages: trades put back lie in gaps, or near by. */
#define FILL_REACH_US US_PER_MINUTE
#define FILL_SLICE_US (60 * US_PER_MINUTE) /* of trades that are counted at once: no long snapshot */

static bool read_trades(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	struct report_market *m = to;
	m->trades = sqlite3_column_int64(stmt, 0);
	m->first_us = sqlite3_column_int64(stmt, 1);
	m->last_us = sqlite3_column_int64(stmt, 2);
	m->dated = m->trades > 0 && sqlite3_column_type(stmt, 1) != SQLITE_NULL;
	return true;
}

/* By candles but for the piece of a minute at the start. */
static bool count_trades(struct report *r, struct context *c, struct report_market *m, struct err *err)
{
	static const char sql[] =
		"SELECT (SELECT coalesce(sum(trades), 0) FROM candle_1m WHERE market_id = ?1 AND minute >= ?3)"
		" + (SELECT count(*) FROM trade WHERE market_id = ?1 AND time_us >= ?2 AND time_us < ?3 * 60000000),"
		" (SELECT time_us FROM trade WHERE market_id = ?1 AND time_us >= ?2 ORDER BY time_us, id LIMIT 1),"
		" (SELECT time_us FROM trade WHERE market_id = ?1 ORDER BY time_us DESC, id DESC LIMIT 1)";
	int64_t minute = (r->from_us + US_PER_MINUTE - 1) / US_PER_MINUTE;
	const struct question q = { sql, { m->market->id, r->from_us, minute }, 3, NULL, read_trades, m };
	return ask(&c->reader, &q, err);
}

static bool read_count(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(int64_t *)to = sqlite3_column_int64(stmt, 0);
	return true;
}

static bool read_tickers(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	*(bool *)to = sqlite3_column_int(stmt, 0) != 0;
	return true;
}

/* From window to window, a seek in each: there are few windows and many tickers. */
static bool look_for_tickers(struct report *r, struct context *c, struct report_market *m, struct err *err)
{
	static const char sql[] =
		"WITH RECURSIVE w(name) AS (SELECT min(\"window\") FROM ticker WHERE market_id = ?1 UNION ALL"
		" SELECT (SELECT min(\"window\") FROM ticker WHERE market_id = ?1 AND \"window\" > name) FROM w WHERE name IS NOT NULL)"
		" SELECT EXISTS (SELECT 1 FROM w CROSS JOIN ticker t WHERE t.market_id = ?1 AND t.\"window\" = name AND t.time_us >= ?2)";
	const struct question q = { sql, { m->market->id, r->from_us }, 2, NULL, read_tickers, &m->tickers };
	return ask(&c->reader, &q, err);
}

static bool count_filled(struct report *r, struct context *c, struct report_market *m, const struct spans *fills,
                         struct err *err)
{
	static const char sql[] = "SELECT count(*) FROM trade WHERE market_id = ?1 AND time_us >= ?2 AND time_us < ?3"
	                          " AND lag_us IS NULL";
	/* From trade to trade: where there is none, years pass in one step. */
	static const char next_sql[] = "SELECT time_us FROM trade WHERE market_id = ?1 AND time_us >= ?2 AND time_us < ?3"
	                               " ORDER BY time_us LIMIT 1";
	for (size_t i = 0; i < fills->count; i++) {
		int64_t from_us = fills->list[i].from > r->from_us ? fills->list[i].from : r->from_us, end_us = fills->list[i].to;
		for (;;) {
			int64_t count = 0, first_us = -1;
			const struct question next = { next_sql, { m->market->id, from_us, end_us }, 3, NULL, read_count, &first_us };
			if (!ask(&c->reader, &next, err))
				return false;
			if (first_us < 0)
				break;
			int64_t to_us = end_us - first_us > FILL_SLICE_US ? first_us + FILL_SLICE_US : end_us;
			const struct question q = { sql, { m->market->id, first_us, to_us }, 3, NULL, read_count, &count };
			if (!ask(&c->reader, &q, err))
				return false;
			m->filled_trades += count;
			from_us = to_us;
		}
	}
	return true;
}

/* A damaged row must not be calculated with. */
static int64_t within_time(int64_t time_us)
{
	return time_us < 0 ? 0 : time_us > TIME_US_MAX ? TIME_US_MAX : time_us;
}

static void note_gap(struct report *r, const struct market *m, const struct gap *h)
{
	int64_t to_us = gap_end(h, r->to_us), length_us = to_us - h->from_us;
	size_t at = r->worst_count;
	while (at > 0 && length_us > r->worst[at - 1].to_us - r->worst[at - 1].from_us)
		at--;
	if (at == WORST_MAX)
		return;
	r->worst_count += r->worst_count < WORST_MAX;
	memmove(&r->worst[at + 1], &r->worst[at], (r->worst_count - at - 1) * sizeof *r->worst);
	r->worst[at] = (struct report_gap){ .market = m, .from_us = h->from_us, .to_us = to_us, .state = h->state };
	snprintf(r->worst[at].reason, sizeof r->worst[at].reason, "%s", h->reason);
}

/* Counts the gaps of the period, and says where trades were put back. */
static enum exit_code read_gaps(struct report *r, struct context *c, struct report_market *m, struct spans *fills,
                                 struct err *err)
{
	const struct range period = { .from_us = r->from_us, .to_us = r->to_us };
	struct gap_stream stream;
	enum exit_code code = EXIT_OK;
	if (!gap_stream_init(&stream, &c->reader, m->market, &period, err))
		return EXIT_FAILED;
	do {
		if (!gap_stream_next(&stream, err))
			code = EXIT_TAPE;
		for (size_t i = 0; code == EXIT_OK && i < stream.count; i++) {
			struct gap *h = &stream.gaps[i];
			int64_t next_us = h->from_us;
			m->gaps[h->state]++;
			h->from_us = within_time(h->from_us);
			h->to_us = h->to_us == INT64_MAX ? h->to_us : within_time(h->to_us);
			if (h->state != GAP_FILLED && m->market->wanted)
				note_gap(r, m->market, h);
			if (h->filled > 0 && !spans_add(fills, h->from_us - FILL_REACH_US, gap_end(h, r->to_us) + FILL_REACH_US)) {
				err_set(err, "out of memory");
				code = EXIT_FAILED;
			}
			h->from_us = next_us; /* by which the stream goes on */
		}
	} while (code == EXIT_OK && stream.count > 0);
	gap_stream_release(&stream);
	return code;
}

static bool measure(struct report *r, struct context *c, struct report_market *m, struct err *err)
{
	struct coverage coverage;
	if (!coverage_load(&coverage, &c->reader, m->market, err))
		return false;
	int64_t end_us = r->to_us;
	m->missing_us = spans_length(&coverage.gaps, r->from_us, end_us);
	if (coverage.from_us <= coverage.to_us) {
		m->start_us = coverage.from_us > r->from_us ? coverage.from_us : r->from_us;
		if (coverage.to_us < end_us && end_us - coverage.to_us < PROOF_LAG_US)
			end_us = coverage.to_us;
		m->end_us = end_us;
		m->recorded_us = end_us > m->start_us ? end_us - m->start_us : 0;
		m->covered_us = spans_length(&coverage.whole, m->start_us, end_us);
	}
	coverage_release(&coverage);
	return true;
}

static enum exit_code load_market(struct report *r, struct context *c, struct report_market *m, struct err *err)
{
	struct spans fills = { NULL, 0 };
	enum exit_code code = read_gaps(r, c, m, &fills, err);
	if (code == EXIT_OK && !(count_trades(r, c, m, err) && look_for_tickers(r, c, m, err) &&
	                         count_filled(r, c, m, &fills, err) && measure(r, c, m, err) &&
	                         audit_load(&m->audit, &c->reader, m->market, r->from_us, err)))
		code = EXIT_TAPE;
	spans_release(&fills);
	return code;
}

enum exit_code report_load(struct report *r, struct context *c, int64_t from_us, struct err *err)
{
	enum exit_code code = EXIT_OK;
	*r = (struct report){ .from_us = from_us, .part = c->reader.part };
	if (!life_read(&c->reader, c->now_us, &r->life, err))
		return EXIT_TAPE;
	/* Of one that lives nothing is known behind its last sign. */
	r->to_us = r->life.life == LIFE_NEVER ? c->now_us : life_until(&r->life, r->life.beat_us);
	if (r->to_us <= from_us) /* the recording had ended before: what is missing since then is all of it */
		r->to_us = c->now_us;
	r->markets = calloc(c->selection.count + 1, sizeof *r->markets);
	if (!r->markets) {
		err_set(err, "out of memory");
		return EXIT_FAILED;
	}
	for (; code == EXIT_OK && r->count < c->selection.count; r->count++) {
		r->markets[r->count].market = &c->selection.markets[r->count];
		code = load_market(r, c, &r->markets[r->count], err);
	}
	return code;
}

void report_release(struct report *r)
{
	free(r->markets);
	*r = (struct report){ .markets = NULL };
}

void report_add(struct report_market *sum, const struct report_market *m)
{
	sum->trades += m->trades;
	sum->filled_trades += m->filled_trades;
	for (size_t i = 0; i < sizeof m->gaps / sizeof *m->gaps; i++)
		sum->gaps[i] += m->gaps[i];
	sum->missing_us += m->missing_us;
	sum->recorded_us += m->recorded_us;
	sum->covered_us += m->covered_us;
}

int64_t report_remaining(const struct report_market *m)
{
	return m->gaps[GAP_OPEN] + m->gaps[GAP_UNFILLABLE];
}

bool report_wanted(const struct report_market *m)
{
	return m->market->wanted;
}

bool report_whole(const struct report_market *m)
{
	return report_remaining(m) == 0 && m->recorded_us > 0 && m->covered_us == m->recorded_us;
}

size_t report_percent(const struct report_market *m, char text[static PERCENT_TEXT_SIZE])
{
	text[0] = '\0';
	if (m->recorded_us <= 0)
		return 0;
	int hundredths = (int)((double)m->covered_us / (double)m->recorded_us * 10000);
	if (hundredths > 9999)
		hundredths = m->covered_us < m->recorded_us ? 9999 : 10000;
	int len = snprintf(text, PERCENT_TEXT_SIZE, "%d.%02d", hundredths / 100, hundredths % 100);
	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[--len] = '\0';
	return (size_t)len;
}
