#include "recorder/config.h"

#include "recorder/clock.h"
#include "recorder/config_file.h"
#include "schema/base/option_table.h"
#include "schema/base/vec.h"

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

/* Each setting as a comment: what it does, and what holds where it is not set. */
static void print_sample(void)
{
	puts("# Settings of tapedeckd, for `tapedeckd -c FILE`.  What stands behind # is not heeded; each of them is an option of\n"
	     "# tapedeckd, too, and the command line goes first.  `tapedeckd -c FILE --check-config` says what is wrong.\n\n"
	     "# What is recorded: EXCHANGE:SYMBOL, a pattern, or several with blanks between; as many such lines as are needed.\n"
	     "#market = upbit:KRW-BTC upbit:KRW-ETH\n#market = bithumb:KRW-*\n#market = binance:BTCUSDT");
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_table[id];
		if (!(row->programs & OPTION_OF_TAPEDECKD) || row->type == OPTION_FLAG || id == OPTION_CONFIG || id == OPTION_FOR)
			continue;
		for (const char *line = row->help, *end; line; line = *end ? end + 1 : NULL) {
			end = line + strcspn(line, "\n");
			printf("%s# %.*s\n", line == row->help ? "\n" : "", (int)(end - line), line);
		}
		printf("#%s = %s\n", row->name, row->initial ? row->initial : row->value);
	}
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

/* What the command line has said so far, and then the file, beside the config itself. */
struct taken {
	struct url_option urls[2 * EXCHANGES_MAX];
	size_t url_count, own_urls; /* so many of them are the command line's */
	option_set given;           /* on the command line; in the file */
	option_set in_file;
	bool reads_file;
	char **words;               /* owned; markets of the file, borrowed from the config's texts */
	size_t word_count;
};

static bool take_db(struct config *config, const char *text, struct err *err)
{
	free(config->db);
	config->db = strdup(text);
	if (!config->db)
		return err_set(err, "out of memory");
	return *text || err_set(err, "--db names no file");
}

/* Of an exchange that the command line gave an address, the file's is not looked at. */
static bool take_url(struct taken *taken, enum option_id id, const char *text, struct err *err)
{
	struct url_option *first = taken->urls, *option = &first[taken->url_count];
	if (taken->url_count == sizeof taken->urls / sizeof *taken->urls)
		return err_set(err, "too many addresses");
	if (!take_url_option(first + (taken->reads_file ? taken->own_urls : 0), option, id, text, err))
		return false;
	for (const struct url_option *o = first; o < first + taken->own_urls && taken->reads_file; o++)
		if (o->key == id && o->exchange == option->exchange)
			return true;
	taken->url_count++;
	return true;
}

/* A value that the table cannot read. */
static bool take_text(struct config *config, struct taken *taken, enum option_id id, const char *text, struct err *err)
{
	switch (id) {
	case OPTION_DB:
		return take_db(config, text, err);
	case OPTION_WS_URL:
	case OPTION_REST_URL:
		return take_url(taken, id, text, err);
	case OPTION_CONFIG:
		config->file = text;
		return *text || err_set(err, "--config names no file");
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
	case OPTION_LOG_FORMAT:
		config->log_form = (enum log_form)value; /* in the order of its choices */
		break;
	case OPTION_AUDIT:
		config->audit_us = value;
		break;
	default:
		break;
	}
}

/* One that takes a value. */
static bool take(struct config *config, struct taken *taken, enum option_id id, const char *text, struct err *err)
{
	int64_t value;
	if (option_table[id].type == OPTION_TEXT)
		return take_text(config, taken, id, text, err);
	if (!option_value(id, text, clock_wall_us(), &value, err))
		return false;
	take_value(config, id, value);
	return true;
}

/* ---- the file ---- */

struct filing {
	struct config *config;
	struct taken *taken;
};

/* A copy that lives as long as the config. */
static char *keep_text(struct config *config, const char *text, size_t len)
{
	char **grown = vec_grow(config->texts, config->text_count, sizeof *grown);
	if (!grown)
		return NULL;
	config->texts = grown;
	char *copy = strndup(text, len);
	if (copy)
		config->texts[config->text_count++] = copy;
	return copy;
}

/* market = A B, as often as needed. */
static bool file_markets(struct config *config, struct taken *taken, const char *value, struct err *err)
{
	static const char blanks[] = " \t";
	for (const char *p = value + strspn(value, blanks); *p; p += strspn(p, blanks)) {
		size_t len = strcspn(p, blanks);
		char *word = keep_text(config, p, len);
		char **grown = word ? vec_grow(taken->words, taken->word_count, sizeof *grown) : NULL;
		if (!grown)
			return err_set(err, "out of memory");
		taken->words = grown;
		taken->words[taken->word_count++] = word;
		p += len;
	}
	return true;
}

static bool no_setting(const char *key, struct err *err)
{
	enum option_id near = option_meant(OPTION_OF_TAPEDECKD, key);
	if (strncmp(key, "market", strlen("market")) == 0 || strcmp(key, "symbol") == 0 || strcmp(key, "pair") == 0)
		return err_set(err, "there is no setting '%s'; is 'market' meant?", key);
	if (near == OPTION_COUNT)
		return err_set(err, "there is no setting '%s'; each option that `tapedeckd -h` tells is one, and market = EXCHANGE:SYMBOL", key);
	return err_set(err, "there is no setting '%s'; is '%s' meant?", key, option_table[near].name);
}

static bool take_setting(void *to, const char *key, const char *value, struct err *err)
{
	struct filing *f = to;
	if (strcmp(key, "market") == 0)
		return file_markets(f->config, f->taken, value, err);
	enum option_id id = option_by_name(OPTION_OF_TAPEDECKD, key, strlen(key));
	if (id == OPTION_COUNT)
		return no_setting(key, err);
	if (option_table[id].type == OPTION_FLAG || id == OPTION_CONFIG)
		return err_set(err, "'%s' is for the command line alone", key);
	bool may_repeat = id == OPTION_WS_URL || id == OPTION_REST_URL;
	if (f->taken->in_file & OPTION_SET(id) && !may_repeat)
		return err_set(err, "'%s' is set twice", key);
	f->taken->in_file |= OPTION_SET(id);
	char *kept = keep_text(f->config, value, strlen(value));
	if (!kept)
		return err_set(err, "out of memory");
	if (f->taken->given & OPTION_SET(id) && !may_repeat) { /* the command line goes first; what stands here must be right all the same */
		int64_t ignored;
		return option_table[id].type == OPTION_TEXT || option_value(id, kept, clock_wall_us(), &ignored, err);
	}
	return take(f->config, f->taken, id, kept, err);
}

static bool read_file(struct config *config, struct taken *taken, struct err *err)
{
	struct filing filing = { config, taken };
	taken->own_urls = taken->url_count;
	taken->reads_file = true;
	return config_file_read(config->file, take_setting, &filing, err);
}

/* Those of the command line, or else those of the file. */
static bool choose_markets(struct config *config, struct taken *taken, char *const *named, size_t count, struct err *err)
{
	if (count > 0 || !config->file)
		return take_markets(config, named, count, err);
	if (taken->word_count == 0)
		return err_set(err, "%s names no market; it wants a line as market = upbit:KRW-BTC", config->file);
	if (!take_markets(config, taken->words, taken->word_count, err))
		return err_wrap(err, "%s", config->file);
	config->wanted_from_file = true; /* and owned */
	taken->words = NULL;
	return true;
}

#define BEHIND_LETTERS 256

static bool take_option(struct config *config, struct taken *taken, enum option_id id, struct err *err)
{
	taken->given |= OPTION_SET(id);
	return take(config, taken, id, optarg, err);
}

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
	for (int key; ok && (key = getopt_long(argc, argv, ":c:d:h", options, NULL)) != -1;) {
		switch (key) {
		case BEHIND_LETTERS + OPTION_CHECK_CONFIG:
			config->check_config = true;
			break;
		case BEHIND_LETTERS + OPTION_SAMPLE_CONFIG:
			print_sample();
			return CONFIG_DONE;
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
			ok = take_option(config, &taken,
			                 key == 'd' ? OPTION_DB : key == 'c' ? OPTION_CONFIG : (enum option_id)(key - BEHIND_LETTERS), err);
			break;
		}
	}
	ok = ok && (!config->file || read_file(config, &taken, err));
	ok = ok && choose_markets(config, &taken, argv + optind, (size_t)(argc - optind), err) &&
	     take_addresses(config, taken.urls, taken.url_count, err);
	if (ok && !config->db) {
		config->db = tape_default_path(err);
		ok = config->db != NULL;
	}
	free(taken.words);
	return ok ? CONFIG_GO : CONFIG_WRONG;
}

void config_release(struct config *config)
{
	if (config->wanted_from_file)
		free((void *)config->wanted);
	for (size_t i = 0; i < config->text_count; i++)
		free(config->texts[i]);
	free(config->texts);
	free(config->on_tape);
	free(config->db);
}
