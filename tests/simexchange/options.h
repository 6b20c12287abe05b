/* What the command line said. Written by main() before any thread starts, read by everyone after that. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define AS_THE_DIALECT UINT64_MAX

struct dialect;

struct options {
	const struct dialect *dialect;

	/* the port */
	const char *listen;
	const char *port_file;
	const char *cert_file;
	const char *key_file;
	int tls_max;             /* OpenSSL's version number, 0 = newest */

	/* the market */
	const char *markets;     /* comma list, or NULL for market_count generated ones */
	const char *list_only;   /* comma list: on the exchange's list, never traded */
	unsigned market_count;
	bool non_ascii;          /* one more, whose name is not ASCII */
	uint64_t seed;
	uint64_t rate;           /* trades a second over all markets, 0 = as fast as possible */
	uint64_t trades;         /* stop after so many, 0 = never */
	bool start_on_subscribe;
	bool pause_when_alone;
	bool virtual_time;
	int64_t time_from_us;    /* INT64_MIN: so that the last trade is about now */
	uint64_t time_step_us;
	uint64_t reorder_ms;
	uint64_t first_id;       /* where running ids begin, 0 = by the seed */
	uint64_t orderbooks;     /* one order book unasked after so many trades, 0 = none */
	const char *ledger_file;
	const char *ticker_ledger_file;

	/* other sources, manners */
	const char *replay_file;
	uint64_t replay_speed;   /* 0 = as fast as possible */
	uint64_t resend;
	int64_t linger_ms;       /* -1 = run until told to stop */
	int64_t clock_shift_us;
	uint64_t connect_limit;  /* upgrades a second, 0 = any */
	uint64_t connect_limit_5min; /* and in five minutes */

	/* the dialect's own, unless said; 0 = never, none, any */
	uint64_t idle_ms;
	uint64_t server_ping_ms;
	uint64_t pong_wait_ms;
	uint64_t life_ms;
	uint64_t rest_limit;     /* requests (or their weight) a window and group */
	uint64_t rest_window_ms;
	uint64_t history_hours;

	uint64_t shutdown_notice_ms; /* before the end of a life, 0 = without a word */
	uint64_t ack_ms;
	bool no_pong;
	bool one_day;
	bool no_historical;
	bool no_prices;
	bool fat_list;
	bool newest_first;
	uint64_t reach_hours;    /* futures: what is older gets an error, 0 = nothing does */
	uint64_t rest_lag_ms;
	uint64_t history_limit;  /* trades a market, 0 = all */
	uint64_t ban_seconds;
	bool rest_rounds_ids;    /* as a double would */
	bool rest_cuts_times;    /* to seconds */
	uint64_t rest_digits;    /* decimals of prices and sizes, UINT64_MAX = all */
	bool chunked;
	const char *script_file;
	bool verbose;
};

extern struct options opt;

#endif
