#include "query/read/life.h"

#include "query/read/ask.h"
#include "query/context.h"
#include "query/words.h"

#include "schema/tape/lock.h"

#include <inttypes.h>
#include <stdio.h>

#define BEAT_MAX_US (20 * US_PER_SECOND) /* it beats every few seconds; a full disk may hold it up */

static bool read_life(void *to, sqlite3_stmt *stmt, struct err *err)
{
	(void)err;
	struct recorder_life *l = to;
	int64_t *numbers[] = { &l->pid, &l->started_us, &l->beat_us, &l->stopped_us, &l->queue_rows,
	                       &l->queue_limit, &l->disconnects, &l->received, &l->bad, &l->lost };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		*numbers[i] = sqlite3_column_int64(stmt, (int)i);
	const unsigned char *version = sqlite3_column_text(stmt, 10);
	snprintf(l->version, sizeof l->version, "%s", version ? (const char *)version : "");
	for (char *p = l->version; *p; p++) /* no control character reaches a terminal */
		*p = (unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p;
	if (sqlite3_column_type(stmt, 3) != SQLITE_NULL)
		l->life = LIFE_STOPPED;
	else if (l->beat_us > l->now_us - BEAT_MAX_US && l->beat_us < l->now_us + BEAT_MAX_US)
		l->life = LIFE_ALIVE;
	else
		l->life = LIFE_DEAD;
	return true;
}

static bool read_row(struct reader *r, int64_t now_us, struct recorder_life *l, struct err *err)
{
	static const char sql[] = "SELECT pid, started_us, beat_us, stopped_us, queue_rows, queue_limit, disconnects, received, bad,"
	                          " lost, version FROM recorder";
	*l = (struct recorder_life){ .life = LIFE_NEVER, .now_us = now_us };
	const struct question q = { sql, { 0 }, 0, NULL, read_life, l };
	return ask(r, &q, err);
}

bool life_read(struct reader *r, int64_t now_us, struct recorder_life *l, struct err *err)
{
	if (!read_row(r, now_us, l, err))
		return false;
	if (l->life != LIFE_ALIVE || !lock_surely_free(r->real))
		return true;
	/* It says it lives, and has let go of the tape: killed, unless it stopped in order, or another began, since we read. */
	int64_t pid = l->pid, started_us = l->started_us;
	if (!read_row(r, now_us, l, err))
		return false;
	if (l->life == LIFE_ALIVE && l->pid == pid && l->started_us == started_us)
		l->life = LIFE_DEAD;
	return true;
}

const char *life_name(enum life life)
{
	static const char *const names[] = { [LIFE_NEVER] = "never", [LIFE_ALIVE] = "alive", [LIFE_STOPPED] = "stopped",
	                                     [LIFE_DEAD] = "dead" };
	return names[life];
}

int64_t life_until(const struct recorder_life *l, int64_t now_us)
{
	switch (l->life) {
	case LIFE_ALIVE:
		return now_us;
	case LIFE_STOPPED:
		return l->stopped_us;
	case LIFE_DEAD:
		return l->beat_us;
	case LIFE_NEVER:
	default:
		return 0;
	}
}

void life_text(const struct recorder_life *l, char text[static LIFE_TEXT_SIZE])
{
	if (l->life == LIFE_NEVER) {
		snprintf(text, LIFE_TEXT_SIZE, "no recorder has left a sign of life on this tape");
		return;
	}
	char started[TIME_TEXT_SIZE], ended[TIME_TEXT_SIZE];
	time_format(l->started_us, started);
	time_format(life_until(l, l->beat_us), ended);
	started[19] = ended[19] = '\0'; /* to the second */
	const char *word = l->life == LIFE_STOPPED ? ", stopped " : l->life == LIFE_DEAD ? ", last sign of life " : "";
	snprintf(text, LIFE_TEXT_SIZE,
	         "recorder %s: since %sZ%s%s%s, pid %" PRId64 ", version %s, queue %" PRId64 " of %" PRId64 ", %" PRId64
	         " reconnect%s, %" PRId64 " message%s of no use, %" PRId64 " trade%s lost",
	         life_name(l->life), started, word, l->life == LIFE_ALIVE ? "" : ended, l->life == LIFE_ALIVE ? "" : "Z", l->pid,
	         l->version, l->queue_rows, l->queue_limit, l->disconnects, plural(l->disconnects), l->bad, plural(l->bad), l->lost,
	         plural(l->lost));
}
