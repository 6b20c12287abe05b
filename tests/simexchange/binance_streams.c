/*
 * Binance's streams: named in the URL, or asked for with SUBSCRIBE, which adds to what there is. An unknown name is acknowledged like any other, and
 * nothing comes. What a socket wants is worked out anew from its list of names after each change.
 */
#include "binance.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "beside.h"
#include "clock.h"
#include "dialect.h"
#include "door.h"
#include "http.h"
#include "market.h"
#include "session.h"

#define STREAMS_MAX 1024
#define SUFFIX_MAX 24
#define WANTS 8

struct streams {
	const struct stream_kind *kinds; /* borrowed: the dialect's */
	char **names;                    /* owned */
	size_t len;
	bool too_many;
	bool mute;                       /* an old route */
	char id[64];                     /* of the request at hand, as a reply repeats it */
	char suffix[WANTS][SUFFIX_MAX];  /* per bit of want: the name last asked for */
};

static unsigned bit_of(uint8_t want)
{
	unsigned bit = 0;

	while (bit < WANTS - 1 && !(want >> bit & 1))
		bit++;
	return bit;
}

static const struct stream_kind *kind_of(const struct streams *st, const char *suffix, int routes)
{
	for (const struct stream_kind *k = st->kinds; k->name; k++) {
		size_t n = strlen(k->name);

		if (!strncmp(suffix, k->name, n) && (!suffix[n] || k->more) && (k->routes & routes))
			return k;
	}
	return NULL;
}

static bool find_lower(const char *name, size_t len, size_t *found)
{
	for (size_t i = 0; i < market_count(); i++) {
		if (!strncmp(market_at(i)->lower, name, len) && !market_at(i)->lower[len] && market_is_listed(i)) {
			*found = i;
			return true;
		}
	}
	return false;
}

static size_t place_of(const struct streams *st, const char *name)
{
	for (size_t i = 0; i < st->len; i++)
		if (!strcmp(st->names[i], name))
			return i;
	return SIZE_MAX;
}

static void add(struct streams *st, const char *name)
{
	if (!*name || place_of(st, name) != SIZE_MAX)
		return;
	if (st->len == STREAMS_MAX) {
		st->too_many = true;
		return;
	}
	st->names[st->len] = strdup(name);
	if (!st->names[st->len])
		abort();
	st->len++;
}

static void drop(struct streams *st, const char *name)
{
	size_t i = place_of(st, name);

	if (i == SIZE_MAX)
		return;
	free(st->names[i]);
	memmove(&st->names[i], &st->names[i + 1], (--st->len - i) * sizeof *st->names);
}

static void apply(struct session *s)
{
	struct streams *st = s->own;
	uint8_t *want;

	if (st->too_many) {
		session_close(s, 1008, "too many streams");
		return;
	}
	if (st->mute || !(want = calloc(market_count() + 1, 1)))
		return;
	for (size_t i = 0; i < st->len; i++) {
		const char *name = st->names[i], *at = strchr(name, '@');
		const struct stream_kind *k = at ? kind_of(st, at + 1, s->format) : NULL;
		size_t market;

		if (!k || !find_lower(name, (size_t)(at - name), &market))
			continue;
		want[market] |= k->want;
		snprintf(st->suffix[bit_of(k->want)], SUFFIX_MAX, "%s", at + 1);
	}
	session_subscribe(s, want, s->format, false, true);
}

void binance_open(struct session *s, const struct request *r, const struct stream_kind *kinds, int routes)
{
	struct streams *st = calloc(1, sizeof *st);
	const char *raw = strstr(r->path, "/ws");
	char names[sizeof r->query] = "", unit[16] = "", *save = NULL;

	if (!st || !(st->names = calloc(STREAMS_MAX, sizeof *st->names)))
		abort();
	st->kinds = kinds;
	st->mute = !routes;
	s->own = st;
	s->format = routes | (raw ? 0 : FORMAT_COMBINED);
	if (request_parameter(r, "timeUnit", unit, sizeof unit) && (!strcmp(unit, "MICROSECOND") || !strcmp(unit, "microsecond")))
		s->format |= FORMAT_MICROSECONDS;
	if (raw)
		snprintf(names, sizeof names, "%s", raw + 3);
	else
		request_parameter(r, "streams", names, sizeof names);
	for (char *name = strtok_r(names, "/", &save); name; name = strtok_r(NULL, "/", &save))
		add(st, name);
	if (st->len)
		apply(s);
}

void binance_release(struct session *s)
{
	struct streams *st = s->own;

	for (size_t i = 0; st && i < st->len; i++)
		free(st->names[i]);
	if (st)
		free(st->names);
	free(st);
}

/* ---- requests ---- */

/* The id as it came: a number of up to 64 bits, whose digits a double would lose, a string of up to 36, or null. False if it is something else. */
static bool take_id(struct streams *st, const char *text, size_t len, const cJSON *id)
{
	static const char key[] = "\"id\"";
	const char *at = memmem(text, len, key, sizeof key - 1), *end = text + len;
	size_t n = 0;

	snprintf(st->id, sizeof st->id, "null");
	if (!id || cJSON_IsNull(id))
		return true;
	if (cJSON_IsString(id)) {
		snprintf(st->id, sizeof st->id, "\"%s\"", id->valuestring);
		return strlen(id->valuestring) <= 36 && !strpbrk(id->valuestring, "\"\\");
	}
	if (!cJSON_IsNumber(id) || !at)
		return false;
	for (at += sizeof key - 1; at < end && (*at == ':' || *at == ' '); at++)
		;
	for (; at < end && *at >= '0' && *at <= '9' && n < 19; at++)
		st->id[n++] = *at;
	st->id[n] = 0;
	return n && at < end && (*at == ',' || *at == '}' || *at == ' ');
}

static void reply(struct session *s, const char *result)
{
	const struct streams *st = s->own;
	struct buf b = { 0 };

	buf_add_text(&b, "{\"result\":");
	buf_add_text(&b, result);
	buf_add_text(&b, ",\"id\":");
	buf_add_text(&b, st->id);
	buf_add_text(&b, "}");
	session_send(s, b.p, b.len);
	buf_release(&b);
}

static void refuse(struct session *s, int code, const char *words)
{
	char text[256];
	int n = snprintf(text, sizeof text, "{\"code\":%d,\"msg\":\"%s\"}", code, words);

	session_send(s, text, (size_t)n);
}

/* The newer form, with the request's id. */
void binance_refuse(struct session *s, const char *code, const char *words)
{
	const struct streams *st = s->own;
	char text[320];
	int n = snprintf(text, sizeof text, "{\"error\":{\"code\":%s,\"msg\":\"%s\"},\"id\":%s}", code ? code : "4", words, st->id);

	session_send(s, text, (size_t)n);
}

static bool all_strings(const cJSON *params)
{
	const cJSON *p;

	cJSON_ArrayForEach(p, params)
		if (!cJSON_IsString(p))
			return false;
	return cJSON_IsArray(params) && cJSON_GetArraySize(params) > 0;
}

static void change(struct session *s, const cJSON *params, void (*how)(struct streams *, const char *))
{
	const cJSON *p;

	if (!all_strings(params)) {
		refuse(s, 2, "Invalid request: params must be an array of stream names");
		return;
	}
	cJSON_ArrayForEach(p, params)
		how(s->own, p->valuestring);
	if (!((const struct streams *)s->own)->too_many)
		reply(s, "null");
	apply(s);
}

static void subscribe(struct session *s, const cJSON *params, const char *text, size_t len)
{
	if (!all_strings(params) || door_open(s, text, len))
		change(s, params, add);
}

static void list_streams(struct session *s)
{
	const struct streams *st = s->own;
	struct buf b = { 0 };

	buf_add_text(&b, "[");
	for (size_t i = 0; i < st->len; i++) {
		buf_add_text(&b, i ? ",\"" : "\"");
		buf_add_text(&b, st->names[i]);
		buf_add_text(&b, "\"");
	}
	buf_add(&b, "]", 2); /* with its NUL */
	reply(s, b.p);
	buf_release(&b);
}

static void property(struct session *s, const cJSON *params, bool set)
{
	const cJSON *name = cJSON_GetArrayItem(params, 0), *value = cJSON_GetArrayItem(params, 1);

	if (!cJSON_IsString(name)) {
		refuse(s, 2, "Invalid request: property name must be a string");
	} else if (strcmp(name->valuestring, "combined") != 0) {
		refuse(s, 0, "Unknown property");
	} else if (!set) {
		reply(s, s->format & FORMAT_COMBINED ? "true" : "false");
	} else if (!cJSON_IsBool(value)) {
		refuse(s, 1, "Invalid value type: expected Boolean");
	} else {
		s->format = (s->format & ~FORMAT_COMBINED) | (cJSON_IsTrue(value) ? FORMAT_COMBINED : 0);
		reply(s, "null");
	}
}

void binance_message(struct session *s, const char *text, size_t len)
{
	cJSON *frame = cJSON_ParseWithLength(text, len);
	const cJSON *method = cJSON_GetObjectItemCaseSensitive(frame, "method"), *id = cJSON_GetObjectItemCaseSensitive(frame, "id");
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(frame, "params");
	const char *name = cJSON_IsString(method) ? method->valuestring : "";

	if (!frame)
		refuse(s, 3, "Invalid JSON: expected value at line 1 column 1");
	else if (!cJSON_IsObject(frame) || !cJSON_IsString(method))
		refuse(s, 2, "Invalid request: missing field `method`");
	else if (!take_id(s->own, text, len, id))
		refuse(s, 2, "Invalid request: request ID must be an unsigned integer");
	else if (!strcmp(name, "SUBSCRIBE"))
		subscribe(s, params, text, len);
	else if (!strcmp(name, "UNSUBSCRIBE"))
		change(s, params, drop);
	else if (!strcmp(name, "LIST_SUBSCRIPTIONS"))
		list_streams(s);
	else if (!strcmp(name, "SET_PROPERTY") || !strcmp(name, "GET_PROPERTY"))
		property(s, params, name[0] == 'S');
	else
		refuse(s, 2, "Invalid request: unknown variant, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`");
	cJSON_Delete(frame);
}

void binance_farewell(struct session *s)
{
	char text[160];
	bool combined = s->format & FORMAT_COMBINED;
	int n = snprintf(text, sizeof text, "%s{\"e\":\"serverShutdown\",\"E\":%lld}%s", combined ? "{\"stream\":\"!serverShutdown\",\"data\":" : "",
			 (long long)binance_time(s, clock_wall_us()), combined ? "}" : "");

	session_send(s, text, (size_t)n);
}

/* ---- for messages ---- */

const char *binance_suffix(const struct session *s, uint8_t want)
{
	const struct streams *st = s->own;

	return st->suffix[bit_of(want)];
}
