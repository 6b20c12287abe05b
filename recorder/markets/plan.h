/* The markets that this run records, and which connection carries each: what the command line wanted, put beside what the
 * exchanges list.
 *
 * Made on the main thread before the others start; then the network thread's, which adds markets that are newly listed.
 * A struct market never changes nor moves once it is in the plan, so the recorder thread may keep pointers to it. */
#ifndef RECORDER_MARKETS_PLAN_H
#define RECORDER_MARKETS_PLAN_H

#include "recorder/config.h"
#include "recorder/gaps/gap_row.h"
#include "recorder/feeds/quiet.h"

enum channel { CHANNEL_TRADES, CHANNEL_TICKER };

struct market {
	const struct exchange *exchange;
	enum channel channel;
	char symbol[SYMBOL_SIZE], base[SYMBOL_SIZE], quote[SYMBOL_SIZE]; /* base, quote: "" where the list was not to be had */
	char window[WINDOW_SIZE];                     /* of a ticker */
	char key[SYMBOL_SIZE + WINDOW_SIZE];          /* in the market_set */
	char name[MARKET_NAME_SIZE + WINDOW_SIZE + 8]; /* EXCHANGE:SYMBOL, EXCHANGE:SYMBOL@ticker:WINDOW */
	bool unchecked;                               /* the list, or its page, was not to be had */
};

struct gap;
struct feed;

#define MARKET_ARRIVALS 3 /* one absurd time among them leads nobody astray */

struct market_state { /* network thread */
	struct quiet quiet;
	bool told_ahead;         /* the log has said that a trade is dated ahead of our clock */
	int64_t covered_from_us; /* 0: its connection has not proved yet that it is subscribed */
	int64_t accounted_us;    /* the end of its coverage, or of the gap behind that; 0: neither was told yet */

	/* What gap.c knows of its trades; exchange's times, those of the tape at the start included. */
	bool live;               /* a connection is subscribed to it */
	bool mute;               /* the audit found that it says nothing, though it should; then it is not live */
	bool start_unsaid;       /* the queue had no room for the word that it is recorded from now on */
	int64_t newest_us;       /* INT64_MIN: none */
	struct {                 /* the last trades by arrival, the newest first: what the market itself proves */
		int64_t time_us, mono_us;
	} arrived[MARKET_ARRIVALS];
	unsigned arrivals;
	int64_t late_us;         /* so much behind a newer one a trade came at most */
	int64_t asked_until_us;  /* REST was asked up to there, and the ledger says what came of it; INT64_MIN: it was not */
	int64_t first_us;        /* the first that was recorded; INT64_MIN: none */
	int64_t older_ref_us, next_older_ref_us; /* two older ones, each 5 s at least behind the next; INT64_MIN: none */
	int64_t next_id;         /* where ids prove: all below came, or are in a gap; GAP_NO_ID: none came yet */
	int64_t last_us;         /* and the time of the one before it */
	int64_t ahead_from_id, ahead_next_id, ahead_us; /* a run beyond next_id that may yet meet it; GAP_NO_ID: none */
	struct {                 /* the last time that nothing carried it: by our clock, and what its gap says of it */
		int64_t lost_mono_us, live_mono_us; /* live_mono_us 0: it was looked at, or lasts */
		int64_t from_us, to_us;
		unsigned arrivals;   /* since then */
	} outage;
	int64_t low_next_id, low_us, low_first_us; /* ids below next_id that go on by one, with newer times */
	unsigned low_count;
	struct gap *waiting;     /* borrowed; a gap whose end is not known: more trouble makes it longer, not another one */
	struct gap *skip;        /* borrowed; the last gap of skipped ids, while it is open */
	bool missed_again;       /* a message was lost while REST was asked for what was lost before */
	unsigned open_gaps;
};
extern const struct market_state market_state_none; /* nothing is known of it yet */

struct connection_plan { /* one connection to one exchange, and what it carries */
	const struct exchange_address *address;
	struct subscription wanted; /* its arrays are owned */
	struct feed *feed;          /* network thread; owned by feeds; the connection at hand */
};

/* A socket's own copy of what it asks for: the plan's grows in place, and no market is live by a socket that did not ask for
 * it.  The texts stay the plan's.  false: no memory. */
bool subscription_copy(struct subscription *copy, const struct subscription *wanted) MUST_CHECK;
void subscription_release(struct subscription *copy);

struct market_plan {
	struct market **markets;      /* owned; the index is the market's number in this run */
	struct market_state *states;  /* owned; likewise */
	size_t market_count, market_room;
	struct connection_plan **connections; /* owned; the pointers stay */
	size_t connection_count;
	struct delisted_market {
		const struct exchange *exchange;
		char symbol[SYMBOL_SIZE];
	} *delisted;                  /* owned; asked for, on the tape, and listed no more: left out */
	size_t delisted_count;
	const char **waiting;         /* owned, the texts are the config's; patterns whose list was not to be had, or not whole */
	size_t waiting_count;
};

/* An exchange's own list, as it was fetched. */
struct market_list {
	bool had;               /* false: not to be had, and `reason` says why */
	bool partial;           /* a page of it is missing, and `reason` says why: a name that it lacks may be listed there */
	bool no_memory;         /* for all its rows */
	unsigned missing_pages; /* bit i: the page of market_list_paths[i] */
	char reason[256];
	struct listed_row {
		char symbol[SYMBOL_SIZE], base[SYMBOL_SIZE], quote[SYMBOL_SIZE];
	} *rows; /* owned */
	size_t count, room;
};
void market_list_add(void *list, const struct listed_market *row); /* the callback of parse_market_list */
/* false: what is missing of it may hold something that a pattern of the command line wants. */
bool market_list_suffices(const struct market_list *list, const struct config *config, const struct exchange *exchange);
/* Does a pattern of the command line want that symbol, and is it not in the plan? */
bool market_is_missing(const struct market_plan *plan, const struct config *config, const struct exchange *exchange, const char *symbol);
void market_list_release(struct market_list *list);

/* lists[i] belongs to config->addresses[i].  A pattern whose list is not to be had waits for it (see new_listings.h).  false: a
 * market is not listed (err names the nearest), a pattern fits none, the exchange has no such ticker. */
bool market_plan_make(struct market_plan *plan, const struct config *config, const struct market_list *lists,
                      struct err *err) MUST_CHECK;
/* Adds what `list` has and the patterns of the command line want; *added: how many.  Markets that are gone stay. */
bool market_plan_extend(struct market_plan *plan, const struct config *config, const struct exchange_address *address,
                        const struct market_list *list, size_t *added, struct err *err) MUST_CHECK;
bool market_is_of(const char *name, const struct exchange *exchange); /* EXCHANGE:..., a pattern too */
void market_plan_release(struct market_plan *plan);

#endif
