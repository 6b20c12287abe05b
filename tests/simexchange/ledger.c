#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dialect.h"
#include "market.h"
#include "options.h"

#define LINE_MAX_BYTES 512

static struct ledger trades = LEDGER_CLOSED;

bool ledger_begin(struct ledger *l, const char *path)
{
	if (!path)
		return true;
	l->path = path;
	l->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (l->fd < 0)
		fprintf(stderr, "simexchange: %s: %s\n", path, strerror(errno));
	return l->fd >= 0;
}

char *ledger_room(struct ledger *l)
{
	return l->fd < 0 ? NULL : buf_room(&l->lines, LINE_MAX_BYTES);
}

void ledger_wrote(struct ledger *l, size_t len)
{
	l->lines.len += len;
}

void ledger_write(struct ledger *l)
{
	size_t done = 0;

	while (done < l->lines.len) {
		ssize_t n = write(l->fd, l->lines.p + done, l->lines.len - done);

		if (n < 0 && errno != EINTR) {
			fprintf(stderr, "simexchange: %s: %s\n", l->path, strerror(errno));
			break;
		}
		if (n > 0)
			done += (size_t)n;
	}
	l->lines.len = 0;
}

void ledger_end(struct ledger *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	buf_release(&l->lines);
}

bool ledger_open(void)
{
	return ledger_begin(&trades, opt.ledger_file);
}

void ledger_add(const struct trade *t)
{
	char *start = ledger_room(&trades), *d = start;

	if (!d)
		return;
	d = put_text(d, market_at(t->market)->symbol);
	*d++ = ',';
	d = put_i64(d, t->time_us / opt.dialect->time_unit_us);
	*d++ = ',';
	d = put_dec(d, trade_price(t), SPELL_PLAIN);
	*d++ = ',';
	d = put_dec(d, trade_size(t), SPELL_PLAIN);
	d = t->side == SIDE_BUY ? put_lit(d, ",buy,") : put_lit(d, ",sell,");
	if (opt.dialect->trade_id)
		d = put_u64(d, opt.dialect->trade_id(t));
	*d++ = '\n';
	ledger_wrote(&trades, (size_t)(d - start));
}

void ledger_flush(void)
{
	ledger_write(&trades);
}

void ledger_close(void)
{
	ledger_end(&trades);
}
