/* tapedeck upgrade: carries out the steps that an older tape lacks, as tapedeckd does when it starts. */
#include "query/context.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERSION_AT 60 /* PRAGMA user_version, in the file's header (https://www.sqlite.org/fileformat2.html, 1.3) */

static int version_of(const char *path)
{
	unsigned char bytes[4] = { 0 };
	FILE *file = fopen(path, "rbe");
	bool read = file && fseek(file, VERSION_AT, SEEK_SET) == 0 && fread(bytes, 1, sizeof bytes, file) == sizeof bytes;
	if (file)
		fclose(file);
	return read ? bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3] : 0;
}

enum exit_code cmd_upgrade(struct context *c, struct err *err)
{
	static const struct column columns[] = { { "file", CELL_TEXT }, { "schema_before", CELL_INTEGER }, { "schema", CELL_INTEGER } };
	const char *path = c->path;
	char before[INTEGER_TEXT_SIZE], after[INTEGER_TEXT_SIZE];
	struct tape tape;
	if (access(path, F_OK) != 0) {
		err_set(err, "the tape %s cannot be upgraded: %m", path);
		return EXIT_TAPE;
	}
	if (!tape_check(path, err)) /* a file that is no tape, even an empty one, stays as it is */
		return EXIT_TAPE;
	int version = version_of(path);
	if (version == 0) {
		err_set(err, "%s is no tape yet: it is empty; tapedeckd makes it one", path);
		return EXIT_TAPE;
	}
	if (!tape_open(&tape, path, TAPE_SYNC_FULL, err))
		return EXIT_TAPE;
	if (!tape_close(&tape, err))
		return EXIT_FAILED;
	const struct cell cells[] = {
		{ path, strlen(path) }, { before, integer_format(version, before) }, { after, integer_format(schema_version(), after) }
	};
	out_columns(&c->out, columns, sizeof columns / sizeof *columns);
	out_row(&c->out, cells);
	return EXIT_OK;
}
