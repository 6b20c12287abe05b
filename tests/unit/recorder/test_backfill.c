/* What becomes of a gap with each answer: pages are handed in here, and nothing is asked for. */
#include "recorder/gaps/backfill.c"

#include "recorder/exchanges/binance_family_history.h"
#include "recorder/exchanges/upbit_family_history.h"
#include "recorder/tape/gap_queue.h"

#include "support.h"

static struct queue queue;
static struct net net;
static struct config config;
static struct market market = { .channel = CHANNEL_TRADES, .symbol = "BTCUSDT", .name = "binance:BTCUSDT" };
static struct market *market_list[] = { &market };
static struct market_plan plan = { .markets = market_list, .market_count = 1 };
static struct resume resume;
static struct gaps gaps;
static struct gap_queue gap_queue;
static struct backfill backfill;
static int64_t start_us;

static int begin_at(const char *exchange)
{
	config = (struct config){ .address_count = 1, .backfill_since_us = INT64_MAX, .fill_limit_us = US_PER_DAY };
	market.exchange = config.addresses[0].exchange = exchange_find(exchange);
	net = (struct net){ .queue = &queue };
	clock_set_second_of_day(12 * 60 * 60); /* no midnight is near */
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	backfill = (struct backfill){ .gaps = &gaps, .net = &net, .plan = &plan, .config = &config, .stopped = true };
	backfill.backfillers[0].backfill = &backfill;
	start_us = clock_wall_us() / US_PER_DAY * US_PER_DAY + US_PER_DAY / 2;
	if (!queue_init(&queue, 1000))
		return -1;
	gaps_add_market(&gaps, 0, market.exchange, NULL, clock_mono_us());
	gaps_live(&gaps, 0, clock_mono_us());
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return begin_at("binance");
}

static int setup_upbit(void **state)
{
	(void)state;
	return begin_at("upbit");
}

static int teardown(void **state)
{
	(void)state;
	gaps_release(&gaps);
	queue_release(&queue);
	held_page_release(&backfill.backfillers[0].held);
	json_buffer_release(&backfill.backfillers[0].json);
	return 0;
}

static void trade(int64_t id)
{
	bool upbit = market.exchange->history->newest_first; /* as REST tells them below */
	struct trade t = { .time_us = start_us + id, .side = upbit ? SIDE_BUY : SIDE_SELL, .id = { .kind = TRADE_ID_NUMBER, .number = id } };
	assert_true(decimal_parse(&t.price, upbit ? "1" : "4", 1, NULL) && decimal_parse(&t.size, upbit ? "1" : "12", upbit ? 1 : 2, NULL));
	gaps_trade(&gaps, 0, &t, false, clock_mono_us());
}

static void prepare(struct gap *gap)
{
	struct backfiller *f = &backfill.backfillers[0];
	char path[HISTORY_PATH_SIZE];
	if (!gap->asked)
		gaps_ask(&gaps, gap, market.symbol, INT64_MIN, start_us);
	gap->history.now_us = start_us + US_PER_MINUTE;
	address_of(f)->exchange->history->path(&gap->history, path);
	f->before = gap->history;
	f->asking = gap;
	f->asked_mono_us = clock_mono_us();
}

static void answer_text(struct gap *gap, char *body)
{
	backfill.backfillers[0].rest = (struct http_get){ .status = 200, .body = body, .body_len = strlen(body) };
	take_page(&backfill.backfillers[0], gap);
}

static void answer(struct gap *gap, int64_t from_id, int64_t count)
{
	static char body[4096];
	size_t len = (size_t)snprintf(body, sizeof body, "[");
	for (int64_t i = 0; i < count; i++)
		len += (size_t)snprintf(body + len, sizeof body - len,
		                        "%s{\"id\":%lld,\"price\":\"4\",\"qty\":\"12\",\"time\":%lld,\"isBuyerMaker\":true}", i ? "," : "",
		                        (long long)(from_id + i), (long long)(start_us + from_id + i));
	snprintf(body + len, sizeof body - len, "]");
	answer_text(gap, body);
}

static void rest_that_is_late_and_goes_on_is_never_given_up(void **state)
{
	(void)state;
	trade(100);
	trade(102);
	struct gap *gap = gaps.open[0];
	for (int64_t id = 101; id < 151; id += 2) {
		prepare(gap);
		answer(gap, id + 2, 0); /* not yet */
		trade(id + 3);          /* the next skip makes it longer */
		assert_ptr_equal(gaps.open[0], gap);
		assert_int_equal(gap->mark.to_id, id + 2);
		prepare(gap);
		answer(gap, id, 2);
		assert_ptr_equal(gaps.open[0], gap);
		assert_int_equal(gap->history.next_id, id + 2);
	}
	for (int i = 0; i < LATER_MAX; i++) {
		assert_ptr_equal(gaps.open[0], gap);
		prepare(gap);
		answer(gap, 0, 0);
	}
	assert_null(gaps.open[0]); /* but where nothing comes at all */
}

static void an_exchange_in_trouble_is_waited_for(void **state)
{
	(void)state;
	char sorry[] = "{\"code\":-1001,\"msg\":\"maintenance\"}";
	trade(100);
	trade(102);
	struct gap *gap = gaps.open[0];
	for (int i = 0; i < 60; i++) { /* its REST stands still, or says that it is in maintenance: for some hours */
		assert_ptr_equal(gaps.open[0], gap);
		prepare(gap);
		answer_text(gap, sorry);
		prepare(gap);
		answer(gap, 0, 0);
	}
	assert_ptr_equal(gaps.open[0], gap);
	prepare(gap);
	for (int i = 0; i < 60; i++) {
		assert_ptr_equal(gaps.open[0], gap);
		answer_text(gap, sorry);
	}
	assert_true(gap->not_before_mono_us > clock_mono_us() + 60 * US_PER_SECOND);
	assert_string_equal(gap->mark.note, "the exchange answers: -1001 maintenance");
	answer(gap, 100, 2);
	assert_null(gaps.open[0]);
}

static void an_answer_to_what_the_gap_was_before_ends_nothing_of_it(void **state)
{
	(void)state;
	trade(100);
	trade(150);
	struct gap *gap = gaps.open[0];
	prepare(gap);
	gap->mark.to_us = GAP_NOT_OVER; /* as one gap too many does: see gap_open */
	gap->mark.to_id = GAP_NO_ID;
	gap->live_mono_us = 0;
	gap->asked = false;
	gaps.states[0].waiting = gap;
	answer(gap, 120, 5);
	assert_ptr_equal(gaps.open[0], gap);
	assert_null(gap->next);
	assert_int_equal(gap->mark.from_id, 101);
	assert_int_equal(gap->mark.state, GAP_OPEN);
}

static void the_end_of_a_gap_is_asked_for_though_the_first_trades_came_late(void **state)
{
	(void)state;
	trade(100);
	gaps_lost(&gaps, 0, GAP_DISCONNECT, clock_mono_us());
	gaps_forget_clocks(&gaps, clock_wall_us() - clock_mono_us());
	int64_t now = clock_mono_us(), true_us = start_us + 60 * US_PER_SECOND;
	gaps_live(&gaps, 0, now);
	exchange_clock_sample(&gaps.times[0], true_us + US_PER_SECOND, now + US_PER_SECOND);
	exchange_clock_sample(&gaps.times[0], true_us + 2 * US_PER_SECOND, now + 2 * US_PER_SECOND);
	exchange_clock_sample(&gaps.times[0], true_us + US_PER_SECOND, now + 4 * US_PER_SECOND); /* 3 s late */
	prepare(gaps.open[0]);
	assert_true(gaps.open[0]->history.to_us > true_us);
}

/* The times of the trades that go to the tape, in seconds from start_us, and how many bear witness only. */
static void expect_trades(size_t count, const int *seconds, size_t witnesses)
{
	static struct item items[64];
	bool ended;
	size_t n = queue_pop(&queue, items, 1, sizeof items / sizeof *items, clock_mono_us(), &ended), trades = 0, seen = 0;
	for (size_t i = 0; i < n; i++) {
		if (items[i].kind != ITEM_TRADE)
			continue;
		seen += items[i].gap_id == ITEM_WITNESS;
		if (items[i].gap_id == ITEM_WITNESS)
			continue;
		assert_true(trades < count);
		assert_int_equal(items[i].trade.time_us / 1000, start_us / 1000 + seconds[trades++] * 1000);
	}
	assert_int_equal(trades, count);
	assert_int_equal(seen, witnesses);
}

/* What lies before the gap is a witness, where the page has a trade as it was recorded (that of second 0). */
static void what_is_outside(bool twin)
{
	char body[2048];
	size_t len = 0;
	trade(0);
	gaps_lost(&gaps, 0, GAP_DISCONNECT, clock_mono_us());
	gaps_live(&gaps, 0, clock_mono_us());
	struct gap *gap = gaps.open[0];
	gap->mark.from_us = start_us + 10 * US_PER_SECOND;
	gap->mark.to_us = start_us + 40 * US_PER_SECOND;
	gap->ends_by_clock = false;
	prepare(gap);
	static const struct { int second, id; } rows[] = { { 50, 100 }, { 40, 99 }, { 30, 98 }, { 20, 97 }, { 5, 96 }, { 0, 0 }, { -5, 95 } };
	for (size_t i = 0; i < (twin ? 7 : 5); i++)
		len += (size_t)snprintf(body + len, sizeof body - len,
		                        "%c{\"timestamp\":%lld,\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":%d}",
		                        i ? ',' : '[', (long long)(start_us / 1000 + rows[i].second * 1000), rows[i].id);
	snprintf(body + len, sizeof body - len, "]");
	answer_text(gap, body);
	expect_trades(2, (const int[]){ 20, 30 }, twin ? 3 : 0);
}

static void nothing_outside_of_the_gap_is_put_back(void **state)
{
	(void)state;
	what_is_outside(true);
}

static void a_page_without_a_recorded_trade_is_no_witness(void **state)
{
	(void)state;
	what_is_outside(false);
}

/* How many trades go to the tape, and the last one's id. */
static size_t put_back(int64_t *last_id)
{
	static struct item items[64];
	bool ended;
	size_t n = queue_pop(&queue, items, 1, sizeof items / sizeof *items, clock_mono_us(), &ended), trades = 0;
	for (size_t i = 0; i < n; i++) {
		if (items[i].kind != ITEM_TRADE)
			continue;
		*last_id = items[i].trade.id.number;
		trades++;
	}
	return trades;
}

static void rows_around(int64_t id, const char *price, char *body, size_t size)
{
	size_t len = 0;
	for (int64_t i = id - 1; i <= id + 1; i++)
		len += (size_t)snprintf(body + len, size - len, "%c{\"id\":%lld,\"price\":%s,\"qty\":\"12\",\"time\":%lld,\"isBuyerMaker\":true}",
		                        i < id ? '[' : ',', (long long)i, i == id ? price : "\"4\"", (long long)(start_us + i));
	snprintf(body + len, size - len, "]");
}

static void a_row_that_makes_no_sense_is_a_gap_of_its_own_and_asked_for_once_more(void **state)
{
	(void)state;
	trade(100);
	for (int64_t id = 102; id <= 106; id += 4) {
		char body[600];
		int64_t last_id = 0;
		trade(id + 2);
		struct gap *gap = gaps.open[0];
		for (int i = 0; i <= HISTORY_SPOILT_TRIES; i++) {
			prepare(gap);
			rows_around(id, "null", body, sizeof body);
			answer_text(gap, body);
		}
		assert_int_equal(put_back(&last_id), 2);
		gap = gaps.open[0];
		assert_non_null(gap);
		assert_null(gap->next);
		assert_int_equal(gap->mark.from_id, id);
		assert_true(gap->not_before_mono_us > clock_mono_us());
		for (int i = 0; gaps.open[0] && i <= HISTORY_SPOILT_TRIES; i++) {
			prepare(gap);
			rows_around(id, id == 102 ? "\"4\"" : "null", body, sizeof body);
			answer_text(gap, body);
		}
		assert_null(gaps.open[0]); /* REST has it by now; or it never will, and the tape says so */
		assert_int_equal(put_back(&last_id), id == 102 ? 1 : 0);
		assert_true(id != 102 || last_id == id);
	}
}

/* REST knows the trade that the socket brought, under another id. */
static void an_answer_that_is_not_the_sockets_twin_is_asked_for_again_and_then_nothing_of_it_is_added(void **state)
{
	(void)state;
	char body[120];
	trade(100);
	trade(103);
	struct gap *gap = gaps.open[0];
	prepare(gap);
	assert_int_equal(gap->history.lead, 1);
	for (int i = 0; i < MISMATCHES_MAX; i++) {
		assert_ptr_equal(gaps.open[0], gap);
		prepare(gap);
		int64_t now_us = start_us + 100;
		snprintf(body, sizeof body, "[{\"id\":100,\"price\":\"4\",\"qty\":\"12.5\",\"time\":%lld,\"isBuyerMaker\":true}]", (long long)now_us);
		answer_text(gap, body);
	}
	assert_null(gaps.open[0]);
	assert_true(gaps.states[0].told_no_twin);
	expect_trades(0, NULL, 0);
}

static void near_a_midnight_nothing_is_asked_for_by_the_name_of_a_day(void **state)
{
	(void)state;
	int64_t midnight = start_us - US_PER_DAY / 2;
	assert_true(near_midnight(&upbit_history, midnight + US_PER_SECOND, midnight + 3 * US_PER_SECOND));
	assert_false(near_midnight(&upbit_history, midnight + 6 * US_PER_SECOND, midnight + 8 * US_PER_SECOND));
	assert_false(near_midnight(&upbit_history, midnight - 20 * US_PER_SECOND, midnight - 10 * US_PER_SECOND));
	assert_true(near_midnight(&upbit_history, midnight - 6 * US_PER_SECOND, midnight - 4 * US_PER_SECOND));
	/* a trade that was sent again 35 s later is all that tells the time */
	assert_true(near_midnight(&upbit_history, midnight - 20 * US_PER_SECOND, midnight + 17 * US_PER_SECOND));
	/* our clock is wrong */
	assert_false(near_midnight(&upbit_history, midnight - 20 * US_PER_SECOND, midnight + US_PER_DAY / 4));
	/* another's midnight */
	assert_false(near_midnight(&bithumb_history, midnight, midnight));
	assert_true(near_midnight(&bithumb_history, midnight + 15 * 60 * US_PER_MINUTE, midnight + 15 * 60 * US_PER_MINUTE));
	assert_false(near_midnight(&binance_history, midnight, midnight));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rest_that_is_late_and_goes_on_is_never_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(an_exchange_in_trouble_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_to_what_the_gap_was_before_ends_nothing_of_it, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_outside_of_the_gap_is_put_back, setup_upbit, teardown),
		cmocka_unit_test_setup_teardown(a_page_without_a_recorded_trade_is_no_witness, setup_upbit, teardown),
		cmocka_unit_test_setup_teardown(an_answer_that_is_not_the_sockets_twin_is_asked_for_again_and_then_nothing_of_it_is_added, setup, teardown),
		cmocka_unit_test_setup_teardown(a_row_that_makes_no_sense_is_a_gap_of_its_own_and_asked_for_once_more, setup, teardown),
		cmocka_unit_test_setup_teardown(near_a_midnight_nothing_is_asked_for_by_the_name_of_a_day, setup_upbit, teardown),
		cmocka_unit_test_setup_teardown(the_end_of_a_gap_is_asked_for_though_the_first_trades_came_late, setup_upbit, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
