/*
 * The primary handler leaves the status for the thread in one plain word.
 * Without IRQF_ONESHOT the line is open again as soon as the primary returns:
 * the next interrupt overwrites the word while the thread is reading it.
 */
#include <linux/interrupt.h>
#include <linux/module.h>

#define TOUCH_IRQ 6

static int status;
static int events;

static irqreturn_t touch_interrupt(int irq, void *dev_id)
{
	status |= 1;
	return IRQ_WAKE_THREAD;
}

static irqreturn_t touch_thread(int irq, void *dev_id)
{
	if (status & 1)
		events++;
	status = 0;
	return IRQ_HANDLED;
}

static int __init touch_init(void)
{
	return request_threaded_irq(TOUCH_IRQ, touch_interrupt, touch_thread, 0, "touch", NULL);
}

module_init(touch_init);
RAISES(TOUCH_IRQ, .times = 2);
EXPECT(data_race);
