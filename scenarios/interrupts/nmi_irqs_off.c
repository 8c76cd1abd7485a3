/*
 * Turning interrupts off keeps handlers out, not an NMI: what both count must
 * be counted in one piece.
 */
#include <linux/atomic.h>
#include <linux/irqflags.h>

static atomic_t faults = ATOMIC_INIT(0);

static void count_fault(void)
{
	atomic_inc(&faults);
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
FINALLY(atomic_read(&faults) == 2 || atomic_read(&faults) == 1);
EXPECT(clean);
