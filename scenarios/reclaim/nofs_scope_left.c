/*
 * A way out of a memalloc_nofs_save() scope without the restore: the task
 * never again reclaims from file systems, whatever it does later.
 */
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

static DEFINE_MUTEX(journal_lock);
static int journal_full;

static int journal_add(void)
{
	unsigned int flags;

	mutex_lock(&journal_lock);
	flags = memalloc_nofs_save();
	if (journal_full) {
		memalloc_nofs_restore(flags);
		mutex_unlock(&journal_lock);
		return -ENOSPC;
	}
	journal_full = 1;
	memalloc_nofs_restore(flags);
	mutex_unlock(&journal_lock);
	return 0;
}

static void user(void)
{
	journal_add();
}

THREAD(first, user);
THREAD(second, user);
EXPECT(clean);
