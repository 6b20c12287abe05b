#include "recorder/config.h"

#include "recorder/clock.h"
#include "schema/base/timefmt.h"
#include "schema/base/when.h"

#include <getopt.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum option_key { OPT_DB, OPT_WS_URL, OPT_REST_URL, OPT_CA_FILE, OPT_BATCH_ROWS, OPT_BATCH_MS, OPT_QUEUE_ROWS, OPT_SYNC,
	          OPT_FOR, OPT_FILL_LIMIT, OPT_BACKFILL_SINCE, OPT_RENEW_AFTER, OPT_AUDIT, OPT_CHECK_CONFIG, OPT_HELP, OPT_VERSION };

/* One row an option: it parses the command line and prints -h. */
static const struct option_row {
	const char *name, *value, *help;
	char letter;
} rows[] = {
	[OPT_DB] = { "db", "FILE", "the tape (else $TAPEDECK_DB, else ~/.local/share/tapedeck/tape.db)", 'd' },
	[OPT_WS_URL] = { "ws-url", "EXCHANGE=URL", "another socket address for that exchange (wss://)", 0 },
	[OPT_REST_URL] = { "rest-url", "EXCHANGE=URL", "another REST address for that exchange (https://)", 0 },
	[OPT_CA_FILE] = { "ca-file", "FILE", "PEM file of CAs to trust instead of the system's", 0 },
	[OPT_BATCH_ROWS] = { "batch-rows", "N", "commit at N trades (5000)", 0 },
	[OPT_BATCH_MS] = { "batch-ms", "N", "or N ms after the first, whichever is first (200)", 0 },
	[OPT_QUEUE_ROWS] = { "queue-rows", "N", "trades held between network and disk (50000)", 0 },
	[OPT_SYNC] = { "sync", "full|normal", "SQLite's synchronous setting (full)", 0 },
	[OPT_FOR] = { "for", "DURATION", "stop by itself after 90s, 10m, 8h", 0 },
	[OPT_FILL_LIMIT] = { "fill-limit", "DURATION", "gaps older than this are not filled by REST (72h); 0s: none is", 0 },
	[OPT_BACKFILL_SINCE] = { "backfill-since", "T", "fetch what was traded since then, too: 2026-11-22, -8h", 0 },
	[OPT_RENEW_AFTER] = { "renew-after", "DURATION", "replace each connection at that age (Binance: 23h30m)", 0 },
	[OPT_AUDIT] = { "audit", "off|DURATION", "how often the exchange's own totals are asked for as a witness (5m)", 0 },
	[OPT_CHECK_CONFIG] = { "check-config", NULL, "say what would be recorded, or what is wrong, and stop", 0 },
	[OPT_HELP] = { "help", NULL, "this", 'h' },
	[OPT_VERSION] = { "version", NULL, "the version", 0 },
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

static void print_help(void)
{
	puts("Usage: tapedeckd [OPTION...] MARKET...\n"
	     "Records the trades of each MARKET (EXCHANGE:SYMBOL, or a pattern such as 'upbit:KRW-*') into the tape,\n"
	     "and the tickers of each MARKET@ticker (bithumb-legacy: @ticker:30M, 1H, 12H, 24H or MID).\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char left[64];
		snprintf(left, sizeof left, "--%s%s%s", rows[i].name, rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
		if (rows[i].letter)
			printf("  -%c, %-26s %s\n", rows[i].letter, left, rows[i].help);
		else
			printf("      %-26s %s\n", left, rows[i].help);
	}
	printf("\nExchanges:");
	for (const struct exchange *const *e = exchanges; *e; e++)
		printf(" %s", (*e)->name);
	puts("\nRuns in the foreground and logs to stderr; stop it with SIGTERM or Ctrl-C.  Read the tape with tapedeck.");
}

static bool take_int(const char *name, const char *text, int64_t min, int64_t max, int64_t *value, struct err *err)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || n < min || n > max)
		return err_set(err, "--%s takes a whole number from %lld to %lld, not '%s'", name, (long long)min, (long long)max,
		               text);
	*value = n;
	return true;
}

static bool take_duration(const char *name, const char *text, int64_t min_us, int64_t *us, struct err *err)
{
	if (range_span(text, us) && *us >= min_us)
		return true;
	return err_set(err, "--%s takes a duration such as 90s, 10m or 8h, not '%s'", name, text);
}

const char *market_word_hint(const char *word)
{
	return access(word, F_OK) == 0 ? "; a file here has that name: quote patterns, as in 'upbit:KRW-*'" : "";
}

static bool unknown_exchange(const char *name, const char *hint, struct err *err)
{
	char known[160] = "";
	for (const struct exchange *const *e = exchanges; *e; e++)
		snprintf(known + strlen(known), sizeof known - strlen(known), " %s", (*e)->name);
	return err_set(err, "'%s' is no exchange that tapedeckd knows; it knows:%s%s", name, known, hint);
}

/* EXCHANGE=URL, into one of the two address columns. */
struct url_option {
	const struct exchange *exchange;
	const char *url;
	enum option_key key;
};

static bool take_url_option(const struct url_option *first, struct url_option *option, enum option_key key,
                            const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	char name[EXCHANGE_NAME_SIZE];
	if (!equals)
		return err_set(err, "--%s takes EXCHANGE=URL, not '%s'", rows[key].name, text);
	snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
	for (const struct url_option *o = first; o < option; o++)
		if (o->key == key && o->exchange == exchange_find(name))
			return err_set(err, "--%s is given twice for %s", rows[key].name, name);
	*option = (struct url_option){ .exchange = exchange_find(name), .url = equals + 1, .key = key };
	return option->exchange || unknown_exchange(name, "", err);
}

static void add_address(struct config *config, const struct exchange *exchange)
{
	for (size_t i = 0; i < config->address_count; i++)
		if (config->addresses[i].exchange == exchange)
			return;
	config->addresses[config->address_count++].exchange = exchange;
}

static const struct option_row *nearest_option(const char *word)
{
	const char *names[ROW_COUNT];
	size_t best;
	for (size_t i = 0; i < ROW_COUNT; i++)
		names[i] = rows[i].name;
	return nearest_names(word, names, ROW_COUNT, &best, 1) > 0 ? &rows[best] : NULL;
}

static bool no_market(const char *word, struct err *err)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (strcmp(rows[i].name, word) == 0)
			return err_set(err, "'%s' is no market; is the option --%s meant?", word, word);
	return err_set(err, "'%s' is no market; write EXCHANGE:SYMBOL, for example upbit:KRW-BTC%s", word, market_word_hint(word));
}

/* `word` as it was written, dashes included. */
static bool no_option(const char *word, struct err *err)
{
	char name[64];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word + strspn(word, "-"), "="), word + strspn(word, "-"));
	if (strcmp(name, "daemon") == 0 || strcmp(name, "background") == 0)
		return err_set(err, "there is no option %s: tapedeckd stays in the foreground; a service manager, or & behind the command, runs it in the background",
		               word);
	const struct option_row *near = strcasecmp(name, "v") == 0 ? &rows[OPT_VERSION] : strlen(name) > 1 ? nearest_option(name) : NULL;
	return near ? err_set(err, "there is no option %s; is --%s meant?", word, near->name) : err_set(err, "there is no option %s", word);
}

static bool take_markets(struct config *config, char *const *names, size_t count, struct err *err)
{
	if (count == 0)
		return err_set(err, "no market is named; for example: tapedeckd upbit:KRW-BTC upbit:KRW-ETH");
	for (size_t i = 0; i < count; i++) {
		char exchange_name[EXCHANGE_NAME_SIZE], symbol[SYMBOL_SIZE];
		if (!market_name_split(names[i], exchange_name, symbol))
			return no_market(names[i], err);
		const struct exchange *exchange = exchange_find(exchange_name);
		if (!exchange)
			return unknown_exchange(exchange_name, market_word_hint(names[i]), err);
		if (strchr(symbol, ','))
			return err_set(err, "'%s' holds a comma; separate markets by blanks: %.*s %s:...", names[i], (int)strcspn(names[i], ","), names[i],
			               exchange_name);
		if (strpbrk(symbol, "\"\\"))
			return err_set(err, "'%s' holds a character that no symbol has", names[i]);
		add_address(config, exchange);
	}
	config->wanted = names;
	config->wanted_count = count;
	return true;
}

static bool take_addresses(struct config *config, const struct url_option *options, size_t count, struct err *err)
{
	for (size_t k = 0; k < count; k++) { /* one for an exchange that is not recorded, too: the next line may record it */
		struct url url;
		if (!url_parse(&url, options[k].url, options[k].key == OPT_WS_URL ? "wss" : "https", err))
			return err_wrap(err, "--%s %s", rows[options[k].key].name, options[k].exchange->name);
	}
	for (size_t i = 0; i < config->address_count; i++) {
		struct exchange_address *address = &config->addresses[i];
		const char *ws = address->exchange->ws_url, *rest = address->exchange->rest_url;
		for (size_t k = 0; k < count; k++) {
			if (options[k].exchange == address->exchange)
				*(options[k].key == OPT_WS_URL ? &ws : &rest) = options[k].url;
		}
		if (!url_parse(&address->ws, ws, "wss", err) || !url_parse(&address->rest, rest, "https", err))
			return err_wrap(err, "%s", address->exchange->name);
	}
	return true;
}

/* libwebsockets goes on without a CA file that it cannot use, and would then trust nobody. */
static bool check_ca_file(const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return err_set(err, "--ca-file %s: %m", path);
	X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	bool ok = certificate != NULL;
	X509_free(certificate);
	return ok || err_set(err, "--ca-file %s holds no certificate in PEM form", path);
}

enum config_result config_read(struct config *config, int argc, char **argv, struct err *err)
{
	*config = (struct config){ .batch_rows = 5000, .batch_us = 200000, .queue_rows = 50000, .sync = TAPE_SYNC_FULL,
		                   .fill_limit_us = 72 * 60 * US_PER_MINUTE, .backfill_since_us = INT64_MAX, .audit_us = 5 * US_PER_MINUTE };
	struct option options[ROW_COUNT + 1] = { { 0 } };
	for (size_t i = 0; i < ROW_COUNT; i++)
		options[i] = (struct option){ rows[i].name, rows[i].value ? required_argument : no_argument, NULL, (int)i };
	struct url_option urls[2 * EXCHANGES_MAX];
	size_t url_count = 0;

	bool ok = true;
	opterr = 0;
	for (int key; ok && (key = getopt_long(argc, argv, ":d:h", options, NULL)) != -1;) {
		switch (key) {
		case OPT_DB:
		case 'd':
			free(config->db);
			config->db = strdup(optarg);
			ok = config->db ? *optarg || err_set(err, "--db names no file") : err_set(err, "out of memory");
			break;
		case OPT_WS_URL:
		case OPT_REST_URL:
			ok = (url_count < sizeof urls / sizeof *urls || err_set(err, "too many addresses")) &&
			     take_url_option(urls, &urls[url_count], (enum option_key)key, optarg, err);
			url_count += ok;
			break;
		case OPT_CA_FILE:
			config->ca_file = optarg;
			ok = check_ca_file(optarg, err);
			break;
		case OPT_BATCH_ROWS:
			ok = take_int("batch-rows", optarg, 1, 1000000, &config->batch_rows, err);
			break;
		case OPT_BATCH_MS:
			ok = take_int("batch-ms", optarg, 1, 60000, &config->batch_us, err);
			config->batch_us *= 1000;
			break;
		case OPT_QUEUE_ROWS:
			ok = take_int("queue-rows", optarg, 1, 10000000, &config->queue_rows, err);
			break;
		case OPT_SYNC:
			config->sync = strcmp(optarg, "normal") == 0 ? TAPE_SYNC_NORMAL : TAPE_SYNC_FULL;
			ok = strcmp(optarg, "normal") == 0 || strcmp(optarg, "full") == 0 ||
			     err_set(err, "--sync takes full or normal, not '%s'", optarg);
			break;
		case OPT_FOR:
			ok = take_duration("for", optarg, 1, &config->for_us, err);
			break;
		case OPT_FILL_LIMIT:
			ok = take_duration("fill-limit", optarg, 0, &config->fill_limit_us, err);
			break;
		case OPT_BACKFILL_SINCE:
			ok = range_time(optarg, clock_wall_us(), &config->backfill_since_us, err) || err_wrap(err, "--backfill-since");
			break;
		case OPT_RENEW_AFTER:
			ok = take_duration("renew-after", optarg, 1, &config->renew_after_us, err);
			break;
		case OPT_AUDIT:
			config->audit_us = 0;
			ok = strcmp(optarg, "off") == 0 || (range_span(optarg, &config->audit_us) && config->audit_us >= US_PER_SECOND) ||
			     err_set(err, "--audit takes off, or a duration such as 5m, not '%s'", optarg);
			break;
		case OPT_CHECK_CONFIG:
			config->check_config = true;
			break;
		case OPT_HELP:
		case 'h':
			print_help();
			return CONFIG_DONE;
		case OPT_VERSION:
			puts("tapedeckd " TAPEDECK_VERSION);
			return CONFIG_DONE;
		case ':':
			ok = err_set(err, "%s wants a value", argv[optind - 1]);
			break;
		default:
			if (optopt > ' ' && optopt < 0x7f)
				ok = no_option((char[]){ '-', (char)optopt, '\0' }, err);
			else if (optopt > 0 && strchr(argv[optind - 1], '='))
				ok = err_set(err, "%s: that option takes no value", argv[optind - 1]);
			else
				ok = no_option(argv[optind - 1], err);
			break;
		}
	}
	ok = ok && take_markets(config, argv + optind, (size_t)(argc - optind), err) &&
	     take_addresses(config, urls, url_count, err);
	if (ok && !config->db) {
		config->db = tape_default_path(err);
		ok = config->db != NULL;
	}
	return ok ? CONFIG_GO : CONFIG_WRONG;
}

void config_release(struct config *config)
{
	free(config->on_tape);
	free(config->db);
}
