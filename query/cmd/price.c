/* tapedeck price: the last price, alone on a line; of several markets a line each, in the order asked for. */
#include "query/context.h"
#include "query/read/trade_text.h"

#include <string.h>

struct prices {
	const struct market *without; /* the last one named that has no trade */
	bool stale;
	struct err stale_err;
};

static bool put_price(struct context *c, const struct market *m, struct prices *p, struct err *err)
{
	struct tape_row row = { .time_us = 0 };
	bool found;
	if (!last_row(&c->reader, m, &row, &found, err))
		return false;
	if (found) {
		char price[DECIMAL_TEXT_SIZE];
		const struct cell cells[] = {
			{ m->exchange, strlen(m->exchange) }, { m->symbol, strlen(m->symbol) }, { price, price_format(&row, price) }
		};
		out_row(&c->out, c->selection.count > 1 ? cells : &cells[2]);
	} else if (m->named) {
		p->without = m;
	}
	if (check_age(c, m, found ? &row : NULL, &p->stale_err) != EXIT_OK)
		p->stale = true;
	return true;
}

enum exit_code cmd_price(struct context *c, struct err *err)
{
	static const struct column columns[] = { { "exchange", CELL_TEXT }, { "symbol", CELL_TEXT }, { "price", CELL_DECIMAL } };
	const struct selection *s = &c->selection;
	struct prices prices = { .without = NULL };
	out_columns(&c->out, s->count > 1 ? columns : &columns[2], s->count > 1 ? 3 : 1);
	for (size_t name = 0; name < c->options.name_count; name++)
		for (size_t i = 0; i < s->count; i++)
			if (s->markets[i].asked == name && !put_price(c, &s->markets[i], &prices, err))
				return EXIT_TAPE;
	if (c->out.rows > 0 && (prices.stale || !prices.without)) {
		*err = prices.stale_err;
		return prices.stale ? EXIT_STALE : EXIT_OK;
	}
	if (prices.without)
		err_set(err, "there is no trade of %s yet", prices.without->name);
	else
		err_set(err, "there is no trade yet");
	return EXIT_NO_DATA;
}
