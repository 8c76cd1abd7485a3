/*
 * Each CPU changes only its own counter, but whoever adds them up reads those that others are just changing: the compiler
 * must not read them in pieces, or twice.
 */
#include <linux/percpu.h>

static DEFINE_PER_CPU(unsigned long, packets);
static unsigned long shown;

static void receive(void)
{
	this_cpu_inc(packets);
	this_cpu_inc(packets);
}

static void show_packets(void)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(packets, cpu));
	shown = sum;
}

THREAD(receiver, receive, .cpu = 0);
THREAD(show, show_packets);
FINALLY(shown <= 2);
EXPECT(clean);
