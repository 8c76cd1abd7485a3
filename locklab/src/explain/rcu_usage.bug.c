#include <linux/rcupdate.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(config_lock);
static int config;

static int read_config(void)
{
	RCU_LOCKDEP_WARN(!mutex_is_locked(&config_lock), "config read without config_lock");
	return READ_ONCE(config);
}

static void show(void)
{
	read_config();
}

THREAD(shower, show);
EXPECT(rcu_usage);
