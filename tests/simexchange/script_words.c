/*
 * The language of the script: TRIGGER ACTION [ARGUMENTS]. A word's arguments are letters, one each:
 *
 *   s  seconds: for how long          n  a number from 1 on           m  a market on the list
 *   d  seconds: how late, how often   r  a second number              M  a market that will be
 *   g  the same, may be negative      c  a close code                 w  a word
 *   h  a status of HTTP               f  a file of frames             t  the rest of the line
 *
 * and what stands behind a question mark may be left out.
 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>

#include "day.h"
#include "door.h"
#include "lag.h"
#include "listing.h"
#include "odd.h"
#include "rest_odd.h"
#include "strange.h"

static const struct word {
	const char *name;
	const char *arguments;
	enum action action;
	void (*happen)(const struct fault *f);
} words[] = {
	{ "drop", "", DO_DROP, NULL },
	{ "fin", "", DO_FIN, NULL },
	{ "close", "c?t", DO_CLOSE, NULL },
	{ "stall", "s", DO_STALL, NULL },
	{ "mute", "s", DO_MUTE, NULL },
	{ "repeat", "n", DO_REPEAT, NULL },
	{ "shuffle", "n", DO_SHUFFLE, NULL },
	{ "garbage", "f", DO_GARBAGE, NULL },
	{ "garbage-builtin", "", DO_GARBAGE_BUILTIN, NULL },
	{ "fragment", "n", DO_FRAGMENT, script_fragment },
	{ "drip", "", DO_DRIP, script_drip },
	{ "coalesce", "n", DO_COALESCE, script_coalesce },
	{ "text", "", DO_TEXT, script_text },
	{ "refuse", "s", DO_NOTHING, script_refuse },
	{ "unavailable", "s?r", DO_NOTHING, script_be_unavailable },
	{ "mute-market", "ms", DO_NOTHING, script_mute_market },
	{ "http", "hs", DO_NOTHING, script_http },
	{ "http-stall", "s", DO_NOTHING, script_http_stall },
	{ "truncate", "s", DO_NOTHING, script_truncate },
	{ "list", "M", DO_NOTHING, script_list },
	{ "delist", "m", DO_NOTHING, script_delist },
	{ "ageless", "", DO_NOTHING, script_be_ageless },
	{ "shutdown-each", "?s", DO_NOTHING, script_shutdown_each },
	{ "refuse-subscribe", "n?wt", DO_NOTHING, door_refuse_next },
	{ "ignore-subscribe", "n", DO_NOTHING, door_ignore_next },
	{ "refuse-frame", "n?wt", DO_NOTHING, door_refuse_frame },
	{ "ignore-frame", "n", DO_NOTHING, door_ignore_frame },
	{ "refuse-market", "m?wt", DO_NOTHING, door_refuse_market },
	{ "deaf-market", "m", DO_NOTHING, door_deafen },
	{ "ahead", "mgn", DO_NOTHING, odd_ahead },
	{ "set-clock", "g", DO_NOTHING, odd_set_clock },
	{ "seconds", "mn", DO_NOTHING, odd_seconds },
	{ "renumber", "m?w", DO_NOTHING, odd_renumber },
	{ "absurd-id", "m", DO_NOTHING, odd_absurd_id },
	{ "lag", "ds", DO_NOTHING, lag_all },
	{ "lag-market", "mds", DO_NOTHING, lag_market },
	{ "rest-behind", "ns", DO_NOTHING, rest_be_behind },
	{ "rest-missing", "mns", DO_NOTHING, rest_miss },
	{ "rest-shuffle", "s", DO_NOTHING, rest_shuffle },
	{ "rest-null", "ns", DO_NOTHING, rest_be_null },
	{ "stuck-cursor", "s", DO_NOTHING, rest_be_stuck },
	{ "wrong-volume", "ms", DO_NOTHING, day_be_wrong },
	{ "double-volumes", "s", DO_NOTHING, day_add_in_doubles },
	{ "http-ticker", "hs", DO_NOTHING, day_refuse },
	{ "strange ping", "ds", DO_NOTHING, strange_ping },
	{ "strange news", "ds", DO_NOTHING, strange_news },
	{ "strange bad", "ds", DO_NOTHING, strange_bad },
	{ "strange other-code", "mws", DO_NOTHING, strange_other_code },
};

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

		if (strncmp(text, triggers[i].word, n) != 0)
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
		if (strncmp(line, "\\x", 2) != 0) {
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

static bool parse_signed(const char *text, int64_t *us)
{
	bool minus = *text == '-';

	if (!parse_seconds(text + (minus || *text == '+'), us))
		return false;
	if (minus)
		*us = -*us;
	return true;
}

static bool parse_market(const char *text, bool coming, size_t *market)
{
	if (coming)
		market_add(text, strlen(text), MARKET_COMING); /* SYMBOL, or SYMBOL=BASE/QUOTE */
	return market_place(text, coming ? strcspn(text, "=") : strlen(text), market);
}

static bool parse_argument(char kind, const char *text, struct fault *f)
{
	switch (kind) {
	case 's': return parse_seconds(text, &f->for_us);
	case 'd': return parse_seconds(text, &f->by_us) && f->by_us;
	case 'g': return parse_signed(text, &f->by_us);
	case 'n': return parse_count(text, &f->count) && f->count && f->count <= 16384;
	case 'r': return parse_count(text, &f->more) && f->more <= 1000000;
	case 'c': return parse_count(text, &f->count) && f->count < 65536;
	case 'h': return parse_count(text, &f->count) && f->count >= 100 && f->count < 1000;
	case 'm': return parse_market(text, false, &f->market);
	case 'M': return parse_market(text, true, &f->market);
	case 'f': return load_lines(text, f);
	case 'w': return (f->word = strdup(text)) && strlen(text) <= 64;
	case 't': return (f->text = strdup(text)) && strlen(text) <= 123 && !strpbrk(text, "\"\\");
	default: return false;
	}
}

/* A text and a file's name go to the end of the line. */
static bool parse_arguments(const char *kinds, char *rest, struct fault *f)
{
	bool optional = false;

	for (; *kinds; kinds++) {
		char *end = rest + (*kinds == 't' || *kinds == 'f' ? strlen(rest) : strcspn(rest, " \t"));

		if (*kinds == '?') {
			optional = true;
			continue;
		}
		if (!*rest)
			return optional;
		if (*end) {
			*end++ = 0;
			end += strspn(end, " \t");
		}
		if (!parse_argument(*kinds, rest, f))
			return false;
		rest = end;
	}
	return !*rest;
}

bool fault_parse(char *line, struct fault *f)
{
	char *action = line + strcspn(line, " \t");

	if (!*action)
		return false;
	*action++ = 0;
	action += strspn(action, " \t");
	if (!parse_trigger(line, f))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		char *rest = action + strlen(words[i].name);

		if (strncmp(action, words[i].name, strlen(words[i].name)) != 0 || !memchr(" \t", *rest, 3))
			continue;
		f->action = words[i].action;
		f->happen = words[i].happen;
		f->name = words[i].name;
		return parse_arguments(words[i].arguments, rest + strspn(rest, " \t"), f);
	}
	return false;
}

void fault_release(struct fault *f)
{
	for (size_t i = 0; i < f->lines_len; i++)
		buf_release(&f->lines[i]);
	free(f->lines);
	free(f->text);
	free(f->word);
}
