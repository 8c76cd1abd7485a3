/* N philosophers for ever: take two forks, put them back. They take the lower one first; with -DCYCLE the left one, and can all wait. */
#include <linux/smp.h>
#include <linux/spinlock.h>

#ifndef N
#define N 12
#endif

static spinlock_t fork[N];

static void lay_table(void)
{
	int i;

	for (i = 0; i < N; i++)
		spin_lock_init(&fork[i]);
}

static void dine(void)
{
	int me = smp_processor_id();
	int first = me;
	int second = (me + 1) % N;

#ifndef CYCLE
	if (me == N - 1) {
		first = 0;
		second = N - 1;
	}
#endif
	for (;;) {
		spin_lock(&fork[first]);
		spin_lock_nested(&fork[second], SINGLE_DEPTH_NESTING);
		spin_unlock(&fork[second]);
		spin_unlock(&fork[first]);
	}
}

INIT(lay_table);
CPUS(12);
THREAD(philosopher, dine, .count = N);
#ifdef CYCLE
EXPECT(deadlock);
#else
EXPECT(clean);
#endif
