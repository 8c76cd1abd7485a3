/*
 * Two locks are taken in opposite orders, each at the end of a chain of
 * calls: the write path holds the inode when it joins the journal, the commit
 * holds the journal when it writes back the inode. No function shows both.
 */
#include <linux/mutex.h>

static DEFINE_MUTEX(inode_lock);
static DEFINE_MUTEX(journal_lock);

static unsigned int dirty_blocks;
static unsigned int logged_blocks;
static unsigned int written_blocks;

/* The journal. */

static void journal_add(unsigned int blocks)
{
	mutex_lock(&journal_lock);
	logged_blocks += blocks;
	mutex_unlock(&journal_lock);
}

/* The write path: inode, then journal. */

static void mark_blocks_dirty(unsigned int blocks)
{
	dirty_blocks += blocks;
	journal_add(blocks);
}

static void write_pages(unsigned int pages)
{
	mark_blocks_dirty(pages);
}

static void file_write(void)
{
	mutex_lock(&inode_lock);
	write_pages(1);
	mutex_unlock(&inode_lock);
}

/* The commit: journal, then inode. */

static void write_inode(void)
{
	mutex_lock(&inode_lock);
	written_blocks += dirty_blocks;
	dirty_blocks = 0;
	mutex_unlock(&inode_lock);
}

static void write_dirty_inodes(void)
{
	write_inode();
}

static void journal_commit(void)
{
	mutex_lock(&journal_lock);
	write_dirty_inodes();
	logged_blocks = 0;
	mutex_unlock(&journal_lock);
}

THREAD(writer, file_write);
THREAD(commit, journal_commit);
EXPECT(deadlock, lock_order);
