/* A small seeded generator (splitmix64): the same seed gives the same market and the same faults on every machine. No locks: each owner has its own. */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 .. n-1; n may be 0, which gives 0. The bias for n far below 2^32 does not matter here. */
static inline uint64_t rng_below(struct rng *r, uint64_t n)
{
	return n ? (rng_next(r) >> 11) % n : 0;
}

static inline struct rng rng_fork(uint64_t seed, uint64_t stream)
{
	struct rng r = { .state = seed ^ (stream * 0xd1342543de82ef95u) };

	r.state = rng_next(&r);
	return r;
}

#endif
