/*
 * The thread function masks its own line while it works. disable_irq() waits
 * for the line's handlers, threads among them: it waits for itself.
 */
#include <linux/interrupt.h>
#include <linux/module.h>

#define RADIO_IRQ 8

static int frames;

static irqreturn_t radio_interrupt(int irq, void *dev_id)
{
	return IRQ_WAKE_THREAD;
}

static irqreturn_t radio_thread(int irq, void *dev_id)
{
	disable_irq_nosync(irq);
	frames++;
	enable_irq(irq);
	return IRQ_HANDLED;
}

static int __init radio_init(void)
{
	return request_threaded_irq(RADIO_IRQ, radio_interrupt, radio_thread, 0, "radio", NULL);
}

module_init(radio_init);
RAISES(RADIO_IRQ, .times = 2);
EXPECT(clean);
