/*
 * What is listed: the markets, with the names of what they trade. The array is fixed before threads run; a market that the script lists later is
 * in it from the start, unseen until then.
 */
#ifndef SIM_LISTING_H
#define SIM_LISTING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOWS_MAX 5
#define NAME_MAX_BYTES 32

/* A ticker's window as far as it has come. Volumes have 8 decimals. */
struct window {
	int64_t begin_us;
	int64_t open_units, high_units, low_units;
	int64_t volume_units, buy_units;
};

enum listed {
	MARKET_TRADES, /* listed, and it trades */
	MARKET_QUIET,  /* listed, never traded */
	MARKET_COMING, /* not yet listed */
	MARKET_GONE    /* no longer */
};

/* How ids are counted from one of a market's trades on. */
struct era {
	uint32_t serial, agg, fill;     /* the first of each in it */
	uint64_t first_id, first_other; /* and their ids */
	bool forget;                    /* REST knows nothing that is older */
	bool absurd;                    /* of one trade, far from all others */
};
#define ERAS_MAX 16

enum { RENUMBER_NOT, RENUMBER_FORGET, RENUMBER_KEEP };

struct fault;

/* What the script says of one market; any thread. Monotonic times, but for the lag's, which are the base clock's. */
struct unkind {
	atomic_llong muted_until_us;
	const struct fault *_Atomic refused;    /* no subscription may hold it */
	atomic_llong lag_us, lag_from_us, lag_until_us;
	atomic_llong ahead_us;
	atomic_ullong ahead_left, seconds_left; /* so many trades to come */
	atomic_int renumber;
	atomic_bool absurd;
	atomic_ullong missing_from, missing_end; /* serials that REST lacks */
	atomic_llong missing_until_us;
	const struct fault *_Atomic other_code;
	atomic_llong other_code_until_us;
	atomic_llong wrong_volume_until_us;
};

struct market {
	char *symbol;          /* owned */
	char *lower;           /* owned: the same in small letters */
	char base[NAME_MAX_BYTES], quote[NAME_MAX_BYTES];
	uint8_t scale;         /* of price and tick */
	uint8_t decimals;      /* that a price needs */
	int64_t tick_units;
	int64_t opening_units; /* yesterday's closing price */
	uint64_t first_id;     /* where running ids begin, and those of the other series: of the first era */
	uint64_t first_other;
	int later;             /* 1: not from the start */
	atomic_int listed;     /* enum listed; any thread */
	struct unkind unkind;
	/* written by the market thread before it publishes the first trade in it */
	struct era eras[ERAS_MAX];
	atomic_uint eras_len;  /* at least 1 */
	atomic_bool out_of_order; /* times, or ids, may fall along the market */
	/* market thread only */
	int64_t price_units;
	int64_t last_us;
	uint16_t next_n;
	uint32_t next_agg, next_fill;
	int64_t shift_us;      /* of the last trade's time */
	unsigned shifts;       /* how often that changed */
	uint64_t id_after_absurd;
	struct window windows[WINDOWS_MAX];
	/* {history lock} */
	uint32_t *places;      /* owned: where in the log this market's trades are */
	size_t count, room;
};

/* Before threads: from the options (in a replay: after the capture's codes). False after saying why on stderr. */
bool listing_init(void);
/* Before threads. SYMBOL or SYMBOL=BASE/QUOTE; a second one of that name is ignored. */
void market_add(const char *symbol, size_t len, enum listed how);
void listing_release(void);

/* any thread */
size_t market_count(void);
struct market *market_at(size_t i);
bool market_is_listed(size_t i);
bool market_find(const char *symbol, size_t len, size_t *found);  /* of those listed now */
bool market_place(const char *symbol, size_t len, size_t *found); /* of all */
void market_list(size_t i, bool on);
unsigned market_lists(void); /* grows with every change of the list */

/* For dialects: the two names on either side of a mark. */
void split_base_quote(const char *symbol, char mark, char *base, char *quote);
void split_quote_base(const char *symbol, char mark, char *base, char *quote);

#endif
