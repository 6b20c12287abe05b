/* Members of a message as what they are: decimals, ids, times.  Each returns NULL, or the constant reason why the member
 * cannot be used ("missing field", "wrong type", "negative", ...).  Pure; network thread. */
#ifndef RECORDER_EXCHANGES_FIELD_H
#define RECORDER_EXCHANGES_FIELD_H

#include "recorder/exchanges/json.h"
#include "schema/value/trade.h"

/* How this exchange writes its numbers: bare, or in quotes.  The other form is the wrong type. */
enum number_form { BARE_NUMBER, QUOTED_NUMBER };

const char *field_decimal(const cJSON *message, const char *name, enum number_form form, struct decimal *d);
const char *field_id(const cJSON *message, const char *name, struct trade_id *id);
const char *field_time_ms(const cJSON *message, const char *name, int64_t *time_us);
/* Milliseconds or microseconds, told apart by their size: 10^14 ms would be the year 5138. */
const char *field_time_ms_or_us(const cJSON *message, const char *name, int64_t *time_us);
const char *field_text(const cJSON *message, const char *name, const char **text);
const char *field_bool(const cJSON *message, const char *name, bool *value);

#endif
