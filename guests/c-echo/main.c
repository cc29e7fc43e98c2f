/* A handler in C: a plain WASI command. The event comes on stdin as JSON; whatever stands on stdout
 * when main returns 0 is the result. Any other exit code is a failure; with a JSON object that has an
 * "errorType" on stdout it is an error of the handler's own, which a workflow can match. */

#include <stdio.h>
#include <stdlib.h>

static int fail(const char *type, const char *message)
{
    printf("{\"errorType\":\"%s\",\"errorMessage\":\"%s\"}", type, message);
    return 1;
}

/* Reads all of stdin into memory that it allocates; NULL when there is not enough of it. */
static char *read_event(size_t *length)
{
    size_t room = 4096;
    char *event = malloc(room);
    *length = 0;
    while (event != NULL) {
        *length += fread(event + *length, 1, room - *length, stdin);
        if (*length < room)
            return event;
        char *larger = realloc(event, room *= 2);
        if (larger == NULL)
            free(event);
        event = larger;
    }
    return NULL;
}

int main(void)
{
    size_t length;
    char *event = read_event(&length);
    if (event == NULL)
        return fail("OutOfMemory", "the event does not fit in memory");
    if (length == 0)
        return fail("NoEvent", "there is nothing on stdin");

    const char *name = getenv("AWS_LAMBDA_FUNCTION_NAME");
    fprintf(stderr, "%s: %zu bytes\n", name != NULL ? name : "c-echo", length);

    printf("{\"function\":\"%s\",\"event\":", name != NULL ? name : "");
    fwrite(event, 1, length, stdout);
    printf("}");
    return 0;
}
