#include "schema/value/trade.h"

#include "schema/tape/schema.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static const struct id_rule upbit = { .per_ms = 10000, .epoch_ms = 0 };
static const struct id_rule absolute = { .per_ms = 0, .epoch_ms = 0 };

static struct trade_id number_id(int64_t number)
{
	return (struct trade_id){ .kind = TRADE_ID_NUMBER, .number = number };
}

static struct trade_id long_id(const char *digits)
{
	struct trade_id id = { .kind = TRADE_ID_LONG };
	snprintf(id.digits, sizeof id.digits, "%s", digits);
	return id;
}

static struct trade_id no_id(int64_t ordinal)
{
	return (struct trade_id){ .kind = TRADE_ID_NONE, .number = ordinal };
}

static struct trade_id through_sqlite(const struct trade_id *id, int64_t time_us, struct id_rule rule, int *type)
{
	sqlite3 *db;
	sqlite3_stmt *echo;
	struct trade_id back;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT ?1", -1, &echo, NULL);
	assert_int_equal(trade_id_bind(echo, 1, id, time_us, rule), SQLITE_OK);
	assert_int_equal(sqlite3_step(echo), SQLITE_ROW);
	*type = sqlite3_column_type(echo, 0);
	assert_true(trade_id_column(echo, 0, &back, time_us, rule));
	sqlite3_finalize(echo);
	sqlite3_close(db);
	return back;
}

static void survives(struct trade_id id, int64_t time_us, struct id_rule rule, int want_type, const char *want)
{
	int type;
	char text[TRADE_ID_TEXT_SIZE];
	struct trade_id back = through_sqlite(&id, time_us, rule, &type);
	assert_int_equal(trade_id_compare(&id, &back), 0);
	assert_int_equal(type, want_type);
	assert_int_equal(trade_id_format(&back, text), strlen(want));
	assert_string_equal(text, want);
}

static void a_sixteen_digit_id_survives(void **state)
{
	(void)state;
	survives(number_id(1618678262000003), INT64_C(1618678262000000), upbit, SQLITE_INTEGER, "1618678262000003");
}

static void a_seventeen_digit_id_survives_and_is_small_on_the_tape(void **state)
{
	(void)state;
	survives(number_id(17898744375740001), INT64_C(1789874437574000), upbit, SQLITE_INTEGER, "17898744375740001");
	sqlite3 *db;
	sqlite3_stmt *echo;
	struct trade_id id = number_id(17898744375740001);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT ?1", -1, &echo, NULL);
	trade_id_bind(echo, 1, &id, INT64_C(1789874437574999), upbit);
	assert_int_equal(sqlite3_step(echo), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int64(echo, 0), 1);
	sqlite3_finalize(echo);
	sqlite3_close(db);
}

static void ids_of_eighteen_to_forty_digits_survive(void **state)
{
	(void)state;
	static const struct id_rule bithumb = { .per_ms = 1 << 25, .epoch_ms = INT64_C(1757948400000) };
	survives(number_id(862683813820523888), INT64_C(1783658381138000), bithumb, SQLITE_INTEGER, "862683813820523888");
	survives(number_id(862683813820523888), INT64_C(1783658381138000), upbit, SQLITE_INTEGER, "862683813820523888");
	survives(number_id(INT64_MAX), 0, upbit, SQLITE_INTEGER, "9223372036854775807");
	survives(number_id(INT64_MAX), TIME_US_MAX, upbit, SQLITE_INTEGER, "9223372036854775807");
	survives(number_id(0), TIME_US_MAX, upbit, SQLITE_INTEGER, "0");
	survives(long_id("9223372036854775808"), 5, upbit, SQLITE_TEXT, "9223372036854775808");
	survives(long_id("18239578009413566319"), 5, upbit, SQLITE_TEXT, "18239578009413566319");
	survives(long_id("9999999999999999999999999999999999999999"), 5, upbit, SQLITE_TEXT, "9999999999999999999999999999999999999999");
}

static void a_relative_id_that_overflows_is_the_same_id_afterwards(void **state)
{
	(void)state;
	static const struct id_rule bithumb = { .per_ms = 1 << 25, .epoch_ms = INT64_C(1757948400000) };
	/* the rule's own product overflows */
	survives(number_id(1000), TIME_US_MAX, bithumb, SQLITE_TEXT, "1000");
	survives(number_id(1000), 0, bithumb, SQLITE_TEXT, "1000");
	/* the difference overflows */
	survives(number_id(INT64_MAX), INT64_C(1618678262000000), bithumb, SQLITE_TEXT, "9223372036854775807");
}

static void the_order_of_arrival_survives_where_there_is_no_id(void **state)
{
	(void)state;
	static const int64_t ordinals[] = { 0, 1, 255, 256, 0x7fff, 0x8000, 0x8001, 1 << 20, INT64_C(1) << 40, INT64_MAX };
	for (size_t i = 0; i < sizeof ordinals / sizeof *ordinals; i++) {
		int type;
		struct trade_id id = no_id(ordinals[i]), back = through_sqlite(&id, 77, upbit, &type);
		assert_int_equal(type, SQLITE_BLOB);
		assert_int_equal(trade_id_compare(&id, &back), 0);
		assert_int_equal(back.number, ordinals[i]);
		char text[TRADE_ID_TEXT_SIZE];
		assert_int_equal(trade_id_format(&back, text), 0);
		assert_string_equal(text, "");
	}
}

/* The index of the tape hands rows out in the order that trade_compare means. */
static void sqlites_order_is_the_order_of_trades(void **state)
{
	(void)state;
	struct rng r = { 41 };
	sqlite3 *db;
	sqlite3_stmt *put, *get;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	sql_run(db, "CREATE TABLE t (time_us INTEGER, id ANY, n INTEGER, PRIMARY KEY (time_us, id)) STRICT, WITHOUT ROWID");
	sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO t VALUES (?1, ?2, ?3)", -1, &put, NULL);
	sqlite3_prepare_v2(db, "SELECT n FROM t ORDER BY time_us, id", -1, &get, NULL);
	static struct trade trades[4000];
	for (int i = 0; i < 4000; i++) {
		struct trade *t = &trades[i];
		t->time_us = INT64_C(1795305600000000) + (int64_t)rng_below(&r, 50) * 1000;
		switch (rng_below(&r, 4)) {
		case 0: {
			char digits[TRADE_ID_TEXT_SIZE];
			size_t len = 20 + rng_below(&r, 21);
			for (size_t k = 0; k < len; k++)
				digits[k] = (char)('1' + rng_below(&r, 9));
			digits[len] = '\0';
			t->id = long_id(digits);
			break;
		}
		case 1:
			t->id = no_id((int64_t)(rng_next(&r) >> (1 + rng_below(&r, 63))));
			break;
		case 2:
			t->id = number_id(t->time_us * 10 + (int64_t)rng_below(&r, 10000));
			break;
		default:
			t->id = number_id((int64_t)(rng_next(&r) >> (1 + rng_below(&r, 63))));
			break;
		}
		sqlite3_bind_int64(put, 1, t->time_us);
		trade_id_bind(put, 2, &t->id, t->time_us, upbit);
		sqlite3_bind_int(put, 3, i);
		assert_int_equal(sqlite3_step(put), SQLITE_DONE);
		sqlite3_reset(put);
	}
	int before = -1, rows = 0;
	for (; sqlite3_step(get) == SQLITE_ROW; rows++) {
		int n = sqlite3_column_int(get, 0);
		if (before >= 0) {
			assert_true(trade_compare(&trades[before], &trades[n]) < 0);
			assert_true(trade_compare(&trades[n], &trades[before]) > 0);
		}
		before = n;
	}
	assert_true(rows > 3000);
	sqlite3_finalize(put);
	sqlite3_finalize(get);
	sqlite3_close(db);
}

static void an_id_column_that_makes_no_sense_is_damage(void **state)
{
	(void)state;
	static const char *const values[] = { "NULL", "1.5", "x'01'", "x'010203'", "''", "'01'", "9223372036854775807",
		                              "'4112345678901234567890123456789012345678901'" };
	sqlite3 *db;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char sql[96];
		sqlite3_stmt *get;
		struct trade_id id;
		snprintf(sql, sizeof sql, "SELECT %s", values[i]);
		sqlite3_prepare_v2(db, sql, -1, &get, NULL);
		assert_int_equal(sqlite3_step(get), SQLITE_ROW);
		if (trade_id_column(get, 0, &id, TIME_US_MAX, upbit))
			fail_msg("%s was taken", values[i]);
		sqlite3_finalize(get);
	}
	sqlite3_close(db);
}

static void random_decimal(struct rng *r, struct decimal *d)
{
	char text[64];
	unsigned long long mantissa = rng_next(r) >> rng_below(r, 64);
	if (rng_below(r, 10) == 0)
		snprintf(text, sizeof text, "%llu%019llu", 1 + mantissa % 9, (unsigned long long)rng_next(r) % 1000000000000000000ULL);
	else
		snprintf(text, sizeof text, "%llue-%d", mantissa, (int)rng_below(r, 20));
	*d = dec(text);
}

/* What people read in sqlite3 is, letter for letter, what the programs print. */
static void the_view_says_what_the_formatters_say(void **state)
{
	(void)state;
	struct rng r = { 2026 };
	struct tape tape;
	struct err err = { "" };
	if (!tape_open(&tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err))
		fail_msg("%s", err.text);
	sql_run(tape.db, "INSERT INTO market (exchange, symbol, id_per_ms) VALUES ('upbit', 'KRW-BTC', 10000); BEGIN");
	sqlite3_stmt *put, *rows;
	sqlite3_prepare_v2(tape.db, "INSERT OR IGNORE INTO trade VALUES (1, ?1, ?2, ?3, ?4, ?5)", -1, &put, NULL);
	for (int i = 0; i < 20000; i++) {
		int64_t time_us = rng_below(&r, 10) ? INT64_C(1795305600000000) + (int64_t)rng_below(&r, 86400000000) :
		                  rng_below(&r, 50) ? (int64_t)rng_below(&r, TIME_US_MAX + 1) : rng_below(&r, 2) ? 0 : TIME_US_MAX;
		struct decimal price, size;
		struct trade_id id = number_id(time_us / 1000 * 10000 + (int64_t)rng_below(&r, 10000));
		random_decimal(&r, &price);
		random_decimal(&r, &size);
		if (rng_below(&r, 50) == 0)
			size = dec("0");
		if (rng_below(&r, 10) == 0)
			id = rng_below(&r, 2) ? long_id("18239578009413566319") : no_id((int64_t)rng_below(&r, 100000));
		else if (rng_below(&r, 10) == 0)
			id = number_id((int64_t)(rng_next(&r) >> (1 + rng_below(&r, 63))));
		sqlite3_bind_int64(put, 1, time_us);
		trade_id_bind(put, 2, &id, time_us, upbit);
		decimal_bind(put, 3, &price, false);
		decimal_bind(put, 4, &size, rng_below(&r, 2));
		sqlite3_bind_null(put, 5);
		if (rng_below(&r, 8)) {
			int64_t lag_us = (int64_t)rng_below(&r, 3000000) - 500000;
			if (time_us + lag_us >= 0 && time_us + lag_us <= TIME_US_MAX)
				sqlite3_bind_int64(put, 5, lag_us);
		}
		assert_int_equal(sqlite3_step(put), SQLITE_DONE);
		sqlite3_reset(put);
	}
	sql_run(tape.db, "COMMIT");
	sqlite3_finalize(put);
	sqlite3_prepare_v2(tape.db, "SELECT t.time_us, t.id, t.price, t.size, t.lag_us FROM trade t ORDER BY market_id, time_us, id", -1, &rows, NULL);
	sqlite3_stmt *view;
	sqlite3_prepare_v2(tape.db, "SELECT exchange, symbol, time, price, size, side, trade_id, received FROM trades", -1, &view, NULL);
	int count = 0;
	for (; sqlite3_step(rows) == SQLITE_ROW; count++) {
		struct trade t;
		char want[512], got[512], time[TIME_TEXT_SIZE], recv[TIME_TEXT_SIZE] = "", price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE],
			id[TRADE_ID_TEXT_SIZE];
		assert_true(trade_column(rows, 0, upbit, &t));
		assert_int_equal(sqlite3_step(view), SQLITE_ROW);
		time_format(t.time_us, time);
		if (sqlite3_column_type(rows, 4) != SQLITE_NULL)
			time_format(t.recv_wall_us, recv);
		decimal_format(&t.price, price);
		decimal_format(&t.size, size);
		trade_id_format(&t.id, id);
		snprintf(want, sizeof want, "upbit,KRW-BTC,%s,%s,%s,%s,%s,%s", time, price, size, side_name(t.side), id, recv);
		int len = 0;
		for (int c = 0; c < 8; c++) {
			const char *text = (const char *)sqlite3_column_text(view, c);
			assert_int_equal(sqlite3_column_type(view, c), SQLITE_TEXT);
			len += snprintf(got + len, sizeof got - (size_t)len, "%s%s", c ? "," : "", text);
		}
		assert_string_equal(got, want);
	}
	assert_true(count > 15000);
	assert_int_equal(sqlite3_step(view), SQLITE_DONE);
	sqlite3_finalize(rows);
	sqlite3_finalize(view);
	assert_true(tape_close(&tape, &err));
}

static void a_zero_keeps_its_side(void **state)
{
	(void)state;
	struct tape tape;
	struct err err = { "" };
	assert_true(tape_open(&tape, in_folder("tape.db"), TAPE_SYNC_NORMAL, &err));
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('upbit', 'KRW-BTC'); INSERT INTO trade VALUES (1, 5, 1, 16, '-0', NULL), (1, 5, 2, 16, 0, NULL)");
	char *text = sql_text(tape.db, "SELECT group_concat(size || side || received, ' ') FROM trades");
	assert_string_equal(text, "0sell 0buy");
	free(text);
	assert_true(tape_close(&tape, &err));
}

static void ids_without_a_rule_are_stored_as_they_are(void **state)
{
	(void)state;
	survives(number_id(5), INT64_C(1789874437574000), absolute, SQLITE_INTEGER, "5");
	survives(number_id(INT64_MIN), TIME_US_MAX, absolute, SQLITE_INTEGER, "-9223372036854775808");
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sixteen_digit_id_survives),
		cmocka_unit_test(a_seventeen_digit_id_survives_and_is_small_on_the_tape),
		cmocka_unit_test(ids_of_eighteen_to_forty_digits_survive),
		cmocka_unit_test(a_relative_id_that_overflows_is_the_same_id_afterwards),
		cmocka_unit_test(the_order_of_arrival_survives_where_there_is_no_id),
		cmocka_unit_test(sqlites_order_is_the_order_of_trades),
		cmocka_unit_test(an_id_column_that_makes_no_sense_is_damage),
		with_folder(the_view_says_what_the_formatters_say),
		with_folder(a_zero_keeps_its_side),
		cmocka_unit_test(ids_without_a_rule_are_stored_as_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
