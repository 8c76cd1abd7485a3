#include <linux/slab.h>
#include <linux/timer.h>

struct watch {
	struct timer_list timer;
	int barks;
};

static void bark(struct timer_list *t)
{
	struct watch *watch = from_timer(watch, t, timer);

	watch->barks++;
}

static void run(void)
{
	struct watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL);

	timer_setup(&watch->timer, bark, 0);
	mod_timer(&watch->timer, jiffies + HZ);
	timer_shutdown_sync(&watch->timer);
	kfree(watch);
}

THREAD(owner, run, .cpu = 0);
EXPECT(clean);
