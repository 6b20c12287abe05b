/* tapedeck reads the tape.
 *
 *   command line --option.c--> struct options --main.c--> a row of the table below
 *   tape file --schema/tape/reader.c--> select.c (which markets) --rows.c, candles.c (chunks)--> the command --out*.c--> stdout
 *
 * One thread.  A command prints rows and returns an exit code with its words; only this file prints to stderr (the
 * export's progress line aside).  Exit codes: enum exit_code in schema/tape/schema.h.  A reader that closes its end of our
 * pipe has had what it wanted: we end at once, quietly, with 0. */
#include "query/context.h"
#include "query/stop.h"
#include "query/words.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WITH(option) OPTION_SET(OPTION_##option)
static const struct command commands[] = {
	{ "price", cmd_price, WITH(MAX_AGE), NAMES_SOME, FORMAT_TSV, "MARKET...", "the last price, alone on a line" },
	{ "last", cmd_last, WITH(FOLLOW) | WITH(MAX_AGE), NAMES_ANY, FORMAT_AUTO, "[MARKET...]", "the last trade of each market, and its age" },
	{ "trades", cmd_trades, WITH(ROWS) | OPTIONS_RANGE | WITH(FOLLOW) | WITH(MAX_AGE) | WITH(REQUIRE_COMPLETE), NAMES_SOME,
	  FORMAT_AUTO, "MARKET...", "trades; the newest 20 if nothing is said" },
	{ "ohlc", cmd_ohlc, WITH(INTERVAL) | WITH(OFFSET) | WITH(FILL) | OPTIONS_RANGE | WITH(MAX_AGE) | WITH(REQUIRE_COMPLETE), NAMES_SOME, FORMAT_AUTO,
	  "MARKET... -i INTERVAL", "candles" },
	{ "export", cmd_export, OPTIONS_RANGE | WITH(OUTPUT) | WITH(MAX_AGE) | WITH(REQUIRE_COMPLETE), NAMES_ANY, FORMAT_CSV,
	  "[MARKET...]", "every trade, as CSV unless told otherwise" },
	{ "markets", cmd_markets, 0, NAMES_NONE, FORMAT_AUTO, "", "what is on the tape" },
	{ "tickers", cmd_tickers, WITH(ROWS) | OPTIONS_RANGE, NAMES_ONE_TICKER, FORMAT_AUTO, "MARKET[@ticker[:WINDOW]]",
	  "tickers, of every window or of one" },
	{ "gaps", cmd_gaps, OPTIONS_RANGE, NAMES_ANY, FORMAT_AUTO, "[MARKET...]", "the ledger of gaps; none is an answer too" },
	{ "status", cmd_status, WITH(MAX_AGE) | WITH(PROMETHEUS), NAMES_ANY, FORMAT_AUTO, "[MARKET...]",
	  "does the recorder live, and how far behind is each market" },
	{ "verify", cmd_verify, 0, NAMES_ANY, FORMAT_AUTO, "[MARKET...]", "proves the tape, believing nothing; exit 1 if it fails" },
	{ "report", cmd_report, WITH(SINCE), NAMES_NONE, FORMAT_AUTO, "[--since T]",
	  "the morning after: recorded, missed, filled in the last 24 h; text for a mail" },
	{ "wait", cmd_wait, WITH(GAP) | WITH(STALE), NAMES_CONDITION, FORMAT_AUTO, "'MARKET > PRICE'",
	  "blocks until a trade is so, or (--gap, --stale 2m) something is wrong" },
	{ "backup", cmd_backup, WITH(KEEP), NAMES_PATH, FORMAT_AUTO, "FILE|FOLDER", "a whole copy, while it is recorded, too; overwrites nothing" },
	{ "upgrade", cmd_upgrade, 0, NAMES_TAPE, FORMAT_AUTO, "[FILE]", "carries out the steps that an older tape lacks" },
	{ "watch", cmd_watch, WITH(ONCE) | WITH(ASCII), NAMES_ANY, FORMAT_DRAWN, "[MARKET...]", "prices live in the terminal" },
	{ "chart", cmd_chart, WITH(INTERVAL) | WITH(OFFSET) | OPTIONS_RANGE | WITH(ASCII) | WITH(SVG) | WITH(HTML), NAMES_ONE, FORMAT_DRAWN, "MARKET -i INTERVAL",
	  "candles and volume drawn, as wide as the terminal" },
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static bool unknown_command(const char *name, struct err *err)
{
	const char *names[COMMAND_COUNT + 1], *absent = command_absent(name);
	if (absent)
		return err_set(err, "there is no command '%s'%s", name, absent);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i].name;
	names[COMMAND_COUNT] = "help";
	const char *meant = command_meant(name, names, COMMAND_COUNT + 1);
	if (meant)
		return err_set(err, "there is no command '%s'; did you mean %s?", name, meant);
	return err_set(err, "there is no command '%s'", name);
}

static const char market_help[] =
	"A MARKET is EXCHANGE:SYMBOL, as in upbit:KRW-BTC, or a pattern, as in 'upbit:KRW-*'.  Where no symbol fits, it is\n"
	"EXCHANGE:BASE/QUOTE, as in upbit:BTC/KRW or '*:BTC/*'.";

static void print_help(const struct command *only)
{
	if (only) {
		printf("Usage: tapedeck %s %s%s[OPTION...]\n\n%s\n\n", only->name, only->usage, only->usage[0] ? " " : "", only->help);
		if (only->names != NAMES_NONE && only->names != NAMES_PATH && only->names != NAMES_TAPE)
			printf("%s\n\n", market_help);
		options_help(stdout, only->options | (only->preferred == FORMAT_DRAWN ? 0 : OPTIONS_FORM));
	} else {
		puts("Usage: tapedeck [--db FILE] COMMAND [OPTION...]\n\nReads what tapedeckd has recorded.\n");
		for (size_t i = 0; i < COMMAND_COUNT; i++)
			printf("  %-8s%-26s%s\n", commands[i].name, commands[i].usage, commands[i].help);
		printf("  %-8s%-26s%s\n", "help", "[COMMAND]", "this text, or that command's");
		printf("\n%s\n\n", market_help);
		options_help(stdout, OPTIONS_FORM);
	}
	puts("\nExit: 0 ok, 1 failed, 2 wrong usage, 3 no data, 4 printed but stale or with a gap, 5 the tape cannot be read.");
}

/* `help COMMAND` is `COMMAND --help`, `help` alone is `--help`. */
static bool take_help(struct options *o, struct err *err)
{
	if (!o->command || strcmp(o->command, "help") != 0)
		return true;
	if (o->name_count > 1)
		return err_set(err, "'help' takes one command");
	o->command = o->name_count > 0 && strcmp(o->names[0], "help") != 0 ? o->names[0] : NULL;
	o->name_count = 0;
	o->help = true;
	return true;
}

/* MARKET@ticker, MARKET@ticker:WINDOW: leaves MARKET in its place. */
static bool take_window(struct context *c, struct err *err)
{
	static const char channel[] = "@ticker";
	const char *name = c->options.names[0], *at = strrchr(name, '@');
	if (!at)
		return true;
	const char *behind = at + strlen(channel);
	if (strncmp(at, channel, strlen(channel)) != 0 || (*behind && (*behind != ':' || !behind[1])))
		return err_set(err, "'%s': behind a market there may be @ticker or @ticker:WINDOW, as in @ticker:1H", name);
	c->window = *behind ? behind + 1 : NULL;
	c->word = strndup(name, (size_t)(at - name));
	c->options.names[0] = c->word;
	return c->word || err_set(err, "out of memory");
}

/* MARKET > PRICE, with blanks or without, in one word or in several: leaves the market in its place. */
static bool take_condition(struct context *c, struct err *err)
{
	struct options *o = &c->options;
	char *text = strdup("");
	for (size_t i = 0; text && i < o->name_count; i++) {
		char *longer = malloc(strlen(text) + strlen(o->names[i]) + 1);
		if (longer)
			stpcpy(stpcpy(longer, text), o->names[i]);
		free(text);
		text = longer;
	}
	if (!text)
		return err_set(err, "out of memory");
	char *sign = text + strcspn(text, "<>=");
	if (!*sign) { /* markets, or none */
		free(text);
		if (!o->gap && o->stale_us < 0)
			return err_set(err, "'wait' wants to know for what: 'upbit:KRW-BTC > 150000000', --gap or --stale 2m");
		return true;
	}
	size_t signs = strspn(sign, "<>=");
	const char *name = text + strspn(text, " \t");
	size_t len = (size_t)(sign - name);
	while (len > 0 && strchr(" \t", name[len - 1]))
		len--;
	char *price = sign + signs, *market = strndup(name, len);
	c->above = memchr(sign, '>', signs) != NULL;
	c->below = memchr(sign, '<', signs) != NULL;
	c->equal = memchr(sign, '=', signs) != NULL;
	price += strspn(price, " \t");
	c->has_limit = (c->above != c->below) && signs <= 2 && decimal_parse(&c->limit, price, strcspn(price, " \t"), NULL);
	bool ok = c->has_limit || err_set(err, "'%s' is no condition; write one as 'upbit:KRW-BTC > 150000000', with > >= < or <=", text);
	if (ok && (o->gap || o->stale_us >= 0))
		ok = err_set(err, "'wait' waits for a price, or with --gap or --stale for something wrong, not for both");
	free(text);
	c->word = market;
	o->names[0] = market;
	o->name_count = 1;
	return ok && (market || err_set(err, "out of memory"));
}

static bool takes_one(const struct command *command)
{
	return command->names == NAMES_ONE || command->names == NAMES_ONE_TICKER;
}

static bool check_usage(struct context *c, const struct command *command, struct err *err)
{
	const struct options *o = &c->options;
	if (!options_fit(o, command->options | OPTIONS_FORM, err)) /* who draws has words of its own for forms, below */
		return false;
	if (command->names == NAMES_NONE && o->name_count > 0)
		return err_set(err, "'%s' takes no market%s", command->name, quote_hint(o->names[0]));
	if (command->names == NAMES_SOME && o->name_count == 0)
		return err_set(err, "'%s' wants a market, as in upbit:KRW-BTC; 'tapedeck markets' lists them", command->name);
	if (takes_one(command) && o->name_count != 1)
		return err_set(err, "'%s' takes one market%s%s", command->name, o->name_count ? "" : ", as in upbit:KRW-BTC",
		               o->name_count ? quote_hint(o->names[0]) : "");
	if (command->names == NAMES_ONE_TICKER && !take_window(c, err))
		return false;
	if (takes_one(command) && strchr(o->names[0], ','))
		return err_set(err, "'%s' holds a comma: two markets are separated by a blank, and '%s' takes one", o->names[0], command->name);
	if (command->names == NAMES_PATH && o->name_count != 1)
		return err_set(err, "'%s' wants one %s", command->name, command->usage);
	if (command->names == NAMES_TAPE && o->name_count > 1)
		return err_set(err, "'%s' takes one FILE", command->name);
	if (command->names == NAMES_CONDITION && !take_condition(c, err))
		return false;
	for (size_t i = 0; i < o->name_count && command->names != NAMES_PATH && command->names != NAMES_TAPE; i++)
		if (!market_name_fits(o->names[i], err))
			return false;
	if (command->preferred == FORMAT_DRAWN && (o->format != FORMAT_AUTO || o->time_form != TIME_RFC3339))
		return err_set(err, "'%s' draws for the eye and has no rows for a form of output; 'last', 'trades' and 'ohlc' print them",
		               command->name);
	if (command->options & WITH(INTERVAL) && !o->every)
		return err_set(err, "'%s' wants an interval, as in -i 1m", command->name);
	return true;
}

/* A tape that cannot be read is what verify looks for; no tape, or another program's, is not. */
static bool proves_damage(const struct context *c, const struct command *command)
{
	return command->run == cmd_verify && c->reader.is_tape && c->reader.damaged;
}

/* What reads rows of a tape that is not whole cannot say so in them. */
static bool warn_of_part(struct context *c, const struct command *command, struct err *err)
{
	char text[READER_PART_TEXT_SIZE];
	if (c->reader.part != READER_COPIED || command->run == cmd_verify || command->run == cmd_report || command->run == cmd_status)
		return true;
	if (!reader_part_text(&c->reader, text, err))
		return false;
	fprintf(stderr, "tapedeck: warning: the tape %s was %s\n", c->reader.path, text);
	return true;
}

/* `opened` is EXIT_OK, or says with err why the tape could not be.  From there to the end of the answer. */
static enum exit_code answer(struct context *c, const struct command *command, enum exit_code opened, struct err *err)
{
	const struct options *o = &c->options;
	enum exit_code code = opened;
	if (code == EXIT_OK && command->names != NAMES_TAPE)
		code = selection_load(&c->selection, &c->reader, o->names, command->names == NAMES_PATH ? 0 : o->name_count, err);
	struct err damage = *err;
	bool unreadable = code == EXIT_TAPE && proves_damage(c, command);
	if (code != EXIT_OK && !unreadable)
		return code;
	if ((takes_one(command) || c->has_limit) && c->selection.count != 1) {
		err_set(err, "'%s' takes one market, and %s stands for %zu", command->name, o->names[0], c->selection.count);
		return EXIT_USAGE;
	}
	if (c->reader.real && !out_spares(o, c->reader.real, err))
		return EXIT_USAGE;
	if (!out_open(&c->out, o, command->preferred, err)) {
		out_discard(&c->out);
		return EXIT_FAILED;
	}
	if (c->reader.db && !warn_of_part(c, command, err))
		return EXIT_TAPE;
	code = unreadable ? verify_unreadable(c, damage.text, err) : command->run(c, err);
	bool stands = code == EXIT_OK || c->told || code == EXIT_STALE || (code == EXIT_NO_DATA && !c->out.target);
	struct err words = { "" };
	if (stands && !out_finish(&c->out, &words)) {
		*err = words;
		code = EXIT_FAILED;
	} else if (!stands && !c->out.target) {
		out_flush(&c->out); /* what was sound is of use; the form stays open, so that nobody takes it for whole */
	}
	out_discard(&c->out);
	return code;
}

static enum exit_code run(struct context *c, const struct command *command, struct err *err)
{
	char *found = NULL;
	const char *path = command->names == NAMES_TAPE && c->options.name_count > 0 ? c->options.names[0] : c->options.db;
	if (!path)
		path = found = tape_default_path(err);
	enum exit_code code = EXIT_TAPE;
	c->out.fd = -1;
	if (path) {
		c->path = path;
		code = command->names == NAMES_TAPE ? answer(c, command, EXIT_OK, err)
		                                    : answer(c, command, reader_open(&c->reader, path, err) ? EXIT_OK : EXIT_TAPE, err);
		selection_release(&c->selection);
		reader_close(&c->reader);
	}
	free(found);
	return code;
}

/* A descriptor that came closed must not become the tape's or the output file's, for stderr or rows to end up in. */
static void fill_standard_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDONLY); /* so that writing rows to a closed stdout fails, as it ought to */
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct context c = { .now_us = wall_us() };
	struct err err = { "" };
	const struct command *command = NULL;
	enum exit_code code = EXIT_USAGE;
	fill_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	if (!options_parse(&c.options, argc, argv, c.now_us, &err)) {
		command = c.options.command ? command_find(c.options.command) : NULL;
		goto out;
	}
	if (!take_help(&c.options, &err))
		goto out;
	if (c.options.command)
		command = command_find(c.options.command);
	if (c.options.command && !command) {
		unknown_command(c.options.command, &err);
	} else if (c.options.help || c.options.version) {
		if (c.options.help)
			print_help(command);
		else
			printf("tapedeck %s (SQLite %s)\n", TAPEDECK_VERSION, sqlite3_libversion());
		code = fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
		if (code != EXIT_OK)
			err_set(&err, "the output could not be written");
	} else if (!command) {
		err_set(&err, "what is to be read? Name a command");
	} else if (check_usage(&c, command, &err)) {
		code = run(&c, command, &err);
	}
out:
	if (code != EXIT_OK)
		fprintf(stderr, "tapedeck: %s\n", err.text);
	if (code == EXIT_USAGE)
		fprintf(stderr, "'tapedeck %s%s-h' tells more.\n", command ? command->name : "", command ? " " : "");
	free(c.word);
	options_release(&c.options);
	if (!c.options.follow) /* where a signal is the ordinary end */
		stop_obey();
	return (int)code;
}
