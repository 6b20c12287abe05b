#include "query/out/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITE_BYTES ((size_t)256 * 1024)

char *out_reserve(struct out *o, size_t more)
{
	if (o->size - o->len < more) {
		size_t size = o->size * 2 > o->len + more ? o->size * 2 : o->len + more;
		char *data = realloc(o->data, size);
		if (!data)
			abort(); /* a few hundred KiB: nothing that could be told would be of use */
		o->data = data;
		o->size = size;
	}
	return o->data + o->len;
}

void out_put(struct out *o, const char *text, size_t len)
{
	memcpy(out_reserve(o, len), text, len);
	o->len += len;
}

void out_puts(struct out *o, const char *text)
{
	out_put(o, text, strlen(text));
}

static void write_all(struct out *o)
{
	for (size_t done = 0; done < o->len && o->write_errno == 0;) {
		ssize_t wrote = write(o->fd, o->data + done, o->len - done);
		if (wrote >= 0)
			done += (size_t)wrote;
		else if (errno != EINTR)
			o->write_errno = errno;
	}
	o->len = 0;
}

static const struct presenter *choose(const struct options *options, enum format preferred)
{
	enum format format = options->format;
	if (format == FORMAT_AUTO)
		format = options->output_format != FORMAT_AUTO ? options->output_format : preferred;
	if (format == FORMAT_AUTO)
		format = isatty(STDOUT_FILENO) ? FORMAT_TABLE : FORMAT_TSV;
	switch (format) {
	case FORMAT_TABLE:
		return &present_table;
	case FORMAT_CSV:
		return &present_csv;
	case FORMAT_JSON:
		return &present_json;
	case FORMAT_NDJSON:
		return &present_ndjson;
	case FORMAT_TSV:
	case FORMAT_AUTO:
	case FORMAT_DRAWN:
	default:
		return &present_tsv;
	}
}

/* The name without links; its last part may be missing.  malloc'd; NULL: there is no such folder, or no memory. */
static char *plain_name(const char *name)
{
	char *plain = realpath(name, NULL);
	if (plain)
		return plain;
	const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
	char *folder = slash ? strndup(name, (size_t)(slash - name) + 1) : strdup("."), *real = folder ? realpath(folder, NULL) : NULL;
	if (!real || asprintf(&plain, "%s/%s", strcmp(real, "/") == 0 ? "" : real, last) < 0)
		plain = NULL;
	free(folder);
	free(real);
	return plain;
}

bool out_spares(const struct options *options, const char *tape, struct err *err)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
	if (!options->output || strcmp(options->output, "-") == 0)
		return true;
	struct stat st, theirs;
	bool there = stat(options->output, &st) == 0, spared = true;
	char *plain = plain_name(options->output);
	for (size_t i = 0; spared && i < sizeof endings / sizeof *endings; i++) {
		char *name = NULL;
		if (asprintf(&name, "%s%s", tape, endings[i]) < 0) {
			spared = err_set(err, "out of memory");
			break;
		}
		bool same = (plain && strcmp(plain, name) == 0) || (there && stat(name, &theirs) == 0 && theirs.st_dev == st.st_dev &&
		                                                     theirs.st_ino == st.st_ino);
		if (same)
			spared = err_set(err, "%s names %s; the output would destroy it", options->output,
			                 endings[i][0] ? "a file of the tape itself" : "the tape itself");
		free(name);
	}
	free(plain);
	return spared;
}

/* Opens `name`, or, where that is a regular file or nothing yet, a file beside it that will take the name. */
static bool open_file(struct out *o, const char *name, struct err *err)
{
	struct stat st;
	bool there = stat(name, &st) == 0;
	bool in_place = there && !S_ISREG(st.st_mode);
	o->target = there && !in_place ? realpath(name, NULL) : strdup(name); /* a link goes on pointing at what it names */
	if (!o->target)
		return err_set(err, "%s cannot be written: %s", name, strerror(errno));
	if (in_place) {
		o->fd = open(o->target, O_WRONLY | O_CLOEXEC);
		return o->fd >= 0 || err_set(err, "%s cannot be written: %s", name, strerror(errno));
	}
	if (asprintf(&o->beside, "%s.part-XXXXXX", o->target) < 0) {
		o->beside = NULL;
		return err_set(err, "out of memory");
	}
	o->fd = mkostemp(o->beside, O_CLOEXEC);
	if (o->fd < 0) {
		free(o->beside);
		o->beside = NULL;
		return err_set(err, "%s cannot be written: %s", name, strerror(errno));
	}
	mode_t mask = umask(0);
	umask(mask);
	fchmod(o->fd, there ? st.st_mode & 07777 : 0666 & ~mask);
	return true;
}

bool out_open(struct out *o, const struct options *options, enum format preferred, struct err *err)
{
	*o = (struct out){ .fd = STDOUT_FILENO, .pack = { .file = -1 }, .time_form = options->time_form, .presenter = choose(options, preferred) };
	if (options->output_fd > STDERR_FILENO) /* a duplicate, since it is closed when we are done */
		o->fd = fcntl(options->output_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else if (options->output_fd >= 0)
		o->fd = options->output_fd;
	else if (options->output && strcmp(options->output, "-") != 0)
		return open_file(o, options->output, err) && (!options->packer || pack_start(&o->pack, options->packer, &o->fd, err));
	if (o->fd < 0)
		return err_set(err, "%s cannot be written: %s", options->output, strerror(errno));
	return true;
}

void out_columns(struct out *o, const struct column *columns, size_t count)
{
	memcpy(o->columns, columns, count * sizeof *columns);
	o->column_count = count;
	for (size_t i = 0; i < count; i++)
		if (columns[i].kind == CELL_TIME)
			o->columns[i].kind = o->time_form == TIME_RFC3339 ? CELL_WORD : CELL_INTEGER;
	o->presenter->begin(o);
}

void out_row(struct out *o, const struct cell *cells)
{
	o->presenter->row(o, cells);
	o->rows++;
	if (o->len >= WRITE_BYTES)
		write_all(o);
}

void out_flush(struct out *o)
{
	if (o->presenter->flush && o->column_count > 0)
		o->presenter->flush(o);
	write_all(o);
}

bool out_stopped(const struct out *o)
{
	return o->write_errno != 0;
}

bool out_closed(const struct out *o)
{
	return o->write_errno == EPIPE;
}

bool out_finish(struct out *o, struct err *err)
{
	if (o->column_count > 0)
		o->presenter->end(o);
	write_all(o);
	const char *name = o->target ? o->target : "the output";
	bool packs = o->pack.pid > 0;
	if (o->beside && !packs && o->write_errno == 0 && fsync(o->fd) != 0)
		o->write_errno = errno;
	/* Closing tells what a network file system kept to itself until now. */
	if (close(o->fd) != 0 && o->write_errno == 0 && errno != EINTR)
		o->write_errno = errno;
	o->fd = -1;
	if (packs && !pack_end(&o->pack, err))
		return false;
	if (o->write_errno == 0 && o->beside && rename(o->beside, o->target) != 0)
		o->write_errno = errno;
	if (o->write_errno == 0) {
		free(o->beside);
		o->beside = NULL;
		return true;
	}
	if (out_closed(o) && !o->target)
		return true;
	return err_set(err, "%s could not be written: %s", name, strerror(o->write_errno));
}

void out_discard(struct out *o)
{
	if (o->fd > STDERR_FILENO)
		close(o->fd);
	pack_discard(&o->pack);
	if (o->beside)
		unlink(o->beside);
	free(o->beside);
	free(o->target);
	free(o->data);
	table_free(o->table);
	*o = (struct out){ .fd = -1 };
}

size_t integer_format(int64_t value, char text[static INTEGER_TEXT_SIZE])
{
	char reversed[INTEGER_TEXT_SIZE];
	size_t count = 0, len = 0;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do
		reversed[count++] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		text[len++] = '-';
	while (count > 0)
		text[len++] = reversed[--count];
	text[len] = '\0';
	return len;
}

size_t time_cell(int64_t time_us, enum time_form form, char text[static TIME_TEXT_SIZE])
{
	static const int64_t unit_us[] = { [TIME_S] = US_PER_SECOND, [TIME_MS] = 1000, [TIME_US] = 1 };
	if (form == TIME_RFC3339)
		return time_format(time_us, text);
	return integer_format(time_us / unit_us[form], text);
}
