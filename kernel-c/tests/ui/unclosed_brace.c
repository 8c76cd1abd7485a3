static int first(int a)
{
	if (a) {
		a++;
	return a;
}

static int second(int a)
{
	return a + ;
}

int third;
