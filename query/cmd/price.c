/* tapedeck price: the last price, alone on a line. */
#include "query/context.h"
#include "query/read/trade_text.h"

enum exit_code cmd_price(struct context *c, struct err *err)
{
	static const struct column columns[] = { { "price", CELL_DECIMAL } };
	const struct market *m = &c->selection.markets[0];
	struct tape_row row = { .time_us = 0 };
	bool found;
	if (!last_row(&c->reader, m, &row, &found, err))
		return EXIT_TAPE;
	out_columns(&c->out, columns, 1);
	if (!found) {
		err_set(err, "there is no trade of %s yet", m->name);
		return EXIT_NO_DATA;
	}
	char price[DECIMAL_TEXT_SIZE];
	const struct cell cells[] = { { price, price_format(&row, price) } };
	out_row(&c->out, cells);
	return check_age(c, m, &row, err);
}
