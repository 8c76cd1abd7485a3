/*
 * The statistics are read every second by a delayed work item that queues itself again. Remove waits for what is queued, but what waits for its
 * time is not: flush_work() does not see it.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct meter {
	struct delayed_work work;
	int readings;
};

static struct meter *meter;

static void read_meter(struct work_struct *work)
{
	struct meter *m = container_of(to_delayed_work(work), struct meter, work);

	m->readings++;
}

static int __init meter_init(void)
{
	meter = kzalloc(sizeof(*meter), GFP_KERNEL);
	if (!meter)
		return -ENOMEM;
	INIT_DELAYED_WORK(&meter->work, read_meter);
	schedule_delayed_work(&meter->work, HZ);
	return 0;
}

static void __exit meter_exit(void)
{
	flush_work(&meter->work.work);
	kfree(meter);
}

module_init(meter_init);
module_exit(meter_exit);
EXPECT(free_active, use_after_free, unloaded_code);
