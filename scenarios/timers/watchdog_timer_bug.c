/*
 * A watchdog: opening the device starts it, each write keeps it alive, and a timer
 * that is not held back in time raises the alarm. The driver goes while the device
 * is open: the last keep-alive may arm the timer once it has been stopped.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/uaccess.h>

struct watchdog {
	spinlock_t lock;
	struct timer_list timer;
	unsigned int timeout;
	unsigned int alarms;
	bool running;
	bool gone;
};

static struct watchdog *dog;

/* With the lock. */
static void watchdog_arm(struct watchdog *w)
{
	lockdep_assert_held(&w->lock);
	mod_timer(&w->timer, jiffies + w->timeout * HZ);
}

static void watchdog_expired(struct timer_list *t)
{
	struct watchdog *w = from_timer(w, t, timer);

	spin_lock(&w->lock);
	if (w->running) {
		w->alarms++;
		pr_crit("watchdog: not kept alive\n");
	}
	spin_unlock(&w->lock);
}

static int watchdog_start(struct watchdog *w)
{
	int ret = -ENODEV;

	spin_lock_bh(&w->lock);
	if (!w->gone) {
		w->running = true;
		watchdog_arm(w);
		ret = 0;
	}
	spin_unlock_bh(&w->lock);
	return ret;
}

static void watchdog_keep_alive(struct watchdog *w)
{
	spin_lock_bh(&w->lock);
	watchdog_arm(w);
	spin_unlock_bh(&w->lock);
}

static void watchdog_stop(struct watchdog *w)
{
	spin_lock_bh(&w->lock);
	w->running = false;
	spin_unlock_bh(&w->lock);
	timer_delete_sync(&w->timer);
}

/* The program that keeps the watchdog alive. */
static void user_space(void)
{
	if (watchdog_start(dog))
		return;
	watchdog_keep_alive(dog);
}

static void watchdog_remove(void)
{
	spin_lock_bh(&dog->lock);
	dog->gone = true;
	spin_unlock_bh(&dog->lock);
	watchdog_stop(dog);
	WARN_ON(timer_pending(&dog->timer));
}

static int watchdog_probe(void)
{
	dog = kzalloc(sizeof(*dog), GFP_KERNEL);
	if (!dog)
		return -ENOMEM;
	spin_lock_init(&dog->lock);
	timer_setup(&dog->timer, watchdog_expired, 0);
	dog->timeout = 30;
	return 0;
}

module_init(watchdog_probe);
SYSCALL(keeper, user_space, .cpu = 0);
THREAD(remover, watchdog_remove, .cpu = 1);
KCONFIG(BOUND_TIMER_FIRINGS, 1);
EXPECT(warn_on);
