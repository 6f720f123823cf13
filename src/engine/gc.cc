// SPDX-License-Identifier: Apache-2.0
#include "engine/gc.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/error.h"
#include "engine/record.h"
#include "netns/pin.h"

namespace netyard {
namespace {

// Looks without LabLock, which would make the file, and remove it.
bool is_locked(const std::string& lab) {
  const std::string path = std::string(kRunDirectory) + "/" + lab + ".lock";
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return file && flock(file.get(), LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

// Why a lab is gone; "" for one that is not.
std::string why_gone(const std::string& lab) {
  const FoundRecord found = find_record(lab);
  switch (found.state) {
    case RecordState::good:
      return "";
    case RecordState::earlier_boot:
      return "its record is of an earlier boot";
    default:
      return found.problem.empty() ? "it has no record" : found.problem;
  }
}

// nullopt: it lives. Throws Error when it cannot be told.
std::optional<GoneLab> look_at(const std::string& lab) {
  const std::string why = why_gone(lab);
  if (why.empty()) return {};
  if (is_locked(lab)) {
    throw Error(EBUSY, "look at lab", lab).reason("another netyard command works on it");
  }
  GoneLab gone{lab, why, find_remains(lab)};
  if (gone.remains.empty()) return {};
  return gone;
}

template <class Remove>
void remove_one(GoneLab& gone, Remove remove, Garbage& out) {
  const LabLock lock(gone.name);
  // Somebody may have brought it up since it was looked at.
  gone.why = why_gone(gone.name);
  if (gone.why.empty()) return;
  for (auto& stayed : remove(gone)) out.left.push_back(std::move(stayed));
  out.labs.push_back(std::move(gone));
}

template <class Remove>
Garbage remove_each(Remove remove) {
  Garbage found = find_garbage();
  Garbage out;
  out.spared = found.spared;
  out.stale = prune_pinned();
  for (auto& gone : found.labs) {
    const std::string name = gone.name;
    try {
      remove_one(gone, remove, out);
    } catch (const Error& error) {
      out.spared.emplace_back(error.what());
    }
  }
  return out;
}

std::vector<Leftover> unpin_all(const GoneLab& gone) {
  std::vector<Leftover> left;
  for (auto& failure : unpin_namespaces(gone.remains.namespaces)) {
    left.push_back({"namespace " + failure.name, std::move(failure.error)});
  }
  return left;
}

}  // namespace

Garbage find_garbage() {
  Garbage out;
  out.stale = stale_pinned();
  out.instances = ended_instances();
  for (const auto& lab : labs_with_remains()) {
    try {
      if (auto gone = look_at(lab)) out.labs.push_back(std::move(*gone));
    } catch (const Error& error) {
      out.spared.emplace_back(error.what());
    }
  }
  return out;
}

Garbage remove_garbage() {
  auto instances = ended_instances();
  std::vector<Leftover> left = sweep_instances();
  Garbage out = remove_each([](const GoneLab& gone) { return remove_remains(gone.name); });
  out.instances = std::move(instances);
  for (auto& stayed : left) out.left.push_back(std::move(stayed));
  return out;
}

Garbage remove_gone_namespaces() {
  return remove_each([](GoneLab& gone) {
    gone.remains = Remains{gone.remains.namespaces, {}, {}, {}, {}, {}};
    return unpin_all(gone);
  });
}

}  // namespace netyard
