#include "recorder/exchanges/upbit_family_history.h"

#include "recorder/exchanges/field.h"
#include "recorder/net/url.h"
#include "schema/base/market_name.h"
#include "recorder/exchanges/upbit_family.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 500
#define DAYS_MAX 7
#define KST_US (9 * 60 * US_PER_MINUTE)
#define ID_PER_MS 10000 /* of Bithumb's REST */

/* steps of Bithumb's */
enum { WITHIN_DAY, AT_MIDNIGHT, BEFORE_MIDNIGHT };

static int64_t day_of(int64_t time_us, int64_t offset_us)
{
	int64_t shifted_us = time_us + offset_us;
	return (shifted_us >= 0 ? shifted_us : shifted_us - US_PER_DAY + 1) / US_PER_DAY;
}

static int64_t day_start_us(int64_t day, int64_t offset_us)
{
	return day * US_PER_DAY - offset_us;
}

static int64_t next_second_us(int64_t time_us)
{
	return (time_us / US_PER_SECOND + 1) * US_PER_SECOND;
}

/* &to=HHmmss, for a moment behind the start of a day. */
static void add_clock_time(char path[static HISTORY_PATH_SIZE], int64_t into_day_us)
{
	int seconds = (int)(into_day_us / US_PER_SECOND);
	size_t len = strlen(path);
	snprintf(path + len, HISTORY_PATH_SIZE - len, "&to=%02d%02d%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void add_number(char path[static HISTORY_PATH_SIZE], const char *name, int64_t value)
{
	size_t len = strlen(path);
	snprintf(path + len, HISTORY_PATH_SIZE - len, "&%s=%lld", name, (long long)value);
}

static void begin_path(char path[static HISTORY_PATH_SIZE], const struct history *h)
{
	char encoded[3 * SYMBOL_SIZE];
	url_encode(encoded, sizeof encoded, h->symbol);
	snprintf(path, HISTORY_PATH_SIZE, "/v1/trades/ticks?market=%s&count=%d", encoded, ROWS_MAX);
}

static void begin(struct history *h, int64_t offset_us)
{
	if (h->begun)
		return;
	h->begun = true;
	h->doubted = false;
	h->cursor = HISTORY_NO_ID;
	h->step = WITHIN_DAY;
	h->reached_us = h->to_us;
	h->bound_us = h->oldest_us = INT64_MAX;
	if (h->newer_ref_us != INT64_MIN && day_of(h->newer_ref_us, offset_us) != day_of(h->now_us, offset_us))
		h->newer_ref_us = INT64_MIN; /* today's newest trades need not have it */
	/* a stretch that ended a moment ago is asked for from the newest trade on, and so is one with a witness */
	if (h->to_us < h->now_us && h->newer_ref_us == INT64_MIN)
		h->bound_us = next_second_us(h->to_us);
	if (h->bound_us > h->now_us || day_of(h->bound_us, offset_us) > day_of(h->now_us, offset_us))
		h->bound_us = INT64_MAX;
}

/* ---- the rows of a page ---- */

struct ticks {
	cJSON *root;            /* owned */
	struct trade *trades;   /* owned; in order of time, as they will be given */
	size_t count;
};

static void ticks_release(struct ticks *t)
{
	cJSON_Delete(t->root);
	free(t->trades);
}

static const char *take_row(const cJSON *row, bool ids, struct trade *trade)
{
	const char *side, *reason;
	struct trade_id id;
	*trade = (struct trade){ .recv_wall_us = 0 };
	if ((reason = field_time_ms(row, "timestamp", &trade->time_us)) ||
	    (reason = field_decimal(row, "trade_price", BARE_NUMBER, &trade->price)) ||
	    (reason = field_decimal(row, "trade_volume", BARE_NUMBER, &trade->size)) ||
	    (reason = field_text(row, "ask_bid", &side)) || (reason = field_id(row, "sequential_id", &id)))
		return reason;
	if (strcmp(side, "BID") != 0 && strcmp(side, "ASK") != 0)
		return "unknown side";
	trade->side = strcmp(side, "BID") == 0 ? SIDE_BUY : SIDE_SELL;
	if (ids)
		trade->id = id;
	return NULL;
}

/* What stands there instead of a list: {"error":{"name":404,"message":"Code not found"}}, with status 200 too. */
static const char *complaint(const cJSON *root, struct history_page *page)
{
	const cJSON *error = json_member(root, "error");
	if (error)
		snprintf(page->words, sizeof page->words, "%.60s %.90s", json_any_text(error, "name"), json_any_text(error, "message"));
	else
		snprintf(page->words, sizeof page->words, "HTTP status %d, and no list of trades", page->status);
	return page->words;
}

/* A row that makes no sense, as often as it is asked for: its own millisecond is lost, or what lies between its neighbours. */
static void set_aside(const struct history *h, const struct history_page *page, const struct ticks *t, size_t at, const char *reason)
{
	int64_t us = t->trades[at].time_us, from_us = us, to_us = us + 1000;
	for (size_t i = at; us == 0 && i > 0 && from_us == 0; i--)
		from_us = t->trades[i - 1].time_us;
	to_us = us == 0 ? INT64_MAX : to_us;
	for (size_t i = at + 1; us == 0 && i < t->count && to_us == INT64_MAX; i++)
		to_us = t->trades[i].time_us != 0 ? t->trades[i].time_us + 1000 : to_us;
	struct history_cut lost = { from_us > h->from_us ? from_us : h->from_us, to_us < h->to_us ? to_us : h->to_us, HISTORY_NO_ID, HISTORY_NO_ID };
	if (lost.from_us < lost.to_us)
		page->spoilt(page->arg, &lost, reason);
}

static int by_time(const void *a, const void *b)
{
	const struct trade *s = a, *t = b;
	return s->time_us < t->time_us ? -1 : s->time_us > t->time_us ? 1 : trade_id_compare(&s->id, &t->id);
}

/* Rows that make no sense are asked for again some times; then the others are taken without them.  false: see page->reason. */
static bool sort_out(struct ticks *t, struct history *h, const struct history_page *page, const bool *bad)
{
	size_t used = 0;
	if (h->spoilt_tries++ < HISTORY_SPOILT_TRIES)
		return false;
	for (size_t i = 0; i < t->count; i++)
		if (bad[i])
			set_aside(h, page, t, i, page->reason);
	for (size_t i = 0; i < t->count; i++)
		if (!bad[i])
			t->trades[used++] = t->trades[i];
	t->count = used;
	return used > 0;
}

static bool read_ticks(struct ticks *t, struct history *h, struct history_page *page, bool ids)
{
	*t = (struct ticks){ .root = json_parse(page->buffer, page->body, page->len, &page->reason) };
	if (!t->root)
		return false;
	if (page->status != 200 || !cJSON_IsArray(t->root)) {
		page->reason = complaint(t->root, page);
		return false;
	}
	size_t count = (size_t)cJSON_GetArraySize(t->root);
	bool *bad = calloc(count + 1, sizeof *bad), ok = true;
	t->trades = calloc(count + 1, sizeof *t->trades);
	if (!t->trades || !bad) {
		page->reason = JSON_NO_MEMORY;
		free(bad);
		return false;
	}
	t->count = count;
	const cJSON *row;
	size_t at = count;
	const char *reason, *any = NULL;
	cJSON_ArrayForEach(row, t->root) {
		reason = take_row(row, ids, &t->trades[--at]);
		bad[at] = reason != NULL;
		any = reason ? reason : any;
	}
	if (any) {
		page->reason = any;
		ok = sort_out(t, h, page, bad);
	} else {
		h->spoilt_tries = 0;
	}
	free(bad);
	/* By time, as they should be: a server may be off by some. */
	for (size_t i = 1; ok && i < t->count; i++) {
		if (t->trades[i].time_us < t->trades[i - 1].time_us) {
			qsort(t->trades, t->count, sizeof *t->trades, by_time);
			break;
		}
	}
	return ok;
}

/* Gives them to the caller; nothing of a page is given unless all of it can be used. */
static void give(const struct ticks *t, const struct history_page *page)
{
	for (size_t i = 0; i < t->count; i++) {
		if (page->seen)
			page->seen(page->arg, &t->trades[i]);
		page->trade(page->arg, &t->trades[i]);
	}
}

/* Does REST lag behind the sockets so far that the end of the stretch may be missing?  The witness tells. */
static bool lags(struct history *h, const struct ticks *t)
{
	if (h->newer_ref_us == INT64_MIN)
		return false;
	if (t->count == 0 || t->trades[t->count - 1].time_us < h->newer_ref_us) {
		h->begun = false; /* from the newest on once more */
		return true;
	}
	h->newer_ref_us = INT64_MIN;
	return false;
}

/* That a part of the stretch is empty is believed when it is said twice. */
static bool doubted(struct history *h, const struct ticks *t)
{
	h->doubted = t->count == 0 && h->bound_us > h->from_us && !h->doubted;
	return h->doubted;
}

/* The witness was there: what lies between it and the stretch need not be asked for. */
static void leap(struct history *h)
{
	if (h->to_us >= h->now_us || h->bound_us <= next_second_us(h->to_us))
		return;
	h->bound_us = next_second_us(h->to_us);
	h->cursor = HISTORY_NO_ID;
	h->step = WITHIN_DAY;
}

/* ---- the end of what there is ---- */

static enum history_state cut_below(struct history *h, struct history_page *page, int64_t from_us, const char *reason)
{
	h->cut = (struct history_cut){ from_us, h->reached_us, HISTORY_NO_ID, HISTORY_NO_ID };
	page->reason = reason;
	return HISTORY_CUT;
}

/* A page may end within a millisecond. */
static void note_reached(struct history *h, int64_t oldest_us)
{
	if (oldest_us + 1000 < h->reached_us)
		h->reached_us = oldest_us + 1000;
}

/* Nothing older is on this day: on to the day before, as far as there is reason to look.  What was reached is not moved by
 * that: a history that is cut off looks just the same. */
static enum history_state day_ends(struct history *h, struct history_page *page, int64_t day, int64_t offset_us)
{
	int64_t start_us = day_start_us(day, offset_us);
	bool reached = start_us <= h->from_us;
	if (h->older_ref_us != INT64_MIN && h->older_ref_us >= start_us && h->oldest_us > h->older_ref_us)
		return cut_below(h, page, h->from_us, "REST does not reach back so far: older trades that were recorded are not in it");
	if (day_of(h->now_us, offset_us) - (day - 1) > DAYS_MAX)
		return reached ? HISTORY_DONE : cut_below(h, page, h->from_us, "REST reaches back 7 days");
	h->bound_us = start_us;
	return HISTORY_MORE;
}

/* ---- Upbit ---- */

static void upbit_path(struct history *h, char path[static HISTORY_PATH_SIZE])
{
	begin(h, 0);
	int64_t today = day_of(h->now_us, 0), day = h->bound_us == INT64_MAX ? today : day_of(h->bound_us - 1, 0);
	begin_path(path, h);
	if (h->cursor != HISTORY_NO_ID)
		add_number(path, "cursor", h->cursor);
	else if (h->bound_us != INT64_MAX && h->bound_us % US_PER_DAY != 0)
		add_clock_time(path, h->bound_us % US_PER_DAY);
	if (day < today)
		add_number(path, "days_ago", today - day);
}

static enum history_state upbit_take(struct history *h, struct history_page *page)
{
	struct ticks ticks;
	enum history_state state = HISTORY_BAD;
	int64_t day = day_of(h->bound_us == INT64_MAX ? h->now_us : h->bound_us - 1, 0);
	if (!read_ticks(&ticks, h, page, true)) {
		/* reason is set */
	} else if (lags(h, &ticks)) {
		state = HISTORY_LATER;
	} else if (doubted(h, &ticks)) {
		state = HISTORY_MORE;
	} else if (ticks.count == 0) {
		h->cursor = HISTORY_NO_ID;
		state = day_ends(h, page, day, 0);
	} else if (day_of(ticks.trades[0].time_us, 0) != day) {
		page->reason = "trades of another day than asked for";
	} else if (ticks.trades[0].id.kind != TRADE_ID_NUMBER) {
		page->reason = "ids beyond 63 bits";
	} else {
		give(&ticks, page);
		int64_t oldest_us = ticks.trades[0].time_us;
		h->cursor = ticks.trades[0].id.number;
		h->bound_us = oldest_us + 1;
		h->oldest_us = oldest_us;
		note_reached(h, oldest_us);
		state = oldest_us < h->from_us ? HISTORY_DONE : HISTORY_MORE;
		leap(h);
	}
	ticks_release(&ticks);
	return state;
}

/* Remaining-Req: group=trades; min=573; sec=9: so many more in this second. */
static int64_t upbit_wait_ms(const char *value)
{
	const char *sec = strstr(value, "sec=");
	return sec && strtol(sec + 4, NULL, 10) <= 0 ? 1000 : 0;
}

const struct history_api upbit_history = {
	.newest_first = true,
	.pause_ms = 110, /* 10 a second */
	.limit_header = "remaining-req:",
	.wait_ms = upbit_wait_ms,
	.path = upbit_path,
	.take = upbit_take,
};

/* ---- Bithumb ---- */

/* The day in which trades before bound_us are looked for. */
static int64_t bithumb_day(const struct history *h)
{
	return day_of(h->bound_us == INT64_MAX ? h->now_us : h->bound_us - 1, KST_US);
}

static void bithumb_path(struct history *h, char path[static HISTORY_PATH_SIZE])
{
	begin(h, KST_US);
	int64_t today = day_of(h->now_us, KST_US), day = bithumb_day(h);
	begin_path(path, h);
	if (h->bound_us != INT64_MAX) {
		int64_t into_day_us = h->bound_us - day_start_us(day, KST_US);
		if (into_day_us >= US_PER_DAY && h->bound_us <= h->from_us && h->bound_us < day_start_us(today, KST_US))
			h->step = BEFORE_MIDNIGHT; /* only a trade from before the stretch is looked for: one query a day will do */
		if (into_day_us >= US_PER_DAY && h->step == BEFORE_MIDNIGHT) {
			into_day_us = US_PER_DAY - US_PER_SECOND;
		} else if (into_day_us >= US_PER_DAY) {
			h->step = AT_MIDNIGHT;
			into_day_us = 0;
			day++;
		}
		add_clock_time(path, into_day_us);
	}
	if (day < today)
		add_number(path, "daysAgo", today - day);
	if (h->cursor != HISTORY_NO_ID)
		add_number(path, "cursor", h->cursor);
}

/* A query before midnight brings trades, and that at midnight brought none: this exchange does not go on into the day
 * before, and what happened in the day's last second cannot be asked for, unless it is meant by `to`.  Is that of the
 * stretch? */
static bool last_second_is_lost(const struct history *h, int64_t newest_us)
{
	int64_t last_second_us = h->bound_us - US_PER_SECOND;
	return h->step == BEFORE_MIDNIGHT && newest_us < last_second_us && h->bound_us > h->from_us && last_second_us < h->to_us;
}

static enum history_state lose_last_second(struct history *h, struct history_page *page)
{
	h->reached_us = h->bound_us;
	h->bound_us -= US_PER_SECOND;
	h->step = WITHIN_DAY;
	int64_t from_us = h->bound_us > h->from_us ? h->bound_us : h->from_us;
	return cut_below(h, page, from_us, "REST cannot be asked for the last second of a KST day");
}

/* No trade before bound_us came; or, by a cursor, none before those that did. */
static enum history_state no_older(struct history *h, struct history_page *page)
{
	int64_t day = bithumb_day(h);
	if (h->cursor != HISTORY_NO_ID)
		h->step = WITHIN_DAY;
	h->cursor = HISTORY_NO_ID;
	if (h->step == AT_MIDNIGHT) {
		h->step = BEFORE_MIDNIGHT;
		return HISTORY_MORE;
	}
	int64_t day_end_us = day_start_us(day + 1, KST_US);
	if (h->step == BEFORE_MIDNIGHT && h->older_ref_us >= day_end_us - US_PER_SECOND && h->older_ref_us < day_end_us) {
		h->older_ref_us = INT64_MIN; /* recorded, and not to be had: this second cannot be asked for, and it is no witness */
		if (last_second_is_lost(h, INT64_MIN))
			return lose_last_second(h, page);
	}
	h->step = WITHIN_DAY;
	return day_ends(h, page, day, KST_US);
}

static enum history_state bithumb_take(struct history *h, struct history_page *page)
{
	struct ticks ticks;
	enum history_state state = HISTORY_BAD;
	bool by_cursor = h->cursor != HISTORY_NO_ID;
	if (!read_ticks(&ticks, h, page, false)) {
		/* reason is set */
	} else if (lags(h, &ticks)) {
		state = HISTORY_LATER;
	} else if (doubted(h, &ticks)) {
		state = HISTORY_MORE;
	} else if (ticks.count == 0) {
		state = no_older(h, page);
	} else if (h->bound_us != INT64_MAX && ticks.trades[ticks.count - 1].time_us >= h->bound_us + US_PER_SECOND) {
		page->reason = "trades of another time than asked for"; /* those of the second that `to` names may be meant, or not */
	} else if (last_second_is_lost(h, ticks.trades[ticks.count - 1].time_us)) {
		state = lose_last_second(h, page); /* the page is asked for once more, below the cut */
	} else {
		give(&ticks, page);
		int64_t oldest_us = ticks.trades[0].time_us;
		bool older = oldest_us < h->oldest_us;
		h->oldest_us = older ? oldest_us : h->oldest_us;
		note_reached(h, oldest_us);
		bool same_second = next_second_us(h->oldest_us) == h->bound_us;
		if (oldest_us < h->from_us) {
			state = HISTORY_DONE;
		} else if (same_second && (older || !by_cursor)) {
			/* More than a page in one second, or nothing older: the cursor tells, over the last millisecond again. */
			h->cursor = h->oldest_us / 1000 * ID_PER_MS + 1;
			state = HISTORY_MORE;
		} else if (older) {
			h->step = WITHIN_DAY;
			h->cursor = HISTORY_NO_ID;
			h->bound_us = next_second_us(oldest_us);
			state = HISTORY_MORE;
		} else {
			state = no_older(h, page);
		}
		leap(h);
	}
	ticks_release(&ticks);
	return state;
}

static int64_t bithumb_wait_ms(const char *value)
{
	return strtol(value, NULL, 10) <= 1 ? 1000 : 0;
}

const struct history_api bithumb_history = {
	.newest_first = true,
	.pause_ms = 20, /* 150 a second */
	.day_offset_us = KST_US,
	.limit_header = "x-ratelimit-remaining:",
	.wait_ms = bithumb_wait_ms,
	.path = bithumb_path,
	.take = bithumb_take,
};
