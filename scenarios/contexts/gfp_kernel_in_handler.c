/*
 * A hard interrupt handler allocates with GFP_KERNEL, which may sleep;
 * nothing sleeps in a handler.
 */
#include <linux/interrupt.h>
#include <linux/slab.h>

struct frame {
	u32 length;
};

static irqreturn_t rx_interrupt(int irq, void *dev_id)
{
	struct frame *frame;

	frame = kmalloc(sizeof(*frame), GFP_ATOMIC);
	if (!frame)
		return IRQ_NONE;
	frame->length = 64;
	kfree(frame);
	return IRQ_HANDLED;
}

static void idle_task(void)
{
	cond_resched();
}

IRQ(rx, rx_interrupt, .times = 1);
THREAD(idle, idle_task);
EXPECT(clean);
