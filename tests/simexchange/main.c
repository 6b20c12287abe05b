/*
 * simexchange - a simulated exchange, as unkind as the real ones.
 *
 *            market thread                      connection threads, one each
 *   +-------------------------------+      +---------------------------------------+
 *   | market.c  seeded trades ------|----->| conn.c     TLS, reading, writing      |
 *   | ledger.c  a line each, first  | log  | http.c     requests, limits, upgrade  |
 *   +-------------------------------+      | session.c  one websocket's life       |
 *   +-------------------------------+      | delivery.c what it is sent next       |
 *   | script.c  faults by the clock |----->| fault.c, garbage.c  what goes wrong   |
 *   +-------------------------------+ mail | upbit.c, ...  the dialect spoken      |
 *        script thread                     +---------------------------------------+
 *
 * Trades are made once, for everyone, into an append-only log; a trade is in the ledger's file before it is in the log, so whatever a client has
 * ever been shown, a test can look up. Each connection walks the log with a cursor of its own, in batches of about a TLS record, and formats
 * what its subscriber asked for. REST reads the same log through a per-market index (history.c). With --replay there is no market: the frames of a capture
 * file are sent as they are.
 *
 * It shares no code with the recorder it tests: what both might get wrong alike, a test would never find.
 *
 * The start: options, capture, markets, script, ledgers; then threads: accepting, script, market. The stop is that list backwards: the market
 * (which flushes the ledger), the script, the connections, and then what they all read.
 */
#include <errno.h>
#include <getopt.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "conn.h"
#include "dialect.h"
#include "ledger.h"
#include "listen.h"
#include "listing.h"
#include "market.h"
#include "options.h"
#include "peaks.h"
#include "replay.h"
#include "rest_odd.h"
#include "script.h"
#include "ticker.h"
#include "totals.h"

struct options opt = {
	.dialect = &dialect_upbit,
	.listen = "127.0.0.1:0",
	.market_count = 10,
	.seed = 1,
	.rate = 10,
	.time_from_us = INT64_MIN,
	.time_step_us = 1000,
	.replay_speed = 1,
	.linger_ms = -1,
	.idle_ms = AS_THE_DIALECT,
	.server_ping_ms = AS_THE_DIALECT,
	.pong_wait_ms = AS_THE_DIALECT,
	.life_ms = AS_THE_DIALECT,
	.rest_limit = AS_THE_DIALECT,
	.rest_window_ms = AS_THE_DIALECT,
	.history_hours = AS_THE_DIALECT,
	.ack_ms = 10000,
	.ban_seconds = 3,
	.rest_digits = UINT64_MAX,
};

struct totals totals;

void say(const char *format, ...)
{
	char line[512];
	va_list args;
	int64_t now = clock_wall_us();

	if (!opt.verbose)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	fprintf(stderr, "%lld.%06lld %s\n", (long long)(now / 1000000), (long long)(now % 1000000), line);
}

enum kind { TEXT, FLAG, NUMBER, SIGNED, RATE, SHIFT, MOMENT, TLS, DIALECT, WORD, HELP };

/* One row an option: it parses, and it prints the help. */
static const struct row {
	const char *name;
	enum kind kind;
	void *target;
	uint64_t most;
	const char *help;
} rows[] = {
	{ "dialect", DIALECT, &opt.dialect, 0, "NAME             upbit (default), bithumb, bithumb-legacy, binance, binance-usdm" },
	{ "listen", TEXT, &opt.listen, 0, "ADDRESS:PORT     127.0.0.1:0; port 0 is any; [::1]:0 works too" },
	{ "port-file", TEXT, &opt.port_file, 0, "FILE             the port, once it listens" },
	{ "cert", TEXT, &opt.cert_file, 0, "FILE             PEM certificate (chain)" },
	{ "key", TEXT, &opt.key_file, 0, "FILE             its key" },
	{ "tls-max", TLS, &opt.tls_max, 0, "1.1|1.2|1.3      the newest TLS it speaks" },
	{ "markets", TEXT, &opt.markets, 0, "A,B,...          the markets that trade; A=BASE/QUOTE says what A is" },
	{ "market-count", NUMBER, &opt.market_count, 10000, "N                or so many, the usual ones first (10)" },
	{ "non-ascii", FLAG, &opt.non_ascii, 0, "                 and one more whose name is not ASCII" },
	{ "list-only", TEXT, &opt.list_only, 0, "A,B,...          listed, never traded" },
	{ "seed", NUMBER, &opt.seed, UINT64_MAX, "N                the same seed, the same market and faults (1)" },
	{ "rate", RATE, &opt.rate, 10000000, "N|max            trades a second over all markets (10)" },
	{ "trades", NUMBER, &opt.trades, UINT32_MAX - 1000, "N                no more than so many" },
	{ "start-on-subscribe", FLAG, &opt.start_on_subscribe, 0, "                 the market begins with the first subscription" },
	{ "pause-when-alone", FLAG, &opt.pause_when_alone, 0, "                 and stands still while nobody is subscribed" },
	{ "time-from", MOMENT, &opt.time_from_us, 0, "RFC3339          virtual market time, from then on" },
	{ "time-step-us", NUMBER, &opt.time_step_us, INT64_C(3600000000), "N                and so much a trade on average (1000)" },
	{ "clock-shift", SHIFT, &opt.clock_shift_us, 0, "SECONDS          its wall clock is so far off" },
	{ "reorder-ms", NUMBER, &opt.reorder_ms, 60000, "N                one trade in eight comes up to so much late (0)" },
	{ "orderbooks", NUMBER, &opt.orderbooks, UINT32_MAX, "N                an order book unasked every N trades (0: none)" },
	{ "ledger", TEXT, &opt.ledger_file, 0, "FILE             symbol,time,price,size,side,id of every trade" },
	{ "ticker-ledger", TEXT, &opt.ticker_ledger_file, 0, "FILE             symbol,window,time,open,high,low,close,volume of every ticker" },
	{ "replay", TEXT, &opt.replay_file, 0, "FILE             a capture instead of a market" },
	{ "speed", RATE, &opt.replay_speed, 1000000, "N|max            of the replay (1)" },
	{ "resend", NUMBER, &opt.resend, 1000000, "N                a subscription begins with the last N trades again" },
	{ "linger-ms", SIGNED, &opt.linger_ms, INT32_MAX, "N                end so long after all is made and sent (never)" },
	{ "idle-ms", NUMBER, &opt.idle_ms, INT32_MAX, "N                a socket dies of silence (by dialect; 0: never)" },
	{ "server-ping-ms", NUMBER, &opt.server_ping_ms, INT32_MAX, "N                the server pings (by dialect; 0: never)" },
	{ "pong-wait-ms", NUMBER, &opt.pong_wait_ms, INT32_MAX, "N                and waits so long for the pong (by dialect)" },
	{ "life-ms", NUMBER, &opt.life_ms, INT32_MAX, "N                a socket lives no longer (by dialect; 0: for ever)" },
	{ "shutdown-notice-ms", NUMBER, &opt.shutdown_notice_ms, INT32_MAX, "N                binance: told so long before (0: not told)" },
	{ "no-pong", FLAG, &opt.no_pong, 0, "                 the client's pings are never answered" },
	{ "ack-ms", NUMBER, &opt.ack_ms, INT32_MAX, "N                bithumb-legacy: until a filter is registered (10000)" },
	{ "first-id", NUMBER, &opt.first_id, INT64_MAX - UINT32_MAX, "N                binance: where ids begin (by the seed)" },
	{ "connect-limit", NUMBER, &opt.connect_limit, UINT32_MAX, "N                upgrades a second, 429 above (0: any)" },
	{ "connect-limit-5min", NUMBER, &opt.connect_limit_5min, UINT32_MAX, "N                and in five minutes (0: any)" },
	{ "rest-limit", NUMBER, &opt.rest_limit, UINT32_MAX, "N                requests (binance: weight) a window, 429 above (by dialect; 0: any)" },
	{ "rest-window-ms", NUMBER, &opt.rest_window_ms, INT32_MAX, "N                that window (by dialect)" },
	{ "rest-lag-ms", NUMBER, &opt.rest_lag_ms, INT32_MAX, "N                REST knows a trade so much later (0)" },
	{ "rest-ids", WORD, &opt.rest_rounds_ids, 0, "round            REST tells ids as a double rounds them" },
	{ "rest-times", WORD, &opt.rest_cuts_times, 0, "seconds          and times cut to seconds" },
	{ "rest-digits", NUMBER, &opt.rest_digits, 8, "N                and prices and sizes cut to so many decimals" },
	{ "history-limit", NUMBER, &opt.history_limit, UINT32_MAX, "N                REST knows a market's last N trades only (0: all)" },
	{ "history-hours", NUMBER, &opt.history_hours, 1000000, "N                and none older than that (by dialect; 0: all)" },
	{ "one-day", FLAG, &opt.one_day, 0, "                 bithumb: a query of trades stays within its KST day" },
	{ "no-historical", FLAG, &opt.no_historical, 0, "                 binance: a host without historicalTrades" },
	{ "no-prices", FLAG, &opt.no_prices, 0, "                 binance: a host without ticker/price" },
	{ "fat-list", FLAG, &opt.fat_list, 0, "                 binance: exchangeInfo is 16.9 MB whatever it is asked for" },
	{ "newest-first", FLAG, &opt.newest_first, 0, "                 binance-usdm: between two times, aggTrades gives the newest" },
	{ "refuse-older-hours", NUMBER, &opt.reach_hours, 1000000, "N                binance-usdm: an error for what is older (0: nothing is)" },
	{ "ban-seconds", NUMBER, &opt.ban_seconds, 100000, "N                the first 418, for who asks on; doubles (3; 0: never)" },
	{ "chunked", FLAG, &opt.chunked, 0, "                 REST answers in chunks" },
	{ "script", TEXT, &opt.script_file, 0, "FILE             of faults: TRIGGER ACTION [ARGS] a line" },
	{ "verbose", FLAG, &opt.verbose, 0, "                 say what happens on stderr" },
	{ "help", HELP, NULL, 0, "" },
};
#define ROWS (sizeof rows / sizeof *rows)

static void help(void)
{
	puts("simexchange --cert FILE --key FILE [OPTION...]");
	for (size_t i = 0; i < ROWS; i++)
		printf("  --%-19s %s\n", rows[i].name, rows[i].help);
}

static bool parse_number(const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !*end && !errno && *value <= most;
}

static bool parse_row(const struct row *row, const char *text)
{
	uint64_t n = 0;
	bool minus = text && *text == '-';

	switch (row->kind) {
	case TEXT:
		*(const char **)row->target = text;
		return true;
	case FLAG:
		*(bool *)row->target = true;
		return true;
	case NUMBER:
		if (!parse_number(text, row->most, &n))
			return false;
		if (row->target == &opt.market_count)
			opt.market_count = (unsigned)n;
		else
			*(uint64_t *)row->target = n;
		return true;
	case SIGNED:
		if (!parse_number(text, row->most, &n))
			return false;
		*(int64_t *)row->target = (int64_t)n;
		return true;
	case RATE:
		if (!strcmp(text, "max"))
			*(uint64_t *)row->target = 0;
		else if (!parse_number(text, row->most, (uint64_t *)row->target) || *(uint64_t *)row->target == 0)
			return false;
		return true;
	case SHIFT:
		if (!parse_number(text + (minus || *text == '+'), UINT64_C(10000000000), &n))
			return false;
		*(int64_t *)row->target = (minus ? -1 : 1) * (int64_t)n * 1000000;
		return true;
	case MOMENT:
		return clock_parse(text, row->target);
	case TLS:
		opt.tls_max = !strcmp(text, "1.1") ? TLS1_1_VERSION : !strcmp(text, "1.2") ? TLS1_2_VERSION : !strcmp(text, "1.3") ? TLS1_3_VERSION : 0;
		return opt.tls_max != 0;
	case DIALECT:
		opt.dialect = dialect_find(text);
		return opt.dialect != NULL;
	case WORD: /* the one that its help begins with */
		*(bool *)row->target = !strncmp(row->help, text, strlen(text)) && row->help[strlen(text)] == ' ';
		return *(bool *)row->target;
	case HELP:
		help();
		exit(0);
	}
	return false;
}

/* What the command line left to the dialect. */
static void ask_the_dialect(const struct dialect *d)
{
	const struct { uint64_t *option, own; } own[] = {
		{ &opt.idle_ms, d->idle_ms }, { &opt.server_ping_ms, d->server_ping_ms }, { &opt.pong_wait_ms, d->pong_wait_ms },
		{ &opt.life_ms, d->life_ms }, { &opt.rest_limit, d->rest_limit }, { &opt.rest_window_ms, d->rest_window_ms },
		{ &opt.history_hours, d->history_hours },
	};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (*own[i].option == AS_THE_DIALECT)
			*own[i].option = own[i].own;
	if (!opt.rest_window_ms)
		opt.rest_window_ms = 1000;
}

static bool parse_options(int argc, char **argv)
{
	struct option longs[ROWS + 1] = { 0 };
	int at, c;

	for (size_t i = 0; i < ROWS; i++) {
		longs[i].name = rows[i].name;
		longs[i].has_arg = rows[i].kind == FLAG || rows[i].kind == HELP ? no_argument : required_argument;
	}
	while ((c = getopt_long(argc, argv, "", longs, &at)) != -1) {
		if (c == '?')
			return false;
		if (!parse_row(&rows[at], optarg)) {
			fprintf(stderr, "simexchange: --%s %s: not that\n", rows[at].name, optarg ? optarg : "");
			return false;
		}
	}
	if (optind != argc || !opt.cert_file || !opt.key_file) {
		fputs("simexchange: want --cert FILE --key FILE [OPTION...]; see --help\n", stderr);
		return false;
	}
	ask_the_dialect(opt.dialect);
	opt.virtual_time = !opt.rate || opt.time_from_us != INT64_MIN;
	return true;
}

/* Until a signal; or, with --linger-ms, until everything is made and sent and that time has passed. */
static void wait_for_the_end(const sigset_t *signals)
{
	int64_t done_us = 0;

	for (;;) {
		struct timespec pause = { .tv_nsec = 50000000 };

		if (sigtimedwait(signals, NULL, &pause) > 0)
			return;
		if (opt.linger_ms < 0)
			continue;
		if (!market_finished() || !market_ever_subscribed() || !conn_all_served())
			done_us = 0;
		else if (!done_us)
			done_us = clock_mono_us();
		else if (clock_mono_us() - done_us >= opt.linger_ms * 1000)
			return;
	}
}

int main(int argc, char **argv)
{
	sigset_t signals;
	int status = 1;

	if (!parse_options(argc, argv))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL); /* every thread inherits it: main alone hears them */

	if (!replay_load() || !listing_init() || !script_load() || !market_init() || !ledger_open() || !ticker_open())
		goto out;
	if (!listen_start())
		goto out;
	script_start();
	market_start();
	wait_for_the_end(&signals);

	market_stop();
	script_stop();
	listen_stop();
	fprintf(stderr, "simexchange: trades=%llu sent=%llu connections=%llu sockets=%llu requests=%llu rest_bytes=%llu faults=%llu"
		" sockets-1s=%llu sockets-5min=%llu requests-1s=%llu requests-5min=%llu\n",
		(unsigned long long)market_published(), atomic_load(&totals.sent), atomic_load(&totals.connections),
		atomic_load(&totals.sockets), atomic_load(&totals.requests), atomic_load(&totals.rest_bytes), atomic_load(&totals.faults),
		(unsigned long long)peak_second(PEAK_SOCKETS), (unsigned long long)peak_five_minutes(PEAK_SOCKETS),
		(unsigned long long)peak_second(PEAK_REQUESTS), (unsigned long long)peak_five_minutes(PEAK_REQUESTS));
	status = 0;
out:
	ledger_close();
	script_release();
	rest_odd_release();
	peaks_release();
	ticker_close();
	market_release();
	listing_release();
	replay_release();
	return status;
}
