/*
 * Interrupts and bottom halves are turned off and on like brackets. Turned on first, bottom halves would run what is pending, and that
 * expects interrupts on.
 */
#include <linux/bottom_half.h>
#include <linux/irqflags.h>

static int queued;

static void enqueue(void)
{
	local_bh_disable();
	local_irq_disable();
	queued++;
	local_bh_enable();
	local_irq_enable();
}

THREAD(sender, enqueue);
EXPECT(wrong_context);
