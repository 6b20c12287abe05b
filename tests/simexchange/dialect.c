#include "dialect.h"

static const struct dialect *const dialects[] = {
	&dialect_upbit, &dialect_bithumb, &dialect_bithumb_legacy, &dialect_binance, &dialect_binance_usdm,
};

const struct dialect *dialect_find(const char *name)
{
	for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
		if (!strcmp(dialects[i]->name, name))
			return dialects[i];
	return NULL;
}

const char *dialect_key_value(const char *text, size_t len, const char *const *keys, size_t *value_len)
{
	for (; *keys; keys++) {
		const char *at = memmem(text, len, *keys, strlen(*keys)), *end;

		if (!at)
			continue;
		at += strlen(*keys);
		end = memchr(at, '"', len - (size_t)(at - text));
		if (end) {
			*value_len = (size_t)(end - at);
			return at;
		}
	}
	return NULL;
}
