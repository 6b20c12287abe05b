#include "query/out/out_name.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static int named_descriptor(const char *name)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	if (strcmp(name, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(name, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		const char *number = name + strlen(folders[i]);
		if (strncmp(name, folders[i], strlen(folders[i])) == 0 && *number && strspn(number, "0123456789") == strlen(number) &&
		    strlen(number) < 7)
			return atoi(number); /* NOLINT(cert-err34-c): up to six digits */
	}
	return -1;
}

static const struct ending {
	const char *text;
	enum format format;
	const char *by; /* a program that makes it out of what we write; NULL: we write it */
} endings[] = {
	{ ".csv", FORMAT_CSV, NULL },       { ".tsv", FORMAT_TSV, NULL },       { ".json", FORMAT_JSON, NULL },
	{ ".ndjson", FORMAT_NDJSON, NULL }, { ".jsonl", FORMAT_NDJSON, NULL },  { ".xz", FORMAT_AUTO, "xz" },       { ".bz2", FORMAT_AUTO, "bzip2" },
	{ ".lz4", FORMAT_AUTO, "lz4" },     { ".zip", FORMAT_AUTO, "zip" },     { ".br", FORMAT_AUTO, "brotli" },
	{ ".parquet", FORMAT_AUTO, "" },    { ".arrow", FORMAT_AUTO, "" },      { ".feather", FORMAT_AUTO, "" },
	{ ".orc", FORMAT_AUTO, "" },        { ".avro", FORMAT_AUTO, "" },       { ".xlsx", FORMAT_AUTO, "" },
	{ ".xls", FORMAT_AUTO, "" },        { ".ods", FORMAT_AUTO, "" },        { ".sqlite", FORMAT_AUTO, "" },
	{ ".sqlite3", FORMAT_AUTO, "" },    { ".db", FORMAT_AUTO, "" },         { ".db3", FORMAT_AUTO, "" },
	{ ".duckdb", FORMAT_AUTO, "" },     { ".pq", FORMAT_AUTO, "" },         { ".ipc", FORMAT_AUTO, "" },
	{ ".h5", FORMAT_AUTO, "" },         { ".hdf5", FORMAT_AUTO, "" },       { ".pkl", FORMAT_AUTO, "" },
};

static bool ends_in(const char *name, size_t len, const char *ending)
{
	return len > strlen(ending) && strncasecmp(name + len - strlen(ending), ending, strlen(ending)) == 0;
}

bool out_name_take_picture(const char *name, struct options *o, struct err *err)
{
	o->output_fd = named_descriptor(name);
	if (o->output_fd >= 0 && fcntl(o->output_fd, F_GETFD) < 0)
		return err_set(err, "%s: no descriptor of that number is open", name);
	return *name || err_set(err, "a picture wants the name of a file");
}

bool out_name_take(const char *name, struct options *o, struct err *err)
{
	static const struct {
		const char *ending, *program;
	} packers[] = { { ".gz", "gzip" }, { ".zst", "zstd" } };
	size_t len = strlen(name);
	o->output_format = FORMAT_AUTO;
	o->packer = NULL;
	o->output_fd = named_descriptor(name);
	if (o->output_fd >= 0)
		return fcntl(o->output_fd, F_GETFD) >= 0 || err_set(err, "-o %s: no descriptor of that number is open", name);
	for (size_t i = 0; i < sizeof packers / sizeof *packers && !o->packer; i++) {
		if (!ends_in(name, len, packers[i].ending))
			continue;
		o->packer = packers[i].program;
		len -= strlen(packers[i].ending);
	}
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const struct ending *e = &endings[i];
		if (!ends_in(name, len, e->text))
			continue;
		o->output_format = e->format;
		if (!e->by)
			return true;
		if (*e->by)
			return err_set(err, "-o %s: %s is not written, but made: tapedeck export ... | %s >%s", name, e->text, e->by, name);
		return err_set(err, "-o %s: %s is not written; -o FILE.csv is, and the README tells how DuckDB or pandas make others of it",
		               name, e->text);
	}
	return len > 0 || err_set(err, "-o takes the name of a file");
}
