static int first(int a)
{
	a++;
	}
	return a;
}

static int second(int a)
{
	return a)];
}

int third
