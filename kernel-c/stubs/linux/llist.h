#include <locklab.h>
