// SPDX-License-Identifier: Apache-2.0
#include "process/embedded.h"

// Files of the build, as bytes of this one.
#define NETYARD_EMBED(name, file)                                                              \
  __asm__(".section .rodata\n.balign 16\n.globl " #name "_begin\n" #name                       \
          "_begin:\n.incbin \"" file "\"\n.globl " #name "_end\n" #name "_end:\n.previous\n"); \
  extern "C" const char name##_begin[];                                                        \
  extern "C" const char name##_end[]

NETYARD_EMBED(netyard_embedded_init, NETYARD_INIT);
NETYARD_EMBED(netyard_embedded_seccomp, NETYARD_SECCOMP);

namespace netyard {

std::string_view embedded_init() {
  return {netyard_embedded_init_begin, netyard_embedded_init_end};
}

std::string_view embedded_seccomp() {
  return {netyard_embedded_seccomp_begin, netyard_embedded_seccomp_end};
}

}  // namespace netyard
