/*
 * tasklet_kill() waits until a scheduled tasklet has run. One that is disabled
 * never does.
 */
#include <linux/interrupt.h>

static unsigned int work;

static void do_work(struct tasklet_struct *t)
{
	WRITE_ONCE(work, work + 1);
}
static DECLARE_TASKLET(worker, do_work);

static irqreturn_t dev_interrupt(int irq, void *dev_id)
{
	tasklet_schedule(&worker);
	return IRQ_HANDLED;
}

static void shut_down(void)
{
	tasklet_disable(&worker);
	WRITE_ONCE(work, 0);
	tasklet_enable(&worker);
	tasklet_kill(&worker);
}

IRQ(dev, dev_interrupt);
THREAD(closer, shut_down);
EXPECT(clean);
