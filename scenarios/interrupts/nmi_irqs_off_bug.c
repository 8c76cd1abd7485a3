/*
 * Turning interrupts off keeps handlers out, not an NMI: what both count must
 * be counted in one piece.
 */
#include <linux/atomic.h>
#include <linux/irqflags.h>

static int faults;

static void count_fault(void)
{
	faults++;
}

static void machine_check(void)
{
	unsigned long flags;

	local_irq_save(flags);
	count_fault();
	local_irq_restore(flags);
}

CPUS(1);
THREAD(driver, machine_check);
NMI(ecc, count_fault);
FINALLY(faults == 2 || faults == 1);
EXPECT(data_race);
