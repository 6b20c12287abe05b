/* Without libFuzzer: every file of the corpus, and so many changed copies of each, always the same ones.
 * fuzz_EXCHANGE FOLDER [COPIES] */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILES_MAX 1024
#define COPY_MAX 65536

struct input {
	char name[256];
	uint8_t *bytes;
	size_t len;
};
static struct input inputs[FILES_MAX];
static size_t input_count;

static uint64_t seed;

/* splitmix64 */
static uint64_t below(uint64_t limit)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % limit;
}

/* A copy of just its size, so that ASan sees a byte too many. */
static void run(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static int compare_name(const void *a, const void *b)
{
	return strcmp(((const struct input *)a)->name, ((const struct input *)b)->name);
}

static void load(const char *folder)
{
	DIR *dir = opendir(folder);
	if (!dir) {
		perror(folder);
		exit(1);
	}
	for (struct dirent *entry; (entry = readdir(dir)) && input_count < FILES_MAX;) {
		char path[4096];
		size_t name_len = strlen(entry->d_name);
		if (entry->d_name[0] == '.' || (name_len > 5 && strcmp(entry->d_name + name_len - 5, ".want") == 0))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		FILE *file = fopen(path, "rb");
		struct input *input = &inputs[input_count];
		input->bytes = malloc(COPY_MAX);
		if (!file || !input->bytes) {
			perror(path);
			exit(1);
		}
		input->len = fread(input->bytes, 1, COPY_MAX, file);
		snprintf(input->name, sizeof input->name, "%s", entry->d_name);
		input_count++;
		fclose(file);
	}
	closedir(dir);
	qsort(inputs, input_count, sizeof *inputs, compare_name);
}

/* Flips bits, cuts, repeats a piece, or goes on with a piece of another input. */
static size_t change(uint8_t *bytes, size_t len)
{
	static const char *const odd[] = { "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "-1", "1e400", "\\u0001", "\xff", "99999999999999999999", "" };
	for (uint64_t times = 1 + below(4); times > 0; times--) {
		size_t at = below(len + 1), piece;
		switch (below(6)) {
		case 0:
			if (at < len)
				bytes[at] ^= (uint8_t)(1u << below(8));
			break;
		case 1:
			len = at;
			break;
		case 2:
			piece = below(len - at + 1);
			memmove(bytes + at, bytes + at + piece, len - at - piece);
			len -= piece;
			break;
		case 3: {
			const struct input *other = &inputs[below(input_count)];
			size_t from = below(other->len + 1);
			piece = other->len - from;
			if (at + piece > COPY_MAX)
				piece = COPY_MAX - at;
			memcpy(bytes + at, other->bytes + from, piece);
			len = at + piece;
			break;
		}
		case 4: {
			const char *word = odd[below(sizeof odd / sizeof *odd)];
			piece = strlen(word);
			if (len + piece <= COPY_MAX) {
				memmove(bytes + at + piece, bytes + at, len - at);
				memcpy(bytes + at, word, piece);
				len += piece;
			}
			break;
		}
		default:
			if (at < len)
				bytes[at] = (uint8_t)below(256);
			break;
		}
	}
	return len;
}

int main(int argc, char **argv)
{
	static uint8_t bytes[COPY_MAX];
	if (argc < 2) {
		fprintf(stderr, "fuzz FOLDER [COPIES]\n");
		return 2;
	}
	int copies = argc > 2 ? atoi(argv[2]) : 100;
	load(argv[1]);
	if (input_count == 0) {
		fprintf(stderr, "nothing in %s\n", argv[1]);
		return 1;
	}
	for (size_t i = 0; i < input_count; i++) {
		run(inputs[i].bytes, inputs[i].len);
		for (int k = 0; k < copies; k++) {
			seed = (i << 32) + (uint64_t)k;
			memcpy(bytes, inputs[i].bytes, inputs[i].len);
			run(bytes, change(bytes, inputs[i].len));
		}
	}
	printf("%zu files, %d changed copies of each\n", input_count, copies);
	for (size_t i = 0; i < input_count; i++)
		free(inputs[i].bytes);
	return 0;
}
