#include "schema/base/option_table.h"

#include "schema/base/market_name.h"
#include "schema/base/when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 28
#define NUMBER_MAX (INT64_MAX - 1)

const struct option_row option_table[OPTION_COUNT] = {
	[OPTION_DB] = { .name = "db", .letter = 'd', .type = OPTION_TEXT, .programs = OPTION_OF_BOTH, .everywhere = true, .value = "FILE",
	                .also = " database tape ",
	                .help = "the tape; else $TAPEDECK_DB, else\n$XDG_DATA_HOME/tapedeck/tape.db (~/.local/share/...)" },

	[OPTION_CONFIG] = { .name = "config", .letter = 'c', .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECKD, .value = "FILE",
	                    .also = " conf settings ",
	                    .help = "settings from FILE, each option a key: sync = normal; market = ...\n"
	                            "as often as needed.  What the command line says goes first" },
	[OPTION_WS_URL] = { .name = "ws-url", .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECKD, .value = "EXCHANGE=URL",
	                    .help = "another socket address for that exchange (wss://): a regional\nhost, a proxy" },
	[OPTION_REST_URL] = { .name = "rest-url", .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECKD, .value = "EXCHANGE=URL",
	                      .help = "another REST address for that exchange (https://)" },
	[OPTION_CA_FILE] = { .name = "ca-file", .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECKD, .value = "FILE",
	                     .help = "PEM file of CAs to trust instead of the system's; certificates\nand host names are always checked" },
	[OPTION_BATCH_ROWS] = { .name = "batch-rows", .type = OPTION_NUMBER, .programs = OPTION_OF_TAPEDECKD, .value = "N", .unit = "trades",
	                        .initial = "5000", .min = 1, .max = 1000000, .help = "commit at N trades" },
	[OPTION_BATCH_MS] = { .name = "batch-ms", .type = OPTION_NUMBER, .programs = OPTION_OF_TAPEDECKD, .value = "N", .unit = "ms",
	                      .initial = "200", .min = 1, .max = 60000, .help = "or N ms after the first, whichever is first" },
	[OPTION_QUEUE_ROWS] = { .name = "queue-rows", .type = OPTION_NUMBER, .programs = OPTION_OF_TAPEDECKD, .value = "N", .unit = "trades",
	                        .initial = "50000", .min = 1, .max = 10000000,
	                        .help = "trades held between network and disk, an equal share for each\nexchange; who fills its own is throttled, the others are not" },
	[OPTION_SYNC] = { .name = "sync", .type = OPTION_CHOICE, .programs = OPTION_OF_TAPEDECKD, .value = "full|normal", .initial = "full",
	                  .choices = "full|normal", .help = "normal spares the disk, and a power cut may then cost the last\nseconds" },
	[OPTION_FOR] = { .name = "for", .type = OPTION_DURATION, .programs = OPTION_OF_TAPEDECKD, .value = "DURATION", .min = 1,
	                 .help = "stop by itself after 90s, 10m, 8h" },
	[OPTION_FILL_LIMIT] = { .name = "fill-limit", .type = OPTION_DURATION, .programs = OPTION_OF_TAPEDECKD, .value = "DURATION",
	                        .initial = "72h", .help = "gaps older than this are not filled by REST; 0s: none is" },
	[OPTION_BACKFILL_SINCE] = { .name = "backfill-since", .type = OPTION_TIME, .programs = OPTION_OF_TAPEDECKD, .value = "T",
	                            .help = "also fetch what was traded since then: 2026-11-22, -8h, as far\n"
	                                    "back as the exchange's REST goes; asked for once" },
	[OPTION_RENEW_AFTER] = { .name = "renew-after", .type = OPTION_DURATION, .programs = OPTION_OF_TAPEDECKD, .value = "DURATION", .min = 1,
	                         .help = "replace each connection at that age, without a break (Binance:\n23h30m, others: never)" },
	[OPTION_AUDIT] = { .name = "audit", .type = OPTION_DURATION, .programs = OPTION_OF_TAPEDECKD, .value = "off|DURATION", .initial = "5m",
	                   .min = 1000000, .off = true,
	                   .help = "how often the exchange is asked as a witness: for its own totals, or\n(Binance, whose ids prove) for more of what is quiet" },
	[OPTION_LOG_FORMAT] = { .name = "log-format", .type = OPTION_CHOICE, .programs = OPTION_OF_TAPEDECKD, .value = "FORM",
	                        .initial = "auto", .choices = "auto|short|logfmt|journal", .also = " log logging ",
	                        .help = "short for people (at a terminal), logfmt for machines, or journal:\nlogfmt with journald's priorities (under systemd)" },
	[OPTION_SAMPLE_CONFIG] = { .name = "sample-config", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECKD,
	                           .help = "print a file of settings for --config with all of them, and stop" },
	[OPTION_CHECK_CONFIG] = { .name = "check-config", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECKD,
	                          .help = "say what would be recorded, or what is wrong, and stop" },

	[OPTION_ROWS] = { .name = "rows", .letter = 'n', .type = OPTION_NUMBER, .programs = OPTION_OF_TAPEDECK, .value = "N", .unit = "rows",
	                  .max = NUMBER_MAX, .also = " limit count lines tail head last num ", .help = "the newest N only" },
	[OPTION_SINCE] = { .name = "since", .type = OPTION_TIME, .programs = OPTION_OF_TAPEDECK, .value = "T", .also = " from start after begin ",
	                   .help = "from T on: RFC 3339 (UTC without a zone), a date, 09:00, now, today,\n"
	                           "yesterday, monday, -8h or -90m before now, an epoch in s, ms or us" },
	[OPTION_UNTIL] = { .name = "until", .type = OPTION_TIME, .programs = OPTION_OF_TAPEDECK, .value = "T", .also = " to end before ",
	                   .help = "up to T, which is not in it" },
	[OPTION_FOLLOW] = { .name = "follow", .letter = 'f', .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK, .also = " live watch ",
	                    .help = "go on: print trades as they are recorded, up to 3 days late (last: each\nnew last one)" },
	[OPTION_INTERVAL] = { .name = "interval", .letter = 'i', .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECK, .value = "I",
	                      .also = " timeframe resolution period ",
	                      .help = "a number and s, m, h, d, w (from Monday) or M (a month): 10s, 5m, 1d;\n"
	                              "candles begin at its multiples" },
	[OPTION_OFFSET] = { .name = "offset", .type = OPTION_DURATION, .programs = OPTION_OF_TAPEDECK, .value = "SPAN",
	                    .help = "candles begin so much later than at the multiples of their interval" },
	[OPTION_FILL] = { .name = "fill", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK, .also = " ffill fill-gaps ",
	                  .help = "an interval without a trade has a row, too: the last close, volume 0,\n"
	                          "from the first trade on, up to --until (not beyond now) or the last candle" },
	[OPTION_OUTPUT] = { .name = "output", .letter = 'o', .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECK, .value = "FILE",
	                    .also = " out file ",
	                    .help = "write to FILE, which appears when it is whole; its ending .csv, .tsv, .json\n"
	                            "or .ndjson is its form, if none is asked for; .gz or .zst behind that packs it" },
	[OPTION_MAX_AGE] = { .name = "max-age", .type = OPTION_DURATION, .programs = OPTION_OF_TAPEDECK, .value = "SPAN", .also = " age ",
	                     .help = "exit with 4 if the last trade of a market is older: 10s, 5m, 1h\n"
	                             "(status: or the recorder's last sign of life).  A trade is as old as\n"
	                             "its own time says, at least as its receipt; more than a minute ahead\n"
	                             "of this clock is stale, too.  A market that is no longer recorded\n"
	                             "counts only where it is named" },
	[OPTION_REQUIRE_COMPLETE] = { .name = "require-complete", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK,
	                              .also = " complete strict ", .help = "exit with 4 if the recording has a gap in what was asked" },
	[OPTION_ONCE] = { .name = "once", .letter = '1', .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK,
	                  .help = "print one frame as plain text and end; needs no terminal" },
	[OPTION_ASCII] = { .name = "ascii", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK,
	                   .help = "draw with plain ASCII, as where the locale is not UTF-8" },
	[OPTION_SVG] = { .name = "svg", .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECK, .value = "FILE",
	                 .help = "write the chart to FILE as one picture" },
	[OPTION_HTML] = { .name = "html", .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECK, .value = "FILE",
	                  .help = "or as a page for a browser, which needs nothing else" },
	[OPTION_KEEP] = { .name = "keep", .type = OPTION_NUMBER, .programs = OPTION_OF_TAPEDECK, .value = "N", .unit = "copies", .min = 1,
	                  .max = 100000, .help = "of the dated copies of that name in the folder the newest N stay" },
	[OPTION_GAP] = { .name = "gap", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK, .alias = "hole", .also = " outage ",
	                 .help = "until a gap is open, or one is written down" },
	[OPTION_STALE] = { .name = "stale", .type = OPTION_DURATION, .programs = OPTION_OF_TAPEDECK, .value = "SPAN", .min = 1,
	                   .help = "until a market has no trade for so long: 2m; or the recorder is\nnot alive" },
	[OPTION_PROMETHEUS] = { .name = "prometheus", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK, .also = " metrics openmetrics ",
	                        .help = "as Prometheus reads it, for node_exporter's textfile folder; markets\nthat are named have lines of their own" },
	[OPTION_TABLE] = { .name = "table", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK,
	                   .help = "columns for the eye (at a terminal)" },
	[OPTION_TSV] = { .name = "tsv", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK,
	                 .help = "tab-separated, without a header (when piped)" },
	[OPTION_CSV] = { .name = "csv", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK, .help = "comma-separated, with a header" },
	[OPTION_JSON] = { .name = "json", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK,
	                  .help = "one array of objects; decimals and ids are strings" },
	[OPTION_NDJSON] = { .name = "ndjson", .type = OPTION_FLAG, .programs = OPTION_OF_TAPEDECK, .also = " jsonl ndjsonl ",
	                    .help = "one object a line" },
	[OPTION_TIME_FORMAT] = { .name = "time-format", .type = OPTION_CHOICE, .programs = OPTION_OF_TAPEDECK, .value = "FORM",
	                         .choices = "rfc3339|s|ms|us", .help = "rfc3339, or integers: s, ms, us" },
	[OPTION_TZ] = { .name = "tz", .type = OPTION_TEXT, .programs = OPTION_OF_TAPEDECK, .everywhere = true, .value = "ZONE",
	                .also = " timezone zone time-zone ",
	                .help = "times are read and printed as clocks show them there, and days, weeks\n"
	                        "and months begin there: Asia/Seoul, +09:00, local; else UTC" },

	[OPTION_HELP] = { .name = "help", .letter = 'h', .type = OPTION_FLAG, .programs = OPTION_OF_BOTH, .everywhere = true, .also = " ? H ",
	                  .help = "this text; after a command of tapedeck, that command's" },
	[OPTION_VERSION] = { .name = "version", .type = OPTION_FLAG, .programs = OPTION_OF_BOTH, .everywhere = true, .also = " v V ",
	                     .help = "print the version" },
};

static bool is_of(enum option_id id, enum option_program program)
{
	return (option_table[id].programs & program) != 0;
}

static bool is_name(const char *own, const char *name, size_t len)
{
	return own && strlen(own) == len && strncmp(own, name, len) == 0;
}

enum option_id option_by_name(enum option_program program, const char *name, size_t len)
{
	enum option_id id = 0;
	while (id < OPTION_COUNT && !(is_of(id, program) && (is_name(option_table[id].name, name, len) || is_name(option_table[id].alias, name, len))))
		id++;
	return id;
}

enum option_id option_by_letter(enum option_program program, char letter)
{
	enum option_id id = 0;
	while (id < OPTION_COUNT && !(is_of(id, program) && option_table[id].letter == letter))
		id++;
	return id;
}

enum option_id option_meant(enum option_program program, const char *word)
{
	const char *names[OPTION_COUNT];
	enum option_id ids[OPTION_COUNT];
	size_t count = 0;
	word += strspn(word, "-");
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		if (!is_of(id, program))
			continue;
		if (word_among(option_table[id].also, word))
			return id;
		names[count] = option_table[id].name;
		ids[count++] = id;
	}
	size_t best = nearest_word(word, names, count);
	return best < count ? ids[best] : OPTION_COUNT;
}

static bool take_number(const struct option_row *row, const char *text, int64_t *value, struct err *err)
{
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	bool whole = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
	if (whole && n >= row->min && n <= row->max) {
		*value = n;
		return true;
	}
	if (row->max == NUMBER_MAX)
		return err_set(err, "--%s takes a whole number of %s, not '%s'", row->name, row->unit, text);
	return err_set(err, "--%s takes a whole number of %s from %lld to %lld, not '%s'", row->name, row->unit, (long long)row->min,
	               (long long)row->max, text);
}

static bool take_choice(const struct option_row *row, const char *text, int64_t *value, struct err *err)
{
	char known[128] = "";
	size_t used = 0, len = strlen(text);
	*value = 0;
	for (const char *choice = row->choices;; ++*value) {
		size_t choice_len = strcspn(choice, "|");
		if (choice_len == len && strncmp(choice, text, len) == 0)
			return true;
		bool last = choice[choice_len] == '\0';
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%.*s", used == 0 ? "" : last ? " or " : ", ", (int)choice_len, choice);
		if (last)
			return err_set(err, "--%s takes %s, not '%s'", row->name, known, text);
		choice += choice_len + 1;
	}
}

bool option_value(enum option_id id, const char *text, int64_t now_us, int64_t *value, struct err *err)
{
	const struct option_row *row = &option_table[id];
	switch (row->type) {
	case OPTION_NUMBER:
		return take_number(row, text, value, err);
	case OPTION_CHOICE:
		return take_choice(row, text, value, err);
	case OPTION_TIME:
		return range_time(text, now_us, value, err) || err_wrap(err, "--%s", row->name);
	case OPTION_DURATION:
		if (row->off && strcmp(text, "off") == 0) {
			*value = 0;
			return true;
		}
		if (range_span(text, value) && *value >= row->min)
			return true;
		return err_set(err, "--%s takes %sa span as 10s, 5m or 1h30m, not '%s'", row->name, row->off ? "off, or " : "", text);
	case OPTION_FLAG:
	case OPTION_TEXT:
		break;
	}
	abort(); /* these have no value of their own to read */
}

int64_t option_initial(enum option_id id)
{
	struct err err = { "" };
	int64_t value = 0;
	if (!option_value(id, option_table[id].initial, 0, &value, &err))
		abort();
	return value;
}

void option_help(FILE *to, enum option_id id)
{
	const struct option_row *row = &option_table[id];
	char left[40];
	snprintf(left, sizeof left, "%c%c%s--%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ', row->letter ? ", " : "  ",
	         row->name, row->value ? " " : "", row->value ? row->value : "");
	const char *line = row->help;
	for (const char *end; line; line = *end ? end + 1 : NULL) {
		end = line + strcspn(line, "\n");
		bool tells = *end == '\0' && row->initial;
		fprintf(to, "  %-*s %.*s%s%s%s\n", HELP_COLUMN, line == row->help ? left : "", (int)(end - line), line, tells ? " (" : "",
		        tells ? row->initial : "", tells ? ")" : "");
	}
}
