/* A configuration file: `key = value` lines, `#` begins a comment, a section [tapedeckd] may stand above.  Main thread.
 * (libinih reads it: https://github.com/benhoyt/inih.) */
#ifndef RECORDER_CONFIG_FILE_H
#define RECORDER_CONFIG_FILE_H

#include "schema/base/err.h"

/* Gives each setting in turn, up to the first that `take` refuses.  false: err names the file, the line and what is wrong. */
bool config_file_read(const char *path, bool (*take)(void *to, const char *key, const char *value, struct err *err), void *to,
                      struct err *err) MUST_CHECK;

#endif
