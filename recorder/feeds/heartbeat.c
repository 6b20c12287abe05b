#include "recorder/feeds/heartbeat.h"

#include "recorder/clock.h"
#include "recorder/log.h"

#include <string.h>

#define EVERY_US US_PER_SECOND
#define BEAT_US (5 * US_PER_SECOND)
#define SLEPT_US (2 * US_PER_SECOND)
#define STEP_US US_PER_SECOND

/* One that finds no place is not missed: the next says the same, and newer. */
static void push(struct heartbeat *p, const struct item *item)
{
	if (queue_push(p->feeds->net->queue, item) == QUEUE_FULL)
		net_throttle(p->feeds->net);
}

static void beat(struct heartbeat *p)
{
	const struct counters *s = p->feeds->counters;
	struct item item = { .kind = ITEM_HEARTBEAT, .beat = {
		.wall_us = clock_wall_us(), .disconnects = atomic_load(&s->disconnects), .received = atomic_load(&s->received),
		.bad = atomic_load(&s->bad), .lost = atomic_load(&s->lost) } };
	item.beat.queue_rows = queue_count(p->feeds->net->queue);
	push(p, &item);
}

/* All, or those that were not known yet: whoever starts after a kill begins by them. */
static void tell_clocks(struct heartbeat *p, bool all, int64_t now)
{
	const struct config *config = p->feeds->config;
	for (size_t i = 0; i < config->address_count; i++) {
		const struct exchange_clock *time = &p->feeds->gaps->times[i];
		int64_t wall_us = clock_wall_us();
		struct item item = { .kind = ITEM_CLOCK, .clock = { .exchange = config->addresses[i].exchange->name, .wall_us = wall_us } };
		item.clock.ahead_us = exchange_clock_at_least_us(time, now) - wall_us;
		if (!exchange_clock_known(time) || (p->clock_told[i] && !all))
			continue;
		push(p, &item);
		p->clock_told[i] = true;
	}
}

/* Sockets that slept may look alive for minutes. */
static void watch_sleep(struct heartbeat *p, int64_t now)
{
	int64_t asleep_us = clock_boot_us() - now, slept_us = asleep_us - p->asleep_us;
	p->asleep_us = asleep_us;
	if (slept_us < SLEPT_US)
		return;
	log_event(LOG_WARNING, "slept", "for_ms=%lld the host was asleep: connecting anew", (long long)(slept_us / 1000));
	for (size_t i = 0; i < p->feeds->plan->connection_count; i++)
		feed_slept(p->feeds->plan->connections[i]->feed, slept_us);
	gaps_forget_clocks(p->feeds->gaps, clock_wall_us() - now);
}

static void watch_wall_clock(struct heartbeat *p, int64_t now)
{
	int64_t offset_us = clock_wall_us() - now, step_us = offset_us - p->wall_offset_us;
	p->wall_offset_us = offset_us; /* it may also drift */
	gaps_set_wall(p->feeds->gaps, offset_us);
	if (step_us <= -STEP_US || step_us >= STEP_US)
		log_event(LOG_WARNING, "clock-stepped", "by_ms=%lld the machine's clock was set", (long long)(step_us / 1000));
}

static void on_timer(lws_sorted_usec_list_t *sul)
{
	struct heartbeat *p = lws_container_of(sul, struct heartbeat, timer);
	int64_t now = clock_mono_us();
	lws_sul_schedule(p->feeds->net->context, 0, &p->timer, on_timer, EVERY_US);
	watch_sleep(p, now);
	watch_wall_clock(p, now);
	feeds_go_on(p->feeds);
	gaps_flush(p->feeds->gaps, now);
	bool due = p->beat_mono_us == 0 || now - p->beat_mono_us >= BEAT_US - EVERY_US / 2;
	if (due) {
		p->beat_mono_us = now;
		beat(p);
	}
	tell_clocks(p, due, now);
}

void heartbeat_start(struct heartbeat *p, struct feeds *feeds)
{
	memset(p, 0, sizeof *p);
	p->feeds = feeds;
	p->asleep_us = clock_boot_us() - clock_mono_us();
	p->wall_offset_us = clock_wall_us() - clock_mono_us();
	lws_sul_schedule(feeds->net->context, 0, &p->timer, on_timer, 1);
}

void heartbeat_stop(struct heartbeat *p)
{
	lws_sul_cancel(&p->timer);
}
