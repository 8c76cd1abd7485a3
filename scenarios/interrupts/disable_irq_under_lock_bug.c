/*
 * disable_irq() waits for the running handler, with a lock held that the
 * handler is spinning for on another CPU.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#define ADC_IRQ 5

static DEFINE_SPINLOCK(sample_lock);
static int samples;

static irqreturn_t adc_interrupt(int irq, void *dev_id)
{
	spin_lock(&sample_lock);
	samples++;
	spin_unlock(&sample_lock);
	return IRQ_HANDLED;
}

static void stop_sampling(void)
{
	spin_lock_irq(&sample_lock);
	disable_irq(ADC_IRQ);
	samples = 0;
	spin_unlock_irq(&sample_lock);
}

static int __init adc_init(void)
{
	return request_irq(ADC_IRQ, adc_interrupt, 0, "adc", NULL);
}

module_init(adc_init);
THREAD(stop, stop_sampling);
RAISES(ADC_IRQ, .times = 1);
EXPECT(sleep_in_atomic, deadlock);
