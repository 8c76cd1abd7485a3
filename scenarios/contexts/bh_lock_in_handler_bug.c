/*
 * spin_lock_bh() in a hard interrupt handler: bottom halves must not be
 * switched from there.
 */
#include <linux/spinlock.h>
#include <linux/interrupt.h>

static DEFINE_SPINLOCK(ring_lock);
static unsigned int ring_head;

static irqreturn_t ring_interrupt(int irq, void *dev_id)
{
	spin_lock_bh(&ring_lock);
	ring_head++;
	spin_unlock_bh(&ring_lock);
	return IRQ_HANDLED;
}

static void ring_reset(void)
{
	spin_lock_irq(&ring_lock);
	ring_head = 0;
	spin_unlock_irq(&ring_lock);
}

IRQ(ring, ring_interrupt, .times = 1);
THREAD(reset, ring_reset);
EXPECT(wrong_context);
