#include "recorder/exchanges/binance_family_history.h"

#include "recorder/exchanges/field.h"
#include "recorder/net/url.h"
#include "schema/base/market_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT 1000
#define WINDOW_US (60 * US_PER_MINUTE - US_PER_SECOND)
#define REACH_SLACK_US US_PER_MINUTE /* time goes on while we ask */
#define REACH_DOUBT_US (60 * US_PER_MINUTE)
#define STRIDE_GROWTH 8
#define SKIP_TRIES 4 /* half a minute */
#define BEYOND_US US_PER_MINUTE /* behind the gap's end: its last id would have come, if it were one */

/* LOCATE: by time.  CHECK: is the one found the first in its window, as its neighbours by id tell?  NEWEST: on hosts without
 * historicalTrades. */
enum { LOCATE, CHECK, PAGE, NEWEST };

/* What differs between the two. */
struct series {
	const char *page_path, *aggregates_path, *newest_path; /* newest_path NULL: no way but the pages */
	const char *id, *price, *size, *time, *buyer_is_maker; /* names in a row of a page */
	const char *first_id; /* name in an aggregate: where its trades, in this series, begin */
	bool oldest_first;    /* between two times the oldest come first: documented */
	int64_t reach_us;     /* so far back it reaches, counted from now; 0: nobody says that it ends */
	const char *short_words;
};
static const struct series spot = {
	"/api/v3/historicalTrades", "/api/v3/aggTrades", "/api/v3/trades", "id", "price", "qty", "time", "isBuyerMaker", "f", true, 0, NULL,
};
static const struct series usdm = {
	"/fapi/v1/aggTrades", "/fapi/v1/aggTrades", NULL, "a", "p", "q", "T", "m", "a",
	false, 48 * 60 * US_PER_MINUTE, "the exchange's REST reaches back 48 hours",
};

static void begin_path(char path[static HISTORY_PATH_SIZE], const char *endpoint, const char *symbol)
{
	char encoded[3 * SYMBOL_SIZE];
	url_encode(encoded, sizeof encoded, symbol);
	snprintf(path, HISTORY_PATH_SIZE, "%s?symbol=%s", endpoint, encoded);
}

/* What is older is not asked for: the answer may be an error, or nothing.  The first id behind that border tells what is lost. */
static void keep_within_reach(struct history *h, const struct series *series)
{
	int64_t border_us = h->now_us - series->reach_us;
	if (series->reach_us == 0 || (h->step == PAGE ? h->reached_us : h->bound_us) >= border_us)
		return;
	if (!h->too_old)
		h->old_from_us = h->reached_us;
	h->too_old = true;
	h->step = LOCATE;
	h->bound_us = h->old_to_us = border_us + REACH_SLACK_US;
}

static int64_t id_to_check(const struct history *h)
{
	if (h->low_id != HISTORY_NO_ID)
		return h->low_id + (h->high_id - h->low_id) / 2;
	return h->high_id > h->stride ? h->high_id - h->stride : 0;
}

/* Where nothing was given yet, some that were recorded come along. */
static int64_t page_id(const struct history *h)
{
	return h->next_id == h->from_id ? h->next_id - h->lead : h->next_id;
}

static void make_path(struct history *h, char path[static HISTORY_PATH_SIZE], const struct series *series)
{
	if (!h->begun) {
		h->begun = true;
		h->step = h->from_id == HISTORY_NO_ID ? LOCATE : PAGE;
		h->next_id = h->from_id;
		h->reached_us = h->bound_us = h->from_us;
	}
	keep_within_reach(h, series);
	bool by_aggregates = h->step == LOCATE || h->step == CHECK;
	begin_path(path, by_aggregates ? series->aggregates_path : h->step == PAGE ? series->page_path : series->newest_path, h->symbol);
	size_t len = strlen(path), room = HISTORY_PATH_SIZE - len;
	if (h->step == LOCATE)
		snprintf(path + len, room, "&startTime=%lld&endTime=%lld&limit=1", (long long)(h->bound_us / 1000),
		         (long long)((h->bound_us + WINDOW_US) / 1000));
	else if (h->step == NEWEST)
		snprintf(path + len, room, "&limit=%d", LIMIT);
	else
		snprintf(path + len, room, "&fromId=%lld&limit=%d", (long long)(h->step == PAGE ? page_id(h) : id_to_check(h)),
		         h->step == PAGE ? LIMIT : 1);
}

static const char *take_row(const cJSON *row, const struct series *series, struct trade *trade)
{
	bool buyer_is_maker = false;
	const char *reason;
	*trade = (struct trade){ .recv_wall_us = 0, .id = { .kind = TRADE_ID_NONE } };
	if ((reason = field_id(row, series->id, &trade->id)) ||
	    (reason = field_time_ms_or_us(row, series->time, &trade->time_us)) ||
	    (reason = field_decimal(row, series->price, QUOTED_NUMBER, &trade->price)) ||
	    (reason = field_decimal(row, series->size, QUOTED_NUMBER, &trade->size)) ||
	    (reason = field_bool(row, series->buyer_is_maker, &buyer_is_maker)))
		return reason;
	trade->side = buyer_is_maker ? SIDE_SELL : SIDE_BUY;
	return trade->id.kind == TRADE_ID_NUMBER ? NULL : "ids beyond 63 bits";
}

/* {"code":-1121,"msg":"Invalid symbol."} */
static const char *complaint(const cJSON *root, struct history_page *page)
{
	if (json_member(root, "code"))
		snprintf(page->words, sizeof page->words, "%.20s %.120s", json_any_text(root, "code"), json_any_text(root, "msg"));
	else
		snprintf(page->words, sizeof page->words, "HTTP status %d, and no list of trades", page->status);
	return page->words;
}

/* The ids of what is older than REST reaches end where those behind that border begin; HISTORY_NO_ID: there is none. */
static enum history_state cut_too_old(struct history *h, struct history_page *page, int64_t first_id, int64_t first_us, const char *words)
{
	bool known_end = h->to_id != HISTORY_NO_ID;
	bool all = known_end ? first_id > h->to_id : h->old_to_us >= h->to_us || (first_id != HISTORY_NO_ID && first_us >= h->to_us);
	h->cut = (struct history_cut){ h->old_from_us, all ? h->to_us : h->old_to_us, h->next_id,
		                       all ? h->to_id : first_id == HISTORY_NO_ID ? HISTORY_NO_ID : first_id - 1 };
	page->reason = words;
	return HISTORY_CUT;
}

/* `id` is the first since bound_us; has_older: REST shows one before it. */
static enum history_state found(struct history *h, struct history_page *page, int64_t id, int64_t us, bool has_older,
                                const struct series *series)
{
	bool was_too_old = h->too_old;
	h->step = PAGE;
	h->too_old = false;
	if (was_too_old && h->next_id != HISTORY_NO_ID && id <= h->next_id) {
		h->reached_us = us;
		return HISTORY_MORE;
	}
	if (!was_too_old && !has_older && id > 1 && series->reach_us != 0 && h->bound_us < h->now_us - series->reach_us + REACH_DOUBT_US) {
		was_too_old = true; /* it reaches less far than it is said to */
		h->old_from_us = h->from_us;
		h->old_to_us = us + 1;
	}
	enum history_state state = h->to_id != HISTORY_NO_ID && id > h->to_id ? HISTORY_DONE : HISTORY_MORE;
	if (was_too_old)
		state = cut_too_old(h, page, id, us, series->short_words);
	h->from_id = h->next_id = id;
	h->reached_us = us;
	return state;
}

static const char *take_place(const cJSON *row, const struct series *series, int64_t *id_number, int64_t *us)
{
	struct trade_id id;
	const char *reason;
	if ((reason = field_id(row, series->first_id, &id)) || (reason = field_time_ms_or_us(row, "T", us)))
		return reason;
	*id_number = id.number;
	return id.kind == TRADE_ID_NUMBER ? NULL : "ids beyond 63 bits";
}

/* The first aggregate since bound_us tells the id to begin with. */
static enum history_state located(struct history *h, struct history_page *page, const cJSON *rows, const struct series *series)
{
	int64_t id, us;
	const cJSON *first = cJSON_GetArrayItem(rows, 0);
	if (first) {
		if ((page->reason = take_place(first, series, &id, &us)))
			return HISTORY_BAD;
		if (series->oldest_first)
			return found(h, page, id, us, true, series);
		if (us / 1000 < h->bound_us / 1000) {
			page->reason = "a trade from before the time that was asked for";
			return HISTORY_BAD;
		}
		h->step = CHECK;
		h->low_id = HISTORY_NO_ID;
		h->high_id = id;
		h->high_us = us;
		h->stride = 1;
		return HISTORY_MORE;
	}
	int64_t end_us = h->to_us < h->now_us ? h->to_us : h->now_us;
	if (h->bound_us + WINDOW_US < end_us) {
		h->bound_us += WINDOW_US;
		h->reached_us = h->bound_us;
		return HISTORY_MORE;
	}
	if (h->to_id != HISTORY_NO_ID)
		return HISTORY_LATER;
	if (!h->too_old)
		return HISTORY_DONE;
	h->too_old = false;
	return cut_too_old(h, page, HISTORY_NO_ID, 0, series->short_words);
}

/* Which end of a window is served first is documented nowhere.  Where it was not the oldest, the first is found by ids, which
 * go up with time: in ever longer strides down to one that is too old, then in between. */
static enum history_state checked(struct history *h, struct history_page *page, const cJSON *rows, const struct series *series)
{
	int64_t asked = id_to_check(h), id, us;
	const cJSON *row = cJSON_GetArrayItem(rows, 0);
	if (!row) { /* an error, or nothing, and so again: it is older than REST reaches, and so than the window */
		h->doubted = !h->doubted;
		if (h->doubted)
			return HISTORY_MORE;
		h->low_id = asked;
		return h->low_id == h->high_id - 1 ? found(h, page, h->high_id, h->high_us, false, series) : HISTORY_MORE;
	}
	if ((page->reason = take_place(row, series, &id, &us)))
		return HISTORY_BAD;
	h->doubted = false;
	if (id >= h->high_id)
		return found(h, page, h->high_id, h->high_us, false, series);
	if (us / 1000 < h->bound_us / 1000) {
		h->low_id = id;
	} else {
		h->high_id = id;
		h->high_us = us;
		h->stride *= STRIDE_GROWTH;
		if (id > asked || id == 0)
			return found(h, page, id, us, id == 0, series);
	}
	return h->low_id == h->high_id - 1 ? found(h, page, h->high_id, h->high_us, true, series) : HISTORY_MORE;
}

struct row {
	struct trade trade;
	const char *spoilt; /* what makes no sense in it; NULL: nothing */
};

static int by_id(const void *a, const void *b)
{
	const struct row *s = a, *t = b;
	return s->trade.id.number < t->trade.id.number ? -1 : s->trade.id.number > t->trade.id.number;
}

/* In order of id, whatever the order in which they came; a row without an id that can be read is left out, and its id will be
 * missing.  false: it is to be asked for again, and page->reason tells why. */
static bool read_rows(struct history *h, struct history_page *page, const cJSON *array, const struct series *series, struct row *rows,
                      size_t *count)
{
	const cJSON *element;
	const char *any = NULL;
	*count = 0;
	cJSON_ArrayForEach(element, array) {
		struct row *row = &rows[*count];
		row->spoilt = take_row(element, series, &row->trade);
		any = row->spoilt ? row->spoilt : any;
		*count += row->trade.id.kind == TRADE_ID_NUMBER;
	}
	qsort(rows, *count, sizeof *rows, by_id);
	if (any && h->spoilt_tries++ < HISTORY_SPOILT_TRIES) {
		page->reason = any;
		return false;
	}
	if (!any)
		h->spoilt_tries = 0;
	return true;
}

static void set_aside(const struct history *h, const struct history_page *page, const struct row *row)
{
	int64_t id = row->trade.id.number, us = row->trade.time_us != 0 ? row->trade.time_us : h->reached_us;
	page->spoilt(page->arg, &(struct history_cut){ us, us + 1000, id, id }, row->spoilt);
}

/* Ids are missing though later ones are there.  One of REST's servers may be behind the others: they are asked for again, some
 * times, before they count as lost.  The newest trades move on meanwhile: waiting must not cost those behind the missing. */
static enum history_state lacks_ids(struct history *h, struct history_page *page, size_t used, bool can_wait)
{
	if (can_wait && (used > 0 || h->skip_tries < SKIP_TRIES)) {
		h->skip_tries = used > 0 ? 1 : h->skip_tries + 1;
		return HISTORY_LATER;
	}
	h->skip_tries = 0;
	h->next_id = h->cut.to_id + 1;
	page->reason = h->step == NEWEST && !can_wait ? "this host has no historicalTrades, and its newest trades do not reach so far"
	                                 : "REST does not have these ids";
	return HISTORY_CUT;
}

/* What became of a page: the stretch that is done ends before h->next_id. */
static enum history_state page_state(struct history *h, struct history_page *page, size_t used, int64_t first_id, bool ended, bool skipped,
                                     bool can_wait)
{
	bool nothing = first_id == HISTORY_NO_ID, reached = h->to_id != HISTORY_NO_ID && h->next_id > h->to_id;
	if (skipped)
		return lacks_ids(h, page, used, can_wait);
	if (reached || (h->to_id == HISTORY_NO_ID && (nothing || ended || h->step == NEWEST || used == 0)))
		return HISTORY_DONE;
	if (!nothing && used == 0 && first_id > h->next_id) {
		h->cut = (struct history_cut){ h->reached_us, h->to_us, h->next_id, h->to_id };
		return lacks_ids(h, page, 0, h->step != NEWEST);
	}
	h->skip_tries = 0;
	return used > 0 && h->step == PAGE ? HISTORY_MORE : HISTORY_LATER;
}

/* The trade is of long after the gap, and its id still lies within: then the gap's last id, which the socket showed, was none of
 * this counting, and waiting for it would be for ever. */
static bool is_beyond(const struct history *h, int64_t time_us)
{
	return h->to_id != HISTORY_NO_ID && h->to_us < INT64_MAX - BEYOND_US && time_us >= h->to_us + BEYOND_US;
}

static enum history_state never_reached(struct history *h, struct history_page *page)
{
	h->cut = (struct history_cut){ h->reached_us < h->to_us ? h->reached_us : h->to_us - 1, h->to_us, h->next_id, h->to_id };
	page->reason = "REST counts on behind the gap's end without these ids";
	return HISTORY_CUT;
}

/* Ids below all that was asked for, and newer than the recorded ones beside them: the exchange counts anew, and what these ids were
 * before nobody tells.  Among the newest trades, single ones may be dated ahead. */
#define ANEW_MIN 6
static bool begins_again(const struct history *h, const struct row *rows, size_t count)
{
	size_t anew = 0, low = 0;
	int64_t newest_us = INT64_MAX;
	while (low < count && rows[low].trade.id.number < page_id(h))
		low++;
	for (size_t i = low; i < count && rows[i].trade.id.number < h->next_id; i++)
		if (!rows[i].spoilt && (newest_us == INT64_MAX || rows[i].trade.time_us > newest_us))
			newest_us = rows[i].trade.time_us;
	for (size_t i = 0; i < low; i++)
		anew += !rows[i].spoilt && rows[i].trade.time_us > newest_us;
	return anew >= (h->step == PAGE ? 1 : ANEW_MIN);
}

static enum history_state counts_anew(struct history *h, struct history_page *page)
{
	h->cut = (struct history_cut){ h->reached_us, h->to_us, h->next_id, h->to_id };
	page->reason = "the exchange's ids begin again: REST cannot tell what was before";
	return HISTORY_CUT;
}

/* Rows from next_id on, in order of id; what is beyond the stretch is left to the socket. */
static enum history_state take_rows(struct history *h, struct history_page *page, const cJSON *array, const struct series *series)
{
	size_t count, used = 0, before = 0;
	struct row *rows = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof *rows);
	bool ended = false, skipped = false, beyond = false;
	if (!rows || !read_rows(h, page, array, series, rows, &count)) {
		page->reason = rows ? page->reason : JSON_NO_MEMORY;
		free(rows);
		return HISTORY_BAD;
	}
	for (size_t i = 0; i < count && page->seen; i++)
		if (!rows[i].spoilt)
			page->seen(page->arg, &rows[i].trade);
	if (begins_again(h, rows, count)) {
		free(rows);
		return counts_anew(h, page);
	}
	if (h->step == PAGE && count > 0 && rows[count - 1].trade.id.number < page_id(h)) {
		free(rows);
		return HISTORY_LATER; /* older ones than it was asked for: that is no word of those behind */
	}
	for (size_t i = 0; i < count && !ended && !skipped && !beyond; i++) {
		const struct trade *trade = &rows[i].trade;
		int64_t id = trade->id.number;
		if (id < h->next_id) {
			before++;
			continue;
		}
		ended = h->to_id != HISTORY_NO_ID ? id > h->to_id : trade->time_us >= h->to_us;
		skipped = !ended && id > h->next_id; /* the rows behind a skip are asked for once more, when it is written down */
		beyond = !ended && is_beyond(h, trade->time_us);
		if (skipped)
			h->cut = (struct history_cut){ h->reached_us, trade->time_us + 1, h->next_id, id - 1 };
		if (ended || skipped || beyond)
			break;
		if (rows[i].spoilt)
			set_aside(h, page, &rows[i]);
		else
			page->trade(page->arg, trade);
		h->next_id = id + 1;
		h->reached_us = trade->time_us != 0 ? trade->time_us : h->reached_us;
		used++;
	}
	if (beyond && !skipped) {
		free(rows);
		return never_reached(h, page);
	}
	enum history_state state = page_state(h, page, used, count > 0 ? rows[0].trade.id.number : HISTORY_NO_ID, ended, skipped,
	                                     h->step != NEWEST || before + used > count / 2);
	/* A page that begins before what was asked for answers another question: that it ends tells nothing. */
	bool other = h->step == PAGE && count > 0 && rows[0].trade.id.number < page_id(h);
	free(rows);
	return other && used == 0 && !ended && state == HISTORY_DONE ? HISTORY_LATER : state;
}

static enum history_state take(struct history *h, struct history_page *page, const struct series *series)
{
	if (page->status == 404 && h->step == PAGE && series->newest_path) {
		h->step = NEWEST;
		return HISTORY_MORE;
	}
	enum history_state state = HISTORY_BAD;
	cJSON *root = json_parse(page->buffer, page->body, page->len, &page->reason);
	if (root && page->status == 400 && h->step == CHECK)
		state = checked(h, page, NULL, series);
	else if (root && (page->status != 200 || !cJSON_IsArray(root)))
		page->reason = complaint(root, page);
	else if (root)
		state = h->step == LOCATE ? located(h, page, root, series) : h->step == CHECK ? checked(h, page, root, series) :
		        take_rows(h, page, root, series);
	cJSON_Delete(root);
	return state;
}

static void spot_path(struct history *h, char path[static HISTORY_PATH_SIZE])
{
	make_path(h, path, &spot);
}

static enum history_state spot_take(struct history *h, struct history_page *page)
{
	return take(h, page, &spot);
}

static void usdm_path(struct history *h, char path[static HISTORY_PATH_SIZE])
{
	make_path(h, path, &usdm);
}

static enum history_state usdm_take(struct history *h, struct history_page *page)
{
	return take(h, page, &usdm);
}

/* X-MBX-USED-WEIGHT-1M counts by the minute: with most of it used, the minute is left to others. */
static int64_t spot_wait_ms(const char *used)
{
	return strtol(used, NULL, 10) >= 4800 ? 15000 : 0; /* of 6000 */
}

static int64_t usdm_wait_ms(const char *used)
{
	return strtol(used, NULL, 10) >= 1900 ? 15000 : 0; /* of 2400 */
}

const struct history_api binance_history = {
	.pause_ms = 50,
	.header = "X-MBX-TIME-UNIT: MICROSECOND",
	.limit_header = "x-mbx-used-weight-1m:",
	.wait_ms = spot_wait_ms,
	.path = spot_path,
	.take = spot_take,
};

const struct history_api binance_usdm_history = {
	.pause_ms = 50,
	.limit_header = "x-mbx-used-weight-1m:",
	.wait_ms = usdm_wait_ms,
	.path = usdm_path,
	.take = usdm_take,
};
