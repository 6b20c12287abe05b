#include "recorder/net/lookup.h"

#include "recorder/clock.h"
#include "support.h"

#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_int answers;

/* A name server that hangs is nothing that a test can have for real: two names wait here, the others are the system's. */
static const struct {
	const char *name, *address;
} slow[] = { { "slow-1.test", "192.0.2.1" }, { "slow-2.test", "192.0.2.2" } };
static sem_t begun[2], may_end[2];

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	for (size_t i = 0; i < 2; i++) {
		if (strcmp(host, slow[i].name) == 0) {
			sem_post(&begun[i]);
			sem_wait(&may_end[i]);
			host = slow[i].address;
		}
	}
	return real(host, service, hints, list);
}

static void on_answer(void *arg)
{
	assert_ptr_equal(arg, &answers);
	answers++;
}

static bool collect(struct lookup *l, const void *asker, struct lookup_answer *answer)
{
	for (int64_t begin_us = clock_mono_us(); clock_mono_us() - begin_us < 20000000; usleep(1000))
		if (lookup_collect(l, asker, answer))
			return true;
	return false;
}

static void an_address_is_its_own_answer(void **state)
{
	struct lookup *l = *state;
	struct lookup_answer answer = { .count = 0 };
	static const char *const addresses[] = { "127.0.0.1", "::1", "192.0.2.7" };
	for (size_t i = 0; i < 3; i++) {
		assert_true(lookup_ask(l, &addresses[i], addresses[i]));
		assert_true(collect(l, &addresses[i], &answer));
		assert_int_equal(answer.count, 1);
		assert_string_equal(answer.addresses[0], addresses[i]);
		assert_false(lookup_collect(l, &addresses[i], &answer)); /* once */
	}
	assert_true(answers >= 3);
}

static void localhost_is_known_and_each_address_comes_once(void **state)
{
	struct lookup *l = *state;
	struct lookup_answer answer = { .count = 0 };
	assert_true(lookup_ask(l, &answer, "localhost"));
	assert_true(collect(l, &answer, &answer));
	assert_true(answer.count >= 1);
	for (size_t i = 0; i < answer.count; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(answer.addresses[i], answer.addresses[k]);
}

static void a_name_without_an_address_fails_with_a_reason(void **state)
{
	struct lookup *l = *state;
	struct lookup_answer answer = { .count = 0 };
	assert_true(lookup_ask(l, &answer, "999.999.999.999.invalid"));
	assert_true(collect(l, &answer, &answer));
	assert_int_equal(answer.count, 0);
	assert_true(answer.reason[0] != '\0');
}

static void a_later_question_replaces_the_former(void **state)
{
	struct lookup *l = *state;
	struct lookup_answer answer = { .count = 0 };
	for (int i = 0; i < 200; i++) {
		assert_true(lookup_ask(l, &answer, "127.0.0.1"));
		if (i % 3)
			usleep((useconds_t)(i % 3) * 20);
		assert_true(lookup_ask(l, &answer, "127.0.0.2"));
		assert_true(collect(l, &answer, &answer));
		assert_string_equal(answer.addresses[0], "127.0.0.2");
	}
}

/* Seen: a look-up was given up, its asker asked for another name, and was told the first one's address. */
static void an_answer_that_comes_late_does_not_answer_the_next_question(void **state)
{
	struct lookup *l = *state;
	struct lookup_answer answer = { .count = 0 };
	for (size_t i = 0; i < 2; i++) {
		sem_init(&begun[i], 0, 0);
		sem_init(&may_end[i], 0, 0);
	}
	for (int i = 0; i < 10; i++) {
		for (size_t k = 0; k < 2; k++) { /* both are being looked up, by a thread each */
			assert_true(lookup_ask(l, &answer, slow[k].name));
			sem_wait(&begun[k]);
		}
		sem_post(&may_end[0]);
		usleep(20000);
		sem_post(&may_end[1]);
		assert_true(collect(l, &answer, &answer));
		assert_string_equal(answer.addresses[0], slow[1].address);
	}
}

static void questions_that_were_given_up_make_room(void **state)
{
	struct lookup *l = *state;
	static char askers[500];
	struct lookup_answer answer = { .count = 0 };
	for (size_t i = 0; i < sizeof askers; i++) {
		if (!lookup_ask(l, &askers[i], "127.0.0.1"))
			fail_msg("after %zu that were given up there is no room for a question", i);
		lookup_forget(l, &askers[i]);
		assert_false(lookup_collect(l, &askers[i], &answer));
	}
}

static void many_askers_get_their_own_answers(void **state)
{
	struct lookup *l = *state;
	static char hosts[60][20];
	struct lookup_answer answer = { .count = 0 };
	for (int i = 0; i < 60; i++) {
		snprintf(hosts[i], sizeof hosts[i], "127.0.0.%d", i + 1);
		assert_true(lookup_ask(l, hosts[i], hosts[i]));
	}
	for (int i = 59; i >= 0; i--) {
		assert_true(collect(l, hosts[i], &answer));
		assert_string_equal(answer.addresses[0], hosts[i]);
	}
}

static void it_can_be_freed_with_questions_open(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		struct lookup *l = lookup_new(on_answer, &answers);
		assert_non_null(l);
		if (i % 2)
			assert_true(lookup_ask(l, &l, "127.0.0.1"));
		lookup_free(l);
	}
	lookup_free(NULL);
}

static int open_lookup(void **state)
{
	*state = lookup_new(on_answer, &answers);
	return *state ? 0 : -1;
}

static int close_lookup(void **state)
{
	lookup_free(*state);
	return 0;
}

#define with_lookup(test) cmocka_unit_test_setup_teardown(test, open_lookup, close_lookup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_lookup(an_address_is_its_own_answer),
		with_lookup(localhost_is_known_and_each_address_comes_once),
		with_lookup(a_name_without_an_address_fails_with_a_reason),
		with_lookup(a_later_question_replaces_the_former),
		with_lookup(an_answer_that_comes_late_does_not_answer_the_next_question),
		with_lookup(questions_that_were_given_up_make_room),
		with_lookup(many_askers_get_their_own_answers),
		cmocka_unit_test(it_can_be_freed_with_questions_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
