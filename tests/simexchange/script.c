#include "script.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "conn.h"
#include "market.h"
#include "options.h"
#include "session.h"
#include "totals.h"

static struct fault *faults; /* owned; its layout is fixed once threads run */
static size_t faults_len;
static pthread_t thread;
static bool thread_runs;
static atomic_bool stopping;
static atomic_bool begun;    /* somebody has subscribed */

static atomic_llong refuse_until, unavailable_until, http_until, http_stall_until, truncate_until, shutdown_until;
static atomic_ullong retry_after_s;
static atomic_int http_status;
static atomic_uint mode_fragments, mode_coalesce;
static atomic_bool mode_drip, mode_text, mode_ageless;

bool script_until(atomic_llong *when)
{
	long long t = atomic_load(when);

	return t && clock_mono_us() < t;
}

bool script_refusing(void)
{
	return script_until(&refuse_until);
}

bool script_unavailable(uint64_t *retry_after)
{
	*retry_after = atomic_load(&retry_after_s);
	return script_until(&unavailable_until);
}

bool script_market_muted(size_t market)
{
	return script_until(&market_at(market)->unkind.muted_until_us);
}

int script_http_status(void)
{
	return script_until(&http_until) ? atomic_load(&http_status) : 0;
}

bool script_http_stalled(void)
{
	return script_until(&http_stall_until);
}

bool script_truncating(void)
{
	return script_until(&truncate_until);
}

bool script_ageless(void)
{
	return atomic_load(&mode_ageless);
}

bool script_shutting_down(void)
{
	return script_until(&shutdown_until);
}

bool script_waits_for(uint64_t nth)
{
	for (size_t i = 0; i < faults_len; i++)
		if (faults[i].when >= WHEN_TRADE && faults[i].when_count == nth)
			return true;
	return false;
}

struct script_modes script_modes(void)
{
	return (struct script_modes){ .fragments = atomic_load(&mode_fragments), .coalesce = atomic_load(&mode_coalesce),
				      .drip = atomic_load(&mode_drip), .text = atomic_load(&mode_text) };
}

/* ---- what happens to the exchange ---- */

static long long end_of(const struct fault *f)
{
	return clock_mono_us() + f->for_us;
}

void script_refuse(const struct fault *f)
{
	atomic_store(&refuse_until, end_of(f));
}

void script_be_unavailable(const struct fault *f)
{
	atomic_store(&retry_after_s, f->more);
	atomic_store(&unavailable_until, end_of(f));
}

void script_mute_market(const struct fault *f)
{
	atomic_store(&market_at(f->market)->unkind.muted_until_us, end_of(f));
}

void script_http(const struct fault *f)
{
	atomic_store(&http_status, (int)f->count);
	atomic_store(&http_until, end_of(f));
}

void script_http_stall(const struct fault *f)
{
	atomic_store(&http_stall_until, end_of(f));
}

void script_truncate(const struct fault *f)
{
	atomic_store(&truncate_until, end_of(f));
}

void script_list(const struct fault *f)
{
	market_list(f->market, true);
}

void script_delist(const struct fault *f)
{
	market_list(f->market, false);
}

void script_be_ageless(const struct fault *f)
{
	(void)f;
	atomic_store(&mode_ageless, true);
}

void script_shutdown_each(const struct fault *f)
{
	atomic_store(&shutdown_until, f->for_us ? end_of(f) : INT64_MAX);
}

void script_fragment(const struct fault *f)
{
	atomic_store(&mode_fragments, (unsigned)f->count);
}

void script_coalesce(const struct fault *f)
{
	atomic_store(&mode_coalesce, (unsigned)f->count);
}

void script_drip(const struct fault *f)
{
	(void)f;
	atomic_store(&mode_drip, true);
}

void script_text(const struct fault *f)
{
	(void)f;
	atomic_store(&mode_text, true);
}

/* ---- when ---- */

static void happen_to_all(const struct fault *f)
{
	if (f->happen)
		f->happen(f);
	if (f->action == DO_NOTHING) {
		atomic_fetch_add(&totals.faults, 1);
		say("fault %s", f->name);
	}
}

/* By conn= and trade= what lasts is of that connection alone. */
static void happen_here(struct session *s, const struct fault *f)
{
	if (f->action == DO_NOTHING)
		happen_to_all(f);
	else
		session_fault(s, f);
}

void script_on_subscribe(struct session *s, unsigned number)
{
	atomic_store(&begun, true);
	for (size_t i = 0; i < faults_len; i++)
		if (faults[i].when == WHEN_CONN && faults[i].when_count == number)
			happen_here(s, &faults[i]);
}

void script_on_trade(struct session *s, uint64_t nth)
{
	for (size_t i = 0; i < faults_len; i++) {
		struct fault *f = &faults[i];

		if (f->when_count != nth)
			continue;
		if (f->when == WHEN_EACH_TRADE || (f->when == WHEN_TRADE && !atomic_exchange(&f->done, true)))
			happen_here(s, f);
	}
}

static void *run(void *unused)
{
	int64_t start_us = clock_mono_us(), begun_us = 0;

	(void)unused;
	for (size_t i = 0; i < faults_len; i++)
		faults[i].due_us = start_us + faults[i].when_us;
	while (!atomic_load(&stopping)) {
		int64_t now = clock_mono_us();

		if (!begun_us && atomic_load(&begun))
			begun_us = now;
		for (size_t i = 0; i < faults_len; i++) {
			struct fault *f = &faults[i];

			if (f->when > WHEN_EVERY || atomic_load(&f->done))
				continue;
			if (f->when == WHEN_AFTER && (!begun_us || now < begun_us + f->when_us))
				continue;
			if (f->when != WHEN_AFTER && now < f->due_us)
				continue;
			if (f->when == WHEN_EVERY)
				f->due_us += f->when_us;
			else
				atomic_store(&f->done, true);
			happen_to_all(f);
			if (f->action != DO_NOTHING)
				conn_mail_all(f);
		}
		clock_sleep_us(2000);
	}
	return NULL;
}

void script_start(void)
{
	if (faults_len)
		thread_runs = pthread_create(&thread, NULL, run, NULL) == 0;
}

void script_stop(void)
{
	atomic_store(&stopping, true);
	if (thread_runs)
		pthread_join(thread, NULL);
	thread_runs = false;
}

void script_release(void)
{
	for (size_t i = 0; i < faults_len; i++)
		fault_release(&faults[i]);
	free(faults);
}

/* What the script says of the very start is so before anybody comes. */
static void happen_at_the_start(void)
{
	for (size_t i = 0; i < faults_len; i++) {
		struct fault *f = &faults[i];

		if (f->when != WHEN_AT || f->when_us || f->action != DO_NOTHING)
			continue;
		atomic_store(&f->done, true);
		happen_to_all(f);
	}
}

bool script_load(void)
{
	FILE *file;
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	bool ok = true;

	if (!opt.script_file)
		return true;
	file = fopen(opt.script_file, "r");
	if (!file) {
		fprintf(stderr, "simexchange: %s: %s\n", opt.script_file, strerror(errno));
		return false;
	}
	while (ok && getline(&line, &room, file) >= 0) {
		struct fault f = { .due_us = 0 };
		char *text = line + strspn(line, " \t");

		number++;
		for (size_t n = strlen(text); n && strchr(" \t\r\n", text[n - 1]); n--)
			text[n - 1] = 0;
		if (!*text || *text == '#')
			continue;
		ok = fault_parse(text, &f);
		if (!ok)
			fprintf(stderr, "simexchange: %s:%u: not a fault\n", opt.script_file, number);
		faults = realloc(faults, (faults_len + 1) * sizeof *faults);
		if (!faults)
			abort();
		memcpy(&faults[faults_len++], &f, sizeof f);
	}
	free(line);
	fclose(file);
	if (ok)
		happen_at_the_start();
	return ok;
}
