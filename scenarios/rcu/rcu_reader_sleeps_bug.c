/*
 * The reader waits for the hardware inside its section. On a preemptible kernel it holds up everybody who waits for a
 * grace period; on others the grace period ends while it sleeps, and what it holds is freed.
 */
#include <linux/rcupdate.h>
#include <linux/delay.h>
#include <linux/slab.h>

struct profile {
	int delay;
	int level;
};

static struct profile __rcu *profile;
static int level;

static void set_up(void)
{
	RCU_INIT_POINTER(profile, kzalloc(sizeof(struct profile), GFP_KERNEL));
}

static void apply_profile(void)
{
	struct profile *p;
	int wanted = 0;

	rcu_read_lock();
	p = rcu_dereference(profile);
	if (p) {
		msleep(10);
		wanted = p->level;
	}
	rcu_read_unlock();
	WRITE_ONCE(level, wanted);
}

static void drop_profile(void)
{
	struct profile *old = xchg(&profile, NULL);

	synchronize_rcu();
	kfree(old);
}

INIT(set_up);
THREAD(applier, apply_profile);
THREAD(dropper, drop_profile);
EXPECT_IF(CONFIG_PREEMPTION, rcu_sleep);
EXPECT_IF(!CONFIG_PREEMPTION, schedule_in_atomic, use_after_free);
