/*
 * A rename locks two directories. Whoever locks them in the order in which the call names them meets one who renames the
 * other way; the validator, told by the subclasses that two of one class are meant, sees nothing wrong with that.
 * lock_rename() takes s_vfs_rename_mutex first, and then the directory at the lower address.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>

enum {
	I_MUTEX_NORMAL,
	I_MUTEX_PARENT,
	I_MUTEX_CHILD,
	I_MUTEX_XATTR,
	I_MUTEX_NONDIR2,
	I_MUTEX_PARENT2,
};

struct dir {
	struct rw_semaphore i_rwsem;
	struct list_head entries;
};

struct entry {
	struct list_head node;
	struct dir *parent;
};

struct super {
	struct mutex s_vfs_rename_mutex;
	struct dir dirs[2];
	struct entry files[2];
};

static struct super sb;

static void lock_two(struct dir *a, struct dir *b)
{
	down_write_nested(&a->i_rwsem, I_MUTEX_PARENT);
	down_write_nested(&b->i_rwsem, I_MUTEX_PARENT2);
}

static void lock_rename(struct dir *from, struct dir *to)
{
	if (from == to) {
		down_write_nested(&from->i_rwsem, I_MUTEX_PARENT);
		return;
	}
	lock_two(from, to);
}

static void unlock_rename(struct dir *from, struct dir *to)
{
	up_write(&from->i_rwsem);
	if (from != to) {
		up_write(&to->i_rwsem);
	}
}

static void rename(struct entry *file, struct dir *from, struct dir *to)
{
	lock_rename(from, to);
	if (file->parent == from) {
		list_move_tail(&file->node, &to->entries);
		file->parent = to;
	}
	unlock_rename(from, to);
}

static int lookup(struct dir *dir)
{
	struct entry *file;
	int found = 0;

	down_read(&dir->i_rwsem);
	list_for_each_entry(file, &dir->entries, node)
		found++;
	up_read(&dir->i_rwsem);
	return found;
}

static void there(void)
{
	rename(&sb.files[0], &sb.dirs[0], &sb.dirs[1]);
}

static void back(void)
{
	rename(&sb.files[1], &sb.dirs[1], &sb.dirs[0]);
}

static void look(void)
{
	WARN_ON(lookup(&sb.dirs[1]) > 2);
}

static void set_up(void)
{
	int i;

	mutex_init(&sb.s_vfs_rename_mutex);
	for (i = 0; i < 2; i++) {
		init_rwsem(&sb.dirs[i].i_rwsem);
		INIT_LIST_HEAD(&sb.dirs[i].entries);
		list_add(&sb.files[i].node, &sb.dirs[i].entries);
		sb.files[i].parent = &sb.dirs[i];
	}
}

INIT(set_up);
THREAD(mv, there);
THREAD(mv_back, back);
THREAD(ls, look);
EXPECT(deadlock);
