#include "recorder/net/reach.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct net net;

static void fail_rounds(const char *reason, size_t exchange, unsigned rounds)
{
	for (unsigned i = 1; i <= rounds; i++)
		reach_failed(&net, exchange, exchange == 0 ? "upbit" : "binance", i, reason);
}

static void fail_twice(void *arg)
{
	fail_rounds(arg, 0, 2);
}

static void fail_often(void *arg)
{
	fail_rounds(arg, 0, 9);
	fail_rounds(arg, 1, 3);
}

static void two_rounds_in_vain_are_no_news(void **state)
{
	(void)state;
	net = (struct net){ .throttled = 0 };
	char *log = captured(2, fail_twice, "cannot connect");
	assert_string_equal(log, "");
	free(log);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;
	for (const char *p = text; (p = strstr(p, part)); p++)
		n++;
	return n;
}

static void three_are_told_once_an_exchange_with_what_to_look_at(void **state)
{
	(void)state;
	net = (struct net){ .throttled = 0 };
	char *log = captured(2, fail_often, "cannot connect");
	assert_int_equal(count(log, "unreachable exchange=upbit"), 1);
	assert_int_equal(count(log, "unreachable exchange=binance"), 1);
	assert_contains(log, "is this machine online?");
	free(log);
}

static void one_that_answers_and_refuses_is_told_as_such(void **state)
{
	(void)state;
	net = (struct net){ .throttled = 0 };
	char *log = captured(2, fail_often, "127.0.0.1: HTTP status 403");
	assert_contains(log, "it answers and refuses, 3 times so far");
	assert_null(strstr(log, "online"));
	free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_rounds_in_vain_are_no_news),
		cmocka_unit_test(three_are_told_once_an_exchange_with_what_to_look_at),
		cmocka_unit_test(one_that_answers_and_refuses_is_told_as_such),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
