/*
 * A platform driver with a threaded interrupt and runtime power management.
 * The device is powered only while somebody holds a reference, and its line is
 * shared: the interrupt of another device wakes the thread when nobody does.
 * Registers that have no power are a bus error, so that the thread takes a
 * reference of its own for as long as it looks at them.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define BAROMETER_IRQ 14
#define STATUS_READY 1

struct barometer {
	struct mutex pm_lock;		/* usage, gone and the power */
	int usage;
	bool gone;
	bool powered;
	u32 status;			/* the registers */
	u32 data;
	spinlock_t lock;		/* sample and fresh */
	u32 sample;
	bool fresh;
	wait_queue_head_t wait;
};

static struct barometer *barometer;
static bool barometer_loaded;

/* What the bus does to who reads a register of a device without power. */
static u32 barometer_read_reg(struct barometer *s, u32 *reg)
{
	WARN_ON(!READ_ONCE(s->powered));
	return READ_ONCE(*reg);
}

static void barometer_write_reg(struct barometer *s, u32 *reg, u32 value)
{
	WARN_ON(!READ_ONCE(s->powered));
	WRITE_ONCE(*reg, value);
}

static void barometer_runtime_resume(struct barometer *s)
{
	lockdep_assert_held(&s->pm_lock);
	WRITE_ONCE(s->powered, true);
}

static void barometer_runtime_suspend(struct barometer *s)
{
	lockdep_assert_held(&s->pm_lock);
	WRITE_ONCE(s->powered, false);
}

/* pm_runtime_resume_and_get() */
static int barometer_get(struct barometer *s)
{
	int err = 0;

	mutex_lock(&s->pm_lock);
	if (s->gone)
		err = -ENODEV;
	else if (!s->usage++)
		barometer_runtime_resume(s);
	mutex_unlock(&s->pm_lock);
	return err;
}

/* pm_runtime_put_sync() */
static void barometer_put(struct barometer *s)
{
	mutex_lock(&s->pm_lock);
	if (!--s->usage)
		barometer_runtime_suspend(s);
	mutex_unlock(&s->pm_lock);
}

static irqreturn_t barometer_interrupt(int irq, void *dev_id)
{
	return IRQ_WAKE_THREAD;
}

static irqreturn_t barometer_thread(int irq, void *dev_id)
{
	struct barometer *s = dev_id;
	irqreturn_t ret = IRQ_NONE;
	u32 data;

	if (barometer_read_reg(s, &s->status) & STATUS_READY) {
		data = barometer_read_reg(s, &s->data);
		barometer_write_reg(s, &s->status, 0);
		spin_lock(&s->lock);
		s->sample = data;
		s->fresh = true;
		spin_unlock(&s->lock);
		wake_up(&s->wait);
		ret = IRQ_HANDLED;
	}
	return ret;
}

static int barometer_start(struct barometer *s)
{
	int err = barometer_get(s);

	if (err)
		return err;
	barometer_write_reg(s, &s->data, 42);
	barometer_write_reg(s, &s->status, STATUS_READY);
	return 0;
}

static bool barometer_fetch(struct barometer *s, u32 *sample)
{
	bool fresh;

	spin_lock(&s->lock);
	fresh = s->fresh;
	*sample = s->sample;
	s->fresh = false;
	spin_unlock(&s->lock);
	return fresh;
}

/* A read that does not wait: it starts a measurement and takes what there is. */
static long barometer_read(void __user *to)
{
	struct barometer *s = barometer;
	u32 sample;
	int err;

	err = barometer_start(s);
	if (err)
		return err;
	if (!barometer_fetch(s, &sample))
		err = -EAGAIN;
	barometer_put(s);
	if (!err && copy_to_user(to, &sample, sizeof(sample)))
		err = -EFAULT;
	return err;
}

static int __init barometer_probe(void)
{
	int err;

	barometer = kzalloc(sizeof(*barometer), GFP_KERNEL);
	if (!barometer)
		return -ENOMEM;
	mutex_init(&barometer->pm_lock);
	spin_lock_init(&barometer->lock);
	init_waitqueue_head(&barometer->wait);
	err = request_threaded_irq(BAROMETER_IRQ, barometer_interrupt, barometer_thread,
				   IRQF_SHARED | IRQF_ONESHOT, "barometer", barometer);
	if (err) {
		kfree(barometer);
		barometer = NULL;
		return err;
	}
	barometer_loaded = true;
	return 0;
}

/* The device goes; the file may still be open, and keeps the memory. */
static void barometer_remove(void)
{
	struct barometer *s = barometer;

	mutex_lock(&s->pm_lock);
	s->gone = true;
	mutex_unlock(&s->pm_lock);
	free_irq(BAROMETER_IRQ, s);
}

module_init(barometer_probe);
SYSCALL(read, barometer_read, .arg = 0);
THREAD(unbind, barometer_remove);
RAISES(BAROMETER_IRQ, .times = 1);
FINALLY(!barometer_loaded || !barometer->powered);
EXPECT(warn_on);
