/* Addresses as options give them: wss://host[:port]/path, https://host[:port].  Any thread. */
#ifndef RECORDER_NET_URL_H
#define RECORDER_NET_URL_H

#include "schema/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define HOST_SIZE 120 /* libwebsockets cuts the Host header at 127 bytes */
#define PATH_SIZE 1024

struct url {
	char host[HOST_SIZE]; /* without the brackets of an IPv6 address */
	uint16_t port;
	char path[PATH_SIZE]; /* "" or starts with '/'; no '/' at the end of a base address */
};

/* `scheme` is "wss" or "https": nothing unencrypted is taken. */
bool url_parse(struct url *url, const char *text, const char *scheme, struct err *err) MUST_CHECK;

/* As a value in a query: all but letters, digits, '_' and '-' percent-encoded, for symbols need not be ASCII.  Cut to fit. */
void url_encode(char *out, size_t size, const char *text);

#endif
