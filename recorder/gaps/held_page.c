#include "recorder/gaps/held_page.h"

#include <stdlib.h>

#define FIRST_ROOM 512

void held_page_clear(struct held_page *h)
{
	h->seen.count = h->given.count = h->spoilt.count = 0;
	h->no_memory = false;
}

static void add(struct held_page *h, struct held_trades *list, const struct trade *trade)
{
	if (list->count == list->room) {
		size_t room = list->room > 0 ? 2 * list->room : FIRST_ROOM;
		struct trade *grown = realloc(list->trades, room * sizeof *grown);
		if (!grown) {
			h->no_memory = true;
			return;
		}
		list->trades = grown;
		list->room = room;
	}
	list->trades[list->count++] = *trade;
}

void held_page_see(struct held_page *h, const struct trade *trade)
{
	add(h, &h->seen, trade);
}

void held_page_give(struct held_page *h, const struct trade *trade)
{
	add(h, &h->given, trade);
}

void held_page_spoil(struct held_page *h, const struct history_cut *lost, const char *reason)
{
	struct held_spoilt *s = &h->spoilt;
	if (s->count == HELD_SPOILT_MAX) {
		h->no_memory = true;
		return;
	}
	s->lost[s->count] = *lost;
	s->reasons[s->count++] = reason;
}

void held_page_release(struct held_page *h)
{
	free(h->seen.trades);
	free(h->given.trades);
	*h = (struct held_page){ .no_memory = false };
}
