/* The indexer of Flanagan and Godefroid (POPL 2005): N tasks, each puts four words into a hash table of 128 slots with a lock each. */
#include <linux/smp.h>
#include <linux/spinlock.h>

#ifndef N
#define N 5
#endif
#define SLOTS 128
#define WORDS 4

static u8 table[SLOTS];
static spinlock_t slot_lock[SLOTS];

static void clear(void)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		spin_lock_init(&slot_lock[i]);
}

static void insert(void)
{
	u8 me = smp_processor_id();
	u8 count;

	for (count = 1; count <= WORDS; count++) {
		u8 word = count * 11 + me;
		u8 slot = (word * 7) & (SLOTS - 1);

		spin_lock(&slot_lock[slot]);
		while (table[slot]) {
			spin_unlock(&slot_lock[slot]);
			slot = (slot + 1) & (SLOTS - 1);
			spin_lock(&slot_lock[slot]);
		}
		table[slot] = word;
		spin_unlock(&slot_lock[slot]);
	}
}

INIT(clear);
CPUS(5);
THREAD(task, insert, .count = N);
EXPECT(clean);
