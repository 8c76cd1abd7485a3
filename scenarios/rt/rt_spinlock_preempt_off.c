/*
 * To stay on its CPU a task turns preemption off, and takes a spinlock inside. On PREEMPT_RT that lock
 * sleeps: migrate_disable() keeps the task on its CPU too, and lets it.
 */
#include <linux/spinlock.h>
#include <linux/preempt.h>

static DEFINE_SPINLOCK(log_lock);
static int lines;

static void log_line(void)
{
	migrate_disable();
	spin_lock(&log_lock);
	lines++;
	spin_unlock(&log_lock);
	migrate_enable();
}

THREAD(one, log_line, .cpu = 0);
THREAD(two, log_line, .cpu = 1);
FINALLY(lines == 2);
EXPECT(clean);
