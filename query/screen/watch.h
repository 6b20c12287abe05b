/* The state of `watch` beside the numbers: which page is shown, what is chosen, how it is sorted.  Keys change it
 * (watch_keys.c), the pages are drawn from it and the board (watch_list.c, watch_market.c).  No terminal.  One thread. */
#ifndef QUERY_SCREEN_WATCH_H
#define QUERY_SCREEN_WATCH_H

#include "query/screen/board.h"
#include "query/screen/columns.h"
#include "query/screen/grid.h"

#define WATCH_LEAST_ROWS 24
#define WATCH_LEAST_COLS 80
#define WATCH_FRAME_ROWS 5 /* of the list's screen, that are no markets */
#define WATCH_TRADES 64 /* newest ones of the market in large */

/* Keys that are no character. */
enum {
	PRESS_NONE = 0x110000, PRESS_UP, PRESS_DOWN, PRESS_LEFT, PRESS_RIGHT, PRESS_PAGE_UP, PRESS_PAGE_DOWN, PRESS_HOME,
	PRESS_END, PRESS_ENTER, PRESS_ESCAPE, PRESS_BACKSPACE, PRESS_RESIZE, PRESS_GONE, /* the terminal is no more */
};

enum watch_sort { SORT_MARKET, SORT_LAST, SORT_DAY, SORT_HOUR, SORT_RATE, SORT_AGE, SORT_COUNT };

struct watch {
	bool help, typing, large, quit;
	char filter[64]; /* UTF-8; "": all */
	enum watch_sort sort;
	bool reverse;
	size_t *order;   /* owned; indices of the markets shown, as they are sorted */
	double *values;  /* owned; of each market, by which they are sorted */
	size_t count, room;
	bool fixed;      /* a market was chosen: it stays so however they are sorted; else the first is */
	char chosen[MARKET_NAME_SIZE]; /* its name; "": watch_arrange finds it by its place */
	size_t at;       /* its place in `order` */
	size_t top;      /* the place at the top of the screen */
	size_t page;     /* so many fit on it */
	int interval;    /* of the large chart: see watch_intervals */
};

/* The market in large: what the board does not hold. */
struct detail {
	char name[MARKET_NAME_SIZE]; /* "": nothing read yet */
	int64_t id, last_us, trades; /* what was read is of this state of the market */
	struct columns columns;      /* owned */
	size_t most;                 /* it was made for so many columns */
	struct tape_row *rows;       /* owned; WATCH_TRADES; newest last */
	size_t row_count;
	uint64_t version;
};

extern const char *const watch_intervals[3];

void watch_release(struct watch *w);
void watch_press(struct watch *w, uint32_t key);
/* Filters and sorts anew; to call before drawing and after keys.  false: out of memory. */
bool watch_arrange(struct watch *w, const struct board *b, int64_t now_us) MUST_CHECK;
const struct board_market *watch_chosen(const struct watch *w, const struct board *b); /* NULL: there is none */

/* Reads what the market in large needs and the tape has new.  `width` is that of the screen. */
bool detail_step(struct detail *d, const struct watch *w, const struct board *b, int width, int64_t now_us,
                 struct err *err) MUST_CHECK;
void detail_release(struct detail *d);

/* Whole screens.  `interactive`: with what only keys can change. */
void watch_draw(struct grid *g, struct watch *w, const struct board *b, const struct detail *d, int64_t now_us);
int watch_head(struct grid *g, const struct watch *w, const struct board *b, bool interactive, int64_t now_us); /* rows */
void watch_list(struct grid *g, int row, int rows, const struct watch *w, const struct board *b, bool interactive,
                int64_t now_us);
void watch_market(struct grid *g, int row, int rows, const struct watch *w, const struct board *b, const struct detail *d,
                  int64_t now_us);
int detail_width(int cols); /* of the chart on a screen so wide */

#define AGE_TEXT_SIZE 24
const char *age_text(int64_t age_us, char text[static AGE_TEXT_SIZE]); /* 7s, 12m30s, 5h07m, 12d */
const char *percent_text(double percent, char text[static 16]); /* "-" where it is not known */

#endif
