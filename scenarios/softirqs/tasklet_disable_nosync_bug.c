/*
 * tasklet_disable_nosync() does not wait for a tasklet that runs already: what it
 * works on may not be touched yet.
 */
#include <linux/interrupt.h>

static unsigned int head;

static void advance(struct tasklet_struct *t)
{
	head++;
}
static DECLARE_TASKLET(ring, advance);

static irqreturn_t ring_interrupt(int irq, void *dev_id)
{
	tasklet_schedule(&ring);
	return IRQ_HANDLED;
}

static void reset(void)
{
	tasklet_disable_nosync(&ring);
	head = 0;
	tasklet_enable(&ring);
}

IRQ(ring_irq, ring_interrupt, .cpu = 0, .times = 2);
THREAD(resetter, reset, .cpu = 1);
FINALLY(head <= 2);
EXPECT(data_race);
