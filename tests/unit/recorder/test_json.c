#include "recorder/exchanges/json.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct json_buffer buffer;

static cJSON *parsed(const char *text)
{
	const char *reason = NULL;
	char *exact = malloc(strlen(text) + 1); /* without the NUL behind: ASan sees a byte too many */
	memcpy(exact, text, strlen(text) + 1);
	char *bare = realloc(exact, strlen(text) ? strlen(text) : 1);
	cJSON *root = json_parse(&buffer, bare, strlen(text), &reason);
	free(bare);
	if (!root)
		fail_msg("%s: %s", text, reason ? reason : "no reason");
	return root;
}

static void refused_bytes(const char *text, size_t len, const char *why)
{
	const char *reason = NULL;
	cJSON *root = json_parse(&buffer, text, len, &reason);
	if (root)
		fail_msg("'%s' was taken", text);
	assert_non_null(reason);
	assert_string_equal(reason, why);
}

static void refused(const char *text, const char *why)
{
	refused_bytes(text, strlen(text), why);
}

static int release(void **state)
{
	(void)state;
	json_buffer_release(&buffer);
	return 0;
}

static void numbers_keep_every_character(void **state)
{
	(void)state;
	cJSON *root = parsed("{\"a\":17898744375740001,\"b\":1.16539E8 ,\"c\" : -2.7E-7,\"d\":[1],\"e\":123.00000000}");
	assert_string_equal(json_number(root, "a"), "17898744375740001");
	assert_string_equal(json_number(root, "b"), "1.16539E8");
	assert_string_equal(json_number(root, "c"), "-2.7E-7");
	assert_string_equal(json_number(root, "e"), "123.00000000");
	assert_null(json_number(root, "d"));
	assert_null(json_number(root, "missing"));
	cJSON_Delete(root);
}

static void strings_and_numbers_are_told_apart(void **state)
{
	(void)state;
	cJSON *root = parsed("{\"n\":5,\"s\":\"5\",\"t\":true,\"z\":null,\"o\":{},\"e\":\"\",\"k\":\"\\uD55C\\uAE00 \xed\x95\x9c \\\"q\\\"\"}");
	assert_string_equal(json_number(root, "n"), "5");
	assert_null(json_string(root, "n"));
	assert_string_equal(json_string(root, "s"), "5");
	assert_null(json_number(root, "s"));
	assert_string_equal(json_string(root, "e"), "");
	assert_string_equal(json_string(root, "k"), "\xed\x95\x9c\xea\xb8\x80 \xed\x95\x9c \"q\"");
	static const char *const others[] = { "t", "z", "o", "missing" };
	for (size_t i = 0; i < 4; i++) {
		assert_null(json_number(root, others[i]));
		assert_null(json_string(root, others[i]));
		assert_string_equal(json_any_text(root, others[i]), "");
	}
	assert_string_equal(json_any_text(root, "n"), "5");
	assert_string_equal(json_any_text(root, "s"), "5");
	cJSON_Delete(root);
}

static void digits_inside_strings_are_left_alone(void **state)
{
	(void)state;
	cJSON *root = parsed("{\"date\":\"2021-04-17\",\"\\\"1\":\"a\\\\\",\"x\":1}");
	assert_string_equal(json_string(root, "date"), "2021-04-17");
	assert_string_equal(json_string(root, "\"1"), "a\\");
	assert_string_equal(json_number(root, "x"), "1");
	cJSON_Delete(root);
}

static void a_string_cannot_pretend_to_be_a_number(void **state)
{
	(void)state;
	static const char *const texts[] = { "{\"p\":\"\\u00015\"}", "{\"p\":\"\x01" "5\"}" };
	for (size_t i = 0; i < 2; i++) {
		const char *reason;
		cJSON *root = json_parse(&buffer, texts[i], strlen(texts[i]), &reason);
		if (root && json_number(root, "p"))
			fail_msg("%s is taken for the number %s", texts[i], json_number(root, "p"));
		cJSON_Delete(root);
	}
}

static void a_string_is_not_cut_at_a_nul(void **state)
{
	(void)state;
	static const char escaped[] = "{\"c\":\"KRW-BTC\\u0000X\"}", bare[] = "{\"c\":\"KRW-BTC\0X\"}";
	const struct {
		const char *text;
		size_t len;
	} texts[] = { { escaped, sizeof escaped - 1 }, { bare, sizeof bare - 1 } };
	for (size_t i = 0; i < 2; i++) {
		const char *reason;
		cJSON *root = json_parse(&buffer, texts[i].text, texts[i].len, &reason);
		const char *code = root ? json_string(root, "c") : NULL;
		if (code && strcmp(code, "KRW-BTC") == 0)
			fail_msg("text %zu names another market", i);
		cJSON_Delete(root);
	}
}

static void broken_texts_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", " ", "{", "}", "[", "]", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[1 2]", "{\"a\":1}{}", "{} x", "[]]",
		"{\"a\":1", "{\"a\":\"x}", "nul", "NaN", "{\"a\":NaN}", "{\"a\":nan}", "{\"a\":Infinity}", "{\"a\":-Infinity}", "{a:1}",
		"{'a':1}", "{\"a\":1}garbage", "{\"a\":.5}", "{\"a\":+5}", "{\"a\":0x10}", "{\"a\":\"\\x\"}", "{\"a\":\"\\uD800\"}", "{\"a\":\"\\u12\"}",
		"{\"a\":tru}", "{\"a\" 1}", "{\"a\"1}", "{\"a\":\"b\"1}", "{\"a\":1\"b\":2}", "//", "{\"a\":\"\\", "{\"a\":\"\\\"",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		refused(texts[i], "broken JSON");
	refused_bytes("{}\0", 3, "broken JSON");
	refused_bytes("{\"a\":1\0}", 8, "broken JSON");
}

/* What JSON does not call a number is not passed off as one, even in a field that nobody reads. */
static void what_only_looks_like_a_number_breaks_the_text(void **state)
{
	(void)state;
	static const char *const texts[] = { "{\"a\":1-2}", "{\"a\":1.2.3}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":1.}", "{\"a\":--1}", "{1:2}", "{\"a\":01}" };
	int taken = 0;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *reason;
		cJSON *root = json_parse(&buffer, texts[i], strlen(texts[i]), &reason);
		if (root)
			print_message("%s is taken\n", texts[i]);
		taken += root != NULL;
		cJSON_Delete(root);
	}
	assert_int_equal(taken, 0);
}

static void invalid_utf8_is_refused(void **state)
{
	(void)state;
	static const char *const bytes[] = { "\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
		                             "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe" };
	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
		char text[32];
		snprintf(text, sizeof text, "{\"a\":\"%s\"}", bytes[i]);
		refused(text, "invalid UTF-8");
		snprintf(text, sizeof text, "{\"a\":\"%s", bytes[i]); /* the text ends in the middle */
		refused(text, "invalid UTF-8");
		snprintf(text, sizeof text, "{\"a\":%s}", bytes[i]);
		refused(text, "invalid UTF-8");
	}
	cJSON_Delete(parsed("{\"a\":\"\xf4\x8f\xbf\xbf \xed\x9f\xbf \xee\x80\x80 \xc2\x80 \xe0\xa0\x80 \xf0\x90\x80\x80\"}"));
	refused("{\"a\":\xed\x95\x9c}", "broken JSON");
}

static void depth_ends_at_32(void **state)
{
	(void)state;
	char text[300];
	for (int depth = 1; depth <= 100; depth += 1) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		text[2 * depth] = '\0';
		if (depth <= 32)
			cJSON_Delete(parsed(text));
		else
			refused(text, "nested deeper than 32");
	}
	/* siblings are no depth */
	cJSON_Delete(parsed("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]"));
}

static void a_text_of_digits_alone_fits_its_buffer(void **state)
{
	(void)state;
	size_t count = 20000;
	char *text = malloc(2 * count + 2);
	assert_non_null(text);
	text[0] = '[';
	for (size_t i = 0; i < count; i++)
		memcpy(text + 1 + 2 * i, i + 1 < count ? "1," : "1]", 2);
	const char *reason;
	cJSON *root = json_parse(&buffer, text, 2 * count + 1, &reason);
	assert_non_null(root);
	assert_int_equal(cJSON_GetArraySize(root), count);
	cJSON_Delete(root);
	free(text);
}

static void random_bytes_do_no_harm(void **state)
{
	(void)state;
	static const char alphabet[] = "{}[]\",:\\u0019eE+-. \x01\x80\xed\x95\x9c" "aD";
	struct rng r = { 1 };
	for (int i = 0; i < 50000; i++) {
		size_t len = rng_below(&r, 24);
		char *text = malloc(len + 1);
		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[rng_below(&r, sizeof alphabet)];
		const char *reason = NULL;
		cJSON *root = json_parse(&buffer, text, len, &reason);
		assert_true(root || reason);
		cJSON_Delete(root);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_keep_every_character),
		cmocka_unit_test(strings_and_numbers_are_told_apart),
		cmocka_unit_test(digits_inside_strings_are_left_alone),
		cmocka_unit_test(a_string_cannot_pretend_to_be_a_number),
		cmocka_unit_test(a_string_is_not_cut_at_a_nul),
		cmocka_unit_test(broken_texts_are_refused),
		cmocka_unit_test(what_only_looks_like_a_number_breaks_the_text),
		cmocka_unit_test(invalid_utf8_is_refused),
		cmocka_unit_test(depth_ends_at_32),
		cmocka_unit_test(a_text_of_digits_alone_fits_its_buffer),
		cmocka_unit_test(random_bytes_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
