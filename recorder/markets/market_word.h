/* One word of the command line, EXCHANGE:SYMBOL[@ticker[:WINDOW]]: what it asks for, and what it may have meant where the
 * exchange lists no such market.  Pure, but for the word "file": whether one has that name.  The thread that has the plan. */
#ifndef RECORDER_MARKETS_MARKET_WORD_H
#define RECORDER_MARKETS_MARKET_WORD_H

#include "recorder/markets/plan.h"

struct word {
	const char *text; /* borrowed; whole */
	char symbol[SYMBOL_SIZE], window[WINDOW_SIZE];
	enum channel channel;
	bool unchecked;
};

/* `text` begins with the exchange's name and a colon. */
bool market_word_read(struct word *word, const char *text, const struct exchange *exchange, struct err *err) MUST_CHECK;
/* BTC/KRW: the one market with that base and quote; NULL: the word is no such pair, or there is none or more than one. */
const struct listed_row *market_by_assets(const struct word *word, const struct market_list *list);
/* Sets err, with the name that was meant as far as that can be told; false. */
bool market_not_listed(const struct word *word, const struct exchange *exchange, const struct market_list *list, struct err *err);

#endif
