#include "recorder/log.h"

#include "recorder/clock.h"
#include "recorder/log_form.h"
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static size_t lines(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void one_event(void *arg)
{
	log_event(LOG_WARNING, "surprise", "market=%s n=%d", (const char *)arg, 5);
}

static void an_event_is_one_line_of_time_level_event_and_facts(void **state)
{
	(void)state;
	char *text = captured(STDERR_FILENO, one_event, "upbit:KRW-BTC");
	assert_int_equal(lines(text), 1);
	assert_int_equal(text[10], 'T');
	assert_int_equal(text[26], 'Z');
	assert_string_equal(text + 27, " warning surprise market=upbit:KRW-BTC n=5\n");
	free(text);
}

static const char *line(enum log_form form, bool colour, enum log_level level, const char *event, const char *body)
{
	static char text[1024];
	int64_t wall_us = INT64_C(1795318320000000); /* 03:32:00 UTC */
	size_t len = log_form_line(text, sizeof text, form, colour, wall_us, level, event, body);
	assert_int_equal(len, strlen(text));
	return text;
}

static void people_machines_and_journald_have_their_forms(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	static const char live[] = "exchange=upbit address=127.0.0.1 markets=2";
	assert_string_equal(line(LOG_SHORT, false, LOG_INFO, "live", live), "03:32:00 upbit: live, 2 markets");
	assert_string_equal(line(LOG_SHORT, true, LOG_INFO, "live", "exchange=upbit markets=1"), "03:32:00 upbit: live, 1 market");
	assert_string_equal(line(LOG_LOGFMT, true, LOG_WARNING, "live", live), "2026-11-22T03:32:00.000000Z warning live exchange=upbit address=127.0.0.1 markets=2");
	assert_string_equal(line(LOG_JOURNAL, true, LOG_ERROR, "live", live), "<3>live exchange=upbit address=127.0.0.1 markets=2");
	assert_string_equal(line(LOG_JOURNAL, false, LOG_INFO, "stopped", "exit=0"), "<6>stopped exit=0");
	assert_string_equal(line(LOG_SHORT, true, LOG_WARNING, "disconnected", "exchange=binance reason=\"the connection broke off\" wait_ms=719"),
	                    "03:32:00 \033[33mbinance: disconnected, the connection broke off, wait ms 719\033[0m");
	assert_string_equal(line(LOG_SHORT, false, LOG_WARNING, "gap", "market=upbit:KRW-BTC reason=disconnect from=2026-11-22T03:31:55.000000Z to="),
	                    "03:32:00 upbit:KRW-BTC: gap, disconnect, from 03:31:55");
	assert_string_equal(line(LOG_SHORT, false, LOG_ERROR, "mute", "market=upbit:KRW-BTC the exchange has trades of it"),
	                    "03:32:00 upbit:KRW-BTC: mute, the exchange has trades of it");
	assert_string_equal(line(LOG_SHORT, false, LOG_ERROR, "tape-gone", "tape=x.db was moved"), "03:32:00 tape gone, tape x.db, was moved");
	assert_string_equal(line(LOG_SHORT, false, LOG_INFO, "stopped", ""), "03:32:00 stopped");
	assert_string_equal(line(LOG_SHORT, false, LOG_INFO, "odd", "a=\"b \\\" c\" =\"x"), "03:32:00 odd, a b \\\" c, =\"x");
}

static void a_line_that_is_too_long_is_cut_and_still_ends(void **state)
{
	(void)state;
	for (size_t len = 900; len < 3000; len += 7) {
		char *word = malloc(len + 1);
		memset(word, 'w', len);
		word[len] = '\0';
		char *text = captured(STDERR_FILENO, one_event, word);
		assert_int_equal(lines(text), 1);
		assert_true(strlen(text) <= 1024);
		assert_int_equal(text[strlen(text) - 1], '\n');
		free(text);
		free(word);
	}
}

static void repeat(void *arg)
{
	for (int i = 0; i < 1000; i++)
		log_folded(arg, LOG_WARNING, "again", "i=%d", i);
}

static void repeats_are_folded_by_their_key(void **state)
{
	(void)state;
	char *text = captured(STDERR_FILENO, repeat, "key one");
	assert_int_equal(lines(text), 3);
	assert_contains(text, "i=0\n");
	assert_contains(text, "i=2\n");
	free(text);
	text = captured(STDERR_FILENO, repeat, "key one");
	assert_string_equal(text, "");
	free(text);
	text = captured(STDERR_FILENO, repeat, "key two");
	assert_int_equal(lines(text), 3);
	free(text);
}

/* What `call` writes to stderr, however much; a pipe takes 64 KiB. */
static char *logged_to_a_file(void (*call)(void *arg), void *arg)
{
	int before = dup(STDERR_FILENO), fd = open(in_folder("log"), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
	dup2(fd, STDERR_FILENO);
	close(fd);
	call(arg);
	dup2(before, STDERR_FILENO);
	close(before);
	size_t len;
	return file_read(in_folder("log"), &len);
}

/* How many events the lines of `event` stand for. */
static size_t told(const char *text, const char *event)
{
	size_t count = 0;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *name = strstr(line, event), *end = strchr(line, '\n');
		if (!name || name > end)
			continue;
		const char *repeated = strstr(name, "repeated="), *n = strstr(name, " n=");
		count += repeated && repeated < end ? (size_t)atoll(repeated + strlen("repeated=")) : 0;
		count += n && n < end;
	}
	return count;
}

static void each(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		log_each("each", LOG_WARNING, "each-counts", "by=itself n=%d", i);
}

static void end_of_folding(void *arg)
{
	(void)arg;
	log_fold_end();
}

static void what_counts_by_itself_is_told_line_by_line_and_only_a_flood_is_folded(void **state)
{
	(void)state;
	int thousand = 1000, flood = 50000;
	log_fold_end();
	char *text = logged_to_a_file(each, &thousand);
	assert_int_equal(lines(text), 1000);
	free(text);
	text = logged_to_a_file(each, &flood);
	assert_in_range(lines(text), 1000, 10000);
	size_t so_far = told(text, "each-counts");
	free(text);
	text = logged_to_a_file(end_of_folding, NULL);
	assert_int_equal(so_far + told(text, "each-counts"), flood);
	free(text);
}

static void repeat_thrice_and_more(void *arg)
{
	for (int i = 0; i < 10; i++)
		log_folded(arg, LOG_ERROR, "again", "a n=%d", i);
}

static void what_was_folded_is_told_with_its_count_at_the_end(void **state)
{
	(void)state;
	log_fold_end();
	free(logged_to_a_file(repeat_thrice_and_more, "key of \"mine\""));
	free(logged_to_a_file(repeat_thrice_and_more, "another"));
	char *text = logged_to_a_file(end_of_folding, NULL);
	assert_int_equal(lines(text), 2);
	assert_int_equal(told(text, "again"), 14);
	assert_contains(text, " error again repeated=7 of=10 ");
	assert_contains(text, "\"key of \\\"mine\\\"\"\n");
	free(text);
	text = logged_to_a_file(end_of_folding, NULL);
	assert_string_equal(text, "");
	free(text);
}

static void two_hundred_keys(void *arg)
{
	(void)arg;
	for (int i = 0; i < 200; i++) {
		char key[32];
		snprintf(key, sizeof key, "pushed out %d", i);
		for (int k = 0; k < 5; k++)
			log_folded(key, LOG_WARNING, "pushed", "a n=%d", k);
	}
	log_fold_end();
}

static void what_was_folded_is_told_too_where_another_takes_its_place(void **state)
{
	(void)state;
	log_fold_end();
	char *text = logged_to_a_file(two_hundred_keys, NULL);
	assert_int_equal(told(text, "pushed"), 1000);
	free(text);
}

static void many_keys(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++) {
		char key[32];
		snprintf(key, sizeof key, "key %d", i);
		log_folded(key, LOG_WARNING, "a-very-long-event-name-that-is-longer-than-its-place", "i=%d", i);
	}
	log_fold_tick();
}

static void more_keys_than_there_is_place_for_do_no_harm(void **state)
{
	(void)state;
	char *text = captured(STDERR_FILENO, many_keys, NULL);
	assert_true(lines(text) > 300);
	free(text);
}

/* Ends the process with 0 if 200 lines were logged in less than some seconds. */
static int logs_within_time(int fd)
{
	pid_t child = fork();
	if (child == 0) {
		alarm(10);
		signal(SIGPIPE, SIG_IGN);
		if (fd >= 0)
			dup2(fd, STDERR_FILENO);
		else
			close(STDERR_FILENO);
		for (int i = 0; i < 200; i++)
			log_event(LOG_INFO, "line", "%0900d", i);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	return status;
}

static void a_closed_stderr_stops_nothing(void **state)
{
	(void)state;
	assert_int_equal(logs_within_time(-1), 0);
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(logs_within_time(ends[1]), 0);
	close(ends[1]);
}

static void a_full_stderr_stops_nothing_and_the_gap_is_told(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	assert_int_equal(logs_within_time(ends[1]), 0);
	/* fill it in this process, then read: the next line says what is missing */
	int before = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	for (int i = 0; i < 50; i++)
		log_event(LOG_INFO, "line", "%0900d", i);
	char bytes[65536];
	assert_true(read(ends[0], bytes, sizeof bytes) > 0);
	log_event(LOG_INFO, "after", "x=1");
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[1]);
	ssize_t got, all = 0;
	while ((got = read(ends[0], bytes + all, sizeof bytes - 1 - (size_t)all)) > 0)
		all += got;
	bytes[all] = '\0';
	close(ends[0]);
	assert_contains(bytes, "log_lines_lost=");
	assert_contains(bytes, "x=1\n");
}

static void is_quoted(const char *text, size_t len, size_t size, const char *want)
{
	char *out = malloc(size);
	assert_ptr_equal(log_quote(out, size, text, len), out);
	assert_string_equal(out, want);
	free(out);
}

static void a_strangers_text_is_quoted_and_harmless(void **state)
{
	(void)state;
	is_quoted("plain", 5, 64, "\"plain\"");
	is_quoted("", 0, 64, "\"\"");
	is_quoted("a\"b\\c", 5, 64, "\"a\\\"b\\\\c\"");
	is_quoted("\n\r\x1b[2J\x7f\xff", 8, 64, "\"\\x0a\\x0d\\x1b[2J\\x7f\\xff\"");
	is_quoted("a\0b", 3, 64, "\"a\\x00b\"");
	for (size_t size = 16; size < 60; size++) {
		char out[64];
		memset(out, '#', sizeof out);
		log_quote(out, size, "\n\n\n\"\"\"aaaa\n\n\n\n\n\n\n\n\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 58);
		assert_true(strlen(out) < size);
		assert_int_equal(out[size], '#');
		assert_contains(out, "...\"");
	}
}

static void *log_many(void *arg)
{
	for (int i = 0; i < 200; i++) {
		log_event(LOG_INFO, "thread", "who=%s i=%d end", (const char *)arg, i);
		log_folded("shared", LOG_INFO, "thread", "who=%s i=%d end", (const char *)arg, i);
		log_fold_tick();
	}
	return NULL;
}

static void from_threads(void *arg)
{
	static char names[4][2] = { "a", "b", "c", "d" };
	pthread_t threads[4];
	(void)arg;
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, log_many, names[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void lines_of_many_threads_do_not_mix(void **state)
{
	(void)state;
	char *text = captured(STDERR_FILENO, from_threads, NULL);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(line[26], 'Z');
		assert_contains(line, " end");
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_one_line_of_time_level_event_and_facts),
		cmocka_unit_test(people_machines_and_journald_have_their_forms),
		cmocka_unit_test(a_line_that_is_too_long_is_cut_and_still_ends),
		cmocka_unit_test(repeats_are_folded_by_their_key),
		cmocka_unit_test_setup_teardown(what_counts_by_itself_is_told_line_by_line_and_only_a_flood_is_folded, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(what_was_folded_is_told_with_its_count_at_the_end, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(what_was_folded_is_told_too_where_another_takes_its_place, folder_setup, folder_teardown),
		cmocka_unit_test(more_keys_than_there_is_place_for_do_no_harm),
		cmocka_unit_test(a_closed_stderr_stops_nothing),
		cmocka_unit_test(a_full_stderr_stops_nothing_and_the_gap_is_told),
		cmocka_unit_test(a_strangers_text_is_quoted_and_harmless),
		cmocka_unit_test(lines_of_many_threads_do_not_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
