/*
 * A helper allocates with GFP_KERNEL, as it should: it does not know its
 * callers. The caller that holds a lock of reclaim must say so for all that
 * it calls: memalloc_nofs_save().
 */
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

static DEFINE_MUTEX(transaction_lock);

static void fs_mount(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&transaction_lock);
	fs_reclaim_release(GFP_KERNEL);
}

static char *name_of(int id)
{
	char *name = kzalloc(16, GFP_KERNEL);

	if (name)
		name[0] = id;
	return name;
}

static void fs_commit(void)
{
	unsigned int flags;
	char *name;

	mutex_lock(&transaction_lock);
	flags = memalloc_nofs_save();
	name = name_of(1);
	kfree(name);
	memalloc_nofs_restore(flags);
	mutex_unlock(&transaction_lock);
}

INIT(fs_mount);
THREAD(commit, fs_commit);
EXPECT(clean);
