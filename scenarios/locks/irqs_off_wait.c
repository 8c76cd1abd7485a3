/*
 * A task turns interrupts off and spins for a flag that only an interrupt on
 * its own CPU can set.
 */
#include <linux/interrupt.h>
#include <linux/irqflags.h>

static bool calibrated;

static irqreturn_t tick_interrupt(int irq, void *dev_id)
{
	WRITE_ONCE(calibrated, true);
	return IRQ_HANDLED;
}

static void calibrate(void)
{
	while (!READ_ONCE(calibrated))
		cpu_relax();
}

THREAD(calibrate, calibrate, .cpu = 0);
IRQ(tick, tick_interrupt, .cpu = 0, .times = 1);
EXPECT(clean);
