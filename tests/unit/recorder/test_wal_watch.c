#include "recorder/tape/wal_watch.h"

#include "schema/tape/schema.h"
#include "schema/tape/snapshot.h"
#include "support.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THEN INT64_C(1795318320000000)

/* Holds a snapshot of the tape in another process until it is killed. */
static pid_t hold_snapshot(const char *path)
{
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		sqlite3 *db;
		sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
		sqlite3_exec(db, "BEGIN; SELECT count(*) FROM trade", NULL, NULL, NULL);
		if (write(ready[1], "y", 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void a_wal_that_grows_beside_a_snapshot_is_told_with_its_holder_and_shrinks(void **state)
{
	(void)state;
	struct tape tape;
	struct wal_watch watch;
	struct fault fault = { .rc = SQLITE_OK };
	struct err err = { "" };
	char path[512], wal[600], holders[SNAPSHOT_TEXT_SIZE], want[60];
	snprintf(path, sizeof path, "%s", in_folder("tape.db"));
	snprintf(wal, sizeof wal, "%s-wal", path);
	assert_true(tape_open(&tape, path, TAPE_SYNC_NORMAL, &err));
	assert_true(wal_watch_init(&watch, tape.db, &fault, &err));
	sql_run(tape.db, "CREATE TABLE big (b)"); /* stands for hours of trades */
	assert_true(wal_watch_look(&watch, THEN));
	assert_int_equal(sql_int(tape.db, "SELECT wal_since_us IS NULL FROM tape_file"), 1);
	assert_false(snapshot_holders(path, getpid(), holders));

	pid_t child = hold_snapshot(path);
	for (int i = 0; i < 66; i++)
		sql_run(tape.db, "INSERT INTO big VALUES (randomblob(1048576))");
	assert_true(file_size(wal) > TAPE_WAL_LARGE_BYTES);
	assert_true(wal_watch_look(&watch, THEN + 5000000));
	assert_true(wal_watch_look(&watch, THEN + 10000000));
	assert_int_equal(sql_int(tape.db, "SELECT wal_since_us FROM tape_file"), THEN + 5000000);
	snprintf(want, sizeof want, "test_wal_watch (pid %d)", (int)child);
	assert_true(snapshot_holders(path, getpid(), holders));
	assert_string_equal(holders, want);
	assert_false(snapshot_holders(path, child, holders));

	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	sql_run(tape.db, "INSERT INTO big VALUES (1)"); /* brings all into the one file */
	sql_run(tape.db, "INSERT INTO big VALUES (1)"); /* begins the -wal anew */
	assert_true(file_size(wal) <= TAPE_WAL_LARGE_BYTES / 2);
	assert_true(wal_watch_look(&watch, THEN + 15000000));
	assert_int_equal(sql_int(tape.db, "SELECT wal_since_us IS NULL FROM tape_file"), 1);
	wal_watch_release(&watch);
	assert_true(tape_close(&tape, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wal_that_grows_beside_a_snapshot_is_told_with_its_holder_and_shrinks),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
