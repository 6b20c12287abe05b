/* What a reader can know of a tape that it meets under another name, or in another place. */
#include "schema/tape/reader.h"

#include "schema/tape/steps.h"
#include "support.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tape tape;
static int torn; /* so many steps more meet the head of the -wal while it is written */

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt)
{
	return torn > 0 ? SQLITE_READONLY : __real_sqlite3_step(stmt);
}

int __real_sqlite3_extended_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db)
{
	return torn > 0 && torn-- > 0 ? SQLITE_READONLY_RECOVERY : __real_sqlite3_extended_errcode(db);
}

static void begin_tape(const char *path)
{
	struct err err = { "" };
	if (!tape_open(&tape, path, TAPE_SYNC_NORMAL, &err))
		fail_msg("%s", err.text);
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('a', 'b')");
	sql_run(tape.db, "INSERT INTO recorder VALUES (1, 7, 'v', 1, 1795318320000000, NULL, 0, 0, 0, 0, 0, 0)");
}

static void part_is(const char *path, enum reader_part part, int markets, const char *words)
{
	struct reader r;
	struct err err = { "" };
	char text[READER_PART_TEXT_SIZE];
	if (!reader_open(&r, path, &err))
		fail_msg("%s", err.text);
	assert_int_equal(r.part, part);
	assert_int_equal(sql_int(r.db, "SELECT count(*) FROM market"), markets);
	assert_true(reader_part_text(&r, text, &err));
	assert_contains(text, words);
	assert_int_equal(text[0] == '\0', part == READER_WHOLE);
	reader_close(&r);
}

static const char *copy_of(const char *path, const char *ending)
{
	static int count;
	static char copy[600];
	char from[700], to[700];
	snprintf(copy, sizeof copy, "%s.copy-%d", path, ++count);
	snprintf(from, sizeof from, "%s", path);
	file_copy(from, copy);
	if (ending[0]) {
		snprintf(from, sizeof from, "%s%s", path, ending);
		snprintf(to, sizeof to, "%s%s", copy, ending);
		file_copy(from, to);
	}
	return copy;
}

static void a_copy_of_the_one_file_says_whether_all_is_in_it(void **state)
{
	(void)state;
	struct err err = { "" };
	char path[512];
	snprintf(path, sizeof path, "%s", in_folder("copied.db"));
	begin_tape(path);
	part_is(path, READER_WHOLE, 1, "");
	part_is(copy_of(path, ""), READER_COPIED, 0, "without its -wal"); /* 0 of 1, and it was called whole */
	sqlite3_wal_checkpoint_v2(tape.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	part_is(copy_of(path, ""), READER_COPIED, 1, "all after 2026-11-22T03:32:00Z are");
	assert_true(tape_close(&tape, &err));
	part_is(path, READER_WHOLE, 1, "");
	part_is(copy_of(path, ""), READER_WHOLE, 1, "");
	begin_tape(in_folder("other.db"));
	assert_true(tape_close(&tape, &err));
	assert_true(tape_open(&tape, path, TAPE_SYNC_NORMAL, &err)); /* the next run, of which nothing is in the one file yet */
	part_is(copy_of(path, ""), READER_COPIED, 1, "without its -wal");
	assert_true(tape_close(&tape, &err));
}

/* Python, sqlite3 or a browser has the copy open: an empty -wal and a -shm lie beside it. */
static void an_empty_wal_beside_a_copy_does_not_make_it_whole(void **state)
{
	(void)state;
	struct err err = { "" };
	struct reader r;
	enum reader_change change;
	sqlite3 *other;
	char path[512], copy[600], beside[700];
	snprintf(path, sizeof path, "%s", in_folder("opened.db"));
	begin_tape(path);
	sqlite3_wal_checkpoint_v2(tape.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('a', 'c')");
	snprintf(copy, sizeof copy, "%s", copy_of(path, ""));
	assert_int_equal(sqlite3_open(copy, &other), SQLITE_OK);
	assert_int_equal(sql_int(other, "SELECT count(*) FROM market"), 1);
	snprintf(beside, sizeof beside, "%s-wal", copy);
	assert_int_equal(access(beside, F_OK), 0);
	part_is(copy, READER_COPIED, 1, "without its -wal");
	sqlite3_close(other);
	/* A program that was killed leaves it. */
	snprintf(copy, sizeof copy, "%s", copy_of(path, ""));
	snprintf(beside, sizeof beside, "%s-wal", copy);
	fclose(fopen(beside, "w"));
	part_is(copy, READER_COPIED, 1, "without its -wal");
	assert_true(tape_close(&tape, &err));
	/* It is what it is called until a recorder begins on it, which a reader that stays sees. */
	assert_int_equal(sqlite3_open(copy, &other), SQLITE_OK);
	assert_int_equal(sql_int(other, "SELECT count(*) FROM market"), 1);
	assert_true(reader_open(&r, copy, &err));
	assert_int_equal(r.part, READER_COPIED);
	assert_true(tape_open(&tape, copy, TAPE_SYNC_NORMAL, &err));
	sql_run(tape.db, "UPDATE recorder SET pid = 8");
	assert_true(reader_check(&r, &change, &err));
	assert_int_equal(change, READER_REOPENED);
	assert_int_equal(r.part, READER_WHOLE);
	reader_close(&r);
	sqlite3_close(other);
	assert_true(tape_close(&tape, &err));
	part_is(copy, READER_WHOLE, 1, "");
	/* What stopped in order stays whole, whoever opens it. */
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sql_int(other, "SELECT count(*) FROM market"), 2);
	part_is(path, READER_WHOLE, 2, "");
	sqlite3_close(other);
}

static void what_sqlite_copied_from_a_live_tape_is_whole_and_ends_there(void **state)
{
	(void)state;
	struct err err = { "" };
	char sql[700];
	begin_tape(in_folder("live.db"));
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", in_folder("snapshot.db"));
	sql_run(tape.db, sql);
	part_is(in_folder("snapshot.db"), READER_SNAPSHOT, 1, "ends at 2026-11-22T03:32:00Z");
	assert_true(tape_close(&tape, &err));
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", in_folder("snapshot-2.db"));
	assert_true(tape_open(&tape, in_folder("live.db"), TAPE_SYNC_NORMAL, &err));
	sql_run(tape.db, sql);
	part_is(in_folder("snapshot-2.db"), READER_SNAPSHOT, 1, "snapshot");
	assert_true(tape_close(&tape, &err));
}

static void what_a_kill_left_is_whole_with_its_wal_alone(void **state)
{
	(void)state;
	char path[512];
	snprintf(path, sizeof path, "%s", in_folder("killed.db"));
	pid_t child = fork();
	if (child == 0) {
		begin_tape(path);
		raise(SIGKILL);
	}
	waitpid(child, NULL, 0);
	part_is(path, READER_WHOLE, 1, "");
	part_is(copy_of(path, "-wal"), READER_WHOLE, 1, "");
	part_is(copy_of(path, ""), READER_COPIED, 0, "without its -wal");
}

static void a_tape_recorded_under_another_name_is_not_read_without_its_wal(void **state)
{
	(void)state;
	struct err err = { "" };
	struct reader r;
	char path[512], link_path[512];
	snprintf(path, sizeof path, "%s", in_folder("named.db"));
	snprintf(link_path, sizeof link_path, "%s", in_folder("link.db"));
	begin_tape(path);
	assert_int_equal(link(path, link_path), 0);
	assert_false(reader_open(&r, link_path, &err));
	assert_contains(err.text, "recorded under another name");
	part_is(path, READER_WHOLE, 1, "");
	assert_true(tape_close(&tape, &err));
	part_is(link_path, READER_WHOLE, 1, "");
	/* The other way round: this name has an empty -wal of its own, from its own days. */
	assert_true(tape_open(&tape, link_path, TAPE_SYNC_NORMAL, &err));
	assert_false(reader_open(&r, path, &err));
	assert_contains(err.text, "recorded under another name");
	part_is(link_path, READER_WHOLE, 1, "");
	assert_true(tape_close(&tape, &err));
}

static void a_stop_beside_a_snapshot_leaves_no_mark(void **state)
{
	(void)state;
	struct err err = { "" };
	sqlite3 *reader;
	char path[512];
	snprintf(path, sizeof path, "%s", in_folder("held.db"));
	begin_tape(path);
	sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL);
	sql_run(reader, "BEGIN; SELECT count(*) FROM trade");
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('a', 'c')");
	assert_false(tape_fold(&tape, 50, &err));
	assert_false(tape_close_within(&tape, 50, &err));
	assert_contains(err.text, "-wal");
	part_is(copy_of(path, ""), READER_COPIED, 0, "without its -wal");
	part_is(path, READER_WHOLE, 2, "");
	sql_run(reader, "COMMIT");
	sqlite3_close(reader);
}

static void markets_of_an_older_tape_count_as_wanted(void **state)
{
	(void)state;
	struct err err = { "" };
	sqlite3 *db;
	const char *path = in_folder("old.db");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (int i = 0; i < 3; i++) {
		char step[60];
		sql_run(db, schema_steps[i]);
		snprintf(step, sizeof step, "INSERT INTO schema_step VALUES (%d, 0, 'x')", i + 1);
		sql_run(db, step);
	}
	sql_run(db, "INSERT INTO market (exchange, symbol) VALUES ('a', 'trades'), ('a', 'covered'), ('a', 'ticker')");
	sql_run(db, "INSERT INTO trade VALUES (1, 5, 5, 16, 16, 0)");
	sql_run(db, "INSERT INTO coverage VALUES (2, 7, 9)");
	sql_run(db, "PRAGMA application_id = 0x54415045; PRAGMA user_version = 3");
	sqlite3_close(db);
	assert_true(tape_open(&tape, path, TAPE_SYNC_NORMAL, &err));
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM wanted WHERE to_us IS NULL"), 2);
	assert_int_equal(sql_int(tape.db, "SELECT from_us FROM wanted WHERE market_id = 2"), 7);
	assert_int_equal(sql_int(tape.db, "SELECT folded_us IS NULL FROM tape_file"), 1);
	assert_true(tape_close(&tape, &err));
	part_is(path, READER_WHOLE, 3, "");
}

static void a_head_that_is_being_written_is_read_a_moment_later(void **state)
{
	(void)state;
	struct err err = { "" };
	struct reader r;
	sqlite3_stmt *stmt = NULL;
	char path[512];
	snprintf(path, sizeof path, "%s", in_folder("torn.db"));
	begin_tape(path);
	assert_true(reader_open(&r, path, &err));
	assert_int_equal(sqlite3_prepare_v2(r.db, "SELECT ?1 FROM market", -1, &stmt, NULL), SQLITE_OK);
	sqlite3_bind_int(stmt, 1, 42);
	torn = 3;
	assert_int_equal(reader_step(stmt), SQLITE_ROW);
	assert_int_equal(torn, 0);
	assert_int_equal(sqlite3_column_int(stmt, 0), 42);
	sqlite3_finalize(stmt);
	reader_close(&r);
	assert_true(tape_close(&tape, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_of_the_one_file_says_whether_all_is_in_it),
		cmocka_unit_test(an_empty_wal_beside_a_copy_does_not_make_it_whole),
		cmocka_unit_test(what_sqlite_copied_from_a_live_tape_is_whole_and_ends_there),
		cmocka_unit_test(what_a_kill_left_is_whole_with_its_wal_alone),
		cmocka_unit_test(a_tape_recorded_under_another_name_is_not_read_without_its_wal),
		cmocka_unit_test(a_stop_beside_a_snapshot_leaves_no_mark),
		cmocka_unit_test(a_head_that_is_being_written_is_read_a_moment_later),
		cmocka_unit_test(markets_of_an_older_tape_count_as_wanted),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
