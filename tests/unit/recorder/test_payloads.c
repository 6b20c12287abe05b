/* Every payloads/EXCHANGE/CASE.json goes through that exchange's parse(); what comes out of the sink is CASE.want, a line
 * each: `trade SYMBOL SIDE TIME PRICE SIZE ID`, `ticker KEY TIME OPEN HIGH LOW CLOSE VOLUME`, `bad REASON | DETAIL`,
 * `error NAME | MESSAGE`, `refused ID NAME | MESSAGE`, `other`, `control`, `subscribed ID` (-1: no id), `closing`.  Tickers are asked for too where the case's name
 * begins with "tickers-"; *.list are market lists: their
 * path, then the body; wanted is a line a market, or `refused REASON`. */
#include "recorder/exchanges/exchange.h"
#include "schema/base/timefmt.h"
#include "support.h"
#include "tests/payloads/subscriptions.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define CASES_MAX 1024

struct payload {
	const struct exchange *exchange;
	const struct subscription *wanted;
	const char *path;
};

struct hearing {
	const struct subscription *wanted;
	FILE *out;
};

static void on_trade(void *arg, const struct trade *t)
{
	struct hearing *h = arg;
	char time[TIME_TEXT_SIZE], price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE], id[TRADE_ID_TEXT_SIZE];
	const char *key = subscribed_key(&h->wanted->trades, t->market);
	time_format(t->time_us, time);
	decimal_format(&t->price, price);
	decimal_format(&t->size, size);
	fprintf(h->out, "trade %s %s %s %s %s %s\n", key ? key : "?", side_name(t->side), time, price, size,
	        trade_id_format(&t->id, id) ? id : "-");
}

static void on_ticker(void *arg, uint32_t market, const struct ticker *t)
{
	struct hearing *h = arg;
	const struct decimal *numbers[] = { &t->open, &t->high, &t->low, &t->close, &t->volume };
	char time[TIME_TEXT_SIZE], text[DECIMAL_TEXT_SIZE];
	const char *key = subscribed_key(&h->wanted->tickers, market);
	time_format(t->time_us, time);
	fprintf(h->out, "ticker %s %s", key ? key : "?", time);
	for (size_t i = 0; i < 5; i++) {
		decimal_format(numbers[i], text);
		fprintf(h->out, " %s", text);
	}
	fputc('\n', h->out);
}

static void on_unread(void *arg, uint32_t market)
{
	(void)arg;
	(void)market; /* bad() follows, and counts */
}

static void on_bad(void *arg, const char *reason, const char *detail)
{
	fprintf(((struct hearing *)arg)->out, "bad %s | %s\n", reason, detail);
}

static void on_error(void *arg, const char *name, const char *message)
{
	fprintf(((struct hearing *)arg)->out, "error %s | %s\n", name, message);
}

static void on_strange(void *arg, const char *reason, const char *detail, const char *code)
{
	fprintf(((struct hearing *)arg)->out, "strange %s | %s%s%s\n", reason, detail, code ? " | " : "", code ? code : "");
}

static void on_refused(void *arg, int64_t id, const char *name, const char *message)
{
	fprintf(((struct hearing *)arg)->out, "refused %lld %s | %s\n", (long long)id, name, message);
}

static void on_spoke(void *arg, uint32_t market)
{
	const struct hearing *h = arg;
	const char *key = subscribed_key(&h->wanted->trades, market);
	fprintf(h->out, "spoke %s\n", key ? key : "?");
}

static void on_other(void *arg)
{
	fputs("other\n", ((struct hearing *)arg)->out);
}

static void on_control(void *arg)
{
	fputs("control\n", ((struct hearing *)arg)->out);
}

static void on_subscribed(void *arg, int64_t id)
{
	fprintf(((struct hearing *)arg)->out, "subscribed %lld\n", (long long)id);
}

static void on_closing(void *arg)
{
	fputs("closing\n", ((struct hearing *)arg)->out);
}

static void comes_out_as_wanted(void **state)
{
	const struct payload *p = *state;
	char want_path[1024], *got = NULL;
	size_t len, want_len, got_len = 0;
	snprintf(want_path, sizeof want_path, "%.*s.want", (int)(strlen(p->path) - strlen(".json")), p->path);
	char *text = file_read(p->path, &len), *want = file_read(want_path, &want_len);
	char *bytes = malloc(len ? len : 1); /* of just this size, so that ASan sees a byte too many */
	memcpy(bytes, text, len);
	struct subscription wanted = *p->wanted;
	if (strncmp(strrchr(p->path, '/'), "/tickers-", strlen("/tickers-")) != 0)
		wanted.tickers.count = 0;
	struct hearing h = { &wanted, open_memstream(&got, &got_len) };
	struct sink sink = { .trade = on_trade, .unread = on_unread, .ticker = on_ticker, .bad = on_bad, .strange = on_strange, .error_frame = on_error, .spoke = on_spoke, .other = on_other,
		             .control = on_control, .subscribed = on_subscribed, .refused = on_refused, .closing = on_closing, .arg = &h };
	struct json_buffer buffer = { 0 };
	p->exchange->parse(&wanted, bytes, len, &buffer, &sink);
	p->exchange->parse(&wanted, bytes, len, &buffer, &sink); /* pure: twice the same */
	fclose(h.out);
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

static void on_listed(void *arg, const struct listed_market *market)
{
	fprintf(arg, "%s %s/%s\n", market->symbol, market->base, market->quote);
}

static void lists_as_wanted(void **state)
{
	const struct payload *p = *state;
	char want_path[1024], *got = NULL;
	size_t len, want_len, got_len = 0;
	snprintf(want_path, sizeof want_path, "%.*s.want", (int)(strlen(p->path) - strlen(".list")), p->path);
	char *text = file_read(p->path, &len), *want = file_read(want_path, &want_len), *body = strchr(text, '\n');
	assert_non_null(body);
	*body++ = '\0';
	size_t body_len = len - (size_t)(body - text);
	char *bytes = malloc(body_len ? body_len : 1);
	memcpy(bytes, body, body_len);
	FILE *out = open_memstream(&got, &got_len);
	struct json_buffer buffer = { 0 };
	const char *reason = "";
	if (!p->exchange->parse_market_list(text, bytes, body_len, &buffer, on_listed, out, &reason))
		fprintf(out, "refused %s\n", reason);
	fclose(out);
	json_buffer_release(&buffer);
	assert_string_equal(got, want);
	free(got);
	free(bytes);
	free(text);
	free(want);
}

static struct CMUnitTest tests[CASES_MAX];
static struct payload payloads[CASES_MAX];
static size_t count;

static bool add_cases(const struct exchange *exchange, const struct subscription *wanted, const char *files, glob_t *found,
                      CMUnitTestFunction test)
{
	char pattern[1024];
	snprintf(pattern, sizeof pattern, "%s/%s/%s", PAYLOADS, exchange->name, files);
	if (glob(pattern, count ? GLOB_APPEND : 0, NULL, found) != 0) {
		fprintf(stderr, "no payloads for %s\n", pattern);
		return false;
	}
	for (; count < found->gl_pathc; count++) {
		if (count == CASES_MAX) {
			fprintf(stderr, "more than %d cases\n", CASES_MAX);
			return false;
		}
		const char *path = found->gl_pathv[count];
		payloads[count] = (struct payload){ exchange, wanted, path };
		tests[count] = (struct CMUnitTest){ .name = path + strlen(PAYLOADS) + 1, .test_func = test, .initial_state = &payloads[count] };
	}
	return true;
}

int main(void)
{
	static struct subscription wanted[16];
	static uint32_t numbers[16][2][SUBSCRIBED_MAX];
	glob_t files;
	for (size_t i = 0; exchanges[i]; i++) {
		wanted[i] = subscribed_to(exchanges[i]->name);
		memcpy(numbers[i], subscribed_numbers, sizeof numbers[i]);
		wanted[i].trades.markets = numbers[i][0];
		wanted[i].tickers.markets = numbers[i][1];
		if (!add_cases(exchanges[i], &wanted[i], "*.json", &files, comes_out_as_wanted) ||
		    !add_cases(exchanges[i], &wanted[i], "*.list", &files, lists_as_wanted))
			return 1;
	}
	int failed = _cmocka_run_group_tests("payloads", tests, count, NULL, NULL);
	globfree(&files);
	return failed;
}
