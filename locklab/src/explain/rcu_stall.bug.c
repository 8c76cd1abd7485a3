#include <linux/rcupdate.h>

static int retired;

static void wait_until_retired(void)
{
	rcu_read_lock();
	while (!READ_ONCE(retired))
		cpu_relax();
	rcu_read_unlock();
}

static void retire(void)
{
	synchronize_rcu();
	WRITE_ONCE(retired, 1);
}

THREAD(reader, wait_until_retired);
THREAD(updater, retire);
EXPECT(rcu_stall);
