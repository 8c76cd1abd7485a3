/*
 * Every enable_irq() undoes one disable_irq(). An error path that enables the
 * line, followed by the ordinary one that does so again, is one too many.
 */
#include <linux/interrupt.h>
#include <linux/module.h>

#define TOUCH_IRQ 12

static bool firmware_valid;

static irqreturn_t touch_interrupt(int irq, void *dev_id)
{
	return IRQ_HANDLED;
}

static int update_firmware(void)
{
	if (!firmware_valid) {
		return -EINVAL;
	}
	return 0;
}

static void touch_resume(void)
{
	disable_irq(TOUCH_IRQ);
	if (update_firmware())
		pr_err("no firmware\n");
	enable_irq(TOUCH_IRQ);
}

static int __init touch_init(void)
{
	return request_irq(TOUCH_IRQ, touch_interrupt, 0, "touch", NULL);
}

module_init(touch_init);
THREAD(resume, touch_resume);
RAISES(TOUCH_IRQ, .times = 1);
EXPECT(clean);
