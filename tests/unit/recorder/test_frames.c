/* Which frames of a subscription are sent, taken, refused, and cut in halves.  The times are made up. */
#include "recorder/feeds/frames.h"

#include "schema/base/timefmt.h"
#include "support.h"

#include <string.h>

#define MARKETS 150
#define AT_FAULT 77

static const char *keys[MARKETS];
static uint32_t numbers[MARKETS];
static struct subscription wanted;
static struct frames frames;

static int begin(void **state)
{
	(void)state;
	for (size_t i = 0; i < MARKETS; i++) {
		keys[i] = "BTCUSDT";
		numbers[i] = (uint32_t)i;
	}
	wanted = (struct subscription){ .trades = { keys, numbers, MARKETS } };
	return frames_init(&frames, &wanted, exchange_find("binance")) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	frames_release(&frames);
	return 0;
}

static int64_t send(int64_t now)
{
	int64_t next_mono_us;
	struct frame *frame = frames_due(&frames, now, &next_mono_us);
	if (!frame)
		return 0;
	frames_sent(&frames, frame, now);
	return frame->id;
}

static void a_frame_is_taken_by_its_own_acknowledgement_only(void **state)
{
	(void)state;
	assert_int_equal(frames.count, 2);
	assert_int_equal(send(1), 1);
	assert_int_equal(send(1), 2);
	assert_int_equal(send(1), 0);
	const struct frame *taken = frames_taken(&frames, 2);
	assert_non_null(taken);
	assert_int_equal(taken->first, 100);
	assert_int_equal(taken->count, 50);
	assert_false(frames_all_taken(&frames));
	assert_null(frames_taken(&frames, 2)); /* said twice */
	assert_null(frames_taken(&frames, 3)); /* of nobody */
	assert_non_null(frames_taken(&frames, 1));
	assert_true(frames_all_taken(&frames));
}

static void a_frame_that_is_not_answered_is_overdue(void **state)
{
	(void)state;
	send(1000);
	send(2000);
	assert_int_equal(frames_overdue(&frames, 10 * US_PER_SECOND, 1000), FRAME_OLDEST);
	assert_int_equal(frames_overdue(&frames, 10 * US_PER_SECOND, 1000 + 10 * US_PER_SECOND), 1);
	frames_taken(&frames, 1);
	assert_int_equal(frames_overdue(&frames, 10 * US_PER_SECOND, 2000 + 10 * US_PER_SECOND), 2);
}

/* The exchange refuses every frame that holds the one market. */
static void the_market_at_fault_stands_alone_in_the_end_and_all_others_are_taken(void **state)
{
	(void)state;
	unsigned sent = 0, refused_alone = 0;
	int64_t last_wait_us = 0;
	for (int64_t now = 1; now < 3600 * US_PER_SECOND; now += US_PER_SECOND / 2) {
		int64_t id = send(now);
		if (id == 0)
			continue;
		sent++;
		const struct frame *frame = NULL;
		for (size_t i = 0; i < frames.count; i++)
			if (frames.frames[i].id == id && frames.frames[i].state == FRAME_OUT)
				frame = &frames.frames[i];
		assert_non_null(frame);
		struct frame was;
		bool alone;
		if (AT_FAULT < frame->first || AT_FAULT >= frame->first + frame->count) {
			frames_taken(&frames, id);
			continue;
		}
		assert_true(frames_refused(&frames, id, now, &was, &alone));
		refused_alone += alone;
		if (alone)
			last_wait_us = was.at_mono_us - now;
	}
	size_t taken = 0;
	for (size_t i = 0; i < frames.count; i++)
		taken += frames.frames[i].state == FRAME_TAKEN ? frames.frames[i].count : 0;
	assert_int_equal(taken, MARKETS - 1);
	assert_true(refused_alone > 3);
	assert_int_equal(last_wait_us, 600 * US_PER_SECOND);
	assert_true(sent < 60);
}

static void frames_that_replace_each_other_are_never_cut(void **state)
{
	(void)state;
	struct frame was;
	bool alone;
	frames_release(&frames);
	assert_true(frames_init(&frames, &wanted, exchange_find("upbit")));
	assert_int_equal(frames.count, 1);
	for (int64_t now = 1; now < 3600 * US_PER_SECOND; now += US_PER_SECOND)
		if (send(now) != 0)
			assert_true(frames_refused(&frames, FRAME_OLDEST, now, &was, &alone) && !alone);
	assert_int_equal(frames.count, 1);
}

static void trades_and_tickers_of_a_frame_are_told_apart(void **state)
{
	(void)state;
	struct subscription both = { .trades = { keys, numbers, 3 }, .tickers = { keys + 10, numbers + 10, 4 } };
	struct frame frame = { .first = 2, .count = 3 };
	struct subscription part = frame_part(&both, &frame);
	assert_int_equal(part.trades.count, 1);
	assert_int_equal(part.trades.markets[0], 2);
	assert_int_equal(part.tickers.count, 2);
	assert_int_equal(part.tickers.markets[0], 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_frame_is_taken_by_its_own_acknowledgement_only, begin, end),
		cmocka_unit_test_setup_teardown(a_frame_that_is_not_answered_is_overdue, begin, end),
		cmocka_unit_test_setup_teardown(the_market_at_fault_stands_alone_in_the_end_and_all_others_are_taken, begin, end),
		cmocka_unit_test_setup_teardown(frames_that_replace_each_other_are_never_cut, begin, end),
		cmocka_unit_test_setup_teardown(trades_and_tickers_of_a_frame_are_told_apart, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
