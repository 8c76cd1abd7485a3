#include <linux/rcupdate.h>
#include <linux/delay.h>

struct config { int interval; };
static struct config first = { .interval = 20 };
static struct config __rcu *current_config = &first;

static void poll_once(void)
{
	rcu_read_lock();
	msleep(rcu_dereference(current_config)->interval);
	rcu_read_unlock();
}

THREAD(poller, poll_once);
EXPECT(rcu_sleep);
