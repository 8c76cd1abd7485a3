/*
 * Trying to take a ticket lock: a ticket that was drawn must be served, as all behind it wait for that. So one draws it only if it
 * would be served at once, in one exchange with the look at whose turn it is.
 */
#include <linux/atomic.h>
#include <linux/processor.h>

static atomic_t next_ticket = ATOMIC_INIT(0);
static atomic_t now_serving = ATOMIC_INIT(0);
static int counter, busy;

static void ticket_lock(void)
{
	int ticket = atomic_fetch_inc(&next_ticket);

	while (atomic_read_acquire(&now_serving) != ticket)
		cpu_relax();
}

static bool ticket_trylock(void)
{
	int serving = atomic_read_acquire(&now_serving);

	return atomic_cmpxchg_acquire(&next_ticket, serving, serving + 1) == serving;
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

static void try_to_increment(void)
{
	if (!ticket_trylock()) {
		busy = 1;
		return;
	}
	counter++;
	ticket_unlock();
}

THREAD(task, increment, .count = 2);
THREAD(hurried, try_to_increment);
FINALLY(counter + busy == 3);
EXPECT(clean);
