#include "day.h"

#include <stdatomic.h>
#include <stdio.h>

#include "beside.h"
#include "clock.h"
#include "history.h"
#include "http.h"
#include "market.h"
#include "script.h"

#define WRONG_UNITS 12345678 /* 0.12345678 */

static atomic_llong doubles_until, refused_until;
static atomic_int refused_status;

void day_be_wrong(const struct fault *f)
{
	atomic_store(&market_at(f->market)->unkind.wrong_volume_until_us, clock_mono_us() + f->for_us);
}

void day_add_in_doubles(const struct fault *f)
{
	atomic_store(&doubles_until, clock_mono_us() + f->for_us);
}

void day_refuse(const struct fault *f)
{
	atomic_store(&refused_status, (int)f->count);
	atomic_store(&refused_until, clock_mono_us() + f->for_us);
}

int day_status(const char *path)
{
	return strstr(path, "/ticker") && script_until(&refused_until) ? atomic_load(&refused_status) : 0;
}

static int64_t day_begins_ms(int64_t offset_ms)
{
	return (clock_wall_us() / 1000 + offset_ms) / DAY_MS * DAY_MS - offset_ms;
}

static char *put_sum(char *d, size_t market, const struct history_sum *sum)
{
	int64_t wrong = script_until(&market_at(market)->unkind.wrong_volume_until_us) ? WRONG_UNITS : 0;

	if (script_until(&doubles_until))
		return d + sprintf(d, "%.17g", sum->floating + (double)wrong / 1e8);
	return put_dec(d, (struct dec){ sum->units + wrong, 8 }, SPELL_PLAIN);
}

char *day_put_volume(char *d, size_t market, int64_t offset_ms)
{
	struct history_sum sum = history_since(market, day_begins_ms(offset_ms));

	return put_sum(d, market, &sum);
}

static char *put_digits(char *d, const char *name, char *(*put)(char *d, int64_t time_ms), int64_t time_ms)
{
	*d++ = '"';
	d = put_text(d, name);
	d = put_lit(d, "\":\"");
	d = put(d, time_ms);
	return put_lit(d, "\",");
}

static void put_ticker(struct answer *a, size_t market, int64_t day_ms, int64_t ahead_ms)
{
	struct history_sum sum = history_since(market, day_begins_ms(day_ms));
	const struct trade *t = sum.last == UINT64_MAX ? NULL : market_trade(sum.last);
	char *start = buf_room(&a->body, 1024), *d = start;

	if (!t)
		return; /* it never traded */
	d = put_text(d, a->body.len > 1 ? ",{\"market\":\"" : "{\"market\":\"");
	d = put_text(d, market_at(market)->symbol);
	d = put_lit(d, "\",");
	d = put_digits(d, "trade_date", put_date_digits, trade_ms(t));
	d = put_digits(d, "trade_time", put_time_digits, trade_ms(t));
	d = put_digits(d, "trade_date_kst", put_date_digits, trade_ms(t) + KST_MS);
	d = put_digits(d, "trade_time_kst", put_time_digits, trade_ms(t) + KST_MS);
	d = put_lit(d, "\"trade_timestamp\":");
	d = put_i64(d, trade_ms(t) + ahead_ms);
	d = put_lit(d, ",\"trade_price\":");
	d = put_dec(d, trade_price(t), SPELL_JAVA);
	d = put_lit(d, ",\"trade_volume\":");
	d = put_dec(d, trade_size(t), SPELL_JAVA);
	d = put_lit(d, ",\"acc_trade_volume\":");
	d = put_sum(d, market, &sum);
	d = put_lit(d, ",\"timestamp\":");
	d = put_i64(d, trade_ms(t) + ahead_ms);
	*d++ = '}';
	a->body.len += (size_t)(d - start);
}

bool day_put_tickers(const struct request *r, struct answer *a, int64_t day_ms, int64_t ahead_ms)
{
	char names[8192] = "";
	size_t market;

	if (!request_parameter(r, "markets", names, sizeof names))
		return false;
	buf_add_text(&a->body, "[");
	for (char *name = names; *name; name += strspn(name, ",")) {
		size_t len = strcspn(name, ",");

		if (!market_find(name, len, &market)) {
			a->body.len = 0;
			return false;
		}
		put_ticker(a, market, day_ms, ahead_ms);
		name += len;
	}
	buf_add_text(&a->body, "]");
	return true;
}
