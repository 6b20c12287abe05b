/* tapedeck watch: prices live in the terminal.
 *
 *   tape --board_read.c--> board --watch_list.c, watch_market.c--> grid --terminal.c--> screen
 *                                          keys --watch_keys.c--> watch
 *
 * Ten times a second the tape is asked whether anything was written, which costs next to nothing; a frame is drawn when
 * it was, when a key was pressed, and once a second because ages grow. */
#include "query/context.h"
#include "query/stop.h"
#include "query/screen/terminal.h"
#include "query/screen/watch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS 100
#define ONCE_COLS_LEAST 60

static bool print_once(struct context *c, struct board *b, struct err *err)
{
	struct watch w = { .sort = SORT_MARKET };
	struct grid g;
	int cols = output_columns();
	char *line = NULL;
	int64_t now_us = wall_us();
	board_step(b, now_us);
	board_learn_all(b, now_us);
	if (b->trouble[0])
		return err_set(err, "%s", b->trouble);
	bool ok = watch_arrange(&w, b, now_us) &&
	          grid_init(&g, (int)b->count + WATCH_FRAME_ROWS + 1, cols < ONCE_COLS_LEAST ? ONCE_COLS_LEAST : cols,
	                    locale_is_utf8() && !c->options.ascii);
	if (ok) {
		int row = watch_head(&g, &w, b, false, now_us), last = -1;
		watch_list(&g, row, g.rows - row, &w, b, false, now_us);
		line = malloc((size_t)g.cols * sizeof g.cells->text + 1);
		for (int i = 0; line && i < g.rows; i++)
			last = grid_line(&g, i, line) > 0 ? i : last;
		for (int i = 0; line && i <= last; i++) {
			out_put(&c->out, line, grid_line(&g, i, line));
			out_puts(&c->out, "\n");
		}
		grid_release(&g);
	}
	free(line);
	watch_release(&w);
	return line || err_set(err, "out of memory");
}

/* One round of the screen.  false: out of memory. */
static bool show(struct grid *g, struct watch *w, const struct board *b, const struct detail *d, bool utf8, int64_t now_us)
{
	int rows, cols;
	terminal_size(&rows, &cols);
	if (rows != g->rows || cols != g->cols) {
		grid_release(g);
		if (!grid_init(g, rows, cols, utf8))
			return false;
	}
	w->page = rows > WATCH_FRAME_ROWS ? (size_t)(rows - WATCH_FRAME_ROWS) : 1;
	if (!watch_arrange(w, b, now_us))
		return false;
	watch_draw(g, w, b, d, now_us);
	return terminal_show(g);
}

static bool watch(struct board *b, bool utf8, struct err *err)
{
	struct watch w = { .sort = SORT_MARKET };
	struct detail d = { .name = "" };
	struct grid g = { .rows = 0 };
	uint64_t version = 0;
	int64_t second = 0;
	bool ok = true, pressed = true;
	while (ok && !w.quit && !stop_wanted()) {
		int64_t now_us = wall_us();
		struct err trouble = { "" };
		board_step(b, now_us);
		if (w.large && !watch_arrange(&w, b, now_us))
			ok = false;
		if (ok && !detail_step(&d, &w, b, detail_width(g.cols), now_us, &trouble))
			board_lost(b, now_us, &trouble);
		if (ok && (pressed || version != b->version || second != now_us / US_PER_SECOND))
			ok = show(&g, &w, b, &d, utf8, now_us);
		version = b->version;
		second = now_us / US_PER_SECOND;
		pressed = false;
		for (uint32_t key = terminal_key(POLL_MS); key != PRESS_NONE; key = terminal_key(0)) {
			watch_press(&w, key);
			pressed = true;
			if (!watch_arrange(&w, b, now_us)) /* a second key that came with the first moves on from there */
				ok = false;
		}
	}
	grid_release(&g);
	detail_release(&d);
	watch_release(&w);
	return ok || err_set(err, "out of memory");
}

enum exit_code cmd_watch(struct context *c, struct err *err)
{
	struct board b;
	enum exit_code code = EXIT_FAILED;
	if (!c->options.once && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		err_set(err, "'watch' wants a terminal; 'watch -1' prints one frame without");
		return EXIT_USAGE;
	}
	if (!board_init(&b, &c->reader, c->options.names, c->options.name_count, err))
		return EXIT_FAILED;
	if (c->options.once) {
		code = print_once(c, &b, err) ? EXIT_OK : b.trouble[0] ? EXIT_TAPE : EXIT_FAILED;
	} else {
		bool utf8 = locale_is_utf8() && !c->options.ascii;
		stop_watch(); /* before ncurses, which leaves alone what is there */
		if (!terminal_open(err)) {
			code = EXIT_USAGE;
		} else {
			code = watch(&b, utf8, err) ? EXIT_OK : EXIT_FAILED;
			terminal_close();
		}
		stop_forget();
	}
	board_release(&b);
	return code;
}
