/*
 * A ticket lock from two counters. Drawing a ticket must be one atomic step,
 * or two tasks draw the same number.
 */
#include <linux/atomic.h>
#include <linux/processor.h>

static atomic_t next_ticket = ATOMIC_INIT(0);
static atomic_t now_serving = ATOMIC_INIT(0);
static int counter;

static void ticket_lock(void)
{
	int ticket;

	ticket = atomic_read(&next_ticket);
	atomic_set(&next_ticket, ticket + 1);
	while (atomic_read_acquire(&now_serving) != ticket)
		cpu_relax();
}

static void ticket_unlock(void)
{
	atomic_inc_return_release(&now_serving);
}

static void increment(void)
{
	ticket_lock();
	counter++;
	ticket_unlock();
}

THREAD(task, increment, .count = 2);
FINALLY(counter == 2);
EXPECT(data_race, final_state, livelock);
