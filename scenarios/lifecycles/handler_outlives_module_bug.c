/*
 * The exit function forgets free_irq(). The line stays registered, and the next interrupt calls a handler whose code is gone.
 */
#include <linux/interrupt.h>
#include <linux/module.h>

#define BUTTON_IRQ 6

static atomic_t presses;

static irqreturn_t button_irq(int irq, void *data)
{
	atomic_inc(&presses);
	return IRQ_HANDLED;
}

static int __init button_init(void)
{
	return request_irq(BUTTON_IRQ, button_irq, 0, "button", &presses);
}

static void __exit button_exit(void)
{
	disable_irq(BUTTON_IRQ);
	pr_info("%d presses\n", atomic_read(&presses));
	enable_irq(BUTTON_IRQ);
}

module_init(button_init);
module_exit(button_exit);
RAISES(BUTTON_IRQ);
EXPECT(unloaded_code);
