/*
 * A mutex whose word says whether somebody waits: 0 free, 1 taken, 2 taken and waited for. A waiter that takes it cannot know whether
 * it was the last one, so it must leave a 2 behind; with a 1 nobody wakes the other.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/wait.h>

#define FREE	0
#define TAKEN	1
#define WAITED	2

static atomic_t state = ATOMIC_INIT(FREE);
static DECLARE_WAIT_QUEUE_HEAD(waiters);
static int counter;

static bool take_or_announce(void)
{
	return atomic_xchg(&state, WAITED) == FREE;
}

static void lock(void)
{
	if (atomic_cmpxchg_acquire(&state, FREE, TAKEN) != FREE)
		wait_event_exclusive(waiters, take_or_announce());
}

static void unlock(void)
{
	if (atomic_xchg_release(&state, FREE) == WAITED)
		wake_up(&waiters);
}

static void increment(void)
{
	lock();
	counter++;
	unlock();
}

CPUS(3);
THREAD(task, increment, .count = 3);
FINALLY(counter == 3);
EXPECT(clean);
