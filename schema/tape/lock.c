/* That a lock is missing from the list proves that nobody holds it only where the list shows all locks, and shows the file
 * under the number that stat() tells:
 *
 *   another PID namespace   shows the locks of its own processes only; the first one of the machine shows all
 *   a file system of        its other machines' locks are not there, and layered ones give other numbers: only the local
 *   the network, or layers  ones named below are believed
 *   a long list             is read in pieces, and what ends between two of them moves the rest past us: looked at again
 */
#include "schema/tape/lock.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LOCKS "/proc/locks"
#define FIRST_PID_NAMESPACE "pid:[4026531836]" /* PROC_PID_INIT_INO, the same on every Linux */
#define LOOKS 3
#define TOLD_BYTE (INT64_C(1) << 62) /* SQLite locks 512 bytes from 2^30 on */

struct lock_line {
	int pid;
	unsigned major_no, minor_no;
	unsigned long inode;
};

/* The next shared POSIX lock of the list that is held. */
static bool next_shared(FILE *list, struct lock_line *l, long *first, char end[static 24])
{
	char line[256];
	while (fgets(line, sizeof line, list))
		if (sscanf(line, "%*s POSIX %*s READ %d %x:%x:%lu %ld %23s", &l->pid, &l->major_no, &l->minor_no, &l->inode, first,
		           end) == 6)
			return true;
	return false;
}

/* The next flock() of the list that is held; those who wait for one have "->" before the word. */
static bool next_flock(FILE *list, struct lock_line *l)
{
	char line[256];
	while (fgets(line, sizeof line, list))
		if (sscanf(line, "%*s FLOCK %*s %*s %d %x:%x:%lu", &l->pid, &l->major_no, &l->minor_no, &l->inode) == 4)
			return true;
	return false;
}

int lock_holder_in(FILE *list, dev_t dev, ino_t ino)
{
	struct lock_line l;
	while (next_flock(list, &l))
		if (l.inode == ino && l.major_no == major(dev) && l.minor_no == minor(dev))
			return l.pid;
	return 0;
}

bool lock_listed_in(FILE *list, ino_t ino)
{
	struct lock_line l;
	while (next_flock(list, &l))
		if (l.inode == ino)
			return true;
	return false;
}

size_t lock_sharers_in(FILE *list, dev_t dev, ino_t ino, long first, long last, int *pids, size_t max)
{
	struct lock_line l;
	long from;
	char end[24];
	size_t count = 0;
	while (count < max && next_shared(list, &l, &from, end)) {
		long to = strcmp(end, "EOF") == 0 ? last : strtol(end, NULL, 10);
		if (l.inode != ino || l.major_no != major(dev) || l.minor_no != minor(dev) || from > last || to < first)
			continue;
		size_t i = 0;
		while (i < count && pids[i] != l.pid)
			i++;
		pids[i] = l.pid;
		count += i == count;
	}
	return count;
}

static struct flock told_byte(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = TOLD_BYTE, .l_len = 1 };
}

void lock_tell(int fd)
{
	struct flock byte = told_byte();
	fcntl(fd, F_OFD_SETLK, &byte); /* where it cannot be had, less is known, and that is all */
}

bool lock_told(int fd)
{
	struct flock byte = told_byte();
	return fcntl(fd, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

int lock_holder(int fd)
{
	struct stat st;
	FILE *list = fopen(LOCKS, "re");
	int holder = list && fstat(fd, &st) == 0 ? lock_holder_in(list, st.st_dev, st.st_ino) : 0;
	if (list)
		fclose(list);
	return holder;
}

static bool sees_all_processes(void)
{
	char name[sizeof FIRST_PID_NAMESPACE + 1];
	ssize_t len = readlink("/proc/self/ns/pid", name, sizeof name);
	return len == (ssize_t)strlen(FIRST_PID_NAMESPACE) && memcmp(name, FIRST_PID_NAMESPACE, (size_t)len) == 0;
}

static bool is_local(const char *path)
{
	static const unsigned long local[] = { 0xef53 /* ext4 */, 0x58465342 /* XFS */, 0x9123683e /* btrfs */,
	                                       0xf2f52010 /* F2FS */, 0x01021994 /* tmpfs */ };
	struct statfs fs;
	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == local[i])
			return true;
	return false;
}

bool lock_surely_free(const char *path)
{
	struct stat st;
	if (!sees_all_processes() || !is_local(path) || stat(path, &st) != 0)
		return false;
	for (int look = 0; look < LOOKS; look++) {
		FILE *list = fopen(LOCKS, "re");
		if (!list)
			return false;
		bool listed = lock_listed_in(list, st.st_ino), whole = !ferror(list);
		fclose(list);
		if (listed || !whole)
			return false;
	}
	return true;
}
