#include "query/screen/watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const watch_intervals[3] = { "1m", "5m", "1h" };

void watch_release(struct watch *w)
{
	free(w->order);
	free(w->values);
	*w = (struct watch){ .order = NULL };
}

static void move(struct watch *w, int64_t by)
{
	int64_t to = (int64_t)w->at + by;
	if (to >= (int64_t)w->count)
		to = (int64_t)w->count - 1;
	w->at = to < 0 ? 0 : (size_t)to;
	w->chosen[0] = '\0';
	w->fixed = true;
}

static void sort_by(struct watch *w, enum watch_sort sort)
{
	w->reverse = w->sort == sort ? !w->reverse : false;
	w->sort = sort;
}

static void type(struct watch *w, uint32_t key)
{
	size_t len = strlen(w->filter);
	if (key == PRESS_ENTER || key == PRESS_ESCAPE) {
		w->typing = false;
		if (key == PRESS_ESCAPE)
			w->filter[0] = '\0';
	} else if (key == PRESS_BACKSPACE) {
		while (len > 0 && (w->filter[len - 1] & 0xC0) == 0x80) /* the rest of a character */
			len--;
		if (len > 0)
			len--;
		w->filter[len] = '\0';
	} else if (key > ' ' && key < 0x7F && len + 1 < sizeof w->filter) {
		w->filter[len++] = (char)key;
		w->filter[len] = '\0';
	} else if (key >= 0xA0 && key < 0x10000 && len + 3 < sizeof w->filter) {
		if (key >= 0x800)
			w->filter[len++] = (char)(0xE0 | key >> 12);
		w->filter[len++] = (char)(key >= 0x800 ? 0x80 | (key >> 6 & 0x3F) : 0xC0 | key >> 6);
		w->filter[len++] = (char)(0x80 | (key & 0x3F));
		w->filter[len] = '\0';
	}
}

/* Keys that mean the same on both pages.  false: it is none of them. */
static bool press_anywhere(struct watch *w, uint32_t key)
{
	switch (key) {
	case 'q':
	case PRESS_GONE:
		w->quit = true;
		return true;
	case '?':
		w->help = true;
		return true;
	case PRESS_UP:
	case 'k':
		move(w, -1);
		return true;
	case PRESS_DOWN:
	case 'j':
		move(w, 1);
		return true;
	default:
		return false;
	}
}

static void press_large(struct watch *w, uint32_t key)
{
	switch (key) {
	case '1':
		w->interval = 0;
		break;
	case '5':
		w->interval = 1;
		break;
	case 'h':
		w->interval = 2;
		break;
	case PRESS_ENTER:
	case PRESS_ESCAPE:
	case PRESS_BACKSPACE:
		w->large = false;
		break;
	default:
		break;
	}
}

static void press_list(struct watch *w, uint32_t key)
{
	int64_t page = w->page > 1 ? (int64_t)w->page - 1 : 1;
	switch (key) {
	case PRESS_PAGE_UP:
		move(w, -page);
		break;
	case PRESS_PAGE_DOWN:
	case ' ':
		move(w, page);
		break;
	case PRESS_HOME:
	case 'g':
		move(w, -(int64_t)w->count);
		break;
	case PRESS_END:
	case 'G':
		move(w, (int64_t)w->count);
		break;
	case PRESS_LEFT:
	case '<':
		w->sort = (enum watch_sort)((w->sort + SORT_COUNT - 1) % SORT_COUNT);
		w->reverse = false;
		break;
	case PRESS_RIGHT:
	case '>':
		w->sort = (enum watch_sort)((w->sort + 1) % SORT_COUNT);
		w->reverse = false;
		break;
	case 'r':
		w->reverse = !w->reverse;
		break;
	case '/':
		w->typing = true;
		break;
	case PRESS_ESCAPE:
		w->filter[0] = '\0';
		break;
	case PRESS_ENTER:
		w->large = w->fixed = w->count > 0;
		break;
	default:
		if (key >= '1' && key < '1' + SORT_COUNT)
			sort_by(w, (enum watch_sort)(key - '1'));
		break;
	}
}

void watch_press(struct watch *w, uint32_t key)
{
	if (key == PRESS_GONE)
		w->quit = true;
	else if (w->help && key != PRESS_RESIZE && key != PRESS_NONE)
		w->help = false;
	else if (w->typing)
		type(w, key);
	else if (!press_anywhere(w, key) && w->large)
		press_large(w, key);
	else if (!w->large)
		press_list(w, key);
}

static double value(const struct watch *w, const struct board_market *m, int64_t now_us)
{
	switch (w->sort) {
	case SORT_LAST:
		return m->traded ? decimal_double(&m->price) : NAN;
	case SORT_DAY:
		return board_day_change(m, now_us);
	case SORT_HOUR:
		return board_hour_change(m, now_us);
	case SORT_RATE:
		return (double)board_per_minute(m, now_us);
	case SORT_AGE:
		return m->traded ? (double)m->last_us : NAN; /* the freshest first */
	case SORT_MARKET:
	case SORT_COUNT:
	default:
		return 0; /* the board has them by name */
	}
}

/* The largest first, what is not known last whichever way, equals by name. */
static int compare(const void *left, const void *right, void *arg)
{
	const struct watch *w = arg;
	size_t x = *(const size_t *)left, y = *(const size_t *)right;
	double dx = w->values[x], dy = w->values[y];
	if (isnan(dx) != isnan(dy))
		return isnan(dx) ? 1 : -1;
	if (dx > dy || dx < dy)
		return (dx > dy) != w->reverse ? -1 : 1;
	return (x < y) != (w->sort == SORT_MARKET && w->reverse) ? -1 : 1;
}

static bool fits(const struct watch *w, const struct market *m)
{
	return !w->filter[0] || strcasestr(m->name, w->filter) || strcasestr(m->pair, w->filter);
}

bool watch_arrange(struct watch *w, const struct board *b, int64_t now_us)
{
	if (w->room < b->count) {
		free(w->values);
		w->values = malloc(b->count * sizeof *w->values);
		size_t *grown = realloc(w->order, b->count * sizeof *grown);
		if (grown)
			w->order = grown;
		if (!grown || !w->values)
			return false;
		w->room = b->count;
	}
	/* A move names a place in the order that was seen; that market stays chosen however it is sorted now. */
	if (!w->fixed)
		w->at = 0;
	else if (!w->chosen[0] && w->at < w->count && w->order[w->at] < b->count)
		stpcpy(w->chosen, b->markets[w->order[w->at]].market.name);
	w->count = 0;
	for (size_t i = 0; i < b->count; i++) {
		if (!fits(w, &b->markets[i].market))
			continue;
		w->values[i] = value(w, &b->markets[i], now_us);
		w->order[w->count++] = i;
	}
	if (w->count > 1)
		qsort_r(w->order, w->count, sizeof *w->order, compare, w);
	size_t at = 0;
	while (at < w->count && strcmp(b->markets[w->order[at]].market.name, w->chosen) != 0)
		at++;
	if (w->fixed && at < w->count)
		w->at = at;
	else if (w->at >= w->count)
		w->at = w->count > 0 ? w->count - 1 : 0;
	if (w->page > 0 && w->at >= w->top + w->page)
		w->top = w->at - w->page + 1;
	if (w->at < w->top)
		w->top = w->at;
	if (w->page > 0 && w->top + w->page > w->count)
		w->top = w->count > w->page ? w->count - w->page : 0;
	return true;
}

const struct board_market *watch_chosen(const struct watch *w, const struct board *b)
{
	return w->at < w->count && w->order[w->at] < b->count ? &b->markets[w->order[w->at]] : NULL;
}
