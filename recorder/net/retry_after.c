#include "recorder/net/retry_after.h"

#include "schema/base/timefmt.h"

#include <stdlib.h>
#include <time.h>

static int64_t seconds_until(const char *text, int64_t now_wall_us)
{
	struct tm tm = { .tm_mday = 0 };
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return end && *end == '\0' ? (int64_t)timegm(&tm) - now_wall_us / US_PER_SECOND : 0;
}

int64_t retry_after_s(const char *text, int64_t now_wall_us)
{
	char *end;
	int64_t seconds = strtoll(text, &end, 10);
	if (end == text || *end != '\0')
		seconds = seconds_until(text, now_wall_us);
	return seconds > 0 && seconds < RETRY_AFTER_MAX_S ? seconds : 0;
}
