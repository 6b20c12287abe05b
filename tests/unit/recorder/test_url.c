#include "recorder/net/url.h"

#include "support.h"

#include <string.h>

static void is(const char *text, const char *scheme, const char *host, unsigned port, const char *path)
{
	struct url url;
	struct err err = { "" };
	if (!url_parse(&url, text, scheme, &err))
		fail_msg("%s", err.text);
	assert_string_equal(url.host, host);
	assert_int_equal(url.port, port);
	assert_string_equal(url.path, path);
}

static void refused(const char *text, const char *scheme)
{
	struct url url;
	struct err err = { "" };
	if (url_parse(&url, text, scheme, &err))
		fail_msg("'%s' was taken: host '%s', port %u, path '%s'", text, url.host, url.port, url.path);
	assert_true(err.text[0] != '\0');
}

static void addresses_are_taken_apart(void **state)
{
	(void)state;
	is("wss://api.upbit.com/websocket/v1", "wss", "api.upbit.com", 443, "/websocket/v1");
	is("wss://stream.binance.com:9443/stream?streams=a", "wss", "stream.binance.com", 9443, "/stream?streams=a");
	is("https://api.upbit.com", "https", "api.upbit.com", 443, "");
	is("https://api.upbit.com/", "https", "api.upbit.com", 443, "");
	is("https://proxy.example:8443/upbit//", "https", "proxy.example", 8443, "/upbit");
	is("wss://127.0.0.1:1/", "wss", "127.0.0.1", 1, "/");
	is("wss://localhost:65535", "wss", "localhost", 65535, "");
	is("wss://[::1]:8443/x", "wss", "::1", 8443, "/x");
	is("https://[2001:db8::1]", "https", "2001:db8::1", 443, "");
}

static void nothing_unencrypted_is_taken(void **state)
{
	(void)state;
	refused("ws://api.upbit.com/", "wss");
	refused("http://api.upbit.com", "https");
	refused("https://api.upbit.com", "wss");
	refused("wss://api.upbit.com", "https");
	refused("api.upbit.com", "wss");
	refused("", "wss");
	refused("wss:/host", "wss");
}

static void what_is_no_address_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "wss://", "wss:///path", "wss://:443", "wss://[]/", "wss://[::1", "wss://[::1]x/", "wss://host:0/", "wss://host:/",
		                             "wss://host:65536/", "wss://host:99999999999999999999/", "wss://host:-1/", "wss://host:4x/", "wss://host: 5/",
		                             "wss://ho st/", "wss://host/\n", "wss://h\xc3\xb6st/" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		refused(texts[i], "wss");
}

static void a_port_is_digits_and_a_host_is_no_user_and_no_fragment(void **state)
{
	(void)state;
	refused("wss://host:+5/", "wss");
	refused("wss://host:-18446744073709551615/", "wss");
	refused("wss://user@host/", "wss");
	refused("wss://user:password@host/", "wss");
	refused("wss://host#x", "wss");
}

static void a_path_begins_with_a_slash(void **state)
{
	(void)state;
	struct url url;
	struct err err = { "" };
	if (url_parse(&url, "wss://host?streams=a", "wss", &err))
		assert_true(url.path[0] == '/' || url.path[0] == '\0');
}

static void long_parts_are_refused_and_not_cut(void **state)
{
	(void)state;
	char text[PATH_SIZE + 200];
	memset(text, 'h', sizeof text);
	memcpy(text, "wss://", 6);
	text[6 + HOST_SIZE - 1] = '\0';
	struct url url;
	struct err err;
	assert_true(url_parse(&url, text, "wss", &err));
	text[6 + HOST_SIZE - 1] = 'h';
	text[6 + HOST_SIZE] = '\0';
	refused(text, "wss");
	memset(text, 'p', sizeof text);
	memcpy(text, "wss://h/", 8);
	text[7 + PATH_SIZE - 1] = '\0';
	assert_true(url_parse(&url, text, "wss", &err));
	text[7 + PATH_SIZE - 1] = 'p';
	text[7 + PATH_SIZE] = '\0';
	refused(text, "wss");
}

static void what_is_not_plain_is_percent_encoded(void **state)
{
	(void)state;
	char out[32];
	url_encode(out, sizeof out, "KRW-비트_1");
	assert_string_equal(out, "KRW-%EB%B9%84%ED%8A%B8_1");
	url_encode(out, sizeof out, "a&b=c d/");
	assert_string_equal(out, "a%26b%3Dc%20d%2F");
	url_encode(out, 6, "비트"); /* never half of one */
	assert_string_equal(out, "%EB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_plain_is_percent_encoded),
		cmocka_unit_test(addresses_are_taken_apart),
		cmocka_unit_test(nothing_unencrypted_is_taken),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_port_is_digits_and_a_host_is_no_user_and_no_fragment),
		cmocka_unit_test(a_path_begins_with_a_slash),
		cmocka_unit_test(long_parts_are_refused_and_not_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
