#include "replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialect.h"
#include "market.h"
#include "options.h"
#include "text.h"
#include "ws.h"

static struct buf file_text;         /* owned */
static struct replay_frame *frames;  /* owned */
static size_t frames_len, frames_room;

/* Seconds with a fraction of any length, as microseconds. */
static const char *parse_epoch(const char *p, const char *end, int64_t *us)
{
	int64_t unit = 100000;

	for (*us = 0; p < end && *p >= '0' && *p <= '9'; p++)
		*us = *us * 10 + (*p - '0');
	*us *= 1000000;
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
			*us += (*p - '0') * unit;
	return p;
}

static bool take_line(const char *line, const char *end)
{
	static int64_t first_us;
	struct replay_frame f;
	int64_t us;
	const char *p = parse_epoch(line, end, &us), *code;
	size_t code_len;

	if (p == line || end - p < 3 || p[0] != ' ' || (p[1] != 'b' && p[1] != 't') || p[2] != ' ')
		return false;
	if (!frames_len)
		first_us = us;
	f.after_us = us > first_us ? us - first_us : 0;
	f.opcode = p[1] == 'b' ? WS_BINARY : WS_TEXT;
	f.data = p + 3;
	f.len = (size_t)(end - f.data);
	if (frames_len == frames_room) {
		frames_room = frames_room ? frames_room * 2 : 1024;
		frames = realloc(frames, frames_room * sizeof *frames);
		if (!frames)
			abort();
	}
	frames[frames_len++] = f;
	for (p = f.data; (code = opt.dialect->replay_code(p, (size_t)(end - p), &code_len)); p = code + code_len)
		market_add(code, code_len, MARKET_TRADES);
	return true;
}

bool replay_load(void)
{
	FILE *f;
	size_t n;
	unsigned number = 0;

	if (!opt.replay_file)
		return true;
	f = fopen(opt.replay_file, "rb");
	if (!f) {
		fprintf(stderr, "simexchange: %s: %s\n", opt.replay_file, strerror(errno));
		return false;
	}
	while ((n = fread(buf_room(&file_text, 65536), 1, 65536, f)) > 0)
		file_text.len += n;
	fclose(f);
	for (const char *p = file_text.p, *stop = p + file_text.len; p < stop;) {
		const char *end = memchr(p, '\n', (size_t)(stop - p));

		if (!end)
			end = stop;
		number++;
		if (end > p && !take_line(p, end)) {
			fprintf(stderr, "simexchange: %s:%u: not a frame\n", opt.replay_file, number);
			return false;
		}
		p = end + 1;
	}
	return true;
}

void replay_release(void)
{
	free(frames);
	buf_release(&file_text);
}

size_t replay_count(void)
{
	return frames_len;
}

const struct replay_frame *replay_frame(size_t i)
{
	return &frames[i];
}
