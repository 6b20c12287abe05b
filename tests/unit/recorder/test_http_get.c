/* One GET from a real server: every way in which an answer can be none. */
#include "recorder/net/http_get.h"

#include "loopback.h"
#include "recorder/clock.h"
#include "schema/base/timefmt.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct {
	struct queue queue;
	struct net net;
	struct loopback server;
	struct url url;
	struct http_get get;
	unsigned done, status;
	char *body;
} t;

static int begin(void **state)
{
	struct err err = { "" };
	(void)state;
	memset(&t, 0, sizeof t);
	if (!queue_init(&t.queue, 10) || !net_init(&t.net, loopback_ca(), &t.queue, &err))
		fail_msg("%s", err.text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (t.server.tls)
		loopback_stop(&t.server);
	net_release(&t.net);
	queue_release(&t.queue);
	free(t.body);
	return 0;
}

static void on_done(struct http_get *get, void *arg)
{
	assert_ptr_equal(arg, &t);
	t.done++;
	t.status = (unsigned)get->status;
	t.body = calloc(1, get->body_len + 1);
	if (get->body_len > 0)
		memcpy(t.body, get->body, get->body_len);
	http_get_release(get);
}

static bool is_done(void)
{
	return t.done > 0;
}

static bool is_quiet(void)
{
	return false;
}

static void get_with(loopback_serve *serve, const char *host, int64_t timeout_us)
{
	static const struct http_get_headers headers = { "X-Wanted: yes", "x-used:" };
	if (serve)
		loopback_start(&t.server, serve);
	t.url = loopback_url(&t.server, host);
	http_get_start(&t.get, &t.net, &t.url, "/v1/list?a=b", headers, timeout_us, on_done, &t);
	assert_int_equal(t.done, 0); /* never from the call that starts it */
	assert_true(loopback_serve_net(&t.net, is_done, 15000));
	loopback_serve_net(&t.net, is_quiet, 50);
	assert_int_equal(t.done, 1); /* and once */
	assert_null(t.net.peers);
}

static void get(loopback_serve *serve)
{
	get_with(serve, "127.0.0.1", 5 * US_PER_SECOND);
}

/* ---- answers ---- */

static void serve_whole(struct loopback_conn *c)
{
	char host[64];
	snprintf(host, sizeof host, "GET /v1/list?a=b HTTP/1.1\r\n");
	if (strstr(c->head, host) && strcasestr(c->head, "\r\nX-Wanted: yes\r\n") && strcasestr(c->head, "\r\nuser-agent: tapedeck/") &&
	    strcasestr(c->head, "\r\nHost: 127.0.0.1:") && !strcasestr(c->head, "\r\nOrigin:"))
		loopback_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-Used: 41\r\nRetry-After: 12\r\n\r\n[1,2,3]");
	else
		loopback_send(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
}

static void a_whole_answer_has_its_status_its_body_and_its_headers(void **state)
{
	(void)state;
	get(serve_whole);
	assert_int_equal(t.status, 200);
	assert_string_equal(t.body, "[1,2,3]");
	assert_string_equal(t.get.limit, "41");
	assert_int_equal(t.get.retry_after_s, 12);
}

static void serve_in_chunks(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n");
	loopback_pause_ms(60);
	loopback_send(c, "4\r\n2,3]\r\n0\r\n\r\n");
}

static void a_body_in_chunks_is_one_body(void **state)
{
	(void)state;
	get(serve_in_chunks);
	assert_int_equal(t.status, 200);
	assert_string_equal(t.body, "[1,2,3]");
}

static void serve_slowly(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
	for (int i = 0; i < 20; i++) {
		loopback_pause_ms(100);
		loopback_send(c, "x");
	}
}

/* Its time is counted anew when it has begun. */
static void a_body_that_comes_slowly_is_waited_for(void **state)
{
	(void)state;
	get_with(serve_slowly, "127.0.0.1", 1500000);
	assert_int_equal(t.status, 200);
	assert_string_equal(t.body, "xxxxxxxxxxxxxxxxxxxx");
}

static void serve_half(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2,3]");
}

static void an_answer_shorter_than_it_says_is_none(void **state)
{
	(void)state;
	get(serve_half);
	assert_int_equal(t.status, 0);
	assert_string_equal(t.get.reason, "127.0.0.1: the answer broke off");
}

static void serve_half_a_head(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 200 OK\r\nContent-Le");
}

static void a_head_that_breaks_off_is_none(void **state)
{
	(void)state;
	get(serve_half_a_head);
	assert_int_equal(t.status, 0);
	assert_string_not_equal(t.get.reason, "");
}

static void serve_451(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 451 Unavailable For Legal Reasons\r\nContent-Length: 9\r\n\r\n{\"msg\":1}");
}

static void a_refusal_is_an_answer_with_its_status_and_words(void **state)
{
	(void)state;
	get(serve_451);
	assert_int_equal(t.status, 451);
	assert_string_equal(t.body, "{\"msg\":1}");
}

static void serve_redirect(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
}

static void a_redirect_is_not_followed(void **state)
{
	(void)state;
	get(serve_redirect);
	assert_int_not_equal(t.status, 200);
	assert_int_equal(t.server.connections, 1);
}

static void serve_garbage(struct loopback_conn *c)
{
	loopback_send(c, "\x01\x02 this is no HTTP at all\r\n\r\n");
}

static void what_is_no_http_is_no_answer(void **state)
{
	(void)state;
	get(serve_garbage);
	assert_int_equal(t.status, 0);
	assert_string_not_equal(t.get.reason, "");
}

static void serve_too_much(struct loopback_conn *c)
{
	loopback_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n[");
	loopback_pause_ms(100);
}

static void what_announces_more_than_is_taken_is_given_up_at_once(void **state)
{
	(void)state;
	get(serve_too_much);
	assert_int_equal(t.status, 0);
	assert_contains(t.get.reason, "larger than we take: 16 MiB");
	assert_int_equal(t.server.connections, 1); /* another address would say the same */
}

static void serve_nothing(struct loopback_conn *c)
{
	(void)c;
	loopback_pause_ms(900);
}

static void who_says_nothing_is_given_up_when_the_time_is_over(void **state)
{
	(void)state;
	int64_t begin_us = clock_mono_us();
	get_with(serve_nothing, "127.0.0.1", 300000);
	assert_int_equal(t.status, 0);
	assert_string_equal(t.get.reason, "no whole answer in time");
	assert_true(clock_mono_us() - begin_us >= 300000);
}

/* ---- connections ---- */

static void a_certificate_for_another_name_is_refused(void **state)
{
	(void)state;
	get_with(serve_whole, "127.0.0.2", 5 * US_PER_SECOND); /* the same server, and the certificate is not for that address */
	assert_int_equal(t.status, 0);
	assert_contains(t.get.reason, "certificate refused");
}

static void where_nobody_listens_the_reason_is_told(void **state)
{
	(void)state;
	loopback_start(&t.server, serve_whole);
	loopback_stop(&t.server);
	t.server.tls = NULL;
	get_with(NULL, "127.0.0.1", 5 * US_PER_SECOND);
	assert_int_equal(t.status, 0);
	assert_contains(t.get.reason, "127.0.0.1: ");
}

static void a_name_is_looked_up_and_its_certificate_is_for_the_name(void **state)
{
	(void)state;
	loopback_start(&t.server, serve_451);
	get_with(NULL, "localhost", 5 * US_PER_SECOND);
	assert_int_equal(t.status, 451);
}

static void one_that_was_stopped_is_never_done(void **state)
{
	(void)state;
	loopback_start(&t.server, serve_slowly);
	t.url = loopback_url(&t.server, "127.0.0.1");
	http_get_start(&t.get, &t.net, &t.url, "/", (struct http_get_headers){ NULL, NULL }, US_PER_SECOND, on_done, &t);
	loopback_serve_net(&t.net, is_quiet, 200);
	http_get_stop(&t.get);
	http_get_release(&t.get);
	assert_null(t.net.peers);
	loopback_serve_net(&t.net, is_quiet, 1500);
	assert_int_equal(t.done, 0);
}

static void start_net_again(void *arg)
{
	struct err err = { "" };
	(void)arg;
	net_release(&t.net);
	if (!net_init(&t.net, loopback_ca(), &t.queue, &err))
		fail_msg("%s", err.text);
}

static void a_proxy_of_the_environment_is_told_and_passed_by(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("https_proxy", "http://127.0.0.1:9", 1);
	char *log = captured(2, start_net_again, NULL);
	assert_contains(log, "proxy-ignored variable=http_proxy");
	assert_contains(log, "proxy-ignored variable=https_proxy");
	free(log);
	get(serve_451);
	assert_int_equal(t.status, 451);
}

static int remove_ca(void **state)
{
	(void)state;
	loopback_remove_ca();
	return 0;
}

#define TRY(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRY(a_whole_answer_has_its_status_its_body_and_its_headers),
		TRY(a_body_in_chunks_is_one_body),
		TRY(a_body_that_comes_slowly_is_waited_for),
		TRY(an_answer_shorter_than_it_says_is_none),
		TRY(a_head_that_breaks_off_is_none),
		TRY(a_refusal_is_an_answer_with_its_status_and_words),
		TRY(a_redirect_is_not_followed),
		TRY(what_is_no_http_is_no_answer),
		TRY(what_announces_more_than_is_taken_is_given_up_at_once),
		TRY(who_says_nothing_is_given_up_when_the_time_is_over),
		TRY(a_certificate_for_another_name_is_refused),
		TRY(where_nobody_listens_the_reason_is_told),
		TRY(a_name_is_looked_up_and_its_certificate_is_for_the_name),
		TRY(one_that_was_stopped_is_never_done),
		TRY(a_proxy_of_the_environment_is_told_and_passed_by),
	};
	return cmocka_run_group_tests(tests, NULL, remove_ca);
}
