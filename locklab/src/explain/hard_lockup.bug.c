#include <linux/interrupt.h>
#include <linux/irqflags.h>

static bool ticked;

static irqreturn_t tick(int irq, void *dev_id)
{
	WRITE_ONCE(ticked, true);
	return IRQ_HANDLED;
}

static void wait_for_tick(void)
{
	local_irq_disable();
	while (!READ_ONCE(ticked))
		cpu_relax();
	local_irq_enable();
}

THREAD(waiter, wait_for_tick, .cpu = 0);
IRQ(tick, tick, .cpu = 0);
EXPECT(hard_lockup);
