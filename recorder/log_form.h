/* How a line of the log looks: for machines, for journald, or short for people at a terminal.  Pure; any thread. */
#ifndef RECORDER_LOG_FORM_H
#define RECORDER_LOG_FORM_H

#include "recorder/log.h"

#include <stdbool.h>
#include <stdint.h>

/* `body`: what the event says of itself, `key=value key="a b" words`.  Returns the length; cut to fit, and without a line's end. */
size_t log_form_line(char *line, size_t size, enum log_form form, bool colour, int64_t wall_us, enum log_level level, const char *event,
                     const char *body);

#endif
