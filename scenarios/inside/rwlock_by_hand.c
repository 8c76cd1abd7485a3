/*
 * A readers-writer lock that lets writers go first: a reader that sees one waiting stands back. To look and then to announce itself
 * leaves a gap for a writer: the reader announces itself, looks again, and withdraws if there is one.
 */
#include <linux/atomic.h>
#include <linux/processor.h>

static atomic_t readers = ATOMIC_INIT(0);
static atomic_t writers = ATOMIC_INIT(0);	/* waiting or inside */
static atomic_t writing = ATOMIC_INIT(0);
static int a, b;

static void enter_read(void)
{
	for (;;) {
		while (atomic_read(&writers))
			cpu_relax();
		atomic_inc(&readers);
		smp_mb__after_atomic();
		if (!atomic_read_acquire(&writers))
			return;
		atomic_dec(&readers);
	}
}

static void leave_read(void)
{
	atomic_dec_return_release(&readers);
}

static void enter_write(void)
{
	atomic_inc(&writers);
	smp_mb__after_atomic();
	while (atomic_read(&readers))
		cpu_relax();
	while (atomic_xchg_acquire(&writing, 1))
		cpu_relax();
}

static void leave_write(void)
{
	atomic_set_release(&writing, 0);
	atomic_dec_return_release(&writers);
}

static void change(void)
{
	enter_write();
	a++;
	b++;
	leave_write();
}

static void look(void)
{
	enter_read();
	WARN_ON(a != b);
	leave_read();
}

THREAD(writer, change, .count = 2);
THREAD(reader, look);
FINALLY(a == 2 && b == 2);
EXPECT(clean);
