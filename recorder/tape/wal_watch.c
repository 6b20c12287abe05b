#include "recorder/tape/wal_watch.h"

#include "recorder/log.h"
#include "schema/tape/schema.h"
#include "schema/tape/snapshot.h"
#include "schema/base/timefmt.h"

#include <sys/stat.h>
#include <unistd.h>

bool wal_watch_init(struct wal_watch *w, sqlite3 *db, struct fault *fault, struct err *err)
{
	*w = (struct wal_watch){ .db = db, .fault = fault };
	/* The mark, too: where it could not be taken away at the start, because the disk was full. */
	return tape_prepare(db, &w->since, "UPDATE tape_file SET wal_since_us = ?1, folded_us = NULL "
	                                   "WHERE wal_since_us IS NOT ?1 OR folded_us IS NOT NULL", err);
}

void wal_watch_release(struct wal_watch *w)
{
	sqlite3_finalize(w->since);
}

static void tell(struct wal_watch *w, const char *tape, int64_t bytes)
{
	char since[TIME_TEXT_SIZE], holders[SNAPSHOT_TEXT_SIZE];
	time_format(w->large_since_wall_us, since);
	bool known = snapshot_holders(tape, getpid(), holders);
	log_folded("wal-grows", LOG_WARNING, "wal-grows", "mib=%lld since=%s held_by=\"%s\" a reader holds a snapshot, and the -wal "
	           "cannot be brought into the tape until it lets go", (long long)(bytes >> 20), since, known ? holders : "not known");
}

bool wal_watch_look(struct wal_watch *w, int64_t wall_us)
{
	struct stat st;
	const char *tape = sqlite3_db_filename(w->db, "main");
	int64_t bytes = stat(sqlite3_filename_wal(tape), &st) == 0 ? st.st_size : 0;
	bool was_large = w->large_since_wall_us != 0;
	if (bytes <= TAPE_WAL_LARGE_BYTES) {
		if (was_large)
			log_event(LOG_INFO, "wal-shrunk", "mib=%lld", (long long)(bytes >> 20));
		w->large_since_wall_us = w->most_bytes = 0;
	} else {
		w->large_since_wall_us = was_large ? w->large_since_wall_us : wall_us;
		if (bytes > w->most_bytes)
			tell(w, tape, bytes);
		w->most_bytes = bytes > w->most_bytes ? bytes : w->most_bytes;
	}
	if (w->large_since_wall_us != 0)
		sqlite3_bind_int64(w->since, 1, w->large_since_wall_us);
	else
		sqlite3_bind_null(w->since, 1);
	return fault_done(w->since, w->fault);
}
