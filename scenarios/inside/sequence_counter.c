/*
 * A sequence counter by hand: odd while the writer is inside. A reader that
 * does not look for odd may read in the middle of the change and see the same
 * number twice.
 */
#include <linux/compiler.h>
#include <linux/processor.h>

static unsigned int sequence;
static int seconds;
static int nanoseconds;

static void set_time(void)
{
	WRITE_ONCE(sequence, sequence + 1);
	smp_wmb();
	WRITE_ONCE(seconds, 1);
	WRITE_ONCE(nanoseconds, 1);
	smp_wmb();
	WRITE_ONCE(sequence, sequence + 1);
}

static void read_time(void)
{
	unsigned int before;
	int s, ns;

	do {
		before = READ_ONCE(sequence);
		smp_rmb();
		s = READ_ONCE(seconds);
		ns = READ_ONCE(nanoseconds);
		smp_rmb();
	} while ((before & 1) || READ_ONCE(sequence) != before);
	WARN_ON(s != ns);
}

THREAD(writer, set_time);
THREAD(reader, read_time);
EXPECT(clean);
