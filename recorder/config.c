#include "recorder/config.h"

#include "recorder/clock.h"
#include "schema/base/option_table.h"

#include <getopt.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_help(void)
{
	puts("Usage: tapedeckd [OPTION...] MARKET...\n"
	     "Records the trades of each MARKET (EXCHANGE:SYMBOL, or a pattern such as 'upbit:KRW-*') into the tape,\n"
	     "and the tickers of each MARKET@ticker (bithumb-legacy: @ticker:30M, 1H, 12H, 24H or MID).\n");
	for (enum option_id id = 0; id < OPTION_COUNT; id++)
		if (option_table[id].programs & OPTION_OF_TAPEDECKD)
			option_help(stdout, id);
	printf("\nExchanges:");
	for (const struct exchange *const *e = exchanges; *e; e++)
		printf(" %s", (*e)->name);
	puts("\nRuns in the foreground and logs to stderr; stop it with SIGTERM or Ctrl-C.  Read the tape with tapedeck.");
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
	enum option_id key;
};

static bool take_url_option(const struct url_option *first, struct url_option *option, enum option_id key,
                            const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	char name[EXCHANGE_NAME_SIZE];
	if (!equals)
		return err_set(err, "--%s takes EXCHANGE=URL, not '%s'", option_table[key].name, text);
	snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
	for (const struct url_option *o = first; o < option; o++)
		if (o->key == key && o->exchange == exchange_find(name))
			return err_set(err, "--%s is given twice for %s", option_table[key].name, name);
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

static bool no_market(const char *word, struct err *err)
{
	if (option_by_name(OPTION_OF_TAPEDECKD, word, strlen(word)) < OPTION_COUNT)
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
	enum option_id near = option_meant(OPTION_OF_TAPEDECKD, name);
	if (near == OPTION_COUNT)
		return err_set(err, "there is no option %s", word);
	return err_set(err, "there is no option %s; is --%s meant?", word, option_table[near].name);
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
		if (!url_parse(&url, options[k].url, options[k].key == OPTION_WS_URL ? "wss" : "https", err))
			return err_wrap(err, "--%s %s", option_table[options[k].key].name, options[k].exchange->name);
	}
	for (size_t i = 0; i < config->address_count; i++) {
		struct exchange_address *address = &config->addresses[i];
		const char *ws = address->exchange->ws_url, *rest = address->exchange->rest_url;
		for (size_t k = 0; k < count; k++) {
			if (options[k].exchange == address->exchange)
				*(options[k].key == OPTION_WS_URL ? &ws : &rest) = options[k].url;
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

/* What the command line has said so far, beside the config itself. */
struct taken {
	struct url_option urls[2 * EXCHANGES_MAX];
	size_t url_count;
};

static bool take_db(struct config *config, const char *text, struct err *err)
{
	free(config->db);
	config->db = strdup(text);
	if (!config->db)
		return err_set(err, "out of memory");
	return *text || err_set(err, "--db names no file");
}

/* A value that the table cannot read. */
static bool take_text(struct config *config, struct taken *taken, enum option_id id, const char *text, struct err *err)
{
	switch (id) {
	case OPTION_DB:
		return take_db(config, text, err);
	case OPTION_WS_URL:
	case OPTION_REST_URL:
		if (taken->url_count == sizeof taken->urls / sizeof *taken->urls)
			return err_set(err, "too many addresses");
		return take_url_option(taken->urls, &taken->urls[taken->url_count++], id, text, err);
	case OPTION_CA_FILE:
		config->ca_file = text;
		return check_ca_file(text, err);
	default:
		return false;
	}
}

/* A value that the table has read. */
static void take_value(struct config *config, enum option_id id, int64_t value)
{
	switch (id) {
	case OPTION_BATCH_ROWS:
		config->batch_rows = value;
		break;
	case OPTION_BATCH_MS:
		config->batch_us = value * 1000;
		break;
	case OPTION_QUEUE_ROWS:
		config->queue_rows = value;
		break;
	case OPTION_SYNC:
		config->sync = value == 0 ? TAPE_SYNC_FULL : TAPE_SYNC_NORMAL; /* in the order of its choices */
		break;
	case OPTION_FOR:
		config->for_us = value;
		break;
	case OPTION_FILL_LIMIT:
		config->fill_limit_us = value;
		break;
	case OPTION_BACKFILL_SINCE:
		config->backfill_since_us = value;
		break;
	case OPTION_RENEW_AFTER:
		config->renew_after_us = value;
		break;
	case OPTION_AUDIT:
		config->audit_us = value;
		break;
	default:
		break;
	}
}

/* One that takes a value. */
static bool take(struct config *config, struct taken *taken, enum option_id id, struct err *err)
{
	int64_t value;
	if (option_table[id].type == OPTION_TEXT)
		return take_text(config, taken, id, optarg, err);
	if (!option_value(id, optarg, clock_wall_us(), &value, err))
		return false;
	take_value(config, id, value);
	return true;
}

#define BEHIND_LETTERS 256

/* What getopt_long did not understand. */
static bool not_understood(const char *word, struct err *err)
{
	if (optopt >= BEHIND_LETTERS)
		return err_set(err, "%s: that option takes no value", word);
	return no_option(optopt > ' ' ? (char[]){ '-', (char)optopt, '\0' } : word, err);
}

static void set_initial(struct config *config)
{
	*config = (struct config){ .backfill_since_us = INT64_MAX };
	for (enum option_id id = 0; id < OPTION_COUNT; id++)
		if (option_table[id].programs & OPTION_OF_TAPEDECKD && option_table[id].initial)
			take_value(config, id, option_initial(id));
}

/* getopt_long's own table, from ours: it tells an option by its id, behind all letters. */
static void set_getopt_options(struct option options[static OPTION_COUNT + 1])
{
	size_t count = 0;
	for (enum option_id id = 0; id < OPTION_COUNT; id++)
		if (option_table[id].programs & OPTION_OF_TAPEDECKD)
			options[count++] = (struct option){ option_table[id].name,
				                            option_table[id].type == OPTION_FLAG ? no_argument : required_argument, NULL,
				                            BEHIND_LETTERS + (int)id };
	options[count] = (struct option){ 0 };
}

enum config_result config_read(struct config *config, int argc, char **argv, struct err *err)
{
	struct option options[OPTION_COUNT + 1];
	struct taken taken = { .url_count = 0 };
	set_initial(config);
	set_getopt_options(options);

	bool ok = true;
	opterr = 0;
	for (int key; ok && (key = getopt_long(argc, argv, ":d:h", options, NULL)) != -1;) {
		switch (key) {
		case BEHIND_LETTERS + OPTION_CHECK_CONFIG:
			config->check_config = true;
			break;
		case BEHIND_LETTERS + OPTION_HELP:
		case 'h':
			print_help();
			return CONFIG_DONE;
		case BEHIND_LETTERS + OPTION_VERSION:
			puts("tapedeckd " TAPEDECK_VERSION);
			return CONFIG_DONE;
		case ':':
			ok = err_set(err, "%s wants a value", argv[optind - 1]);
			break;
		case '?':
			ok = not_understood(argv[optind - 1], err);
			break;
		default:
			ok = take(config, &taken, key == 'd' ? OPTION_DB : (enum option_id)(key - BEHIND_LETTERS), err);
			break;
		}
	}
	ok = ok && take_markets(config, argv + optind, (size_t)(argc - optind), err) &&
	     take_addresses(config, taken.urls, taken.url_count, err);
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
