/* Faults that the property test of track found, each as a few events: two connections of one exchange in simulated time, and a
 * sink that keeps the last word on each gap. */
#include "recorder/gaps/track.h"
#include "support.h"

#include <string.h>

#define MONO_US INT64_C(1000000000)
#define NOON_US INT64_C(1795694400000000)

static struct gaps gaps;
static struct resume resume;
static struct carrier older, successor;
static struct market_set trades;
static struct gap_mark marks[32]; /* by gap_id */
static int64_t covered_to_us, wall_off_us;
static size_t coverages;
static bool full;

static int64_t at(double s)
{
	return (int64_t)(s * 1e6);
}

static bool on_row(void *arg, uint32_t market, const struct gap_mark *mark)
{
	(void)arg, (void)market;
	if (!full)
		marks[mark->gap_id] = *mark;
	return !full;
}

static bool on_coverage(void *arg, uint32_t market, int64_t from_us, int64_t to_us)
{
	(void)arg, (void)market, (void)from_us;
	covered_to_us = full ? covered_to_us : to_us;
	coverages += !full;
	return !full;
}

static void on_event(void *arg, uint32_t market, const struct gap_mark *mark, const char *event)
{
	(void)arg, (void)market, (void)mark, (void)event;
}

static void on_no_history(void *arg, size_t index, const struct exchange *exchange)
{
	(void)arg, (void)index, (void)exchange;
}

/* A market of that exchange, whose clock is as far ahead of ours. */
static void begin(const char *exchange, double ahead_s, const struct resume_market *there)
{
	static const char *keys[] = { "A" };
	static uint32_t markets[] = { 0 };
	static const struct gap_sink sink = { .row = on_row, .coverage = on_coverage, .event = on_event, .no_history = on_no_history };
	memset(marks, 0, sizeof marks);
	full = false;
	wall_off_us = at(-ahead_s);
	trades = (struct market_set){ .keys = keys, .markets = markets, .count = 1 };
	gaps_init(&gaps, &sink, &resume, INT64_MAX);
	gaps_add_exchange(&gaps, exchange_find(exchange));
	gaps_set_wall(&gaps, NOON_US + wall_off_us - MONO_US);
	gaps_add_market(&gaps, 0, exchange_find(exchange), there, MONO_US);
	carrier_init(&older, &gaps, exchange_find(exchange));
	carrier_init(&successor, &gaps, exchange_find(exchange));
}

static int end(void **state)
{
	(void)state;
	carrier_release(&older);
	carrier_release(&successor);
	gaps_release(&gaps);
	resume = (struct resume){ .count = 0 };
	return 0;
}

static void live(struct carrier *c, double s)
{
	assert_true(carrier_join(c, &trades, 1, MONO_US + at(s)));
	carrier_live(c, 0, MONO_US + at(s));
}

/* It was made at made_s, and comes at s. */
static void trade(struct carrier *c, double s, double made_s, int64_t id, enum carried carried)
{
	struct trade t = { .time_us = NOON_US + at(made_s), .id = { .kind = TRADE_ID_NUMBER, .number = id } };
	carrier_trade(c, &t, carried, MONO_US + at(s));
}

static void some_trades(struct carrier *c, double from_s, double to_s)
{
	for (double s = from_s; s <= to_s; s += 0.5)
		trade(c, s, s - 0.1, 1000 + (int64_t)(s * 2), CARRIED_ALONE);
}

/* Is that moment, of the exchange's time, in a gap that is not filled? */
static bool in_gap(double s)
{
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (marks[i].to_us != 0 && marks[i].state != GAP_FILLED &&
		    marks[i].from_us <= NOON_US + at(s) && marks[i].to_us > NOON_US + at(s))
			return true;
	return false;
}

/* A pong came at once, and the data 12 s later: with the older connection what it still owed was gone. */
static void a_connection_is_not_through_while_its_successor_has_brought_what_it_has_not(void **state)
{
	(void)state;
	begin("upbit", 0, NULL);
	live(&older, 0);
	some_trades(&older, 1, 10);
	live(&successor, 12);
	trade(&successor, 19, 18.9, 1, CARRIED_BY_SUCCESSOR);
	carrier_pong(&older, MONO_US + at(20), MONO_US + at(20.1));
	assert_false(carrier_is_through(&older, &successor, MONO_US + at(18)));
	trade(&older, 21, 18.9, 1, CARRIED_BY_OLDER);
	assert_true(carrier_is_through(&older, &successor, MONO_US + at(18)));
	assert_false(carrier_is_through(&older, &successor, MONO_US + at(20.5))); /* without a pong of since then it is not either */
}

static void a_pong_alone_does_not_prove_what_a_connection_that_is_replaced_still_owed(void **state)
{
	(void)state;
	begin("upbit", 0, NULL);
	live(&older, 0);
	some_trades(&older, 1, 5);
	live(&successor, 12);
	carrier_pong(&older, MONO_US + at(20), MONO_US + at(20.1));
	carrier_leave(&older, &successor, true, false, GAP_DISCONNECT, MONO_US + at(21));
	assert_true(in_gap(8));
}

static void what_a_successor_brought_proves_nothing_of_what_the_older_one_owed(void **state)
{
	(void)state;
	begin("upbit", 0, NULL);
	live(&older, 0);
	some_trades(&older, 1, 10);
	live(&successor, 12);
	for (int i = 0; i < 10; i++)
		trade(&successor, 20 + i, 19.9 + i, i, CARRIED_BY_SUCCESSOR);
	carrier_leave(&successor, &older, false, false, GAP_DISCONNECT, MONO_US + at(30));
	carrier_leave(&older, NULL, false, false, GAP_DISCONNECT, MONO_US + at(31));
	assert_true(in_gap(11)); /* made before the successor was there, and still on its way */
}

/* Our clock is 15 s behind, and no trade had told when the connection stood again.  No REST would ever mend that. */
static void a_gap_that_our_own_clock_ends_is_looked_at_again_when_trades_tell(void **state)
{
	(void)state;
	struct resume_market there = { .oldest_us = NOON_US - at(900), .newest_us = NOON_US - at(60), .newest_id = GAP_NO_ID,
		                       .covered_to_us = NOON_US - at(60), .before_newest_us = INT64_MIN, .gaps_to_us = INT64_MIN,
		                       .asked_since_us = INT64_MAX };
	begin("bithumb-legacy", 15, &there);
	live(&older, 5);
	assert_true(in_gap(4.9));
	assert_int_equal(marks[1].state, GAP_OPEN);
	some_trades(&older, 6, 12);
	assert_true(in_gap(4.9));
	assert_false(in_gap(10));
	assert_int_equal(marks[1].state, GAP_UNFILLABLE);
}

/* The gap of before the first start went on at the second, and where it began was not noted: since the host was started. */
static void a_second_start_within_one_gap_opens_no_other_one(void **state)
{
	(void)state;
	struct resume_gap row = { .mark = { .gap_id = 1, .from_us = NOON_US - at(70), .to_us = GAP_NOT_OVER, .from_id = GAP_NO_ID,
		                            .to_id = GAP_NO_ID }, .older_ref_us = INT64_MIN };
	struct resume_market there = { .oldest_us = NOON_US - at(900), .newest_us = NOON_US - at(65), .newest_id = GAP_NO_ID,
		                       .covered_to_us = NOON_US - at(65), .before_newest_us = INT64_MIN, .gaps_to_us = INT64_MIN,
		                       .asked_since_us = INT64_MAX, .gaps = &row, .gap_count = 1 };
	resume = (struct resume){ .last_gap_id = 1, .alive_us = NOON_US - at(10) };
	begin("upbit", 0, &there);
	live(&older, 5);
	some_trades(&older, 6, 30);
	assert_int_equal(marks[2].to_us, 0);
}

/* The answer came late, and the gap of what was missed meanwhile began at the newest trade of then. */
static void what_is_missed_while_rest_is_asked_is_in_a_gap_at_once(void **state)
{
	(void)state;
	int64_t next_mono_us;
	begin("upbit", 0, NULL);
	live(&older, 0);
	some_trades(&older, 1, 10);
	carrier_missed(&older, 0, GAP_UNPARSEABLE, MONO_US + at(10.2));
	struct gap *gap = gaps_next(&gaps, 0, MONO_US + at(17), &next_mono_us);
	assert_non_null(gap);
	gaps_ask(&gaps, gap, "A", INT64_MIN, NOON_US + at(17));
	some_trades(&older, 11, 20);
	carrier_missed(&older, 0, GAP_UNPARSEABLE, MONO_US + at(20.2));
	some_trades(&older, 21, 40);
	gaps_given(&gaps, gap, MONO_US + at(39), MONO_US + at(40));
	assert_false(in_gap(12));
	assert_true(in_gap(20.1));
}

static void coverage_that_finds_no_place_is_told_again(void **state)
{
	(void)state;
	begin("upbit", 0, NULL);
	live(&older, 0);
	some_trades(&older, 1, 10);
	full = true;
	carrier_tell(&older, false, MONO_US + at(20.3));
	full = false;
	carrier_tell(&older, false, MONO_US + at(20.3));
	assert_int_equal(covered_to_us, NOON_US + at(9.9));
	coverages = 0;
	carrier_tell(&older, false, MONO_US + at(20.3)); /* and once */
	assert_int_equal(coverages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_connection_is_not_through_while_its_successor_has_brought_what_it_has_not, end),
		cmocka_unit_test_teardown(a_pong_alone_does_not_prove_what_a_connection_that_is_replaced_still_owed, end),
		cmocka_unit_test_teardown(what_a_successor_brought_proves_nothing_of_what_the_older_one_owed, end),
		cmocka_unit_test_teardown(a_gap_that_our_own_clock_ends_is_looked_at_again_when_trades_tell, end),
		cmocka_unit_test_teardown(a_second_start_within_one_gap_opens_no_other_one, end),
		cmocka_unit_test_teardown(what_is_missed_while_rest_is_asked_is_in_a_gap_at_once, end),
		cmocka_unit_test_teardown(coverage_that_finds_no_place_is_told_again, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
