#include "query/read/trade_text.h"

#include <string.h>

const struct column trade_columns[TRADE_COLUMNS] = {
	{ "exchange", CELL_TEXT }, { "symbol", CELL_TEXT }, { "time", CELL_TIME },        { "price", CELL_DECIMAL },
	{ "size", CELL_DECIMAL },  { "side", CELL_WORD },   { "trade_id", CELL_DECIMAL }, { "received", CELL_TIME },
};

static size_t number_format(int64_t packed, const struct decimal *d, char text[static DECIMAL_TEXT_SIZE])
{
	return packed >= 0 ? decimal_format_packed(packed, text) : decimal_format(d, text);
}

size_t price_format(const struct tape_row *row, char text[static DECIMAL_TEXT_SIZE])
{
	return number_format(row->price_packed, &row->price, text);
}

size_t size_format(const struct tape_row *row, char text[static DECIMAL_TEXT_SIZE])
{
	return number_format(row->size_packed, &row->size, text);
}

void trade_put(struct out *o, const struct market *m, const struct tape_row *row)
{
	char time[TIME_TEXT_SIZE], price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE], id[TRADE_ID_TEXT_SIZE];
	char received[TIME_TEXT_SIZE];
	const char *side = side_name(row->side);
	const struct cell cells[TRADE_COLUMNS] = {
		{ m->exchange, strlen(m->exchange) },
		{ m->symbol, strlen(m->symbol) },
		{ time, time_cell(row->time_us, o->time_form, time) },
		{ price, price_format(row, price) },
		{ size, size_format(row, size) },
		{ side, strlen(side) },
		{ id, trade_id_format(&row->id, id) },
		{ received, row->received ? time_cell(row->recv_us, o->time_form, received) : 0 },
	};
	out_row(o, cells);
}
