/*
 * A reader that reads again inside a helper. Readers do not wait for each
 * other; but a writer that comes between the two keeps the second out, and
 * waits for the first.
 */
#include <linux/percpu-rwsem.h>

DEFINE_STATIC_PERCPU_RWSEM(freeze_rwsem);
static int frozen;
static int writes;

static bool may_write(void)
{
	percpu_rwsem_assert_held(&freeze_rwsem);
	return !frozen;
}

static void write_file(void)
{
	percpu_down_read(&freeze_rwsem);
	if (may_write())
		writes++;
	percpu_up_read(&freeze_rwsem);
}

static void freeze(void)
{
	percpu_down_write(&freeze_rwsem);
	frozen = 1;
	percpu_up_write(&freeze_rwsem);
}

THREAD(writer, write_file);
THREAD(freezer, freeze);

FINALLY(frozen && writes <= 1);
EXPECT(clean);
