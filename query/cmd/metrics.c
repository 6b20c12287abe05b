#include "query/cmd/metrics.h"

#include "query/read/ask.h"
#include "schema/base/vec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define BYTES_A_TRADE 40 /* of the tape, about: contract, promise 9 */

bool metrics_add(struct metrics *m, const struct market *market, const struct market_state *state, int64_t lag_us, bool named,
                 struct err *err)
{
	struct metrics_row *grown = vec_grow(m->rows, m->count, sizeof *grown);
	if (!grown)
		return err_set(err, "out of memory");
	m->rows = grown;
	m->rows[m->count++] = (struct metrics_row){ market, *state, lag_us, named };
	return true;
}

void metrics_release(struct metrics *m)
{
	free(m->rows);
	m->rows = NULL;
}

static void put_help(struct out *o, const char *name, const char *type, const char *help)
{
	out_puts(o, "# HELP ");
	out_puts(o, name);
	out_puts(o, " ");
	out_puts(o, help);
	out_puts(o, "\n# TYPE ");
	out_puts(o, name);
	out_puts(o, " ");
	out_puts(o, type);
	out_puts(o, "\n");
}

/* Backslash, quote and line feed are escaped in a label. */
static void put_label(struct out *o, const char *name, const char *value)
{
	out_puts(o, name);
	out_puts(o, "=\"");
	for (const char *p = value; *p; p++) {
		if (*p == '\n') {
			out_puts(o, "\\n");
			continue;
		}
		if (*p == '\\' || *p == '"')
			out_puts(o, "\\");
		out_put(o, p, 1);
	}
	out_puts(o, "\"");
}

static void put_value(struct out *o, const char *name, const char *exchange, const char *symbol, const char *state, const char *value)
{
	const char *between = "{";
	const char *const labels[][2] = { { "exchange", exchange }, { "symbol", symbol }, { "state", state } };
	out_puts(o, name);
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		if (!labels[i][1])
			continue;
		out_puts(o, between);
		put_label(o, labels[i][0], labels[i][1]);
		between = ",";
	}
	out_puts(o, *between == ',' ? "} " : " ");
	out_puts(o, value);
	out_puts(o, "\n");
}

static void put_integer(struct out *o, const char *name, const char *exchange, const char *symbol, int64_t value)
{
	char text[INTEGER_TEXT_SIZE];
	integer_format(value, text);
	put_value(o, name, exchange, symbol, NULL, text);
}

static void put_seconds(struct out *o, const char *name, const char *exchange, const char *symbol, int64_t us)
{
	char text[40];
	snprintf(text, sizeof text, "%s%" PRId64 ".%06" PRId64, us < 0 ? "-" : "", (us < 0 ? -us : us) / US_PER_SECOND,
	         (us < 0 ? -us : us) % US_PER_SECOND);
	put_value(o, name, exchange, symbol, NULL, text);
}

static void put_recorder(const struct metrics *m, struct out *o)
{
	static const char up[] = "tapedeck_recorder_up", beat[] = "tapedeck_recorder_heartbeat_timestamp_seconds",
	                  queue[] = "tapedeck_queue_rows", limit[] = "tapedeck_queue_limit_rows";
	const struct recorder_life *l = m->life;
	const struct {
		const char *name, *help;
		int64_t value;
	} totals[] = {
		{ "tapedeck_received_trades_total", "Trades that came since the recorder was started.", l->received },
		{ "tapedeck_disconnects_total", "Connections that ended since the recorder was started.", l->disconnects },
		{ "tapedeck_bad_messages_total", "Messages that made no sense since the recorder was started.", l->bad },
		{ "tapedeck_lost_trades_total", "Trades that could not be kept since the recorder was started.", l->lost },
	};
	put_help(o, up, "gauge", "1 while a recorder lives on this tape.");
	put_integer(o, up, NULL, NULL, l->life == LIFE_ALIVE);
	if (l->life == LIFE_NEVER)
		return;
	put_help(o, beat, "gauge", "Last sign of life.");
	put_seconds(o, beat, NULL, NULL, l->beat_us);
	put_help(o, queue, "gauge", "Trades between network and disk.");
	put_integer(o, queue, NULL, NULL, l->queue_rows);
	put_help(o, limit, "gauge", "So many have room there.");
	put_integer(o, limit, NULL, NULL, l->queue_limit);
	for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
		put_help(o, totals[i].name, "counter", totals[i].help);
		put_integer(o, totals[i].name, NULL, NULL, totals[i].value);
	}
}

static void put_disk(const struct metrics *m, const struct context *c, struct out *o)
{
	static const char tape[] = "tapedeck_tape_bytes", wal[] = "tapedeck_wal_bytes", left[] = "tapedeck_disk_free_bytes",
	                  growth[] = "tapedeck_growth_bytes_per_day", until_full[] = "tapedeck_disk_left_seconds";
	struct stat st;
	struct statvfs fs;
	int64_t trades = 0;
	for (size_t i = 0; i < m->count; i++)
		trades += m->rows[i].state.trades;
	if (stat(c->reader.real, &st) == 0) {
		put_help(o, tape, "gauge", "Size of the tape.");
		put_integer(o, tape, NULL, NULL, (int64_t)st.st_size);
	}
	put_help(o, wal, "gauge", "Size of the -wal beside it.");
	put_integer(o, wal, NULL, NULL, c->reader.wal_size > 0 ? (int64_t)c->reader.wal_size : 0);
	put_help(o, growth, "gauge", "What the trades of the last 24 hours take, about.");
	put_integer(o, growth, NULL, NULL, trades * BYTES_A_TRADE);
	if (statvfs(c->reader.real, &fs) != 0)
		return;
	int64_t bytes = (int64_t)(fs.f_bavail * fs.f_frsize);
	put_help(o, left, "gauge", "Free space on the tape's disk.");
	put_integer(o, left, NULL, NULL, bytes);
	if (trades > 0) {
		put_help(o, until_full, "gauge", "Free space over growth: so long until the disk is full.");
		put_integer(o, until_full, NULL, NULL, (int64_t)((double)bytes / (double)(trades * BYTES_A_TRADE) * 86400));
	}
}

/* ---- exchanges and markets ---- */

static int64_t last_us(const struct metrics_row *row)
{
	return row->state.traded ? row->state.last.time_us : INT64_MIN;
}

/* One line for each exchange, out of its markets, which stand together. */
static void put_exchanges(const struct metrics *m, struct out *o, const char *name, const char *help,
                          void (*put)(struct out *o, const char *name, const struct metrics_row *rows, size_t count))
{
	put_help(o, name, "gauge", help);
	for (size_t i = 0, end; i < m->count; i = end) {
		for (end = i + 1; end < m->count && strcmp(m->rows[end].market->exchange, m->rows[i].market->exchange) == 0;)
			end++;
		put(o, name, &m->rows[i], end - i);
	}
}

static void put_market_count(struct out *o, const char *name, const struct metrics_row *rows, size_t count)
{
	int64_t wanted = 0;
	for (size_t i = 0; i < count; i++)
		wanted += rows[i].market->wanted;
	put_integer(o, name, rows[0].market->exchange, NULL, wanted);
}

static void put_newest(struct out *o, const char *name, const struct metrics_row *rows, size_t count)
{
	int64_t newest_us = INT64_MIN;
	for (size_t i = 0; i < count; i++)
		newest_us = last_us(&rows[i]) > newest_us ? last_us(&rows[i]) : newest_us;
	if (newest_us != INT64_MIN)
		put_seconds(o, name, rows[0].market->exchange, NULL, newest_us);
}

static void put_day(struct out *o, const char *name, const struct metrics_row *rows, size_t count)
{
	int64_t trades = 0;
	for (size_t i = 0; i < count; i++)
		trades += rows[i].state.trades;
	put_integer(o, name, rows[0].market->exchange, NULL, trades);
}

/* The worst of its markets' medians. */
static void put_lag(struct out *o, const char *name, const struct metrics_row *rows, size_t count)
{
	int64_t lag_us = -1;
	for (size_t i = 0; i < count; i++)
		lag_us = rows[i].lag_us > lag_us ? rows[i].lag_us : lag_us;
	if (lag_us >= 0)
		put_seconds(o, name, rows[0].market->exchange, NULL, lag_us);
}

static void put_markets(const struct metrics *m, struct out *o)
{
	static const char last[] = "tapedeck_market_last_trade_timestamp_seconds", day[] = "tapedeck_market_trades_24h",
	                  gaps[] = "tapedeck_market_open_gaps";
	put_help(o, last, "gauge", "Time of the last trade.");
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].named && m->rows[i].state.traded)
			put_seconds(o, last, m->rows[i].market->exchange, m->rows[i].market->symbol, last_us(&m->rows[i]));
	put_help(o, day, "gauge", "Trades of the last 24 hours.");
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].named)
			put_integer(o, day, m->rows[i].market->exchange, m->rows[i].market->symbol, m->rows[i].state.trades);
	put_help(o, gaps, "gauge", "Gaps that are open.");
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].named)
			put_integer(o, gaps, m->rows[i].market->exchange, m->rows[i].market->symbol, m->rows[i].state.open_gaps);
}

struct gap_counts {
	struct gap_count {
		char exchange[EXCHANGE_NAME_SIZE], state[16], count[INTEGER_TEXT_SIZE];
	} *rows; /* owned */
	size_t count;
};

static void forget_counts(void *to)
{
	((struct gap_counts *)to)->count = 0;
}

static bool add_count(void *to, sqlite3_stmt *stmt, struct err *err)
{
	struct gap_counts *counts = to;
	const char *exchange = (const char *)sqlite3_column_text(stmt, 0), *state = (const char *)sqlite3_column_text(stmt, 1);
	struct gap_count *grown = vec_grow(counts->rows, counts->count, sizeof *grown);
	if (!grown || !exchange || !state)
		return err_set(err, "out of memory");
	counts->rows = grown;
	struct gap_count *row = &grown[counts->count++];
	snprintf(row->exchange, sizeof row->exchange, "%s", exchange);
	snprintf(row->state, sizeof row->state, "%s", state);
	integer_format(sqlite3_column_int64(stmt, 2), row->count);
	return true;
}

static bool put_gaps(struct context *c, struct err *err)
{
	static const char name[] = "tapedeck_gaps";
	struct gap_counts counts = { NULL, 0 };
	const struct question q = { "SELECT exchange, state, count(*) FROM gap JOIN market USING (market_id) GROUP BY 1, 2 ORDER BY 1, 2", { 0 }, 0,
		                    forget_counts, add_count, &counts };
	bool ok = ask(&c->reader, &q, err);
	put_help(&c->out, name, "gauge", "Rows of the ledger of gaps.");
	for (size_t i = 0; ok && i < counts.count; i++)
		put_value(&c->out, name, counts.rows[i].exchange, NULL, counts.rows[i].state, counts.rows[i].count);
	free(counts.rows);
	return ok;
}

bool metrics_print(const struct metrics *m, struct context *c, struct err *err)
{
	struct out *o = &c->out;
	put_recorder(m, o);
	put_disk(m, c, o);
	put_exchanges(m, o, "tapedeck_markets", "Markets that are recorded.", put_market_count);
	put_exchanges(m, o, "tapedeck_last_trade_timestamp_seconds", "Time of an exchange's last trade.", put_newest);
	put_exchanges(m, o, "tapedeck_trades_24h", "Trades of the last 24 hours.", put_day);
	put_exchanges(m, o, "tapedeck_lag_seconds", "Median from a trade's time to its receipt in the last hour, of the slowest market.", put_lag);
	if (c->options.name_count > 0)
		put_markets(m, o);
	return put_gaps(c, err);
}
