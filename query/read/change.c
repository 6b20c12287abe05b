#include "query/read/change.h"

#include <errno.h>
#include <poll.h>

#define POLL_MS 100

bool change_wait(struct change *w, struct reader *r, struct out *o, bool *changed, struct err *err)
{
	struct pollfd output = { .fd = o->fd };
	if (poll(&output, 1, POLL_MS) > 0 && output.revents & (POLLERR | POLLHUP | POLLNVAL))
		o->write_errno = EPIPE;
	bool reopened = false, first = !w->stmt;
	if (!reader_settle(r, &reopened, err))
		return false;
	if (reopened || first) {
		sqlite3_finalize(w->stmt);
		w->stmt = NULL;
		if (sqlite3_prepare_v2(r->db, "PRAGMA data_version", -1, &w->stmt, NULL) != SQLITE_OK)
			return reader_failed(r, err);
	}
	int64_t now = reader_step(w->stmt) == SQLITE_ROW ? sqlite3_column_int64(w->stmt, 0) : -1;
	if (sqlite3_reset(w->stmt) != SQLITE_OK)
		return reader_failed(r, err);
	*changed = reopened || first || now != w->version;
	w->version = now;
	return true;
}

void change_release(struct change *w)
{
	sqlite3_finalize(w->stmt);
	*w = (struct change){ .stmt = NULL };
}
