/*
 * A tasklet empties a queue that a task fills. The task takes the queue's lock
 * with bottom halves on, so the tasklet can run on top of it.
 */
#include <linux/spinlock.h>
#include <linux/interrupt.h>

static DEFINE_SPINLOCK(queue_lock);
static unsigned int queued;

static void empty_queue(struct tasklet_struct *t)
{
	spin_lock(&queue_lock);
	queued = 0;
	spin_unlock(&queue_lock);
}
static DECLARE_TASKLET(queue_tasklet, empty_queue);

static irqreturn_t dma_interrupt(int irq, void *dev_id)
{
	tasklet_schedule(&queue_tasklet);
	return IRQ_HANDLED;
}

static void fill_queue(void)
{
	spin_lock(&queue_lock);
	queued++;
	spin_unlock(&queue_lock);
}

IRQ(dma, dma_interrupt, .times = 1);
THREAD(writer, fill_queue, .cpu = 0);
EXPECT(deadlock, irq_unsafe_lock);
