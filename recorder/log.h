/* The log: one event a line on stderr, `TIME LEVEL EVENT key=value ...` or as log_form.h says.  Any thread.
 * A line is given up rather than waited for: a reader of stderr that is gone or asleep must not stop the recording. */
#ifndef RECORDER_LOG_H
#define RECORDER_LOG_H

#include <stddef.h>

/* By what a person should do: nothing; look into it when convenient; act. */
enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

/* In the order of the choices of --log-format.  AUTO: short at a terminal, for journald where stderr is its socket, else logfmt. */
enum log_form { LOG_AUTO, LOG_SHORT, LOG_LOGFMT, LOG_JOURNAL };
/* Before a second thread runs; until then lines are logfmt. */
void log_set_form(enum log_form form);

void log_event(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* For what may repeat: the first lines of each `fold_key` are written, then at most one a minute with `repeated=N`, and
 * `over after N` once it has not come for ten minutes. */
void log_folded(const char *fold_key, enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Likewise where each line counts by itself: 2,000 are written, then at most 200 a minute.  Only a flood is folded. */
void log_each(const char *fold_key, enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void log_fold_tick(void); /* once a minute: writes the `over` lines */
void log_fold_end(void);  /* at the end: what was folded and not told yet, with its count */

/* Text of a stranger (a server, a file) as a value: quoted, control bytes and quotes escaped, cut to fit `size`. */
const char *log_quote(char *out, size_t size, const char *text, size_t len);

#endif
