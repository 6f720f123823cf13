// SPDX-License-Identifier: Apache-2.0
// The forms an image comes in, which one of several is chosen, and what is said of a broken one.
#include "process/image.h"

#include <random>
#include <regex>

#include "unit/process/image_builder.h"

namespace netyard::test {
namespace {

const std::string kOther = native_architecture() == "arm64" ? "amd64" : "arm64";

TEST_F(ImageTest, ADirectoryIsTakenAsItIs) {
  fs::create_directories(layout / "etc");
  const RootImage image = open();
  EXPECT_EQ(image.directory, layout);
  EXPECT_EQ(image.config, ImageConfig());
  EXPECT_FALSE(fs::exists(cache));
}

TEST_F(ImageTest, ALayoutIsUnpackedAndItsConfigurationRead) {
  const Layout made(layout);
  const std::string layer = tar({file("etc/motd", "hello")});
  json config = Layout::config_of({layer});
  config["config"] = {{"Entrypoint", json::array({"/bin/sh", "-c"})},
                      {"Cmd", json::array({"true"})},
                      {"User", "1:2"},
                      {"Env", json::array({"A=1", "B=2"})},
                      {"WorkingDir", "/srv"}};
  const json manifest = made.manifest(config, {made.blob(layer, kLayerType)});
  made.index({manifest});
  const RootImage image = open();
  EXPECT_EQ(image.directory,
            cache / "images" / manifest["digest"].get<std::string>().substr(7) / "rootfs");
  EXPECT_EQ(read_text(fs::path(image.directory) / "etc/motd"), "hello");
  EXPECT_EQ(image.config,
            (ImageConfig{{"/bin/sh", "-c"}, {"true"}, {"A=1", "B=2"}, "1:2", "/srv"}));
  EXPECT_TRUE(nothing_half_done());
}

class Compression : public ImageTest, public testing::WithParamInterface<const char*> {};

TEST_P(Compression, OfALayerAndOfTheWholeIsUndone) {
  const std::vector<Entry> entries = {file("big", std::string(300'000, 'z')), file("small", "s")};
  const Layout made(layout);
  const std::string type = std::string(kLayerType) + "+" + GetParam();
  const json layer = made.blob(tar(entries, GetParam()), type);
  made.index({made.manifest(Layout::config_of({tar(entries)}), {layer})});
  write_text(home / "image.tar", made.packed(GetParam()));
  for (const auto& path : {layout, home / "image.tar"}) {
    const fs::path root = open_root_image(path, cache).directory;
    EXPECT_EQ(read_text(root / "big").size(), 300'000U);
    EXPECT_EQ(read_text(root / "small"), "s");
    fs::remove_all(cache);
  }
}
INSTANTIATE_TEST_SUITE_P(All, Compression, testing::Values("gzip", "zstd", "xz"));

TEST_F(ImageTest, AnIndexIsSearchedForThisMachine) {
  const Layout made(layout);
  json right = made.image({tar({file("right")})});
  json wrong = made.image({tar({file("wrong")})});
  json second = made.image({tar({file("second")})});
  json attestation = made.image({tar({file("attestation")})});
  right["platform"] =
      second["platform"] = {{"os", "linux"}, {"architecture", native_architecture()}};
  wrong["platform"] = {{"os", "linux"}, {"architecture", kOther}};
  attestation["platform"] = {{"os", "unknown"}, {"architecture", "unknown"}};
  const json strange = {{"mediaType", "text/x"}, {"digest", wrong["digest"]}, {"size", 1}};
  const json inner = {{"schemaVersion", 2},
                      {"manifests", {strange, attestation, wrong, right, second}}};
  const json middle = {{"schemaVersion", 2},
                       {"manifests", json::array({made.blob(inner.dump(), kIndexType)})}};
  made.index({made.blob(middle.dump(), kIndexType)});
  EXPECT_TRUE(fs::exists(fs::path(open().directory) / "right"));

  made.index({wrong, attestation});
  EXPECT_EQ(refusal(), "open image HOME/image: index.json: has no image for " +
                           image::native_platform() + ", only for linux/" + kOther +
                           ", unknown/unknown");
}

TEST_F(ImageTest, AnImageForAnotherMachineIsRefused) {
  const Layout made(layout);
  json config = Layout::config_of({});
  config["architecture"] = kOther;
  made.index({made.manifest(config, {})});
  EXPECT_EQ(refusal(), "open image HOME/image: blobs/sha256/DIGEST: is for linux/" + kOther +
                           ", and this machine is " + image::native_platform());
}

TEST_F(ImageTest, OfSeveralImagesNoneIsGuessed) {
  const Layout made(layout);
  json one = made.image({tar({file("one")})});
  json two = made.image({tar({file("two")})});
  one["annotations"]["org.opencontainers.image.ref.name"] = "v1";
  two["annotations"]["org.opencontainers.image.ref.name"] = "v2";
  made.index({one, two});
  EXPECT_EQ(refusal(), "open image HOME/image: index.json: has 2 images: v1, v2");
  made.index({one, one});
  EXPECT_EQ(refusal(), "no error");
}

TEST_F(ImageTest, IndexesInIndexesEnd) {
  const Layout made(layout);
  json inner = made.image({});
  for (int depth = 0; depth < 10; ++depth) {
    const json index = {{"schemaVersion", 2}, {"manifests", json::array({inner})}};
    inner = made.blob(index.dump(), kIndexType);
  }
  made.index({inner});
  EXPECT_EQ(refusal(), "open image HOME/image: blobs/sha256/DIGEST: is more than 8 indexes deep");
}

TEST_F(ImageTest, WhatIsNoImageIsSaid) {
  EXPECT_EQ(refusal(home / "none"), "open image HOME/none: No such file or directory");
  write_text(home / "empty", "");
  EXPECT_EQ(refusal(home / "empty"), "open image HOME/empty: is empty");
  write_text(home / "random", std::string(20'000, 'r'));
  EXPECT_EQ(refusal(home / "random"), "open image HOME/random: is no tar archive");
  ASSERT_EQ(mkfifo((home / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(refusal(home / "fifo"),
            "open image HOME/fifo: is neither a directory nor a regular file");
  write_text(home / "plain.tar", tar({file("etc/passwd")}));
  EXPECT_EQ(refusal(home / "plain.tar"),
            "open image HOME/plain.tar: is a tar archive without oci-layout and without "
            "manifest.json");
  write_text(home / "half.tar", tar({file("oci-layout", "{}")}));
  EXPECT_EQ(refusal(home / "half.tar"),
            "open image HOME/half.tar: oci-layout: has no \"imageLayoutVersion\"");
}

TEST_F(ImageTest, ATruncatedTarIsRefused) {
  const Layout made(layout);
  std::string noise(100'000, '\0');
  std::minstd_rand random;
  for (char& byte : noise) byte = static_cast<char>(random());
  made.index({made.image({tar({file("a", noise)})})});
  const std::string whole = made.packed("gzip");
  write_text(home / "cut.tar.gz", whole.substr(0, whole.size() / 2));
  EXPECT_EQ(refusal(home / "cut.tar.gz"),
            "open image HOME/cut.tar.gz: is damaged: truncated gzip input");
}

// Each changes a sound layout in one place.
struct Damage {
  const char* what;
  void (*inflict)(const Layout& layout, const json& manifest, const json& layer);
  std::string message;  // after "open image HOME/image: "
};
void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.what;
}
class Damaged : public ImageTest, public testing::WithParamInterface<Damage> {};

TEST_P(Damaged, IsRefused) {
  const Layout made(layout);
  const std::string bytes = tar({file("f", "content")});
  const json layer = made.blob(bytes, kLayerType);
  const json manifest = made.manifest(Layout::config_of({bytes}), {layer});
  made.index({manifest});
  GetParam().inflict(made, manifest, layer);
  const std::string said =
      std::regex_replace(refusal(), std::regex("where [0-9]+ are"), "where SIZE are");
  EXPECT_EQ(said, "open image HOME/image: " + GetParam().message);
  EXPECT_TRUE(nothing_half_done());
}

void change_manifest(const Layout& layout, const json& manifest, const json& patch) {
  json text = json::parse(read_text(layout.blob_path(manifest)));
  text.merge_patch(patch);
  layout.index({layout.blob(text.dump(), kManifestType)});
}

const Damage kDamages[] = {
    {"index missing", [](auto& l, auto&, auto&) { fs::remove(l.directory / "index.json"); },
     "index.json: is missing"},
    {"index no JSON", [](auto& l, auto&, auto&) { write_text(l.directory / "index.json", "{,"); },
     "index.json: is no JSON from byte 2 on"},
    {"index with a number that no double holds",
     [](auto& l, auto&, auto&) { write_text(l.directory / "index.json", "9e999"); },
     "index.json: has a number that is too large"},
    {"index a list", [](auto& l, auto&, auto&) { write_text(l.directory / "index.json", "[]"); },
     "index.json: holds something else where an object belongs"},
    {"index without list",
     [](auto& l, auto&, auto&) { write_text(l.directory / "index.json", "{}"); },
     "index.json: has no \"manifests\""},
    {"index empty", [](auto& l, auto&, auto&) { l.index({}); }, "index.json: has no image"},
    {"index huge",
     [](auto& l, auto&, auto&) {
       write_text(l.directory / "index.json", std::string((16 << 20) + 1, ' '));
     },
     "index.json: is larger than 16 MiB"},
    {"index a FIFO",
     [](auto& l, auto&, auto&) {
       fs::remove(l.directory / "index.json");
       ASSERT_EQ(mkfifo((l.directory / "index.json").c_str(), 0600), 0);
     },
     "index.json: is not a regular file"},
    {"index of an artifact",
     [](auto& l, auto& m, auto&) {
       json other = m;
       other["mediaType"] = "application/x-chart";
       l.index({other});
     },
     "index.json: has no image, only application/x-chart"},
    {"version",
     [](auto& l, auto&, auto&) {
       write_text(l.directory / "oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
     },
     "oci-layout: layout version \"2.0.0\" is not known, only \"1.0.0\""},
    {"digest leads elsewhere",
     [](auto& l, auto& m, auto&) {
       json other = m;
       other["digest"] = "sha256:../../../../etc/passwd";
       l.index({other});
     },
     "index.json: digest \"sha256:../../../../etc/passwd\" is not sha256 and 64 digits"},
    {"manifest missing", [](auto& l, auto& m, auto&) { fs::remove(l.blob_path(m)); },
     "blobs/sha256/DIGEST: is missing"},
    {"manifest longer", [](auto& l, auto& m, auto&) { write_text(l.blob_path(m), "{}"); },
     "blobs/sha256/DIGEST: has 2 bytes where SIZE are announced"},
    {"manifest changed",
     [](auto& l, auto& m, auto&) {
       write_text(l.blob_path(m), std::string(m["size"].template get<std::size_t>(), ' '));
     },
     "blobs/sha256/DIGEST: is damaged: its digest is sha256:DIGEST"},
    {"config an artifact",
     [](auto& l, auto& m, auto&) {
       change_manifest(l, m, {{"config", {{"mediaType", "application/vnd.oci.empty.v1+json"}}}});
     },
     "blobs/sha256/DIGEST: media type application/vnd.oci.empty.v1+json is no image configuration "
     "that is known"},
    {"layer type",
     [](auto& l, auto& m, auto& layer) {
       json other = layer;
       other["mediaType"] = "application/x-squashfs";
       change_manifest(l, m, {{"layers", json::array({other})}});
     },
     "blobs/sha256/DIGEST: media type application/x-squashfs is no layer that is known"},
    {"size no number",
     [](auto& l, auto& m, auto& layer) {
       json other = layer;
       other["size"] = "7";
       change_manifest(l, m, {{"layers", json::array({other})}});
     },
     "blobs/sha256/DIGEST: \"size\" is not a number from 0 up"},
    {"layers too few",
     [](auto& l, auto& m, auto&) {
       change_manifest(l, m, {{"layers", json::array()}});
     },
     "blobs/sha256/DIGEST: has 1 diff_ids for 0 layers"},
    {"layer missing", [](auto& l, auto&, auto& layer) { fs::remove(l.blob_path(layer)); },
     "blobs/sha256/DIGEST: is missing"},
    {"layer shorter", [](auto& l, auto&, auto& layer) { write_text(l.blob_path(layer), "short"); },
     "blobs/sha256/DIGEST: has 5 bytes where SIZE are announced"},
    {"layer changed",
     [](auto& l, auto&, auto& layer) {
       std::string bytes = read_text(l.blob_path(layer));
       bytes[bytes.find("content")] = 'K';
       write_text(l.blob_path(layer), bytes);
     },
     "blobs/sha256/DIGEST: is damaged: its digest is sha256:DIGEST"},
    {"layer no longer a tar",
     [](auto& l, auto&, auto& layer) {
       write_text(l.blob_path(layer), std::string(layer["size"].template get<std::size_t>(), 'q'));
     },
     "blobs/sha256/DIGEST: is damaged: its digest is sha256:DIGEST"},
    {"layer is another",
     [](auto& l, auto& m, auto&) {
       change_manifest(l, m, {{"layers", json::array({l.blob(tar({file("g")}), kLayerType)})}});
     },
     "blobs/sha256/DIGEST: is damaged: its tar's digest is sha256:DIGEST and not sha256:DIGEST"},
    {"layer never was a tar",
     [](auto& l, auto& m, auto&) {
       change_manifest(l, m,
                       {{"layers", json::array({l.blob(std::string(2000, 'q'), kLayerType)})}});
     },
     "blobs/sha256/DIGEST: is no tar archive"},
    {"layer cut short",
     [](auto& l, auto& m, auto&) {
       const std::string bytes = tar({file("f", std::string(5000, 'f'))}).substr(0, 3000);
       change_manifest(l, m, {{"layers", json::array({l.blob(bytes, kLayerType)})}});
     },
     "blobs/sha256/DIGEST: is damaged: Truncated tar archive"},
};
INSTANTIATE_TEST_SUITE_P(All, Damaged, testing::ValuesIn(kDamages));

// An archive as `docker save` wrote it before it wrote OCI layouts.
std::string docker_archive(const json& config, const std::vector<Entry>& layers,
                           const std::string& name = "") {
  const std::string text = config.dump();
  const std::string called = name.empty() ? image::sha256(text) + ".json" : name;
  json image = {{"Config", called}, {"RepoTags", json::array({"a:1"})}, {"Layers", json::array()}};
  std::vector<Entry> entries = layers;
  for (const auto& layer : layers) image["Layers"].push_back(layer.path);
  entries.push_back(file(called, text));
  entries.push_back(file("manifest.json", json::array({image}).dump()));
  return tar(entries);
}

TEST_F(ImageTest, ADockerArchiveIsUnpacked) {
  const std::string one = tar({file("one")}), two = tar({file("two")});
  json config = Layout::config_of({one, two, one});
  config["config"]["Cmd"] = json::array({"sh"});
  write_text(home / "d.tar",
             docker_archive(config, {file("1/layer.tar", one), file("2/layer.tar", two),
                                     symbolic("3/layer.tar", "../1/layer.tar")}));
  const RootImage image = open_root_image(home / "d.tar", cache);
  EXPECT_TRUE(fs::exists(fs::path(image.directory) / "one"));
  EXPECT_TRUE(fs::exists(fs::path(image.directory) / "two"));
  EXPECT_EQ(image.config.command, std::vector<std::string>{"sh"});
}

TEST_F(ImageTest, ADamagedDockerArchiveIsRefused) {
  const std::string one = tar({file("one")});
  const json config = Layout::config_of({one});
  write_text(home / "layer", docker_archive(config, {file("1/layer.tar", tar({file("two")}))}));
  EXPECT_EQ(refusal(home / "layer"),
            "open image HOME/layer: 1/layer.tar: is damaged: its tar's digest is sha256:DIGEST and "
            "not sha256:DIGEST");
  write_text(home / "name",
             docker_archive(config, {file("1/layer.tar", one)}, std::string(64, 'a') + ".json"));
  EXPECT_EQ(refusal(home / "name"),
            "open image HOME/name: DIGEST.json: is damaged: its digest is sha256:DIGEST");
  write_text(home / "free", docker_archive(config, {file("1/layer.tar", one)}, "config.json"));
  EXPECT_EQ(refusal(home / "free"), "no error");
  const json image = {
      {"Config", "none.json"}, {"RepoTags", nullptr}, {"Layers", json::array({"x"})}};
  const auto manifest = [&](const json& list) {
    write_text(home / "m", tar({file("manifest.json", list.dump())}));
    return refusal(home / "m");
  };
  EXPECT_EQ(manifest(json::array({image})), "open image HOME/m: none.json: is missing");
  EXPECT_EQ(manifest(json::array({image, image})),
            "open image HOME/m: manifest.json: has 2 images: none.json, none.json");
  EXPECT_EQ(manifest(json::array()), "open image HOME/m: manifest.json: has no image");
  EXPECT_EQ(manifest(json::object()), "open image HOME/m: manifest.json: is not a list");
}

TEST_F(ImageTest, ADockerArchiveThatIsALayoutTooIsReadAsOne) {
  const Layout made(layout);
  made.index({made.image({tar({file("f")})})});
  write_text(layout / "manifest.json", "no JSON");
  write_text(home / "both.tar", made.packed());
  EXPECT_EQ(refusal(home / "both.tar"), "no error");
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(image::sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace netyard::test
