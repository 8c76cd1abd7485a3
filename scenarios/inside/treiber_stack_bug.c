/*
 * A stack without a lock. Between looking at the top and exchanging it the node may be popped, the one below it too, and the first
 * pushed again (ABA): the exchange then succeeds with a stale next, and a node that somebody owns is on the stack. A count that goes
 * up with each change tells the two apart.
 */
#include <linux/atomic.h>

#define NODE(top)	((int)((top) & 0xff))
#define CHANGES(top)	((top) >> 8)
#define TOP(node, changes) ((s64)(node) | (changes) << 8)
#define NONE		3

static int next[3] = { 1, 2, NONE };	/* 0 above 1 above 2 */
static atomic64_t top = ATOMIC64_INIT(0);
static atomic_t owned[3];

static int pop(void)
{
	s64 old = atomic64_read(&top);
	s64 new;

	do {
		if (NODE(old) == NONE)
			return NONE;
		new = TOP(READ_ONCE(next[NODE(old)]), CHANGES(old));
	} while (!atomic64_try_cmpxchg(&top, &old, new));
	WARN_ON(atomic_inc_return(&owned[NODE(old)]) > 1);
	return NODE(old);
}

static void push(int node)
{
	s64 old = atomic64_read(&top);

	atomic_dec(&owned[node]);
	do {
		WRITE_ONCE(next[node], NODE(old));
	} while (!atomic64_try_cmpxchg(&top, &old, TOP(node, CHANGES(old))));
}

static void take_one(void)
{
	pop();
}

static void take_two_give_one(void)
{
	int first = pop();

	pop();
	if (first != NONE)
		push(first);
	pop();
	pop();
}

THREAD(one, take_one);
THREAD(other, take_two_give_one);
INVARIANT(atomic_read(&owned[1]) <= 1);
EXPECT(invariant, warn_on);
