/*
 * An exchange's own totals of a market's day, as its REST tickers tell them; and what the script makes of them. Any thread.
 */
#ifndef SIM_DAY_H
#define SIM_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct request;
struct answer;

/* Its volume since the day began, which begins so long before 00:00 UTC, as a number is written. Returns the end. */
char *day_put_volume(char *d, size_t market, int64_t offset_ms);

/* Upbit's and Bithumb's /v1/ticker?markets=A,B,...: day_ms as above; times of trades in numbers are so much ahead of UTC. False: a market is unknown. */
bool day_put_tickers(const struct request *r, struct answer *a, int64_t day_ms, int64_t ahead_ms);

/* The script */
void day_be_wrong(const struct fault *f);
void day_add_in_doubles(const struct fault *f);
void day_refuse(const struct fault *f);
int day_status(const char *path); /* 0: answer as usual */

#endif
