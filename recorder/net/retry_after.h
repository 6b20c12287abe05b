/* What a Retry-After header says (RFC 9110, 10.2.3).  Pure. */
#ifndef RECORDER_NET_RETRY_AFTER_H
#define RECORDER_NET_RETRY_AFTER_H

#include <stdint.h>

#define RETRY_AFTER_MAX_S (INT64_C(7) * 86400) /* who says more says nothing */

/* "120", or "Thu, 26 Nov 2026 08:00:00 GMT", a date beside `now_wall_us`.  0: neither, or over already, or more than is
 * believed. */
int64_t retry_after_s(const char *text, int64_t now_wall_us);

#endif
