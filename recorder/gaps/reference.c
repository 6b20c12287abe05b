#include "recorder/gaps/reference.h"

#include <stdlib.h>

#define MS 1000
#define TIME_SLACK_US US_PER_SECOND /* of a page that goes by id: its times may be cut */

static int64_t id_of(const struct trade *trade)
{
	return trade->id.kind == TRADE_ID_NUMBER ? trade->id.number : REFERENCE_NO_ID;
}

static struct reference reference_of(const struct trade *trade)
{
	return (struct reference){ id_of(trade), trade->time_us, trade->price, trade->size, trade->side };
}

static const struct reference *find_id(const struct references *r, int64_t id)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->rows[i].id == id)
			return &r->rows[i];
	return NULL;
}

bool references_have(const struct references *r, const struct trade *trade)
{
	int64_t id = id_of(trade);
	return id != REFERENCE_NO_ID && find_id(r, id);
}

void references_keep_last(struct references *r, const struct trade *trade)
{
	if (references_have(r, trade))
		return;
	r->rows[r->next] = reference_of(trade);
	r->next = (r->next + 1) % REFERENCES_MAX;
	r->count += r->count < REFERENCES_MAX;
}

void references_keep_first(struct references *r, const struct trade *trade)
{
	if (r->count < REFERENCES_MAX)
		references_keep_last(r, trade);
}

int64_t references_before(const struct references *r, int64_t id, int64_t from_us)
{
	int64_t count = 0;
	const struct reference *row;
	while (id - count > 1 && (row = find_id(r, id - count - 1)) && row->time_us >= from_us)
		count++;
	return count;
}

/* ---- a page ---- */

struct span {
	int64_t from_us, to_us;
	int64_t from_id, to_id;
};

static struct span span_of(const struct reference_page *page)
{
	struct span s = { INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < page->count; i++) {
		int64_t us = page->trades[i].time_us, id = id_of(&page->trades[i]);
		s.from_us = us < s.from_us ? us : s.from_us;
		s.to_us = us > s.to_us ? us : s.to_us;
		s.from_id = id < s.from_id ? id : s.from_id;
		s.to_id = id > s.to_id ? id : s.to_id;
	}
	return s;
}

static bool page_has_id(const struct reference_page *page, int64_t id)
{
	for (size_t i = 0; i < page->count; i++)
		if (id != REFERENCE_NO_ID && id_of(&page->trades[i]) == id)
			return true;
	return false;
}

/* Must it be in the page?  By time, not in its first and last millisecond: of these it may hold a part only. */
static bool lies_within(const struct reference *r, const struct reference_page *page, const struct span *s)
{
	for (size_t i = 0; i < page->spoilt_count; i++) {
		const struct history_cut *cut = &page->spoilt[i];
		bool by_id = page->by_id && cut->from_id != HISTORY_NO_ID;
		if (by_id ? r->id >= cut->from_id && r->id <= cut->to_id : r->time_us >= cut->from_us && r->time_us < cut->to_us)
			return false;
	}
	if (page_has_id(page, r->id))
		return true; /* whatever its time: that may be cut, or the ids may have begun again */
	if (page->by_id)
		return r->id >= s->from_id && r->id <= s->to_id && r->time_us >= s->from_us - TIME_SLACK_US &&
		       r->time_us <= s->to_us + TIME_SLACK_US;
	int64_t until_us = page->until_us > s->to_us ? page->until_us : s->to_us;
	return page->count > 0 && r->time_us / MS > s->from_us / MS && r->time_us / MS < until_us / MS;
}

static bool same_values(const struct reference *r, const struct trade *t)
{
	return r->time_us / MS == t->time_us / MS && r->side == t->side && decimal_compare(&r->price, &t->price) == 0 &&
	       decimal_compare(&r->size, &t->size) == 0;
}

/* Looks for the row that is the reference, and was not another's. */
static enum reference_answer match_one(const struct reference *r, const struct reference_page *page, bool *used)
{
	enum reference_answer answer = REFERENCE_ABSENT;
	for (size_t i = 0; i < page->count; i++) {
		int64_t id = id_of(&page->trades[i]);
		bool both_ids = id != REFERENCE_NO_ID && r->id != REFERENCE_NO_ID, values = same_values(r, &page->trades[i]);
		if (!used[i] && values && (!both_ids || id == r->id)) {
			used[i] = true;
			return REFERENCE_EQUAL;
		}
		if (both_ids && id == r->id)
			answer = REFERENCE_OTHER_VALUES;
		else if (both_ids && values && answer == REFERENCE_ABSENT)
			answer = REFERENCE_OTHER_IDS;
	}
	return answer;
}

static void match_all(const struct references *set, const struct references *except, const struct reference_page *page,
                      bool *used, bool *behind, enum reference_answer *answer)
{
	struct span span = span_of(page);
	for (unsigned i = 0; i < set->count && *answer <= REFERENCE_EQUAL; i++) {
		const struct reference *r = &set->rows[i];
		bool again = except && r->id != REFERENCE_NO_ID && find_id(except, r->id); /* it was sent a second time */
		if (again || !lies_within(r, page, &span))
			continue;
		enum reference_answer one = match_one(r, page, used);
		if (one == REFERENCE_ABSENT && !page->by_id && r->time_us / MS > span.to_us / MS)
			*behind = true;
		else
			*answer = one;
	}
}

bool reference_match(const struct reference_page *page, const struct references *older, const struct references *newer,
                     enum reference_answer *answer)
{
	*answer = REFERENCE_NONE;
	bool *used = calloc(page->count + 1, sizeof *used);
	if (!used)
		return false;
	bool behind = false;
	match_all(older, NULL, page, used, &behind, answer);
	match_all(newer, older, page, used, &behind, answer);
	if (behind && *answer <= REFERENCE_EQUAL)
		*answer = REFERENCE_BEHIND;
	free(used);
	return true;
}

bool references_below(const struct references *r, const struct reference_page *page)
{
	struct span span = span_of(page);
	bool below = false;
	for (unsigned i = 0; i < r->count && page->count > 0; i++)
		below = below || r->rows[i].time_us / MS <= span.from_us / MS;
	return below;
}

const char *reference_words(enum reference_answer answer)
{
	switch (answer) {
	case REFERENCE_OTHER_IDS:
		return "REST is not the socket's twin: the same trades have other ids there; none was added";
	case REFERENCE_OTHER_VALUES:
		return "REST is not the socket's twin: other times, prices or sizes there; none was added";
	case REFERENCE_BEHIND:
	case REFERENCE_ABSENT:
		return "REST is not the socket's twin: it lacks trades that were recorded; none was added";
	case REFERENCE_NONE:
	case REFERENCE_EQUAL:
	default:
		return "";
	}
}
