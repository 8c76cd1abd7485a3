/*
 * The device sits behind a slow bus, so that its handler takes a mutex to
 * talk to it: not in a hard interrupt. With request_threaded_irq() the same
 * function runs in a thread of its own, which may sleep.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>

#define EXPANDER_IRQ 5

static DEFINE_MUTEX(bus_lock);
static int pins;

static irqreturn_t expander_interrupt(int irq, void *dev_id)
{
	mutex_lock(&bus_lock);
	pins++;
	mutex_unlock(&bus_lock);
	return IRQ_HANDLED;
}

static void read_pins(void)
{
	mutex_lock(&bus_lock);
	pins = 0;
	mutex_unlock(&bus_lock);
}

static int __init expander_init(void)
{
	return request_threaded_irq(EXPANDER_IRQ, NULL, expander_interrupt, IRQF_ONESHOT, "expander", NULL);
}

module_init(expander_init);
THREAD(reader, read_pins);
RAISES(EXPANDER_IRQ, .times = 2);
EXPECT(clean);
