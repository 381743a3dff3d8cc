/* Sealed memory files: round trip, and everything that is not one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/run.h"

#define MEMFD_ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void
assert_unreadable(int fd, size_t max)
{
	struct error e;
	size_t size = 0;

	ck_assert_ptr_null(memfd_read(fd, max, &size, &e));
	ck_assert_str_eq(e.code, "memfd.read");
	ck_assert_int_ne(fcntl(fd, F_GETFD), -1);
	close(fd);
}

START_TEST(test_round_trip)
{
	static char data[300000];
	size_t size;
	char *read_back;
	int fd;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	fd = memfd_create_sealed("test", data, sizeof(data), NULL);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	/* The place in the file is of no matter, and it can be read more than once. */
	for (int i = 0; i < 2; i++) {
		read_back = memfd_read(fd, sizeof(data), &size, NULL);
		ck_assert_ptr_nonnull(read_back);
		ck_assert_uint_eq(size, sizeof(data));
		ck_assert_mem_eq(read_back, data, sizeof(data));
		ck_assert_int_eq(read_back[size], '\0');
		free(read_back);
	}
	close(fd);
}
END_TEST

START_TEST(test_empty)
{
	int fd = memfd_create_sealed("test", "", 0, NULL);
	size_t size = 1;
	char *data = memfd_read(fd, 0, &size, NULL);

	ck_assert_ptr_nonnull(data);
	ck_assert_uint_eq(size, 0);
	ck_assert_str_eq(data, "");
	free(data);
	close(fd);
}
END_TEST

START_TEST(test_sealed_means_sealed)
{
	int fd = memfd_create_sealed("test", "abc", 3, NULL);

	ck_assert_int_eq(fcntl(fd, F_GET_SEALS) & MEMFD_ALL_SEALS, MEMFD_ALL_SEALS);
	ck_assert_int_eq(write(fd, "x", 1), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(ftruncate(fd, 1), -1);
	ck_assert_int_eq(ftruncate(fd, 100), -1);
	ck_assert_ptr_eq(mmap(NULL, 3, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
}
END_TEST

START_TEST(test_limit)
{
	assert_unreadable(memfd_create_sealed("test", "abcd", 4, NULL), 3);
}
END_TEST

/* Any seal that is missing would let the sender change what was checked. */
START_TEST(test_every_seal_is_needed)
{
	static const int seals[] = { F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE };

	for (size_t i = 0; i < 4; i++) {
		int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

		ck_assert_int_eq(write(fd, "abc", 3), 3);
		ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, MEMFD_ALL_SEALS & ~seals[i]), 0);
		assert_unreadable(fd, 100);
	}
	assert_unreadable(memfd_create("test", MFD_CLOEXEC), 100);
}
END_TEST

START_TEST(test_other_files)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	assert_unreadable(ends[0], 100);
	close(ends[1]);
	assert_unreadable(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), SIZE_MAX);
	assert_unreadable(open("/dev/zero", O_RDONLY | O_CLOEXEC), SIZE_MAX);
}
END_TEST

START_TEST(test_cannot_create)
{
	char name[300];
	struct error e;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(memfd_create_sealed(name, "", 0, &e), -1);
	ck_assert_str_eq(e.code, "memfd.create");
	ck_assert_int_eq(e.errnum, EINVAL);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_empty);
	tcase_add_test(t, test_sealed_means_sealed);
	tcase_add_test(t, test_limit);
	tcase_add_test(t, test_every_seal_is_needed);
	tcase_add_test(t, test_other_files);
	tcase_add_test(t, test_cannot_create);
	return unit_run("memfd", t, NULL);
}
