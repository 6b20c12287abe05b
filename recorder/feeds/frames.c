#include "recorder/feeds/frames.h"

#include "schema/base/timefmt.h"

#include <stdlib.h>

#define WAIT_FIRST_US US_PER_SECOND
#define WAIT_MAX_US (10 * US_PER_MINUTE)
#define TRIES_WHOLE 2 /* before it is cut in halves */

static bool add(struct frames *f, size_t first, size_t count)
{
	if (f->count == f->room) {
		size_t room = f->room ? 2 * f->room : 8;
		struct frame *grown = realloc(f->frames, room * sizeof *grown);
		if (!grown)
			return false;
		f->frames = grown;
		f->room = room;
	}
	f->frames[f->count++] = (struct frame){ .first = first, .count = count };
	return true;
}

static bool cut(struct frames *f, size_t first, size_t count, size_t most)
{
	for (size_t at = 0; at < count; at += most)
		if (!add(f, first + at, count - at < most ? count - at : most))
			return false;
	return true;
}

bool frames_init(struct frames *f, const struct subscription *wanted, const struct exchange *exchange)
{
	size_t trades = wanted->trades.count, tickers = wanted->tickers.count;
	*f = (struct frames){ .add_up = exchange->frames == FRAME_OF_MANY };
	if (exchange->frames == FRAME_OF_ALL)
		return cut(f, 0, trades + tickers, trades + tickers);
	size_t most = f->add_up ? exchange->frame_markets : trades + tickers;
	return cut(f, 0, trades, most) && cut(f, trades, tickers, most);
}

void frames_release(struct frames *f)
{
	free(f->frames);
	*f = (struct frames){ .frames = NULL };
}

struct frame *frames_due(struct frames *f, int64_t now_mono_us, int64_t *next_mono_us)
{
	*next_mono_us = INT64_MAX;
	for (size_t i = 0; i < f->count; i++) {
		struct frame *frame = &f->frames[i];
		if (frame->state != FRAME_DUE)
			continue;
		if (frame->at_mono_us <= now_mono_us) {
			frame->id = f->last_id + 1;
			return frame;
		}
		if (frame->at_mono_us < *next_mono_us)
			*next_mono_us = frame->at_mono_us;
	}
	return NULL;
}

void frames_sent(struct frames *f, struct frame *frame, int64_t now_mono_us)
{
	f->last_id = frame->id;
	frame->state = FRAME_OUT;
	frame->at_mono_us = now_mono_us;
}

static struct frame *find_out(struct frames *f, int64_t id)
{
	struct frame *found = NULL;
	for (size_t i = 0; i < f->count; i++) {
		struct frame *frame = &f->frames[i];
		if (frame->state == FRAME_OUT && (id == FRAME_OLDEST ? !found || frame->id < found->id : frame->id == id))
			found = frame;
	}
	return found;
}

struct frame *frames_taken(struct frames *f, int64_t id)
{
	struct frame *frame = find_out(f, id);
	if (frame) {
		frame->state = FRAME_TAKEN;
		frame->failures = 0;
	}
	return frame;
}

bool frames_refused(struct frames *f, int64_t id, int64_t now_mono_us, struct frame *was, bool *alone)
{
	struct frame *frame = find_out(f, id);
	if (!frame)
		return false;
	int64_t wait_us = WAIT_FIRST_US;
	for (unsigned i = 0; i < frame->failures && wait_us < WAIT_MAX_US; i++)
		wait_us *= 2;
	frame->failures++;
	frame->state = FRAME_DUE;
	frame->at_mono_us = now_mono_us + (wait_us < WAIT_MAX_US ? wait_us : WAIT_MAX_US);
	*was = *frame;
	*alone = f->add_up && frame->count == 1;
	if (!f->add_up || frame->count == 1 || frame->failures < TRIES_WHOLE)
		return true;
	size_t left = frame->count / 2, first = frame->first + left, count = frame->count - left;
	int64_t at_mono_us = frame->at_mono_us;
	frame->count = left;
	frame->failures = 0;
	if (add(f, first, count))
		f->frames[f->count - 1].at_mono_us = at_mono_us;
	else
		frame->count += count; /* no memory: asked again whole */
	return true;
}

int64_t frames_overdue(const struct frames *f, int64_t wait_us, int64_t now_mono_us)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->frames[i].state == FRAME_OUT && now_mono_us - f->frames[i].at_mono_us >= wait_us)
			return f->frames[i].id;
	return FRAME_OLDEST;
}

bool frames_all_taken(const struct frames *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->frames[i].state != FRAME_TAKEN)
			return false;
	return true;
}

static struct market_set slice(const struct market_set *set, size_t first, size_t end)
{
	return (struct market_set){ .keys = set->keys + first, .markets = set->markets + first, .count = end - first };
}

struct subscription frame_part(const struct subscription *wanted, const struct frame *frame)
{
	size_t trades = wanted->trades.count, first = frame->first, end = frame->first + frame->count;
	struct subscription part = { .trades = { .count = 0 } };
	if (first < trades)
		part.trades = slice(&wanted->trades, first, end < trades ? end : trades);
	if (end > trades)
		part.tickers = slice(&wanted->tickers, first > trades ? first - trades : 0, end - trades);
	return part;
}
