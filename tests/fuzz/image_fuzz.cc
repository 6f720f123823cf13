// SPDX-License-Identifier: Apache-2.0
// The JSON files of an image: each file that a manifest names has the same text.
#include "fuzz/input.h"
#include "process/image/manifest.h"

using namespace netyard;

namespace {

class Bytes : public image::ByteSource {
 public:
  explicit Bytes(const std::string& text) : text_(text) {}
  std::string_view next() override {
    const std::string_view all = taken_ ? std::string_view() : std::string_view(text_);
    taken_ = true;
    return all;
  }

 private:
  const std::string& text_;
  bool taken_ = false;
};

class Files : public image::ImageFiles {
 public:
  explicit Files(std::string text) : ImageFiles({"image", ""}), text_(std::move(text)) {}
  bool has(const std::string&) const override { return true; }
  Opened open(const std::string&) const override {
    return {std::make_unique<Bytes>(text_), text_.size()};
  }

 private:
  std::string text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  const Files files(text);
  const image::Blame blame{"image", "config"};
  fuzz::may_refuse([&] { image::read_oci_layout(files); });
  fuzz::may_refuse([&] { image::read_docker_archive(files); });
  fuzz::may_refuse([&] { image::parse_config(text, blame); });
  fuzz::may_refuse([&] { image::diff_ids(text, 1, blame); });
  return 0;
}
