#include "query/read/candles.h"

#include <stdio.h>
#include <stdlib.h>

bool candle_stream_init(struct candle_stream *s, struct reader *r, const struct market *m, int64_t from_us, int64_t to_us,
                        struct err *err)
{
	*s = (struct candle_stream){ .reader = r, .market = m };
	s->next_minute = (from_us + US_PER_MINUTE - 1) / US_PER_MINUTE;
	s->end_minute = (to_us + US_PER_MINUTE - 1) / US_PER_MINUTE;
	s->minutes = calloc(CANDLE_CHUNK, sizeof *s->minutes);
	if (!s->minutes)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < CANDLE_CHUNK; i++)
		candle_init(&s->minutes[i].candle);
	return true;
}

void candle_stream_release(struct candle_stream *s)
{
	sqlite3_finalize(s->stmt);
	for (size_t i = 0; s->minutes && i < CANDLE_CHUNK; i++)
		candle_release(&s->minutes[i].candle);
	free(s->minutes);
	*s = (struct candle_stream){ .reader = NULL };
}

static bool damaged_candle(const struct candle_stream *s, int64_t minute, struct err *err)
{
	char time_text[TIME_TEXT_SIZE], what[MARKET_NAME_SIZE + 80];
	time_format(minute * US_PER_MINUTE, time_text);
	snprintf(what, sizeof what, "the candle of %s at %s makes no sense", s->market->name, time_text);
	return reader_damaged(s->reader, what, err);
}

static bool read_chunk(struct candle_stream *s, struct err *err)
{
	static const char sql[] =
		"SELECT minute, open, high, low, close, volume, buy_volume, turnover, trades FROM candle_1m"
		" WHERE market_id = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute";
	if (!s->stmt && sqlite3_prepare_v2(s->reader->db, sql, -1, &s->stmt, NULL) != SQLITE_OK)
		return reader_failed(s->reader, err);
	sqlite3_bind_int64(s->stmt, 1, s->market->id);
	sqlite3_bind_int64(s->stmt, 2, s->next_minute);
	sqlite3_bind_int64(s->stmt, 3, s->end_minute);
	s->count = 0;
	while (s->count < CANDLE_CHUNK && reader_step(s->stmt) == SQLITE_ROW) {
		struct minute_candle *m = &s->minutes[s->count++];
		int64_t minute = sqlite3_column_int64(s->stmt, 0);
		if (minute < 0 || minute > TIME_US_MAX / US_PER_MINUTE || !candle_column(s->stmt, 1, &m->candle))
			return damaged_candle(s, minute, err);
		m->time_us = minute * US_PER_MINUTE;
	}
	return sqlite3_reset(s->stmt) == SQLITE_OK || reader_failed(s->reader, err);
}

bool candle_stream_next(struct candle_stream *s, struct err *err)
{
	bool again = true;
	s->count = 0;
	while (again && !s->done) {
		if (!read_chunk(s, err) || !reader_settle(s->reader, &again, err))
			return false;
		if (again) {
			sqlite3_finalize(s->stmt);
			s->stmt = NULL;
		}
	}
	s->done = s->done || s->count < CANDLE_CHUNK;
	if (s->count > 0)
		s->next_minute = s->minutes[s->count - 1].time_us / US_PER_MINUTE + 1;
	return true;
}

enum exit_code no_candle(struct reader *r, const struct market *m, const struct interval *interval, const struct range *range,
                         struct err *err)
{
	struct row_stream stream;
	if (!row_stream_init(&stream, r, m, range->from_us, range->to_us, err))
		return EXIT_FAILED;
	bool ok = row_stream_next(&stream, err);
	int64_t start_us = ok && stream.count > 0 ? interval_floor(interval, stream.rows[0].time_us) : INT64_MAX;
	row_stream_release(&stream);
	if (!ok)
		return EXIT_TAPE;
	char start[TIME_TEXT_SIZE];
	if (start_us >= range->from_us)
		err_set(err, "there is no trade of %s in that range", m->name);
	else if (time_format_second(start_us, start))
		err_set(err, "no candle of %s begins in that range, though it holds trades of %s; --since %s takes in the one that they are "
		             "in, and a finer interval (-i) has candles that begin later", interval->name, m->name, start);
	return EXIT_NO_DATA;
}
