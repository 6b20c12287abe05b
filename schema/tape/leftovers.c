#include "schema/tape/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void leftovers_remove_tape(const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		char *name = NULL;
		if (asprintf(&name, "%s%s", path, endings[i]) < 0)
			continue;
		unlink(name);
		free(name);
	}
}

/* Of the process that made a file of this name beside the tape called `base`; 0: it is none of those. */
static pid_t maker_of(const char *name, const char *base)
{
	size_t len = strlen(base);
	if (strncmp(name, base, len) != 0 || strncmp(name + len, LEFTOVER, strlen(LEFTOVER)) != 0)
		return 0;
	const char *digits = name + len + strlen(LEFTOVER);
	char *end;
	long pid = strtol(digits, &end, 10);
	return pid > 0 && *end == '\0' && *digits >= '0' && *digits <= '9' ? (pid_t)pid : 0;
}

void leftovers_remove(const char *path)
{
	const char *base = strrchr(path, '/') + 1; /* tape_plain_path leaves none without */
	char *folder = strndup(path, (size_t)(base - path));
	DIR *dir = folder ? opendir(folder) : NULL;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		pid_t pid = maker_of(entry->d_name, base);
		char *name = NULL;
		if (pid != 0 && kill(pid, 0) != 0 && errno == ESRCH && asprintf(&name, "%s%s", folder, entry->d_name) >= 0) {
			leftovers_remove_tape(name);
			free(name);
		}
	}
	if (dir)
		closedir(dir);
	free(folder);
}
