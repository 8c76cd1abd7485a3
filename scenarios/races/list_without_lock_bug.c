/*
 * Two tasks add to one list. Without a lock both may link in after the same
 * head, and one entry is lost.
 */
#include <linux/list.h>
#include <linux/spinlock.h>

struct request {
	struct list_head node;
};

static LIST_HEAD(queue);
static struct request requests[2];

static void submit(int i)
{
	list_add(&requests[i].node, &queue);
}

THREAD(first, submit, .arg = 0);
THREAD(second, submit, .arg = 1);
/* Two entries, then the head again. */
FINALLY(queue.next->next->next == &queue);
EXPECT(data_race, final_state);
