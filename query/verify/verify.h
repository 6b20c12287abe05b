/* The proofs behind `tapedeck verify`.  Each disbelieves what is not a trade, and each looks at what it compares in one
 * snapshot, or again before it complains: a recorder at work is no fault.  One thread. */
#ifndef QUERY_VERIFY_VERIFY_H
#define QUERY_VERIFY_VERIFY_H

#include "query/read/audit.h"
#include "query/read/select.h"
#include "query/read/spans.h"

#include "schema/tape/reader.h"

/* What one check found: how many faults, and the words of the first. */
struct finding {
	int64_t faults;
	char first[300];
};
void finding_add(struct finding *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* After a read that failed, before anything else is asked: where the file itself is damaged that is a finding (true); all
 * else ends the program. */
bool verify_damaged(const struct reader *r, struct finding *f, const struct err *err) MUST_CHECK;

/* Several reads that see one snapshot: `look` is called in a short transaction, and again where the tape was opened anew, so
 * it begins with what it has to forget.  Its statements are finalised when it returns.  A damaged file becomes a finding,
 * *broken is set, and the answer is true. */
bool verify_snapshot(struct reader *r, bool (*look)(void *to, struct err *err), void *to, struct finding *f, bool *broken,
                     struct err *err) MUST_CHECK;
/* A statement for `look`, with ?1 = market, ?2 ... = values; the caller finalises it.  NULL: see err. */
sqlite3_stmt *verify_prepare(struct reader *r, const char *sql, int64_t market_id, const int64_t *values, int count,
                             struct err *err);
/* Finalises it, NULL too; false where it or `ok` failed. */
bool verify_finalize(struct reader *r, sqlite3_stmt *stmt, bool ok, struct err *err) MUST_CHECK;

/* Ids of a market whose trades are numbered one by one: what is missing of them.  Ids may come in any order. */
struct id_skip {
	int64_t from, to;           /* the first and the last that is missing */
	int64_t after_us, before_us; /* times of the trades around */
};
struct id_skips {
	int64_t from_us, until_us; /* the epoch of the market's ids: [from_us, until_us) */
	struct id_skip *list; /* owned; by id */
	size_t count;
	bool begun;           /* a trade came by socket: from here on all are wanted */
	int64_t first;        /* where that was */
	int64_t newest, newest_us;
	bool is_far;          /* one came that is far beyond newest, and nothing near it yet */
	int64_t far_id, far_us;
	bool too_many;        /* its ids are anything but numbered one by one */
};
enum id_place { ID_NEXT, ID_MISSED, ID_BEFORE, ID_TWICE, ID_NO_MEMORY };
/* One id far beyond all others counts when another stands near it, and not alone: so the recorder takes it, too. */
enum id_place id_skips_add(struct id_skips *s, int64_t id, int64_t time_us, bool by_socket);
void id_skips_release(struct id_skips *s);

struct market_proof {
	struct finding trades, candles, ids;
	bool ids_step;         /* each id is that of the trade before it plus one */
	struct id_skips *epochs; /* owned; one more wherever the market's ids begin again; their skips, if ids_step */
	size_t epoch_count;
	int64_t rows, minutes;
};

/* Reads every trade and candle.  false: the tape cannot be read on, and err says why. */
bool verify_trades(struct reader *r, const struct market *m, struct market_proof *proof, struct err *err) MUST_CHECK;
void market_proof_release(struct market_proof *proof);

/* Each row of stray_id names a trade. */
bool verify_strays(struct reader *r, const struct market *m, struct finding *f, struct err *err) MUST_CHECK;
/* Each skip lies in a gap that is open or unfillable, and none in a filled one. */
bool verify_skips(struct reader *r, const struct market *m, const struct id_skips *skips, struct finding *f,
                  struct err *err) MUST_CHECK;
/* The rows themselves make sense; *rows counts them. */
bool verify_gaps(struct reader *r, const struct market *m, struct finding *f, int64_t *rows, struct err *err) MUST_CHECK;
/* The newest total of the exchange's beside the tape as it is now; *a: what is found, for the sum. */
bool verify_audit(struct reader *r, const struct market *m, struct audit_row *a, struct finding *f, struct err *err) MUST_CHECK;
bool verify_coverage(struct reader *r, const struct market *m, struct finding *f, int64_t *rows, struct err *err) MUST_CHECK;

#endif
