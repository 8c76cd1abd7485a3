/*
 * A thread that never sleeps keeps Tasks RCU waiting: cond_resched() gives the CPU away, but that is a preemption, in
 * which the thread may stand inside a trampoline. cond_resched_tasks_rcu_qs() says that here it does not.
 */
#include <linux/kthread.h>
#include <linux/rcupdate.h>

static struct task_struct *poller;
static int polls;

static int poll(void *unused)
{
	while (!kthread_should_stop()) {
		WRITE_ONCE(polls, 1);
		cond_resched();
	}
	return 0;
}

static void stop_tracing(void)
{
	synchronize_rcu_tasks();
	kthread_stop(poller);
}

static void set_up(void)
{
	poller = kthread_run(poll, NULL, "poller");
}

INIT(set_up);
THREAD(tracer, stop_tracing);
EXPECT(livelock);
