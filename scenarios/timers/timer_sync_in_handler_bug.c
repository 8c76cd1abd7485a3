/*
 * timer_delete_sync() in a hard interrupt handler: the handler may have come in on
 * top of the callback that it waits for.
 */
#include <linux/timer.h>
#include <linux/interrupt.h>

static int ticks;

static void tick(struct timer_list *t)
{
	WRITE_ONCE(ticks, 1);
}
static DEFINE_TIMER(tick_timer, tick);

static irqreturn_t stop_interrupt(int irq, void *dev_id)
{
	timer_delete_sync(&tick_timer);
	return IRQ_HANDLED;
}

static void start(void)
{
	mod_timer(&tick_timer, jiffies + HZ);
}

THREAD(starter, start, .cpu = 0);
IRQ(stop, stop_interrupt, .cpu = 0);
EXPECT(deadlock, irq_unsafe_lock, wrong_context);
