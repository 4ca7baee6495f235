/* LD_PRELOAD: refuses every connection and look-up of a name but NO_NETWORK_ALLOWED
   ("127.0.0.1:8080"), and notes what was tried in NO_NETWORK_TRIED. It stands below Python, so
   that libraries in C++ and Rust are seen too. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *what) {
  int file = open(getenv("NO_NETWORK_TRIED"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (file < 0) abort();
  dprintf(file, "%s\n", what);
  close(file);
}

/* Whether an address of the internet was not set; each that is tried is noted. */
static int refused(const struct sockaddr *to) {
  char host[INET6_ADDRSTRLEN] = "", address[INET6_ADDRSTRLEN + 8];
  if (to == NULL || (to->sa_family != AF_INET && to->sa_family != AF_INET6)) return 0;
  int four = to->sa_family == AF_INET;
  const struct sockaddr_in *in4 = (const void *)to;
  const struct sockaddr_in6 *in6 = (const void *)to;
  inet_ntop(to->sa_family, four ? (const void *)&in4->sin_addr : &in6->sin6_addr, host, sizeof host);
  snprintf(address, sizeof address, "%s:%d", host, ntohs(four ? in4->sin_port : in6->sin6_port));
  note(address);
  const char *allowed = getenv("NO_NETWORK_ALLOWED");
  return allowed == NULL || strcmp(allowed, address) != 0;
}

int connect(int socket, const struct sockaddr *to, socklen_t length) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
  if (!refused(to)) return real(socket, to, length);
  errno = ENETUNREACH;
  return -1;
}

ssize_t sendto(int socket, const void *data, size_t size, int flags, const struct sockaddr *to,
               socklen_t length) {
  ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
      dlsym(RTLD_NEXT, "sendto");
  if (!refused(to)) return real(socket, data, size, flags, to, length);
  errno = ENETUNREACH;
  return -1;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
      dlsym(RTLD_NEXT, "getaddrinfo");
  unsigned char number[sizeof(struct in6_addr)];
  if (name == NULL || inet_pton(AF_INET, name, number) || inet_pton(AF_INET6, name, number) ||
      strcmp(name, "localhost") == 0)
    return real(name, service, hints, found);
  note(name);
  return EAI_NONAME;
}
