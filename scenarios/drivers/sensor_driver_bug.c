/*
 * A character device whose readers block until an interrupt brings a sample, and which may be unplugged meanwhile. Opening it takes a
 * reference to the sensor after the lock is dropped under which it was found, by when it may be gone. Unplugging it marks it as
 * gone and tells nobody: who waits for a sample waits on, and unplugging waits for that.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define SENSOR_IRQ 5

struct sensor {
	struct kref ref;		/* the driver, and every open file */
	struct completion unused;	/* the last of them is gone */
	spinlock_t lock;		/* sample, fresh, gone */
	wait_queue_head_t readers;
	int sample;
	bool fresh;
	bool gone;
};

/* An open file. */
struct sensor_file {
	struct sensor *sensor;
	bool nonblock;			/* O_NONBLOCK */
};

static DEFINE_MUTEX(minor_lock);	/* sensor_minor */
static struct sensor *sensor_minor;

static void sensor_last_user(struct kref *ref)
{
	complete(&container_of(ref, struct sensor, ref)->unused);
}

/* The interrupt: the device has a sample. */
static irqreturn_t sensor_interrupt(int irq, void *dev_id)
{
	struct sensor *s = dev_id;

	spin_lock(&s->lock);
	s->sample = 42;
	s->fresh = true;
	spin_unlock(&s->lock);
	wake_up_interruptible(&s->readers);
	return IRQ_HANDLED;
}

static int sensor_open(struct sensor_file *file)
{
	struct sensor *s;

	mutex_lock(&minor_lock);
	s = sensor_minor;
	mutex_unlock(&minor_lock);
	if (!s)
		return -ENODEV;
	kref_get(&s->ref);
	file->sensor = s;
	return 0;
}

static void sensor_release(struct sensor_file *file)
{
	kref_put(&file->sensor->ref, sensor_last_user);
}

/* Whether a reader need not wait. */
static bool sensor_ready(struct sensor *s)
{
	bool ready;

	spin_lock_irq(&s->lock);
	ready = s->fresh || s->gone;
	spin_unlock_irq(&s->lock);
	return ready;
}

/* Takes the sample, if there still is one. */
static int sensor_take(struct sensor *s, int *value)
{
	int err = 0;

	spin_lock_irq(&s->lock);
	if (s->gone) {
		err = -ENODEV;
	} else if (!s->fresh) {
		err = -EAGAIN;
	} else {
		*value = s->sample;
		s->fresh = false;
	}
	spin_unlock_irq(&s->lock);
	return err;
}

static int sensor_read(struct sensor_file *file, int *value)
{
	struct sensor *s = file->sensor;
	int err;

	do {
		if (!file->nonblock) {
			err = wait_event_interruptible(s->readers, sensor_ready(s));
			if (err)
				return err;
		}
		err = sensor_take(s, value);
	} while (err == -EAGAIN && !file->nonblock);
	return err;
}

/* What a program does with the device. */
static void use_sensor(bool nonblock)
{
	struct sensor_file file = { .nonblock = nonblock };
	int value;

	if (sensor_open(&file))
		return;
	sensor_read(&file, &value);
	sensor_release(&file);
}

static int __init sensor_probe(void)
{
	struct sensor *s;
	int err;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	kref_init(&s->ref);
	init_completion(&s->unused);
	spin_lock_init(&s->lock);
	init_waitqueue_head(&s->readers);
	err = request_irq(SENSOR_IRQ, sensor_interrupt, 0, "sensor", s);
	if (err) {
		kfree(s);
		return err;
	}
	mutex_lock(&minor_lock);
	sensor_minor = s;
	mutex_unlock(&minor_lock);
	return 0;
}

/* The device is unplugged: no new files, no more interrupts; who waits is told, and the last to close the file waited for. */
static void sensor_disconnect(void)
{
	struct sensor *s;

	mutex_lock(&minor_lock);
	s = sensor_minor;
	sensor_minor = NULL;
	mutex_unlock(&minor_lock);
	free_irq(SENSOR_IRQ, s);
	spin_lock_irq(&s->lock);
	s->gone = true;
	spin_unlock_irq(&s->lock);
	kref_put(&s->ref, sensor_last_user);
	wait_for_completion(&s->unused);
	kfree(s);
}

module_init(sensor_probe);
SYSCALL(reader, use_sensor, .arg = false);
THREAD(unplug, sensor_disconnect);
RAISES(SENSOR_IRQ);
EXPECT(hung_task, held_lock_freed, use_after_free, refcount);
