#include "query/screen/watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEAD_ROWS 3

static const char *const heads[SORT_COUNT] = { "MARKET", "LAST", "DAY", "HOUR", "T/MIN", "AGE" };

const char *age_text(int64_t age_us, char text[static AGE_TEXT_SIZE])
{
	long long s = age_us > 0 ? age_us / US_PER_SECOND : 0;
	if (s < 100)
		snprintf(text, AGE_TEXT_SIZE, "%llds", s);
	else if (s < 100 * 60)
		snprintf(text, AGE_TEXT_SIZE, "%lldm%02llds", s / 60, s % 60);
	else if (s < 48 * 3600)
		snprintf(text, AGE_TEXT_SIZE, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else
		snprintf(text, AGE_TEXT_SIZE, "%lldd", s / 86400);
	return text;
}

const char *percent_text(double percent, char text[static 16])
{
	if (isnan(percent))
		stpcpy(text, "-");
	else if (percent >= 1e5)
		stpcpy(text, ">99999%");
	else
		snprintf(text, 16, percent < 1000 ? "%+.2f%%" : "%+.0f%%", percent);
	return text;
}

static void draw_health(struct grid *g, int row, const struct board *b, int64_t now_us)
{
	const struct board_health *h = &b->health;
	const struct recorder_life *l = &h->life;
	char age[AGE_TEXT_SIZE], state[128], lag[32] = "-";
	int64_t lag_us;
	unsigned style = STYLE_WARN | STYLE_BOLD;
	if (board_lag(b, now_us, &lag_us))
		snprintf(lag, sizeof lag, "%lld ms", (long long)(lag_us / 1000));
	switch (l->life) {
	case LIFE_ALIVE:
		snprintf(state, sizeof state, "recorder alive %s", age_text(now_us - l->started_us, age));
		style = STYLE_PLAIN;
		break;
	case LIFE_STOPPED:
		snprintf(state, sizeof state, "RECORDER STOPPED %s ago", age_text(now_us - l->stopped_us, age));
		break;
	case LIFE_DEAD:
		snprintf(state, sizeof state, "RECORDER DEAD, silent for %s", age_text(now_us - l->beat_us, age));
		break;
	case LIFE_NEVER:
	default:
		grid_printf(g, row, 1, g->cols - 2, STYLE_PLAIN, "no recorder has said on this tape that it lives  lag %s", lag);
		return;
	}
	int at = 1 + grid_text(g, row, 1, g->cols - 2, style, state);
	unsigned loud = STYLE_WARN | STYLE_BOLD;
	at += grid_printf(g, row, at, g->cols - 1 - at, STYLE_PLAIN, "  lag %s", lag);
	if (l->lost > 0)
		at += grid_printf(g, row, at, g->cols - 1 - at, loud, "  LOST %lld", (long long)l->lost);
	at += grid_printf(g, row, at, g->cols - 1 - at, h->open_gaps > 0 ? loud : STYLE_PLAIN, "  open gaps %lld",
	                  (long long)h->open_gaps);
	at += grid_printf(g, row, at, g->cols - 1 - at, STYLE_PLAIN, "  reconnects %lld", (long long)l->disconnects);
	grid_printf(g, row, at, g->cols - 1 - at, l->queue_rows > l->queue_limit / 2 ? loud : STYLE_PLAIN, "  queue %lld",
	            (long long)l->queue_rows);
}

int watch_head(struct grid *g, const struct watch *w, const struct board *b, bool interactive, int64_t now_us)
{
	char now[TIME_TEXT_SIZE];
	int length = (int)time_format_second(now_us, now);
	now[10] = ' ';
	int at = 1 + grid_text(g, 0, 1, 20, STYLE_BOLD, "tapedeck");
	if (w->filter[0] || w->count != b->count)
		grid_printf(g, 0, at, g->cols - at, STYLE_PLAIN, "  %zu of %zu markets", w->count, b->count);
	else
		grid_printf(g, 0, at, g->cols - at, STYLE_PLAIN, "  %zu market%s", b->count, b->count == 1 ? "" : "s");
	grid_text(g, 0, g->cols - length - 1, length, STYLE_PLAIN, now);
	if (b->trouble[0]) /* what stands below is as old as that */
		grid_text(g, 1, 1, g->cols - 2, STYLE_WARN | STYLE_BOLD, b->trouble);
	else
		draw_health(g, 1, b, now_us);
	if (interactive && w->typing)
		grid_printf(g, 2, 1, g->cols - 2, STYLE_BOLD, "/%s%s", w->filter, g->utf8 ? "\u2588" : "_");
	else if (b->note[0])
		grid_text(g, 2, 1, g->cols - 2, STYLE_WARN, b->note);
	else if (b->reader->part == READER_COPIED)
		grid_text(g, 2, 1, g->cols - 2, STYLE_WARN, "this tape was copied while recording, without its -wal: rows may be missing");
	else if (w->filter[0])
		grid_printf(g, 2, 1, g->cols - 2, STYLE_PLAIN, "only markets with \"%s\"  (Esc: all)", w->filter);
	return HEAD_ROWS;
}

/* Where each column begins and how wide it is. */
struct layout {
	int market, price, spark; /* widths of those that differ from screen to screen */
	int col[SORT_COUNT], width[SORT_COUNT], spark_col;
};

static struct layout lay_out(const struct grid *g, const struct watch *w, const struct board *b)
{
	struct layout l = { .market = (int)strlen(heads[SORT_MARKET]), .price = (int)strlen(heads[SORT_LAST]) };
	char text[DECIMAL_TEXT_SIZE];
	for (size_t i = 0; i < w->count; i++) {
		const struct board_market *m = &b->markets[w->order[i]];
		int name = text_columns(m->market.name, g->utf8), price = m->traded ? (int)decimal_format(&m->price, text) : 0;
		l.market = name > l.market ? name : l.market;
		l.price = price > l.price ? price : l.price;
	}
	l.market = l.market < g->cols / 4 ? l.market : g->cols / 4;
	l.price = l.price < g->cols / 4 ? l.price : g->cols / 4;
	static const int day = 8, hour = 8, rate = 6, age = 7, mark = 2, direction = 3; /* with the blanks about it */
	int at = mark;
	l.col[SORT_MARKET] = at;
	l.width[SORT_MARKET] = l.market;
	at += l.market + 1;
	l.col[SORT_LAST] = at;
	l.width[SORT_LAST] = l.price;
	at += l.price + direction;
	l.col[SORT_DAY] = at;
	l.width[SORT_DAY] = day;
	at += day + 1;
	l.col[SORT_HOUR] = at;
	l.width[SORT_HOUR] = hour;
	at += hour + 1;
	l.col[SORT_RATE] = at;
	l.width[SORT_RATE] = rate;
	at += rate + 2;
	l.spark_col = at;
	l.spark = g->cols - at - 1 - age - 1;
	l.spark = l.spark > SPARK_MINUTES ? SPARK_MINUTES : l.spark < 0 ? 0 : l.spark;
	at += l.spark + 1;
	l.col[SORT_AGE] = at;
	l.width[SORT_AGE] = age;
	return l;
}

static unsigned sign_style(double value)
{
	return value > 0 ? STYLE_UP : value < 0 ? STYLE_DOWN : STYLE_PLAIN;
}

/* The last hour in `width` columns: of the minutes that share one, the last. */
static void draw_spark(struct grid *g, int row, int col, int width, const struct board_market *m, int64_t now_us)
{
	static const char *const levels[] = { "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588" };
	static const char ascii[] = "_.-:=+*#";
	double values[SPARK_MINUTES], low = INFINITY, high = -INFINITY;
	board_spark(m, now_us, values);
	for (int i = 0; i < SPARK_MINUTES; i++) {
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	for (int i = 0; i < width; i++) {
		double value = values[(i + 1) * SPARK_MINUTES / width - 1];
		if (isnan(value))
			continue;
		int level = high > low ? (int)((value - low) / (high - low) * 7.999) : 3;
		grid_glyph(g, row, col + i, STYLE_PLAIN, levels[level], ascii[level]);
	}
}

static void draw_row(struct grid *g, int row, const struct layout *l, const struct board *b, const struct board_market *m,
                     int64_t now_us)
{
	char text[DECIMAL_TEXT_SIZE], percent[16], age[AGE_TEXT_SIZE];
	bool ahead = board_ahead(m, now_us), quiet = ahead || board_quiet(b, m, now_us);
	unsigned faint = quiet || !m->market.wanted ? STYLE_DIM : STYLE_PLAIN, loud = STYLE_WARN | STYLE_BOLD;
	if (quiet)
		grid_text(g, row, 0, 1, loud, "!");
	if (m->unheard)
		grid_text(g, row, 0, 1, loud, "x");
	grid_text(g, row, l->col[SORT_MARKET], l->width[SORT_MARKET], faint, m->market.name);
	if (!m->traded)
		return;
	unsigned way = m->direction > 0 ? STYLE_UP : m->direction < 0 ? STYLE_DOWN : STYLE_PLAIN;
	decimal_format(&m->price, text);
	grid_right(g, row, l->col[SORT_LAST], l->width[SORT_LAST], way | faint | (quiet ? 0 : STYLE_BOLD), text);
	if (m->direction != 0)
		grid_glyph(g, row, l->col[SORT_LAST] + l->width[SORT_LAST] + 1, way | faint,
		           m->direction > 0 ? "\u25b2" : "\u25bc", m->direction > 0 ? '^' : 'v');
	double day = board_day_change(m, now_us), hour = board_hour_change(m, now_us);
	grid_right(g, row, l->col[SORT_DAY], l->width[SORT_DAY], sign_style(day) | faint, percent_text(day, percent));
	grid_right(g, row, l->col[SORT_HOUR], l->width[SORT_HOUR], sign_style(hour) | faint, percent_text(hour, percent));
	snprintf(text, sizeof text, "%lld", (long long)board_per_minute(m, now_us));
	grid_right(g, row, l->col[SORT_RATE], l->width[SORT_RATE], faint, text);
	if (l->spark > 0)
		draw_spark(g, row, l->spark_col, l->spark, m, now_us);
	grid_right(g, row, l->col[SORT_AGE], l->width[SORT_AGE], quiet ? loud : STYLE_PLAIN,
	           ahead ? "ahead" : age_text(now_us - m->last_us, age));
}

void watch_list(struct grid *g, int row, int rows, const struct watch *w, const struct board *b, bool interactive,
                int64_t now_us)
{
	struct layout l = lay_out(g, w, b);
	grid_set_style(g, row, STYLE_REVERSE);
	for (int i = 0; i < SORT_COUNT; i++) {
		char head[16];
		bool sorted = interactive && (int)w->sort == i;
		unsigned style = STYLE_REVERSE | (sorted ? STYLE_BOLD : STYLE_PLAIN);
		snprintf(head, sizeof head, "%s%s", heads[i], !sorted ? "" : w->reverse ? "-" : "+");
		if (i == SORT_MARKET)
			grid_text(g, row, l.col[i], l.width[i], style, head);
		else
			grid_right(g, row, l.col[i], l.width[i], style, head);
	}
	if (l.spark >= 9)
		grid_text(g, row, l.spark_col, l.spark, STYLE_REVERSE, "LAST HOUR");
	size_t first = interactive ? w->top : 0;
	for (size_t i = 0; i < (size_t)(rows - 1) && first + i < w->count; i++) {
		int at = row + 1 + (int)i;
		draw_row(g, at, &l, b, &b->markets[w->order[first + i]], now_us);
		if (interactive && first + i == w->at)
			grid_set_style(g, at, STYLE_REVERSE | STYLE_BOLD); /* colours on a coloured ground can't be read */
	}
	if (w->count == 0)
		grid_text(g, row + 2, 2, g->cols - 2, STYLE_PLAIN,
		          b->count > 0 ? "no market fits the filter" : b->name_count > 0 ? "none of these markets is on the tape yet"
		                                                                          : "there is no market on this tape yet");
}
