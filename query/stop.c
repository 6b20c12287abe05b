#include "query/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t wanted; /* the signal's number */

static void wish(int signal_number)
{
	wanted = signal_number;
}

void stop_watch(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct sigaction old, now = { .sa_handler = wish };
		/* nohup's wish is kept; that a shell ignores SIGINT for its background jobs is not meant for us. */
		if (sigaction(signals[i], NULL, &old) == 0 && (signals[i] != SIGHUP || old.sa_handler != SIG_IGN))
			sigaction(signals[i], &now, NULL);
	}
}

bool stop_wanted(void)
{
	return wanted != 0;
}

void stop_obey(void)
{
	if (wanted) {
		signal(wanted, SIG_DFL);
		raise(wanted);
	}
}

void stop_forget(void)
{
	wanted = 0;
}
