#include "recorder/clock.h"
#include "recorder/gaps/gap.h"
#include "recorder/tape/gap_queue.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Two connections: one market of Binance, whose ids prove, and one of Upbit, whose ids do not. */
enum { BINANCE, UPBIT };
static struct queue queue;
static struct net net;
static struct config config;
static struct market markets[2];
static struct market *market_list[] = { &markets[BINANCE], &markets[UPBIT] };
static struct market_plan plan;
static struct resume resume;
static struct gaps gaps;
static struct gap_queue gap_queue;
static int64_t start_us; /* the exchange's time at the start */

static void empty_queue(void)
{
	struct item items[64];
	bool ended;
	while (queue_pop(&queue, items, 1, 64, clock_mono_us(), &ended) > 0)
		;
}

static int begin(void **state)
{
	(void)state;
	static const char *keys[] = { "BTCUSDT", "KRW-BTC" };
	const char *const names[] = { "binance", "upbit" };
	memset(&config, 0, sizeof config);
	memset(&resume, 0, sizeof resume);
	config.address_count = 2;
	config.backfill_since_us = INT64_MAX;
	net = (struct net){ .queue = &queue };
	for (size_t i = 0; i < 2; i++) {
		config.addresses[i].exchange = exchange_find(names[i]);
		markets[i] = (struct market){ .exchange = exchange_find(names[i]), .channel = CHANNEL_TRADES };
		snprintf(markets[i].symbol, sizeof markets[i].symbol, "%s", keys[i]);
	}
	plan = (struct market_plan){ .markets = market_list, .market_count = 2 };
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	start_us = clock_wall_us();
	for (size_t i = 0; i < 2; i++)
		for (int k = 0; k < 3; k++)
			exchange_clock_sample(&gaps.times[i], start_us + k * US_PER_SECOND / 10, clock_mono_us() + k * US_PER_SECOND / 10);
	if (!queue_init(&queue, 1000))
		return -1;
	for (uint32_t i = 0; i < 2; i++)
		gaps_add_market(&gaps, i, markets[i].exchange, NULL, clock_mono_us());
	empty_queue(); /* that they are recorded from now on */
	return 0;
}

static int end(void **state)
{
	(void)state;
	gaps_release(&gaps);
	queue_release(&queue);
	return 0;
}

static void add_market(uint32_t market)
{
	const struct market *m = &markets[market];
	gaps_add_market(&gaps, market, m->exchange, resume_find(&resume, m->exchange->name, m->symbol), clock_mono_us());
}

static void trade(uint32_t market, int64_t id, int64_t after_us, bool overlapping)
{
	struct trade t = { .market = market, .time_us = start_us + after_us, .id = { .kind = TRADE_ID_NUMBER, .number = id } };
	gaps_trade(&gaps, market, &t, overlapping, clock_mono_us());
}

static void live(uint32_t market)
{
	gaps_live(&gaps, market, clock_mono_us());
}

static size_t open_count(uint32_t market)
{
	size_t n = 0;
	for (struct gap *gap = gaps.open[market]; gap; gap = gap->next)
		n += gap->mark.state == GAP_OPEN;
	return n;
}

static void contiguous_ids_are_no_gap_however_long_the_silence(void **state)
{
	(void)state;
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	trade(BINANCE, 101, 3600 * US_PER_SECOND, false);
	trade(BINANCE, 100, 3600 * US_PER_SECOND, false); /* again */
	assert_null(gaps.open[BINANCE]);
}

static void a_skipped_id_is_a_gap_at_once_while_the_socket_lives(void **state)
{
	(void)state;
	live(BINANCE);
	trade(BINANCE, 100, 1000, false);
	trade(BINANCE, 105, 9000, false);
	assert_int_equal(open_count(BINANCE), 1);
	const struct gap_mark *mark = &gaps.open[BINANCE]->mark;
	assert_int_equal(mark->reason, GAP_ID_SKIP);
	assert_int_equal(mark->from_id, 101);
	assert_int_equal(mark->to_id, 104);
	assert_int_equal(mark->from_us, start_us + 1000);
	assert_int_equal(mark->to_us, start_us + 9001);
	trade(BINANCE, 106, 9500, false);
	assert_int_equal(open_count(BINANCE), 1);
	trade(BINANCE, 108, 9900, false); /* the next skip, close by: the same gap */
	assert_int_equal(open_count(BINANCE), 1);
	assert_int_equal(mark->to_id, 107);
}

static void the_first_trade_behind_a_disconnect_bounds_the_gap(void **state)
{
	(void)state;
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	gaps_lost(&gaps, BINANCE, GAP_DISCONNECT, clock_mono_us());
	struct gap *gap = gaps.open[BINANCE];
	assert_int_equal(gap->mark.from_id, 101);
	assert_int_equal(gap->mark.to_us, GAP_NOT_OVER);
	live(BINANCE);
	trade(BINANCE, 99, 0, false); /* sent again: tells nothing */
	assert_int_equal(gap->mark.to_id, GAP_NO_ID);
	trade(BINANCE, 111, US_PER_SECOND, false);
	assert_int_equal(gap->mark.to_id, 110);
	assert_int_equal(open_count(BINANCE), 1);
	trade(BINANCE, 112, US_PER_SECOND, false);
	assert_int_equal(open_count(BINANCE), 1);
}

static void one_absurd_id_is_not_believed_and_two_in_a_row_are(void **state)
{
	(void)state;
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	trade(BINANCE, INT64_C(900000000000), 0, false);
	trade(BINANCE, 101, 0, false);
	trade(BINANCE, 102, 0, false);
	assert_null(gaps.open[BINANCE]);
	trade(BINANCE, INT64_C(5000000000), 0, false);
	trade(BINANCE, INT64_C(5000000001), 0, false);
	assert_int_equal(open_count(BINANCE), 1);
	assert_int_equal(gaps.open[BINANCE]->mark.from_id, 103);
	assert_int_equal(gaps.open[BINANCE]->mark.to_id, INT64_C(4999999999));
}

static void of_two_connections_either_may_run_ahead(void **state)
{
	(void)state;
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	for (int64_t id = 105; id < 110; id++)
		trade(BINANCE, id, 0, true); /* the new one */
	for (int64_t id = 101; id < 108; id++)
		trade(BINANCE, id, 0, true); /* the old one */
	trade(BINANCE, 110, 0, true);
	gaps_overlapped(&gaps, BINANCE, INT64_MAX, clock_mono_us(), clock_mono_us());
	trade(BINANCE, 111, 0, false);
	assert_null(gaps.open[BINANCE]);
	/* and where the old one ends before they meet, what lies between is a gap */
	for (int64_t id = 120; id < 125; id++)
		trade(BINANCE, id, 0, true);
	gaps_overlapped(&gaps, BINANCE, INT64_MAX, clock_mono_us(), clock_mono_us());
	assert_int_equal(open_count(BINANCE), 1);
	assert_int_equal(gaps.open[BINANCE]->mark.from_id, 112);
	assert_int_equal(gaps.open[BINANCE]->mark.to_id, 119);
	trade(BINANCE, 125, 0, false);
	assert_int_equal(open_count(BINANCE), 1);
}

static void a_disconnect_reaches_back_by_the_exchanges_lateness(void **state)
{
	(void)state;
	live(UPBIT);
	trade(UPBIT, 1, 0, false);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	struct gap *gap = gaps.open[UPBIT];
	assert_non_null(gap);
	assert_int_equal(gap->mark.from_us, start_us - 5 * US_PER_SECOND);
	assert_int_equal(gap->mark.from_id, GAP_NO_ID);
	assert_int_equal(gap->live_mono_us, 0);
	live(UPBIT);
	assert_true(gap->mark.to_us > start_us && gap->mark.to_us < start_us + 10 * US_PER_SECOND);
	assert_true(gap->not_before_mono_us >= gap->live_mono_us + 5 * US_PER_SECOND);
	/* lost again before REST was asked: the same gap goes on; afterwards it is another one */
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(open_count(UPBIT), 1);
	assert_int_equal(gap->mark.to_us, GAP_NOT_OVER);
	live(UPBIT);
	gaps.states[UPBIT].waiting = NULL; /* as backfill.c does when it asks */
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(open_count(UPBIT), 2);
}

/* The line answered all pings, and its data was 12 s behind. */
static void a_gap_begins_at_the_markets_own_newest_trade_whatever_the_line_proves(void **state)
{
	(void)state;
	live(UPBIT);
	trade(UPBIT, 1, -12 * US_PER_SECOND, false);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(gaps.open[UPBIT]->mark.from_us, start_us - 17 * US_PER_SECOND);
	live(BINANCE);
	trade(BINANCE, 100, -12 * US_PER_SECOND, false);
	gaps_lost(&gaps, BINANCE, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(gaps.open[BINANCE]->mark.from_us, start_us - 12 * US_PER_SECOND);
}

static void a_market_that_delivers_late_has_gaps_that_begin_earlier(void **state)
{
	(void)state;
	live(UPBIT);
	trade(UPBIT, 1, -US_PER_SECOND, false);
	trade(UPBIT, 2, -9 * US_PER_SECOND, false); /* 8 s behind: twice that is the lateness that counts */
	for (int i = 3; i < 6; i++)
		trade(UPBIT, i, -US_PER_SECOND, false);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(gaps.open[UPBIT]->mark.from_us, start_us - 17 * US_PER_SECOND);
}

static void a_gap_of_a_market_that_is_ahead_of_time_reaches_from_ours_to_its_own(void **state)
{
	(void)state;
	live(UPBIT);
	for (int i = 0; i < 3; i++)
		trade(UPBIT, i, 60 * US_PER_SECOND, false);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_true(gaps.open[UPBIT]->mark.from_us <= start_us - 4 * US_PER_SECOND);
	live(UPBIT);
	assert_true(gaps.open[UPBIT]->mark.to_us >= start_us + 60 * US_PER_SECOND);
}

static void one_trade_of_the_year_2106_moves_no_gap(void **state)
{
	(void)state;
	live(UPBIT);
	trade(UPBIT, 1, 0, false);
	trade(UPBIT, 2, 0, false);
	trade(UPBIT, 3, 80 * 365 * US_PER_DAY, false);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_true(gaps.open[UPBIT]->mark.from_us <= start_us - 4 * US_PER_SECOND);
	live(UPBIT);
	assert_true(gaps.open[UPBIT]->mark.to_us < start_us + 60 * US_PER_SECOND);
}

static void a_quiet_market_is_not_asked_for_twice_over(void **state)
{
	(void)state;
	live(UPBIT);
	trade(UPBIT, 1, -3600 * US_PER_SECOND, false);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	live(UPBIT);
	assert_int_equal(gaps.open[UPBIT]->mark.from_us, start_us - 3605 * US_PER_SECOND);
	gaps.open[UPBIT]->mark.to_us = start_us - 10 * US_PER_SECOND;
	gaps_close(&gaps, gaps.open[UPBIT], GAP_FILLED, "", clock_mono_us());
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(gaps.open[UPBIT]->mark.from_us, start_us - 15 * US_PER_SECOND);
}

static void ids_that_begin_again_have_a_gap_at_their_seam_and_are_followed(void **state)
{
	(void)state;
	struct item item;
	bool ended;
	live(BINANCE);
	trade(BINANCE, 900, 0, false);
	while (queue_pop(&queue, &item, 1, 1, clock_mono_us(), &ended) > 0)
		;
	for (int64_t id = 1; id < 4; id++)
		trade(BINANCE, id, 1000 * id, false);
	bool found = false;
	while (queue_pop(&queue, &item, 1, 1, clock_mono_us(), &ended) > 0)
		found = found || (item.kind == ITEM_GAP && item.gap.reason == GAP_NEW_IDS && item.gap.state == GAP_UNFILLABLE);
	assert_true(found);
	trade(BINANCE, 4, 5000, false);
	assert_null(gaps.open[BINANCE]);
	gaps_lost(&gaps, BINANCE, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(gaps.open[BINANCE]->mark.from_id, 5);
}

static void a_lost_message_of_a_market_is_a_gap_unless_a_trade_shows_what_it_was(void **state)
{
	(void)state;
	int64_t now = clock_mono_us();
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	gaps_doubt(&gaps, BINANCE, now);
	gaps_look_at_doubt(&gaps, BINANCE, false, now + US_PER_SECOND);
	trade(BINANCE, 101, 1000, false);
	gaps_look_at_doubt(&gaps, BINANCE, true, now + 60 * US_PER_SECOND);
	assert_null(gaps.open[BINANCE]);
	gaps_doubt(&gaps, BINANCE, now);
	gaps_look_at_doubt(&gaps, BINANCE, false, now + 9 * US_PER_SECOND);
	assert_int_equal(gaps.open[BINANCE]->mark.reason, GAP_UNPARSEABLE);
	assert_int_equal(gaps.open[BINANCE]->mark.from_id, 102);
	gaps_doubt(&gaps, UPBIT, now); /* not recorded, and not numbered */
	gaps_look_at_doubt(&gaps, UPBIT, true, now);
	assert_null(gaps.open[UPBIT]);
}

static size_t rows_of_the_ledger(void)
{
	struct item item;
	bool ended;
	size_t rows = 0;
	while (queue_pop(&queue, &item, 1, 1, clock_mono_us(), &ended) > 0)
		rows += item.kind == ITEM_GAP;
	return rows;
}

static void a_quiet_market_whose_ids_prove_is_asked_for_in_silence_and_is_mute_if_rest_has_more(void **state)
{
	(void)state;
	int64_t now = clock_mono_us(), later = now + 60 * US_PER_SECOND, next_mono_us;
	struct trade t = { .time_us = start_us + 20 * US_PER_SECOND, .id = { .kind = TRADE_ID_NUMBER, .number = 100 } };
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	rows_of_the_ledger();
	gaps_probe(&gaps, BINANCE, 5 * US_PER_SECOND, now);
	gaps_probe(&gaps, UPBIT, 5 * US_PER_SECOND, later);
	assert_null(gaps_next(&gaps, BINANCE, later, &next_mono_us)); /* it spoke just now, and the other has no ids that prove */
	gaps_probe(&gaps, BINANCE, 5 * US_PER_SECOND, later);
	gaps_probe(&gaps, BINANCE, 5 * US_PER_SECOND, later); /* once */
	struct gap *probe = gaps_next(&gaps, BINANCE, later, &next_mono_us);
	assert_non_null(probe);
	assert_null(probe->next);
	assert_int_equal(probe->mark.from_id, 101);
	assert_false(gaps_probe_finds(&gaps, probe, &t, later)); /* that one came */
	t.id.number = 101;
	assert_true(gaps_probe_finds(&gaps, probe, &t, later));
	assert_false(gaps_probe_finds(&gaps, probe, &t, now + 21 * US_PER_SECOND)); /* it may be on its way */
	gaps_probed(&gaps, probe, false, later);
	assert_int_equal(rows_of_the_ledger(), 0);
	gaps_probe(&gaps, BINANCE, 5 * US_PER_SECOND, later);
	gaps_probed(&gaps, gaps_next(&gaps, BINANCE, later, &next_mono_us), true, later);
	assert_true(rows_of_the_ledger() > 0);
	assert_int_equal(gaps.open[BINANCE]->mark.reason, GAP_AUDIT);
	assert_true(gaps.states[BINANCE].mute);
}

static void old_trades_sent_again_are_no_new_ids(void **state)
{
	(void)state;
	live(BINANCE);
	for (int64_t id = 100; id < 110; id++)
		trade(BINANCE, id, 1000 * id, false);
	for (int64_t id = 100; id < 110; id++)
		trade(BINANCE, id, 1000 * id, false);
	trade(BINANCE, 110, 110000, false);
	assert_null(gaps.open[BINANCE]);
}

static void an_absurd_id_that_stands_alone_is_forgotten_with_its_connection(void **state)
{
	(void)state;
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	trade(BINANCE, INT64_C(1) << 60, 0, false);
	trade(BINANCE, INT64_MAX, 0, false);
	gaps_lost(&gaps, BINANCE, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(open_count(BINANCE), 1);
	assert_int_equal(gaps.open[BINANCE]->mark.from_id, 101);
}

/* The newest time on the tape is of a trade that was dated ahead: the gap begins where the tape really ends. */
static void a_start_behind_a_trade_dated_ahead_begins_where_the_tape_ends(void **state)
{
	(void)state;
	struct resume_market there[] = {
		{ .exchange = "upbit", .symbol = "KRW-BTC", .oldest_us = start_us - 90 * US_PER_SECOND, .newest_us = start_us + 300 * US_PER_SECOND,
		  .arrived_us = start_us + 300 * US_PER_SECOND, .newest_id = GAP_NO_ID, .before_newest_us = INT64_MIN, .asked_since_us = INT64_MAX },
		{ .exchange = "binance", .symbol = "BTCUSDT", .oldest_us = start_us - 90 * US_PER_SECOND, .newest_us = start_us - 9 * US_PER_SECOND,
		  .arrived_us = start_us - 39 * US_PER_SECOND, .newest_id = 700, .before_newest_us = INT64_MIN, .asked_since_us = INT64_MAX },
	};
	resume = (struct resume){ .markets = there, .count = 2, .alive_us = start_us - 8 * US_PER_SECOND, .stopped_us = start_us - 8 * US_PER_SECOND };
	gaps_release(&gaps);
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	add_market(UPBIT);
	add_market(BINANCE);
	assert_int_equal(gaps.open[UPBIT]->mark.from_us, start_us - 13 * US_PER_SECOND);
	assert_int_equal(gaps.open[BINANCE]->mark.from_us, start_us - 39 * US_PER_SECOND); /* that clock was set back */
}

static void a_market_never_recorded_has_no_gap(void **state)
{
	(void)state;
	add_market(UPBIT);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	live(UPBIT);
	assert_null(gaps.open[UPBIT]);
}

static void a_market_that_said_something_before_it_was_live_has_one(void **state)
{
	(void)state;
	add_market(UPBIT);
	trade(UPBIT, 1, 0, false);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	assert_int_equal(open_count(UPBIT), 1);
	assert_int_equal(gaps.open[UPBIT]->mark.from_us, start_us - 5 * US_PER_SECOND);
	live(UPBIT);
	assert_true(gaps.open[UPBIT]->live_mono_us != 0);
}

static void a_recorder_that_starts_again_begins_where_the_tape_ends(void **state)
{
	(void)state;
	struct resume_market there[] = {
		{ .exchange = "upbit", .symbol = "KRW-BTC", .oldest_us = start_us - 90 * US_PER_SECOND, .newest_us = start_us - 20 * US_PER_SECOND,
		  .newest_id = GAP_NO_ID, .before_newest_us = start_us - 40 * US_PER_SECOND, .asked_since_us = INT64_MAX },
		{ .exchange = "binance", .symbol = "BTCUSDT", .oldest_us = start_us - 90 * US_PER_SECOND, .newest_us = start_us - 20 * US_PER_SECOND,
		  .newest_id = 700, .before_newest_us = INT64_MIN, .covered_to_us = start_us - 21 * US_PER_SECOND, .asked_since_us = INT64_MAX },
	};
	resume = (struct resume){ .markets = there, .count = 2, .last_gap_id = 41 };
	gaps_release(&gaps);
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	add_market(UPBIT);
	add_market(BINANCE);
	const struct gap *upbit = gaps.open[UPBIT], *binance = gaps.open[BINANCE];
	assert_int_equal(upbit->mark.gap_id, 42);
	assert_int_equal(upbit->mark.reason, GAP_NOT_RUNNING);
	assert_int_equal(upbit->mark.from_us, start_us - 25 * US_PER_SECOND);
	assert_int_equal(upbit->older_ref_us, start_us - 40 * US_PER_SECOND);
	assert_int_equal(binance->mark.from_us, start_us - 21 * US_PER_SECOND); /* a kill left coverage behind */
	assert_int_equal(binance->mark.from_id, 701);
}

static void what_is_asked_for_since_a_time_is_asked_for_once(void **state)
{
	(void)state;
	struct resume_market there = { .exchange = "upbit", .symbol = "KRW-BTC", .oldest_us = start_us - 90 * US_PER_SECOND,
		                       .newest_us = start_us, .before_newest_us = INT64_MIN, .newest_id = GAP_NO_ID, .asked_since_us = INT64_MAX };
	resume = (struct resume){ .markets = &there, .count = 1 };
	gaps.backfill_since_us = start_us - 3600 * US_PER_SECOND;
	add_market(UPBIT);
	assert_int_equal(open_count(UPBIT), 2); /* and the one since it stopped */
	assert_int_equal(gaps.open[UPBIT]->mark.reason, GAP_BACKFILL_SINCE);
	assert_int_equal(gaps.open[UPBIT]->mark.from_us, gaps.backfill_since_us);
	assert_true(gaps.open[UPBIT]->mark.to_us > there.oldest_us);
	end(NULL);
	begin(NULL);
	gaps.backfill_since_us = start_us - 3600 * US_PER_SECOND;
	there.asked_since_us = gaps.backfill_since_us;
	resume = (struct resume){ .markets = &there, .count = 1 };
	add_market(UPBIT);
	assert_int_equal(open_count(UPBIT), 1);
}

static void what_is_asked_for_since_a_time_reaches_behind_a_start_without_trades(void **state)
{
	(void)state;
	struct resume_market there = { .exchange = "upbit", .symbol = "KRW-BTC", .oldest_us = INT64_MIN, .newest_us = INT64_MIN,
		                       .covered_to_us = start_us - 600 * US_PER_SECOND, .before_newest_us = INT64_MIN,
		                       .newest_id = GAP_NO_ID, .asked_since_us = INT64_MAX };
	resume = (struct resume){ .markets = &there, .count = 1 };
	gaps.backfill_since_us = start_us - 3600 * US_PER_SECOND;
	add_market(UPBIT);
	assert_int_equal(open_count(UPBIT), 2);
	const struct gap *since = gaps.open[UPBIT], *since_stop = since->next;
	assert_int_equal(since->mark.reason, GAP_BACKFILL_SINCE);
	assert_int_equal(since->mark.from_us, gaps.backfill_since_us);
	assert_int_equal(since_stop->mark.reason, GAP_NOT_RUNNING);
	assert_int_equal(since_stop->mark.to_us, GAP_NOT_OVER);
	assert_true(since->mark.to_us >= since_stop->mark.from_us);
	assert_ptr_equal(gaps.states[UPBIT].waiting, since_stop);
}

/* The marks that went to the tape, the last of each gap. */
static size_t ledger(struct gap_mark marks[static 16])
{
	struct item items[64];
	bool ended;
	size_t n = 0, got = queue_pop(&queue, items, 1, 64, clock_mono_us(), &ended);
	for (size_t i = 0; i < got; i++) {
		size_t k = 0;
		if (items[i].kind != ITEM_GAP)
			continue;
		while (k < n && marks[k].gap_id != items[i].gap.gap_id)
			k++;
		marks[k] = items[i].gap;
		n = k == n ? n + 1 : n;
	}
	return n;
}

static void what_rest_cannot_give_becomes_a_row_of_its_own(void **state)
{
	(void)state;
	struct gap_mark marks[16];
	live(BINANCE);
	trade(BINANCE, 100, 0, false);
	trade(BINANCE, 201, 9000, false);
	struct gap *gap = gaps.open[BINANCE];
	gap->asked = true;
	gap->history.cut = (struct history_cut){ start_us + 3000, start_us + 5001, 131, 150 };
	gaps_cut(&gaps, gap, "gone", clock_mono_us());
	assert_int_equal(ledger(marks), 3);
	assert_int_equal(marks[0].state, GAP_FILLED); /* the lower part, which had come */
	assert_int_equal(marks[0].from_id, 101);
	assert_int_equal(marks[0].to_id, 130);
	assert_int_equal(marks[1].state, GAP_UNFILLABLE);
	assert_string_equal(marks[1].note, "gone");
	assert_int_equal(marks[1].from_id, 131);
	assert_int_equal(marks[1].to_id, 150);
	assert_int_equal(marks[2].state, GAP_OPEN);
	assert_int_equal(marks[2].from_id, 151);
	assert_int_equal(marks[2].to_id, 200);
	assert_int_equal(open_count(BINANCE), 1);

	live(UPBIT);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	live(UPBIT);
	gap = gaps.open[UPBIT];
	int64_t from_us = gap->mark.from_us, to_us = gap->mark.to_us;
	gap->history.cut = (struct history_cut){ from_us, start_us - US_PER_SECOND, HISTORY_NO_ID, HISTORY_NO_ID };
	gaps_cut(&gaps, gap, "too short", clock_mono_us());
	assert_int_equal(ledger(marks), 2);
	assert_int_equal(marks[0].state, GAP_FILLED); /* the newer part */
	assert_int_equal(marks[0].from_us, start_us - US_PER_SECOND);
	assert_int_equal(marks[0].to_us, to_us);
	assert_int_equal(marks[1].state, GAP_UNFILLABLE);
	assert_int_equal(marks[1].from_us, from_us);
	assert_int_equal(marks[1].to_us, start_us - US_PER_SECOND);
	assert_null(gaps.open[UPBIT]);
}

static void a_row_that_finds_no_place_in_the_queue_is_said_later(void **state)
{
	(void)state;
	struct gap_mark marks[16];
	struct item backfiller = { .kind = ITEM_HEARTBEAT };
	live(UPBIT);
	while (queue_push(&queue, &backfiller) != QUEUE_OVERFLOWED)
		;
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	live(UPBIT);
	gaps_close(&gaps, gaps.open[UPBIT], GAP_FILLED, "", clock_mono_us());
	assert_non_null(gaps.open[UPBIT]);
	struct item items[64];
	bool ended;
	while (queue_pop(&queue, items, 1, 64, clock_mono_us(), &ended) > 0)
		;
	gaps_flush(&gaps, clock_mono_us());
	assert_int_equal(ledger(marks), 1);
	assert_int_equal(marks[0].state, GAP_FILLED);
	assert_null(gaps.open[UPBIT]);
}

static void a_gap_begins_no_later_than_where_coverage_ends(void **state)
{
	(void)state;
	/* a second connection brought the newest trades, and died before it was proved */
	live(BINANCE);
	gaps.states[BINANCE].accounted_us = start_us + US_PER_SECOND;
	trade(BINANCE, 100, 5 * US_PER_SECOND, false);
	gaps_lost(&gaps, BINANCE, GAP_DISCONNECT, clock_mono_us());
	struct gap *first = gaps.open[BINANCE];
	assert_true(first->mark.from_us <= start_us + US_PER_SECOND);
	assert_int_equal(first->mark.from_id, 101);
	/* and the same behind a gap that a trade ended */
	trade(BINANCE, 103, 8 * US_PER_SECOND, false);
	trade(BINANCE, 104, 9 * US_PER_SECOND, false);
	gaps_lost(&gaps, BINANCE, GAP_DISCONNECT, clock_mono_us());
	assert_true(gaps.open[BINANCE]->mark.from_us <= first->mark.to_us);
	assert_int_equal(gaps.open[BINANCE]->mark.from_id, 105);
}

static void a_gap_ends_no_earlier_than_where_coverage_begins(void **state)
{
	(void)state;
	live(UPBIT);
	gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
	gaps.states[UPBIT].covered_from_us = start_us + 60 * US_PER_SECOND;
	live(UPBIT);
	assert_int_equal(gaps.open[UPBIT]->mark.to_us, gaps.states[UPBIT].covered_from_us);
}

static void many_gaps_of_one_market_do_not_fill_the_memory(void **state)
{
	(void)state;
	live(UPBIT);
	for (int i = 0; i < 1000; i++) {
		gaps_lost(&gaps, UPBIT, GAP_DISCONNECT, clock_mono_us());
		live(UPBIT);
		gaps.states[UPBIT].waiting = NULL;
		struct item items[64];
		bool ended;
		queue_pop(&queue, items, 1, 64, clock_mono_us(), &ended);
	}
	assert_true(open_count(UPBIT) <= 32);
	assert_true(gaps.open[UPBIT]->mark.to_us >= start_us);
}

/* Is all from the one id, or time, to the other in one open gap? */
static bool in_a_gap(uint32_t market, int64_t from_id, int64_t to_id, int64_t from_us, int64_t to_us)
{
	for (const struct gap *gap = gaps.open[market]; gap; gap = gap->next)
		if (gap->mark.from_us <= from_us && gap->mark.to_us >= to_us && gap->mark.from_id <= from_id &&
		    (gap->mark.to_id == GAP_NO_ID || gap->mark.to_id >= to_id))
			return true;
	return false;
}

static void one_skip_too_many_forgets_none_of_the_others(void **state)
{
	(void)state;
	int64_t id = 10000;
	live(BINANCE);
	trade(BINANCE, id, 0, false);
	for (int i = 0; i < 40; i++) {
		trade(BINANCE, id += 5000, i * 1000, false);
		gaps.states[BINANCE].skip = NULL; /* as if so many came in between that the next skip is another gap */
	}
	assert_true(open_count(BINANCE) <= 32);
	trade(BINANCE, id + 10000, 50000, true);
	trade(BINANCE, id + 20000, 60000, true);
	gaps_overlapped(&gaps, BINANCE, INT64_MAX, clock_mono_us(), clock_mono_us());
	for (int64_t k = 10000; k < id; k += 5000)
		assert_true(in_a_gap(BINANCE, k + 1, k + 4999, start_us + (k - 10000) / 5, start_us + (k - 10000) / 5));
	assert_true(in_a_gap(BINANCE, id + 1, id + 9999, start_us + 39000, start_us + 50000));
	assert_true(in_a_gap(BINANCE, id + 10001, id + 19999, start_us + 50000, start_us + 60000));
}

static void what_is_asked_for_since_a_time_shortens_none_of_many_gaps(void **state)
{
	(void)state;
	struct resume_gap rows[40];
	for (int i = 0; i < 40; i++)
		rows[i] = (struct resume_gap){ .mark = { .gap_id = i + 1, .from_us = start_us - (1000 - i) * US_PER_SECOND, .from_id = GAP_NO_ID,
			                                 .to_us = start_us - (999 - i) * US_PER_SECOND, .to_id = GAP_NO_ID }, .older_ref_us = INT64_MIN };
	struct resume_market there = { .exchange = "upbit", .symbol = "KRW-BTC", .oldest_us = start_us - 2000 * US_PER_SECOND,
		                       .newest_us = start_us - 500 * US_PER_SECOND, .before_newest_us = INT64_MIN, .newest_id = GAP_NO_ID,
		                       .asked_since_us = INT64_MAX, .gaps = rows, .gap_count = 40 };
	resume = (struct resume){ .markets = &there, .count = 1, .last_gap_id = 40 };
	gaps.backfill_since_us = start_us - 3600 * US_PER_SECOND;
	add_market(UPBIT);
	assert_true(in_a_gap(UPBIT, GAP_NO_ID, GAP_NO_ID, there.newest_us, GAP_NOT_OVER));
	assert_true(in_a_gap(UPBIT, GAP_NO_ID, GAP_NO_ID, gaps.backfill_since_us, there.oldest_us));
	live(UPBIT);
	for (const struct gap *gap = gaps.open[UPBIT]; gap; gap = gap->next)
		assert_true(gap->mark.to_us > gap->mark.from_us && gap->live_mono_us != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(contiguous_ids_are_no_gap_however_long_the_silence, begin, end),
		cmocka_unit_test_setup_teardown(a_skipped_id_is_a_gap_at_once_while_the_socket_lives, begin, end),
		cmocka_unit_test_setup_teardown(the_first_trade_behind_a_disconnect_bounds_the_gap, begin, end),
		cmocka_unit_test_setup_teardown(one_absurd_id_is_not_believed_and_two_in_a_row_are, begin, end),
		cmocka_unit_test_setup_teardown(of_two_connections_either_may_run_ahead, begin, end),
		cmocka_unit_test_setup_teardown(a_disconnect_reaches_back_by_the_exchanges_lateness, begin, end),
		cmocka_unit_test_setup_teardown(a_gap_begins_at_the_markets_own_newest_trade_whatever_the_line_proves, begin, end),
		cmocka_unit_test_setup_teardown(a_market_that_delivers_late_has_gaps_that_begin_earlier, begin, end),
		cmocka_unit_test_setup_teardown(a_gap_of_a_market_that_is_ahead_of_time_reaches_from_ours_to_its_own, begin, end),
		cmocka_unit_test_setup_teardown(one_trade_of_the_year_2106_moves_no_gap, begin, end),
		cmocka_unit_test_setup_teardown(ids_that_begin_again_have_a_gap_at_their_seam_and_are_followed, begin, end),
		cmocka_unit_test_setup_teardown(a_lost_message_of_a_market_is_a_gap_unless_a_trade_shows_what_it_was, begin, end),
		cmocka_unit_test_setup_teardown(a_quiet_market_whose_ids_prove_is_asked_for_in_silence_and_is_mute_if_rest_has_more, begin, end),
		cmocka_unit_test_setup_teardown(old_trades_sent_again_are_no_new_ids, begin, end),
		cmocka_unit_test_setup_teardown(an_absurd_id_that_stands_alone_is_forgotten_with_its_connection, begin, end),
		cmocka_unit_test_setup_teardown(a_start_behind_a_trade_dated_ahead_begins_where_the_tape_ends, begin, end),
		cmocka_unit_test_setup_teardown(a_quiet_market_is_not_asked_for_twice_over, begin, end),
		cmocka_unit_test_setup_teardown(a_market_never_recorded_has_no_gap, begin, end),
		cmocka_unit_test_setup_teardown(a_market_that_said_something_before_it_was_live_has_one, begin, end),
		cmocka_unit_test_setup_teardown(a_recorder_that_starts_again_begins_where_the_tape_ends, begin, end),
		cmocka_unit_test_setup_teardown(what_is_asked_for_since_a_time_is_asked_for_once, begin, end),
		cmocka_unit_test_setup_teardown(what_is_asked_for_since_a_time_reaches_behind_a_start_without_trades, begin, end),
		cmocka_unit_test_setup_teardown(what_rest_cannot_give_becomes_a_row_of_its_own, begin, end),
		cmocka_unit_test_setup_teardown(a_row_that_finds_no_place_in_the_queue_is_said_later, begin, end),
		cmocka_unit_test_setup_teardown(a_gap_begins_no_later_than_where_coverage_ends, begin, end),
		cmocka_unit_test_setup_teardown(a_gap_ends_no_earlier_than_where_coverage_begins, begin, end),
		cmocka_unit_test_setup_teardown(many_gaps_of_one_market_do_not_fill_the_memory, begin, end),
		cmocka_unit_test_setup_teardown(one_skip_too_many_forgets_none_of_the_others, begin, end),
		cmocka_unit_test_setup_teardown(what_is_asked_for_since_a_time_shortens_none_of_many_gaps, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
