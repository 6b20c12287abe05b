/* Looks for newly listed markets: fetches the lists of those exchanges for which a pattern was given, every few minutes, and
 * has what fits it recorded, without a break for the others.  A list that was not to be had at the start is asked for sooner:
 * patterns wait for it.  Where the whole list is megabytes, the exchange is asked for the mere names of what trades, and for
 * the list only when they hold a new one that a pattern wants, or once a day.  Network thread. */
#ifndef RECORDER_MARKETS_NEW_LISTINGS_H
#define RECORDER_MARKETS_NEW_LISTINGS_H

#include "recorder/feeds/feed.h"
#include "recorder/markets/list_fetch.h"

/* The feeds of a run, each at its connection of the plan.  Network thread while that runs, else main. */
struct feeds {
	struct net *net;           /* borrowed, as the next four */
	const struct config *config;
	struct market_plan *plan;
	struct gaps *gaps;
	struct counters *counters;
	/* How far the plan is carried out: of its markets, those that the tape knows and those that gaps.c knows; and those of the
	 * markets and connections that had their feeds, when it was last carried out to its end. */
	size_t introduced, in_gaps, fed_markets, fed_connections;
};

/* Carries out what was added to the plan: an item for each market, a feed for each connection that has none yet, another one for
 * each that carries more now.  false: it is not done with (the queue has no room, or no memory), nothing of a market that the tape
 * does not know gets into the queue, and feeds_go_on does the rest. */
bool feeds_grow(struct feeds *f, struct err *err) MUST_CHECK;
void feeds_go_on(struct feeds *f); /* now and then */
void feeds_finish(struct feeds *f);
void feeds_release(struct feeds *f);

struct new_listings {
	struct feeds *feeds; /* borrowed */
	int64_t every_us;
	struct new_listings_row { /* of an exchange; by the index of its address */
		struct new_listings *new_listings; /* borrowed */
		lws_sorted_usec_list_t timer;
		struct list_fetch fetch;
		struct http_get names;
		bool asking_names;
		bool names_refused;      /* this exchange, or its proxy, does not tell the names alone: the list comes next, rarely */
		uint64_t unlisted;       /* a sum of the names for which the list was fetched last; 0: none */
		unsigned pass, passed;   /* so many rounds they are left alone: the list may never hold them */
		int64_t list_mono_us;    /* when the list was had */
		int64_t wait_us;         /* until it is asked again */
		unsigned failed; /* times in vain, before */
		bool whole;      /* all that the patterns want was there once */
	} rows[EXCHANGES_MAX];
};

/* lists[i]: what was had at the start from config->addresses[i]. */
void new_listings_start(struct new_listings *r, struct feeds *feeds, const struct market_list *lists);
void new_listings_stop(struct new_listings *r);

#endif
