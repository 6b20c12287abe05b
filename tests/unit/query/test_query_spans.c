#include "query/read/spans.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct spans spans_of(const int64_t *ends, size_t count)
{
	struct spans s = { NULL, 0 };
	for (size_t i = 0; i < count; i++)
		assert_true(spans_add(&s, ends[2 * i], ends[2 * i + 1]));
	return s;
}
#define SPANS(...) spans_of((const int64_t[]){ __VA_ARGS__ }, sizeof((const int64_t[]){ __VA_ARGS__ }) / 16)

static void expect(struct spans got, struct spans want)
{
	assert_int_equal(got.count, want.count);
	for (size_t i = 0; i < got.count; i++) {
		assert_int_equal(got.list[i].from, want.list[i].from);
		assert_int_equal(got.list[i].to, want.list[i].to);
	}
	spans_release(&got);
	spans_release(&want);
}

static struct spans less(struct spans s, struct spans gaps)
{
	assert_true(spans_subtract(&s, &gaps));
	spans_release(&gaps);
	return s;
}

static void what_overlaps_or_touches_becomes_one(void **state)
{
	(void)state;
	expect(SPANS(0, 10, 5, 7, 10, 20, 21, 30), SPANS(0, 20, 21, 30));
}

static void a_gap_takes_its_start_and_leaves_its_end(void **state)
{
	(void)state;
	expect(less(SPANS(0, 100), SPANS(10, 20)), SPANS(0, 9, 20, 100));
	expect(less(SPANS(0, 100), SPANS(0, 20)), SPANS(20, 100));
	expect(less(SPANS(0, 100), SPANS(90, INT64_MAX)), SPANS(0, 89));
	expect(less(SPANS(0, 100), SPANS(100, 200)), SPANS(0, 99));
	expect(less(SPANS(10, 100), SPANS(0, 10)), SPANS(10, 100));
	expect(less(SPANS(10, 100), SPANS(101, 200)), SPANS(10, 100));
}

static void a_gap_may_reach_over_several_spans(void **state)
{
	(void)state;
	expect(less(SPANS(0, 10, 20, 30, 40, 50), SPANS(5, 45)), SPANS(0, 4, 45, 50));
	expect(less(SPANS(0, 10, 20, 30), SPANS(0, 50)), (struct spans){ NULL, 0 });
	expect(less(SPANS(0, 10, 20, 30), SPANS(2, 3, 5, 6, 22, 25)), SPANS(0, 1, 3, 4, 6, 10, 20, 21, 25, 30));
}

static void holds_asks_for_the_whole_and_meets_for_any(void **state)
{
	(void)state;
	struct spans s = SPANS(0, 10, 20, 30);
	assert_true(spans_hold(&s, 0, 10));
	assert_true(spans_hold(&s, 25, 25));
	assert_false(spans_hold(&s, 5, 25));
	assert_false(spans_hold(&s, -1, 5));
	assert_false(spans_hold(&s, 20, 31));
	assert_true(spans_meet(&s, 10, 12));
	assert_true(spans_meet(&s, -5, 50));
	assert_false(spans_meet(&s, 11, 19));
	assert_false(spans_meet(&s, 31, 40));
	assert_int_equal(spans_length(&s, 5, 25), 10);
	spans_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_overlaps_or_touches_becomes_one),
		cmocka_unit_test(a_gap_takes_its_start_and_leaves_its_end),
		cmocka_unit_test(a_gap_may_reach_over_several_spans),
		cmocka_unit_test(holds_asks_for_the_whole_and_meets_for_any),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
