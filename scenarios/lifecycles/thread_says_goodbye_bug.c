/*
 * The thread's last act is complete(), and the exit function waits for that alone. The thread has still to return, through code that is
 * freed by then. kthread_complete_and_exit() ends it in the kernel's own code.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>

static DECLARE_COMPLETION(done);
static struct task_struct *flusher;

static int flush_cache(void *unused)
{
	complete(&done);
	return 0;
}

static int __init flusher_init(void)
{
	flusher = kthread_create(flush_cache, NULL, "flusher");
	if (IS_ERR(flusher))
		return PTR_ERR(flusher);
	return 0;
}

static void __exit flusher_exit(void)
{
	wake_up_process(flusher);
	wait_for_completion(&done);
}

module_init(flusher_init);
module_exit(flusher_exit);
EXPECT(unloaded_code);
