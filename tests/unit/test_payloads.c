/* Every payloads/EXCHANGE/CASE.json goes through that exchange's parse(); what comes out of the sink is CASE.want, a line
 * each: `trade SYMBOL SIDE TIME PRICE SIZE ID`, `bad REASON | DETAIL`, `error NAME | MESSAGE`, `other`. */
#include "recorder/exchange.h"
#include "schema/timefmt.h"
#include "support.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

static const char *const symbols[] = { "BTC-ETH", "KRW-BTC", "KRW-ETH", "KRW-LAMB" };
static const uint32_t numbers[] = { 30, 10, 20, 0 };
static const struct market_set set = { .symbols = symbols, .markets = numbers, .count = 4 };

static void on_trade(void *arg, const struct trade *t)
{
	char time[TIME_TEXT_SIZE], price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE], id[TRADE_ID_TEXT_SIZE];
	const char *symbol = "?";
	for (size_t i = 0; i < set.count; i++)
		if (numbers[i] == t->market)
			symbol = symbols[i];
	time_format(t->time_us, time);
	decimal_format(&t->price, price);
	decimal_format(&t->size, size);
	trade_id_format(&t->id, id);
	fprintf(arg, "trade %s %s %s %s %s %s\n", symbol, side_name(t->side), time, price, size, id);
}

static void on_bad(void *arg, const char *reason, const char *detail)
{
	fprintf(arg, "bad %s | %s\n", reason, detail);
}

static void on_error(void *arg, const char *name, const char *message)
{
	fprintf(arg, "error %s | %s\n", name, message);
}

static void on_other(void *arg)
{
	fputs("other\n", arg);
}

struct payload {
	const struct exchange *exchange;
	const char *path;
};

static void comes_out_as_wanted(void **state)
{
	const struct payload *p = *state;
	char want_path[1024], *got = NULL;
	size_t len, want_len, got_len = 0;
	snprintf(want_path, sizeof want_path, "%.*s.want", (int)(strlen(p->path) - strlen(".json")), p->path);
	char *text = file_read(p->path, &len), *want = file_read(want_path, &want_len);
	char *bytes = malloc(len ? len : 1); /* of just this size, so that ASan sees a byte too many */
	memcpy(bytes, text, len);
	FILE *out = open_memstream(&got, &got_len);
	struct sink sink = { .trade = on_trade, .bad = on_bad, .error_frame = on_error, .other = on_other, .arg = out };
	struct json_buffer buffer = { 0 };
	p->exchange->parse(&set, bytes, len, &buffer, &sink);
	p->exchange->parse(&set, bytes, len, &buffer, &sink); /* pure: twice the same */
	fclose(out);
	json_buffer_release(&buffer);
	char *twice = malloc(2 * want_len + 1);
	memcpy(twice, want, want_len);
	memcpy(twice + want_len, want, want_len + 1);
	assert_string_equal(got, twice);
	free(twice);
	free(got);
	free(bytes);
	free(text);
	free(want);
}

int main(void)
{
	struct CMUnitTest tests[512];
	struct payload payloads[512];
	size_t count = 0;
	glob_t files;
	for (const struct exchange *const *e = exchanges; *e; e++) {
		char pattern[1024];
		snprintf(pattern, sizeof pattern, "%s/%s/*.json", PAYLOADS, (*e)->name);
		if (glob(pattern, count ? GLOB_APPEND : 0, NULL, &files) != 0) {
			fprintf(stderr, "no payloads for %s\n", (*e)->name);
			return 1;
		}
		for (; count < files.gl_pathc && count < 512; count++) {
			payloads[count] = (struct payload){ *e, files.gl_pathv[count] };
			tests[count] = (struct CMUnitTest){ .name = strrchr(files.gl_pathv[count], '/') + 1, .test_func = comes_out_as_wanted,
				                            .initial_state = &payloads[count] };
		}
	}
	int failed = _cmocka_run_group_tests("payloads", tests, count, NULL, NULL);
	globfree(&files);
	return failed;
}
