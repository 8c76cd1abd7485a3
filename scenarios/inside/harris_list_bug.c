/*
 * A sorted list without a lock (Harris). To unlink a node is not enough: another may insert behind it at that moment, and what it
 * inserts goes away with the node. The lowest bit of next marks a node as deleted before it is unlinked, so that nothing is put there.
 */
#include <linux/atomic.h>
#include <linux/processor.h>

struct node {
	int key;
	unsigned long next;	/* a pointer, and DELETED */
};

#define DELETED 1UL
#define NODE(next) ((struct node *)((next) & ~DELETED))

static struct node end = { .key = 100 };
static struct node one = { .key = 1, .next = (unsigned long)&end };
static struct node head = { .key = 0, .next = (unsigned long)&one };
static struct node two = { .key = 2 };

/* The last node before the key. */
static struct node *find(int key)
{
	struct node *prev = &head, *at = NODE(READ_ONCE(head.next));

	while (at->key < key) {
		prev = at;
		at = NODE(READ_ONCE(at->next));
	}
	return prev;
}

static void insert(struct node *new)
{
	struct node *prev;
	unsigned long next;

	do {
		prev = find(new->key);
		next = READ_ONCE(prev->next) & ~DELETED;
		WRITE_ONCE(new->next, next);
	} while (cmpxchg(&prev->next, next, (unsigned long)new) != next);
}

static void delete_one(void)
{
	unsigned long next = READ_ONCE(one.next);

	cmpxchg(&head.next, (unsigned long)&one, next);
}

static void insert_two(void)
{
	insert(&two);
}

static bool is_there(struct node *node)
{
	return NODE(head.next) == node || NODE(NODE(head.next)->next) == node;
}

THREAD(inserter, insert_two);
THREAD(deleter, delete_one);
FINALLY(is_there(&two));
EXPECT(final_state);
