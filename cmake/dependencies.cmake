# SPDX-License-Identifier: Apache-2.0
# The libraries netyard stands on; scripts/install-dependencies installs them on Debian.
find_package(PkgConfig REQUIRED)
pkg_check_modules(MNL REQUIRED IMPORTED_TARGET libmnl)
pkg_check_modules(NL_ROUTE REQUIRED IMPORTED_TARGET libnl-3.0 libnl-route-3.0)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
if(NETYARD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
