/*
 * A page that is being written must not be changed, or the checksum is wrong. The flag is set before the page is looked at, and a
 * writer to the page waits for it under the page's lock; without that lock it comes in between.
 */
#include <linux/bitops.h>
#include <linux/mutex.h>
#include <linux/wait_bit.h>

#define WRITEBACK 0

static DEFINE_MUTEX(page_lock);
static unsigned long flags;
static int data, sum;

static void write_page(void)
{
	mutex_lock(&page_lock);
	set_bit(WRITEBACK, &flags);
	mutex_unlock(&page_lock);
	sum = READ_ONCE(data);
	WARN_ON(sum != READ_ONCE(data));
	clear_and_wake_up_bit(WRITEBACK, &flags);
}

static int change_page(void)
{
	wait_on_bit(&flags, WRITEBACK, TASK_UNINTERRUPTIBLE);
	WRITE_ONCE(data, data + 1);
	return 0;
}

THREAD(flusher, write_page);
SYSCALL(writer, change_page);
EXPECT(warn_on);
