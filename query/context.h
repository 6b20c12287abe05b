/* What a command works with, and the commands.  Main thread. */
#ifndef QUERY_CONTEXT_H
#define QUERY_CONTEXT_H

#include "query/out/out.h"
#include "query/read/rows.h"

#define ROWS_IF_NOTHING_IS_SAID 20

struct context {
	struct options options;
	int64_t now_us;             /* wall clock at the start */
	struct reader reader;
	struct selection selection; /* the markets asked for */
	char *word;                 /* owned; the market of MARKET@ticker:WINDOW, where that was written */
	const char *path;           /* borrowed; the tape's */
	bool has_limit, above, below, equal; /* of `wait MARKET > PRICE`: what a trade's price must be to it */
	struct decimal limit;
	const char *window;         /* borrowed from the command line; NULL: every window */
	struct out out;
	bool told;                  /* EXIT_FAILED is the answer, and the rows that say so are whole */
};

enum names { NAMES_NONE, NAMES_ONE, NAMES_ONE_TICKER, NAMES_SOME, NAMES_ANY, NAMES_PATH, NAMES_TAPE, NAMES_CONDITION };
/* ONE_TICKER: MARKET@ticker:WINDOW, too; SOME: at least one; PATH: a file or folder; TAPE: that of a tape, which the command opens
 * itself; CONDITION: MARKET > PRICE, or any markets */

struct command {
	const char *name;
	/* Prints the answer with out_row; whatever is not EXIT_OK has its words in err. */
	enum exit_code (*run)(struct context *c, struct err *err);
	option_set options; /* that it takes, beside those that go with every command */
	enum names names; /* of markets */
	enum format preferred;
	const char *usage;
	const char *help;
};

enum exit_code cmd_price(struct context *c, struct err *err);
enum exit_code cmd_last(struct context *c, struct err *err);
enum exit_code cmd_trades(struct context *c, struct err *err);
enum exit_code cmd_ohlc(struct context *c, struct err *err);
enum exit_code cmd_export(struct context *c, struct err *err);
enum exit_code cmd_markets(struct context *c, struct err *err);
enum exit_code cmd_tickers(struct context *c, struct err *err);
enum exit_code cmd_gaps(struct context *c, struct err *err);
enum exit_code cmd_status(struct context *c, struct err *err);
enum exit_code cmd_verify(struct context *c, struct err *err);
/* Instead of cmd_verify, for what by its header is a tape and is too damaged to be read; `reason` becomes the finding. */
enum exit_code verify_unreadable(struct context *c, const char *reason, struct err *err);
enum exit_code cmd_report(struct context *c, struct err *err);
enum exit_code cmd_watch(struct context *c, struct err *err);
enum exit_code cmd_backup(struct context *c, struct err *err);
enum exit_code cmd_upgrade(struct context *c, struct err *err);
enum exit_code cmd_wait(struct context *c, struct err *err);
enum exit_code cmd_chart(struct context *c, struct err *err);

#define AHEAD_US US_PER_MINUTE /* of our clock: a trade dated beyond it says nothing about now */
/* EXIT_STALE if the market's last trade (NULL: it has none) is older than --max-age; EXIT_OK else, and without --max-age.
 * It is as old as its own time says, and at least as old as its receipt; one dated far ahead of our clock is stale.  A
 * market that is no longer recorded is stale if it was asked for by its name, and else nothing is expected of it. */
enum exit_code check_age(const struct context *c, const struct market *m, const struct tape_row *last, struct err *err);
/* The same for all markets asked for, reading their last trades. */
enum exit_code check_ages(struct context *c, struct err *err);
/* EXIT_STALE if --require-complete is given and the recording has a gap between the two times, else EXIT_OK. */
enum exit_code check_complete(struct context *c, const struct market *m, int64_t from_us, int64_t to_us, struct err *err);

int64_t wall_us(void);

#endif
