/*
 * The thread keeps the module while it works, and puts its reference when it is done. From then on the module may be unloaded, and the
 * thread has still to return: module_put_and_kthread_exit() does both in the kernel's own code.
 */
#include <linux/kthread.h>
#include <linux/module.h>

static int scrubbed;

static int scrub(void *unused)
{
	WRITE_ONCE(scrubbed, 1);
	module_put(THIS_MODULE);
	return 0;
}

static int __init scrub_init(void)
{
	__module_get(THIS_MODULE);
	if (IS_ERR(kthread_run(scrub, NULL, "scrubber")))
		module_put(THIS_MODULE);
	return 0;
}

static void __exit scrub_exit(void)
{
	WARN_ON(!READ_ONCE(scrubbed));
}

module_init(scrub_init);
module_exit(scrub_exit);
EXPECT(unloaded_code);
