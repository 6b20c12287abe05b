#include "recorder/config_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#define SECTION "tapedeckd"

struct reading {
	FILE *file;
	int line;
	bool (*take)(void *to, const char *key, const char *value, struct err *err);
	void *to;
	struct err *err;
	bool failed;
};

/* fgets, which also counts; a line that libinih has no room for would be read as two. */
static char *next_line(char *text, int size, void *arg)
{
	struct reading *r = arg;
	if (r->failed || !fgets(text, size, r->file))
		return NULL;
	r->line++;
	if (!strchr(text, '\n') && !feof(r->file)) {
		r->failed = true;
		err_set(r->err, "the line is longer than %d characters", size - 2);
		return NULL;
	}
	return text;
}

static int on_setting(void *arg, const char *section, const char *key, const char *value)
{
	struct reading *r = arg;
	if (r->failed)
		return 0;
	if (*section && strcmp(section, SECTION) != 0)
		r->failed = !err_set(r->err, "[%s] is no section of it; there is [" SECTION "], or none", section);
	else
		r->failed = !r->take(r->to, key, value, r->err);
	return !r->failed;
}

bool config_file_read(const char *path, bool (*take)(void *to, const char *key, const char *value, struct err *err), void *to,
                      struct err *err)
{
	struct reading r = { .file = fopen(path, "re"), .take = take, .to = to, .err = err };
	if (!r.file)
		return err_set(err, "--config %s: %m", path);
	int bad_line = ini_parse_stream(next_line, &r, on_setting, &r);
	bool unreadable = ferror(r.file) != 0;
	int read_errno = errno;
	fclose(r.file);
	if (r.failed)
		return err_wrap(err, "%s:%d", path, r.line);
	if (unreadable)
		return err_set(err, "--config %s: %s", path, strerror(read_errno));
	if (bad_line < 0)
		return err_set(err, "out of memory");
	return bad_line == 0 || err_set(err, "%s:%d: that is no setting; write KEY = VALUE, as in market = upbit:KRW-BTC", path, bad_line);
}
