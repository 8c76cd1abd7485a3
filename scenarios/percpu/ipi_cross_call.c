/*
 * Two CPUs call each other, each with its interrupts off: neither takes the interrupt that the other waits for.
 */
#include <linux/percpu.h>
#include <linux/smp.h>

static DEFINE_PER_CPU(int, flushed);

static void flush_here(void *unused)
{
	this_cpu_write(flushed, 1);
}

static void flush_other(long cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	this_cpu_write(flushed, 1);
	local_irq_restore(flags);
	smp_call_function_single(cpu, flush_here, NULL, 1);
}

THREAD(a, flush_other, .cpu = 0, .arg = 1);
THREAD(b, flush_other, .cpu = 1, .arg = 0);
EXPECT(clean);
