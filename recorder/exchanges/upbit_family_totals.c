/* Formats: docs.upbit.com/kr/reference (tickers), apidocs.bithumb.com (ticker), as of 2026-11.  Numbers are bare:
 *
 *   GET /v1/ticker?markets=KRW-BTC,KRW-ETH
 *   [{"market":"KRW-BTC","trade_date":"20250704","trade_time":"051400","trade_date_kst":"20250704","trade_time_kst":"141400",
 *     "trade_timestamp":1751606040365,"trade_price":148601000,"acc_trade_volume":212.38911576,"timestamp":1751606040403,...}]
 *
 * acc_trade_volume counts from 00:00 UTC at Upbit, from 00:00 KST at Bithumb.  Bithumb writes trade_timestamp and timestamp as if
 * Korean time were UTC, nine hours ahead (measured 2026-09-23), though its page says Unix time: trade_date_kst and
 * trade_time_kst tell which.  One market that does not exist spoils the whole answer, and Bithumb takes 200 of them at most. */
#include "recorder/exchanges/upbit_family_totals.h"

#include "recorder/exchanges/field.h"
#include "recorder/net/url.h"
#include "schema/base/market_name.h"

#include <stdio.h>
#include <string.h>

#define KST_US (9 * 60 * US_PER_MINUTE)
#define MARKETS_MAX 200

static void upbit_like_path(const char *const *symbols, bool *asked, size_t count, char path[static TOTALS_PATH_SIZE])
{
	size_t len = (size_t)snprintf(path, TOTALS_PATH_SIZE, "/v1/ticker?markets="), taken = 0;
	for (size_t i = 0; i < count; i++) {
		char encoded[3 * SYMBOL_SIZE];
		url_encode(encoded, sizeof encoded, symbols[i]);
		asked[i] = taken < MARKETS_MAX && len + strlen(encoded) + 1 < TOTALS_PATH_SIZE;
		if (!asked[i])
			continue;
		len += (size_t)snprintf(path + len, TOTALS_PATH_SIZE - len, "%s%s", taken > 0 ? "," : "", encoded);
		taken++;
	}
}

/* 20250704 and 141400, Korean time; to the second */
static const char *take_kst(const cJSON *row, int64_t *time_us)
{
	const char *date, *time, *reason;
	char text[40];
	if ((reason = field_text(row, "trade_date_kst", &date)) || (reason = field_text(row, "trade_time_kst", &time)))
		return reason;
	if (strlen(date) != 8 || strlen(time) != 6)
		return "no time";
	snprintf(text, sizeof text, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s+09:00", date, date + 4, date + 6, time, time + 2, time + 4);
	return time_parse(text, time_us) ? NULL : "no time";
}

static const char *take_row(const cJSON *row, struct market_total *total)
{
	const char *reason;
	int64_t second_us;
	*total = (struct market_total){ .said_us = INT64_MIN };
	if ((reason = field_text(row, "market", &total->symbol)) ||
	    (reason = field_decimal(row, "acc_trade_volume", BARE_NUMBER, &total->volume)) ||
	    (reason = field_time_ms(row, "trade_timestamp", &total->last_us)) || (reason = take_kst(row, &second_us)))
		return reason;
	if (total->last_us / US_PER_SECOND == (second_us + KST_US) / US_PER_SECOND)
		total->last_us -= KST_US;
	return total->last_us / US_PER_SECOND == second_us / US_PER_SECOND ? NULL : "two times of one trade";
}

static bool upbit_like_take(const char *path, struct totals_page *page)
{
	(void)path;
	const char *reason = NULL;
	cJSON *root = json_parse(page->buffer, page->body, page->len, &reason);
	const cJSON *error = json_member(root, "error");
	bool ok = cJSON_IsArray(root);
	page->bad_rows = 0;
	if (!root)
		snprintf(page->reason, sizeof page->reason, "%s", reason);
	else if (error)
		snprintf(page->reason, sizeof page->reason, "%.60s %.90s", json_any_text(error, "name"), json_any_text(error, "message"));
	else if (!ok)
		snprintf(page->reason, sizeof page->reason, "HTTP status %d, and no list of tickers", page->status);
	if (ok) {
		const cJSON *row;
		cJSON_ArrayForEach(row, root) {
			struct market_total total;
			if (take_row(row, &total))
				page->bad_rows++;
			else
				page->total(page->arg, &total);
		}
	}
	cJSON_Delete(root);
	return ok;
}

const struct totals_api upbit_totals = {
	.moment_us = US_PER_SECOND,
	.markets_max = MARKETS_MAX,
	.path = upbit_like_path,
	.take = upbit_like_take,
};

const struct totals_api bithumb_totals = {
	.day_offset_us = KST_US,
	.moment_us = US_PER_SECOND,
	.markets_max = MARKETS_MAX,
	.path = upbit_like_path,
	.take = upbit_like_take,
};
