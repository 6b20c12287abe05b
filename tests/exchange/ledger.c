#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dialect.h"
#include "market.h"
#include "options.h"
#include "text.h"

static int ledger_fd = -1;
static struct buf lines;

bool ledger_open(void)
{
	if (!opt.ledger_file)
		return true;
	ledger_fd = open(opt.ledger_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (ledger_fd < 0)
		fprintf(stderr, "simexchange: %s: %s\n", opt.ledger_file, strerror(errno));
	return ledger_fd >= 0;
}

void ledger_add(const struct trade *t)
{
	char *start, *d;

	if (ledger_fd < 0)
		return;
	start = d = buf_room(&lines, 256);
	d = put_text(d, market_at(t->market)->symbol);
	*d++ = ',';
	d = put_i64(d, t->time_ms);
	*d++ = ',';
	d = put_dec(d, trade_price(t), SPELL_PLAIN);
	*d++ = ',';
	d = put_dec(d, trade_size(t), SPELL_PLAIN);
	d = t->side == SIDE_BUY ? put_lit(d, ",buy,") : put_lit(d, ",sell,");
	d = put_u64(d, opt.dialect->trade_id(t));
	*d++ = '\n';
	lines.len += (size_t)(d - start);
}

void ledger_flush(void)
{
	size_t done = 0;

	while (done < lines.len) {
		ssize_t n = write(ledger_fd, lines.p + done, lines.len - done);

		if (n < 0 && errno != EINTR) {
			fprintf(stderr, "simexchange: %s: %s\n", opt.ledger_file, strerror(errno));
			break;
		}
		if (n > 0)
			done += (size_t)n;
	}
	lines.len = 0;
}

void ledger_close(void)
{
	if (ledger_fd >= 0)
		close(ledger_fd);
	ledger_fd = -1;
	buf_release(&lines);
}
