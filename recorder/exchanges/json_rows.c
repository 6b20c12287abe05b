#include "recorder/exchanges/json_rows.h"

#include <string.h>

#define DEPTH_MAX 32

struct scan {
	const char *at, *end;
};

static char next(struct scan *s) /* the next character that is no space, not taken; NUL at the end */
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

static bool take(struct scan *s, char c)
{
	if (next(s) != c)
		return false;
	s->at++;
	return true;
}

static bool skip_string(struct scan *s)
{
	for (s->at++; s->at < s->end && *s->at != '"'; s->at++)
		s->at += *s->at == '\\';
	return s->at < s->end && *s->at++ == '"';
}

static bool skip_value(struct scan *s)
{
	size_t depth = 0;
	const char *begin;
	do {
		switch (next(s)) {
		case '"':
			if (!skip_string(s))
				return false;
			break;
		case '{':
		case '[':
			s->at++;
			if (++depth > DEPTH_MAX)
				return false;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return false;
			s->at++;
			depth--;
			break;
		case ',':
		case ':':
			if (depth == 0)
				return false;
			s->at++;
			break;
		default: /* a number, true, false, null */
			for (begin = s->at; s->at < s->end && !strchr(",:]}[{\" \t\r\n", *s->at);)
				s->at++;
			if (s->at == begin)
				return false;
			break;
		}
	} while (depth > 0);
	return true;
}

static bool take_rows(struct scan *s, struct json_buffer *buffer, void (*row)(void *arg, const cJSON *row), void *arg,
                      const char **reason)
{
	if (!take(s, '['))
		return false;
	if (take(s, ']'))
		return true;
	do {
		next(s);
		const char *begin = s->at;
		if (!skip_value(s))
			return false;
		cJSON *one = json_parse(buffer, begin, (size_t)(s->at - begin), reason);
		if (!one)
			return false;
		row(arg, one);
		cJSON_Delete(one);
	} while (take(s, ','));
	return take(s, ']');
}

bool json_rows(const char *text, size_t len, const char *member, struct json_buffer *buffer,
               void (*row)(void *arg, const cJSON *row), void *arg, const char **reason)
{
	struct scan s = { text, text + len };
	*reason = "broken JSON";
	if (!member)
		return take_rows(&s, buffer, row, arg, reason) && next(&s) == '\0' && s.at == s.end;
	bool found = false;
	if (next(&s) != '{') {
		if (skip_value(&s) && next(&s) == '\0' && s.at == s.end)
			*reason = "no list of markets";
		return false;
	}
	s.at++;
	do {
		if (next(&s) != '"')
			break; /* {} */
		const char *name = s.at + 1;
		if (!skip_string(&s))
			return false;
		size_t name_len = (size_t)(s.at - 1 - name);
		if (!take(&s, ':'))
			return false;
		bool is_it = !found && name_len == strlen(member) && memcmp(name, member, name_len) == 0 && next(&s) == '[';
		found = found || is_it;
		if (is_it ? !take_rows(&s, buffer, row, arg, reason) : !skip_value(&s))
			return false;
	} while (take(&s, ','));
	if (!take(&s, '}') || next(&s) != '\0' || s.at != s.end)
		return false;
	*reason = "no list of markets";
	return found;
}
