/*
 * What a writer has prepared for the readers is changed by another writer
 * before it reads it itself: up_write() and down_read() leave a gap.
 */
#include <linux/rwsem.h>

static DECLARE_RWSEM(config_sem);
static int version;
static int applied[3];

static void apply_version(unsigned long mine)
{
	down_write(&config_sem);
	version = mine;
	downgrade_write(&config_sem);
	applied[mine] = version == mine;
	up_read(&config_sem);
}

THREAD(first, apply_version, .arg = 1);
THREAD(second, apply_version, .arg = 2);

FINALLY(applied[1] && applied[2]);
EXPECT(clean);
