/* What the socket of Bithumb's old exchange (bithumb_legacy.c) and its REST (bithumb_legacy_rest.c) share. */
#ifndef SIM_BITHUMB_LEGACY_H
#define SIM_BITHUMB_LEGACY_H

#include <stdint.h>

#include "text.h"

struct answer;
struct limit_state;
struct request;
struct trade;

char *legacy_put_field(char *d, const char *name, struct dec value); /* ,"name":"1.5" */

void legacy_rest(const struct request *r, struct answer *a);
unsigned legacy_rest_group(const struct request *r, const char **name, uint64_t *cost);
void legacy_rest_headers(struct answer *a, const struct limit_state *l);
void legacy_refusal(struct answer *a, int status, const char *words);

#endif
