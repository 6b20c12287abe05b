#include "query/option.h"

#include "query/out/out_name.h"
#include "schema/base/zone.h"

#include <stdlib.h>
#include <string.h>

/* `wrong` as it stands on the command line, with its dashes. */
static bool no_option(const char *wrong, struct err *err)
{
	enum option_id near = option_meant(OPTION_OF_TAPEDECK, wrong);
	const char *meant = strcmp(wrong, "--format") == 0 ? "csv, --json, --ndjson, --tsv or --table" :
	                    near < OPTION_COUNT            ? option_table[near].name :
	                                                     NULL;
	return err_set(err, "there is no option %s%s%s%s", wrong, meant ? "; did you mean --" : "", meant ? meant : "", meant ? "?" : "");
}

static bool set_format(struct options *o, enum format format, struct err *err)
{
	if (o->format != FORMAT_AUTO && o->format != format)
		return err_set(err, "more than one output format is asked for");
	o->format = format;
	return true;
}

/* A value that the table cannot read: a name of something. */
static bool take_text(struct options *o, enum option_id id, const char *value, struct err *err)
{
	switch (id) {
	case OPTION_DB:
		o->db = value;
		return value[0] || err_set(err, "--db takes the name of a file");
	case OPTION_INTERVAL:
		o->every = value;
		return true;
	case OPTION_TZ:
		return zone_set(value, err) || err_wrap(err, "--tz");
	case OPTION_SVG:
	case OPTION_HTML:
		if (o->picture != PICTURE_NONE)
			return err_set(err, "more than one picture is asked for");
		o->picture = id == OPTION_SVG ? PICTURE_SVG : PICTURE_HTML;
		o->output = value;
		return out_name_take_picture(value, o, err);
	case OPTION_OUTPUT:
		o->output = value;
		return out_name_take(value, o, err);
	default:
		return false;
	}
}

static bool take_flag(struct options *o, enum option_id id, struct err *err)
{
	switch (id) {
	case OPTION_TABLE:
		return set_format(o, FORMAT_TABLE, err);
	case OPTION_TSV:
		return set_format(o, FORMAT_TSV, err);
	case OPTION_CSV:
		return set_format(o, FORMAT_CSV, err);
	case OPTION_JSON:
		return set_format(o, FORMAT_JSON, err);
	case OPTION_NDJSON:
		return set_format(o, FORMAT_NDJSON, err);
	case OPTION_FOLLOW:
		o->follow = true;
		return true;
	case OPTION_REQUIRE_COMPLETE:
		o->require_complete = true;
		return true;
	case OPTION_PROMETHEUS:
		o->prometheus = true;
		return true;
	case OPTION_GAP:
		o->gap = true;
		return true;
	case OPTION_FILL:
		o->fill = true;
		return true;
	case OPTION_ONCE:
		o->once = true;
		return true;
	case OPTION_ASCII:
		o->ascii = true;
		return true;
	case OPTION_HELP:
		o->help = true;
		return true;
	case OPTION_VERSION:
		o->version = true;
		return true;
	default:
		return false;
	}
}

static bool take_value(struct options *o, enum option_id id, const char *text, struct err *err)
{
	int64_t value;
	if (!option_value(id, text, 0, &value, err))
		return false;
	switch (id) {
	case OPTION_TIME_FORMAT:
		o->time_form = (enum time_form)value; /* in the order of its choices */
		return true;
	case OPTION_ROWS:
		o->rows = value;
		return true;
	case OPTION_KEEP:
		o->rows = value;
		return true;
	case OPTION_STALE:
		o->stale_us = value;
		return true;
	case OPTION_OFFSET:
		o->offset_us = value;
		return true;
	case OPTION_MAX_AGE:
		o->max_age_us = value;
		return true;
	default:
		return false;
	}
}

/* `written` is the option as it stands on the command line, without a value. */
static bool take(struct options *o, enum option_id id, const char *written, const char *value, struct err *err)
{
	const struct option_row *row = &option_table[id];
	o->used |= OPTION_SET(id);
	if (row->type == OPTION_FLAG)
		return take_flag(o, id, err);
	if (!value)
		return err_set(err, "%s wants a value: %s %s", written, written, row->value);
	if (row->type == OPTION_TIME) {
		*(id == OPTION_SINCE ? &o->since : &o->until) = value;
		return true;
	}
	return row->type == OPTION_TEXT ? take_text(o, id, value, err) : take_value(o, id, value, err);
}

/* One argument that begins with -; *index moves on when it takes the next one as its value. */
static bool take_argument(struct options *o, int argc, char **argv, int *index, struct err *err)
{
	const char *text = argv[*index];
	if (text[1] == '-') {
		size_t len = strcspn(text + 2, "=");
		enum option_id id = option_by_name(OPTION_OF_TAPEDECK, text + 2, len);
		const char *value = text[2 + len] ? text + 3 + len : NULL;
		if (id == OPTION_COUNT) {
			char wrong[64];
			snprintf(wrong, sizeof wrong, "%.*s", (int)len + 2, text);
			return no_option(wrong, err);
		}
		const struct option_row *row = &option_table[id];
		if (value && row->type == OPTION_FLAG)
			return err_set(err, "--%s takes no value", row->name);
		if (row->type != OPTION_FLAG && !value && *index + 1 < argc)
			value = argv[++*index];
		char written[32];
		snprintf(written, sizeof written, "--%s", row->name);
		return take(o, id, written, value, err);
	}
	for (const char *letter = text + 1; *letter; letter++) { /* -fn5 is -f -n 5 */
		enum option_id id = option_by_letter(OPTION_OF_TAPEDECK, *letter);
		const char written[] = { '-', *letter, '\0' };
		if (id == OPTION_COUNT)
			return no_option(written, err);
		bool wants = option_table[id].type != OPTION_FLAG;
		const char *value = NULL;
		if (wants && letter[1])
			value = letter + 1;
		else if (wants && *index + 1 < argc)
			value = argv[++*index];
		if (!take(o, id, written, value, err))
			return false;
		if (wants)
			break;
	}
	return true;
}

/* What only all options together tell. */
static bool resolve(struct options *o, int64_t now_us, struct err *err)
{
	o->range.has_from = o->since != NULL;
	o->range.has_to = o->until != NULL;
	return (!o->since || option_value(OPTION_SINCE, o->since, now_us, &o->range.from_us, err)) &&
	       (!o->until || option_value(OPTION_UNTIL, o->until, now_us, &o->range.to_us, err)) &&
	       (!o->every || interval_parse(&o->interval, o->every, o->offset_us, err));
}

bool options_parse(struct options *o, int argc, char **argv, int64_t now_us, struct err *err)
{
	*o = (struct options){ .rows = -1, .max_age_us = -1, .stale_us = -1, .output_fd = -1, .range = { .from_us = 0, .to_us = TIME_US_MAX + 1 } };
	o->names = calloc((size_t)argc + 1, sizeof *o->names);
	if (!o->names)
		return err_set(err, "out of memory");
	bool only_names = false, ok = true;
	for (int i = 1; ok && i < argc; i++) {
		if (!only_names && strcmp(argv[i], "--") == 0) {
			only_names = true;
		} else if (!only_names && argv[i][0] == '-' && argv[i][1]) {
			ok = take_argument(o, argc, argv, &i, err);
			for (int k = i + 1; !ok && !o->command && k < argc; k++) /* whose help tells more? */
				if (argv[k][0] != '-')
					o->command = argv[k];
		} else if (only_names && option_by_name(OPTION_OF_TAPEDECK, argv[i], strlen(argv[i])) < OPTION_COUNT) {
			ok = err_set(err, "'-- %s' has a blank in it; did you mean --%s?", argv[i], argv[i]);
		} else if (!o->command) {
			o->command = argv[i];
		} else {
			o->names[o->name_count++] = argv[i];
		}
	}
	return ok && resolve(o, now_us, err);
}

void options_release(struct options *o)
{
	free(o->names);
	o->names = NULL;
}

bool options_fit(const struct options *o, option_set allowed, struct err *err)
{
	for (enum option_id id = 0; id < OPTION_COUNT; id++)
		if (!option_table[id].everywhere && (o->used & ~allowed) & OPTION_SET(id))
			return err_set(err, "'%s' takes no --%s", o->command, option_table[id].name);
	if (o->follow && o->max_age_us >= 0)
		return err_set(err, "--follow goes on and is never done with an answer that could be stale: it takes no --max-age");
	if (o->follow && o->require_complete)
		return err_set(err, "--follow prints trades before it is known what is missing: it takes no --require-complete");
	if (o->prometheus && (o->format != FORMAT_AUTO || o->time_form != TIME_RFC3339))
		return err_set(err, "--prometheus is a form of its own: it takes no other");
	if (o->range.has_from && o->range.has_to && o->range.from_us > o->range.to_us)
		return err_set(err, "--since lies after --until");
	return true;
}

void options_help(FILE *to, option_set allowed)
{
	for (enum option_id id = 0; id < OPTION_COUNT; id++)
		if (option_table[id].programs & OPTION_OF_TAPEDECK && (option_table[id].everywhere || allowed & OPTION_SET(id)))
			option_help(to, id);
}
