/*
 * __set_bit() reads a whole word and writes it back: a neighbour's bit that
 * was set in between is lost. set_bit() is atomic.
 */
#include <linux/bitops.h>

#define RX_READY 0
#define TX_READY 1

static unsigned long status;

static void rx_task(void)
{
	set_bit(RX_READY, &status);
}

static void tx_task(void)
{
	set_bit(TX_READY, &status);
}

THREAD(rx, rx_task);
THREAD(tx, tx_task);
FINALLY(status == 3);
EXPECT(clean);
