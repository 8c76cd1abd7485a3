#include <linux/rcupdate.h>

static int retired;

static void wait_until_retired(void)
{
	int seen;

	do {
		rcu_read_lock();
		seen = READ_ONCE(retired);
		rcu_read_unlock();
	} while (!seen);
}

static void retire(void)
{
	synchronize_rcu();
	WRITE_ONCE(retired, 1);
}

THREAD(reader, wait_until_retired);
THREAD(updater, retire);
EXPECT(clean);
