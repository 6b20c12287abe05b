#include "schema/base/zone.h"

#include "schema/base/timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ZONE_NAME_SIZE 64
#define STEP_US (15 * US_PER_MINUTE) /* no zone has changed its offset between two multiples of it since 1972 */
#define NO_STEP INT64_MIN

static struct {
	enum { ZONE_UTC, ZONE_FIXED, ZONE_OF_LIBC } kind;
	int64_t fixed_us;
	int64_t step, offset_us; /* of ZONE_OF_LIBC: what was looked up last */
} zone = { .step = NO_STEP };

/* +09:00, -0330, +9 */
static bool fixed_offset(const char *name, int64_t *offset_us)
{
	unsigned hours, minutes = 0;
	int used = 0;
	if (*name != '+' && *name != '-')
		return false;
	if ((sscanf(name + 1, "%2u:%2u%n", &hours, &minutes, &used) != 2 || name[1 + used]) &&
	    (sscanf(name + 1, "%2u%2u%n", &hours, &minutes, &used) != 2 || name[1 + used])) {
		minutes = 0;
		if (sscanf(name + 1, "%2u%n", &hours, &used) != 1 || name[1 + used])
			return false;
	}
	*offset_us = (*name == '-' ? -1 : 1) * (int64_t)(hours * 60 + minutes) * US_PER_MINUTE;
	return hours < 24 && minutes < 60;
}

static bool exists(const char *name)
{
	char path[sizeof ZONE_FOLDER + ZONE_NAME_SIZE + 1];
	if (!*name || strlen(name) >= ZONE_NAME_SIZE || *name == '/' || strstr(name, "..") || strchr(name, '.'))
		return false;
	snprintf(path, sizeof path, "%s/%s", ZONE_FOLDER, name);
	FILE *file = fopen(path, "rb");
	char magic[4] = "";
	bool is_zone = file && fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
	if (file)
		fclose(file);
	return is_zone;
}

/* Asia/Seoul for asia/seoul and for seoul. */
static bool meant(const char *name, char found[static ZONE_NAME_SIZE])
{
	FILE *file = fopen(ZONE_FOLDER "/tzdata.zi", "r");
	char line[256], kind, first[ZONE_NAME_SIZE], second[ZONE_NAME_SIZE];
	*found = '\0';
	while (file && !*found && fgets(line, sizeof line, file)) { /* "Z Asia/Seoul 8:27:52 ...", "L Asia/Seoul ROK" */
		int words = sscanf(line, "%c %63s %63s", &kind, first, second);
		const char *listed = words < 2 ? NULL : kind == 'Z' ? first : words == 3 && kind == 'L' ? second : NULL;
		if (!listed)
			continue;
		const char *city = strrchr(listed, '/');
		if (strcasecmp(listed, name) == 0 || (city && strcasecmp(city + 1, name) == 0))
			stpcpy(found, listed);
	}
	if (file)
		fclose(file);
	return *found != '\0';
}

bool zone_set(const char *name, struct err *err)
{
	char near[ZONE_NAME_SIZE];
	zone.step = NO_STEP;
	zone.kind = ZONE_FIXED;
	if (fixed_offset(name, &zone.fixed_us))
		return true;
	zone.kind = ZONE_UTC;
	if (strcasecmp(name, "UTC") == 0 || strcasecmp(name, "Z") == 0)
		return true;
	if (strcmp(name, "local") == 0 || exists(name)) {
		if (strcmp(name, "local") != 0 && setenv("TZ", name, 1) != 0)
			return err_set(err, "out of memory");
		tzset();
		zone.kind = ZONE_OF_LIBC;
		return true;
	}
	if (!exists("Europe/London"))
		return err_set(err, "'%s' cannot be looked up: this machine has no table of time zones; install tzdata, or write an offset as +09:00",
		               name);
	if (meant(name, near))
		return err_set(err, "there is no time zone '%s'; did you mean %s?", name, near);
	return err_set(err, "there is no time zone '%s'; write one as Asia/Seoul, UTC, +09:00, or local", name);
}

bool zone_is_utc(void)
{
	return zone.kind == ZONE_UTC;
}

static int64_t floor_to(int64_t value, int64_t step)
{
	int64_t rest = value % step;
	return value - (rest < 0 ? rest + step : rest);
}

static void look_up(int64_t time_us, struct tm *there)
{
	time_t second = (time_t)(floor_to(time_us, US_PER_SECOND) / US_PER_SECOND);
	if (!localtime_r(&second, there))
		*there = (struct tm){ .tm_zone = "UTC" };
}

int64_t zone_offset_us(int64_t time_us)
{
	if (zone.kind != ZONE_OF_LIBC)
		return zone.kind == ZONE_FIXED ? zone.fixed_us : 0;
	int64_t step = floor_to(time_us, STEP_US);
	if (zone.step != step) { /* an export asks for each row */
		struct tm there;
		look_up(time_us, &there);
		zone.step = step;
		zone.offset_us = there.tm_gmtoff * US_PER_SECOND;
	}
	return zone.offset_us;
}

int64_t zone_clock_us(int64_t time_us)
{
	return time_us + zone_offset_us(time_us);
}

int64_t zone_time_us(int64_t clock_us)
{
	if (zone.kind != ZONE_OF_LIBC)
		return clock_us - zone_offset_us(0);
	/* Zones change seldom: a day before and a day after there is at most one change in between. */
	int64_t before_us = zone_offset_us(clock_us - US_PER_DAY), after_us = zone_offset_us(clock_us + US_PER_DAY);
	int64_t time_us = clock_us - before_us;
	if (before_us == after_us || zone_offset_us(time_us) == before_us)
		return time_us;
	return zone_offset_us(clock_us - after_us) == after_us ? clock_us - after_us : time_us;
}

const char *zone_label(int64_t time_us, char text[static ZONE_LABEL_SIZE])
{
	struct tm there;
	if (zone.kind == ZONE_UTC)
		return "UTC";
	if (zone.kind == ZONE_OF_LIBC) {
		look_up(time_us, &there);
		snprintf(text, ZONE_LABEL_SIZE, "%s", there.tm_zone);
	} else {
		int64_t minutes = zone.fixed_us / US_PER_MINUTE, size = minutes < 0 ? -minutes : minutes;
		snprintf(text, ZONE_LABEL_SIZE, "%c%02d:%02d", minutes < 0 ? '-' : '+', (int)(size / 60), (int)(size % 60));
	}
	return text;
}
