/*
 * A counter is changed with the lock held as a reader, and readers do not
 * keep each other out.
 */
#include <linux/rwsem.h>

static DECLARE_RWSEM(dir_sem);
static int entries;

static void add_entry(void)
{
	lockdep_assert_held_write(&dir_sem);
	entries++;
}

static void make_file(void)
{
	down_write(&dir_sem);
	add_entry();
	up_write(&dir_sem);
}

THREAD(maker_a, make_file);
THREAD(maker_b, make_file);

FINALLY(entries == 2);
EXPECT(clean);
