// SPDX-License-Identifier: Apache-2.0
#include "process/steps.h"

#include <sys/syscall.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace netyard {
namespace {

constexpr std::size_t kAlignment = 8;

}  // namespace

StepList::StepList() : memory_(sizeof(init::Header), '\0') {}

StepList::Data StepList::bytes(const void* data, std::size_t size) {
  memory_.resize((memory_.size() + kAlignment - 1) / kAlignment * kAlignment);
  const Data out{memory_.size(), size};
  memory_.append(static_cast<const char*>(data), size);
  return out;
}

StepList::Data StepList::text(std::string_view text) {
  const Data out = bytes(text.data(), text.size());
  memory_ += '\0';
  return out;
}

StepList::Data StepList::texts(const std::vector<std::string>& texts) {
  std::vector<Data> places;
  places.reserve(texts.size());
  for (const auto& one : texts) places.push_back(text(one));
  const std::vector<std::uint64_t> pointers(texts.size() + 1);
  const Data out = bytes(pointers.data(), pointers.size() * sizeof(std::uint64_t));
  for (std::size_t i = 0; i < places.size(); ++i) point(out, i * sizeof(std::uint64_t), places[i]);
  return out;
}

void StepList::point(Data data, std::size_t offset, Data to) {
  std::memcpy(memory_.data() + data.offset + offset, &to.offset, sizeof to.offset);
  relocate(data.offset + offset);
}

StepList::Slot StepList::slot() {
  const std::int64_t nothing = -1;
  return {bytes(&nothing, sizeof nothing).offset};
}

init::Step& StepList::add(init::Op op, std::string name, std::initializer_list<Argument> args) {
  init::Step step{};
  step.op = op;
  int i = 0;
  for (const Argument& argument : args) {
    step.args[i] = argument.value;
    if (argument.kind == Argument::Kind::slot) step.loads |= static_cast<std::uint8_t>(1U << i);
    if (argument.kind != Argument::Kind::number) step_pointers_.push_back({steps_.size(), i});
    ++i;
  }
  steps_.push_back(step);
  names_.push_back(std::move(name));
  return steps_.back();
}

void StepList::call(std::string name, long number, std::initializer_list<Argument> args,
                    std::initializer_list<int> tolerated) {
  init::Step& step = add(init::Op::call, std::move(name), args);
  step.number = static_cast<std::uint32_t>(number);
  std::transform(tolerated.begin(), tolerated.end(), step.tolerated,
                 [](int code) { return static_cast<std::uint16_t>(code); });
}

void StepList::call_into(Slot result, std::string name, long number,
                         std::initializer_list<Argument> args,
                         std::initializer_list<int> tolerated) {
  call(std::move(name), number, args, tolerated);
  steps_.back().store = result.offset;
  step_pointers_.push_back({steps_.size() - 1, -1});
}

void StepList::call_is(long expected, std::string name, long number,
                       std::initializer_list<Argument> args) {
  init::Step& step = add(init::Op::call_is, std::move(name), args);
  step.number = static_cast<std::uint32_t>(number);
  step.expected = static_cast<std::int32_t>(expected);
}

void StepList::write_file(const std::string& path, const std::string& content) {
  const Data place = text(path);
  const Data what = text(content);
  add(init::Op::write_file, "write " + content + " to " + path, {place, what, what.size});
}

void StepList::reset_signals() {
  add(init::Op::reset_signals, "reset signals", {});
}

void StepList::fork(long flags) {
  add(init::Op::fork, "fork the workload from its init", {flags});
}

void StepList::after_fork() {
  after_fork_ = static_cast<std::uint32_t>(steps_.size());
}

void StepList::execute(const std::string& path, Data argv, Data envp) {
  init::Step& step = add(init::Op::execute, "execute " + path, {text(path), argv, envp});
  step.number = SYS_execve;
}

void StepList::give_up(std::string name) {
  add(init::Op::give_up, std::move(name), {});
}

void StepList::reap(int record_fd) {
  add(init::Op::reap, "reap", {record_fd});
}

std::string StepList::block(int report_fd) const {
  std::string out = memory_;
  const auto append = [&out](const void* data, std::size_t size) {
    out.resize((out.size() + kAlignment - 1) / kAlignment * kAlignment);
    const std::uint64_t offset = out.size();
    out.append(static_cast<const char*>(data), size);
    return offset;
  };
  init::Header header{};
  header.magic = init::kMagic;
  header.steps = append(steps_.data(), steps_.size() * sizeof(init::Step));
  header.step_count = static_cast<std::uint32_t>(steps_.size());
  header.after_fork = after_fork_;
  header.report_fd = report_fd;
  std::vector<std::uint64_t> relocations = relocations_;
  for (const auto& [step, argument] : step_pointers_) {
    const std::size_t field = argument < 0
                                  ? offsetof(init::Step, store)
                                  : offsetof(init::Step, args) +
                                        static_cast<std::size_t>(argument) * sizeof(std::uint64_t);
    relocations.push_back(header.steps + step * sizeof(init::Step) + field);
  }
  header.relocations = append(relocations.data(), relocations.size() * sizeof(std::uint64_t));
  header.relocation_count = static_cast<std::uint32_t>(relocations.size());
  header.size = out.size();
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

}  // namespace netyard
