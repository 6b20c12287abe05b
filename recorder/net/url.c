#include "recorder/net/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool url_parse(struct url *url, const char *text, const char *scheme, struct err *err)
{
	size_t scheme_len = strlen(scheme);
	if (strncmp(text, scheme, scheme_len) != 0 || strncmp(text + scheme_len, "://", 3) != 0)
		return err_set(err, "'%s' does not start with %s://", text, scheme);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return err_set(err, "'%s' holds a character that no address has", text);

	const char *host = text + scheme_len + 3;
	bool brackets = *host == '[';
	size_t host_len = brackets ? strcspn(++host, "]") : strcspn(host, ":/?#@");
	const char *rest = host + host_len + brackets;
	if (host_len == 0 || host_len >= HOST_SIZE || (brackets && host[host_len] != ']'))
		return err_set(err, "'%s' names no host", text);
	memcpy(url->host, host, host_len);
	url->host[host_len] = '\0';

	unsigned long port = 443;
	if (*rest == ':') {
		char *end;
		port = strtoul(rest + 1, &end, 10);
		if (rest[1] < '0' || rest[1] > '9' || port == 0 || port > UINT16_MAX)
			return err_set(err, "'%s' has no port between 1 and 65535", text);
		rest = end;
	}
	url->port = (uint16_t)port;
	if (*rest != '\0' && *rest != '/')
		return err_set(err, "'%s' is no address", text);
	if (strlen(rest) >= PATH_SIZE)
		return err_set(err, "'%s' is too long", text);
	size_t path_len = strlen(rest);
	if (strcmp(scheme, "https") == 0) /* paths are put behind it */
		while (path_len > 0 && rest[path_len - 1] == '/')
			path_len--;
	memcpy(url->path, rest, path_len);
	url->path[path_len] = '\0';
	return true;
}

void url_encode(char *out, size_t size, const char *text)
{
	size_t len = 0;
	out[0] = '\0';
	for (const unsigned char *p = (const unsigned char *)text; *p && len + sizeof "%00" <= size; p++) {
		bool plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || *p == '_' || *p == '-';
		len += (size_t)snprintf(out + len, size - len, plain ? "%c" : "%%%02X", *p);
	}
}
