#include "query/screen/terminal.h"

#include "query/screen/watch.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#define COLS_MAX 1000 /* of a $COLUMNS that somebody may have set to anything */
#define DIRECT_COLORS 256 /* more are no palette: each number is a colour itself */

static SCREEN *screen;
static struct grid shown;       /* what the screen holds */
static bool colors;

/* What a crash needs to leave the terminal as it was, made ready while all is well. */
static struct termios before;
static bool before_known;
static char restore[256];
static size_t restore_len;
static char crash_stack[65536];

static void crash(int signal_number)
{
	ssize_t unused = write(STDOUT_FILENO, restore, restore_len);
	(void)unused;
	if (before_known)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	raise(signal_number); /* the ordinary way to die is in place again */
}

static void add_restore(const char *capability)
{
	const char *text = tigetstr(capability);
	if (!text || text == (char *)-1)
		return;
	for (const char *p = text; *p && restore_len < sizeof restore;) {
		if (p[0] == '$' && p[1] == '<' && strchr(p, '>')) /* time to wait, for terminals made of metal */
			p = strchr(p, '>') + 1;
		else
			restore[restore_len++] = *p++;
	}
}

static void prepare_for_crash(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	static const char *const capabilities[] = { "sgr0", "op", "cnorm", "rmkx", "rmcup" };
	restore_len = 0;
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
		add_restore(capabilities[i]);
	stack_t stack = { .ss_sp = crash_stack, .ss_size = sizeof crash_stack };
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct sigaction action = { .sa_handler = crash, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK) };
		sigaction(signals[i], &action, NULL);
	}
}

/* Colours that can be told apart on both dark and light ground, as well as the terminal can. */
static void choose_colors(void)
{
	static const int of_8[] = { COLOR_GREEN, COLOR_RED, COLOR_YELLOW };
	static const int of_256[] = { 35, 167, 172 };
	static const int direct[] = { 0x26a269, 0xd84f4f, 0xd08700 };
	const char *no_color = getenv("NO_COLOR");
	colors = !(no_color && no_color[0]) && has_colors() && start_color() == OK;
	if (!colors)
		return;
	bool own_ground = use_default_colors() == OK;
	for (int i = 0; i < STYLE_COLORS - 1; i++)
		init_extended_pair(i + 1, COLORS > DIRECT_COLORS ? direct[i] : COLORS == DIRECT_COLORS ? of_256[i] : of_8[i],
		                   own_ground ? -1 : COLOR_BLACK);
}

bool terminal_open(struct err *err)
{
	const char *name = getenv("TERM");
	int known = 0;
	const char *move_cursor = setupterm(NULL, STDOUT_FILENO, &known) == OK ? tigetstr("cup") : NULL;
	bool fits = move_cursor && move_cursor != (char *)-1;
	del_curterm(cur_term);
	before_known = tcgetattr(STDIN_FILENO, &before) == 0;
	screen = fits ? newterm(NULL, stdout, stdin) : NULL;
	if (!screen)
		return err_set(err, "this terminal (TERM=%s) is not known, or cannot place its cursor; 'watch -1' prints one frame",
		               name ? name : "");
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	typeahead(-1); /* else it looks for keys, and flushes, every few lines of a frame */
	curs_set(0);
	choose_colors();
	prepare_for_crash();
	return true;
}

void terminal_close(void)
{
	if (!screen)
		return;
	if (!isendwin())
		endwin();
	delscreen(screen);
	screen = NULL;
	grid_release(&shown);
}

static bool window_size(int *rows, int *cols)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return false;
	*rows = size.ws_row;
	*cols = size.ws_col;
	return true;
}

void terminal_size(int *rows, int *cols)
{
	if (window_size(rows, cols) && is_term_resized(*rows, *cols))
		resizeterm(*rows, *cols);
	getmaxyx(stdscr, *rows, *cols);
}

static attr_t attributes(unsigned style)
{
	unsigned color = style & STYLE_COLOR_MASK;
	attr_t a = A_NORMAL;
	if (style & STYLE_BOLD)
		a |= A_BOLD;
	if (style & STYLE_DIM)
		a |= A_DIM;
	if (style & STYLE_REVERSE)
		a |= A_REVERSE;
	if (colors && color != STYLE_PLAIN)
		a |= (attr_t)COLOR_PAIR(color);
	return a;
}

/* Neighbours of one style at a time. */
static void put_row(const struct grid *g, int row)
{
	for (int col = 0; col < g->cols;) {
		unsigned style = grid_at(g, row, col)->style;
		attrset((int)attributes(style));
		move(row, col);
		for (; col < g->cols && grid_at(g, row, col)->style == style; col++)
			addstr(grid_at(g, row, col)->text);
	}
}

bool terminal_show(const struct grid *g)
{
	if (shown.rows != g->rows || shown.cols != g->cols) {
		grid_release(&shown);
		if (!grid_init(&shown, g->rows, g->cols, g->utf8))
			return false;
		clear();
	}
	size_t row_size = (size_t)g->cols * sizeof *g->cells;
	for (int row = 0; row < g->rows; row++) {
		struct grid_cell *old = &shown.cells[(size_t)row * (size_t)g->cols];
		const struct grid_cell *now = grid_at(g, row, 0);
		if (memcmp(old, now, row_size) == 0)
			continue;
		put_row(g, row);
		memcpy(old, now, row_size);
	}
	refresh();
	return true;
}

static uint32_t special(wint_t key)
{
	static const struct {
		wint_t curses;
		uint32_t press;
	} keys[] = {
		{ KEY_UP, PRESS_UP },         { KEY_DOWN, PRESS_DOWN },           { KEY_LEFT, PRESS_LEFT }, { KEY_RIGHT, PRESS_RIGHT },
		{ KEY_PPAGE, PRESS_PAGE_UP }, { KEY_NPAGE, PRESS_PAGE_DOWN },     { KEY_HOME, PRESS_HOME }, { KEY_END, PRESS_END },
		{ KEY_ENTER, PRESS_ENTER },   { KEY_BACKSPACE, PRESS_BACKSPACE }, { KEY_RESIZE, PRESS_RESIZE },
	};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].curses == key)
			return keys[i].press;
	return PRESS_NONE;
}

uint32_t terminal_key(int wait_ms)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	wint_t key;
	int got = get_wch(&key); /* what ncurses has read already, or knows by itself */
	if (got == ERR && wait_ms > 0) {
		if (poll(&input, 1, wait_ms) > 0 && input.revents & (POLLERR | POLLHUP | POLLNVAL))
			return PRESS_GONE;
		got = get_wch(&key);
	}
	if (got == ERR)
		return PRESS_NONE;
	if (got == KEY_CODE_YES)
		return special(key);
	switch (key) {
	case '\r':
	case '\n':
		return PRESS_ENTER;
	case 0x1B:
		return PRESS_ESCAPE;
	case 0x7F:
	case '\b':
		return PRESS_BACKSPACE;
	default:
		return (uint32_t)key;
	}
}

static int of_environment(const char *name, int otherwise)
{
	const char *text = getenv(name);
	char *end = NULL;
	long value = text ? strtol(text, &end, 10) : 0;
	return text && end != text && *end == '\0' && value > 0 && value <= COLS_MAX ? (int)value : otherwise;
}

int output_columns(void)
{
	int rows, cols;
	return window_size(&rows, &cols) ? cols : of_environment("COLUMNS", 80);
}

int output_rows(void)
{
	int rows, cols;
	return window_size(&rows, &cols) ? rows : of_environment("LINES", 24);
}
