#include "support.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[512];

const char *folder_make(void)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/tapedeck-unit-XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
	if (!mkdtemp(folder))
		fail_msg("no folder %s", folder);
	return folder;
}

const char *in_folder(const char *name)
{
	static char names[8][1024];
	static unsigned next;
	char *out = names[next++ % 8];
	snprintf(out, sizeof names[0], "%s/%s", folder, name);
	return out;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void folder_remove(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int folder_setup(void **state)
{
	(void)state;
	folder_make();
	return 0;
}

int folder_teardown(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

off_t file_size(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? st.st_size : -1;
}

void file_write(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

char *file_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("%s cannot be read", path);
	off_t size = file_size(path);
	char *bytes = malloc((size_t)size + 1);
	assert_non_null(bytes);
	*len = fread(bytes, 1, (size_t)size, file);
	bytes[*len] = '\0';
	fclose(file);
	return bytes;
}

void file_copy(const char *from, const char *to)
{
	size_t len;
	char *bytes = file_read(from, &len);
	file_write(to, bytes, len);
	free(bytes);
}

/* splitmix64 */
uint64_t rng_next(struct rng *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t rng_below(struct rng *r, uint64_t limit)
{
	return rng_next(r) % limit;
}

void mpq_from_text(mpq_t q, const char *text)
{
	mpz_t ten;
	long power = 0;
	bool negative = *text == '-', fraction = false;
	mpq_set_ui(q, 0, 1);
	for (const char *p = text + negative; *p; p++) {
		if (*p == '.') {
			fraction = true;
		} else if (*p == 'e' || *p == 'E') {
			power += strtol(p + 1, NULL, 10);
			break;
		} else {
			assert_true(*p >= '0' && *p <= '9');
			mpz_mul_ui(mpq_numref(q), mpq_numref(q), 10);
			mpz_add_ui(mpq_numref(q), mpq_numref(q), (unsigned long)(*p - '0'));
			power -= fraction;
		}
	}
	mpz_init(ten);
	mpz_ui_pow_ui(ten, 10, (unsigned long)labs(power));
	if (power < 0)
		mpz_set(mpq_denref(q), ten);
	else
		mpz_mul(mpq_numref(q), mpq_numref(q), ten);
	mpz_clear(ten);
	mpq_canonicalize(q);
	if (negative)
		mpq_neg(q, q);
}

void mpq_from_decimal(mpq_t q, const struct decimal *d)
{
	mpq_set_ui(q, 0, 1);
	for (int i = 2; i >= 0; i--) {
		mpz_mul_2exp(mpq_numref(q), mpq_numref(q), 64);
		mpz_add_ui(mpq_numref(q), mpq_numref(q), d->limb[i]);
	}
	mpz_ui_pow_ui(mpq_denref(q), 10, d->scale);
	mpq_canonicalize(q);
}

void sql_run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

char *sql_text(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	const char *text = (const char *)sqlite3_column_text(stmt, 0);
	char *copy = strdup(text ? text : "");
	sqlite3_finalize(stmt);
	return copy;
}

int64_t sql_int(sqlite3 *db, const char *sql)
{
	char *text = sql_text(db, sql);
	int64_t value = strtoll(text, NULL, 10);
	free(text);
	return value;
}

struct decimal dec(const char *text)
{
	struct decimal d;
	const char *reason = "";
	if (!decimal_parse(&d, text, strlen(text), &reason))
		fail_msg("%s: %s", text, reason);
	return d;
}

char *captured(int fd, void (*call)(void *arg), void *arg)
{
	int ends[2];
	fflush(NULL);
	assert_int_equal(pipe(ends), 0);
	int before = dup(fd);
	dup2(ends[1], fd);
	close(ends[1]);
	call(arg);
	fflush(NULL);
	dup2(before, fd);
	close(before);
	char *text = calloc(1, 65537);
	assert_non_null(text);
	size_t len = 0;
	for (ssize_t got; len < 65536 && (got = read(ends[0], text + len, 65536 - len)) > 0;)
		len += (size_t)got;
	close(ends[0]);
	return text;
}

void clock_set_second_of_day(int64_t second)
{
	char shift_s[24];
	snprintf(shift_s, sizeof shift_s, "%lld", (long long)(second - (int64_t)time(NULL) % (24 * 60 * 60)));
	setenv("TAPEDECK_TEST_WALL_SHIFT_S", shift_s, 1);
}
