#include "recorder/log.h"

#include "recorder/clock.h"
#include "recorder/log_form.h"
#include "schema/base/timefmt.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_SIZE 1024 /* below PIPE_BUF: a pipe that is ready takes the whole line without blocking */

#define FOLD_SLOTS 128
#define FOLD_OVER_US (600 * US_PER_SECOND)

struct fold_rate {
	uint64_t freely;  /* lines before folding begins */
	int64_t every_us; /* and then one so often */
};
static const struct fold_rate rate_folded = { .freely = 3, .every_us = US_PER_MINUTE };
static const struct fold_rate rate_each = { .freely = 2000, .every_us = US_PER_MINUTE / 200 };

struct fold {
	uint64_t key_hash; /* 0: free */
	char key[64], event[32]; /* for the last words on it, cut to fit */
	enum log_level level;
	uint64_t freely, count, unsaid;
	int64_t said_mono_us, seen_mono_us;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fold folds[FOLD_SLOTS]; /* {lock} */
static uint64_t lines_given_up;       /* {lock} */

static enum log_form line_form = LOG_LOGFMT; /* main, before the other threads run; then read-only */
static bool coloured;

/* $JOURNAL_STREAM names the device and inode of the journal's socket (systemd.exec(5)). */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
	       st.st_dev == (dev_t)device && st.st_ino == (ino_t)inode;
}

void log_set_form(enum log_form form)
{
	const char *terminal = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	bool at_terminal = isatty(STDERR_FILENO) == 1;
	coloured = at_terminal && terminal && strcmp(terminal, "dumb") != 0 && !(no_colour && *no_colour);
	line_form = form != LOG_AUTO ? form : at_terminal ? LOG_SHORT : is_journal() ? LOG_JOURNAL : LOG_LOGFMT;
}

/* {lock} */
static void put(const char *line, size_t len)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	if (poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT) || write(STDERR_FILENO, line, len) != (ssize_t)len)
		lines_given_up++;
}

/* {lock} */
__attribute__((format(printf, 4, 0))) static void write_line(enum log_level level, const char *event, uint64_t repeated, const char *format, va_list args)
{
	char line[LINE_SIZE], body[LINE_SIZE];
	int len = 0;
	if (lines_given_up > 0) {
		len += snprintf(body, sizeof body, "log_lines_lost=%llu ", (unsigned long long)lines_given_up);
		lines_given_up = 0;
	}
	if (repeated > 0)
		len += snprintf(body + len, sizeof body - (size_t)len, "repeated=%llu ", (unsigned long long)repeated);
	if (vsnprintf(body + len, sizeof body - (size_t)len, format, args) < 0)
		body[len] = '\0';
	size_t used = log_form_line(line, sizeof line - 1, line_form, coloured, clock_wall_us(), level, event, body);
	line[used++] = '\n';
	put(line, used);
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	pthread_mutex_lock(&lock);
	write_line(level, event, 0, format, args);
	pthread_mutex_unlock(&lock);
	va_end(args);
}

static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h ? h : 1;
}

/* {lock} */
__attribute__((format(printf, 4, 5))) static void write_count(enum log_level level, const char *event, uint64_t repeated, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	write_line(level, event, repeated, format, args);
	va_end(args);
}

/* {lock} */
static void write_unsaid(const struct fold *f)
{
	if (f->unsaid == 0)
		return;
	char key[2 * sizeof f->key];
	write_count(f->level, f->event, f->unsaid, "of=%llu not told one by one: %s", (unsigned long long)f->count,
	            log_quote(key, sizeof key, f->key, strlen(f->key)));
}

/* {lock} The key's slot; where all are taken, the one not seen for longest. */
static struct fold *fold_find(const char *key)
{
	uint64_t key_hash = hash(key);
	struct fold *oldest = &folds[0];
	for (size_t i = 0; i < FOLD_SLOTS; i++) {
		if (folds[i].key_hash == key_hash)
			return &folds[i];
		if (folds[i].key_hash == 0 || folds[i].seen_mono_us < oldest->seen_mono_us)
			oldest = &folds[i];
	}
	write_unsaid(oldest);
	*oldest = (struct fold){ .key_hash = key_hash };
	snprintf(oldest->key, sizeof oldest->key, "%s", key);
	return oldest;
}

__attribute__((format(printf, 5, 0))) static void fold(struct fold_rate rate, const char *fold_key, enum log_level level, const char *event,
                                                       const char *format, va_list args)
{
	pthread_mutex_lock(&lock);
	int64_t now = clock_mono_us();
	struct fold *f = fold_find(fold_key);
	snprintf(f->event, sizeof f->event, "%s", event);
	f->level = level;
	f->freely = rate.freely;
	f->count++;
	f->seen_mono_us = now;
	if (f->count <= rate.freely || now - f->said_mono_us >= rate.every_us) {
		write_line(level, event, f->unsaid, format, args);
		f->said_mono_us = now;
		f->unsaid = 0;
	} else {
		f->unsaid++;
	}
	pthread_mutex_unlock(&lock);
}

void log_folded(const char *fold_key, enum log_level level, const char *event, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fold(rate_folded, fold_key, level, event, format, args);
	va_end(args);
}

void log_each(const char *fold_key, enum log_level level, const char *event, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fold(rate_each, fold_key, level, event, format, args);
	va_end(args);
}

void log_fold_tick(void)
{
	pthread_mutex_lock(&lock);
	int64_t now = clock_mono_us();
	for (size_t i = 0; i < FOLD_SLOTS; i++) {
		struct fold *f = &folds[i];
		if (f->key_hash == 0 || now - f->seen_mono_us < FOLD_OVER_US)
			continue;
		if (f->count > f->freely)
			write_count(LOG_INFO, f->event, f->unsaid, "over after %llu", (unsigned long long)f->count);
		*f = (struct fold){ .key_hash = 0 };
	}
	pthread_mutex_unlock(&lock);
}

void log_fold_end(void)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < FOLD_SLOTS; i++) {
		write_unsaid(&folds[i]);
		folds[i] = (struct fold){ .key_hash = 0 };
	}
	pthread_mutex_unlock(&lock);
}

const char *log_quote(char *out, size_t size, const char *text, size_t len)
{
	size_t at = 0;
	out[at++] = '"';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (at + 9 > size) { /* room for one escape, the dots, the quote and NUL */
			memcpy(out + at, "...", 3);
			at += 3;
			break;
		}
		if (c == '"' || c == '\\') {
			out[at++] = '\\';
			out[at++] = (char)c;
		} else if (c < 0x20 || c >= 0x7f) {
			at += (size_t)snprintf(out + at, 5, "\\x%02x", c);
		} else {
			out[at++] = (char)c;
		}
	}
	out[at++] = '"';
	out[at] = '\0';
	return out;
}
