/*
 * A reader spins until the updater has gone on, and the updater waits for readers: no grace period ends any more. The reader leaves
 * its section before it looks again.
 */
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

static bool switched;

static void wait_for_switch(void)
{
	rcu_read_lock();
	while (!READ_ONCE(switched)) {
		rcu_read_unlock();
		cond_resched();
		rcu_read_lock();
	}
	rcu_read_unlock();
}

static void switch_over(void)
{
	synchronize_rcu();
	WRITE_ONCE(switched, true);
}

THREAD(reader, wait_for_switch);
THREAD(updater, switch_over);
EXPECT(clean);
