#include "schema/tape/schema.h"

#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void opens(const char *path)
{
	struct tape tape;
	struct err err = { "" };
	if (!tape_open(&tape, path, TAPE_SYNC_FULL, &err))
		fail_msg("%s", err.text);
	assert_string_equal(err.text, "");
	assert_int_equal(sql_int(tape.db, "PRAGMA user_version"), schema_version());
	assert_int_equal(sql_int(tape.db, "PRAGMA application_id"), TAPE_APPLICATION_ID);
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM schema_step"), schema_version());
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM trades"), 0);
	assert_int_equal(sql_int(tape.db, "PRAGMA synchronous"), 2);
	if (!tape_close(&tape, &err))
		fail_msg("%s", err.text);
}

/* What tape_open says when it refuses; valid until the next. */
static const char *refusal(const char *path)
{
	static struct err err;
	struct tape tape;
	err = (struct err){ "" };
	if (tape_open(&tape, path, TAPE_SYNC_FULL, &err))
		fail_msg("%s was taken", path);
	assert_null(tape.db);
	assert_int_equal(tape.lock_fd, -1);
	assert_contains(err.text, path);
	assert_null(strchr(err.text, '\n'));
	return err.text;
}

static int files_in_folder(void)
{
	int count = 0;
	DIR *dir = opendir(in_folder("."));
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void make_sqlite(const char *path, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sql_run(db, sql);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_new_tape_is_made_with_its_folders(void **state)
{
	(void)state;
	opens(in_folder("a/b/c/tape.db"));
	opens(in_folder("a/b/c/tape.db"));
	/* relative, in the working directory */
	char before[4096];
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(in_folder("a")), 0);
	opens("here.db");
	assert_int_equal(chdir(before), 0);
	assert_true(file_size(in_folder("a/here.db")) > 0);
}

static void an_orderly_close_leaves_one_whole_file_beside_an_empty_wal(void **state)
{
	(void)state;
	struct tape tape;
	struct err err = { "" };
	const char *path = in_folder("tape.db");
	assert_true(tape_open(&tape, path, TAPE_SYNC_FULL, &err));
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('upbit', 'KRW-BTC')");
	assert_true(file_size(in_folder("tape.db-wal")) > 0);
	assert_true(tape_close(&tape, &err));
	assert_int_equal(file_size(in_folder("tape.db-wal")), 0);
	assert_true(file_size(in_folder("tape.db-shm")) >= 0);
	assert_int_equal(files_in_folder(), 3);
	file_copy(path, in_folder("copy.db"));
	sqlite3 *db;
	assert_int_equal(sqlite3_open(in_folder("copy.db"), &db), SQLITE_OK);
	assert_int_equal(sql_int(db, "SELECT count(*) FROM market"), 1);
	sqlite3_close(db);
}

static void an_empty_file_becomes_a_tape_and_stays_the_same_file(void **state)
{
	(void)state;
	const char *path = in_folder("tape.db");
	struct stat before, after;
	file_write(path, "", 0);
	chmod(path, 0640);
	stat(path, &before);
	opens(path);
	stat(path, &after);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_mode & 0777, 0640);
	/* an SQLite file without anything in it, too */
	make_sqlite(in_folder("other.db"), "CREATE TABLE t (a); DROP TABLE t");
	opens(in_folder("other.db"));
}

static void the_sqlite_file_of_another_program_is_refused_and_left_alone(void **state)
{
	(void)state;
	const char *path = in_folder("foreign.db");
	make_sqlite(path, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	size_t len, len_after;
	char *before = file_read(path, &len);
	assert_contains(refusal(path), "another program");
	char *after = file_read(path, &len_after);
	assert_int_equal(len, len_after);
	assert_memory_equal(before, after, len);
	free(before);
	free(after);
	assert_int_equal(files_in_folder(), 1);
	/* known only by its application_id, or only by its version */
	make_sqlite(in_folder("id.db"), "PRAGMA application_id = 5");
	assert_contains(refusal(in_folder("id.db")), "another program");
	make_sqlite(in_folder("version.db"), "PRAGMA user_version = 1");
	assert_contains(refusal(in_folder("version.db")), "another program");
}

static void a_foreign_file_in_wal_mode_gets_no_files_beside_it(void **state)
{
	(void)state;
	const char *path = in_folder("foreign.db");
	make_sqlite(path, "PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
	assert_int_equal(files_in_folder(), 1);
	assert_contains(refusal(path), "another program");
	assert_int_equal(files_in_folder(), 1);
}

static void a_newer_tape_is_refused_with_both_numbers(void **state)
{
	(void)state;
	const char *path = in_folder("tape.db");
	char number[16];
	opens(path);
	make_sqlite(path, "PRAGMA user_version = 4711");
	snprintf(number, sizeof number, "%d", schema_version());
	const char *words = refusal(path);
	assert_contains(words, "4711");
	assert_contains(words, number);
	assert_contains(words, "newer tapedeckd");
}

static void a_tape_with_a_number_below_zero_is_refused(void **state)
{
	(void)state;
	const char *path = in_folder("tape.db");
	opens(path);
	make_sqlite(path, "PRAGMA user_version = -1");
	refusal(path);
}

static void what_is_no_database_is_refused(void **state)
{
	(void)state;
	file_write(in_folder("text"), "time,price\n1,2\n", 15);
	assert_contains(refusal(in_folder("text")), "not a SQLite file");
	char *text = malloc(5000);
	memset(text, 'x', 5000);
	file_write(in_folder("text2"), text, 5000);
	free(text);
	assert_contains(refusal(in_folder("text2")), "not a SQLite file");
	assert_contains(refusal(in_folder(".")), "not a file");
	mkfifo(in_folder("pipe"), 0600);
	assert_contains(refusal(in_folder("pipe")), "not a file");
	/* under something that is no folder */
	assert_contains(refusal(in_folder("text/tape.db")), "ot a directory");
	assert_int_equal(file_size(in_folder("text")), 15);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		print_message("skipped: root may write anywhere\n");
		skip();
	}
	mkdir(in_folder("closed"), 0500);
	assert_contains(refusal(in_folder("closed/sub/tape.db")), "closed/sub cannot be made");
	assert_contains(refusal(in_folder("closed/tape.db")), "cannot be made");
}

static void a_second_recorder_is_refused_and_told_the_first_ones_pid(void **state)
{
	(void)state;
	const char *path = in_folder("tape.db");
	int told[2], go[2];
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(go), 0);
	pid_t child = fork();
	if (child == 0) {
		struct tape tape;
		struct err err = { "" };
		char byte = tape_open(&tape, path, TAPE_SYNC_FULL, &err) ? 'y' : 'n';
		close(go[1]);
		if (write(told[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 0)
			_exit(1);
		_exit(0); /* without a word, as if killed */
	}
	char byte = '?', pid[32];
	close(go[0]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	snprintf(pid, sizeof pid, "pid %d)", (int)child);
	assert_contains(refusal(path), pid);
	struct err looked = { "" };
	assert_false(tape_check(path, &looked));
	assert_string_equal(looked.text, refusal(path));
	/* a reader hinders nobody, and the end of the first frees the tape */
	close(go[1]);
	waitpid(child, NULL, 0);
	opens(path);
	close(told[0]);
	close(told[1]);
}

/* What lay beside a tape whose path means something to a shell was looked for by that meaning. */
static void leftovers_are_found_by_name_whatever_the_path_means_to_a_shell(void **state)
{
	(void)state;
	pid_t dead = fork();
	if (dead == 0)
		_exit(0);
	waitpid(dead, NULL, 0);
	char mine[64], strange[64];
	snprintf(mine, sizeof mine, "[a]/t*pe?.db.new-%d", (int)dead);
	snprintf(strange, sizeof strange, "a/tapes.db.new-%d", (int)dead); /* fits the pattern, and is no business of ours */
	assert_int_equal(mkdir(in_folder("[a]"), 0777), 0);
	assert_int_equal(mkdir(in_folder("a"), 0777), 0);
	file_write(in_folder(mine), "x", 1);
	file_write(in_folder(strange), "x", 1);
	file_write(in_folder("[a]/t*pe?.db.new-1"), "x", 1); /* lives */
	file_write(in_folder("[a]/t*pe?.db.new-"), "x", 1);
	opens(in_folder("[a]/t*pe?.db"));
	assert_int_equal(file_size(in_folder(mine)), -1);
	assert_int_equal(file_size(in_folder(strange)), 1);
	assert_int_equal(file_size(in_folder("[a]/t*pe?.db.new-1")), 1);
	assert_int_equal(file_size(in_folder("[a]/t*pe?.db.new-")), 1);
}

/* Killed at any instant while it makes a tape: nothing, or a whole tape, stands under the name. */
/* Looked at, it is refused in the words of a start; both leave it alone, and nothing beside it. */
static void refused_alike(const char *path, const char *part)
{
	struct err err = { "" };
	size_t len, len_after;
	char *before = file_read(path, &len);
	int files = files_in_folder();
	if (tape_check(path, &err))
		fail_msg("%s passed the check", path);
	assert_contains(err.text, part);
	assert_int_equal(files_in_folder(), files);
	assert_string_equal(refusal(path), err.text);
	char *after = file_read(path, &len_after);
	assert_int_equal(len, len_after);
	assert_memory_equal(before, after, len);
	assert_int_equal(files_in_folder(), files);
	free(before);
	free(after);
}

static void passes(const char *path)
{
	struct err err = { "" };
	int files = files_in_folder();
	if (!tape_check(path, &err))
		fail_msg("%s", err.text);
	assert_int_equal(files_in_folder(), files);
}

static void a_check_refuses_what_a_start_refuses_and_leaves_nothing_behind(void **state)
{
	(void)state;
	size_t len;
	make_sqlite(in_folder("foreign.db"), "CREATE TABLE t (a)");
	refused_alike(in_folder("foreign.db"), "another program");
	make_sqlite(in_folder("wal.db"), "PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
	refused_alike(in_folder("wal.db"), "another program");
	file_write(in_folder("text"), "time,price\n", 11);
	refused_alike(in_folder("text"), "not a SQLite file");
	opens(in_folder("tape.db"));
	file_copy(in_folder("tape.db"), in_folder("copy.db"));
	passes(in_folder("tape.db"));
	passes(in_folder("copy.db"));
	file_write(in_folder("empty.db"), "", 0);
	passes(in_folder("empty.db"));
	passes(in_folder("none.db"));

	/* cut off, in a page that is not the first, and in the first */
	char *bytes = file_read(in_folder("copy.db"), &len);
	file_write(in_folder("cut.db"), bytes, len / 2);
	refused_alike(in_folder("cut.db"), "malformed");
	file_write(in_folder("cut.db"), bytes, 1000);
	refused_alike(in_folder("cut.db"), "cannot be used");
	free(bytes);
	make_sqlite(in_folder("copy.db"), "PRAGMA user_version = 4711");
	refused_alike(in_folder("copy.db"), "newer tapedeckd");
	make_sqlite(in_folder("copy.db"), "PRAGMA user_version = -1");
	refused_alike(in_folder("copy.db"), "makes no sense");
}

static void a_check_looks_for_the_nearest_folder_up_to_the_root(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* who may not write into the root folder is told so */
	passes("/tape-that-nobody-made.db");
	passes("/no-such-folder/nor-this/tape.db");
	passes("/no-such-folder/nor-this/nor-that/tape.db");
}

/* As nobody, in a process of its own. */
static void a_folder_that_one_may_not_write_is_named_with_what_to_do(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* only root can become another user */
	static const char *const paths[] = { "/tape-that-nobody-made.db", "/no-such-folder/nor-this/tape.db", "/usr/tape.db" };
	static const char *const folders[] = { " in /;", " in /;", " in /usr;" };
	pid_t child = fork();
	if (child == 0) {
		bool ok = setuid(65534) == 0;
		for (size_t i = 0; ok && i < sizeof paths / sizeof *paths; i++) {
			struct err looked = { .text = "" }, opened = { .text = "" };
			struct tape own;
			ok = !tape_check(paths[i], &looked) && !tape_open(&own, paths[i], TAPE_SYNC_FULL, &opened) &&
			     strcmp(looked.text, opened.text) == 0 && strstr(looked.text, "permission denied in /") &&
			     strstr(looked.text, folders[i]) && strstr(looked.text, "--db FILE or TAPEDECK_DB names another place");
			if (!ok)
				fprintf(stderr, "the check says: %s\na start says: %s\n", looked.text, opened.text);
		}
		_exit(ok ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_check_of_a_tape_that_was_killed_leaves_its_wal_alone(void **state)
{
	(void)state;
	char path[1024];
	snprintf(path, sizeof path, "%s", in_folder("tape.db"));
	pid_t child = fork();
	if (child == 0) {
		struct tape tape;
		struct err err = { "" };
		if (tape_open(&tape, path, TAPE_SYNC_FULL, &err))
			sqlite3_exec(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('a', 'b')", NULL, NULL, NULL);
		raise(SIGKILL);
	}
	waitpid(child, NULL, 0);
	off_t wal_size = file_size(in_folder("tape.db-wal"));
	assert_true(wal_size > 0);
	passes(path);
	assert_int_equal(file_size(in_folder("tape.db-wal")), wal_size);
	unlink(in_folder("tape.db-shm"));
	passes(path);
	assert_int_equal(file_size(in_folder("tape.db-wal")), wal_size);
	struct tape tape;
	struct err err = { "" };
	assert_true(tape_open(&tape, path, TAPE_SYNC_FULL, &err));
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM market"), 1);
	assert_true(tape_close(&tape, &err));
}

/* Killed while it was turned from an empty SQLite file into a tape: the journal is for the next start to undo. */
static void a_change_that_is_to_be_undone_first_is_no_damage(void **state)
{
	(void)state;
	const char *path = in_folder("tape.db");
	make_sqlite(path, "CREATE TABLE t (a); DROP TABLE t");
	pid_t child = fork();
	if (child == 0) {
		sqlite3 *db;
		sqlite3_open(path, &db);
		sqlite3_exec(db, "PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (a); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		                 "SELECT i + 1 FROM n WHERE i < 999) SELECT randomblob(999) FROM n", NULL, NULL, NULL);
		raise(SIGKILL);
	}
	waitpid(child, NULL, 0);
	assert_true(file_size(path) > 0);
	assert_true(file_size(in_folder("tape.db-journal")) > 0);
	passes(path);
	opens(path);
}

static void a_kill_during_creation_leaves_no_half_tape(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		char name[64];
		snprintf(name, sizeof name, "tape%d.db", i);
		const char *path = in_folder(name);
		pid_t child = fork();
		if (child == 0) {
			struct tape tape;
			struct err err = { "" };
			if (tape_open(&tape, path, TAPE_SYNC_FULL, &err))
				pause();
			_exit(1);
		}
		usleep((useconds_t)(i * 1500));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		if (file_size(path) >= 0) {
			sqlite3 *db;
			assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
			assert_int_equal(sql_int(db, "PRAGMA application_id"), TAPE_APPLICATION_ID);
			assert_int_equal(sql_int(db, "PRAGMA user_version"), schema_version());
			assert_int_equal(sql_int(db, "SELECT count(*) FROM trades"), 0);
			sqlite3_close(db);
		}
		opens(path);
	}
}

static void two_that_start_at_once_make_one_tape(void **state)
{
	(void)state;
	for (int round = 0; round < 5; round++) {
		char name[64];
		snprintf(name, sizeof name, "tape%d.db", round);
		const char *path = in_folder(name);
		pid_t children[4];
		for (int i = 0; i < 4; i++) {
			children[i] = fork();
			if (children[i] == 0) {
				struct tape tape;
				struct err err = { "" };
				if (!tape_open(&tape, path, TAPE_SYNC_FULL, &err))
					_exit(strstr(err.text, "another tapedeckd") ? 5 : 1);
				usleep(50000);
				_exit(tape_close(&tape, &err) ? 0 : 1);
			}
		}
		int won = 0;
		for (int i = 0; i < 4; i++) {
			int status;
			waitpid(children[i], &status, 0);
			assert_true(WIFEXITED(status));
			assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 5);
			won += WEXITSTATUS(status) == 0;
		}
		assert_true(won >= 1);
		opens(path);
	}
	assert_int_equal(files_in_folder(), 15);
}

static void committed_rows_survive_kill_9(void **state)
{
	(void)state;
	const char *path = in_folder("tape.db");
	pid_t child = fork();
	if (child == 0) {
		struct tape tape;
		struct err err = { "" };
		if (tape_open(&tape, path, TAPE_SYNC_FULL, &err))
			sqlite3_exec(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('a', 'b'); BEGIN; INSERT INTO market (exchange, symbol) VALUES ('c', 'd')", NULL, NULL, NULL);
		raise(SIGKILL);
	}
	waitpid(child, NULL, 0);
	struct tape tape;
	struct err err = { "" };
	assert_true(tape_open(&tape, path, TAPE_SYNC_FULL, &err));
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM market"), 1);
	assert_true(tape_close(&tape, &err));
}

/* Started with stderr closed, the next file opened would be descriptor 2, and every log line would go into it. */
static void the_tape_never_takes_the_place_of_a_standard_stream(void **state)
{
	(void)state;
	const char *path = in_folder("tape.db");
	opens(path);
	pid_t child = fork();
	if (child == 0) {
		struct tape tape;
		struct err err = { "" };
		close(STDERR_FILENO);
		if (!tape_open(&tape, path, TAPE_SYNC_FULL, &err))
			_exit(2);
		_exit(tape.lock_fd > STDERR_FILENO ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_close_while_someone_reads_says_where_the_rest_is(void **state)
{
	(void)state;
	struct tape tape;
	struct err err = { "" };
	sqlite3 *reader;
	const char *path = in_folder("tape.db");
	assert_true(tape_open(&tape, path, TAPE_SYNC_FULL, &err));
	sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL);
	sql_run(reader, "BEGIN; SELECT count(*) FROM trade");
	sql_run(tape.db, "INSERT INTO market (exchange, symbol) VALUES ('a', 'b')");
	sqlite3_busy_timeout(tape.db, 50);
	assert_false(tape_close(&tape, &err));
	assert_contains(err.text, "-wal");
	sql_run(reader, "COMMIT");
	sqlite3_close(reader);
	assert_true(tape_open(&tape, path, TAPE_SYNC_FULL, &err));
	assert_int_equal(sql_int(tape.db, "SELECT count(*) FROM market"), 1);
	assert_true(tape_close(&tape, &err));
}

static void set_or_unset(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void default_is(const char *db, const char *data, const char *home, const char *want)
{
	struct err err = { "" };
	set_or_unset("TAPEDECK_DB", db);
	set_or_unset("XDG_DATA_HOME", data);
	set_or_unset("HOME", home);
	char *path = tape_default_path(&err);
	if (want)
		assert_string_equal(path ? path : err.text, want);
	else
		assert_null(path);
	free(path);
}

static void the_tapes_place_is_the_first_of_three(void **state)
{
	(void)state;
	default_is("x.db", "/data", "/home/me", "x.db");
	default_is(NULL, "/data", "/home/me", "/data/tapedeck/tape.db");
	default_is("", "/data", "/home/me", "/data/tapedeck/tape.db");
	default_is(NULL, NULL, "/home/me", "/home/me/.local/share/tapedeck/tape.db");
	default_is(NULL, "", "/home/me", "/home/me/.local/share/tapedeck/tape.db");
	default_is(NULL, "relative", "/home/me", "/home/me/.local/share/tapedeck/tape.db");
	default_is(NULL, NULL, NULL, NULL);
	default_is(NULL, NULL, "", NULL);
}

static void a_wrapped_error_is_cut_and_stays_one_text(void **state)
{
	(void)state;
	struct err err;
	char long_text[1000];
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_false(err_set(&err, "inner %d", 7));
	assert_false(err_wrap(&err, "outer %s", "words"));
	assert_string_equal(err.text, "outer words: inner 7");
	for (size_t len = 480; len < 600; len++) {
		err_set(&err, "%s", long_text);
		assert_int_equal(strlen(err.text), sizeof err.text - 1);
		err_wrap(&err, "%.*s", (int)len, long_text);
		assert_true(strlen(err.text) < sizeof err.text);
	}
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(a_new_tape_is_made_with_its_folders),
		with_folder(an_orderly_close_leaves_one_whole_file_beside_an_empty_wal),
		with_folder(an_empty_file_becomes_a_tape_and_stays_the_same_file),
		with_folder(the_sqlite_file_of_another_program_is_refused_and_left_alone),
		with_folder(a_foreign_file_in_wal_mode_gets_no_files_beside_it),
		with_folder(a_newer_tape_is_refused_with_both_numbers),
		with_folder(a_tape_with_a_number_below_zero_is_refused),
		with_folder(what_is_no_database_is_refused),
		with_folder(a_folder_that_cannot_be_made_is_named),
		with_folder(a_second_recorder_is_refused_and_told_the_first_ones_pid),
		with_folder(a_check_refuses_what_a_start_refuses_and_leaves_nothing_behind),
		with_folder(a_check_looks_for_the_nearest_folder_up_to_the_root),
		with_folder(a_folder_that_one_may_not_write_is_named_with_what_to_do),
		with_folder(a_check_of_a_tape_that_was_killed_leaves_its_wal_alone),
		with_folder(leftovers_are_found_by_name_whatever_the_path_means_to_a_shell),
		with_folder(a_change_that_is_to_be_undone_first_is_no_damage),
		with_folder(a_kill_during_creation_leaves_no_half_tape),
		with_folder(two_that_start_at_once_make_one_tape),
		with_folder(committed_rows_survive_kill_9),
		with_folder(the_tape_never_takes_the_place_of_a_standard_stream),
		with_folder(a_close_while_someone_reads_says_where_the_rest_is),
		cmocka_unit_test(the_tapes_place_is_the_first_of_three),
		cmocka_unit_test(a_wrapped_error_is_cut_and_stays_one_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
