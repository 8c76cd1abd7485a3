x = 1;
y;
static z = 2;
main(void)
{
	return 0;
}
static typedef int both;
long short mixed;
unsigned signed neither;
int char two;
struct { int a; } u8 v;
struct;
enum { A B };
enum;
int 3x;
int a b;
int *;
int array[3;
int f(int a int b);
int g(int,);
int (*p(int;
static void __mustcheck h(void);
struct s {
	int a
	int b;
	int : ;
	c;
	int d[;
	int ok;
};
union u {
	int a;
int after;
