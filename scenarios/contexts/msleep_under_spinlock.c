/*
 * msleep() under a spinlock: the task gives up its CPU with preemption off.
 * Short waits for hardware spin in udelay().
 */
#include <linux/spinlock.h>
#include <linux/delay.h>

static DEFINE_SPINLOCK(reg_lock);
static u32 control;

static void reset_chip(void)
{
	spin_lock(&reg_lock);
	control |= 1;
	udelay(5);		/* the chip needs 5 us */
	control &= ~1;
	spin_unlock(&reg_lock);
}

THREAD(reset, reset_chip);
FINALLY(control == 0);
EXPECT(clean);
