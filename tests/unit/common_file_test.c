/* Files that are written and read whole: the old one stays until the new one is there; and characters of UTF-8. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/character.h"
#include "common/file.h"
#include "tests/unit/run.h"

static char directory[] = "/tmp/bibd-file-XXXXXX";
static int directory_fd = -1;

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_ne(directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), -1);
}

static void
tear_down(void)
{
	(void)unlinkat(directory_fd, "a", 0);
	(void)unlinkat(directory_fd, "a.new", 0);
	(void)unlinkat(AT_FDCWD, directory, AT_REMOVEDIR);
	close(directory_fd);
}

static void
assert_holds(const char *wanted)
{
	char text[16] = "";
	int fd = openat(directory_fd, "a", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_read_all(fd, text, strlen(wanted)), 0);
	ck_assert_str_eq(text, wanted);
	ck_assert_int_eq(file_read_all(fd, text, strlen(wanted) + 1), -1);
	ck_assert_int_eq(errno, EIO);
	close(fd);
}

START_TEST(test_replaced)
{
	mode_t umask_before = umask(0077);
	struct stat st;
	int fd;

	ck_assert_int_ne(fd = file_create(directory_fd, "a.new", 0644), -1);
	ck_assert_int_eq(file_install(fd, directory_fd, "a.new", "a", "old", 3), 0);
	assert_holds("old");
	ck_assert_int_eq(fstatat(directory_fd, "a", &st, 0), 0);
	ck_assert_int_eq((int)(st.st_mode & 07777), 0644);
	ck_assert_int_ne(fd = file_create(directory_fd, "a.new", 0644), -1);
	ck_assert_int_eq(file_write_all(fd, "cut sh", 6), 0);
	close(fd); /* as a crash leaves it */
	assert_holds("old");
	ck_assert_int_ne(fd = file_create(directory_fd, "a.new", 0600), -1);
	ck_assert_int_eq(file_install(fd, directory_fd, "a.new", "a", "new", 3), 0);
	assert_holds("new");
	ck_assert_int_eq(fstatat(directory_fd, "a.new", &st, 0), -1);
	(void)umask(umask_before);
}
END_TEST

START_TEST(test_not_replaced)
{
	struct stat st;
	int fd;

	ck_assert_int_ne(fd = file_create(directory_fd, "a.new", 0600), -1);
	ck_assert_int_eq(file_install(fd, directory_fd, "a.new", "nowhere/a", "new", 3), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(fstatat(directory_fd, "a.new", &st, 0), -1);
	ck_assert_int_eq(mkdirat(directory_fd, "a.new", 0700), 0);
	ck_assert_int_eq(file_create(directory_fd, "a.new", 0600), -1);
	ck_assert_int_eq(unlinkat(directory_fd, "a.new", AT_REMOVEDIR), 0);
}
END_TEST

static const struct {
	const char *text;
	size_t size, length;
	uint32_t character;
} characters[] = {
	{ "a", 1, 1, 'a' },
	{ "", 1, 1, 0 },
	{ "\xc3\xa9", 2, 2, 0xe9 },
	{ "\xe2\x82\xac!", 4, 3, 0x20ac },
	{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
	{ "", 0, 0, 0 },
	{ "\xc3", 1, 0, 0 },		 /* cut off */
	{ "\x80", 1, 0, 0 },		 /* no first byte */
	{ "\xc0\x80", 2, 0, 0 },	 /* over-long */
	{ "\xe0\x9f\xbf", 3, 0, 0 },	 /* over-long */
	{ "\xed\xa0\x80", 3, 0, 0 },	 /* a surrogate */
	{ "\xf4\x90\x80\x80", 4, 0, 0 }, /* above U+10FFFF */
	{ "\xff", 1, 0, 0 },
};

START_TEST(test_character)
{
	uint32_t character = 0;

	ck_assert_uint_eq(character_read(characters[_i].text, characters[_i].size, &character), characters[_i].length);
	if (characters[_i].length > 0)
		ck_assert_uint_eq(character, characters[_i].character);
}
END_TEST

int
main(void)
{
	TCase *files = tcase_create("files"), *texts = tcase_create("characters");

	tcase_add_checked_fixture(files, set_up, tear_down);
	tcase_add_test(files, test_replaced);
	tcase_add_test(files, test_not_replaced);
	tcase_add_loop_test(texts, test_character, 0, sizeof(characters) / sizeof(characters[0]));
	return unit_run("file", files, texts, NULL);
}
