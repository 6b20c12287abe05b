#include "query/words.h"

#include "schema/base/market_name.h"

#include <string.h>
#include <unistd.h>

struct known {
	const char *words; /* blank before and behind each */
	const char *meant;
};

static const struct known commands[] = {
	{ " candles candle klines kline bars ohlcv ", "ohlc" },
	{ " tail follow stream ", "trades -f" },
	{ " history ticks ", "trades" },
	{ " ls list symbols pairs instruments ", "markets" },
	{ " quote now ", "price" },
	{ " csv dump download save ", "export" },
	{ " gap hole holes missing outages ", "gaps" },
	{ " check fsck validate test prove ", "verify" },
	{ " health ps alive ping ", "status" },
	{ " top live monitor ", "watch" },
	{ " plot graph draw ", "chart" },
	{ " summary morning ", "report" },
	{ " copy snapshot clone ", "backup" },
	{ " migrate ", "upgrade" },
	{ " alert notify until ", "wait" },
	{ " version ", "--version" },
	{ " record run start daemon ", "tapedeckd, which records" },
};

/* What tapedeck does not do: to name what only looks alike would mislead. */
static const struct known absent[] = {
	{ " prune purge delete trim serve server api ", " yet" },
};

static const char *known_as(const struct known *rows, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (word_among(rows[i].words, word))
			return rows[i].meant;
	return NULL;
}

const char *command_meant(const char *wrong, const char *const *names, size_t count)
{
	const char *meant = known_as(commands, sizeof commands / sizeof *commands, wrong);
	size_t near = meant ? count : nearest_word(wrong, names, count);
	return near < count ? names[near] : meant;
}

const char *command_absent(const char *word)
{
	return known_as(absent, sizeof absent / sizeof *absent, word);
}

const char *quote_hint(const char *word)
{
	return access(word, F_OK) == 0 ? "; it is a file's name, so a pattern may have met the shell: quote patterns, as in 'upbit:KRW-*'" : "";
}

const char *plural(long long n)
{
	return n == 1 ? "" : "s";
}
