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
	{ " version ", "--version" },
	{ " record run start daemon ", "tapedeckd, which records" },
};

/* What tapedeck does not do: to name what only looks alike would mislead. */
static const struct known absent[] = {
	{ " backup copy snapshot clone ", "; copy a tape, while it is recorded, too, with: sqlite3 TAPE \"VACUUM INTO 'COPY'\"" },
	{ " prune purge delete trim wait serve server api ", " yet" },
};

static const struct known options[] = {
	{ " from start after begin ", "since" },
	{ " to end before ", "until" },
	{ " limit count lines tail head last num ", "rows" },
	{ " out file ", "output" },
	{ " timeframe resolution period ", "interval" },
	{ " database tape ", "db" },
	{ " jsonl ndjsonl ", "ndjson" },
	{ " stale age ", "max-age" },
	{ " complete strict ", "require-complete" },
	{ " live watch ", "follow" },
	{ " v V ", "version" },
	{ " ? H ", "help" },
	{ " format ", "csv, --json, --ndjson, --tsv or --table" },
};

static const char *known_as(const struct known *rows, size_t count, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i < count; i++)
		for (const char *at = rows[i].words; len > 0 && (at = strstr(at, word)) != NULL; at++)
			if (at[-1] == ' ' && at[len] == ' ')
				return rows[i].meant;
	return NULL;
}

/* Of short words nearly all are near each other: one slip in four letters, or a beginning. */
static const char *nearest(const char *wrong, const char *const *names, size_t count)
{
	size_t len = strlen(wrong), best = 1 + len / 4;
	const char *meant = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d = name_distance(wrong, names[i]);
		if (len >= 3 && strncmp(wrong, names[i], len) == 0)
			d = 1;
		if (len > 1 && (meant ? d < best : d <= best)) {
			best = d;
			meant = names[i];
		}
	}
	return meant;
}

const char *command_meant(const char *wrong, const char *const *names, size_t count)
{
	const char *meant = strchr(wrong, ' ') ? NULL : known_as(commands, sizeof commands / sizeof *commands, wrong);
	return meant ? meant : nearest(wrong, names, count);
}

const char *command_absent(const char *word)
{
	return strchr(word, ' ') ? NULL : known_as(absent, sizeof absent / sizeof *absent, word);
}

const char *option_meant(const char *wrong, const char *const *names, size_t count)
{
	const char *meant = strchr(wrong, ' ') ? NULL : known_as(options, sizeof options / sizeof *options, wrong);
	return meant ? meant : nearest(wrong, names, count);
}

const char *quote_hint(const char *word)
{
	return access(word, F_OK) == 0 ? "; it is a file's name, so a pattern may have met the shell: quote patterns, as in 'upbit:KRW-*'" : "";
}

const char *plural(long long n)
{
	return n == 1 ? "" : "s";
}
