/* Random histories of markets' streams in simulated time (track_world.h), each judged against what the exchange made: every trade
 * that did not come lies in a gap, and all time since a market's start is covered or in a gap.
 *
 * TAPEDECK_TRACK_SEED and TAPEDECK_TRACK_HISTORIES: other ones, or more.  What fails is told with the smallest script that
 * still fails. */
#include "track_world.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HISTORIES 2000
#define SEED UINT64_C(20261126)

static void draw(struct rng *rng, struct script *script)
{
	*script = (struct script){ .seed = rng_next(rng), .count = 5 + rng_below(rng, OPS_MAX - 5) };
	for (size_t i = 0; i < script->count; i++) {
		bool trades = rng_below(rng, 100) < 55;
		script->ops[i] = (struct op){ .kind = trades ? OP_TRADES : (enum op_kind)rng_below(rng, OP_KINDS),
			                      .wait_us = (int64_t)rng_below(rng, rng_below(rng, 4) ? 500000 : 5000000),
			                      .a = (uint32_t)rng_next(rng), .b = (uint32_t)rng_next(rng) };
	}
}

/* Leaves out what it can while the history still fails, whatever it fails with. */
static void shrink(struct script *script, struct verdict *verdict)
{
	for (bool smaller = true; smaller;) {
		smaller = false;
		for (size_t i = script->count; i-- > 0;) {
			struct script less = *script;
			struct verdict its;
			memmove(&less.ops[i], &less.ops[i + 1], (less.count - i - 1) * sizeof *less.ops);
			less.count--;
			world_run(&less, &its);
			if (its.words[0] == '\0')
				continue;
			*script = less;
			*verdict = its;
			smaller = true;
		}
	}
}

static void tell(const struct script *script, const struct verdict *verdict, uint64_t seed, unsigned long n)
{
	print_error("history %lu of seed %llu: %s\n", n, (unsigned long long)seed, verdict->words);
	print_error("  world %llu\n", (unsigned long long)script->seed);
	for (size_t i = 0; i < script->count; i++)
		print_error("  after %.6f s: %s %u %u\n", (double)script->ops[i].wait_us / 1e6, op_words[script->ops[i].kind], script->ops[i].a,
		            script->ops[i].b);
	struct verdict again;
	world_shows = true;
	world_run(script, &again);
	world_shows = false;
}

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void what_did_not_come_lies_in_a_gap_whatever_happens(void **state)
{
	(void)state;
	const char *seed_text = getenv("TAPEDECK_TRACK_SEED"), *count_text = getenv("TAPEDECK_TRACK_HISTORIES");
	uint64_t seed = seed_text ? strtoull(seed_text, NULL, 10) : SEED;
	unsigned long count = count_text ? strtoul(count_text, NULL, 10) : HISTORIES;
	struct rng rng = { seed };
	struct verdict verdict, all = { .trades = 0 };
	double start_s = now_s();
	for (unsigned long n = 0; n < count; n++) {
		struct script script;
		draw(&rng, &script);
		world_run(&script, &verdict);
		all.trades += verdict.trades;
		all.lost += verdict.lost;
		all.gaps += verdict.gaps;
		all.filled += verdict.filled;
		if (verdict.words[0] == '\0')
			continue;
		shrink(&script, &verdict);
		tell(&script, &verdict, seed, n);
		fail();
	}
	print_message("%lu histories (seed %llu): %zu trades, %zu times one was found lost and in a gap, %zu rows, %zu answers of REST; "
	              "%.0f a second\n",
	              count, (unsigned long long)seed, all.trades, all.lost, all.gaps, all.filled, (double)count / (now_s() - start_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_did_not_come_lies_in_a_gap_whatever_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
