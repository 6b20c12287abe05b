#include "recorder/gaps/backfill.h"

#include "recorder/clock.h"
#include "recorder/log.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_TIMEOUT_US (10 * US_PER_SECOND)
#define THROTTLED_US (US_PER_SECOND / 5)
#define MIDNIGHT_US (5 * US_PER_SECOND) /* so near to the exchange's midnight, "today" may mean either day */
#define TOLD_LATE_US (2 * US_PER_MINUTE) /* a trade sent again at the start tells a clock that is behind; more is a clock of ours that is wrong */
#define DOUBTED_AGAIN_US (30 * US_PER_SECOND)
#define WAIT_MAX_US (60 * US_PER_SECOND)
#define SLOWED_US (US_PER_SECOND / 4)
#define SLOWED_MAX_US (5 * US_PER_SECOND)
#define BAN_FIRST_US (5 * US_PER_SECOND)
#define BAN_MAX_US (600 * US_PER_SECOND)
#define NEWER_REF_MAX 10  /* times that REST may not know the witness: three minutes, and it is none */
#define LATER_MAX 120   /* times that REST may not know ids yet that a socket showed: an hour */
#define BEHIND_MAX 8     /* that REST shows no trade so new as was recorded: asked again so often, 3 minutes in all */
#define MISMATCHES_MAX 4 /* REST may be behind, or one of its servers: asked again so often, 14 s in all */
#define PAUSE_MS 200 /* between two requests, where the exchange has no history */
#define FAILURE_WAIT_US (600 * US_PER_SECOND)
#define FAILURES_MAX 80 /* answers that are none: half a day, which is longer than an exchange is in maintenance */

static void on_timer(lws_sorted_usec_list_t *sul);

static struct net *net_of(const struct backfiller *f)
{
	return f->backfill->net;
}

static const struct exchange_address *address_of(const struct backfiller *f)
{
	return &f->backfill->config->addresses[f->exchange];
}

static void look_again(struct backfiller *f, int64_t at_mono_us)
{
	int64_t in_us = at_mono_us - clock_mono_us();
	if (!f->backfill->stopped)
		lws_sul_schedule(net_of(f)->context, 0, &f->timer, on_timer, in_us > 1 ? in_us : 1);
}

static int64_t doubled(int64_t first_us, unsigned times, int64_t most_us)
{
	int64_t us = first_us;
	while (times-- > 0 && us < most_us)
		us *= 2;
	return us < most_us ? us : most_us;
}

/* How old a gap may be: what counts is when it ended.  One that opened while we ran began with the market's last trade, and
 * a quiet market may be asked about a week in one request. */
static int64_t limit_us(const struct backfiller *f, const struct gap *gap, int64_t exchange_now_us)
{
	return gap->mark.reason == GAP_BACKFILL_SINCE ? INT64_MIN : exchange_now_us - f->backfill->config->fill_limit_us;
}

static int64_t into_day_us(const struct history_api *api, int64_t us)
{
	return (us + api->day_offset_us) % US_PER_DAY;
}

/* Is it not certain which day the exchange calls today?  A clock that is known only by a trade or two may be behind: by so much
 * as they were late. */
static bool near_midnight(const struct history_api *api, int64_t at_least_us, int64_t at_most_us)
{
	if (!api->newest_first)
		return false;
	if (at_most_us < at_least_us || at_most_us - at_least_us > TOLD_LATE_US)
		at_most_us = at_least_us;
	return into_day_us(api, at_least_us) < MIDNIGHT_US || into_day_us(api, at_most_us) > US_PER_DAY - MIDNIGHT_US ||
	       into_day_us(api, at_most_us) < into_day_us(api, at_least_us);
}

static void on_answer(struct http_get *rest, void *arg);

static void ask(struct backfiller *f, struct gap *gap, int64_t now, int64_t exchange_now_us)
{
	const struct history_api *api = address_of(f)->exchange->history;
	char path[HISTORY_PATH_SIZE];
	if (!gap->asked)
		gaps_ask(f->backfill->gaps, gap, f->backfill->plan->markets[gap->market]->symbol, limit_us(f, gap, exchange_now_us), exchange_now_us);
	gap->history.now_us = exchange_now_us;
	api->path(&gap->history, path);
	f->before = gap->history;
	f->asking = gap;
	f->asked_mono_us = now;
	http_get_start(&f->rest, net_of(f), &address_of(f)->rest, path, (struct http_get_headers){ api->header, api->limit_header },
	           ANSWER_TIMEOUT_US, on_answer, f);
}

static void on_timer(lws_sorted_usec_list_t *sul)
{
	struct backfiller *f = lws_container_of(sul, struct backfiller, timer);
	struct gaps *g = f->backfill->gaps;
	const struct history_api *api = address_of(f)->exchange->history;
	int64_t now = clock_mono_us(), next_mono_us;
	if (f->asking || !api)
		return;
	bool throttled = net_is_throttled(net_of(f), f->exchange);
	if (throttled || now < f->hold_until_mono_us) {
		look_again(f, throttled ? now + THROTTLED_US : f->hold_until_mono_us);
		return;
	}
	struct gap *gap = gaps_next(g, f->exchange, now, &next_mono_us);
	if (!gap) {
		if (next_mono_us != INT64_MAX)
			look_again(f, next_mono_us);
		return;
	}
	int64_t exchange_now_us = exchange_clock_at_least_us(&g->times[f->exchange], now);
	if (gaps_nothing_left(gap)) {
		gaps_close(g, gap, GAP_FILLED, "", clock_mono_us());
	} else if (gap->mark.to_us <= limit_us(f, gap, exchange_now_us)) {
		gaps_close(g, gap, GAP_UNFILLABLE, "older than --fill-limit", clock_mono_us());
	} else if (near_midnight(api, exchange_now_us, exchange_clock_at_most_us(&g->times[f->exchange], now))) {
		f->hold_until_mono_us = now + MIDNIGHT_US / 2;
	} else {
		ask(f, gap, now, exchange_now_us);
		return;
	}
	look_again(f, now);
}

/* ---- answers ---- */

/* What happened before and after the gap came by socket.  An end by the clock is history.to_us, somewhat later than the ledger's;
 * where nothing tells the exchange's time, all is taken from its beginning on. */
static bool is_ours(const struct backfiller *f, const struct gap *gap, const struct trade *trade)
{
	if (address_of(f)->exchange->history->newest_first)
		return trade->time_us >= gap->mark.from_us && trade->time_us < gap->history.to_us;
	int64_t id = trade->id.number;
	return (gap->mark.from_id == GAP_NO_ID || id >= gap->mark.from_id) &&
	       (gap->history.to_id == HISTORY_NO_ID || id <= gap->history.to_id);
}

static void on_seen(void *arg, const struct trade *trade)
{
	held_page_see(&((struct backfiller *)arg)->held, trade);
}

static void on_trade(void *arg, const struct trade *trade)
{
	held_page_give(&((struct backfiller *)arg)->held, trade);
}

static void add_trade(struct backfiller *f, const struct trade *trade)
{
	struct gaps *g = f->backfill->gaps;
	struct gap *gap = f->asking;
	struct item item = { .kind = ITEM_TRADE, .market = gap->market, .connection = f->page, .gap_id = gap->mark.gap_id, .trade = *trade };
	if (!is_ours(f, gap, trade))
		return;
	item.trade.market = gap->market;
	switch (queue_push(net_of(f)->queue, &item)) {
	case QUEUE_OVERFLOWED:
		f->overflowed = true;
		return;
	case QUEUE_FULL:
		net_throttle(net_of(f));
		break;
	case QUEUE_OPEN:
	default:
		break;
	}
	if (!f->overflowed)
		gaps_put_back(g, gap, &item.trade);
}

/* A row of REST's that makes no sense has a gap of its own, which is asked for once more later; the others are taken. */
static void on_spoilt(void *arg, const struct history_cut *lost, const char *reason)
{
	held_page_spoil(&((struct backfiller *)arg)->held, lost, reason);
}

static void lose_spoilt(struct backfiller *f, const struct history_cut *lost, const char *reason)
{
	char words[GAP_NOTE_SIZE];
	snprintf(words, sizeof words, "a row of REST's makes no sense: %.50s", reason);
	if (f->asking->doubted)
		gaps_close(f->backfill->gaps, f->asking, GAP_UNFILLABLE, words, clock_mono_us());
	else
		gaps_doubt_part(f->backfill->gaps, f->asking, lost, words, clock_mono_us() + DOUBTED_AGAIN_US);
}

/* For the ledger, while it waits. */
static void note(struct backfiller *f, struct gap *gap, const char *words)
{
	if (strcmp(gap->mark.note, words) == 0)
		return;
	snprintf(gap->mark.note, sizeof gap->mark.note, "%s", words);
	gaps_put(f->backfill->gaps, gap);
}

/* The exchange, or the line, does not want to be asked now. */
static void hold(struct backfiller *f, const char *why, int64_t us)
{
	char key[EXCHANGE_NAME_SIZE + 64], words[GAP_NOTE_SIZE], until[TIME_TEXT_SIZE];
	const char *exchange = address_of(f)->exchange->name;
	f->hold_until_mono_us = clock_mono_us() + us;
	f->refusals++;
	time_format(clock_wall_us() + us, until);
	snprintf(key, sizeof key, "hold %s %.50s", exchange, why);
	log_folded(key, LOG_WARNING, "backfill-waits", "exchange=%s reason=\"%s\" wait_ms=%lld", exchange, why, (long long)(us / 1000));
	snprintf(words, sizeof words, "%.50s; waiting until %.19sZ", why, until);
	if (f->asking)
		note(f, f->asking, words);
}

static bool refused(struct backfiller *f, const struct http_get *rest)
{
	char why[NET_STATUS_SIZE];
	int64_t asked_us = rest->retry_after_s * US_PER_SECOND;
	if (rest->status == 0) {
		hold(f, rest->reason, doubled(US_PER_SECOND, f->refusals, WAIT_MAX_US));
	} else if (rest->status == 418 || rest->status == 403) {
		snprintf(why, sizeof why, "banned by the exchange, HTTP status %d", rest->status);
		hold(f, why, asked_us ? asked_us : doubled(BAN_FIRST_US, f->refusals, BAN_MAX_US));
	} else if (rest->status == 429 || rest->status >= 500) {
		snprintf(why, sizeof why, rest->status == 429 ? "too many requests, HTTP status %d" : "HTTP status %d", rest->status);
		if (rest->status == 429)
			f->slowed_us = f->slowed_us == 0 ? SLOWED_US : f->slowed_us * 2 < SLOWED_MAX_US ? f->slowed_us * 2 : SLOWED_MAX_US;
		hold(f, why, asked_us ? asked_us : doubled(US_PER_SECOND, f->refusals, WAIT_MAX_US));
	} else if (rest->status != 200 && rest->status != 400 && rest->status != 401 && rest->status != 404) {
		/* not an answer to the question: of the exchange, not of this gap */
		hold(f, net_status(rest->status, why), doubled(BAN_FIRST_US, f->refusals, BAN_MAX_US));
	} else {
		f->refusals = 0;
		f->slowed_us -= f->slowed_us / 8;
		return false;
	}
	return true;
}

static void later(struct backfiller *f, struct gap *gap)
{
	struct history *h = &gap->history;
	bool newest_first = address_of(f)->exchange->history->newest_first;
	if (++gap->laters < (newest_first ? NEWER_REF_MAX : LATER_MAX)) {
		gap->not_before_mono_us = clock_mono_us() + doubled(US_PER_SECOND, gap->laters, WAIT_MAX_US / 2);
		return;
	}
	if (newest_first) {
		h->newer_ref_us = INT64_MIN; /* it may be one that REST never shows */
		return;
	}
	h->cut = (struct history_cut){ h->reached_us, h->to_us, h->next_id, h->to_id };
	gaps_cut(f->backfill->gaps, gap, "REST does not have these ids", clock_mono_us());
}

static void bad(struct backfiller *f, struct gap *gap, const char *reason)
{
	char words[GAP_NOTE_SIZE], quoted[160];
	log_folded("backfill-bad", LOG_WARNING, "backfill-failed", "market=%s reason=%s", f->backfill->plan->markets[gap->market]->name,
	           log_quote(quoted, sizeof quoted, reason, strlen(reason)));
	bool no_memory = strcmp(reason, JSON_NO_MEMORY) == 0; /* a trouble of this machine, not an answer */
	snprintf(words, sizeof words, "%s%.60s", no_memory ? "" : "the exchange answers: ", reason);
	if (++gap->failures >= FAILURES_MAX) {
		gaps_close(f->backfill->gaps, gap, GAP_UNFILLABLE, words, clock_mono_us());
		return;
	}
	note(f, gap, words);
	gap->not_before_mono_us = clock_mono_us() + doubled(US_PER_SECOND, gap->failures, FAILURE_WAIT_US);
}

/* Would the next question be another one?  A cursor that never moves would be asked for ever.  The same is asked twice where an
 * empty answer is doubted. */
static bool has_advanced(const struct history_api *api, struct history now, struct history before)
{
	char paths[2][HISTORY_PATH_SIZE];
	bool doubted = now.doubted && !before.doubted;
	now.now_us = before.now_us;
	api->path(&now, paths[0]);
	api->path(&before, paths[1]);
	return doubted || strcmp(paths[0], paths[1]) != 0;
}

static struct reference_page page_of(const struct backfiller *f)
{
	const struct held_page *held = &f->held;
	bool by_id = !address_of(f)->exchange->history->newest_first;
	return (struct reference_page){ held->seen.trades, held->seen.count, by_id,
		                        by_id || f->before.begun ? INT64_MIN : f->before.to_us, /* the first page: nothing is above it */
		                        held->spoilt.lost, held->spoilt.count };
}

/* By id, recorded trades are asked for along: an answer that has none of them to the end shows nothing of the gap. */
static bool lacks_references(const struct gap *gap, const struct reference_page *page, enum history_state state)
{
	return page->by_id && state == HISTORY_DONE && gap->history.lead > 0 && !gap->compared && page->spoilt_count == 0;
}

/* Is it of the same trades as the socket's?  false: it is asked for again, and after some times the gap is given up. */
static bool is_twin(struct backfiller *f, struct gap *gap, enum history_state state)
{
	const struct held_page *held = &f->held;
	const struct reference_page page = page_of(f);
	struct market_state *s = &f->backfill->gaps->states[gap->market];
	enum reference_answer answer;
	if (held->no_memory || !reference_match(&page, &gap->older, &gap->newer, &answer)) {
		gap->not_before_mono_us = clock_mono_us() + US_PER_SECOND;
		return false;
	}
	f->twin = answer == REFERENCE_EQUAL;
	gap->compared = gap->compared || (page.by_id && answer == REFERENCE_EQUAL);
	if (answer <= REFERENCE_EQUAL && lacks_references(gap, &page, state))
		answer = REFERENCE_ABSENT;
	if (answer == REFERENCE_BEHIND && ++gap->behind < BEHIND_MAX) {
		gap->not_before_mono_us = clock_mono_us() + doubled(US_PER_SECOND, gap->behind, WAIT_MAX_US);
		return false;
	}
	if (answer <= REFERENCE_EQUAL) {
		gap->behind = 0;
		gap->mismatches = answer == REFERENCE_EQUAL ? 0 : gap->mismatches;
		return true;
	}
	const char *words = reference_words(answer);
	if (answer != REFERENCE_BEHIND && ++gap->mismatches < MISMATCHES_MAX) {
		gap->not_before_mono_us = clock_mono_us() + doubled(US_PER_SECOND, gap->mismatches, WAIT_MAX_US);
		return false;
	}
	if (gap->probe) { /* nobody can say that it has all: it is asked for as what it has not */
		gaps_probed(f->backfill->gaps, gap, true, clock_mono_us());
		return false;
	}
	if (!s->told_no_twin)
		log_event(LOG_WARNING, "backfill-mismatch", "market=%s reason=\"%s\"", f->backfill->plan->markets[gap->market]->name, words);
	s->told_no_twin = true;
	gaps_close(f->backfill->gaps, gap, GAP_UNFILLABLE, words, clock_mono_us());
	return false;
}

/* Rows from before the gap, of a page that is the socket's twin: the tape should have them. */
static void call_witnesses(struct backfiller *f, const struct gap *gap)
{
	for (size_t i = 0; i < f->held.seen.count && f->twin; i++) {
		struct item item = { .kind = ITEM_TRADE, .market = gap->market, .connection = f->page, .gap_id = ITEM_WITNESS,
			             .trade = f->held.seen.trades[i] };
		item.trade.market = gap->market;
		if (item.trade.time_us < gap->mark.from_us && queue_push(net_of(f)->queue, &item) == QUEUE_OVERFLOWED)
			return; /* one witness less is no loss */
	}
}

static void hand_on(struct backfiller *f)
{
	if (address_of(f)->exchange->history->newest_first) /* elsewhere ids prove */
		call_witnesses(f, f->asking);
	for (size_t i = 0; i < f->held.spoilt.count; i++)
		lose_spoilt(f, &f->held.spoilt.lost[i], f->held.spoilt.reasons[i]);
	for (size_t i = 0; i < f->held.given.count; i++)
		add_trade(f, &f->held.given.trades[i]);
}

/* Where pages go backward, the first ones may lie behind the newer references and hold rows of the gap already, for its end by the
 * clock is a late one; and where nothing was recorded since, the references lie before the gap.  Rows are left alone until references
 * were come by, and then it is asked for from the start. */
static bool is_premature(const struct backfiller *f, struct gap *gap, enum history_state state)
{
	const struct reference_page page = page_of(f);
	if (page.by_id || gap->compared || (page.count == 0 && !(gap->passed_over && (state == HISTORY_DONE || state == HISTORY_CUT))))
		return false;
	bool below = gap->newer.count > 0 ? references_below(&gap->newer, &page) : !f->twin && references_below(&gap->older, &page);
	if (state == HISTORY_MORE && below) {
		for (size_t i = 0; i < f->held.given.count; i++)
			gap->passed_over = gap->passed_over || is_ours(f, gap, &f->held.given.trades[i]);
		return true;
	}
	gap->compared = true;
	if (gap->passed_over)
		gap->asked = false;
	return gap->passed_over;
}

/* The answer counts for nothing: the same is asked for again. */
static void rewind_history(const struct backfiller *f, struct gap *gap)
{
	int64_t to_id = gap->history.to_id, to_us = gap->history.to_us; /* may have become known meanwhile */
	gap->history = f->before;
	gap->history.to_id = to_id;
	gap->history.to_us = to_us;
}

/* Has REST more than came?  An answer that tells nothing leaves it open until the next time. */
static void take_probe(struct backfiller *f, struct gap *gap, enum history_state state)
{
	struct gaps *g = f->backfill->gaps;
	bool found = false;
	for (size_t i = 0; i < f->held.given.count; i++)
		found = found || gaps_probe_finds(g, gap, &f->held.given.trades[i], clock_mono_us());
	bool goes_on = state == HISTORY_MORE && has_advanced(address_of(f)->exchange->history, gap->history, f->before);
	if (found)
		log_folded("mute", LOG_ERROR, "mute", "market=%s the exchange has trades of it that never came, though its connection lives",
		           f->backfill->plan->markets[gap->market]->name);
	if (found || !goes_on)
		gaps_probed(g, gap, found, clock_mono_us());
}

static void take_page(struct backfiller *f, struct gap *gap)
{
	const struct history_api *api = address_of(f)->exchange->history;
	struct history_page page = { .status = f->rest.status, .body = f->rest.body ? f->rest.body : "", .len = f->rest.body_len,
		                     .buffer = &f->json, .trade = on_trade, .seen = on_seen, .spoilt = on_spoilt, .arg = f };
	rewind_history(f, gap);
	held_page_clear(&f->held);
	f->page = ++net_of(f)->connections;
	f->overflowed = false;
	enum history_state state = api->take(&gap->history, &page);
	struct history reached = gap->history;
	rewind_history(f, gap);
	if (!is_twin(f, gap, state))
		return; /* the gap may be gone */
	gap->history = reached;
	if (gap->probe) {
		take_probe(f, gap, state);
		return;
	}
	if (gap->doubted && f->held.spoilt.count > 0) {
		lose_spoilt(f, &f->held.spoilt.lost[0], f->held.spoilt.reasons[0]);
		return; /* the gap is gone */
	}
	if (!is_premature(f, gap, state))
		hand_on(f);
	if (f->overflowed) {
		rewind_history(f, gap);
		return;
	}
	if (!gap->asked)
		return; /* it became longer meanwhile, and is asked for anew */
	if (state == HISTORY_MORE && !has_advanced(api, gap->history, f->before)) {
		state = HISTORY_BAD;
		page.reason = "the same page again and again";
	}
	if (state != HISTORY_BAD)
		gap->failures = 0;
	if (gap->history.next_id != f->before.next_id)
		gap->laters = 0; /* REST is late, and goes on */
	switch (state) {
	case HISTORY_DONE:
		gaps_given(f->backfill->gaps, gap, f->asked_mono_us, clock_mono_us());
		break;
	case HISTORY_CUT:
		gaps_cut(f->backfill->gaps, gap, page.reason, clock_mono_us());
		break;
	case HISTORY_LATER:
		later(f, gap);
		break;
	case HISTORY_BAD:
		bad(f, gap, page.reason);
		break;
	case HISTORY_MORE:
	default:
		break;
	}
}

/* No request before what the exchange allows.  false: it was refused, or the line is in trouble. */
static bool heed_limits(struct backfiller *f, const struct http_get *rest)
{
	const struct history_api *api = address_of(f)->exchange->history;
	int64_t wait_ms = rest->limit[0] && api && api->wait_ms ? api->wait_ms(rest->limit) : 0, pause_ms = api ? api->pause_ms : PAUSE_MS;
	int64_t pause_us = (wait_ms > pause_ms ? wait_ms : pause_ms) * INT64_C(1000);
	f->hold_until_mono_us = clock_mono_us() + (pause_us > f->slowed_us ? pause_us : f->slowed_us);
	return !refused(f, rest);
}

bool backfill_lets(const struct backfill *backfill, size_t exchange, bool overdue)
{
	const struct backfiller *f = &backfill->backfillers[exchange];
	int64_t now = clock_mono_us(), next_mono_us;
	if (net_of(f)->throttled)
		return false;
	return (overdue && f->refusals == 0 && f->slowed_us < US_PER_SECOND / 100) ||
	       (!f->asking && now >= f->hold_until_mono_us && !gaps_next(backfill->gaps, exchange, now, &next_mono_us));
}

bool backfill_heed(struct backfill *backfill, size_t exchange, const struct http_get *rest)
{
	return heed_limits(&backfill->backfillers[exchange], rest);
}

static void on_answer(struct http_get *rest, void *arg)
{
	struct backfiller *f = arg;
	struct gap *gap = f->asking;
	if (heed_limits(f, rest))
		take_page(f, gap);
	f->asking = NULL;
	http_get_release(rest);
	look_again(f, f->hold_until_mono_us);
}

static void on_changed(void *arg, size_t exchange)
{
	struct backfill *backfill = arg;
	look_again(&backfill->backfillers[exchange], 0);
}

void backfill_start(struct backfill *backfill, struct gaps *gaps, struct net *net, const struct market_plan *plan,
                    const struct config *config)
{
	memset(backfill, 0, sizeof *backfill);
	backfill->gaps = gaps;
	backfill->net = net;
	backfill->plan = plan;
	backfill->config = config;
	for (size_t i = 0; i < EXCHANGES_MAX; i++) {
		backfill->backfillers[i].backfill = backfill;
		backfill->backfillers[i].exchange = i;
	}
	gaps->changed = on_changed;
	gaps->changed_arg = backfill;
	for (size_t i = 0; i < config->address_count; i++)
		look_again(&backfill->backfillers[i], 0);
}

void backfill_stop(struct backfill *backfill)
{
	backfill->stopped = true;
	for (size_t i = 0; backfill->gaps && i < EXCHANGES_MAX; i++) {
		struct backfiller *f = &backfill->backfillers[i];
		lws_sul_cancel(&f->timer);
		if (f->asking) {
			http_get_stop(&f->rest);
			http_get_release(&f->rest);
			f->asking = NULL;
		}
		held_page_release(&f->held);
		json_buffer_release(&f->json);
	}
}
