/*
 * copy_to_user() with the address space locked for writing: a page that is
 * not there is faulted in under the same lock.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

static int __user *report;

static void resize(void)
{
	int pages = 3;

	mmap_write_lock(current->mm);
	mmap_write_unlock(current->mm);
	if (copy_to_user(report, &pages, sizeof(pages)))
		pages = 0;
}

SYSCALL(resize, resize);
EXPECT(clean);
