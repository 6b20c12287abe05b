/* What the name behind -o says: an open descriptor, a form of output, or what we cannot write.  Before any file is opened. */
#ifndef QUERY_OUT_OUT_NAME_H
#define QUERY_OUT_OUT_NAME_H

#include "query/option.h"

/* output_fd: the descriptor that /dev/stdout, /dev/stderr, /dev/fd/N and /proc/self/fd/N name, or -1.  output_format by the ending .csv,
 * .tsv, .json, .ndjson, .jsonl, or FORMAT_AUTO; packer by .gz or .zst behind that.  false: such a descriptor is not open, or the
 * ending promises what is not written. */
/* The same for a picture, whose ending is anybody's. */
bool out_name_take_picture(const char *name, struct options *o, struct err *err) MUST_CHECK;
bool out_name_take(const char *name, struct options *o, struct err *err) MUST_CHECK;

#endif
