/*
 * A queued spinlock in one word: a locked byte, a pending bit for the first waiter, the tail of a queue for the others. The head of
 * the queue must wait for the pending waiter too: that one is about to take the lock, and looks at the locked byte no more.
 */
#include <linux/atomic.h>
#include <linux/processor.h>

#define LOCKED		1
#define PENDING		0x100
#define TAIL(cpu)	(((cpu) + 1) << 16)
#define TAIL_MASK	TAIL(0x7ffe)

struct qnode {
	struct qnode *next;
	bool head;
};

static struct qnode qnodes[3];
static atomic_t word = ATOMIC_INIT(0);
static int counter;

static struct qnode *join_queue(int me)
{
	int old = atomic_read(&word);

	while (!atomic_try_cmpxchg(&word, &old, (old & ~TAIL_MASK) | TAIL(me)))
		;
	return old & TAIL_MASK ? &qnodes[(old >> 16) - 1] : NULL;
}

static void wait_in_queue(int me)
{
	struct qnode *node = &qnodes[me], *prev = join_queue(me), *next;
	int val;

	if (prev) {
		WRITE_ONCE(prev->next, node);
		while (!smp_load_acquire(&node->head))
			cpu_relax();
	}
	val = atomic_cond_read_acquire(&word, !(VAL & (LOCKED | PENDING)));
	while ((val & TAIL_MASK) == TAIL(me)) {
		if (atomic_try_cmpxchg(&word, &val, (val & ~TAIL_MASK) | LOCKED))
			return;
	}
	atomic_or(LOCKED, &word);
	while (!(next = READ_ONCE(node->next)))
		cpu_relax();
	smp_store_release(&next->head, true);
}

static void queued_lock(int me)
{
	int val = atomic_cmpxchg_acquire(&word, 0, LOCKED);

	if (!val)
		return;
	/* Only the holder is there: be the one that is pending. */
	if (val == LOCKED && atomic_try_cmpxchg(&word, &val, LOCKED | PENDING)) {
		atomic_cond_read_acquire(&word, !(VAL & LOCKED));
		atomic_add(LOCKED - PENDING, &word);
		return;
	}
	wait_in_queue(me);
}

static void queued_unlock(void)
{
	atomic_sub_return_release(LOCKED, &word);
}

static void increment(int me)
{
	queued_lock(me);
	counter++;
	queued_unlock();
}

CPUS(3);
THREAD(task0, increment, .arg = 0);
THREAD(task1, increment, .arg = 1);
THREAD(task2, increment, .arg = 2);
FINALLY(counter == 3 && !atomic_read(&word));
EXPECT(clean);
