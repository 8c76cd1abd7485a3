/*
 * A mutex keeps writers apart, but a task that holds one can lose its CPU between the two steps of the counter: whoever
 * reads then waits until it runs again, and one of higher priority waits for ever. A counter that knows of the mutex
 * turns preemption off.
 */
#include <linux/mutex.h>
#include <linux/seqlock.h>

static DEFINE_MUTEX(route_lock);
static seqcount_t route_seq = SEQCNT_ZERO(route_seq);
static int gateway, metric;

static void set_route(void)
{
	mutex_lock(&route_lock);
	write_seqcount_begin(&route_seq);
	gateway = 1;
	metric = 1;
	write_seqcount_end(&route_seq);
	mutex_unlock(&route_lock);
}

static void use_route(void)
{
	unsigned int seq;
	int g, m;

	do {
		seq = read_seqcount_begin(&route_seq);
		g = gateway;
		m = metric;
	} while (read_seqcount_retry(&route_seq, seq));
	WARN_ON(g != m);
}

THREAD(setter, set_route);
THREAD(user, use_route);
EXPECT(lock_assertion);
