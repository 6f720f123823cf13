# SPDX-License-Identifier: Apache-2.0
# How everything is compiled: warnings, hardening, sanitizers, as one interface target.
add_library(netyard_options INTERFACE)
target_compile_options(netyard_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Wno-missing-field-initializers
  # Structures of the kernel's interface end in such.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-zero-length-array>)
if(NETYARD_UNITY)
  # A file's own names stand before those of the files behind it.
  target_compile_options(netyard_options INTERFACE -Wno-shadow)
endif()
if(NETYARD_WERROR)
  target_compile_options(netyard_options INTERFACE -Werror)
endif()

if(NETYARD_SANITIZE)
  target_compile_definitions(netyard_options INTERFACE NETYARD_SANITIZED)
  target_compile_options(netyard_options INTERFACE
    -fsanitize=${NETYARD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  # Sanitizers fill a program with addresses: to relocate them took half of the time of a short command.
  target_link_options(netyard_options INTERFACE -fsanitize=${NETYARD_SANITIZE} -no-pie)
  if(NETYARD_FUZZ)
    target_compile_options(netyard_options INTERFACE -fsanitize=fuzzer-no-link)
  endif()
elseif(CMAKE_BUILD_TYPE MATCHES "Release|RelWithDebInfo")
  target_compile_options(netyard_options INTERFACE
    -fstack-protector-strong -fstack-clash-protection -fcf-protection -U_FORTIFY_SOURCE
    -D_FORTIFY_SOURCE=2)
  target_link_options(netyard_options INTERFACE -Wl,-z,relro,-z,now)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
