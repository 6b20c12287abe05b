#include "recorder/net/lookup.h"

#include "recorder/clock.h"
#include "schema/base/timefmt.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUESTIONS_MAX 64
#define THREADS 4
#define END_WAIT_US (US_PER_SECOND / 2)

struct question {
	const void *asker; /* NULL: free */
	uint64_t number;   /* of each question another one: an answer that comes late must not pass for the next one's */
	char host[HOST_SIZE];
	enum { ASKED, RUNNING, ANSWERED } state;
	struct lookup_answer answer;
};

struct lookup {
	void (*on_answer)(void *arg);
	void *on_answer_arg;
	pthread_t threads[THREADS];
	size_t thread_count; /* set before they ask */
	pthread_mutex_t lock;
	pthread_cond_t asked, ended_cond;
	struct question questions[QUESTIONS_MAX]; /* {lock} */
	uint64_t asked_count;                     /* {lock} */
	bool end;                                 /* {lock} */
	size_t ended;                             /* {lock} */
};

/* Look-up thread, without the lock. */
static void resolve(const char *host, struct lookup_answer *answer)
{
	/* No AI_ADDRCONFIG: an address of a family that this machine cannot reach fails at once, and the next is tried. */
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *list = NULL;
	*answer = (struct lookup_answer){ .count = 0 };
	int rc = getaddrinfo(host, NULL, &hints, &list);
	if (rc != 0) {
		snprintf(answer->reason, sizeof answer->reason, "%s", gai_strerror(rc));
		return;
	}
	for (struct addrinfo *a = list; a && answer->count < LOOKUP_ADDRESSES_MAX; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, answer->addresses[answer->count], ADDRESS_SIZE, NULL, 0,
		                NI_NUMERICHOST) == 0)
			answer->count++;
	freeaddrinfo(list);
	if (answer->count == 0)
		snprintf(answer->reason, sizeof answer->reason, "the name has no address");
}

/* {lock} */
static struct question *find(struct lookup *l, const void *asker, bool asked_only)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		struct question *q = &l->questions[i];
		if (asked_only ? q->asker && q->state == ASKED : q->asker == asker)
			return q;
	}
	return NULL;
}

static void *run(void *arg)
{
	struct lookup *l = arg;
	pthread_mutex_lock(&l->lock);
	while (!l->end) {
		struct question *q = find(l, NULL, true);
		if (!q) {
			pthread_cond_wait(&l->asked, &l->lock);
			continue;
		}
		char host[HOST_SIZE];
		uint64_t number = q->number;
		memcpy(host, q->host, sizeof host);
		q->state = RUNNING;
		pthread_mutex_unlock(&l->lock);
		struct lookup_answer answer;
		resolve(host, &answer);
		pthread_mutex_lock(&l->lock);
		if (l->end)
			break;
		if (q->asker && q->number == number) { /* neither forgotten nor asked anew meanwhile */
			q->answer = answer;
			q->state = ANSWERED;
			l->on_answer(l->on_answer_arg);
		}
	}
	l->ended++;
	pthread_cond_signal(&l->ended_cond);
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

struct lookup *lookup_new(void (*on_answer)(void *arg), void *arg)
{
	struct lookup *l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->on_answer = on_answer;
	l->on_answer_arg = arg;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->asked, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->ended_cond, &attr);
	pthread_condattr_destroy(&attr);
	while (l->thread_count < THREADS && pthread_create(&l->threads[l->thread_count], NULL, run, l) == 0)
		l->thread_count++;
	if (l->thread_count == 0) {
		free(l);
		return NULL;
	}
	return l;
}

void lookup_free(struct lookup *l)
{
	if (!l)
		return;
	int64_t until_us = clock_mono_us() + END_WAIT_US;
	struct timespec until = { .tv_sec = until_us / US_PER_SECOND, .tv_nsec = until_us % US_PER_SECOND * 1000 };
	pthread_mutex_lock(&l->lock);
	l->end = true;
	pthread_cond_broadcast(&l->asked);
	int rc = 0;
	while (l->ended < l->thread_count && rc == 0)
		rc = pthread_cond_timedwait(&l->ended_cond, &l->lock, &until);
	bool ended = l->ended == l->thread_count;
	pthread_mutex_unlock(&l->lock);
	for (size_t i = 0; i < l->thread_count; i++)
		ended ? pthread_join(l->threads[i], NULL) : pthread_detach(l->threads[i]);
	if (!ended)
		return;
	pthread_cond_destroy(&l->asked);
	pthread_cond_destroy(&l->ended_cond);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

bool lookup_ask(struct lookup *l, const void *asker, const char *host)
{
	pthread_mutex_lock(&l->lock);
	struct question *q = find(l, asker, false);
	if (!q)
		q = find(l, NULL, false); /* a free one */
	if (q) {
		q->asker = asker;
		q->number = ++l->asked_count;
		q->state = ASKED;
		snprintf(q->host, sizeof q->host, "%s", host);
		pthread_cond_signal(&l->asked);
	}
	pthread_mutex_unlock(&l->lock);
	return q != NULL;
}

bool lookup_collect(struct lookup *l, const void *asker, struct lookup_answer *answer)
{
	pthread_mutex_lock(&l->lock);
	struct question *q = find(l, asker, false);
	bool there = q && q->state == ANSWERED;
	if (there) {
		*answer = q->answer;
		q->asker = NULL;
	}
	pthread_mutex_unlock(&l->lock);
	return there;
}

void lookup_forget(struct lookup *l, const void *asker)
{
	pthread_mutex_lock(&l->lock);
	struct question *q = find(l, asker, false);
	if (q)
		q->asker = NULL;
	pthread_mutex_unlock(&l->lock);
}
