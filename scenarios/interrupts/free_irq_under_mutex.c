/*
 * Close frees the interrupt with the device's mutex held. free_irq() waits
 * for the handler's thread, which waits for the mutex. Lockdep sees nothing:
 * waiting for a thread is no lock.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>

#define CODEC_IRQ 9

static DEFINE_MUTEX(codec_lock);
static int underruns;

static irqreturn_t codec_thread(int irq, void *dev_id)
{
	mutex_lock(&codec_lock);
	underruns++;
	mutex_unlock(&codec_lock);
	return IRQ_HANDLED;
}

static int __init codec_init(void)
{
	return request_threaded_irq(CODEC_IRQ, NULL, codec_thread, IRQF_ONESHOT, "codec", &underruns);
}

static void codec_close(void)
{
	free_irq(CODEC_IRQ, &underruns);
	mutex_lock(&codec_lock);
	underruns = 0;
	mutex_unlock(&codec_lock);
}

module_init(codec_init);
THREAD(close, codec_close);
RAISES(CODEC_IRQ, .times = 1);
EXPECT(clean);
