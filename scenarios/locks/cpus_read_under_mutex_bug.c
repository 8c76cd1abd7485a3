/*
 * cpus_read_lock() looks harmless, as readers never wait for each other. But
 * the hotplug callback takes the driver's mutex with the CPUs write-locked, and
 * a reader that comes after that, with the mutex held, waits for it.
 */
#include <linux/cpu.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(pmu_mutex);
static int events;
static int cpus_seen;

static void add_event(void)
{
	mutex_lock(&pmu_mutex);
	cpus_read_lock();
	events++;
	cpus_read_unlock();
	mutex_unlock(&pmu_mutex);
}

static void bring_cpu_up(void)
{
	cpus_write_lock();
	mutex_lock(&pmu_mutex);
	cpus_seen++;
	mutex_unlock(&pmu_mutex);
	cpus_write_unlock();
}

THREAD(opener, add_event);
THREAD(hotplug, bring_cpu_up);

FINALLY(events == 1 && cpus_seen == 1);
EXPECT(deadlock, lock_order);
