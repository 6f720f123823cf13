// SPDX-License-Identifier: Apache-2.0
#include "engine/record_envelope.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>

#include "base/crc32.h"
#include "base/error.h"

namespace netyard {
namespace {

constexpr int kFormat = 3;
constexpr std::string_view kBegin = "{\"format\":";
constexpr std::string_view kSum = ",\"crc32\":\"";
constexpr std::string_view kBody = "\",\"lab\":";
constexpr std::string_view kEnd = "}\n";
constexpr std::size_t kDigits = 8;

Error damaged(const std::string& path, const std::string& why) {
  return Error(EBADMSG, "read record", path).reason(why);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

std::string seal(std::string_view body) {
  return fmt::format("{}{}{}{:08x}{}{}{}", kBegin, kFormat, kSum, crc32(body), kBody, body, kEnd);
}

std::string_view unseal(std::string_view text, const std::string& path) {
  int format = 0;
  if (text.empty()) throw damaged(path, "it is empty");
  if (!take(text, kBegin)) throw damaged(path, "it is of no format that this netyard knows");
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), format);
  if (bad == std::errc::invalid_argument) {
    throw damaged(path, "it is of no format that this netyard knows");
  }
  if (bad == std::errc::result_out_of_range || format > kFormat) {
    throw Error(ENOTSUP, "read record", path)
        .reason(fmt::format(
            "it has format {}, this netyard knows {}",
            std::string_view(text.data(), static_cast<std::size_t>(end - text.data())), kFormat))
        .hint("use the netyard that made the lab");
  }
  if (format != kFormat) throw damaged(path, fmt::format("it has the old format {}", format));
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!take(text, kSum) || text.size() < kDigits) throw damaged(path, "it is cut short");
  const std::string_view sum = text.substr(0, kDigits);
  text.remove_prefix(kDigits);
  if (!take(text, kBody) || !text.ends_with(kEnd)) throw damaged(path, "it is cut short");
  text.remove_suffix(kEnd.size());
  if (fmt::format("{:08x}", crc32(text)) != sum) throw damaged(path, "its checksum is wrong");
  return text;
}

}  // namespace netyard
