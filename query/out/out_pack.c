#include "query/out/out_pack.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int spawn(struct pack *p, int from, int to)
{
	char name[16] = "", option[] = "-c", *const arguments[] = { name, option, NULL };
	stpncpy(name, p->program, sizeof name - 1);
	posix_spawn_file_actions_t actions;
	int failed = posix_spawn_file_actions_init(&actions);
	if (failed)
		return failed;
	failed = posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
	if (!failed)
		failed = posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
	if (!failed)
		failed = posix_spawnp(&p->pid, p->program, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

bool pack_start(struct pack *p, const char *program, int *fd, struct err *err)
{
	int ends[2];
	*p = (struct pack){ .program = program, .file = -1 };
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(err, "%s cannot be started: %s", program, strerror(errno));
	int failed = spawn(p, ends[0], *fd);
	close(ends[0]);
	if (failed) {
		close(ends[1]);
		p->pid = 0;
		return err_set(err, failed == ENOENT ? "%s is not installed; install it, or write FILE.csv" : "%s cannot be started", program);
	}
	p->file = *fd;
	*fd = ends[1];
	return true;
}

/* It got all that there was, or an end of its pipe. */
static int reap(struct pack *p)
{
	int status = 0;
	while (p->pid > 0 && waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
	return status;
}

bool pack_end(struct pack *p, struct err *err)
{
	int status = reap(p);
	bool sound = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool ok = sound || err_set(err, "%s failed", p->program);
	if (ok && fsync(p->file) != 0)
		ok = err_set(err, "the output could not be written: %s", strerror(errno));
	if (close(p->file) != 0 && ok)
		ok = err_set(err, "the output could not be written: %s", strerror(errno));
	p->file = -1;
	return ok;
}

void pack_discard(struct pack *p)
{
	reap(p);
	if (p->file >= 0)
		close(p->file);
	*p = (struct pack){ .file = -1 };
}
