/* What Bithumb's socket (bithumb.c) and its REST (bithumb_rest.c) share. */
#ifndef SIM_BITHUMB_H
#define SIM_BITHUMB_H

#include <stdbool.h>
#include <stdint.h>

struct answer;
struct limit_state;
struct request;
struct trade;

char *bithumb_put_change(char *d, bool simple, const struct trade *t); /* by SIMPLE's names, or by the long ones */

void bithumb_rest(const struct request *r, struct answer *a);
unsigned bithumb_rest_group(const struct request *r, const char **name, uint64_t *cost);
void bithumb_rest_headers(struct answer *a, const struct limit_state *l);
void bithumb_refusal(struct answer *a, int status, const char *words);

#endif
