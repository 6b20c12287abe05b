#include "schema/tape/snapshot.h"

#include "schema/tape/lock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SQLite's WAL_READ_LOCK(0) to WAL_READ_LOCK(4), on the bytes of the -shm: one for each reader, shared, for as long as it
 * holds its snapshot. */
#define FIRST_READ_MARK 123
#define LAST_READ_MARK 127
#define HOLDERS_MAX 4 /* told */

static int pids_of(const char *shm, int pids[static HOLDERS_MAX + 1])
{
	struct stat st;
	FILE *list = fopen("/proc/locks", "re");
	size_t count = 0;
	if (list && stat(shm, &st) == 0)
		count = lock_sharers_in(list, st.st_dev, st.st_ino, FIRST_READ_MARK, LAST_READ_MARK, pids, HOLDERS_MAX + 1);
	if (list)
		fclose(list);
	return (int)count;
}

/* The program's name; "a process" where it is not to be seen. */
static void name_of(int pid, char name[static 32])
{
	char path[40];
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	FILE *file = fopen(path, "re");
	if (!file || !fgets(name, 32, file))
		stpcpy(name, "a process");
	if (file)
		fclose(file);
	name[strcspn(name, "\n")] = '\0';
	for (char *p = name; *p; p++) /* it is a stranger's word */
		*p = (unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p;
}

bool snapshot_holders(const char *tape, pid_t except, char text[static SNAPSHOT_TEXT_SIZE])
{
	int pids[HOLDERS_MAX + 1], told = 0;
	char *shm = NULL;
	text[0] = '\0';
	int count = asprintf(&shm, "%s-shm", tape) < 0 ? 0 : pids_of(shm, pids);
	free(shm);
	size_t len = 0;
	for (int i = 0; i < count; i++) {
		char name[32];
		if (pids[i] == except || pids[i] <= 0)
			continue;
		if (told++ == HOLDERS_MAX) {
			snprintf(text + len, SNAPSHOT_TEXT_SIZE - len, " and more");
			break;
		}
		name_of(pids[i], name);
		len += (size_t)snprintf(text + len, SNAPSHOT_TEXT_SIZE - len, "%s%s (pid %d)", told > 1 ? ", " : "", name, pids[i]);
	}
	return told > 0;
}
