/*
 * An hrtimer expires in a hard interrupt: spin_lock_bh() does not keep it away
 * from the lock that its callback takes.
 */
#include <linux/spinlock.h>
#include <linux/hrtimer.h>

static DEFINE_SPINLOCK(pace_lock);
static struct hrtimer pace_timer;
static unsigned int tokens;

static enum hrtimer_restart refill(struct hrtimer *timer)
{
	spin_lock(&pace_lock);
	tokens++;
	spin_unlock(&pace_lock);
	return HRTIMER_NORESTART;
}

static void pace_init(void)
{
	hrtimer_setup(&pace_timer, refill, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}

static void take_token(void)
{
	hrtimer_start(&pace_timer, ms_to_ktime(1), HRTIMER_MODE_REL);
	spin_lock_bh(&pace_lock);
	tokens = 0;
	spin_unlock_bh(&pace_lock);
}

INIT(pace_init);
THREAD(sender, take_token, .cpu = 0);
EXPECT(deadlock, irq_unsafe_lock);
