// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace netyard::fuzz {

/// A kernel that answers each request with the datagrams of an input: two bytes of length, and as
/// many. Whatever it sends, the serial is right; after the last comes the end of the dump, or a
/// refusal. Stands in for libmnl's sockets, sendmsg(2) and recvmsg(2) of the whole program.
void serve(const std::uint8_t* data, std::size_t size);

}  // namespace netyard::fuzz
