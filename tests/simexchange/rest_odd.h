/*
 * REST that is not the socket's twin: rows it lacks, pages that are out of order or never end, values that are told in another way. The trades
 * themselves, and the ledger, stay what they are. Any thread.
 */
#ifndef SIM_REST_ODD_H
#define SIM_REST_ODD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct fault;

struct trade;

/* What REST does not know now: of so many the newest, and one in the middle. */
size_t rest_lacks_newest(size_t known);
bool rest_lacks(const struct trade *t);
/* The rows of a page as they are sent, of `max` that there is room for; returns how many. */
size_t rest_page(size_t market, uint32_t *places, size_t count, size_t max);

/* Values in a row, as --rest-ids, --rest-times and --rest-digits want them. */
uint64_t rest_id(uint64_t id);
int64_t rest_time(int64_t time, int64_t second); /* in units of which a second has so many */
struct dec rest_number(struct dec v);
/* A page's row, from 0 on, says null for its price. */
bool rest_price_is_null(size_t row);

void rest_odd_release(void); /* when no thread asks any more */

/* Of the script. */
void rest_be_behind(const struct fault *f);
void rest_miss(const struct fault *f);
void rest_shuffle(const struct fault *f);
void rest_be_null(const struct fault *f);
void rest_be_stuck(const struct fault *f);

#endif
