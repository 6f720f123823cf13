// SPDX-License-Identifier: Apache-2.0
// The cache: once unpacked, two at once, one that was killed, and whose it is.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <functional>

#include "unit/process/image_builder.h"

namespace netyard::test {
namespace {

// Runs `work` in a process of its own; its wait status.
pid_t start(const std::function<void()>& work) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  try {
    work();
    _exit(0);
  } catch (...) {
    _exit(1);
  }
}
int end_of(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

class ImageCacheTest : public ImageTest {
 protected:
  void limit_file_size() const {
    const rlimit limit{64 << 10, 64 << 10}, none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_FSIZE, &limit);
  }
};

TEST_F(ImageCacheTest, IsUnpackedOnceAndOnlyForUs) {
  const fs::path root = unpack({{file("f")}});
  write_text(root / "mark", "");
  EXPECT_EQ(open().directory, root);
  EXPECT_TRUE(fs::exists(root / "mark"));
  for (const char* name : {"", "images", "tars"}) {
    EXPECT_EQ(fs::status(cache / name).permissions(), fs::perms(0700)) << name;
  }
}

TEST_F(ImageCacheTest, ALayoutAndItsTarAreOneImage) {
  const fs::path root = unpack({{file("f")}});
  write_text(home / "i.tar", Layout(layout).packed());
  EXPECT_EQ(open_root_image(home / "i.tar", cache).directory, root);
}

TEST_F(ImageCacheTest, ATarIsNotReadAgainUnlessItChanges) {
  build({{file("f")}});
  const fs::path path = home / "i.tar";
  const std::string good = Layout(layout).packed();
  write_text(path, good);
  const std::string first = open_root_image(path, cache).directory;
  // The same size and times again, so that only reading it could tell; ctime cannot be set back.
  write_text(path, std::string(good.size(), '?'));
  EXPECT_EQ(refusal(path), "open image HOME/i.tar: is no tar archive");
  write_text(path, good);
  EXPECT_EQ(open_root_image(path, cache).directory, first);
  // What is remembered is believed.
  const fs::path memo = fs::directory_iterator(cache / "tars")->path();
  std::string text = fs::read_symlink(memo);
  text.replace(text.size() - 64, 64, std::string(64, 'e'));
  fs::remove(memo);
  fs::create_symlink(text, memo);
  fs::copy(cache / "images" / fs::path(first).parent_path().filename(),
           cache / "images" / std::string(64, 'e'), fs::copy_options::recursive);
  EXPECT_EQ(open_root_image(path, cache).directory,
            cache / "images" / std::string(64, 'e') / "rootfs");
}

TEST_F(ImageCacheTest, ManyAtOnceAllSucceed) {
  build({{file("f", std::string(3 << 20, 'f'))}, {file("g")}});
  std::vector<pid_t> all;
  all.reserve(6);
  for (int i = 0; i < 6; ++i) {
    all.push_back(start([&] {
      if (!fs::exists(fs::path(open().directory) / "g")) throw Error(0, "miss", "g");
    }));
  }
  for (const pid_t pid : all) EXPECT_EQ(end_of(pid), 0);
  EXPECT_TRUE(nothing_half_done());
}

TEST_F(ImageCacheTest, WhatAKilledUnpackingLeftIsRemoved) {
  build({{directory("closed", 0500), file("closed/f", "x", 0)},
         {file("f", std::string(1 << 20, 'f'))}});
  const int status = end_of(start([&] {
    limit_file_size();
    open();
  }));
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGXFSZ);
  EXPECT_FALSE(nothing_half_done());
  EXPECT_EQ(fs::file_size(fs::path(open().directory) / "f"), 1U << 20);
  EXPECT_TRUE(nothing_half_done());
}

TEST_F(ImageCacheTest, AWriteThatFailsIsSaidAndLeavesNothing) {
  build({{directory("d", 0500), file("d/f", std::string(1 << 20, 'f'))}});
  EXPECT_EQ(
      end_of(start([&] {
        signal(SIGXFSZ, SIG_IGN);
        limit_file_size();
        const std::string said = refusal();
        if (said != "open image HOME/image: File too large: blobs/sha256/DIGEST: d/f: write") {
          throw Error(0, "expect", said);
        }
      })),
      0);
  EXPECT_TRUE(nothing_half_done());
  EXPECT_EQ(refusal(), "no error");
}

TEST_F(ImageCacheTest, ABrokenImageIsUnpackedAnew) {
  const fs::path root = unpack({{file("f")}});
  fs::remove(root.parent_path() / "config.json");
  fs::remove(root / "f");
  EXPECT_TRUE(fs::exists(fs::path(open().directory) / "f"));
}

TEST_F(ImageCacheTest, ACacheOfOthersIsRefused) {
  build({{file("f")}});
  fs::create_directory(cache);
  fs::permissions(cache, fs::perms(0777));
  EXPECT_EQ(refusal(), "open image HOME/image: HOME/cache can be written to by others");
  fs::permissions(cache, fs::perms(0700));
  if (geteuid() == 0) {
    ASSERT_EQ(chown(cache.c_str(), 1234, 0), 0);
    EXPECT_EQ(refusal(), "open image HOME/image: HOME/cache belongs to uid 1234");
  }
}

TEST_F(ImageCacheTest, ACacheThatCannotBeMadeIsSaid) {
  build({{file("f")}});
  write_text(home / "file", "");
  cache = home / "file/cache";
  EXPECT_EQ(refusal(), "open image HOME/image: Not a directory: cache HOME/file/cache: make");
  cache = home / "file";
  EXPECT_EQ(refusal(), "open image HOME/image: Not a directory: cache HOME/file: open");
}

class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = getenv(name)) old_ = old;
    if (value != nullptr) setenv(name, value, 1);
    if (value == nullptr) unsetenv(name);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { old_.empty() ? unsetenv(name_) : setenv(name_, old_.c_str(), 1); }

 private:
  const char* name_;
  std::string old_;
};

TEST(ImageCachePlace, IsTheUsersOwn) {
  const Environment home("HOME", "/home/u"), xdg("XDG_CACHE_HOME", "/xdg");
  {
    const Environment own("NETYARD_CACHE", "/own");
    EXPECT_EQ(image_cache(), "/own");
  }
  const Environment none("NETYARD_CACHE", nullptr);
  if (geteuid() == 0) {
    EXPECT_EQ(image_cache(), "/var/cache/netyard");
    return;
  }
  EXPECT_EQ(image_cache(), "/xdg/netyard");
  const Environment relative("XDG_CACHE_HOME", "xdg");
  EXPECT_EQ(image_cache(), "/home/u/.cache/netyard");
  const Environment homeless("HOME", nullptr);
  try {
    image_cache();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "find image cache: HOME is not set");
  }
}

}  // namespace
}  // namespace netyard::test
