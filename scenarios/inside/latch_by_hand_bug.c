/*
 * A latch: two copies of the data, and a counter whose lowest bit says which of them readers take. The writer moves the readers away
 * from a copy before it changes it; so even an NMI on top of the writer finds one that is whole.
 */
#include <linux/compiler.h>
#include <asm/barrier.h>

static unsigned int sequence;
static struct { int base, scale; } clock_data[2];

static void update(int base, int scale)
{
	int i;

	for (i = 0; i < 2; i++) {
		WRITE_ONCE(clock_data[i].base, base);
		WRITE_ONCE(clock_data[i].scale, scale);
		smp_wmb();
		WRITE_ONCE(sequence, sequence + 1);
		smp_wmb();
	}
}

static void tick(void)
{
	update(1, 1);
}

static void read_clock(void)
{
	unsigned int seq;
	int base, scale;

	do {
		seq = READ_ONCE(sequence);
		smp_rmb();
		base = READ_ONCE(clock_data[seq & 1].base);
		scale = READ_ONCE(clock_data[seq & 1].scale);
		smp_rmb();
	} while (READ_ONCE(sequence) != seq);
	WARN_ON(base != scale);
}

THREAD(writer, tick);
NMI(profile, read_clock);
EXPECT(warn_on);
