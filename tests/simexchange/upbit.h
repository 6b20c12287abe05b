/* What Upbit's socket (upbit.c) and its REST (upbit_rest.c) share. */
#ifndef SIM_UPBIT_H
#define SIM_UPBIT_H

#include <stdint.h>

struct answer;
struct limit_state;
struct request;
struct trade;

uint64_t upbit_trade_id(const struct trade *t);

void upbit_rest(const struct request *r, struct answer *a);
unsigned upbit_rest_group(const struct request *r, const char **name, uint64_t *cost);
void upbit_rest_headers(struct answer *a, const struct limit_state *l);
void upbit_refusal(struct answer *a, int status, const char *words);

#endif
