/* The words of a failure: set where it happens, wrapped with context on the way up, printed by main or not at all.
 * Any thread, each on its own struct.  A function that can fail returns bool and leaves `err` alone when it succeeds. */
#ifndef SCHEMA_BASE_ERR_H
#define SCHEMA_BASE_ERR_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))

struct err {
	char text[512]; /* one line, cut at the end if it does not fit */
};

/* Both return false, so that a caller can say `return err_set(...)`. */
bool err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3))); /* "format: old text" */

#endif
