/*
 * IRQF_NO_THREAD keeps a handler a hard interrupt on every kernel. On PREEMPT_RT a spinlock_t sleeps, which a hard
 * interrupt cannot: what such a handler takes must be a raw_spinlock_t.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#define CASCADE_IRQ 9

static DEFINE_RAW_SPINLOCK(mask_lock);
static unsigned int masked;

static irqreturn_t cascade_interrupt(int irq, void *dev_id)
{
	raw_spin_lock(&mask_lock);
	masked |= 1;
	raw_spin_unlock(&mask_lock);
	return IRQ_HANDLED;
}

static int __init cascade_init(void)
{
	return request_irq(CASCADE_IRQ, cascade_interrupt, IRQF_NO_THREAD, "cascade", NULL);
}

static void __exit cascade_exit(void)
{
	free_irq(CASCADE_IRQ, NULL);
}

module_init(cascade_init);
module_exit(cascade_exit);
RAISES(CASCADE_IRQ);
EXPECT(clean);
