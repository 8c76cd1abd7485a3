/*
 * The exit function deletes the timer and does not wait: its callback may be running on the other CPU. When the exit function has
 * returned, the callback's code is gone.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/timer.h>

static int beats;
static void heartbeat(struct timer_list *unused);
static DEFINE_TIMER(heart, heartbeat);

static void heartbeat(struct timer_list *unused)
{
	WRITE_ONCE(beats, READ_ONCE(beats) + 1);
}

static int __init heart_init(void)
{
	mod_timer(&heart, jiffies + HZ);
	return 0;
}

static void __exit heart_exit(void)
{
	timer_delete_sync(&heart);
}

module_init(heart_init);
module_exit(heart_exit);
EXPECT(clean);
