// SPDX-License-Identifier: Apache-2.0
#include "base/crc32.h"

#include <array>

namespace netyard {
namespace {

constexpr std::uint32_t kPolynomial = 0xedb88320;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[byte] = value;
  }
  return table;
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  static constexpr auto kTable = make_table();
  std::uint32_t value = 0xffffffff;
  for (const char c : bytes) {
    value = (value >> 8) ^ kTable[(value ^ static_cast<unsigned char>(c)) & 0xff];
  }
  return ~value;
}

}  // namespace netyard
