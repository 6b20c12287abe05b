/* The addresses of one host: real look-ups, of names that every machine knows. */
#include "recorder/net/dial.h"

#include "recorder/clock.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <string.h>
#include <unistd.h>

static atomic_uint answers;

static void on_answer(void *arg)
{
	(void)arg;
	answers++;
}

static struct net net;

static int begin(void **state)
{
	(void)state;
	answers = 0;
	net = (struct net){ .lookup = lookup_new(on_answer, NULL) };
	return net.lookup ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	lookup_free(net.lookup);
	return 0;
}

static enum dial_state waited_for(struct dial *dial)
{
	enum dial_state got = DIAL_WAIT;
	for (int i = 0; i < 2000 && got == DIAL_WAIT; i++) {
		usleep(5000);
		got = dial_collect(dial);
	}
	return got;
}

static void an_address_needs_no_look_up(void **state)
{
	(void)state;
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	for (size_t i = 0; i < 2; i++) {
		struct dial dial;
		assert_int_equal(dial_start(&dial, &net, hosts[i]), DIAL_READY);
		assert_string_equal(dial_next(&dial), hosts[i]);
		assert_null(dial_next(&dial)); /* each once a round */
	}
	assert_int_equal(answers, 0);
}

static void a_name_waits_for_its_answer_and_gives_each_address_once(void **state)
{
	(void)state;
	struct dial dial;
	assert_int_equal(dial_start(&dial, &net, "localhost"), DIAL_WAIT);
	assert_null(dial_next(&dial)); /* not there yet */
	assert_int_equal(waited_for(&dial), DIAL_READY);
	assert_int_equal(answers, 1);
	size_t count = 0;
	bool loopback = false;
	for (const char *address; (address = dial_next(&dial)); count++)
		loopback = loopback || strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::1") == 0;
	assert_int_equal(count, dial.found.count);
	assert_true(loopback);
}

static void a_name_that_is_none_fails_with_the_reason(void **state)
{
	(void)state;
	struct dial dial;
	assert_int_equal(dial_start(&dial, &net, "no name.at all"), DIAL_WAIT);
	assert_int_equal(waited_for(&dial), DIAL_FAILED);
	assert_string_not_equal(dial.found.reason, "");
	assert_null(dial_next(&dial));
}

static void one_that_is_stopped_makes_room_and_may_be_stopped_before_it_began(void **state)
{
	(void)state;
	static struct dial dials[200], never;
	dial_stop(&never);
	for (size_t i = 0; i < sizeof dials / sizeof *dials; i++) {
		assert_int_not_equal(dial_start(&dials[i], &net, "localhost"), DIAL_FAILED);
		dial_stop(&dials[i]);
	}
}

#define TRY(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRY(an_address_needs_no_look_up),
		TRY(a_name_waits_for_its_answer_and_gives_each_address_once),
		TRY(a_name_that_is_none_fails_with_the_reason),
		TRY(one_that_is_stopped_makes_room_and_may_be_stopped_before_it_began),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
