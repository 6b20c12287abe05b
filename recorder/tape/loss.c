#include "recorder/tape/loss.h"

#include "schema/base/vec.h"

#include <stdlib.h>

/* NULL: no memory. */
static struct lost_market *market_of(struct loss *l, uint32_t market)
{
	if (market >= l->market_count) {
		struct lost_market *grown = realloc(l->markets, (market + 1) * sizeof *grown);
		if (!grown) {
			l->no_memory = true;
			return NULL;
		}
		for (size_t m = l->market_count; m <= market; m++)
			grown[m] = (struct lost_market){ .from_us = INT64_MAX, .to_us = INT64_MIN, .from_id = INT64_MAX, .to_id = GAP_NO_ID };
		l->markets = grown;
		l->market_count = market + 1;
	}
	return &l->markets[market];
}

static void add_trade(struct loss *l, const struct item *item)
{
	const struct trade *trade = &item->trade;
	struct lost_market *m = item->gap_id == 0 ? market_of(l, item->market) : NULL;
	l->trades++;
	if (!m)
		return;
	int64_t id = trade->id.kind == TRADE_ID_NUMBER ? trade->id.number : GAP_NO_ID;
	m->trades++;
	m->from_us = trade->time_us < m->from_us ? trade->time_us : m->from_us;
	m->to_us = trade->time_us > m->to_us ? trade->time_us : m->to_us;
	m->from_id = id < m->from_id ? id : m->from_id; /* GAP_NO_ID is less than all */
	m->to_id = id > m->to_id ? id : m->to_id;
}

/* What filled a gap is lost, too: it is open again. */
static void add_gap(struct loss *l, const struct item *item)
{
	struct item *grown = vec_grow(l->gaps, l->gap_count, sizeof *grown);
	if (!grown) {
		l->no_memory = true;
		return;
	}
	l->gaps = grown;
	struct item *gap = &l->gaps[l->gap_count++];
	*gap = *item;
	if (gap->gap.state == GAP_FILLED)
		gap->gap.state = GAP_OPEN;
}

void loss_add(struct loss *l, const struct item *items, size_t count)
{
	l->items += count;
	for (size_t i = 0; i < count; i++) {
		struct lost_market *m;
		switch (items[i].kind) {
		case ITEM_MARKET:
			m = market_of(l, items[i].market);
			if (m)
				m->introduced = items[i].introduced;
			break;
		case ITEM_TRADE:
			if (items[i].gap_id != ITEM_WITNESS)
				add_trade(l, &items[i]);
			break;
		case ITEM_GAP:
			add_gap(l, &items[i]);
			break;
		case ITEM_TICKER:
			l->tickers++;
			break;
		case ITEM_COVERAGE:
		case ITEM_HEARTBEAT:
		case ITEM_CLOCK:
		case ITEM_AUDIT:
		default:
			break; /* the tape claims less without them */
		}
	}
}

/* It ends with the last trade that was lost: what comes after the stop is the next start's to say. */
bool loss_gap(const struct loss *l, uint32_t market, const struct exchange *exchange, struct gap_mark *gap)
{
	if (market >= l->market_count || l->markets[market].trades == 0)
		return false;
	const struct lost_market *m = &l->markets[market];
	bool ids = exchange->ids_step && m->from_id != GAP_NO_ID;
	*gap = (struct gap_mark){ .from_us = m->from_us - exchange->lateness_us, .to_us = m->to_us + 1, .from_id = ids ? m->from_id : GAP_NO_ID,
		                   .to_id = ids ? m->to_id : GAP_NO_ID, .reason = GAP_OVERFLOW, .state = GAP_OPEN };
	return true;
}

void loss_release(struct loss *l)
{
	free(l->markets);
	free(l->gaps);
	*l = (struct loss){ .markets = NULL };
}
