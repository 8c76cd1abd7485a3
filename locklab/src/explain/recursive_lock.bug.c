#include <linux/mutex.h>

struct account {
	struct mutex lock;
	int balance;
};

static struct account accounts[2];

static int __init open_accounts(void)
{
	int i;

	for (i = 0; i < 2; i++)
		mutex_init(&accounts[i].lock);
	return 0;
}

static void transfer(void)
{
	mutex_lock(&accounts[0].lock);
	mutex_lock(&accounts[1].lock);
	accounts[0].balance--;
	accounts[1].balance++;
	mutex_unlock(&accounts[1].lock);
	mutex_unlock(&accounts[0].lock);
}

module_init(open_accounts);
THREAD(clerk, transfer, .count = 2);
EXPECT(recursive_lock);
