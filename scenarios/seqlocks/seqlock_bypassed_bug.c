/*
 * One path reads what the seqlock protects without asking it. Writers keep each other out, not readers that do not play
 * along: the two numbers need not belong together, and each may be torn.
 */
#include <linux/seqlock.h>

static DEFINE_SEQLOCK(usage_lock);
static u64 used, limit = 10;

static void raise_limit(void)
{
	write_seqlock(&usage_lock);
	limit = 20;
	used = 15;
	write_sequnlock(&usage_lock);
}

static void check_usage(void)
{
	u64 u, l;

	l = limit;
	u = used;
	WARN_ON(u > l);
}

THREAD(raiser, raise_limit);
THREAD(checker, check_usage);
EXPECT(data_race, warn_on);
