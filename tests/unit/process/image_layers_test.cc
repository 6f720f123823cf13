// SPDX-License-Identifier: Apache-2.0
// Layers over layers, and layers that mean harm.
#include <sys/xattr.h>

#include "unit/process/image_builder.h"

namespace netyard::test {
namespace {

struct stat status_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
  return status;
}
bool there(const fs::path& path) {
  return fs::exists(fs::symlink_status(path));
}

class LayersTest : public ImageTest {};

TEST_F(LayersTest, EntriesHaveTheirModesTimesAndLinks) {
  const fs::path root = unpack({{directory("./", 0555),
                                 directory("closed", 0500),
                                 file("closed/f", "data", 04751),
                                 hard("g", "closed/f"),
                                 symbolic("s", "/closed/f"),
                                 {"p", AE_IFIFO, "", 0622},
                                 file("implied/parent", "x"),
                                 hard("t", "/s")}});
  EXPECT_EQ(status_of(root).st_mode, S_IFDIR | 0555U);
  EXPECT_EQ(status_of(root).st_mtime, 1'000'000'000);
  EXPECT_EQ(status_of(root / "closed").st_mode, S_IFDIR | 0500U);
  EXPECT_EQ(status_of(root / "closed").st_mtime, 1'000'000'000);
  const struct stat f = status_of(root / "closed/f");
  EXPECT_EQ(f.st_mode, S_IFREG | 04751U);
  EXPECT_EQ(f.st_mtime, 1'000'000'000);
  EXPECT_EQ(f.st_ino, status_of(root / "g").st_ino);
  EXPECT_EQ(fs::read_symlink(root / "s"), "/closed/f");
  EXPECT_EQ(status_of(root / "s").st_ino, status_of(root / "t").st_ino);
  EXPECT_EQ(status_of(root / "s").st_mtime, 1'000'000'000);
  EXPECT_EQ(status_of(root / "p").st_mode, S_IFIFO | 0622U);
  EXPECT_EQ(status_of(root / "implied").st_mode, S_IFDIR | 0755U);
  EXPECT_EQ(read_text(root / "g"), "data");
}

TEST_F(LayersTest, OwnersAreTheImagesForRootAndOursForOthers) {
  Entry f = file("f"), d = directory("d"), s = symbolic("s", "f");
  for (Entry* entry : {&f, &d, &s}) entry->uid = 1234, entry->gid = 4321;
  const fs::path root = unpack({{f, d, s}});
  for (const char* name : {"f", "d", "s"}) {
    EXPECT_EQ(status_of(root / name).st_uid, geteuid() == 0 ? 1234 : geteuid()) << name;
    EXPECT_EQ(status_of(root / name).st_gid, geteuid() == 0 ? 4321 : getegid()) << name;
  }
}

TEST_F(LayersTest, NamesStayByteForByte) {
  const std::string decomposed = "e\xcc\x81", raw = "\xff\xfe";
  const fs::path root = unpack({{file(decomposed), file(raw), symbolic("s", decomposed)}});
  EXPECT_TRUE(there(root / decomposed));
  EXPECT_TRUE(there(root / raw));
  EXPECT_EQ(fs::read_symlink(root / "s"), decomposed);
}

TEST_F(LayersTest, DevicesAreLeftOut) {
  const fs::path root = unpack(
      {{file("dev/null")}, {{"dev/null", AE_IFCHR, ""}, {"dev/sda", AE_IFBLK, ""}, file("dev/x")}});
  EXPECT_FALSE(there(root / "dev/null"));
  EXPECT_FALSE(there(root / "dev/sda"));
  EXPECT_TRUE(there(root / "dev/x"));
}

TEST_F(LayersTest, WhatWouldSteerTheOverlayIsLeftOut) {
  Entry f = file("f");
  Entry d = directory("d");
  f.attributes = d.attributes = {{"user.fine", "1"},
                                 {"user.overlay.redirect", "/x"},
                                 {"trusted.overlay.opaque", "y"},
                                 {"trusted.overlay.redirect", "/x"}};
  const fs::path root = unpack({{f, d}});
  for (const char* name : {"f", "d"}) {
    const std::string path = root / name;
    char list[1000];
    const ssize_t size = listxattr(path.c_str(), list, sizeof list);
    const std::string names(list, size < 0 ? 0 : static_cast<std::size_t>(size));
    EXPECT_EQ(names.find("overlay"), std::string::npos) << names;
    if (setxattr(path.c_str(), "user.probe", "1", 1, 0) == 0) {
      EXPECT_NE(names.find("user.fine"), std::string::npos);
    }
  }
}

TEST_F(LayersTest, LaterLayersReplace) {
  const fs::path root =
      unpack({{file("file-to-dir", "1"),
               directory("dir-to-file"),
               file("dir-to-file/f"),
               directory("dir-to-link"),
               file("dir-to-link/f"),
               symbolic("link-to-dir", "keep"),
               symbolic("link-to-file", "keep/f"),
               file("implied"),
               file("keep/f", "old"),
               file("keep/g", "old"),
               {"fifo", AE_IFIFO, ""},
               directory("mode", 0700)},
              {directory("file-to-dir"), file("file-to-dir/f"), file("dir-to-file", "2"),
               symbolic("dir-to-link", "keep"), directory("link-to-dir"), file("link-to-dir/f"),
               file("link-to-file", "2"), file("implied/f"), file("keep/g", "new"),
               file("fifo", "2"), directory("mode", 0711)}});
  EXPECT_TRUE(there(root / "file-to-dir/f"));
  EXPECT_EQ(read_text(root / "dir-to-file"), "2");
  EXPECT_EQ(fs::read_symlink(root / "dir-to-link"), "keep");
  EXPECT_TRUE(fs::is_directory(fs::symlink_status(root / "link-to-dir")));
  EXPECT_EQ(read_text(root / "link-to-file"), "2");
  EXPECT_FALSE(fs::is_symlink(root / "link-to-file"));
  EXPECT_TRUE(there(root / "implied/f"));
  EXPECT_EQ(read_text(root / "keep/f"), "old");
  EXPECT_EQ(read_text(root / "keep/g"), "new");
  EXPECT_EQ(read_text(root / "fifo"), "2");
  EXPECT_EQ(status_of(root / "mode").st_mode & 07777, 0711U);
}

TEST_F(LayersTest, ALinkedDirectoryIsWrittenToWhereItIs) {
  const fs::path root =
      unpack({{directory("usr/lib"), symbolic("lib", "usr/lib"), symbolic("abs", "/usr")},
              {file("lib/a"), file("abs/lib/b"), hard("c", "lib/a")}});
  EXPECT_TRUE(there(root / "usr/lib/a"));
  EXPECT_TRUE(there(root / "usr/lib/b"));
  EXPECT_TRUE(there(root / "c"));
  EXPECT_TRUE(fs::is_symlink(root / "lib"));
}

TEST_F(LayersTest, WhiteoutsHideWhatIsBelow) {
  const fs::path root = unpack(
      {{file("a"), file("b"), file("d/x"), file("d/sub/y"), directory("e", 0500), file("e/f")},
       {file(".wh.a", ""), file("d/.wh.x", ""), file(".wh.e", ""), file(".wh.never", ""),
        file("nowhere/.wh.x", "")}});
  EXPECT_FALSE(there(root / "a"));
  EXPECT_TRUE(there(root / "b"));
  EXPECT_FALSE(there(root / "d/x"));
  EXPECT_TRUE(there(root / "d/sub/y"));
  EXPECT_FALSE(there(root / "e"));
  EXPECT_FALSE(there(root / "nowhere"));
  EXPECT_FALSE(there(root / ".wh.a"));
}

TEST_F(LayersTest, AWhiteoutDoesNotHideItsOwnLayer) {
  const fs::path root =
      unpack({{file("a", "1"), file("d/old"), file("o/old"), file("o/k/old")},
              {file("a", "2"), file(".wh.a", ""), file("d/new"), file(".wh.d", ""), file("o/new"),
               file("o/k/new"), file("o/.wh..wh..opq", ""), file("o/later")}});
  EXPECT_EQ(read_text(root / "a"), "2");
  EXPECT_TRUE(there(root / "d/new"));
  EXPECT_TRUE(there(root / "o/new"));
  EXPECT_TRUE(there(root / "o/k/new"));
  EXPECT_TRUE(there(root / "o/later"));
  EXPECT_FALSE(there(root / "d/old"));
  EXPECT_FALSE(there(root / "o/old"));
  EXPECT_FALSE(there(root / "o/k/old"));
  EXPECT_FALSE(there(root / "o/.wh..wh..opq"));
}

TEST_F(LayersTest, TheHousekeepingOfAufsIsNoPartOfTheImage) {
  const fs::path root =
      unpack({{file(".wh..wh.aufs", ""), directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2")}});
  EXPECT_TRUE(fs::is_empty(root));
}

// Outside the image: HOME/outside/secret. "OUT" stands for that directory, "TOP" for enough "../".
struct Attack {
  const char* what;
  std::vector<std::vector<Entry>> layers;
  std::string message;  // after the layer's name; "" when it is harmless
};
void PrintTo(const Attack& attack, std::ostream* out) {
  *out << attack.what;
}
class Hostile : public LayersTest, public testing::WithParamInterface<Attack> {
 protected:
  void SetUp() override {
    LayersTest::SetUp();
    write_text(outside / "secret", "secret");
    fs::permissions(outside, fs::perms(0750));
    before = status_of(outside);
  }
  std::string placed(std::string text) const {
    for (const auto& [word, path] : {std::pair{"OUT", outside.string()}, {"TOP", top}}) {
      if (const auto at = text.find(word); at != std::string::npos) text.replace(at, 3, path);
    }
    return text;
  }
  void expect_outside_untouched() const {
    EXPECT_EQ(read_text(outside / "secret"), "secret");
    EXPECT_EQ(std::distance(fs::directory_iterator(outside), fs::directory_iterator()), 1);
    const struct stat after = status_of(outside);
    EXPECT_EQ(after.st_mode, before.st_mode);
    EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
    EXPECT_EQ(status_of(outside / "secret").st_nlink, 1U);
    EXPECT_EQ(status_of(outside / "secret").st_mode & 0777, 0644U);
  }

  fs::path outside = home / "outside";
  std::string top = "../../../../../../../../../../../..";
  struct stat before {};
};

TEST_P(Hostile, LeavesTheOutsideAlone) {
  umask(022);
  fs::permissions(outside / "secret", fs::perms(0644));
  auto layers = GetParam().layers;
  for (auto& layer : layers) {
    for (auto& entry : layer) {
      entry.path = placed(entry.path);
      entry.content = placed(entry.content);
    }
  }
  build(layers);
  const std::string said = refusal();
  const std::string expected = placed(GetParam().message);
  EXPECT_EQ(said, expected.empty() ? "no error" : "open image HOME/image: " + shorten(expected));
  expect_outside_untouched();
  EXPECT_TRUE(nothing_half_done());
}

const std::string kIn = "blobs/sha256/DIGEST: ";
const std::string kUp = ": a path with \"..\" may lead out of the image";
const Attack kAttacks[] = {
    {"dots", {{file("../outside/secret")}}, kIn + "../outside/secret" + kUp},
    {"dots within", {{file("a/../../x")}}, kIn + "a/../../x" + kUp},
    {"dots at the end", {{directory("a/..")}}, kIn + "a/../" + kUp},
    {"absolute", {{file("OUT/secret")}}, ""},
    {"absolute twice", {{file("//OUT/secret")}}, ""},
    {"through a link",
     {{symbolic("l", "OUT"), file("l/secret")}},
     kIn + "l/secret: \"l\" is a symbolic link to no directory"},
    {"through a link of a layer below",
     {{symbolic("l", "OUT")}, {file("l/secret")}},
     kIn + "l/secret: \"l\" is a symbolic link to no directory"},
    {"through a link up", {{symbolic("l", "TOP"), file("l/x")}}, ""},
    {"through a link up and down",
     {{symbolic("l", "TOP/OUT"), file("l/secret")}},
     kIn + "l/secret: \"l\" is a symbolic link to no directory"},
    {"through links by turns",
     {{directory("a"), symbolic("a/b", ".."), symbolic("c", "a/b/a/b/.."), file("c/x")}},
     ""},
    {"through a link deeper down",
     {{symbolic("d/l", "OUT"), file("d/l/e/f/secret")}},
     kIn + "d/l/e/f/secret: \"d/l\" is a symbolic link to no directory"},
    {"through a link to itself",
     {{symbolic("l", "/l"), file("l/x")}},
     "Too many levels of symbolic links: " + kIn + "l/x: open its directory"},
    {"through /proc",
     {{symbolic("l", "/proc/self/root"), file("l/OUT/secret")}},
     kIn + "l/OUT/secret: \"l\" is a symbolic link to no directory"},
    {"over a link to a file", {{symbolic("l", "OUT/secret"), file("l", "new", 0777)}}, ""},
    {"over a link to a directory", {{symbolic("l", "OUT")}, {directory("l", 0777)}}, ""},
    {"over a link, a FIFO", {{symbolic("l", "OUT/secret"), {"l", AE_IFIFO, "", 0777}}}, ""},
    {"over a hard link to a link",
     {{symbolic("l", "OUT/secret"), hard("h", "l"), file("h", "new", 0777)}},
     ""},
    {"hard link up", {{hard("h", "../outside/secret")}}, kIn + "h" + kUp},
    {"hard link, absolute",
     {{hard("h", "OUT/secret")}},
     kIn + "h: is a hard link to what is not there"},
    {"hard link through a link",
     {{symbolic("l", "OUT"), hard("h", "l/secret")}},
     kIn + "h: is a hard link to what is not there"},
    {"hard link through a link up",
     {{symbolic("l", "TOP"), hard("h", "l/OUT/secret")}},
     kIn + "h: is a hard link to what is not there"},
    {"hard link to a directory",
     {{directory("d"), hard("h", "d")}},
     kIn + "h: is a hard link to a directory"},
    {"hard link to the root", {{hard("h", "/")}}, kIn + "h: is a hard link to the root"},
    {"hard link to itself", {{file("h"), hard("h", "h")}}, ""},
    {"whiteout up", {{file("../outside/.wh.secret")}}, kIn + "../outside/.wh.secret" + kUp},
    {"whiteout through a link", {{symbolic("l", "OUT")}, {file("l/.wh.secret")}}, ""},
    {"whiteout through a link up", {{symbolic("l", "TOP")}, {file("l/OUT/.wh.secret")}}, ""},
    {"whiteout of all through a link", {{symbolic("l", "OUT")}, {file("l/.wh..wh..opq")}}, ""},
    {"whiteout of a link", {{symbolic("l", "OUT")}, {file(".wh.l")}}, ""},
    {"whiteout of all beside a link", {{symbolic("d/l", "OUT")}, {file("d/.wh..wh..opq")}}, ""},
    {"whiteout of above", {{file("d/.wh...")}}, kIn + "d/.wh...: is a whiteout of no name"},
    {"whiteout of here", {{file(".wh..")}}, kIn + ".wh..: is a whiteout of no name"},
    {"whiteout of nothing", {{file(".wh.")}}, kIn + ".wh.: is a whiteout of no name"},
    {"the root a link",
     {{symbolic("./", "OUT"), file("secret")}},
     kIn + "./: the root must be a directory"},
    {"the root a file", {{file("/.")}}, kIn + "/.: the root must be a directory"},
    {"too deep",
     {{file([] {
       std::string path;
       for (int i = 0; i < 201; ++i) path += "d/";
       return path + "f";
     }())}},
     kIn +
         [] {
           std::string path;
           for (int i = 0; i < 100; ++i) path += "d/";
           return path;
         }() +
         ": is more than 200 directories deep"},
    {"a name for the terminal",
     {{file("..\x1b[31m"), file("\x1b[2J/../x")}},
     kIn + "?[2J/../x" + kUp},
};
INSTANTIATE_TEST_SUITE_P(All, Hostile, testing::ValuesIn(kAttacks));

TEST_F(LayersTest, AnOwnerOutOfRangeIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "owners are set by root";
  Entry f = file("f");
  f.uid = 0xffffffff;
  build({{f}});
  EXPECT_EQ(refusal(),
            "open image HOME/image: blobs/sha256/DIGEST: f: owner 4294967295:0 is out of range");
}

}  // namespace
}  // namespace netyard::test
