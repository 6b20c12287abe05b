/* Bithumb's REST: the list of markets, and trades from a moment on, newest first. */
#include "bithumb.h"

#include <stdio.h>

#include "beside.h"
#include "clock.h"
#include "day.h"
#include "dialect.h"
#include "history.h"
#include "http.h"
#include "market.h"
#include "options.h"
#include "rest_odd.h"

#define ROWS_MAX 500
#define DAYS_MAX 7
#define TICKERS_MAX 200

static void rest_error(struct answer *a, int status, const char *name, const char *message)
{
	a->status = status;
	buf_add_text(&a->body, "{\"error\":{\"name\":");
	buf_add_text(&a->body, name);
	buf_add_text(&a->body, ",\"message\":\"");
	buf_add_text(&a->body, message);
	buf_add_text(&a->body, "\"}}");
}

static void rest_markets(const struct request *r, struct answer *a)
{
	char details[8] = "";

	request_parameter(r, "isDetails", details, sizeof details);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < market_count(); i++) {
		const struct market *m = market_at(i);
		char row[512];

		if (!market_is_listed(i))
			continue;
		snprintf(row, sizeof row, "%s{\"market\":\"%s\",\"korean_name\":\"\xec\xbd\x94\xec\x9d\xb8 %s\",\"english_name\":\"Coin %s\"%s}",
			 a->body.len > 1 ? "," : "", m->symbol, m->base, m->base, strcmp(details, "true") ? "" : ",\"market_warning\":\"NONE\"");
		buf_add_text(&a->body, row);
	}
	buf_add_text(&a->body, "]");
}

static char *put_row(char *d, const struct trade *t, bool null_price)
{
	d = put_lit(d, "{\"market\":\"");
	d = put_text(d, market_at(t->market)->symbol);
	d = put_lit(d, "\",\"trade_date_utc\":\"");
	d = put_date(d, trade_ms(t));
	d = put_lit(d, "\",\"trade_time_utc\":\"");
	d = put_time(d, trade_ms(t));
	d = put_lit(d, "\",\"timestamp\":");
	d = put_i64(d, rest_time(trade_ms(t), 1000));
	/* never as the socket spelled it */
	d = put_lit(d, ",\"trade_price\":");
	d = null_price ? put_lit(d, "null") : put_dec(d, rest_number(trade_price(t)), t->spell & 1 ? SPELL_POINT : SPELL_JAVA);
	d = put_lit(d, ",\"trade_volume\":");
	d = put_dec(d, rest_number(trade_size(t)), t->spell & 2 ? SPELL_PADDED : SPELL_JAVA);
	d = bithumb_put_change(d, false, t);
	d = t->side == SIDE_BUY ? put_lit(d, ",\"ask_bid\":\"BID\"") : put_lit(d, ",\"ask_bid\":\"ASK\"");
	/* the same for all trades of the millisecond */
	d = put_lit(d, ",\"sequential_id\":");
	d = put_u64(d, rest_id((uint64_t)rest_time(trade_ms(t), 1000) * 10000));
	*d++ = '}';
	return d;
}

/*
 * Newest first from a moment on: `to` of today's or daysAgo's KST day, where daysAgo alone means that day's 00:00:00; older than the cursor. It goes
 * on into the day before, unless --one-day.
 */
static void rest_ticks(const struct request *r, struct answer *a)
{
	char symbol[64] = "";
	uint64_t count = 1, days_ago = 0, cursor = UINT64_MAX;
	uint32_t places[ROWS_MAX];
	int64_t today_ms = (clock_wall_us() / 1000 + KST_MS) / DAY_MS * DAY_MS - KST_MS, to_ms = INT64_MIN, day_ms, end_ms;
	size_t market, found;

	if (!request_parameter(r, "market", symbol, sizeof symbol) || !request_number(r, "count", 1, ROWS_MAX, &count) ||
	    !request_number(r, "daysAgo", 1, DAYS_MAX, &days_ago) || !request_number(r, "cursor", 0, UINT64_MAX, &cursor) ||
	    !request_clock_time(r, "to", &to_ms)) {
		rest_error(a, 400, "\"invalid_parameter\"", "a parameter is missing or wrong");
		return;
	}
	if (!market_find(symbol, strlen(symbol), &market)) {
		rest_error(a, 200, "404", "Code not found");
		return;
	}
	day_ms = today_ms - (int64_t)days_ago * DAY_MS;
	end_ms = to_ms != INT64_MIN ? day_ms + to_ms : days_ago ? day_ms : today_ms + DAY_MS;
	if (cursor / 10000 < (uint64_t)end_ms)
		end_ms = (int64_t)((cursor + 9999) / 10000);
	found = history_before(market, opt.one_day ? day_ms : today_ms - DAYS_MAX * DAY_MS, end_ms, UINT64_MAX, places, count);
	buf_add_text(&a->body, "[");
	for (size_t i = 0; i < found; i++) {
		char *d = buf_room(&a->body, 1024), *end;

		end = i ? put_lit(d, ",") : d;
		end = put_row(end, market_trade(places[i]), rest_price_is_null(i));
		a->body.len += (size_t)(end - d);
	}
	buf_add_text(&a->body, "]");
}

/* Of 200 markets at most. The day is Korean, and the times of trades are Korean ones written as if they were UTC. */
static void rest_tickers(const struct request *r, struct answer *a)
{
	char names[8192] = "";
	size_t count = 1;

	request_parameter(r, "markets", names, sizeof names);
	for (const char *p = names; *p; p++)
		count += *p == ',';
	if (count > TICKERS_MAX)
		rest_error(a, 400, "400", "Parameter 'markets' must be less than or equal to 200 items.");
	else if (!day_put_tickers(r, a, KST_MS, KST_MS))
		rest_error(a, 200, "404", "Code not found");
}

void bithumb_rest(const struct request *r, struct answer *a)
{
	if (!strcmp(r->path, "/v1/market/all"))
		rest_markets(r, a);
	else if (!strcmp(r->path, "/v1/trades/ticks"))
		rest_ticks(r, a);
	else if (!strcmp(r->path, "/v1/ticker"))
		rest_tickers(r, a);
	else
		rest_error(a, 404, "\"not_found\"", "no such path");
}

unsigned bithumb_rest_group(const struct request *r, const char **name, uint64_t *cost)
{
	(void)r;
	*name = "public";
	*cost = 1;
	return 0;
}

void bithumb_rest_headers(struct answer *a, const struct limit_state *l)
{
	char lines[256];
	uint64_t left = l->used < l->limit ? l->limit - l->used : 0;

	snprintf(lines, sizeof lines, "x-ratelimit-remaining: %llu\r\nx-ratelimit-burst-capacity: %llu\r\nx-ratelimit-replenish-rate: %llu\r\n",
		 (unsigned long long)left, (unsigned long long)l->limit, (unsigned long long)l->limit);
	buf_add_text(&a->headers, lines);
}

void bithumb_refusal(struct answer *a, int status, const char *words)
{
	rest_error(a, status, status == 429 || status == 418 ? "\"too_many_requests\"" : status == 404 ? "\"not_found\"" : "\"refused\"", words);
}
