#include "recorder/log_form.h"

#include "schema/base/timefmt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>


static const char *const level_names[] = { [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error" };
/* Priorities of syslog, as journald takes them in front of a line (sd-daemon(3)). */
static const char level_priorities[] = { [LOG_INFO] = '6', [LOG_WARNING] = '4', [LOG_ERROR] = '3' };
static const char *const level_colours[] = { [LOG_INFO] = "", [LOG_WARNING] = "\033[33m", [LOG_ERROR] = "\033[1;31m" };

struct text {
	char *at;
	size_t left; /* NUL included */
};

static void put(struct text *t, const char *bytes, size_t len)
{
	len = len < t->left ? len : t->left - 1;
	memcpy(t->at, bytes, len);
	t->at += len;
	t->left -= len;
	*t->at = '\0';
}

static void put_string(struct text *t, const char *string)
{
	put(t, string, strlen(string));
}

/* A word with blanks for its dashes and underscores. */
static void put_words(struct text *t, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(t, word[i] == '-' || word[i] == '_' ? " " : &word[i], 1);
}

/* The machine's own clock, as the person sees it on the wall. */
static void put_clock(struct text *t, int64_t us)
{
	time_t second = (time_t)(us / US_PER_SECOND);
	struct tm there;
	char clock[16] = "";
	if (localtime_r(&second, &there))
		strftime(clock, sizeof clock, "%H:%M:%S", &there);
	put_string(t, clock);
}

struct fact { /* borrowed from the body */
	const char *key, *value;
	size_t key_len, value_len; /* key_len 0: words alone */
	bool quoted;
};

/* The next one at *body.  false: there is none. */
static bool next_fact(const char **body, struct fact *f)
{
	const char *p = *body + strspn(*body, " ");
	if (!*p)
		return false;
	size_t key = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789");
	*f = (struct fact){ .key = p, .value = p };
	if (key > 0 && p[key] == '=') {
		f->key_len = key;
		f->value = p + key + 1;
	}
	if (f->key_len > 0 && *f->value == '"') {
		const char *end = ++f->value;
		while (*end && *end != '"')
			end += *end == '\\' && end[1] ? 2 : 1;
		f->value_len = (size_t)(end - f->value);
		f->quoted = true;
		*body = *end ? end + 1 : end;
		return true;
	}
	f->value_len = strcspn(f->value, " ");
	*body = f->value + f->value_len;
	return true;
}

static bool is_key(const struct fact *f, const char *key)
{
	return f->key_len == strlen(key) && strncmp(f->key, key, f->key_len) == 0;
}

static bool is_number(const struct fact *f)
{
	return f->value_len > 0 && strspn(f->value, "0123456789") >= f->value_len;
}

/* What is counted stands before its word: 2 markets, 1 trade. */
static bool counts(const struct fact *f)
{
	static const char *const counted[] = { "markets", "trades", "rows", "gaps", "tickers" };
	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
		if (is_key(f, counted[i]) && is_number(f))
			return true;
	return false;
}

static void put_value(struct text *t, const struct fact *f)
{
	char copy[TIME_TEXT_SIZE] = "";
	int64_t us;
	if (f->value_len < sizeof copy)
		stpncpy(copy, f->value, f->value_len);
	if (f->value_len > strlen("2026-11-22T") && time_parse(copy, &us))
		put_clock(t, us);
	else
		put(t, f->value, f->value_len);
}

static void put_fact(struct text *t, const struct fact *f)
{
	if (is_key(f, "reason") || is_key(f, "note")) {
		put_value(t, f);
	} else if (counts(f)) {
		bool one = f->value_len == 1 && *f->value == '1';
		put_value(t, f);
		put_string(t, " ");
		put_words(t, f->key, f->key_len - one);
	} else {
		put_words(t, f->key, f->key_len);
		put_string(t, " ");
		put_value(t, f);
	}
}

/* `06:42:30 upbit: live, 2 markets` */
static void put_short(struct text *t, bool colour, int64_t wall_us, enum log_level level, const char *event, const char *body)
{
	struct fact f;
	const char *rest = body;
	bool subject = next_fact(&rest, &f) && (is_key(&f, "exchange") || is_key(&f, "market"));
	put_clock(t, wall_us);
	put_string(t, " ");
	if (colour)
		put_string(t, level_colours[level]);
	if (subject) {
		put(t, f.value, f.value_len);
		put_string(t, ": ");
	} else {
		rest = body;
	}
	put_words(t, event, strlen(event));
	bool words = false; /* the last part was words alone, which go on */
	while (next_fact(&rest, &f)) {
		if (f.key_len > 0 && (f.value_len == 0 || is_key(&f, "address") || is_key(&f, "connection")))
			continue; /* for machines */
		put_string(t, words && f.key_len == 0 ? " " : ", ");
		words = f.key_len == 0;
		if (words)
			put(t, f.value, f.value_len);
		else
			put_fact(t, &f);
	}
	if (colour && *level_colours[level])
		put_string(t, "\033[0m");
}

size_t log_form_line(char *line, size_t size, enum log_form form, bool colour, int64_t wall_us, enum log_level level, const char *event,
                     const char *body)
{
	struct text t = { line, size };
	if (form == LOG_SHORT) {
		put_short(&t, colour, wall_us, level, event, body);
	} else {
		if (form == LOG_JOURNAL) {
			put(&t, (const char[]){ '<', level_priorities[level], '>' }, 3);
		} else {
			char time[TIME_TEXT_SIZE];
			time_format(wall_us, time);
			put_string(&t, time);
			put_string(&t, " ");
			put_string(&t, level_names[level]);
			put_string(&t, " ");
		}
		put_string(&t, event);
		put_string(&t, " ");
		put_string(&t, body);
	}
	return (size_t)(t.at - line);
}
