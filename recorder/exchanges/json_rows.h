/* The rows of a large list in JSON, one after the other: each is parsed for itself, so that a list of megabytes costs memory
 * for one row.  Pure; the thread that parses. */
#ifndef RECORDER_EXCHANGES_JSON_ROWS_H
#define RECORDER_EXCHANGES_JSON_ROWS_H

#include "recorder/exchanges/json.h"

/* Calls `row` for each element of the array `member` of the object that is the text; `member` NULL: the text is that array.
 * false and a constant *reason: broken JSON, no such array, no memory; some rows may have been given by then. */
bool json_rows(const char *text, size_t len, const char *member, struct json_buffer *buffer,
               void (*row)(void *arg, const cJSON *row), void *arg, const char **reason);

#endif
