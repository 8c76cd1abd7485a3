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
	mutex_lock(&config_lock);
	read_config();
	mutex_unlock(&config_lock);
}

THREAD(shower, show);
EXPECT(clean);
