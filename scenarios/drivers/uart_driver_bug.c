/*
 * A serial port, as a sketch for review: bytes come by interrupt into a ring,
 * read() waits for them and hands them to user space, an ioctl tells how many
 * were lost. The bug is in the ioctl.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define UART_IRQ	4
#define UART_RING	2		/* a power of two */
#define UART_GET_LOST	0x5401

struct uart {
	spinlock_t lock;		/* all below but the wait queue */
	unsigned int head;		/* bytes ever put in */
	unsigned int tail;		/* bytes ever taken out */
	u8 ring[UART_RING];
	u32 lost;
	bool stopped;
	wait_queue_head_t readers;
};

static struct uart *uart;

/* The hardware's data register. */
static u8 uart_data = 'U';

static unsigned int uart_level(const struct uart *u)
{
	return u->head - u->tail;
}

static irqreturn_t uart_interrupt(int irq, void *dev_id)
{
	struct uart *u = dev_id;

	spin_lock(&u->lock);
	if (uart_level(u) < UART_RING) {
		u->ring[u->head % UART_RING] = READ_ONCE(uart_data);
		u->head++;
	} else {
		u->lost++;
	}
	spin_unlock(&u->lock);
	wake_up_interruptible(&u->readers);
	return IRQ_HANDLED;
}

/* True if there is something to read, or never will be again. */
static bool uart_readable(struct uart *u)
{
	bool readable;

	spin_lock_irq(&u->lock);
	readable = uart_level(u) > 0 || u->stopped;
	spin_unlock_irq(&u->lock);
	return readable;
}

static bool uart_take(struct uart *u, u8 *byte)
{
	bool taken = false;

	spin_lock_irq(&u->lock);
	if (uart_level(u) > 0) {
		*byte = u->ring[u->tail % UART_RING];
		u->tail++;
		taken = true;
	}
	spin_unlock_irq(&u->lock);
	return taken;
}

static ssize_t uart_read(u8 __user *to)
{
	u8 byte;
	int err;

	err = wait_event_interruptible(uart->readers, uart_readable(uart));
	if (err)
		return err;
	if (!uart_take(uart, &byte))
		return 0;
	if (copy_to_user(to, &byte, sizeof(byte)))
		return -EFAULT;
	return sizeof(byte);
}

static long uart_ioctl(unsigned int cmd, u32 __user *arg)
{
	long ret = 0;

	if (cmd != UART_GET_LOST)
		return -ENOTTY;

	spin_lock_irq(&uart->lock);
	if (copy_to_user(arg, &uart->lost, sizeof(uart->lost)))
		ret = -EFAULT;
	else
		uart->lost = 0;
	spin_unlock_irq(&uart->lock);
	return ret;
}

/* The port goes away: readers come back with nothing. */
static void uart_hangup(void)
{
	spin_lock_irq(&uart->lock);
	uart->stopped = true;
	spin_unlock_irq(&uart->lock);
	wake_up_interruptible(&uart->readers);
}

static int uart_probe(void)
{
	int err;

	uart = kzalloc(sizeof(*uart), GFP_KERNEL);
	if (!uart)
		return -ENOMEM;
	spin_lock_init(&uart->lock);
	init_waitqueue_head(&uart->readers);

	err = request_irq(UART_IRQ, uart_interrupt, 0, "uart", uart);
	if (err) {
		kfree(uart);
		uart = NULL;
	}
	return err;
}

module_init(uart_probe);
MODULE_LICENSE("GPL");

/* Who calls it. */
static u8 user_byte;
static u32 user_lost;

static ssize_t user_read(void)
{
	return uart_read(&user_byte);
}

static long user_get_lost(void)
{
	return uart_ioctl(UART_GET_LOST, &user_lost);
}

SYSCALL(reader, user_read);
SYSCALL(get_lost, user_get_lost);
THREAD(hangup, uart_hangup);
RAISES(UART_IRQ, .times = 1);
EXPECT(sleep_in_atomic);
