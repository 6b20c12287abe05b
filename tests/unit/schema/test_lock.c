#include "schema/tape/lock.h"

#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char locks[] = "1: POSIX  ADVISORY  READ 25929 00:1a:77 128 128\n"
                      "2: FLOCK  ADVISORY  WRITE 4711 08:01:32010 0 EOF\n"
                      "2: -> FLOCK  ADVISORY  WRITE 4712 08:01:32011 0 EOF\n"
                      "3: LEASE  ACTIVE    READ 4713 08:01:32012 0 EOF\n"
                      "4: OFDLCK ADVISORY  WRITE -1 08:01:32013 0 EOF\n"
                      "5: FLOCK  ADVISORY  READ 4714 00:2b:320100 0 EOF\n";

static int holder(unsigned major_no, unsigned minor_no, ino_t ino)
{
	FILE *list = fmemopen(locks, strlen(locks), "r");
	int pid = lock_holder_in(list, makedev(major_no, minor_no), ino);
	fclose(list);
	return pid;
}

static bool listed(ino_t ino)
{
	FILE *list = fmemopen(locks, strlen(locks), "r");
	bool found = lock_listed_in(list, ino);
	fclose(list);
	return found;
}

static void the_list_names_the_holder_of_a_flock_and_of_no_other_lock(void **state)
{
	(void)state;
	assert_int_equal(holder(8, 1, 32010), 4711);
	assert_int_equal(holder(0, 0x2b, 320100), 4714);
	assert_int_equal(holder(8, 2, 32010), 0);
	assert_int_equal(holder(8, 1, 3201), 0);
	for (ino_t ino = 32011; ino <= 32013; ino++)
		assert_int_equal(holder(8, 1, ino), 0);
	assert_int_equal(holder(0, 0x1a, 77), 0);
}

static void whether_it_is_listed_does_not_depend_on_the_device(void **state)
{
	(void)state;
	assert_true(listed(32010));
	assert_true(listed(320100));
	for (ino_t ino = 32011; ino <= 32013; ino++)
		assert_false(listed(ino));
	assert_false(listed(77));
}

static void those_who_share_a_lock_on_some_bytes_are_each_named_once(void **state)
{
	(void)state;
	static char shared[] = "1: POSIX  ADVISORY  READ 11 00:1a:77 128 128\n"
	                       "2: POSIX  ADVISORY  READ 12 00:1a:77 124 124\n"
	                       "3: POSIX  ADVISORY  READ 12 00:1a:77 126 127\n"
	                       "4: POSIX  ADVISORY  WRITE 13 00:1a:77 125 125\n"
	                       "4: -> POSIX  ADVISORY  READ 14 00:1a:77 125 125\n"
	                       "5: POSIX  ADVISORY  READ 15 00:1b:77 124 124\n"
	                       "6: POSIX  ADVISORY  READ 16 00:1a:78 124 124\n"
	                       "7: POSIX  ADVISORY  READ 17 00:1a:77 0 EOF\n";
	int pids[4];
	FILE *list = fmemopen(shared, strlen(shared), "r");
	assert_int_equal(lock_sharers_in(list, makedev(0, 0x1a), 77, 123, 127, pids, 4), 2);
	assert_int_equal(pids[0], 12);
	assert_int_equal(pids[1], 17);
	fclose(list);
	list = fmemopen(shared, strlen(shared), "r");
	assert_int_equal(lock_sharers_in(list, makedev(0, 0x1a), 77, 123, 127, pids, 1), 1);
	fclose(list);
}

static void who_tells_that_he_records_is_seen_until_he_goes(void **state)
{
	(void)state;
	char *path = strdup(in_folder("told.db"));
	assert_non_null(path);
	file_write(path, "x", 1);
	int recorder = open(path, O_RDWR | O_CLOEXEC), reader = open(path, O_RDONLY | O_CLOEXEC);
	assert_false(lock_told(reader));
	lock_tell(recorder);
	assert_true(lock_told(reader));
	close(recorder);
	assert_false(lock_told(reader));
	close(reader);
	free(path);
}

static void a_lock_is_surely_free_only_while_nobody_holds_it(void **state)
{
	(void)state;
	char name[64] = "";
	if (readlink("/proc/self/ns/pid", name, sizeof name - 1) < 0 || strcmp(name, "pid:[4026531836]") != 0 ||
	    access("/proc/locks", R_OK) != 0) {
		print_message("not to be known in this PID namespace\n");
		skip();
	}
	char *path = strdup(in_folder("tape.db"));
	assert_non_null(path);
	file_write(path, "x", 1);
	if (!lock_surely_free(path)) {
		free(path);
		print_message("not to be known on this file system\n");
		skip();
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(lock_holder(fd), getpid());
	assert_false(lock_surely_free(path));
	close(fd);
	assert_true(lock_surely_free(path));
	assert_false(lock_surely_free(in_folder("none.db")));
	assert_false(lock_surely_free("/proc/version")); /* no file system that is known to tell */
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_names_the_holder_of_a_flock_and_of_no_other_lock),
		cmocka_unit_test(whether_it_is_listed_does_not_depend_on_the_device),
		cmocka_unit_test(those_who_share_a_lock_on_some_bytes_are_each_named_once),
		cmocka_unit_test(who_tells_that_he_records_is_seen_until_he_goes),
		cmocka_unit_test(a_lock_is_surely_free_only_while_nobody_holds_it),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
