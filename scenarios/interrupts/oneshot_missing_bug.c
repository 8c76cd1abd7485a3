/*
 * Without a primary handler nothing tells the device to be quiet, so that the
 * line must stay masked until the thread is done: request_threaded_irq()
 * refuses a handler of NULL without IRQF_ONESHOT. Probe believed it had worked.
 */
#include <linux/interrupt.h>
#include <linux/module.h>

#define BUTTON_IRQ 7

static int ready;

static irqreturn_t button_thread(int irq, void *dev_id)
{
	return IRQ_HANDLED;
}

static int __init button_init(void)
{
	int err;

	err = request_threaded_irq(BUTTON_IRQ, NULL, button_thread, IRQF_TRIGGER_FALLING, "button", &ready);
	WARN_ON(err);
	return 0;
}

static void __exit button_exit(void)
{
	free_irq(BUTTON_IRQ, &ready);
}

module_init(button_init);
module_exit(button_exit);
RAISES(BUTTON_IRQ, .times = 1);
EXPECT(warn_on, irq_state);
