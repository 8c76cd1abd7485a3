/*
 * Remove silences the device, frees its buffer and then the interrupt. But the
 * line is shared: the handler is called for the other device's interrupts, too,
 * up to the end of free_irq(). CONFIG_DEBUG_SHIRQ calls it once there, so that
 * this shows although nothing interrupts at all.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define SLOT_IRQ 15

struct scanner {
	int *buffer;
	int pages;
};

static struct scanner scanner;

static irqreturn_t scanner_interrupt(int irq, void *dev_id)
{
	struct scanner *s = dev_id;

	if (!READ_ONCE(*s->buffer))
		return IRQ_NONE;
	s->pages++;
	return IRQ_HANDLED;
}

static int __init scanner_init(void)
{
	int err;

	scanner.buffer = kzalloc(sizeof(int), GFP_KERNEL);
	if (!scanner.buffer)
		return -ENOMEM;
	err = request_irq(SLOT_IRQ, scanner_interrupt, IRQF_SHARED, "scanner", &scanner);
	if (err)
		kfree(scanner.buffer);
	return err;
}

static void __exit scanner_exit(void)
{
	kfree(scanner.buffer);
	free_irq(SLOT_IRQ, &scanner);
}

KCONFIG(DEBUG_SHIRQ, y);
module_init(scanner_init);
module_exit(scanner_exit);
RAISES(SLOT_IRQ, .times = 0);
EXPECT(use_after_free);
