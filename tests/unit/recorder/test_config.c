#include "recorder/config.h"

#include "schema/base/timefmt.h"
#include "support.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct config config;
static struct err err;

/* Words apart by one blank; "" for an empty one is written as ''. */
static enum config_result reads(const char *line)
{
	static char copy[2048];
	static char *argv[32];
	int argc = 0;
	config_release(&config);
	snprintf(copy, sizeof copy, "tapedeckd %s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	argv[argc] = NULL;
	optind = 0; /* GNU: from the beginning */
	err.text[0] = '\0';
	return config_read(&config, argc, argv, &err);
}

static void good(const char *line)
{
	if (reads(line) != CONFIG_GO)
		fail_msg("%s: %s", line, err.text);
}

static void wrong(const char *line, const char *names)
{
	if (reads(line) != CONFIG_WRONG)
		fail_msg("'%s' was taken", line);
	assert_contains(err.text, names);
	assert_null(strchr(err.text, '\n'));
}

static void defaults_are_those_of_the_contract(void **state)
{
	(void)state;
	setenv("TAPEDECK_DB", "from-environment.db", 1);
	good("upbit:KRW-BTC");
	assert_string_equal(config.db, "from-environment.db");
	assert_int_equal(config.batch_rows, 5000);
	assert_int_equal(config.batch_us, 200000);
	assert_int_equal(config.sync, TAPE_SYNC_FULL);
	assert_int_equal(config.for_us, 0);
	assert_int_equal(config.fill_limit_us, 72 * 60 * US_PER_MINUTE);
	assert_false(config.check_config);
	assert_null(config.ca_file);
	assert_int_equal(config.address_count, 1);
	assert_string_equal(config.addresses[0].exchange->name, "upbit");
	assert_string_equal(config.addresses[0].ws.host, "api.upbit.com");
	assert_string_equal(config.addresses[0].ws.path, "/websocket/v1");
	assert_string_equal(config.addresses[0].rest.host, "api.upbit.com");
	assert_int_equal(config.wanted_count, 1);
}

static void every_option_is_taken(void **state)
{
	(void)state;
	good("--db x.db --ws-url upbit=wss://localhost:8443/ws --rest-url=upbit=https://127.0.0.1:9/r/ --batch-rows 7 --batch-ms 3 --queue-rows 11 "
	     "--sync normal --for 90s --fill-limit 2d --check-config upbit:KRW-BTC upbit:KRW-*");
	assert_string_equal(config.db, "x.db");
	assert_string_equal(config.addresses[0].ws.host, "localhost");
	assert_int_equal(config.addresses[0].ws.port, 8443);
	assert_string_equal(config.addresses[0].rest.path, "/r");
	assert_int_equal(config.batch_rows, 7);
	assert_int_equal(config.batch_us, 3000);
	assert_int_equal(config.queue_rows, 11);
	assert_int_equal(config.sync, TAPE_SYNC_NORMAL);
	assert_int_equal(config.for_us, 90 * US_PER_SECOND);
	assert_int_equal(config.fill_limit_us, 2 * US_PER_DAY);
	assert_true(config.check_config);
	assert_int_equal(config.wanted_count, 2);
	assert_string_equal(config.wanted[1], "upbit:KRW-*");
}

static void options_stand_before_or_after_the_markets(void **state)
{
	(void)state;
	good("upbit:KRW-BTC -d y.db upbit:KRW-ETH --for 10m");
	assert_string_equal(config.db, "y.db");
	assert_int_equal(config.for_us, 10 * US_PER_MINUTE);
	assert_int_equal(config.wanted_count, 2);
	assert_string_equal(config.wanted[0], "upbit:KRW-BTC");
	good("-dz.db upbit:KRW-BTC -d last.db");
	assert_string_equal(config.db, "last.db");
	good("--for 8h -- upbit:KRW-BTC");
	assert_int_equal(config.fill_limit_us, 72 * 60 * US_PER_MINUTE);
	assert_int_equal(config.audit_us, 5 * US_PER_MINUTE);
	good("--audit off upbit:KRW-BTC");
	assert_int_equal(config.audit_us, 0);
	good("--audit 90s upbit:KRW-BTC");
	assert_int_equal(config.audit_us, 90 * US_PER_SECOND);
	good("--fill-limit 0s upbit:KRW-BTC"); /* nothing is filled */
	assert_int_equal(config.fill_limit_us, 0);
	good("--for 8h -- upbit:KRW-BTC");
	assert_int_equal(config.for_us, 480 * US_PER_MINUTE);
}

static void each_error_names_its_option(void **state)
{
	(void)state;
	wrong("--batch-rows 0 upbit:KRW-BTC", "--batch-rows");
	wrong("--batch-rows -5 upbit:KRW-BTC", "--batch-rows");
	wrong("--batch-rows 5x upbit:KRW-BTC", "--batch-rows");
	wrong("--batch-rows '' upbit:KRW-BTC", "--batch-rows");
	wrong("--batch-rows 99999999999999999999 upbit:KRW-BTC", "--batch-rows");
	wrong("--batch-ms 1.5 upbit:KRW-BTC", "--batch-ms");
	wrong("--batch-ms 0 upbit:KRW-BTC", "--batch-ms");
	wrong("--queue-rows none upbit:KRW-BTC", "--queue-rows");
	wrong("--sync off upbit:KRW-BTC", "--sync");
	wrong("--sync '' upbit:KRW-BTC", "--sync");
	wrong("--for 0s upbit:KRW-BTC", "--for");
	wrong("--for 5 upbit:KRW-BTC", "--for");
	wrong("--for -5s upbit:KRW-BTC", "--for");
	wrong("--for 5fortnights upbit:KRW-BTC", "--for");
	wrong("--for 99999999999999999d upbit:KRW-BTC", "--for");
	wrong("--fill-limit -1s upbit:KRW-BTC", "--fill-limit");
	wrong("--fill-limit soon upbit:KRW-BTC", "--fill-limit");
	wrong("--db '' upbit:KRW-BTC", "--db");
	wrong("--ws-url wss://x upbit:KRW-BTC", "--ws-url");
	wrong("--ws-url upbit=ws://x upbit:KRW-BTC", "--ws-url");
	wrong("--ws-url upbit= upbit:KRW-BTC", "--ws-url");
	wrong("--rest-url upbit=http://x upbit:KRW-BTC", "--rest-url");
	wrong("--rest-url kraken=https://x upbit:KRW-BTC", "kraken");
	wrong("--ws-url bithumb=http://nope upbit:KRW-BTC", "--ws-url bithumb"); /* of one that is not recorded */
	wrong("--ws-url upbit=wss://x/ --rest-url binance=wss://x upbit:KRW-BTC", "--rest-url binance");
	wrong("--renew-after 0s upbit:KRW-BTC", "--renew-after");
	wrong("--audit 0s upbit:KRW-BTC", "--audit");
	wrong("--audit on upbit:KRW-BTC", "--audit takes off, or a");
	wrong("--ca-file no-such-file upbit:KRW-BTC", "no-such-file");
	wrong("--nonsense upbit:KRW-BTC", "--nonsense");
	wrong("upbit:KRW-BTC --db", "--db");
	wrong("upbit:KRW-BTC -d", "-d");
	wrong("upbit:KRW-BTC --for", "--for");
	wrong("-x upbit:KRW-BTC", "-x");
}

static void a_slip_gets_what_was_meant(void **state)
{
	(void)state;
	wrong("-- for 5m", "is the option --for meant?");
	wrong("-v", "is --version meant?");
	wrong("--verson", "is --version meant?");
	wrong("--batchrows=5 upbit:KRW-BTC", "is --batch-rows meant?");
	wrong("--daemon upbit:KRW-BTC", "in the foreground");
	wrong("upbit:KRW-BTC,KRW-ETH", "separate markets by blanks: upbit:KRW-BTC upbit:");
}

static void a_files_name_in_a_markets_place_is_a_pattern_that_the_shell_expanded(void **state)
{
	(void)state;
	assert_int_equal(chdir(in_folder(".")), 0);
	file_write("notes.txt", "", 0);
	file_write("upbeat:notes", "", 0);
	wrong("notes.txt", "quote patterns");
	wrong("upbeat:notes", "quote patterns");
	reads("no-such-file.txt");
	assert_null(strstr(err.text, "quote patterns"));
}

static void an_unknown_letter_among_others_is_named(void **state)
{
	(void)state;
	wrong("-xy upbit:KRW-BTC", "-x");
}

static void an_option_that_takes_no_value_is_not_called_unknown(void **state)
{
	(void)state;
	wrong("--check-config=yes upbit:KRW-BTC", "--check-config");
	assert_null(strstr(err.text, "no option"));
}

static void one_address_is_given_once_per_exchange(void **state)
{
	(void)state;
	wrong("--ws-url upbit=wss://a/ --ws-url upbit=wss://b/ upbit:KRW-BTC", "--ws-url");
}

static void a_market_must_look_like_one(void **state)
{
	(void)state;
	wrong("", "no market");
	wrong("KRW-BTC", "KRW-BTC");
	wrong("upbit:", "upbit:");
	wrong(":KRW-BTC", ":KRW-BTC");
	wrong("kraken:BTC", "kraken");
	assert_contains(err.text, "upbit");
	good("upbit:KRW-BTC@ticker"); /* what the channel is, the markets' plan knows: see test_market.c */
	wrong("upbit:KRW\"BTC", "KRW\"BTC");
	wrong("upbit:KRW\\BTC", "KRW\\BTC");
	wrong("upbit:KRW-BTC kraken:X", "kraken");
}

static void a_ca_file_must_hold_a_certificate(void **state)
{
	(void)state;
	char line[1200];
	file_write(in_folder("ca.pem"), "hello\n", 6);
	snprintf(line, sizeof line, "--ca-file %s upbit:KRW-BTC", in_folder("ca.pem"));
	wrong(line, "holds no certificate");
	snprintf(line, sizeof line, "--ca-file %s upbit:KRW-BTC", in_folder("."));
	wrong(line, "--ca-file");
}

static enum config_result done;

static void read_line(void *arg)
{
	done = reads(arg);
}

static void help_and_version_print_and_stop(void **state)
{
	(void)state;
	static const char *const options[] = { "--db FILE", "--ws-url EXCHANGE=URL", "--rest-url EXCHANGE=URL", "--ca-file FILE", "--batch-rows N", "--batch-ms N",
		                               "--queue-rows N", "--sync full|normal", "--for DURATION", "--fill-limit DURATION", "--check-config", "--help",
		                               "--version", "-d,", "-h,", "upbit" };
	char *text = captured(STDOUT_FILENO, read_line, "-h");
	assert_int_equal(done, CONFIG_DONE);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		assert_contains(text, options[i]);
	free(text);
	text = captured(STDOUT_FILENO, read_line, "--version upbit:KRW-BTC");
	assert_int_equal(done, CONFIG_DONE);
	assert_contains(text, "tapedeckd " TAPEDECK_VERSION "\n");
	free(text);
}

static int release(void **state)
{
	(void)state;
	config_release(&config);
	return 0;
}

static const char *file(const char *text)
{
	static char path[512];
	snprintf(path, sizeof path, "%s", in_folder("tapedeckd.conf"));
	FILE *to = fopen(path, "w");
	assert_non_null(to);
	fputs(text, to);
	assert_int_equal(fclose(to), 0);
	return path;
}

static void good_file(const char *text, const char *words)
{
	char line[2048];
	snprintf(line, sizeof line, "-c %s%s", file(text), words);
	good(line);
}

static void wrong_file(const char *text, const char *names)
{
	char line[2048];
	snprintf(line, sizeof line, "--config=%s", file(text));
	wrong(line, names);
}

static void a_file_holds_every_option_as_a_key_and_markets_as_often_as_needed(void **state)
{
	(void)state;
	good_file("# the night\n[tapedeckd]\ndb = /var/lib/x.db\nbatch-rows=7\nsync = normal ; spares the disk\naudit = off\n"
	          "ws-url = upbit=wss://localhost:8443/ws\nrest-url = upbit=https://localhost:9\nws-url=binance=wss://localhost:1/stream\n\n"
	          "market = upbit:KRW-BTC upbit:KRW-*\nmarket = binance:BTCUSDT\n   bithumb:KRW-BTC\n", "");
	assert_string_equal(config.db, "/var/lib/x.db");
	assert_int_equal(config.batch_rows, 7);
	assert_int_equal(config.batch_us, 200000);
	assert_int_equal(config.sync, TAPE_SYNC_NORMAL);
	assert_int_equal(config.audit_us, 0);
	assert_int_equal(config.wanted_count, 4);
	assert_string_equal(config.wanted[1], "upbit:KRW-*");
	assert_string_equal(config.wanted[3], "bithumb:KRW-BTC");
	assert_int_equal(config.address_count, 3);
	assert_int_equal(config.addresses[0].ws.port, 8443);
	assert_int_equal(config.addresses[0].rest.port, 9);
	assert_int_equal(config.addresses[1].ws.port, 1);
}

static void the_command_line_goes_before_the_file(void **state)
{
	(void)state;
	const char *text = "batch-rows = 7\nbatch-ms = 9\ndb = file.db\nmarket = upbit:KRW-BTC\nws-url = upbit=wss://localhost:1/a\n"
	                   "rest-url = upbit=https://localhost:2\n";
	good_file(text, " --batch-rows 3 -d line.db --ws-url upbit=wss://localhost:3/b");
	assert_int_equal(config.batch_rows, 3);
	assert_int_equal(config.batch_us, 9000);
	assert_string_equal(config.db, "line.db");
	assert_int_equal(config.addresses[0].ws.port, 3);
	assert_int_equal(config.addresses[0].rest.port, 2);
	assert_string_equal(config.wanted[0], "upbit:KRW-BTC");
	good_file(text, " bithumb:KRW-ETH"); /* its markets, in place of the file's */
	assert_int_equal(config.wanted_count, 1);
	assert_string_equal(config.wanted[0], "bithumb:KRW-ETH");
	good_file("batch-rows = 7\n", " upbit:KRW-BTC"); /* a file without a market will do then */
	assert_int_equal(config.batch_rows, 7);
}

static void an_error_in_a_file_names_the_line_and_the_nearest_key(void **state)
{
	(void)state;
	wrong_file("market = upbit:KRW-BTC\n\nbatchrows = 7\n", "tapedeckd.conf:3: there is no setting 'batchrows'; is 'batch-rows' meant?");
	wrong_file("markets = upbit:KRW-BTC\n", "tapedeckd.conf:1: there is no setting 'markets'; is 'market' meant?");
	wrong_file("market = upbit:KRW-BTC\nbatch-rows = many\n", "tapedeckd.conf:2: --batch-rows takes a whole number");
	wrong_file("sync = full\nsync = normal\nmarket = upbit:KRW-BTC\n", "tapedeckd.conf:2: 'sync' is set twice");
	wrong_file("check-config = yes\n", "tapedeckd.conf:1: 'check-config' is for the command line alone");
	wrong_file("config = other.conf\n", "for the command line alone");
	wrong_file("[query]\ntz = Asia/Seoul\n", "tapedeckd.conf:2: [query] is no section of it");
	wrong_file("market upbit:KRW-BTC\n", "there is no setting 'market upbit'");
	wrong_file("sync = full\nupbit\n", "tapedeckd.conf:2: that is no setting; write KEY = VALUE");
	wrong_file("sync = full\n", "tapedeckd.conf names no market");
	wrong_file("market = KRW-BTC\n", "tapedeckd.conf: 'KRW-BTC' is no market");
	wrong_file("ws-url = upbit=wss://a/b\nws-url = upbit=wss://c/d\nmarket=upbit:KRW-BTC\n", "tapedeckd.conf:2: --ws-url is given twice for upbit");
	char text[700] = "sync = full\ndb = /";
	memset(text + strlen(text), 'x', 400);
	wrong_file(text, "tapedeckd.conf:2: the line is longer than 198 characters");
	wrong("-c /nowhere/tapedeckd.conf", "--config /nowhere/tapedeckd.conf: No such file");
	wrong("-c", "wants a value");
	wrong("-c / upbit:KRW-BTC", "--config /: Is a directory");
	char line[2048]; /* what the command line overrules is right all the same, or said */
	snprintf(line, sizeof line, "-c %s --batch-rows 3", file("batch-rows = many\nmarket = upbit:KRW-BTC\n"));
	wrong(line, "tapedeckd.conf:1: --batch-rows takes a whole number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_contract),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(options_stand_before_or_after_the_markets),
		cmocka_unit_test(each_error_names_its_option),
		cmocka_unit_test(a_slip_gets_what_was_meant),
		cmocka_unit_test_setup_teardown(a_files_name_in_a_markets_place_is_a_pattern_that_the_shell_expanded, folder_setup, folder_teardown),
		cmocka_unit_test(an_unknown_letter_among_others_is_named),
		cmocka_unit_test(an_option_that_takes_no_value_is_not_called_unknown),
		cmocka_unit_test(one_address_is_given_once_per_exchange),
		cmocka_unit_test(a_market_must_look_like_one),
		cmocka_unit_test_setup_teardown(a_ca_file_must_hold_a_certificate, folder_setup, folder_teardown),
		cmocka_unit_test(help_and_version_print_and_stop),
		cmocka_unit_test_setup_teardown(a_file_holds_every_option_as_a_key_and_markets_as_often_as_needed, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(the_command_line_goes_before_the_file, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(an_error_in_a_file_names_the_line_and_the_nearest_key, folder_setup, folder_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
