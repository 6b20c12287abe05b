#include "recorder/exchanges/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32
#define NUMBER_MARK '\1' /* cannot stand bare in JSON, so no honest string begins with it */

/* A message's tree is some dozen small blocks that die together: they come from one place, which is empty again when the
 * last is freed.  What does not fit comes from malloc.  Only the thread that parses uses it. */
static struct {
	_Alignas(16) unsigned char bytes[1u << 17];
	size_t used, blocks;
	bool exhausted; /* malloc had nothing */
} arena;

static void *arena_alloc(size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (size > sizeof arena.bytes - arena.used) {
		void *own = malloc(size);
		arena.exhausted = arena.exhausted || !own;
		return own;
	}
	void *block = arena.bytes + arena.used;
	arena.used += size;
	arena.blocks++;
	return block;
}

static void arena_free(void *block)
{
	uintptr_t at = (uintptr_t)block, begin = (uintptr_t)arena.bytes;
	if (at < begin || at >= begin + sizeof arena.bytes)
		free(block);
	else if (--arena.blocks == 0)
		arena.used = 0;
}

static void use_arena(void)
{
	static bool used;
	if (used)
		return;
	used = true;
	cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = arena_alloc, .free_fn = arena_free });
}

void json_buffer_release(struct json_buffer *b)
{
	free(b->text);
	*b = (struct json_buffer){ .text = NULL };
}

/* Length of the UTF-8 sequence at p, 0 if it is none (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (left < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static size_t digits(const char *text, size_t len)
{
	size_t n = 0;
	while (n < len && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

/* Length of the JSON number (RFC 8259) that begins the text; 0 where it is none, or is a member's name. */
static size_t number_length(const char *text, size_t len)
{
	size_t at = len > 0 && text[0] == '-', part = digits(text + at, len - at);
	if (part == 0 || (part > 1 && text[at] == '0'))
		return 0;
	at += part;
	if (at < len && text[at] == '.') {
		part = digits(text + at + 1, len - at - 1);
		if (part == 0)
			return 0;
		at += 1 + part;
	}
	if (at < len && (text[at] == 'e' || text[at] == 'E')) {
		at++;
		at += at < len && (text[at] == '+' || text[at] == '-');
		part = digits(text + at, len - at);
		if (part == 0)
			return 0;
		at += part;
	}
	size_t next = at;
	while (next < len && (text[next] == ' ' || text[next] == '\t' || text[next] == '\n' || text[next] == '\r'))
		next++;
	return next < len && text[next] == ':' ? 0 : at;
}

/* A byte that no string holds bare, or an escape that would end the C string or pass for NUMBER_MARK. */
static bool forbidden(const char *text, size_t left)
{
	return (unsigned char)text[0] < 0x20 || (left >= 6 && memcmp(text, "\\u000", 5) == 0 && (text[5] == '0' || text[5] == '1'));
}

/* A string from its opening quote on, copied as it is.  Returns its length, 0 where it does not end. */
static size_t copy_string(const char *text, size_t len, char *out, const char **reason)
{
	size_t i = 1;
	out[0] = '"';
	while (i < len && text[i] != '"') {
		size_t step = utf8_sequence((const unsigned char *)text + i, len - i);
		if (step == 0) {
			*reason = "invalid UTF-8";
			return 0;
		}
		if (forbidden(text + i, len - i)) {
			*reason = "broken JSON";
			return 0;
		}
		if (text[i] == '\\' && i + 1 < len)
			step = 2;
		memcpy(out + i, text + i, step);
		i += step;
	}
	if (i >= len) {
		*reason = "broken JSON";
		return 0;
	}
	out[i] = '"';
	return i + 1;
}

/* text -> out, which has room for 4 * len + 1.  Returns the length, 0 on refusal. */
static size_t mark_numbers(const char *text, size_t len, char *out, const char **reason)
{
	size_t at = 0, depth = 0;
	for (size_t i = 0; i < len;) {
		char c = text[i];
		if (c == '"') {
			size_t copied = copy_string(text + i, len - i, out + at, reason);
			if (copied == 0)
				return 0;
			i += copied;
			at += copied;
		} else if (c == '-' || (c >= '0' && c <= '9')) {
			size_t number = number_length(text + i, len - i);
			if (number == 0) {
				*reason = "broken JSON";
				return 0;
			}
			out[at++] = '"';
			out[at++] = NUMBER_MARK;
			memcpy(out + at, text + i, number);
			at += number;
			i += number;
			out[at++] = '"';
		} else {
			if (c == '[' || c == '{') {
				if (++depth > DEPTH_MAX) {
					*reason = "nested deeper than 32";
					return 0;
				}
			} else if ((c == ']' || c == '}') && depth > 0) {
				depth--;
			} else if ((unsigned char)c >= 0x80) {
				bool text_is_utf8 = utf8_sequence((const unsigned char *)text + i, len - i) > 0;
				*reason = text_is_utf8 ? "broken JSON" : "invalid UTF-8";
				return 0;
			} else if (c == '\0') {
				*reason = "broken JSON";
				return 0;
			}
			out[at++] = c;
			i++;
		}
	}
	out[at] = '\0';
	return at;
}

cJSON *json_parse(struct json_buffer *b, const char *text, size_t len, const char **reason)
{
	size_t need = 4 * len + 1; /* "1" grows by three bytes */
	if (need > b->size) {
		char *grown = realloc(b->text, need);
		if (!grown) {
			*reason = JSON_NO_MEMORY;
			return NULL;
		}
		b->text = grown;
		b->size = need;
	}
	use_arena();
	*reason = "broken JSON";
	size_t marked = mark_numbers(text, len, b->text, reason);
	if (marked == 0)
		return NULL;
	arena.exhausted = false;
	cJSON *root = cJSON_ParseWithLengthOpts(b->text, marked + 1, NULL, true);
	if (!root && arena.exhausted)
		*reason = JSON_NO_MEMORY;
	return root;
}

const cJSON *json_member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *json_number(const cJSON *object, const char *name)
{
	const cJSON *item = json_member(object, name);
	return cJSON_IsString(item) && item->valuestring[0] == NUMBER_MARK ? item->valuestring + 1 : NULL;
}

const char *json_string(const cJSON *object, const char *name)
{
	const cJSON *item = json_member(object, name);
	return cJSON_IsString(item) && item->valuestring[0] != NUMBER_MARK ? item->valuestring : NULL;
}

const char *json_any_text(const cJSON *object, const char *name)
{
	const char *text = json_string(object, name);
	if (!text)
		text = json_number(object, name);
	return text ? text : "";
}
