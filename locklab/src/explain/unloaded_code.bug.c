#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/timer.h>

static void blink(struct timer_list *t);
static DEFINE_TIMER(blinker, blink);
static atomic_t blinks;

static void blink(struct timer_list *t)
{
	atomic_inc(&blinks);
}

static int __init blink_init(void)
{
	mod_timer(&blinker, jiffies + HZ);
	return 0;
}

static void __exit blink_exit(void)
{
	timer_delete(&blinker);
}

module_init(blink_init);
module_exit(blink_exit);
EXPECT(unloaded_code);
