/* tapedeck gaps: the ledger of gaps. */
#include "query/context.h"
#include "query/read/gaps.h"
#include "query/read/life.h"

#include <string.h>

static void put_gap(struct out *o, const struct market *m, const struct gap *h, int64_t beat_us)
{
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE], from_id[INTEGER_TEXT_SIZE], to_id[INTEGER_TEXT_SIZE];
	char filled[INTEGER_TEXT_SIZE];
	const char *state = gap_state_name(h->state);
	size_t word = strcspn(h->reason, ":");
	const char *note = h->reason[word] ? h->reason + word + strlen(": ") : "";
	const struct cell cells[] = {
		{ m->exchange, strlen(m->exchange) },
		{ m->symbol, strlen(m->symbol) },
		{ from, time_cell(h->from_us, o->time_form, from) },
		{ to, time_cell(gap_end(h, beat_us), o->time_form, to) },
		{ from_id, h->has_from_id ? integer_format(h->from_id, from_id) : 0 },
		{ to_id, h->has_to_id ? integer_format(h->to_id, to_id) : 0 },
		{ h->reason, word },
		{ state, strlen(state) },
		{ filled, integer_format(h->filled, filled) },
		{ note, strlen(note) },
	};
	out_row(o, cells);
}

enum exit_code cmd_gaps(struct context *c, struct err *err)
{
	static const struct column columns[] = {
		{ "exchange", CELL_TEXT },   { "symbol", CELL_TEXT },   { "from", CELL_TIME },   { "to", CELL_TIME },
		{ "from_id", CELL_DECIMAL }, { "to_id", CELL_DECIMAL }, { "reason", CELL_TEXT }, { "state", CELL_WORD },
		{ "filled", CELL_INTEGER },  { "note", CELL_TEXT },
	};
	struct recorder_life life;
	enum exit_code code = EXIT_OK;
	if (!life_read(&c->reader, wall_us(), &life, err))
		return EXIT_TAPE;
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; code == EXIT_OK && i < c->selection.count && !out_stopped(&c->out); i++) {
		const struct market *m = &c->selection.markets[i];
		struct gap_stream stream;
		if (!gap_stream_init(&stream, &c->reader, m, &c->options.range, err))
			return EXIT_FAILED;
		do {
			if (!gap_stream_next(&stream, err))
				code = EXIT_TAPE;
			for (size_t k = 0; code == EXIT_OK && k < stream.count; k++)
				put_gap(&c->out, m, &stream.gaps[k], life.beat_us);
		} while (code == EXIT_OK && stream.count > 0 && !out_stopped(&c->out));
		gap_stream_release(&stream);
	}
	return code;
}
