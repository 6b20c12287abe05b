/* What becomes of a market with each of the exchange's totals: they are handed in here, and nothing is asked for. */
#include "recorder/gaps/audit.c"

#include "recorder/tape/gap_queue.h"

#include "support.h"

enum { BTC, ETH };
static struct queue queue;
static struct net net;
static struct config config;
static struct market markets[2];
static struct market *market_list[] = { &markets[BTC], &markets[ETH] };
static struct market_plan plan = { .markets = market_list, .market_count = 2 };
static struct resume resume;
static struct gaps gaps;
static struct gap_queue gap_queue;
static struct backfill backfill;
static struct audit audit;
static struct auditor *auditor = &audit.auditors[0];
static int64_t start_us; /* the exchange's time now */

/* At so many seconds after 00:00 UTC. */
static int begin_at(const char *exchange, const char *symbol, const char *other, int64_t second_of_day)
{
	const char *const symbols[] = { symbol, other };
	config = (struct config){ .address_count = 1, .backfill_since_us = INT64_MAX, .fill_limit_us = US_PER_DAY, .audit_us = 5 * US_PER_MINUTE };
	config.addresses[0].exchange = exchange_find(exchange);
	net = (struct net){ .queue = &queue };
	clock_set_second_of_day(second_of_day);
	start_us = clock_wall_us();
	if (!queue_init(&queue, 1000))
		return -1;
	for (size_t i = 0; i < 2; i++) {
		markets[i] = (struct market){ .exchange = exchange_find(exchange), .channel = CHANNEL_TRADES };
		snprintf(markets[i].symbol, sizeof markets[i].symbol, "%s", symbols[i]);
		snprintf(markets[i].name, sizeof markets[i].name, "%s:%s", exchange, symbols[i]);
	}
	gap_queue_init(&gap_queue, &gaps, &net, &plan, &config, &resume);
	for (uint32_t i = 0; i < 2; i++)
		gaps_add_market(&gaps, i, markets[i].exchange, NULL, clock_mono_us());
	for (int k = 0; k < 3; k++)
		exchange_clock_sample(&gaps.times[0], start_us + k * US_PER_SECOND / 10, clock_mono_us() + k * US_PER_SECOND / 10);
	backfill = (struct backfill){ .gaps = &gaps, .net = &net, .plan = &plan, .config = &config, .stopped = true };
	backfill.backfillers[0].backfill = &backfill;
	audit = (struct audit){ .gaps = &gaps, .backfill = &backfill };
	*auditor = (struct auditor){ .audit = &audit, .again_mono_us = INT64_MAX, .asked_mono_us = clock_mono_us() };
	for (uint32_t i = 0; i < 2; i++) {
		gaps.states[i].covered_from_us = start_us - US_PER_MINUTE;
		gaps_live(&gaps, i, clock_mono_us());
	}
	return make_room(&audit) ? 0 : -1;
}

static int upbit(void **state)
{
	(void)state;
	return begin_at("upbit", "KRW-BTC", "KRW-ETH", 12 * 3600);
}

static int legacy(void **state)
{
	(void)state;
	return begin_at("bithumb-legacy", "BTC_KRW", "ETH_KRW", 12 * 3600);
}

static int end(void **state)
{
	(void)state;
	free(audit.markets);
	json_buffer_release(&auditor->json);
	gaps_release(&gaps);
	queue_release(&queue);
	return 0;
}

/* It came at its own time: so it tells nothing of a clock. */
static void trade(uint32_t market, int64_t after_us)
{
	const struct exchange_clock clock = gaps.times[0];
	struct trade t = { .market = market, .time_us = start_us + after_us, .id = { .kind = TRADE_ID_NUMBER, .number = after_us } };
	gaps_trade(&gaps, market, &t, false, clock_mono_us());
	gaps.times[0] = clock;
}

/* The exchange says so of the first market. */
static void said(int64_t last_after_us, const char *volume)
{
	bool dated = exchange_find("upbit") == config.addresses[0].exchange;
	struct market_total total = { .symbol = markets[BTC].symbol, .volume = dec(volume), .last_us = dated ? start_us + last_after_us : INT64_MIN,
		                      .said_us = dated ? INT64_MIN : start_us + last_after_us };
	audit.markets[BTC].asked = true;
	on_total(auditor, &total);
}

static size_t open_count(void)
{
	size_t n = 0;
	for (const struct gap *gap = gaps.open[0]; gap; gap = gap->next)
		n += gap->mark.state == GAP_OPEN;
	return n;
}

#define S US_PER_SECOND

static void a_trade_there_that_never_comes_is_a_gap_at_the_second_look(void **state)
{
	(void)state;
	trade(BTC, -40 * S);
	said(-10 * S, "5");
	assert_int_equal(open_count(), 0);
	assert_true(auditor->again_mono_us < clock_mono_us() + 16 * S); /* soon */
	said(-10 * S, "5");
	assert_int_equal(open_count(), 2);
	const struct gap *later = gaps.open[0], *first = later->next;
	assert_int_equal(first->mark.reason, GAP_AUDIT);
	assert_in_range(first->mark.from_us, start_us - 46 * S, start_us - 40 * S); /* from its own newest trade, less lateness */
	assert_in_range(first->mark.to_us, start_us, start_us + 10 * S);
	assert_true(first->live_mono_us != 0); /* REST may be asked for it */
	assert_int_equal(later->mark.from_us, first->mark.to_us);
	assert_int_equal(later->mark.to_us, GAP_NOT_OVER); /* and it is not whole until it speaks */
	assert_true(gaps.states[BTC].mute && !gaps.states[BTC].live);
}

static void what_was_on_its_way_is_no_gap(void **state)
{
	(void)state;
	trade(BTC, -40 * S);
	said(-10 * S, "5");
	trade(BTC, -10 * S); /* it was late */
	said(-2 * S, "6");   /* and this is within what a market may be late */
	assert_int_equal(open_count(), 0);
	said(-2 * S, "6");
	assert_int_equal(open_count(), 0);
	trade(BTC, -2 * S);
	said(-2 * S, "6");
	assert_int_equal(audit.markets[BTC].suspect_us, INT64_MIN);
}

/* Its last trade was missed, and none comes any more: 2 s newer than ours, and long ago. */
static void an_old_trade_that_is_little_newer_than_ours_is_a_gap_too(void **state)
{
	(void)state;
	trade(BTC, -40 * S);
	said(-40 * S + S / 2, "5"); /* within what volume and time of one answer may lie apart */
	said(-40 * S + S / 2, "5");
	assert_int_equal(open_count(), 0);
	said(-38 * S, "5");
	said(-38 * S, "5");
	assert_int_equal(open_count(), 2);
}

/* What a socket sends again when it is new is old; the tape has the newest. */
static void old_trades_that_come_again_make_no_market_mute(void **state)
{
	(void)state;
	trade(BTC, -10 * S);
	for (int64_t i = 0; i < 5; i++)
		trade(BTC, (-40 + i) * S);
	said(-10 * S, "5");
	said(-10 * S, "5");
	assert_int_equal(open_count(), 0);
	assert_int_equal(audit.markets[BTC].suspect_us, INT64_MIN);
}

static void a_market_that_never_said_a_word_is_mute_from_its_start(void **state)
{
	(void)state;
	said(-3600 * S, "5"); /* before it was recorded */
	said(-3600 * S, "5");
	assert_int_equal(open_count(), 0);
	said(-10 * S, "6");
	said(-10 * S, "6");
	assert_int_equal(open_count(), 2);
	assert_in_range(gaps.open[0]->next->mark.from_us, start_us - 70 * S, start_us - 60 * S);
}

static void a_time_that_cannot_be_tells_nothing(void **state)
{
	(void)state;
	trade(BTC, -40 * S);
	for (int i = 0; i < 3; i++)
		said(200 * S, "5");
	assert_int_equal(open_count(), 0);
}

static void two_markets_do_not_mix(void **state)
{
	(void)state;
	trade(ETH, -40 * S);
	trade(BTC, -10 * S);
	said(-10 * S, "5");
	said(-10 * S, "5");
	struct market_total total = { .symbol = "KRW-ETH", .volume = dec("1"), .last_us = start_us - 9 * S };
	on_total(auditor, &total); /* not asked for */
	assert_int_equal(audit.markets[ETH].suspect_us, INT64_MIN);
	audit.markets[ETH].asked = true;
	on_total(auditor, &total);
	assert_int_equal(audit.markets[ETH].suspect_us, start_us - 9 * S);
	assert_int_equal(open_count(), 0);
}

static void the_gap_ends_when_the_market_speaks_again(void **state)
{
	(void)state;
	trade(BTC, -40 * S);
	said(-10 * S, "5");
	said(-10 * S, "5");
	trade(BTC, S);
	assert_true(gaps.states[BTC].live && !gaps.states[BTC].mute);
	assert_int_equal(open_count(), 2); /* REST is yet to be asked for both */
	for (const struct gap *gap = gaps.open[0]; gap; gap = gap->next)
		assert_true(gap->mark.to_us != GAP_NOT_OVER && gap->live_mono_us != 0);
}

static void while_it_is_traded_there_each_look_makes_one_gap_more(void **state)
{
	(void)state;
	trade(BTC, -40 * S);
	said(-10 * S, "5");
	said(-10 * S, "5");
	said(4 * S, "7"); /* the exchange's clock went on */
	assert_int_equal(open_count(), 3);
	assert_true(gaps.states[BTC].mute);
	said(-10 * S, "7"); /* none since */
	assert_int_equal(open_count(), 3);
	assert_true(gaps.states[BTC].live);
}

static void a_market_whose_gap_is_open_is_left_alone(void **state)
{
	(void)state;
	trade(BTC, -40 * S);
	gaps_lost(&gaps, BTC, GAP_DISCONNECT, clock_mono_us());
	said(-10 * S, "5");
	said(-10 * S, "5");
	assert_int_equal(open_count(), 1);
	assert_int_equal(gaps.open[0]->mark.reason, GAP_DISCONNECT);
	assert_int_equal(audit.markets[BTC].held_mono_us, 0);
}

static void where_no_time_is_told_a_volume_that_grows_tells_it(void **state)
{
	(void)state;
	trade(BTC, -80 * S);
	said(-60 * S, "5");
	said(-50 * S, "5"); /* nothing new */
	said(-40 * S, "6"); /* traded since 50 s ago */
	assert_int_equal(open_count(), 0);
	said(-30 * S, "6");
	assert_int_equal(open_count(), 1); /* there is no REST to fill a part of it */
	assert_int_equal(gaps.open[0]->mark.to_us, GAP_NOT_OVER);
	trade(BTC, 0);
	assert_int_equal(open_count(), 0);
	assert_true(gaps.states[BTC].live);
}

static const struct item *pushed(void)
{
	static struct item items[64];
	bool ended;
	size_t count = queue_pop(&queue, items, 1, 64, clock_mono_us() + 1, &ended);
	for (size_t i = 0; i < count; i++)
		if (items[i].kind == ITEM_AUDIT)
			return &items[i];
	return NULL;
}

static void a_volume_goes_on_when_the_trades_before_it_have_come(void **state)
{
	(void)state;
	int64_t day_us = start_us / US_PER_DAY * US_PER_DAY;
	trade(BTC, -S);
	said(-S, "5.25");
	push_held(auditor, clock_mono_us() + 5 * S);
	assert_null(pushed());
	push_held(auditor, clock_mono_us() + 7 * S);
	const struct item *item = pushed();
	assert_non_null(item);
	assert_int_equal(item->audit.day_from_us, day_us);
	assert_int_equal(item->audit.from_us, start_us - 2 * S);
	assert_int_equal(item->audit.to_us, start_us - 1);
	push_held(auditor, clock_mono_us() + 9 * S);
	assert_null(pushed()); /* once */
}

/* Is a volume of then compared, and of which day? */
static void day_of(const char *exchange, int64_t second_of_day, int64_t last_after_us, int64_t wanted_day_us)
{
	assert_int_equal(begin_at(exchange, "KRW-BTC", "KRW-ETH", second_of_day), 0);
	int64_t utc_us = start_us / US_PER_DAY * US_PER_DAY;
	struct market_total total = { .symbol = "KRW-BTC", .volume = dec("1"), .last_us = start_us + last_after_us, .said_us = INT64_MIN };
	audit.markets[BTC].asked = true;
	hold_volume(auditor, BTC, &total, clock_mono_us());
	if (wanted_day_us == INT64_MIN)
		assert_int_equal(audit.markets[BTC].held_mono_us, 0);
	else
		assert_int_equal(audit.markets[BTC].held.day_from_us, utc_us + wanted_day_us);
	if (wanted_day_us != INT64_MIN)
		assert_true(audit.markets[BTC].held.from_us >= utc_us + wanted_day_us);
	end(NULL);
}

static void a_day_begins_at_the_exchanges_own_midnight(void **state)
{
	(void)state;
	const int64_t hour_us = 60 * US_PER_MINUTE, not_compared = INT64_MIN;
	day_of("upbit", 60, -S, 0);
	day_of("upbit", 23 * 3600 + 59 * 60, -S, 0);
	day_of("upbit", 60, -90 * S, not_compared); /* traded yesterday for the last time */
	day_of("upbit", 3, -2 * S, not_compared);   /* just behind midnight */
	day_of("upbit", 24 * 3600 - 3, -S, not_compared);
	day_of("bithumb", 60, -S, -9 * hour_us);
	day_of("bithumb", 24 * 3600 - 3, -S, 15 * hour_us);
	day_of("bithumb", 15 * 3600 - 60, -S, -9 * hour_us);
	day_of("bithumb", 15 * 3600 - 3, -S, not_compared);
	day_of("bithumb", 15 * 3600 + 3, -2 * S, not_compared);
	day_of("bithumb", 15 * 3600 + 60, -30 * S, 15 * hour_us);
	day_of("bithumb", 15 * 3600 + 60, -61 * S, not_compared);
}

static void answer(const char *body)
{
	auditor->rest = (struct http_get){ .status = 200, .body = (char *)(uintptr_t)body, .body_len = strlen(body) };
	take_answer(auditor);
}

static void one_market_that_is_not_listed_does_not_spoil_the_others(void **state)
{
	(void)state;
	static const char error[] = "{\"error\":{\"name\":404,\"message\":\"Code not found\"}}";
	auditor->answered = true;
	auditor->asked_count = 2;
	audit.markets[BTC].asked = audit.markets[ETH].asked = true;
	answer(error);
	assert_true(audit.markets[BTC].alone && audit.markets[BTC].due && audit.markets[ETH].alone && audit.markets[ETH].due);
	auditor->asked_count = 1;
	audit.markets[ETH].asked = false;
	answer(error);
	assert_true(audit.markets[BTC].unlisted && !audit.markets[ETH].unlisted);
	auditor->round_mono_us = 0;
	assert_true(note_due(auditor, clock_mono_us()));
	assert_true(!audit.markets[BTC].due && audit.markets[ETH].due);
}

static void an_exchange_that_never_answers_is_asked_three_times_a_round(void **state)
{
	(void)state;
	auditor->asked_count = 1;
	for (int i = 0; i < 3; i++) {
		audit.markets[BTC].asked = audit.markets[ETH].due = true;
		answer("<html>not found</html>");
	}
	assert_true(!audit.markets[BTC].due && !audit.markets[ETH].due && !audit.markets[BTC].unlisted);
	auditor->round_mono_us = clock_mono_us() + S;
	assert_false(note_due(auditor, clock_mono_us()));
}

static void backfill_goes_first_and_a_ban_stops_both(void **state)
{
	(void)state;
	assert_true(backfill_lets(&backfill, 0, false));
	struct http_get refusal = { .status = 418 };
	assert_false(backfill_heed(&backfill, 0, &refusal));
	assert_false(backfill_lets(&backfill, 0, false));
	assert_false(backfill_lets(&backfill, 0, true));
	assert_true(backfill.backfillers[0].hold_until_mono_us > clock_mono_us() + 4 * S);
	backfill.backfillers[0].hold_until_mono_us = 0;
	trade(BTC, 0);
	gaps_missed(&gaps, BTC, GAP_UNPARSEABLE, clock_mono_us());
	gaps.open[0]->not_before_mono_us = 0;
	assert_false(backfill_lets(&backfill, 0, false)); /* a gap is due */
	assert_false(backfill_lets(&backfill, 0, true));
	struct http_get answer = { .status = 200 };
	assert_true(backfill_heed(&backfill, 0, &answer));
	assert_true(backfill_lets(&backfill, 0, true)); /* a backfill of hours does not keep the audit from it for ever */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_trade_there_that_never_comes_is_a_gap_at_the_second_look, upbit, end),
		cmocka_unit_test_setup_teardown(what_was_on_its_way_is_no_gap, upbit, end),
		cmocka_unit_test_setup_teardown(an_old_trade_that_is_little_newer_than_ours_is_a_gap_too, upbit, end),
		cmocka_unit_test_setup_teardown(old_trades_that_come_again_make_no_market_mute, upbit, end),
		cmocka_unit_test_setup_teardown(a_market_that_never_said_a_word_is_mute_from_its_start, upbit, end),
		cmocka_unit_test_setup_teardown(a_time_that_cannot_be_tells_nothing, upbit, end),
		cmocka_unit_test_setup_teardown(two_markets_do_not_mix, upbit, end),
		cmocka_unit_test_setup_teardown(the_gap_ends_when_the_market_speaks_again, upbit, end),
		cmocka_unit_test_setup_teardown(while_it_is_traded_there_each_look_makes_one_gap_more, upbit, end),
		cmocka_unit_test_setup_teardown(a_market_whose_gap_is_open_is_left_alone, upbit, end),
		cmocka_unit_test_setup_teardown(where_no_time_is_told_a_volume_that_grows_tells_it, legacy, end),
		cmocka_unit_test_setup_teardown(a_volume_goes_on_when_the_trades_before_it_have_come, upbit, end),
		cmocka_unit_test(a_day_begins_at_the_exchanges_own_midnight),
		cmocka_unit_test_setup_teardown(one_market_that_is_not_listed_does_not_spoil_the_others, upbit, end),
		cmocka_unit_test_setup_teardown(an_exchange_that_never_answers_is_asked_three_times_a_round, upbit, end),
		cmocka_unit_test_setup_teardown(backfill_goes_first_and_a_ban_stops_both, upbit, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
