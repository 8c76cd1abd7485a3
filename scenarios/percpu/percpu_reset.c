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

static void reset_here(void *unused)
{
	this_cpu_write(errors, 0);
}

static void reset_errors(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		smp_call_function_single(cpu, reset_here, NULL, 1);
}

THREAD(sender, transmit, .cpu = 0);
THREAD(reset, reset_errors, .cpu = 1);
EXPECT(clean);
