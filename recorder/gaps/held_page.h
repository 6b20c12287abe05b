/* The rows of an answer of REST's, held back until it is known whether it is the socket's twin (reference.h).  Network thread. */
#ifndef RECORDER_GAPS_HELD_PAGE_H
#define RECORDER_GAPS_HELD_PAGE_H

#include "recorder/exchanges/history.h"

#define HELD_SPOILT_MAX 1000 /* no page has more rows */

struct held_spoilt { /* rows that make no sense */
	struct history_cut lost[HELD_SPOILT_MAX];
	const char *reasons[HELD_SPOILT_MAX]; /* constants */
	size_t count;
};

struct held_trades {
	struct trade *trades;
	size_t count, room;
};

struct held_page {
	struct held_trades seen;  /* owned, as the next; to be compared */
	struct held_trades given; /* to be added */
	struct held_spoilt spoilt;
	bool no_memory;           /* something found no place: the answer is of no use */
};

void held_page_clear(struct held_page *h); /* empty, for the next answer */
void held_page_see(struct held_page *h, const struct trade *trade);
void held_page_give(struct held_page *h, const struct trade *trade);
void held_page_spoil(struct held_page *h, const struct history_cut *lost, const char *reason);
void held_page_release(struct held_page *h);

#endif
