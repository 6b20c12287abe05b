/* Messages as cJSON trees that keep every number's own text.
 *
 * cJSON turns numbers into doubles and drops their digits: 17-digit ids and exact decimals would not survive.  So one pass
 * over the text puts each bare number into quotes, behind a mark by which it is told from a real string, and looks at the
 * rest of what a stranger may send: UTF-8 and depth.  Network thread. */
#ifndef RECORDER_EXCHANGES_JSON_H
#define RECORDER_EXCHANGES_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#define JSON_NO_MEMORY "out of memory" /* a reason that is no fault of the text */

struct json_buffer { /* the marked text; grows to the longest message; init with { 0 } */
	char *text;      /* owned */
	size_t size;
};
void json_buffer_release(struct json_buffer *b);

/* The tree, to be freed with cJSON_Delete; NULL and a constant *reason if the text is no JSON that we take. */
cJSON *json_parse(struct json_buffer *b, const char *text, size_t len, const char **reason);

/* Members of an object; NULL where it is missing or of another type.  The texts live as long as the tree. */
const char *json_number(const cJSON *object, const char *name); /* as it was written: "1.16539E8" */
const char *json_string(const cJSON *object, const char *name);
const cJSON *json_member(const cJSON *object, const char *name);

/* A value that may be either, as text for a log; "" otherwise. */
const char *json_any_text(const cJSON *object, const char *name);

#endif
