#include "script.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "conn.h"
#include "market.h"
#include "options.h"
#include "session.h"
#include "totals.h"

enum arguments { NONE, SECONDS, COUNT, CODE_TEXT, SYMBOL, NEW_SYMBOL, SYMBOL_SECONDS, STATUS_SECONDS, FILE_NAME };

static const struct word {
	const char *name;
	enum action action;
	enum arguments arguments;
} words[] = {
	{ "drop", DO_DROP, NONE },
	{ "fin", DO_FIN, NONE },
	{ "close", DO_CLOSE, CODE_TEXT },
	{ "refuse", DO_REFUSE, SECONDS },
	{ "unavailable", DO_UNAVAILABLE, SECONDS },
	{ "stall", DO_STALL, SECONDS },
	{ "mute", DO_MUTE, SECONDS },
	{ "mute-market", DO_MUTE_MARKET, SYMBOL_SECONDS },
	{ "fragment", DO_FRAGMENT, COUNT },
	{ "drip", DO_DRIP, NONE },
	{ "coalesce", DO_COALESCE, COUNT },
	{ "text", DO_TEXT, NONE },
	{ "repeat", DO_REPEAT, COUNT },
	{ "shuffle", DO_SHUFFLE, COUNT },
	{ "garbage", DO_GARBAGE, FILE_NAME },
	{ "garbage-builtin", DO_GARBAGE_BUILTIN, NONE },
	{ "http", DO_HTTP, STATUS_SECONDS },
	{ "http-stall", DO_HTTP_STALL, SECONDS },
	{ "truncate", DO_TRUNCATE, SECONDS },
	{ "list", DO_LIST, NEW_SYMBOL },
	{ "delist", DO_DELIST, SYMBOL },
	{ "ageless", DO_AGELESS, NONE },
};

static struct fault *faults; /* owned; its layout is fixed once threads run */
static size_t faults_len;
static pthread_t thread;
static bool thread_runs;
static atomic_bool stopping;
static atomic_bool begun;    /* somebody has subscribed */

static atomic_llong refuse_until, unavailable_until, http_until, http_stall_until, truncate_until;
static atomic_int http_status;
static atomic_llong *muted_until; /* owned: one per market */
static atomic_bool any_muted;
static atomic_uint mode_fragments, mode_coalesce;
static atomic_bool mode_drip, mode_text, mode_ageless;

static bool until(atomic_llong *when)
{
	long long t = atomic_load(when);

	return t && clock_mono_us() < t;
}

bool script_refusing(void)
{
	return until(&refuse_until);
}

bool script_unavailable(void)
{
	return until(&unavailable_until);
}

bool script_market_muted(size_t market)
{
	return atomic_load(&any_muted) && until(&muted_until[market]);
}

int script_http_status(void)
{
	return until(&http_until) ? atomic_load(&http_status) : 0;
}

bool script_http_stalled(void)
{
	return until(&http_stall_until);
}

bool script_truncating(void)
{
	return until(&truncate_until);
}

bool script_ageless(void)
{
	return atomic_load(&mode_ageless);
}

bool script_waits_for(uint64_t nth)
{
	for (size_t i = 0; i < faults_len; i++)
		if (faults[i].when >= WHEN_TRADE && faults[i].when_count == nth)
			return true;
	return false;
}

struct script_modes script_modes(void)
{
	return (struct script_modes){ .fragments = atomic_load(&mode_fragments), .coalesce = atomic_load(&mode_coalesce),
				      .drip = atomic_load(&mode_drip), .text = atomic_load(&mode_text) };
}

/* A fault of the exchange, or the mode of connections yet to come. */
static void happen_to_all(const struct fault *f)
{
	int64_t end = clock_mono_us() + f->for_us;

	switch (f->action) {
	case DO_REFUSE: atomic_store(&refuse_until, end); break;
	case DO_UNAVAILABLE: atomic_store(&unavailable_until, end); break;
	case DO_HTTP_STALL: atomic_store(&http_stall_until, end); break;
	case DO_TRUNCATE: atomic_store(&truncate_until, end); break;
	case DO_LIST: market_list((size_t)f->count, true); break;
	case DO_DELIST: market_list((size_t)f->count, false); break;
	case DO_HTTP:
		atomic_store(&http_status, (int)f->count);
		atomic_store(&http_until, end);
		break;
	case DO_MUTE_MARKET:
		atomic_store(&muted_until[f->count], end);
		atomic_store(&any_muted, true);
		break;
	case DO_FRAGMENT: atomic_store(&mode_fragments, (unsigned)f->count); break;
	case DO_COALESCE: atomic_store(&mode_coalesce, (unsigned)f->count); break;
	case DO_DRIP: atomic_store(&mode_drip, true); break;
	case DO_TEXT: atomic_store(&mode_text, true); break;
	case DO_AGELESS: atomic_store(&mode_ageless, true); break;
	default: break;
	}
}

static void happen_here(struct session *s, const struct fault *f)
{
	if (f->action >= DO_REFUSE) {
		atomic_fetch_add(&totals.faults, 1);
		say("fault %s", f->name);
		happen_to_all(f);
	} else {
		session_fault(s, f);
	}
}

void script_on_subscribe(struct session *s, unsigned number)
{
	atomic_store(&begun, true);
	for (size_t i = 0; i < faults_len; i++)
		if (faults[i].when == WHEN_CONN && faults[i].when_count == number)
			happen_here(s, &faults[i]);
}

void script_on_trade(struct session *s, uint64_t nth)
{
	for (size_t i = 0; i < faults_len; i++) {
		struct fault *f = &faults[i];

		if (f->when_count != nth)
			continue;
		if (f->when == WHEN_EACH_TRADE || (f->when == WHEN_TRADE && !atomic_exchange(&f->done, true)))
			happen_here(s, f);
	}
}

static void *run(void *unused)
{
	int64_t start_us = clock_mono_us(), begun_us = 0;

	(void)unused;
	for (size_t i = 0; i < faults_len; i++)
		faults[i].due_us = start_us + faults[i].when_us;
	while (!atomic_load(&stopping)) {
		int64_t now = clock_mono_us();

		if (!begun_us && atomic_load(&begun))
			begun_us = now;
		for (size_t i = 0; i < faults_len; i++) {
			struct fault *f = &faults[i];

			if (f->when > WHEN_EVERY || atomic_load(&f->done))
				continue;
			if (f->when == WHEN_AFTER && (!begun_us || now < begun_us + f->when_us))
				continue;
			if (f->when != WHEN_AFTER && now < f->due_us)
				continue;
			if (f->when == WHEN_EVERY)
				f->due_us += f->when_us;
			else
				atomic_store(&f->done, true);
			happen_to_all(f);
			if (f->action < DO_REFUSE) {
				conn_mail_all(f);
			} else {
				atomic_fetch_add(&totals.faults, 1);
				say("fault %s", f->name);
			}
		}
		clock_sleep_us(2000);
	}
	return NULL;
}

void script_start(void)
{
	if (faults_len)
		thread_runs = pthread_create(&thread, NULL, run, NULL) == 0;
}

void script_stop(void)
{
	atomic_store(&stopping, true);
	if (thread_runs)
		pthread_join(thread, NULL);
	thread_runs = false;
}

void script_release(void)
{
	for (size_t i = 0; i < faults_len; i++) {
		for (size_t j = 0; j < faults[i].lines_len; j++)
			buf_release(&faults[i].lines[j]);
		free(faults[i].lines);
		free(faults[i].text);
	}
	free(faults);
	free(muted_until);
}

/* 1.25 -> 1250000, without a detour over floating point. */
static bool parse_seconds(const char *text, int64_t *us)
{
	int64_t unit = 100000;
	const char *p = text;

	*us = 0;
	for (; *p >= '0' && *p <= '9' && *us < INT64_C(1000000000000); p++)
		*us = *us * 10 + (*p - '0');
	*us *= 1000000;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			*us += (*p - '0') * unit;
	return p != text && !*p;
}

static bool parse_count(const char *text, uint64_t *count)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*count = strtoull(text, &end, 10);
	return !*end;
}

static bool parse_trigger(const char *text, struct fault *f)
{
	static const struct { const char *word; enum trigger when; } triggers[] = {
		{ "at=", WHEN_AT }, { "after=", WHEN_AFTER }, { "every=", WHEN_EVERY },
		{ "conn=", WHEN_CONN }, { "trade=", WHEN_TRADE }, { "each-trade=", WHEN_EACH_TRADE },
	};

	for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++) {
		size_t n = strlen(triggers[i].word);

		if (strncmp(text, triggers[i].word, n))
			continue;
		f->when = triggers[i].when;
		if (f->when >= WHEN_CONN)
			return parse_count(text + n, &f->when_count) && f->when_count;
		return parse_seconds(text + n, &f->when_us) && (f->when != WHEN_EVERY || f->when_us);
	}
	return false;
}

/* Each line is a frame; one that begins with \x is hexadecimal. */
static bool load_lines(const char *path, struct fault *f)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!file)
		return false;
	while ((n = getline(&line, &room, file)) >= 0) {
		struct buf *b;

		if (n && line[n - 1] == '\n')
			line[--n] = 0;
		f->lines = realloc(f->lines, (f->lines_len + 1) * sizeof *f->lines);
		if (!f->lines)
			abort();
		b = &f->lines[f->lines_len++];
		*b = (struct buf){ 0 };
		if (strncmp(line, "\\x", 2)) {
			buf_add(b, line, (size_t)n);
			continue;
		}
		for (const char *p = line + 2; *p;) {
			unsigned byte;
			int used = 0;

			if (*p == ' ' || *p == '\\' || *p == 'x') {
				p++;
			} else if (sscanf(p, "%2x%n", &byte, &used) == 1 && used == 2) {
				char c = (char)byte;

				buf_add(b, &c, 1);
				p += 2;
			} else {
				break;
			}
		}
	}
	free(line);
	fclose(file);
	return true;
}

static bool parse_arguments(enum arguments kind, char *rest, struct fault *f)
{
	char *second = rest + strcspn(rest, " \t");
	size_t market;

	if (kind == FILE_NAME)
		return *rest && load_lines(rest, f);
	if (*second) {
		*second++ = 0;
		second += strspn(second, " \t");
	}
	switch (kind) {
	case NONE: return !*rest;
	case SECONDS: return parse_seconds(rest, &f->for_us) && !*second;
	case COUNT: return parse_count(rest, &f->count) && f->count && f->count <= 16384 && !*second;
	case CODE_TEXT:
		f->text = strdup(second);
		return parse_count(rest, &f->count) && f->count < 65536 && strlen(second) <= 123;
	case SYMBOL_SECONDS:
		if (!market_place(rest, strlen(rest), &market))
			return false;
		f->count = market;
		return parse_seconds(second, &f->for_us);
	case NEW_SYMBOL:
		market_add(rest, strlen(rest), MARKET_COMING); /* SYMBOL, or SYMBOL=BASE/QUOTE */
		/* fall through */
	case SYMBOL:
		if (!market_place(rest, strcspn(rest, "="), &market))
			return false;
		f->count = market;
		return !*second;
	case STATUS_SECONDS:
		return parse_count(rest, &f->count) && f->count >= 100 && f->count < 1000 && parse_seconds(second, &f->for_us);
	default: return false;
	}
}

static bool parse_line(char *line, struct fault *f)
{
	char *action = line + strcspn(line, " \t");
	char *rest;

	if (!*action)
		return false;
	*action++ = 0;
	action += strspn(action, " \t");
	rest = action + strcspn(action, " \t");
	if (*rest) {
		*rest++ = 0;
		rest += strspn(rest, " \t");
	}
	if (!parse_trigger(line, f))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(action, words[i].name))
			continue;
		f->action = words[i].action;
		f->name = words[i].name;
		return parse_arguments(words[i].arguments, rest, f);
	}
	return false;
}

bool script_load(void)
{
	FILE *file;
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	bool ok = true;

	if (!opt.script_file)
		return true;
	file = fopen(opt.script_file, "r");
	if (!file) {
		fprintf(stderr, "simexchange: %s: %s\n", opt.script_file, strerror(errno));
		return false;
	}
	while (ok && getline(&line, &room, file) >= 0) {
		struct fault f = { .due_us = 0 };
		char *text = line + strspn(line, " \t");

		number++;
		for (size_t n = strlen(text); n && strchr(" \t\r\n", text[n - 1]); n--)
			text[n - 1] = 0;
		if (!*text || *text == '#')
			continue;
		ok = parse_line(text, &f);
		if (!ok)
			fprintf(stderr, "simexchange: %s:%u: not a fault\n", opt.script_file, number);
		faults = realloc(faults, (faults_len + 1) * sizeof *faults);
		if (!faults)
			abort();
		memcpy(&faults[faults_len++], &f, sizeof f);
	}
	free(line);
	fclose(file);
	muted_until = calloc(market_count() + 1, sizeof *muted_until);
	return ok && muted_until;
}
