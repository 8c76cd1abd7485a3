/*
 * The file system of Flanagan and Godefroid (POPL 2005): N tasks, each with an inode of its own that wants a free block. Up to 13 tasks never
 * meet, so that the states are 9^N.
 */
#include <linux/smp.h>
#include <linux/spinlock.h>

#ifndef N
#define N 7
#endif
#define BLOCKS 26
#define INODES 32

static spinlock_t inode_lock[INODES];
static spinlock_t block_lock[BLOCKS];
static bool busy[BLOCKS];
static u8 inode[INODES];

static void mkfs(void)
{
	int i;

	for (i = 0; i < INODES; i++)
		spin_lock_init(&inode_lock[i]);
	for (i = 0; i < BLOCKS; i++)
		spin_lock_init(&block_lock[i]);
}

static void create(void)
{
	u8 i = smp_processor_id();

	spin_lock(&inode_lock[i]);
	if (!inode[i]) {
		u8 block = (i * 2) % BLOCKS;

		for (;;) {
			spin_lock(&block_lock[block]);
			if (!busy[block])
				break;
			spin_unlock(&block_lock[block]);
			block = (block + 1) % BLOCKS;
		}
		busy[block] = true;
		inode[i] = block + 1;
		spin_unlock(&block_lock[block]);
	}
	spin_unlock(&inode_lock[i]);
}

INIT(mkfs);
CPUS(7);
THREAD(task, create, .count = N);
EXPECT(clean);
