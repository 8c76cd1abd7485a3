/*
 * A kernel thread that is done returns, and its task_struct goes with it: kthread_stop() then uses freed memory. Who wants to stop
 * a thread that may end by itself must hold a reference to it, taken before it first runs.
 */
#include <linux/kthread.h>
#include <linux/module.h>

static struct task_struct *loader;
static int loaded;

static int load_firmware(void *unused)
{
	WRITE_ONCE(loaded, 1);
	return 0;
}

static int __init loader_init(void)
{
	loader = kthread_create(load_firmware, NULL, "loader");
	if (IS_ERR(loader))
		return PTR_ERR(loader);
	get_task_struct(loader);
	wake_up_process(loader);
	return 0;
}

static void __exit loader_exit(void)
{
	kthread_stop_put(loader);
}

module_init(loader_init);
module_exit(loader_exit);
EXPECT(clean);
