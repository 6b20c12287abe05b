/* tapedeck report: the morning after, on one screen of 24 lines and 80 columns, the same for a terminal and for a mail; or
 * a row a market where a format is asked for. */
#include "query/read/report.h"
#include "query/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SCREEN_LINES 24
#define SCREEN_COLUMNS 80
#define EXCHANGES_MAX 6 /* lines of exchanges */
#define ENDED_MAX 2     /* markets no longer recorded, likewise */
#define FINDINGS_MAX 2  /* lines of volumes that differ */
#define NAME_COLUMNS 24
#define DATE_TEXT 11   /* 2026-11-22T, of a time's text */

struct page {
	struct out *out; /* borrowed */
	int lines;
};

/* How many bytes of the text fit into `columns`; beyond ASCII a character may take two. */
static size_t fit(const char *text, int columns, int *used)
{
	size_t len = 0;
	*used = 0;
	while (text[len]) {
		int width = (unsigned char)text[len] < 0x80 ? 1 : 2;
		size_t next = len + 1;
		while (((unsigned char)text[next] & 0xc0) == 0x80)
			next++;
		if (*used + width > columns)
			break;
		*used += width;
		len = next;
	}
	return len;
}

static void put_line(struct page *p, const char *text)
{
	int used;
	size_t len = fit(text, SCREEN_COLUMNS, &used);
	char *to = out_reserve(p->out, len + 1);
	for (size_t i = 0; i < len; i++)
		*to++ = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
	*to = '\n';
	p->out->len += len + 1;
	p->lines++;
}

/* 250 ms, 4.2 s, 12m 03s, 8h 12m, 3d 04h */
static const char *span_text(int64_t us, char text[static 32])
{
	int64_t s = us / US_PER_SECOND;
	if (us < US_PER_SECOND)
		snprintf(text, 32, us ? "%" PRId64 " ms" : "0", us / 1000);
	else if (s < 60)
		snprintf(text, 32, "%" PRId64 ".%" PRId64 " s", s, us % US_PER_SECOND / 100000);
	else if (s < 3600)
		snprintf(text, 32, "%" PRId64 "m %02" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, 32, "%" PRId64 "h %02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(text, 32, "%" PRId64 "d %02" PRId64 "h", s / 86400, s / 3600 % 24);
	return text;
}

static const char *second_text(int64_t us, char text[static TIME_TEXT_SIZE])
{
	time_format_second(us, text);
	return text;
}

/* The markets that are wanted, in one. */
struct wanted_sum {
	struct report_market sum;
	size_t count, with_gaps, short_of;
	int64_t start_us, last_start_us, end_us; /* the first start, the last, the first end */
};

static void add_wanted(const struct report *r, struct wanted_sum *w)
{
	*w = (struct wanted_sum){ .start_us = INT64_MAX, .last_start_us = INT64_MIN, .end_us = r->to_us };
	for (size_t i = 0; i < r->count; i++) {
		const struct report_market *m = &r->markets[i];
		if (!report_wanted(m))
			continue;
		report_add(&w->sum, m);
		w->count++;
		w->with_gaps += report_remaining(m) > 0;
		w->short_of += !report_whole(m);
		if (m->recorded_us > 0 && m->start_us < w->start_us)
			w->start_us = m->start_us;
		if (m->recorded_us > 0 && m->start_us > w->last_start_us)
			w->last_start_us = m->start_us;
		if (m->recorded_us > 0 && m->end_us < w->end_us)
			w->end_us = m->end_us;
	}
}

#define TOGETHER_US (5 * US_PER_SECOND) /* markets of one start are proved from about the same moment */

static bool began_together(const struct wanted_sum *w)
{
	return w->last_start_us - w->start_us <= TOGETHER_US;
}

static void put_copied(struct page *p, const struct report *r)
{
	char line[120], end[TIME_TEXT_SIZE];
	put_line(p, "Copied while recording, without its -wal: this is not the whole tape.");
	snprintf(line, sizeof line, "Rows may be missing, and all after %s are",
	         r->life.life == LIFE_NEVER ? "an unknown time" : second_text(r->life.beat_us, end));
	put_line(p, line);
}

/* Nothing is proved of this time, of which there may be rows all the same; `dead` leaves less room for it. */
static void unproved_text(const struct report *r, const char *dead, char *line, size_t size)
{
	int64_t trades = 0;
	bool tickers = false;
	for (size_t i = 0; i < r->count; i++) {
		trades += r->markets[i].trades;
		tickers = tickers || r->markets[i].tickers;
	}
	if (trades > 0)
		snprintf(line, size, "%s%" PRId64 " trade%s, %s", dead, trades, plural(trades),
		         dead[0] ? "not proved whole" : "and nothing proves that none is missing");
	else
		snprintf(line, size, "%s%s", dead, tickers ? "tickers alone were recorded" : "nothing was recorded in this time");
}

static void whole_text(const struct report *r, const struct wanted_sum *w, const char *dead, char *line, size_t size)
{
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
	bool until_then = w->end_us / US_PER_SECOND == r->to_us / US_PER_SECOND;
	second_text(w->start_us, from);
	second_text(w->end_us, to);
	int len = snprintf(line, size, "%sall %zu market%s whole", dead, w->count, w->count == 1 ? "" : "s");
	if (dead[0])
		snprintf(line + len, size - (size_t)len, " until %s", until_then ? "then" : to + DATE_TEXT);
	else if (began_together(w))
		snprintf(line + len, size - (size_t)len, " from %s to %s", from, to);
	else
		snprintf(line + len, size - (size_t)len, ", each from its own start to %s", to);
}

/* The first line: is the night whole?  And a second one where the markets did not begin together. */
static void put_verdict(struct page *p, const struct report *r)
{
	struct wanted_sum w;
	char line[200], span[32], percent[PERCENT_TEXT_SIZE], dead[60] = "";
	if (r->part == READER_COPIED) {
		put_copied(p, r);
		return;
	}
	add_wanted(r, &w);
	int64_t remaining = report_remaining(&w.sum);
	if (r->life.life == LIFE_DEAD) {
		char since[TIME_TEXT_SIZE];
		snprintf(dead, sizeof dead, "%s %s; ", r->part == READER_SNAPSHOT ? "Snapshot of" : "Recorder dead since",
		         second_text(r->to_us, since));
	}
	report_percent(&w.sum, percent);
	bool whole = r->count > 0 && remaining == 0 && w.sum.recorded_us > 0 && w.short_of == 0;
	if (r->count == 0)
		snprintf(line, sizeof line, "Nothing was recorded: there is no market on the tape yet");
	else if (remaining > 0)
		snprintf(line, sizeof line, "%s%" PRId64 " gap%s in %zu market%s of %zu, %s in all", dead, remaining,
		         remaining == 1 ? " remains" : "s remain", w.with_gaps, w.with_gaps == 1 ? "" : "s", w.count,
		         span_text(w.sum.missing_us, span));
	else if (w.count == 0 || w.sum.recorded_us == 0)
		unproved_text(r, dead, line, sizeof line);
	else if (!whole)
		snprintf(line, sizeof line, "%sno gap remains, but %zu market%s of %zu not covered all the time (%s %% in all)", dead,
		         w.short_of, w.short_of == 1 ? "" : "s", w.count, percent);
	else
		whole_text(r, &w, dead, line, sizeof line);
	line[0] = (char)toupper((unsigned char)line[0]);
	put_line(p, line);
	if (whole && !began_together(&w)) {
		char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];
		snprintf(line, sizeof line, "The first starts at %s, the last at %s", second_text(w.start_us, first),
		         second_text(w.last_start_us, last));
		put_line(p, line);
	}
}

static void put_recorder(struct page *p, const struct context *c, const struct report *r)
{
	const struct recorder_life *l = &r->life;
	char line[300], from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE], span[32];
	snprintf(line, sizeof line, "period    %s to %s, %s", second_text(r->from_us, from), second_text(r->to_us, to),
	         span_text(r->to_us - r->from_us, span));
	put_line(p, line);
	if (l->life == LIFE_NEVER) {
		put_line(p, "recorder  never: none has left a sign of life on this tape");
		return;
	}
	int64_t until_us = life_until(l, c->now_us);
	span_text(until_us - l->started_us > 0 ? until_us - l->started_us : 0, span);
	if (l->life == LIFE_ALIVE) {
		snprintf(line, sizeof line, "recorder  alive: runs for %s (pid %" PRId64 ", version %s)", span, l->pid, l->version);
	} else {
		char ago[32];
		snprintf(line, sizeof line, "recorder  %s: nothing is recorded since %s (%s ago); it ran for %s", life_name(l->life),
		         second_text(until_us, to), span_text(c->now_us > until_us ? c->now_us - until_us : 0, ago), span);
	}
	put_line(p, line);
	snprintf(line, sizeof line, "          %" PRId64 " reconnect%s, %" PRId64 " message%s of no use, %" PRId64 " trade%s lost, queue %"
	         PRId64 " of %" PRId64, l->disconnects, plural(l->disconnects), l->bad, plural(l->bad), l->lost, plural(l->lost),
	         l->queue_rows, l->queue_limit);
	put_line(p, line);
}

static void put_exchange(struct page *p, const char *name, size_t markets, const struct report_market *sum)
{
	char line[300], percent[PERCENT_TEXT_SIZE + 1], span[32];
	size_t len = report_percent(sum, percent);
	percent[len] = '%';
	percent[len + 1] = '\0';
	snprintf(line, sizeof line, "%-14.14s %4zu %10" PRId64 " %7" PRId64 " %7s %5" PRId64 " %6" PRId64 " %4" PRId64 " %6" PRId64
	         " %7s", name, markets, sum->trades, sum->filled_trades, len ? percent : "-",
	         sum->gaps[GAP_OPEN] + sum->gaps[GAP_FILLED] + sum->gaps[GAP_UNFILLABLE], sum->gaps[GAP_FILLED],
	         sum->gaps[GAP_OPEN], sum->gaps[GAP_UNFILLABLE], span_text(sum->missing_us, span));
	put_line(p, line);
}

/* Markets stand by name, so an exchange's follow each other. */
static void put_exchanges(struct page *p, const struct report *r)
{
	size_t lines = 0, exchanges = 0;
	put_line(p, "");
	put_line(p, "exchange       mkts     trades by REST covered gaps filled open unfill missing");
	for (size_t i = 0, next; i < r->count; i = next) {
		const char *name = r->markets[i].market->exchange;
		struct report_market sum = { .market = NULL };
		size_t wanted = 0;
		for (next = i; next < r->count && strcmp(r->markets[next].market->exchange, name) == 0; next++) {
			if (!report_wanted(&r->markets[next]))
				continue;
			report_add(&sum, &r->markets[next]);
			wanted++;
		}
		exchanges += wanted > 0;
		if (wanted > 0 && lines < EXCHANGES_MAX) {
			put_exchange(p, name, wanted, &sum);
			lines++;
		}
	}
	if (exchanges > lines) {
		char line[80];
		snprintf(line, sizeof line, "and %zu more: tapedeck report --csv", exchanges - lines);
		put_line(p, line);
	}
}

/* What an earlier run recorded and this one does not: no part of the verdict. */
static void put_ended(struct page *p, const struct report *r)
{
	size_t count = 0;
	for (size_t i = 0; i < r->count; i++) {
		const struct market *m = r->markets[i].market;
		char line[200], since[TIME_TEXT_SIZE];
		if (m->wanted || m->ended_us == NEVER_WANTED_US || count++ >= ENDED_MAX)
			continue;
		snprintf(line, sizeof line, "no longer recorded, since %s: %s", second_text(m->ended_us, since), m->name);
		put_line(p, line);
	}
	if (count > ENDED_MAX) {
		char line[80];
		snprintf(line, sizeof line, "and %zu more no longer recorded: tapedeck report --csv", count - ENDED_MAX);
		put_line(p, line);
	}
}

/* Volumes that differ, with both numbers. */
static void put_findings(struct page *p, const struct report *r, int64_t count)
{
	int64_t shown = 0, most = count > FINDINGS_MAX ? FINDINGS_MAX - 1 : count;
	char line[300];
	for (size_t i = 0; i < r->count && shown < most; i++) {
		const struct report_market *m = &r->markets[i];
		if (!report_wanted(m) || m->audit.verdict != AUDIT_DIFFERS)
			continue;
		snprintf(line, sizeof line, "  %s: exchange %s, tape %s", m->market->name, m->audit.theirs, m->audit.ours);
		put_line(p, line);
		shown++;
	}
	if (count > shown) {
		snprintf(line, sizeof line, "  and %" PRId64 " more differ: tapedeck verify", count - shown);
		put_line(p, line);
	}
}

/* What the exchange's own volumes prove, and what they do not: four lines at most. */
static void put_audits(struct page *p, const struct report *r)
{
	struct audit_sum sum = { 0 };
	const struct report_market *unproven = NULL;
	char line[AUDIT_TEXT_SIZE + 300];
	for (size_t i = 0; i < r->count; i++) {
		const struct report_market *m = &r->markets[i];
		if (!report_wanted(m))
			continue;
		audit_add(&sum, &m->audit);
		if (m->audit.verdict == AUDIT_UNPROVEN || (!unproven && m->audit.verdict == AUDIT_NONE && !m->audit.ids_prove))
			unproven = m;
	}
	if (sum.markets == 0)
		return;
	audit_sum_text(&sum, line);
	put_line(p, line);
	put_findings(p, r, sum.differing);
	if (unproven) {
		int64_t others = sum.unproven + sum.none - 1;
		const char *why = unproven->audit.verdict == AUDIT_UNPROVEN ? unproven->audit.note : "not asked for in this time";
		snprintf(line, sizeof line, "  not proved: %s (%s)", unproven->market->name, why);
		if (others > 0)
			snprintf(line + strlen(line), sizeof line - strlen(line), " and %" PRId64 " more", others);
		put_line(p, line);
	}
}

static void put_worst(struct page *p, const struct report *r)
{
	int64_t remaining = 0;
	for (size_t i = 0; i < r->count; i++)
		remaining += report_wanted(&r->markets[i]) ? report_remaining(&r->markets[i]) : 0;
	if (remaining == 0)
		return;
	put_line(p, "");
	put_line(p, "What remains, the longest first, and not to be filled but where it is open:");
	size_t room = (size_t)(SCREEN_LINES - p->lines);
	bool more = (uint64_t)remaining > room || (uint64_t)remaining > r->worst_count;
	size_t shown = r->worst_count < room - more ? r->worst_count : room - more;
	for (size_t i = 0; i < shown; i++) {
		const struct report_gap *h = &r->worst[i];
		char line[400], from[TIME_TEXT_SIZE], span[32];
		int used;
		int len = (int)fit(h->market->name, NAME_COLUMNS, &used);
		snprintf(line, sizeof line, "%.*s%*s %s %7s %s%s", len, h->market->name, NAME_COLUMNS - used, "",
		         second_text(h->from_us, from),
		         span_text(h->to_us - h->from_us, span), h->state == GAP_OPEN ? "open, " : "", h->reason);
		put_line(p, line);
	}
	if (more) {
		char line[80];
		snprintf(line, sizeof line, "and %" PRId64 " more: tapedeck gaps", remaining - (int64_t)shown);
		put_line(p, line);
	}
}

static void put_market(struct out *o, const struct report_market *r)
{
	const struct market *m = r->market;
	char trades[INTEGER_TEXT_SIZE], first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE], filled_trades[INTEGER_TEXT_SIZE];
	char gaps[INTEGER_TEXT_SIZE], filled[INTEGER_TEXT_SIZE], open[INTEGER_TEXT_SIZE], unfillable[INTEGER_TEXT_SIZE];
	char missing[INTEGER_TEXT_SIZE], percent[PERCENT_TEXT_SIZE], until[TIME_TEXT_SIZE];
	const struct cell cells[] = {
		{ m->exchange, strlen(m->exchange) },
		{ m->symbol, strlen(m->symbol) },
		{ trades, integer_format(r->trades, trades) },
		{ first, r->dated ? time_cell(r->first_us, o->time_form, first) : 0 },
		{ last, r->dated ? time_cell(r->last_us, o->time_form, last) : 0 },
		{ filled_trades, integer_format(r->filled_trades, filled_trades) },
		{ gaps, integer_format(r->gaps[GAP_FILLED] + report_remaining(r), gaps) },
		{ filled, integer_format(r->gaps[GAP_FILLED], filled) },
		{ open, integer_format(r->gaps[GAP_OPEN], open) },
		{ unfillable, integer_format(r->gaps[GAP_UNFILLABLE], unfillable) },
		{ missing, integer_format(r->missing_us / 1000, missing) },
		{ percent, report_percent(r, percent) },
		{ until, m->wanted || m->ended_us == NEVER_WANTED_US ? 0 : time_cell(m->ended_us, o->time_form, until) },
	};
	out_row(o, cells);
}

static void put_rows(struct context *c, const struct report *r)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT },        { "symbol", CELL_TEXT },            { "trades", CELL_INTEGER },
		{ "first", CELL_TIME },           { "last", CELL_TIME },              { "filled_trades", CELL_INTEGER },
		{ "gaps", CELL_INTEGER },         { "gaps_filled", CELL_INTEGER },    { "gaps_open", CELL_INTEGER },
		{ "gaps_unfillable", CELL_INTEGER }, { "missing_ms", CELL_INTEGER }, { "covered_percent", CELL_DECIMAL },
		{ "recorded_until", CELL_TIME },
	};
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < r->count; i++)
		put_market(&c->out, &r->markets[i]);
}

enum exit_code cmd_report(struct context *c, struct err *err)
{
	const struct range *range = &c->options.range;
	if (range->has_from && range->from_us >= c->now_us) {
		err_set(err, "--since lies in the future");
		return EXIT_USAGE;
	}
	struct report report;
	struct page page = { .out = &c->out };
	enum exit_code code = report_load(&report, c, range->has_from ? range->from_us : c->now_us - US_PER_DAY, err);
	if (code == EXIT_OK && c->options.format != FORMAT_AUTO) {
		put_rows(c, &report);
	} else if (code == EXIT_OK) {
		put_verdict(&page, &report);
		put_recorder(&page, c, &report);
		if (report.count > 0)
			put_exchanges(&page, &report);
		put_ended(&page, &report);
		put_audits(&page, &report);
		put_worst(&page, &report);
	}
	if (code == EXIT_OK && report.count == 0) {
		err_set(err, "there is no market on the tape yet");
		code = EXIT_NO_DATA;
	}
	report_release(&report);
	return code;
}
