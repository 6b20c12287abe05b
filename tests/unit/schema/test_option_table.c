#include "schema/base/option_table.h"

#include "schema/base/timefmt.h"
#include "support.h"

#include <string.h>

static struct err err;

static bool reads(enum option_id id, const char *text, int64_t *value)
{
	err.text[0] = '\0';
	return option_value(id, text, 1000 * US_PER_SECOND, value, &err);
}

static void every_row_is_whole_and_no_name_stands_twice_in_a_program(void **state)
{
	(void)state;
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_table[id];
		assert_non_null(row->name);
		assert_non_null(row->help);
		assert_true(row->programs != 0);
		assert_int_equal(row->type == OPTION_FLAG, row->value == NULL);
		assert_int_equal(row->type == OPTION_NUMBER, row->unit != NULL);
		assert_int_equal(row->type == OPTION_CHOICE, row->choices != NULL);
		if (row->initial)
			option_initial(id); /* aborts where the row's own text is refused */
		for (enum option_program program = OPTION_OF_TAPEDECKD; program <= OPTION_OF_TAPEDECK; program++)
			if (row->programs & program)
				assert_int_equal(option_by_name(program, row->name, strlen(row->name)), id);
	}
}

static void an_option_is_found_only_in_its_own_program(void **state)
{
	(void)state;
	assert_int_equal(option_by_name(OPTION_OF_TAPEDECKD, "since", 5), OPTION_COUNT);
	assert_int_equal(option_by_name(OPTION_OF_TAPEDECK, "since=-8h", 5), OPTION_SINCE);
	assert_int_equal(option_by_letter(OPTION_OF_TAPEDECK, 'n'), OPTION_ROWS);
	assert_int_equal(option_by_letter(OPTION_OF_TAPEDECKD, 'n'), OPTION_COUNT);
	assert_int_equal(option_meant(OPTION_OF_TAPEDECKD, "--batchrow"), OPTION_BATCH_ROWS);
	assert_int_equal(option_meant(OPTION_OF_TAPEDECK, "--batchrow"), OPTION_COUNT);
	assert_int_equal(option_meant(OPTION_OF_TAPEDECK, "--limit"), OPTION_ROWS);
	assert_int_equal(option_meant(OPTION_OF_TAPEDECK, "limit count"), OPTION_COUNT);
}

static void a_value_is_read_by_its_type_and_bounds(void **state)
{
	(void)state;
	int64_t value;
	assert_true(reads(OPTION_BATCH_MS, "60000", &value));
	assert_int_equal(value, 60000);
	assert_true(reads(OPTION_RENEW_AFTER, "1m30s", &value));
	assert_int_equal(value, 90 * US_PER_SECOND);
	assert_true(reads(OPTION_SINCE, "-10s", &value));
	assert_int_equal(value, 990 * US_PER_SECOND);
	assert_true(reads(OPTION_TIME_FORMAT, "ms", &value));
	assert_int_equal(value, 2);
	assert_int_equal(option_initial(OPTION_FILL_LIMIT), 3 * US_PER_DAY);
	assert_int_equal(option_initial(OPTION_SYNC), 0);
}

static void a_wrong_value_is_told_with_its_option_and_what_that_takes(void **state)
{
	(void)state;
	static const struct {
		enum option_id id;
		const char *text, *words;
	} wrong[] = {
		{ OPTION_BATCH_MS, "60001", "--batch-ms takes a whole number of ms from 1 to 60000, not '60001'" },
		{ OPTION_BATCH_ROWS, "+5", "--batch-rows takes a whole number of trades from 1 to 1000000, not '+5'" },
		{ OPTION_ROWS, "5x", "--rows takes a whole number of rows, not '5x'" },
		{ OPTION_ROWS, "9223372036854775807", "--rows takes a whole number of rows" },
		{ OPTION_FOR, "0s", "--for takes a span as 10s, 5m or 1h30m, not '0s'" },
		{ OPTION_SYNC, "ful", "--sync takes full or normal, not 'ful'" },
		{ OPTION_SYNC, "", "--sync takes full or normal, not ''" },
		{ OPTION_TIME_FORMAT, "ns", "--time-format takes rfc3339, s, ms or us, not 'ns'" },
		{ OPTION_UNTIL, "maybe", "--until: 'maybe' is no time" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		int64_t value;
		assert_false(reads(wrong[i].id, wrong[i].text, &value));
		assert_contains(err.text, wrong[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole_and_no_name_stands_twice_in_a_program),
		cmocka_unit_test(an_option_is_found_only_in_its_own_program),
		cmocka_unit_test(a_value_is_read_by_its_type_and_bounds),
		cmocka_unit_test(a_wrong_value_is_told_with_its_option_and_what_that_takes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
