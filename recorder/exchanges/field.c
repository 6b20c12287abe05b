#include "recorder/exchanges/field.h"

#include "schema/base/timefmt.h"

#include <string.h>

static const char *absent(const cJSON *message, const char *name)
{
	return json_member(message, name) ? "wrong type" : "missing field";
}

const char *field_decimal(const cJSON *message, const char *name, enum number_form form, struct decimal *d)
{
	const char *text = form == BARE_NUMBER ? json_number(message, name) : json_string(message, name), *reason = NULL;
	if (!text)
		return absent(message, name);
	return decimal_parse(d, text, strlen(text), &reason) ? NULL : reason;
}

static bool is_integer(const struct decimal *d, uint64_t max)
{
	return d->scale == 0 && !(d->limb[1] | d->limb[2]) && d->limb[0] <= max;
}

const char *field_id(const cJSON *message, const char *name, struct trade_id *id)
{
	struct decimal d;
	const char *reason = field_decimal(message, name, BARE_NUMBER, &d);
	if (reason)
		return reason;
	if (d.scale != 0)
		return "no integer";
	*id = (struct trade_id){ .kind = TRADE_ID_NUMBER, .number = (int64_t)d.limb[0] };
	if (!is_integer(&d, INT64_MAX)) {
		char text[DECIMAL_TEXT_SIZE];
		size_t len = decimal_format(&d, text);
		*id = (struct trade_id){ .kind = TRADE_ID_LONG };
		memcpy(id->digits, text, len);
	}
	return NULL;
}

static const char *time_in(const cJSON *message, const char *name, int64_t us_from, int64_t *time_us)
{
	struct decimal d;
	const char *reason = field_decimal(message, name, BARE_NUMBER, &d);
	if (reason)
		return reason;
	if (!is_integer(&d, TIME_US_MAX) || d.limb[0] == 0)
		return "no time";
	int64_t value = (int64_t)d.limb[0];
	if (value < us_from && value > TIME_US_MAX / 1000)
		return "no time";
	*time_us = value < us_from ? value * 1000 : value;
	return NULL;
}

const char *field_time_ms(const cJSON *message, const char *name, int64_t *time_us)
{
	return time_in(message, name, INT64_MAX, time_us);
}

const char *field_time_ms_or_us(const cJSON *message, const char *name, int64_t *time_us)
{
	return time_in(message, name, INT64_C(100000000000000), time_us);
}

const char *field_text(const cJSON *message, const char *name, const char **text)
{
	*text = json_string(message, name);
	return *text ? NULL : absent(message, name);
}

const char *field_bool(const cJSON *message, const char *name, bool *value)
{
	const cJSON *item = json_member(message, name);
	if (!cJSON_IsBool(item))
		return absent(message, name);
	*value = cJSON_IsTrue(item);
	return NULL;
}
