/* What the command line asks for.  Main thread, before the others start; afterwards read-only for all. */
#ifndef RECORDER_CONFIG_H
#define RECORDER_CONFIG_H

#include "recorder/exchanges/exchange.h"
#include "recorder/log.h"
#include "recorder/net/url.h"
#include "schema/tape/schema.h"

struct exchange_address { /* one row an exchange that a market names */
	const struct exchange *exchange;
	struct url ws, rest;
};

struct tape_name { /* a market that the tape knows */
	char name[MARKET_NAME_SIZE];
	bool wanted; /* the last run asked for it */
};

struct config {
	char *db;            /* owned */
	const char *ca_file; /* borrowed from argv or texts; NULL: the system's */
	int64_t batch_rows, batch_us, queue_rows, fill_limit_us;
	int64_t for_us; /* 0: for ever */
	int64_t backfill_since_us; /* INT64_MAX: not asked for */
	int64_t renew_after_us;    /* 0: the exchange's own */
	int64_t audit_us;          /* 0: off */
	enum tape_sync sync;
	enum log_form log_form;
	bool check_config;
	struct exchange_address addresses[EXCHANGES_MAX];
	size_t address_count;
	char *const *wanted; /* borrowed from argv or texts: EXCHANGE:SYMBOL or a pattern, each checked by its form */
	size_t wanted_count;
	bool wanted_from_file; /* then the array is owned */
	const char *file;    /* borrowed from argv: of settings; NULL: none */
	char **texts;        /* owned, and so is each; what that file said */
	size_t text_count;
	struct tape_name *on_tape; /* owned; see delisted_rows.h */
	size_t on_tape_count;
};

enum config_result { CONFIG_GO, CONFIG_DONE /* -h, --version: printed */, CONFIG_WRONG /* see err */ };
enum config_result config_read(struct config *config, int argc, char **argv, struct err *err);
/* What to do about a word that is no market, where the shell may have put a file's name in a pattern's place; else "". */
const char *market_word_hint(const char *word);
void config_release(struct config *config);

#endif
