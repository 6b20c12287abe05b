#include "query/verify/verify.h"

#include "support.h"

static enum id_place add(struct id_skips *s, int64_t id)
{
	return id_skips_add(s, id, id > 1000000 ? 1000000 : id, true);
}

static void one_id_far_beyond_all_others_makes_no_skip(void **state)
{
	(void)state;
	static const int64_t absurd[] = { INT64_C(1000000000000), INT64_C(1) << 60, INT64_MAX - 1, INT64_MAX };
	for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
		struct id_skips s = { .count = 0 };
		add(&s, 1);
		assert_int_equal(add(&s, 2), ID_NEXT);
		add(&s, absurd[i]);
		assert_int_equal(add(&s, 3), ID_NEXT);
		assert_int_equal(add(&s, 4), ID_NEXT);
		assert_int_equal(add(&s, 4), ID_TWICE);
		assert_int_equal(s.count, 0);
		id_skips_release(&s);
	}
}

static void two_near_each_other_far_beyond_are_a_skip_of_all_between(void **state)
{
	(void)state;
	struct id_skips s = { .count = 0 };
	add(&s, 1);
	assert_int_equal(add(&s, 5000000), ID_NEXT);
	assert_int_equal(s.count, 0);
	assert_int_equal(add(&s, 5000000), ID_TWICE);
	assert_int_equal(add(&s, 5000003), ID_NEXT);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.list[0].from, 2);
	assert_int_equal(s.list[0].to, 4999999);
	assert_int_equal(s.list[1].from, 5000001);
	assert_int_equal(s.list[1].to, 5000002);
	id_skips_release(&s);
}

/* An absurd one before a long outage hides nothing of it. */
static void of_two_that_are_far_from_each_other_the_later_one_counts_with_its_neighbour(void **state)
{
	(void)state;
	struct id_skips s = { .count = 0 };
	add(&s, 1);
	add(&s, INT64_C(1) << 60);
	add(&s, 9000000);
	add(&s, 9000001);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.list[0].to, 8999999);
	assert_int_equal(s.newest, 9000001);
	id_skips_release(&s);
}

static void ids_up_to_the_last_number_of_all_are_counted(void **state)
{
	(void)state;
	struct id_skips s = { .count = 0 };
	add(&s, INT64_MAX - 3);
	assert_int_equal(add(&s, INT64_MAX), ID_NEXT);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.list[0].from, INT64_MAX - 2);
	assert_int_equal(s.list[0].to, INT64_MAX - 1);
	assert_int_equal(add(&s, INT64_MAX), ID_TWICE);
	assert_int_equal(add(&s, INT64_MAX - 1), ID_MISSED);
	assert_int_equal(add(&s, INT64_MAX - 2), ID_MISSED);
	assert_int_equal(s.count, 0);
	id_skips_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_id_far_beyond_all_others_makes_no_skip),
		cmocka_unit_test(two_near_each_other_far_beyond_are_a_skip_of_all_between),
		cmocka_unit_test(of_two_that_are_far_from_each_other_the_later_one_counts_with_its_neighbour),
		cmocka_unit_test(ids_up_to_the_last_number_of_all_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
