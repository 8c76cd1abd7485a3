/*
 * A rename locks both directories. The second lock has a subclass, as both are of one class; that keeps the lock validator quiet, and
 * two renames in opposite directions from nothing. One mutex of the file system lets only one rename between directories at a time.
 */
#include <linux/mutex.h>

struct dir {
	struct mutex lock;
	int entries;
};

static struct dir home, tmp;
static DEFINE_MUTEX(rename_mutex);

static void mount(void)
{
	struct dir *dirs[] = { &home, &tmp };
	int i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		mutex_init(&dirs[i]->lock);
		dirs[i]->entries = 1;
	}
}

static void lock_rename(struct dir *from, struct dir *to)
{
	mutex_lock(&from->lock);
	mutex_lock_nested(&to->lock, SINGLE_DEPTH_NESTING);
}

static void unlock_rename(struct dir *from, struct dir *to)
{
	mutex_unlock(&to->lock);
	mutex_unlock(&from->lock);
}

static void move_entry(struct dir *from, struct dir *to)
{
	lock_rename(from, to);
	from->entries--;
	to->entries++;
	unlock_rename(from, to);
}

static int move_out(void)
{
	move_entry(&home, &tmp);
	return 0;
}

static int move_back(void)
{
	move_entry(&tmp, &home);
	return 0;
}

INIT(mount);
SYSCALL(mv_out, move_out);
SYSCALL(mv_back, move_back);
FINALLY(home.entries == 1 && tmp.entries == 1);
EXPECT(deadlock);
