/* What a feed asks for, and which of its markets are live: each by its own frame's acknowledgement, or by its own data.  Where
 * an exchange acknowledges nothing, one frame asks for all, and each market is live by its own data, which come at once: its
 * last trade.  A market that says nothing is not live, be it that its name was passed over, or that it never traded. */
#include "recorder/clock.h"
#include "recorder/feeds/feed_internal.h"
#include "recorder/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RENAMED_US (5 * US_PER_SECOND)
#define ALL_MISSED_US US_PER_SECOND /* less than any lateness: a gap that opens so late still begins before what was missed */

static size_t wanted_count(const struct feed *f)
{
	return f->wanted.trades.count + f->wanted.tickers.count;
}

/* The number of the market at that place of the subscription: trades first, then tickers. */
static uint32_t market_at(const struct feed *f, size_t place)
{
	size_t trades = f->wanted.trades.count;
	return place < trades ? f->wanted.trades.markets[place] : f->wanted.tickers.markets[place - trades];
}

void feed_subscription_release(struct feed *f)
{
	subscription_release(&f->wanted);
	frames_release(&f->frames);
	carrier_release(&f->carrier);
}

bool feed_subscription_begin(struct feed *f)
{
	feed_subscription_release(f);
	if (!subscription_copy(&f->wanted, &f->connection->wanted) || !frames_init(&f->frames, &f->wanted, f->exchange))
		return false;
	f->message.wanted = &f->wanted;
	return carrier_join(&f->carrier, &f->wanted.trades, f->plan->market_count, f->opened_mono_us);
}

static void market_is_live(struct feed *f, uint32_t market)
{
	int64_t now = clock_mono_us();
	if (carrier_carries(&f->carrier, market))
		return;
	quiet_excuse(&f->plan->heard[market].quiet, now);
	carrier_live(&f->carrier, market, now);
}

static void become_live(struct feed *f)
{
	size_t live = 0;
	for (size_t i = 0; i < wanted_count(f); i++)
		live += carrier_carries(&f->carrier, market_at(f, i));
	f->state = LIVE;
	f->live_mono_us = clock_mono_us();
	if (f->replaces)
		f->replaces->retire_mono_us = f->live_mono_us + OVERLAP_US + f->exchange->lateness_us;
	quiet_excuse(&f->line, f->heard_mono_us);
	char key[EXCHANGE_NAME_SIZE + 8];
	snprintf(key, sizeof key, "live %s", f->exchange->name);
	log_folded(key, LOG_INFO, "live", "exchange=%s address=%s markets=%zu", f->exchange->name, f->address, live);
}

/* Is every frame taken, but for single markets that the exchange refuses? */
static void look_if_live(struct feed *f)
{
	bool any = false;
	if (f->state != OPEN)
		return;
	for (size_t i = 0; i < f->frames.count; i++) {
		const struct frame *frame = &f->frames.frames[i];
		bool given_up = f->frames.add_up && frame->count == 1 && frame->failures > 0;
		any = any || frame->state == FRAME_TAKEN;
		if (frame->state != FRAME_TAKEN && !given_up)
			return;
	}
	if (any)
		become_live(f);
}

static void frame_is_taken(struct feed *f, const struct frame *frame)
{
	for (size_t i = 0; i < frame->count; i++)
		market_is_live(f, market_at(f, frame->first + i));
	look_if_live(f);
}

/* ---- what messages say ---- */

static void on_spoke(void *arg, uint32_t market)
{
	struct feed *f = arg;
	market_is_live(f, market);
	for (size_t i = 0; i < f->frames.count; i++) {
		struct frame *frame = &f->frames.frames[i];
		bool all = frame->state == FRAME_OUT;
		for (size_t k = 0; all && k < frame->count; k++)
			all = carrier_carries(&f->carrier, market_at(f, frame->first + k));
		if (all)
			frames_taken(&f->frames, frame->id);
	}
	look_if_live(f);
}

static void on_taken(void *arg, int64_t id)
{
	struct feed *f = arg;
	const struct frame *frame = frames_taken(&f->frames, id);
	if (frame)
		frame_is_taken(f, frame);
}

static void refuse(struct feed *f, int64_t id, const char *why)
{
	struct frame was;
	bool alone;
	int64_t now = clock_mono_us();
	char key[EXCHANGE_NAME_SIZE + 32], quoted[REASON_SIZE];
	if (!frames_refused(&f->frames, id, now, &was, &alone))
		return;
	uint32_t first = market_at(f, was.first);
	snprintf(key, sizeof key, "refused %s %u", f->exchange->name, alone ? first : NO_MARKET);
	log_folded(key, alone ? LOG_ERROR : LOG_WARNING, "subscription-refused", "exchange=%s market=%s%s reason=%s markets=%zu again_in_ms=%lld",
	           f->exchange->name, f->plan->markets[first]->name, alone ? "" : ",...", log_quote(quoted, sizeof quoted, why, strlen(why)),
	           was.count, (long long)((was.at_mono_us - now) / 1000));
	for (size_t i = 0; i < was.count; i++)
		if (f->plan->markets[market_at(f, was.first + i)]->channel == CHANNEL_TRADES)
			gaps_refused(f->gaps, market_at(f, was.first + i), f->opened_mono_us);
	look_if_live(f);
}

/* Was the frame that asks for all taken, though some of its markets say nothing?  Then these are said, and each has its gap. */
static bool taken_in_part(struct feed *f, int64_t id)
{
	size_t silent = 0;
	uint32_t first = NO_MARKET;
	if (f->exchange->frames != FRAME_OF_ALL)
		return false;
	for (size_t i = 0; i < wanted_count(f); i++) {
		if (carrier_carries(&f->carrier, market_at(f, i)))
			continue;
		first = silent++ > 0 ? first : market_at(f, i);
	}
	if (silent == wanted_count(f))
		return false;
	if (silent > 0)
		log_folded(f->exchange->name, LOG_WARNING, "not-live", "exchange=%s market=%s%s markets=%zu say nothing, not even their last trade; "
		           "each is live when its first trade comes", f->exchange->name, f->plan->markets[first]->name, silent > 1 ? ",..." : "", silent);
	for (size_t i = 0; i < f->wanted.trades.count; i++)
		if (!carrier_carries(&f->carrier, f->wanted.trades.markets[i]))
			gaps_refused(f->gaps, f->wanted.trades.markets[i], f->opened_mono_us);
	frames_taken(&f->frames, id);
	look_if_live(f);
	return true;
}

static void on_refused(void *arg, int64_t id, const char *why)
{
	refuse(arg, id, why);
}

/* Trades come under a code that we did not ask for.  Did just one market fall silent when that began?  Then it was renamed. */
static void on_stranger(void *arg, const char *code)
{
	struct feed *f = arg;
	int64_t now = clock_mono_us();
	const struct market *silent = NULL;
	size_t count = 0;
	if (strncmp(f->stranger.code, code, sizeof f->stranger.code - 1) != 0) {
		snprintf(f->stranger.code, sizeof f->stranger.code, "%s", code);
		f->stranger.first_mono_us = now;
		f->stranger.told = false;
	}
	if (f->stranger.told || now - f->stranger.first_mono_us < RENAMED_US)
		return;
	f->stranger.told = true;
	for (size_t i = 0; i < wanted_count(f); i++) {
		uint32_t market = market_at(f, i);
		int64_t last_mono_us = f->plan->heard[market].quiet.last_mono_us;
		if (last_mono_us == 0 || last_mono_us < f->stranger.first_mono_us - RENAMED_US || last_mono_us > f->stranger.first_mono_us + US_PER_SECOND)
			continue;
		silent = f->plan->markets[market];
		count++;
	}
	if (count == 1)
		log_event(LOG_WARNING, "renamed", "market=%s fell silent when %s:%s began to come, which was not asked for: it seems to be its new "
		          "name; start tapedeckd with that, too", silent->name, f->exchange->name, f->stranger.code);
}

static void all_missed(struct feed *f, enum gap_reason reason)
{
	f->all_missed.told_mono_us = clock_mono_us();
	f->all_missed.again = false;
	carrier_missed(&f->carrier, NO_MARKET, reason, f->all_missed.told_mono_us);
}

/* What nobody knows whose it was may have been any market's.  Hundreds of such messages may come in a second, of a connection
 * with a thousand markets: the first opens the gaps, and those of the next second are told as one, which makes them longer. */
static void on_missed(void *arg, uint32_t market, enum gap_reason reason)
{
	struct feed *f = arg;
	int64_t now_mono_us = clock_mono_us();
	if (market != NO_MARKET) {
		carrier_missed(&f->carrier, market, reason, now_mono_us);
		return;
	}
	if (f->all_missed.told_mono_us != 0 && now_mono_us - f->all_missed.told_mono_us < ALL_MISSED_US) {
		f->all_missed.again = true;
		f->all_missed.reason = reason;
		return;
	}
	all_missed(f, reason);
}

void feed_tell_missed(struct feed *f, int64_t now_mono_us)
{
	if (f->all_missed.again && now_mono_us - f->all_missed.told_mono_us >= ALL_MISSED_US)
		all_missed(f, f->all_missed.reason);
}

struct message_events feed_events(struct feed *f)
{
	return (struct message_events){ .spoke = on_spoke, .taken = on_taken, .refused = on_refused, .stranger = on_stranger, .missed = on_missed, .arg = f };
}

/* ---- sending ---- */

void feed_on_send(lws_sorted_usec_list_t *sul)
{
	struct feed *f = lws_container_of(sul, struct feed, send);
	f->sending_pause = false;
	lws_callback_on_writable(f->wsi);
}

int feed_send_frame(struct feed *f, struct frame *frame)
{
	char ticket[64];
	struct subscription part = frame_part(&f->wanted, frame);
	snprintf(ticket, sizeof ticket, "tapedeck-%llx-%u", (unsigned long long)f->opened_mono_us ^ (unsigned long long)getpid() << 40,
	         f->number);
	char *text = f->exchange->subscribe(&part, ticket, frame->id);
	int rc = !text ? -1 : feed_write(f, text, strlen(text), LWS_WRITE_TEXT);
	free(text);
	if (rc != 0)
		return rc;
	frames_sent(&f->frames, frame, clock_mono_us());
	f->sending_pause = true;
	lws_sul_schedule(f->net->context, 0, &f->send, feed_on_send, 1 + f->exchange->frame_pause_ms * INT64_C(1000));
	return 0;
}

void feed_watch_frames(struct feed *f, int64_t now)
{
	int64_t id, next_mono_us, wait_us = f->exchange->frame_answer_s * US_PER_SECOND;
	char why[48];
	snprintf(why, sizeof why, "no answer in %u s", f->exchange->frame_answer_s);
	if (f->paused)
		return; /* the answer may lie there unread */
	while ((id = frames_overdue(&f->frames, wait_us, now)) != FRAME_OLDEST)
		if (!taken_in_part(f, id))
			refuse(f, id, why);
	if (!f->sending_pause && frames_due(&f->frames, now, &next_mono_us))
		lws_callback_on_writable(f->wsi);
}

/* ---- the end ---- */

/* What its end means for the markets: a market that another connection carries goes on. */
void feed_lose(struct feed *f, bool proved)
{
	const struct feed *other = f->successor ? f->successor : f->replaces;
	feed_tell_missed(f, INT64_MAX);
	carrier_leave(&f->carrier, other ? &other->carrier : NULL, f->successor != NULL, proved, f->loss, clock_mono_us());
}

void feed_give_up_subscription(struct feed *f)
{
	for (size_t i = 0; i < f->wanted.trades.count; i++)
		gaps_refused(f->gaps, f->wanted.trades.markets[i], f->opened_mono_us);
}
