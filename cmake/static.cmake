# SPDX-License-Identifier: Apache-2.0
# Half of the time of a short command is the dynamic linker's: what may be in the program itself is.
# Libraries under the LGPL stay shared.
function(netyard_link_statically target)
  set(archives)
  foreach(name IN LISTS ARGN)
    find_library(NETYARD_ARCHIVE_${name} NAMES lib${name}.a)
    if(NOT NETYARD_ARCHIVE_${name})
      message(STATUS "There is no lib${name}.a: ${target} stays shared")
      return()
    endif()
    list(APPEND archives ${NETYARD_ARCHIVE_${name}})
  endforeach()
  set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${archives}")
endfunction()

netyard_link_statically(PkgConfig::CAP cap)
netyard_link_statically(PkgConfig::YAML yaml)
netyard_link_statically(PkgConfig::ARCHIVE archive zstd lzma bz2 z)
netyard_link_statically(PkgConfig::CRYPTO crypto)

# Whatever is not fmt 9 is compiled with every file that uses it, which takes longer.
if(fmt_VERSION VERSION_GREATER_EQUAL 9 AND fmt_VERSION VERSION_LESS 10)
  add_library(netyard_fmt STATIC ${PROJECT_SOURCE_DIR}/src/base/fmt_library.cc)
  set(NETYARD_FMT netyard_fmt)
else()
  set(NETYARD_FMT fmt::fmt-header-only)
endif()

target_compile_options(netyard_options INTERFACE -ffunction-sections -fdata-sections)
target_link_options(netyard_options INTERFACE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
