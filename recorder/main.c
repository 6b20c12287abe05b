/* tapedeckd: records trades of exchanges onto the tape.
 *
 *   exchange ==TLS==> feed --message--> driver --trades--> queue ----> writer ----> tape (SQLite, WAL)
 *   (feed.c)    (feed_message.c) (exchange_*.c)   (queue.c)   (writer.c, batch.c)
 *   \____________________ network thread _________________/   \____ recorder thread ____/
 *
 * Four kinds of thread.  main starts and stops the others, owns the signals and writes the summary line.  The network thread runs
 * libwebsockets' loop: a feed or more an exchange, no blocking call in it.  The recorder thread commits batches.  The look-up
 * threads turn names into addresses, because getaddrinfo() may hang.  One bounded queue lies between network and disk;
 * trades are plain values in it, and data only flows from left to right.
 *
 *   object                 | network          | recorder           | look-up | main
 *   struct net, feeds      | owns             |                    |         | makes, destroys; net_stop, net_wake
 *   struct gaps, backfill  | owns             |                    |         | makes, destroys
 *   struct resume          | reads            |                    |         | loads, before the others start
 *   struct queue           | pushes           | pops               |         | closes, reads its depth
 *   the SQLite handle      |                  | owns               |         | opens, closes
 *   struct lookup          | asks, collects   |                    | answers |
 *   struct counters, the log  | atomics; a lock inside: any thread
 *
 * Newly listed: new_listings.c fetches the lists again and adds what a pattern wants; a second connection, subscribed to all of
 *   them, takes the first one's place without a break.  So it goes at the end of a connection's life (Binance: 24 h), too.
 * Disconnected: the feed says why and connects again for ever, waiting 1 s to 30 s.  A gap opens for each of its markets
 *   (gap.c), as for all else that may have been missed, and is a row of the ledger on the tape from its first moment.
 * Subscribed again: backfill.c asks REST for what the gaps miss; it goes through the same queue.  What REST cannot give stays
 *   in the ledger, with the reason.
 * The exchange's own totals (audit.c): a market that is mute though it trades is a gap, and volumes are put beside the tape's.
 * Started again: resume.c reads from the tape where each market stopped, and a gap opens from there.
 * Queue full (a slow disk, a flood): each exchange has a share of it; the sockets of one that fills its own are not read until
 *   half of it is written, and TCP holds that exchange back.  The others' rows take turns with it, so nobody waits behind it.
 * Disk full: the batch is kept and tried again; the queue fills; see above.  A stop then gives up after 3 s, counts what is lost
 *   (loss.c), and leaves its gaps in the ledger if there is room for so little.
 * The tape refuses a row: that row is a gap (unparseable, with SQLite's words), and all others are stored.
 * SIGTERM, SIGINT, SIGHUP (not to a service): no more is read, what is queued is written, the tape is left as one whole file.
 * SIGUSR1: the summary line, at once.
 * kill -9, power cut: the tape holds every committed transaction; a batch of at most --batch-ms is missing. */
#include "recorder/clock.h"
#include "recorder/config.h"
#include "recorder/tape/delisted_rows.h"
#include "recorder/tape/gap_queue.h"
#include "recorder/log.h"
#include "recorder/gaps/audit.h"
#include "recorder/markets/list_fetch.h"
#include "recorder/feeds/heartbeat.h"
#include "recorder/markets/new_listings.h"
#include "recorder/gaps/resume.h"
#include "recorder/tape/writer.h"
#include "recorder/service/service.h"
#include "schema/tape/snapshot.h"
#include "schema/base/timefmt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(EXCHANGES_MAX <= QUEUE_SHARES_MAX, "each exchange has its share of the queue");

#define MAIN_ROUND_US (US_PER_SECOND / 10)
#define STOP_US (5 * US_PER_SECOND) /* that a stop may take */
#define WRITER_STOP_US (4 * US_PER_SECOND) /* of these */
#define STOP_REST_US (3 * US_PER_SECOND / 10) /* likewise, for what comes behind the closing of the tape */
#define FOLD_FIRST_MS 250
#define DRAIN_US (US_PER_SECOND / 2)
#define DRAIN_PAUSE_US 5000
#define FIRST_WRITE_US (2 * US_PER_SECOND)
#define FIRST_WRITE_PAUSE_US 2000

static bool stdout_closed; /* when we began */

/* A standard stream that came closed would be given to the next file opened: the tape, say. */
static void fill_standard_streams(void)
{
	int fd;
	stdout_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static sigset_t stop_signals;
static int stop_signal; /* main thread only; 0: none came */
static bool summary_wanted; /* SIGUSR1 came */
static bool hung_up; /* SIGHUP came to a service, which no terminal holds */

static void block_signals(void)
{
	struct sigaction hup;
	sigemptyset(&stop_signals);
	sigaddset(&stop_signals, SIGTERM);
	sigaddset(&stop_signals, SIGINT);
	sigaddset(&stop_signals, SIGUSR1);
	if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN) /* nohup */
		sigaddset(&stop_signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &stop_signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Waits for a signal, at most `us`. */
static bool stopped_within(int64_t us)
{
	struct timespec wait = { .tv_sec = us / US_PER_SECOND, .tv_nsec = us % US_PER_SECOND * 1000 };
	if (stop_signal == 0) {
		int got = sigtimedwait(&stop_signals, NULL, &wait);
		summary_wanted = summary_wanted || got == SIGUSR1;
		hung_up = hung_up || (got == SIGHUP && service_managed());
		stop_signal = got > 0 && got != SIGUSR1 && !(got == SIGHUP && service_managed()) ? got : 0;
	}
	return stop_signal != 0;
}

static bool stopped(void)
{
	return stopped_within(0);
}

static int wrong(enum exit_code code, const struct err *err)
{
	fprintf(stderr, "tapedeckd: %s\n", err->text);
	if (code == EXIT_USAGE)
		fputs("tapedeckd: `tapedeckd -h` tells the options\n", stderr);
	return (int)code;
}

/* What -h, --version and --check-config print is all that was asked for. */
static int printed(void)
{
	struct err err = { .text = "" };
	errno = 0;
	if (!stdout_closed && fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_OK;
	err_set(&err, "the answer could not be printed: %s", stdout_closed ? "standard output is closed" : strerror(errno ? errno : EIO));
	return wrong(EXIT_FAILED, &err);
}

/* --check-config */
static int show_config(const struct config *config, const struct market_list *lists, const struct market_plan *plan)
{
	struct stat st;
	struct err err = { .text = "" };
	if (!tape_check(config->db, &err))
		return wrong(EXIT_TAPE, &err);
	printf("tape: %s (%s)\n", config->db, stat(config->db, &st) == 0 ? "there already" : "will be made");
	for (size_t i = 0; i < config->address_count; i++) {
		const struct exchange *exchange = config->addresses[i].exchange;
		size_t count = 0;
		for (size_t k = 0; k < plan->market_count; k++)
			count += plan->markets[k]->exchange == exchange;
		printf("%s: %zu market%s", exchange->name, count, count == 1 ? "" : "s");
		if (lists[i].partial)
			printf(", checked against the %zu listed, where a page is missing: %s\n", lists[i].count, lists[i].reason);
		else if (lists[i].had)
			printf(", checked against the %zu listed\n", lists[i].count);
		else
			printf(", unchecked: %s\n", lists[i].reason);
		for (size_t k = 0; k < plan->market_count; k++)
			if (plan->markets[k]->exchange == exchange)
				printf("%s%s\n", plan->markets[k]->name, plan->markets[k]->unchecked && lists[i].had ? " (unchecked)" : "");
		for (size_t k = 0; k < plan->waiting_count; k++)
			if (market_is_of(plan->waiting[k], exchange))
				printf("%s (waits for the list)\n", plan->waiting[k]);
	}
	return printed();
}

/* ---- the threads ---- */

struct recorder {
	struct config config;
	struct market_list lists[EXCHANGES_MAX];
	struct market_plan plan;
	struct queue queue;
	struct net net;
	struct counters counters;
	struct tape tape;
	struct batch_writer batch_writer;
	struct writer writer;
	struct resume resume;
	struct gaps gaps;
	struct gap_queue gap_queue;
	struct backfill backfill;
	struct audit audit;
	struct feeds feeds;
	struct new_listings new_listings;
	struct heartbeat pulse;
	pthread_t net_thread;
};

static void release_lists(struct recorder *r)
{
	for (size_t i = 0; i < r->config.address_count; i++)
		market_list_release(&r->lists[i]);
}

static void *run_network(void *arg)
{
	struct recorder *r = arg;
	net_run(&r->net);
	/* What had come when the stop was asked for is still taken, unless it never ends. */
	int64_t until = clock_mono_us() + DRAIN_US;
	for (int quiet_rounds = 0; quiet_rounds < 3 && clock_mono_us() < until;) {
		uint64_t before = atomic_load(&r->counters.events);
		if (r->net.throttled)
			usleep(DRAIN_PAUSE_US);
		net_wake(&r->net); /* the loop must not sleep */
		net_serve(&r->net);
		quiet_rounds = atomic_load(&r->counters.events) == before && !r->net.throttled ? quiet_rounds + 1 : 0;
	}
	new_listings_stop(&r->new_listings);
	audit_stop(&r->audit);
	backfill_stop(&r->backfill);
	heartbeat_stop(&r->pulse);
	feeds_finish(&r->feeds);
	return NULL;
}

/* The one line a minute that tells that it works. */
static void summarize(struct recorder *r, uint64_t *received_before)
{
	struct counters *s = &r->counters;
	uint64_t received = atomic_load(&s->received);
	int64_t newest_us = atomic_load(&s->newest_us);
	char age[32] = "none";
	if (newest_us > 0)
		snprintf(age, sizeof age, "%.1f", (double)(clock_wall_us() - newest_us) / (double)US_PER_SECOND);
	size_t most, depth = queue_depth(&r->queue, &most);
	log_event(LOG_INFO, "summary",
	          "trades=%llu total=%llu stored=%llu repeated=%llu markets=%llu/%llu newest_age_s=%s queue=%zu queue_most=%zu "
	          "reconnects=%llu bad=%llu passed_over=%llu lost=%llu",
	          (unsigned long long)(received - *received_before), (unsigned long long)received,
	          (unsigned long long)atomic_load(&s->stored), (unsigned long long)atomic_load(&s->repeated),
	          (unsigned long long)atomic_load(&s->markets_seen), (unsigned long long)atomic_load(&s->markets), age, depth, most,
	          (unsigned long long)atomic_load(&s->disconnects), (unsigned long long)atomic_load(&s->bad), (unsigned long long)atomic_load(&s->others),
	          (unsigned long long)atomic_load(&s->lost));
	*received_before = received;
	log_fold_tick();
}

/* Until a signal, --for, or a tape that can no longer be used. */
static void watch(struct recorder *r)
{
	int64_t begin_us = clock_mono_us(), summary_us = begin_us + US_PER_MINUTE, look_us = begin_us;
	uint64_t received_before = 0;
	for (;;) {
		if (stopped_within(MAIN_ROUND_US)) {
			log_event(LOG_INFO, "stopping", "signal=%s", stop_signal == SIGTERM ? "TERM" : stop_signal == SIGINT ? "INT" : "HUP");
			break;
		}
		int64_t now = clock_mono_us();
		service_alive(now);
		if (hung_up)
			log_event(LOG_WARNING, "settings-not-read", "settings are read at the start alone: restart the service");
		hung_up = false;
		if (r->config.for_us > 0 && now - begin_us >= r->config.for_us) {
			log_event(LOG_INFO, "stopping", "after=%lld_s", (long long)(r->config.for_us / US_PER_SECOND));
			break;
		}
		if (atomic_load(&r->writer.failed) != EXIT_OK)
			break;
		if (now >= look_us) {
			look_us = now + US_PER_SECOND;
			if (!tape_in_place(&r->tape)) {
				log_event(LOG_ERROR, "tape-gone", "tape=%s was moved, removed or replaced while it was recorded; what was "
				          "recorded is in the file that had this name", r->config.db);
				atomic_store(&r->writer.failed, EXIT_TAPE);
				break;
			}
		}
		if (now >= summary_us || summary_wanted) {
			summarize(r, &received_before);
			summary_us += now >= summary_us ? US_PER_MINUTE : 0;
			summary_wanted = false;
		}
	}
	service_stopping();
	atomic_store(&r->writer.stop_mono_us, clock_mono_us());
	net_stop(&r->net);
	pthread_join(r->net_thread, NULL);
	queue_close(&r->queue);
	if (!writer_join(&r->writer, WRITER_STOP_US)) {
		log_event(LOG_ERROR, "stop-hangs", "the disk does not answer; what is not committed is lost");
		_exit(EXIT_FAILED);
	}
	summarize(r, &received_before);
}

/* All into the one file.  Who reads may hold it up: that is told, and waited for as long as a stop may take. */
static bool close_tape(struct recorder *r)
{
	struct err err = { .text = "" };
	if (!tape_fold(&r->tape, FOLD_FIRST_MS, &err)) {
		char holders[SNAPSHOT_TEXT_SIZE];
		bool known = snapshot_holders(r->tape.path, getpid(), holders);
		log_event(LOG_WARNING, "tape-held", "%s: %s; waiting", err.text, known ? holders : "who reads it is not known");
	}
	int64_t stop_us = atomic_load(&r->writer.stop_mono_us), now = clock_mono_us();
	int64_t left_us = (stop_us != 0 ? stop_us : now) + STOP_US - STOP_REST_US - now;
	if (tape_close_within(&r->tape, left_us > 0 ? (int)(left_us / 1000) : 0, &err))
		return true;
	log_event(LOG_ERROR, "tape-not-one-file", "%s; a copy of the one file alone lacks them, and says so", err.text);
	return false;
}

/* Start list.  Each step's counterpart stands in main(), in the opposite order. */
static int record(struct recorder *r)
{
	struct err err = { .text = "" };
	if (!tape_open(&r->tape, r->config.db, r->config.sync, &err))
		return wrong(EXIT_TAPE, &err);
	int code = EXIT_FAILED;
	r->feeds = (struct feeds){ .net = &r->net, .config = &r->config, .plan = &r->plan, .gaps = &r->gaps, .counters = &r->counters };
	if (!batch_writer_init(&r->batch_writer, r->tape.db, (size_t)r->config.queue_rows, &r->gaps.next_gap_id, &err) ||
	    !resume_load(&r->resume, r->tape.db, clock_wall_us(), &err)) {
		err_wrap(&err, "the tape %s cannot be used", r->config.db);
		code = wrong(EXIT_TAPE, &err);
		goto close_tape;
	}
	if (!wanted_rows_begin(&r->batch_writer.wanted, &r->plan, clock_wall_us(), &err)) /* the next start tries again */
		log_event(LOG_WARNING, "wanted-not-written", "reason=\"%s\" markets of earlier runs still count as wanted", err.text);
	gap_queue_init(&r->gap_queue, &r->gaps, &r->net, &r->plan, &r->config, &r->resume);
	int64_t next_gap_id = atomic_load(&r->gaps.next_gap_id);
	if (!delisted_rows_write(r->tape.db, &r->plan, &next_gap_id, clock_wall_us(), &err)) /* the next start tries again */
		log_event(LOG_WARNING, "delisted-not-written", "reason=\"%s\"", err.text);
	else
		atomic_store(&r->gaps.next_gap_id, next_gap_id);
	if (!feeds_grow(&r->feeds, &err)) {
		code = wrong(EXIT_FAILED, &err);
		goto close_tape;
	}
	new_listings_start(&r->new_listings, &r->feeds, r->lists);
	release_lists(r);
	backfill_start(&r->backfill, &r->gaps, &r->net, &r->plan, &r->config);
	audit_start(&r->audit, &r->gaps, &r->backfill);
	heartbeat_start(&r->pulse, &r->feeds);
	if (!writer_start(&r->writer, &r->queue, &r->batch_writer, &r->counters, &r->config, &err)) {
		code = wrong(EXIT_FAILED, &err);
		goto close_tape;
	}
	/* Before the first trade can come, the tape knows which markets are recorded from now on. */
	for (int64_t until = clock_mono_us() + FIRST_WRITE_US; !atomic_load(&r->writer.begun) && clock_mono_us() < until;)
		usleep(FIRST_WRITE_PAUSE_US);
	size_t market_count = r->plan.market_count; /* the plan is the network thread's from here on */
	if (pthread_create(&r->net_thread, NULL, run_network, r) != 0)
		abort(); /* the recorder thread runs already, and nothing is recorded yet */
	if (r->tape.note[0])
		log_event(LOG_WARNING, "set-aside", "%s", r->tape.note);
	log_event(LOG_INFO, "recording", "tape=%s markets=%zu pid=%d version=" TAPEDECK_VERSION, r->config.db,
	          market_count, (int)getpid());
	service_ready();
	watch(r);
	if (!batch_writer_stopped(&r->batch_writer, atomic_load(&r->counters.lost), &err))
		log_event(LOG_WARNING, "stop-not-on-tape", "reason=\"%s\" readers will call this recorder dead, not stopped", err.text);
	code = (int)atomic_load(&r->writer.failed);

close_tape:
	batch_writer_release(&r->batch_writer);
	if (!close_tape(r) && code == EXIT_OK)
		code = EXIT_FAILED;
	writer_release(&r->writer);
	return code;
}

int main(int argc, char **argv)
{
	static struct recorder r; /* zeroed, and too large for a stack */
	struct err err = { .text = "" };
	int code;
	fill_standard_streams();
	block_signals();
	switch (config_read(&r.config, argc, argv, &err)) {
	case CONFIG_GO:
		log_set_form(r.config.log_form);
		break;
	case CONFIG_DONE:
		config_release(&r.config);
		return printed();
	case CONFIG_WRONG:
	default:
		config_release(&r.config);
		return wrong(EXIT_USAGE, &err);
	}
	if (!queue_init_shares(&r.queue, (size_t)r.config.queue_rows, r.config.address_count)) {
		err_set(&err, "no memory for --queue-rows %lld", (long long)r.config.queue_rows);
		config_release(&r.config);
		return wrong(EXIT_FAILED, &err);
	}
	if (!net_init(&r.net, r.config.ca_file, &r.queue, &err)) {
		code = wrong(EXIT_FAILED, &err);
		goto release_queue;
	}
	r.queue.on_room = net_wake;
	r.queue.on_room_arg = &r.net;

	list_fetch_all(r.lists, &r.config, &r.net, stopped);
	for (size_t i = 0; i < r.config.address_count && !stopped(); i++)
		if (!r.lists[i].had || r.lists[i].partial)
			log_event(LOG_WARNING, "markets-unchecked", "exchange=%s reason=\"%s\" a name that it does not list would record nothing",
			          r.config.addresses[i].exchange->name, r.lists[i].reason);
	if (stopped())
		code = EXIT_OK;
	else if (delisted_rows_known(&r.config), !market_plan_make(&r.plan, &r.config, r.lists, &err))
		code = wrong(EXIT_USAGE, &err);
	else if (r.config.check_config)
		code = show_config(&r.config, r.lists, &r.plan);
	else
		code = record(&r);

	net_release(&r.net);
	feeds_release(&r.feeds);
	gaps_release(&r.gaps);
	resume_release(&r.resume);
	market_plan_release(&r.plan);
	release_lists(&r);
release_queue:
	queue_release(&r.queue);
	config_release(&r.config);
	log_fold_end();
	log_event(LOG_INFO, "stopped", "exit=%d", code);
	return code;
}
