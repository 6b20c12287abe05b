#include "recorder/tape/queue.h"

#include "recorder/clock.h"
#include "support.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct item numbered(int64_t n)
{
	struct item item = { .kind = ITEM_TRADE };
	item.trade.id = (struct trade_id){ .kind = TRADE_ID_NUMBER, .number = n };
	return item;
}

static enum queue_state push(struct queue *q, int64_t n)
{
	struct item item = numbered(n);
	return queue_push(q, &item);
}

static size_t pop(struct queue *q, struct item *items, size_t max, bool *ended)
{
	return queue_pop(q, items, 1, max, clock_mono_us(), ended);
}

static void items_come_out_in_order_across_the_rings_end(void **state)
{
	(void)state;
	struct queue q;
	assert_true(queue_init(&q, 10));
	static struct item out[3000];
	bool ended;
	int64_t in = 0, taken = 0;
	struct rng r = { 4 };
	while (taken < 50000) {
		for (uint64_t n = rng_below(&r, 3000); n > 0; n--)
			if (push(&q, in) != QUEUE_OVERFLOWED)
				in++;
		size_t got = pop(&q, out, rng_below(&r, 3000), &ended);
		assert_false(ended);
		for (size_t i = 0; i < got; i++)
			assert_int_equal(out[i].trade.id.number, taken++);
	}
	queue_release(&q);
}

static atomic_int rooms;

static void count_room(void *arg)
{
	assert_ptr_equal(arg, &rooms);
	rooms++;
}

static void at_the_limit_it_is_full_and_at_half_it_has_room(void **state)
{
	(void)state;
	struct queue q;
	assert_true(queue_init(&q, 10));
	q.on_room = count_room;
	q.on_room_arg = &rooms;
	rooms = 0;
	struct item out[20];
	bool ended;
	for (int i = 1; i < 10; i++)
		assert_int_equal(push(&q, i), QUEUE_OPEN);
	assert_int_equal(queue_throttled(&q), 0);
	assert_int_equal(push(&q, 10), QUEUE_FULL); /* taken all the same */
	assert_int_equal(queue_throttled(&q), 1);
	assert_int_equal(push(&q, 11), QUEUE_FULL);
	assert_int_equal(pop(&q, out, 5, &ended), 5);
	assert_int_equal(rooms, 0);
	assert_int_equal(queue_throttled(&q), 1); /* six wait */
	assert_int_equal(push(&q, 12), QUEUE_FULL); /* still to be held back, though below the limit */
	assert_int_equal(pop(&q, out, 2, &ended), 2);
	assert_int_equal(rooms, 1);
	assert_int_equal(queue_throttled(&q), 0);
	assert_int_equal(push(&q, 13), QUEUE_OPEN);
	assert_int_equal(pop(&q, out, 20, &ended), 6);
	assert_int_equal(out[5].trade.id.number, 13);
	assert_int_equal(rooms, 1);
	queue_release(&q);
}

static void a_queue_of_one_row_works(void **state)
{
	(void)state;
	struct queue q;
	struct item out[2];
	bool ended;
	assert_true(queue_init(&q, 1));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(push(&q, i), QUEUE_FULL);
		assert_int_equal(queue_throttled(&q), 1);
		assert_int_equal(pop(&q, out, 2, &ended), 1);
		assert_int_equal(queue_throttled(&q), 0);
	}
	queue_release(&q);
}

static void only_beyond_its_spare_room_it_overflows_and_says_so(void **state)
{
	(void)state;
	struct queue q;
	struct item out[1];
	bool ended;
	assert_true(queue_init(&q, 10));
	for (int i = 0; i < 10 + QUEUE_SPARE_ROWS; i++)
		assert_true(push(&q, i) != QUEUE_OVERFLOWED);
	assert_int_equal(push(&q, -1), QUEUE_OVERFLOWED);
	assert_int_equal(pop(&q, out, 1, &ended), 1);
	assert_int_equal(out[0].trade.id.number, 0);
	assert_int_equal(push(&q, 5), QUEUE_FULL);
	assert_int_equal(push(&q, -1), QUEUE_OVERFLOWED);
	queue_release(&q);
}

static void depth_tells_the_most_since_it_was_asked(void **state)
{
	(void)state;
	struct queue q;
	struct item out[5];
	bool ended;
	size_t most;
	assert_true(queue_init(&q, 10));
	for (int i = 0; i < 5; i++)
		push(&q, i);
	pop(&q, out, 4, &ended);
	assert_int_equal(queue_depth(&q, &most), 1);
	assert_int_equal(most, 5);
	assert_int_equal(queue_depth(&q, &most), 1);
	assert_int_equal(most, 1);
	queue_release(&q);
}

static void a_closed_queue_gives_what_it_has_and_then_ends(void **state)
{
	(void)state;
	struct queue q;
	struct item out[5];
	bool ended;
	assert_true(queue_init(&q, 10));
	push(&q, 1);
	push(&q, 2);
	queue_close(&q);
	assert_int_equal(queue_pop(&q, out, 1, 1, INT64_MAX / 2, &ended), 1);
	assert_false(ended);
	assert_int_equal(queue_pop(&q, out, 5, 5, INT64_MAX / 2, &ended), 1);
	assert_true(ended);
	assert_int_equal(queue_pop(&q, out, 5, 5, INT64_MAX / 2, &ended), 0);
	assert_true(ended);
	queue_release(&q);
}

static void an_empty_queue_waits_no_longer_than_asked(void **state)
{
	(void)state;
	struct queue q;
	struct item out[1];
	bool ended;
	assert_true(queue_init(&q, 10));
	int64_t begin_us = clock_mono_us();
	assert_int_equal(queue_pop(&q, out, 1, 1, begin_us + 30000, &ended), 0);
	assert_false(ended);
	assert_true(clock_mono_us() - begin_us >= 30000);
	queue_release(&q);
}

/* ---- two threads ---- */

#define CROSSING 200000
static atomic_bool room_told;

static void tell_room(void *arg)
{
	(void)arg;
	room_told = true;
}

static void *push_all(void *arg)
{
	struct queue *q = arg;
	for (int64_t i = 0; i < CROSSING; i++) {
		enum queue_state s = push(q, i);
		if (s == QUEUE_OVERFLOWED)
			return "overflowed";
		/* as the network thread does: stop reading until it hears of room */
		while (s == QUEUE_FULL && queue_throttled(q))
			usleep(50);
	}
	queue_close(q);
	return NULL;
}

static void two_threads_lose_nothing_and_keep_the_order(void **state)
{
	(void)state;
	struct queue q;
	pthread_t thread;
	void *complaint;
	static struct item out[700];
	bool ended = false;
	int64_t next = 0;
	assert_true(queue_init(&q, 100));
	q.on_room = tell_room;
	assert_int_equal(pthread_create(&thread, NULL, push_all, &q), 0);
	while (!ended) {
		size_t max = 1 + (size_t)(next % 700), most, got = queue_pop(&q, out, 1 + (size_t)next % max, max, clock_mono_us() + 1000000, &ended);
		for (size_t i = 0; i < got; i++)
			assert_int_equal(out[i].trade.id.number, next++);
		assert_true(queue_depth(&q, &most) <= 100 && most <= 100);
	}
	pthread_join(thread, &complaint);
	assert_null(complaint);
	assert_int_equal(next, CROSSING);
	assert_true(room_told);
	queue_release(&q);
}

static void *push_seven_slowly(void *arg)
{
	for (int64_t i = 0; i < 7; i++) {
		usleep(3000);
		push(arg, i);
	}
	return NULL;
}

static void the_one_that_waits_is_woken_when_enough_are_there(void **state)
{
	(void)state;
	struct queue q;
	pthread_t thread;
	struct item out[20];
	bool ended;
	assert_true(queue_init(&q, 20));
	pthread_create(&thread, NULL, push_seven_slowly, &q);
	int64_t begin_us = clock_mono_us();
	size_t got = queue_pop(&q, out, 5, 20, begin_us + 30000000, &ended);
	assert_true(got >= 5); /* the seventh may have come meanwhile */
	assert_true(clock_mono_us() - begin_us < 20000000);
	pthread_join(thread, NULL);
	got += queue_pop(&q, out, 1, 20, clock_mono_us(), &ended);
	assert_int_equal(got, 7);
	queue_release(&q);
}

/* However many are wanted: whoever pushes stops at the limit, so waiting for more would be for ever. */
static void half_a_queue_is_enough_in_any_case(void **state)
{
	(void)state;
	struct queue q;
	struct item out[20];
	bool ended;
	for (size_t limit = 1; limit <= 10; limit++) {
		assert_true(queue_init(&q, limit));
		for (size_t i = 0; i < limit; i++)
			push(&q, (int64_t)i);
		int64_t begin_us = clock_mono_us();
		assert_int_equal(queue_pop(&q, out, 1000, 20, begin_us + 10000000, &ended), limit);
		assert_true(clock_mono_us() - begin_us < 5000000);
		queue_release(&q);
	}
}

static void fewer_than_enough_come_when_the_time_is_up(void **state)
{
	(void)state;
	struct queue q;
	struct item out[20];
	bool ended;
	assert_true(queue_init(&q, 20));
	push(&q, 1);
	int64_t begin_us = clock_mono_us();
	assert_int_equal(queue_pop(&q, out, 5, 20, begin_us + 30000, &ended), 1);
	assert_true(clock_mono_us() - begin_us >= 30000);
	queue_release(&q);
}

static void *close_late(void *arg)
{
	usleep(20000);
	queue_close(arg);
	return NULL;
}

static void closing_wakes_the_one_that_waits(void **state)
{
	(void)state;
	struct queue q;
	pthread_t thread;
	struct item out[1];
	bool ended;
	assert_true(queue_init(&q, 1));
	pthread_create(&thread, NULL, close_late, &q);
	assert_int_equal(queue_pop(&q, out, 1, 1, clock_mono_us() + 30000000, &ended), 0);
	assert_true(ended);
	pthread_join(thread, NULL);
	queue_release(&q);
}

static void nothing_of_a_market_is_taken_before_its_introduction(void **state)
{
	(void)state;
	struct queue q;
	struct item market = { .kind = ITEM_MARKET, .market = 0 }, trade = { .kind = ITEM_TRADE, .market = 0 }, gap = { .kind = ITEM_GAP, .market = 1 },
		    beat = { .kind = ITEM_HEARTBEAT };
	assert_true(queue_init(&q, 10));
	queue_want_introductions(&q);
	assert_int_equal(queue_push(&q, &trade), QUEUE_OVERFLOWED);
	assert_int_equal(queue_push(&q, &beat), QUEUE_OPEN);
	assert_int_equal(queue_push(&q, &market), QUEUE_OPEN);
	assert_int_equal(queue_push(&q, &trade), QUEUE_OPEN);
	assert_int_equal(queue_push(&q, &gap), QUEUE_OVERFLOWED);
	market.market = 1;
	while (queue_push(&q, &beat) != QUEUE_OVERFLOWED)
		;
	assert_int_equal(queue_push(&q, &market), QUEUE_OVERFLOWED); /* it did not find its place, */
	struct item out[50];
	bool ended;
	queue_pop(&q, out, 1, 50, clock_mono_us(), &ended);
	assert_int_equal(queue_push(&q, &gap), QUEUE_OVERFLOWED); /* so that what is of it finds none either */
	assert_int_not_equal(queue_push(&q, &market), QUEUE_OVERFLOWED);
	assert_int_not_equal(queue_push(&q, &gap), QUEUE_OVERFLOWED);
	queue_release(&q);
}

/* ---- shares ---- */

static struct item of_market(uint32_t market, int64_t n)
{
	struct item item = numbered(n);
	item.market = market;
	return item;
}

/* Market m is of share m. */
static void init_shares(struct queue *q, size_t limit, size_t shares)
{
	assert_true(queue_init_shares(q, limit, shares));
	for (uint32_t i = 0; i < shares; i++)
		assert_true(queue_assign(q, i, i));
}

static enum queue_state push_of(struct queue *q, uint32_t market, int64_t n)
{
	struct item item = of_market(market, n);
	return queue_push(q, &item);
}

static void who_fills_its_share_is_throttled_alone(void **state)
{
	(void)state;
	struct queue q;
	struct item out[40];
	bool ended;
	init_shares(&q, 30, 3);
	q.on_room = count_room;
	q.on_room_arg = &rooms;
	rooms = 0;
	for (int i = 1; i < 10; i++)
		assert_int_equal(push_of(&q, 1, i), QUEUE_OPEN);
	assert_int_equal(push_of(&q, 1, 10), QUEUE_FULL); /* a third of the limit */
	assert_int_equal(queue_throttled(&q), 1u << 1);
	assert_int_equal(push_of(&q, 0, 1), QUEUE_OPEN);
	assert_int_equal(push_of(&q, 2, 1), QUEUE_OPEN);
	for (int i = 0; i < QUEUE_SPARE_ROWS; i++)
		assert_int_equal(push_of(&q, 1, i), QUEUE_FULL);
	assert_int_equal(push_of(&q, 1, 0), QUEUE_OVERFLOWED); /* what overflows takes nobody else's place */
	assert_int_equal(push_of(&q, 2, 2), QUEUE_OPEN);
	assert_int_equal(queue_throttled(&q), 1u << 1);
	while (queue_throttled(&q) != 0) {
		assert_int_equal(rooms, 0);
		queue_pop(&q, out, 1, 40, clock_mono_us(), &ended);
	}
	assert_int_equal(rooms, 1);
	assert_in_range(queue_count(&q), 0, 5);
	queue_release(&q);
}

static void a_quiet_share_never_waits_behind_a_flood(void **state)
{
	(void)state;
	struct queue q;
	struct item out[10];
	bool ended;
	init_shares(&q, 3000, 3);
	for (int i = 0; i < 900; i++)
		assert_int_equal(push_of(&q, 0, i), QUEUE_OPEN);
	int64_t flood = 0;
	for (int64_t quiet = 0; quiet < 50; quiet++) {
		assert_int_equal(push_of(&q, 2, quiet), QUEUE_OPEN);
		size_t got = queue_pop(&q, out, 1, 10, clock_mono_us(), &ended), seen = 0;
		assert_int_equal(got, 10); /* and what it leaves free the flood gets */
		for (size_t i = 0; i < got; i++) {
			if (out[i].market == 2) {
				assert_int_equal(out[i].trade.id.number, quiet);
				seen++;
			} else {
				assert_int_equal(out[i].trade.id.number, flood++);
			}
		}
		assert_int_equal(seen, 1);
	}
	assert_int_equal(flood, 450);
	queue_release(&q);
}

static void of_two_that_flood_each_gets_half_of_every_batch(void **state)
{
	(void)state;
	struct queue q;
	struct item out[100];
	bool ended;
	init_shares(&q, 3000, 3);
	for (int i = 0; i < 400; i++) {
		assert_int_equal(push_of(&q, 0, i), QUEUE_OPEN);
		assert_int_equal(push_of(&q, 1, i), QUEUE_OPEN);
	}
	for (int round = 0; round < 8; round++) {
		size_t of_first = 0;
		assert_int_equal(queue_pop(&q, out, 1, 100, clock_mono_us(), &ended), 100);
		for (size_t i = 0; i < 100; i++)
			of_first += out[i].market == 0;
		assert_int_equal(of_first, 50);
	}
	assert_int_equal(queue_count(&q), 0);
	queue_release(&q);
}

static void a_batch_of_one_row_serves_all_shares_by_turns(void **state)
{
	(void)state;
	struct queue q;
	struct item out[1];
	bool ended;
	init_shares(&q, 3000, 3);
	for (int i = 0; i < 30; i++)
		for (uint32_t m = 0; m < 3; m++)
			assert_int_equal(push_of(&q, m, i), QUEUE_OPEN);
	for (int i = 0; i < 30; i++) {
		unsigned seen = 0;
		for (int k = 0; k < 3; k++) {
			assert_int_equal(queue_pop(&q, out, 1, 1, clock_mono_us(), &ended), 1);
			assert_int_equal(out[0].trade.id.number, i);
			seen |= 1u << out[0].market;
		}
		assert_int_equal(seen, 7);
	}
	queue_release(&q);
}

static void what_is_of_no_market_goes_where_there_is_room(void **state)
{
	(void)state;
	struct queue q;
	struct item beat = { .kind = ITEM_HEARTBEAT };
	init_shares(&q, 20, 2);
	while (push_of(&q, 0, 1) != QUEUE_OVERFLOWED)
		;
	assert_int_equal(queue_push(&q, &beat), QUEUE_OPEN);
	queue_release(&q);
}

static void waiting_for_more_than_a_share_holds_ends_with_half_a_share(void **state)
{
	(void)state;
	struct queue q;
	struct item out[100];
	bool ended;
	init_shares(&q, 100, 10);
	for (int i = 0; i < 10; i++)
		(void)!push_of(&q, 3, i);
	int64_t begin_us = clock_mono_us();
	assert_int_equal(queue_pop(&q, out, 90, 100, begin_us + 10000000, &ended), 10); /* that one is not read any more: no more will come */
	assert_true(clock_mono_us() - begin_us < 5000000);
	queue_release(&q);
}

static void *push_all_shares(void *arg)
{
	struct queue *q = arg;
	int64_t next[3] = { 0, 0, 0 };
	struct rng r = { 9 };
	while (next[0] < CROSSING / 4 || next[1] < CROSSING / 4 || next[2] < CROSSING / 4) {
		uint32_t market = (uint32_t)rng_below(&r, 3);
		if (next[market] >= CROSSING / 4 || (queue_throttled(q) >> market & 1))
			continue;
		if (push_of(q, market, next[market]++) == QUEUE_OVERFLOWED)
			return "overflowed";
	}
	queue_close(q);
	return NULL;
}

static void between_two_threads_each_market_keeps_its_order(void **state)
{
	(void)state;
	struct queue q;
	pthread_t thread;
	void *complaint;
	static struct item out[700];
	bool ended = false;
	int64_t next[3] = { 0, 0, 0 };
	init_shares(&q, 300, 3);
	q.on_room = tell_room;
	assert_int_equal(pthread_create(&thread, NULL, push_all_shares, &q), 0);
	while (!ended) {
		size_t got = queue_pop(&q, out, 20, 1 + (size_t)next[0] % 700, clock_mono_us() + 1000000, &ended);
		for (size_t i = 0; i < got; i++)
			assert_int_equal(out[i].trade.id.number, next[out[i].market]++);
	}
	pthread_join(thread, &complaint);
	assert_null(complaint);
	for (int m = 0; m < 3; m++)
		assert_int_equal(next[m], CROSSING / 4);
	queue_release(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_out_in_order_across_the_rings_end),
		cmocka_unit_test(at_the_limit_it_is_full_and_at_half_it_has_room),
		cmocka_unit_test(a_queue_of_one_row_works),
		cmocka_unit_test(only_beyond_its_spare_room_it_overflows_and_says_so),
		cmocka_unit_test(depth_tells_the_most_since_it_was_asked),
		cmocka_unit_test(a_closed_queue_gives_what_it_has_and_then_ends),
		cmocka_unit_test(an_empty_queue_waits_no_longer_than_asked),
		cmocka_unit_test(two_threads_lose_nothing_and_keep_the_order),
		cmocka_unit_test(the_one_that_waits_is_woken_when_enough_are_there),
		cmocka_unit_test(half_a_queue_is_enough_in_any_case),
		cmocka_unit_test(fewer_than_enough_come_when_the_time_is_up),
		cmocka_unit_test(closing_wakes_the_one_that_waits),
		cmocka_unit_test(nothing_of_a_market_is_taken_before_its_introduction),
		cmocka_unit_test(who_fills_its_share_is_throttled_alone),
		cmocka_unit_test(a_quiet_share_never_waits_behind_a_flood),
		cmocka_unit_test(of_two_that_flood_each_gets_half_of_every_batch),
		cmocka_unit_test(a_batch_of_one_row_serves_all_shares_by_turns),
		cmocka_unit_test(what_is_of_no_market_goes_where_there_is_room),
		cmocka_unit_test(waiting_for_more_than_a_share_holds_ends_with_half_a_share),
		cmocka_unit_test(between_two_threads_each_market_keeps_its_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
