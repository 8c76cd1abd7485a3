/*
 * spin_unlock_irq() in a helper that a handler calls turns interrupts on
 * inside the handler. A function that does not know its caller saves and
 * restores.
 */
#include <linux/spinlock.h>
#include <linux/interrupt.h>

static DEFINE_SPINLOCK(fifo_lock);
static unsigned int fifo_level;

static void fifo_push(void)
{
	spin_lock_irq(&fifo_lock);
	fifo_level++;
	spin_unlock_irq(&fifo_lock);
}

static irqreturn_t fifo_interrupt(int irq, void *dev_id)
{
	fifo_push();
	return IRQ_HANDLED;
}

static void fifo_task(void)
{
	fifo_push();
}

IRQ(fifo, fifo_interrupt, .times = 1);
THREAD(writer, fifo_task);
EXPECT(irq_state);
