/*
 * this_cpu_inc() is atomic for the CPU that does it, and for no other: who writes 0 into another CPU's counter comes between
 * its read and its write, and the 0 is gone. Each CPU must reset its own.
 */
#include <linux/percpu.h>
#include <linux/smp.h>

static DEFINE_PER_CPU(unsigned int, errors);

static void transmit(void)
{
	this_cpu_inc(errors);
}

static void reset_errors(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		WRITE_ONCE(per_cpu(errors, cpu), 0);
}

THREAD(sender, transmit, .cpu = 0);
THREAD(reset, reset_errors, .cpu = 1);
EXPECT(data_race);
