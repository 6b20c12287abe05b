/* A stretch of a market's past, asked for from REST page by page, to fill a gap.  Pure: paths out, bodies in, trades out
 * through a callback; no clock, no socket.  Network thread.
 *
 * Where ids do not prove (upbit, bithumb), pages go from the newest to the oldest, and the stretch is whole once a trade
 * older than its beginning came: then nothing in between was left out.  Where ids do, pages go up from the first id that
 * is missing.  What REST will never give is cut out of the stretch: the caller writes that part down as unfillable. */
#ifndef RECORDER_EXCHANGES_HISTORY_H
#define RECORDER_EXCHANGES_HISTORY_H

#include "recorder/exchanges/json.h"
#include "schema/base/timefmt.h"
#include "schema/value/trade.h"

#define HISTORY_PATH_SIZE 512
#define HISTORY_NO_ID INT64_C(-1)

struct history {
	const char *symbol;      /* borrowed */
	int64_t from_us, to_us;  /* wanted: [from_us, to_us); INT64_MAX: up to the newest */
	int64_t from_id, to_id;  /* where ids prove: wanted from_id to to_id; HISTORY_NO_ID: not known (yet) */
	int64_t lead;            /* forward: so many recorded ids before from_id are asked for along, to be compared; 0: none */
	int64_t older_ref_us;       /* a trade that was recorded: the newest from before from_us, else the market's first; INT64_MIN: none */
	int64_t newer_ref_us;      /* backward: a trade behind the stretch that a socket brought; INT64_MIN: none, or REST showed as new a one */
	int64_t now_us;          /* the exchange's time of the request at hand; the caller sets it before each path() */

	/* What has been given; set by take(). */
	int64_t reached_us;      /* backward: unbroken from to_us down to here; forward: up to here */
	int64_t next_id;         /* forward: the next one to ask for */
	struct history_cut {     /* after HISTORY_CUT: never to be had */
		int64_t from_us, to_us;
		int64_t from_id, to_id;
	} cut;

	/* The driver's own. */
	bool begun;
	int64_t bound_us;        /* backward: trades before this are asked for next */
	int64_t oldest_us;       /* backward: of all trades given */
	int64_t cursor;          /* HISTORY_NO_ID: none */
	int step;
	bool doubted;            /* the last answer was empty; one alone is not believed */
	unsigned spoilt_tries;   /* answers in a row with a row that makes no sense */
	unsigned skip_tries;     /* forward: answers in a row that lacked the same ids, though later ones were there */
	int64_t low_id, high_id; /* forward, while the first id is looked for: one too old, one that is not; HISTORY_NO_ID: none yet */
	int64_t high_us, stride; /* the time of high_id; so far below it is looked next */
	bool too_old;            /* forward: what lies between these two is older than REST reaches, and its ids are not known yet */
	int64_t old_from_us, old_to_us;
};

#define HISTORY_SPOILT_TRIES 2 /* before a page with a row that makes no sense is taken without it */

enum history_state {
	HISTORY_MORE,  /* ask again */
	HISTORY_DONE,  /* all of the stretch was given */
	HISTORY_CUT,   /* `cut`, at the end that was reached, cannot be had, and *reason says why; what lies beyond it may go on */
	HISTORY_LATER, /* REST does not know all of it yet, nor the witness; or lacks a part, which may be one of its servers' */
	HISTORY_BAD,   /* no answer to the question, and *reason says what it is: ask again after a while */
};

struct history_page { /* an answer; status 200, or whatever is neither a limit nor a server's failure */
	int status;
	const char *body;
	size_t len;
	struct json_buffer *buffer; /* scratch memory of the caller's */
	void (*trade)(void *arg, const struct trade *trade); /* in order of time; .market and .recv_wall_us not set */
	/* Each row that can be read, of the stretch or not, to be compared with what was recorded; NULL: not wanted. */
	void (*seen)(void *arg, const struct trade *trade);
	/* A row that makes no sense, however often it was asked for: what lies in these bounds is lost.  Ids: HISTORY_NO_ID, unknown. */
	void (*spoilt)(void *arg, const struct history_cut *lost, const char *reason);
	void *arg;
	const char *reason;         /* set by take(): a constant, or what the exchange says, for as long as the buffer */
	char words[160];            /* where `reason` may point to */
};

struct history_api { /* const, one an exchange */
	bool newest_first;            /* backward, and no id proves */
	unsigned pause_ms;            /* between two requests: what the exchange allows when nothing else asks */
	int64_t day_offset_us;        /* newest_first: its day begins so long before 00:00 UTC; requests name days */
	const char *header;           /* a request header, "Name: value"; NULL: none */
	const char *limit_header;     /* of the answer, in lower case with its colon; NULL: none */
	/* How long to wait, as that header says.  0: not at all. */
	int64_t (*wait_ms)(const char *limit_header_value);
	/* The path of the next request.  Called again if the answer was lost. */
	void (*path)(struct history *h, char path[static HISTORY_PATH_SIZE]);
	enum history_state (*take)(struct history *h, struct history_page *page);
};

#endif
