/* Formats: apidocs v1.2.0, the page on the tickers of all assets.
 *
 *   GET /public/ticker/ALL_KRW
 *   {"status":"0000","data":{"BTC":{"opening_price":"155246000","units_traded":"85.6424264",...},"date":"1738091114547"}}
 *
 * units_traded counts from 00:00 KST.  The time of the last trade is not told; `date` is that of the answer. */
#include "recorder/exchanges/bithumb_legacy_totals.h"

#include "recorder/exchanges/field.h"
#include "schema/base/market_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KST_US (9 * 60 * US_PER_MINUTE)

/* The quote asset with its mark: _KRW.  Those of the first symbol's are asked for. */
static void legacy_path(const char *const *symbols, bool *asked, size_t count, char path[static TOTALS_PATH_SIZE])
{
	const char *first = strrchr(symbols[0], '_');
	snprintf(path, TOTALS_PATH_SIZE, "/public/ticker/ALL%.*s", SYMBOL_SIZE, first ? first : "_KRW");
	for (size_t i = 0; i < count; i++) {
		const char *quote = strrchr(symbols[i], '_');
		asked[i] = i == 0 || (first && quote && strcmp(first, quote) == 0);
	}
}

static const char *take_date(const cJSON *data, int64_t *time_us)
{
	const char *text, *reason = field_text(data, "date", &text);
	char *end;
	if (reason)
		return reason;
	long long ms = strtoll(text, &end, 10);
	if (*end || ms <= 0 || ms > TIME_US_MAX / 1000)
		return "no time";
	*time_us = ms * 1000;
	return NULL;
}

static bool legacy_take(const char *path, struct totals_page *page)
{
	const char *reason = NULL, *quote = strrchr(path, '_');
	cJSON *root = json_parse(page->buffer, page->body, page->len, &reason);
	const char *status = json_string(root, "status");
	const cJSON *data = json_member(root, "data");
	int64_t said_us = INT64_MIN;
	reason = root ? NULL : reason;
	bool ok = quote && status && strcmp(status, "0000") == 0 && cJSON_IsObject(data) && !(reason = take_date(data, &said_us));
	page->bad_rows = 0;
	if (!ok)
		snprintf(page->reason, sizeof page->reason, "%s %.90s", reason ? reason : status ? status : "no tickers", json_any_text(root, "message"));
	if (ok) {
		const cJSON *row;
		cJSON_ArrayForEach(row, data) {
			char symbol[SYMBOL_SIZE];
			struct market_total total = { .symbol = symbol, .last_us = INT64_MIN, .said_us = said_us };
			if (!cJSON_IsObject(row))
				continue;
			if (snprintf(symbol, sizeof symbol, "%s%s", row->string, quote) >= SYMBOL_SIZE ||
			    field_decimal(row, "units_traded", QUOTED_NUMBER, &total.volume))
				page->bad_rows++;
			else
				page->total(page->arg, &total);
		}
	}
	cJSON_Delete(root);
	return ok;
}

const struct totals_api bithumb_legacy_totals = {
	.day_offset_us = KST_US,
	.moment_us = 10 * US_PER_SECOND, /* an answer may come out of a cache */
	.markets_max = SIZE_MAX,
	.path = legacy_path,
	.take = legacy_take,
};
