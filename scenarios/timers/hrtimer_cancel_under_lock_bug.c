/*
 * hrtimer_cancel() with the lock held that the callback takes. The kernel's lock
 * validator has no map for hrtimers: only running it shows the deadlock.
 */
#include <linux/spinlock.h>
#include <linux/hrtimer.h>

static DEFINE_SPINLOCK(fifo_lock);
static struct hrtimer fifo_timer;
static unsigned int level;

static enum hrtimer_restart drain_fifo(struct hrtimer *timer)
{
	unsigned long flags;

	spin_lock_irqsave(&fifo_lock, flags);
	level = 0;
	spin_unlock_irqrestore(&fifo_lock, flags);
	hrtimer_forward_now(timer, ms_to_ktime(1));
	return HRTIMER_RESTART;
}

static void fifo_open(void)
{
	hrtimer_setup(&fifo_timer, drain_fifo, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&fifo_timer, ms_to_ktime(1), HRTIMER_MODE_REL);
}

static void fifo_close(void)
{
	spin_lock_irq(&fifo_lock);
	level = 0;
	hrtimer_cancel(&fifo_timer);
	spin_unlock_irq(&fifo_lock);
}

INIT(fifo_open);
THREAD(closer, fifo_close, .cpu = 0);
EXPECT(deadlock);
